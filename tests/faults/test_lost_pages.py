"""A proxy's page in answer to a poll, of which grpcio has lost the status: a unary call is told it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import camunda_grpc
from camunda_core.errors import InvalidArgument, Unknown
from camunda_core.jobs import JobRequest
from camunda_worker import Worker
from tests.fakes.http2 import DATA, END_HEADERS, END_STREAM, HEAD, HEADERS, Conversation, block, frame
from tests.faults.frames import Opened, end, message

pytestmark = pytest.mark.default_engine("the fast one loses no status")

POLL = JobRequest(type="work", worker="w", timeout=60)


def page(stream: int, status: bytes) -> bytes:
    """A page; with the status 200 grpcio always says of it what it says of others every other time."""
    head = block((b":status", status), (b"content-type", b"application/grpc"))
    body = frame(DATA, END_STREAM, stream, b"<h1>400 Bad Request</h1>")
    return frame(HEADERS, END_HEADERS, stream, head) + body


def refusing(conversation: Conversation) -> None:
    """Every other request is a poll, whose status is lost; the one after it is told."""
    conversation.begin()
    while True:
        conversation.send(page(conversation.request(), b"200"))
        conversation.send(page(conversation.request(), b"400"))


def only_polls(conversation: Conversation) -> None:
    """Polls get a page, and everything else an answer."""
    conversation.begin()
    while True:
        conversation.send(page(conversation.request(), b"200"))
        stream = conversation.request()
        conversation.send(
            frame(HEADERS, END_HEADERS, stream, HEAD), frame(DATA, 0, stream, message()), end(stream)
        )


async def test_a_worker_ends_after_three_polls_whatever_grpcio_makes_of_the_page(peer: Opened) -> None:
    server = peer(refusing)
    async with camunda_grpc.aio_channel(server.address) as channel:
        worker = Worker(channel)

        @worker.task("work")
        async def work() -> None: ...

        with pytest.raises(InvalidArgument, match=r"ActivateJobs: .*status: 400; .* client certificate"):
            await asyncio.wait_for(worker.work(), 20)
    assert len([each for each in server.conversations[0].seen if each[0] == DATA]) == 6


async def test_where_nothing_else_is_told_the_page_is_named_as_one(peer: Opened) -> None:
    async with camunda_grpc.aio_channel(peer(only_polls).address) as channel:
        wire: Any = channel.job_wire()
        with pytest.raises(
            Unknown, match=r"Stream removed.*; was that a proxy's page, whose status is lost"
        ) as caught:
            await wire.activate(POLL, 1, wait=0, timeout=20)
        await wire.close()
    assert caught.value.operation == "ActivateJobs"
