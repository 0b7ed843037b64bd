"""What httpunk's ``H2Streams`` does that the fast engine had to be built around, shown without the engine.

These are the findings of docs/decisions.md#fast-engine. A release of httpunk in which one of them is
otherwise fails here by its name: then the page and what ``camunda_fast`` does about it want a look.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.http2 import CONTINUATION, DATA, HEAD, HEADERS, SETTINGS, WINDOW_UPDATE, block, frame

pytest.importorskip("httpunk")

from httpunk import HeaderMap
from httpunk._httpunk import (
    H2_HEADERS_HEAD,
    H2_HEADERS_TRAILERS,
    H2FrameData,
    H2FrameHeaders,
    H2FrameSettings,
    H2ProtocolError,
    H2Reason,
    H2Streams,
)

END_STREAM, ACK, END_HEADERS = 1, 1, 4
_PREFACE = 24
#: Bytes: of the connection's window, of one stream's, of the largest frame, and of the longest headers.
TOGETHER, WINDOW, FRAME, LIST = 1024 * 1024, 16 * 1024, 16 * 1024, 16 * 1024
#: A header that the HPACK table remembers, and the one byte that says it again.
REMEMBERED, AGAIN = b"\x40" + block((b"x", b"y" * 4000))[1:], b"\xbe"
ENABLE_PUSH = 2


class Client:
    """One connection of a client with one request on it, and what it would write."""

    def __init__(self, *, acknowledged: bool = True, **limits: int) -> None:
        given: dict[str, Any] = {
            "initial_window_size": WINDOW,
            "connection_window": TOGETHER,
            "max_frame_size": FRAME,
            "max_header_list_size": LIST,
            "max_send_buf_size": TOGETHER,
            "enable_push": False,
            **limits,
        }
        self.state = state = H2Streams("client", **given)
        state.begin()
        self.take(frame(SETTINGS, 0, 0))
        if acknowledged:
            self.take(frame(SETTINGS, ACK, 0))
        assert state.try_claim_slot()
        sid = state.open_stream(
            "POST", "/", HeaderMap([]), True, False, self, scheme="http", authority="host"
        )
        assert sid is not None
        self.sid = sid
        self._begun = False
        self.written()

    def take(self, data: bytes) -> list[tuple[int, tuple[bytes, ...]]]:
        """Reads it; of each of its headers what they are, and their names."""
        found = []
        for each in self.state.receive(data):
            if isinstance(each, H2FrameSettings):
                self.state.recv_settings(each)
            elif isinstance(each, H2FrameHeaders):
                verdict = self.state.recv_headers(each)
                found.append((verdict.kind, tuple(name for name, _ in each.headers.raw_items())))
            elif isinstance(each, H2FrameData):
                received = self.state.recv_data(each)
                if received.budgeted and received.payload is not None:
                    self.state.release_data_frame(each.stream_id, len(received.payload))
        return found

    def written(self) -> list[tuple[int, int, bytes]]:
        """The frames that it wants sent: kind, stream and payload."""
        pending, _ = self.state.take_pending()
        data = bytes(pending)
        pending.release()
        self.state.credit_written()
        return list(_frames(data))

    def room(self) -> dict[int, int]:
        """How many more bytes the server has just been told that it may send, by stream; 0 is the connection."""
        told: dict[int, int] = {}
        for kind, stream, payload in self.written():
            if kind == WINDOW_UPDATE:
                told[stream] = told.get(stream, 0) + int.from_bytes(payload, "big")
        return told

    def headers(self, payload: bytes) -> bytes:
        """It as the head of the answer, in as many frames as it takes."""
        parts = [payload[at : at + FRAME] for at in range(0, len(payload), FRAME)]
        last = len(parts) - 1
        return b"".join(
            frame(CONTINUATION if number else HEADERS, END_HEADERS if number == last else 0, self.sid, part)
            for number, part in enumerate(parts)
        )

    def data(self, count: int, flags: int = 0) -> bytes:
        return frame(DATA, flags, self.sid, b"x" * count)


def _frames(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = _PREFACE if data.startswith(b"PRI") else 0
    while at < len(data):
        size, kind = int.from_bytes(data[at : at + 3], "big"), data[at + 3]
        yield kind, int.from_bytes(data[at + 5 : at + 9], "big"), data[at + 9 : at + 9 + size]
        at += 9 + size


def test_room_that_is_given_back_before_it_was_used_counts_as_unread_and_stays_with_the_connection() -> None:
    client = Client()
    state, lent = client.state, 6 * WINDOW
    client.take(client.headers(HEAD))

    state.release_capacity(client.sid, lent)
    assert client.room() == {client.sid: lent}
    for _ in range(6):
        client.take(client.data(WINDOW))
    # All of it has been read, as far as anybody could have said so; httpunk waits to be told again.
    assert state.stream_recv_unreleased(client.sid) == lent
    client.take(client.data(0, END_STREAM))
    state.aclose_body(client.sid)

    assert not state.has_stream(client.sid)
    assert state.conn_recv_available == TOGETHER + lent


def test_what_was_read_is_announced_when_a_third_of_the_window_has_been() -> None:
    client = Client(connection_window=300_000, initial_window_size=300_000)
    client.take(client.headers(HEAD))
    told = []
    for _ in range(10):
        client.take(client.data(10_000))
        client.state.release_capacity(client.sid, 10_000)
        told.append(client.room().get(0, 0))

    assert told == [0] * 9 + [100_000]


def test_headers_have_no_limit_before_our_settings_are_acknowledged() -> None:
    bomb = HEAD + REMEMBERED + AGAIN * 1000
    unknown = Client(acknowledged=False)
    [(kind, names)] = unknown.take(unknown.headers(bomb))
    assert (kind, names.count(b"x")) == (H2_HEADERS_HEAD, 1001)  # 4 MB of 5 KB

    # An acknowledgement that comes in the same read is too late for what comes after it.
    late = Client(acknowledged=False)
    [(kind, names)] = late.take(frame(SETTINGS, ACK, 0) + late.headers(bomb))
    assert (kind, names.count(b"x")) == (H2_HEADERS_HEAD, 1001)

    known = Client()
    with pytest.raises(H2ProtocolError):
        known.take(known.headers(bomb))


def test_headers_beyond_the_limit_are_left_out_without_a_word() -> None:
    client = Client()
    head = client.take(client.headers(HEAD + block((b"a", b"1"), (b"long", b"y" * LIST), (b"z", b"1"))))
    assert head == [(H2_HEADERS_HEAD, (b"content-type", b"a"))]

    long = client.headers(block((b"grpc-status", b"0"), (b"long", b"y" * LIST)))
    trailers = (
        long[:4] + bytes([END_STREAM]) + long[5:]
    )  # of the first frame; the second one ends the headers
    assert client.take(trailers) == [(H2_HEADERS_TRAILERS, (b"grpc-status",))]


def test_beyond_four_times_the_limit_the_connection_ends_and_not_the_call() -> None:
    just, beyond = Client(), Client()
    assert just.take(just.headers(HEAD + block((b"x", b"y" * (4 * LIST - 200)))))

    with pytest.raises(H2ProtocolError, match="over abuse limit") as raised:
        beyond.take(beyond.headers(HEAD + block((b"x", b"y" * 4 * LIST))))
    assert raised.value.args[0] == H2Reason.ENHANCE_YOUR_CALM


def test_what_came_before_a_broken_frame_in_the_same_read_is_lost() -> None:
    whole = frame(HEADERS, END_HEADERS | END_STREAM, 1, HEAD)
    broken = frame(SETTINGS, 0, 0, b"12345")
    together, apart = Client(), Client()

    with pytest.raises(H2ProtocolError):
        together.take(whole + broken)
    assert together.take(b"") == []
    assert not together.state.is_recv_end_stream(together.sid)

    assert apart.take(whole) == [(H2_HEADERS_HEAD, (b"content-type",))]
    with pytest.raises(H2ProtocolError):
        apart.take(broken)


def test_the_larger_our_frames_the_fewer_of_them_may_headers_have() -> None:
    payload = HEAD + b"".join(block((b"x%d" % number, b"y" * 15_000)) for number in range(60))
    small, large = (
        Client(max_frame_size=size, max_header_list_size=2 * 1024 * 1024) for size in (FRAME, 4 * FRAME)
    )

    assert len(small.take(small.headers(payload))) == 1
    with pytest.raises(H2ProtocolError, match="too_many_continuations"):
        large.take(large.headers(payload))


def test_a_server_may_say_that_it_pushes_and_send_pseudo_headers_in_trailers() -> None:
    client = Client()
    client.take(frame(SETTINGS, 0, 0, struct.pack(">HI", ENABLE_PUSH, 1)))
    client.take(client.headers(HEAD))
    trailers = block((b":status", b"200"), (b"grpc-status", b"0"))

    found = client.take(frame(HEADERS, END_HEADERS | END_STREAM, client.sid, trailers))
    assert found == [(H2_HEADERS_TRAILERS, (b"grpc-status",))]
