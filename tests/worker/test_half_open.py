"""A network that dies without a word: the worker finds out by itself, and is back soon."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

import bridge
from camunda_worker import Job, Worker
from tests.fakes.gateway import Server
from tests.fakes.gateway.blackhole import Blackhole
from tests.worker.conftest import eventually, working

#: Seconds within which jobs are handled again, on a machine that has time; and those that nothing here takes.
BACK, PATIENCE = 10.0, 40.0


class Late:
    """How many seconds the loop is late in all, since the machine is busy."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._task = asyncio.ensure_future(self._watch())

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + 0.02
            await asyncio.sleep(0.02)
            self.seconds += loop.time() - due

    def end(self) -> float:
        self._task.cancel()
        return self.seconds


@pytest.fixture
async def gateway() -> AsyncIterator[Server]:
    async with Server() as server:
        yield server


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


ROUTES = {
    "gRPC polls": "grpc",
    "gRPC stream": "grpc",
    "REST": "rest",
    "gRPC polls, REST answers": "grpc, CompleteJob=rest",
    "REST polls, gRPC answers": "rest, CompleteJob=grpc",
}


async def back_after(gateway: Server, means: str, slots: int) -> list[float]:
    """Seconds from the silent death of all connections of a worker until a job is done again, twice."""
    job_type = f"{means}, {slots} slots"
    async with Blackhole(port_of(gateway.grpc.address)) as grpc, Blackhole(gateway.rest.port) as rest:
        client = bridge.AsyncClient(
            grpc_address=f"127.0.0.1:{grpc.port}",
            rest_address=f"http://127.0.0.1:{rest.port}",
            routes=ROUTES[means],
        )
        worker, runs, found = Worker(client, grace=1), Counter[str](), []

        @worker.task(job_type, timeout=60, stream="stream" in means, max_jobs_active=slots)
        async def handle(job: Job) -> None:
            runs[job.key] += 1

        loop = asyncio.get_running_loop()
        async with working(worker):
            assert await gateway.ended(await gateway.add(job_type, 5), PATIENCE) == []
            for _ in range(2):  # the connections that took their place can die as well
                grpc.swallow()
                rest.swallow()
                died = loop.time()
                # What the gateway gives to a connection that is dead is locked until its timeout: what comes later counts.
                while await gateway.ended(await gateway.add(job_type, 1), 0.5):
                    assert loop.time() < died + PATIENCE
                found.append(loop.time() - died)
            await eventually(lambda: worker.health().ready, "it is not ready")
        assert max(runs.values()) == 1
    return found


async def test_a_worker_is_back_within_10_seconds_of_its_connections_silent_death(gateway: Server) -> None:
    ways = [(means, slots) for means in ROUTES for slots in (1, 16)]
    machine = Late()
    found = await asyncio.gather(*(back_after(gateway, *way) for way in ways))
    within = BACK + machine.end()
    late = {way: times for way, times in zip(ways, found, strict=True) if max(times) > within}
    assert not late, within
