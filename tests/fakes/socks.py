"""A SOCKS5 proxy (RFC 1928, 1929) that can be told to misbehave."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading

__all__ = ["SocksProxy", "pump"]


class SocksProxy:
    """``seen`` are the places it was asked for, ``host:port`` with names where it got names.

    ``wants``   name and password, with a colon between, without which it lets nobody through
    ``refuses`` the code that it answers in place of connecting; 0 connects
    ``silent``  it takes connections and says nothing
    """

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.wants = ""
        self.refuses = 0
        self.silent = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = f"socks5://{self.place}"
        self._open: set[socket.socket] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(near)
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError, EOFError):
            if self.silent:
                self._over.wait(60)
                return
            if not self._lets_in(near):
                return
            _, _, _, kind = _read(near, 4)
            host = self._host(near, kind)
            (port,) = struct.unpack("!H", _read(near, 2))
            self.seen.append(f"{host}:{port}")
            if self.refuses:
                near.sendall(bytes((5, self.refuses, 0, 1)) + bytes(6))
                return
            with socket.create_connection((host, port), timeout=20) as far:
                self._open.add(far)
                near.sendall(bytes((5, 0, 0, 1)) + bytes(6))
                back = threading.Thread(target=pump, args=(far, near), daemon=True)
                back.start()
                pump(near, far)
                back.join(20)

    def _lets_in(self, near: socket.socket) -> bool:
        _, count = _read(near, 2)
        offered = _read(near, count)
        if not self.wants:
            near.sendall(b"\x05\x00")
            return True
        if 2 not in offered:
            near.sendall(b"\x05\xff")
            return False
        near.sendall(b"\x05\x02")
        _, length = _read(near, 2)
        name = _read(near, length)
        password = _read(near, _read(near, 1)[0])
        known = f"{name.decode()}:{password.decode()}" == self.wants
        near.sendall(bytes((1, 0 if known else 1)))
        return known

    @staticmethod
    def _host(near: socket.socket, kind: int) -> str:
        if kind == 1:
            return socket.inet_ntop(socket.AF_INET, _read(near, 4))
        if kind == 4:
            return socket.inet_ntop(socket.AF_INET6, _read(near, 16))
        return _read(near, _read(near, 1)[0]).decode()

    def stop(self) -> None:
        """Ends it and all that goes through it."""
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in tuple(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._thread.join(20)


def _read(source: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        more = source.recv(size - len(found))
        if not more:
            raise EOFError
        found += more
    return found


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Carries what comes until one side ends."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)
