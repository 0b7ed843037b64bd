"""The workers of a fleet, what happens to their gateways, and what is counted."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from benchmarks.fleet.clock import on_a_grid
from benchmarks.fleet.model import BIN, Cluster, Counts, ModelWire
from camunda_worker import Job, Worker
from tests.fakes.clock import in_virtual_time

__all__ = ["Course", "Happening", "Setting", "jain", "simulated"]

#: What happens to the cluster while the fleet works.
Happening = Callable[[Cluster], Awaitable[None]]
_WARM_UP = 5.0


@dataclass(frozen=True)
class Setting:
    """``load``: jobs that become available a second; 0 is more than anybody can do. Times are seconds.

    ``writes``: commands a second and partition. ``noisy``: slots of the first worker, if not ``slots``.
    ``grid``: moments are multiples of this, which computes sooner; 0 is any moment.
    """

    workers: int = 2000
    gateways: int = 3
    partitions: int = 4
    writes: float = 500.0
    load: float = 0.0
    slots: int = 32
    noisy: int = 0
    handler: float = 0.1
    lock: float = 60.0
    seconds: float = 40.0
    grid: float = 0.0


@dataclass
class Course:
    """What came of it. ``begun`` is the first second that counts: before, workers start, spread over 2 s."""

    setting: Setting
    counts: Counts
    by_worker: list[int]
    made: int
    completed: int
    repeated: int
    locked: int
    took: float
    begun: float = _WARM_UP
    marks: dict[str, float] = field(default_factory=dict)

    def per_second(self, what: str) -> list[tuple[float, float]]:
        """Moments (s) and rates (1/s) of "connects", "polls", "refused" or "completed"."""
        counted = getattr(self.counts, what)
        return [(each * BIN, counted[each] / BIN) for each in range(int(self.setting.seconds / BIN))]

    def peak(self, what: str, since: float, until: float) -> float:
        """The most in one bin, as a rate (1/s)."""
        return max((rate for at, rate in self.per_second(what) if since <= at < until), default=0.0)

    def mean(self, what: str, since: float, until: float) -> float:
        """The mean rate (1/s)."""
        rates = [rate for at, rate in self.per_second(what) if since <= at < until]
        return sum(rates) / len(rates) if rates else 0.0


def jain(shares: list[int]) -> float:
    """Jain's index: 1 where all have the same, 1/n where one has all."""
    squares = sum(each * each for each in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares else 0.0


async def _fed(cluster: Cluster, setting: Setting) -> None:
    """Jobs come: at a rate, or so that there are always enough."""
    rest = 0.0
    while True:
        if setting.load:
            rest += setting.load * BIN / 2
            cluster.put(int(rest))
            rest -= int(rest)
        else:
            waiting = min(len(each.ready) for each in cluster.partitions)
            if waiting < 5000:
                cluster.put(5000 * len(cluster.partitions))
        cluster.expire()
        await asyncio.sleep(BIN / 2)


async def _worked(cluster: Cluster, setting: Setting, number: int) -> None:
    name = f"w{number}"
    worker = Worker(ModelWire(cluster, name), name=name, grace=0)
    slots = setting.noisy if setting.noisy and number == 0 else setting.slots

    @worker.task("work", timeout=setting.lock, max_jobs_active=slots)
    async def work(job: Job) -> None:
        cluster.runs[int(job.key)] += 1
        await asyncio.sleep(setting.handler * random.uniform(0.5, 1.5))

    await asyncio.sleep(random.uniform(0.0, 2.0))
    await worker.work()


def simulated(setting: Setting, happening: Happening | None = None, seed: int = 1) -> Course:
    """Runs it. The same seed gives the same course."""

    async def run() -> Course:
        random.seed(seed)
        cluster = Cluster(setting.gateways, setting.partitions, setting.writes)
        began = time.process_time()
        tasks = [asyncio.ensure_future(_fed(cluster, setting))]
        tasks += [asyncio.ensure_future(_worked(cluster, setting, each)) for each in range(setting.workers)]
        if happening is not None:
            tasks.append(asyncio.ensure_future(happening(cluster)))
        await asyncio.sleep(_WARM_UP)
        before = dict(cluster.by_worker)
        await asyncio.sleep(setting.seconds - _WARM_UP)
        for each in tasks:
            if each.done() and not each.cancelled() and (error := each.exception()) is not None:
                raise error
        names = [f"w{each}" for each in range(setting.workers)]
        course = Course(
            setting,
            cluster.counts,
            [cluster.by_worker[each] - before.get(each, 0) for each in names],
            cluster.made,
            sum(cluster.by_worker.values()),
            sum(count - 1 for count in cluster.runs.values() if count > 1),
            len(cluster.locked),
            time.process_time() - began,
        )
        for each in tasks:
            each.cancel()
        await asyncio.wait(tasks)
        return course

    log = logging.getLogger("camunda_worker")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        return on_a_grid(run(), setting.grid) if setting.grid else in_virtual_time(run)()
    finally:
        log.setLevel(level)
