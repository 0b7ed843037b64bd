"""Closing a client over gRPC: what is under way, or begins at that moment, ends with an error of the call; and it is soon done."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

import bridge
from camunda_core.errors import CamundaError, Cancelled
from tests.fakes.grpc import ScriptedGateway, Stall, until

#: What the guide says closing may take, and some for a busy machine.
LONGEST = 5.0 + 5.0
POLL: dict[str, Any] = {"max_jobs_to_activate": 1}


@pytest.fixture
def gateway() -> Iterator[ScriptedGateway]:
    made = ScriptedGateway()
    for rpc in ("ActivateJobs", "StreamActivatedJobs", "PublishMessage"):
        made.script[rpc] = [Stall()]
    yield made
    made.release()
    made.stop()


def publish(client: bridge.Client) -> None:
    client.publish_message("paid", correlation_key="7", timeout=60)


def poll(client: bridge.Client) -> None:
    client.activate_jobs("t", **POLL)


def stream(client: bridge.Client) -> None:
    for _ in client.stream_activated_jobs("t"):
        pass


async def aio_publish(client: bridge.AsyncClient) -> None:
    await client.publish_message("paid", correlation_key="7", timeout=60)


async def aio_poll(client: bridge.AsyncClient) -> None:
    await client.activate_jobs("t", **POLL)


async def aio_stream(client: bridge.AsyncClient) -> None:
    async for _ in client.stream_activated_jobs("t"):
        pass


RPCS = {"publish": "PublishMessage", "poll": "ActivateJobs", "stream": "StreamActivatedJobs"}
SYNC: dict[str, Callable[[bridge.Client], None]] = {"publish": publish, "poll": poll, "stream": stream}
AIO: dict[str, Callable[[bridge.AsyncClient], Any]] = {
    "publish": aio_publish,
    "poll": aio_poll,
    "stream": aio_stream,
}


@pytest.mark.parametrize("what", SYNC)
def test_a_call_that_begins_when_the_channel_is_closed_is_cancelled(
    gateway: ScriptedGateway, what: str
) -> None:
    client = bridge.Client(grpc_address=gateway.address)
    client._doors["grpc"].close()  # between the question whether the client is closed and the call
    with pytest.raises(Cancelled, match="the client was closed") as caught:
        SYNC[what](client)
    assert not caught.value.sent
    client.close()


@pytest.mark.parametrize("what", AIO)
async def test_an_asyncio_call_that_begins_when_the_channel_is_closed_is_cancelled(
    gateway: ScriptedGateway, what: str
) -> None:
    client = bridge.AsyncClient(grpc_address=gateway.address)
    await client._doors["grpc"].close()
    with pytest.raises(Cancelled, match="the client was closed"):
        await AIO[what](client)
    await client.aclose()


@pytest.mark.parametrize("what", SYNC)
def test_a_call_under_way_ends_when_the_client_is_closed(gateway: ScriptedGateway, what: str) -> None:
    client = bridge.Client(grpc_address=gateway.address)
    ended: list[BaseException | None] = []
    thread = _ended(partial(SYNC[what], client), ended)
    until(lambda: gateway.count(RPCS[what]) > 0, "the call")
    began = time.monotonic()
    client.close()
    assert time.monotonic() - began < LONGEST
    thread.join(20)
    assert not thread.is_alive()
    if what == "stream":
        assert ended == [None]
    else:
        assert isinstance(ended[0], Cancelled)


@pytest.mark.parametrize("what", AIO)
async def test_an_asyncio_call_under_way_ends_when_the_client_is_closed(
    gateway: ScriptedGateway, what: str
) -> None:
    client = bridge.AsyncClient(grpc_address=gateway.address)
    task = asyncio.ensure_future(AIO[what](client))
    await asyncio.to_thread(until, lambda: gateway.count(RPCS[what]) > 0, "the call")
    began = time.monotonic()
    await client.aclose()
    assert time.monotonic() - began < LONGEST
    await asyncio.wait({task}, timeout=20)
    assert task.done()
    assert not task.cancelled()  # nobody has cancelled it
    if what == "stream":
        assert task.exception() is None
    else:
        assert isinstance(task.exception(), Cancelled)


@pytest.mark.parametrize("what", ["publish", "poll"])
async def test_a_task_that_is_cancelled_is_cancelled(gateway: ScriptedGateway, what: str) -> None:
    async with bridge.AsyncClient(grpc_address=gateway.address) as client:
        task = asyncio.ensure_future(AIO[what](client))
        await asyncio.to_thread(until, lambda: gateway.count(RPCS[what]) > 0, "the call")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.fixture
def mute() -> Iterator[str]:
    """The address of something that takes connections and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    taken: list[socket.socket] = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                taken.append(listener.accept()[0])

    thread = threading.Thread(target=accept)
    thread.start()
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(20)
    for each in taken:
        each.close()


def test_closing_does_not_wait_for_a_gateway_that_never_speaks(mute: str) -> None:
    client = bridge.Client(grpc_address=mute)
    client.stream_activated_jobs("t")
    ended: list[CamundaError] = []

    def work() -> None:
        try:
            poll(client)
        except CamundaError as error:
            ended.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    client.close()
    assert time.monotonic() - began < LONGEST
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    assert len(ended) == 3


async def test_closing_with_asyncio_does_not_wait_for_a_gateway_that_never_speaks(mute: str) -> None:
    client = bridge.AsyncClient(grpc_address=mute)
    client.stream_activated_jobs("t")
    tasks = [asyncio.ensure_future(aio_poll(client)) for _ in range(3)]
    await asyncio.sleep(0.05)
    began = time.monotonic()
    await client.aclose()
    assert time.monotonic() - began < LONGEST
    done, pending = await asyncio.wait(tasks, timeout=20)
    assert not pending
    assert all(isinstance(task.exception(), Cancelled) for task in done)


def _ended(work: Callable[[], None], ended: list[BaseException | None]) -> threading.Thread:
    """``work`` in a thread, which notes what it ended with."""

    def run() -> None:
        try:
            work()
        except BaseException as error:
            ended.append(error)
        else:
            ended.append(None)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_streams_that_open_while_the_client_closes_end(gateway: ScriptedGateway) -> None:
    for pause in range(20):
        client = bridge.Client(grpc_address=gateway.address)
        ended: list[BaseException | None] = []
        threads = [_ended(partial(stream, client), ended) for _ in range(4)]
        time.sleep(pause / 2000)
        client.close()
        for thread in threads:
            thread.join(20)
            assert not thread.is_alive()
        assert all(error is None or isinstance(error, CamundaError) for error in ended), ended
