from __future__ import annotations

import asyncio
import base64
import contextvars
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from camunda_core._provided import credentials_of
from camunda_core.credentials import Basic, Bearer, Credentials, NoCredentials
from camunda_core.errors import AuthenticationError, ConfigurationError, DeadlineExceeded, Unavailable


def at_once(answered: Any) -> Any:
    """The result of a coroutine that ends at its first step, outside any event loop."""
    with pytest.raises(StopIteration) as caught:
        answered.send(None)
    return caught.value.value


def test_no_credentials_add_nothing() -> None:
    credentials = NoCredentials()
    assert credentials.headers(1) == at_once(credentials.aheaders(1)) == {}
    assert credentials.rejected({}) is False


def test_basic_encodes_name_and_password_as_utf_8() -> None:
    credentials = Basic("jürgen", "p:ässwörd")
    headers = credentials.headers()
    assert at_once(credentials.aheaders()) == headers
    scheme, _, encoded = headers["authorization"].partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(encoded).decode() == "jürgen:p:ässwörd"
    assert credentials.rejected(headers) is False


def test_basic_takes_an_empty_password() -> None:
    assert Basic("demo", "").headers() == {"authorization": "Basic " + base64.b64encode(b"demo:").decode()}


@pytest.mark.parametrize(
    ("username", "password", "message"),
    [
        ("a:b", "hidden", "username contains a colon"),
        ("", "hidden", "username is empty"),
        (None, "hidden", "username must be text, not NoneType"),
        ("demo", b"hidden", "password must be text, not bytes"),
        ("demo", "hidden\n", r"password contains a control character \(from a file\?"),
        ("de\r\nmo", "hidden", "username contains a control character"),
        ("demo", "hid\udc80den", "password is not valid Unicode text"),
    ],
)
def test_basic_refuses_what_the_wire_cannot_carry(username: Any, password: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^Basic: {message}") as caught:
        Basic(username, password)
    assert "hidden" not in str(caught.value)


def test_a_fixed_bearer_token_is_sent_as_it_is_and_final_when_rejected() -> None:
    credentials = Bearer("abc.DEF-123_~+/==")
    headers = {"authorization": "Bearer abc.DEF-123_~+/=="}
    assert credentials.headers() == at_once(credentials.aheaders()) == headers
    assert credentials.rejected(headers) is False


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("", "is empty"),
        (" ", "is empty"),
        ("hidden\r\nadmin: yes", "contains a blank, a line break or a non-ASCII character$"),
        (
            "hidden\n",
            r"contains a blank, a line break or a non-ASCII character \(from a file\? \.strip\(\) it\)",
        ),
        ("hidden token", "contains a blank"),
        ("hiddän", "contains a blank, a line break or a non-ASCII"),
        ("Bearer hidden", "starts with 'Bearer '"),
        (b"hidden", "must be text, a Path or a callable, not bytes"),
    ],
)
def test_bearer_refuses_what_is_no_token(token: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^Bearer: token {message}") as caught:
        Bearer(token)
    assert "hidden" not in str(caught.value)


def test_a_callable_is_asked_for_every_attempt_and_once_more_when_rejected() -> None:
    tokens = iter(["one", "two"])
    credentials = Bearer(lambda: next(tokens))
    first = credentials.headers()
    assert first == {"authorization": "Bearer one"}
    assert credentials.rejected(first) is True
    assert credentials.headers() == {"authorization": "Bearer two"}


async def test_a_callable_may_block_without_blocking_the_loop() -> None:
    gate = threading.Event()

    def blocking() -> str:
        assert gate.wait(30)
        return "slow"

    asked = asyncio.ensure_future(Bearer(blocking).aheaders(30))
    await asyncio.sleep(0)
    gate.set()  # only a loop that turns gets here
    assert await asked == {"authorization": "Bearer slow"}


async def test_a_callable_that_hangs_ends_with_the_timeout() -> None:
    gate = threading.Event()
    with pytest.raises(DeadlineExceeded, match=r"no credentials within 0\.05 s") as caught:
        await Bearer(lambda: str(gate.wait(30))).aheaders(0.05)
    gate.set()
    assert caught.value.sent is False


def test_a_callable_or_a_provider_that_hangs_does_not_hold_up_a_thread() -> None:
    gate = threading.Event()

    class Provider:
        def headers(self, timeout: float | None = None) -> dict[str, str]:
            return {"authorization": str(gate.wait(30))}

    for credentials in (Bearer(lambda: str(gate.wait(30))), credentials_of(Provider())):
        with pytest.raises(DeadlineExceeded, match=r"no credentials within 0\.05 s") as caught:
            credentials.headers(0.05)
        assert caught.value.sent is False
    gate.set()


def test_a_callable_is_asked_where_it_stands_when_there_is_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none_left)
    assert Bearer(lambda: "token").headers(5) == {"authorization": "Bearer token"}


@pytest.mark.parametrize("returned", ["", "hid den", None, 7])
def test_a_callable_that_returns_no_token_is_an_authentication_error(returned: Any) -> None:
    with pytest.raises(AuthenticationError, match="the token that the callable returned") as caught:
        Bearer(lambda: returned).headers()
    assert "hid" not in str(caught.value)
    assert caught.value.sent is False


def test_what_a_callable_raises_is_the_cause_of_an_authentication_error() -> None:
    def broken() -> str:
        raise OSError("vault sealed, secret was hidden")

    with pytest.raises(
        AuthenticationError, match="the callable that gives the token raised OSError"
    ) as caught:
        Bearer(broken).headers()
    assert isinstance(caught.value.__cause__, OSError)
    assert "hidden" not in str(caught.value)


def test_a_camunda_error_of_a_callable_passes_as_it_is() -> None:
    error = Unavailable("vault sealed", sent=False)

    def broken() -> str:
        raise error

    with pytest.raises(Unavailable) as caught:
        Bearer(broken).headers()
    assert caught.value is error


def test_no_representation_shows_a_secret() -> None:
    shown = (
        f"{NoCredentials()!r} {Basic('demo', 'hidden')!r} {Bearer('hidden')!r} {Bearer(lambda: 'hidden')!r}"
    )
    assert "hidden" not in shown
    assert "Basic(username='demo', password=***) Bearer(***)" in shown


# A kind of one's own

_tenant: contextvars.ContextVar[str] = contextvars.ContextVar("_tenant")


class OwnKind(Credentials):
    def headers(self, timeout: float | None = None) -> Mapping[str, str]:
        return {"x-api-key": _tenant.get(), "x-thread": threading.current_thread().name}


async def test_a_kind_of_ones_own_needs_one_method_and_runs_in_a_thread_with_the_callers_context() -> None:
    _tenant.set("red")
    credentials = OwnKind()
    direct, awaited = credentials.headers(), await credentials.aheaders(10)
    assert direct["x-api-key"] == awaited["x-api-key"] == "red"
    assert direct["x-thread"] != awaited["x-thread"]
    assert credentials.rejected(direct) is False


def test_a_kind_without_headers_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Credentials()  # type: ignore[abstract]
