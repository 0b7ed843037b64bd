"""More of what servers can send to the fast engine: what it takes calmly, what ends one call, and what a connection."""

from __future__ import annotations

import asyncio
import struct
import threading
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
    JOB,
    REQUEST,
    Opened,
    Play,
    after_request,
    called,
    end,
    message,
    reset,
    result,
    served,
    whole,
)

DONE = pb.CompleteJobResponse()


def first(*make: Callable[[int], bytes]) -> Play:
    """Those frames for the first request, and an answer for each that follows."""

    def play(conversation: Conversation) -> None:
        after_request(*make)(conversation)
        while True:
            conversation.answer(conversation.request())

    return play


def setting(name: int, value: int) -> bytes:
    return frame(SETTINGS, 0, 0, struct.pack(">HI", name, value))


def many(each: Callable[[int], bytes], count: int) -> Callable[[int], bytes]:
    return lambda stream: each(stream) * count


async def outcomes(address: str) -> list[Any]:
    """What two calls end with, one after the other."""
    async with camunda_grpc.aio_channel(address, engine="fast", retry=NO_RETRY, timeout=60) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        return [
            (await asyncio.gather(result(stub.CompleteJob(REQUEST)), return_exceptions=True))[0]
            for _ in range(2)
        ]


CALM: dict[str, Play] = {
    "pings that nobody reads the answers of": first(many(lambda _: frame(PING, 0, 0, b"12345678"), 5000), whole),
    "frames of unknown kinds without end": first(many(lambda stream: frame(200, 0, stream, b"x" * 200), 5000), whole),
    "priorities without end": first(many(lambda stream: frame(2, 0, stream, b"\0\0\0\0\1"), 20_000), whole),
    "informational heads without end": first(
        many(lambda stream: frame(HEADERS, END_HEADERS, stream, block((b":status", b"103"))), 10_000), whole
    ),
    "resets of what has ended": first(whole, many(reset(2), 10_000)),
    "windows of what has ended": first(whole, many(lambda stream: frame(WINDOW_UPDATE, 0, stream, b"\0\0\0\1"), 10_000)),
    "data of what has ended": first(whole, lambda stream: frame(DATA, 0, stream, b"late")),
    "headers of a megabyte": first(
        lambda stream: frame(HEADERS, 0, stream, HEAD),
        *(
            lambda stream, n=n: frame(CONTINUATION, 0, stream, block((b"x%d" % n, b"y" * 15_000)))  # type: ignore[misc]
            for n in range(60)
        ),
        lambda stream: frame(CONTINUATION, END_HEADERS, stream) + frame(DATA, 0, stream, message()) + end(stream),
    ),
}  # fmt: skip


@pytest.mark.parametrize("play", CALM.values(), ids=list(CALM))
async def test_what_costs_nobody_anything_ends_nothing(peer: Opened, play: Play) -> None:
    server = peer(play)
    assert await outcomes(server.address) == [DONE, DONE]
    assert len(server.conversations) == 1


ONE_CALL: dict[str, tuple[Play, type[errors.CamundaError]]] = {
    "its window overflows": (
        first(many(lambda stream: frame(WINDOW_UPDATE, 0, stream, b"\x7f\xff\xff\xff"), 2)), errors.Internal
    ),
    "its length is a lie": (
        first(
            lambda stream: frame(HEADERS, END_HEADERS, stream, HEAD + block((b"content-length", b"100"))),
            lambda stream: frame(DATA, 0, stream, message()) + end(stream),
        ), errors.Internal
    ),
    "its head has no status": (first(lambda stream: frame(HEADERS, END_HEADERS, stream)), errors.Unknown),
}  # fmt: skip


@pytest.mark.parametrize(("play", "error"), ONE_CALL.values(), ids=list(ONE_CALL))
async def test_what_is_wrong_with_one_call_ends_that_call_alone(
    peer: Opened, play: Play, error: type[errors.CamundaError]
) -> None:
    server = peer(play)
    broken, well = await outcomes(server.address)
    assert isinstance(broken, error)
    assert well == DONE
    assert len(server.conversations) == 1


