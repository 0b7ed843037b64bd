"""SOCKS proxies, given or of the environment, on every wire: sync, asyncio and the fast engine."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import bridge
import camunda_grpc
from camunda_core._tunnel import Tunnel
from camunda_core.errors import ConfigurationError, DeadlineExceeded, Unavailable
from camunda_core.oauth import OAuth
from camunda_core.retry import NO_RETRY
from camunda_core.tls import Tls
from camunda_rest import AsyncRestClient, RestClient
from tests.fakes.rest import RestServer, answer
from tests.fakes.socks import SocksProxy
from tests.faults.test_outbound import (  # the fixtures of proxies
    PEM,
    WIRES,
    Ask,
    _empty_environment,
    addresses,
)

__all__ = ["_empty_environment", "addresses"]


@pytest.fixture(params=["sync", "asyncio", "fast"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """The version that the topology of an address says, asked with a client of its own."""
    if request.param == "fast":
        pytest.importorskip("httpunk")

    def asked(**arguments: Any) -> str:
        async def awaited() -> str:
            engine = "fast" if request.param == "fast" else "default"
            async with bridge.AsyncClient(**arguments, engine=engine) as client:
                return (await client.topology()).gateway_version

        if request.param != "sync":
            return asyncio.run(awaited())
        with bridge.Client(**arguments) as client:
            return client.topology().gateway_version

    return asked


@pytest.fixture
def proxy() -> Iterator[SocksProxy]:
    made = SocksProxy()
    yield made
    made.stop()


def _tls(wire: str) -> Tls | None:
    return Tls(ca=PEM / "ca.pem") if "TLS" in wire else None


@pytest.mark.parametrize("wire", WIRES)
def test_a_socks_proxy_that_is_given_carries_every_wire(
    ask: Ask, addresses: Any, proxy: SocksProxy, wire: str
) -> None:
    assert ask(**addresses[wire], tls=_tls(wire), proxy=proxy.url) == "8.6.0"
    assert proxy.seen
    assert all(each.startswith("127.0.0.1:") for each in proxy.seen)


@pytest.mark.long
@pytest.mark.parametrize("wire", ["REST", "gRPC with TLS"])
def test_a_socks_proxy_of_the_environment_carries_every_wire(
    ask: Ask, addresses: Any, proxy: SocksProxy, wire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("all_proxy", proxy.url)
    assert ask(**addresses[wire], tls=_tls(wire)) == "8.6.0"
    assert len(proxy.seen) == 1
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert ask(**addresses[wire], tls=_tls(wire)) == "8.6.0"
    assert len(proxy.seen) == 1


@pytest.mark.long
@pytest.mark.parametrize("wire", ["REST with TLS", "gRPC"])
def test_a_socks_proxy_may_want_a_name_and_a_password(
    ask: Ask, addresses: Any, proxy: SocksProxy, wire: str
) -> None:
    proxy.wants = "me:s3cret word"
    assert ask(**addresses[wire], tls=_tls(wire), proxy=f"socks5://me:s3cret%20word@{proxy.place}") == "8.6.0"
    with pytest.raises(Unavailable, match=f"socks5://{proxy.place}") as caught:
        ask(**addresses[wire], tls=_tls(wire), proxy=f"socks5://me:wr0ng@{proxy.place}", retry=NO_RETRY)
    assert not caught.value.sent
    assert "wr0ng" not in str(caught.value)


@pytest.mark.long
@pytest.mark.parametrize("wire", ["REST", "gRPC"])
def test_where_names_are_looked_up_is_what_the_scheme_says(
    ask: Ask, addresses: Any, proxy: SocksProxy, wire: str
) -> None:
    ((name, address),) = addresses[wire].items()
    named = {name: address.replace("127.0.0.1", "localhost")}
    assert ask(**named, proxy=f"socks5h://{proxy.place}") == "8.6.0"
    assert proxy.seen[-1].startswith("localhost:")
    assert ask(**named, proxy=f"socks5://{proxy.place}") == "8.6.0"
    assert proxy.seen[-1].startswith("127.0.0.1:")


@pytest.mark.parametrize("wire", ["REST", "gRPC"])
def test_what_a_socks_proxy_refuses_is_said(ask: Ask, addresses: Any, proxy: SocksProxy, wire: str) -> None:
    proxy.refuses = 2
    with pytest.raises(Unavailable, match=f"socks5://{proxy.place} answered.*not allowed") as caught:
        ask(**addresses[wire], proxy=proxy.url, retry=NO_RETRY)
    assert not caught.value.sent


@pytest.mark.long
@pytest.mark.parametrize("wire", ["REST", "gRPC"])
def test_a_silent_socks_proxy_holds_a_call_no_longer_than_its_time(
    ask: Ask, addresses: Any, proxy: SocksProxy, wire: str
) -> None:
    proxy.silent = True
    with pytest.raises((Unavailable, DeadlineExceeded)):
        ask(**addresses[wire], proxy=proxy.url, timeout=0.5, retry=NO_RETRY)


@pytest.mark.long
@pytest.mark.parametrize("wire", ["REST", "gRPC"])
def test_a_socks_proxy_that_is_not_there_is_named(ask: Ask, addresses: Any, wire: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(Unavailable, match=f"socks5://{place} cannot be reached"):
        ask(**addresses[wire], proxy=f"socks5://{place}", retry=NO_RETRY)


def test_tokens_are_fetched_through_a_socks_proxy(proxy: SocksProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    with RestServer() as identity:
        identity.script(answer(200, {"access_token": "t", "expires_in": 60}))
        url = f"{identity.address}/token"
        assert OAuth(url, "id", "secret", proxy=proxy.url).headers() == {"authorization": "Bearer t"}
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        OAuth(url, "id", "secret").headers()
        assert len(proxy.seen) == 2
        proxy.refuses = 5
        with pytest.raises(Unavailable, match=f"socks5://{proxy.place} answered"):
            OAuth(url, "id", "secret").headers()


def test_without_the_library_every_wire_says_which_extra_it_needs(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "python_socks.sync", None)
    for address in ({"rest_address": "http://gateway.test"}, {"grpc_address": "gateway.test:1"}):
        with pytest.raises(ConfigurationError, match=r"pip install 'camunda-bridge\[socks\]'"):
            ask(**address, proxy="socks5://me:s3cret@proxy.test:1080")
    with pytest.raises(ConfigurationError, match=r"pip install 'camunda-bridge\[socks\]'"):
        OAuth("http://identity.test/token", "id", "secret", proxy="socks5://proxy.test:1080")


@pytest.mark.parametrize("kind", ["socks4", "socks4a", "socks5", "socks5h"])
def test_every_kind_is_taken_without_a_port_as_well(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"{kind}://proxy.test")
    RestClient("http://gateway.test").close()
    AsyncRestClient("http://gateway.test")
    camunda_grpc.channel("gateway.test:26500").close()


# The tunnel of grpcio


def _threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "camunda-bridge-tunnel"]


def test_channels_share_a_tunnel_that_ends_with_the_last_of_them(proxy: SocksProxy) -> None:
    gc.collect()
    before = _threads()
    made = [camunda_grpc.channel("gateway.test:26500", proxy=proxy.url) for _ in range(3)]
    (mine,) = [each for each in _threads() if each not in before]
    for each in made:
        each.close()
    made.clear()
    del each
    gc.collect()
    mine.join(20)
    assert not mine.is_alive()


def test_nobody_else_comes_through_a_tunnel(proxy: SocksProxy) -> None:
    tunnel = Tunnel.through(proxy.url)
    login, _, place = tunnel.url.removeprefix("http://").partition("@")
    assert login not in repr(tunnel)
    host, _, port = place.partition(":")
    for head in (
        b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n",
        b"CONNECT 127.0.0.1:1 HTTP/1.1\r\nProxy-Authorization: Basic bWU6bWU=\r\n\r\n",
        b"GET http://127.0.0.1:1/ HTTP/1.1\r\n\r\n",
    ):
        with socket.create_connection((host, int(port)), timeout=20) as stranger:
            stranger.sendall(head)
            assert stranger.recv(65536).startswith(b"HTTP/1.1 407 ")
    with socket.create_connection((host, int(port)), timeout=20) as stranger, contextlib.suppress(OSError):
        stranger.sendall(b"x" * 20_000)
        assert stranger.recv(65536) == b""
    assert proxy.seen == []
