"""The drop-in ``grpc.Channel``: everything the channel contract promises, over a REST gateway."""

from __future__ import annotations

import base64
import gc
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

import bridge
import camunda_grpc
from camunda_core.errors import (
    CamundaError,
    ConfigurationError,
    DeadlineExceeded,
    InvalidArgument,
    InvalidRequest,
    NotFound,
    Unavailable,
    UnsupportedField,
)
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from tests.fakes.grpc import Answer, ScriptedGateway
from tests.fakes.ports import free_port
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
def channel(gateway: JobGateway) -> Iterator[grpc.Channel]:
    with bridge.channel(gateway.address) as opened:
        yield opened


@pytest.fixture
def stub(channel: grpc.Channel) -> stubs.GatewayStub:
    return stubs.GatewayStub(channel)


def eventually(condition: Any, what: str) -> None:
    until = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < until, what
        time.sleep(0.01)


# Unary calls


def test_a_unary_call_gives_the_response_of_the_stub(stub: stubs.GatewayStub) -> None:
    response = stub.CreateProcessInstance(pb.CreateProcessInstanceRequest(bpmnProcessId="p", version=-1))
    assert isinstance(response, pb.CreateProcessInstanceResponse)
    assert (response.bpmnProcessId, response.processInstanceKey) == ("p", 7)


def test_with_call_gives_the_response_and_a_call_that_ended_well(stub: stubs.GatewayStub) -> None:
    response, call = stub.Topology.with_call(pb.TopologyRequest())
    assert response.gatewayVersion == "8.6.0"
    assert call.code() is grpc.StatusCode.OK
    assert not call.is_active()
    assert tuple(call.trailing_metadata()) == tuple(call.initial_metadata()) == ()


def test_a_future_settles_and_calls_back(stub: stubs.GatewayStub) -> None:
    called: list[Any] = []
    future = stub.Topology.future(pb.TopologyRequest())
    future.add_done_callback(called.append)
    assert future.result(timeout=WAIT).gatewayVersion == "8.6.0"
    assert future.done()
    assert not future.running()
    assert not future.cancelled()
    assert future.exception() is None
    assert future.traceback() is None
    assert future.code() is grpc.StatusCode.OK
    eventually(lambda: called == [future], "the callback of a settled future")
    future.add_done_callback(called.append)
    assert called == [future, future]


def test_the_future_of_a_failing_call_holds_the_error(stub: stubs.GatewayStub) -> None:
    future = stub.CompleteJob.future(pb.CompleteJobRequest(jobKey=99))
    error = future.exception(timeout=WAIT)
    assert isinstance(error, NotFound)
    assert isinstance(error, grpc.RpcError)
    assert future.code() is grpc.StatusCode.NOT_FOUND
    assert "no such job 99" in future.details()
    with pytest.raises(NotFound):
        future.result()


def test_a_future_that_waits_longer_than_asked_says_so_and_goes_on(gateway: JobGateway) -> None:
    with RestServer() as server, bridge.channel(server.address, retry=NO_RETRY) as channel:
        server.script(stall())
        future = stubs.GatewayStub(channel).Topology.future(pb.TopologyRequest(), timeout=30)
        with pytest.raises(grpc.FutureTimeoutError):
            future.result(timeout=0.05)
        assert future.is_active()
        assert future.cancel()
        assert future.cancelled()
        with pytest.raises(grpc.FutureCancelledError):
            future.result()


