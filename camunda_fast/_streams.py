"""Calls over gRPC with a stream of answers.

The exchange is what the connection holds, the call what the program holds: one that nobody holds any
more is cancelled, so that the gateway gives its jobs to somebody else.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

from camunda_fast._calls import UNREADABLE, Call

__all__ = ["StreamCall", "StreamExchange"]


class StreamExchange(Call):
    """What comes waits until it is read, and makes no room for more before."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.messages: deque[tuple[bytes, int]] = deque()
        self.waiter: asyncio.Future[None] | None = None

    @property
    def unread(self) -> bool:
        return bool(self.messages)

    def _arrived(self, message: bytes, unread: int) -> None:
        self.messages.append((message, unread))
        self._wake()

    def _end(self, well: bool) -> None:
        if not self.messages:
            self._settle(well)
        self._wake()

    def _settle(self, well: bool) -> None:
        """It is over when what came has been read."""
        if well:
            self.outcome.set_result(None)
        else:
            self._fail()

    def _wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    def cancel(self) -> bool:
        ended = super().cancel()
        self._wake()
        self._forget()
        return ended

    def _forget(self) -> None:
        """Gives the room of what nobody will read back to the connection."""
        for _, unread in self.messages:
            self.release(unread)
        self.messages.clear()

    async def next(self) -> Any:
        """The next message, which makes room for another; or the words' end."""
        while not self.messages:
            if self.outcome.done():
                self.outcome.result()
                return self.pool.words.end
            if self.waiter is not None and not self.waiter.done():
                await asyncio.wait({self.waiter})
                continue
            self.waiter = self.pool.loop.create_future()
            try:
                await self.waiter
            except asyncio.CancelledError:
                self.cancel()
                raise
        message, unread = self.messages.popleft()
        if self._status is None:
            if self._parts:
                self._make_room()
        elif not self.messages and not self.outcome.done():
            self._settle(self._status[0] == "OK")
        self.release(unread)
        try:
            return self.method.read(message)
        except Exception:
            self._forget()
            self._give_up(*UNREADABLE)
            raise self.pool.words.failure(*UNREADABLE, (), ()) from None


class StreamCall:
    """A call with a stream of answers. One that is dropped is cancelled."""

    def __init__(self, exchange: StreamExchange) -> None:
        self._exchange = exchange
        self._style = ""

    def __getattr__(self, name: str) -> Any:
        """All but reading is done by the exchange."""
        return getattr(self._exchange, name)

    def __del__(self) -> None:
        exchange = self._exchange
        if not exchange.done() and not exchange.pool.loop.is_closed():
            exchange.pool.loop.call_soon_threadsafe(exchange.cancel)

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        """Calls ``callback(self)`` at the end."""
        self._exchange.outcome.add_done_callback(lambda _: callback(self))

    async def read(self) -> Any:
        """The next message, or the words' end."""
        self._only("read")
        return await self._exchange.next()

    async def __aiter__(self) -> AsyncIterator[Any]:
        self._only("iterated")
        end = self._exchange.pool.words.end
        while (message := await self._exchange.next()) is not end:
            yield message

    def _only(self, style: str) -> None:
        # grpcio refuses to be read in both ways, and programs shall be able to go back to it.
        if self._style not in ("", style):
            raise self._exchange.pool.words.misused(f"the stream is {self._style} already")
        self._style = style
