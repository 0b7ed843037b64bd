"""``doctor`` on set-ups that are broken, each in one way: it is named right, in the step where it is, with a way to mend it."""

from __future__ import annotations

import contextlib
import datetime
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import grpc
import pytest

from camunda_embedded import EmbeddedGateway
from tests.cli.conftest import Line
from tests.cli.running import Ran, on_terminal, piped
from tests.fakes.certificates import Authority, Pair
from tests.fakes.http_proxy import HttpProxy
from tests.fakes.ports import free_port
from tests.fakes.rest import (
    RestServer,
    Step,
    answer,
    close_without_answer,
    problem,
)
from tests.fakes.tokens import TokenServer

Finding = dict[str, Any]
#: Short, since what is told apart here does not depend on it.
QUICK = ("--poll", "300ms")
TOPOLOGY = {
    "brokers": [
        {
            "nodeId": 0,
            "host": "h",
            "port": 1,
            "version": "8.8.0",
            "partitions": [{"partitionId": 1, "role": "leader", "health": "healthy"}],
        }
    ],
    "clusterSize": 1,
    "partitionsCount": 1,
    "replicationFactor": 1,
    "gatewayVersion": "8.8.0",
}


def examine(*arguments: object) -> tuple[Ran, list[Finding]]:
    """What doctor finds within its time."""
    began = time.monotonic()
    ran = piped("doctor", "--json", *QUICK, *map(str, arguments))
    assert time.monotonic() - began < 120  # it has a minute; the rest is the machine's
    return ran, ran.json["findings"]


def the_wrong_one(*arguments: object, wire: str | None = None) -> Finding:
    """The one thing that is wrong."""
    ran, found = examine(*arguments)
    wrong = [each for each in found if each["state"] == "wrong" and wire in (None, each["wire"])]
    assert ran.code == 1
    assert len(wrong) == 1, wrong
    assert wrong[0]["mend"]
    return wrong[0]


def named(finding: Finding, step: str, said: str) -> None:
    """It is in that step, and says that."""
    assert finding["step"] == step, finding
    assert said in finding["said"] + " " + finding["mend"], finding


@contextlib.contextmanager
def rest(step: Callable[[Any], Step] | None = None, **options: Any) -> Iterator[RestServer]:
    """A REST API that does as ``step`` says of a request, and else as a cluster does that has nothing of what is asked for."""

    def behave(exchange: Any) -> bool:
        made = step(exchange.request) if step is not None else None
        return (made or usual(exchange.request))(exchange)

    with RestServer(**options) as server:
        server.script(behave)
        yield server


def usual(request: Any) -> Step:
    path = request.target.partition("?")[0]
    now = {"Date": format_datetime(datetime.datetime.now(datetime.timezone.utc), usegmt=True)}
    if path.endswith("/topology"):
        return answer(200, TOPOLOGY, headers=now)
    if path.endswith("/jobs/activation"):
        wait = request.json.get("requestTimeout", 0)

        def later(exchange: Any) -> bool:
            time.sleep(max(wait, 0) / 1000)
            return answer(200, {"jobs": []})(exchange)

        return later
    if path.endswith("/search"):
        return answer(200, {"items": [], "page": {"totalItems": 0}})
    if path.endswith("/publication"):
        return answer(200, {"messageKey": "1"})
    return problem(404, "NOT_FOUND", "Command 'X' rejected with code 'NOT_FOUND'")


