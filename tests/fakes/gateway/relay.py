"""The wire in front of the gRPC server: it passes HTTP/2 frames on, and can break a connection or one call as a network does.

A call is found by what the server writes into the trailers of its answer (``MARK``); a connection by the port that the server sees.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

__all__ = ["MARK", "Relay", "reset"]

#: The trailer in whose place the relay resets the stream.
MARK = "gauntlet-reset-this-stream"

_PREFACE = len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
_HEADERS, _RST_STREAM, _GOAWAY = 1, 3, 7
_NO_ERROR, _INTERNAL_ERROR = 0, 2


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection with TCP RST instead of FIN."""
    sock = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _frame(kind: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, 0, stream) + payload


class _Frames:
    """Cuts a byte stream into whole frames: (kind, stream, bytes)."""

    def __init__(self) -> None:
        self._read = bytearray()

    def feed(self, data: bytes) -> list[tuple[int, int, bytes]]:
        self._read += data
        read, begin, found = self._read, 0, []
        while len(read) >= begin + 9:
            size = 9 + int.from_bytes(read[begin : begin + 3], "big")
            if len(read) < begin + size:
                break
            stream = int.from_bytes(read[begin + 5 : begin + 9], "big") & 0x7FFFFFFF
            found.append((read[begin + 3], stream, bytes(read[begin : begin + size])))
            begin += size
        del read[:begin]
        return found


class _Connection:
    """One client's connection and the one that the relay made for it."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.client = client
        self.server = server
        self.newest = 0

    async def forward(self, reader: asyncio.StreamReader) -> None:
        """What the client sends, unchanged; remembers its newest stream."""
        frames, preface = _Frames(), _PREFACE
        while data := await reader.read(65536):
            self.server.write(data)
            skipped = min(preface, len(data))
            preface -= skipped
            for kind, stream, _ in frames.feed(data[skipped:]):
                if kind == _HEADERS:
                    self.newest = max(self.newest, stream)
            await self.server.drain()

    async def back(self, reader: asyncio.StreamReader) -> None:
        """What the server answers, frame by frame; a marked stream is reset."""
        frames, mark = _Frames(), MARK.encode()
        while data := await reader.read(65536):
            for kind, stream, frame in frames.feed(data):
                if kind == _HEADERS and mark in frame:
                    self.client.write(_frame(_RST_STREAM, stream, struct.pack(">I", _INTERNAL_ERROR)))
                self.client.write(
                    frame
                )  # of a stream that is over it is read all the same, for its header table
            await self.client.drain()

    async def goaway(self) -> None:
        payload = struct.pack(">II", self.newest, _NO_ERROR) + b"scripted"
        self.client.write(_frame(_GOAWAY, 0, payload))
        with contextlib.suppress(OSError):
            await self.client.drain()
        self.close()

    def close(self) -> None:
        self.client.close()
        self.server.close()

    def reset(self) -> None:
        reset(self.client)
        self.server.close()


class Relay:
    """Listens on a free port of 127.0.0.1 and relays to ``upstream``."""

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._connections: dict[int, _Connection] = {}
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.accepted = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections.values()):
            connection.close()
        if self._serving:
            await asyncio.wait(self._serving, timeout=5)

    async def goaway(self, port: int) -> None:
        """GOAWAY on the connection that the server sees at this port, and its end."""
        connection = self._connections.get(port)
        if connection is not None:
            await connection.goaway()

    def reset(self, port: int | None = None) -> None:
        """Resets this connection, or all of them."""
        for seen, connection in list(self._connections.items()):
            if port in (None, seen):
                connection.reset()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            await self._relay(reader, writer)
        except OSError:
            pass  # either side went away, which is what this is about
        finally:
            self._serving.discard(task)
            writer.transport.abort()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        self.accepted += 1
        connection = _Connection(writer, far_writer)
        port = far_writer.get_extra_info("sockname")[1]
        self._connections[port] = connection
        ways = [
            asyncio.ensure_future(connection.forward(reader)),
            asyncio.ensure_future(connection.back(far_reader)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._connections[port]
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            connection.close()
