"""An HTTP proxy, spoken to in the clear or in TLS, that can be told to misbehave."""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import threading
from base64 import b64encode
from urllib.parse import urlsplit

__all__ = ["HttpProxy"]


class HttpProxy:
    """Tunnels (CONNECT), and hands on requests with a whole address. ``seen`` are their first lines.

    ``wants``   name and password, with a colon between, without which it lets nobody through
    ``answers`` a status line in place of connecting
    ``silent``  "connected": it takes connections and says nothing; "secured": the same after TLS
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.seen: list[str] = []
        self.wants = self.answers = self.silent = ""
        #: The certificates that callers showed.
        self.shown: list[bytes | None] = []
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = f"{'http' if context is None else 'https'}://{self.place}"
        self._over = threading.Event()
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.suppress(OSError, ValueError))
            self._open.add(near)
            stack.callback(self._open.discard, near)
            if self.silent == "connected":
                stack.enter_context(near)
                self._over.wait(60)
                return
            if self._context is not None:
                try:
                    secured = self._context.wrap_socket(near, server_side=True)
                except BaseException:
                    near.close()
                    raise
                self._open.discard(near)
                near = secured
                self._open.add(near)
                self.shown.append(secured.getpeercert(binary_form=True))
            stack.enter_context(near)
            head = near.recv(65536)
            if self.silent == "secured":
                self._over.wait(60)
                return
            method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
            self.seen.append(f"{method} {target}")
            wanted = self.wants and b"basic " + b64encode(self.wants.encode()).lower()
            if wanted and wanted not in head.lower():
                near.sendall(b"HTTP/1.1 407 Who are you\r\ncontent-length: 0\r\n\r\n")
                return
            if self.answers:
                near.sendall(f"HTTP/1.1 {self.answers}\r\ncontent-length: 0\r\n\r\n".encode())
                return
            there = urlsplit(f"//{target}" if method == "CONNECT" else target)
            with socket.create_connection((there.hostname or "", there.port or 80), timeout=20) as far:
                self._open.add(far)
                stack.callback(self._open.discard, far)
                if method == "CONNECT":
                    near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                else:
                    far.sendall(head)
                _carry(near, far)

    def stop(self) -> None:
        """Ends it and all that goes through it."""
        if self._over.is_set():
            return
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in tuple(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._thread.join(20)


def _carry(near: socket.socket, far: socket.socket) -> None:
    """Carries what comes until one side ends. By one thread, since TLS is read and written by one at a time."""
    with selectors.DefaultSelector() as waiting:
        waiting.register(near, selectors.EVENT_READ, far)
        waiting.register(far, selectors.EVENT_READ, near)
        while True:
            for key, _ in waiting.select():
                source = near if key.fileobj is near else far
                while True:
                    data = source.recv(65536)
                    if not data:
                        return
                    key.data.sendall(data)
                    if not (isinstance(source, ssl.SSLSocket) and source.pending()):
                        break
