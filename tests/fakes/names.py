"""A name server on loopback: every name it is asked for has the address that a test says."""

from __future__ import annotations

import socket
import struct
import threading

__all__ = ["NameServer"]

_A = 1
#: Seconds that an answer may be kept: none.
_TTL = 0


class NameServer:
    """Answers questions for addresses of IPv4 with ``address``, one or several, and those for IPv6 with none.

    A context manager.
    """

    def __init__(self, address: str | tuple[str, ...]) -> None:
        self.address = address
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self.port: int = self._socket.getsockname()[1]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                question, peer = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            self._socket.sendto(self._answer(question), peer)

    def _answer(self, question: bytes) -> bytes:
        end = question.index(b"\0", 12) + 5  # the name, its end, type and class
        (kind,) = struct.unpack("!H", question[end - 4 : end - 2])
        found: list[bytes] = []
        if kind == _A:
            self.asked += 1
            those = (self.address,) if isinstance(self.address, str) else self.address
            head = b"\xc0\x0c" + struct.pack("!HHIH", _A, 1, _TTL, 4)
            found = [head + socket.inet_aton(each) for each in those]
        head = question[:2] + struct.pack("!HHHHH", 0x8580, 1, len(found), 0, 0)
        return head + question[12:end] + b"".join(found)

    def __enter__(self) -> NameServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(20)
        self._socket.close()
