"""Our worker, and everything that can go wrong between it and a gateway: a scripted one, on both wires."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import bridge
from camunda_core.credentials import Bearer
from camunda_core.errors import Unauthenticated
from camunda_worker import BpmnError, Job, Worker
from camunda_worker._answering import locked
from camunda_worker._run import shift
from tests.fakes.gateway import Gateway, Outcome, running
from tests.worker import heavy

ROOT = Path(__file__).resolve().parents[2]
#: Seconds within which a job that waits at a fault must be done.
SOON = 5.0
#: Seconds that nothing here takes.
PATIENCE = 60.0
FAULTS = 200

GRPC_FAULTS = (
    "UNAVAILABLE",
    "INTERNAL",
    "UNKNOWN",
    "RESOURCE_EXHAUSTED",
    "UNAUTHENTICATED",
    "DEADLINE_EXCEEDED",
    "goaway",
    "rst",
    "reset",
)
REST_FAULTS = ("401", "429", "500", "502", "503", "504", "pressure", "html", "reset", "half")
FAULTS_ON = {"grpc": GRPC_FAULTS, "stream": (*GRPC_FAULTS, "end"), "rest": REST_FAULTS}

pytestmark = pytest.mark.timeout(600)
wires = pytest.mark.parametrize("wire", ["grpc", "rest"])
ways = pytest.mark.parametrize("means", ["grpc", "stream", "rest"])


@pytest.fixture
async def scripted() -> AsyncIterator[Gateway]:
    async with running() as gateway:
        yield gateway


def client(gateway: Gateway, means: str, **options: Any) -> bridge.AsyncClient:
    if means == "rest":
        return bridge.AsyncClient(rest_address=gateway.rest, **options)
    return bridge.AsyncClient(grpc_address=gateway.grpc, **options)


@contextlib.asynccontextmanager
async def working(*workers: Worker) -> AsyncIterator[None]:
    """The workers at work; none of them ends by itself."""
    tasks = [asyncio.create_task(each.work()) for each in workers]
    try:
        yield
        assert not [each for each in tasks if each.done()]
    finally:
        for each in workers:
            each.stop(grace=5.0)
        await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)


def counting(gateway: Gateway, means: str, job_type: str, address: str = "") -> tuple[Worker, Counter[str]]:
    """A worker whose handler does nothing but count how often it has had each job."""
    ours = bridge.AsyncClient(grpc_address=address) if address else client(gateway, means)
    worker, runs = Worker(ours), Counter[str]()

    @worker.task(job_type, stream=means == "stream")
    async def handle(job: Job) -> dict[str, Any]:
        runs[job.key] += 1
        return {"done": True}

    return worker, runs


def judged(outcomes: list[Outcome], times: int) -> list[str]:
    """The campaigns that did not go as they should."""
    return [
        f"{each.kind}: {each.within(SOON)} of {len(each.waits)} in time, worst {each.worst:.1f} s; {each.dead}"
        for each in outcomes
        if each.dead or each.within(SOON) < times
    ]


# Isolated faults


async def campaign(gateway: Gateway, means: str, kind: str, operation: str) -> Outcome:
    job_type = f"{operation}-{means}-{kind}"
    apart = (
        "" if means == "rest" else await gateway.do("listen")
    )  # or a fault of a connection were everybody's
    worker, runs = counting(gateway, means, job_type, apart)
    async with working(worker):
        outcome = await gateway.campaign(job_type, kind, FAULTS, operation=operation, patience=PATIENCE)
    summary = await gateway.summary(job_type)
    if not outcome.dead and summary["completions"] != summary["jobs"]:
        outcome.dead = f"not all completed: {summary}"
    if summary["failures"] or summary["locked"] or max(runs.values()) > 1:
        outcome.dead += f" failed, locked or handled twice: {summary}"
    return outcome


async def campaigns(gateway: Gateway, means: str, operation: str, *more: str) -> list[str]:
    """A campaign of each kind, side by side: they mostly wait."""
    kinds = (*FAULTS_ON[means], *more)
    outcomes = await asyncio.gather(*(campaign(gateway, means, kind, operation) for kind in kinds))
    return [f"{means}: {line}" for line in judged(outcomes, FAULTS)]


@pytest.mark.long
async def test_200_isolated_faults_of_each_kind_cost_no_waiting_job_5_seconds(scripted: Gateway) -> None:
    found = await asyncio.gather(
        campaigns(scripted, "grpc", "ActivateJobs"),
        campaigns(scripted, "stream", "StreamActivatedJobs"),
        campaigns(scripted, "rest", "ActivateJobs"),
    )
    assert [line for lines in found for line in lines] == []


@pytest.mark.long
async def test_200_isolated_faults_of_each_kind_at_completions_are_healed_by_another_try(
    scripted: Gateway,
) -> None:
    found = await asyncio.gather(
        *(campaigns(scripted, wire, "CompleteJob", "lost") for wire in ("grpc", "rest"))
    )
    assert [line for lines in found for line in lines] == []


@pytest.mark.long
@wires
async def test_200_stalled_polls_cost_no_waiting_job_5_seconds(scripted: Gateway, wire: str) -> None:
    lanes = 40  # a stall lasts until it is noticed, so that there are many at a time
    worker = Worker(client(scripted, wire))

    for lane in range(lanes):

        @worker.task(f"stall-{lane}")
        async def handle(job: Job) -> None: ...

    async with working(worker):
        outcomes = await asyncio.gather(
            *(
                scripted.campaign(f"stall-{lane}", "stall", FAULTS // lanes, patience=PATIENCE)
                for lane in range(lanes)
            )
        )
    assert judged(outcomes, FAULTS // lanes) == []


async def test_a_gateway_that_refuses_streams_is_polled(scripted: Gateway) -> None:
    await scripted.fault("UNIMPLEMENTED", "StreamActivatedJobs", count=1_000_000)
    worker, runs = counting(scripted, "stream", "refused")
    async with working(worker):
        for _ in range(20):
            assert await scripted.ended(await scripted.add("refused", 5), PATIENCE) == []
    assert set(runs.values()) == {1}


async def test_jobs_that_waited_before_the_stream_was_opened_are_polled(scripted: Gateway) -> None:
    keys = await scripted.add("backlog", 100)
    worker, _ = counting(scripted, "stream", "backlog")
    async with working(worker):
        assert await scripted.ended(keys, PATIENCE) == []


# Answers


ANSWER_FAULTS = {
    "grpc": ("UNAVAILABLE", "RESOURCE_EXHAUSTED", "INTERNAL", "UNKNOWN", "DEADLINE_EXCEEDED", "rst"),
    "rest": ("429", "500", "502", "503", "504", "html", "reset", "half"),
}


@wires
@pytest.mark.parametrize("operation", ["CompleteJob", "FailJob", "ThrowError"])
async def test_a_job_whose_first_three_answers_fail_is_handled_and_answered_once(
    scripted: Gateway, wire: str, operation: str
) -> None:
    worker, runs = Worker(client(scripted, wire)), Counter[str]()

    async def handle(job: Job) -> None:
        runs[job.key] += 1
        if operation == "FailJob":
            raise ValueError("scripted")
        if operation == "ThrowError":
            raise BpmnError("E-1", "scripted")

    keys = []
    for kind in ANSWER_FAULTS[wire]:
        worker.task(kind)(handle)
        await scripted.fault(kind, operation, kind, count=3, per_job=True)
        keys += await scripted.add(kind, 5, retries=1)
    async with working(worker):
        assert await scripted.ended(keys, PATIENCE) == []
    assert dict(runs) == {str(key): 1 for key in keys}
    for kind in ANSWER_FAULTS[wire]:
        summary = await scripted.summary(kind)
        counts = [summary["completions"], summary["failures"], summary["errors"]]
        assert counts == [5 * (operation == each) for each in ("CompleteJob", "FailJob", "ThrowError")], kind


@pytest.mark.parametrize(("wire", "kind"), [("grpc", "goaway"), ("grpc", "reset"), ("rest", "reset")])
async def test_completions_survive_a_connection_that_breaks_under_all_of_them(
    scripted: Gateway, wire: str, kind: str
) -> None:
    await scripted.fault(kind, "CompleteJob", "broken", count=3, per_job=True)
    worker, runs = counting(scripted, wire, "broken")
    keys = await scripted.add("broken", 20)
    async with working(worker):
        assert await scripted.ended(keys, PATIENCE) == []
    summary = await scripted.summary("broken")
    assert (summary["completions"], summary["failures"]) == (20, 0)
    assert dict(runs) == {str(key): 1 for key in keys}


@wires
@pytest.mark.parametrize("operation", ["CompleteJob", "FailJob", "ThrowError"])
async def test_an_answer_that_was_executed_and_whose_own_answer_is_lost_was_given(
    scripted: Gateway, wire: str, operation: str
) -> None:
    worker, runs = Worker(client(scripted, wire)), Counter[str]()

    @worker.task("lost")
    async def handle(job: Job) -> None:
        runs[job.key] += 1
        if operation == "FailJob":
            raise ValueError("scripted")
        if operation == "ThrowError":
            raise BpmnError("E-1", "scripted")

    await scripted.fault("lost", operation, "lost", per_job=True)
    keys = await scripted.add("lost", 20, retries=1)
    async with working(worker):
        assert await scripted.ended(keys, PATIENCE) == []
    for line in await scripted.ledger("lost"):
        assert len(line["completions"]) + len(line["failures"]) + len(line["errors"]) == 1
    assert dict(runs) == {str(key): 1 for key in keys}
    counts = worker.health().tasks[0].counts
    outcome = {"CompleteJob": "completed", "FailJob": "failed", "ThrowError": "error"}[operation]
    assert (counts[outcome], counts["lost"]) == (20, 0)


@wires
async def test_an_answer_that_stalls_is_given_again(scripted: Gateway, wire: str) -> None:
    await scripted.fault("stall", "CompleteJob", "stalled", per_job=True)
    worker, runs = counting(scripted, wire, "stalled")
    keys = await scripted.add("stalled", 5)
    async with working(worker):
        assert await scripted.ended(keys, PATIENCE) == []
    assert (await scripted.summary("stalled"))["completions"] == 5
    assert dict(runs) == {str(key): 1 for key in keys}


# Bad results, and raising everywhere


class Odd(BaseException):
    """What nobody expects."""


def _recursive() -> dict[str, Any]:
    whole: dict[str, Any] = {}
    whole["itself"] = whole
    return whole


GOOD = {"datetime": datetime.datetime(2026, 1, 1), "set": {1, 2}, "text": "ä€😀"}
BAD = {
    "nan": {"x": float("nan")},
    "infinity": {"x": float("inf")},
    "huge": {"x": 10**30},
    "object": {"x": object()},
    "recursive": _recursive(),
    "list": [1, 2],
    "number": 5,
    "keys": {(1, 2): 3},
    "surrogate": {"x": "\ud800"},
}
RAISED = {
    "exception": ValueError("scripted"),
    "empty": ValueError(),
    "chained": KeyError(("no", "text")),
    "odd": Odd("scripted"),
    "exit": SystemExit(3),
    "cancelled": asyncio.CancelledError(),
    "generator": GeneratorExit(),
    "stop": StopIteration(),
    "unprintable": type("Unprintable", (Exception,), {"__str__": lambda self: 1 / 0})(),
    "bpmn without text": BpmnError("E-1"),
}


def _handlers(outcome: Any) -> dict[str, Any]:
    """One handler for each way of running it, which all return or raise the same."""

    async def asynchronous(job: Job) -> Any:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def threaded(job: Job) -> Any:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return {"async": asynchronous, "thread": threaded}


async def _failing(job: Job, next: Any) -> Any:
    try:
        return await next(job)
    finally:
        raise RuntimeError("the middleware fails")


async def _through(job: Job, next: Any) -> Any:
    return await next(job)


@wires
async def test_every_result_and_everything_raised_gives_exactly_one_answer(
    scripted: Gateway, wire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine an attempt takes long; a second one would be refused, as it should be.
    monkeypatch.setattr(locked, "_FIRST_ATTEMPT", PATIENCE / 2)
    worker, expected = Worker(client(scripted, wire)), {}
    for name, outcome in {**{name: {"x": each} for name, each in GOOD.items()}, **BAD, **RAISED}.items():
        for how, handler in _handlers(outcome).items():
            for around, middleware in {"plain": (), "through": (_through,), "failing": (_failing,)}.items():
                job_type = f"{name}/{how}/{around}"
                worker.task(job_type, middleware=middleware, max_jobs_active=2)(handler)
                good = name in GOOD and around != "failing"
                bpmn = name == "bpmn without text" and around != "failing"
                expected[job_type] = "completed" if good else "error" if bpmn else "incident"
    keys = [key for job_type in expected for key in await scripted.add(job_type, retries=1)]
    async with working(worker):
        await scripted.ended(keys, PATIENCE)
    found = {}
    for job_type in expected:
        (line,) = await scripted.ledger(job_type)
        answers = len(line["completions"]) + len(line["failures"]) + len(line["errors"])
        found[job_type] = (
            line["state"] if answers == 1 and not line["refused"] else f"{answers} answers: {line}"
        )
    assert found == expected


# Limits


@ways
async def test_a_limit_of_4_is_4_whatever_is_pushed(scripted: Gateway, means: str) -> None:
    worker, at_work, peak, all_busy = Worker(client(scripted, means)), 0, 0, asyncio.Event()

    @worker.task("pushed", stream=means == "stream", max_jobs_active=4)
    async def handle(job: Job) -> None:
        nonlocal at_work, peak
        at_work += 1
        peak = max(peak, at_work)
        if at_work == 4:
            all_busy.set()
        await asyncio.wait_for(all_busy.wait(), PATIENCE)
        await asyncio.sleep(0.001)
        at_work -= 1

    async with working(worker):
        await scripted.do("waiting", job_type="pushed", count=1, timeout=PATIENCE, streams=means == "stream")
        keys = await scripted.add("pushed", 500)
        assert await scripted.ended(keys, PATIENCE) == []
    summary = await scripted.summary("pushed")
    assert peak == 4
    assert (summary["completions"], summary["activations"]) == (500, 500)


async def test_a_crash_in_a_process_pool_fails_only_its_own_job(scripted: Gateway) -> None:
    worker = Worker(client(scripted, "grpc"))
    worker.task("crash", execution="process", processes=2)(heavy.crashing)
    keys = await scripted.add("crash", 20, retries=1)
    async with working(worker):
        assert await scripted.ended(keys, PATIENCE) == []
    failed = [line["variables"]["n"] for line in await scripted.ledger("crash") if line["failures"]]
    assert failed == [0]


# Ends


@ways
async def test_wrong_credentials_are_raised(means: str) -> None:
    async with running(token="right") as gateway:
        worker = Worker(client(gateway, means, credentials=Bearer("wrong")))

        @worker.task("strange", stream=means == "stream")
        async def handle(job: Job) -> None: ...

        with pytest.raises(Unauthenticated):
            await asyncio.wait_for(worker.work(), PATIENCE)


@ways
async def test_a_worker_that_has_stopped_takes_no_job(scripted: Gateway, means: str) -> None:
    worker, runs = counting(scripted, means, "after")
    async with working(worker):
        await scripted.do("waiting", job_type="after", count=1, timeout=PATIENCE, streams=means == "stream")
    assert await scripted.do(
        "idle", job_type="after", timeout=1.0
    )  # a server learns of a closed stream a moment later
    await scripted.add("after", 10)
    summary = await scripted.summary("after")
    assert (summary["waiting"], summary["locked"], summary["swallowed"]) == (10, 0, 0)
    assert not runs


@ways
async def test_sigterm_leaves_no_job_locked(scripted: Gateway, means: str) -> None:
    """10 jobs are running, 10 wait for a process, 32 are on the wire."""
    address = scripted.rest if means == "rest" else scripted.grpc
    command = (sys.executable, "-m", "tests.worker.heavy", address, means)
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        await scripted.add("busy", 20)
        assert await scripted.do("activated", job_type="busy", count=20, timeout=PATIENCE) == 20
        for _ in range(10):
            assert await asyncio.wait_for(process.stdout.readline(), PATIENCE) == b"begun\n"
        assert await scripted.do(
            "waiting", job_type="wire", count=1, timeout=PATIENCE, streams=means == "stream"
        )
        late = await scripted.fault("late", "ActivateJobs", "wire", delay=1.0)
        if means == "stream":
            await scripted.add("wire", 32)
        else:
            assert await scripted.do("struck", number=late, times=1, timeout=PATIENCE) == 1
            await scripted.add("wire", 32)
            assert await scripted.do("activated", job_type="wire", count=32, timeout=PATIENCE) == 32
        process.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        await asyncio.wait_for(process.wait(), PATIENCE)
        took = time.monotonic() - asked
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    for job_type, count in (("busy", 20), ("wire", 32)):
        summary = await scripted.summary(job_type)
        assert (summary["locked"], summary["waiting"], summary["swallowed"]) == (0, count, 0), job_type
        assert all(line["retries"] == 3 for line in await scripted.ledger(job_type))
    assert took < 2.0 + 1.0 + 20.0  # the grace, a second, and a busy machine; jobs take ten minutes


@ways
async def test_handlers_that_end_around_the_grace_leave_each_job_with_one_answer(
    scripted: Gateway, means: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the handlers end in the tenth of a second before the grace does, half in the one after."""
    # A busy machine takes longer than 0.9 s to answer for all of them; what is not answered then stays locked.
    monkeypatch.setattr(shift, "_LAST_ANSWERS", PATIENCE / 2)
    grace, count = 0.5, 60
    worker, begun = Worker(client(scripted, means)), 0
    loop = asyncio.get_running_loop()
    over: asyncio.Future[float] = loop.create_future()

    @worker.task("ends", stream=means == "stream", max_jobs_active=count, timeout=600)
    async def handle(job: Job) -> None:
        nonlocal begun
        number, begun = begun, begun + 1
        await asyncio.sleep(await asyncio.shield(over) - loop.time() + (number - count / 2) / count * 0.2)

    work = asyncio.create_task(worker.work())
    await scripted.add("ends", count)
    for _ in range(2000):
        if begun == count:
            break
        await asyncio.sleep(0.01)
    assert begun == count
    over.set_result(loop.time() + grace)
    worker.stop(grace)
    await asyncio.wait_for(work, PATIENCE)
    summary = await scripted.summary("ends")
    assert (summary["locked"], summary["swallowed"]) == (0, 0)
    # Where the machine stood still, all handlers may have ended before anybody looked.
    assert summary["completions"] + summary.get("waiting", 0) == count
    assert summary["completions"] > 0
    assert all(line["retries"] == 3 for line in await scripted.ledger("ends"))
