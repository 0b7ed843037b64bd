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
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

from camunda_core._http import answer_until, retry_after
from camunda_core.credentials import bearer
from camunda_core.deadline import Deadline
from camunda_core.errors import AuthenticationError, CamundaError, Problem, Unavailable

__all__ = ["TokenAnswer", "TokenEndpoint"]

_LARGEST_ANSWER = 1024 * 1024
_LARGEST_TEXT = 300
_TRANSIENT = frozenset({408, 429})


@dataclass(frozen=True)
class TokenAnswer:
    """``authorization``: the header's value. ``lifetime``: seconds from the request on, None when
    the answer did not say.
    """

    authorization: str = field(repr=False)
    lifetime: float | None


class TokenEndpoint:
    """Where tokens come from and how to ask. ``timeout`` limits one request as a whole, in seconds.

    Proxies are taken from the environment once (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), as the REST
    client does. Redirects are not followed: they would hand the secret to whoever they name.
    """

    def __init__(
        self, url: str, form: dict[str, str], secret: str, timeout: float, context: ssl.SSLContext | None
    ) -> None:
        self.shown = re.sub(r"[?#].*", "", url)
        self._url = url
        self._body = urlencode(form).encode("ascii")
        self._secret = secret
        self._timeout = timeout
        self._context = context
        self._proxies = urllib.request.getproxies()

    def request(self) -> TokenAnswer:
        """Ask once. Takes at most the timeout (name resolution, which cannot be interrupted, aside)."""
        deadline = Deadline(self._timeout)
        try:
            status, headers, body = self._exchange(deadline)
        except _TooLarge:
            raise self._refused(
                f"answered more than {_LARGEST_ANSWER // 1024} KiB; is the token URL right?"
            ) from None
        except (OSError, http.client.HTTPException) as error:
            raise self._connection_error(error) from error
        if 200 <= status < 300:
            return self._token(headers, body)
        raise self._status_error(status, headers, body)

    def _exchange(self, deadline: Deadline) -> tuple[int, http.client.HTTPMessage, bytes]:
        request = urllib.request.Request(
            self._url,
            data=self._body,
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
                "User-Agent": "camunda-bridge",
            },
        )
        # Without the handlers that follow redirects and raise for a status.
        opener = urllib.request.OpenerDirector()
        opener.add_handler(urllib.request.ProxyHandler(self._proxies))
        opener.add_handler(_Http(deadline))
        opener.add_handler(_Https(deadline, self._context))
        try:
            response = opener.open(request, timeout=self._timeout)
        except urllib.error.URLError as error:
            if isinstance(error.reason, BaseException):
                raise error.reason from None
            raise
        with response:
            body = response.read(_LARGEST_ANSWER + 1)
            if len(body) > _LARGEST_ANSWER:
                raise _TooLarge
            if response.length:  # less than Content-Length promised
                raise http.client.IncompleteRead(body, response.length)
            return response.status, response.headers, body

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

    def _connection_error(self, error: Exception) -> CamundaError:
        if isinstance(error, TimeoutError):
            said = f"did not answer within {self._timeout:g} s"
        elif isinstance(error, ssl.SSLCertVerificationError):
            return self._refused(
                f"has a certificate that is not trusted ({error.verify_message}); "
                "give the authority that issued it: tls=Tls(ca=...)"
            )
        elif isinstance(error, ssl.SSLError) and not isinstance(
            error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)
        ):
            return self._refused(f"cannot be reached with TLS ({error.reason or error})")
        elif isinstance(error, http.client.HTTPException) and not isinstance(
            error, (http.client.RemoteDisconnected, http.client.IncompleteRead)
        ):
            return self._refused(f"does not answer in HTTP ({type(error).__name__}); is the token URL right?")
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
        for form in {self._secret, quote(self._secret), quote_plus(self._secret)}:
            text = text.replace(form, "***")
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


def _connection(made: http.client.HTTPConnection, deadline: Deadline) -> http.client.HTTPConnection:
    left = deadline.remaining()
    moment = math.inf if left is None else time.monotonic() + left
    made.response_class = partial(answer_until, moment)  # type: ignore[assignment]
    return made


class _Http(urllib.request.HTTPHandler):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        def connection(host: str, /, **named: Any) -> http.client.HTTPConnection:
            return _connection(http.client.HTTPConnection(host, **named), self._deadline)

        return self.do_open(connection, req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, deadline: Deadline, context: ssl.SSLContext | None) -> None:
        super().__init__(context=context)
        self._deadline = deadline
        self._ssl_context = context

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        def connection(host: str, /, **named: Any) -> http.client.HTTPConnection:
            return _connection(
                http.client.HTTPSConnection(host, context=self._ssl_context, **named), self._deadline
            )

        return self.do_open(connection, req)
