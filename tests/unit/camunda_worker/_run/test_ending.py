"""How a worker ends: within its grace and a second, every job with at most one answer, whatever handlers do."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from camunda_core.errors import CamundaError
from camunda_core.jobs import ActivatedJob, JobRequest
from camunda_worker import AlreadyAnswered, Job, Observer, Worker
from camunda_worker._intake import polling
from tests.fakes.clock import in_virtual_time, stand_still
from tests.fakes.job_wire import MemoryWire, until
from tests.unit.camunda_worker import process_handlers

pytestmark = pytest.mark.usefixtures("both_ways")

#: Seconds: what must end does so at this grace plus one, and some more for what follows it.
GRACE, SLACK = 0.3, 2.0
WITHIN = GRACE + 1.0 + SLACK
#: The same where time is the machine's, which may be busy.
PATIENCE = GRACE + 1.0 + 20.0


class SlowWire(MemoryWire):
    """Every answer is on its way for so many seconds; one that is cancelled meanwhile is remembered."""

    def __init__(self, seconds: float = 0.02) -> None:
        super().__init__()
        self.seconds = seconds
        self.begun: Counter[str] = Counter()
        self.cut: list[str] = []

    async def complete(self, job: ActivatedJob, variables: str, *, timeout: float) -> None:
        await self._on_its_way(job)
        await super().complete(job, variables, timeout=timeout)

    async def fail(self, job: ActivatedJob, **said: Any) -> None:
        await self._on_its_way(job)
        await super().fail(job, **said)

    async def _on_its_way(self, job: ActivatedJob) -> None:
        self.begun[job.job_key] += 1
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.cut.append(job.job_key)
            raise


class Finished(Observer):
    """How each job ended."""

    def __init__(self) -> None:
        self.outcomes: list[str] = []

    def finished(self, job_type: str, outcome: str, seconds: float | None) -> None:
        self.outcomes.append(outcome)


def answers(wire: MemoryWire) -> dict[str, str]:
    """The one answer of each job."""
    assert all(count == 1 for count in wire.executed.values()), wire.executed
    found = {key: call for call, key in wire.executed}
    assert len(found) == len(wire.executed), wire.executed
    return found


async def stopped(worker: Worker, working: asyncio.Future[None], grace: float | None = None) -> float:
    """Stops it; for how many seconds that took."""
    began = asyncio.get_running_loop().time()
    worker.stop(grace)
    await asyncio.wait_for(asyncio.shield(working), PATIENCE + 5)
    return asyncio.get_running_loop().time() - began


# Handlers at the end of the grace


@pytest.mark.parametrize("turns", range(12))
@in_virtual_time
async def test_a_handler_that_ends_in_the_turn_in_which_the_grace_does_has_one_answer(turns: int) -> None:
    wire = SlowWire()
    wire.put(*range(20))
    worker = Worker(wire, grace=GRACE)
    loop = asyncio.get_running_loop()
    over = loop.create_future()

    @worker.task("work")
    async def work(job: Job) -> None:
        moment = await asyncio.shield(over)
        await asyncio.sleep(moment - loop.time())
        for _ in range((int(job.key) + turns) % 12):
            await asyncio.sleep(0)

    working = asyncio.ensure_future(worker.work())
    await until(lambda: worker.health().tasks and worker.health().tasks[0].running == 20)
    over.set_result(loop.time() + GRACE)
    await stopped(worker, working)
    assert answers(wire).keys() == {str(key) for key in range(20)}
    assert wire.cut == []


@in_virtual_time
async def test_a_thousand_handlers_that_end_around_the_grace_have_one_answer_each() -> None:
    wire = SlowWire()
    wire.put(*range(1000))
    finished = Finished()
    worker = Worker(wire, grace=GRACE, observers=[finished])
    loop = asyncio.get_running_loop()
    over = loop.create_future()

    @worker.task("work", max_jobs_active=1000)
    async def work(job: Job) -> None:
        moment = await asyncio.shield(over)
        late = 60 if int(job.key) >= 900 else 0  # a hundred are cut off however slow the machine is
        await asyncio.sleep(moment - loop.time() + (int(job.key) - 500) / 5000 + late)

    working = asyncio.ensure_future(worker.work())
    await until(lambda: worker.health().tasks and worker.health().tasks[0].running == 1000)
    over.set_result(loop.time() + GRACE)
    await stopped(worker, working)
    done = Counter(answers(wire).values())
    assert sum(done.values()) == 1000
    assert len(done) == 2
    assert wire.cut == []
    assert Counter(finished.outcomes) == {"completed": done["complete"], "yielded": done["fail"]}


@in_virtual_time
async def test_an_answer_that_is_under_way_when_the_grace_ends_arrives() -> None:
    wire = SlowWire(0.5)
    wire.put(1)
    worker = Worker(wire, grace=GRACE)

    @worker.task("work")
    async def work() -> None:
        await asyncio.sleep(GRACE)

    working = asyncio.ensure_future(worker.work())
    await until(lambda: worker.health().tasks and worker.health().tasks[0].running == 1)
    await asyncio.sleep(0.1)
    await stopped(worker, working)
    assert answers(wire) == {"1": "complete"}
    assert wire.closed
    assert wire.cut == []


@pytest.mark.parametrize("seconds", [0.1, 1, 5, 15])
@in_virtual_time
async def test_a_machine_that_stands_still_while_the_grace_ends_gives_jobs_back_all_the_same(
    seconds: float,
) -> None:
    wire = SlowWire()
    wire.put(*range(3))
    worker = Worker(wire, grace=GRACE)

    @worker.task("work", max_jobs_active=2)
    async def work() -> None:
        await asyncio.sleep(1_000_000)

    working = asyncio.ensure_future(worker.work())
    await until(lambda: worker.health().tasks and worker.health().tasks[0].running == 2)
    asyncio.get_running_loop().call_later(GRACE - 0.01, stand_still, seconds)
    assert await stopped(worker, working) < WITHIN + seconds
    assert {key: answers(wire)[key] for key in "01"} == {"0": "fail", "1": "fail"}
    assert not wire.locked


@pytest.mark.parametrize("seconds", [1, 5, 15])
@in_virtual_time
async def test_an_answer_that_comes_while_the_machine_stands_still_is_read(seconds: float) -> None:
    class Layers(SlowWire):
        """An answer that has arrived takes some turns until the caller has it."""

        async def fail(self, job: ActivatedJob, **said: Any) -> None:
            await super().fail(job, **said)
            for _ in range(20):
                await asyncio.sleep(0)

    wire = Layers(0.85)
    wire.put(1)
    finished = Finished()
    worker = Worker(wire, grace=GRACE, observers=[finished])

    @worker.task("work")
    async def work() -> None:
        await asyncio.sleep(1_000_000)

    working = asyncio.ensure_future(worker.work())
    await until(lambda: worker.health().tasks and worker.health().tasks[0].running == 1)
    loop = asyncio.get_running_loop()
    loop.call_later(GRACE + 0.8, stand_still, seconds)
    assert await stopped(worker, working) < WITHIN + seconds
    assert answers(wire) == {"1": "fail"}
    assert finished.outcomes == ["yielded"]


@in_virtual_time
async def test_a_gateway_that_takes_no_answers_does_not_delay_the_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wire = SlowWire(3600)
    wire.put(1, 2)
    finished = Finished()
    worker = Worker(wire, grace=GRACE, observers=[finished])

    @worker.task("work")
    async def work(job: Job) -> None:
        if job.key == "1":
            await asyncio.sleep(3600)

    working = asyncio.ensure_future(worker.work())
    await until(lambda: wire.begun["2"])
    assert await stopped(worker, working) < WITHIN
    assert sorted(finished.outcomes) == ["lost", "lost"]
    assert sorted(wire.cut) == ["1", "2"]
    assert sum("stays locked until its timeout" in each.message for each in caplog.records) == 2


# Answers by hand


@in_virtual_time
async def test_a_handler_that_answered_by_hand_has_the_grace_and_is_cancelled_after_it() -> None:
    wire = SlowWire()
    wire.put("quick", "slow")
    worker = Worker(wire, grace=GRACE)
    seen: list[str] = []

    @worker.task("work")
    async def work(job: Job) -> None:
        await job.complete({})
        try:
            await asyncio.sleep(GRACE / 2 if job.key == "quick" else 3600)
            seen.append(f"{job.key} is done")
        except asyncio.CancelledError:
            await asyncio.sleep(0.05)
            seen.append(f"{job.key} was cancelled")
            raise

    working = asyncio.ensure_future(worker.work())
    await until(lambda: len(wire.executed) == 2)
    assert await stopped(worker, working) < WITHIN
    assert seen == ["quick is done", "slow was cancelled"]
    assert answers(wire) == {"quick": "complete", "slow": "complete"}


@in_virtual_time
async def test_an_answer_by_hand_arrives_although_its_handler_is_cut_off() -> None:
    wire = SlowWire(0.5)
    wire.put(1)
    worker = Worker(wire, grace=0)

    @worker.task("work")
    async def work(job: Job) -> None:
        await job.complete({"by": "hand"})

    working = asyncio.ensure_future(worker.work())
    await until(lambda: wire.begun["1"])
    await stopped(worker, working)
    assert answers(wire) == {"1": "complete"}
    assert wire.cut == []


@in_virtual_time
async def test_a_handler_that_gives_up_waiting_for_its_answer_does_not_take_it_back() -> None:
    wire = SlowWire(0.2)
    wire.put(1)
    worker = Worker(wire, grace=GRACE)

    @worker.task("work")
    async def work(job: Job) -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(job.complete({"by": "hand"}), 0.01)

    working = asyncio.ensure_future(worker.work())
    await until(lambda: wire.executed)
    await stopped(worker, working)
    assert answers(wire) == {"1": "complete"}
    assert worker.counts.of("work")["completed"] == 1


async def test_a_thread_that_answers_a_job_that_was_given_back_is_told_so() -> None:
    wire = SlowWire()
    wire.put(1)
    worker = Worker(wire, grace=0)
    begun, go_on, told = threading.Event(), threading.Event(), []

    @worker.task("work")
    def work(job: Job) -> None:
        begun.set()
        go_on.wait(30)
        for answer in (job.complete, lambda: job.extend(5), job.fail):
            try:
                answer()
            except CamundaError as error:
                told.append(type(error))

    working = asyncio.ensure_future(worker.work())
    await until(begun.is_set)  # a thread that has not begun by the end never does
    await stopped(worker, working)
    go_on.set()
    await until(lambda: len(told) == 3)
    assert told == [AlreadyAnswered] * 3
    assert answers(wire) == {"1": "fail"}


# Handlers that do not end


@in_virtual_time
async def test_handlers_that_swallow_their_cancellation_are_left_behind(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wire = MemoryWire()
    wire.put("at last", "by hand", "never")
    finished = Finished()
    worker = Worker(wire, grace=GRACE, observers=[finished])
    released, left = asyncio.Event(), []

    @worker.task("work")
    async def work(job: Job) -> None:
        left.append(asyncio.current_task())
        if job.key == "by hand":
            await job.complete()
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                if job.key == "at last":
                    raise

    working = asyncio.ensure_future(worker.work())
    await until(lambda: len(left) == 3 and wire.executed)
    assert await stopped(worker, working) < WITHIN
    assert answers(wire) == {"at last": "fail", "by hand": "complete", "never": "fail"}
    assert sorted(finished.outcomes) == ["completed", "yielded", "yielded"]
    assert sum("goes on, although it was cancelled" in each.message for each in caplog.records) == 2
    assert [each.done() for each in left].count(False) == 2
    released.set()
    await asyncio.wait(left, timeout=5)
    assert [each.exception() for each in left] == [None] * 3
    assert sorted(finished.outcomes) == ["completed", "yielded", "yielded"]


def run_apart(worker: Worker) -> threading.Thread:
    """Its ``run`` in a thread."""
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    return thread


def comes_true(condition: Callable[[], Any]) -> None:
    """Waits for what another thread does."""
    patience = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < patience, "it did not come true within a minute"
        time.sleep(0.005)


def ended_after(worker: Worker, thread: threading.Thread, began: Callable[[], Any]) -> float:
    """For how many seconds ``run`` goes on once it is stopped, which is when ``began`` is true."""
    comes_true(began)
    at = time.monotonic()
    worker.stop()
    thread.join(PATIENCE + 5)
    assert not thread.is_alive(), "run() does not return"
    return time.monotonic() - at


@pytest.mark.parametrize("kind", ["coroutine", "task", "executor", "generator", "thread", "process"])
def test_run_returns_whatever_a_handler_does_with_its_cancellation(kind: str, tmp_path: Path) -> None:
    begun, released = threading.Event(), threading.Event()
    kept: list[Any] = []
    wire = MemoryWire()
    wire.put(1, variables={"begun": str(tmp_path / "begun")})
    worker = Worker(wire, grace=GRACE)

    async def go_on() -> None:
        begun.set()
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                continue

    async def begin_a_task() -> None:
        kept.append(asyncio.create_task(go_on()))
        await asyncio.sleep(3600)

    async def wait_for_a_thread() -> None:
        begun.set()
        await asyncio.to_thread(released.wait, 60)

    async def leave_a_generator() -> None:
        async def items() -> AsyncIterator[int]:
            try:
                yield 1
            finally:
                await go_on()

        async for _ in kept.append(items()) or kept[0]:
            begun.set()
            await asyncio.sleep(3600)

    def block() -> None:
        begun.set()
        released.wait(60)

    if kind == "process":
        worker.task("work", execution="process", processes=1)(process_handlers.sleep_for_ever)
    else:
        handlers: dict[str, Callable[..., Any]] = {
            "coroutine": go_on,
            "task": begin_a_task,
            "executor": wait_for_a_thread,
            "generator": leave_a_generator,
            "thread": block,
        }
        worker.task("work")(handlers[kind])
    try:
        thread = run_apart(worker)
        took = ended_after(worker, thread, lambda: begun.is_set() or (tmp_path / "begun").exists())
    finally:
        released.set()
    assert took < PATIENCE
    assert answers(wire) == {"1": "fail"}
    assert wire.last["1"]["retries"] == 3
    assert wire.closed


@in_virtual_time
async def test_a_second_stop_ends_the_grace_and_cancels_polls() -> None:
    wire = MemoryWire()
    wire.put(1)
    worker = Worker(wire, grace=3600)

    @worker.task("work", max_jobs_active=2)
    async def work() -> None:
        await asyncio.sleep(3600)

    working = asyncio.ensure_future(worker.work())
    await until(lambda: worker.health().tasks and worker.health().tasks[0].running == 1)
    worker.stop()
    await asyncio.sleep(0.05)
    assert worker.health().state == "stopping"
    assert await stopped(worker, working, 0) < WITHIN
    assert answers(wire) == {"1": "fail"}


@in_virtual_time
async def test_cancelling_work_while_it_stops_ends_the_grace() -> None:
    wire = MemoryWire()
    wire.put(1)
    worker = Worker(wire, grace=3600)

    @worker.task("work")
    async def work() -> None:
        await asyncio.sleep(3600)

    working = asyncio.ensure_future(worker.work())
    await until(lambda: worker.health().tasks and worker.health().tasks[0].running == 1)
    worker.stop()
    await asyncio.sleep(0.05)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(working, WITHIN + 5)
    assert answers(wire) == {"1": "fail"}
    assert wire.closed


@pytest.mark.skipif(os.name != "posix", reason="signals are sent")
def test_the_second_signal_ends_the_grace() -> None:
    wire = MemoryWire()
    wire.put(1)
    worker = Worker(wire, grace=3600)

    @worker.task("work")
    async def work() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await until(lambda: worker.health().state == "stopping")
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(3600)

    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    worker.run()
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
    assert answers(wire) == {"1": "fail"}
    assert wire.last["1"]["retries"] == 3


class LatePolls(MemoryWire):
    """As over REST: a poll cannot be cancelled, and here it brings a job when the worker has stopped already."""

    cancels = False

    async def activate(
        self, request: JobRequest, max_jobs: int, *, wait: float, timeout: float
    ) -> Sequence[ActivatedJob]:
        if wait:
            await asyncio.sleep(1.5)
        return await super().activate(request, max_jobs, wait=0, timeout=timeout)

    async def fail(self, job: ActivatedJob, **said: Any) -> None:
        await asyncio.sleep(0.3)
        await super().fail(job, **said)


@in_virtual_time
async def test_what_a_poll_brings_after_the_grace_has_time_to_be_given_back() -> None:
    wire = LatePolls()
    worker = Worker(wire, grace=0)

    @worker.task("work")
    async def work() -> None: ...

    working = asyncio.ensure_future(worker.work())
    await until(lambda: worker.health().ready)
    await asyncio.sleep(0.05)
    wire.put(1)
    await stopped(worker, working)
    assert answers(wire) == {"1": "fail"}
    assert wire.last["1"]["retries"] == 3


@in_virtual_time
async def test_a_wire_that_does_not_close_does_not_delay_the_end(caplog: pytest.LogCaptureFixture) -> None:
    class Open(MemoryWire):
        async def close(self) -> None:
            await asyncio.sleep(3600)

    worker = Worker(Open(), grace=0)

    @worker.task("work")
    async def work() -> None: ...

    working = asyncio.ensure_future(worker.work())
    await until(lambda: worker.health().ready)
    assert await stopped(worker, working) < WITHIN
    assert "closing the connections took longer" in caplog.text


@in_virtual_time
async def test_a_wire_is_closed_although_the_machine_stands_still_meanwhile() -> None:
    class Late(MemoryWire):
        async def close(self) -> None:
            stand_still(5)
            for _ in range(20):
                await asyncio.sleep(0)
            await super().close()

    wire = Late()
    worker = Worker(wire, grace=0)

    @worker.task("work")
    async def work() -> None: ...

    working = asyncio.ensure_future(worker.work())
    await until(lambda: worker.health().ready)
    await stopped(worker, working)
    assert wire.closed


@in_virtual_time
async def test_an_observer_that_fails_while_jobs_are_cut_off_stops_nothing() -> None:
    class Fails(Observer):
        def finished(self, job_type: str, outcome: str, seconds: float | None) -> None:
            raise RuntimeError("no")

    wire = MemoryWire()
    wire.put(*range(10))
    worker = Worker(wire, grace=0, observers=[Fails()])

    @worker.task("work")
    async def work() -> None:
        await asyncio.sleep(3600)

    working = asyncio.ensure_future(worker.work())
    await until(lambda: worker.health().tasks and worker.health().tasks[0].running == 10)
    await stopped(worker, working)
    assert answers(wire) == {str(key): "fail" for key in range(10)}


# What a handler raises or cancels is its own matter

ENDING = (KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError)


@pytest.mark.parametrize("execution", ["coroutine", "thread", "process", "middleware", "by hand"])
def test_what_ends_programs_fails_the_job_of_the_handler_that_raised_it(execution: str) -> None:
    wire = MemoryWire()
    raised = {each.__name__: each for each in ENDING}
    for name in raised:
        wire.put(name, variables={"name": name})

    async def middleware(job: Job, go_on: Any) -> Any:
        if job.key == "good":
            return None
        if execution == "middleware":
            raise raised[job.key]
        return await go_on(job)

    worker = Worker(wire, middleware=[middleware])

    async def coroutine(job: Job) -> None:
        if execution == "by hand":
            await job.fail("by hand")
        raise raised[job.key]

    def thread(job: Job) -> None:
        raise raised[job.key]

    if execution == "process":
        worker.task("work", execution="process", processes=1)(process_handlers.raise_what_ends_programs)
    else:
        worker.task("work")(thread if execution == "thread" else coroutine)
    running = run_apart(worker)
    comes_true(lambda: len(wire.executed) == len(ENDING))
    wire.put("good")
    comes_true(lambda: wire.executed["complete", "good"])
    assert worker.health().state == "working"
    worker.stop(0)
    running.join(30)
    assert not running.is_alive()
    assert answers(wire) == {**dict.fromkeys(raised, "fail"), "good": "complete"}


def test_what_ends_programs_does_not_end_run_when_a_task_of_a_handler_raises_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wire = MemoryWire()
    wire.put("KeyboardInterrupt", "SystemExit")
    worker = Worker(wire)

    @worker.task("work")
    async def work(job: Job) -> None:
        async def task() -> None:
            raise KeyboardInterrupt if job.key == "KeyboardInterrupt" else SystemExit

        if job.key != "good":
            await asyncio.create_task(task())

    running = run_apart(worker)
    comes_true(lambda: len(wire.executed) == 2)
    wire.put("good")
    comes_true(lambda: wire.executed["complete", "good"])
    worker.stop(0)
    running.join(30)
    assert not running.is_alive()
    assert answers(wire) == {"KeyboardInterrupt": "fail", "SystemExit": "fail", "good": "complete"}
    assert sum("the worker goes on" in each.message for each in caplog.records) == 2


@pytest.mark.parametrize("when", ["at once", "later"])
@in_virtual_time
async def test_a_handler_that_cancels_its_own_task_does_not_lose_its_answer(when: str) -> None:
    wire = SlowWire(0.1)
    wire.put("cancels", "answers by hand")
    worker = Worker(wire, grace=GRACE)

    @worker.task("work")
    async def work(job: Job) -> None:
        task = asyncio.current_task()
        assert task is not None
        if job.key != "cancels":
            job.complete()  # type: ignore[unused-coroutine]
        if when == "at once":
            task.cancel()
        else:
            asyncio.get_running_loop().call_later(0.03, task.cancel)
            asyncio.get_running_loop().call_later(0.06, task.cancel)

    working = asyncio.ensure_future(worker.work())
    await until(lambda: len(wire.executed) == 2)
    await stopped(worker, working)
    assert answers(wire) == {"cancels": "complete", "answers by hand": "complete"}
    assert worker.counts.of("work")["completed"] == 2


def test_what_a_handler_raises_has_no_context_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLL_WAIT", 0.2)  # the last poll is waited for
    wire = MemoryWire()
    wire.put(1, type="loop")
    wire.put(2, type="thread")
    worker = Worker(wire)
    contexts: list[BaseException | None] = []

    def fail() -> None:
        try:
            raise ValueError("of the handler")
        except ValueError as error:
            contexts.append(error.__context__)
            if len(contexts) == 2:
                worker.stop()
            raise

    @worker.task("loop")
    async def in_loop() -> None:
        fail()

    worker.task("thread")(fail)
    worker.run()
    assert contexts == [None, None]
    for key in "12":
        message = wire.last[key]["message"]
        assert message.startswith("Traceback")
        assert message.count("Traceback") == 1
        assert "camunda_worker/" not in message.replace("tests/unit/camunda_worker/", "")


@pytest.mark.parametrize("execution", ["thread", "process"])
async def test_the_threads_and_processes_of_a_worker_end_with_it(execution: str) -> None:
    wire = MemoryWire()
    wire.put(1)
    worker = Worker(wire, grace=GRACE)

    def in_thread() -> int:
        return threading.get_ident()

    if execution == "thread":
        worker.task("work")(in_thread)
    else:
        worker.task("work", execution="process", processes=1)(process_handlers.process_id)
    before = set(threading.enumerate())
    working = asyncio.ensure_future(worker.work())
    await until(lambda: wire.executed)
    mine = {each for each in threading.enumerate() if each not in before}
    assert mine
    worker.stop()
    await asyncio.wait_for(working, PATIENCE)
    await until(lambda: not any(each.is_alive() for each in mine))


async def test_jobs_that_have_not_begun_are_given_back_before_the_polls_are_waited_for(
    tmp_path: Path,
) -> None:
    open_polls = 0

    class Polled(MemoryWire):
        async def activate(self, request: JobRequest, max_jobs: int, *, wait: float, timeout: float) -> Any:
            nonlocal open_polls
            open_polls += 1
            try:
                return await super().activate(request, max_jobs, wait=wait, timeout=timeout)
            finally:
                open_polls -= 1

        async def fail(self, job: ActivatedJob, **said: Any) -> None:
            polls_meanwhile.append(open_polls)
            await super().fail(job, **said)

    polls_meanwhile: list[int] = []
    wire = Polled()
    wire.put(1, 2, 3, variables={"begun": str(tmp_path / "begun")})
    worker = Worker(wire, grace=GRACE)
    worker.task("work", max_jobs_active=4, execution="process", processes=2)(process_handlers.sleep_for_ever)
    working = asyncio.ensure_future(worker.work())
    await until(lambda: worker.health().tasks and worker.health().tasks[0].waiting == 1 and open_polls)
    await stopped(worker, working)
    assert answers(wire) == {"1": "fail", "2": "fail", "3": "fail"}
    assert polls_meanwhile[0] == 1
