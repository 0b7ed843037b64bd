"""Very many calls at once on one client: each is answered, and what they needed does not grow, and is gone in the end."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import bridge
from camunda_grpc import gateway_pb2 as pb
from tests.fakes.grpc import Answer, ScriptedGateway
from tests.faults.program import Program

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="what a process needs is read from /proc"),
]

THREADS, CALLS_OF_EACH, TASKS = 200, 20, 10_000
#: Seconds for a call that may have to wait for all the others.
PATIENCE = 240.0


@dataclass
class Needs:
    """What this process has open: ``threads`` are those of grpcio too."""

    descriptors: int
    threads: int
    memory: int

    @classmethod
    def now(cls) -> Needs:
        gc.collect()
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return cls(len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task")), resident)


def settled(before: Needs, descriptors: int, threads: int) -> Needs:
    """What is needed once connections and threads that end have ended: at most so many more than before."""
    end = time.monotonic() + 60
    while True:
        found = Needs.now()
        few = found.descriptors <= before.descriptors + descriptors
        if few and found.threads <= before.threads + threads:
            return found
        assert time.monotonic() < end, (before, found)
        time.sleep(0.1)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    made = Program(tmp_path)
    yield made
    made.end()


@pytest.fixture(params=["grpc", "rest"])
def arguments(request: pytest.FixtureRequest, program: Program) -> dict[str, Any]:
    return {**program.addresses, "transport": request.param, "env": {}, "timeout": PATIENCE}


def in_threads(client: bridge.Client) -> int:
    """How many calls were answered, of all that the threads make at once."""
    answered: list[str] = []
    together = threading.Barrier(THREADS)

    def call() -> None:
        together.wait(60)
        for _ in range(CALLS_OF_EACH):
            answered.append(client.topology().gateway_version)

    threads = [threading.Thread(target=call) for _ in range(THREADS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(PATIENCE)
    return len(answered)


async def in_tasks(client: bridge.AsyncClient) -> int:
    found = await asyncio.gather(*(client.topology() for _ in range(TASKS)))
    return len([each.gateway_version for each in found])


@pytest.mark.timeout(600)
def test_two_hundred_threads(arguments: dict[str, Any]) -> None:
    before = Needs.now()
    with bridge.Client(**arguments) as client:
        assert in_threads(client) == THREADS * CALLS_OF_EACH
        # 64 connections of REST are kept; grpcio has threads of its own.
        first = settled(before, descriptors=64 + 32, threads=16)
        for _ in range(2):
            assert in_threads(client) == THREADS * CALLS_OF_EACH
        last = settled(first, descriptors=8, threads=4)
        assert last.memory - first.memory < 16_000_000
    settled(before, descriptors=8, threads=16)


@pytest.mark.timeout(600)
async def test_ten_thousand_tasks(arguments: dict[str, Any]) -> None:
    before = Needs.now()
    async with bridge.AsyncClient(**arguments) as client:
        assert await in_tasks(client) == TASKS
        first = Needs.now()
        connections = 256 if arguments["transport"] == "rest" else 1
        assert first.descriptors <= before.descriptors + connections + 32, "no more connections than that"
        assert await in_tasks(client) == TASKS
        last = await asyncio.to_thread(settled, first, 8, 4)
        assert last.memory - first.memory < 32_000_000
    await asyncio.to_thread(settled, before, 8, 16)


@pytest.mark.default_engine("the fast one opens another connection for them")
def test_calls_beyond_what_a_grpc_connection_carries_wait_for_their_turn() -> None:
    gateway = ScriptedGateway(options=[("grpc.max_concurrent_streams", 100)])
    gateway.script["Topology"] = [Answer((pb.TopologyResponse(gatewayVersion="8.6.0"),))]
    arguments: Any = {"grpc_address": gateway.address, "transport": "grpc", "env": {}, "timeout": PATIENCE}
    try:
        with bridge.Client(**arguments) as client:
            assert in_threads(client) == THREADS * CALLS_OF_EACH
        peers = {call.peer for call in gateway.calls}
    finally:
        gateway.stop()
    assert len(peers) == 1, "over one connection"
