"""A tiny HTTP server that says how the worker is: for the probes of Kubernetes, and for people with curl.

    GET /live    200 while restarting the program would not help
    GET /ready   200 while jobs are taken and the gateway answers
    GET /        200 while both hold

Anything else of these is 503; the body is always the health as JSON. It answers from the
worker's own event loop, which is the point: a loop that a handler blocks answers nothing, and a
liveness probe finds that out.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlsplit

from camunda_core._arguments import shown
from camunda_core.errors import ConfigurationError
from camunda_worker._health import Health

__all__ = ["Probe"]

log = logging.getLogger("camunda_worker")

#: Limits of a request: bytes of its head, seconds until it is answered and gone, connections at once.
MAX_HEAD = 8192
MAX_SECONDS = 5.0
MAX_CONNECTIONS = 64

_PATHS: dict[str, Callable[[Health], bool]] = {
    "/live": lambda health: health.live,
    "/ready": lambda health: health.ready,
    "/": lambda health: health.live and health.ready,
}
_END_OF_HEAD = b"\r\n\r\n"


class Probe:
    """Answers from ``health`` at ``address``: "host:port", port 0 is a free one. Loopback unless
    another host is named.

    Raises ConfigurationError for what is no address.
    """

    def __init__(self, health: Callable[[], Health], address: str = "127.0.0.1:0") -> None:
        self._health = health
        self._host, self._port = _host_and_port(address)
        self._address = address
        self._server: asyncio.Server | None = None
        self._connections: dict[_Connection, None] = {}  # the oldest first
        self._complained = False

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._connections)

    async def start(self) -> str:
        """Listens, and gives the address that is bound, "host:port".

        Raises ConfigurationError when that cannot be (the port is taken, the host is not this machine's).
        """
        if self._server is None:
            loop = asyncio.get_running_loop()
            try:
                self._server = await loop.create_server(lambda: _Connection(self), self._host, self._port)
            except OSError as error:
                raise ConfigurationError(
                    f"probe: cannot listen on {self._address!r}: {error.strerror or error}; "
                    "name a free port (0 finds one) on an address of this machine"
                ) from error
            log.info("the probe is at http://%s", self._bound())
        return self._bound()

    def _bound(self) -> str:
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    async def close(self) -> None:
        """Stops listening and cuts what is open; harmless when repeated."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            for connection in list(self._connections):
                connection.abort()
            await server.wait_closed()
            # Before 3.12 that does not wait for the sockets, which close in the loop's next round.
            await asyncio.sleep(0)

    def opened(self, connection: _Connection) -> bool:
        """Whether the connection may stay. Where there are many, it takes the place of the one that
        has been open for longest.

        That one has had time to ask, and a newcomer has not: idle connections must not keep the kubelet out.
        """
        if self._server is None:
            return False
        if len(self._connections) >= MAX_CONNECTIONS:
            oldest = next(iter(self._connections))
            del self._connections[oldest]
            oldest.abort()
        self._connections[connection] = None
        return True

    def closed(self, connection: _Connection) -> None:
        """One less."""
        self._connections.pop(connection, None)

    def answer(self, head: bytes) -> bytes:
        """The whole answer to a request's head, as bytes of HTTP/1.1."""
        try:
            method, target = _request_line(head)
        except ValueError as error:
            return _answer(HTTPStatus.BAD_REQUEST, {"error": str(error)})
        body = method != "HEAD"
        good = _PATHS.get(target)
        if good is None:
            known = ", ".join(_PATHS)
            return _answer(
                HTTPStatus.NOT_FOUND, {"error": f"nothing is at {target}; there are {known}"}, body=body
            )
        if method not in ("GET", "HEAD"):
            return _answer(
                HTTPStatus.METHOD_NOT_ALLOWED, {"error": "GET and HEAD are answered"}, "Allow: GET, HEAD\r\n"
            )
        try:
            health = self._health()
            content, well = health.as_dict(), good(health)
        except Exception as error:
            if not self._complained:
                self._complained = True
                log.exception("the probe cannot tell how the worker is")
            content, well = {"error": f"{type(error).__name__}: {error}"}, False
        return _answer(HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE, content, body=body)


class _Connection(asyncio.Protocol):
    """One request and its answer; nothing is kept alive, since a probe comes every few seconds."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._head = bytearray()
        self._answered = False
        self._transport: asyncio.Transport | None = None
        self._clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if not self._probe.opened(self):
            self._transport.abort()
            return
        # It also ends a client that does not read its answer.
        self._clock = asyncio.get_running_loop().call_later(MAX_SECONDS, self.abort)

    def data_received(self, data: bytes) -> None:
        if self._answered:
            return  # a body, or a second request: nobody reads it
        self._head += data  # at most what the transport reads at once above the limit
        if self._head.find(_END_OF_HEAD, 0, MAX_HEAD) >= 0:
            self._send(self._probe.answer(bytes(self._head)))
        elif len(self._head) > MAX_HEAD:
            error = {"error": f"the request's head is longer than {MAX_HEAD} bytes"}
            self._send(_answer(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, error))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._clock is not None:
            self._clock.cancel()
        self._probe.closed(self)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _send(self, answer: bytes) -> None:
        self._answered = True
        self._head.clear()
        if self._transport is not None:
            self._transport.write(answer)
            self._transport.close()


def _request_line(head: bytes) -> tuple[str, str]:
    parts = head.partition(b"\r\n")[0].decode("ascii", "replace").split(" ")
    if len(parts) != 3 or not parts[0].isalpha() or not parts[2].startswith("HTTP/1."):
        raise ValueError("this is not HTTP/1.1")
    method, target, _ = parts
    return method, target.partition("?")[0]


def _answer(status: HTTPStatus, content: dict[str, Any], more: str = "", *, body: bool = True) -> bytes:
    text = json.dumps(content, default=str).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(text)}\r\n"
        "Cache-Control: no-store\r\n"
        f"{more}"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + (text if body else b"")


def _host_and_port(address: str) -> tuple[str, int]:
    if not isinstance(address, str):
        raise ConfigurationError(f'probe must be text such as "127.0.0.1:8099", not {shown(address)}')
    try:
        parts = urlsplit(f"//{address}")
        host, port = parts.hostname, parts.port
        plain = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    except ValueError:
        host, port, plain = None, None, False
    if not host or port is None or not plain or any(character.isspace() for character in address):
        raise ConfigurationError(
            f'probe: {shown(address)} is no address; write "127.0.0.1:8099", "0.0.0.0:8099" or "[::]:8099" '
            "(port 0 finds a free one)"
        )
    return host, port
