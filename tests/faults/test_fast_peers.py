"""What the fast engine makes of an HTTP/2 server that is strange, broken or hostile: the right
error, or none, and never a call that hangs or memory that grows.
"""

from __future__ import annotations

import asyncio
import gzip
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest

import camunda_grpc
from camunda_core import errors
from camunda_core.retry import NO_RETRY
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc
from camunda_grpc._settings import STREAM_WINDOW
from tests.fakes.http2 import (
    CONTINUATION,
    DATA,
    GOAWAY,
    HEAD,
    HEADERS,
    PING,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Conversation,
    block,
    frame,
)
from tests.faults.frames import (
    ACK,
    END_HEADERS,
    END_STREAM,
    PADDED,
    PRIORITY,
    REQUEST,
    Opened,
    Play,
    after_request,
    called,
    data,
    end,
    flood,
    head,
    message,
    reset,
    result,
    served,
    whole,
)

ORDINARY: dict[str, Play] = {
    "whole": after_request(whole),
    "padded data": after_request(head, data(b"\x05" + message() + b"\0" * 5, PADDED), end),
    "padded headers with a priority": after_request(
        lambda stream: frame(
            HEADERS,
            END_HEADERS | PADDED | PRIORITY,
            stream,
            b"\x03" + struct.pack(">IB", 0, 7) + HEAD + b"\0" * 3,
        ),
        data(message()),
        end,
    ),
    "headers in pieces": after_request(
        lambda stream: (
            frame(HEADERS, 0, stream, HEAD[:9])
            + frame(CONTINUATION, 0, stream, HEAD[9:20])
            + frame(CONTINUATION, END_HEADERS, stream, HEAD[20:])
        ),
        data(message()),
        end,
    ),
    "an empty frame between": after_request(head, data(b""), data(message()[:2]), data(message()[2:]), end),
    "frames of unknown kinds": after_request(
        lambda stream: frame(200, 255, stream, b"?") + frame(2, 0, stream, b"\0\0\0\0\1"), whole
    ),
    "an informational head": after_request(
        lambda stream: frame(HEADERS, END_HEADERS, stream, block((b":status", b"103"))), whole
    ),
    "pings and settings between": after_request(
        head, lambda _: (frame(PING, 0, 0, b"12345678") + frame(SETTINGS, 0, 0)) * 3, data(message()), end
    ),
    "a reset when all is said": after_request(
        whole, lambda stream: frame(RST_STREAM, 0, stream, struct.pack(">I", 0))
    ),
}


@pytest.mark.parametrize("play", ORDINARY.values(), ids=list(ORDINARY))
async def test_what_the_protocol_allows_is_understood(peer: Opened, play: Play) -> None:
    assert await called(peer(play).address) == [pb.CompleteJobResponse()]


async def test_a_slow_drip_is_an_answer(peer: Opened) -> None:
    def play(conversation: Conversation) -> None:
        conversation.begin()
        for byte in whole(conversation.request()):
            conversation.send(bytes((byte,)))

    assert await called(peer(play).address) == [pb.CompleteJobResponse()]


async def test_pings_and_settings_without_end_are_answered_and_hold_nothing_up(peer: Opened) -> None:
    for each in (
        frame(PING, 0, 0, b"12345678"),
        frame(SETTINGS, 0, 0),
        frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\1"),
    ):
        assert await called(peer(flood(each, 5000)).address) == [pb.CompleteJobResponse()]


def status(code: bytes, text: bytes = b"") -> Callable[[int], bytes]:
    pairs = ((b":status", b"200"), (b"content-type", b"application/grpc"), (b"grpc-status", code))
    return lambda stream: frame(
        HEADERS, END_HEADERS | END_STREAM, stream, block(*pairs, (b"grpc-message", text))
    )


BOMB = gzip.compress(b"\0" * 20_000_000)
GZIPPED = block((b":status", b"200"), (b"content-type", b"application/grpc"), (b"grpc-encoding", b"gzip"))


def gzipped(payload: bytes) -> tuple[Callable[[int], bytes], ...]:
    pieces = [payload[at : at + 16_000] for at in range(0, len(payload), 16_000)]
    return (
        lambda stream: frame(HEADERS, END_HEADERS, stream, GZIPPED),
        *(data(piece) for piece in pieces),
        end,
    )


def http(code: bytes) -> Callable[[int], bytes]:
    return lambda stream: frame(
        HEADERS, END_HEADERS | END_STREAM, stream, block((b":status", code), (b"content-type", b"text/html"))
    )


