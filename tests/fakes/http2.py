"""An HTTP/2 server that writes the frames that a test tells it to, well-formed or not."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from typing import Any

__all__ = ["CONTINUATION", "DATA", "GOAWAY", "HEADERS", "PING", "RST_STREAM", "SETTINGS", "WINDOW_UPDATE"]
__all__ += ["Conversation", "Peer", "block", "frame"]

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_LIMIT = 60.0


def frame(kind: int, flags: int, stream: int, payload: bytes = b"", *, length: int | None = None) -> bytes:
    """A frame; ``length`` in place of what is true."""
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def _text(text: bytes) -> bytes:
    size = len(text)
    if size < 127:
        return bytes((size,)) + text
    made, size = bytearray((127,)), size - 127
    while size >= 128:
        made.append(size % 128 + 128)
        size //= 128
    return bytes(made) + bytes((size,)) + text


def block(*pairs: tuple[bytes, bytes]) -> bytes:
    """Headers, uncompressed."""
    return b"".join(b"\0" + _text(name) + _text(value) for name, value in pairs)


HEAD = block((b":status", b"200"), (b"content-type", b"application/grpc"))


class Conversation:
    """One connection. What the client has sent is in ``seen``: (kind, flags, stream, payload)."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._read = b""
        #: Whether the client's settings are acknowledged.
        self.acknowledges = True
        #: Whether its PINGs are answered.
        self.pongs = False
        self.seen: list[tuple[int, int, int, bytes]] = []

    def _exactly(self, count: int) -> bytes:
        while len(self._read) < count:
            more = self._sock.recv(65536)
            if not more:
                raise ConnectionError("the client hung up")
            self._read += more
        taken, self._read = self._read[:count], self._read[count:]
        return taken

    def send(self, *frames: bytes) -> None:
        self._sock.sendall(b"".join(frames))

    def begin(self, *settings: tuple[int, int]) -> None:
        """The preface, and our settings."""
        assert self._exactly(len(_PREFACE)) == _PREFACE
        self.send(frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", *each) for each in settings)))

    def next(self) -> tuple[int, int, int, bytes]:
        """The next frame of the client; its settings are acknowledged at once."""
        head = self._exactly(9)
        kind, flags, stream = head[3], head[4], struct.unpack(">I", head[5:])[0]
        got = (kind, flags, stream, self._exactly(int.from_bytes(head[:3], "big")))
        self.seen.append(got)
        if kind == SETTINGS and not flags & ACK and self.acknowledges:
            self.send(frame(SETTINGS, ACK, 0))
        if kind == PING and not flags & ACK and self.pongs:
            self.send(frame(PING, ACK, 0, got[3]))
        return got

    def until(self, kind: int, flag: int = 0) -> tuple[int, int, int, bytes]:
        """The next frame of that kind."""
        while True:
            got = self.next()
            if got[0] == kind and got[1] & flag == flag:
                return got

    def request(self) -> int:
        """The stream of the next request that has come as a whole."""
        return self.until(DATA, END_STREAM)[2]

    def answer(self, stream: int, message: bytes = b"", status: bytes = b"0") -> None:
        """A whole answer."""
        self.send(*self.frames(stream, message, status))

    @staticmethod
    def frames(stream: int, message: bytes = b"", status: bytes = b"0") -> tuple[bytes, ...]:
        return (
            frame(HEADERS, END_HEADERS, stream, HEAD),
            frame(DATA, 0, stream, b"\0" + struct.pack(">I", len(message)) + message),
            frame(HEADERS, END_HEADERS | END_STREAM, stream, block((b"grpc-status", status))),
        )

    def wait_for_end(self) -> None:
        """Reads on until the client hangs up."""
        with contextlib.suppress(OSError):
            while True:
                self.next()


class Peer:
    """Plays a script on each connection: the first on the first one, the last on all that follow."""

    def __init__(self, *scripts: Callable[[Conversation], Any], tls: ssl.SSLContext | None = None) -> None:
        self._scripts, self._tls = list(scripts), tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.conversations: list[Conversation] = []
        self.failures: list[BaseException] = []
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.settimeout(_LIMIT)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
            self._sockets.append(sock)
            thread = threading.Thread(target=self._play, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _play(self, sock: socket.socket) -> None:
        if isinstance(sock, ssl.SSLSocket):
            try:
                sock.do_handshake()
            except OSError:
                sock.close()
                return
        conversation = Conversation(sock)
        self.conversations.append(conversation)
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        try:
            script(conversation)
            conversation.wait_for_end()
        except OSError:
            pass
        except BaseException as error:
            self.failures.append(error)
        finally:
            sock.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in (self._accepting, *self._threads):
            thread.join(_LIMIT)
        assert not self.failures, self.failures
