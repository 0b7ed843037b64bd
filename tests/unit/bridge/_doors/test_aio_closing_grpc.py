"""Closing a client over gRPC: what is under way, or begins at that moment, ends with an error of the call; and it is soon done."""

from __future__ import annotations

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
from tests.fakes.grpc import ScriptedGateway, Stall
from tests.unit.bridge._doors.aio_side import Underway, sleep, until

#: What the guide says closing may take, and some for a busy machine.
LONGEST = 5.0 + 15.0


@pytest.fixture
def gateway() -> Iterator[ScriptedGateway]:
    made = ScriptedGateway()
    for rpc in ("ActivateJobs", "StreamActivatedJobs", "PublishMessage"):
        made.script[rpc] = [Stall()]
    yield made
    made.release()
    made.stop()


async def publish(client: bridge.AsyncClient) -> None:
    await client.publish_message("paid", correlation_key="7", timeout=60)


async def poll(client: bridge.AsyncClient) -> None:
    await client.activate_jobs("t", max_jobs_to_activate=1)


async def stream(client: bridge.AsyncClient) -> None:
    async for _ in client.stream_activated_jobs("t"):
        pass


RPCS = {"publish": "PublishMessage", "poll": "ActivateJobs", "stream": "StreamActivatedJobs"}
CALLS: dict[str, Callable[[bridge.AsyncClient], Any]] = {"publish": publish, "poll": poll, "stream": stream}


@pytest.mark.parametrize("what", CALLS)
async def test_a_call_that_begins_when_the_channel_is_closed_is_cancelled(
    gateway: ScriptedGateway, what: str
) -> None:
    client = bridge.AsyncClient(grpc_address=gateway.address)
    await client._doors["grpc"].close()  # between the question whether the client is closed and the call
    with pytest.raises(Cancelled, match="the client was closed") as caught:
        await CALLS[what](client)
    assert not caught.value.sent
    await client.aclose()


@pytest.mark.parametrize("what", CALLS)
async def test_a_call_under_way_ends_when_the_client_is_closed(gateway: ScriptedGateway, what: str) -> None:
    client = bridge.AsyncClient(grpc_address=gateway.address)
    call = Underway(partial(CALLS[what], client))
    await until(lambda: gateway.count(RPCS[what]) > 0, "the call")
    began = time.monotonic()
    await client.aclose()
    assert time.monotonic() - began < LONGEST
    ended = await call.ended()
    assert ended is None if what == "stream" else isinstance(ended, Cancelled)


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


async def test_closing_does_not_wait_for_a_gateway_that_never_speaks(mute: str) -> None:
    client = bridge.AsyncClient(grpc_address=mute)
    client.stream_activated_jobs("t")
    calls = [Underway(partial(poll, client)) for _ in range(3)]
    await sleep(0.05)
    began = time.monotonic()
    await client.aclose()
    assert time.monotonic() - began < LONGEST
    for call in calls:
        assert isinstance(await call.ended(), Cancelled)


async def test_streams_that_open_while_the_client_closes_end(gateway: ScriptedGateway) -> None:
    for pause in range(20):
        client = bridge.AsyncClient(grpc_address=gateway.address)
        streams = [Underway(partial(stream, client)) for _ in range(4)]
        await sleep(pause / 2000)
        await client.aclose()
        for each in streams:
            ended = await each.ended()
            assert ended is None or isinstance(ended, CamundaError)
