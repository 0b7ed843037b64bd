"""Back-pressure, answered in proportion: how many answers may be on their way at once."""

from __future__ import annotations

import asyncio
from collections import deque

__all__ = ["Window"]

_SHRINK = 0.7


class Window:
    """A limit that falls when the gateway refuses for want of capacity, and rises again with
    every answer that it takes.

    It is what TCP does: cut once per round trip, grow by one per round trip. Without refusals there
    is no limit but ``ceiling``. For one event loop.
    """

    def __init__(self, ceiling: int = 1024) -> None:
        self._ceiling = ceiling
        self._limit = float(ceiling)
        self._inside = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._cut_at = float("-inf")
        self._loop = asyncio.get_running_loop()

    @property
    def limit(self) -> int:
        """How many may be on their way now."""
        return int(self._limit)

    @property
    def inside(self) -> int:
        """How many are on their way now."""
        return self._inside

    @property
    def crowded(self) -> bool:
        """Whether answers are waiting for their turn: then nothing new is to be taken."""
        return bool(self._waiting)

    def entered(self) -> float | None:
        """Takes a place if there is one and nobody waits; gives the moment for ``leave``."""
        if self._inside + 1 > self._limit or self._waiting:
            return None
        self._inside += 1
        return self._loop.time()

    async def enter(self) -> float:
        """Waits for a place; gives the moment for ``leave``."""
        entered = self.entered()
        if entered is not None:
            return entered
        place = self._loop.create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._inside -= 1
                self._admit()
            raise
        return self._loop.time()

    def leave(self, entered: float, *, refused: bool) -> None:
        """Gives the place back; ``refused`` is for a refusal that means back-pressure."""
        if refused:
            # Those that were under way when the limit fell say nothing new.
            if entered > self._cut_at:
                self._limit = max(1.0, min(self._limit, self._inside) * _SHRINK)
                self._cut_at = self._loop.time()
        elif self._limit < self._ceiling:
            self._limit = min(self._ceiling, self._limit + 1.0 / self._limit)
        self._inside -= 1
        if self._waiting:
            self._admit()

    def _admit(self) -> None:
        while self._waiting and self._inside < int(self._limit):
            place = self._waiting.popleft()
            if not place.done():
                self._inside += 1
                place.set_result(None)
