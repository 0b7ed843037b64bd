"""A completion that nobody awaits ends as one that is awaited, whatever the server does."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

import camunda_grpc
from camunda_core import errors
from camunda_core.jobs import ActivatedJob
from camunda_grpc._job_wire import GrpcJobWire
from tests.fakes.grpc import ScriptedGateway
from tests.fakes.http2 import RST_STREAM, Conversation
from tests.faults.frames import Opened, Play, served
from tests.faults.test_fast_peers import BROKEN, ORDINARY

JOB = ActivatedJob(job_key="1")
_PLAYS: dict[str, Play] = {**ORDINARY, **{name: play for name, (play, _, _) in BROKEN.items()}}


async def begun(wire: GrpcJobWire, timeout: float = 15) -> errors.CamundaError | None:
    """How a completion that was begun ended; it is told once."""
    told: list[errors.CamundaError | None] = []
    flight = wire.begin_completing(JOB, "", timeout=timeout, ended=told.append)
    assert flight is not None
    for _ in range(10_000):
        if told:
            break
        await asyncio.sleep(0.002)
    flight.cancel()
    await asyncio.sleep(0)
    (end,) = told
    return end


def opened(address: str) -> GrpcJobWire:
    return camunda_grpc.aio_channel(address, engine="fast").job_wire()


@pytest.mark.parametrize("play", _PLAYS.values(), ids=list(_PLAYS))
async def test_it_ends_as_one_that_is_awaited(peer: Opened, play: Play) -> None:
    awaited: errors.CamundaError | None = None
    wire = opened(peer(play, served).address)
    try:
        await wire.complete(JOB, "", timeout=15)
    except errors.CamundaError as error:
        awaited = error
    finally:
        await wire.close()
    wire = opened(peer(play, served).address)
    try:
        ended = await begun(wire)
    finally:
        await wire.close()
    assert type(ended) is type(awaited)
    if ended is not None and awaited is not None:
        assert (ended.message, ended.sent, ended.answered) == (
            awaited.message,
            awaited.sent,
            awaited.answered,
        )


async def test_its_time_is_limited_and_the_server_is_told_when_it_is_over(peer: Opened) -> None:
    over = asyncio.Event()
    loop = asyncio.get_running_loop()

    def play(conversation: Conversation) -> None:
        conversation.begin()
        conversation.until(RST_STREAM)
        loop.call_soon_threadsafe(over.set)

    wire = opened(peer(play).address)
    try:
        ended = await begun(wire, timeout=0.1)
        assert isinstance(ended, errors.DeadlineExceeded)
        assert not ended.answered
        await asyncio.wait_for(over.wait(), 20)
    finally:
        await wire.close()


async def test_one_that_is_cancelled_or_whose_wire_is_closed_is_told_of(peer: Opened) -> None:
    def play(conversation: Conversation) -> None:
        conversation.begin()
        conversation.until(RST_STREAM)

    wire = opened(peer(play).address)
    told: list[errors.CamundaError | None] = []
    first = wire.begin_completing(JOB, "", timeout=15, ended=told.append)
    wire.begin_completing(JOB, "", timeout=15, ended=told.append)
    assert first is not None
    first.cancel()
    assert [type(each) for each in told] == [errors.Cancelled]
    await wire.close()
    assert [type(each) for each in told] == [errors.Cancelled] * 2
    with pytest.raises(errors.Cancelled):
        wire.begin_completing(JOB, "", timeout=15, ended=told.append)
    assert len(told) == 2


async def test_what_does_not_fit_into_a_message_is_told_before_it_is_sent(peer: Opened) -> None:
    wire = opened(peer(served).address)
    try:
        with pytest.raises(errors.InvalidRequest):
            wire.begin_completing(ActivatedJob(job_key="no key"), "", timeout=15, ended=lambda _: None)
    finally:
        await wire.close()


@pytest.mark.default_engine("what it has not")
async def test_there_is_none_over_grpcio_or_where_calls_are_more_than_calls(peer: Opened) -> None:
    address = peer(served).address
    for wire in (
        camunda_grpc.aio_channel(address, engine="default").job_wire(),
        camunda_grpc.aio_channel((address, peer(served).address), engine="fast").job_wire(),
    ):
        try:
            assert wire.begin_completing(JOB, "", timeout=15, ended=lambda _: None) is None
        finally:
            await wire.close()


async def test_the_server_is_told_how_much_time_there_is() -> None:
    gateway = ScriptedGateway()
    wire = opened(gateway.address)
    try:
        for timeout in (300, 300, 100):
            assert await begun(wire, timeout=timeout) is None
    finally:
        await wire.close()
        gateway.stop()
    left = [call.time_remaining or 0 for call in gateway.calls]
    assert [round(each, -2) for each in left] == [300, 300, 100]


async def test_what_is_sent_waits_for_nothing_in_the_kernel(
    peer: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[socket.socket] = []
    connect = asyncio.BaseEventLoop.create_connection

    async def noted(self: Any, *given: Any, sock: socket.socket, **named: Any) -> Any:
        made.append(sock)
        return await connect(self, *given, sock=sock, **named)

    monkeypatch.setattr(asyncio.BaseEventLoop, "create_connection", noted)
    wire = opened(peer(ORDINARY["whole"], served).address)
    try:
        assert await begun(wire) is None
        assert made
        assert all(each.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for each in made)
    finally:
        await wire.close()
