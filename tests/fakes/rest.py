"""A scripted HTTP/1.1 server on raw sockets: each request is met by the next step of a script, well or badly.
Where TLS agrees on HTTP/2 it speaks that, and plays the same steps (``tests.fakes.rest_http2``).

    with RestServer() as server:
        server.script(answer(503), reset_after_request(), answer(200, b"{}"))

When the script is used up, the last step of ``server.script`` is repeated, so that a client that tries too
often is seen in ``server.requests`` instead of hanging.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs

from tests.fakes.ports import free_port

#: No connection, read or stall lasts longer than this, whatever the client does.
LONGEST = 20.0


@dataclass(frozen=True)
class Request:
    """One request as it arrived; ``connection`` counts connections from 1."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int
    pairs: tuple[tuple[str, str], ...] = ()
    http2: bool = False

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        """The body as a form; the first value of each name."""
        fields = parse_qs(self.body.decode(), keep_blank_values=True)
        return {name: values[0] for name, values in fields.items()}


class Exchange:
    """What a step works with: the socket, the request that was read, and the server's stop signal."""

    def __init__(self, sock: socket.socket, request: Request, stopped: threading.Event) -> None:
        self.sock = sock
        self.request = request
        self.stopped = stopped


#: Answers one request; True keeps the connection open for the next.
Step = Callable[[Exchange], bool]


def answer(
    status: int = 200,
    body: Any = b"",
    *,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
    close: bool = False,
    length: int | None = None,
    chunked: bool = False,
) -> Step:
    """A whole answer; a body that is not bytes becomes JSON.

    ``length`` claims another Content-Length, and then the connection is closed after the body.
    """
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def step(exchange: Exchange) -> bool:
        exchange.sock.sendall(
            _head(status, content, content_type, headers, close, length, chunked) + _framed(content, chunked)
        )
        return not close and length is None

    return step


def problem(status: int, title: str, detail: str = "", *, instance: str = "/v2/x", **more: Any) -> Step:
    """A problem document, as the gateway's controllers send it."""
    document = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": instance,
    }
    return answer(status, document, content_type="application/problem+json", **more)


def dribble(body: bytes, pause: float, *, head: bool = False) -> Step:
    """An answer whose body (or, with ``head``, all of it) comes byte by byte, with ``pause`` seconds
    between.
    """

    def step(exchange: Exchange) -> bool:
        start = _head(200, body, "application/json", None, False, None, False)
        slow = start + body if head else body
        if not head:
            exchange.sock.sendall(start)
        until = time.monotonic() + LONGEST
        for i in range(len(slow)):
            if exchange.stopped.wait(pause) or time.monotonic() > until:
                return False
            exchange.sock.sendall(slow[i : i + 1])
        return True

    return step


def raw(content: bytes) -> Step:
    """Bytes that need not be HTTP, then the end of the connection."""

    def step(exchange: Exchange) -> bool:
        exchange.sock.sendall(content)
        return False

    return step


def close_without_answer() -> Step:
    """The request is read and the connection closed."""
    return raw(b"")


def reset_after_request() -> Step:
    """The request is read and the connection reset."""

    def step(exchange: Exchange) -> bool:
        _reset(exchange.sock)
        return False

    return step


def stall() -> Step:
    """The request is read and nothing is answered until the client leaves or the server stops."""

    def step(exchange: Exchange) -> bool:
        exchange.sock.settimeout(0.05)
        until = time.monotonic() + LONGEST
        while not exchange.stopped.is_set() and time.monotonic() < until:
            try:
                if not exchange.sock.recv(1):
                    break
            except TimeoutError:
                continue
        return False

    return step


