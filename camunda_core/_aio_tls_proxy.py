"""Connections through a proxy that is spoken to in TLS, without blocking."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Callable
from typing import Any

from camunda_core._tls_proxy import Refused, asking, place_of, proxy_failure

__all__ = ["Side", "aio_connected"]

#: Seconds that connecting may take where nothing else is said.
_LONGEST = 60.0
_LONGEST_HEAD = 16 * 1024
#: Bytes that may wait for a slow side before the other one is no longer read.
_WAITING = 256 * 1024
#: Milliseconds that sent bytes may remain unacknowledged before the system gives the connection up.
_UNACKNOWLEDGED = 10_000


async def aio_connected(
    proxy: str, context: Callable[[], ssl.SSLContext | None], host: str, port: int, limit: float | None
) -> socket.socket:
    """A connection to ``host`` that ``proxy`` made, within ``limit`` seconds altogether: an end of a pair
    of sockets, whose other end this event loop carries through TLS. So whatever takes a socket can
    begin TLS of its own on it, which asyncio cannot do inside TLS before Python 3.11.

    Raises OSError: a ProxyFailure that says which proxy, and why.
    """
    try:
        return await asyncio.wait_for(_connected(proxy, context, host, port), limit or _LONGEST)
    except Exception as error:
        failure = proxy_failure(error, proxy)
    raise failure  # out here, so that it carries nothing of the attempt


async def _connected(
    proxy: str, context: Callable[[], ssl.SSLContext | None], host: str, port: int
) -> socket.socket:
    loop = asyncio.get_running_loop()
    place = place_of(proxy)
    far = _Asking(asking(proxy, host, port), loop.create_future())
    await loop.create_connection(lambda: far, *place, ssl=context(), server_hostname=place[0])
    near = theirs = None
    try:
        await far.answered
        near, theirs = socket.socketpair()
        near.setblocking(False)
        theirs.setblocking(False)
        way = Side()
        await loop.create_connection(lambda: way, sock=theirs)
        far.begin(way)
    except BaseException:
        far.transport.abort()
        for each in (near, theirs):
            if each is not None:
                each.close()
        raise
    return near


class Side(asyncio.Protocol):
    """One end of what is carried: all that comes goes to the other one, as fast as that takes it."""

    other: Side | None = None
    transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """It can be written to."""
        self.transport = transport
        transport.set_write_buffer_limits(high=_WAITING)

    def data_received(self, data: bytes) -> None:
        """Something came."""
        if self.other is not None:
            self.other.transport.write(data)

    def connection_lost(self, error: BaseException | None) -> None:
        """It has ended, and so does the other one."""
        if self.other is not None:
            self.other.ended()

    def ended(self) -> None:
        """The other one has ended."""
        self.transport.close()

    def pause_writing(self) -> None:
        """Too much waits here."""
        if self.other is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        """There is room again."""
        if self.other is not None and not self.other.transport.is_closing():
            self.other.transport.resume_reading()


class _Asking(Side):
    """The end at which the proxy is."""

    def __init__(self, request: bytes, answered: asyncio.Future[None]) -> None:
        self._request = request
        self._head = b""
        self.answered = answered

    def connection_made(self, transport: Any) -> None:
        """TLS is there."""
        super().connection_made(transport)
        made = transport.get_extra_info("socket")
        if made is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKNOWLEDGED)
        transport.write(self._request)
        self._request = b""  # it holds the password

    def data_received(self, data: bytes) -> None:
        """The proxy's answer, or what is to be carried."""
        if self.other is not None:
            super().data_received(data)
            return
        self._head += data
        if self.answered.done():
            return
        head, end, _ = self._head.partition(b"\r\n\r\n")
        if end:
            status = head.split(b"\r\n", 1)[0].decode("latin-1")
            if re.fullmatch(r"HTTP/1\.[01] 200( .*)?", status):
                self._head = self._head[len(head) + len(end) :]
                self.answered.set_result(None)
            else:
                self.answered.set_exception(Refused(status))
        elif len(self._head) > _LONGEST_HEAD:
            self.answered.set_exception(Refused("with no end of its headers"))

    def begin(self, other: Side) -> None:
        """From now on what comes is carried; the gateway may have spoken already."""
        self.other, other.other = other, self
        if self._head:
            other.transport.write(self._head)
        if self.transport.is_closing():
            other.transport.close()

    def connection_lost(self, error: BaseException | None) -> None:
        """The proxy has gone."""
        if not self.answered.done():
            self.answered.set_exception(
                error or ConnectionError("it ended the connection before it answered")
            )
        super().connection_lost(error)

    def ended(self) -> None:
        """Whoever used it has closed it, and waits for nothing more: nor do we for TLS's goodbye."""
        self.transport.abort()
