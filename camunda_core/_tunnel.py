"""Proxies for what knows plain HTTP proxies alone, as gRPC's core does: one of those, in this process,
that goes on through a SOCKS proxy, or through one that is spoken to in TLS.

It listens on loopback, where other programs of the machine could find it. So it wants a password
that is made for it, is sent by this process alone and never shown: to others it is of no use. What
is carried is what would be sent to any proxy, so TLS stays between the caller and the gateway.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import os
import secrets
import socket
import threading
import weakref
from base64 import b64encode
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from camunda_core._aio_tls_proxy import Side
from camunda_core._aio_tls_proxy import aio_connected as through_tls
from camunda_core._socks import ProxyFailure, check_socks, is_socks
from camunda_core._socks import aio_connected as through_socks
from camunda_core._tls_proxy import is_tls, proxy_trust
from camunda_core.errors import ConfigurationError

if TYPE_CHECKING:
    from camunda_core.tls import Pem, Tls

__all__ = ["Tunnel"]

#: Seconds that one attempt may take: less than gRPC waits for it, which hears why it failed.
_CONNECTING = 4.5
#: Seconds in which what is aborted comes to its end.
_CLOSING = 0.05
_LONGEST_HEAD = 16 * 1024

#: What tells tunnels apart: the process, the proxy, and whom to trust as that.
_Key: TypeAlias = "tuple[int, str, Pem | None, str | None]"


class Tunnel:
    """A plain HTTP proxy that leads to another one, for as long as somebody holds this object.

    ``url``  where it is, with its password
    """

    _kept: ClassVar[weakref.WeakValueDictionary[_Key, Tunnel]] = weakref.WeakValueDictionary()
    _keeping = threading.Lock()

    @classmethod
    def through(cls, proxy: str, tls: Tls | None = None) -> Tunnel:
        """The tunnel of this process through ``proxy``; the authorities of ``tls`` are trusted besides the
        system's where that is spoken to in TLS. Raises ConfigurationError.
        """
        if is_socks(proxy):
            check_socks(proxy)
            tls = None
        key = (
            os.getpid(),
            proxy,
            None if tls is None else tls.ca,
            None if tls is None else tls.minimum_version,
        )
        with cls._keeping:
            found = cls._kept.get(key)
            if found is None:
                found = cls._kept[key] = cls(proxy, tls)
            return found

    def __init__(self, proxy: str, tls: Tls | None = None) -> None:
        self._running = running = _Running(proxy, tls)
        try:
            port = running.start()
        except OSError as error:
            raise ConfigurationError(
                f"proxy: this kind is reached by way of a port on loopback, which cannot be had: {error}"
            ) from None
        self.url = f"http://{running.name}:{running.password}@127.0.0.1:{port}"
        weakref.finalize(self, running.stop)

    @property
    def lasting(self) -> bool:
        """Whether the last connection was not made for a reason that stays."""
        return self._running.lasting

    def __repr__(self) -> str:
        return "<Tunnel>"

    def reason(self, peer: str, limit: float) -> str | None:
        """Why the last connection was not made; None where it was. What channels ask about a ``peer``
        that does not let them through; it is known, so nothing is waited for.
        """
        return self._running.failure


class _Running:
    """The thread of a tunnel. It does not know the Tunnel, so that nothing but its holders keeps that."""

    def __init__(self, proxy: str, tls: Tls | None) -> None:
        self._proxy = proxy
        self._trust = proxy_trust(tls) if is_tls(proxy) else None
        self.name, self.password = secrets.token_hex(4), secrets.token_hex(24)
        self._expected = b64encode(f"{self.name}:{self.password}".encode())
        self.failure: str | None = None
        self.lasting = False
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._entrances: set[_Entrance] = set()

    def start(self) -> int:
        """The port on which it listens. Raises OSError."""
        try:
            listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        except OSError:
            self._loop.close()
            raise
        listening.setblocking(False)
        threading.Thread(
            target=self._run, args=(listening,), name="camunda-bridge-tunnel", daemon=True
        ).start()
        return int(listening.getsockname()[1])

    def _run(self, listening: socket.socket) -> None:
        try:
            self._loop.run_until_complete(self._serve(listening))
        finally:
            self._loop.close()

    async def _serve(self, listening: socket.socket) -> None:
        server = await self._loop.create_server(lambda: _Entrance(self), sock=listening)
        await self._over.wait()
        server.close()
        for each in tuple(self._entrances):
            each.abort()
        await asyncio.sleep(_CLOSING)

    def stop(self) -> None:
        """Ends it and what it carries."""
        with contextlib.suppress(RuntimeError):  # it has gone already, with the process
            self._loop.call_soon_threadsafe(self._over.set)

    def came(self, entrance: _Entrance) -> None:
        """A connection begins."""
        self._entrances.add(entrance)

    def went(self, entrance: _Entrance) -> None:
        """A connection has ended."""
        self._entrances.discard(entrance)

    def knows(self, head: bytes) -> bool:
        """Whether it is this process that asks."""
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"proxy-authorization":
                kind, _, said = value.strip().partition(b" ")
                return kind.lower() == b"basic" and hmac.compare_digest(said.strip(), self._expected)
        return False

    async def connected(self, target: bytes, way: asyncio.Protocol) -> None:
        """Connects ``way`` to the ``host:port`` that is asked for. Raises OSError."""
        host, _, port = target.decode("ascii", "replace").rpartition(":")
        try:
            place = host.strip("[]"), int(port)
            if self._trust is None:
                made = await through_socks(self._proxy, *place, _CONNECTING)
            else:
                made = await through_tls(self._proxy, self._trust, *place, _CONNECTING)
            await self._loop.create_connection(lambda: way, sock=made)
        except (OSError, ValueError) as error:
            self.failure = str(error)
            self.lasting = isinstance(error, ProxyFailure) and error.lasting
            raise ConnectionError(str(error)) from None
        self.failure, self.lasting = None, False


class _Entrance(Side):
    """The end at which gRPC is."""

    def __init__(self, running: _Running) -> None:
        self._running = running
        self._head = b""
        self._connecting: asyncio.Task[None] | None = None

    def connection_made(self, transport: Any) -> None:
        """Somebody is there."""
        super().connection_made(transport)
        self._running.came(self)

    def data_received(self, data: bytes) -> None:
        """A request, or what is to be carried."""
        if self.other is not None:
            super().data_received(data)
            return
        self._head += data
        if self._connecting is not None or len(self._head) > _LONGEST_HEAD:
            self.transport.abort()  # nobody who waits for an answer writes more
        elif b"\r\n\r\n" in self._head:
            method, _, rest = self._head.partition(b" ")
            if method != b"CONNECT" or not self._running.knows(self._head):
                self._refuse("407 Proxy Authentication Required")
                return
            target = rest.partition(b" ")[0]
            self._connecting = asyncio.get_running_loop().create_task(self._connect(target))

    async def _connect(self, target: bytes) -> None:
        way = Side()
        try:
            await self._running.connected(target, way)
        except OSError as error:
            self._refuse(f"502 {error}")
            return
        if self.transport.is_closing():
            way.transport.abort()
            return
        self.transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
        self.other, way.other = way, self

    def _refuse(self, status: str) -> None:
        line = " ".join(status.split()).encode("latin-1", "replace")
        self.transport.write(b"HTTP/1.1 " + line + b"\r\nContent-Length: 0\r\n\r\n")
        self.transport.close()

    def connection_lost(self, error: BaseException | None) -> None:
        """gRPC has gone."""
        self._running.went(self)
        if self._connecting is not None:
            self._connecting.cancel()
        super().connection_lost(error)

    def abort(self) -> None:
        """Ends both sides at once."""
        for side in (self, self.other):
            if side is not None and side.transport is not None:
                side.transport.abort()
