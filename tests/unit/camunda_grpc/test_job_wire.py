"""The wire of a worker over gRPC: what it sends, what it makes of what comes, and that it tries once."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import grpc
import pytest
import pytest_asyncio
from grpc import StatusCode

import camunda_grpc
from camunda_core import errors
from camunda_core.credentials import Basic, Credentials
from camunda_core.errors import CamundaError
from camunda_core.jobs import ActivatedJob, JobRequest, UnreadableJob
from camunda_core.retry import RetryPolicy
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc._activated import job_of
from camunda_grpc._job_wire import GrpcJobWire
from tests.fakes.grpc import Abort, Answer, Endless, ScriptedGateway, Stall, until

REQUEST = JobRequest("charge", "me", 30.5, ("a", "b"), ("t",))
JOB = ActivatedJob(job_key="2251799813685249", type="charge", retries=3, job_lease_token="lease")
OFTEN = RetryPolicy(max_attempts=5, initial_delay=0.001, max_delay=0.002)


def jobs(*keys: int, **fields: Any) -> pb.ActivateJobsResponse:
    return pb.ActivateJobsResponse(jobs=[pb.ActivatedJob(key=key, **fields) for key in keys])


def keys(found: Any) -> list[str]:
    return [job.job_key for job in found]


@pytest_asyncio.fixture(params=["default", "fast"])
async def wire(request: pytest.FixtureRequest, gateway: ScriptedGateway) -> AsyncIterator[GrpcJobWire]:
    async with camunda_grpc.aio_channel(gateway.address, retry=OFTEN, engine=request.param) as channel:
        made = channel.job_wire()
        yield made
        await made.close()


async def happened(condition: Callable[[], bool]) -> None:
    await asyncio.to_thread(until, condition, "it")


async def poll(wire: GrpcJobWire, wait: float = 1.0) -> Any:
    return await wire.activate(REQUEST, 7, wait=wait, timeout=5)


async def test_a_long_refusal_is_read_and_its_job_answered_once(
    gateway: ScriptedGateway, wire: GrpcJobWire
) -> None:
    text = "no: " + "x" * 300_000
    gateway.script["CompleteJob"] = [Abort(StatusCode.INVALID_ARGUMENT, text)]
    with pytest.raises(errors.InvalidArgument) as caught:
        await wire.complete(JOB, "{}", timeout=5)
    assert caught.value.message == text
    assert gateway.count("CompleteJob") == 1


# Activating


async def test_a_poll_says_what_is_wanted(gateway: ScriptedGateway, wire: GrpcJobWire) -> None:
    await poll(wire, wait=1.5)
    (call,) = gateway.calls
    assert call.request == pb.ActivateJobsRequest(
        type="charge",
        worker="me",
        timeout=30_500,
        maxJobsToActivate=7,
        fetchVariable=["a", "b"],
        requestTimeout=1500,
        tenantIds=["t"],
    )
    assert call.time_remaining is not None
    assert 3 < call.time_remaining <= 5.5  # gRPC rounds what it sends


@pytest.mark.parametrize(("wait", "sent"), [(0, -1), (-3, -1), (0.0001, 1), (2, 2000)])
async def test_no_wait_is_said_as_below_zero(
    gateway: ScriptedGateway, wire: GrpcJobWire, wait: float, sent: int
) -> None:
    await poll(wire, wait=wait)
    assert gateway.calls[0].request.requestTimeout == sent


async def test_the_jobs_of_all_messages_come_together(gateway: ScriptedGateway, wire: GrpcJobWire) -> None:
    gateway.script["ActivateJobs"] = [Answer((jobs(1, 2), jobs(), jobs(3)))]
    assert keys(await poll(wire)) == ["1", "2", "3"]


async def test_jobs_that_came_before_a_failure_are_given_and_the_failure_is_logged(
    gateway: ScriptedGateway, wire: GrpcJobWire, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.script["ActivateJobs"] = [Abort(StatusCode.UNAVAILABLE, "gone", messages=(jobs(1, 2),))]
    assert keys(await poll(wire)) == ["1", "2"]
    assert "after 2 jobs: ActivateJobs: gone" in caplog.text


async def test_a_job_that_cannot_be_read_is_known_by_its_key_and_does_not_take_the_others_with_it(
    gateway: ScriptedGateway, wire: GrpcJobWire, caplog: pytest.LogCaptureFixture
) -> None:
    nested = '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"
    bad = ("{", "[]", nested, '{"a":NaN}', '{"a":%s}' % ("9" * 5000))
    answers = (jobs(1), *(jobs(2, variables=each, retries=4) for each in bad), jobs(0), jobs(5))
    gateway.script["ActivateJobs"] = [Answer(answers)]
    first, *unreadable, last = await poll(wire)
    assert keys([first, last]) == ["1", "5"]
    assert not isinstance(first, UnreadableJob)
    assert len(unreadable) == len(bad)
    for job in unreadable:
        assert isinstance(job, UnreadableJob)
        assert (job.job_key, job.retries) == ("2", 4)
        assert "job 2: its variables" in job.why
    assert "a job has no key" in caplog.text


async def test_a_cancelled_poll_ends_at_the_gateway_and_gives_back_what_had_come(
    gateway: ScriptedGateway, wire: GrpcJobWire
) -> None:
    gateway.script["ActivateJobs"] = [Stall(messages=(jobs(1, 2, retries=4, jobLeaseToken="l"),))]
    polling = asyncio.ensure_future(poll(wire))
    await happened(lambda: gateway.count("ActivateJobs") == 1)
    await wire.extend(JOB, 1, timeout=30)  # what came before its answer on this connection has come
    polling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await polling
    await wire.close()
    returned = [call.request for call in gateway.calls if call.rpc == "FailJob"]
    assert [(each.jobKey, each.retries, each.jobLeaseToken) for each in returned] == [
        (1, 4, "l"),
        (2, 4, "l"),
    ]


async def test_a_cancelled_poll_without_jobs_sends_nothing(
    gateway: ScriptedGateway, wire: GrpcJobWire
) -> None:
    gateway.script["ActivateJobs"] = [Stall()]
    polling = asyncio.ensure_future(poll(wire))
    await happened(lambda: gateway.count("ActivateJobs") == 1)
    polling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await polling
    await wire.close()
    assert [call.rpc for call in gateway.calls] == ["ActivateJobs"]


# Streaming


async def test_a_stream_gives_job_after_job_until_the_gateway_ends_it(
    gateway: ScriptedGateway, wire: GrpcJobWire
) -> None:
    messages = [pb.ActivatedJob(key=1), pb.ActivatedJob(key=2, variables="{"), pb.ActivatedJob(key=3)]
    gateway.script["StreamActivatedJobs"] = [Answer(tuple(messages))]
    feed = await wire.stream(REQUEST)
    found = [await feed.read() for _ in range(3)]
    assert keys(found) == ["1", "2", "3"]
    assert [isinstance(job, UnreadableJob) for job in found] == [False, True, False]
    for _ in range(2):
        with pytest.raises(errors.Unavailable, match="ended the stream") as caught:
            await feed.read()
        assert not caught.value.answered
    (call,) = gateway.calls
    assert call.request == pb.StreamActivatedJobsRequest(
        type="charge", worker="me", timeout=30_500, fetchVariable=["a", "b"], tenantIds=["t"]
    )
    assert call.time_remaining is None or call.time_remaining > 10**6


async def test_a_stream_that_fails_says_how_and_is_not_opened_again(
    gateway: ScriptedGateway, wire: GrpcJobWire
) -> None:
    gateway.script["StreamActivatedJobs"] = [Abort(StatusCode.UNAVAILABLE, "no")]
    feed = await wire.stream(REQUEST)
    with pytest.raises(errors.Unavailable):
        await feed.read()
    assert gateway.count("StreamActivatedJobs") == 1


async def test_cancelling_a_stream_wakes_its_reader_with_an_error_of_the_tree(
    gateway: ScriptedGateway, wire: GrpcJobWire
) -> None:
    gateway.script["StreamActivatedJobs"] = [Stall()]
    feed = await wire.stream(REQUEST)
    reading = asyncio.ensure_future(feed.read())
    await happened(lambda: gateway.count("StreamActivatedJobs") == 1)
    feed.cancel()
    with pytest.raises(errors.Cancelled):
        await reading
    with pytest.raises(errors.Cancelled):
        await feed.read()


async def test_cancelling_the_reader_cancels_the_reader(gateway: ScriptedGateway, wire: GrpcJobWire) -> None:
    gateway.script["StreamActivatedJobs"] = [Stall()]
    feed = await wire.stream(REQUEST)
    reading = asyncio.ensure_future(feed.read())
    await happened(lambda: gateway.count("StreamActivatedJobs") == 1)
    if sys.version_info >= (3, 11):  # before, a task cannot tell who cancelled what
        feed.cancel()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_a_slow_reader_holds_the_gateway_back(gateway: ScriptedGateway, wire: GrpcJobWire) -> None:
    written = [0]
    message = pb.ActivatedJob(key=1, variables='{"a": "' + "x" * 20_000 + '"}')
    gateway.script["StreamActivatedJobs"] = [Endless(message, written)]
    feed = await wire.stream(REQUEST)
    await feed.read()
    await asyncio.sleep(0.5)
    assert written[0] < 100
    feed.cancel()


# Answering


async def test_a_job_is_completed_with_the_text_of_its_variables(
    gateway: ScriptedGateway, wire: GrpcJobWire
) -> None:
    await wire.complete(JOB, '{"paid": true}', timeout=3)
    (call,) = gateway.calls
    assert call.request == pb.CompleteJobRequest(
        jobKey=2251799813685249, variables='{"paid": true}', jobLeaseToken="lease"
    )


async def test_a_completion_that_is_not_answered_ends_when_its_time_is_over(
    gateway: ScriptedGateway, wire: GrpcJobWire
) -> None:
    gateway.script["CompleteJob"] = [Stall(), Answer(), Stall()]
    await wire.extend(JOB, 1, timeout=30)  # from now on there is a connection
    slow = asyncio.ensure_future(wire.complete(JOB, "", timeout=1))
    await happened(lambda: gateway.count("CompleteJob") == 1)
    await wire.complete(JOB, "", timeout=30)
    with pytest.raises(errors.DeadlineExceeded, match="within 1 s") as caught:
        await slow
    assert caught.value.sent
    assert not caught.value.answered
    with pytest.raises(errors.DeadlineExceeded):
        await wire.complete(JOB, "", timeout=0.1)


async def test_a_completion_whose_caller_is_cancelled_is_cancelled(
    gateway: ScriptedGateway, wire: GrpcJobWire
) -> None:
    gateway.script["CompleteJob"] = [Stall()]
    await wire.extend(JOB, 1, timeout=30)  # from now on there is a connection
    completing = asyncio.ensure_future(wire.complete(JOB, "", timeout=0.7))
    await happened(lambda: gateway.count("CompleteJob") == 1)
    completing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await completing
    await asyncio.sleep(0.8)  # its time would be over now


async def test_with_a_token_a_completion_has_its_time_as_well(gateway: ScriptedGateway) -> None:
    gateway.script["CompleteJob"] = [Stall()]
    async with camunda_grpc.aio_channel(gateway.address, credentials=Renewable()) as channel:
        wire = channel.job_wire()
        with pytest.raises(errors.DeadlineExceeded):
            await wire.complete(JOB, "", timeout=0.2)
        await wire.close()


async def test_every_other_answer_carries_all_that_is_given(
    gateway: ScriptedGateway, wire: GrpcJobWire
) -> None:
    await wire.fail(JOB, retries=2, message="no", backoff=1.5, variables='{"a":1}', timeout=3)
    await wire.throw_error(JOB, code="E", message="m", variables='{"b":2}', timeout=3)
    await wire.extend(JOB, 60, timeout=3)
    key, lease = int(JOB.job_key), JOB.job_lease_token
    assert [call.request for call in gateway.calls] == [
        pb.FailJobRequest(
            jobKey=key,
            retries=2,
            errorMessage="no",
            retryBackOff=1500,
            variables='{"a":1}',
            jobLeaseToken=lease,
        ),
        pb.ThrowErrorRequest(
            jobKey=key, errorCode="E", errorMessage="m", variables='{"b":2}', jobLeaseToken=lease
        ),
        pb.UpdateJobTimeoutRequest(jobKey=key, timeout=60_000, jobLeaseToken=lease),
    ]


async def test_a_job_without_a_lease_is_answered_without_one(
    gateway: ScriptedGateway, wire: GrpcJobWire
) -> None:
    plain = ActivatedJob(job_key="7")
    await wire.complete(plain, "", timeout=3)
    await wire.fail(plain, retries=0, message="", backoff=0, variables="", timeout=3)
    assert [call.request for call in gateway.calls] == [
        pb.CompleteJobRequest(jobKey=7),
        pb.FailJobRequest(jobKey=7),
    ]


def calls_of(wire: GrpcJobWire) -> dict[str, Callable[[], Any]]:
    return {
        "ActivateJobs": lambda: poll(wire),
        "CompleteJob": lambda: wire.complete(JOB, "", timeout=5),
        "FailJob": lambda: wire.fail(JOB, retries=1, message="", backoff=0, variables="", timeout=5),
        "ThrowError": lambda: wire.throw_error(JOB, code="E", message="", variables="", timeout=5),
        "UpdateJobTimeout": lambda: wire.extend(JOB, 5, timeout=5),
    }


@pytest.mark.parametrize(
    "code", [StatusCode.UNAVAILABLE, StatusCode.RESOURCE_EXHAUSTED, StatusCode.NOT_FOUND]
)
async def test_a_failure_is_raised_by_its_meaning_after_one_attempt(
    gateway: ScriptedGateway, wire: GrpcJobWire, code: StatusCode
) -> None:
    for rpc, call in calls_of(wire).items():
        gateway.script[rpc] = [Abort(code, "scripted")]
        with pytest.raises(errors.error_class(code.name), match="scripted") as caught:
            await call()
        assert caught.value.operation == rpc
        assert gateway.count(rpc) == 1


class Renewable(Credentials):
    """Gives another token after each rejection."""

    def __init__(self) -> None:
        self.number = 1

    def headers(self, timeout: float | None = None) -> Mapping[str, str]:
        return {"authorization": f"Bearer {self.number}"}

    def rejected(self, headers: Mapping[str, str]) -> bool:
        self.number += 1
        return True


async def test_a_rejected_token_is_renewed_once(gateway: ScriptedGateway) -> None:
    rejection = Abort(StatusCode.UNAUTHENTICATED, "who?")
    async with camunda_grpc.aio_channel(gateway.address, credentials=Renewable()) as channel:
        wire = channel.job_wire()
        for rpc, call in calls_of(wire).items():
            gateway.script[rpc] = [rejection, Answer()]
            await call()
            gateway.script[rpc] = [rejection]
            with pytest.raises(errors.Unauthenticated):
                await call()
            assert gateway.count(rpc) == 4
        gateway.script["StreamActivatedJobs"] = [rejection, Answer((pb.ActivatedJob(key=5),))]
        assert (await (await wire.stream(REQUEST)).read()).job_key == "5"
        await wire.close()


async def test_what_does_not_fit_into_a_message_is_refused_by_name(
    gateway: ScriptedGateway, wire: GrpcJobWire
) -> None:
    broken = "\udcff"
    with pytest.raises(errors.InvalidRequest, match="CompleteJob"):
        await wire.complete(JOB, broken, timeout=5)
    with pytest.raises(errors.InvalidRequest, match="errorMessage does not fit"):
        await wire.fail(JOB, retries=1, message=broken, backoff=0, variables="", timeout=5)
    with pytest.raises(errors.InvalidRequest, match="retries does not fit"):
        await wire.fail(JOB, retries=2**31, message="", backoff=0, variables="", timeout=5)
    with pytest.raises(errors.InvalidRequest, match="seconds must be"):
        await wire.extend(JOB, float("nan"), timeout=5)
    with pytest.raises(errors.InvalidRequest, match="maxJobsToActivate"):
        await wire.activate(REQUEST, 2**40, wait=1, timeout=5)
    assert gateway.calls == []


async def test_a_closed_wire_says_so(gateway: ScriptedGateway, wire: GrpcJobWire) -> None:
    await wire.close()
    for call in calls_of(wire).values():
        with pytest.raises(errors.Cancelled, match="closed") as caught:
            await call()
        assert not caught.value.sent


async def test_a_poll_that_runs_when_the_wire_is_closed_ends_with_an_error_of_the_tree(
    gateway: ScriptedGateway, wire: GrpcJobWire
) -> None:
    gateway.script["ActivateJobs"] = [Stall()]
    polling = asyncio.ensure_future(poll(wire))
    await happened(lambda: gateway.count("ActivateJobs") == 1)
    await wire.close()
    with pytest.raises(CamundaError):
        await polling


# Reading


def test_a_key_of_zero_is_none_and_times_are_seconds() -> None:
    job = job_of(pb.ActivatedJob(key=1, deadline=1_790_000_000_500))
    assert job == ActivatedJob(job_key="1", deadline=1_790_000_000.5)


def test_the_event_of_an_ordinary_job_is_unspecified_and_that_of_a_listener_is_its_own() -> None:
    kinds = pb.ActivatedJob.JobKind
    assert job_of(pb.ActivatedJob(key=1, listenerEventType="CREATING")).listener_event_type == "UNSPECIFIED"
    listener = job_of(pb.ActivatedJob(key=1, kind=kinds.TASK_LISTENER))
    assert (listener.kind, listener.listener_event_type) == ("TASK_LISTENER", "ASSIGNING")


def test_a_kind_that_has_no_name_yet_is_unknown_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        job = job_of(pb.ActivatedJob(key=1, kind=99, listenerEventType=98))  # type: ignore[arg-type]
    assert (job.kind, job.listener_event_type) == ("UNKNOWN", "UNKNOWN")
    assert "99" in caplog.text


@pytest.mark.parametrize("text", ["", " ", "null", "{}", " {} \n"])
def test_json_that_says_nothing_is_an_empty_object(text: str) -> None:
    job = job_of(pb.ActivatedJob(key=1, variables=text, customHeaders=text))
    assert (job.variables, job.custom_headers) == ({}, {})


def test_jobs_of_one_element_do_not_share_their_headers() -> None:
    for text in ('{"a":"b"}', '{"a":{"b":["c"]}}'):
        message = pb.ActivatedJob(key=1, customHeaders=text)
        first = job_of(message).custom_headers
        first["more"] = 1
        if isinstance(first["a"], dict):
            first["a"]["b"].append("d")
        assert "more" not in job_of(message).custom_headers
        assert job_of(message).custom_headers["a"] in ("b", {"b": ["c"]})


@pytest.mark.parametrize(
    "message",
    [
        pb.ActivatedJob(),
        pb.ActivatedJob(key=1, variables='{"a":NaN}'),
        pb.ActivatedJob(key=1, customHeaders="3"),
    ],
)
def test_what_cannot_be_read_is_internal(message: pb.ActivatedJob) -> None:
    with pytest.raises(errors.Internal, match="the answer cannot be read"):
        job_of(message)


# Where it comes from


async def test_a_sync_channel_gives_one_with_its_settings_and_a_connection_of_its_own(
    gateway: ScriptedGateway,
) -> None:
    with camunda_grpc.channel(
        gateway.address,
        credentials=Basic("demo", "demo"),
        retry=OFTEN,
        physical_tenant="eu",
        user_agent="mine/1",
    ) as channel:
        wire = channel.job_wire()
    gateway.script["CompleteJob"] = [Abort(StatusCode.UNAVAILABLE), Answer()]
    with pytest.raises(errors.Unavailable):
        await wire.complete(JOB, "", timeout=5)
    await wire.complete(JOB, "", timeout=5)
    for call in gateway.calls:
        assert call.metadata["authorization"] == "Basic ZGVtbzpkZW1v"
        assert call.metadata["camunda-physical-tenant"] == "eu"
        assert call.metadata["user-agent"].startswith("mine/1")
    await wire.close()


async def test_an_asyncio_channel_hands_on_its_interceptors(gateway: ScriptedGateway) -> None:
    seen: list[str] = []

    class Watcher(grpc.aio.UnaryUnaryClientInterceptor):  # type: ignore[misc]
        async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
            seen.append(type(request).__name__)
            return await continuation(details, request)

    async with camunda_grpc.aio_channel(gateway.address, interceptors=[Watcher()]) as channel:
        wire = channel.job_wire()
        await wire.complete(JOB, "", timeout=5)
        await wire.close()
    assert seen == ["CompleteJobRequest"]


async def test_interceptors_of_a_sync_channel_cannot_be_carried_over(gateway: ScriptedGateway) -> None:
    class Watcher(grpc.UnaryUnaryClientInterceptor):  # type: ignore[misc]
        def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
            return continuation(details, request)

    with (
        camunda_grpc.channel(gateway.address, interceptors=[Watcher()]) as channel,
        pytest.raises(errors.ConfigurationError, match="aio_channel"),
    ):
        channel.job_wire()


def test_without_an_event_loop_there_is_none(gateway: ScriptedGateway) -> None:
    with (
        camunda_grpc.channel(gateway.address) as channel,
        pytest.raises(errors.ConfigurationError, match="event loop"),
    ):
        channel.job_wire()


async def test_one_wire_serves_all_types(wire: GrpcJobWire) -> None:
    assert wire.of("charge") is wire
    assert wire.name in ("gRPC", "gRPC (fast)")
    assert (wire.pushes, wire.cancels) == (True, True)


async def test_reconnecting_goes_on_over_a_fresh_channel_and_gives_silent_streams_up(
    gateway: ScriptedGateway, wire: GrpcJobWire
) -> None:
    loop = asyncio.get_running_loop()
    gateway.script["StreamActivatedJobs"] = [Stall(messages=(pb.ActivatedJob(key=1),))]
    silent = await wire.stream(REQUEST)
    assert keys([await silent.read()]) == ["1"]
    since = loop.time()
    lively = await wire.stream(REQUEST)
    assert keys([await lively.read()]) == ["1"]
    gateway.script["ActivateJobs"] = [Stall(), Answer((jobs(2),)), Answer((jobs(3),))]
    stalled = asyncio.ensure_future(wire.activate(REQUEST, 1, wait=1, timeout=1))
    await happened(lambda: gateway.count("ActivateJobs") == 1)
    wire.reconnect(since)
    channel = wire._channel
    wire.reconnect(since)  # what began before has nothing against this one
    assert wire._channel is channel
    assert keys(await poll(wire)) == ["2"]
    with pytest.raises(errors.Unavailable, match="it was given up"):
        await silent.read()
    with pytest.raises(errors.DeadlineExceeded):  # left to end on its own
        await stalled
    with pytest.raises(errors.Unavailable, match="it was given up"):  # it brought nothing more
        await asyncio.wait_for(lively.read(), 20)
    later = await wire.stream(REQUEST)
    assert keys([await later.read()]) == ["1"]
    later.cancel()
    with pytest.raises(errors.Cancelled):
        await later.read()


async def test_a_channel_of_somebody_elses_is_kept(gateway: ScriptedGateway) -> None:
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        wire = GrpcJobWire(channel)
        wire.reconnect(asyncio.get_running_loop().time())
        assert wire._channel is channel
