"""The synchronous channel keeps the contract of ``grpc.Channel``."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from grpc import StatusCode

import camunda_grpc
from camunda_core import errors
from camunda_core.credentials import Basic, Bearer
from camunda_core.retry import RetryPolicy
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc
from tests.fakes.grpc import Abort, Answer, Endless, ScriptedGateway, Stall, until
from tests.fakes.ports import free_port

FAST = RetryPolicy(max_attempts=3, initial_delay=0.001, max_delay=0.002)
SLOW = RetryPolicy(max_attempts=3, initial_delay=60, max_delay=60)
REQUEST = pb.CompleteJobRequest(jobKey=1)
STREAM = pb.StreamActivatedJobsRequest(type="t")
JOBS = tuple(pb.ActivatedJob(key=key) for key in (1, 2, 3))


@pytest.fixture
def channel(gateway: ScriptedGateway) -> Iterator[grpc.Channel]:
    with camunda_grpc.channel(gateway.address, retry=FAST) as made:
        yield made


@pytest.fixture
def stub(channel: grpc.Channel) -> Any:
    return gateway_pb2_grpc.GatewayStub(channel)


def test_the_three_shapes_of_a_unary_call_give_the_answer(gateway: ScriptedGateway, stub: Any) -> None:
    gateway.script["CompleteJob"] = [Answer(trailing=(("after", "1"),))]
    answer = pb.CompleteJobResponse()
    assert stub.CompleteJob(REQUEST) == answer
    response, call = stub.CompleteJob.with_call(REQUEST)
    future: Any = stub.CompleteJob.future(REQUEST)
    assert response == future.result(timeout=20) == answer
    for each in (call, future):
        assert isinstance(each, grpc.Call)
        assert each.code() is StatusCode.OK
        assert ("after", "1") in tuple(each.trailing_metadata())
        assert ("served-by", "script") in tuple(each.initial_metadata())
        assert not each.is_active()
    assert issubclass(type(future), grpc.Future)
    assert future.exception() is None
    assert future.traceback() is None
    assert future.done()
    assert not future.running()
    assert not future.cancel()
    assert future.details() == ""
    assert future.debug_error_string() is not None


def test_a_future_is_repeated_and_tells_its_callbacks_once(gateway: ScriptedGateway, stub: Any) -> None:
    gateway.script["CompleteJob"] = [Abort(StatusCode.UNAVAILABLE), Answer()]
    future = stub.CompleteJob.future(REQUEST)
    told: list[Any] = []
    future.add_done_callback(told.append)
    assert future.result(timeout=20) == pb.CompleteJobResponse()
    until(lambda: told == [future], "the callback")
    future.add_done_callback(told.append)
    assert told == [future, future]
    assert future.add_callback(lambda: told.append(1)) is False
    assert gateway.count("CompleteJob") == 2


def test_a_future_that_fails_gives_its_error_in_every_way(gateway: ScriptedGateway, stub: Any) -> None:
    gateway.script["CompleteJob"] = [Abort(StatusCode.NOT_FOUND, "gone")]
    future = stub.CompleteJob.future(REQUEST)
    with pytest.raises(errors.NotFound, match="gone"):
        future.result(timeout=20)
    assert isinstance(future.exception(), grpc.RpcError)
    assert future.traceback() is not None
    assert (future.code(), future.details()) == (StatusCode.NOT_FOUND, "gone")
    assert dict(future.trailing_metadata())["grpc-status-details-bin"]


def test_a_future_is_cancelled_while_it_runs_and_while_it_pauses(gateway: ScriptedGateway) -> None:
    with camunda_grpc.channel(gateway.address, retry=SLOW, timeout=1000) as channel:
        stub = gateway_pb2_grpc.GatewayStub(channel)
        running = threading.Event()
        gateway.script["CompleteJob"] = [Stall(running.set), Abort(StatusCode.UNAVAILABLE)]
        for condition in (running.is_set, lambda: gateway.count("CompleteJob") == 2):
            future = stub.CompleteJob.future(REQUEST)
            until(condition, "the call")
            with pytest.raises(grpc.FutureTimeoutError):
                future.result(timeout=0.05)
            assert future.cancel()
            assert future.cancelled()
            for wait in (future.result, future.exception):
                with pytest.raises(grpc.FutureCancelledError):
                    wait(timeout=20)
            assert future.code() is StatusCode.CANCELLED


def test_a_stream_can_be_read_asked_and_left(gateway: ScriptedGateway, stub: Any) -> None:
    gateway.script["StreamActivatedJobs"] = [Answer(JOBS, trailing=(("after", "1"),))]
    call = stub.StreamActivatedJobs(STREAM)
    told: list[Any] = []
    call.add_done_callback(told.append)
    assert call.is_active()
    assert tuple(call) == JOBS
    assert told == [call]
    assert call.code() is StatusCode.OK
    assert ("after", "1") in tuple(call.trailing_metadata())
    assert ("served-by", "script") in tuple(call.initial_metadata())
    assert (call.done(), call.is_active(), call.cancel(), call.result()) == (True, False, False, None)
    with pytest.raises(StopIteration):
        next(call)


def test_a_stream_that_is_being_read_is_cancelled_by_another_thread(
    gateway: ScriptedGateway, stub: Any
) -> None:
    for rpc, request, message in (
        ("StreamActivatedJobs", STREAM, JOBS[0]),
        ("ActivateJobs", pb.ActivateJobsRequest(type="t"), pb.ActivateJobsResponse(jobs=JOBS)),
    ):
        reading = threading.Event()
        gateway.script[rpc] = [Stall(reading.set, messages=(message,))]
        call = getattr(stub, rpc)(request)
        assert next(call) == message
        canceller = threading.Thread(
            target=lambda call=call, reading=reading: (reading.wait(20), call.cancel())
        )
        canceller.start()
        with pytest.raises(errors.Cancelled):
            next(call)
        canceller.join()
        assert call.cancelled()
        assert call.code() is StatusCode.CANCELLED
        with pytest.raises(errors.Cancelled):
            next(call)


def test_a_stream_that_pauses_before_another_attempt_is_cancelled(gateway: ScriptedGateway) -> None:
    with camunda_grpc.channel(gateway.address, retry=SLOW, timeout=1000) as channel:
        gateway.script["StreamActivatedJobs"] = [Abort(StatusCode.UNAVAILABLE)]
        call = gateway_pb2_grpc.GatewayStub(channel).StreamActivatedJobs(STREAM)

        def cancel() -> None:
            until(lambda: gateway.count("StreamActivatedJobs") == 1, "the attempt")
            time.sleep(0.1)  # for its end, of which nothing can be seen
            call.cancel()

        canceller = threading.Thread(target=cancel)
        canceller.start()
        with pytest.raises(grpc.RpcError):
            next(call)
        canceller.join()
        assert gateway.count("StreamActivatedJobs") == 1


def test_closing_the_channel_ends_a_stream_that_is_being_read(gateway: ScriptedGateway) -> None:
    channel = camunda_grpc.channel(gateway.address)
    reading = threading.Event()
    gateway.script["StreamActivatedJobs"] = [Stall(reading.set)]
    call = gateway_pb2_grpc.GatewayStub(channel).StreamActivatedJobs(STREAM)
    closer = threading.Thread(target=lambda: (reading.wait(20), channel.close()))
    closer.start()
    with pytest.raises(errors.Cancelled):
        next(call)
    closer.join()
    channel.close()


def test_a_stream_that_is_dropped_is_over_for_the_gateway(gateway: ScriptedGateway, stub: Any) -> None:
    written = [0]
    gateway.script["StreamActivatedJobs"] = [Endless(JOBS[0], written)]
    call = stub.StreamActivatedJobs(STREAM)
    next(call)
    del call
    gc.collect()
    gateway.script["StreamActivatedJobs"] = [Answer(JOBS)]
    assert tuple(stub.StreamActivatedJobs(STREAM)) == JOBS
    gateway.stop(grace=20)  # nothing is left to wait for
    gateway.start()


def test_a_closed_channel_takes_no_calls(gateway: ScriptedGateway) -> None:
    channel = camunda_grpc.channel(gateway.address)
    stub: Any = gateway_pb2_grpc.GatewayStub(channel)
    channel.close()
    for call in (stub.CompleteJob, stub.CompleteJob.future, stub.StreamActivatedJobs):
        with pytest.raises(ValueError, match="closed"):
            call(REQUEST if call is not stub.StreamActivatedJobs else STREAM)


def test_each_call_carries_credentials_tenant_and_its_own_metadata(gateway: ScriptedGateway) -> None:
    with camunda_grpc.channel(
        gateway.address, credentials=Basic("demo", "demo"), physical_tenant="blue", user_agent="mine/1"
    ) as channel:
        stub = gateway_pb2_grpc.GatewayStub(channel)
        stub.CompleteJob(REQUEST, metadata=(("x-trace", "7"),))
        stub.CompleteJob(REQUEST, metadata=(("Authorization".lower(), "Bearer mine"),))
        list(stub.StreamActivatedJobs(STREAM))
    first, second, third = (call.metadata for call in gateway.calls)
    assert first["authorization"] == third["authorization"] == "Basic ZGVtbzpkZW1v"
    assert first["camunda-physical-tenant"] == second["camunda-physical-tenant"] == "blue"
    assert first["x-trace"] == "7"
    assert second["authorization"] == "Bearer mine"
    assert first["user-agent"].startswith("mine/1 grpc-python/")


def test_the_user_agent_names_this_library(gateway: ScriptedGateway, stub: Any) -> None:
    stub.CompleteJob(REQUEST)
    assert gateway.calls[0].metadata["user-agent"].startswith("camunda-bridge/")


def test_a_token_is_asked_for_before_each_call(gateway: ScriptedGateway) -> None:
    tokens = iter("abc")
    with camunda_grpc.channel(gateway.address, credentials=Bearer(lambda: next(tokens))) as channel:
        stub = gateway_pb2_grpc.GatewayStub(channel)
        stub.CompleteJob(REQUEST)
        stub.CompleteJob.future(REQUEST).result(timeout=20)
        list(stub.StreamActivatedJobs(STREAM))
    assert [call.metadata["authorization"] for call in gateway.calls] == ["Bearer a", "Bearer b", "Bearer c"]


def test_interceptors_see_every_attempt_inside_and_one_call_outside(gateway: ScriptedGateway) -> None:
    class Count(grpc.UnaryUnaryClientInterceptor):
        seen = 0

        def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
            self.seen += 1
            return continuation(details, request)

    inside, outside = Count(), Count()
    with camunda_grpc.channel(gateway.address, retry=FAST, interceptors=[inside]) as channel:
        stub = gateway_pb2_grpc.GatewayStub(grpc.intercept_channel(channel, outside))
        gateway.script["CompleteJob"] = [Abort(StatusCode.UNAVAILABLE), Answer()]
        assert stub.CompleteJob(REQUEST) == pb.CompleteJobResponse()
        assert (inside.seen, outside.seen) == (2, 1)
        assert stub.CompleteJob.future(REQUEST).result(timeout=20) == pb.CompleteJobResponse()
        assert stub.CompleteJob.with_call(REQUEST)[1].code() is StatusCode.OK
        gateway.script["CompleteJob"] = [Abort(StatusCode.NOT_FOUND)]
        for call in (stub.CompleteJob, lambda request: stub.CompleteJob.future(request).result(timeout=20)):
            with pytest.raises(errors.NotFound):
                call(REQUEST)
        gateway.script["StreamActivatedJobs"] = [Answer(JOBS)]
        assert tuple(stub.StreamActivatedJobs(STREAM)) == JOBS


def test_wait_for_ready_waits_for_a_gateway_that_is_not_there_yet(gateway: ScriptedGateway) -> None:
    gateway.stop()
    with camunda_grpc.channel(gateway.address) as channel:
        starter = threading.Timer(0.2, gateway.start)
        starter.start()
        gateway_pb2_grpc.GatewayStub(channel).PublishMessage(
            pb.PublishMessageRequest(), wait_for_ready=True, timeout=20
        )
        starter.join()


def test_compression_can_be_asked_for_per_channel_and_per_call(gateway: ScriptedGateway, stub: Any) -> None:
    message = pb.PublishMessageRequest(variables="x" * 10_000)
    with camunda_grpc.channel(gateway.address, compression=grpc.Compression.Gzip) as channel:
        gateway_pb2_grpc.GatewayStub(channel).PublishMessage(message)
    stub.PublishMessage(message, compression=grpc.Compression.Gzip)
    assert [call.request for call in gateway.calls] == [message, message]


def test_call_credentials_are_handed_on(stub: Any) -> None:
    token = grpc.access_token_call_credentials("t")
    with pytest.raises(errors.Unauthenticated):  # grpcio's own word for them on a plaintext connection
        stub.CompleteJob(REQUEST, credentials=token)


def test_connectivity_is_that_of_the_connection(gateway: ScriptedGateway, channel: grpc.Channel) -> None:
    ready = threading.Event()

    def changed(state: grpc.ChannelConnectivity) -> None:
        if state is grpc.ChannelConnectivity.READY:
            ready.set()

    channel.subscribe(changed, try_to_connect=True)
    assert ready.wait(20)
    channel.unsubscribe(changed)
    grpc.channel_ready_future(channel).result(timeout=20)
    with camunda_grpc.channel(f"127.0.0.1:{free_port()}") as nobody, pytest.raises(grpc.FutureTimeoutError):
        grpc.channel_ready_future(nobody).result(timeout=0.2)


def test_calls_that_send_streams_are_passed_through(gateway: ScriptedGateway) -> None:
    with camunda_grpc.channel(gateway.address, credentials=Basic("demo", "demo"), retry=FAST) as channel:
        add: Any = channel.stream_unary("/other.Service/Sum")
        chat: Any = channel.stream_stream("/other.Service/Chat")
        assert add(iter([b"1", b"2"])) == b"1,2"
        assert add.with_call(iter([b"1"]))[0] == b"1"
        assert add.future(iter([b"3"])).result(timeout=20) == b"3"
        assert list(chat(iter([b"1", b"2"]))) == [b"1", b"2"]
        for call in (lambda: add(iter([b"bad"])), lambda: list(chat(iter([b"bad"])))):
            with pytest.raises(errors.NotFound):
                call()
    assert {call.metadata["authorization"] for call in gateway.calls} == {"Basic ZGVtbzpkZW1v"}


def test_foreign_serializers_and_unknown_methods_work(channel: Any) -> None:
    raw = channel.unary_unary("/gateway_protocol.Gateway/CompleteJob")
    assert raw(REQUEST.SerializeToString()) == b""
    waiting = channel.unary_stream("/gateway_protocol.Gateway/ActivateJobs")
    assert list(waiting(pb.ActivateJobsRequest(type="t").SerializeToString())) == []
    with pytest.raises(errors.Unimplemented):
        channel.unary_unary("/gateway_protocol.Gateway/Nothing")(b"")
