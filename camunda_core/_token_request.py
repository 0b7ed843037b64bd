"""One request to an OAuth token endpoint: client credentials in, a token or a typed error out.

    2xx with JSON that has an access_token        TokenAnswer
    408, 429, 5xx, connection trouble, a timeout  Unavailable: worth another attempt
    anything else                                 AuthenticationError: it would be answered the same again

All errors say ``sent=False``: the Camunda server has seen nothing. No message holds the secret, nor
any part of an answer that may be a token.
"""

from __future__ import annotations

import http.client
import json
import math
import re
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from camunda_core._grant import Grant
from camunda_core._handshakes import EXAMINATION, TLS_WANTED, refusal, speaks_tls
from camunda_core._http import answer_until, retry_after
from camunda_core._outbound import proxy_for
from camunda_core._socks import ProxyFailure, check_socks, connected, is_socks
from camunda_core._tls_proxy import is_tls, login_of
from camunda_core.credentials import bearer
from camunda_core.deadline import Deadline
from camunda_core.errors import AuthenticationError, CamundaError, Problem, Unavailable
from camunda_core.tls import way_out

if TYPE_CHECKING:
    from camunda_core._tunnel import Tunnel
    from camunda_core.tls import Tls

__all__ = ["TokenAnswer", "TokenEndpoint"]

_LARGEST_ANSWER = 1024 * 1024
_LARGEST_TEXT = 300
_TRANSIENT = frozenset({408, 429})
#: The token endpoint is elsewhere now: the next request asks the provider where.
_MOVED = frozenset({301, 302, 303, 307, 308, 404, 405, 410})


@dataclass(frozen=True)
class TokenAnswer:
    """``authorization``: the header's value. ``lifetime``: seconds from the request on, None when
    the answer did not say.
    """

    authorization: str = field(repr=False)
    lifetime: float | None


