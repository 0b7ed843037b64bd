"""A worker speaks: what goes wrong is told once, at its place, to whoever must do something about it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

import bridge
from camunda_core.errors import CamundaError, Internal, InvalidRequest, Unavailable
from camunda_worker import BpmnError, Job, JobFailure, Worker
from camunda_worker._handlers.stalls import done_within
from camunda_worker._intake.patience import Patience
from tests.fakes.job_wire import MemoryWire, until
from tests.unit.camunda_worker import process_handlers


async def done(wire: MemoryWire, worker: Worker, answers: int = 1) -> None:
    """The worker at work until there are so many answers."""
    working = asyncio.ensure_future(worker.work())
    await until(lambda: sum(wire.executed.values()) == answers)
    worker.stop(0)
    await working


def said(caplog: pytest.LogCaptureFixture, words: str) -> list[logging.LogRecord]:
    return [each for each in caplog.records if words in each.getMessage()]


# Handlers that fail


@pytest.mark.parametrize(("retries", "level"), [(3, "WARNING"), (2, "WARNING"), (1, "ERROR"), (0, "ERROR")])
@pytest.mark.parametrize("execution", ["coroutine", "thread", "process"])
async def test_a_handler_that_fails_is_told_of_with_its_traceback(
    execution: str, retries: int, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    wire = MemoryWire()
    wire.put(7, retries=retries)
    worker = Worker(wire)

    async def coroutine() -> None:
        thread()

    def thread() -> None:
        raise ValueError("what the handler said")

    if execution == "process":
        worker.task("work", execution="process", processes=1)(process_handlers.raise_value_error)
    else:
        worker.task("work")(coroutine if execution == "coroutine" else thread)
    await done(wire, worker)
    (record,) = said(caplog, "what the handler said")
    assert record.levelname == level
    assert vars(record)["job_key"] == "7"
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ValueError)
    text = logging.Formatter().format(record)
    assert text.splitlines()[-1] == "ValueError: what the handler said"
    told = text if execution != "process" else text.partition("The above exception")[0]
    sent = wire.last["7"]["message"].partition("The above exception")[0]
    for each in (told, sent):
        frames = [line for line in each.splitlines() if line.startswith('  File "')]
        assert frames
        assert not [line for line in frames if "/tests/" not in line], (
            "frames of ours come before the handler's"
        )


async def test_a_failure_that_a_handler_declares_is_told_of_in_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wire = MemoryWire()
    wire.put("again", "never", "caused", "error")
    worker = Worker(wire)

    @worker.task("work")
    async def work(job: Job) -> None:
        if job.key == "error":
            raise BpmnError("NO_CARD", "it has no card")
        if job.key == "caused":
            raise JobFailure("with a cause") from OSError("the cause")
        raise JobFailure("the bank is closed", retries=5 if job.key == "again" else 0)

    await done(wire, worker, 4)
    records = {vars(each)["job_key"]: each for each in said(caplog, "the bank is closed")}
    assert {key: each.levelname for key, each in records.items()} == {"again": "WARNING", "never": "ERROR"}
    assert not any(each.exc_info for each in records.values())
    (caused,) = said(caplog, "with a cause")
    assert "OSError: the cause" in logging.Formatter().format(caused)
    assert said(caplog, "NO_CARD") == []


async def test_the_first_jobs_and_the_first_fault_are_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "camunda_worker")
    faults: list[CamundaError] = [Unavailable("nobody is there")] * 3
    wire = MemoryWire(lambda call, key: faults.pop() if call == "activate" and faults else None)
    wire.put(1, 2)
    worker = Worker(wire)

    @worker.task("work", max_jobs_active=1)
    async def work() -> None: ...

    await done(wire, worker, 2)
    (fault,) = said(caplog, "nobody is there")
    (first,) = said(caplog, "the first jobs have come")
    assert (fault.levelname, first.levelname) == ("WARNING", "INFO")


# Handlers that block the loop


async def test_a_handler_that_blocks_the_loop_is_named(caplog: pytest.LogCaptureFixture) -> None:
    wire = MemoryWire()
    wire.put(*range(5))
    worker = Worker(wire)

    @worker.task("work")
    async def work(job: Job) -> None:
        await asyncio.sleep(0)
        time.sleep(0.15)  # noqa: ASYNC251

    await done(wire, worker, 5)
    record, *more = said(caplog, "blocked the event loop")
    assert len(more) < 4  # not once for each
    assert record.levelname == "WARNING"
    assert re.match(r"the handler of work has blocked the event loop for \d+\.\d s", record.getMessage())
    assert said(caplog, "overdue") == []


async def test_a_handler_in_a_thread_or_one_that_waits_blocks_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wire = MemoryWire()
    wire.put(1, type="thread")
    wire.put(2, type="waits")
    worker = Worker(wire)

    @worker.task("thread")
    def thread() -> None:
        time.sleep(0.2)

    @worker.task("waits")
    async def waits() -> None:
        await asyncio.sleep(0.2)

    await done(wire, worker, 2)
    assert said(caplog, "blocked") == []


async def test_a_poll_that_was_answered_while_the_loop_was_blocked_is_not_overdue() -> None:
    loop = asyncio.get_running_loop()
    ours, theirs = asyncio.Event(), asyncio.Event()

    async def answered_in_the_next_turn() -> str:
        await ours.wait()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return "an answer"

    poll = loop.create_task(answered_in_the_next_turn())

    def block() -> None:
        time.sleep(0.4)
        loop.call_later(0.05, ours.set)  # what lay unread is read when the loop runs again

    loop.call_later(0.05, block)
    assert await done_within(poll, 0.1)
    never = loop.create_task(theirs.wait())
    assert not await done_within(never, 0.05)
    never.cancel()


async def test_what_watches_a_handler_is_not_seen_by_it() -> None:
    wire = MemoryWire()
    wire.put("cancelled", "raises", "returns")
    worker = Worker(wire, grace=0)
    seen: list[Any] = []

    @worker.task("work")
    async def work(job: Job) -> dict[str, Any] | None:
        if job.key == "cancelled":
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError as error:
                seen.append(error.__context__)
                await asyncio.sleep(0)  # it may clean up
                seen.append("clean")
                raise
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 0.01)
        except asyncio.TimeoutError:
            if job.key == "raises":
                raise LookupError("no") from None
        return {"x": 1}

    working = asyncio.ensure_future(worker.work())
    await until(lambda: len(wire.executed) == 2)
    worker.stop()
    await working
    assert seen == [None, "clean"]
    assert wire.last["returns"]["variables"] == '{"x":1}'
    assert wire.last["raises"]["message"].endswith("LookupError: no")


# The wrong port


def test_a_foreign_protocol_is_permanent_unless_the_right_one_was_spoken_before() -> None:
    foreign = Internal("http://x does not speak HTTP/1.1; is this the gRPC port?", answered=False)
    patience = Patience(0)
    patience.failed(foreign)
    patience.failed(foreign)
    with pytest.raises(Internal):
        patience.failed(foreign)
    patience = Patience(0)
    patience.succeeded()
    for _ in range(10):
        patience.failed(foreign)


@contextlib.asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[str]:
    """A server that answers everybody so; its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(answer)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1")
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


