"""The fast engine with servers of gRPC that others wrote: by grpc-java, on which the gateway stands, and by grpc-go."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

import camunda_grpc
from camunda_core import errors
from camunda_core.retry import NO_RETRY
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc
from tests.cache import Unavailable
from tests.foreign import installs

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

GRPC_GO = "google.golang.org/grpc@v1.75.0"
GRPC_JAVA = "io.grpc:grpc-netty-shaded:1.79.0"
REQUEST = pb.CompleteJobRequest(jobKey=1, variables='{"a":1}')
JOB = pb.ActivatedJob(key=7, type="t", variables='{"text":"' + "x" * 4000 + '"}')


@pytest.fixture(scope="module", params=["grpc-java", "grpc-go"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one that takes four calls a connection, and asks each connection to leave after a second."""
    try:
        if request.param == "grpc-go":
            command = installs.go("grpc_server.go", GRPC_GO)
        else:
            build: Path = tmp_path_factory.mktemp("java")
            command = installs.java("GrpcServer.java", GRPC_JAVA, build)
    except Unavailable as reason:
        pytest.skip(str(reason))
    given = [*command, JOB.SerializeToString().hex()]
    with subprocess.Popen(given, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        yield f"127.0.0.1:{port}"
        process.kill()


def opened(address: str, **options: Any) -> Any:
    given = {"retry": NO_RETRY, "timeout": 60, "engine": "fast", **options}
    return camunda_grpc.aio_channel(address, **given)


async def test_calls_streams_and_errors(server: str) -> None:
    async with opened(server) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)

        async def complete() -> Any:
            return await stub.CompleteJob(REQUEST)

        assert await asyncio.gather(*(complete() for _ in range(60))) == [pb.CompleteJobResponse()] * 60
        request = pb.StreamActivatedJobsRequest(type="t")
        assert [job async for job in stub.StreamActivatedJobs(request)] == [JOB] * 50
        with pytest.raises(errors.NotFound, match="gone für good"):
            await stub.FailJob(pb.FailJobRequest(jobKey=1))
        large = pb.PublishMessageRequest(name="paid", variables="x" * 3_000_000)
        assert await stub.PublishMessage(large) == pb.PublishMessageResponse()


async def test_what_is_packed_is_understood_on_both_sides(server: str) -> None:
    async with opened(server, compression=grpc.Compression.Gzip) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        large = pb.PublishMessageRequest(name="paid", variables="x" * 3_000_000)
        assert await stub.PublishMessage(large) == pb.PublishMessageResponse()
        request = pb.StreamActivatedJobsRequest(type="t")
        assert [job async for job in stub.StreamActivatedJobs(request)] == [JOB] * 50


async def test_it_is_told_of_what_was_cancelled_and_of_what_took_too_long(server: str) -> None:
    async with opened(server) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        with pytest.raises(errors.DeadlineExceeded):
            await stub.ThrowError(pb.ThrowErrorRequest(jobKey=1), timeout=0.3)
        call = asyncio.ensure_future(_result(stub.ThrowError(pb.ThrowErrorRequest(jobKey=1))))
        await stub.CompleteJob(REQUEST)  # which goes out behind it
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        for _ in range(2):  # each of these waits until the server has seen one end
            assert await stub.ResolveIncident(pb.ResolveIncidentRequest()) == pb.ResolveIncidentResponse()


async def test_a_stream_that_nobody_reads_holds_the_server_up_and_nobody_else(server: str) -> None:
    async with opened(server) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        slow = stub.StreamActivatedJobs(pb.StreamActivatedJobsRequest(type="t"))
        assert await slow.read() == JOB
        for _ in range(50):
            assert await stub.CompleteJob(REQUEST) == pb.CompleteJobResponse()
        assert [job async for job in _rest(slow)] == [JOB] * 49


async def test_nothing_is_lost_while_it_asks_connection_after_connection_to_leave(server: str) -> None:
    async with opened(server) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)

        async def connections() -> int:
            return int((await stub.Topology(pb.TopologyRequest())).clusterSize)

        wanted = await connections() + 4
        made = 0

        async def work() -> None:
            nonlocal made
            while await connections() < wanted:
                assert await stub.CompleteJob(REQUEST) == pb.CompleteJobResponse()
                made += 1

        await asyncio.wait_for(asyncio.gather(*(work() for _ in range(3))), 120)
        assert made


async def _result(call: Any) -> Any:
    return await call


async def _rest(call: Any) -> Any:
    while (job := await call.read()) is not grpc.aio.EOF:
        yield job
