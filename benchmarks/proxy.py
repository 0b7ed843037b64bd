"""What the proxy adds to a call, and how many jobs go through it. Wall clock: the work is in another process than the calls.

The REST gateway is the one of all benchmarks, in a process of its own; the proxy is ``camunda-bridge proxy``, in another. Where the
machine has two cores all three share them, as they would where nothing is pinned.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import grpc
import grpc.aio

import bridge
from benchmarks.calls import event_loop, message
from benchmarks.gateway import ROOT, Addresses
from benchmarks.measure import AT_ONCE, Contender, Effort, Goal, Table, compare
from camunda_grpc import gateway_pb2, gateway_pb2_grpc

__all__ = ["proxy", "proxying"]

DIRECT, THROUGH = "bridge.channel, REST", "raw stub, through the proxy"
ADDED, MOST = "what the proxy adds", "what it may add"
#: That is, in microseconds, at the median.
_MOST = 2000.0
_JOBS = 32
_PATIENCE = 10.0


@contextmanager
def proxying(rest: str, *options: str) -> Iterator[tuple[str, str, int]]:
    """``camunda-bridge proxy`` in front of ``rest``, in a process of its own: where it listens, its page, its process id."""
    command = [
        *(sys.executable, "-m", "bridge", "--json", "proxy"),
        *("--listen", "127.0.0.1:0", "--rest", rest, "--grace", "0s", *options),
    ]
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("CAMUNDA_", "ZEEBE_"))}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=plain) as process:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(process.pid, range(os.cpu_count() or 1))  # not only where the caller is
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            yield said["grpc"], said["page"] or "", process.pid
        finally:
            process.terminate()
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def proxy(addresses: Addresses, effort: Effort) -> list[Table]:
    """A call directly and through the proxy; jobs taken by polls and completed, the same two ways."""
    with (
        proxying(addresses.rest) as (address, _, _),
        event_loop() as loop,
        bridge.channel(addresses.rest) as direct,
        grpc.insecure_channel(address) as through,
    ):
        calls = Table(
            "A call through the proxy", "µs a call", (DIRECT, MOST), [Goal("G16", ADDED, MOST, 1.0)]
        )
        compare(
            calls,
            [Contender(DIRECT, _calls(direct), 300), Contender(THROUGH, _calls(through), 300)],
            effort,
        )
        calls.figures[ADDED] = [
            longer - shorter
            for longer, shorter in zip(calls.figures[THROUGH], calls.figures[DIRECT], strict=True)
        ]
        calls.figures[MOST] = [_MOST] * effort.rounds

        async def opened() -> tuple[Any, Any]:
            return bridge.aio_channel(addresses.rest), grpc.aio.insecure_channel(address)

        jobs = Table(f"Jobs by polls of {_JOBS}, {AT_ONCE} completed at once", "µs a job", (DIRECT,))
        channels = loop.run_until_complete(opened())
        contenders = [
            Contender(name, _timed(loop, _batch(gateway_pb2_grpc.GatewayStub(channel))), 10, _JOBS)
            for name, channel in zip((DIRECT, THROUGH), channels, strict=True)
        ]
        compare(jobs, contenders, effort)
        for channel in channels:
            loop.run_until_complete(channel.close())
    return [calls, jobs]


def _calls(channel: Any) -> Callable[[int], float]:
    """As many calls as if each had taken the median."""
    create, request = gateway_pb2_grpc.GatewayStub(channel).CreateProcessInstance, message()

    def run(count: int) -> float:
        took = []
        for _ in range(count):
            began = time.perf_counter()
            create(request)
            took.append(time.perf_counter() - began)
        return median(took) * count

    return run


def _batch(stub: Any) -> Callable[[], Awaitable[None]]:
    request = gateway_pb2.ActivateJobsRequest(
        type="charge", worker="benchmark", timeout=60_000, maxJobsToActivate=_JOBS, requestTimeout=1000
    )

    async def complete(key: int) -> None:
        await stub.CompleteJob(gateway_pb2.CompleteJobRequest(jobKey=key), timeout=_PATIENCE)

    async def batch() -> None:
        jobs = [job.key async for part in stub.ActivateJobs(request, timeout=_PATIENCE) for job in part.jobs]
        assert len(jobs) == _JOBS
        await asyncio.gather(*map(complete, jobs))

    return batch


def _timed(loop: asyncio.AbstractEventLoop, batch: Callable[[], Awaitable[None]]) -> Callable[[int], float]:
    async def one_by_one(count: int) -> None:
        for _ in range(count):
            await batch()

    def run(count: int) -> float:
        began = time.perf_counter()
        loop.run_until_complete(one_by_one(count))
        return time.perf_counter() - began

    return run
