"""Back-pressure, answered in proportion: how many answers may be on their way at once, and how soon after each other."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable

__all__ = ["Window"]

_SHRINK = 0.7
#: The pause after an answer (s) where one at a time is too many: the first, and the longest.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.002, 0.5
#: A refusal makes the pause so many times as long. What is taken makes it shorter by a share of
#: itself that is the larger the longer the pause is: that is what makes workers equal.
_LONGER, _SHORTER, _ROOT, _SHORTER_AT_MOST = 1.4, 1.6, 0.7, 0.5
#: So many answers have to be taken in a row before the limit rises as fast as it may; and so many
#: before pauses become shorter faster than that.
_CAREFUL, _PATIENT = 6, 8


class Window:
    """A limit that falls when the gateway refuses for want of capacity, and rises again with
    every answer that it takes.

    It is what TCP does: cut once per round trip, grow by one per round trip, slower at first after
    a refusal. Without refusals there is no limit but ``ceiling``. Where the gateway refuses although
    one answer at a time is under way, there is a pause after each as well, longer with every
    refusal. For one event loop.
    """

    def __init__(self, ceiling: int = 1024, chance: Callable[[], float] = random.random) -> None:
        self._ceiling = ceiling
        self._chance = chance
        self._limit = float(ceiling)
        self._inside = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._cut_at = float("-inf")
        self._pause = 0.0
        self._in_a_row = 0
        self._hurried = False
        self._resting: asyncio.TimerHandle | None = None  # while it does, the limit is 0
        self._calm: list[Callable[[], None]] = []
        self._loop = asyncio.get_running_loop()

    @property
    def limit(self) -> int:
        """How many may be on their way at once."""
        return max(1, int(self._limit))

    @property
    def pause(self) -> float:
        """Seconds, more or less, between an answer and the next; 0 unless one at a time is too many."""
        return self._pause

    @property
    def inside(self) -> int:
        """How many are on their way now."""
        return self._inside

    @property
    def crowded(self) -> bool:
        """Whether answers are waiting for their turn: then nothing new is to be taken."""
        return bool(self._waiting)

    def on_calm(self, waker: Callable[[], None]) -> None:
        """``waker`` is called, too, when nobody waits for a place any more."""
        self._calm.append(waker)

    def entered(self) -> float | None:
        """Takes a place if there is one and nobody waits; gives the moment for ``leave``."""
        if self._inside + 1 > self._limit or self._waiting:
            return None
        self._inside += 1
        return self._loop.time()

    async def enter(self, by: float = float("inf")) -> float:
        """Waits for a place; gives the moment for ``leave``.

        At ``by``, of the loop's clock, there is one whether the limit allows it or not.
        """
        entered = self.entered()
        if entered is not None:
            return entered
        place = self._loop.create_future()
        self._waiting.append(place)
        latest = self._loop.call_at(by, self._take, place) if by < float("inf") else None
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._inside -= 1
                self._admit()
            raise
        finally:
            if latest is not None:
                latest.cancel()
        return self._loop.time()

    def hurry(self) -> None:
        """No pauses any more: the worker ends, and what it has not answered by then is answered by nobody."""
        self._hurried, self._pause = True, 0.0
        if self._resting is not None:
            self._resting.cancel()
            self._rested()

    def leave(self, entered: float, *, refused: bool) -> None:
        """Gives the place back; ``refused`` is for a refusal that means back-pressure."""
        if refused:
            # Those that were under way when the limit fell say nothing new.
            if entered > self._cut_at:
                self._cut()
        elif self._limit < self._ceiling:
            self._in_a_row += 1
            if self._pause:
                self._shorten()
            else:
                self._rise()
        self._inside -= 1
        if self._pause:
            self._limit = 0.0
            if self._resting is None:
                self._resting = self._loop.call_later(self._pause * (0.5 + self._chance()), self._rested)
        if self._waiting:
            self._admit()

    def _cut(self) -> None:
        self._in_a_row = 0
        self._cut_at = self._loop.time()
        limit = min(self._limit, self._inside) * _SHRINK
        if limit < 1.0:
            limit = 1.0
            if not self._hurried:
                self._pause = min(max(_FIRST_PAUSE, self._pause * _LONGER), _LONGEST_PAUSE)
        self._limit = limit

    def _rise(self) -> None:
        share = min(self._in_a_row / _CAREFUL, 1.0)
        self._limit = min(self._ceiling, self._limit + share / max(1.0, self._limit))

    def _shorten(self) -> None:
        share = _SHORTER * self._pause**_ROOT * max(1.0, self._in_a_row / _PATIENT)
        self._pause *= 1.0 - min(share, _SHORTER_AT_MOST)
        if self._pause < _FIRST_PAUSE:
            self._pause = 0.0

    def _rested(self) -> None:
        self._resting = None
        self._limit = 1.0
        self._admit()

    def _take(self, place: asyncio.Future[None]) -> None:
        if not place.done():
            self._inside += 1
            place.set_result(None)

    def _admit(self) -> None:
        crowded = self.crowded
        while self._waiting and self._inside < int(self._limit):
            self._take(self._waiting.popleft())
        if crowded and not self._waiting:
            for waker in self._calm:
                waker()
