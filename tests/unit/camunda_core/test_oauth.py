from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from camunda_core.config import Settings
from camunda_core.credentials import Basic
from camunda_core.errors import (
    AuthenticationError,
    CamundaError,
    ConfigurationError,
    DeadlineExceeded,
    Unavailable,
)
from camunda_core.oauth import OAuth
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_core.tls import Tls
from tests.fakes.certificates import Authority

Eventually = Callable[[Callable[[], bool], str], None]

SECRET = "s3cret/with+signs"
QUICK = RetryPolicy(max_attempts=4, initial_delay=0.001)


def oauth(server: Any, **arguments: Any) -> OAuth:
    return OAuth(server.url, "my-client", SECRET, **{"retry": QUICK, **arguments})


def token(headers: Any) -> str:
    assert set(headers) == {"authorization"}
    scheme, _, value = headers["authorization"].partition(" ")
    assert scheme == "Bearer"
    return str(value)


async def asked(server: Any) -> None:
    """Until the endpoint has been asked, without blocking the loop."""
    for _ in range(2000):
        if server.count:
            return
        await asyncio.sleep(0.005)
    pytest.fail("the token endpoint was never asked")


def test_the_request_is_a_form_with_the_client_credentials_grant(token_server: Any) -> None:
    credentials = oauth(
        token_server, audience="zeebe-api", scope="a b", resource="urn:x", parameters={"realm": "grün"}
    )
    assert token(credentials.headers(10)) == "token-1"
    [asked] = token_server.requests
    assert asked.target == "/oauth/token"
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.headers["accept"] == "application/json"
    assert asked.form == {
        "grant_type": "client_credentials",
        "client_id": "my-client",
        "client_secret": SECRET,
        "audience": "zeebe-api",
        "scope": "a b",
        "resource": "urn:x",
        "realm": "grün",
    }


def test_empty_audience_scope_and_resource_are_left_out(token_server: Any) -> None:
    oauth(token_server, audience="", scope=None).headers(10)
    assert set(token_server.requests[0].form) == {"grant_type", "client_id", "client_secret"}


def test_the_query_of_the_token_url_is_sent_but_not_shown(token_server: Any) -> None:
    credentials = OAuth(token_server.url + "?policy=b2c", "my-client", SECRET)
    credentials.headers(10)
    assert token_server.requests[0].target == "/oauth/token?policy=b2c"
    assert "b2c" not in repr(credentials)


# One fetch for everybody


def test_twenty_threads_share_one_request(token_server: Any) -> None:
    gate = threading.Event()
    token_server.script(token_server.gated(gate, token_server.numbered()))
    credentials = oauth(token_server)
    with ThreadPoolExecutor(20) as pool:
        calls = [pool.submit(credentials.headers, 30) for _ in range(20)]
        gate.set()
        assert {token(call.result(30)) for call in calls} == {"token-1"}
    assert token_server.count == 1


async def test_threads_and_tasks_of_two_event_loops_share_one_request(
    token_server: Any, eventually: Eventually
) -> None:
    gate = threading.Event()
    token_server.script(token_server.gated(gate, token_server.numbered()))
    credentials = oauth(token_server)

    async def many() -> set[str]:
        return {
            token(headers) for headers in await asyncio.gather(*(credentials.aheaders(30) for _ in range(50)))
        }

    with ThreadPoolExecutor(2) as pool:
        other_loop = pool.submit(lambda: asyncio.run(many()))
        thread = pool.submit(credentials.headers, 30)
        here = asyncio.ensure_future(many())
        await asked(token_server)  # the loop turns while the endpoint hangs
        gate.set()
        assert await here == {"token-1"}
        assert await asyncio.wrap_future(other_loop) == {"token-1"}
        assert token(await asyncio.wrap_future(thread)) == "token-1"
    assert token_server.count == 1


def test_a_token_in_memory_is_given_to_asyncio_without_leaving_the_thread(token_server: Any) -> None:
    credentials = oauth(token_server)
    credentials.headers(10)
    answered = credentials.aheaders(10)
    with pytest.raises(StopIteration) as at_once:  # the coroutine ends at its first step, outside any loop
        answered.send(None)
    assert token(at_once.value.value) == "token-1"


