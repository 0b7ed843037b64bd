"""Where tokens come from besides a client secret: files, callables, signed assertions, discovery, a cache."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bridge import Client
from camunda_core._provided import credentials_of
from camunda_core.credentials import Bearer
from camunda_core.errors import AuthenticationError, ConfigurationError, DeadlineExceeded
from camunda_core.oauth import ClientAssertion, OAuth
from camunda_core.retry import RetryPolicy
from camunda_core.tls import Tls

QUICK = RetryPolicy(max_attempts=3, initial_delay=0.001)
ISSUER = "/realms/camunda"
ROOT = Path(__file__).parents[3]


def replaced(file: Path, text: str) -> None:
    new = file.with_suffix(".new")
    new.write_text(text)
    os.replace(new, file)


# A file


def test_a_token_is_read_from_a_file_and_again_when_it_was_replaced(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")
    credentials = Bearer(file)
    assert credentials.headers() == {"authorization": "Bearer first"}
    replaced(file, "second\n")
    assert asyncio.run(_headers(credentials)) == {"authorization": "Bearer second"}
    assert credentials.rejected(credentials.headers())


@pytest.mark.parametrize(
    "content", ["", "two words", "grün", "x" * 70_000], ids=["empty", "blank", "umlaut", "long"]
)
def test_a_file_that_holds_no_token_is_named_and_its_content_is_not(tmp_path: Path, content: str) -> None:
    file = tmp_path / "token"
    file.write_text(content)
    with pytest.raises(AuthenticationError, match=str(file)) as caught:
        Bearer(file).headers()
    assert caught.value.sent is False
    if content:
        ours = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack[1:]
        assert ours
        assert all(content not in str(frame.locals) for frame in ours)


def test_a_missing_file_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(AuthenticationError, match="No such file") as caught:
        Bearer(tmp_path / "gone").headers()
    assert caught.value.sent is False


# Coroutine functions and classes of one's own


async def _headers(credentials: Any) -> Mapping[str, str]:
    found: Mapping[str, str] = await credentials.aheaders(5)
    return found


async def fresh() -> str:
    await asyncio.sleep(0)
    return "from-a-task"


def test_a_coroutine_function_gives_the_token_to_both_kinds_of_clients() -> None:
    credentials = Bearer(fresh)
    assert credentials.headers(5) == {"authorization": "Bearer from-a-task"}
    assert asyncio.run(_headers(credentials)) == {"authorization": "Bearer from-a-task"}


async def test_a_coroutine_function_serves_a_sync_client_that_is_called_inside_of_a_loop() -> None:
    assert Bearer(fresh).headers(5) == {"authorization": "Bearer from-a-task"}


def test_a_coroutine_that_takes_too_long_is_left_in_time() -> None:
    async def slow() -> str:
        await asyncio.sleep(30)
        return "late"

    with pytest.raises(DeadlineExceeded, match=r"no credentials within 0\.05 s"):
        Bearer(slow).headers(0.05)

    async def call() -> None:
        await Bearer(slow).aheaders(0.05)

    with pytest.raises(DeadlineExceeded):
        asyncio.run(call())


class ApiKey:
    def headers(self, timeout: float | None = None, /) -> Mapping[str, str]:
        return {"x-api-key": "k"}


class AsyncKey:
    async def aheaders(self, timeout: float | None = None, /) -> Mapping[str, str]:
        return {"x-api-key": "k"}


@pytest.mark.parametrize("kind", [ApiKey, AsyncKey])
def test_a_class_of_ones_own_needs_one_method_and_no_base(kind: type) -> None:
    credentials = credentials_of(kind())
    assert credentials.headers(5) == {"x-api-key": "k"}
    assert asyncio.run(_headers(credentials)) == {"x-api-key": "k"}
    assert repr(credentials) == f"{kind.__name__}(***)"


def test_a_client_sends_the_headers_of_a_class_of_ones_own(token_server: Any) -> None:
    token_server.script(token_server.reply(200, {"brokers": [], "clusterSize": 1, "gatewayVersion": "8.6.0"}))
    with Client(rest_address=token_server.address, credentials=ApiKey()) as client:
        client.topology()
    assert token_server.requests[0].headers["x-api-key"] == "k"


def test_what_is_no_credentials_is_refused_without_being_shown() -> None:
    for value in ("s3cret", ApiKey, object()):
        with pytest.raises(ConfigurationError, match="or have a method headers or aheaders") as caught:
            credentials_of(value)
        assert "s3cret" not in str(caught.value)


def test_headers_that_are_none_are_refused_without_being_shown() -> None:
    class Wrong:
        def headers(self, timeout: float | None = None) -> Any:
            return ["s3cret"]

    with pytest.raises(AuthenticationError, match="must give a mapping of texts, not list") as caught:
        credentials_of(Wrong()).headers()
    last = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack[-1]
    assert "s3cret" not in str(last.locals)


# Assertions


def test_an_assertion_is_signed_for_the_token_endpoint(token_server: Any, pem: Path) -> None:
    assertion = ClientAssertion(pem / "client.key", certificate=pem / "client.pem", key_id="k1")
    OAuth(token_server.url, "my-client", client_assertion=assertion).headers(10)
    form = token_server.requests[0].form
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert "client_secret" not in form
    assert form["client_id"] == "my-client"
    key = serialization.load_pem_private_key((pem / "client.key").read_bytes(), None).public_key()
    algorithm = jwt.get_unverified_header(form["client_assertion"])
    claims = jwt.decode(
        form["client_assertion"],
        key,
        [algorithm["alg"]],
        audience=token_server.url,
        issuer="my-client",  # type: ignore[arg-type]
    )
    assert claims["sub"] == "my-client"
    assert 0 < claims["exp"] - claims["iat"] <= 60
    assert algorithm["kid"] == "k1"
    assert algorithm["x5t"]
    assert algorithm["x5t#S256"]


def test_no_two_requests_carry_the_same_assertion(token_server: Any, pem: Path) -> None:
    credentials = OAuth(
        token_server.url, "c", client_assertion=ClientAssertion(pem / "client.key"), cooldown=0
    )
    assert credentials.rejected(credentials.headers(10))
    credentials.headers(10)
    first, second = (request.form["client_assertion"] for request in token_server.requests)
    assert first != second


def test_an_assertion_of_the_platform_is_read_from_its_file_each_time(
    token_server: Any, tmp_path: Path
) -> None:
    file = tmp_path / "assertion"
    file.write_text("a.b.c\n")
    credentials = OAuth(token_server.url, "c", client_assertion=file, cooldown=0)
    assert credentials.rejected(credentials.headers(10))
    replaced(file, "d.e.f")
    credentials.headers(10)
    assert [request.form["client_assertion"] for request in token_server.requests] == ["a.b.c", "d.e.f"]
    file.unlink()
    credentials.rejected(credentials.headers(10))
    with pytest.raises(AuthenticationError, match="client assertion cannot be read"):
        credentials.headers(10)
    assert token_server.count == 2


def test_an_assertion_is_in_no_message(token_server: Any) -> None:
    def echo(exchange: Any) -> bool:
        said = exchange.request.form["client_assertion"]
        return bool(
            token_server.reply(401, {"error": "invalid_client", "error_description": f"bad {said}"})(exchange)
        )

    token_server.script(echo)
    with pytest.raises(AuthenticationError, match=r"invalid_client \(bad \*\*\*\)"):
        OAuth(token_server.url, "c", client_assertion=lambda: "a.s3cret.c").headers(10)


def test_a_key_that_cannot_sign_is_refused_at_once(pem: Path) -> None:
    curve = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    ClientAssertion(curve)  # ES384 by itself
    for arguments, message in (
        ({"key": curve, "algorithm": "RS256"}, "cannot sign with RS256"),
        ({"key": curve, "algorithm": "none"}, "algorithm must be one of"),
        ({"key": pem / "client-encrypted.key"}, "give key_password"),
        ({"key": pem / "ca.pem"}, "holds no private key"),
        (
            {"key": pem / "client.key", "certificate": pem / "server.pem"},
            "does not belong to the certificate",
        ),
        ({"key": pem / "client.key", "lifetime": 0}, "lifetime must be 1 s or more"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            ClientAssertion(**arguments)  # type: ignore[arg-type]
    ClientAssertion(pem / "client-encrypted.key", key_password="open-sesame")


def test_one_way_to_show_who_we_are(tmp_path: Path) -> None:
    url = "https://login.test/token"
    for arguments, message in (
        ({}, "client_secret must be text"),
        ({"client_secret": "s", "client_assertion": tmp_path}, "not both"),
        ({"client_assertion": "a.b.c"}, "a Path of a file that holds one"),
        ({"client_secret": "s", "client_auth": "digest"}, "client_auth must be"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            OAuth(url, "c", **arguments)  # type: ignore[arg-type]


def test_a_secret_is_sent_as_a_header_on_request(token_server: Any) -> None:
    OAuth(token_server.url, "my:client", "p@ss word", client_auth="basic").headers(10)
    request = token_server.requests[0]
    assert request.headers["authorization"] == "Basic bXklM0FjbGllbnQ6cCU0MHNzK3dvcmQ="
    assert set(request.form) == {"grant_type"}


# Discovery


def described(server: Any, **changed: Any) -> Any:
    issuer = server.address + ISSUER
    return server.reply(200, {"issuer": issuer, "token_endpoint": server.url, **changed})


def test_the_issuer_is_asked_once_where_its_token_endpoint_is(token_server: Any) -> None:
    token_server.script(described(token_server), token_server.token("t1"), token_server.token("t2"))
    credentials = OAuth(
        issuer=token_server.address + ISSUER + "/", client_id="c", client_secret="s", cooldown=0
    )
    assert credentials.headers(10) == {"authorization": "Bearer t1"}
    assert credentials.rejected(credentials.headers(10))
    assert credentials.headers(10) == {"authorization": "Bearer t2"}
    assert [request.target for request in token_server.requests] == [
        f"{ISSUER}/.well-known/openid-configuration",
        "/oauth/token",
        "/oauth/token",
    ]
    assert "s" not in token_server.requests[0].headers.get("authorization", "")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"issuer": "https://evil.test"}, "describes the issuer https://evil.test instead"),
        ({"token_endpoint": None}, "describes no token_endpoint"),
        ({"token_endpoint": "ümlaut"}, "describes no token_endpoint"),
    ],
)
def test_a_description_that_is_not_the_issuers_gets_no_secret(
    token_server: Any, changed: dict[str, Any], message: str
) -> None:
    token_server.script(described(token_server, **changed))
    with pytest.raises(AuthenticationError, match=message):
        OAuth(issuer=token_server.address + ISSUER, client_id="c", client_secret="s3cret").headers(10)
    assert token_server.count == 1


def test_a_provider_that_is_starting_is_asked_again(token_server: Any) -> None:
    token_server.script(token_server.reply(503), described(token_server), token_server.token("t1"))
    credentials = OAuth(issuer=token_server.address + ISSUER, client_id="c", client_secret="s", retry=QUICK)
    assert credentials.headers(10) == {"authorization": "Bearer t1"}


def test_a_token_url_or_an_issuer() -> None:
    for arguments in ({}, {"token_url": "https://a.test/t", "issuer": "https://a.test"}):
        with pytest.raises(ConfigurationError, match="give token_url, or issuer"):
            OAuth(client_id="c", client_secret="s", **arguments)
    with pytest.raises(ConfigurationError, match=r"before /\.well-known/openid-configuration"):
        OAuth(issuer="https://a.test/.well-known/openid-configuration", client_id="c", client_secret="s")


# A cache


def cached(server: Any, folder: Path, secret: str = "s", **more: Any) -> OAuth:
    return OAuth(server.url, "c", secret, cache=folder, **{"cooldown": 0, **more})


def test_a_second_process_takes_the_token_of_the_first(token_server: Any, tmp_path: Path) -> None:
    folder = tmp_path / "tokens"
    assert cached(token_server, folder).headers(10) == cached(token_server, folder).headers(10)
    assert token_server.count == 1
    [file] = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "s" not in json.loads(file.read_text())
    assert set(json.loads(file.read_text())) == {
        "authorization",
        "expires_at",
    }


def test_whatever_makes_another_token_makes_another_file(token_server: Any, tmp_path: Path) -> None:
    for more in (
        {},
        {"audience": "a"},
        {"scope": "b"},
        {"resource": "r"},
        {"parameters": {"x": "y"}},
        {"secret": "t"},
    ):
        cached(token_server, tmp_path, **more).headers(10)  # type: ignore[arg-type]
    assert token_server.count == len(list(tmp_path.iterdir())) == 6


def proven(server: Any, folder: Path, proof: Any, **more: Any) -> OAuth:
    return OAuth(server.url, "c", client_assertion=proof, cache=folder, **more)


def platform() -> str:
    return "an assertion"


def test_another_key_or_source_of_assertions_makes_another_file(token_server: Any, tmp_path: Path) -> None:
    def another() -> str:
        return "an assertion of another source"

    keys = [
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        for _ in range(2)
    ]
    proofs = [ClientAssertion(keys[0]), ClientAssertion(keys[1]), platform, another]
    for proof in (*proofs, ClientAssertion(keys[0], audience="a"), ClientAssertion(keys[0])):
        proven(token_server, tmp_path, proof).headers(10)
    assert token_server.count == len(list(tmp_path.iterdir())) == 5


def test_another_process_takes_a_token_that_an_assertion_of_a_callable_got(
    token_server: Any, tmp_path: Path
) -> None:
    proven(token_server, tmp_path, platform).headers(10)
    program = (
        "import sys\n"
        "from tests.unit.camunda_core.test_token_sources import OAuth, platform\n"
        "print(OAuth(sys.argv[1], 'c', client_assertion=platform, cache=sys.argv[2]).headers(10))\n"
    )
    command = [sys.executable, "-c", program, token_server.url, str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd=ROOT).stdout
    assert said == "{'authorization': 'Bearer token-1'}\n"
    assert token_server.count == 1


def test_another_client_certificate_makes_another_file(
    tls_token_server: Any, pem: Path, tmp_path: Path
) -> None:
    bound = Tls(ca=pem / "ca.pem", certificate=pem / "client.pem", key=pem / "client.key")
    for tls in (Tls(ca=pem / "ca.pem"), bound, bound):
        cached(tls_token_server, tmp_path, tls=tls).headers(10)
    assert tls_token_server.count == len(list(tmp_path.iterdir())) == 2


def test_a_rejected_token_is_not_taken_from_the_cache_again(token_server: Any, tmp_path: Path) -> None:
    first, second = cached(token_server, tmp_path), cached(token_server, tmp_path)
    refused = first.headers(10)
    assert second.headers(10) == refused
    assert first.rejected(refused)
    assert first.headers(10) == {"authorization": "Bearer token-2"}
    assert second.rejected(refused)
    assert second.headers(10) == {"authorization": "Bearer token-2"}
    assert token_server.count == 2


def test_a_rejected_token_that_another_process_leaves_there_once_more_is_not_taken(
    token_server: Any, tmp_path: Path
) -> None:
    client = cached(token_server, tmp_path)
    headers = client.headers(10)
    (file,) = tmp_path.glob("*.json")
    kept = file.read_bytes()
    assert client.rejected(headers)
    assert not file.exists(), "nobody else begins with it"
    file.write_bytes(kept)
    file.chmod(0o600)
    assert client.headers(10) == {"authorization": "Bearer token-2"}


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"authorization": "x", "expires_at": 99999999999}', "{" * 5000]
)
def test_what_is_wrong_with_a_file_means_that_there_is_none(
    token_server: Any, tmp_path: Path, content: str
) -> None:
    cached(token_server, tmp_path).headers(10)
    [file] = tmp_path.iterdir()
    file.write_text(content)
    assert cached(token_server, tmp_path).headers(10) == {"authorization": "Bearer token-2"}


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")
def test_a_file_that_others_can_read_is_not_used(
    token_server: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cached(token_server, tmp_path).headers(10)
    [file] = tmp_path.iterdir()
    file.chmod(0o644)
    assert cached(token_server, tmp_path).headers(10) == {"authorization": "Bearer token-2"}
    assert "can be read by others" in caplog.text


def test_many_processes_at_once_never_read_half_a_token(token_server: Any, tmp_path: Path) -> None:
    clients = [cached(token_server, tmp_path) for _ in range(16)]
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda each=each: found.append(each.headers(10)["authorization"]))
        for each in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(found) == 16
    assert all(each.startswith("Bearer token-") for each in found)
    assert not [file for file in tmp_path.iterdir() if file.suffix != ".json"]


def test_a_cache_that_cannot_be_written_costs_a_warning_and_no_call(
    token_server: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "file" / "below"
    (tmp_path / "file").write_text("in the way")
    assert cached(token_server, folder).headers(10) == {"authorization": "Bearer token-1"}
    assert "cannot be written" in caplog.text
    with pytest.raises(ConfigurationError, match="is no folder"):
        cached(token_server, tmp_path / "file")
