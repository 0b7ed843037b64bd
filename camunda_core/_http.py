"""HTTP as the blocking REST client and token requests need it: answers with one time limit, and Retry-After.

A socket's timeout limits each read. A server that sends a byte now and then would keep us for ever,
so every read is given what is left of the whole answer's time.
"""

from __future__ import annotations

import io
import math
import socket
import time
from collections.abc import Mapping
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPResponse
from typing import Any

__all__ = ["answer_by_pieces", "answer_until", "retry_after"]


def answer_until(moment: float, sock: socket.socket, *args: Any, **options: Any) -> HTTPResponse:
    """The answer that comes over a socket.

    Reading raises TimeoutError when that moment (``time.monotonic()``) is over.
    """
    return HTTPResponse(_TimedSocket(sock, moment), *args, **options)  # type: ignore[arg-type]


def answer_by_pieces(limit: float, sock: socket.socket, *args: Any, **options: Any) -> HTTPResponse:
    """The answer that comes over a socket, each piece of it within ``limit`` seconds."""
    return HTTPResponse(_TimedSocket(sock, math.inf, limit), *args, **options)  # type: ignore[arg-type]


class _TimedSocket:
    """What ``HTTPResponse`` needs of a socket."""

    def __init__(self, sock: socket.socket, moment: float, piece: float = math.inf) -> None:
        self._sock = sock
        self._moment = moment
        self._piece = piece

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._sock, self._moment, self._piece))


class _TimedReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, moment: float, piece: float) -> None:
        self._sock = sock
        self._moment = moment
        self._piece = piece
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = min(self._moment - time.monotonic(), self._piece)
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(None if left == math.inf else left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
            super().close()


def retry_after(headers: Mapping[str, str] | Message) -> float | None:
    """Seconds, from either form of the header: a number, or a date beside the answer's own Date.

    ``headers`` has lower-case or case-insensitive names.
    """
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit() and len(value) < 10:
        return float(value)
    try:
        until, now = parsedate_to_datetime(value), parsedate_to_datetime(headers.get("date", ""))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
