"""Connections to a gateway: names and addresses, proxies, TLS, and what is said when there is none."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from camunda_core._aio_tls_proxy import aio_connected as through_tls
from camunda_core._socks import aio_connected, is_socks
from camunda_core._tls_proxy import asking, is_tls, place_of

__all__ = ["NoConnection", "Target", "agreed_on", "connect", "peer_of"]

#: Milliseconds that sent bytes may remain unacknowledged before the system gives the connection up.
_UNACKNOWLEDGED = 10_000
_CONNECT_LIMIT = 16 * 1024


class NoConnection(Exception):
    """No connection could be made. Its text says why, as gRPC's core would; ``cause`` is what was
    raised, None where the time was over.
    """

    def __init__(self, text: str, cause: BaseException | None = None) -> None:
        super().__init__(text)
        self.cause = cause


@dataclass(frozen=True)
class Target:
    """Where to, and how.

    ``places``   addresses or names with ports, tried in turn; a path for a unix socket
    ``context``  makes the context of TLS; None for plaintext
    ``protocols`` what ALPN may agree on, the best first; none for anything
    ``proxy_context`` makes the context of TLS to a proxy that is spoken to in it
    """

    places: tuple[tuple[str, int], ...]
    path: str | None = None
    context: Callable[[], ssl.SSLContext] | None = None
    server_name: str | None = None
    proxy: str | None = None
    protocols: tuple[str, ...] = ()
    proxy_context: Callable[[], ssl.SSLContext | None] | None = None


def peer_of(place: Any) -> str:
    """An address as gRPC writes it."""
    if isinstance(place, str):
        return f"unix:{place}"
    host, port = place[:2]
    return f"ipv6:[{host}]:{port}" if ":" in host else f"ipv4:{host}:{port}"


def agreed_on(transport: Any) -> str | None:
    """What ALPN has agreed on; None without TLS, and with a server that knows no ALPN."""
    secured = transport.get_extra_info("ssl_object")
    return None if secured is None else secured.selected_alpn_protocol()


async def connect(target: Target, protocol: Callable[[], Any], limit: float) -> Any:
    """The first connection that can be made, within ``limit`` seconds: ``protocol()`` on it.

    Raises NoConnection.
    """
    why = ""
    cause: BaseException | None = None
    for place in await _resolved(target):
        try:
            return await asyncio.wait_for(_connected(target, place, protocol), limit)
        except (asyncio.TimeoutError, TimeoutError):
            why = (
                f"UNAVAILABLE: {peer_of(place)}: connection attempt timed out before receiving SETTINGS frame"
            )
            cause = None
        except (OSError, ValueError) as error:
            kind = "UNKNOWN" if isinstance(error, ConnectionRefusedError) else "UNAVAILABLE"
            why = f"{kind}: {peer_of(place)}: {_reason(error)}"
            cause = error
    raise NoConnection(f"failed to connect to all addresses; last error: {why}", cause)


async def _resolved(target: Target) -> list[Any]:
    if target.path is not None:
        return [target.path]
    if target.proxy is not None:  # which looks names up itself
        return list(target.places)
    loop = asyncio.get_running_loop()
    found: dict[Any, None] = {}
    for host, port in target.places:
        try:
            infos = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NoConnection(f"DNS resolution failed for {host}:{port}: {error}", error) from None
        found.update(dict.fromkeys(info[4] for info in infos))
    return list(found)


async def _connected(target: Target, place: Any, protocol: Callable[[], Any]) -> Any:
    loop = asyncio.get_running_loop()
    made = await _socket(target, place)
    try:
        options: dict[str, Any] = {}
        if target.context is not None:
            context = target.context()
            if target.protocols:
                context.set_alpn_protocols(list(target.protocols))
            options = {"ssl": context, "server_hostname": target.server_name or str(place[0])}
        transport, _ = await loop.create_connection(protocol, sock=made, **options)
    except BaseException:
        made.close()
        raise
    connection: Any = transport.get_protocol()  # which may be another by now, as ALPN has it
    try:
        await connection.ready
    except BaseException:
        transport.abort()
        raise
    return connection


async def _socket(target: Target, place: Any) -> socket.socket:
    loop, proxy = asyncio.get_running_loop(), target.proxy
    if not isinstance(place, str):
        host, port = place[:2]
        # Their limit is that of connecting as a whole, which cuts this short.
        if proxy is not None and is_socks(proxy):
            return _impatient(await aio_connected(proxy, host, port, None))
        if proxy is not None and is_tls(proxy):
            assert target.proxy_context is not None
            return await through_tls(proxy, target.proxy_context, host, port, None)
        address = place
        if proxy is not None:
            address = (await loop.getaddrinfo(*place_of(proxy), type=socket.SOCK_STREAM))[0][4]
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        made = _impatient(socket.socket(family, socket.SOCK_STREAM))
    else:
        address = "\0" + place[1:] if place.startswith("@") else place
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.setblocking(False)
        await loop.sock_connect(made, address)
        if proxy is not None and not isinstance(place, str):
            await _tunnel(made, proxy, place)
    except BaseException:
        made.close()
        raise
    return made


def _impatient(made: socket.socket) -> socket.socket:
    # asyncio does so too, but not for sockets that were made without naming their protocol.
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKNOWLEDGED)
    return made


async def _tunnel(made: socket.socket, proxy: str, place: tuple[str, int]) -> None:
    """Asks a proxy for the way to ``place``."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(made, asking(proxy, *place))
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        # One byte at a time: what follows belongs to the gateway.
        more = await loop.sock_recv(made, 1)
        answer += more
        if not more or len(answer) > _CONNECT_LIMIT:
            raise ConnectionError("the proxy ended the connection before it answered")
    status = answer.split(b"\r\n", 1)[0].decode("latin-1")
    if status.split(" ")[1:2] != ["200"]:
        raise ConnectionError(f"the proxy answered {status}")


def _reason(error: BaseException) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "Failed to connect to remote host: connect: Connection refused (111)"
    if isinstance(error, ssl.SSLEOFError) or (
        isinstance(error, ConnectionResetError) and error.errno is None
    ):
        return "Socket closed"
    if isinstance(error, ssl.SSLError):
        return f"TLS handshake failed: {(getattr(error, 'verify_message', '') and error) or error.reason or error}"
    if isinstance(error, OSError) and error.strerror:
        return f"Failed to connect to remote host: {error.strerror}"
    return str(error)
