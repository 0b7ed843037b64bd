"""Mistakes of TLS over REST that come to light after the connection was made: told at once, and not tried again.

``test_grpc_handshakes`` has those over gRPC, ``test_rest_faults`` those that fail before.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import aiohttp
import pytest
from urllib3.exceptions import ProtocolError

from camunda_core.errors import (
    Aborted,
    AuthenticationError,
    CamundaError,
    Internal,
    InvalidArgument,
    Unavailable,
)
from camunda_core.oauth import OAuth
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_core.tls import Tls
from camunda_rest import AsyncRestClient, RestClient, operations
from camunda_rest._network import refused_reason
from camunda_worker import Worker
from tests.fakes.certificates import Authority
from tests.fakes.rest import RestServer, Step, answer, raw, reset_after_request

PEM = Path(__file__).parent.parent / "unit" / "camunda_core" / "pem"
CREATE = operations.CREATE_PROCESS_INSTANCE
#: Whoever tries again does so long after the test has lost its patience.
RELUCTANT = RetryPolicy(max_attempts=5, initial_delay=60.0, max_delay=60.0)
WANTED = r"asks for a client certificate: give tls=Tls\(certificate=\.\.\., key=\.\.\.\)"
REFUSED = r"does not accept the client certificate, tls=Tls\(certificate=\.\.\.\)"
TLS_WANTED = "this port speaks TLS: write https://"


def serving(version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3, *, mutual: bool = False) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(PEM / "ca.pem"))
    context.load_cert_chain(PEM / "server.pem", PEM / "server.key")
    context.maximum_version = version
    if mutual:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


Call = Callable[..., Any]


@pytest.fixture(params=["blocking", "default", "auto"])
def call(request: pytest.FixtureRequest) -> Iterator[Call]:
    """Makes a client, the first time, and a call with it; ``auto`` is the fast engine where that can be had."""
    loop = asyncio.new_event_loop()
    made: list[Any] = []

    def blocking(address: str, **options: Any) -> Any:
        if not made:
            made.append(RestClient(address, **{"retry": RELUCTANT, "timeout": 300, **options}))
        return made[0].call(CREATE)

    def waiting(address: str, **options: Any) -> Any:
        if not made:
            given = {"retry": RELUCTANT, "timeout": 300, "engine": request.param, **options}
            made.append(AsyncRestClient(address, **given))
        return loop.run_until_complete(asyncio.wait_for(made[0].call(CREATE), 60))

    yield blocking if request.param == "blocking" else waiting
    for client in made:
        if request.param == "blocking":
            client.close()
        else:
            loop.run_until_complete(client.aclose())
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


def foreign(tmp_path: Path) -> dict[str, Path]:
    pair = Authority(tmp_path, "nobody knows it").issue("stranger")
    return {"certificate": pair.certificate, "key": pair.key}


@pytest.mark.parametrize("shows", ["nothing", "a certificate of another authority"])
def test_a_client_certificate_that_is_missed_is_named_and_the_call_was_not_sent(
    call: Call, tmp_path: Path, shows: str
) -> None:
    ours = {} if shows == "nothing" else foreign(tmp_path)
    with RestServer(tls=serving(mutual=True)) as server:
        with pytest.raises(Unavailable, match=REFUSED if ours else WANTED) as caught:
            call(server.address, tls=Tls(ca=PEM / "ca.pem", **ours))
        assert server.requests == []
    assert (caught.value.sent, caught.value.lasting, caught.value.attempts) == (False, True, 1)


def test_plain_http_to_a_port_with_tls_is_named_although_it_just_hangs_up(call: Call) -> None:
    with RestServer(tls=serving()) as server:
        with pytest.raises(Unavailable, match=TLS_WANTED) as caught:
            call(server.address.replace("https", "http"))
        assert server.requests == []
    assert (caught.value.sent, caught.value.lasting, caught.value.attempts) == (False, True, 1)


def test_a_server_without_a_version_of_tls_in_common_is_no_matter_of_certificates(call: Call) -> None:
    with RestServer(tls=serving(ssl.TLSVersion.TLSv1_2)) as server:
        tls = Tls(ca=PEM / "ca.pem", minimum_version="1.3")
        with pytest.raises(Unavailable, match="speaks no version of TLS that we do") as caught:
            call(server.address, tls=tls)
    assert "certificate" not in caught.value.message


def test_a_gateway_that_has_answered_is_not_asked_why_it_hung_up(call: Call) -> None:
    with RestServer() as server:
        server.script(answer(200, {}), reset_after_request())
        assert call(server.address, retry=NO_RETRY) == {}
        for _ in range(3):
            with pytest.raises(Aborted):
                call(server.address)
        # Else there would be a connection more, with the greeting of TLS.
        assert len(server.requests) == 4
        assert server.connections <= 4


def test_a_gateway_that_is_asked_in_vain_may_have_executed_the_command(call: Call) -> None:
    with RestServer() as server:
        server.script(reset_after_request())
        with pytest.raises(Aborted, match="may have been executed") as caught:
            call(server.address)
    assert caught.value.sent


def test_the_port_of_grpc_is_told_by_its_first_bytes(call: Call) -> None:
    settings = b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x04\x00\x40\x00\x00"
    with RestServer() as server:
        server.script(raw(settings))
        with pytest.raises(Internal, match="is this the gRPC port") as caught:
            call(server.address)
    assert caught.value.attempts == 1


def test_a_server_that_speaks_before_it_is_asked_is_another_protocol() -> None:
    http1 = pytest.importorskip("camunda_fast._http1")

    async def spoken_to() -> Any:
        connection = http1.Http1(mock.Mock(header_list=65536), lambda _: None)
        connection.connection_made(mock.Mock())
        connection.data_received(b"\x00\x00\x18\x04")
        return connection.cause

    assert asyncio.run(spoken_to()).kind == "foreign"


def test_an_alert_is_understood_where_no_one_can_be_asked() -> None:
    alert = ssl.SSLError(1, "tlsv1 alert unknown ca")
    alert.reason = "TLSV1_ALERT_UNKNOWN_CA"
    broken = aiohttp.ClientOSError(1, "broken")
    broken.__cause__ = alert
    for error in (alert, broken, ProtocolError("Connection aborted.", alert)):
        said = refused_reason(error, "https://gateway")
        assert said is not None
        assert re.search(REFUSED, said)
    lost = ssl.SSLError(1, "bad record mac")
    lost.reason = "SSLV3_ALERT_BAD_RECORD_MAC"
    assert refused_reason(lost, "https://gateway") is None


@pytest.mark.parametrize(
    ("page", "advice"),
    [
        ("<h1>400 Bad Request</h1>The plain HTTP request was sent to HTTPS port<hr>nginx", TLS_WANTED),
        ("Client sent an HTTP request to an HTTPS server.", TLS_WANTED),
        ("Bad Request\nThis combination of host and port requires TLS.", TLS_WANTED),
        ("<h1>400 Bad Request</h1>No required SSL certificate was sent<hr>nginx", WANTED),
        ("<h1>400 Bad Request</h1>The SSL certificate error<hr>nginx", REFUSED),
    ],
)
def test_a_page_that_speaks_of_tls_comes_with_the_way_out(call: Call, page: str, advice: str) -> None:
    step: Step = answer(400, page.encode(), content_type="text/html")
    with RestServer() as server:
        server.script(step)
        with pytest.raises(InvalidArgument, match=advice):
            call(server.address)


@pytest.mark.parametrize(
    ("server_tls", "scheme", "shows", "advice"),
    [
        ({"mutual": True}, "https", "nothing", WANTED),
        ({"mutual": True}, "https", "foreign", REFUSED),
        ({}, "http", "nothing", TLS_WANTED),
        ({}, "https", "another authority", r"give its authority as tls=Tls\(ca=\.\.\.\)"),
    ],
    ids=["missed", "foreign", "plain", "unknown authority"],
)
def test_a_token_endpoint_says_the_same(
    server_tls: dict[str, Any], scheme: str, shows: str, advice: str, tmp_path: Path
) -> None:
    ours = foreign(tmp_path) if shows == "foreign" else {}
    trusted = Authority(tmp_path).ca if shows == "another authority" else PEM / "ca.pem"
    tls = Tls(ca=trusted, **ours) if scheme == "https" else None
    with RestServer(tls=serving(**server_tls)) as server:
        url = f"{server.address.replace('https', scheme)}/token"
        with pytest.raises(AuthenticationError, match=advice) as caught:
            OAuth(url, "us", "secret", tls=tls, retry=RELUCTANT).headers(60)
    assert not caught.value.sent


@pytest.mark.parametrize("engine", ["default", "auto"])
@pytest.mark.parametrize("mistake", ["unknown authority", "no client certificate", "plain HTTP"])
def test_a_worker_whose_wire_tls_does_not_allow_ends_and_says_so(
    engine: Any, mistake: str, tmp_path: Path
) -> None:
    advice = {"unknown authority": r"tls=Tls\(ca=", "no client certificate": WANTED, "plain HTTP": TLS_WANTED}
    with RestServer(tls=serving(mutual=mistake == "no client certificate")) as server:
        address, tls = server.address, Tls(ca=PEM / "ca.pem")
        if mistake == "unknown authority":
            tls = Tls(ca=Authority(tmp_path).ca)
        client = (
            AsyncRestClient(address.replace("https", "http"), engine=engine)
            if mistake == "plain HTTP"
            else AsyncRestClient(address, tls=tls, engine=engine)
        )
        worker = Worker(client, grace=0)

        @worker.task("t")
        async def never() -> None: ...

        with pytest.raises(CamundaError, match=advice[mistake]) as caught:
            asyncio.run(asyncio.wait_for(worker.work(), 60))
    assert not caught.value.sent
