"""HTTP by aiohttp, for the asyncio client."""

from __future__ import annotations

import asyncio
import io
import math
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from camunda_core._aio_tls_proxy import aio_connected as through_tls
from camunda_core._secrecy import Sealed, without_frames
from camunda_core._socks import ProxyFailure, aio_connected, check_socks, is_socks
from camunda_core._tls_proxy import is_tls, proxy_failure
from camunda_core.errors import ConfigurationError, MissingExtra
from camunda_rest._documents import CHUNK, Multipart, pieces
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

try:
    import aiohttp
    from yarl import URL
except ImportError as missing:
    raise MissingExtra(
        "the asyncio REST client needs aiohttp: pip install 'camunda-bridge[aio]'", name=missing.name
    ) from missing

if TYPE_CHECKING:
    from camunda_core._usage import WireUse

__all__ = ["AiohttpTransport", "check"]

#: aiohttp warns of larger bodies given as bytes: it would write them in one go while the event loop waits.
_LARGE = 2**20


def check(settings: Settings) -> None:
    """ConfigurationError for a proxy that needs what is not installed."""
    if settings.proxy is not None and is_socks(settings.proxy):
        check_socks(settings.proxy)
    if _dials(settings) and not hasattr(
        aiohttp.TCPConnector, "_wrap_create_connection"
    ):  # else it would connect without the proxy
        raise ConfigurationError(
            f"proxies of this kind cannot be used with aiohttp {aiohttp.__version__}, which we do not know: "
            "install an older one, or name an http:// proxy"
        )


def _dials(settings: Settings) -> bool:
    """Whether connections are made here. aiohttp knows no SOCKS; and to a proxy that is spoken to in TLS
    it would say who we are, and trust for it whom we trust for the gateway.
    """
    proxy = settings.proxy
    return is_socks(proxy) or (is_tls(proxy) and settings.address.startswith("https:"))


