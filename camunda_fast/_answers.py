"""An answer over HTTP as it comes, whichever version of it brings it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from typing import Any, Literal, Protocol, TypeAlias

__all__ = ["AHEAD", "Answer", "Broken", "Carrier", "Kind"]

Kind: TypeAlias = Literal["unconnected", "late", "lost", "foreign", "headers", "closed", "refused"]

#: Bytes of an answer that may wait for who reads it piece by piece.
AHEAD = 256 * 1024


class Broken(Exception):
    """An exchange without an answer: of which kind, and what was raised. "late" is one that had its
    connection, "unconnected" without a cause one that did not get it in time, "refused" one that the
    server says it did not look at. ``spoken``: it had said something on that connection.
    """

    def __init__(self, kind: Kind, cause: BaseException | None = None, *, spoken: bool = False) -> None:
        super().__init__(kind)
        self.kind: Kind = kind
        self.cause, self.spoken = cause, spoken


class Carrier(Protocol):
    """What an answer comes over."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop: ...

    def taken(self, count: int, more: bool) -> None:
        """So many bytes were read; whether more are wanted."""

    def give_up(self, answer: Answer, kind: Kind) -> None:
        """No more of it is wanted."""


class Answer:
    """An answer as it comes. ``begun`` is done with its headers, ``done`` with its end."""

    def __init__(self, carrier: Carrier, most: int | None, *, keeps: bool) -> None:
        loop = carrier.loop
        self._carrier = carrier
        self.most, self.keeps = most, keeps
        self.status = 0
        self.headers: dict[str, str] = {}
        self.decoder: Any = None
        self.pieces: deque[bytes] = deque()
        self.size = 0
        self.begun: asyncio.Future[None] | None = loop.create_future() if keeps else None
        self.done: asyncio.Future[None] = loop.create_future()
        self._waiter: asyncio.Future[None] | None = None

    def came(self, chunk: bytes) -> bool:
        """A piece of its body; False when that is enough of it."""
        self.pieces.append(chunk)
        self.size += len(chunk)
        self._wake()
        return self.keeps or self.most is None or self.size <= self.most

    def began(self) -> None:
        """Its headers are there."""
        if self.begun is not None and not self.begun.done():
            self.begun.set_result(None)

    def over(self, error: Broken | None = None) -> None:
        """It has ended."""
        for future in (self.begun, self.done):
            if future is None or future.done():
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)
                future.exception()  # nobody need look
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def body(self) -> bytes:
        """All that came."""
        return self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)

    async def chunks(self, pause: float | None) -> AsyncGenerator[bytes, None]:
        """Its body piece by piece, for each of which it is waited ``pause`` seconds at most. Raises Broken."""
        carrier = self._carrier
        while True:
            while self.pieces:
                piece = self.pieces.popleft()
                self.size -= len(piece)
                carrier.taken(len(piece), self.size < AHEAD)
                yield piece
            if self.done.done():
                self.done.result()
                return
            self._waiter = carrier.loop.create_future()
            done, _ = await asyncio.wait({self._waiter}, timeout=pause)
            if not done:
                self.close()
                raise Broken("late")

    def close(self) -> None:
        """Leaves it; a connection on which more of it would come is closed."""
        self._carrier.give_up(self, "closed")
