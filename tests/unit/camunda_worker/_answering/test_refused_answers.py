"""Answers that the gateway does not take: for how long they are repeated, what goes instead, and what ends the worker."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from camunda_core.errors import (
    CamundaError,
    DataLoss,
    FailedPrecondition,
    Internal,
    NotFound,
    PermissionDenied,
    Problem,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
    Unimplemented,
    Unknown,
)
from camunda_core.jobs import UnreadableJob
from camunda_worker import BpmnError, Job, Worker
from tests.fakes.clock import in_virtual_time
from tests.fakes.job_wire import Fault, MemoryWire, until

pytestmark = pytest.mark.usefixtures("both_ways")

#: Seconds of a job's lock: short where it has to pass.
_LOCK = 0.8
Faults = Callable[[str, str], Fault]


def first_times(count: int, fault: CamundaError, call: str = "complete") -> Faults:
    left = [count]

    def faults(made: str, key: str) -> Fault:
        if made != call or not left[0]:
            return None
        left[0] -= 1
        return fault

    return faults


async def handled(
    faults: Faults, *keys: object, handler: Any = None, lock: float = _LOCK
) -> tuple[MemoryWire, Worker]:
    """A worker at work until all jobs are answered or lost."""
    wire = MemoryWire(faults)
    wire.put(*(keys or (1,)))
    worker = Worker(wire, grace=2, permanent_after=60)

    async def work(job: Job) -> dict[str, int]:
        return {"x": 1}

    worker.task("work", timeout=lock)(handler or work)
    working = asyncio.ensure_future(worker.work())
    ended = ("completed", "failed", "error", "lost")

    def over() -> bool:
        return working.done() or sum(worker.counts.of("work")[each] for each in ended) >= len(keys or (1,))

    await until(over)
    worker.stop(grace=0)
    await asyncio.wait_for(working, 10)
    return wire, worker


# What a server asks for


@pytest.mark.parametrize("asked", [3600.0, 1e12, float("inf")])
@pytest.mark.parametrize("kind", [Unavailable, ResourceExhausted, Internal])
@in_virtual_time
async def test_an_answer_waits_no_longer_than_the_worker_itself_would(
    kind: type[CamundaError], asked: float, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "camunda_worker")
    wire, worker = await handled(first_times(1, kind("slow down", retry_after=asked)), lock=30)
    assert wire.executed == {("complete", "1"): 1}
    assert worker.counts.of("work")["repeated_answers"] == 1
    assert f"although the server asks for a pause of {asked:g} s" in caplog.text


@in_virtual_time
async def test_an_answer_is_repeated_until_the_locks_last_moment() -> None:
    """Whatever a pause may be: the last attempt begins while the job is still ours."""
    attempts: list[float] = []
    loop = asyncio.get_running_loop()
    began = loop.time()

    def busy(call: str, key: str) -> Fault:
        if call == "complete":
            attempts.append(loop.time() - began)
            return Unavailable("busy", retry_after=60)
        return None

    wire, worker = await handled(busy, lock=3)
    assert worker.counts.of("work")["lost"] == 1  # an outage is no refusal: nothing is taken from the retries
    assert wire.calls["1"] == len(attempts)
    assert 2.5 < attempts[-1] < 3


@pytest.mark.parametrize("kind", [Unavailable, ResourceExhausted])
@in_virtual_time
async def test_polls_wait_no_longer_than_the_worker_itself_would(
    kind: type[CamundaError], caplog: pytest.LogCaptureFixture
) -> None:
    polls = 0

    def faults(call: str, key: str) -> Fault:
        nonlocal polls
        polls += call == "activate"
        return kind("maintenance", retry_after=3600) if call == "activate" and polls == 1 else None

    wire, _ = await handled(faults, lock=30)
    assert wire.executed == {("complete", "1"): 1}
    (record,) = (each for each in caplog.records if "3600" in each.getMessage())
    assert record.levelno == logging.WARNING
    assert "although the server asks for a pause of 3600 s" in record.getMessage()


# Refused for good


PAGE = Problem(status=418, detail="blocked")
REFUSALS = (
    PermissionDenied("a firewall's page", problem=Problem(status=403)),
    FailedPrecondition("HTTP 418", problem=PAGE),
    FailedPrecondition("HTTP 431", problem=Problem(status=431)),
    Unimplemented("HTTP 404", problem=Problem(status=404)),
    Internal("failed to convert"),
    Unknown("unexpected"),
    DataLoss("lost"),
    Unauthenticated("no"),
)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda error: f"{type(error).__name__} {error.message}")
@in_virtual_time
async def test_a_job_whose_result_is_refused_until_the_end_of_its_lock_fails(refusal: CamundaError) -> None:
    wire, worker = await handled(lambda call, key: refusal if call == "complete" else None)
    assert wire.executed == {("fail", "1"): 1}
    assert wire.last["1"]["retries"] == 2
    assert refusal.message in wire.last["1"]["message"]
    assert worker.counts.of("work")["failed"] == 1
    assert wire.calls["1"] > 2  # it was tried more than once before


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda error: f"{type(error).__name__} {error.message}")
@in_virtual_time
async def test_a_refusal_that_ends_costs_nothing(refusal: CamundaError) -> None:
    wire, _ = await handled(first_times(3, refusal), lock=30)
    assert wire.executed == {("complete", "1"): 1}


@in_virtual_time
async def test_an_error_that_is_refused_until_the_end_of_the_lock_fails_the_job() -> None:
    async def work(job: Job) -> None:
        raise BpmnError("E-1", "text")

    denied = PermissionDenied("a firewall's page")
    wire, _ = await handled(lambda call, key: denied if call == "throw" else None, handler=work)
    assert wire.executed == {("fail", "1"): 1}
    assert "E-1" in wire.last["1"]["message"]


@in_virtual_time
async def test_a_result_by_hand_that_is_refused_until_the_end_of_the_lock_fails_the_job() -> None:
    raised: list[CamundaError] = []

    async def work(job: Job) -> None:
        try:
            await job.complete({"x": 1})
        except CamundaError as error:
            raised.append(error)

    denied = PermissionDenied("a firewall's page")
    wire, _ = await handled(lambda call, key: denied if call == "complete" else None, handler=work)
    assert wire.executed == {("fail", "1"): 1}
    assert raised == [denied]


async def test_a_refusal_that_a_stopping_worker_cannot_wait_out_costs_no_retry() -> None:
    """Before the end of the lock the gateway may change its mind: the job is left to whoever takes it next."""
    wire = MemoryWire(lambda call, key: Internal("no") if call == "complete" else None)
    wire.put(1)
    worker = Worker(wire)

    @worker.task("work", timeout=30)
    async def work(job: Job) -> None:
        pass

    working = asyncio.ensure_future(worker.work())
    await until(lambda: wire.calls["1"])
    worker.stop(grace=0)
    await asyncio.wait_for(working, 10)
    assert not wire.executed
    assert worker.counts.of("work")["lost"] == 1


@in_virtual_time
async def test_a_failure_whose_text_is_refused_is_sent_without_it() -> None:
    async def work(job: Job) -> None:
        raise ValueError("SELECT * FROM users")

    wire = MemoryWire()

    def faults(call: str, key: str) -> Fault:
        return PermissionDenied("a firewall's page") if "SELECT" in str(wire.said) else None

    wire = MemoryWire(faults)
    wire.put(1, retries=1)
    worker = Worker(wire)
    worker.task("work", timeout=_LOCK)(work)
    working = asyncio.ensure_future(worker.work())
    await until(lambda: wire.executed or working.done())
    worker.stop(grace=0)
    await working
    assert wire.executed == {("fail", "1"): 1}
    assert wire.last["1"]["retries"] == 0
    assert "see the log of the worker" in wire.last["1"]["message"]


@pytest.mark.parametrize("denial", [PermissionDenied, Unauthenticated, Unimplemented])
@in_virtual_time
async def test_who_may_take_jobs_but_not_answer_them_ends_with_that_error(denial: type[CamundaError]) -> None:
    runs: list[str] = []
    wire = MemoryWire(lambda call, key: None if call == "activate" else denial("you may not"))
    wire.put(1, 2)
    worker = Worker(wire, grace=0.2)

    @worker.task("work", timeout=_LOCK)
    async def work(job: Job) -> None:
        runs.append(job.key)

    with pytest.raises(denial, match="you may not"):
        await asyncio.wait_for(worker.work(), 10)
    assert sorted(runs) == ["1", "2"]


@in_virtual_time
async def test_denials_are_no_reason_to_end_where_answers_were_taken_a_moment_ago() -> None:
    wire = MemoryWire(lambda call, key: PermissionDenied("you may not") if key == "2" else None)
    wire.put(1)
    worker = Worker(wire, permanent_after=60)

    @worker.task("work", timeout=_LOCK)
    async def work(job: Job) -> None: ...

    working = asyncio.ensure_future(worker.work())
    await until(lambda: wire.executed)
    wire.put(2)
    await until(lambda: worker.counts.of("work")["lost"])
    assert not working.done()
    worker.stop(grace=0)
    await working


# What has arrived


@pytest.mark.parametrize(
    "then", [NotFound("no such job"), FailedPrecondition("it is in state 'ERROR_THROWN'")]
)
@in_virtual_time
async def test_an_error_whose_answer_was_lost_has_arrived_when_its_repeat_is_refused(
    then: CamundaError,
) -> None:
    faults: list[CamundaError] = [Unavailable("lost", answered=False), then]

    async def work(job: Job) -> None:
        raise BpmnError("E-1")

    wire, worker = await handled(
        lambda call, key: faults.pop(0) if call == "throw" and faults else None, handler=work
    )
    assert wire.executed == {("throw", "1"): 1}
    assert worker.counts.of("work")["error"] == 1


def page(status: int, kind: type[CamundaError], title: str = "") -> CamundaError:
    """What a proxy says, or a web server."""
    return kind("blocked", problem=Problem(status=status, title=title))


@pytest.mark.parametrize(
    "then",
    [
        page(409, FailedPrecondition),
        page(418, FailedPrecondition),
        page(409, FailedPrecondition, "Conflict"),
        page(404, NotFound),
        page(404, NotFound, "Not Found"),
    ],
    ids=lambda error: f"{error.problem.status} {error.problem.title}",
)
async def test_a_proxys_page_does_not_say_that_an_answer_has_arrived(then: CamundaError) -> None:
    faults: list[CamundaError] = [Unavailable("lost", sent=False), Unavailable("lost"), then]

    async def work(job: Job) -> None:
        raise BpmnError("E-1")

    wire, worker = await handled(
        lambda call, key: faults.pop(0) if call == "throw" and faults else None, handler=work, lock=30
    )
    assert not faults
    assert wire.executed == {("throw", "1"): 1}
    assert worker.counts.of("work")["error"] == 1


@pytest.mark.parametrize("before", [[], [PermissionDenied("not yet")], [ResourceExhausted("busy")]])
@in_virtual_time
async def test_a_job_that_is_gone_is_lost_unless_an_attempt_before_may_have_arrived(
    before: list[CamundaError],
) -> None:
    faults = [*before, NotFound("no such job")]
    _, worker = await handled(
        lambda call, key: faults.pop(0) if call == "complete" and faults else None, lock=30
    )
    assert worker.counts.of("work")["lost"] == 1
    assert worker.counts.of("work")["completed"] == 0


# Jobs that cannot be read, or are here already


@in_virtual_time
async def test_a_job_that_cannot_be_read_fails_with_one_retry_less_and_the_others_are_handled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wire = MemoryWire()
    wire.put(1)
    wire.waiting.append(
        UnreadableJob(job_key="2", type="work", retries=3, why="job 2: its variables are nested too deeply")
    )
    wire.put(3)
    worker, runs = Worker(wire), list[str]()

    @worker.task("work")
    async def work(job: Job) -> None:
        runs.append(job.key)

    working = asyncio.ensure_future(worker.work())
    await until(lambda: len(wire.executed) == 3)
    worker.stop(grace=0)
    await working
    assert sorted(runs) == ["1", "3"]
    assert wire.last["2"]["call"] == "fail"
    assert wire.last["2"]["retries"] == 2
    assert "nested too deeply" in wire.last["2"]["message"]
    assert worker.counts.of("work")["failed"] == 1
    assert "nested too deeply" in caplog.text


@in_virtual_time
async def test_a_job_that_comes_again_and_again_is_not_asked_for_without_pause() -> None:
    class Eager(MemoryWire):
        polls = 0

        async def activate(self, request: Any, max_jobs: int, *, wait: float, timeout: float) -> Any:
            self.polls += 1
            return [
                *await super().activate(request, max_jobs, wait=0, timeout=timeout),
                *self.locked.values(),
            ]

    wire = Eager()
    wire.put(1)
    worker, done = Worker(wire), asyncio.Event()

    @worker.task("work")
    async def work(job: Job) -> None:
        await done.wait()

    working = asyncio.ensure_future(worker.work())
    await until(lambda: wire.polls > 1)
    await asyncio.sleep(1)
    assert wire.polls < 30
    done.set()
    worker.stop(grace=1)
    await working


# Answers that are too large


@in_virtual_time
async def test_polls_whose_answer_is_too_large_ask_for_less_and_say_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Narrow(MemoryWire):
        async def activate(self, request: Any, max_jobs: int, *, wait: float, timeout: float) -> Any:
            jobs = await super().activate(request, max_jobs, wait=wait, timeout=timeout)
            if len(jobs) > 2:
                for job in jobs:  # their locks are over at once
                    self.waiting.append(self.locked.pop(job.job_key))
                raise ResourceExhausted(
                    "Received message larger than max (9 vs. 6)", problem=Problem(status=413)
                )
            return jobs

    wire = Narrow()
    wire.put(*range(8))
    worker = Worker(wire)

    @worker.task("work")
    async def work(job: Job) -> None: ...

    working = asyncio.ensure_future(worker.work())
    await until(lambda: len(wire.executed) == 8)
    (health,) = worker.health().tasks
    worker.stop(grace=0)
    await working
    assert health.largest_poll == 2
    assert "Received message larger than max (9 vs. 6)" in caplog.text
    assert "polls ask for 2 at most now" in caplog.text


@in_virtual_time
async def test_an_answer_that_is_too_large_is_no_back_pressure() -> None:
    large = ResourceExhausted("Sent message larger than max", problem=Problem(status=413))
    wire, worker = await handled(lambda call, key: large if call == "complete" else None, *range(5))
    assert {call for call, _ in wire.executed} == {"fail"}
    assert worker.counts.of("work")["failed"] == 5
    assert worker.counts.of("work")["repeated_answers"] == 0


@in_virtual_time
async def test_a_pushed_job_that_is_too_large_is_told_of_with_the_way_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Feed:
        async def read(self) -> Any:
            if len(opened) == 1:
                raise ResourceExhausted(
                    "Received message larger than max (9 vs. 6)", problem=Problem(status=413)
                )
            await asyncio.Event().wait()

        def cancel(self) -> None: ...

    class Pushing(MemoryWire):
        pushes = True

        async def stream(self, request: Any) -> Any:
            opened.append(request)
            return Feed()

    opened: list[Any] = []
    worker = Worker(Pushing())

    @worker.task("work", stream=True)
    async def work(job: Job) -> None: ...

    working = asyncio.ensure_future(worker.work())
    await until(lambda: len(opened) == 2)
    worker.stop(grace=0)
    await working
    (told,) = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert "larger than can be read" in told
    assert "fetch fewer variables" in told
    assert "(9 vs. 6)" in told


# A network that died


@in_virtual_time
async def test_two_calls_in_a_row_without_an_answer_mean_a_fresh_connection() -> None:
    unanswered = 0

    class Silent(MemoryWire):
        async def activate(self, request: Any, max_jobs: int, *, wait: float, timeout: float) -> Any:
            nonlocal unanswered
            if not self.reconnected:
                unanswered += 1
                await asyncio.sleep(timeout)
            return await super().activate(request, max_jobs, wait=wait, timeout=timeout)

    wire = Silent()
    wire.put(1)
    worker = Worker(wire)
    began = asyncio.get_running_loop().time()

    @worker.task("work")
    async def work(job: Job) -> None: ...

    working = asyncio.ensure_future(worker.work())
    await until(lambda: wire.executed)
    worker.stop(grace=0)
    await working
    assert unanswered == 2
    assert len(wire.reconnected) == 1
    assert began <= wire.reconnected[0] <= began + 1
