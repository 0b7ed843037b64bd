"""OAuth 2.0 client credentials: one token for all callers, threads and asyncio tasks of any event loop alike.

A token is fetched by a daemon thread, never by the caller, and there is at most one such fetch at a
time. Callers without a usable token wait for it, each for as long as its own timeout allows. All
times are taken from the monotonic clock. The life of a token:

    requested ─────────────────────────── refresh_at ───────────── unusable_at ── expiry
       served at once                        │ served, and renewed      │ callers wait for
                                             │ in the background        │ the new one

Tokens are kept in memory, and in files only where ``cache`` names a folder: a file is one more place
to steal them from, and a token costs one request per process.
"""

from __future__ import annotations

import concurrent.futures
import copy
import hashlib
import logging
import os
import threading
import time
import weakref
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Literal

from camunda_core._arguments import shown
from camunda_core._elsewhere import outcome, too_late
from camunda_core._grant import Assertion, ClientAssertion, Grant
from camunda_core._oauth_arguments import check_proof, checked_url, duration, trust
from camunda_core._outbound import checked_proxy
from camunda_core._pem import identity
from camunda_core._secrecy import Secretive, without_frames
from camunda_core._token_cache import TokenCache
from camunda_core._token_request import TokenAnswer, TokenEndpoint
from camunda_core._trust import Besides
from camunda_core.credentials import Credentials, text_argument
from camunda_core.deadline import Deadline, Duration
from camunda_core.errors import (
    AuthenticationError,
    CamundaError,
    ConfigurationError,
    DeadlineExceeded,
    Unavailable,
)
from camunda_core.retry import RetryPolicy
from camunda_core.tls import Tls

__all__ = ["TOKEN_RETRY", "ClientAssertion", "OAuth"]

_log = logging.getLogger(__name__)

#: How the token endpoint is asked again, unless told otherwise.
TOKEN_RETRY = RetryPolicy(max_attempts=4, initial_delay=0.5, multiplier=2.0, max_delay=5.0)
_UNKNOWN_LIFETIME = 300.0
_LONGEST_HORIZON = 60.0
_RESERVED = (
    "grant_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "audience",
    "scope",
    "resource",
)


