"""Isolated faults, one after the other, with good answers between them: how soon does a job run that waits at each?"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from tests.worker.gateway.process import Gateway

__all__ = ["Outcome", "isolated_faults"]


@dataclass
class Outcome:
    """``waits``: seconds from each fault until the job that waited was over. ``dead``: why there were no more faults."""

    kind: str
    waits: list[float] = field(default_factory=list)
    dead: str = ""

    def within(self, limit: float) -> int:
        return sum(wait <= limit for wait in self.waits)

    @property
    def worst(self) -> float:
        return max(self.waits, default=0.0)


async def isolated_faults(
    gateway: Gateway,
    job_type: str,
    kind: str,
    times: int,
    *,
    operation: str = "ActivateJobs",
    patience: float = 30.0,
    budget: float = 600.0,
) -> Outcome:
    """Lets a fault of one kind meet the worker's poll (stream, completion), again and again.

    Polls and streams are hit while they wait; then a job is created, and the next fault comes when it is done and the worker waits
    again. ``patience``: seconds after which the worker counts as dead; ``budget``: seconds after which there are no more faults.
    """
    outcome, began = Outcome(kind), time.monotonic()
    streams = operation == "StreamActivatedJobs"
    while len(outcome.waits) < times and time.monotonic() < began + budget:
        if operation == "CompleteJob":
            rule = await gateway.fault(kind, operation, job_type)
        else:
            waiting = await gateway.do(
                "waiting", job_type=job_type, count=1, timeout=patience, streams=streams
            )
            if not waiting:
                outcome.dead = "no stream" if streams else "no poll"
                break
            await gateway.do("end_streams" if streams else "strike", job_type=job_type, kind=kind)
        struck = time.monotonic()
        left = await gateway.ended(await gateway.add(job_type), patience)
        if left:
            outcome.dead = "no answer"
            break
        outcome.waits.append(time.monotonic() - struck)
        if streams:  # the next fault is an isolated one only when the stream has brought a job meanwhile
            if not await gateway.do("waiting", job_type=job_type, count=1, timeout=patience, streams=True):
                outcome.dead = "no stream"
                break
            await gateway.ended(await gateway.add(job_type), patience)
        if operation == "CompleteJob":
            assert await gateway.do("drop", number=rule) == 1
    return outcome