def agreed(*make: Callable[[int], bytes]) -> Play:
    """Those frames for the first request, once the client has read that we know its settings."""

    def play(conversation: Conversation) -> None:
        conversation.begin()
        stream = conversation.request()
        conversation.send(frame(PING, 0, 0, b"12345678"))
        conversation.until(PING)
        conversation.send(*(each(stream) for each in make))

    return play


BOMB = b"\x40\x01x\x7f" + bytes(((4000 - 127) % 128 + 128, (4000 - 127) // 128)) + b"z" * 4000

CONNECTION: dict[str, Play] = {
    "another frame within headers": after_request(
        lambda stream: frame(HEADERS, 0, stream, HEAD[:5]) + frame(PING, 0, 0, b"12345678")
    ),
    "a first window that cannot be": after_request(lambda _: setting(4, 2**31)),
    "frames of no size": after_request(lambda _: setting(5, 0)),
    "few bytes that are headers of megabytes": agreed(
        lambda stream: frame(HEADERS, 0, stream, HEAD + BOMB),
        lambda stream: frame(CONTINUATION, END_HEADERS, stream, b"\xbe" * 16_000),
    ),
    "a reset of what was never begun": after_request(lambda stream: reset(2)(stream + 100)),
    "a name in capitals": after_request(
        lambda stream: frame(HEADERS, END_HEADERS, stream, HEAD + block((b"Name", b"x")))
    ),
    "a ping of the wrong size": after_request(lambda _: frame(PING, 0, 0, b"1234")),
}  # fmt: skip


@pytest.mark.parametrize("play", CONNECTION.values(), ids=list(CONNECTION))
async def test_what_breaks_the_protocol_ends_the_connection_and_says_so(peer: Opened, play: Play) -> None:
    server = peer(play, served)
    broken, well = await outcomes(server.address)
    assert isinstance(broken, errors.Unavailable)
    assert "broke the rules of HTTP/2" in broken.message
    assert broken.sent
    assert not broken.answered
    assert well == DONE
    assert len(server.conversations) == 2


async def test_a_head_that_is_too_long_ends_its_call_even_before_our_settings_are_known(peer: Opened) -> None:
    def play(conversation: Conversation) -> None:
        conversation.acknowledges = False
        first(
            lambda stream: frame(HEADERS, 0, stream, HEAD + BOMB),
            lambda stream: frame(CONTINUATION, END_HEADERS, stream, b"\xbe" * 1000),
        )(conversation)

    server = peer(play)
    long, well = await outcomes(server.address)
    assert isinstance(long, errors.ResourceExhausted)
    assert "metadata size exceeds" in long.message
    assert well == DONE
    assert len(server.conversations) == 1


async def test_answers_that_come_mixed_are_told_apart(peer: Opened) -> None:
    def play(conversation: Conversation) -> None:
        conversation.begin()
        streams = [conversation.request() for _ in range(20)]
        pieces = [Conversation.frames(stream) for stream in reversed(streams)]
        conversation.send(*(piece for of_all in zip(*pieces, strict=True) for piece in of_all))

    assert await called(peer(play).address, 20) == [DONE] * 20


async def test_late_answers_to_what_was_cancelled_disturb_nobody(peer: Opened) -> None:
    came, gone = threading.Event(), threading.Event()

    def play(conversation: Conversation) -> None:
        conversation.begin()
        streams = [conversation.request() for _ in range(3_000)]
        came.set()
        for _ in streams:
            conversation.until(RST_STREAM)
        conversation.send(*map(whole, streams))
        gone.set()
        while True:
            conversation.answer(conversation.request())

    server = peer(play)
    async with camunda_grpc.aio_channel(server.address, engine="fast", retry=NO_RETRY, timeout=60) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        calls = [stub.CompleteJob(REQUEST) for _ in range(3_000)]
        assert await asyncio.to_thread(came.wait, 60)
        for call in calls:
            call.cancel()
        assert await asyncio.to_thread(gone.wait, 60)
        assert await stub.CompleteJob(REQUEST) == DONE
    assert len(server.conversations) == 1


async def test_resets_without_end_are_an_error_each_and_cost_no_connection(peer: Opened) -> None:
    def play(conversation: Conversation) -> None:
        conversation.begin()
        for _ in range(500):
            conversation.send(reset(2)(conversation.request()))
        while True:
            conversation.answer(conversation.request())

    server = peer(play)
    async with camunda_grpc.aio_channel(server.address, engine="fast", retry=NO_RETRY, timeout=60) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        work = (result(stub.CompleteJob(REQUEST)) for _ in range(500))
        found = await asyncio.gather(*work, return_exceptions=True)
        assert {type(each).__name__ for each in found} == {"Internal"}
        assert await stub.CompleteJob(REQUEST) == DONE
    assert len(server.conversations) == 1


async def test_a_job_larger_than_the_window_is_made_room_for_at_once_and_what_follows_is_not(
    peer: Opened,
) -> None:
    job = pb.ActivatedJob(key=7, type="t", variables="x" * 300_000)
    large, small = message(job.SerializeToString()), message(JOB.SerializeToString())
    granted, stopped = [STREAM_WINDOW], threading.Event()

    def play(conversation: Conversation) -> None:
        conversation.begin()
        stream = conversation.request()

        def until(room: int) -> None:
            while granted[0] < room:
                kind, _, whose, grown = conversation.next()
                if kind == WINDOW_UPDATE and whose == stream:
                    granted[0] += struct.unpack(">I", grown)[0]

        conversation.send(
            frame(HEADERS, END_HEADERS, stream, HEAD), frame(DATA, 0, stream, large[:STREAM_WINDOW])
        )
        until(len(large))  # all of it, for what is no more than its beginning
        pieces = [large[at : at + 16_384] for at in range(STREAM_WINDOW, len(large), 16_384)]
        conversation.send(*(frame(DATA, 0, stream, piece) for piece in pieces))
        # Nobody reads, so nothing more is asked for; what is there can still be used up.
        conversation.send(frame(PING, 0, 0, b"12345678"))
        conversation.until(PING, ACK)
        stopped.set()
        count = (granted[0] - len(large)) // len(small)
        conversation.send(frame(DATA, 0, stream, small * count), end(stream))

    server = peer(play)
    async with camunda_grpc.aio_channel(server.address, engine="fast", retry=NO_RETRY, timeout=60) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        call = stub.StreamActivatedJobs(pb.StreamActivatedJobsRequest(type="t"))
        assert await asyncio.to_thread(stopped.wait, 60)
        assert len(large) <= granted[0] <= len(large) + STREAM_WINDOW
        jobs = [each async for each in call]
    assert jobs[0] == job
    assert set(map(str, jobs[1:])) == {str(JOB)}


@pytest.mark.parametrize(("size", "count"), [(100_000, 20), (1000, 200)], ids=["large", "small"])
async def test_many_jobs_come_through_one_stream_and_many_streams(
    peer: Opened, size: int, count: int
) -> None:
    job = pb.ActivatedJob(key=7, type="t", variables="x" * size)
    payload = message(job.SerializeToString())

    def play(conversation: Conversation) -> None:
        conversation.begin()
        while True:
            stream, window, whole = conversation.request(), STREAM_WINDOW, payload * count
            conversation.send(frame(HEADERS, END_HEADERS, stream, HEAD))
            while whole:
                while window < 1:
                    kind, _, whose, grown = conversation.next()
                    if kind == WINDOW_UPDATE and whose == stream:
                        window += struct.unpack(">I", grown)[0]
                room = min(window, 16_384)
                conversation.send(frame(DATA, 0, stream, whole[:room]))
                window, whole = window - room, whole[room:]
            conversation.send(end(stream))

    server = peer(play)
    async with camunda_grpc.aio_channel(server.address, engine="fast", retry=NO_RETRY, timeout=60) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        for _ in range(3):
            call = stub.StreamActivatedJobs(pb.StreamActivatedJobsRequest(type="t"))
            assert [each async for each in call] == [job] * count
    assert len(server.conversations) == 1


async def test_an_answer_before_the_request_was_sent_whole_is_an_answer(peer: Opened) -> None:
    def play(conversation: Conversation) -> None:
        conversation.begin((4, 0))
        stream = conversation.until(HEADERS)[2]
        refused = HEAD + block((b"grpc-status", b"8"), (b"grpc-message", b"full"))
        conversation.send(
            frame(HEADERS, END_HEADERS | END_STREAM, stream, refused), reset(0)(stream), setting(4, 65_535)
        )
        while True:
            conversation.answer(conversation.request())

    server = peer(play)
    full, well = await outcomes(server.address)
    assert isinstance(full, errors.ResourceExhausted)
    assert full.message == "full"
    assert well == DONE
    assert len(server.conversations) == 1


async def test_a_gateway_that_takes_no_more_for_a_while_is_waited_for(peer: Opened) -> None:
    lowered, waiting = threading.Event(), threading.Event()

    def play(conversation: Conversation) -> None:
        conversation.begin((3, 10))
        stream = conversation.request()
        conversation.send(setting(3, 0), whole(stream))
        lowered.set()
        assert waiting.wait(60)
        conversation.send(setting(3, 10))
        while True:
            conversation.answer(conversation.request())

    def full(conversation: Conversation) -> None:
        conversation.begin((3, 0))

    async with camunda_grpc.aio_channel(peer(play, full).address, engine="fast", timeout=60) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        assert await stub.CompleteJob(REQUEST) == DONE
        assert await asyncio.to_thread(lowered.wait, 60)
        call = asyncio.ensure_future(result(stub.CompleteJob(REQUEST)))
        await asyncio.sleep(0)
        waiting.set()
        assert await call == DONE


async def test_a_leave_in_two_steps_loses_nothing(peer: Opened) -> None:
    def play(conversation: Conversation) -> None:
        conversation.begin()
        stream = conversation.request()
        conversation.send(
            frame(GOAWAY, 0, 0, struct.pack(">II", 2**31 - 1, 0)),
            frame(GOAWAY, 0, 0, struct.pack(">II", stream, 0)),
            whole(stream),
        )

    server = peer(play, served)
    assert await outcomes(server.address) == [DONE, DONE]
    assert len(server.conversations) == 2


async def test_what_is_no_http2_at_all_was_never_sent_and_says_what_it_may_be(peer: Opened) -> None:
    def play(conversation: Conversation) -> None:
        conversation.send(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")

    (error,) = await called(peer(play).address)
    assert isinstance(error, errors.Unavailable)
    assert not error.sent
    assert "REST port" in error.message


async def test_what_nobody_reads_of_polls_that_have_ended_gives_its_room_back(peer: Opened) -> None:
    job = pb.ActivatedJob(key=7, type="t", variables="x" * 10_000)
    payload = message(pb.ActivateJobsResponse(jobs=[job]).SerializeToString()) * 150
    count = 15  # together more than the window of the connection

    def play(conversation: Conversation) -> None:
        conversation.begin()
        for _ in range(count):
            stream = conversation.request()
            pieces = [payload[at : at + 16_384] for at in range(0, len(payload), 16_384)]
            conversation.send(frame(HEADERS, END_HEADERS, stream, HEAD))
            conversation.send(*(frame(DATA, 0, stream, piece) for piece in pieces), end(stream))
            conversation.answer(conversation.request())

    async with camunda_grpc.aio_channel(peer(play).address, engine="fast", retry=NO_RETRY) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        for _ in range(count):
            poll = stub.ActivateJobs(pb.ActivateJobsRequest(type="t"))
            assert await stub.CompleteJob(REQUEST) == DONE  # by then all of the answer has come
            poll.cancel()
