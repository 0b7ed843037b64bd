"""The limit of a whole worker, over all its task types."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from camunda_worker._run.lane import Lane

__all__ = ["Limit"]

_ANY = 2**31


class Limit:
    """How many handlers run at most, and so how many jobs are asked for.

    A poll that waits at the gateway holds none of it, or a type without jobs would take it from the
    others. So a few jobs more than this may come at once; they wait here for their turn.
    """

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._lanes: list[Lane] = []
        self.in_hand = 0
        self.running = 0

    def join(self, lane: Lane) -> None:
        """The limit counts for this lane too."""
        self._lanes.append(lane)

    def free(self) -> int:
        """How many more jobs the worker may take."""
        return _ANY if self._most is None else self._most - self.in_hand

    def may_start(self) -> bool:
        """Whether one more handler may run."""
        return self._most is None or self.running < self._most

    def released(self, lane: Lane) -> None:
        """A job of ``lane`` has left the worker; where the worker has a limit of its own, others
        may have waited for that.
        """
        for each in (lane,) if self._most is None else self._lanes:
            each.proceed()
