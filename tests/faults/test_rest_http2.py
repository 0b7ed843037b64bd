"""REST over HTTP/2: what the fast engine makes of a server that speaks it, by the book and otherwise."""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from camunda_core.errors import Aborted, CamundaError, DeadlineExceeded, ResourceExhausted, Unavailable
from camunda_core.retry import NO_RETRY
from camunda_core.tls import Tls
from camunda_fast import _answers, _rest
from camunda_rest import AsyncRestClient, operations
from tests.fakes.http2 import (
    DATA,
    GOAWAY,
    HEADERS,
    PING,
    RST_STREAM,
    WINDOW_UPDATE,
    Conversation,
    Peer,
    block,
    frame,
)
from tests.faults.frames import END_HEADERS, END_STREAM, Play, reset

pytestmark = pytest.mark.long

PEM = Path(__file__).parents[1] / "unit" / "camunda_core" / "pem"
HEAD = block((b":status", b"200"), (b"content-type", b"application/json"))
INTERNAL, REFUSED, CANCEL = 2, 7, 8
MOST_AT_ONCE, FIRST_WINDOW = 3, 4
COMPLETE, CREATE = operations.COMPLETE_JOB, operations.CREATE_PROCESS_INSTANCE


def answered(stream: int, body: bytes = b"{}") -> bytes:
    return frame(HEADERS, END_HEADERS, stream, HEAD) + frame(DATA, END_STREAM, stream, body)


def goaway(last: int) -> bytes:
    return frame(GOAWAY, 0, 0, struct.pack(">II", last, 0))


def served(conversation: Conversation) -> None:
    """An ordinary gateway."""
    conversation.begin()
    while True:
        conversation.send(answered(conversation.request()))


def after_request(*make: Callable[[int], bytes]) -> Play:
    """Those frames for each request."""

    def play(conversation: Conversation) -> None:
        conversation.begin()
        while True:
            stream = conversation.request()
            conversation.send(*(each(stream) for each in make))

    return play


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    made: list[Peer] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM / "server.pem", PEM / "server.key")
    context.set_alpn_protocols(["h2"])

    def alive(script: Play) -> Play:
        def play(conversation: Conversation) -> None:
            conversation.pongs = True
            script(conversation)

        return play

    def make(*scripts: Play) -> Peer:
        made.append(Peer(*map(alive, scripts), tls=context))
        return made[-1]

    yield make
    for each in made:
        each.close()


Opened = Callable[..., Peer]


@asynccontextmanager
async def client(server: Peer, **options: Any) -> AsyncIterator[AsyncRestClient]:
    given: Any = {"retry": NO_RETRY, "timeout": 60, "trust_env": False, **options}
    tls = Tls(ca=PEM / "ca.pem")
    async with AsyncRestClient(f"https://{server.address}", tls=tls, engine="fast", **given) as made:
        yield made


async def complete(made: AsyncRestClient, **options: Any) -> Any:
    return await made.call(COMPLETE, {"jobKey": 1}, **options)


async def create(made: AsyncRestClient, **options: Any) -> Any:
    return await made.call(CREATE, **options)


async def ended(server: Peer, **options: Any) -> CamundaError:
    async with client(server, **options) as made:
        with pytest.raises(CamundaError) as caught:
            await create(made)
    return caught.value


def told(server: Peer, kind: int, code: int) -> bool:
    return any(
        each[0] == kind and each[3] == struct.pack(">I", code)
        for conversation in server.conversations
        for each in conversation.seen
    )


def asked(server: Peer) -> bool:
    """Whether a request has come."""
    return any(each[0] == DATA for conversation in server.conversations for each in conversation.seen)


def sent(server: Peer, kind: int) -> int:
    """How many frames of that kind have come."""
    return sum(each[0] == kind for conversation in server.conversations for each in conversation.seen)


async def until(what: Callable[[], bool]) -> None:
    for _ in range(3000):
        if what():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it does not happen")


async def test_many_calls_share_one_connection(peer: Opened) -> None:
    server = peer(served)
    async with client(server) as made:
        assert await asyncio.gather(*(complete(made) for _ in range(50))) == [{}] * 50
    assert len(server.conversations) == 1
    assert not [each for each in server.conversations[0].seen if each[0] == RST_STREAM]


async def test_what_the_server_has_not_seen_when_it_goes_is_sent_to_another(peer: Opened) -> None:
    server = peer(after_request(lambda _: goaway(0)), served)
    async with client(server) as made:
        assert await create(made) == {}
    assert len(server.conversations) == 2


async def test_what_it_has_seen_is_still_answered(peer: Opened) -> None:
    def leaving(conversation: Conversation) -> None:
        conversation.begin()
        stream = conversation.request()
        conversation.send(goaway(stream), answered(stream, b'{"last":1}'))

    server = peer(leaving, served)
    async with client(server) as made:
        assert await create(made) == {"last": 1}
        assert await create(made) == {}
    assert len(server.conversations) == 2