class TokenEndpoint:
    """Where tokens come from and how to ask. ``timeout`` limits one request as a whole, in seconds.

    ``url`` may be left out where ``issuer`` names an OpenID provider: its description (OpenID
    Connect Discovery) is asked for the token endpoint, once, and again after an answer that shows
    it has moved. ``context`` is asked for before each request, so that certificates may be rotated.

    ``proxy`` (of ``checked_proxy``) takes the place of those of the environment, which are chosen by
    the rules of both wires. Redirects are not followed: they would hand the secret to whoever they name.
    """

    def __init__(
        self,
        url: str | None,
        issuer: str | None,
        grant: Grant,
        timeout: float,
        context: Callable[[], ssl.SSLContext | None],
        proxy: str | None = None,
        tls: Tls | None = None,
        server_name: str | None = None,
    ) -> None:
        self.shown = re.sub(r"[?#].*", "", url or issuer or "")
        self._url = url
        self._issuer = None if issuer is None else issuer.rstrip("/")
        self._discovered: str | None = None
        self._grant = grant
        self._hidden: tuple[str, ...] = ()
        self._timeout = timeout
        self._context = context
        self._proxy = proxy
        #: Whose authorities are trusted besides the system's, of a proxy that is spoken to in TLS.
        self._tls = tls
        #: The name that the endpoint's certificate must bear, where that is not its host.
        self._server_name = server_name
        #: What leads to such a proxy.
        self._tunnel: Tunnel | None = None
        _usable(proxy_for(url or issuer or "", proxy))  # what is wrong with it is said now

    def request(self) -> TokenAnswer:
        """Ask once. Takes at most the timeout (name resolution, which cannot be interrupted, aside)."""
        deadline = Deadline(self._timeout)
        url = self._url or self._discovered or self._discover(deadline)
        body, headers, self._hidden = self._grant.request(url)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        status, answered, content = self._asked(url, deadline, headers, body)
        if 200 <= status < 300:
            return self._token(answered, content)
        if status in _MOVED:
            self._discovered = None
        raise self._status_error(status, answered, content)

    def _discover(self, deadline: Deadline) -> str:
        """The token endpoint that the provider's own description names."""
        url = f"{self._issuer}/.well-known/openid-configuration"
        status, headers, body = self._asked(url, deadline, {}, None)
        if not 200 <= status < 300:
            raise self._status_error(status, headers, body)
        answer = _json_object(body) or {}
        endpoint, issuer = answer.get("token_endpoint"), answer.get("issuer")
        if not isinstance(endpoint, str) or not endpoint.isascii() or not urlsplit(endpoint).hostname:
            raise self._refused("describes no token_endpoint; is the issuer URL right?")
        if not isinstance(issuer, str) or issuer.rstrip("/") != self._issuer:
            # OpenID Connect Discovery, 4.3: else one provider could send our secret to another.
            raise self._refused(
                f"describes the issuer {self._clean(issuer)} instead; give that one as issuer"
            )
        if urlsplit(endpoint).scheme != "https" and urlsplit(self._issuer or "").scheme == "https":
            raise self._refused(
                f"names a token endpoint without TLS, {self._clean(endpoint)}: nothing is sent there"
            )
        self._discovered = endpoint
        self.shown = re.sub(r"[?#].*", "", endpoint)
        return endpoint

    def _asked(
        self, url: str, deadline: Deadline, headers: dict[str, str], body: bytes | None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        try:
            return self._exchange(url, deadline, headers, body)
        except _TooLarge:
            raise self._refused(
                f"answered more than {_LARGEST_ANSWER // 1024} KiB; is the token URL right?"
            ) from None
        except (OSError, http.client.HTTPException) as error:
            objection = self._objection(error, url, deadline)
            raise (self._connection_error(error) if objection is None else objection) from error

    def _exchange(
        self, url: str, deadline: Deadline, headers: dict[str, str], body: bytes | None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        request = urllib.request.Request(
            url, data=body, headers={"Accept": "application/json", "User-Agent": "camunda-bridge", **headers}
        )
        # Without the handlers that follow redirects and raise for a status.
        opener = urllib.request.OpenerDirector()
        proxy = _usable(proxy_for(url, self._proxy))
        socks = proxy if is_socks(proxy) else None
        self._tunnel = None
        if is_tls(proxy):
            from camunda_core._tunnel import Tunnel

            self._tunnel = Tunnel.through(proxy or "", self._tls)
        elif proxy is not None and socks is None:
            _send_through(request, proxy)
        way = _Way(deadline, socks, None if self._tunnel is None else self._tunnel.url)
        opener.add_handler(_Http(way))
        opener.add_handler(
            _Https(way, self._context() if url.startswith("https:") else None, self._server_name)
        )
        try:
            response = opener.open(request, timeout=deadline.remaining())
        except urllib.error.URLError as error:
            if isinstance(error.reason, BaseException):
                raise error.reason from None
            raise
        with response:
            content = response.read(_LARGEST_ANSWER + 1)
            if len(content) > _LARGEST_ANSWER:
                raise _TooLarge
            if response.length:  # less than Content-Length promised
                raise http.client.IncompleteRead(content, response.length)
            return response.status, response.headers, content

    def _token(self, headers: http.client.HTTPMessage, body: bytes) -> TokenAnswer:
        answer = _json_object(body)
        if answer is None:
            kind = headers.get_content_type() if "content-type" in headers else "no content type"
            raise self._refused(
                f"answered something that is no JSON object ({kind}); is the token URL right?"
            )
        if "access_token" not in answer:
            raise self._refused(f"answered without an access_token{self._said(answer)}")
        token_type = answer.get("token_type")
        if token_type and str(token_type).lower() != "bearer":
            raise self._refused(
                f"gave a token of type {self._clean(token_type)}; only Bearer tokens are understood"
            )
        authorization = bearer(answer["access_token"], "gave an access_token that", self._refused)
        return TokenAnswer(authorization, _lifetime(answer.get("expires_in")))

    def _status_error(self, status: int, headers: http.client.HTTPMessage, body: bytes) -> CamundaError:
        answer = _json_object(body) or {}
        problem = Problem(
            status=status,
            title=self._clean(answer.get("error")),
            detail=self._clean(answer.get("error_description")),
        )
        said = f"answered {status}{self._said(answer)}"
        if status in _TRANSIENT or status >= 500:
            return Unavailable(
                f"the token endpoint {self.shown} {said}",
                problem=problem,
                sent=False,
                retry_after=retry_after(headers),
            )
        if 300 <= status < 400:
            target = self._clean(re.sub(r"[?#].*", "", headers.get("Location", "")))
            said += f", a redirect{' to ' + target if target else ''}; none is followed: give the final URL"
        elif not answer:
            said += "; is the token URL right?" if status in (404, 405) else " without saying why"
        return self._refused(said, problem)

    def _objection(self, error: Exception, url: str, deadline: Deadline) -> CamundaError | None:
        """What a server that hung up says when it is asked in TLS; None where it has nothing to say."""
        ended = isinstance(error, (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError))
        if not ended or proxy_for(url, self._proxy) is not None:  # RemoteDisconnected is a reset too
            return None
        parts = urlsplit(url)
        secure, host = parts.scheme == "https", parts.hostname or ""
        place, limit = (host, parts.port or (443 if secure else 80)), deadline.bounded(EXAMINATION)
        if not secure:
            wanted = speaks_tls(place, limit)
            return self._refused(f"broke the connection off; {TLS_WANTED}") if wanted else None
        context = self._context()
        alert = None if context is None else refusal(context, self._server_name or host, place, limit)
        return self._refused(f"cannot be reached with TLS ({alert}); {way_out(alert)}") if alert else None

    def _connection_error(self, error: Exception) -> CamundaError:
        if isinstance(error, TimeoutError):
            said = f"did not answer within {self._timeout:g} s"
        elif isinstance(error, ssl.SSLCertVerificationError):
            advice = way_out(error.verify_message) or "give its authority as tls=Tls(ca=...)"
            return self._refused(f"has a certificate that is not trusted ({error.verify_message}); {advice}")
        elif isinstance(error, ssl.SSLError) and not isinstance(
            error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)
        ):
            advice = way_out(error.reason or "") or ""
            beyond = f"; {advice}" if advice else ""
            return self._refused(f"cannot be reached with TLS ({error.reason or error}){beyond}")
        elif isinstance(error, http.client.HTTPException) and not isinstance(
            error, (http.client.RemoteDisconnected, http.client.IncompleteRead)
        ):
            return self._refused(f"does not answer in HTTP ({type(error).__name__}); is the token URL right?")
        elif self._tunnel is not None and (why := self._tunnel.reason("", 0.0)) is not None:
            said = f"cannot be reached: {self._clean(why)}"
            if self._tunnel.lasting:
                return self._refused(said)
        elif isinstance(error, ProxyFailure):
            said = f"cannot be reached: {self._clean(error)}"
        elif isinstance(error, (http.client.IncompleteRead, ConnectionError)):
            said = f"broke the connection off ({type(error).__name__})"
        else:
            said = f"cannot be reached ({self._clean(error)})"
        return Unavailable(
            f"the token endpoint {self.shown} {said}", sent=False, lasting=isinstance(error, socket.gaierror)
        )

    def _refused(self, said: str, problem: Problem | None = None) -> AuthenticationError:
        return AuthenticationError(f"the token endpoint {self.shown} {said}", problem=problem, sent=False)

    def _said(self, answer: dict[str, Any]) -> str:
        """``": invalid_client (Wrong client secret)"``, as far as the server said so."""
        error, description = self._clean(answer.get("error")), self._clean(answer.get("error_description"))
        if error and description:
            return f": {error} ({description})"
        return f": {error or description}" if error or description else ""

    def _clean(self, value: object) -> str:
        """Text from outside, fit for a message: one line, not too long, without the secret."""
        text = "" if value is None else str(value)
        for hidden in self._hidden:
            if hidden:
                text = text.replace(hidden, "***")
        text = re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()
        return text if len(text) <= _LARGEST_TEXT else text[:_LARGEST_TEXT] + "…"


class _TooLarge(Exception):
    pass


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _lifetime(value: object) -> float | None:
    """``expires_in`` as seconds; some servers write the number as text. None for what says nothing."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        lifetime = float(value)
    except (ValueError, OverflowError):
        return None
    return max(0.0, lifetime) if math.isfinite(lifetime) else None


def _usable(proxy: str | None) -> str | None:
    if proxy is not None and is_socks(proxy):
        check_socks(proxy)
    return proxy


def _send_through(request: urllib.request.Request, proxy: str) -> None:
    login = login_of(proxy)
    if login is not None:
        request.add_header("Proxy-Authorization", login)
    request.set_proxy(proxy.rpartition("@")[2].rpartition("://")[2].rstrip("/"), "http")


class _Way(NamedTuple):
    """How connections are made: until when, and through which SOCKS proxy or tunnel."""

    deadline: Deadline
    socks: str | None
    tunnel: str | None

    def connection(
        self, kind: Callable[..., http.client.HTTPConnection], host: str, **named: Any
    ) -> http.client.HTTPConnection:
        """One that is not made yet."""
        if self.tunnel is None:
            made = kind(host, **named)
        else:
            made = kind(self.tunnel.rpartition("@")[2], **named)
            made.set_tunnel(host, headers={"Proxy-Authorization": login_of(self.tunnel) or ""})
        left = self.deadline.remaining()
        moment = math.inf if left is None else time.monotonic() + left
        made.response_class = partial(answer_until, moment)  # type: ignore[assignment]
        if self.socks is not None:
            socks = self.socks

            def connect(place: tuple[str, int], *_: Any) -> socket.socket:
                return connected(socks, *place, self.deadline.remaining())

            made._create_connection = connect  # type: ignore[attr-defined]
        return made


class _Http(urllib.request.HTTPHandler):
    def __init__(self, way: _Way) -> None:
        super().__init__()
        self._way = way

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(self._way.connection, http.client.HTTPConnection), req)


class _Named(http.client.HTTPSConnection):
    """A connection to a server whose certificate has to bear another name than its host, unless that is None."""

    def __init__(self, host: str, *, name: str | None, context: ssl.SSLContext | None, **named: Any) -> None:
        super().__init__(host, context=context, **named)
        self._secured, self._name = context, name

    def connect(self) -> None:
        """Connects, through the tunnel where there is one, and shakes hands."""
        if self._name is None or self._secured is None:
            super().connect()
            return
        http.client.HTTPConnection.connect(self)
        self.sock = self._secured.wrap_socket(self.sock, server_hostname=self._name)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, way: _Way, context: ssl.SSLContext | None, name: str | None) -> None:
        super().__init__(context=context)
        self._way, self._name = way, name
        self._ssl_context = context

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        kind = partial(_Named, name=self._name, context=self._ssl_context)
        return self.do_open(partial(self._way.connection, kind), req)
