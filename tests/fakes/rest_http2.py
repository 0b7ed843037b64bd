"""HTTP/2 for the scripted server: the steps of its script are those of HTTP/1.1, and what they write is
said in frames here. A step that ends the connection ends it for all that are on it.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

from httpunk import HeaderMap
from httpunk._httpunk import (
    H1BodyDecoder,
    H2Codec,
    H2FrameData,
    H2FrameHeaders,
    H2FramePing,
    H2FrameRstStream,
    H2FrameSettings,
    H2FrameWindowUpdate,
)

__all__ = ["Http2Stream", "speak"]

_FIRST_WINDOW, _LARGEST_FRAME, _LONGEST_HEAD = 65_535, 16_384, 1 << 20
_OF_CONNECTIONS = {"connection", "transfer-encoding", "keep-alive"}
_TURN = 0.05

#: Takes a request (its headers and body), and answers it on the stream; False ends the connection.
Serve = Callable[[H2FrameHeaders, bytes, "Http2Stream"], bool]


def speak(sock: ssl.SSLSocket, serve: Serve, *, early: bool, limit: float) -> None:
    """Until the connection ends, or nothing has come for ``limit`` seconds."""
    _Connection(sock, serve, early, limit).run()


class Http2Stream:
    """Stands where a step has the socket of a connection of HTTP/1.1."""

    def __init__(self, connection: _Connection, sid: int) -> None:
        self._connection, self.sid = connection, sid
        self.body, self.window = bytearray(), connection.first_window
        #: Set when nothing more of the client can be expected: it has given up, or hung up.
        self.over = threading.Event()
        self._head, self._said = b"", False
        self._decoder: H1BodyDecoder | None = None
        self._patience: float | None = None

    def sendall(self, data: bytes) -> None:
        """Bytes of an answer of HTTP/1.1, or such as are no HTTP, which are sent as they are."""
        if self._decoder is None:
            if not self._head and not data.startswith(b"H"):
                self._connection.write(data)
                return
            self._head += data
            head, found, data = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            self._decoder = self._begin(head.decode("latin-1"))
        self._decoder.feed(data)
        while (chunk := self._decoder.decode()) is not None:
            self._connection.write_data(self, chunk, False)
        if self._decoder.is_complete and not self._said:
            self._said = True
            self._connection.write_data(self, b"", True)

    def _begin(self, head: str) -> H1BodyDecoder:
        first, *lines = head.split("\r\n")
        pairs = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        found, status = dict(pairs), int(first.split(" ")[1])
        if "connection" in found:
            self._connection.goes_away(self.sid)
        own = HeaderMap([pair for pair in pairs if pair[0] not in _OF_CONNECTIONS])
        self._connection.write_headers(self.sid, status, own)
        if "transfer-encoding" in found:
            return H1BodyDecoder("chunked")
        return H1BodyDecoder("length", int(found.get("content-length", 0)))

    def settimeout(self, seconds: float | None) -> None:
        self._patience = seconds

    def recv(self, count: int) -> bytes:
        """Nothing more comes on a stream but its end."""
        if not self.over.wait(self._patience):
            raise TimeoutError
        return b""

    def setsockopt(self, *option: Any) -> None:
        self._connection.sock.setsockopt(*option)

    def close(self) -> None:
        """The end of the connection."""
        self._connection.drop()


class _Connection:
    def __init__(self, sock: ssl.SSLSocket, serve: Serve, early: bool, limit: float) -> None:
        self.sock, self._serve, self._early, self._limit = sock, serve, early, limit
        self._codec = H2Codec("server")
        self._codec.set_max_header_list_size(_LONGEST_HEAD)
        #: One thread at a time uses the socket and the codec; all wait under it for windows.
        self._turn = threading.Condition()
        self._streams: dict[int, Http2Stream] = {}
        self._asked: dict[int, H2FrameHeaders] = {}
        self._threads: list[threading.Thread] = []
        self._window, self.first_window = _FIRST_WINDOW, _FIRST_WINDOW
        self._gone = False

    def run(self) -> None:
        self.sock.setblocking(False)
        try:
            self.write(self._codec.serialize_settings(max_concurrent_streams=1000))
            began, until = False, time.monotonic() + self._limit
            while not self._gone and time.monotonic() < until:
                data = self._read()
                if data is None:
                    continue
                if not data:
                    break
                until = time.monotonic() + self._limit
                with self._turn:
                    if not began:
                        began = bool(self._codec.feed_preface(data))
                        data = b""
                    frames = self._codec.receive(data) if began else []
                    for each in frames:
                        self._take(each)
                    self._turn.notify_all()
        finally:
            with self._turn:
                self._gone = True
                for stream in self._streams.values():
                    stream.over.set()
                self._turn.notify_all()
            for thread in self._threads:
                thread.join(self._limit)

    def _read(self) -> bytes | None:
        with self._turn, contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
            # Once it is shut down, what comes is not decrypted any more.
            return b"" if self._gone else self.sock.recv(1 << 16)
        select.select([self.sock], [], [], _TURN)
        return None

    def _take(self, frame: Any) -> None:
        if isinstance(frame, H2FrameHeaders):
            stream = self._streams[frame.stream_id] = Http2Stream(self, frame.stream_id)
            self._asked[frame.stream_id] = frame
            if frame.end_stream or self._early:
                self._answer(stream)
        elif isinstance(frame, H2FrameData):
            if frame.flow_controlled_len:
                for each in (0, frame.stream_id):
                    self._write(self._codec.serialize_window_update(each, frame.flow_controlled_len))
            found = self._streams.get(frame.stream_id)
            if found is not None and not self._early:
                found.body += frame.data
                if frame.end_stream:
                    self._answer(found)
        elif isinstance(frame, H2FrameSettings):
            if not frame.ack:
                if frame.initial_window_size is not None:
                    for stream in self._streams.values():
                        stream.window += frame.initial_window_size - self.first_window
                    self.first_window = frame.initial_window_size
                self._write(self._codec.serialize_settings_ack())
        elif isinstance(frame, H2FrameWindowUpdate):
            if frame.stream_id == 0:
                self._window += frame.increment
            elif frame.stream_id in self._streams:
                self._streams[frame.stream_id].window += frame.increment
        elif isinstance(frame, H2FrameRstStream):
            if frame.stream_id in self._streams:
                self._streams[frame.stream_id].over.set()
        elif isinstance(frame, H2FramePing) and not frame.ack:
            self._write(self._codec.serialize_ping_ack(frame.data))

    def _answer(self, stream: Http2Stream) -> None:
        thread = threading.Thread(target=self._answers, args=(stream,), name=f"rest-stream-{stream.sid}")
        self._threads.append(thread)
        thread.start()

    def _answers(self, stream: Http2Stream) -> None:
        try:
            stays = self._serve(self._asked[stream.sid], bytes(stream.body), stream)
        except (OSError, ValueError):  # the client has left
            stays = True
        if not stays and not stream.over.is_set():
            with self._turn, contextlib.suppress(OSError):
                self._gone = True
                self.sock.shutdown(socket.SHUT_RDWR)

    def goes_away(self, last: int) -> None:
        self.write(self._codec.serialize_go_away(last, 0))

    def write_headers(self, sid: int, status: int, headers: HeaderMap) -> None:
        with self._turn:
            self._write(self._codec.serialize_response_headers(sid, status, headers))

    def write_data(self, stream: Http2Stream, data: bytes, last: bool) -> None:
        """As the windows take it."""
        at = 0
        with self._turn:
            while True:
                if stream.over.is_set() or self._gone:
                    raise ConnectionResetError("the client has left")
                room = min(self._window, stream.window, _LARGEST_FRAME, len(data) - at)
                if room > 0 or at == len(data):
                    end = last and at + room == len(data)
                    if room > 0 or end:
                        self._write(self._codec.serialize_data(stream.sid, data[at : at + room], end))
                    at, self._window, stream.window = at + room, self._window - room, stream.window - room
                    if at == len(data):
                        return
                else:
                    self._turn.wait(_TURN)

    def write(self, data: bytes) -> None:
        with self._turn:
            self._write(data)

    def _write(self, data: bytes) -> None:
        rest, until = memoryview(data), time.monotonic() + self._limit
        while rest:
            if time.monotonic() > until:
                raise ConnectionResetError("the client does not read")
            try:
                rest = rest[self.sock.send(rest) :]
            except ssl.SSLWantWriteError:
                select.select([], [self.sock], [], _TURN)
            except ssl.SSLWantReadError:
                select.select([self.sock], [], [], _TURN)

    def drop(self) -> None:
        with self._turn:
            self._gone = True
            self.sock.close()
