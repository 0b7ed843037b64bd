"""Gateways and partitions as a model, and the wire that a worker talks to them through.

What is taken from recordings of a real 8.6.0: a partition at its write limit refuses at once with
RESOURCE_EXHAUSTED, completions and activations alike, and keeps nothing waiting; a poll that found
nothing ends 0.1 to 0.6 s later than asked; a gateway that stops refuses new connections and lets
open calls end. The rest is the model's: how long a call takes, that permits of 0.1 s can be saved up,
and that whoever has no connection picks a gateway by chance, as names with several addresses do.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from camunda_core.errors import NotFound, ResourceExhausted, Unavailable
from camunda_core.jobs import ActivatedJob, JobFeed, JobRequest

__all__ = ["BIN", "Cluster", "Counts", "ModelWire"]

#: Seconds that are counted together.
BIN = 0.1
_SAVED = 0.1
_LATE = (0.1, 0.6)


@dataclass
class Counts:
    """Events by bins of ``BIN`` seconds."""

    connects: Counter[int] = field(default_factory=Counter)
    polls: Counter[int] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)
    completed: Counter[int] = field(default_factory=Counter)
    #: Commands that a partition took, completions and activations.
    written: Counter[int] = field(default_factory=Counter)


class _Partition:
    """Takes so many writes a second, and refuses the rest."""

    def __init__(self, writes: float, latency: float) -> None:
        self.writes, self.latency = writes, latency
        self.ready: deque[int] = deque()
        self._permits, self._at = 0.0, 0.0

    def write(self, now: float) -> None:
        self._permits = min(max(1.0, self.writes * _SAVED), self._permits + (now - self._at) * self.writes)
        self._at = now
        if self._permits < 1.0:
            raise ResourceExhausted("the write limit is exhausted")
        self._permits -= 1.0


class Cluster:
    """``gateways`` in front of ``partitions``, each of which takes ``writes`` commands a second.

    ``latency``: seconds of a round trip, and of a command in a partition.
    """

    def __init__(self, gateways: int, partitions: int, writes: float, latency: float = 0.004) -> None:
        self._loop = asyncio.get_running_loop()
        self.up = [True] * gateways
        self._gone = [self._loop.create_future() for _ in range(gateways)]
        self.partitions = [_Partition(writes, latency) for _ in range(partitions)]
        self.latency = latency
        self.counts = Counts()
        self.runs: Counter[int] = Counter()
        self.by_worker: Counter[str] = Counter()
        self.locked: dict[int, tuple[str, float]] = {}
        self.made = 0
        self._keys = itertools.count(1)
        self._turn: Iterator[int] = itertools.cycle(range(partitions))
        self._parked: deque[asyncio.Future[None]] = deque()

    def bin(self) -> int:
        """The number of the bin that now is in."""
        return int(self._loop.time() / BIN)

    def stop(self, gateway: int) -> None:
        """It is gone: connections break, new ones are refused."""
        self.up[gateway] = False
        self._gone[gateway].set_result(None)

    def start(self, gateway: int) -> None:
        """It is there again."""
        self.up[gateway] = True
        self._gone[gateway] = self._loop.create_future()

    def gone(self, gateway: int) -> asyncio.Future[None]:
        """Done once the gateway, as it is now, has stopped."""
        return self._gone[gateway]

    def put(self, count: int) -> None:
        """So many jobs become available, spread over the partitions."""
        self.made += count
        for _ in range(count):
            self.partitions[next(self._turn)].ready.append(next(self._keys))
        for _ in range(min(count, len(self._parked))):
            parked = self._parked.popleft()
            if not parked.done():
                parked.set_result(None)

    def expire(self) -> None:
        """Jobs whose lock is over become available again."""
        now = self._loop.time()
        for key, (_, until) in list(self.locked.items()):
            if until <= now:
                del self.locked[key]
                self._of(key).ready.append(key)

    def _of(self, key: int) -> _Partition:
        return self.partitions[(key - 1) % len(self.partitions)]

    async def activate(self, worker: str, most: int, wait: float, lock: float) -> list[int]:
        """Keys of jobs, now locked."""
        until = self._loop.time() + wait + random.uniform(*_LATE)
        self.counts.polls[self.bin()] += 1
        while True:
            taken: list[int] = []
            refused = asked = 0
            first = random.randrange(len(self.partitions))
            for partition in (*self.partitions[first:], *self.partitions[:first]):
                if not partition.ready or len(taken) >= most:
                    continue
                asked += 1
                await asyncio.sleep(partition.latency)
                try:
                    partition.write(self._loop.time())
                except ResourceExhausted:
                    refused += 1
                    continue
                self.counts.written[self.bin()] += 1
                while partition.ready and len(taken) < most:
                    key = partition.ready.popleft()
                    self.locked[key] = (worker, self._loop.time() + lock)
                    taken.append(key)
            if taken:
                return taken
            if refused == asked and refused:
                self.counts.refused[self.bin()] += 1
                raise ResourceExhausted("at least one broker returned 'RESOURCE_EXHAUSTED'")
            left = until - self._loop.time()
            if left <= 0 or not wait:
                return []
            parked = self._loop.create_future()
            self._parked.append(parked)
            await asyncio.wait((parked,), timeout=left)
            if not parked.done():
                parked.cancel()

    async def complete(self, worker: str, key: int) -> None:
        """The job is done, if it is still this worker's."""
        partition = self._of(key)
        await asyncio.sleep(partition.latency)
        try:
            partition.write(self._loop.time())
        except ResourceExhausted:
            self.counts.refused[self.bin()] += 1
            raise
        self.counts.written[self.bin()] += 1
        if self.locked.get(key, ("",))[0] != worker:
            raise NotFound("no such job")
        del self.locked[key]
        self.counts.completed[self.bin()] += 1
        self.by_worker[worker] += 1


