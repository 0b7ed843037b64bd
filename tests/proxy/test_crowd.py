"""Many that wait at one proxy, in a process of its own: calls are answered meanwhile, all end, and nothing grows."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import grpc.aio
import pytest
from aiohttp import web

from benchmarks.gateway import job
from benchmarks.proxy import proxying
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from tests.proxy.test_attacks import TOPOLOGY
from tests.proxy.test_proxy import PATIENCE, activation, until

POLLS, STREAMS, ROUNDS = 1000, 50, 4
#: What waits needs two here, the cluster's end and, in the proxy, the other.
NEEDED = POLLS + STREAMS + 500
#: So many KiB may a process grow after the first round, of what Python and grpc keep for themselves.
SLACK = 40 * 1024
#: Milliseconds that a poll may wait; what ends it sooner is a job.
WAIT = 600_000


@contextmanager
def room() -> Iterator[None]:
    """Descriptors, as many as the hard limit allows; skips where that is not enough."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = NEEDED if hard == resource.RLIM_INFINITY else min(NEEDED, hard)
    if wanted < NEEDED:
        pytest.skip(f"{NEEDED} descriptors are needed, and the hard limit is {hard}")
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Cluster:
    """A cluster of REST: a poll waits as long as it asks for, and once there are jobs, each gets one; streams get none."""

    def __init__(self) -> None:
        self.waiting = 0
        self.there = asyncio.Event()
        self._keys = count(1)

    async def activation(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.waiting += 1
        try:
            there = self.there if asked["type"] == "work" else asyncio.Event()
            await asyncio.wait_for(there.wait(), asked["requestTimeout"] / 1000)
            return web.json_response({"jobs": [job(next(self._keys))]})
        except asyncio.TimeoutError:
            return web.json_response({"jobs": []})
        finally:
            self.waiting -= 1

    async def topology(self, request: web.Request) -> web.Response:
        return web.json_response(TOPOLOGY)


def _status(process: int, name: str) -> int:
    (found,) = re.findall(rf"{name}:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    return int(found)


def _descriptors(process: int) -> int:
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


async def reached(
    wanted: Any, count: Callable[[], Awaitable[Any]], of: Sequence[asyncio.Future[Any]] = ()
) -> None:
    """Waits for that count as long as it changes, however long a busy machine takes for it. ``of`` are
    calls that should wait meanwhile: what one ended with is said.
    """
    loop = asyncio.get_running_loop()
    before, since = None, loop.time()
    while (found := await count()) != wanted:
        if found != before:
            before, since = found, loop.time()
        assert not [each.result() for each in of if each.done()]
        assert loop.time() - since < PATIENCE, f"{found}, and not {wanted}"
        await asyncio.sleep(0.05)


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
async def test_a_thousand_polls_and_fifty_streams_starve_no_call_and_leave_nothing() -> None:
    with room():
        cluster = Cluster()
        app = web.Application()
        app.add_routes(
            [
                web.post("/v2/jobs/activation", cluster.activation),
                web.get("/v2/topology", cluster.topology),
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0, backlog=2048).start()
            rest = f"http://127.0.0.1:{runner.addresses[0][1]}"
            with proxying(rest, "--page", "127.0.0.1:0") as running:
                await _crowds(cluster, running)
        finally:
            await runner.cleanup()


async def _crowds(cluster: Cluster, proxy: tuple[str, str, int]) -> None:
    address, page, process = proxy
    async with aiohttp.ClientSession(page) as pages:

        async def waiting() -> tuple[int, int]:
            async with pages.get("/metrics") as metrics:
                text = await metrics.text()
            found = dict(re.findall(r'camunda_proxy_in_flight{kind="(\w+)"} ([0-9.]+)', text))
            return int(float(found["polls"])), int(float(found["streams"]))

        sizes = []
        for _ in range(ROUNDS):
            cluster.there.clear()
            # Of one channel grpcio ends a call as cancelled that begins while many others are being cancelled.
            options = (("grpc.use_local_subchannel_pool", 1),)
            async with grpc.aio.insecure_channel(address, options=options) as channel:
                await _one_crowd(cluster, stubs.GatewayStub(channel), waiting)
            await reached((0, 0), waiting)
            await until(lambda: cluster.waiting == 0)
            sizes.append((_status(process, "VmRSS"), _descriptors(process)))
    print("RSS (KiB) and descriptors by round:", sizes)
    assert sizes[-1][0] <= sizes[0][0] + SLACK, sizes
    assert sizes[-1][1] <= POLLS + STREAMS + 100, "more than one round needs at once"


async def _one_crowd(cluster: Cluster, stub: Any, waiting: Callable[[], Awaitable[tuple[int, int]]]) -> None:
    request = pb.StreamActivatedJobsRequest(type="other", worker="w", timeout=60_000)
    calls = [stub.ActivateJobs(activation(requestTimeout=WAIT)) for _ in range(POLLS)]
    polls = [asyncio.ensure_future(call.read()) for call in calls]
    # Of a thousand calls and more that begin at once grpcio ends one as cancelled now and then (Python 3.12),
    # before the proxy has seen it.
    await reached((POLLS, 0), waiting, polls)
    streams = [stub.StreamActivatedJobs(request) for _ in range(STREAMS)]
    reading = [asyncio.ensure_future(stream.read()) for stream in streams]
    await reached((POLLS, STREAMS), waiting, [*polls, *reading])
    for _ in range(20):
        assert (await stub.Topology(pb.TopologyRequest(), timeout=PATIENCE)).clusterSize == 1
    assert await waiting() == (POLLS, STREAMS)
    assert not any(each.done() for each in (*polls, *reading))
    cluster.there.set()

    async def answered() -> int:
        return sum(each.done() for each in polls)

    await reached(POLLS, answered)
    answers = await asyncio.gather(*polls)
    assert len({each.key for answer in answers for each in answer.jobs}) == POLLS
    for stream in streams:
        stream.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
