"""Proxies that are spoken to in TLS, on every wire: sync, asyncio and the fast engine."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from camunda_core.errors import CamundaError, DeadlineExceeded, Unavailable
from camunda_core.oauth import OAuth
from camunda_core.retry import NO_RETRY
from camunda_core.tls import Tls
from camunda_grpc import gateway_pb2 as pb
from tests.fakes.grpc import Answer, ScriptedGateway
from tests.fakes.http_proxy import HttpProxy
from tests.fakes.rest import RestServer, answer
from tests.faults.test_grpc_handshakes import EXPIRED, GOOD, RELUCTANT
from tests.faults.test_outbound import PEM, TOPOLOGY, WIRES, Ask, _empty_environment, addresses
from tests.faults.test_socks import ask

__all__ = ["_empty_environment", "addresses", "ask"]

#: Two of the wires, for what the others do in the same place.
_TWO = ["REST", "gRPC with TLS"]


def _serving(tmp_path: Path, pair: tuple[bytes, bytes]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (tmp_path / "proxy.key").write_bytes(pair[0])
    (tmp_path / "proxy.pem").write_bytes(pair[1])
    context.load_cert_chain(tmp_path / "proxy.pem", tmp_path / "proxy.key")
    return context


@pytest.fixture
def proxies(tmp_path: Path) -> Iterator[Callable[..., HttpProxy]]:
    made: list[HttpProxy] = []

    def make(pair: tuple[bytes, bytes] | None = GOOD, clients: bool = False) -> HttpProxy:
        context = None if pair is None else _serving(tmp_path, pair)
        if context is not None:
            context.load_verify_locations(PEM / "ca.pem")
            context.verify_mode = ssl.CERT_REQUIRED if clients else ssl.CERT_OPTIONAL
        made.append(HttpProxy(context))
        return made[-1]

    yield make
    for each in made:
        each.stop()


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment trusts the authority of the proxy."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(PEM / "ca.pem"))


def _tls(wire: str, **more: Any) -> Tls | None:
    return Tls(ca=PEM / "ca.pem", **more) if "TLS" in wire else None


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("wire", WIRES)
def test_it_carries_every_wire(ask: Ask, addresses: Any, proxies: Any, wire: str) -> None:
    proxy = proxies()
    proxy.wants = "me:s3cret word"
    through = f"https://me:s3cret%20word@{proxy.place}"
    assert ask(**addresses[wire], tls=_tls(wire), proxy=through) == "8.6.0"
    ((_, address),) = addresses[wire].items()
    place = address.rpartition("://")[2]
    assert set(proxy.seen) == {f"GET {address}/v2/topology" if wire == "REST" else f"CONNECT {place}"}


@pytest.mark.parametrize("wire", ["REST with TLS", "gRPC with TLS"])
def test_the_authorities_of_the_client_and_the_system_are_both_trusted_and_no_certificate_is_shown(
    ask: Ask, addresses: Any, proxies: Any, wire: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = proxies()
    tls = _tls(wire, certificate=PEM / "client.pem", key=PEM / "client.key")
    assert ask(**addresses[wire], tls=tls, proxy=proxy.url) == "8.6.0"
    assert set(proxy.shown) == {None}
    foreign = proxies(EXPIRED)  # which is not the authority of the gateway
    with pytest.raises(Unavailable, match="the proxy"):
        ask(**addresses[wire], tls=tls, proxy=foreign.url, retry=NO_RETRY)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(PEM / "ca.pem"))
    with pytest.raises(Unavailable, match=r"authority as tls=Tls\(ca=\.\.\.\)|valid now|expired") as caught:
        ask(**addresses[wire], tls=Tls(ca=EXPIRED[1]), proxy=proxy.url, retry=NO_RETRY)
    assert "the proxy" not in str(caught.value)  # it was let through, and the gateway was not trusted


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("wire", ["REST with TLS", "gRPC"])
def test_that_of_the_environment_is_used(
    ask: Ask, addresses: Any, proxies: Any, wire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = proxies()
    monkeypatch.setenv("all_proxy", proxy.url)
    assert ask(**addresses[wire], tls=_tls(wire)) == "8.6.0"
    assert len(set(proxy.seen)) == 1
    proxy.seen.clear()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert ask(**addresses[wire], tls=_tls(wire)) == "8.6.0"
    assert proxy.seen == []


@pytest.mark.parametrize("wire", WIRES)
def test_one_that_is_not_trusted_is_told_at_once(ask: Ask, addresses: Any, proxies: Any, wire: str) -> None:
    proxy = proxies(EXPIRED)
    with pytest.raises(
        Unavailable, match=f"the proxy {proxy.url} cannot be used: TLS with it failed"
    ) as caught:
        ask(**addresses[wire], tls=_tls(wire), proxy=proxy.url, retry=RELUCTANT, timeout=300)
    assert "have its authority trusted" in str(caught.value)
    assert not caught.value.sent
    assert proxy.seen == []


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("wire", WIRES)
def test_one_of_another_name_is_told_at_once(ask: Ask, addresses: Any, proxies: Any, wire: str) -> None:
    proxy = proxies()
    there = proxy.url.replace("127.0.0.1", "localhost")
    with pytest.raises(Unavailable, match=f"the proxy {there} cannot be used") as caught:
        ask(**addresses[wire], tls=_tls(wire), proxy=there, retry=RELUCTANT, timeout=300)
    assert "name it as its certificate does" in str(caught.value)
    assert not caught.value.sent


@pytest.mark.parametrize("wire", WIRES)
def test_a_plain_one_is_told_at_once(ask: Ask, addresses: Any, proxies: Any, wire: str) -> None:
    proxy = proxies(None)
    there = f"https://{proxy.place}"
    with pytest.raises(Unavailable, match=f"the proxy {there} ") as caught:
        ask(**addresses[wire], tls=_tls(wire), proxy=there, retry=NO_RETRY, timeout=300)
    assert not caught.value.sent


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("wire", WIRES)
def test_a_password_that_is_wrong_is_told_and_not_shown(
    ask: Ask, addresses: Any, proxies: Any, wire: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    proxy = proxies()
    proxy.wants = "me:s3cret"
    with pytest.raises(CamundaError, match="407") as caught:
        ask(**addresses[wire], tls=_tls(wire), proxy=f"https://me:wr0ng@{proxy.place}", retry=NO_RETRY)
    said = f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r} {caplog.text}"
    assert "wr0ng" not in said


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("wire", ["REST with TLS", "gRPC"])
@pytest.mark.parametrize("silent", ["connected", "secured"])
def test_a_silent_one_holds_a_call_no_longer_than_its_time(
    ask: Ask, addresses: Any, proxies: Any, wire: str, silent: str
) -> None:
    proxy = proxies()
    proxy.silent = silent
    with pytest.raises((Unavailable, DeadlineExceeded)):
        ask(**addresses[wire], tls=_tls(wire), proxy=proxy.url, timeout=0.5, retry=NO_RETRY)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("wire", ["REST with TLS", "gRPC"])
def test_what_it_answers_is_said(ask: Ask, addresses: Any, proxies: Any, wire: str) -> None:
    proxy = proxies()
    proxy.answers = "403 Not for you"
    with pytest.raises(Unavailable, match="403") as caught:
        ask(**addresses[wire], tls=_tls(wire), proxy=proxy.url, retry=NO_RETRY)
    assert not caught.value.sent


@pytest.mark.parametrize("wire", _TWO)
def test_one_that_is_not_there_is_named(ask: Ask, addresses: Any, proxies: Any, wire: str) -> None:
    proxy = proxies()
    proxy.stop()
    with pytest.raises(Unavailable, match=f"the proxy {proxy.url} cannot be reached"):
        ask(**addresses[wire], tls=_tls(wire), proxy=proxy.url, retry=NO_RETRY)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("wire", ["REST with TLS", "gRPC"])
def test_one_that_asks_for_a_certificate_is_told(ask: Ask, addresses: Any, proxies: Any, wire: str) -> None:
    proxy = proxies(clients=True)
    with pytest.raises(Unavailable, match=f"(?i)the proxy {proxy.url} ") as caught:
        ask(**addresses[wire], tls=_tls(wire), proxy=proxy.url, retry=NO_RETRY)
    assert not caught.value.sent


@pytest.mark.usefixtures("trusted")
def test_what_is_large_comes_whole(ask: Ask, proxies: Any, tmp_path: Path) -> None:
    proxy, version = proxies(), "8.6.0-" + "long" * 1_000_000
    with RestServer(tls=_serving(tmp_path, GOOD)) as server:
        server.script(answer(200, {**TOPOLOGY, "gatewayVersion": version}))
        found = ask(rest_address=server.address, tls=_tls("REST with TLS"), proxy=proxy.url)
        assert found == version
    gateway = ScriptedGateway()
    gateway.script["Topology"] = [Answer((pb.TopologyResponse(gatewayVersion=version),))]
    try:
        assert ask(grpc_address=f"http://{gateway.address}", proxy=proxy.url) == version
    finally:
        gateway.release()
        gateway.stop()


# Tokens


@pytest.mark.parametrize("secure", [False, True], ids=["plaintext", "TLS"])
def test_tokens_are_fetched_through_it(
    proxies: Any, tmp_path: Path, secure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = proxies()
    proxy.wants = "me:s3cret"
    through = f"https://me:s3cret@{proxy.place}"
    tls = Tls(ca=PEM / "ca.pem") if secure else None
    with RestServer(tls=_serving(tmp_path, GOOD) if secure else None) as identity:
        identity.script(answer(200, {"access_token": "t", "expires_in": 60}))
        url = f"{identity.address}/token"
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "" if secure else str(PEM / "ca.pem"))
        given = OAuth(url, "id", "secret", tls=tls, proxy=through, retry=NO_RETRY)
        assert given.headers() == {"authorization": "Bearer t"}
        assert proxy.seen == [f"CONNECT {identity.address.rpartition('//')[2]}"]
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        with pytest.raises(Unavailable, match=f"the proxy {proxy.url} answered .*407"):
            OAuth(url, "id", "secret", tls=tls, retry=NO_RETRY).headers()
        monkeypatch.delenv("REQUESTS_CA_BUNDLE")
        foreign = proxies(EXPIRED)
        with pytest.raises(CamundaError, match=f"the proxy {foreign.url} cannot be used"):
            OAuth(url, "id", "secret", tls=tls, proxy=foreign.url).headers()
