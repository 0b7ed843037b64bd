"""Time limits for calls that are made by the thousand.

A deadline given to grpcio costs about a tenth of a short call: a timer of its own, and a header for
the gateway to read. Here one timer looks after all calls that are open.
"""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["TimeLimits"]

#: Check interval (s) while calls are under way; a call may end this much late.
_LOOK = 0.05


class TimeLimits:
    """Cancels calls whose time is over. For one event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ends: dict[Any, float] = {}
        self._looking = False

    def begin(self, call: Any, seconds: float) -> None:
        """``call`` is cancelled after so many seconds, unless its ``end`` comes first."""
        self._ends[call] = self._loop.time() + seconds
        if not self._looking:
            self._looking = True
            self._loop.call_later(_LOOK, self._look)

    def over(self, call: Any) -> bool:
        """Whether the time of a call that has not ended was over."""
        return call not in self._ends

    def end(self, call: Any) -> None:
        """The call has ended, however it did."""
        self._ends.pop(call, None)

    def _look(self) -> None:
        now = self._loop.time()
        for call in [each for each, end in self._ends.items() if end <= now]:
            del self._ends[call]
            call.cancel()
        self._looking = bool(self._ends)
        if self._looking:
            self._loop.call_later(_LOOK, self._look)
