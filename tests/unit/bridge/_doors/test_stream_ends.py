"""How job streams end, and what does not end them: nobody waits for ever, and one job does not cost the others."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest

import bridge
import bridge._doors.aio_rest
import bridge._doors.rest
from bridge._doors.polling import StreamPlan
from camunda_core.errors import CamundaError, Cancelled, Internal
from camunda_core.retry import NO_RETRY
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from tests.fakes.rest import Step, answer, problem
from tests.fakes.rest_jobs import JobGateway

WAIT = 10
Reader = Callable[[str, int], list[str]]


@pytest.fixture
def gateway() -> Iterator[JobGateway]:
    with JobGateway() as made:
        yield made


def sync_client(address: str, count: int) -> list[str]:
    with bridge.Client(rest_address=address, retry=NO_RETRY) as client:
        return _within(client.stream_activated_jobs("work"), count, lambda job: job.job_key)


def drop_in(address: str, count: int) -> list[str]:
    with bridge.channel(address, retry=NO_RETRY) as channel:
        call = stubs.GatewayStub(channel).StreamActivatedJobs(_request())
        return _within(call, count, lambda job: str(job.key))


def asyncio_client(address: str, count: int) -> list[str]:
    async def read() -> list[str]:
        async with bridge.AsyncClient(rest_address=address, retry=NO_RETRY) as client:
            jobs = client.stream_activated_jobs("work")
            return [(await asyncio.wait_for(anext(jobs), WAIT)).job_key for _ in range(count)]

    return asyncio.run(read())


def asyncio_drop_in(address: str, count: int) -> list[str]:
    async def read() -> list[str]:
        async with bridge.aio_channel(address, retry=NO_RETRY) as channel:
            call = stubs.GatewayStub(channel).StreamActivatedJobs(_request())
            return [str((await asyncio.wait_for(call.read(), WAIT)).key) for _ in range(count)]

    return asyncio.run(read())


def _request() -> pb.StreamActivatedJobsRequest:
    return pb.StreamActivatedJobsRequest(type="work", timeout=1000)


def _within(jobs: Any, count: int, key: Callable[[Any], str]) -> list[str]:
    """Reads in a thread, so that a reader that waits for ever fails the test instead of hanging it."""
    found: list[str] = []
    failed: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(count):
                found.append(key(next(jobs)))
        except BaseException as error:
            failed.append(error)

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    reading.join(WAIT)
    assert not reading.is_alive(), "the reader waits for ever"
    if failed:
        raise failed[0]
    return found


READERS = [sync_client, drop_in, asyncio_client, asyncio_drop_in]
readers = pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)


@readers
def test_a_stream_whose_thread_or_task_fails_ends_with_an_error(
    gateway: JobGateway, monkeypatch: pytest.MonkeyPatch, read: Reader
) -> None:
    def fails(*_: Any) -> Any:
        raise MemoryError("none left")

    monkeypatch.setattr(StreamPlan, "poll", fails)
    with pytest.raises(Internal, match="ended by itself: MemoryError: none left"):
        read(gateway.address, 1)


@pytest.mark.parametrize("read", [sync_client, drop_in], ids=["client", "drop-in"])
def test_a_stream_ends_with_an_error_even_where_its_thread_is_told_to_exit(
    gateway: JobGateway, monkeypatch: pytest.MonkeyPatch, read: Reader
) -> None:
    monkeypatch.setattr(StreamPlan, "poll", lambda *_: (_ for _ in ()).throw(SystemExit(1)))
    with pytest.raises(Internal, match="SystemExit"):
        read(gateway.address, 1)


async def test_a_reader_learns_that_the_task_of_its_stream_was_cancelled(gateway: JobGateway) -> None:
    async with bridge.AsyncClient(rest_address=gateway.address) as client:
        jobs = client.stream_activated_jobs("work")
        reading = asyncio.ensure_future(anext(jobs))
        await asyncio.to_thread(gateway.polling.acquire, timeout=WAIT)
        for task in asyncio.all_tasks() - {asyncio.current_task(), reading}:
            task.cancel()
        with pytest.raises(Cancelled, match="task of the stream was cancelled"):
            await asyncio.wait_for(reading, WAIT)


def _job(key: int, **more: Any) -> dict[str, Any]:
    return {"jobKey": str(key), "type": "work", "retries": 3, "variables": {}, **more}


DEEP = b'{"jobs":[{"jobKey":"7","type":"work","retries":3,"variables":%b},{"jobKey":"8","retries":3}]}' % (
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000
)
BATCHES: dict[str, Step] = {
    "a version that is no number": answer(
        200, {"jobs": [_job(7, processDefinitionVersion="new"), _job(8, jobLeaseToken="t")]}
    ),
    "nested too deeply": answer(200, DEEP),
    "not a number": answer(
        200, b'{"jobs":[{"jobKey":7,"retries":3,"variables":{"x":NaN}},{"jobKey":"8","retries":3}]}'
    ),
}


@readers
@pytest.mark.parametrize("batch", BATCHES.values(), ids=BATCHES)
def test_a_job_that_cannot_be_read_is_failed_and_the_stream_goes_on_with_the_others(
    gateway: JobGateway, caplog: pytest.LogCaptureFixture, read: Reader, batch: Step
) -> None:
    gateway.faults.append(batch)
    gateway.add(1, first=9)
    assert read(gateway.address, 2) == ["8", "9"]
    failed = {each.target: each.json for each in gateway.requests if each.target.endswith("/failure")}
    assert failed["/v2/jobs/7/failure"]["retries"] == 2
    assert "read" in failed["/v2/jobs/7/failure"]["errorMessage"]
    said = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(said) == 1
    assert "cannot be read" in said[0].getMessage()


@readers
def test_a_job_that_has_not_even_a_key_is_logged_and_left(
    gateway: JobGateway, caplog: pytest.LogCaptureFixture, read: Reader
) -> None:
    gateway.faults.append(answer(200, {"jobs": ["what", {"type": "work"}, None, _job(8)]}))
    assert read(gateway.address, 1) == ["8"]
    assert caplog.text.count("a job stays locked until its timeout") == 3


@readers
@pytest.mark.parametrize("nothing", [{}, {"jobs": None}, {"jobs": []}], ids=str)
def test_an_answer_without_jobs_is_an_empty_one(
    gateway: JobGateway, read: Reader, nothing: dict[str, Any]
) -> None:
    gateway.faults.append(answer(200, nothing))
    gateway.add(1)
    assert read(gateway.address, 1) == ["1"]
    with bridge.Client(rest_address=gateway.address) as client:
        gateway.faults.append(answer(200, nothing))
        assert client.activate_jobs("work", max_jobs_to_activate=1, request_timeout=0) == []


@readers
def test_an_answer_that_is_no_list_of_jobs_is_logged_and_asked_for_again(
    gateway: JobGateway, caplog: pytest.LogCaptureFixture, read: Reader
) -> None:
    gateway.faults += [answer(200, {"jobs": 5}), answer(200, b"[]")]
    gateway.add(1)
    assert read(gateway.address, 1) == ["1"]
    assert caplog.text.count("the stream goes on trying") == 1


def test_what_could_not_be_read_is_counted(gateway: JobGateway) -> None:
    gateway.faults.append(answer(200, {"jobs": ["what", _job(7, retries={}), _job(8)]}))
    with bridge.Client(rest_address=gateway.address) as client:
        jobs = client.stream_activated_jobs("work")
        assert next(jobs).job_key == "8"
        inner: Any = jobs._stream
        assert inner.unreadable == 2


# Closing


def test_a_stream_may_be_opened_while_its_client_is_closed(
    gateway: JobGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    starting = threading.Event()
    start = threading.Thread.start

    def slow_start(thread: threading.Thread) -> None:
        if thread.name == "camunda-job-stream":
            starting.set()
            time.sleep(0.2)  # what the scheduler may do here
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", slow_start)
    client = bridge.Client(rest_address=gateway.address)
    ended: list[Any] = []

    def read() -> None:
        try:
            ended.append(next(client.stream_activated_jobs("work"), None))
        except CamundaError as error:
            ended.append(error)

    opening = threading.Thread(target=read)
    opening.start()
    assert starting.wait(WAIT)
    client.close()
    opening.join(WAIT)
    assert len(ended) == 1
    assert ended[0] is None or isinstance(ended[0], CamundaError)


def test_a_thread_that_cannot_be_started_is_an_error_and_closing_works(
    gateway: JobGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with bridge.Client(rest_address=gateway.address) as client, monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(CamundaError, match="can't start new thread"):
            client.stream_activated_jobs("work")


def test_a_call_that_is_cancelled_before_it_began_leaves_nothing_behind(gateway: JobGateway) -> None:
    async def cancel() -> None:
        async with bridge.aio_channel(gateway.address) as channel:
            stub: Any = stubs.GatewayStub(channel)
            for begin in (
                lambda: stub.Topology(pb.TopologyRequest()),
                lambda: stub.ActivateJobs(pb.ActivateJobsRequest(type="t")),
            ):
                call = begin()
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await (call if hasattr(call, "__await__") else call.read())
                assert await call.code() is grpc.StatusCode.CANCELLED

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(cancel())
        gc.collect()
    assert not [each for each in gateway.requests if each.target != "/v2/topology"]


def test_a_drop_in_call_settles_whatever_its_deserializer_raises(gateway: JobGateway) -> None:
    class Odd(BaseException):
        pass

    def odd(_: bytes) -> Any:
        raise Odd("never seen")

    with bridge.channel(gateway.address) as channel:
        call = channel.unary_unary(
            "/gateway_protocol.Gateway/Topology",
            request_serializer=pb.TopologyRequest.SerializeToString,
            response_deserializer=odd,
        ).future(pb.TopologyRequest())
        with pytest.raises(grpc.RpcError, match="never seen"):
            call.result(timeout=WAIT)


def test_a_denied_poll_still_ends_the_stream(gateway: JobGateway) -> None:
    gateway.faults.append(problem(403, "FORBIDDEN", "not yours"))
    with pytest.raises(CamundaError, match="not yours"):
        sync_client(gateway.address, 1)