def server_context(pair: Pair, client_ca: Path | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    if client_ca is not None:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture(autouse=True)
def _clean(clean: None, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in (
            "SSL_CERT_FILE",
            "REQUESTS_CA_BUNDLE",
            "CURL_CA_BUNDLE",
        ):
            monkeypatch.delenv(name)


# What is well


def test_a_cluster_that_is_well(cli: Line) -> None:
    ran, found = examine(*cli.address)
    assert ran.code == 0, found
    steps = [each["step"] for each in found]
    spoken = "http2" if cli.wire == "grpc" else "http"
    wanted = ["settings", "token", "address", "dns", "proxy", "tcp", "tls", spoken, "answers", "version"]
    assert steps[:10] == wanted
    assert {"permissions", "tenant", "sizes", "poll", "stream", "clock"} <= set(steps)


@pytest.mark.parametrize("width", [80, 200])
def test_on_a_terminal(embedded: EmbeddedGateway, width: int) -> None:
    ran = on_terminal(
        width,
        "doctor",
        *QUICK,
        "--write",
        "--no-color",
        "--rest",
        embedded.rest_address,
        "--grpc",
        embedded.grpc_address,
    )
    assert ran.code == 0, ran.out
    assert "a stream pushed a job" in ran.out
    assert "both wires lead to the same cluster" in ran.out
    assert "nothing is wrong" in ran.out


def test_the_report_has_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMUNDA_BASIC_AUTH_USERNAME", "demo")
    monkeypatch.setenv("CAMUNDA_BASIC_AUTH_PASSWORD", "top-secret-1")
    monkeypatch.setenv("HTTP_PROXY", "http://me:top-secret-2@127.0.0.1:1")
    file = tmp_path / "report.txt"
    ran, _ = examine("--rest", "http://gateway.invalid:8080", "--report", file)
    text = file.read_text(encoding="utf-8")
    assert "camunda-bridge" in text
    assert "rest_address" in text
    assert "top-secret" not in text + ran.out + ran.err


# What is broken


def test_no_address() -> None:
    named(the_wrong_one(), "settings", "no address")


def test_a_profile_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text("[profile.here]\n")
    named(the_wrong_one("--profile", "there", "--config", tmp_path / "s.toml"), "settings", "there are: here")


def test_variables_that_disagree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMUNDA_REST_ADDRESS", "http://a:1")
    monkeypatch.setenv("ZEEBE_REST_ADDRESS", "http://b:1")
    named(the_wrong_one(), "settings", "ZEEBE_REST_ADDRESS")


@pytest.mark.parametrize("option", ["--rest", "--grpc"])
def test_a_name_that_does_not_resolve(option: str) -> None:
    named(the_wrong_one(option, "http://gateway.invalid:8080"), "dns", "gateway.invalid does not resolve")


@pytest.mark.parametrize("option", ["--rest", "--grpc"])
def test_a_port_on_which_nobody_listens(option: str) -> None:
    port = free_port()
    named(the_wrong_one(option, f"http://127.0.0.1:{port}"), "tcp", "is the gateway up")


def test_a_proxy_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    named(the_wrong_one("--rest", "https://gateway.example.com"), "proxy", "is the proxy right")


def test_a_proxy_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with RestServer() as proxy:
        proxy.script(answer(407, b"", close=True))
        monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        found = the_wrong_one("--grpc", "grpcs://gateway.example.com:443")
    named(found, "tcp", "does not let us through")
    assert "407" in found["said"]


@pytest.mark.parametrize("wire", ["rest", "grpc"])
def test_a_proxy_that_is_spoken_to_in_tls(
    embedded: EmbeddedGateway, authority: Authority, wire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with https_proxy(authority.issue("localhost")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("127.0.0.1", "localhost"))
        address = embedded.rest_address if wire == "rest" else f"grpc://{embedded.grpc_address}"
        named(the_wrong_one(f"--{wire}", address), "proxy", "cannot be used: TLS with it failed")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca))
        ran, _ = examine(f"--{wire}", address)
        assert ran.code == 0, ran
        assert proxy.seen
        proxy.wants = "me:secret"
        if wire == "grpc":
            named(the_wrong_one(f"--{wire}", address), "tcp", "407")


@contextlib.contextmanager
def https_proxy(pair: Pair) -> Iterator[HttpProxy]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    made = HttpProxy(context)
    try:
        yield made
    finally:
        made.stop()


@pytest.mark.parametrize(("option", "scheme"), [("--rest", "https"), ("--grpc", "grpcs")])
def test_tls_to_a_port_without(embedded: EmbeddedGateway, option: str, scheme: str) -> None:
    address = embedded.rest_address.removeprefix("http://") if option == "--rest" else embedded.grpc_address
    named(the_wrong_one(option, f"{scheme}://{address}"), "tls", "speaks no TLS")


@pytest.mark.parametrize(("option", "scheme"), [("--rest", "http"), ("--grpc", "grpc")])
def test_plaintext_to_a_port_with_tls(authority: Authority, option: str, scheme: str) -> None:
    with rest(tls=server_context(authority.issue("server"))) as server:
        found = the_wrong_one(option, f"{scheme}://127.0.0.1:{server.port}")
    named(found, "http" if option == "--rest" else "http2", f"{scheme}s://")


def test_an_authority_that_nobody_knows(authority: Authority) -> None:
    with rest(tls=server_context(authority.issue("server"))) as server:
        named(the_wrong_one("--rest", server.address), "tls", "CAMUNDA_MTLS_CA_PATH")


def test_a_certificate_for_another_name(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMUNDA_MTLS_CA_PATH", str(authority.ca))
    monkeypatch.setenv("CAMUNDA_OVERRIDE_AUTHORITY", "gateway.example.com")
    with rest(tls=server_context(authority.issue("server"))) as server:
        found = the_wrong_one("--grpc", f"grpcs://127.0.0.1:{server.port}")
    named(found, "tls", "the name that the certificate is for")


def test_a_certificate_that_is_over(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    builder = authority._builder

    def past(*given: Any, **named: Any) -> Any:
        made = builder(*given, **named)
        then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
        made._not_valid_after = then.replace(tzinfo=None)
        return made

    monkeypatch.setenv("CAMUNDA_MTLS_CA_PATH", str(authority.ca))
    monkeypatch.setattr(authority, "_builder", past)
    with rest(tls=server_context(authority.issue("server"))) as server:
        named(the_wrong_one("--rest", server.address), "tls", "a certificate that is valid now")


def test_a_client_certificate_that_is_missing(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMUNDA_MTLS_CA_PATH", str(authority.ca))
    context = server_context(authority.issue("server"), authority.ca)
    with rest(tls=context) as server:
        named(the_wrong_one("--rest", server.address), "http", "CAMUNDA_MTLS_CERT_PATH")


def test_an_ingress_without_http2(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMUNDA_MTLS_CA_PATH", str(authority.ca))
    with rest(tls=server_context(authority.issue("server"))) as server:
        found = the_wrong_one("--grpc", f"grpcs://127.0.0.1:{server.port}")
    named(found, "tls", "speaks no HTTP/2")


def test_the_port_of_the_other_wire(embedded: EmbeddedGateway) -> None:
    named(the_wrong_one("--rest", f"http://{embedded.grpc_address}"), "http", "port of gRPC")
    rest_port = embedded.rest_address.removeprefix("http://")
    named(the_wrong_one("--grpc", rest_port), "http2", "is this the port of REST")


def test_a_web_page_and_a_login_in_place_of_the_api() -> None:
    with rest(lambda _: answer(200, b"<html>", content_type="text/html")) as server:
        named(the_wrong_one("--rest", server.address), "http", "a web page stands at")
    with rest(lambda _: answer(302, b"", headers={"Location": "https://login.example.com"})) as server:
        named(the_wrong_one("--rest", server.address), "http", "its login")
    with rest(lambda _: answer(404, b"", content_type="text/plain")) as server:
        named(the_wrong_one("--rest", server.address), "http", "context path")


def test_a_gateway_that_is_down_behind_its_proxy() -> None:
    with rest(lambda _: answer(502, b"<html>", content_type="text/html")) as server:
        named(the_wrong_one("--rest", server.address), "http", "the gateway behind it is down")


@pytest.fixture
def oauth(monkeypatch: pytest.MonkeyPatch) -> Iterator[TokenServer]:
    """Credentials of a token endpoint."""
    with TokenServer() as tokens:
        monkeypatch.setenv("CAMUNDA_CLIENT_ID", "me")
        monkeypatch.setenv("CAMUNDA_CLIENT_SECRET", "hidden")
        monkeypatch.setenv("CAMUNDA_OAUTH_URL", tokens.url)
        monkeypatch.setenv("CAMUNDA_TOKEN_AUDIENCE", "api")
        tokens.script(tokens.token("x", 3600))
        yield tokens


def test_a_client_secret_that_is_wrong(oauth: TokenServer) -> None:
    oauth.script(oauth.reply(401, {"error": "invalid_client"}))
    with rest() as server:
        found = the_wrong_one("--rest", server.address)
    named(found, "token", "client secret")
    assert "hidden" not in json.dumps(found)


def test_a_token_endpoint_that_is_down(oauth: TokenServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMUNDA_OAUTH_URL", "http://127.0.0.1:1/token")
    with rest() as server:
        named(the_wrong_one("--rest", server.address), "token", "the token endpoint cannot be reached")


def test_a_gateway_that_takes_no_strangers_and_not_our_token(
    oauth: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rest(lambda _: problem(401, "Unauthorized", "no")) as server:
        named(the_wrong_one("--rest", server.address), "answers", "audience")
        for name in (
            "CAMUNDA_CLIENT_ID",
            "CAMUNDA_CLIENT_SECRET",
            "CAMUNDA_OAUTH_URL",
            "CAMUNDA_TOKEN_AUDIENCE",
        ):
            monkeypatch.delenv(name)
        named(the_wrong_one("--rest", server.address), "answers", "none are set")


def test_what_we_may_not_do_is_listed() -> None:
    def forbid(request: Any) -> Step | None:
        denied = ("/process-instances", "/search")
        return problem(403, "FORBIDDEN", "no") if request.target.endswith(denied) else None

    with rest(forbid) as server:  # type: ignore[arg-type]
        found = the_wrong_one("--rest", server.address)
    named(found, "permissions", "we may not start processes, search")


def test_a_cluster_without_a_leader() -> None:
    ill = json.loads(json.dumps(TOPOLOGY))
    ill["partitionsCount"] = 2
    with rest(lambda request: answer(200, ill) if "topology" in request.target else None) as server:  # type: ignore[arg-type, return-value]
        named(the_wrong_one("--rest", server.address), "version", "partitions 2 have no healthy leader")


def test_a_tenant_that_is_not_ours(cli: Line) -> None:
    named(
        the_wrong_one(*cli.address, "--tenant", "strangers"),
        "tenant",
        "is this client assigned to the tenant",
    )


def test_a_clock_that_is_wrong() -> None:
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=10)
    date = {"Date": format_datetime(then, usegmt=True)}
    with rest(
        lambda request: answer(200, TOPOLOGY, headers=date) if "topology" in request.target else None
    ) as server:  # type: ignore[arg-type, return-value]
        named(the_wrong_one("--rest", server.address), "clock", "ahead of the server's")


def test_a_long_poll_that_is_cut_on_the_way() -> None:
    def cut(request: Any) -> Step | None:
        if request.target.endswith("/jobs/activation") and request.json.get("requestTimeout", 0) > 0:
            return answer(504, b"<html>", content_type="text/html")
        return None

    with rest(cut) as server:  # type: ignore[arg-type]
        named(the_wrong_one("--rest", server.address, "--poll", "5s"), "poll", "idle or read timeout")


def test_long_polls_that_are_answered_at_once() -> None:
    def at_once(request: Any) -> Step | None:
        return answer(200, {"jobs": []}) if request.target.endswith("/jobs/activation") else None

    with rest(at_once) as server:  # type: ignore[arg-type]
        named(the_wrong_one("--rest", server.address, "--poll", "5s"), "poll", "long polling is switched off")


def test_bodies_that_are_limited_on_the_way() -> None:
    def limited(request: Any) -> Step | None:
        too_large = len(request.body) > 2**20 and b"aaaa" in request.body
        return answer(413, b"<html>", content_type="text/html") if too_large else None

    with rest(limited) as server:  # type: ignore[arg-type]
        named(the_wrong_one("--rest", server.address), "sizes", "client_max_body_size")


def test_two_clusters(embedded: EmbeddedGateway) -> None:
    with EmbeddedGateway(dialect="8.6") as other:
        found = the_wrong_one("--rest", embedded.rest_address, "--grpc", other.grpc_address)
    named(found, "wires", "different clusters")


def test_a_stream_that_is_cut_on_the_way(embedded: EmbeddedGateway) -> None:
    with cutting(embedded.grpc_address, "StreamActivatedJobs") as address:
        named(the_wrong_one("--grpc", address, "--poll", "5s"), "stream", "a stream is cut")


@contextlib.contextmanager
def cutting(behind: str, rpc: str) -> Iterator[str]:
    """A proxy of gRPC that ends calls of one RPC at once."""

    class Handler(grpc.GenericRpcHandler):
        def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
            def forward(request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
                if details.method.endswith(rpc):
                    context.abort(grpc.StatusCode.UNAVAILABLE, "upstream timed out")
                try:
                    yield from channel.unary_stream(details.method)(request, timeout=20)
                except grpc.RpcError as error:
                    context.set_trailing_metadata(error.trailing_metadata() or ())
                    context.abort(error.code(), error.details())

            return grpc.unary_stream_rpc_method_handler(forward)

    with grpc.insecure_channel(behind) as channel, ThreadPoolExecutor(8) as pool:
        server = grpc.server(pool, handlers=[Handler()], options=[("grpc.max_receive_message_length", -1)])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.stop(0).wait(10)


def test_it_ends_when_its_time_is_over() -> None:
    """Whoever takes connections and says nothing: what could not be tried is named so."""
    silent = threading.Event()

    def wait(exchange: Any) -> bool:
        silent.wait(30)
        return close_without_answer()(exchange)

    with RestServer() as server:
        server.script(wait)
        ran, found = examine("--rest", server.address, "--within", "2s")
        silent.set()
    assert ran.code == 1
    assert [each["step"] for each in found if each["state"] == "wrong"] == ["http"]
    assert all(each["state"] == "skipped" for each in found if each["step"] in ("answers", "sizes", "poll"))
