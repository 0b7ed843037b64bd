"""Proxies and authorities of the environment mean the same on both wires, sync and asyncio."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

import bridge
from camunda_core.errors import CamundaError, ConfigurationError, Unavailable
from camunda_core.oauth import OAuth
from camunda_core.retry import NO_RETRY
from camunda_core.tls import Tls
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc._settings import MAX_MESSAGE_SIZE, connect
from camunda_rest import RestClient
from tests.fakes.grpc import Answer, ScriptedGateway
from tests.fakes.http_proxy import HttpProxy
from tests.fakes.rest import RestServer, answer
from tests.faults.test_grpc_handshakes import EXPIRED

PEM = Path(__file__).parent.parent / "unit" / "camunda_core" / "pem"
TOPOLOGY = {
    "brokers": [],
    "clusterSize": 1,
    "partitionsCount": 1,
    "replicationFactor": 1,
    "gatewayVersion": "8.6.0",
}

AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

Ask = Callable[..., str]


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "grpc_proxy", "no_grpc_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in (*AUTHORITIES, "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=["sync", "asyncio"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """The version that the topology of an address says, asked with a client of its own."""

    def asked(**arguments: Any) -> str:
        async def awaited() -> str:
            async with bridge.AsyncClient(**arguments) as client:
                return (await client.topology()).gateway_version

        if request.param == "asyncio":
            return asyncio.run(awaited())
        with bridge.Client(**arguments) as client:
            return client.topology().gateway_version

    return asked


@pytest.fixture
def proxy() -> Iterator[HttpProxy]:
    made = HttpProxy()
    yield made
    made.stop()


@pytest.fixture
def addresses() -> Iterator[dict[str, dict[str, str]]]:
    """The argument for a client, by wire and by whether there is TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM / "server.pem", PEM / "server.key")
    pair = ((PEM / "server.key").read_bytes(), (PEM / "server.pem").read_bytes())
    native = ScriptedGateway(), ScriptedGateway(credentials=grpc.ssl_server_credentials([pair]))
    for gateway in native:
        gateway.script["Topology"] = [Answer((pb.TopologyResponse(gatewayVersion="8.6.0"),))]
    with RestServer() as rest, RestServer(tls=context) as secure:
        for server in (rest, secure):
            server.script(answer(200, TOPOLOGY))
        yield {
            "REST": {"rest_address": rest.address},
            "gRPC": {"grpc_address": f"http://{native[0].address}"},
            "REST with TLS": {"rest_address": secure.address},
            "gRPC with TLS": {"grpc_address": f"https://{native[1].address}"},
        }
    for gateway in native:
        gateway.release()
        gateway.stop()