class OAuth(Secretive, Credentials):
    """A token by the client-credentials grant, sent as ``authorization: Bearer …``.

    ``token_url``       the token endpoint, or
    ``issuer``          the OpenID provider, which is asked where its token endpoint is (OIDC discovery)
    ``client_secret``   what shows that we are ``client_id``, or
    ``client_assertion``  a ``ClientAssertion`` (private key), the path of a file that somebody else keeps fresh
                        (workload identity), or a callable that returns the text
    ``client_auth``     how the secret is sent: "post" in the form, or "basic" as a header
    ``audience``, ``scope``, ``resource``  sent when not empty; ``parameters`` are further form fields
    ``timeout``         seconds for one token request as a whole; a call's own timeout may be shorter
    ``refresh_before``  renew this many seconds before expiry, at least 5 % and at most half of the lifetime,
                        while the old token is still served
    ``leeway``          serve no token with fewer seconds left than this, at most a quarter of the lifetime
    ``cooldown``        seconds in which a refusal (wrong secret, unknown client) is raised again without
                        another request, and a token renewed after a rejection is not renewed again; 0: none
    ``retry``           attempts and pauses when the token endpoint is unreachable or answers 408, 429 or 5xx,
                        Retry-After honoured up to the policy's ``max_delay``, while the most patient caller waits,
                        and for a minute at most
    ``tls``             authorities and client certificate for the token endpoint: a Tls, whose files may be
                        replaced while the program runs, or an SSLContext
    ``proxy``           ``http[s]://[user:password@]host:port``, in place of what the environment names
    ``cache``           a folder in which the token is kept for further processes of this user (0600)

    A token whose answer has no ``expires_in`` is taken to live for 5 minutes. Raises
    ConfigurationError for arguments that cannot work.

    ``headers`` and ``aheaders`` raise AuthenticationError with the server's own words when it
    refuses, Unavailable when it cannot be reached or is overloaded, DeadlineExceeded when it
    does not answer in time.
    """

    def __init__(
        self,
        token_url: str | None = None,
        client_id: str = "",
        client_secret: str | None = None,
        *,
        issuer: str | None = None,
        client_assertion: Assertion | None = None,
        client_auth: Literal["post", "basic"] = "post",
        audience: str | None = None,
        scope: str | None = None,
        resource: str | None = None,
        parameters: Mapping[str, str] | None = None,
        timeout: Duration = 5.0,
        refresh_before: Duration = 30.0,
        leeway: Duration = 10.0,
        cooldown: Duration = 10.0,
        retry: RetryPolicy = TOKEN_RETRY,
        tls: Tls | SSLContext | None = None,
        cache: str | os.PathLike[str] | None = None,
        proxy: str | None = None,
    ) -> None:
        form: dict[str, str] = {}
        text_argument(client_id, "OAuth: client_id")
        check_proof(client_secret, client_assertion, client_auth)
        for name, value in (("audience", audience), ("scope", scope), ("resource", resource)):
            text_argument(value, f"OAuth: {name}", optional=True)
            if value:
                form[name] = value
        if not isinstance(parameters, (Mapping, type(None))):
            raise ConfigurationError(f"OAuth: parameters must be a mapping of texts, not {shown(parameters)}")
        if not isinstance(retry, RetryPolicy):
            raise ConfigurationError(f"OAuth: retry must be a RetryPolicy, not {shown(retry)}")
        for name, value in (parameters or {}).items():
            text_argument(name, "OAuth: the name of a parameter")
            text_argument(value, f"OAuth: parameter {name}", optional=value == "")
            if name in _RESERVED:
                raise ConfigurationError(f"OAuth: give {name} as an argument of its own, not in parameters")
            form[name] = value
        self._client_id = client_id
        self._public = {name: form[name] for name in ("audience", "scope", "resource") if name in form}
        grant = Grant(client_id, form, client_secret, client_assertion, client_auth)
        where = checked_url(token_url, issuer)
        material = tls.tls if isinstance(tls, Besides) else tls if isinstance(tls, Tls) else None
        self._endpoint = TokenEndpoint(
            token_url,
            issuer,
            grant,
            duration(timeout, "timeout", zero=False),
            trust(where, tls),
            checked_proxy(proxy, "OAuth: proxy"),
            material,
            tls.server_name if isinstance(tls, Tls) else None,
        )
        certificate = "" if material is None else identity(material.certificate)
        told = f"{token_url}\n{issuer}\n{grant.identity}\n{certificate}"
        digest = hashlib.sha256(told.encode()).hexdigest()
        self._cache = None if cache is None else TokenCache(cache, digest)
        self._refresh_before = duration(refresh_before, "refresh_before")
        self._leeway = duration(leeway, "leeway")
        self._cooldown = duration(cooldown, "cooldown")
        self._retry = retry
        self._shows = "client_secret" if client_assertion is None else "client_assertion"
        self._renewed = -float("inf")
        self._refused: str | None = None
        self._token: _Token | None = None
        self._pause: _Pause | None = None
        self._without_threads()
        _instances.add(self)

    def _without_threads(self) -> None:
        """The state of a new object, and of one in a forked child, which has no threads of its parent."""
        self._lock = threading.Lock()
        self._flight: _Flight | None = None

    def __repr__(self) -> str:
        public = "".join(f", {name}={value!r}" for name, value in self._public.items())
        return f"OAuth({self._endpoint.shown!r}, client_id={self._client_id!r}, {self._shows}=***{public})"

    def headers(self, timeout: float | None = None) -> Mapping[str, str]:
        """``authorization: Bearer …``: from memory, or when a fetch is over, after at
        most ``timeout`` seconds.
        """
        authorization = self._served()
        if authorization is None:
            flight = self._join(timeout)
            try:
                landed = flight.landed.result(timeout)
            except concurrent.futures.TimeoutError:
                raise too_late(timeout) from None
            authorization = _unpacked(landed)
        return {"authorization": authorization}

    async def aheaders(self, timeout: float | None = None) -> Mapping[str, str]:
        """``headers`` for asyncio: from memory without a thread, otherwise the same fetch, awaited."""
        authorization = self._served()
        if authorization is None:
            authorization = _unpacked(await outcome(self._join(timeout).landed, timeout))
        return {"authorization": authorization}

    def rejected(self, headers: Mapping[str, str]) -> bool:
        """Drop the token if it is still the one in ``headers``. False when that token is
        itself a recent renewal, and not one that has grown old meanwhile.
        """
        sent = headers.get("authorization")
        if sent is None:
            return False
        with self._lock:
            if self._token is None or self._token.authorization != sent:
                return True  # somebody renewed it already
            now = time.monotonic()
            if now - self._renewed < self._cooldown and now < self._token.refresh_at:
                return False  # a fresh token was refused as well: the cause is another
            self._renewed = now
            self._token, self._refused = None, sent
        if self._cache is not None:
            self._cache.forget(sent)
        return True

    def forget(self) -> None:
        """Drops the token, and one that is being fetched: the next call fetches anew."""
        with self._lock:
            self._token = self._flight = self._pause = None

    def _served(self) -> str | None:
        """The token in memory, if it is usable; renewed in the background when it is getting old."""
        token = self._token  # reading needs no lock: tokens are replaced, never changed but for refresh_at
        if token is None:
            return None
        now = time.monotonic()
        if now < token.refresh_at:
            return token.authorization
        if now >= token.unusable_at:
            return None
        with self._lock:
            if self._flight is None and self._token is token and now >= token.refresh_at:
                try:
                    self._take_off(_Horizon(min(_LONGEST_HORIZON, token.unusable_at - now)), 0.0)
                except Unavailable:
                    _log.debug("no thread to renew the token of client %r in the background", self._client_id)
        return token.authorization

    def _join(self, timeout: float | None) -> _Flight:
        """The fetch under way, or a new one; the error at once when there can be none in time."""
        if timeout is not None and timeout <= 0:
            raise too_late(timeout)
        horizon = _Horizon(_LONGEST_HORIZON if timeout is None else min(timeout, _LONGEST_HORIZON))
        with self._lock:
            if self._flight is not None:
                self._flight.horizon.extend(horizon)
                return self._flight
            if self._token is not None and time.monotonic() < self._token.unusable_at:
                return _Flight(horizon, self._token)  # it landed after this caller had looked
            first_pause = 0.0
            if self._pause is not None:
                first_pause = max(0.0, self._pause.until - time.monotonic())
                if first_pause and (self._pause.final or first_pause >= (horizon.remaining() or 0.0)):
                    raise self._pause.error(first_pause)
            return self._take_off(horizon, first_pause)

    def _take_off(self, horizon: _Horizon, first_pause: float) -> _Flight:
        flight = _Flight(horizon)
        self._flight = flight
        thread = threading.Thread(
            target=self._fly, args=(flight, first_pause), name="camunda-oauth-token", daemon=True
        )
        try:
            thread.start()
        except RuntimeError as error:
            self._flight = None
            raise Unavailable(f"no thread can be started to fetch a token: {error}", sent=False) from error
        return flight

    def _fly(self, flight: _Flight, first_pause: float) -> None:
        """Fetch a token, in as many attempts as the policy and the callers' patience
        allow; tell everybody.
        """
        attempts = self._retry.attempts(repeatable=True, deadline=flight.horizon)
        landed: _Token | Exception | None = None
        delay: float | None = first_pause
        while landed is None:
            time.sleep(delay or 0.0)
            requested = time.monotonic()
            try:
                answer = self._kept() or self._fetched()
                with self._lock:
                    landed = self._keep(self._aged(answer, requested), flight)
            except CamundaError as error:
                # Under the lock, so that nobody joins a fetch that has just decided to give up.
                with self._lock:
                    delay = attempts.next_delay(error)
                    if delay is None:
                        landed = self._give_up(error, flight)
            except Exception as bug:
                with self._lock:
                    landed = self._give_up(bug, flight)
        flight.landed.set_result(landed)

    def _kept(self) -> TokenAnswer | None:
        """The token that another process has left on disk, unless it is too old or was refused."""
        if self._cache is None or (answer := self._cache.read()) is None or answer.lifetime is None:
            return None
        usable = answer.lifetime > max(self._refresh_before, self._leeway)
        return answer if usable and answer.authorization != self._refused else None

    def _fetched(self) -> TokenAnswer:
        answer = self._endpoint.request()
        if self._cache is not None:
            self._cache.write(answer, _UNKNOWN_LIFETIME if answer.lifetime is None else answer.lifetime)
        return answer

    def _aged(self, answer: TokenAnswer, requested: float) -> _Token:
        lifetime = _UNKNOWN_LIFETIME if answer.lifetime is None else answer.lifetime
        early = min(max(self._refresh_before, self._leeway, lifetime / 20), lifetime / 2)
        hard = min(self._leeway, lifetime / 4)
        return _Token(answer.authorization, requested + lifetime - early, requested + lifetime - hard)

    def _keep(self, token: _Token, flight: _Flight) -> _Token:
        if self._flight is flight:
            self._flight, self._token, self._pause = None, token, None
        _log.debug("a new token for client %r from %s", self._client_id, self._endpoint.shown)
        return token

    def _give_up(self, error: Exception, flight: _Flight) -> Exception:
        if isinstance(error, Unavailable) and isinstance(error.__cause__, TimeoutError):
            late = DeadlineExceeded(error.message, sent=False)
            late.__cause__ = error.__cause__
            error = late
        if self._flight is not flight:
            return error
        self._flight = None
        now = time.monotonic()
        pause = 0.0
        if isinstance(error, AuthenticationError):
            pause = self._cooldown
        elif isinstance(error, CamundaError):
            # Callers in a hurry, one after the other, must not hammer either.
            own = min(self._retry.initial_delay, self._retry.max_delay)
            pause = max(own, min(error.retry_after or 0.0, self._retry.max_delay))
        if pause and isinstance(error, CamundaError):
            self._pause = _Pause(error, now + pause)
        if self._token is not None and now < self._token.unusable_at:
            _log.warning(
                "the token of client %r is not renewed yet, the old one still serves: %s",
                self._client_id,
                error,
            )
            self._token.refresh_at = now + max(pause, 1.0, (self._token.unusable_at - now) / 4)
        return error