HTTP1 = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
HTTP2 = bytes.fromhex("000000040000000000")  # an empty SETTINGS frame
_CLIENTS: dict[str, tuple[bytes, Callable[[str], Any]]] = {
    "REST": (HTTP2, lambda address: bridge.Client(rest_address=f"http://{address}")),
    "gRPC": (HTTP1, lambda address: bridge.Client(grpc_address=address)),
}


@pytest.mark.parametrize("wire", _CLIENTS)
async def test_a_worker_that_was_given_the_other_wires_port_ends_and_says_so(wire: str) -> None:
    answer, client = _CLIENTS[wire]
    other = "gRPC" if wire == "REST" else "REST"
    async with answering(answer) as address:
        worker = Worker(client(address), grace=0)

        @worker.task("work")
        async def work() -> None: ...

        with pytest.raises(CamundaError, match=f"is this the {other} port\\?"):
            await asyncio.wait_for(worker.work(), 30)


# What cannot be sent


@pytest.mark.parametrize("backoff", [1e30, -1, float("nan"), float("inf"), "5", True])
async def test_a_backoff_beyond_range_is_refused_by_name(backoff: Any) -> None:
    wire = MemoryWire()
    wire.put("raised", "by hand")
    worker = Worker(wire)
    told: list[str] = []

    @worker.task("work", retry_backoff=7)
    async def work(job: Job) -> None:
        if job.key == "raised":
            raise JobFailure("the bank is closed", backoff=backoff)
        with pytest.raises(InvalidRequest) as refused:
            await job.fail("the bank is closed", backoff=backoff)
        told.append(refused.value.message)

    await done(wire, worker, 2)
    assert wire.executed == {("fail", "raised"): 1, ("complete", "by hand"): 1}
    message = wire.last["raised"]["message"]
    assert "backoff of a JobFailure" in message
    assert "the bank is closed" in message
    assert wire.last["raised"]["backoff"] == 7
    assert wire.last["raised"]["retries"] == 2
    assert told[0].startswith("backoff ")


async def test_an_answer_by_hand_that_cannot_be_sent_is_refused_and_another_may_follow() -> None:
    wire = MemoryWire()
    wire.put(1)
    worker = Worker(wire)

    @worker.task("work")
    async def work(job: Job) -> None:
        with pytest.raises(InvalidRequest, match="retries"):
            await job.fail("no", retries="many")  # type: ignore[arg-type]
        with pytest.raises(InvalidRequest, match="code"):
            await job.throw_error(" ")
        with pytest.raises(Exception, match="object"):
            await job.throw_error("CODE", variables={"x": object()})
        await job.complete()

    await done(wire, worker)
    assert wire.executed == {("complete", "1"): 1}