class ModelWire:
    """The wire of one worker: a connection to one gateway, until that goes."""

    name = "model"
    pushes = False
    cancels = True

    def __init__(self, cluster: Cluster, worker: str) -> None:
        self._cluster = cluster
        self._worker = worker
        self._gateway: int | None = None

    def job_wire(self) -> ModelWire:
        return self

    def of(self, job_type: str) -> ModelWire:
        return self

    async def _connected(self) -> asyncio.Future[None]:
        """Connects if need be; what is done once the connection breaks."""
        cluster = self._cluster
        if self._gateway is None or not cluster.up[self._gateway]:
            cluster.counts.connects[cluster.bin()] += 1
            chosen = random.randrange(len(cluster.up))
            await asyncio.sleep(cluster.latency / 2)
            if not cluster.up[chosen]:
                self._gateway = None
                raise Unavailable("connection refused", sent=False)
            self._gateway = chosen
        return cluster.gone(self._gateway)

    async def activate(
        self, request: JobRequest, max_jobs: int, *, wait: float, timeout: float
    ) -> Sequence[ActivatedJob]:
        gone = await self._connected()
        loop = asyncio.get_running_loop()
        asking = loop.create_task(
            self._cluster.activate(self._worker, max_jobs, wait, request.timeout), name="poll"
        )
        await asyncio.wait((asking, gone), return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            asking.cancel()
            raise Unavailable("connection lost", answered=False)
        return [ActivatedJob(job_key=str(key), type=request.type, retries=3) for key in asking.result()]

    async def complete(self, job: ActivatedJob, variables: str, *, timeout: float) -> None:
        gone = await self._connected()
        await self._cluster.complete(self._worker, int(job.job_key))
        await asyncio.sleep(self._cluster.latency / 2)
        if gone.done():
            raise Unavailable("connection lost", answered=False)  # it was executed, and nobody knows

    async def fail(
        self, job: ActivatedJob, *, retries: int, message: str, backoff: float, variables: str, timeout: float
    ) -> None:
        raise NotImplementedError("nothing fails here")

    async def throw_error(
        self, job: ActivatedJob, *, code: str, message: str, variables: str, timeout: float
    ) -> None:
        raise NotImplementedError("nothing fails here")

    async def extend(self, job: ActivatedJob, seconds: float, *, timeout: float) -> None:
        raise NotImplementedError("no handler takes that long")

    async def stream(self, request: JobRequest) -> JobFeed:
        raise NotImplementedError("this wire does not push")

    def reconnect(self, since: float) -> None:
        self._gateway = None

    async def close(self) -> None:
        self._gateway = None