class AiohttpTransport:
    """A ``Transport`` for the running event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._options: dict[str, Any] = {"allow_redirects": False}
        if settings.server_name is not None:
            self._options["server_hostname"] = settings.server_name
        # A name may mean another machine by now; a burst of connections asks once all the same.
        pooled: dict[str, Any] = {
            "limit": settings.pool_size,
            "keepalive_timeout": IDLE_LIMIT,
            "ttl_dns_cache": 1,
        }
        #: Whom the connections that aiohttp makes have to convince.
        self._trust: Callable[[], ssl.SSLContext | None] = settings.trust
        #: The proxy whose TLS is all that there is.
        self._secured: str | None = None
        if settings.proxy is not None and _dials(settings):
            connector: _Connector = _DialingConnector(settings, **pooled)
        else:
            connector = _Connector(**pooled)
            if settings.proxy is not None:
                self._options["proxy"] = settings.proxy
                if is_tls(settings.proxy) and settings.proxy_trust is not None:
                    self._secured, self._trust = settings.proxy, settings.proxy_trust
        self._session = session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"user-agent": settings.user_agent, "accept-encoding": "identity"},
            auto_decompress=False,
            max_line_size=MAX_HEADER_SIZE,
            max_field_size=MAX_HEADER_SIZE,
        )
        if hasattr(session, "_retry_connection"):
            # aiohttp repeats PUT and GET by itself when a connection breaks; what may be
            # repeated is decided above.
            session._retry_connection = False

    async def close(self) -> None:
        """Closes the connections; what is under way fails."""
        await self._session.close()

    def usage(self) -> WireUse:
        """What is open, and how much of it is taken, as far as this version of aiohttp lets it be seen."""
        from camunda_core._usage import WireUse

        connector = self._session.connector
        taken, kept = getattr(connector, "_acquired", None), getattr(connector, "_conns", None)
        queues = getattr(connector, "_waiters", None)
        if taken is None or kept is None or queues is None:
            return WireUse(wire="REST", engine="default", limit=1, unknown=f"aiohttp {aiohttp.__version__}")
        return WireUse(
            wire="REST",
            engine="default",
            connections=len(taken) + sum(map(len, kept.values())),
            running=len(taken),
            waiting=sum(map(len, queues.values())),
            limit=1,
        )

    def abandon(self) -> None:
        """The same where nothing can be awaited, be it after the event loop has gone."""
        connector = self._session.connector
        self._session.detach()
        # aiohttp has this under two names, neither of them public: ``close()`` must be awaited.
        close = getattr(connector, "_close_immediately", None) or getattr(connector, "_close", None)
        if close is not None:
            close()

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
        session, address = self._session, self._settings.address
        body: Any = request.body
        if isinstance(body, Multipart):
            body = pieces(body)
        elif body is not None and len(body) > _LARGE:
            body = io.BytesIO(body)
        connecting = self._settings.connect_limit
        limits = aiohttp.ClientTimeout(
            total=left, sock_connect=connecting, ceil_threshold=math.inf
        )  # no rounding up
        if keep:
            limits = aiohttp.ClientTimeout(
                total=None, sock_connect=_least(left, connecting), sock_read=left, ceil_threshold=math.inf
            )
        progress = _Progress()
        _progress.set(progress)
        try:
            response = await session.request(
                request.method,
                URL(request.url, encoded=True),
                data=body,
                headers={**request.headers, **identity.headers, **(extra or {})},
                timeout=limits,
                ssl=self._trust() or True,
                **self._options,
            )
            if keep and 200 <= response.status < 300:
                return _Kept(response, address)
            async with response:
                content = await _read(response, self._settings.largest)
                return HttpResponse(response.status, response.headers, content)
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            if request.broken is not None:  # aiohttp wraps it up as a broken connection
                return without_frames(request.broken)
            found = self._of_proxy(error) or _failure(error, address, progress.connected)
            return NoAnswer(*found, _cause(error))
        except RuntimeError as error:
            if not session.closed:
                return without_frames(error)
            said = "the client was closed while the call was running"
            return NoAnswer(Failure.LOST, said, without_frames(error))
        except BaseException as error:
            return without_frames(error)

    def _of_proxy(self, error: Exception) -> tuple[Failure, str] | None:
        """What is said where a proxy that is spoken to in TLS was not reached."""
        secured, cause = self._secured, getattr(error, "os_error", None)
        if secured is None or not isinstance(error, aiohttp.ClientConnectorError):
            return None
        cause = getattr(error, "certificate_error", None) or cause or error
        failure = proxy_failure(cause, secured)
        return _proxied(failure, f"cannot connect to {self._settings.address}")


def _proxied(failure: ProxyFailure, where: str) -> tuple[Failure, str]:
    return Failure.UNTRUSTED if failure.lasting else Failure.UNREACHABLE, f"{where}: {failure}"


def _least(one: float | None, other: float | None) -> float | None:
    return min(one, other) if one is not None and other is not None else one or other


class _Kept:
    """A success whose body is still to be read."""

    def __init__(self, response: aiohttp.ClientResponse, address: str) -> None:
        self._response, self._address = response, address
        self.status: int = response.status
        self.headers: Mapping[str, str] = response.headers

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body. Raises Unanswered."""
        try:
            async for chunk in self._response.content.iter_chunked(CHUNK):
                yield chunk
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise Unanswered(NoAnswer(*_failure(error, self._address, True), _cause(error))) from None

    async def close(self) -> None:
        """Leaves it."""
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()


async def _read(response: aiohttp.ClientResponse, limit: int | None) -> bytes:
    """The body; of one that is larger than the limit a bit more than that, and the connection is closed."""
    pieces: list[bytes] = []
    size = 0
    while piece := await response.content.readany():
        pieces.append(piece)
        size += len(piece)
        if limit is not None and size > limit:
            response.close()
            break
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _cause(error: Exception) -> Exception | None:
    """The error as it may be shown: without frames, and None for one that carries the request's headers."""
    if isinstance(error, aiohttp.ClientResponseError):
        return None
    return without_frames(error)


class _Progress:
    """Whether an attempt has got its connection: without one, certainly nothing was sent."""

    connected = False


_progress: ContextVar[_Progress] = ContextVar("_progress")


