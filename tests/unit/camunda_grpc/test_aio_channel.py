"""The asyncio channel keeps the contract of ``grpc.aio.Channel``."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
from grpc import StatusCode

import camunda_grpc
from camunda_core import errors
from camunda_core.credentials import Basic, Bearer
from camunda_core.retry import RetryPolicy
from camunda_core.tls import Tls
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc
from tests.fakes.certificates import Authority, judge_strictly
from tests.fakes.grpc import Abort, Answer, ScriptedGateway, Stall, until

FAST = RetryPolicy(max_attempts=3, initial_delay=0.001, max_delay=0.002)
SLOW = RetryPolicy(max_attempts=3, initial_delay=60, max_delay=60)
REQUEST = pb.CompleteJobRequest(jobKey=1)
STREAM = pb.StreamActivatedJobsRequest(type="t")
JOBS = [pb.ActivatedJob(key=key) for key in (1, 2, 3)]


@pytest.fixture(params=["default", "fast"])
def make(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Makes channels over one of the engines."""
    return partial(camunda_grpc.aio_channel, engine=request.param)


@pytest_asyncio.fixture
async def channel(make: Callable[..., Any], gateway: ScriptedGateway) -> AsyncIterator[grpc.aio.Channel]:
    async with make(gateway.address, retry=FAST) as made:
        yield made


@pytest.fixture
def stub(channel: grpc.aio.Channel) -> Any:
    return gateway_pb2_grpc.GatewayStub(channel)


async def happened(condition: Callable[[], bool]) -> None:
    await asyncio.to_thread(until, condition, "it")


async def test_a_unary_call_is_a_call_and_an_awaitable(gateway: ScriptedGateway, stub: Any) -> None:
    gateway.script["CompleteJob"] = [Answer(trailing=(("after", "1"),))]
    call: Any = stub.CompleteJob(REQUEST)
    assert issubclass(type(call), grpc.aio.UnaryUnaryCall)
    assert not call.done()
    assert 0 < call.time_remaining() <= 10
    assert await call == pb.CompleteJobResponse()
    assert await call == pb.CompleteJobResponse()
    assert await call.code() is StatusCode.OK
    assert await call.details() == ""
    assert (await call.trailing_metadata())["after"] == "1"
    assert (await call.initial_metadata())["served-by"] == "script"
    assert await call.debug_error_string() is not None
    await call.wait_for_connection()
    assert call.done()
    assert not call.cancel()
    assert not call.cancelled()


async def test_every_way_to_ask_sees_the_end_and_not_an_attempt(gateway: ScriptedGateway, stub: Any) -> None:
    async def by_done(call: Any) -> Any:
        while not call.done():  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        return await call.code()

    async def by_callback(call: Any) -> Any:
        told = asyncio.get_running_loop().create_future()
        call.add_done_callback(told.set_result)
        assert await told is call
        return await call.code()

    async def by_awaiting(call: Any) -> Any:
        await asyncio.gather(call, call)
        return await call.code()

    async def by_connection(call: Any) -> Any:
        await call.wait_for_connection()
        return await call.code()

    for way in (by_done, by_callback, by_awaiting, by_connection, lambda call: call.code()):
        gateway.calls.clear()
        gateway.script["CompleteJob"] = [Abort(StatusCode.UNAVAILABLE), Answer()]
        assert await asyncio.wait_for(way(stub.CompleteJob(REQUEST)), 20) is StatusCode.OK
        assert gateway.count("CompleteJob") == 2


async def test_a_call_that_fails_gives_its_error_in_every_way(gateway: ScriptedGateway, stub: Any) -> None:
    gateway.script["CompleteJob"] = [Abort(StatusCode.NOT_FOUND, "gone")]
    call = stub.CompleteJob(REQUEST)
    for _ in range(2):
        with pytest.raises(errors.NotFound, match="gone"):
            await call
    with pytest.raises(grpc.aio.AioRpcError):
        await call.wait_for_connection()
    assert (await call.code(), await call.details()) == (StatusCode.NOT_FOUND, "gone")
    assert "grpc-status-details-bin" in await call.trailing_metadata()
    assert len(await call.initial_metadata()) == 0
    assert call.done()
    assert not call.cancel()
    told: list[Any] = []
    call.add_done_callback(told.append)
    assert told == [call]


