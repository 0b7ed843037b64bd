"""Back-pressure, answered in proportion: how many calls of a client may be under way at once.

Without refusals there is no limit. When the gateway refuses for want of capacity, the limit falls below what was under way, and
rises again with every call that is taken, as TCP does it; what is beyond it waits for its turn, within its time limit. Calls
for which the server itself waits (long polls, awaited results) and those that the gateway does not count are never held back.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from camunda_core.errors import ResourceExhausted
from camunda_rest._encoding import JsonText
from camunda_rest.operations import Operation

__all__ = ["EXEMPT", "Gate", "Pressure", "Window", "is_held", "is_refusal"]

#: Operations that the gateway does not count against its limit: they finish what is under way.
EXEMPT = frozenset({"completeJob", "failJob", "throwJobError", "completeUserTask"})

_SHRINK = 0.7
_QUIET = 30.0  # s without a refusal, after which the limit is forgotten


@dataclass(frozen=True, slots=True)
class Pressure:
    """The state of a client's limit.

    ``limit``     how many calls may be under way, None for any number
    ``running``   how many are; long polls and what the gateway does not count are not among them
    ``waiting``   how many wait for their turn
    ``refusals``  how often the gateway has refused for want of capacity
    """

    limit: int | None = None
    running: int = 0
    waiting: int = 0
    refusals: int = 0


def is_held(operation: Operation, body: Mapping[str, Any] | JsonText | None) -> bool:
    """Whether a call may be held back."""
    if operation.id in EXEMPT:
        return False
    if operation.waits is None:
        return True
    if operation.waits_if is None or isinstance(body, JsonText):
        return False
    return not (body or {}).get(operation.waits_if)


def is_refusal(error: BaseException) -> bool:
    """Whether an error means back-pressure, not a message that is too large."""
    if not isinstance(error, ResourceExhausted) or error.problem is None:
        return False
    return error.problem.status in (429, 500, 503)


class _Place(Protocol):
    def admit(self) -> bool: ...


class Window:
    """What both gates decide. Whoever uses it sees to it that nobody else does at the same time."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._limit = math.inf
        self._running = 0
        self._refusals = 0
        self._cut_at = -math.inf
        self.waiting: deque[_Place] = deque()

    @property
    def state(self) -> Pressure:
        limit = None if self._limit == math.inf else int(self._limit)
        return Pressure(limit, self._running, len(self.waiting), self._refusals)

    def enters(self) -> bool:
        """Takes a place if there is one and nobody waits."""
        if self._limit != math.inf and self._now() - self._cut_at > _QUIET:
            self._limit = math.inf
            self.admit()
        if self.waiting or self._running + 1 > self._limit:
            return False
        self._running += 1
        return True

    def left(self, entered: float, error: BaseException | None) -> None:
        """Gives a place back; an error that is no refusal says nothing of the gateway's capacity."""
        if error is None:
            if self._limit != math.inf:
                self._limit += 1.0 / self._limit
        elif is_refusal(error):
            self._refusals += 1
            # Those that were under way when the limit fell say nothing new.
            if entered > self._cut_at:
                self._limit = max(1.0, min(self._limit, self._running) * _SHRINK)
                self._cut_at = self._now()
        self._running -= 1
        self.admit()

    def admit(self) -> None:
        """Lets in those whose turn has come."""
        while self.waiting and self._running + 1 <= self._limit:
            if self.waiting.popleft().admit():
                self._running += 1


class _Thread:
    """A thread that waits for its turn."""

    def __init__(self) -> None:
        self.turn = threading.Event()

    def admit(self) -> bool:
        self.turn.set()
        return True


class Gate:
    """The limit of a blocking client."""

    def __init__(self) -> None:
        self._window = Window()
        self._lock = threading.Lock()

    @property
    def state(self) -> Pressure:
        """How things stand."""
        with self._lock:
            return self._window.state

    def enter(self, timeout: float | None) -> float | None:
        """Waits for a place, at most ``timeout`` seconds; the moment for ``leave``, None when the time was over first."""
        with self._lock:
            if self._window.enters():
                return time.monotonic()
            place = _Thread()
            self._window.waiting.append(place)
        try:
            in_time = place.turn.wait(timeout)
        except BaseException:
            self._leave_queue(place)
            raise
        return time.monotonic() if in_time or not self._leave_queue(place) else None

    def _leave_queue(self, place: _Thread) -> bool:
        """Whether the place was still waiting; its turn may have come in the meantime."""
        with self._lock:
            if place in self._window.waiting:
                self._window.waiting.remove(place)
                return True
            return False

    def leave(self, entered: float, error: BaseException | None = None) -> None:
        """Gives the place back, with how the call ended."""
        with self._lock:
            self._window.left(entered, error)
