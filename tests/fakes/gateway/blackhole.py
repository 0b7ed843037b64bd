"""A network that dies silently: connections stay open, and nothing passes over them any more. New ones work at once."""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType

__all__ = ["Blackhole"]


class Blackhole:
    """Relays from a free port of 127.0.0.1 to another, until ``swallow()``; an asynchronous context manager."""

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._server: asyncio.Server | None = None
        self._relaying: set[asyncio.Task[None]] = set()
        #: What is shared by the connections of now: set once they are dead.
        self._dead = asyncio.Event()
        self.port = 0
        self.accepted = 0

    def swallow(self) -> None:
        """From now on nothing passes over the connections that there are, either way, and neither end is told."""
        self._dead.set()
        self._dead = asyncio.Event()

    async def __aenter__(self) -> Blackhole:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._relaying):
            task.cancel()
        await asyncio.gather(*self._relaying, return_exceptions=True)
        await asyncio.sleep(0)  # in which the transports close

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._relaying.add(task)
        self.accepted += 1
        try:
            with contextlib.suppress(
                asyncio.CancelledError, OSError
            ):  # the test is over, or either side goes away
                await self._relay(reader, writer, self._dead)
        finally:
            self._relaying.discard(task)
            writer.transport.abort()

    async def _relay(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dead: asyncio.Event
    ) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        ways = [
            asyncio.ensure_future(_pass(reader, far_writer, dead)),
            asyncio.ensure_future(_pass(far_reader, writer, dead)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            far_writer.transport.abort()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dead: asyncio.Event) -> None:
    while data := await reader.read(65536):
        if dead.is_set():
            await asyncio.Event().wait()  # it has arrived nowhere
        writer.write(data)
        await writer.drain()
    if dead.is_set():
        await asyncio.Event().wait()