def test_a_caller_that_looked_just_before_the_token_landed_does_not_fetch_another(token_server: Any) -> None:
    class LooksTooEarly(OAuth):
        def _served(self) -> None:
            return None

    credentials = LooksTooEarly(token_server.url, "my-client", SECRET)
    assert [token(credentials.headers(10)) for _ in range(3)] == ["token-1"] * 3
    assert token_server.count == 1


def test_an_impatient_caller_leaves_without_ending_the_fetch_for_the_others(
    token_server: Any, eventually: Eventually
) -> None:
    gate = threading.Event()
    token_server.script(token_server.gated(gate, token_server.numbered()))
    credentials = oauth(token_server)
    with ThreadPoolExecutor(1) as pool:
        patient = pool.submit(credentials.headers, 30)
        eventually(lambda: token_server.count == 1, "the request of the patient caller")
        with pytest.raises(DeadlineExceeded) as caught:
            credentials.headers(0.05)
        gate.set()
        assert token(patient.result(30)) == "token-1"
    assert caught.value.sent is False
    assert token_server.count == 1


async def test_a_cancelled_task_does_not_cancel_the_fetch_for_the_others(token_server: Any) -> None:
    gate = threading.Event()
    token_server.script(token_server.gated(gate, token_server.numbered()))
    credentials = oauth(token_server)
    first = asyncio.ensure_future(credentials.aheaders(30))
    await asked(token_server)
    second = asyncio.ensure_future(credentials.aheaders(30))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    gate.set()
    assert token(await second) == "token-1"
    assert token_server.count == 1


