"""HTTP by the fast engine, for the asyncio client: what its failures mean here."""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from camunda_core._secrecy import Sealed, without_frames
from camunda_core._socks import ProxyFailure, check_socks, is_socks
from camunda_core._tls_proxy import is_tls, login_of, place_of, proxy_failure
from camunda_rest._documents import Multipart, pieces
from camunda_rest._invocation import Failure, NoAnswer
from camunda_rest._network import (
    IDLE_LIMIT,
    MAX_HEADER_SIZE,
    connecting_reason,
    foreign,
    reason,
    refused_reason,
    tls_reason,
    too_many_headers,
)
from camunda_rest._request import HttpRequest
from camunda_rest._response import HttpResponse
from camunda_rest._transport import Settings, Unanswered

if TYPE_CHECKING:
    from camunda_core._usage import WireUse
    from camunda_fast._answers import Answer, Broken

__all__ = ["FastTransport", "lacks"]


def lacks(settings: Settings) -> str | None:
    """What is asked for that the fast engine has not; None where it has all."""
    if settings.proxy is not None and is_socks(settings.proxy):
        check_socks(settings.proxy)
    return None


class FastTransport:
    """A ``Transport`` for the running event loop."""

    def __init__(self, settings: Settings) -> None:
        from camunda_fast._dialing import Target
        from camunda_fast._rest import HttpPool

        self._settings = settings
        parts = urlsplit(settings.address)
        secure = parts.scheme == "https"
        host, port = parts.hostname or "", parts.port or (443 if secure else 80)
        self._host = parts.netloc
        self._before: dict[str, str] = {"host": parts.netloc, "user-agent": settings.user_agent}
        self._before["accept-encoding"] = "identity"
        #: Where paths begin; a proxy without a tunnel is told whole addresses.
        self._origin = len(f"{parts.scheme}://{parts.netloc}")
        place, proxy = (host, port), settings.proxy
        context, name = self._context if secure else None, settings.server_name or host
        protocols: tuple[str, ...] = ("h2", "http/1.1")
        #: The proxy whose TLS is all that there is.
        self._secured: str | None = None
        if proxy is not None and not secure and not is_socks(proxy):
            login = login_of(proxy)
            if login is not None:
                self._before["proxy-authorization"] = login
            if is_tls(proxy):
                self._secured, context, protocols = proxy, self._proxy_context, ("http/1.1",)
            place, proxy, self._origin = place_of(proxy), None, 0
            name = place[0]
        self._pool = HttpPool(
            Target((place,), None, context, name, proxy, protocols, settings.proxy_trust),
            parts.netloc,
            size=settings.pool_size,
            idle=IDLE_LIMIT,
            longest_header=MAX_HEADER_SIZE,
        )

    def _context(self) -> ssl.SSLContext:
        context = self._settings.trust()
        assert context is not None
        return context

    def _proxy_context(self) -> ssl.SSLContext:
        trusted = self._settings.proxy_trust
        context = None if trusted is None else trusted()
        assert context is not None
        return context

    async def close(self) -> None:
        """Closes the connections; what is under way fails."""
        await self._pool.close()

    def usage(self) -> WireUse:
        """What is open, and how much of it is taken."""
        return self._pool.usage()

    def abandon(self) -> None:
        """The same where nothing can be awaited, be it after the event loop has gone."""
        self._pool.abandon()

    async def attempt(
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
        from camunda_fast._answers import Broken

        body: Any = request.body
        if isinstance(body, Multipart):
            body = pieces(body)
        headers = {**self._before, **request.headers, **identity.headers, **(extra or {})}
        largest = self._settings.largest
        try:
            answer = await self._pool.exchange(
                request.method,
                request.url[self._origin :],
                headers,
                body,
                timeout=left,
                most=largest,
                keeps=keep,
            )
            if not keep:
                return HttpResponse(answer.status, answer.headers, answer.content())
            if 200 <= answer.status < 300:
                return _Kept(answer, self._settings.address, left)
            found: list[bytes] = []
            async for piece in answer.chunks(left):
                found.append(piece)
                if largest is not None and sum(map(len, found)) > largest:
                    answer.cancel()
                    break
            return HttpResponse(answer.status, answer.headers, b"".join(found))
        except Broken as error:
            if request.broken is not None:
                return without_frames(request.broken)
            return self._failure(error)
        except BaseException as error:
            return without_frames(error)

    def _failure(self, error: Broken) -> NoAnswer:
        if self._pool.closed and error.kind in ("closed", "lost"):
            return NoAnswer(Failure.LOST, "the client was closed while the call was running", None)
        if self._secured is not None and error.kind == "unconnected" and isinstance(error.cause, OSError):
            error.cause = proxy_failure(error.cause, self._secured)
        return _failure(error, self._settings.address)._replace(spoken=error.spoken)


class _Kept:
    """A success whose body is still to be read."""

    def __init__(self, answer: Answer, address: str, left: float | None) -> None:
        self._answer, self._address, self._left = answer, address, left
        self.status: int = answer.status
        self.headers: Mapping[str, str] = answer.headers

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body. Raises Unanswered."""
        from camunda_fast._answers import Broken

        try:
            async for chunk in self._answer.chunks(self._left):
                yield chunk
        except Broken as error:
            raise Unanswered(_failure(error, self._address)) from None

    async def close(self) -> None:
        """Leaves it."""
        self._answer.cancel()


def _failure(error: Broken, address: str) -> NoAnswer:
    where, cause = f"cannot connect to {address}", error.cause
    if cause is not None:
        without_frames(cause)
    refused = refused_reason(cause, address)
    if refused is not None:
        return NoAnswer(Failure.UNTRUSTED, refused, cause)
    if error.kind == "late":
        return NoAnswer(Failure.TIMED_OUT, "", cause)
    if error.kind == "headers":
        return NoAnswer(Failure.LOST, too_many_headers(address), cause)
    if error.kind == "foreign":
        return NoAnswer(Failure.FOREIGN, foreign(address), cause)
    if error.kind == "refused":
        said = "the server is going away" if cause is None else reason(cause)
        return NoAnswer(Failure.UNREACHABLE, f"{address} did not take the request: {said}", cause)
    if error.kind == "unconnected":
        if cause is None:
            return NoAnswer(Failure.UNREACHABLE, f"{where}: no connection in time", None)
        if isinstance(cause, socket.gaierror):
            return NoAnswer(Failure.UNKNOWN_HOST, f"{where}: unknown host", cause)
        if isinstance(cause, ProxyFailure) and cause.lasting:
            return NoAnswer(Failure.UNTRUSTED, f"{where}: {cause}", cause)
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
            return NoAnswer(Failure.UNTRUSTED, f"{where}: TLS failed: {tls_reason(cause)}", cause)
        return NoAnswer(Failure.UNREACHABLE, f"{where}: {connecting_reason(cause, address)}", cause)
    broke = f"the connection to {address} broke before the answer was complete"
    said = "Server disconnected" if cause is None else reason(cause)
    return NoAnswer(Failure.LOST, f"{broke}: {said}", cause)