async def test_a_call_is_cancelled_while_it_runs_and_while_it_pauses(
    make: Callable[..., Any], gateway: ScriptedGateway
) -> None:
    async with make(gateway.address, retry=SLOW, timeout=1000) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        gateway.script["CompleteJob"] = [Stall(), Abort(StatusCode.UNAVAILABLE)]
        for count in (1, 2):
            call = stub.CompleteJob(REQUEST)
            task = asyncio.ensure_future(_result(call))
            await happened(lambda count=count: gateway.count("CompleteJob") == count)  # type: ignore[misc]
            await asyncio.sleep(0.05)
            assert call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert call.cancelled()
            assert call.done()
            assert await call.code() is StatusCode.CANCELLED
            assert not call.cancel()


async def _result(call: Any) -> Any:
    return await call


async def test_cancelling_the_task_that_awaits_cancels_the_call(gateway: ScriptedGateway, stub: Any) -> None:
    gateway.script["CompleteJob"] = [Stall()]
    call = stub.CompleteJob(REQUEST)
    task = asyncio.ensure_future(_result(call))
    await happened(lambda: gateway.count("CompleteJob") == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert call.cancelled()


async def test_a_stream_can_be_iterated_or_read(gateway: ScriptedGateway, stub: Any) -> None:
    gateway.script["StreamActivatedJobs"] = [Answer(tuple(JOBS), trailing=(("after", "1"),))]
    call = stub.StreamActivatedJobs(STREAM)
    assert isinstance(call, grpc.aio.UnaryStreamCall)
    told: list[Any] = []
    call.add_done_callback(told.append)
    await call.wait_for_connection()
    assert not call.done()
    assert [job async for job in call] == JOBS
    assert told == [call]
    assert await call.code() is StatusCode.OK
    assert (await call.trailing_metadata())["after"] == "1"
    assert (await call.initial_metadata())["served-by"] == "script"
    assert call.done()
    assert not call.cancel()

    call = stub.StreamActivatedJobs(STREAM)
    assert [await call.read() for _ in JOBS] == JOBS
    assert await call.read() is grpc.aio.EOF
    reading = stub.StreamActivatedJobs(STREAM)
    await reading.read()
    with pytest.raises(grpc.aio.UsageError):
        await anext(aiter(reading))


async def test_reading_repeats_a_stream_that_never_began(gateway: ScriptedGateway, stub: Any) -> None:
    gateway.script["ActivateJobs"] = [
        Abort(StatusCode.RESOURCE_EXHAUSTED),
        Answer((pb.ActivateJobsResponse(jobs=JOBS),)),
    ]
    call = stub.ActivateJobs(pb.ActivateJobsRequest(type="t"))
    assert (await call.read()).jobs[0] == JOBS[0]
    assert await call.read() is grpc.aio.EOF


async def test_a_stream_is_cancelled_while_it_is_read_and_while_it_pauses(
    make: Callable[..., Any], gateway: ScriptedGateway
) -> None:
    async with make(gateway.address, retry=SLOW, timeout=1000) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        gateway.script["StreamActivatedJobs"] = [Stall(), Abort(StatusCode.UNAVAILABLE)]
        for count in (1, 2):
            call = stub.StreamActivatedJobs(STREAM)
            task = asyncio.ensure_future(call.read())
            await happened(lambda count=count: gateway.count("StreamActivatedJobs") == count)  # type: ignore[misc]
            await asyncio.sleep(0.05)
            assert call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert call.cancelled()
            assert call.done()


async def test_closing_the_channel_cancels_what_runs(
    make: Callable[..., Any], gateway: ScriptedGateway
) -> None:
    channel = make(gateway.address)
    stub: Any = gateway_pb2_grpc.GatewayStub(channel)
    gateway.script["CompleteJob"] = [Stall()]
    gateway.script["StreamActivatedJobs"] = [Stall()]
    tasks = [
        asyncio.ensure_future(_result(stub.CompleteJob(REQUEST))),
        asyncio.ensure_future(stub.StreamActivatedJobs(STREAM).read()),
    ]
    await happened(lambda: len(gateway.calls) == 2)
    await channel.close()
    for task in tasks:
        with pytest.raises(asyncio.CancelledError):
            await task
    await channel.close()
    with pytest.raises(grpc.aio.UsageError):
        stub.CompleteJob(REQUEST)
    with pytest.raises(grpc.aio.UsageError):
        stub.StreamActivatedJobs(STREAM)


async def test_closing_with_grace_lets_calls_finish(
    make: Callable[..., Any], gateway: ScriptedGateway
) -> None:
    channel = make(gateway.address)
    stub: Any = gateway_pb2_grpc.GatewayStub(channel)
    gateway.script["CompleteJob"] = [Stall()]
    task = asyncio.ensure_future(_result(stub.CompleteJob(REQUEST)))
    await happened(lambda: len(gateway.calls) == 1)
    asyncio.get_running_loop().call_later(0.1, gateway.release)
    await channel.close(grace=20)
    assert await task == pb.CompleteJobResponse()


async def test_each_call_carries_credentials_tenant_and_its_own_metadata(
    make: Callable[..., Any], gateway: ScriptedGateway
) -> None:
    tokens = iter("abc")
    for credentials in (Basic("demo", "demo"), Bearer(lambda: next(tokens))):
        async with make(gateway.address, credentials=credentials, physical_tenant="blue") as channel:
            stub: Any = gateway_pb2_grpc.GatewayStub(channel)
            await stub.CompleteJob(REQUEST, metadata=(("x-trace", "7"),))
            own = grpc.aio.Metadata(("authorization", "Bearer mine"))
            await stub.CompleteJob(REQUEST, metadata=own)
            assert [job async for job in stub.StreamActivatedJobs(STREAM)] == []
    authorizations = [call.metadata["authorization"] for call in gateway.calls]
    basic = "Basic ZGVtbzpkZW1v"
    assert authorizations == [basic, "Bearer mine", basic, "Bearer a", "Bearer mine", "Bearer c"]
    assert {call.metadata["camunda-physical-tenant"] for call in gateway.calls} == {"blue"}
    assert gateway.calls[0].metadata["x-trace"] == gateway.calls[3].metadata["x-trace"] == "7"


async def test_a_call_whose_token_is_being_fetched_can_be_cancelled(
    make: Callable[..., Any], gateway: ScriptedGateway
) -> None:
    fetching = asyncio.Event()

    class Slow(Basic):
        async def aheaders(self, timeout: float | None = None) -> Any:
            fetching.set()
            await asyncio.sleep(1000)

    async with make(gateway.address, credentials=Slow("a", "b")) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        call = stub.CompleteJob(REQUEST)
        stream = stub.StreamActivatedJobs(STREAM)
        reading = asyncio.ensure_future(stream.read())
        await fetching.wait()
        assert call.cancel()
        assert stream.cancel()
        for pending in (_result(call), reading):
            with pytest.raises(asyncio.CancelledError):
                await pending
        assert await call.code() is StatusCode.CANCELLED
    assert not gateway.calls


async def test_interceptors_see_every_attempt(gateway: ScriptedGateway) -> None:
    class Count(grpc.aio.UnaryUnaryClientInterceptor):
        seen = 0

        async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
            self.seen += 1
            return await continuation(details, request)

    count = Count()
    async with camunda_grpc.aio_channel(gateway.address, retry=FAST, interceptors=[count]) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        gateway.script["CompleteJob"] = [Abort(StatusCode.UNAVAILABLE), Answer()]
        call = stub.CompleteJob(REQUEST)
        assert await call == pb.CompleteJobResponse()
        assert await call.code() is StatusCode.OK
        assert call.done()
        gateway.script["CompleteJob"] = [Abort(StatusCode.NOT_FOUND)]
        with pytest.raises(errors.NotFound):
            await stub.CompleteJob(REQUEST)
    assert count.seen == 3


async def test_connectivity_is_that_of_the_connection(
    make: Callable[..., Any], gateway: ScriptedGateway
) -> None:
    channel = make(gateway.address)
    assert channel.get_state() is grpc.ChannelConnectivity.IDLE
    changed = asyncio.ensure_future(channel.wait_for_state_change(grpc.ChannelConnectivity.IDLE))
    await asyncio.wait_for(channel.channel_ready(), 20)
    await asyncio.wait_for(changed, 20)
    assert channel.get_state() is grpc.ChannelConnectivity.READY
    await channel.close()
    assert channel.get_state() is grpc.ChannelConnectivity.SHUTDOWN


async def test_wait_for_ready_and_compression_are_handed_on(
    make: Callable[..., Any], gateway: ScriptedGateway
) -> None:
    gateway.stop()
    async with make(gateway.address, compression=grpc.Compression.Gzip) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        call = stub.PublishMessage(
            pb.PublishMessageRequest(variables="x" * 10_000),
            wait_for_ready=True,
            timeout=20,
            compression=grpc.Compression.Deflate,
        )
        asyncio.get_running_loop().call_later(0.2, gateway.start)
        assert await call == pb.PublishMessageResponse()


def test_it_is_closed_even_after_the_loop_that_used_it_has_gone(
    make: Callable[..., Any], gateway: ScriptedGateway
) -> None:
    async def used() -> Any:
        channel = make(gateway.address)
        await gateway_pb2_grpc.GatewayStub(channel).CompleteJob(REQUEST)  # type: ignore[misc]
        return channel

    channel = asyncio.run(used())
    asyncio.run(channel.close())
    assert channel.get_state() is grpc.ChannelConnectivity.SHUTDOWN
    with warnings.catch_warnings():  # asyncio's of a transport whose loop was closed before it
        warnings.simplefilter("ignore", ResourceWarning)
        del channel
        gc.collect()


@pytest.mark.default_engine("streams of requests")
async def test_calls_that_send_streams_are_passed_through(gateway: ScriptedGateway) -> None:
    tokens = iter("abcdefgh")
    for credentials in (Basic("demo", "demo"), Bearer(lambda: next(tokens))):
        async with camunda_grpc.aio_channel(gateway.address, credentials=credentials) as channel:
            add: Any = channel.stream_unary("/other.Service/Sum")
            chat: Any = channel.stream_stream("/other.Service/Chat")
            assert await add(iter([b"1", b"2"])) == b"1,2"
            writing = add()
            await writing.write(b"1")
            await writing.done_writing()
            assert await writing == b"1"
            assert [message async for message in chat(iter([b"1", b"2"]))] == [b"1", b"2"]
            with pytest.raises(errors.NotFound):
                await add(iter([b"bad"]))
            with pytest.raises(errors.NotFound):
                assert [message async for message in chat(iter([b"bad"]))]
    assert all(call.metadata["authorization"] for call in gateway.calls)


async def test_pyzeebe_runs_over_the_channel(gateway: ScriptedGateway, channel: grpc.aio.Channel) -> None:
    pyzeebe = pytest.importorskip("pyzeebe")
    gateway.script["CreateProcessInstance"] = [
        Abort(StatusCode.RESOURCE_EXHAUSTED),
        Answer((pb.CreateProcessInstanceResponse(processInstanceKey=42),)),
    ]
    client = pyzeebe.ZeebeClient(channel)
    response = await client.run_process("order", {"a": 1})
    assert response.process_instance_key == 42
    gateway.script["CancelProcessInstance"] = [Abort(StatusCode.NOT_FOUND)]
    with pytest.raises(pyzeebe.errors.ProcessInstanceNotFoundError):
        await client.cancel_process_instance(42)


async def test_certificates_that_grpcio_takes_are_taken(
    make: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_strictly(monkeypatch)
    authority = Authority(tmp_path, old=True)
    pair = authority.issue("localhost")
    identity = grpc.ssl_server_credentials([(pair.key.read_bytes(), pair.certificate.read_bytes())])
    secure = ScriptedGateway(credentials=identity)
    async with make(f"https://localhost:{secure.port}", tls=Tls(ca=authority.ca)) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        assert await stub.CompleteJob(REQUEST) == pb.CompleteJobResponse()
    secure.stop()


async def test_the_fast_engine_says_what_it_has_not(gateway: ScriptedGateway) -> None:
    interceptor = type("Idle", (grpc.aio.UnaryUnaryClientInterceptor,), {"intercept_unary_unary": None})()
    for given, what in (
        ({"interceptors": [interceptor]}, "interceptors"),
        ({"options": [("grpc.lb_policy_name", "round_robin")]}, "grpc.lb_policy_name"),
    ):
        with pytest.raises(errors.ConfigurationError, match=what):
            camunda_grpc.aio_channel(gateway.address, engine="fast", **given)  # type: ignore[arg-type]
        async with camunda_grpc.aio_channel(gateway.address, engine="auto", **given) as channel:  # type: ignore[arg-type]
            assert channel.engine == "default"
    with pytest.raises(errors.ConfigurationError, match="name servers"):
        camunda_grpc.aio_channel("dns://127.0.0.1:53/gateway.test:26500", engine="fast")
    async with camunda_grpc.aio_channel(gateway.address, engine="auto") as channel:
        assert channel.engine == "fast"
        with pytest.raises(errors.Unimplemented, match="streams of requests"):
            channel.stream_unary("/other.Service/Sum")(iter([b"1"]))
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        with pytest.raises(errors.Unimplemented, match="call credentials"):
            await stub.CompleteJob(REQUEST, credentials=grpc.access_token_call_credentials("a"))
    assert not gateway.calls
