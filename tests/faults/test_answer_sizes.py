"""How much of an answer is read: at most ``max_message_size`` bytes, unpacked, within the time limit."""

from __future__ import annotations

import asyncio
import gzip
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

import bridge
from camunda_core.errors import (
    CamundaError,
    ConfigurationError,
    DeadlineExceeded,
    Internal,
    ResourceExhausted,
    Unavailable,
)
from camunda_core.jobs import JobRequest
from camunda_grpc._settings import MAX_MESSAGE_SIZE as OVER_GRPC
from camunda_rest import AsyncRestClient, RestClient, operations
from camunda_rest._response import MAX_MESSAGE_SIZE
from tests.fakes.grpc import until
from tests.fakes.patience import sent_within
from tests.fakes.rest import Exchange, RestServer, Step, answer
from tests.faults.rest_sides import SIDES, raised, served

TOPOLOGY = operations.GET_TOPOLOGY
LIMIT = 10_000


@pytest.fixture(params=SIDES)
def wire(request: pytest.FixtureRequest) -> Iterator[Any]:
    shell = request.param()
    yield shell
    shell.close()


@pytest.fixture
def server(wire: Any) -> Iterator[RestServer]:
    yield from served(wire)


@pytest.fixture
def plain() -> Iterator[RestServer]:
    with RestServer() as made:
        yield made


def padded(size: int) -> bytes:
    return b"{}" + b" " * (size - 2)


def packed(encoding: str, body: bytes, **more: Any) -> Step:
    content = {
        "gzip": gzip.compress,
        "x-gzip": gzip.compress,
        "deflate": zlib.compress,
        "raw deflate": lambda data: zlib.compress(data)[2:-4],
        "br": lambda data: data,
        "gzip, gzip": lambda data: gzip.compress(gzip.compress(data)),
    }[encoding](body)
    return answer(
        more.pop("status", 200), content, headers={"Content-Encoding": encoding.removeprefix("raw ")}, **more
    )


@cache
def bomb(size: int) -> bytes:
    """A gzip file of about a thousandth of the size, which is never in memory as a whole."""
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    pieces = [packing.compress(b"{}")]
    pieces += [packing.compress(b" " * 1_000_000) for _ in range(size // 1_000_000)]
    return b"".join([*pieces, packing.flush()])


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_an_answer_of_the_limit_is_read_and_a_larger_one_is_told_from_back_pressure(
    wire: Any, server: RestServer, chunked: bool
) -> None:
    client = wire.client(server.address, max_message_size=LIMIT)
    server.script(answer(200, padded(LIMIT), chunked=chunked))
    assert wire.call(client, TOPOLOGY) == {}
    server.script(answer(200, padded(LIMIT + 1), chunked=chunked))
    got = raised(wire, client, TOPOLOGY)
    assert (type(got), got.answered, got.operation) == (ResourceExhausted, True, "getTopology")
    assert got.problem is not None
    assert got.problem.status == 413
    assert str(LIMIT) in got.message
    assert "max_message_size" in got.message
    assert len(server.requests) == 1, "it would be as large when asked for again"
    server.script(answer(200, {}))
    assert wire.call(client, TOPOLOGY) == {}


def test_the_limit_is_16_mib_as_over_grpc_unless_told_otherwise(wire: Any, server: RestServer) -> None:
    assert MAX_MESSAGE_SIZE == OVER_GRPC == 16 << 20
    server.script(answer(200, padded(MAX_MESSAGE_SIZE + 1)))
    assert type(raised(wire, wire.client(server.address), TOPOLOGY)) is ResourceExhausted
    assert wire.call(wire.client(server.address, max_message_size=17 << 20), TOPOLOGY) == {}
    assert wire.call(wire.client(server.address, max_message_size=-1), TOPOLOGY) == {}


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "raw deflate"])
def test_an_answer_that_a_proxy_compressed_is_read_and_counted_unpacked(
    wire: Any, server: RestServer, encoding: str
) -> None:
    client = wire.client(server.address, max_message_size=LIMIT)
    server.script(packed(encoding, padded(LIMIT)))
    assert wire.call(client, TOPOLOGY) == {}
    server.script(packed(encoding, padded(LIMIT + 1)))
    assert type(raised(wire, client, TOPOLOGY)) is ResourceExhausted
    server.script(packed(encoding, b'{"title": "NOT_FOUND", "detail": "no such thing"}', status=404))
    assert raised(wire, client, TOPOLOGY).message == "no such thing"


@pytest.mark.parametrize("status", [200, 500])
def test_a_bomb_is_not_unpacked(wire: Any, server: RestServer, status: int) -> None:
    content = bomb(100_000_000)
    assert len(content) < 500_000
    client = wire.client(server.address, max_message_size=1_000_000)
    server.script(answer(status, content, headers={"Content-Encoding": "gzip"}))
    tracemalloc.start()
    try:
        got = raised(wire, client, TOPOLOGY)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert type(got) is (ResourceExhausted if status == 200 else Internal)