BROKEN: dict[str, tuple[Play, type[errors.CamundaError], str]] = {
    "trailers only": (after_request(status(b"5", b"no%20job")), errors.NotFound, "no job"),
    "a status that is none": (after_request(status(b"many")), errors.Unknown, ""),
    "no status at all": (after_request(head, data(message(), END_STREAM)), errors.Unknown, "without a status"),
    "no message": (after_request(head, end), errors.Internal, "no message"),
    "two messages": (after_request(head, data(message() * 2), end), errors.Unimplemented, "Too many responses"),
    "half a message": (after_request(head, data(message(b"abc")[:6]), end), errors.Internal, "no message"),
    "a message that is no message": (
        after_request(head, data(message(b"\xff\xff\xff")), end), errors.Internal, "deserializing"
    ),
    "a message beyond the limit": (
        after_request(head, data(b"\0\xff\xff\xff\xff")), errors.ResourceExhausted, "larger than max"
    ),
    "what is packed is too large": (
        after_request(*gzipped(message(BOMB, True))), errors.ResourceExhausted, "larger than max"
    ),
    "what is packed is broken": (after_request(*gzipped(message(b"abc", True))), errors.Internal, "decompressed"),
    "packed in no known way": (after_request(head, data(message(b"abc", True))), errors.Internal, "decompressed"),
    "a page of a proxy": (after_request(http(b"502")), errors.Unavailable, "502"),
    "a page that says 200": (
        after_request(
            lambda stream: frame(
                HEADERS, END_HEADERS, stream, block((b":status", b"200"), (b"content-type", b"text/html"))
            )
        ), errors.Unknown, "text/html"
    ),
    "reset as cancelled": (after_request(reset(8)), errors.Unavailable, "RST_STREAM"),
    "reset after the head": (after_request(head, reset(2)), errors.Internal, "RST_STREAM"),
    "calm down": (after_request(reset(11)), errors.ResourceExhausted, "RST_STREAM"),
    "a frame cut off": (
        lambda conversation: (
            conversation.begin(),
            conversation.send(frame(HEADERS, 4, conversation.request(), HEAD[:4], length=len(HEAD))),
            conversation._sock.close(),
        ), errors.Unavailable, ""
    ),
    "a frame that is too large": (
        after_request(lambda stream: frame(DATA, 0, stream, b"", length=2**24 - 1)), errors.Unavailable, ""
    ),
    "data before the head": (after_request(data(message())), errors.Unavailable, ""),
    "data for no stream": (after_request(lambda _: frame(DATA, 0, 0, b"x")), errors.Unavailable, ""),
    "a window of more than there can be": (
        after_request(lambda _: frame(WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff") * 2), errors.Unavailable, ""
    ),
    "a window grown by nothing": (
        after_request(lambda _: frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\0")), errors.Unavailable, ""
    ),
    "headers that are no headers": (
        after_request(lambda stream: frame(HEADERS, END_HEADERS, stream, b"\xff\xff\xff\xff\xff")),
        errors.Unavailable, ""
    ),
    "settings of the wrong size": (after_request(lambda _: frame(SETTINGS, 0, 0, b"123")), errors.Unavailable, ""),
    "a push that nobody wanted": (
        after_request(lambda stream: frame(5, END_HEADERS, stream, b"\0\0\0\2" + HEAD)), errors.Unavailable, ""
    ),
    "headers without end": (
        after_request(
            lambda stream: frame(HEADERS, 0, stream, HEAD),
            lambda stream: frame(CONTINUATION, 0, stream, block((b"x", b"y" * 16_000))) * 1000,
        ), errors.Unavailable, ""
    ),
    "empty headers without end": (
        after_request(
            lambda stream: frame(HEADERS, 0, stream, HEAD),
            lambda stream: frame(CONTINUATION, 0, stream) * 50_000,
        ), errors.Unavailable, ""
    ),
    "empty data without end": (
        after_request(head, lambda stream: frame(DATA, 0, stream) * 200_000), errors.Unavailable, ""
    ),
}  # fmt: skip


@pytest.mark.parametrize(("play", "error", "text"), BROKEN.values(), ids=list(BROKEN))
async def test_what_is_broken_is_the_right_error_and_costs_no_later_call(
    peer: Opened, play: Play, error: type[errors.CamundaError], text: str
) -> None:
    server = peer(play, served)
    async with camunda_grpc.aio_channel(server.address, engine="fast", retry=NO_RETRY, timeout=15) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        with pytest.raises(error) as caught:
            await stub.CompleteJob(REQUEST)
        assert text in caught.value.message
        assert caught.value.sent
        if error is errors.Unavailable and "502" not in text and "RST" not in text:  # over another connection
            assert await stub.CompleteJob(REQUEST) == pb.CompleteJobResponse()


# Going away


def going(last: int, then: Callable[[Conversation, int], Any]) -> Play:
    def play(conversation: Conversation) -> None:
        conversation.begin()
        stream = conversation.request()
        conversation.send(frame(GOAWAY, 0, 0, struct.pack(">II", last, 0)))
        then(conversation, stream)

    return play


async def test_a_request_that_a_leaving_gateway_has_not_seen_goes_over_another_connection(
    peer: Opened,
) -> None:
    server = peer(going(0, lambda *_: None), served)
    assert await called(server.address) == [pb.CompleteJobResponse()]
    assert len(server.conversations) == 2


async def test_a_request_that_it_has_seen_is_answered_there(peer: Opened) -> None:
    server = peer(going(1, lambda conversation, stream: conversation.answer(stream)), served)
    async with camunda_grpc.aio_channel(server.address, engine="fast", retry=NO_RETRY) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        for _ in range(2):
            assert await stub.CompleteJob(REQUEST) == pb.CompleteJobResponse()
    assert len(server.conversations) == 2


@pytest.mark.parametrize("how", ["answered", "cancelled"])
async def test_what_a_leaving_gateway_has_is_hung_up_on_with_the_last_call(peer: Opened, how: str) -> None:
    left, over, loop = asyncio.Event(), asyncio.Event(), asyncio.get_running_loop()

    def then(conversation: Conversation, stream: int) -> None:
        if how == "answered":
            conversation.answer(stream)
        else:
            conversation.send(frame(PING, 0, 0, b"12345678"))
            conversation.until(PING)  # so it knows
            loop.call_soon_threadsafe(left.set)
        conversation.wait_for_end()
        loop.call_soon_threadsafe(over.set)

    async with camunda_grpc.aio_channel(peer(going(1, then)).address, engine="fast") as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        call = stub.CompleteJob(REQUEST)
        if how == "cancelled":
            await asyncio.wait_for(left.wait(), 20)
            call.cancel()
        await asyncio.gather(result(call), return_exceptions=True)
        await asyncio.wait_for(over.wait(), 20)


async def test_a_gateway_that_always_leaves_is_left_in_the_end(peer: Opened) -> None:
    server = peer(going(0, lambda *_: None))
    (error,) = await called(server.address)
    assert isinstance(error, errors.Unavailable)
    assert len(server.conversations) < 10


async def test_a_gateway_that_refuses_every_stream_is_not_asked_for_ever(peer: Opened) -> None:
    def play(conversation: Conversation) -> None:
        conversation.begin()
        while True:
            conversation.send(reset(7)(conversation.request()))

    server = peer(play)
    found = await called(server.address, 50)
    assert {type(error).__name__ for error in found} == {"Unavailable"}
    requests = sum(kind == HEADERS for each in server.conversations for kind, *_ in each.seen)
    assert 50 <= requests <= 50 * 6


# Windows, slots and time


async def test_a_request_waits_for_its_window(peer: Opened) -> None:
    def play(conversation: Conversation) -> None:
        conversation.begin((4, 0))  # no window at all
        stream = conversation.until(HEADERS)[2]
        conversation.send(frame(WINDOW_UPDATE, 0, stream, b"\0\0\0\5"))
        assert len(conversation.until(DATA)[3]) == 5
        conversation.send(frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 65_535)))
        conversation.request()
        conversation.answer(stream)

    assert await called(peer(play).address) == [pb.CompleteJobResponse()]


async def test_a_window_that_never_opens_ends_with_the_time(peer: Opened) -> None:
    def play(conversation: Conversation) -> None:
        conversation.begin((4, 0))
        assert conversation.until(RST_STREAM)[3] == struct.pack(">I", 8)

    (error,) = await called(peer(play).address, timeout=1)
    assert isinstance(error, errors.DeadlineExceeded)


async def test_answers_do_not_wait_behind_polls_where_streams_are_few(peer: Opened) -> None:
    def play(conversation: Conversation) -> None:
        conversation.begin((3, 1))  # one stream at a time
        while True:
            stream = conversation.request()
            if REQUEST.SerializeToString() in conversation.seen[-1][3]:
                conversation.answer(stream)

    server = peer(play)
    async with camunda_grpc.aio_channel(server.address, engine="fast", retry=NO_RETRY, timeout=20) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        polls = [
            asyncio.ensure_future(stub.ActivateJobs(pb.ActivateJobsRequest(type="t")).read())
            for _ in range(3)
        ]
        await asyncio.sleep(0)
        for _ in range(5):
            assert await stub.CompleteJob(REQUEST) == pb.CompleteJobResponse()
        assert len(server.conversations) <= 4
        for poll in polls:
            poll.cancel()
        await asyncio.gather(*polls, return_exceptions=True)


async def test_what_is_cancelled_or_dropped_is_reset_at_the_gateway(peer: Opened) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()

    def play(conversation: Conversation) -> None:
        conversation.begin()
        streams = {conversation.request() for _ in range(4)}
        loop.call_soon_threadsafe(told.set)
        while streams:
            _, _, stream, reason = conversation.until(RST_STREAM)
            assert reason == struct.pack(">I", 8)
            streams.discard(stream)
        loop.call_soon_threadsafe(told.set)

    async with camunda_grpc.aio_channel(
        peer(play).address, engine="fast", retry=NO_RETRY, timeout=300
    ) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        request = pb.StreamActivatedJobsRequest(type="t")
        poll = pb.ActivateJobsRequest(type="t")
        cancelled, dropped = stub.CompleteJob(REQUEST), stub.ActivateJobs(poll)
        task, reading = asyncio.ensure_future(result(stub.CompleteJob(REQUEST))), stub.ActivateJobs(poll)
        del request
        await asyncio.wait_for(told.wait(), 20)
        told.clear()
        cancelled.cancel()
        task.cancel()
        del dropped
        reader = asyncio.ensure_future(reading.read())
        await asyncio.sleep(0)
        reader.cancel()
        await asyncio.gather(task, reader, return_exceptions=True)
        del reading
        await asyncio.wait_for(told.wait(), 20)


async def test_a_gateway_that_says_nothing_any_more_is_given_up(peer: Opened) -> None:
    from camunda_fast._channel import FastChannel
    from camunda_fast._connection import Profile
    from camunda_fast._dialing import Target
    from camunda_grpc._names import WORDS

    pings: list[bytes] = []

    def mute(conversation: Conversation) -> None:
        conversation.begin()
        pings.append(conversation.until(PING)[3])
        conversation.wait_for_end()

    def patient(conversation: Conversation) -> None:
        conversation.begin()
        stream = conversation.request()
        for _ in range(3):
            conversation.send(frame(PING, ACK, 0, conversation.until(PING)[3]))
        conversation.answer(stream)

    server = peer(mute, patient)
    host, port = server.address.split(":")
    profile = Profile(
        authority=server.address,
        scheme="http",
        window=65_535,
        header_list=65_536,
        keepalive=0.1,
        patience=0.3,
    )
    channel = FastChannel(Target(((host, int(port)),)), profile, WORDS, user_agent="test", largest=None)
    send = channel.unary_unary("/a/b", None, None)
    with pytest.raises(Exception, match="watchdog"):
        await send(b"x", timeout=20)
    assert len(pings) == 1
    assert await send(b"x", timeout=20) == b""
    await channel.close()


async def test_messages_that_are_packed_are_unpacked(peer: Opened) -> None:
    for name, packed in ((b"gzip", gzip.compress(b"")), (b"deflate", zlib.compress(b""))):
        encoded = block(
            (b":status", b"200"), (b"content-type", b"application/grpc"), (b"grpc-encoding", name)
        )
        play = after_request(
            lambda stream, encoded=encoded: frame(HEADERS, END_HEADERS, stream, encoded),  # type: ignore[misc]
            data(message(packed, True)),
            end,
        )
        assert await called(peer(play).address) == [pb.CompleteJobResponse()]


async def test_a_job_larger_than_the_window_comes_through(peer: Opened) -> None:
    job = pb.ActivatedJob(key=7, type="t", variables="x" * 300_000)
    payload = message(job.SerializeToString())

    def play(conversation: Conversation) -> None:
        conversation.begin()
        stream = conversation.request()
        conversation.send(head(stream))
        window, at = STREAM_WINDOW, 0
        while at < len(payload):
            while window < 1:
                kind, _, whose, grown = conversation.next()
                if kind == WINDOW_UPDATE and whose == stream:
                    window += struct.unpack(">I", grown)[0]
            piece = payload[at : at + min(window, 16_384)]
            at, window = at + len(piece), window - len(piece)
            conversation.send(frame(DATA, 0, stream, piece))
        conversation.send(end(stream))

    async with camunda_grpc.aio_channel(peer(play).address, engine="fast", retry=NO_RETRY) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        assert [each async for each in stub.StreamActivatedJobs(pb.StreamActivatedJobsRequest(type="t"))] == [
            job
        ]
