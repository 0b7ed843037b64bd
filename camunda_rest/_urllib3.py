"""HTTP by requests and urllib3, for the blocking client: what their failures mean here.

``requests`` decides how the host is reached (proxy, its credentials) and owns the pool of
connections. Requests go straight into that pool: preparing one through a ``Session`` costs more CPU
than all the rest of a call.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from http.client import BadStatusLine, HTTPException, RemoteDisconnected
from typing import TYPE_CHECKING, Any

from urllib3 import Retry
from urllib3 import Timeout as PoolTimeout
from urllib3.exceptions import (
    ClosedPoolError,
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)

from camunda_core._secrecy import Sealed, without_frames
from camunda_core._socks import ProxyFailure
from camunda_core.errors import InvalidRequest
from camunda_rest._documents import CHUNK
from camunda_rest._invocation import Failure, NoAnswer
from camunda_rest._network import (
    connecting_reason,
    foreign,
    reason,
    refused_reason,
    tls_reason,
    too_many_headers,
)
from camunda_rest._pool import IdleLimit, NotConnectedError, opened
from camunda_rest._request import HttpRequest
from camunda_rest._response import HttpResponse
from camunda_rest._transport import Unanswered

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

    from camunda_core._usage import WireUse

__all__ = ["CLOSED", "PoolTransport"]

CLOSED = "this RestClient is closed; make a new one"

#: Seconds, about 23 days: poll() counts milliseconds in 32 bits, and a longer wait would become another.
_LONGEST_WAIT = 2_000_000.0
#: Attempts are counted by ``Invocation``; the pool makes one.
_ONE_ATTEMPT = Retry(total=False)


class PoolTransport:
    """A ``BlockingTransport`` on a pool of urllib3. Requests are made for ``first``, what those to the
    first gateway begin with, and ``base`` is put in its place for this one.
    """

    def __init__(self, address: str, pool: Any, first: str, base: str, largest: int | None) -> None:
        self._address, self._pool, self._first, self._base = address, pool, first, base
        self._largest = largest

    def attempt(
        self,
        request: HttpRequest,
        identity: Sealed,
        extra: Mapping[str, str] | None,
        left: float | None,
        keep: bool,
    ) -> HttpResponse | _Kept | NoAnswer | BaseException:
        """One attempt; with ``keep`` a success is left unread.

        It raises nothing, since its frame and those below hold what says who is calling.
        """
        left = None if left is None else min(left, _LONGEST_WAIT)
        limits = PoolTimeout(total=left)
        if keep and left is not None:
            limits = PoolTimeout(connect=left, read=IdleLimit(left))
        try:
            response: BaseHTTPResponse = self._pool.urlopen(
                request.method,
                self._url(request.url),
                request.body,
                {**request.headers, **identity.headers, **(extra or {})},
                retries=_ONE_ATTEMPT,
                redirect=False,
                assert_same_host=False,
                timeout=limits,
                preload_content=False,
                decode_content=False,
            )
            if keep and 200 <= response.status < 300:
                return _Kept(response, self._address)
            try:
                body = _read(response, self._largest)
            finally:
                response.release_conn()
            return HttpResponse(response.status, response.headers, body)
        except NotConnectedError as error:
            return NoAnswer(*_connecting(error.cause, self._address), without_frames(error.cause))
        except ClosedPoolError:
            return InvalidRequest(CLOSED)
        except HTTPError as error:
            if request.broken is not None:  # urllib3 wraps it up as a broken connection
                return without_frames(request.broken)
            return NoAnswer(*_exchanging(error, self._address), without_frames(error))
        except BaseException as error:
            return without_frames(error)

    def _url(self, url: str) -> str:
        return url if self._base == self._first else self._base + url[len(self._first) :]

    def close(self) -> None:
        """Closes what is idle; what is under way ends as it would have."""
        self._pool.close()

    def usage(self) -> WireUse:
        """What is open, and how much of it is taken. Nobody waits: a request for which no connection is
        free opens another.
        """
        from camunda_core._usage import WireUse

        made = opened(self._pool)
        idle = 0 if self._pool.pool is None else self._pool.pool.idle()
        running = max(0, len(made) - idle)
        return WireUse(
            wire="REST", engine="default", connections=len(made), running=running, waiting=0, limit=1
        )


class _Kept:
    """A success whose body is still to be read."""

    def __init__(self, response: BaseHTTPResponse, address: str) -> None:
        self._response, self._address = response, address
        self.headers: Mapping[str, str] = response.headers
        self.status: int = response.status

    def chunks(self) -> Iterator[bytes]:
        """The body. Raises Unanswered."""
        try:
            yield from self._response.stream(CHUNK, decode_content=False)
        except HTTPError as error:
            raise Unanswered(NoAnswer(*_exchanging(error, self._address), without_frames(error))) from None

    def close(self) -> None:
        """Leaves it."""
        self._response.close()  # of an answer that was read to its end the connection is back in the pool already
        self._response.release_conn()


def _read(response: BaseHTTPResponse, limit: int | None) -> bytes:
    """The body; of one that is larger than the limit one byte more than that, and the connection is
    closed.
    """
    if limit is None:
        return response.read()
    body = response.read(limit + 1)
    while len(body) <= limit and (more := response.read(limit + 1 - len(body))):
        body += more  # a read that ends early says only when it is repeated whether the connection broke
    if len(body) > limit:
        response.close()
    return body


def _connecting(error: Exception, address: str) -> tuple[Failure, str]:
    where = f"cannot connect to {address}"
    if isinstance(error, ProxyFailure):
        return Failure.UNTRUSTED if error.lasting else Failure.UNREACHABLE, f"{where}: {error}"
    if isinstance(error, NameResolutionError):
        return Failure.UNKNOWN_HOST, f"{where}: unknown host"
    if isinstance(error, TimeoutError) or (
        isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError)
    ):
        return Failure.UNREACHABLE, f"{where}: no connection in time"
    if isinstance(error, (ssl.SSLError, ssl.CertificateError)) and not isinstance(error, ssl.SSLEOFError):
        return Failure.UNTRUSTED, f"{where}: TLS failed: {tls_reason(error)}"
    return Failure.UNREACHABLE, f"{where}: {connecting_reason(error, address)}"


def _exchanging(error: HTTPError, address: str) -> tuple[Failure, str]:
    causes = [error, error.__cause__, error.__context__, *error.args]
    if isinstance(error, ReadTimeoutError) or any(isinstance(cause, TimeoutError) for cause in causes):
        return Failure.TIMED_OUT, ""
    for cause in causes:
        if isinstance(cause, HTTPException) and str(cause).startswith("got more than"):
            return Failure.LOST, too_many_headers(address)
        if isinstance(cause, BadStatusLine) and not isinstance(cause, RemoteDisconnected):
            return Failure.FOREIGN, foreign(address)
        refused = refused_reason(cause if isinstance(cause, Exception) else None, address)
        if refused is not None:
            return Failure.UNTRUSTED, refused
    inner = next((cause for cause in error.args[1:] if isinstance(cause, Exception)), error)
    return Failure.LOST, f"the connection to {address} broke before the answer was complete: {reason(inner)}"
