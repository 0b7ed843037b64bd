"""A server that answers every operation of the REST API with a complete answer made from the contract. It keeps no state."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.unit.camunda_rest.api.contract import OPERATIONS, answer_type, sample


def _pattern(facts: dict[str, Any]) -> re.Pattern[str]:
    base = "" if facts.get("base") == "root" else "/v2"
    return re.compile(base + re.sub(r"\\\{\w+\\\}|\{\w+\}", "[^/]+", facts["path"]))


#: Those without places in their path come first: ``/jobs/search`` is no job.
_ROUTES = sorted(
    ((facts["method"], _pattern(facts), name) for name, facts in OPERATIONS.items()),
    key=lambda each: each[1].pattern.count("[^/]+"),
)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked: list[str]

    def _serve(self) -> None:
        if "chunked" in self.headers.get("transfer-encoding", ""):
            while size := int(self.rfile.readline(), 16):
                self.rfile.read(size + 2)
            self.rfile.readline()
        self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.partition("?")[0]
        name = next((n for m, p, n in _ROUTES if m == self.command and p.fullmatch(path)), None)
        if name is None:
            self._answer(404, "application/problem+json", b'{"status": 404, "title": "no such operation"}')
            return
        self.asked.append(name)
        facts, text = OPERATIONS[name], answer_type(name)
        status, said = next(iter(facts["answers"].items()))
        if isinstance(said, dict):
            self._answer(int(status), next(iter(said)), b"<content/>")
        elif text is None:
            self._answer(int(status), "", b"")
        else:
            made = sample(text)
            if "page" in facts:
                made["page"] = {"totalItems": 1, "hasMoreTotalItems": False}
            if name == "getTopology":
                made["gatewayVersion"] = "8.10.0"
            self._answer(int(status), "application/json", json.dumps(made).encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        if kind:
            self.send_header("content-type", kind)
        if status != 204:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def serving() -> Iterator[tuple[str, list[str]]]:
    """The address, and the operations that were asked for."""
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"asked": asked}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
