"""A network that dies without a word: the worker finds out by itself, and is back soon."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

import bridge
from camunda_worker import Job, Worker
from tests.worker.conftest import working
from tests.worker.gateway import Server
from tests.worker.gateway.blackhole import Blackhole

#: Seconds within which jobs are handled again; and those that nothing here takes.
BACK, PATIENCE = 10.0, 40.0


@pytest.fixture
async def gateway() -> AsyncIterator[Server]:
    async with Server() as server:
        yield server


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


@pytest.mark.parametrize(
    "means", ["grpc", "stream", "rest", "grpc polls, rest answers", "rest polls, grpc answers"]
)
@pytest.mark.parametrize("slots", [1, 16])
async def test_a_worker_is_back_within_10_seconds_of_its_connections_silent_death(
    gateway: Server, means: str, slots: int
) -> None:
    async with Blackhole(port_of(gateway.grpc.address)) as grpc, Blackhole(gateway.rest.port) as rest:
        addresses: dict[str, Any] = {
            "grpc_address": f"127.0.0.1:{grpc.port}",
            "rest_address": f"http://127.0.0.1:{rest.port}",
        }
        if means in ("grpc", "stream"):
            del addresses["rest_address"]
        elif means == "rest":
            del addresses["grpc_address"]
        else:
            addresses["routes"] = (
                "grpc, CompleteJob=rest" if means.startswith("grpc") else "rest, CompleteJob=grpc"
            )
        worker, runs = Worker(bridge.AsyncClient(**addresses), grace=1), Counter[str]()

        @worker.task("half-open", timeout=60, stream=means == "stream", max_jobs_active=slots)
        async def handle(job: Job) -> None:
            runs[job.key] += 1

        loop = asyncio.get_running_loop()
        async with working(worker):
            assert await gateway.ended(await gateway.add("half-open", 5), PATIENCE) == []
            for _ in range(2):  # the connections that took their place can die as well
                grpc.swallow()
                rest.swallow()
                died = loop.time()
                await asyncio.sleep(0.2)
                # What the gateway gives to a connection that is dead is locked until its timeout: only what comes later counts.
                await gateway.waiting("half-open", 1, 0.1)
                while True:
                    keys = await gateway.add("half-open", 1)
                    if await gateway.ended(keys, 0.5) == []:
                        break
                    assert loop.time() < died + BACK, "the worker is not back"
                assert worker.health().ready
                await asyncio.sleep(0.5)
        assert max(runs.values()) == 1
