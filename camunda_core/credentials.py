"""Who is calling: one object for both wires, answering with HTTP headers, which are also gRPC call metadata.

``NoCredentials``, ``Basic`` and ``Bearer`` are here, ``OAuth`` is in ``camunda_core.oauth``. A kind
of one's own is a class with one method, ``headers`` or, for asyncio, ``aheaders``; there is no need
to derive it from ``Credentials``. ``headers`` may block, since asyncio callers run it in a thread,
and it must be safe to call from several threads. ``aheaders`` alone serves sync clients too, which
run it in an event loop of its own::

    class ApiKey:
        def headers(self, timeout=None):
            return {"x-api-key": Path("/run/secrets/key").read_text().strip()}

Secrets are in no ``repr``, message or log line.
"""

from __future__ import annotations

import abc
import inspect
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from camunda_core._addresses import is_loopback
from camunda_core._elsewhere import in_loop, in_thread, in_time, within
from camunda_core._patterns import pattern
from camunda_core._secrecy import Sealed, Secretive
from camunda_core.errors import (
    AuthenticationError,
    CamundaError,
    ConfigurationError,
)

__all__ = [
    "AnyCredentials",
    "AsyncHeaders",
    "Basic",
    "Bearer",
    "Credentials",
    "Headers",
    "NoCredentials",
]

_TOKEN = pattern(r"[\x21-\x7e]+")
_log = logging.getLogger(__name__)

#: Hosts that credentials go to in plaintext, told once each.
_warned: set[str] = set()

_CONTROL = pattern(r"[\x00-\x1f\x7f]")


class Credentials(abc.ABC):
    """What a call carries to say who is calling. Thread safe; one object serves any number of clients."""

    @abc.abstractmethod
    def headers(self, timeout: float | None = None) -> Mapping[str, str]:
        """The headers (lower-case names) of the next attempt; fetched, if need be, in at
        most ``timeout`` seconds.

        Raises AuthenticationError when there are none to be had, Unavailable when whoever gives
        them cannot be reached, and DeadlineExceeded when the time is over. All three say
        ``sent=False``: the Camunda server has seen nothing of the call.
        """

    async def aheaders(self, timeout: float | None = None) -> Mapping[str, str]:
        """``headers`` for asyncio, which never blocks the event loop: ``headers`` runs in a thread."""
        return await in_thread(lambda: self.headers(timeout), timeout)

    def rejected(self, headers: Mapping[str, str]) -> bool:
        """The server refused these headers (401, UNAUTHENTICATED): True when an attempt
        with fresh ones can help.
        """
        return False

    def forget(self) -> None:  # noqa: B027  # most have nothing to forget
        """Forgets what was fetched: the next call fetches anew, after rights were changed for instance."""


class Headers(Protocol):
    """What a class of one's own needs to be taken for credentials; see ``Credentials.headers``."""

    def headers(self, timeout: float | None = None, /) -> Mapping[str, str]:
        """The headers of the next attempt; may block, for ``timeout`` seconds at most."""
        ...


class AsyncHeaders(Protocol):
    """The same for asyncio; see ``Credentials.aheaders``."""

    async def aheaders(self, timeout: float | None = None, /) -> Mapping[str, str]:
        """The headers of the next attempt, in ``timeout`` seconds at most."""
        ...


#: What is taken wherever credentials are given.
AnyCredentials = Credentials | Headers | AsyncHeaders


class NoCredentials(Credentials):
    """Calls go out as they are, for a gateway that asks for nothing."""

    def headers(self, timeout: float | None = None) -> Mapping[str, str]:
        """No headers."""
        return {}

    async def aheaders(self, timeout: float | None = None) -> Mapping[str, str]:
        """No headers."""
        return {}

    def __repr__(self) -> str:
        return "NoCredentials()"


class Basic(Secretive, Credentials):
    """User name and password (RFC 7617, UTF-8). Raises ConfigurationError for a colon in the name
    or control characters.
    """

    def __init__(self, username: str, password: str) -> None:
        text_argument(username, "Basic: username")
        text_argument(password, "Basic: password", optional=password == "")
        if ":" in username:
            raise ConfigurationError(
                "Basic: username contains a colon, which separates it from the password on the wire"
            )
        self._username = username
        import base64

        encoded = base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
        self._sealed = Sealed({"authorization": f"Basic {encoded}"})

    def headers(self, timeout: float | None = None) -> Mapping[str, str]:
        """``authorization: Basic …``"""
        return dict(self._sealed.headers)

    async def aheaders(self, timeout: float | None = None) -> Mapping[str, str]:
        """``authorization: Basic …``"""
        return dict(self._sealed.headers)

    def __repr__(self) -> str:
        return f"Basic(username={self._username!r}, password=***)"


