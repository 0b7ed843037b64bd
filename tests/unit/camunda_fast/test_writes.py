"""What leaves in one write: requests that were made at once, and the one that follows from them."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from httpunk import HeaderMap

from camunda_fast import _http2
from camunda_fast._connection import Exchange, Profile
from camunda_fast._http2 import Http2


class _Transport:
    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    def close(self) -> None: ...


class _Exchange(Exchange):
    asked, among_many = HeaderMap(()), True

    def __init__(self) -> None:
        super().__init__(SimpleNamespace(loop=asyncio.get_running_loop()), "/path", b"body")  # type: ignore[arg-type]


def opened() -> tuple[Http2, _Transport]:
    profile = Profile(
        authority="host", scheme="http", window=65_536, header_list=4096, keepalive=None, patience=1.0
    )
    connection, transport = Http2(profile, lambda _: None), _Transport()
    connection.connection_made(transport)
    connection.data_received(b"\0\0\0\4\0\0\0\0\0")  # the server's settings
    return connection, transport


async def writes(connection: Http2, transport: _Transport, *requests: int) -> int:
    """How many writes so many requests take, in turns of the loop that follow each other."""
    for _ in range(5):
        await asyncio.sleep(0)
    transport.writes.clear()
    for number in requests:
        for _ in range(number):
            assert connection.open(_Exchange())
        await asyncio.sleep(0)
    for _ in range(5):
        await asyncio.sleep(0)
    return len(transport.writes)


async def test_what_follows_from_several_requests_leaves_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_http2, "_PUT_OFF_FOR", 60.0)
    connection, transport = opened()
    assert await writes(connection, transport, 3, 0, 1) == 1
    connection.leave()


async def test_one_request_waits_for_nothing() -> None:
    connection, transport = opened()
    assert await writes(connection, transport, 1, 1) == 2
    connection.leave()


async def test_nothing_is_put_off_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_http2, "_PUT_OFF_FOR", 0.0)
    connection, transport = opened()
    assert await writes(connection, transport, 3, 3) == 2
    connection.leave()


async def test_requests_without_end_do_not_put_a_write_off_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_http2, "_PUT_OFF_FOR", 60.0)
    connection, transport = opened()
    assert await writes(connection, transport, *[2] * 9) == 3
    connection.leave()