async def test_what_it_may_have_seen_is_not_sent_again(peer: Opened) -> None:
    def leaving(conversation: Conversation) -> None:
        conversation.begin()
        conversation.send(goaway(conversation.request()))
        raise ConnectionError

    server = peer(leaving, served)
    got = await ended(server)
    assert (type(got), got.sent, got.answered) == (Aborted, True, False)
    assert len(server.conversations) == 1


async def test_a_refused_request_is_sent_again(peer: Opened) -> None:
    def once(conversation: Conversation) -> None:
        conversation.begin()
        conversation.send(reset(REFUSED)(conversation.request()))
        conversation.send(answered(conversation.request()))

    async with client(peer(once)) as made:
        assert await create(made) == {}


async def test_one_that_is_always_refused_was_certainly_not_sent(peer: Opened) -> None:
    server = peer(after_request(reset(REFUSED)))
    got = await ended(server)
    assert (type(got), got.sent, got.attempts) == (Unavailable, False, 1)
    assert "REFUSED_STREAM" in got.message
    requests = [each for each in server.conversations[0].seen if each[0] == HEADERS]
    assert len(requests) == 6


async def test_a_reset_ends_one_call_alone(peer: Opened) -> None:
    def first(conversation: Conversation) -> None:
        conversation.begin()
        conversation.send(reset(INTERNAL)(conversation.request()))
        while True:
            conversation.send(answered(conversation.request()))

    server = peer(first)
    async with client(server) as made:
        with pytest.raises(Aborted, match="INTERNAL_ERROR") as caught:
            await create(made)
        assert (caught.value.sent, caught.value.answered) == (True, False)
        assert await create(made) == {}
    assert len(server.conversations) == 1


async def test_a_connection_that_breaks_reads_as_with_http_1(peer: Opened) -> None:
    def breaking(conversation: Conversation) -> None:
        conversation.begin()
        stream = conversation.request()
        conversation.send(frame(HEADERS, END_HEADERS, stream, HEAD), frame(DATA, 0, stream, b'{"half":'))
        raise ConnectionError

    got = await ended(peer(breaking))
    assert (type(got), got.sent, got.answered) == (Aborted, True, False)
    assert "broke before the answer was complete: Server disconnected" in got.message


async def test_an_answer_behind_a_poll_gets_a_connection_of_its_own(peer: Opened) -> None:
    def narrow(conversation: Conversation) -> None:
        conversation.begin((MOST_AT_ONCE, 1))
        conversation.request()  # the poll, which is never answered
        conversation.wait_for_end()

    server = peer(narrow, served)
    async with client(server) as made:
        poll = asyncio.ensure_future(create(made))
        await until(lambda: asked(server))
        assert await complete(made, timeout=20) == {}
        poll.cancel()
        await asyncio.gather(poll, return_exceptions=True)
    assert len(server.conversations) == 2


async def test_what_a_full_connection_does_not_take_gets_another_one(peer: Opened) -> None:
    def parked(conversation: Conversation) -> None:
        conversation.begin((MOST_AT_ONCE, 1000))
        conversation.wait_for_end()

    server = peer(parked, served)
    async with client(server) as made:
        polls = [asyncio.ensure_future(create(made)) for _ in range(_rest.MOST_STREAMS)]
        await until(lambda: sent(server, HEADERS) == _rest.MOST_STREAMS)
        assert len(server.conversations) == 1
        assert await asyncio.gather(*(complete(made, timeout=20) for _ in range(10))) == [{}] * 10
        for poll in polls:
            poll.cancel()
        await asyncio.gather(*polls, return_exceptions=True)
    assert len(server.conversations) == 2


async def test_where_no_more_connections_are_allowed_it_is_waited_in_turn(peer: Opened) -> None:
    def narrow(conversation: Conversation) -> None:
        conversation.begin((MOST_AT_ONCE, 1))
        while True:
            conversation.send(answered(conversation.request()))

    server = peer(narrow)
    async with client(server, pool_size=1) as made:
        assert await asyncio.gather(*(complete(made) for _ in range(20))) == [{}] * 20
    assert len(server.conversations) == 1


@pytest.mark.parametrize("how", ["cancelled", "late"])
async def test_the_server_is_told_of_a_call_that_ends_here(peer: Opened, how: str) -> None:
    server = peer(after_request(lambda _: b""))
    async with client(server) as made:
        if how == "late":
            with pytest.raises(DeadlineExceeded):
                await create(made, timeout=1)
        else:
            call = asyncio.ensure_future(create(made))
            await until(lambda: asked(server))
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
        await until(lambda: told(server, RST_STREAM, CANCEL))


async def test_a_large_request_waits_for_room(peer: Opened) -> None:
    content = bytes(range(256)) * 200

    def slow(conversation: Conversation) -> None:
        conversation.begin((FIRST_WINDOW, 1000))
        found = conversation.until(DATA)
        body = found[3]
        assert len(body) <= 1000
        while not found[1] & END_STREAM:
            conversation.send(
                *(frame(WINDOW_UPDATE, 0, each, struct.pack(">I", 20_000)) for each in (0, found[2]))
            )
            found = conversation.until(DATA)
            body += found[3]
        conversation.send(answered(found[2], b'{"whole":%s}' % (b"true" if content in body else b"false")))

    async with client(peer(slow)) as made:
        assert await made.call(operations.DEPLOY_RESOURCES, files=[("a.bpmn", content)]) == {"whole": True}