class RestServer:
    """Listens on a free port of 127.0.0.1. Not on entry but when made, so that the address is known at once.

    ``tls``            serve HTTPS with this context
    ``reset_accepted``  how many connections are reset before a request is read
    ``per_connection``  requests after which a connection is closed, announced by ``Connection: close``
    ``early``          answer as soon as the head of the request is there, without reading the body
    ``port``, ``host``  others than a free one of 127.0.0.1
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        reset_accepted: int = 0,
        per_connection: int | None = None,
        early: bool = False,
        port: int = 0,
        host: str = "127.0.0.1",
    ) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.closed = threading.Semaphore(0)
        self._tls = tls
        self._reset_accepted = reset_accepted
        self._per_connection = per_connection
        self._early = early
        self._steps: Iterator[Step] = iter(())
        self._last: Step = answer(200, {})
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server((host, port or free_port(host)), backlog=256)
        self._listener.settimeout(0.05)
        self.host = host
        self.port = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name="rest-server")
        self._accepting.start()

    @property
    def address(self) -> str:
        """The base address a client is given."""
        return f"{'https' if self._tls else 'http'}://{self.host}:{self.port}"

    def script(self, *steps: Step) -> None:
        """The steps for the next requests, whichever connection they come on; the last one is repeated."""
        with self._lock:
            self._steps = iter(steps)
            self._last = steps[-1]
            self.requests.clear()

    def stop(self) -> None:
        """Ends every connection and thread; harmless when repeated."""
        self._stopped.set()
        self._accepting.join(LONGEST)
        self._listener.close()
        with self._lock:
            remaining = list(self._open)
        for sock in remaining:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for thread in self._threads:
            thread.join(LONGEST)

    def __enter__(self) -> RestServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                sock, _ = self._listener.accept()
            except TimeoutError:
                continue
            with self._lock:
                self.connections += 1
                number = self.connections
                self._open.add(sock)
            thread = threading.Thread(target=self._serve, args=(sock, number), name=f"rest-server-{number}")
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        accepted = sock
        try:
            if number <= self._reset_accepted:
                _reset(sock)
                return
            sock.settimeout(LONGEST)
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True)
                with self._lock:
                    self._open.add(sock)
            self._converse(sock, number)
        except (OSError, ValueError):
            pass  # the client went away, refused our certificate or sent what is no request
        finally:
            with self._lock:
                self._open -= {sock, accepted}
            sock.close()
            accepted.close()
            self.closed.release()

    def _converse(self, sock: socket.socket, number: int) -> None:
        if isinstance(sock, ssl.SSLSocket) and sock.selected_alpn_protocol() == "h2":
            self._converse_in_streams(sock, number)
            return
        for served, request in enumerate(_requests(sock, number, self._early), start=1):
            with self._lock:
                self.requests.append(request)
                step = next(self._steps, self._last)
            if served == self._per_connection:
                step = _closing(step)
            if not step(Exchange(sock, request, self._stopped)):
                return

    def _converse_in_streams(self, sock: ssl.SSLSocket, number: int) -> None:
        from tests.fakes.rest_http2 import speak

        served = 0

        def serve(asked: Any, body: bytes, stream: Any) -> bool:
            nonlocal served
            pairs = tuple((name, value.decode("latin-1")) for name, value in asked.headers.items())
            pairs = (("host", asked.authority), *pairs)
            request = Request(asked.method, asked.path, dict(pairs), body, number, pairs, True)
            with self._lock:
                self.requests.append(request)
                step = next(self._steps, self._last)
                served += 1
                if served == self._per_connection:
                    step = _closing(step)
            return step(Exchange(stream, request, self._stopped))

        speak(sock, serve, early=self._early, limit=LONGEST)


def _closing(step: Step) -> Step:
    """The same answer with ``Connection: close`` added to its head."""

    class Announcing:
        def __init__(self, sock: socket.socket) -> None:
            self._sock = sock

        def sendall(self, data: bytes) -> None:
            self._sock.sendall(data.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))

    def closing(exchange: Exchange) -> bool:
        exchange.sock = Announcing(exchange.sock)  # type: ignore[assignment]
        step(exchange)
        return False

    return closing


def _requests(sock: socket.socket, number: int, early: bool) -> Iterator[Request]:
    """The requests that arrive on a connection, one after another, until it ends."""
    pending = b""
    while True:
        while b"\r\n\r\n" not in pending:
            more = sock.recv(65536)
            if not more:
                return
            pending += more
            if not pending[:1].isalpha():  # a TLS greeting, for instance
                sock.sendall(_head(400, b"", "", None, True, None, False))
                return
        head, _, pending = pending.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, version = first.split(" ")
        if not version.startswith("HTTP/1."):  # HTTP/2 without TLS: somebody looks for a gRPC port
            sock.sendall(_head(400, b"", "", None, True, None, False))
            return
        pairs = tuple(
            (name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)
        )
        headers = dict(pairs)
        length = 0 if early else int(headers.get("content-length", 0))
        while len(pending) < length:
            more = sock.recv(1 << 20)
            if not more:
                return
            pending += more
        body, pending = pending[:length], pending[length:]
        yield Request(method, target, headers, body, number, pairs)


def _head(
    status: int,
    content: bytes,
    content_type: str,
    headers: Mapping[str, str] | None,
    close: bool,
    length: int | None,
    chunked: bool,
) -> bytes:
    lines = [f"HTTP/1.1 {status} "]
    if content_type and (content or length):
        lines.append(f"Content-Type: {content_type}")
    if chunked:
        lines.append("Transfer-Encoding: chunked")
    elif status != 204:
        lines.append(f"Content-Length: {len(content) if length is None else length}")
    if close:
        lines.append("Connection: close")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _framed(content: bytes, chunked: bool) -> bytes:
    if not chunked:
        return content
    pieces = [content[i : i + 7001] for i in range(0, len(content), 7001)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def _reset(sock: socket.socket) -> None:
    """Ends the connection with RST instead of FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
