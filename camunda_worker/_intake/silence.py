"""Noticing that a connection is dead although nobody said so: the network, or a middlebox,
dropped it without a word.
"""

from __future__ import annotations

import asyncio

from camunda_core.jobs import JobWire
from camunda_worker._logs import log

__all__ = ["Silence"]

#: So many calls in a row without an answer in time mean a dead connection.
_DEAD_AFTER = 2


class Silence:
    """Counts the calls of one kind (polls, or answers: they may go different ways) that
    had no answer in time.

    After two in a row the wire goes on over fresh connections. For one event loop.
    """

    def __init__(self, what: str, wire: JobWire, loop: asyncio.AbstractEventLoop) -> None:
        self._what = what
        self._wire = wire
        self._loop = loop
        self._overdue = 0
        self._since = 0.0
        self._noticed_at = float("-inf")

    def overdue(self, began: float) -> None:
        """A call that began then, by the loop's clock, has no answer in time."""
        if began < self._noticed_at:
            return  # it was under way beside the one before, and says nothing new
        if self._overdue == 0:
            self._since = began
        self._overdue += 1
        self._noticed_at = self._loop.time()
        if self._overdue >= _DEAD_AFTER:
            self._overdue = 0
            log.warning(
                "%s: nothing has come over %s for %.1f s: trying a fresh connection",
                self._what,
                self._wire.name,
                self._noticed_at - self._since,
            )
            self._wire.reconnect(self._since)

    def broken(self) -> None:
        """A call of this kind had an answer, or an end that somebody told."""
        self._overdue = 0