@pytest.mark.parametrize(
    "step",
    [
        packed("br", b"{}"),
        packed("gzip, gzip", b"{}"),
        answer(200, b"{}", headers={"Content-Encoding": "gzip"}),
        answer(200, b"{}", headers={"Content-Encoding": "deflate"}),
        answer(200, gzip.compress(b"{}")[:-9], headers={"Content-Encoding": "gzip"}),
        answer(200, gzip.compress(b"{}") + gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"}),
    ],
    ids=["unknown", "twice", "not gzip", "not deflate", "cut off", "two files"],
)
def test_what_cannot_be_unpacked_is_named(wire: Any, server: RestServer, step: Step) -> None:
    server.script(step)
    got = raised(wire, wire.client(server.address), TOPOLOGY)
    assert type(got) is Internal
    assert "content-encoding" in got.message


def test_of_a_failure_that_is_too_large_the_status_counts_and_the_rest_is_cut_off(
    wire: Any, server: RestServer
) -> None:
    client = wire.client(server.address, max_message_size=LIMIT)
    server.script(answer(503, b"<p>" + b"busy " * 100_000, content_type="text/html"), answer(200, {}))
    assert wire.call(client, operations.COMPLETE_JOB) == {}
    server.script(answer(502, padded(10 * LIMIT)))
    got = raised(wire, client, TOPOLOGY)
    assert type(got) is Unavailable
    assert len(got.message) < 400
    server.script(packed("br", b"?", status=404))
    assert "HTTP 404" in raised(wire, client, TOPOLOGY).message


def test_an_answer_shorter_than_promised_is_a_lost_one_however_large_it_was_to_be(
    wire: Any, server: RestServer
) -> None:
    client = wire.client(server.address, max_message_size=LIMIT)
    for length in (5, LIMIT, LIMIT * 2):
        server.script(answer(200, b"{}", length=length))
        got = raised(wire, client, TOPOLOGY)
        assert (type(got), got.answered) == (Unavailable, False)


def test_a_body_that_drips_ends_at_the_time_limit_whatever_its_size(wire: Any, server: RestServer) -> None:
    def endless(exchange: Exchange) -> bool:
        exchange.sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        until = time.monotonic() + 10
        while not exchange.stopped.wait(0.02) and time.monotonic() < until:
            exchange.sock.sendall(b"1\r\n \r\n")
        return False

    server.script(endless)
    client = wire.client(server.address)
    got = sent_within(0.4, lambda limit: raised(wire, client, TOPOLOGY, timeout=limit))
    assert type(got) is DeadlineExceeded
    until(lambda: bool(server.requests), "the request")
    assert len(server.requests) == 1


def test_an_answer_without_an_end_is_given_up_at_the_limit(wire: Any, server: RestServer) -> None:
    def endless(exchange: Exchange) -> bool:
        exchange.sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        until = time.monotonic() + 10
        try:
            while not exchange.stopped.is_set() and time.monotonic() < until:
                exchange.sock.sendall(b"1000\r\n" + b" " * 0x1000 + b"\r\n")
        except OSError:  # the connection was closed, or over HTTP/2 the stream was reset
            given_up.release()
        return False

    given_up = threading.Semaphore(0)
    server.script(endless)
    client = wire.client(server.address, max_message_size=LIMIT)
    assert type(raised(wire, client, TOPOLOGY)) is ResourceExhausted
    assert given_up.acquire(timeout=10)


@pytest.mark.parametrize("sync", [True, False], ids=["of a sync client", "of an asyncio client"])
def test_the_job_wire_reads_no_more_than_its_client(plain: RestServer, sync: bool) -> None:
    async def poll() -> None:
        made: Any = RestClient if sync else AsyncRestClient
        wire = made(plain.address, max_message_size=LIMIT).job_wire()
        try:
            await wire.activate(JobRequest("t", "w", 10.0), 1, wait=0, timeout=5)
        finally:
            await wire.close()

    plain.script(answer(200, padded(LIMIT + 1)))
    with pytest.raises(ResourceExhausted, match="max_message_size"):
        asyncio.run(poll())


@pytest.mark.parametrize("value", [0, -2, 1.5, "16", None, True])
def test_a_limit_that_is_no_size_is_refused(value: Any) -> None:
    for made in (RestClient, AsyncRestClient):
        with pytest.raises(ConfigurationError, match="max_message_size must be a number of bytes"):
            made("http://gateway", max_message_size=value)


def calls_through_the_bridge(address: str, **options: Any) -> Iterator[Any]:
    from camunda_grpc import gateway_pb2 as pb
    from camunda_grpc import gateway_pb2_grpc as stubs

    def client() -> None:
        with bridge.Client(rest_address=address, **options) as made:
            made.topology()

    async def async_client() -> None:
        async with bridge.AsyncClient(rest_address=address, **options) as made:
            await made.topology()

    def channel() -> None:
        with bridge.channel(address, **options) as made:
            stubs.GatewayStub(made).Topology(pb.TopologyRequest())

    async def aio_channel() -> None:
        async with bridge.aio_channel(address, **options) as made:
            await stubs.GatewayStub(made).Topology(pb.TopologyRequest())

    yield client
    yield lambda: asyncio.run(async_client())
    yield channel
    yield lambda: asyncio.run(aio_channel())


def test_the_limit_reaches_every_entrance_of_the_bridge(
    plain: RestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain.script(answer(200, padded(LIMIT + 1)))
    for call in calls_through_the_bridge(plain.address, max_message_size=LIMIT):
        with pytest.raises(CamundaError, match="max_message_size") as caught:
            call()
        assert isinstance(caught.value, ResourceExhausted)
    monkeypatch.setenv("CAMUNDA_MAX_MESSAGE_SIZE", str(LIMIT))
    for call in calls_through_the_bridge(plain.address):
        with pytest.raises(ResourceExhausted):
            call()
    for call in calls_through_the_bridge(plain.address, max_message_size=2 * LIMIT):
        call()


@pytest.mark.parametrize("length", [9_000, 60_000])
def test_long_headers_are_read(wire: Any, server: RestServer, length: int) -> None:
    """A proxy's policies and cookies are longer than aiohttp reads by itself."""
    server.script(answer(200, {}, headers={"Content-Security-Policy": "x" * length}))
    assert wire.call(wire.client(server.address), TOPOLOGY) == {}
