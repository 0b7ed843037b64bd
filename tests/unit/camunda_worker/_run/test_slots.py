"""What a job holds, and for how long: its slot until its handler is done, memory until it has its answer."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from typing import Any

import pytest

from camunda_core.errors import ResourceExhausted
from camunda_core.jobs import ActivatedJob, JobRequest
from camunda_worker import Job, Worker
from camunda_worker._intake import polling
from tests.fakes.job_wire import MemoryWire, until

pytestmark = pytest.mark.usefixtures("both_ways")

_JOBS = 300


class SlowWire(MemoryWire):
    """Takes completions when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()
        self.sent = 0

    async def complete(self, job: ActivatedJob, variables: str, *, timeout: float) -> None:
        self.sent += 1
        await self.open.wait()
        await super().complete(job, variables, timeout=timeout)


async def test_the_next_job_begins_while_the_gateway_takes_the_answer() -> None:
    wire = SlowWire()
    wire.put(*range(20))
    worker = Worker(wire)
    begun = 0

    @worker.task("work", max_jobs_active=3)
    async def work() -> None:
        nonlocal begun
        begun += 1

    working = asyncio.ensure_future(worker.work())
    await until(lambda: begun == 6)
    await asyncio.sleep(0.1)
    (task,) = worker.health().tasks
    # No slot is taken, and there are as many answers beyond the slots' own number as there are slots: that is the bound.
    assert (begun, task.running, task.waiting, task.answering) == (6, 0, 0, 6)
    wire.open.set()
    await until(lambda: len(wire.executed) == 20)
    worker.stop(grace=0)
    await working


async def test_a_handler_that_answers_by_hand_keeps_its_slot_until_it_is_done() -> None:
    wire = MemoryWire()
    wire.put(1, 2)
    worker = Worker(wire)
    done = asyncio.Event()
    begun: list[str] = []

    @worker.task("work", max_jobs_active=1)
    async def work(job: Job) -> None:
        begun.append(job.key)
        await job.complete()
        await done.wait()

    working = asyncio.ensure_future(worker.work())
    await until(lambda: wire.executed["complete", "1"])
    await asyncio.sleep(0.1)
    assert begun == ["1"]
    done.set()
    await until(lambda: wire.executed["complete", "2"])
    worker.stop(grace=0)
    await working


async def test_jobs_leave_nothing_to_the_garbage_collector() -> None:
    wire = MemoryWire()
    worker = Worker(wire)

    @worker.task("work")
    async def work(order: dict[str, Any], job: Job) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"paid": True}

    working = asyncio.ensure_future(worker.work())
    wire.put("first", variables={"order": {"items": []}})
    await until(lambda: len(wire.executed) == 1)
    gc.collect()
    gc.disable()
    try:
        wire.put(*range(_JOBS), variables={"order": {"items": []}})
        await until(lambda: len(wire.executed) == _JOBS + 1)
        await asyncio.sleep(0.05)
        assert gc.collect() < _JOBS / 2
    finally:
        gc.enable()
    worker.stop(grace=0)
    await working


class Busy(MemoryWire):
    """Takes a while for each answer, and knows how many were on their way when each poll came."""

    def __init__(self, refusals: int) -> None:
        super().__init__()
        self.refusals = refusals
        self.answering = 0
        self.seen: list[int] = []

    async def activate(
        self, request: JobRequest, max_jobs: int, *, wait: float, timeout: float
    ) -> Sequence[ActivatedJob]:
        if self.refusals:
            self.refusals -= 1
            raise ResourceExhausted("too many requests at once")
        self.seen.append(self.answering)
        return await super().activate(request, max_jobs, wait=wait, timeout=timeout)

    async def complete(self, job: ActivatedJob, variables: str, *, timeout: float) -> None:
        self.answering += 1
        await asyncio.sleep(0.05)
        self.answering -= 1
        await super().complete(job, variables, timeout=timeout)


async def test_a_poll_does_not_wait_for_the_answers_of_jobs_that_are_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(polling, "_LINGER", 1e6)
    monkeypatch.setattr(polling, "_LONGEST_LINGER", 1e6)
    wire = SlowWire()
    wire.put(*range(8))
    worker = Worker(wire)
    polls: list[int] = []

    @worker.task("work", max_jobs_active=4)
    async def work() -> None: ...

    activate = wire.activate

    async def noted(request: JobRequest, max_jobs: int, **more: Any) -> Sequence[ActivatedJob]:
        polls.append(wire.sent)
        return await activate(request, max_jobs, **more)

    wire.activate = noted  # type: ignore[method-assign, assignment]
    working = asyncio.ensure_future(worker.work())
    await until(lambda: wire.sent == 8)
    assert polls == [0, 4]  # the second was sent when four answers were on their way, and none was taken
    wire.open.set()
    await until(lambda: len(wire.executed) == 8)
    worker.stop(grace=0)
    await working


@pytest.mark.parametrize("refusals", [0, 1])
async def test_polls_after_a_refused_one_are_sent_when_no_answer_is_on_its_way(refusals: int) -> None:
    wire = Busy(refusals)
    wire.put(*range(40))
    worker = Worker(wire)

    @worker.task("work", max_jobs_active=8)
    async def work() -> None: ...

    working = asyncio.ensure_future(worker.work())
    await until(lambda: len(wire.executed) == 40)
    worker.stop(grace=0)
    await working
    assert len(wire.seen) >= 5
    assert (max(wire.seen[:5]) == 0) == bool(refusals)
