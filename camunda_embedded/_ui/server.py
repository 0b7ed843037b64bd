"""Serves the pages of a gateway. Whoever can open the port may read; nobody can change anything."""

from __future__ import annotations

import re
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from camunda_embedded._mocking import Rehearsing
from camunda_embedded._ui.pages import Pages

__all__ = ["UiServer"]

_INSTANCE = re.compile(r"/instance/(\d{1,20})")
#: Nothing is loaded and nothing is run, whatever names and variables say.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"


class UiServer:
    """The pages of ``gateway`` on ``127.0.0.1``; ``port`` 0 takes a free one."""

    def __init__(self, gateway: Rehearsing, port: int = 0) -> None:
        self._pages = Pages(gateway)
        self._port = port
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> str:
        """Opens the port and returns the address; OSError when it cannot be had."""
        server = _Server(("127.0.0.1", self._port), _handler(self._pages))
        server.daemon_threads = True
        self._server = server
        self._thread = threading.Thread(
            target=server.serve_forever, args=(0.05,), name="embedded-ui", daemon=True
        )
        self._thread.start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    def stop(self) -> None:
        """Closes the port; harmless when it is closed."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = self._thread = None


class _Server(ThreadingHTTPServer):
    allow_reuse_address = True


def _handler(pages: Pages) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10
        server_version, sys_version = "camunda-embedded", ""

        def do_GET(self) -> None:
            if not self._known_host():
                # A page of another site whose name was made to lead here must not read it.
                self._send(
                    HTTPStatus.FORBIDDEN,
                    "This page is served to 127.0.0.1 and localhost alone.",
                    "text/plain",
                )
                return
            url = urlsplit(self.path)
            refresh = "refresh" in parse_qs(url.query, keep_blank_values=True)
            found = _INSTANCE.fullmatch(url.path)
            body: str | None
            try:
                if url.path == "/":
                    body = pages.overview(refresh)
                elif url.path == "/log":
                    body = pages.log(refresh)
                else:
                    body = pages.instance(found[1], refresh) if found else None
            except RuntimeError as error:  # the gateway is stopping
                self._send(HTTPStatus.SERVICE_UNAVAILABLE, str(error), "text/plain")
                return
            if body is None:
                self._send(HTTPStatus.NOT_FOUND, "There is no such page.", "text/plain")
            else:
                self._send(HTTPStatus.OK, body, "text/html")

        do_HEAD = do_GET

        def _known_host(self) -> bool:
            host = self.headers.get("Host", "").rpartition(":")
            return (host[0] or host[2]) in ("127.0.0.1", "localhost")

        def _send(self, status: HTTPStatus, text: str, kind: str) -> None:
            body = text.encode("utf-8", "replace")
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", _POLICY)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    return Handler
