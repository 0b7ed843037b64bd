"""Turns for the engine's unfinished work in the event loop, between everything else that the gateway does."""

from __future__ import annotations

import asyncio
import time

from camunda_embedded._engine.engine import Engine
from camunda_embedded._engine.work import Work
from camunda_embedded._limits import TURN_SECONDS

__all__ = ["Pace"]

#: Seconds that a turn takes when a single step of it was a long one, and that everything else has after it.
_LONG, _REST = 0.05, 0.02


class Pace:
    """Goes on with what the engine leaves unfinished; made and used in the thread of the event loop."""

    def __init__(self, engine: Engine) -> None:
        self._works = engine.kernel.works
        self._waiting = asyncio.Event()
        self._works.turn = TURN_SECONDS
        self._works.on_waiting = self._waiting.set
        self._task = asyncio.ensure_future(self._go_on())

    async def _go_on(self) -> None:
        while True:
            await self._waiting.wait()
            began = time.monotonic()
            self._works.go_on()
            long = time.monotonic() - began > _LONG
            if not self._works:
                self._waiting.clear()
            await asyncio.sleep(_REST if long else 0)

    @staticmethod
    async def finished(work: Work | None, seconds: float | None = None) -> None:
        """Waits until a piece of work is done, for so many seconds at most."""
        if work is None or work.done:
            return
        done = asyncio.Event()
        work.when_done(done.set)
        try:
            await asyncio.wait_for(done.wait(), seconds)
        except asyncio.TimeoutError:
            return

    def stop(self) -> None:
        """Leaves what is unfinished as it is."""
        self._works.on_waiting = lambda: None
        self._task.cancel()
