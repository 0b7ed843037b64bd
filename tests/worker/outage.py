"""A gateway that can go away and come back: the embedded one behind relays that keep their ports.

To clients a kill looks as that of a broker: every connection is reset and nobody listens; what was processed is kept, what was
on its way is lost or has arrived, and nobody can tell which.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from tests.fakes.gateway.relay import reset
from tests.gateways.embedded import Embedded

T = TypeVar("T")
_SECONDS = 20.0


class _Line:
    """One port in front of another."""

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            reset(writer)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        self._open |= {writer, far_writer}
        ways = [
            asyncio.ensure_future(_pass(reader, far_writer)),
            asyncio.ensure_future(_pass(far_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for each in (writer, far_writer):
                self._open.discard(each)
                each.transport.abort()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # either side went away, which is what this is about


class Unsteady(Embedded):
    """The embedded gateway, with ``kill`` and ``come_back``."""

    def start(self) -> None:
        super().start()
        started: Future[None] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)), daemon=True)
        self._thread.start()
        started.result(_SECONDS)
        addresses = (super().grpc_address, super().rest_address)
        self._lines = [_Line(int(address.rpartition(":")[2])) for address in addresses]
        self.come_back()

    def close(self) -> None:
        if self.alive:
            self.kill()
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(_SECONDS)
        super().close()

    def kill(self) -> None:
        """Every connection is reset, and nobody listens any more."""
        for line in self._lines:
            self._run(line.cut())

    def come_back(self) -> None:
        """It listens again, on the same ports and with what it had."""
        for line in self._lines:
            self._run(line.listen())

    @property
    def grpc_address(self) -> str:
        return f"127.0.0.1:{self._lines[0].port}"

    @property
    def rest_address(self) -> str:
        return f"http://127.0.0.1:{self._lines[1].port}"

    async def _serve(self, started: Future[None]) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        started.set_result(None)
        await self._ended.wait()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_SECONDS)