def test_a_forked_child_does_not_wait_for_the_thread_of_its_parent(token_server: Any) -> None:
    if not hasattr(sys.modules["os"], "fork"):
        pytest.skip("this platform has no fork")
    gate = threading.Event()
    token_server.script(token_server.gated(gate, token_server.token("first")), token_server.token("second"))
    program = f"""
import os, sys, threading, time
from camunda_core.oauth import OAuth
credentials = OAuth({token_server.url!r}, "c", "s", timeout=30)
try:
    credentials.headers(0.5)
except Exception as error:
    print(type(error).__name__, flush=True)
child = os.fork()
if child == 0:
    print(credentials.headers(20)["authorization"], flush=True)
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    gate.set()
    assert (done.stdout.split("\n")[:2], done.returncode) == (["DeadlineExceeded", "Bearer second"], 0), (
        done.stderr
    )


# The life of a token


@pytest.mark.parametrize(
    ("expires_in", "refreshed_after", "unusable_after"),
    [
        (3600, 3600 - 180, 3590),  # 5 % before the end
        (300, 270, 290),  # 30 s before the end
        (60, 30, 50),  # half of the lifetime, where 30 s would be more
        (5, 2.5, 3.75),
        ("300", 270, 290),  # some servers write a text
        (None, 270, 290),  # 5 minutes are assumed
        ("soon", 270, 290),
        (True, 270, 290),
    ],
)
def test_a_token_is_renewed_early_and_never_served_late(
    token_server: Any,
    clock: Any,
    eventually: Eventually,
    expires_in: Any,
    refreshed_after: float,
    unusable_after: float,
) -> None:
    token_server.script(token_server.numbered(expires_in))
    credentials = oauth(token_server)
    credentials.headers(10)
    clock.now += refreshed_after - 0.01
    assert token(credentials.headers(10)) == "token-1"
    assert token_server.count == 1

    gate = threading.Event()
    token_server.script(token_server.gated(gate, token_server.token("renewed")))
    clock.now += 0.02
    assert token(credentials.headers(10)) == "token-1", "the old one serves while the new one is fetched"
    eventually(lambda: token_server.count == 1, "the renewal in the background")
    clock.now += unusable_after - refreshed_after - 0.03
    assert token(credentials.headers(10)) == "token-1"
    clock.now += 0.03
    with pytest.raises(DeadlineExceeded):
        credentials.headers(0.05)
    gate.set()
    assert token(credentials.headers(10)) == "renewed"
    assert token_server.count == 1


def test_a_token_that_is_expired_at_birth_serves_those_who_wait_for_it(token_server: Any) -> None:
    token_server.script(token_server.numbered(0))
    credentials = oauth(token_server)
    assert [token(credentials.headers(10)) for _ in range(3)] == ["token-1", "token-2", "token-3"]


def test_a_failing_renewal_in_the_background_is_logged_and_the_old_token_serves(
    token_server: Any, clock: Any, eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    credentials = oauth(token_server, retry=NO_RETRY)
    credentials.headers(10)
    token_server.script(token_server.reply(503))
    clock.now += 3500
    assert token(credentials.headers(10)) == "token-1"
    eventually(lambda: "old one still serves" in caplog.text, "the warning")
    assert token(credentials.headers(10)) == "token-1"
    assert token_server.count == 1, "not asked again at once"
    token_server.script(token_server.token("renewed"))
    clock.now += 60
    assert token(credentials.headers(10)) == "token-1"
    eventually(lambda: token(credentials.headers(10)) == "renewed", "the next try")


# Rejected tokens


def test_a_rejected_token_is_fetched_anew_once(token_server: Any) -> None:
    credentials = oauth(token_server)
    first = credentials.headers(10)
    assert credentials.rejected(first) is True
    second = credentials.headers(10)
    assert (token(first), token(second)) == ("token-1", "token-2")
    assert credentials.rejected(second) is False, "a fresh one is refused too: asking again is no use"
    assert token(credentials.headers(10)) == "token-2"
    assert token_server.count == 2


def test_a_renewed_token_may_be_renewed_again_after_the_cooldown(token_server: Any, clock: Any) -> None:
    credentials = oauth(token_server, cooldown=10)
    assert credentials.rejected(credentials.headers(10))
    assert not credentials.rejected(credentials.headers(10))
    clock.now += 10
    assert credentials.rejected(credentials.headers(10))
    assert token(credentials.headers(10)) == "token-3"


def test_a_renewed_token_that_has_grown_old_may_be_renewed_during_the_cooldown(
    token_server: Any, clock: Any
) -> None:
    token_server.script(token_server.numbered(expires_in=5))
    credentials = oauth(token_server, cooldown=30)
    assert credentials.rejected(credentials.headers(5))
    renewed = credentials.headers(5)
    assert not credentials.rejected(renewed), "it is fresh: the cause is another"
    clock.now += 4
    assert credentials.rejected(renewed), "it may have expired on its way"


def test_twenty_calls_rejected_together_cost_one_request_more(token_server: Any) -> None:
    credentials = oauth(token_server)
    stale = credentials.headers(10)

    def repeat() -> str:
        assert credentials.rejected(stale)
        return token(credentials.headers(30))

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(lambda _: repeat(), range(20))) == {"token-2"}
    assert token_server.count == 2


def test_headers_without_a_token_are_not_worth_another_attempt(token_server: Any) -> None:
    assert oauth(token_server).rejected({}) is False


# Refusals


def test_a_wrong_secret_is_an_authentication_error_in_the_servers_words(token_server: Any) -> None:
    token_server.script(
        token_server.reply(401, {"error": "invalid_client", "error_description": f"no\nmatch for '{SECRET}'"})
    )
    with pytest.raises(AuthenticationError) as caught:
        oauth(token_server).headers(10)
    error = caught.value
    assert (
        error.message
        == f"the token endpoint {token_server.url} answered 401: invalid_client (no match for '***')"
    )
    assert error.problem is not None
    assert (error.problem.status, error.problem.title) == (401, "invalid_client")
    assert (error.sent, error.answered) == (False, False)
    assert token_server.count == 1
    assert SECRET not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 422])
def test_no_4xx_is_asked_twice(token_server: Any, status: int) -> None:
    token_server.script(token_server.reply(status))
    with pytest.raises(AuthenticationError, match=rf"answered {status}\b"):
        oauth(token_server).headers(10)
    assert token_server.count == 1


def test_a_refusal_is_repeated_from_memory_during_the_cooldown(token_server: Any, clock: Any) -> None:
    token_server.script(token_server.reply(401, {"error": "invalid_client"}), token_server.token("at-last"))
    credentials = oauth(token_server, cooldown=10)
    with pytest.raises(AuthenticationError) as first:
        credentials.headers(10)
    clock.now += 4
    for _ in range(5):
        with pytest.raises(
            AuthenticationError, match=r"invalid_client \(it will not be asked again for 6\.0 s\)"
        ) as later:
            credentials.headers(10)
        assert later.value is not first.value
        assert later.value.retry_after == pytest.approx(6)
    assert token_server.count == 1
    clock.now += 6
    assert token(credentials.headers(10)) == "at-last"


def test_a_cooldown_of_zero_asks_every_time(token_server: Any) -> None:
    token_server.script(token_server.reply(401))
    credentials = oauth(token_server, cooldown=0)
    for _ in range(3):
        with pytest.raises(AuthenticationError):
            credentials.headers(10)
    assert token_server.count == 3


def bad_answers() -> dict[str, tuple[Callable[[Any], Any], str]]:
    return {
        "HTML": (
            lambda s: s.reply(200, b"<html>log in</html>", Content_Type="text/html"),
            r"no JSON object \(text/html\)",
        ),
        "nothing": (lambda s: s.reply(200), r"no JSON object \(no content type\)"),
        "a JSON list": (lambda s: s.reply(200, ["access_token"]), "no JSON object"),
        "nested too deep": (lambda s: s.reply(200, b"[" * 200_000), "no JSON object"),
        "not UTF-8": (lambda s: s.reply(200, b'{"access_token": "\xff"}'), "no JSON object"),
        "no token": (lambda s: s.reply(200, {"error": "nope"}), "without an access_token: nope"),
        "an empty token": (lambda s: s.token(""), "access_token that is empty"),
        "a null token": (lambda s: s.reply(200, {"access_token": None}), "access_token that must be text"),
        "a number": (lambda s: s.reply(200, {"access_token": 7}), "access_token that must be text, not int"),
        "header injection": (
            lambda s: s.token("x\r\nAdmin: yes"),
            "access_token that contains a blank, a line break",
        ),
        "another type": (lambda s: s.token(token_type="mac"), "a token of type mac"),
        "a redirect": (
            lambda s: s.reply(302, Location="https://login.test/?state=1"),
            "redirect to https://login.test/;",
        ),
        "a huge body": (lambda s: s.reply(200, b" " * 1_100_000), "more than 1024 KiB"),
        "no HTTP": (lambda s: s.raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "does not answer in HTTP"),
    }


@pytest.mark.parametrize("kind", bad_answers())
def test_an_answer_that_is_no_token_is_an_authentication_error_that_says_why(
    token_server: Any, kind: str
) -> None:
    answer, message = bad_answers()[kind]
    token_server.script(answer(token_server))
    with pytest.raises(AuthenticationError, match=message) as caught:
        oauth(token_server).headers(10)
    assert str(caught.value).startswith(f"the token endpoint {token_server.url} ")
    assert token_server.count == 1


@pytest.mark.parametrize("token_type", ["bearer", "BEARER", "", None])
def test_a_bearer_token_is_sent_as_bearer_however_the_server_writes_it(
    token_server: Any, token_type: Any
) -> None:
    token_server.script(token_server.token(token_type=token_type))
    assert oauth(token_server).headers(10) == {"authorization": "Bearer token-1"}


# Trouble that passes


def busy(status: int, server: Any) -> Any:
    return server.reply(status, b"busy")


def passing_trouble() -> dict[str, Callable[[Any], Any]]:
    return {
        **{str(status): partial(busy, status) for status in (408, 429, 500, 502, 503, 504)},
        "disconnect": lambda s: s.raw(b""),
        "half a body": lambda s: s.raw(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"access_tok'),
        "half a chunk": lambda s: s.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n500\r\nabc"),
    }


@pytest.mark.parametrize("kind", passing_trouble())
def test_passing_trouble_is_tried_again(token_server: Any, kind: str) -> None:
    trouble = passing_trouble()[kind](token_server)
    token_server.script(trouble, trouble, token_server.token("in-the-end"))
    assert token(oauth(token_server).headers(30)) == "in-the-end"
    assert token_server.count == 3


@pytest.mark.parametrize("kind", passing_trouble())
def test_lasting_trouble_ends_as_unavailable_and_unsent(token_server: Any, kind: str) -> None:
    token_server.script(passing_trouble()[kind](token_server))
    with pytest.raises(Unavailable) as caught:
        oauth(token_server).headers(30)
    assert caught.value.sent is False
    assert token_server.count == 4


def test_an_endpoint_that_is_not_there_is_unavailable(token_server: Any) -> None:
    credentials = OAuth("http://127.0.0.1:1/token", "my-client", SECRET, retry=QUICK)
    with pytest.raises(Unavailable, match=r"the token endpoint http://127\.0\.0\.1:1/token "):
        credentials.headers(30)


def test_retry_after_is_waited_for(token_server: Any, clock: Any) -> None:
    token_server.script(
        token_server.reply(429, Retry_After="7"),
        token_server.reply(
            503,
            Retry_After="Tue, 01 Jan 2030 00:00:09 GMT",
            Date="Tue, 01 Jan 2030 00:00:00 GMT",
        ),
        token_server.token(),
    )
    assert token(oauth(token_server, retry=RetryPolicy(max_delay=10)).headers(30)) == "token-1"
    assert clock.slept[0] == 0
    assert clock.slept[1] >= 7
    assert clock.slept[2] == 9


def test_a_retry_after_beyond_the_callers_time_is_an_error_at_once_and_still_respected(
    token_server: Any, clock: Any
) -> None:
    token_server.script(token_server.reply(429, Retry_After="30"), token_server.token())
    credentials = oauth(token_server, retry=RetryPolicy(max_delay=30))
    with pytest.raises(Unavailable) as caught:
        credentials.headers(5)
    assert caught.value.retry_after == 30
    clock.now += 10
    with pytest.raises(Unavailable, match=r"not be asked again for 20\.0 s"):
        credentials.headers(5)
    assert token_server.count == 1
    assert token(credentials.headers(25)) == "token-1", "a caller with more time waits for it"
    assert clock.slept[-1] == pytest.approx(20)


def test_a_token_endpoint_cannot_hold_up_the_callers_for_longer_than_the_longest_pause(
    token_server: Any, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "camunda_core")
    token_server.script(token_server.reply(503, Retry_After="3600"), token_server.token())
    assert token(oauth(token_server).headers(30)) == "token-1"
    assert clock.slept == [0, 5]
    assert "follows in 5.00 s (the server asked for 3600 s)" in caplog.text

    token_server.script(token_server.reply(503, Retry_After="3600"), token_server.token())
    credentials = oauth(token_server, retry=NO_RETRY)
    with pytest.raises(Unavailable):
        credentials.headers(30)
    clock.now += 5
    assert token(credentials.headers(1)) != "", "it was asked again after 5 s, not after an hour"


def test_callers_in_a_hurry_do_not_hammer_an_endpoint_in_trouble(token_server: Any, clock: Any) -> None:
    token_server.script(token_server.reply(503))
    credentials = oauth(token_server, retry=RetryPolicy(initial_delay=20, max_delay=20))
    for _ in range(5):
        with pytest.raises(Unavailable, match="answered 503"):
            credentials.headers(10)
    assert token_server.count == 1
    clock.now += 20
    with pytest.raises(Unavailable):
        credentials.headers(10)
    assert token_server.count == 2


# Time limits


def test_a_hung_endpoint_ends_with_the_callers_timeout(token_server: Any) -> None:
    token_server.script(token_server.hang())
    with pytest.raises(DeadlineExceeded, match=r"within 0\.1 s") as caught:
        oauth(token_server, timeout=30).headers(0.1)
    assert caught.value.sent is False


async def test_a_hung_endpoint_ends_with_the_callers_timeout_in_asyncio(token_server: Any) -> None:
    token_server.script(token_server.hang())
    with pytest.raises(DeadlineExceeded, match=r"within 0\.1 s"):
        await oauth(token_server, timeout=30).aheaders(0.1)


@pytest.mark.parametrize("kind", ["hang", "drip"])
def test_without_a_callers_timeout_a_request_ends_with_its_own(token_server: Any, kind: str) -> None:
    token_server.script(getattr(token_server, kind)())
    with pytest.raises(DeadlineExceeded, match=r"did not answer within 0\.2 s"):
        oauth(token_server, timeout=0.2, retry=NO_RETRY).headers()


def test_no_time_left_means_no_request(token_server: Any) -> None:
    with pytest.raises(DeadlineExceeded):
        oauth(token_server).headers(0)
    assert token_server.count == 0


def test_no_time_left_is_enough_for_a_token_in_memory(token_server: Any) -> None:
    credentials = oauth(token_server)
    credentials.headers(10)
    assert token(credentials.headers(0)) == "token-1"


# TLS and proxies


def test_a_private_authority_must_be_given(tls_token_server: Any, pem: Any) -> None:
    with pytest.raises(
        AuthenticationError, match=r"certificate that is not trusted .*tls=Tls\(ca="
    ) as caught:
        oauth(tls_token_server).headers(10)
    assert caught.value.__cause__ is not None
    assert token(oauth(tls_token_server, tls=Tls(ca=pem / "ca.pem")).headers(10)) == "token-1"


def test_a_client_certificate_is_shown_to_the_token_endpoint(tls_token_server: Any, pem: Any) -> None:
    seen: list[Any] = []

    def answer(exchange: Any) -> bool:
        seen.append(exchange.sock.getpeercert())
        return bool(tls_token_server.token()(exchange))

    tls_token_server.script(answer)
    tls = Tls(ca=pem / "ca.pem", certificate=pem / "client.pem", key=pem / "client.key")
    oauth(tls_token_server, tls=tls).headers(10)
    oauth(tls_token_server, tls=tls.ssl_context(system_store=True)).headers(10)
    assert [certificate["subject"] for certificate in seen] == [((("commonName", "client"),),)] * 2


def test_the_name_of_the_token_endpoint_may_be_another(tls_token_server: Any, pem: Any) -> None:
    right = Tls(ca=pem / "ca.pem", server_name="gateway.test")
    assert token(oauth(tls_token_server, tls=right).headers(10)) == "token-1"
    with pytest.raises(AuthenticationError, match=r"not valid for 'other\.test'.*tls=Tls\(server_name="):
        oauth(tls_token_server, tls=Tls(ca=pem / "ca.pem", server_name="other.test")).headers(10)


def test_authorities_of_the_environment_may_be_replaced(
    tls_token_server: Any, pem: Any, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(Authority(tmp_path, "of yesterday").ca.read_bytes())
    names = {
        "CAMUNDA_CLIENT_ID": "c",
        "CAMUNDA_CLIENT_SECRET": "s",
        "CAMUNDA_OAUTH_URL": tls_token_server.url,
    }
    settings = Settings.from_env({**names, "CAMUNDA_CA_CERTIFICATE_PATH": str(file)})
    assert isinstance(settings.credentials, OAuth)
    with pytest.raises(AuthenticationError, match="certificate that is not trusted"):
        settings.credentials.headers(10)
    settings.credentials.forget()
    replacing = tmp_path / "new.pem"
    replacing.write_bytes((pem / "ca.pem").read_bytes())
    replacing.replace(file)
    assert token(settings.credentials.headers(10)) == "token-1"


def test_plain_http_where_tls_is_spoken_is_told_apart_from_an_outage(token_server: Any) -> None:
    credentials = OAuth(token_server.url.replace("http:", "https:"), "my-client", SECRET, retry=QUICK)
    with pytest.raises(AuthenticationError, match="cannot be reached with TLS"):
        credentials.headers(10)


def test_the_proxy_of_the_environment_is_used(token_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{token_server.port}")
    assert token(OAuth("http://login.test/token", "my-client", SECRET).headers(10)) == "token-1"
    assert token_server.requests[0].target == "http://login.test/token"


def test_tls_goes_through_the_proxy_in_a_tunnel(
    tls_token_server: Any, pem: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tunnels: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def relay(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def proxy() -> None:
        client, _ = listener.accept()
        with client, socket.create_connection(("127.0.0.1", tls_token_server.port)) as server:
            request = b""
            while not request.endswith(b"\r\n\r\n"):
                request += client.recv(1)
            tunnels.append(request.split(b"\r\n")[0])
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=relay, args=(server, client), daemon=True)
            back.start()
            relay(client, server)
            back.join(30)

    thread = threading.Thread(target=proxy, daemon=True)
    thread.start()
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{listener.getsockname()[1]}")
    credentials = oauth(tls_token_server, tls=Tls(ca=pem / "ca.pem"))
    assert token(credentials.headers(30)) == "token-1"
    thread.join(30)
    listener.close()
    assert [line.split(b" ")[:2] for line in tunnels] == [
        [b"CONNECT", f"127.0.0.1:{tls_token_server.port}".encode()]
    ]


# Secrets, arguments


def test_neither_secret_nor_token_is_shown_anywhere(
    token_server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token_server.script(token_server.token("t0ken-value"))
    credentials = oauth(token_server, audience="zeebe-api")
    credentials.headers(10)
    assert repr(credentials) == (
        f"OAuth('{token_server.url}', client_id='my-client', client_secret=***, audience='zeebe-api')"
    )
    shown = repr(credentials) + str(credentials) + caplog.text + repr(credentials._token)
    assert "my-client" in caplog.text
    assert SECRET not in shown
    assert "t0ken-value" not in shown


def test_the_cause_of_an_error_has_no_frames_that_hold_the_secret() -> None:
    with pytest.raises(CamundaError) as caught:
        OAuth("http://127.0.0.1:1/token", "my-client", SECRET, retry=NO_RETRY).headers(10)
    assert caught.value.__cause__ is not None
    assert caught.value.__cause__.__traceback__ is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"token_url": ""}, "token_url is empty"),
        ({"token_url": "login.test/token"}, "token_url must be like https://"),
        ({"token_url": "ftp://login.test/token"}, "token_url must be like https://"),
        ({"token_url": "http://login.test:99999/token"}, "token_url must be like https://"),
        ({"token_url": "http://[::1/token"}, "token_url must be like https://"),
        ({"token_url": "http://grün.test/token"}, "token_url must be like https://"),
        ({"token_url": "https://me:pw@login.test/token"}, "must not contain credentials"),
        ({"client_id": ""}, "client_id is empty"),
        ({"client_secret": ""}, "client_secret is empty"),
        ({"client_secret": None}, "client_secret must be text, not NoneType"),
        ({"client_secret": "hidden\n"}, r"client_secret contains a control character \(from a file\?"),
        ({"client_secret": "hid\udc80den"}, "client_secret is not valid Unicode"),
        ({"audience": ["a"]}, "audience must be text, not list"),
        ({"parameters": {"scope": "x"}}, "give scope as an argument of its own"),
        ({"parameters": {"x": None}}, "parameter x must be text, not NoneType"),
        ({"timeout": 0}, "timeout must be more than 0 s"),
        ({"timeout": "5"}, "timeout must be seconds"),
        ({"leeway": -1}, "leeway must not be negative"),
        ({"cooldown": float("nan")}, "cooldown must be seconds"),
        ({"tls": "ca.pem"}, "tls must be a Tls or an SSLContext, not str"),
    ],
)
def test_arguments_that_cannot_work_are_refused_by_name(arguments: dict[str, Any], message: str) -> None:
    good: dict[str, Any] = {"token_url": "https://login.test/t", "client_id": "c", "client_secret": "hidden"}
    with pytest.raises(ConfigurationError, match=f"^OAuth: .*{message}") as caught:
        OAuth(**{**good, **arguments})
    assert "hidden" not in str(caught.value)


def test_tls_for_a_plaintext_token_url_is_refused(pem: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"tls is given, but http://login.test/token is http://"):
        OAuth("http://login.test/token", "c", "s", tls=Tls(ca=pem / "ca.pem"))


def test_a_forgotten_token_is_fetched_anew(token_server: Any) -> None:
    credentials = oauth(token_server)
    credentials.headers(10)
    credentials.headers(10)
    assert token_server.count == 1
    credentials.forget()
    credentials.headers(10)

    assert token_server.count == 2


def test_credentials_with_nothing_to_forget_forget_nothing() -> None:
    basic = Basic("ann", "secret")
    before = basic.headers()
    basic.forget()

    assert basic.headers() == before
