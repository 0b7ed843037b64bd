"""What observers are told of calls, what they can add to them, and that they cannot hurt them: on every entrance."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

import camunda_grpc
from camunda_core.credentials import Bearer, Credentials
from camunda_core.errors import AuthenticationError, CamundaError, ConfigurationError, Unavailable
from camunda_core.observing import (
    CallLog,
    CallRequest,
    CallResult,
    CorrelationFilter,
    CorrelationHeader,
    Hooks,
    correlated,
    correlation_id,
)
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from tests.fakes.grpc import Abort, Answer, Stall
from tests.fakes.rest import answer, problem
from tests.faults.observed_sides import SIDES, TOPOLOGY, Servers, Side, servers

SECRET = "s3cret-that-no-hook-may-see"
GONE = Abort(grpc.StatusCode.UNAVAILABLE, "no leader")
ON = pytest.mark.parametrize(("wire", "call"), SIDES.values(), ids=list(SIDES))


class Seen:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.requests: list[CallRequest] = []
        self.results: list[CallResult] = []

    def began(self, request: CallRequest) -> int:
        self.requests.append(request)
        return request.attempt

    def ended(self, request: CallRequest, begun: int, result: CallResult) -> None:
        assert begun == request.attempt
        self.results.append(result)


@pytest.fixture
def to() -> Iterator[Servers]:
    with servers() as made:
        made.rest.script(answer(200, TOPOLOGY))
        yield made


def fails_once(to: Servers) -> None:
    to.rest.script(problem(503, "no leader"), answer(200, TOPOLOGY))
    to.grpc.script["Topology"] = [GONE, Answer()]


def fails(to: Servers) -> None:
    to.rest.script(problem(503, "no leader"))
    to.grpc.script["Topology"] = [GONE]


@ON
def test_a_call_is_told_with_its_end(to: Servers, wire: str, call: Side) -> None:
    seen = Seen()
    call(to, observers=[seen])
    (request,), (result,) = seen.requests, seen.results
    port = to.rest.port if wire == "rest" else to.grpc.port
    assert (request.wire, request.server, request.port, request.attempt) == (wire, "127.0.0.1", port, 1)
    expected = ("GET", "/topology") if wire == "rest" else ("gateway_protocol.Gateway/Topology", "")
    assert (request.method, request.path) == expected
    assert (result.status, result.error) == (200 if wire == "rest" else "OK", None)
    assert result.seconds > 0


@ON
def test_each_attempt_is_told_and_all_have_one_correlation_id(to: Servers, wire: str, call: Side) -> None:
    fails_once(to)
    seen = Seen()
    call(to, observers=[seen, CorrelationHeader()])
    assert [each.attempt for each in seen.requests] == [1, 2]
    assert isinstance(seen.results[0].error, Unavailable)
    assert [each.status for each in seen.results] == ([503, 200] if wire == "rest" else ["UNAVAILABLE", "OK"])
    (identifier,) = {each.correlation_id for each in seen.requests}
    assert [each["x-correlation-id"] for each in to.headers(wire)] == [identifier] * 2


@ON
def test_an_error_says_the_correlation_id_that_the_caller_chose(to: Servers, wire: str, call: Side) -> None:
    fails(to)
    seen = Seen()
    with correlated("order-17"), pytest.raises(Unavailable) as caught:
        call(to, observers=[seen])
    assert caught.value.correlation_id == "order-17"
    assert "[correlation id order-17]" in str(caught.value)
    assert len(seen.requests) == len(seen.results) == 3
    assert correlation_id() is None


@ON
def test_without_observers_nothing_is_added_to_a_call_or_its_error(
    to: Servers, wire: str, call: Side
) -> None:
    fails(to)
    with correlated("order-17"), pytest.raises(Unavailable) as caught:
        call(to)
    assert caught.value.correlation_id == ""
    assert "correlation" not in str(caught.value)
    assert not any("x-correlation-id" in each or "traceparent" in each for each in to.headers(wire))


@ON
def test_a_hook_that_raises_is_logged_once_and_hurts_no_call(
    to: Servers, wire: str, call: Side, caplog: pytest.LogCaptureFixture
) -> None:
    fails_once(to)
    asked: list[int] = []

    def broken(request: CallRequest) -> None:
        asked.append(request.attempt)
        raise RuntimeError("a hook's mistake")

    seen = Seen()
    call(to, observers=[Hooks(on_request=broken), seen])
    assert asked == [1]
    assert [each.error is None for each in seen.results] == [False, True]
    assert [each.name for each in caplog.records if "is asked no more" in each.message] == ["camunda_core"]


@ON
def test_no_secret_reaches_a_hook(to: Servers, wire: str, call: Side) -> None:
    fails_once(to)
    told: list[Any] = []
    hooks = Hooks(on_request=told.append, on_response=lambda *both: told.extend(both))
    call(to, observers=[hooks], credentials=Bearer(SECRET))
    assert to.headers(wire)[0]["authorization"] == f"Bearer {SECRET}"
    assert len(told) == 6
    assert SECRET not in repr([(each, vars(each)) for each in told])


@ON
def test_a_hook_cannot_change_who_is_calling_or_send_what_is_no_header(
    to: Servers, wire: str, call: Side, caplog: pytest.LogCaptureFixture
) -> None:
    def meddle(request: CallRequest) -> None:
        request.headers.update(
            {"Authorization": "Bearer other", "te": "x", "x-broken": "a\r\nb", "no name": "x", "X-Mine": "1"}
        )

    call(to, observers=[Hooks(on_request=meddle)], credentials=Bearer(SECRET))
    (headers,) = to.headers(wire)
    assert headers["authorization"] == f"Bearer {SECRET}"
    assert headers["x-mine"] == "1"
    assert "x-broken" not in headers
    assert sum("cannot be sent" in each.message for each in caplog.records) == 4


class Refused(Credentials):
    """A token endpoint that gives none."""

    def headers(self, timeout: float | None = None) -> dict[str, str]:
        raise AuthenticationError("no such client", sent=False)


@ON
def test_a_call_that_fails_before_it_is_sent_is_told_too(to: Servers, wire: str, call: Side) -> None:
    seen = Seen()
    with pytest.raises(AuthenticationError):
        call(to, observers=[seen], credentials=Refused())
    assert [type(each.error).__mro__.count(AuthenticationError) for each in seen.results] == [1]
    assert to.headers(wire) == []


@ON
def test_the_log_has_what_matters_as_attributes(
    to: Servers, wire: str, call: Side, caplog: pytest.LogCaptureFixture
) -> None:
    fails_once(to)
    caplog.set_level(logging.DEBUG, "camunda_core.calls")
    with correlated("order-17"):
        call(to, observers=[CallLog()])
    first, second = (vars(each) for each in caplog.records if each.name == "camunda_core.calls")
    assert (first["levelname"], first["camunda_error"]) == ("WARNING", "Unavailable")
    assert (second["levelname"], second["camunda_error"], second["camunda_attempt"]) == ("DEBUG", "", 2)
    assert first["camunda_correlation_id"] == "order-17"
    assert second["camunda_status"] == (200 if wire == "rest" else "OK")


def test_every_record_within_a_block_can_have_its_correlation_id() -> None:
    record = logging.makeLogRecord({"msg": "hello"})
    with correlated() as identifier:
        assert CorrelationFilter().filter(record)
    assert vars(record)["camunda_correlation_id"] == identifier


@pytest.mark.parametrize(
    "given", [[object()], "hooks", None, [Hooks]], ids=["object", "text", "None", "class"]
)
@ON
def test_what_is_no_observer_is_refused_when_the_client_is_made(
    to: Servers, wire: str, call: Side, given: Any
) -> None:
    with pytest.raises(ConfigurationError, match="observers"):
        call(to, observers=given)


def test_a_coroutine_function_is_no_hook() -> None:
    async def hook(request: CallRequest) -> None: ...

    with pytest.raises(ConfigurationError, match="on_request must be a plain function"):
        Hooks(on_request=hook)


@pytest.mark.parametrize("name", ["authorization", "no name", "grpc-timeout", "Content-Length"])
def test_a_header_of_this_library_cannot_carry_the_correlation_id(name: str) -> None:
    with pytest.raises(ConfigurationError, match="is not a header that can be added"):
        CorrelationHeader(name)


def stream_of(*steps: Any, to: Servers) -> None:
    to.grpc.script["StreamActivatedJobs"] = list(steps)


JOB = pb.ActivatedJob(key=1, type="t", customHeaders="{}", variables="{}")


def read_sync(to: Servers, seen: Seen, messages: int | None) -> None:
    with camunda_grpc.channel(to.grpc.address, observers=[seen]) as channel:
        call: Any = stubs.GatewayStub(channel).StreamActivatedJobs(pb.StreamActivatedJobsRequest(type="t"))
        try:
            for _ in range(messages) if messages is not None else iter(int, 1):
                next(call)
        except StopIteration:
            return
        call.cancel()


def read_aio(to: Servers, seen: Seen, messages: int | None) -> None:
    async def work() -> None:
        async with camunda_grpc.aio_channel(to.grpc.address, observers=[seen]) as channel:
            stub: Any = stubs.GatewayStub(channel)
            call = stub.StreamActivatedJobs(pb.StreamActivatedJobsRequest(type="t"))
            if messages is None:
                async for _ in call:
                    pass
                return
            for _ in range(messages):
                await call.read()
            call.cancel()

    asyncio.run(work())


READERS = pytest.mark.parametrize("read", [read_sync, read_aio])


@READERS
def test_a_stream_is_told_when_it_ends(to: Servers, read: Any) -> None:
    stream_of(Answer((JOB, JOB)), to=to)
    seen = Seen()
    read(to, seen, None)
    assert [(each.status, each.error) for each in seen.results] == [("OK", None)]


@READERS
def test_a_stream_that_breaks_after_a_job_is_told_with_its_error(to: Servers, read: Any) -> None:
    stream_of(Abort(grpc.StatusCode.UNAVAILABLE, messages=(JOB,)), to=to)
    seen = Seen()
    with pytest.raises(CamundaError) as caught:
        read(to, seen, None)
    assert [each.status for each in seen.results] == ["UNAVAILABLE"]
    assert caught.value.correlation_id == seen.requests[0].correlation_id


@READERS
def test_a_stream_that_is_cancelled_is_told_once(to: Servers, read: Any) -> None:
    stream_of(Stall(messages=(JOB,)), to=to)
    seen = Seen()
    read(to, seen, 1)
    assert len(seen.requests) == len(seen.results) == 1
    assert seen.results[0].error is not None


def test_a_call_whose_task_is_cancelled_is_told(to: Servers) -> None:
    to.grpc.script["Topology"] = [Stall()]
    seen = Seen()

    async def work() -> None:
        async with camunda_grpc.aio_channel(to.grpc.address, observers=[seen]) as channel:
            stub: Any = stubs.GatewayStub(channel)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(stub.Topology(pb.TopologyRequest()), 0.2)

    asyncio.run(work())
    assert [type(each.error) for each in seen.results] == [asyncio.CancelledError]


def test_without_observers_nothing_that_observes_is_imported() -> None:
    script = (
        "import sys, bridge, camunda_grpc, camunda_rest\n"
        "bridge.Client(rest_address='http://127.0.0.1:1', grpc_address='127.0.0.1:1', env={}).close()\n"
        "camunda_grpc.channel('127.0.0.1:1').close()\n"
        "names = ('camunda_core.observing', 'camunda_core._observed', 'camunda_core.otel', 'opentelemetry')\n"
        "print([name for name in names if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
