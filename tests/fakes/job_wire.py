"""A wire with one gateway's memory behind it, whose calls fail as a test says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from camunda_core.errors import CamundaError, Cancelled, NotFound, Unknown
from camunda_core.jobs import ActivatedJob, JobFeed, JobRequest

#: What a call may do: succeed (None), fail before it is executed, or be executed and its answer be lost.
Fault = CamundaError | None


class MemoryWire:
    """Jobs in memory. ``faults(call, job key)`` gives what befalls a call.

    A fault that was ``sent`` and not ``answered`` was executed.
    """

    name = "memory"
    pushes = False
    cancels = True

    def __init__(self, faults: Callable[[str, str], Fault] = lambda call, key: None) -> None:
        self._faults = faults
        self.waiting: list[ActivatedJob] = []
        self.locked: dict[str, ActivatedJob] = {}
        self.executed: Counter[tuple[str, str]] = Counter()
        self.calls: Counter[str] = Counter()
        self.last: dict[str, dict[str, Any]] = {}
        self.said: dict[str, Any] = {}
        self.closed = False
        self.reconnected: list[float] = []

    def job_wire(self) -> MemoryWire:
        return self

    def of(self, job_type: str) -> MemoryWire:
        return self

    def put(self, *keys: object, **fields: Any) -> None:
        """Adds jobs."""
        for key in keys:
            self.waiting.append(ActivatedJob(job_key=str(key), **{"type": "work", "retries": 3, **fields}))

    async def activate(
        self, request: JobRequest, max_jobs: int, *, wait: float, timeout: float
    ) -> Sequence[ActivatedJob]:
        self._fail("activate", "")
        until = asyncio.get_running_loop().time() + wait
        while True:
            jobs = [job for job in self.waiting if job.type == request.type][:max_jobs]
            if jobs or asyncio.get_running_loop().time() >= until:
                break
            await asyncio.sleep(0.005)
        self.waiting = [job for job in self.waiting if job not in jobs]
        self.locked.update((job.job_key, job) for job in jobs)
        return jobs

    async def stream(self, request: JobRequest) -> JobFeed:
        raise NotImplementedError

    async def complete(self, job: ActivatedJob, variables: str, *, timeout: float) -> None:
        self._answer("complete", job, variables=variables)

    async def fail(
        self, job: ActivatedJob, *, retries: int, message: str, backoff: float, variables: str, timeout: float
    ) -> None:
        self._answer("fail", job, retries=retries, message=message, backoff=backoff, variables=variables)

    async def throw_error(
        self, job: ActivatedJob, *, code: str, message: str, variables: str, timeout: float
    ) -> None:
        self._answer("throw", job, code=code, message=message, variables=variables)

    async def extend(self, job: ActivatedJob, seconds: float, *, timeout: float) -> None:
        self._fail("extend", job.job_key)

    def reconnect(self, since: float) -> None:
        self.reconnected.append(since)

    async def close(self) -> None:
        self.closed = True

    def _answer(self, call: str, job: ActivatedJob, **said: Any) -> None:
        self.calls[job.job_key] += 1
        self.said = said
        fault = self._faults(call, job.job_key)
        if fault is not None and (fault.answered or not fault.sent):
            raise fault
        if self.locked.pop(job.job_key, None) is None:
            raise NotFound("no such job")
        self.executed[call, job.job_key] += 1
        self.last[job.job_key] = {"call": call, **said}
        if fault is not None:
            raise fault

    def _fail(self, call: str, key: str) -> None:
        fault = self._faults(call, key)
        if fault is not None:
            raise fault


def begin_completing(
    self: MemoryWire,
    job: ActivatedJob,
    variables: str,
    *,
    timeout: float,
    ended: Callable[[CamundaError | None], None],
) -> asyncio.Task[None]:
    """``complete`` as nobody awaits it: what a ``MemoryWire`` may be given as its ``begin_completing``."""

    def done(task: asyncio.Task[None]) -> None:
        if task.cancelled():
            ended(Cancelled("it was cancelled", answered=False))
            return
        error = task.exception()
        ended(
            error
            if error is None or isinstance(error, CamundaError)
            else Unknown(repr(error), answered=False)
        )

    task = asyncio.ensure_future(self.complete(job, variables, timeout=timeout))
    task.add_done_callback(done)
    return task


async def until(condition: Any) -> None:
    """Waits for what must become true soon."""
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come true within 10 s")