class Bearer(Secretive, Credentials):
    """A token that is there already: text, a file that somebody else keeps fresh, or a callable
    that returns the current one.

    A file (``Path("/var/run/secrets/tokens/camunda")``, as Kubernetes projects them) is read before
    the first attempt, and again as soon as it was replaced. A callable is asked before every attempt
    (in a thread, within the call's time, unless it is a coroutine function), so it should keep what
    is expensive to get. What it raises becomes an AuthenticationError, unless it is a CamundaError. A
    rejected callable or file is asked once more, a rejected text is final.
    """

    def __init__(
        self, token: str | os.PathLike[str] | Callable[[], str] | Callable[[], Awaitable[str]]
    ) -> None:
        self._source: Callable[[], Any] | None = None
        self._sealed: Sealed | None = None
        self._at_hand = isinstance(token, os.PathLike)
        self._shown = "***"
        if isinstance(token, str):
            self._sealed = Sealed({"authorization": bearer(token, "Bearer: token", ConfigurationError)})
        elif isinstance(token, os.PathLike):
            from pathlib import Path

            from camunda_core._token_file import TokenFile

            self._source = TokenFile(Path(token)).read
            self._shown = repr(os.fspath(token))
        elif callable(token):
            self._source = token
            self._shown = getattr(token, "__qualname__", "callable")
        else:
            raise ConfigurationError(
                f"Bearer: token must be text, a Path or a callable, not {type(token).__name__}"
            )
        self._awaited = inspect.iscoroutinefunction(self._source) or inspect.iscoroutinefunction(
            getattr(self._source, "__call__", None)  # noqa: B004 - of an object with such a method
        )

    def headers(self, timeout: float | None = None) -> Mapping[str, str]:
        """``authorization: Bearer …``"""
        if self._sealed is not None:
            return dict(self._sealed.headers)
        if self._awaited:
            return {"authorization": in_loop(self._await, timeout)}
        # A file is at hand; what a callable does nobody knows.
        return {"authorization": self._ask() if self._at_hand else in_time(self._ask, timeout)}

    async def aheaders(self, timeout: float | None = None) -> Mapping[str, str]:
        """``authorization: Bearer …``"""
        if self._sealed is not None:
            return dict(self._sealed.headers)
        if self._awaited:
            return {"authorization": await within(self._await(), timeout)}
        return {"authorization": await in_thread(self._ask, timeout)}

    def rejected(self, headers: Mapping[str, str]) -> bool:
        """True for a callable or a file, which may know a newer token by now."""
        return self._source is not None

    def _ask(self) -> str:
        assert self._source is not None
        try:
            authorization, flaw = _authorization(self._source())
        except CamundaError:
            raise
        except Exception as error:
            raise _no_token(f"the callable that gives the token raised {type(error).__name__}") from error
        if flaw:
            raise _no_token(f"the token that the callable returned {flaw}")
        return authorization

    async def _await(self) -> str:
        assert self._source is not None
        try:
            authorization, flaw = _authorization(await self._source())
        except CamundaError:
            raise
        except Exception as error:
            raise _no_token(f"the callable that gives the token raised {type(error).__name__}") from error
        if flaw:
            raise _no_token(f"the token that the callable returned {flaw}")
        return authorization

    def __repr__(self) -> str:
        return f"Bearer({self._shown})"


def warn_of_plaintext(credentials: Credentials | None, url: str) -> None:
    """Logs, once for each host, that ``credentials`` go to ``url`` where others can read them: not
    TLS, not this machine.
    """
    if credentials is None or isinstance(credentials, NoCredentials):
        return
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "http" or is_loopback(host) or host in _warned:
        return
    _warned.add(host)
    _log.warning(
        "credentials go to %s in plaintext, for everybody on the way to read: "
        "write https:// (gRPC: grpcs://) unless something between encrypts the connection",
        parts.netloc,
    )


def _no_token(message: str) -> AuthenticationError:
    return AuthenticationError(message, sent=False)


def bearer(token: object, what: str, error: Callable[[str], Exception]) -> str:
    """The value of the ``authorization`` header for ``token``; ``error(message)`` is
    raised for what is no token.
    """
    authorization, flaw = _authorization(token)
    if flaw:
        del token  # this frame is part of the error's traceback
        raise error(f"{what} {flaw}")
    return authorization


def _authorization(token: object) -> tuple[str, str]:
    """``(value, "")``, or ``("", what is wrong with the token)``.

    A line break would let whoever wrote the token add headers of his own, so nothing but visible
    ASCII passes.
    """
    if not isinstance(token, str):
        return "", f"must be text, not {type(token).__name__}"
    if not token.strip():
        return "", "is empty"
    if token[:7].lower() == "bearer ":
        return "", "starts with 'Bearer ', which is added by this library: give the token alone"
    if not _TOKEN.fullmatch(token):
        hint = " (from a file? .strip() it)" if _TOKEN.fullmatch(token.strip()) else ""
        return "", f"contains a blank, a line break or a non-ASCII character{hint}"
    return f"Bearer {token}", ""


def text_argument(value: object, name: str, *, optional: bool = False) -> None:
    """ConfigurationError unless ``value`` is text without control characters (or absent, if optional)."""
    if value is None and optional:
        return
    if not isinstance(value, str):
        raise ConfigurationError(f"{name} must be text, not {type(value).__name__}")
    if not value and not optional:
        raise ConfigurationError(f"{name} is empty")
    if _CONTROL.search(value):
        raise ConfigurationError(f"{name} contains a control character (from a file? .strip() it)")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ConfigurationError(f"{name} is not valid Unicode text") from None
