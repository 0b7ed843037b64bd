"""The drop-in ``grpc.aio.Channel``: everything the channel contract promises, over a REST gateway."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import grpc
import grpc.aio
import pytest

import bridge
from camunda_core.errors import CamundaError, DeadlineExceeded, InvalidArgument, NotFound, UnsupportedField
from camunda_core.retry import RetryPolicy
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from tests.fakes.rest import RestServer, problem, reset_after_request, stall
from tests.fakes.rest_jobs import JobGateway

ACTIVATE = pb.ActivateJobsRequest(type="work", worker="w", timeout=60_000, maxJobsToActivate=10)
STREAM = pb.StreamActivatedJobsRequest(type="work", worker="w", timeout=60_000)
WAIT = 10.0


@pytest.fixture
def gateway() -> Iterator[JobGateway]:
    with JobGateway() as running:
        yield running


@pytest.fixture
async def channel(gateway: JobGateway) -> AsyncIterator[grpc.aio.Channel]:
    async with bridge.aio_channel(gateway.address) as opened:
        yield opened


@pytest.fixture
def stub(channel: grpc.aio.Channel) -> Any:
    return stubs.GatewayStub(channel)


async def eventually(condition: Callable[[], Any], what: str) -> None:
    until = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < until, what
        await asyncio.sleep(0.01)


async def polling(gateway: JobGateway) -> None:
    await asyncio.wait_for(asyncio.to_thread(gateway.polling.acquire, timeout=WAIT), WAIT * 2)


async def test_a_unary_call_is_awaited(stub: Any) -> None:
    call = stub.Topology(pb.TopologyRequest())
    assert isinstance(call, grpc.aio.UnaryUnaryCall)
    assert (await call).gatewayVersion == "8.6.0"
    assert (await call).gatewayVersion == "8.6.0"
    assert call.done()
    assert await call.code() is grpc.StatusCode.OK
    assert len(await call.trailing_metadata()) == 0


async def test_an_error_is_of_the_tree_and_of_grpc_at_once(stub: Any) -> None:
    call = stub.CompleteJob(pb.CompleteJobRequest(jobKey=99))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    error: Any = caught.value
    assert isinstance(error, NotFound)
    assert error.code() is await call.code() is grpc.StatusCode.NOT_FOUND
    assert error.details() == await call.details()
    assert "grpc-status-details-bin" in dict(await call.trailing_metadata())


async def test_cancelling_a_call_or_its_task_cancels_it() -> None:
    with RestServer() as server:
        server.script(stall())
        async with bridge.aio_channel(server.address) as channel:
            stub: Any = stubs.GatewayStub(channel)
            call = stub.Topology(pb.TopologyRequest())
            await asyncio.sleep(0.05)
            assert call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert call.cancelled()
            assert await call.code() is grpc.StatusCode.CANCELLED
            waiting = stub.Topology(pb.TopologyRequest())
            task = asyncio.ensure_future(_awaited(waiting))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert waiting.cancelled()


async def _awaited(call: Any) -> Any:
    return await call


async def test_a_timeout_ends_a_call_that_is_never_answered() -> None:
    with RestServer() as server:
        server.script(stall())
        async with bridge.aio_channel(server.address) as channel:
            stub: Any = stubs.GatewayStub(channel)
            with pytest.raises(DeadlineExceeded):
                await stub.Topology(pb.TopologyRequest(), timeout=0.2)


async def test_callbacks_and_parallel_calls(stub: Any) -> None:
    called: list[Any] = []
    calls = [stub.Topology(pb.TopologyRequest()) for _ in range(20)]
    for call in calls:
        call.add_done_callback(called.append)
    responses = await asyncio.gather(*calls)
    await eventually(lambda: len(called) == 20, "every call calls back")
    assert {response.gatewayVersion for response in responses} == {"8.6.0"}


async def test_activating_iterates_and_reads(gateway: JobGateway, stub: Any) -> None:
    gateway.add(2)
    assert [job.key async for message in stub.ActivateJobs(ACTIVATE) for job in message.jobs] == [1, 2]
    gateway.add(first=3)
    call = stub.ActivateJobs(ACTIVATE)
    assert (await call.read()).jobs[0].key == 3
    assert await call.read() is grpc.aio.EOF
    assert await call.code() is grpc.StatusCode.OK


async def test_cancelling_a_poll_gives_late_jobs_back(gateway: JobGateway, stub: Any) -> None:
    call = stub.ActivateJobs(ACTIVATE)
    await polling(gateway)
    assert call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call.read()
    gateway.add()
    await eventually(lambda: gateway.returned, "the job of the cancelled poll is given back")
    assert gateway.returned[0]["retries"] == 3


async def test_closing_waits_for_the_poll_on_the_wire_and_gives_its_job_back(gateway: JobGateway) -> None:
    channel = bridge.aio_channel(gateway.address)
    call: Any = stubs.GatewayStub(channel).ActivateJobs(ACTIVATE)
    await polling(gateway)
    closing = asyncio.ensure_future(channel.close())
    await asyncio.sleep(0.05)
    assert not closing.done()
    gateway.add()
    await asyncio.wait_for(closing, WAIT)
    assert [each["key"] for each in gateway.returned] == ["1"]
    assert gateway.locked == {}
    assert call.cancelled()
    with pytest.raises(grpc.aio.UsageError):
        stubs.GatewayStub(channel).Topology(pb.TopologyRequest())


async def test_a_stream_gives_jobs_one_by_one(gateway: JobGateway, stub: Any) -> None:
    stream = stub.StreamActivatedJobs(STREAM)
    gateway.add(2)
    keys = []
    async for job in stream:
        keys.append(job.key)
        if len(keys) == 2:
            break
    assert keys == [1, 2]
    gateway.add(first=3)
    assert (await stream.read()).key == 3
    assert stream.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stream.read()
    assert await stream.code() is grpc.StatusCode.CANCELLED


async def test_a_reader_that_stops_reading_bounds_what_is_activated(gateway: JobGateway) -> None:
    gateway.add(100)
    async with bridge.aio_channel(gateway.address, stream_capacity=8) as channel:
        stream: Any = stubs.GatewayStub(channel).StreamActivatedJobs(STREAM)
        assert (await stream.read()).key == 1
        await eventually(lambda: len(gateway.locked) == 8, "the capacity is filled")
        await asyncio.sleep(0.2)
        assert len(gateway.locked) == 8
        stream.cancel()
    assert len(gateway.locked) == 1


async def test_a_stream_survives_an_outage_and_logs_it_once(
    gateway: JobGateway, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.faults = [problem(500, "INTERNAL"), reset_after_request(), problem(503, "UNAVAILABLE")]
    gateway.add()
    retry = RetryPolicy(max_attempts=1, initial_delay=0.01)
    with caplog.at_level(logging.INFO, "bridge"):
        async with bridge.aio_channel(gateway.address, retry=retry) as channel:
            stream: Any = stubs.GatewayStub(channel).StreamActivatedJobs(STREAM)
            assert (await stream.read()).key == 1
            stream.cancel()
    messages = [record.getMessage() for record in caplog.records]
    assert sum("goes on trying" in message for message in messages) == 1
    assert sum("answers again" in message for message in messages) == 1


async def test_a_stream_ends_when_asking_again_would_fail_again(gateway: JobGateway, stub: Any) -> None:
    gateway.faults = [problem(400, "INVALID_ARGUMENT", "No type provided.")]
    with pytest.raises(InvalidArgument, match="No type provided"):
        await stub.StreamActivatedJobs(STREAM).read()
    newer = pb.StreamActivatedJobsRequest(type="work", timeout=1000, tenantFilter=pb.ASSIGNED)
    with pytest.raises(UnsupportedField, match="tenantFilter"):
        await stub.StreamActivatedJobs(newer).read()


async def test_a_dropped_stream_ends_and_gives_its_jobs_back(gateway: JobGateway, stub: Any) -> None:
    gateway.add(5)
    stream = stub.StreamActivatedJobs(STREAM)
    await stream.read()
    del stream
    gc.collect()
    await eventually(lambda: len(gateway.returned) == 4, "what was not read is given back")


async def test_interceptors_run_around_calls(gateway: JobGateway) -> None:
    order: list[str] = []

    class Header(grpc.aio.UnaryUnaryClientInterceptor, grpc.aio.UnaryStreamClientInterceptor):  # type: ignore[type-arg]
        def __init__(self, name: str) -> None:
            self.name = name

        async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
            order.append(self.name)
            details.metadata.add(self.name, "1")
            return await continuation(details, request)

        async def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
            details.metadata.add(self.name, "1")
            return await continuation(details, request)

    async with bridge.aio_channel(
        gateway.address, interceptors=[Header("x-one"), Header("x-two")]
    ) as channel:
        stub: Any = stubs.GatewayStub(channel)
        call = stub.Topology(pb.TopologyRequest())
        assert (await call).gatewayVersion == "8.6.0"
        assert await call.code() is grpc.StatusCode.OK
        assert order == ["x-one", "x-two"]
        assert {"x-one", "x-two"} <= set(gateway.requests[-1].headers)
        with pytest.raises(NotFound):
            await stub.CompleteJob(pb.CompleteJobRequest(jobKey=9))
        gateway.add()
        assert [job.key async for message in stub.ActivateJobs(ACTIVATE) for job in message.jobs] == [1]
        assert "x-two" in gateway.requests[-1].headers


async def test_a_channel_becomes_ready_when_the_gateway_answers(channel: grpc.aio.Channel) -> None:
    assert channel.get_state() is grpc.ChannelConnectivity.IDLE
    await asyncio.wait_for(channel.channel_ready(), WAIT)
    assert channel.get_state() is grpc.ChannelConnectivity.READY


async def test_an_rpc_that_is_switched_off_says_so(gateway: JobGateway) -> None:
    async with bridge.aio_channel(
        gateway.address, routes="rest, Topology=off, StreamActivatedJobs=off"
    ) as channel:
        stub: Any = stubs.GatewayStub(channel)
        with pytest.raises(CamundaError, match="switched off by the routes"):
            await stub.Topology(pb.TopologyRequest())
        with pytest.raises(CamundaError, match="switched off by the routes"):
            await stub.StreamActivatedJobs(STREAM).read()
