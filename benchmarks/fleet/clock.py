"""An event loop for thousands of workers whose clock jumps: as that of the tests, and cheaper.

asyncio keeps its timers in a heap that compares them in Python, and asks the system for events
between any two. Here timers of the same tick are one list, the heap holds ticks, and nobody is
asked: nothing happens outside of the loop.
"""

from __future__ import annotations

import asyncio
import contextvars
import heapq
import math
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from tests.fakes.clock import run_in

__all__ = ["on_a_grid"]

T = TypeVar("T")


class _Loop(asyncio.SelectorEventLoop):
    """Timers are due on multiples of ``grid`` seconds, never before the moment that was asked for."""

    def __init__(self, grid: float) -> None:
        super().__init__()
        self._grid = grid
        self._tick = 0
        self._ticks: list[int] = []
        self._due: dict[int, list[asyncio.TimerHandle]] = {}

    def time(self) -> float:
        return self._tick * self._grid

    def call_at(  # type: ignore[override]
        self,
        when: float,
        callback: Callable[..., Any],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        # The share of a tick that is forgiven is what sums of fractions are wrong by.
        tick = math.ceil(when / self._grid - 1e-6) if math.isfinite(when) else 2**62
        if tick <= self._tick:  # what is not over yet must be by then, or who waits for it asks for ever
            tick = self._tick + (when > self.time())
        due = self._due.get(tick)
        if due is None:
            due = self._due[tick] = []
            heapq.heappush(self._ticks, tick)
        due.append(handle)
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is passed over when its tick comes."""

    def _run_once(self) -> None:
        ready: Any = self._ready  # type: ignore[attr-defined]
        while not ready:
            if not self._ticks:
                raise RuntimeError("nothing in this loop will ever happen again")
            tick = heapq.heappop(self._ticks)
            live = [each for each in self._due.pop(tick) if not each.cancelled()]
            if live:
                self._tick = tick
                ready.extend(live)
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle.cancelled():
                handle._run()


def on_a_grid(main: Coroutine[Any, Any, T], grid: float) -> T:
    """Runs it in a loop of this kind."""
    return run_in(_Loop(grid), main)