@dataclass
class _Token:
    authorization: str = field(repr=False)
    refresh_at: float
    unusable_at: float


class _Horizon(Deadline):
    """How long a fetch may go on trying: as long as the most patient of those who wait for it."""

    def extend(self, other: _Horizon) -> None:
        if self._at is not None and other._at is not None:
            self._at = max(self._at, other._at)


class _Flight:
    """A fetch under way. ``landed`` holds a token or an error, as a value: each waiter
    raises an error of its own.
    """

    def __init__(self, horizon: _Horizon, token: _Token | None = None) -> None:
        self.horizon = horizon
        self.landed: Future[_Token | Exception] = Future()
        self.landed.set_running_or_notify_cancel()  # no waiter that leaves can cancel it for the others
        if token is not None:
            self.landed.set_result(token)


@dataclass(frozen=True)
class _Pause:
    """No request to the token endpoint before ``until``, because of what it answered."""

    cause: CamundaError
    until: float

    @property
    def final(self) -> bool:
        return isinstance(self.cause, AuthenticationError)

    def error(self, left: float) -> CamundaError:
        error = copy.copy(self.cause)
        error.message += f" (it will not be asked again for {left:.1f} s)"
        error.retry_after = left
        return error


def _unpacked(landed: _Token | Exception) -> str:
    if isinstance(landed, _Token):
        return landed.authorization
    # The frames of the fetch hold the secret, and error reporters like to print the variables of frames.
    cause = landed.__cause__
    if not isinstance(landed, CamundaError):
        raise without_frames(landed)
    raise copy.copy(landed) from (cause and without_frames(cause))


_instances: weakref.WeakSet[OAuth] = weakref.WeakSet()


def _after_fork() -> None:
    for instance in list(_instances):
        instance._without_threads()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
