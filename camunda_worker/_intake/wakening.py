"""Waiting for something to change, cheaply and with a time limit."""

from __future__ import annotations

import asyncio

__all__ = ["Wakening"]


class Wakening:
    """One waits, anybody wakes.

    A wake that nobody waits for is kept for the next who does. For one event loop.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Future[bool] | None = None
        #: Whether there was a wake that nobody has waited for yet.
        self.kept = False

    def wake(self) -> None:
        """Ends the wait, or the next one at once."""
        waiting = self._waiting
        if waiting is None:
            self.kept = True
        elif not waiting.done():
            waiting.set_result(True)

    async def within(self, seconds: float | None) -> bool:
        """Waits until woken (True), for at most ``seconds`` (False); None is without limit."""
        if self.kept:
            self.kept = False
            return True
        waiting = self._waiting = self._loop.create_future()
        timer = None if seconds is None else self._loop.call_later(seconds, _over, waiting)
        try:
            return bool(await waiting)
        finally:
            self._waiting = None
            if timer is not None:
                timer.cancel()


def _over(waiting: asyncio.Future[bool]) -> None:
    if not waiting.done():
        waiting.set_result(False)
