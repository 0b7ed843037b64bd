"""Which connection carries an exchange, and when there is another one."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import Mock

import pytest

pytest.importorskip("httpunk")

from camunda_fast._answers import Answer, Broken
from camunda_fast._dialing import Target
from camunda_fast._rest import HttpPool
from tests.fakes.rest import RestServer, answer, stall
from tests.faults.rest_sides import PEM, FastHttp2


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=PEM / "ca.pem")


def pool_of(port: int, *, secure: bool = False, size: int = 4) -> HttpPool:
    context, protocols = (trusting, ("h2", "http/1.1")) if secure else (None, ())
    target = Target((("127.0.0.1", port),), None, context, "127.0.0.1", None, protocols)
    return HttpPool(target, "host", size=size, idle=30.0, longest_header=65_536)


async def get(pool: HttpPool, timeout: float = 20) -> Answer:
    return await pool.exchange("GET", "/v2/topology", {"host": "host"}, None, timeout=timeout, most=None)


@pytest.fixture(params=[False, True], ids=["HTTP/1.1", "HTTP/2"])
async def opened(request: Any) -> AsyncIterator[tuple[HttpPool, RestServer]]:
    with FastHttp2.server() if request.param else RestServer() as server:
        server.script(answer(200, {}))
        pool = pool_of(server.port, secure=request.param)
        yield pool, server
        await pool.close()


async def test_a_connection_that_was_silent_for_too_long_is_not_used_again(opened: Any) -> None:
    pool, server = opened
    for _ in range(3):
        assert (await get(pool)).status == 200
    assert server.connections == 1
    for each in pool._connections:
        each._heard -= 31
    assert (await get(pool)).status == 200
    assert server.connections == 2
    assert pool.usage().connections == 1


async def test_one_that_carries_something_may_be_silent_for_as_long_as_it_likes(opened: Any) -> None:
    pool, server = opened
    server.script(stall())
    calls = [asyncio.ensure_future(get(pool))]
    while not server.requests:  # noqa: ASYNC110  nothing tells
        await asyncio.sleep(0.01)
    for each in pool._connections:
        each._heard -= 31
    server.script(answer(200, {}))
    assert (await get(pool)).status == 200
    assert pool.usage().running == 1
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


async def test_an_attempt_to_connect_ends_with_the_last_one_who_waits_for_it() -> None:
    """Else the next one would wait for it as well."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        pool = pool_of(mute.getsockname()[1], secure=True)
        with pytest.raises(Broken) as caught:
            await get(pool, timeout=0.05)
        assert (caught.value.kind, caught.value.cause) == ("unconnected", None)
        for _ in range(50):
            await asyncio.sleep(0)
        assert not pool._dialing
        await pool.close()


async def test_a_short_time_limit_is_kept_beside_a_long_one() -> None:
    pool, ended = pool_of(1), asyncio.Event()
    long, short = (Mock(ends=None, expired=each) for each in (pytest.fail, ended.set))
    pool.limit(long, 300)
    pool.limit(short, 0.01)
    await asyncio.wait_for(ended.wait(), 20)
    assert list(pool._limits) == [long]
    pool.abandon()


async def test_an_exchange_is_sent_once_though_a_connection_is_lost_while_it_is_asked() -> None:
    pool = pool_of(1)
    sent: list[Any] = []

    def leaves(_: Any) -> bool:
        old.usable, old.gone = False, True
        pool._changed(old)
        return False

    def takes(exchange: Any) -> bool:
        sent.append(exchange)
        return True

    old = Mock(usable=True, gone=False, open=leaves)
    new = Mock(usable=True, gone=False, open=takes)
    first, second = Mock(), Mock()
    pool._waiting.update({first: None, second: None})
    pool._connections = {new: None, old: None}
    pool._ready = dict(pool._connections)
    pool._advance()
    assert sorted(map(id, sent)) == sorted(map(id, (first, second)))
    assert not pool._waiting
