"""A small HTTP proxy that keeps what passes through it."""

from __future__ import annotations

import http.client
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

SECONDS = 60


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, as they went over the wire."""

    method: str
    path: str
    request_type: str
    request: bytes
    status: int
    answer_type: str
    answer: bytes


class Proxy:
    """Forwards everything to ``address``. A context manager; one exchange after the other."""

    def __init__(self, address: str) -> None:
        target = urlsplit(address).netloc
        self._exchanges: list[Exchange] = []
        exchanges = self._exchanges

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                upstream = http.client.HTTPConnection(target, timeout=SECONDS)
                try:
                    upstream.request(self.command, self.path, body, headers)
                    answer = upstream.getresponse()
                    content = answer.read()
                finally:
                    upstream.close()
                answer_type = answer.headers.get("Content-Type", "")
                exchanges.append(
                    Exchange(
                        self.command,
                        self.path,
                        self.headers.get("Content-Type", ""),
                        body,
                        answer.status,
                        answer_type,
                        content,
                    )
                )
                self.send_response(answer.status)
                if answer_type:
                    self.send_header("Content-Type", answer_type)
                if answer.status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = forward

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: what passed is kept."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def address(self) -> str:
        """``http://host:port`` of the proxy."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def take(self) -> Exchange | None:
        """The exchange since the last time; None when there was none."""
        if len(self._exchanges) > 1:
            raise RuntimeError(f"{len(self._exchanges)} exchanges for one call")
        return self._exchanges.pop() if self._exchanges else None

    def __enter__(self) -> Proxy:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(SECONDS)
