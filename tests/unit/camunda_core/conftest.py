"""A real token endpoint on 127.0.0.1 that answers as a test tells it, and a clock that a test turns."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

PEM = Path(__file__).parent / "pem"

#: What one request is answered with: it may write anything, or nothing at all.
Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Asked:
    """One request as the endpoint saw it."""

    target: str
    headers: dict[str, str]
    form: dict[str, str]


@dataclass
class TokenServer:
    """Answers the n-th request with the n-th answer, and every further one with the last."""

    answers: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    scheme: str = "http"
    stopping: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/oauth/token"

    @property
    def count(self) -> int:
        with self.lock:
            return len(self.asked)

    def answer(self, *answers: Answer) -> None:
        with self.lock:
            self.answers = list(answers)
            self.asked.clear()

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0))).decode()
        form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        with self.lock:
            self.asked.append(Asked(handler.path, {k.lower(): v for k, v in handler.headers.items()}, form))
            answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        answer(handler)

    # What a test can tell it to answer.

    def reply(self, status: int, body: Any = b"", **headers: str) -> Answer:
        """A status with a body; what is not bytes becomes JSON. ``Retry_After=`` stands for Retry-After."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            handler.send_response_only(status)
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            if "Content-Type" not in named and not isinstance(body, bytes):
                named["Content-Type"] = "application/json"
            for name, value in {"Content-Length": str(len(content)), **named}.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(content)

        return answer

    def token(self, value: str = "token-1", expires_in: Any = 3600, **more: Any) -> Answer:
        answer = {"access_token": value, "token_type": "Bearer", "expires_in": expires_in, **more}
        return self.reply(200, {name: member for name, member in answer.items() if member is not None})

    def numbered(self, expires_in: Any = 3600) -> Answer:
        """``token-1`` to the first request, ``token-2`` to the second, and so on."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            self.token(f"token-{self.count}", expires_in)(handler)

        return answer

    def gated(self, gate: threading.Event, then: Answer) -> Answer:
        """Wait until the test opens the gate, or is over."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            while not gate.wait(0.01):
                if self.stopping.is_set():
                    return
            then(handler)

        return answer

    def hang(self, handler: BaseHTTPRequestHandler) -> None:
        self.stopping.wait(60)

    def raw(self, content: bytes) -> Answer:
        """These bytes and the end of the connection, whether that is HTTP or not."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(content)

        return answer

    def drip(self, handler: BaseHTTPRequestHandler) -> None:
        """A header line that never ends: each read succeeds, the whole does not."""
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(3000):
            if self.stopping.wait(0.02):
                return
            handler.wfile.write(b"x")


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        with contextlib.suppress(OSError):  # the client went away, as some tests want it to
            self.server.script.handle(self)

    do_GET = do_POST

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    script: TokenServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # TLS handshakes that fail on purpose


def _serve(context: ssl.SSLContext | None) -> Iterator[TokenServer]:
    server = _Server(("127.0.0.1", 0), _Handler)
    script = TokenServer(port=server.server_address[1], scheme="http" if context is None else "https")
    script.answers = [script.numbered()]
    server.script = script
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield script
    finally:
        script.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def token_server() -> Iterator[TokenServer]:
    yield from _serve(None)


@pytest.fixture
def tls_token_server() -> Iterator[TokenServer]:
    """A token endpoint behind TLS with a certificate of the test authority; asks for a client's as well."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=PEM / "ca.pem")
    context.load_cert_chain(PEM / "server.pem", PEM / "server.key")
    context.verify_mode = ssl.CERT_OPTIONAL
    yield from _serve(context)


@pytest.fixture
def pem() -> Path:
    return PEM


class Clock:
    """Stands for the ``time`` module: goes on only when told, or slept on."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, length: float) -> None:
        self.slept.append(length)
        self.now += length


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of ``camunda_core.oauth``."""
    clock = Clock()
    monkeypatch.setattr("camunda_core.oauth.time", clock)
    return clock


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait for what another thread is about to do; bounded."""
    for _ in range(2000):
        if condition():
            return
        time.sleep(0.005)
    pytest.fail(f"did not happen: {what}")


@pytest.fixture(name="eventually")
def _eventually() -> Callable[[Callable[[], bool], str], None]:
    return eventually
