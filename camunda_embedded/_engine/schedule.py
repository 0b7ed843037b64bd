"""What is to happen later, and queues of keys: both forget what was cancelled, so that memory stays flat."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Any

from camunda_embedded._engine.command import Command

__all__ = ["Action", "Appointment", "KeyQueue", "Schedule"]


#: Gives the command that falls due; None when there is nothing to do any more.
Action = Callable[[], "Command[Any] | None"]


class Appointment:
    """Something that falls due at ``due`` (milliseconds since the epoch)."""

    __slots__ = ("action", "due", "order")

    def __init__(self, due: int, order: int, action: Action) -> None:
        self.due = due
        self.order = order
        self.action: Action | None = action

    def __lt__(self, other: Appointment) -> bool:
        return (self.due, self.order) < (other.due, other.order)


class Schedule:
    """Appointments by due date."""

    def __init__(self) -> None:
        self._heap: list[Appointment] = []
        self._order = count()
        self._cancelled = 0

    def __len__(self) -> int:
        return len(self._heap) - self._cancelled

    def at(self, due: int, action: Action) -> Appointment:
        """Makes an appointment."""
        appointment = Appointment(due, next(self._order), action)
        heappush(self._heap, appointment)
        return appointment

    def cancel(self, appointment: Appointment | None) -> None:
        """Calls an appointment off; harmless when it is over or None."""
        if appointment is None or appointment.action is None:
            return
        appointment.action = None
        self._cancelled += 1
        if self._cancelled > 64 and self._cancelled * 2 > len(self._heap):
            self._heap = [item for item in self._heap if item.action is not None]
            heapify(self._heap)
            self._cancelled = 0

    def next_due(self) -> int | None:
        """When the next appointment is; None when there is none."""
        while self._heap and self._heap[0].action is None:
            heappop(self._heap)
            self._cancelled -= 1
        return self._heap[0].due if self._heap else None

    def pop(self, now: int) -> Action | None:
        """Takes the next action that is due at ``now``; None when nothing is."""
        due = self.next_due()
        if due is None or due > now:
            return None
        appointment = heappop(self._heap)
        action, appointment.action = appointment.action, None
        return action


class KeyQueue:
    """Keys in ascending order, each at most once."""

    def __init__(self) -> None:
        self._heap: list[int] = []
        self._live: set[int] = set()

    def __len__(self) -> int:
        return len(self._live)

    def __contains__(self, key: int) -> bool:
        return key in self._live

    def add(self, key: int) -> None:
        """Puts a key in; harmless when it is there."""
        if key not in self._live:
            self._live.add(key)
            heappush(self._heap, key)

    def discard(self, key: int) -> None:
        """Takes a key out; harmless when it is not there."""
        self._live.discard(key)
        if len(self._heap) > 64 and len(self._heap) > 2 * len(self._live):
            self._heap = sorted(self._live)

    def first(self) -> int | None:
        """The lowest key; None when there is none."""
        while self._heap and self._heap[0] not in self._live:
            heappop(self._heap)
        return self._heap[0] if self._heap else None