@pytest.mark.parametrize("wire", ["REST", "gRPC"])
@pytest.mark.parametrize(
    ("names", "exempt", "used"),
    [
        (["http_proxy"], {}, True),
        (["HTTP_PROXY"], {}, True),
        (["ALL_PROXY"], {}, True),
        (["https_proxy"], {}, False),
        (["HTTPS_PROXY"], {}, False),
        (["http_proxy", "https_proxy"], {"no_proxy": "127.0.0.1"}, False),
        (["http_proxy", "https_proxy"], {"NO_PROXY": "127.0.0.1"}, False),
        (["http_proxy"], {"no_proxy": "*"}, False),
        (["http_proxy"], {"NO_PROXY": "*"}, False),
        (["http_proxy"], {"no_proxy": "127.0.0.0/8"}, False),
        (["http_proxy"], {"no_proxy": "10.0.0.0/8"}, True),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, (list, dict)) else str(value),
)
def test_plaintext_goes_through_the_proxy_that_the_environment_means(
    ask: Ask,
    addresses: Any,
    proxy: HttpProxy,
    wire: str,
    names: list[str],
    exempt: dict[str, str],
    used: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {**dict.fromkeys(names, proxy.url), **exempt}.items():
        monkeypatch.setenv(name, value)
    assert ask(**addresses[wire]) == "8.6.0"
    assert bool(proxy.seen) is used


@pytest.mark.parametrize("wire", ["REST with TLS", "gRPC with TLS"])
@pytest.mark.parametrize(
    ("name", "used"), [("https_proxy", True), ("HTTPS_PROXY", True), ("http_proxy", False)]
)
def test_tls_goes_through_the_proxy_for_tls(
    ask: Ask,
    addresses: Any,
    proxy: HttpProxy,
    wire: str,
    name: str,
    used: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(name, proxy.url)
    assert ask(**addresses[wire], tls=Tls(ca=PEM / "ca.pem")) == "8.6.0"
    assert bool(proxy.seen) is used


WIRES = ["REST", "gRPC", "REST with TLS", "gRPC with TLS"]


@pytest.mark.parametrize("wire", WIRES)
def test_a_proxy_that_was_given_takes_the_place_of_the_environment(
    ask: Ask, addresses: Any, proxy: HttpProxy, wire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "*")
    tls = Tls(ca=PEM / "ca.pem") if "TLS" in wire else None
    assert ask(**addresses[wire], tls=tls, proxy=proxy.url) == "8.6.0"
    assert proxy.seen


@pytest.mark.parametrize("wire", WIRES)
def test_a_proxy_may_want_a_name_and_a_password(
    ask: Ask, addresses: Any, proxy: HttpProxy, wire: str
) -> None:
    proxy.wants = "me:s3cret word"
    tls = Tls(ca=PEM / "ca.pem") if "TLS" in wire else None
    place = proxy.url.removeprefix("http://")
    assert ask(**addresses[wire], tls=tls, proxy=f"http://me:s3cret%20word@{place}") == "8.6.0"
    with pytest.raises(CamundaError) as caught:
        ask(**addresses[wire], tls=tls, proxy=f"http://me:wr0ng@{place}", retry=NO_RETRY)
    assert "wr0ng" not in str(caught.value)


def test_the_password_of_a_proxy_is_shown_nowhere() -> None:
    given = "http://me:s3cret@proxy.test:3128"
    with bridge.Client(rest_address="http://gateway.test", proxy=given, env={}) as client:
        assert "s3cret" not in str(client.config)
        assert client.config["proxy"] == "http://***@proxy.test:3128"
    with RestClient("http://gateway.test", proxy=given) as rest:
        assert "s3cret" not in str(rest.config)


@pytest.mark.parametrize("bad", ["ftp://proxy.test", "http://", "http://a b:1", 5, "http://proxy.test:port"])
def test_a_proxy_that_cannot_be_one_is_refused(ask: Ask, bad: Any) -> None:
    for address in ({"rest_address": "http://gateway.test"}, {"grpc_address": "gateway.test:1"}):
        with pytest.raises(ConfigurationError, match="proxy"):
            ask(**address, proxy=bad)


def test_tokens_are_fetched_through_the_same_proxies(
    proxy: HttpProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RestServer() as identity:
        identity.script(answer(200, {"access_token": "t", "expires_in": 60}))
        url = f"{identity.address}/token"
        proxy.wants = "me:secret"
        given = proxy.url.replace("://", "://me:secret@")
        assert OAuth(url, "id", "secret", proxy=given).headers() == {"authorization": "Bearer t"}
        assert len(proxy.seen) == 1
        monkeypatch.setenv("ALL_PROXY", given)
        OAuth(url, "id", "secret").headers()
        assert len(proxy.seen) == 2
        monkeypatch.setenv("NO_PROXY", "127.0.0.0/8")
        OAuth(url, "id", "secret").headers()
        assert len(proxy.seen) == 2


def _options(address: str, *options: Any) -> dict[str, Any]:
    (made,) = connect(
        address,
        tls=None,
        options=options,
        keepalive=None,
        max_message_size=MAX_MESSAGE_SIZE,
        authority=None,
        user_agent=None,
    )
    return {name: value for name, value in made.options if "proxy" in name}


def test_what_means_grpc_alone_and_options_of_the_caller_are_left_to_grpc(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.test:1")
    assert _options("gateway.test:26500") == {"grpc.http_proxy": "http://proxy.test:1"}
    assert _options("dns:///gateway.test:26500") == {"grpc.http_proxy": "http://proxy.test:1"}
    assert _options("unix:/run/gateway") == {"grpc.enable_http_proxy": 0}
    mine = ("grpc.http_proxy", "http://mine.test:2")
    assert _options("gateway.test:26500", mine) == dict([mine])
    monkeypatch.setenv("grpc_proxy", "http://grpc.test:3")
    assert _options("gateway.test:26500") == {}


# Authorities


@pytest.mark.parametrize("wire", ["REST with TLS", "gRPC with TLS"])
@pytest.mark.parametrize("name", AUTHORITIES)
@pytest.mark.parametrize(
    "tls",
    [None, Tls(certificate=PEM / "client.pem", key=PEM / "client.key")],
    ids=["nothing given", "our certificate given"],
)
def test_authorities_of_the_environment_are_trusted(
    ask: Ask,
    addresses: Any,
    wire: str,
    name: str,
    tls: Tls | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(Unavailable, match=r"give its authority as tls=Tls\(ca=\.\.\.\)"):
        ask(**addresses[wire], tls=tls, retry=NO_RETRY)
    monkeypatch.setenv(name, str(tmp_path if name.endswith("DIR") else PEM / "ca.pem"))
    (tmp_path / _hashed(PEM / "ca.pem")).write_bytes((PEM / "ca.pem").read_bytes())
    assert ask(**addresses[wire], tls=tls, retry=NO_RETRY) == "8.6.0"


def _hashed(file: Path) -> str:
    """The name that OpenSSL looks an authority up by, in a folder."""
    import hashlib

    from cryptography import x509

    name = x509.load_pem_x509_certificate(file.read_bytes()).subject
    canonical = b""
    for part in name.rdns:
        (attribute,) = part
        value = attribute.value.lower().encode()
        oid = _der_oid(attribute.oid.dotted_string)
        pair = _tlv(0x30, oid + _tlv(0x0C, value))
        canonical += _tlv(0x31, pair)
    digest = hashlib.sha1(canonical, usedforsecurity=False).digest()
    return f"{int.from_bytes(digest[:4], 'little'):08x}.0"


def _tlv(tag: int, content: bytes) -> bytes:
    assert len(content) < 128
    return bytes((tag, len(content))) + content


def _der_oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    assert all(number < 128 for number in rest)
    return _tlv(0x06, bytes((first * 40 + second, *rest)))


@pytest.mark.parametrize("wire", ["REST with TLS", "gRPC with TLS"])
def test_an_authority_that_is_given_takes_the_place_of_the_environments(
    ask: Ask, addresses: Any, wire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(PEM / "ca.pem"))
    with pytest.raises(Unavailable, match="authority"):
        ask(**addresses[wire], tls=Tls(ca=EXPIRED[1]), retry=NO_RETRY)


def test_the_roots_of_grpc_itself_are_trusted_over_grpc(
    ask: Ask, addresses: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", str(PEM / "ca.pem"))
    assert ask(**addresses["gRPC with TLS"]) == "8.6.0"
    monkeypatch.setenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "/no/such.pem")
    with pytest.raises(ConfigurationError, match="GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=/no/such"):
        ask(**addresses["gRPC with TLS"])


@pytest.mark.parametrize("wire", ["REST with TLS", "gRPC with TLS"])
def test_a_bundle_that_is_not_there_is_refused_when_the_client_is_made(
    ask: Ask, addresses: Any, wire: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    with pytest.raises(ConfigurationError, match="REQUESTS_CA_BUNDLE"):
        ask(**addresses[wire])