class _Connector(aiohttp.TCPConnector):
    """aiohttp raises the same TimeoutError while connecting and while waiting for the answer;
    this tells them apart.
    """

    async def connect(
        self, req: aiohttp.ClientRequest, traces: list[Any], timeout: aiohttp.ClientTimeout
    ) -> aiohttp.connector.Connection:
        connection = await super().connect(req, traces, timeout)
        _progress.get().connected = True
        return connection


class _Nowhere(aiohttp.abc.AbstractResolver):
    """Looks no name up: that is the proxy's to do, or left to what connects to the proxy."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[Any]:
        # A name that is nobody's, so that nothing ever connects to it past the proxy.
        found = {"host": "socks.invalid", "family": socket.AF_INET, "proto": 0, "flags": 0}
        return [{"hostname": host, "port": port, **found}]

    async def close(self) -> None:
        """Nothing is open."""


class _DialingConnector(_Connector):
    """Connections that a proxy makes. aiohttp leaves no public place to say so."""

    def __init__(self, settings: Settings, **pooled: Any) -> None:
        super().__init__(resolver=_Nowhere(), **pooled)
        self._through, self._proxy_trust = settings.proxy or "", settings.proxy_trust

    async def _socket(self, host: str, port: int, limit: float | None) -> socket.socket:
        if self._proxy_trust is None:
            return await aio_connected(self._through, host, port, limit)
        return await through_tls(self._through, self._proxy_trust, host, port, limit)

    async def _wrap_create_connection(  # type: ignore[override]  # older ones give other names
        self,
        *args: Any,
        req: aiohttp.ClientRequest,
        timeout: aiohttp.ClientTimeout,
        client_error: type[aiohttp.ClientConnectorError] = aiohttp.ClientConnectorError,
        **options: Any,
    ) -> Any:
        url, secured = req.url, options.get("ssl")
        try:
            made = await self._socket(url.raw_host or "", url.port or 80, timeout.sock_connect)
            try:
                return await self._loop.create_connection(
                    args[0],
                    sock=made,
                    ssl=secured,
                    server_hostname=(options.get("server_hostname") or url.raw_host) if secured else None,
                )
            except BaseException:
                made.close()
                raise
        except ssl.CertificateError as error:
            raise aiohttp.ClientConnectorCertificateError(req.connection_key, error) from error
        except ssl.SSLError as error:
            raise aiohttp.ClientConnectorSSLError(req.connection_key, error) from error
        except OSError as error:
            if error.errno is None and isinstance(error, asyncio.TimeoutError):
                raise
            raise client_error(req.connection_key, error) from error


def _failure(error: Exception, address: str, connected: bool) -> tuple[Failure, str]:
    where = f"cannot connect to {address}"
    if isinstance(error, (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError)):
        cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", error)
        return Failure.UNTRUSTED, f"{where}: TLS failed: {tls_reason(cause)}"
    if isinstance(error, aiohttp.ClientConnectorError):
        if isinstance(error.os_error, socket.gaierror):
            return Failure.UNKNOWN_HOST, f"{where}: unknown host"
        if isinstance(error.os_error, ProxyFailure):
            return _proxied(error.os_error, where)
        return Failure.UNREACHABLE, f"{where}: {connecting_reason(error.os_error, address)}"
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return Failure.UNREACHABLE, f"{where}: the proxy answered {error.status} {error.message}"
    if isinstance(error, asyncio.TimeoutError):
        return (
            (Failure.TIMED_OUT, "") if connected else (Failure.UNREACHABLE, f"{where}: no connection in time")
        )
    if isinstance(error, aiohttp.ClientResponseError):
        if "Got more than" in error.message or "Too many headers" in error.message:
            return Failure.LOST, too_many_headers(address)
        return Failure.FOREIGN, foreign(address)
    refused = refused_reason(error, address)
    if refused is not None:
        return Failure.UNTRUSTED, refused
    cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
    if not connected:
        return Failure.UNREACHABLE, f"{where}: {reason(cause)}"
    return Failure.LOST, f"the connection to {address} broke before the answer was complete: {reason(cause)}"