def test_an_error_is_of_the_tree_and_of_grpc_at_once(stub: stubs.GatewayStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        stub.CompleteJob(pb.CompleteJobRequest(jobKey=99))
    error = caught.value
    assert isinstance(error, NotFound)
    assert isinstance(error, CamundaError)
    assert isinstance(error, grpc.aio.AioRpcError)
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert error.details().startswith("Command 'COMPLETE' rejected with code 'NOT_FOUND'")


def test_the_problem_travels_in_the_trailing_metadata(stub: stubs.GatewayStub) -> None:
    with pytest.raises(NotFound) as caught:
        stub.CompleteJob(pb.CompleteJobRequest(jobKey=99))
    error: Any = caught.value
    assert (error.problem.status, error.problem.title) == (404, "NOT_FOUND")
    status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    assert (status.code, status.message) == (5, error.details())
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert (info.reason, info.metadata["status"]) == ("NOT_FOUND", "404")


def test_metadata_become_headers(gateway: JobGateway, stub: stubs.GatewayStub) -> None:
    stub.Topology(
        pb.TopologyRequest(),
        metadata=(
            ("authorization", "Bearer x"),
            ("traceparent", "00-a"),
            ("t-bin", b"\x00\xff"),
            ("grpc-x", "y"),
        ),
    )
    headers = gateway.requests[-1].headers
    assert headers["authorization"] == "Bearer x"
    assert headers["traceparent"] == "00-a"
    assert headers["t-bin"] == base64.b64encode(b"\x00\xff").decode()
    assert "grpc-x" not in headers


def test_a_timeout_ends_a_call_that_is_never_answered() -> None:
    with RestServer() as server, bridge.channel(server.address) as channel:
        server.script(stall())
        with pytest.raises(DeadlineExceeded) as caught:
            stubs.GatewayStub(channel).Topology(pb.TopologyRequest(), timeout=0.2)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED  # type: ignore[attr-defined]


def test_wait_for_ready_waits_for_a_gateway_that_is_not_there_yet() -> None:
    port = free_port()
    with bridge.channel(f"http://127.0.0.1:{port}", retry=NO_RETRY) as channel:
        stub = stubs.GatewayStub(channel)
        with pytest.raises(Unavailable):
            stub.Topology(pb.TopologyRequest(), timeout=WAIT)
        future = stub.Topology.future(pb.TopologyRequest(), timeout=WAIT * 3, wait_for_ready=True)
        with RestServer(port=port) as server:
            assert isinstance(future.result(timeout=WAIT * 3), pb.TopologyResponse)
            assert len(server.requests) == 1


def test_a_stub_that_is_newer_than_the_table_is_refused_where_it_says_something_new(
    gateway: JobGateway, channel: grpc.Channel
) -> None:
    complete = channel.unary_unary("/gateway_protocol.Gateway/CompleteJob")
    known = pb.CompleteJobRequest(jobKey=1).SerializeToString()
    with pytest.raises(NotFound):
        complete(known)
    sent = len(gateway.requests)
    with pytest.raises(UnsupportedField, match="upgrade camunda-bridge"):
        complete(known + b"\xa2\x06\x01x")  # field 100
    assert len(gateway.requests) == sent


def test_a_field_newer_than_the_cluster_is_refused_before_sending(
    gateway: JobGateway, stub: stubs.GatewayStub
) -> None:
    gateway.add()
    (response,) = stub.ActivateJobs(ACTIVATE)
    request = pb.CompleteJobRequest(jobKey=response.jobs[0].key, result=pb.JobResult(denied=True))
    with pytest.raises(
        UnsupportedField, match=r"result needs Camunda 8\.8 over REST, and this cluster is 8\.6"
    ) as caught:
        stub.CompleteJob(request)
    assert caught.value.field == "result"
    assert gateway.completed == []
    gateway.version = "8.8.3"
    with bridge.channel(gateway.address) as other:
        stubs.GatewayStub(other).CompleteJob(request)
    assert gateway.completed == ["1"]


def test_the_cluster_is_not_asked_for_its_version_when_it_is_given(gateway: JobGateway) -> None:
    with (
        bridge.channel(gateway.address, cluster_version="8.6") as channel,
        pytest.raises(UnsupportedField),
    ):
        stubs.GatewayStub(channel).CompleteJob(pb.CompleteJobRequest(jobKey=1, result=pb.JobResult()))
    assert gateway.requests == []


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ('{"a": NaN}', "NaN"),
        ("[1]", "root level object, but was 'ARRAY'"),
        ("{", "is not JSON"),
        ('{"a": 1e999}', "a"),
        ('{"a": 123456789012345678901234567890}', "a"),
    ],
)
def test_variables_that_json_or_the_engine_cannot_hold_are_refused_by_name(
    gateway: JobGateway, stub: stubs.GatewayStub, variables: str, text: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        stub.CreateProcessInstance(pb.CreateProcessInstanceRequest(bpmnProcessId="p", variables=variables))
    assert "variables" in str(caught.value)
    assert text in str(caught.value)
    assert isinstance(caught.value, InvalidArgument)
    assert gateway.requests == []


def test_call_credentials_are_refused_since_nothing_could_be_sent_of_them(stub: stubs.GatewayStub) -> None:
    with pytest.raises(InvalidRequest, match="credentials="):
        stub.Topology(pb.TopologyRequest(), credentials=grpc.access_token_call_credentials("t"))


# ActivateJobs


def test_activating_iterates_over_one_message_with_the_jobs(
    gateway: JobGateway, stub: stubs.GatewayStub
) -> None:
    gateway.add(3)
    call = stub.ActivateJobs(ACTIVATE)
    messages = list(call)
    assert [job.key for message in messages for job in message.jobs] == [1, 2, 3]
    assert len(messages) == 1
    assert call.code() is grpc.StatusCode.OK
    assert list(call) == []


def test_activating_nothing_gives_no_message(stub: stubs.GatewayStub) -> None:
    request = pb.ActivateJobsRequest(type="work", timeout=1000, maxJobsToActivate=1, requestTimeout=-1)
    assert list(stub.ActivateJobs(request)) == []


def test_a_long_wait_is_cut_into_slices_that_the_server_ends(
    gateway: JobGateway, stub: stubs.GatewayStub
) -> None:
    request = pb.ActivateJobsRequest(type="work", timeout=1000, maxJobsToActivate=1, requestTimeout=600_000)
    call = stub.ActivateJobs(request)
    assert gateway.polling.acquire(timeout=WAIT)
    assert gateway.activations[0]["requestTimeout"] <= 25_000
    gateway.add()
    assert next(call).jobs[0].key == 1


def test_the_deadline_of_the_caller_ends_the_wait_of_the_server_first(
    gateway: JobGateway, stub: stubs.GatewayStub
) -> None:
    request = pb.ActivateJobsRequest(type="work", timeout=1000, maxJobsToActivate=1, requestTimeout=60_000)
    with pytest.raises(DeadlineExceeded):
        list(stub.ActivateJobs(request, timeout=0.6))
    assert all(body["requestTimeout"] < 600 for body in gateway.activations)


def test_cancelling_ends_the_wait_at_once_and_gives_late_jobs_back(
    gateway: JobGateway, stub: stubs.GatewayStub
) -> None:
    call = stub.ActivateJobs(ACTIVATE)
    assert gateway.polling.acquire(timeout=WAIT)
    assert call.cancel()
    with pytest.raises(CamundaError) as caught:
        next(call)
    assert caught.value.code() is grpc.StatusCode.CANCELLED  # type: ignore[attr-defined]
    gateway.add()
    eventually(lambda: gateway.returned, "the job of the cancelled poll is given back")
    assert gateway.returned[0]["retries"] == 3
    assert gateway.locked == {}


def test_a_poll_that_the_server_cuts_is_an_empty_answer(gateway: JobGateway, stub: stubs.GatewayStub) -> None:
    gateway.faults = [problem(503, "Service Unavailable")]
    gateway.add()
    assert [len(message.jobs) for message in stub.ActivateJobs(ACTIVATE)] == [1]


def test_an_error_of_activating_is_raised_by_the_iterator(stub: stubs.GatewayStub) -> None:
    call = stub.ActivateJobs(pb.ActivateJobsRequest(type="work", tenantFilter=pb.ASSIGNED))
    with pytest.raises(UnsupportedField, match="tenantFilter"):
        next(call)
    assert call.code() is grpc.StatusCode.UNIMPLEMENTED


# StreamActivatedJobs


def test_a_stream_gives_jobs_one_by_one(gateway: JobGateway, stub: stubs.GatewayStub) -> None:
    stream = stub.StreamActivatedJobs(STREAM)
    gateway.add(2)
    assert [next(stream).key, next(stream).key] == [1, 2]
    gateway.add(first=3)
    assert next(stream).key == 3
    assert stream.is_active()
    assert stream.cancel()
    with pytest.raises(CamundaError):
        next(stream)
    assert stream.code() is grpc.StatusCode.CANCELLED


def test_a_reader_that_stops_reading_bounds_what_is_activated(gateway: JobGateway) -> None:
    gateway.add(100)
    with bridge.channel(gateway.address, stream_capacity=8) as channel:
        stream = stubs.GatewayStub(channel).StreamActivatedJobs(STREAM)
        assert next(stream).key == 1
        eventually(lambda: len(gateway.locked) == 8, "the capacity is filled")
        time.sleep(0.2)
        assert len(gateway.locked) == 8
        for _ in range(7):
            next(stream)
        eventually(lambda: len(gateway.locked) > 8, "room is filled again")
        stream.cancel()
    assert len(gateway.locked) == 8  # what was read stays with the reader, the rest went back
    assert all(job["retries"] == 3 for job in gateway.returned)


def test_a_stream_survives_an_outage_and_logs_it_once(
    gateway: JobGateway, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.faults = [
        problem(500, "INTERNAL"),
        reset_after_request(),
        problem(503, "UNAVAILABLE"),
        problem(502, ""),
    ]
    gateway.add()
    retry = RetryPolicy(max_attempts=1, initial_delay=0.01)
    with caplog.at_level(logging.INFO, "bridge"), bridge.channel(gateway.address, retry=retry) as channel:
        stream = stubs.GatewayStub(channel).StreamActivatedJobs(STREAM)
        assert next(stream).key == 1
        stream.cancel()
        stubs.GatewayStub(channel).StreamActivatedJobs(STREAM).cancel()
    messages = [record.getMessage() for record in caplog.records]
    assert sum("emulated by long polling" in message for message in messages) == 1
    assert sum("goes on trying" in message for message in messages) == 1
    assert sum("answers again" in message for message in messages) == 1


def test_a_stream_ends_when_asking_again_would_fail_again(
    gateway: JobGateway, stub: stubs.GatewayStub
) -> None:
    gateway.faults = [problem(400, "INVALID_ARGUMENT", "No type provided.")]
    stream = stub.StreamActivatedJobs(STREAM)
    with pytest.raises(InvalidArgument, match="No type provided"):
        next(stream)
    assert stream.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_the_deadline_of_a_stream_ends_it(stub: stubs.GatewayStub) -> None:
    stream = stub.StreamActivatedJobs(STREAM, timeout=0.3)
    with pytest.raises(DeadlineExceeded):
        next(stream)


def test_a_dropped_stream_ends_and_gives_its_jobs_back(gateway: JobGateway, stub: stubs.GatewayStub) -> None:
    gateway.add(5)
    stream = stub.StreamActivatedJobs(STREAM)
    next(stream)
    del stream
    gc.collect()
    eventually(lambda: len(gateway.returned) == 4, "what was not read is given back")


# Channels


def test_interceptors_run_around_calls(gateway: JobGateway, channel: grpc.Channel) -> None:
    seen: list[Any] = []

    class Tracing(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):  # type: ignore[type-arg]
        def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
            call = continuation(_with_header(details), request)
            seen.append((details.method, call.code()))
            return call

        def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
            return continuation(_with_header(details), request)

    stub = stubs.GatewayStub(grpc.intercept_channel(channel, Tracing()))
    assert stub.Topology(pb.TopologyRequest()).gatewayVersion == "8.6.0"
    assert gateway.requests[-1].headers["x-trace"] == "1"
    with pytest.raises(NotFound):
        stub.CompleteJob(pb.CompleteJobRequest(jobKey=9))
    assert stub.Topology.future(pb.TopologyRequest()).result(timeout=WAIT).gatewayVersion == "8.6.0"
    gateway.add()
    assert [len(message.jobs) for message in stub.ActivateJobs(ACTIVATE)] == [1]
    assert gateway.requests[-1].headers["x-trace"] == "1"
    assert [code for _, code in seen[:2]] == [grpc.StatusCode.OK, grpc.StatusCode.NOT_FOUND]


def _with_header(details: Any) -> Any:
    metadata = [*(details.metadata or ()), ("x-trace", "1")]
    return details._replace(metadata=metadata)


def test_a_channel_becomes_ready_when_the_gateway_answers(channel: grpc.Channel) -> None:
    ready = grpc.channel_ready_future(channel)
    ready.result(timeout=WAIT)
    assert ready.done()


def test_closing_ends_what_is_under_way_and_refuses_what_comes_after(gateway: JobGateway) -> None:
    channel = bridge.channel(gateway.address)
    stub = stubs.GatewayStub(channel)
    call = stub.ActivateJobs(
        pb.ActivateJobsRequest(type="work", timeout=1, maxJobsToActivate=1, requestTimeout=300)
    )
    assert gateway.polling.acquire(timeout=WAIT)
    outcome: list[Any] = []
    reader = threading.Thread(target=lambda: outcome.append(call.code()))
    reader.start()
    channel.close()
    reader.join(WAIT)
    assert outcome == [grpc.StatusCode.CANCELLED]
    channel.close()
    with pytest.raises(ValueError, match="closed channel"):
        stub.Topology(pb.TopologyRequest())


def test_the_health_check_is_answered_from_the_topology(channel: grpc.Channel) -> None:
    check = channel.unary_unary("/grpc.health.v1.Health/Check")
    assert check(b"") == b"\x08\x01"
    service = b"gateway_protocol.Gateway"
    assert check(b"\x0a" + bytes([len(service)]) + service) == b"\x08\x01"
    with pytest.raises(NotFound):
        check(b"\x0a\x03foo")


def test_another_service_is_unimplemented_with_the_reason(channel: grpc.Channel) -> None:
    with pytest.raises(CamundaError, match="grpc_address=") as caught:
        channel.unary_unary("/other.Service/Do")(b"")
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED  # type: ignore[attr-defined]


def test_an_rpc_that_is_switched_off_says_so(gateway: JobGateway) -> None:
    with bridge.channel(gateway.address, routes="rest, StreamActivatedJobs=off") as channel:
        stub = stubs.GatewayStub(channel)
        with pytest.raises(CamundaError, match="switched off by the routes"):
            stub.StreamActivatedJobs(STREAM)
        assert stub.Topology(pb.TopologyRequest()).gatewayVersion == "8.6.0"


def test_strict_refuses_a_channel_that_would_have_to_emulate() -> None:
    with pytest.raises(ConfigurationError, match="StreamActivatedJobs cannot be served in full over REST"):
        bridge.channel("http://127.0.0.1:1", strict=True)
    routes = "rest, StreamActivatedJobs=off, SetVariables=off"
    bridge.channel("http://127.0.0.1:1", strict=True, routes=routes).close()


@pytest.mark.parametrize("native", [False, True], ids=["over REST", "native"])
def test_calls_are_what_grpcio_says_its_own_are(gateway: JobGateway, native: bool) -> None:
    scripted = ScriptedGateway()
    scripted.script["ActivateJobs"] = scripted.script["StreamActivatedJobs"] = [Answer()]
    opened = camunda_grpc.channel(scripted.address) if native else bridge.channel(gateway.address)
    with opened as channel, grpc.insecure_channel(scripted.address) as plain:
        for stub in (stubs.GatewayStub(channel), stubs.GatewayStub(plain)):
            poll = pb.ActivateJobsRequest(type="work", timeout=1000, maxJobsToActivate=1, requestTimeout=-1)
            calls = [
                stub.Topology.future(pb.TopologyRequest()),
                stub.ActivateJobs(poll),
                stub.StreamActivatedJobs(pb.StreamActivatedJobsRequest(type="work", timeout=1000)),
            ]
            for call in calls:
                for kind in (grpc.RpcError, grpc.RpcContext, grpc.Call, grpc.Future):
                    assert isinstance(call, kind)
            finished = stub.Topology.with_call(pb.TopologyRequest())[1]
            assert isinstance(finished, grpc.RpcError)
            assert isinstance(finished, grpc.Call)
            for call in calls:
                call.cancel()
    scripted.stop()


def test_a_stream_that_the_routes_send_over_grpc_is_what_grpcio_says_it_is(gateway: JobGateway) -> None:
    scripted = ScriptedGateway()
    scripted.script["ActivateJobs"] = [Answer()]
    routes = "rest, job:work=grpc"
    with bridge.channel(gateway.address, grpc_address=scripted.address, routes=routes) as channel:
        call = stubs.GatewayStub(channel).ActivateJobs(
            pb.ActivateJobsRequest(type="work", timeout=1000, maxJobsToActivate=1, requestTimeout=-1)
        )
        for kind in (grpc.RpcError, grpc.Call, grpc.Future):
            assert isinstance(call, kind)
        assert list(call) == []
    scripted.stop()
