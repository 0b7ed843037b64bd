"""What the native channels make of a gateway, and of a wire, that fails: the same on both of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import duration_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode

from camunda_core import errors
from camunda_core.credentials import Basic, Bearer
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc._settings import MAX_METADATA_SIZE
from tests.fakes.grpc import Abort, Answer, Endless, ScriptedGateway, Stall, Wire, until
from tests.fakes.ports import free_port
from tests.faults.grpc_sides import SIDES, AioSide, SyncSide

THREE = RetryPolicy(max_attempts=3, initial_delay=0.001, max_delay=0.002)
PATIENT = RetryPolicy(max_attempts=60, initial_delay=0.05, max_delay=0.5)

REPEATABLE = "CompleteJob", pb.CompleteJobRequest(jobKey=1)
OTHER = "PublishMessage", pb.PublishMessageRequest(name="paid")
ACTIVATE = "ActivateJobs", pb.ActivateJobsRequest(type="t")
STREAM = "StreamActivatedJobs", pb.StreamActivatedJobsRequest(type="t")
JOB = pb.ActivatedJob(key=7, type="t", variables='{"text":"' + "x" * 400 + '"}')

Side = Callable[..., Any]


@pytest.fixture
def gateway() -> Iterator[ScriptedGateway]:
    made = ScriptedGateway()
    yield made
    made.release()
    made.stop()


@pytest.fixture
def wire(gateway: ScriptedGateway) -> Iterator[Wire]:
    made = Wire(gateway.port)
    yield made
    made.close()


@pytest.fixture(params=SIDES)
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    """Makes channels of one side: ``side(address, **arguments)``."""
    made: list[Any] = []

    def make(address: str, **arguments: Any) -> Any:
        made.append(SIDES[request.param](address, **arguments))
        return made[-1]

    yield make
    for each in made:
        each.close()


# What the gateway itself says ---------------------------------------------------------------------------------

ATTEMPTS = {  # code: (repeatable, other), of three
    StatusCode.RESOURCE_EXHAUSTED: (3, 3),
    StatusCode.UNAVAILABLE: (3, 3),
    StatusCode.DEADLINE_EXCEEDED: (3, 1),
    StatusCode.ABORTED: (3, 1),
    StatusCode.CANCELLED: (3, 1),  # a gateway that goes away
}
FAILURES = [code for code in StatusCode if code is not StatusCode.OK]


@pytest.mark.parametrize("code", FAILURES, ids=lambda code: code.name)
def test_a_code_the_gateway_always_answers_is_repeated_as_the_policy_says(
    side: Side, gateway: ScriptedGateway, code: StatusCode
) -> None:
    client = side(gateway.address, retry=THREE)
    repeatable, other = ATTEMPTS.get(code, (1, 1))
    for (rpc, request), attempts in ((REPEATABLE, repeatable), (OTHER, other)):
        gateway.script[rpc] = [Abort(code, f"no {rpc}")]
        expected = "UNAVAILABLE" if code is StatusCode.CANCELLED else code.name
        with pytest.raises(errors.error_class(expected)) as caught:
            client.call(rpc, request)
        assert gateway.count(rpc) == attempts
        assert caught.value.grpc_code == expected
        assert isinstance(caught.value, grpc.aio.AioRpcError)
        assert caught.value.code().name == expected
        assert caught.value.details() == f"no {rpc}"
        assert caught.value.attempts == attempts
        assert str(caught.value).startswith(f"{rpc}: no {rpc}")


@pytest.mark.parametrize("code", FAILURES, ids=lambda code: code.name)
def test_a_code_without_status_details_is_repeated_unless_it_may_be_a_lost_answer(
    side: Side, gateway: ScriptedGateway, code: StatusCode
) -> None:
    client = side(gateway.address, retry=THREE)
    repeatable, other = ATTEMPTS.get(code, (1, 1))
    if code is StatusCode.UNAVAILABLE:
        other = 1  # nothing tells it from a connection that broke
    for (rpc, request), attempts in ((REPEATABLE, repeatable), (OTHER, other)):
        gateway.script[rpc] = [Abort(code, with_status=False)]
        with pytest.raises(errors.CamundaError) as caught:
            client.call(rpc, request)
        assert gateway.count(rpc) == attempts
        lost = {StatusCode.UNAVAILABLE, StatusCode.DEADLINE_EXCEEDED, StatusCode.CANCELLED}
        assert caught.value.answered is (code not in lost)


@pytest.mark.parametrize(
    ("text", "attempts"),
    [
        ("no healthy upstream", 3),
        ("upstream connect error or disconnect/reset before headers. reset reason: connection failure", 3),
        (
            "upstream connect error or disconnect/reset before headers. reset reason: connection termination",
            1,
        ),
        ("upstream connect error or disconnect/reset before headers. reset reason: remote reset", 1),
    ],
)
def test_a_proxys_refusal_is_repeated_for_what_must_not_run_twice_only_where_nothing_was_handed_on(
    side: Side, gateway: ScriptedGateway, text: str, attempts: int
) -> None:
    gateway.script["PublishMessage"] = [Abort(StatusCode.UNAVAILABLE, text, with_status=False)]
    with pytest.raises(errors.Unavailable):
        side(gateway.address, retry=THREE).call(*OTHER)
    assert gateway.count("PublishMessage") == attempts


@pytest.mark.parametrize("code", ATTEMPTS, ids=lambda code: code.name)
def test_a_failure_that_passes_is_never_seen(side: Side, gateway: ScriptedGateway, code: StatusCode) -> None:
    gateway.script["CompleteJob"] = [Abort(code), Answer()]
    assert side(gateway.address, retry=THREE).call(*REPEATABLE) == pb.CompleteJobResponse()
    assert gateway.count("CompleteJob") == 2


def test_status_details_are_read_and_a_retry_info_is_obeyed(side: Side, gateway: ScriptedGateway) -> None:
    inner = status_pb2.Status(code=8, message="partition 2")
    pause = error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(seconds=3600))
    gateway.script["CompleteJob"] = [Abort(StatusCode.RESOURCE_EXHAUSTED, "all busy", inner=(inner, pause))]
    with pytest.raises(errors.ResourceExhausted) as caught:
        side(gateway.address, retry=RetryPolicy(max_delay=3600)).call(*REPEATABLE)
    assert caught.value.status_details == (inner, pause)
    assert caught.value.retry_after == 3600
    assert gateway.count("CompleteJob") == 1  # an hour is beyond the deadline
    assert caught.value.problem == errors.Problem(
        status=503, title="RESOURCE_EXHAUSTED", detail="all busy", type="about:blank"
    )


def test_a_gateway_cannot_hold_up_a_call_for_longer_than_the_longest_pause(
    side: Side, gateway: ScriptedGateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "camunda_core")
    pause = error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(seconds=3600))
    gateway.script["CompleteJob"] = [Abort(StatusCode.UNAVAILABLE, inner=(pause,)), Answer()]
    side(gateway.address, retry=RetryPolicy(initial_delay=0, max_delay=0.1)).call(*REPEATABLE)
    assert gateway.count("CompleteJob") == 2
    assert "follows in 0.10 s (the server asked for 3600 s)" in caplog.text


def test_a_call_without_timeout_gets_the_channels_and_a_waiting_one_the_wait_besides(
    side: Side, gateway: ScriptedGateway
) -> None:
    client = side(gateway.address, timeout=20)
    gateway.script["ActivateJobs"] = [Answer()]
    client.call(*OTHER)
    client.call(*OTHER, timeout=7)
    client.read("ActivateJobs", pb.ActivateJobsRequest(type="t", requestTimeout=60_000))
    client.call(
        "CreateProcessInstanceWithResult", pb.CreateProcessInstanceWithResultRequest(requestTimeout=-1)
    )
    client.read(*STREAM)
    seen = [call.time_remaining for call in gateway.calls]
    for actual, expected in zip(seen, (20, 7, 80, 35), strict=False):
        assert actual is not None
        assert expected - 5 < actual <= expected + 0.5
    assert seen[4] is None or seen[4] > 1e6


def test_the_deadline_covers_all_attempts(side: Side, gateway: ScriptedGateway) -> None:
    gateway.script["CompleteJob"] = [Abort(StatusCode.UNAVAILABLE)]
    policy = RetryPolicy(max_attempts=1000, initial_delay=0.05, max_delay=0.05)
    client = side(gateway.address, retry=policy)
    for limit in (0.5, 5, 15):  # what a busy machine needs for a second attempt
        gateway.calls.clear()
        with pytest.raises((errors.Unavailable, errors.DeadlineExceeded)):
            client.call(*REPEATABLE, timeout=limit)
        if gateway.count("CompleteJob") > 1:
            break
    assert 2 <= gateway.count("CompleteJob") < 60 * limit


def test_a_gateway_that_never_answers_is_left_at_the_deadline(side: Side, gateway: ScriptedGateway) -> None:
    gateway.script["CompleteJob"] = [Stall()]
    client = side(gateway.address, retry=THREE, timeout=0.5)
    client.call(*OTHER, timeout=20)  # from now on there is a connection
    with pytest.raises(errors.DeadlineExceeded) as caught:
        client.call(*REPEATABLE)
    assert not caught.value.answered
    assert caught.value.problem is None
    assert gateway.count("CompleteJob") <= 1  # a call that is late when it arrives is not seen


def test_a_call_is_cancelled_while_the_gateway_works(side: Side, gateway: ScriptedGateway) -> None:
    working = threading.Event()
    gateway.script["CompleteJob"] = [Stall(working.set)]
    side(gateway.address).cancel_after(*REPEATABLE, working)
    assert gateway.count("CompleteJob") == 1


# Credentials --------------------------------------------------------------------------------------------------


def test_a_rejected_token_is_renewed_once(side: Side, gateway: ScriptedGateway) -> None:
    tokens = iter(["old", "new"])
    gateway.script["PublishMessage"] = [Abort(StatusCode.UNAUTHENTICATED), Answer()]
    side(gateway.address, credentials=Bearer(lambda: next(tokens))).call(*OTHER)
    assert [call.metadata["authorization"] for call in gateway.calls] == ["Bearer old", "Bearer new"]


def test_a_token_that_stays_rejected_is_renewed_no_further(side: Side, gateway: ScriptedGateway) -> None:
    gateway.script["PublishMessage"] = [Abort(StatusCode.UNAUTHENTICATED)]
    with pytest.raises(errors.Unauthenticated):
        side(gateway.address, credentials=Bearer(lambda: "same")).call(*OTHER)
    assert gateway.count("PublishMessage") == 2


def test_a_password_that_is_rejected_is_final(side: Side, gateway: ScriptedGateway) -> None:
    gateway.script["PublishMessage"] = [Abort(StatusCode.UNAUTHENTICATED)]
    with pytest.raises(errors.Unauthenticated):
        side(gateway.address, credentials=Basic("demo", "wrong")).call(*OTHER)
    assert gateway.count("PublishMessage") == 1


def test_a_stream_renews_a_rejected_token_too(side: Side, gateway: ScriptedGateway) -> None:
    tokens = iter(["old", "new"])
    gateway.script["StreamActivatedJobs"] = [Abort(StatusCode.UNAUTHENTICATED), Answer((JOB,))]
    assert side(gateway.address, credentials=Bearer(lambda: next(tokens))).read(*STREAM) == [JOB]
    assert [call.metadata["authorization"] for call in gateway.calls] == ["Bearer old", "Bearer new"]


def test_a_token_that_cannot_be_had_fails_the_call_before_it_is_sent(
    side: Side, gateway: ScriptedGateway
) -> None:
    def no_token() -> str:
        raise errors.AuthenticationError("unknown client", sent=False)

    client = side(gateway.address, credentials=Bearer(no_token), retry=THREE)
    for call in (lambda: client.call(*REPEATABLE), lambda: client.read(*STREAM)):
        with pytest.raises(errors.AuthenticationError, match="unknown client") as caught:
            call()
        assert isinstance(caught.value, grpc.RpcError)
    assert not gateway.calls


# The wire -----------------------------------------------------------------------------------------------------


def test_nobody_listening_is_repeated_for_any_call_and_says_that_nothing_was_sent(side: Side) -> None:
    with pytest.raises(errors.Unavailable, match="refused") as caught:
        side(f"127.0.0.1:{free_port()}", retry=THREE).call(*OTHER)
    assert not caught.value.sent
    assert not caught.value.answered
    assert caught.value.problem is None


def test_a_name_that_does_not_exist_says_that_nothing_was_sent(side: Side) -> None:
    with pytest.raises(errors.Unavailable) as caught:
        side("gateway.invalid:26500", retry=NO_RETRY).call(*OTHER)
    assert not caught.value.sent


def test_a_server_that_does_not_speak_tls_says_that_nothing_was_sent(
    side: Side, gateway: ScriptedGateway
) -> None:
    with pytest.raises(errors.Unavailable) as caught:
        side(f"https://{gateway.address}", retry=NO_RETRY).call(*OTHER)
    assert not caught.value.sent
    assert not gateway.calls


def test_a_connection_lost_before_the_answer_is_repeated_only_where_it_does_no_harm(
    side: Side, gateway: ScriptedGateway, wire: Wire
) -> None:
    client = side(wire.address, retry=THREE)
    gateway.script["CompleteJob"] = [Stall(wire.cut), Answer()]
    gateway.script["PublishMessage"] = [Stall(wire.cut), Answer()]
    client.call(*REPEATABLE)
    assert gateway.count("CompleteJob") == 2
    with pytest.raises(errors.Unavailable) as caught:
        client.call(*OTHER)
    assert gateway.count("PublishMessage") == 1
    assert caught.value.sent
    assert not caught.value.answered


def test_a_call_lives_through_a_restart_of_the_gateway(side: Side, gateway: ScriptedGateway) -> None:
    client = side(gateway.address, retry=PATIENT, timeout=30)
    client.call(*REPEATABLE)
    gateway.stop()
    restart = threading.Timer(0.3, gateway.start)
    restart.start()
    try:
        client.call(*REPEATABLE)
    finally:
        restart.join()
    assert gateway.count("CompleteJob") == 2


def test_a_gateway_that_stops_gently_finishes_what_it_has(side: Side, gateway: ScriptedGateway) -> None:
    client = side(gateway.address, retry=PATIENT, timeout=30)
    working, stopped = threading.Event(), threading.Event()

    def stop() -> None:
        working.wait(20)
        gateway.stop(grace=10)  # a GOAWAY, while the call goes on
        stopped.set()

    def work() -> None:
        working.set()
        gateway.release()

    gateway.script["PublishMessage"] = [Stall(work), Answer()]
    stopper = threading.Thread(target=stop)
    stopper.start()
    client.call(*OTHER)
    stopper.join(20)
    assert stopped.is_set()
    gateway.start()
    client.call(*OTHER)
    assert gateway.count("PublishMessage") == 2


def test_an_answer_beyond_the_size_limit_is_not_asked_for_again(side: Side, gateway: ScriptedGateway) -> None:
    client = side(gateway.address, retry=THREE, max_message_size=4000)
    gateway.script["ActivateJobs"] = [Answer((pb.ActivateJobsResponse(jobs=[JOB] * 20),))]
    with pytest.raises(errors.ResourceExhausted) as caught:
        client.read(*ACTIVATE)
    assert gateway.count("ActivateJobs") == 1
    assert caught.value.problem is not None
    assert caught.value.problem.status == 413


def test_a_request_beyond_the_gateways_limit_is_not_sent_again(side: Side, gateway: ScriptedGateway) -> None:
    with pytest.raises(errors.ResourceExhausted) as caught:
        side(gateway.address, retry=THREE).call(
            "PublishMessage", pb.PublishMessageRequest(variables="x" * 5_000_000)
        )
    assert caught.value.problem is not None
    assert caught.value.problem.status == 413
    assert not gateway.calls


def test_a_request_beyond_our_own_limit_is_not_sent(side: Side, gateway: ScriptedGateway) -> None:
    client = side(gateway.address, retry=THREE, options=[("grpc.max_send_message_length", 1000)])
    with pytest.raises(errors.ResourceExhausted) as caught:
        client.call("PublishMessage", pb.PublishMessageRequest(variables="x" * 2000))
    assert not caught.value.sent
    assert caught.value.problem is not None
    assert caught.value.problem.status == 413


@pytest.mark.parametrize("asked", [OTHER, ACTIVATE, STREAM], ids=lambda asked: asked[0])
def test_a_long_refusal_comes_with_its_text_and_was_sent_once(
    side: Side, gateway: ScriptedGateway, asked: tuple[str, Any]
) -> None:
    mistakes = "\n".join(f"Element: task-{i}: ERROR: must have a task definition" for i in range(2000))
    gateway.script[asked[0]] = [Abort(StatusCode.INVALID_ARGUMENT, mistakes)]
    client = side(gateway.address, retry=THREE)
    with pytest.raises(errors.InvalidArgument) as caught:
        client.call(*asked) if asked is OTHER else client.read(*asked)
    assert caught.value.message == mistakes
    assert gateway.count(asked[0]) == 1


@pytest.mark.parametrize("asked", [REPEATABLE, OTHER], ids=lambda asked: asked[0])
def test_a_refusal_longer_than_we_read_is_not_back_pressure(
    side: Side, gateway: ScriptedGateway, asked: tuple[str, Any]
) -> None:
    gateway.script[asked[0]] = [Abort(StatusCode.INVALID_ARGUMENT, "x" * (MAX_METADATA_SIZE + 1))]
    with pytest.raises(errors.ResourceExhausted, match="metadata size exceeds") as caught:
        side(gateway.address, retry=THREE).call(*asked)
    assert gateway.count(asked[0]) == 1
    assert caught.value.problem is not None
    assert caught.value.problem.status == 413


# Streams ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [ACTIVATE, STREAM], ids=["ActivateJobs", "StreamActivatedJobs"])
def test_a_stream_is_repeated_until_its_first_message_and_never_after(
    side: Side, gateway: ScriptedGateway, asked: tuple[str, Any]
) -> None:
    rpc, request = asked
    first = JOB if rpc == "StreamActivatedJobs" else pb.ActivateJobsResponse(jobs=[JOB])
    gateway.script[rpc] = [
        Abort(StatusCode.UNAVAILABLE),
        Abort(StatusCode.UNAVAILABLE, "later", messages=(first,)),
    ]
    with pytest.raises(errors.Unavailable, match="later") as caught:
        side(gateway.address, retry=THREE).read(rpc, request)
    assert caught.value.read == [first]  # type: ignore[attr-defined]
    assert gateway.count(rpc) == 2


def test_a_stream_that_loses_its_connection_says_so(side: Side, gateway: ScriptedGateway, wire: Wire) -> None:
    gateway.script["StreamActivatedJobs"] = [Stall(wire.cut, messages=(JOB, JOB))]
    with pytest.raises(errors.Unavailable) as caught:
        side(wire.address, retry=THREE).read(*STREAM)
    assert len(caught.value.read) in (0, 1, 2)  # type: ignore[attr-defined]
    assert not caught.value.answered


def test_a_stream_that_a_stopping_gateway_cancels_is_a_gateway_that_is_gone(
    side: Side, gateway: ScriptedGateway
) -> None:
    gateway.script["StreamActivatedJobs"] = [
        Abort(StatusCode.CANCELLED, "", with_status=False, messages=(JOB,))
    ]
    with pytest.raises(errors.Unavailable) as caught:
        side(gateway.address, retry=THREE).read(*STREAM)
    assert caught.value.code() is StatusCode.UNAVAILABLE  # type: ignore[attr-defined]
    assert not caught.value.answered
    assert gateway.count("StreamActivatedJobs") == 1


def test_a_stopped_gateway_ends_an_idle_stream(side: Side, gateway: ScriptedGateway) -> None:
    streaming = threading.Event()
    gateway.script["StreamActivatedJobs"] = [Stall(streaming.set, messages=(JOB,))]

    def stop() -> None:
        streaming.wait(20)
        gateway.stop()

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(errors.Unavailable) as caught:
        side(gateway.address, retry=NO_RETRY).read(*STREAM)
    stopper.join()
    assert not caught.value.answered
    gateway.start()


#: Jobs that may run ahead of a reader who stopped; without care it is thousands. Newest grpcio: about ten.
AHEAD = 400


def _settled(written: list[int]) -> int:
    """The count once it has stopped rising."""
    limit = time.monotonic() + 20
    before = -1
    while before != written[0] or not written[0]:
        assert time.monotonic() < limit
        before = written[0]
        time.sleep(0.25)
    return before


def test_a_consumer_that_stops_reading_stops_the_gateway_but_no_other_call(gateway: ScriptedGateway) -> None:
    client = SyncSide(gateway.address)
    try:
        written = [0]
        gateway.script["StreamActivatedJobs"] = [Endless(JOB, written)]
        stream = client.stub.StreamActivatedJobs(STREAM[1])
        next(stream)
        assert _settled(written) < AHEAD
        client.call(*OTHER)
        for _ in range(1000):
            next(stream)
        assert _settled(written) - 1001 < AHEAD
        assert stream.cancel()
        with pytest.raises(errors.Cancelled):
            next(stream)
    finally:
        client.close()


def test_a_coroutine_that_stops_reading_stops_the_gateway_but_no_other_call(gateway: ScriptedGateway) -> None:
    client = AioSide(gateway.address)
    try:
        written = [0]
        gateway.script["StreamActivatedJobs"] = [Endless(JOB, written)]

        async def consume() -> None:
            stream = client.stub.StreamActivatedJobs(STREAM[1])
            assert await stream.read() == JOB
            loop = client.loop
            assert await loop.run_in_executor(None, _settled, written) < AHEAD
            await client.stub.PublishMessage(OTHER[1])
            for _ in range(1000):
                await stream.read()
            assert await loop.run_in_executor(None, _settled, written) - 1001 < AHEAD
            assert stream.cancel()
            assert stream.cancelled()

        client.run(consume())
    finally:
        client.close()


def test_job_streams_have_a_connection_of_their_own(side: Side, gateway: ScriptedGateway) -> None:
    client = side(gateway.address)
    client.call(*OTHER)
    client.read(*ACTIVATE)
    client.read(*STREAM)
    peers = {call.rpc: call.peer for call in gateway.calls}
    assert peers["PublishMessage"] == peers["ActivateJobs"]
    assert peers["StreamActivatedJobs"] != peers["PublishMessage"]


def test_a_cancelled_stream_is_over_for_the_gateway(side: Side, gateway: ScriptedGateway) -> None:
    written = [0]
    gateway.script["StreamActivatedJobs"] = [Endless(JOB, written, most=10**9)]
    client = side(gateway.address)
    for limit in (0.3, 3, 15):  # what a busy machine needs until the stream is there
        with pytest.raises(errors.DeadlineExceeded):
            client.read(*STREAM, timeout=limit)
        if written[0]:
            break
    until(lambda: _settled(written) > 0, "the end of the stream")
