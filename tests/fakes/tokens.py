"""A token endpoint that answers as a test tells it."""

from __future__ import annotations

import ssl
import threading
from typing import Any

from tests.fakes.rest import Exchange, RestServer, Step, answer, raw, stall

__all__ = ["TokenServer"]


class TokenServer(RestServer):
    """Answers the n-th request with the n-th step of ``script``, every further one with the last; at first ``numbered()``."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls=tls)
        self.script(self.numbered())

    @property
    def url(self) -> str:
        return f"{self.address}/oauth/token"

    @property
    def count(self) -> int:
        """How often it was asked since the last ``script``."""
        return len(self.requests)

    def reply(self, status: int, body: Any = b"", **headers: str) -> Step:
        """A status with a body; what is not bytes becomes JSON. ``Retry_After=`` stands for Retry-After."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return answer(
            status, body, content_type="" if isinstance(body, bytes) else "application/json", headers=named
        )

    def token(self, value: str = "token-1", expires_in: Any = 3600, **more: Any) -> Step:
        """A token; members that are None are left out."""
        said = {"access_token": value, "token_type": "Bearer", "expires_in": expires_in, **more}
        return self.reply(200, {name: member for name, member in said.items() if member is not None})

    def numbered(self, expires_in: Any = 3600) -> Step:
        """``token-1`` to the first request, ``token-2`` to the second, and so on."""
        return lambda exchange: self.token(f"token-{self.count}", expires_in)(exchange)

    def gated(self, gate: threading.Event, then: Step) -> Step:
        """Waits until the test opens the gate, or is over."""

        def step(exchange: Exchange) -> bool:
            while not gate.wait(0.01):
                if exchange.stopped.is_set():
                    return False
            return then(exchange)

        return step

    def hang(self) -> Step:
        """No answer, ever."""
        return stall()

    def raw(self, content: bytes) -> Step:
        """These bytes and the end of the connection, whether that is HTTP or not."""
        return raw(content)

    def drip(self) -> Step:
        """A header line that never ends: each read succeeds, the whole does not."""

        def step(exchange: Exchange) -> bool:
            exchange.sock.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            for _ in range(3000):
                if exchange.stopped.wait(0.02):
                    break
                exchange.sock.sendall(b"x")
            return False

        return step
