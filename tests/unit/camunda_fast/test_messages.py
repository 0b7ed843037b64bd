"""How messages are put together from what comes over a connection."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("httpunk")

from camunda_fast._calls import Call
from camunda_fast._messages import framed


class Read(Call):
    """Keeps what has arrived."""

    def __init__(self, channel: Any) -> None:
        self.messages: list[bytes] = []
        super().__init__(channel, SimpleNamespace(path=""), b"", None, None, False)  # type: ignore[arg-type]

    def _arrived(self, message: bytes, unread: int) -> None:
        self.messages.append(message)


def chunks(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 2, 5, 7, 64, 10_000])
async def test_messages_are_whole_whatever_a_read_brings(size: int) -> None:
    sent = [b"", b"a", bytes(range(256)) * 3, b"", b"end"]
    exchange = Read(SimpleNamespace(loop=asyncio.get_running_loop(), largest=None))

    for chunk in chunks(b"".join(map(framed, sent)), size):
        exchange.data(chunk)

    assert exchange.messages == sent
    assert all(type(each) is bytes for each in exchange.messages)


async def test_the_frames_of_a_message_are_joined_once_when_all_are_there() -> None:
    """Gathered in a buffer that grows, and copied out of it, one of 3 MB cost a third more than over grpcio."""
    exchange = Read(SimpleNamespace(loop=asyncio.get_running_loop(), largest=None))
    message = bytes(1 << 16)
    first, *more, last = chunks(framed(message), 1 << 10)

    exchange.data(first)
    for chunk in more:
        exchange.data(chunk)
        assert exchange._parts is not None
        assert exchange._parts[-1] is chunk
    exchange.data(last + framed(b"next"))

    assert exchange.messages == [message, b"next"]
