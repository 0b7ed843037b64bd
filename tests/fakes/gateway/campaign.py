"""Isolated faults, one after the other, with good answers between them: how soon does a job run that waits at each?"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fakes.gateway.server import Server

__all__ = ["Outcome", "isolated_faults"]

#: Seconds after which both sides know that a connection has been cut. Before, a server would give the next job to it. Where a
#: completion was cut off the poll beside it was too, and nobody but the server's own transport sees when that is noticed.
_NOTICED, _NOTICED_BESIDE = 0.02, 0.1
_CUTTING = ("lost", "reset", "goaway", "rst")


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
    server: Server,
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
    while not outcome.dead and len(outcome.waits) < times and time.monotonic() < began + budget:
        rule = None
        if operation == "CompleteJob":
            rule = await server.fault(kind, operation, job_type)
            struck = time.monotonic()
        else:
            if not await server.waiting(job_type, 1, patience, streams=streams):
                outcome.dead = "no stream" if streams else "no poll"
                break
            await (server.end_streams if streams else server.strike)(job_type, kind)
            struck = time.monotonic()
            await asyncio.sleep(_NOTICED)
        if await server.ended(await server.add(job_type), patience):
            outcome.dead = "no answer"
            break
        outcome.waits.append(time.monotonic() - struck)
        if rule is not None:
            await asyncio.sleep(_NOTICED_BESIDE if kind in _CUTTING else _NOTICED)
            assert await server.drop(rule) == 1
        if streams:  # the next fault is an isolated one only when the stream has brought a job meanwhile
            if not await server.waiting(job_type, 1, patience, streams=True):
                outcome.dead = "no stream"
            elif await server.ended(await server.add(job_type), patience):
                outcome.dead = "no answer"
    return outcome
