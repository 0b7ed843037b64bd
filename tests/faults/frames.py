"""What a scripted HTTP/2 server sends to the fast engine, in pieces that tests put together."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import Any

import camunda_grpc
from camunda_core.retry import NO_RETRY
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc
from tests.fakes.http2 import DATA, HEAD, HEADERS, RST_STREAM, Conversation, block, frame

END_STREAM, ACK, END_HEADERS, PADDED, PRIORITY = 1, 1, 4, 8, 32
REQUEST = pb.CompleteJobRequest(jobKey=1, variables='{"a":1}')
JOB = pb.ActivatedJob(key=7, type="t")
OK = block((b"grpc-status", b"0"))

Play = Callable[[Conversation], Any]
Opened = Callable[..., Any]


async def called(address: str, count: int = 1, **options: Any) -> list[Any]:
    """What each of so many calls at once ended with."""
    given = {"retry": NO_RETRY, "timeout": 60, **options}
    async with camunda_grpc.aio_channel(address, engine="fast", **given) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        work = (result(stub.CompleteJob(REQUEST)) for _ in range(count))
        return await asyncio.gather(*work, return_exceptions=True)


async def result(call: Any) -> Any:
    """What it gives, as a coroutine."""
    return await call


def served(conversation: Conversation) -> None:
    """An ordinary gateway."""
    conversation.begin()
    while True:
        conversation.answer(conversation.request())


def after_request(*make: Callable[[int], bytes]) -> Play:
    """Those frames for the first request."""

    def play(conversation: Conversation) -> None:
        conversation.begin()
        stream = conversation.request()
        conversation.send(*(each(stream) for each in make))

    return play


def whole(stream: int) -> bytes:
    """An answer."""
    return b"".join(Conversation.frames(stream))


def data(payload: bytes, flags: int = 0) -> Callable[[int], bytes]:
    return lambda stream: frame(DATA, flags, stream, payload)


def head(stream: int) -> bytes:
    return frame(HEADERS, END_HEADERS, stream, HEAD)


def end(stream: int) -> bytes:
    return frame(HEADERS, END_HEADERS | END_STREAM, stream, OK)


def message(payload: bytes = b"", packed: bool = False) -> bytes:
    return bytes((packed,)) + struct.pack(">I", len(payload)) + payload


def flood(each: bytes, count: int) -> Play:
    """Those bytes so often, and then the answer."""

    def play(conversation: Conversation) -> None:
        conversation.begin()
        stream = conversation.request()
        conversation.send(each * count)
        conversation.answer(stream)

    return play


def reset(code: int) -> Callable[[int], bytes]:
    return lambda stream: frame(RST_STREAM, 0, stream, struct.pack(">I", code))
