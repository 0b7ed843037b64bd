"""The ways on which REST over HTTP/2 comes to a gateway: proxies, several addresses, certificates, paths."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

import bridge
from camunda_core.errors import Aborted, Unavailable
from camunda_core.retry import NO_RETRY
from camunda_core.tls import Tls
from tests.fakes.http_proxy import HttpProxy
from tests.fakes.ports import free_port
from tests.fakes.rest import RestServer, answer, problem, reset_after_request
from tests.fakes.socks import SocksProxy
from tests.faults.rest_sides import PEM, FastHttp2

pytestmark = pytest.mark.long

OURS = Tls(ca=PEM / "ca.pem")
#: What a gateway that takes messages says; the other one is going away (GOAWAY).
TAKEN, LAST = (
    answer(200, {"messageKey": "1", "tenantId": "<default>"}, close=close) for close in (False, True)
)


@pytest.fixture
def servers() -> Iterator[list[RestServer]]:
    made = [FastHttp2.server() for _ in range(2)]
    for each in made:
        each.script(TAKEN)
    yield made
    for each in made:
        each.stop()
        assert all(request.http2 for request in each.requests)


@asynccontextmanager
async def client(*addresses: str, **options: Any) -> AsyncIterator[bridge.AsyncClient]:
    given: Any = {"tls": OURS, "timeout": 20, "retry": NO_RETRY, "env": {}, "engine": "fast", **options}
    async with bridge.AsyncClient(rest_address=list(addresses), **given) as made:
        yield made


async def publish(made: bridge.AsyncClient) -> None:
    await made.publish_message("paid", correlation_key="1")


@pytest.mark.parametrize("secured", [False, True], ids=["in the clear", "in TLS"])
async def test_through_a_proxy_with_a_password(servers: list[RestServer], secured: bool) -> None:
    proxy = HttpProxy(FastHttp2.serving() if secured else None)
    proxy.wants = "me:s3cret"
    try:
        async with client(servers[0].address, proxy=proxy.url.replace("://", "://me:s3cret@")) as made:
            await publish(made)
            await publish(made)
        assert proxy.seen == [f"CONNECT 127.0.0.1:{servers[0].port}"]
        async with client(servers[0].address, proxy=proxy.url) as made:
            with pytest.raises(Unavailable, match="407"):
                await publish(made)
    finally:
        proxy.stop()
    assert (len(servers[0].requests), servers[0].connections) == (2, 1)


async def test_through_a_socks_proxy(servers: list[RestServer]) -> None:
    proxy = SocksProxy()
    try:
        async with client(servers[0].address, proxy=proxy.url) as made:
            await publish(made)
            await publish(made)
        assert len(proxy.seen) == 1
    finally:
        proxy.stop()
    assert (len(servers[0].requests), servers[0].connections) == (2, 1)


async def test_the_next_gateway_is_asked_when_one_refuses_goes_or_is_not_there(
    servers: list[RestServer],
) -> None:
    first, second = servers
    nobody = f"https://127.0.0.1:{free_port()}"
    second.script(LAST)
    async with client(nobody, first.address, second.address, retry=None) as made:
        await publish(made)
        first.script(problem(503, "UNAVAILABLE", "no leader"))
        await publish(made)
        assert (len(first.requests), len(second.requests)) == (1, 1)
        first.script(TAKEN)
        second.stop()
        await publish(made)
        assert len(first.requests) == 1


async def test_what_may_have_been_done_is_not_done_by_the_next_gateway(servers: list[RestServer]) -> None:
    first, second = servers
    first.script(reset_after_request())
    async with client(first.address, second.address, retry=None) as made:
        with pytest.raises(Aborted):
            await publish(made)
        assert second.requests == []
        await publish(made)
    assert len(first.requests) + len(second.requests) == 2


async def test_our_certificate_is_shown() -> None:
    with FastHttp2.server(tls=FastHttp2.serving(client_ca=True)) as server:
        server.script(TAKEN)
        shown = Tls(ca=PEM / "ca.pem", certificate=PEM / "client.pem", key=PEM / "client.key")
        async with client(server.address, tls=shown) as made:
            await publish(made)
        async with client(server.address) as made:
            with pytest.raises((Unavailable, Aborted)):
                await publish(made)
        assert [each.http2 for each in server.requests] == [True]


async def test_paths_begin_with_that_of_the_address_and_requests_name_its_host(
    servers: list[RestServer],
) -> None:
    async with client(f"{servers[0].address}/zeebe") as made:
        await publish(made)
    (request,) = servers[0].requests
    assert request.target == "/zeebe/v2/messages/publication"
    assert request.headers["host"] == f"127.0.0.1:{servers[0].port}"