async def test_a_refusal_before_the_request_is_whole_is_read(peer: Opened) -> None:
    def early(conversation: Conversation) -> None:
        conversation.begin((FIRST_WINDOW, 1000))
        stream = conversation.until(DATA)[2]
        conversation.send(frame(HEADERS, END_HEADERS | END_STREAM, stream, block((b":status", b"413"))))

    server = peer(early)
    async with client(server) as made:
        with pytest.raises(ResourceExhausted):
            await made.call(operations.DEPLOY_RESOURCES, files=[("a.bpmn", b"x" * 50_000)])
        await until(lambda: told(server, RST_STREAM, CANCEL))


async def test_a_download_that_nobody_reads_stops_the_server(peer: Opened) -> None:
    size = _answers.AHEAD

    def sending(conversation: Conversation) -> None:
        conversation.begin()
        stream = conversation.until(HEADERS)[2]
        conversation.send(frame(HEADERS, END_HEADERS, stream, block((b":status", b"200"))))
        conversation.send(*(frame(DATA, 0, stream, b"x" * 16_384) for _ in range(size // 16_384)))
        conversation.send(frame(PING, 0, 0, b"12345678"))
        conversation.until(PING)  # all of it has come
        assert not [each for each in conversation.seen if each[0] == WINDOW_UPDATE and each[2] == stream]
        while conversation.until(WINDOW_UPDATE)[2] != stream:
            pass
        conversation.send(frame(DATA, END_STREAM, stream, b"end"))

    server = peer(sending)
    async with client(server) as made:
        got = await made.get_document("d")
        await until(lambda: any(each[0] == PING for each in server.conversations[0].seen))
        assert len(await got.read()) == size + 3


async def test_of_what_is_over_nothing_is_reset(peer: Opened) -> None:
    def serving(conversation: Conversation) -> None:
        conversation.begin()
        for kind in (HEADERS, HEADERS, DATA, DATA):
            conversation.send(answered(conversation.until(kind, END_STREAM)[2]))

    server = peer(serving)
    async with client(server) as made:
        got = await made.get_document("d")
        assert await got.read() == b"{}"
        await got.aclose()
        left = await made.get_document("d")
        await complete(made)  # by then all of the document has come
        await left.aclose()
        await complete(made)
    assert sent(server, RST_STREAM) == 0


async def test_what_nobody_reads_of_an_answer_gives_its_room_back(
    peer: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, count = 512 * 1024, 10
    monkeypatch.setattr(_rest, "_TOGETHER", together)

    def sending(conversation: Conversation) -> None:
        conversation.begin()
        for _ in range(count):
            stream = conversation.until(HEADERS)[2]
            pieces = (frame(DATA, 0, stream, b"x" * 16_384) for _ in range(12))
            conversation.send(frame(HEADERS, END_HEADERS, stream, HEAD), *pieces)
            conversation.send(frame(DATA, END_STREAM, stream))
            conversation.send(answered(conversation.request()))

    async with client(peer(sending)) as made:
        for _ in range(count):
            got = await made.get_document("d")
            assert await complete(made) == {}  # by then all of the document has come
            await got.aclose()
    assert count * 12 * 16_384 > 2 * together


async def test_a_header_that_is_too_long_loses_its_own_answer_alone(peer: Opened) -> None:
    long = block((b":status", b"204"), (b"x-long", b"y" * 70_000))

    def first(conversation: Conversation) -> None:
        conversation.begin()
        stream = conversation.request()
        parts = [long[at : at + 16_000] for at in range(0, len(long), 16_000)]
        conversation.send(frame(HEADERS, END_STREAM, stream, parts[0]))
        for each in parts[1:]:
            conversation.send(frame(9, END_HEADERS if each is parts[-1] else 0, stream, each))
        while True:
            conversation.send(answered(conversation.request()))

    server = peer(first)
    async with client(server) as made:
        with pytest.raises(Aborted, match="too many headers, or one longer"):
            await create(made)
        assert await create(made) == {}
    assert len(server.conversations) == 1


async def test_a_server_that_has_gone_silently_is_noticed(
    peer: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_rest, "_KEEPALIVE", 0.1)
    monkeypatch.setattr(_rest, "_PATIENCE", 0.3)

    def silent(conversation: Conversation) -> None:
        conversation.pongs = False
        conversation.begin()
        conversation.request()
        conversation.wait_for_end()

    got = await ended(peer(silent))
    assert (type(got), got.sent, got.answered) == (Aborted, True, False)


async def test_closing_ends_what_is_under_way(peer: Opened) -> None:
    server = peer(after_request(lambda _: b""))
    async with client(server) as made:
        call = asyncio.ensure_future(create(made))
        await until(lambda: asked(server))
    with pytest.raises(Aborted, match="the client was closed while the call was running"):
        await call
