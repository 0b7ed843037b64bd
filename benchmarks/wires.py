"""What a job costs a worker before any handler: taken in a batch, its variables parsed, and completed beside the others."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio

import camunda_grpc
from benchmarks.calls import RAW, event_loop, message
from benchmarks.gateway import Addresses
from benchmarks.measure import Contender, Effort, Goal, Table, compare, repeated
from camunda_core.jobs import JobRequest, JobWire
from camunda_grpc import gateway_pb2, gateway_pb2_grpc
from camunda_grpc._job_wire import GrpcJobWire
from camunda_rest import AsyncRestClient
from camunda_rest._job_wire import RestJobWire

__all__ = ["batches", "through", "wires"]

_RAW_CALL = 119.0
_COUNTS = (32, 100)
_BARE = "raw stub, asyncio, and json.loads"
_RESULT = '{"paid":true}'


def wires(addresses: Addresses, effort: Effort) -> list[Table]:
    """Both job wires beside a raw stub that does the same."""
    tables = []
    with event_loop() as loop, grpc.insecure_channel(addresses.grpc) as caller:
        one_call, creation = gateway_pb2_grpc.GatewayStub(caller).CreateProcessInstance, message()

        async def opened() -> tuple[grpc.aio.Channel, GrpcJobWire, RestJobWire]:
            return (
                grpc.aio.insecure_channel(addresses.grpc),
                camunda_grpc.aio_channel(addresses.grpc).job_wire(),
                AsyncRestClient(addresses.rest).job_wire(),
            )

        raw, native, rest = loop.run_until_complete(opened())
        for count in _COUNTS:
            ways = {
                _BARE: _bare(gateway_pb2_grpc.GatewayStub(raw), count),
                "job wire over gRPC": through(native, count),
                "job wire over REST": through(rest, count),
            }
            contenders = [
                Contender(name, batches(loop, way), max(1, 400 // count), count) for name, way in ways.items()
            ]
            contenders.append(Contender(RAW, repeated(lambda: one_call(creation))))
            goal = Goal("G4", "job wire over gRPC", RAW, 65 / _RAW_CALL)
            title = f"Jobs activated and completed, batches of {count}"
            tables.append(compare(Table(title, "µs a job", (_BARE, RAW), [goal]), contenders, effort))
        for closing in (raw.close(), native.close(), rest.close()):
            loop.run_until_complete(closing)
    return tables


def through(wire: JobWire, count: int) -> Callable[[], Awaitable[None]]:
    """A batch of jobs taken and completed over a wire."""
    request = JobRequest("charge", "benchmark", 60.0)

    async def batch() -> None:
        jobs = await wire.activate(request, count, wait=1.0, timeout=10.0)
        assert len(jobs) == count
        await asyncio.gather(*(wire.complete(job, _RESULT, timeout=10.0) for job in jobs))

    return batch


def _bare(stub: Any, count: int) -> Callable[[], Awaitable[None]]:
    request = gateway_pb2.ActivateJobsRequest(
        type="charge", worker="benchmark", timeout=60000, maxJobsToActivate=count, requestTimeout=1000
    )

    async def complete(key: int) -> None:
        await stub.CompleteJob(gateway_pb2.CompleteJobRequest(jobKey=key, variables=_RESULT), timeout=10.0)

    async def batch() -> None:
        jobs = []
        async for part in stub.ActivateJobs(request, timeout=10.0):
            jobs += [(job.key, json.loads(job.variables)) for job in part.jobs]
        assert len(jobs) == count
        await asyncio.gather(*(complete(key) for key, _ in jobs))

    return batch


def batches(loop: asyncio.AbstractEventLoop, batch: Callable[[], Awaitable[None]]) -> Callable[[int], float]:
    """Batches one after the other."""

    async def one_by_one(count: int) -> None:
        for _ in range(count):
            await batch()

    def run(count: int) -> float:
        began = time.process_time()
        loop.run_until_complete(one_by_one(count))
        return time.process_time() - began

    return run
