"""The only source of time of the embedded gateway: real time by default, moved or stopped at will."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from camunda_core._arguments import flag, shown
from camunda_core.deadline import Duration, milliseconds
from camunda_core.errors import InvalidRequest

__all__ = ["Clock"]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_END = 253_402_300_799_999


class Clock:
    """Wall clock time in milliseconds since the epoch. It moves backwards where that is asked for:
    by ``reset``, and by ``pin``.

    It ticks with the system's clock unless ``start`` is given: then it stands still at that moment
    and moves only by ``advance`` and ``set``. Everything that falls due on the way (timers, job
    timeouts, back-offs, message expiry) has happened when ``advance`` or ``set`` returns.

    Safe to use from any thread.
    """

    def __init__(self, start: datetime | None = None, *, system: Callable[[], float] = time.time) -> None:
        self._lock = threading.Lock()
        self._system = system
        self._offset = 0
        self._pinned = None if start is None else _milliseconds_of(start, "start")
        self._watchers: list[Callable[[], None]] = []

    def now(self) -> int:
        """Milliseconds since the epoch."""
        with self._lock:
            return self._now()

    def _now(self) -> int:
        return self._pinned if self._pinned is not None else round(self._system() * 1000) + self._offset

    @property
    def moment(self) -> datetime:
        """The current moment, in UTC."""
        return _EPOCH + timedelta(milliseconds=self.now())

    @property
    def ticking(self) -> bool:
        """False while the clock stands still."""
        return self._pinned is None

    def advance(self, span: Duration) -> None:
        """Moves the clock forward by seconds (a number) or a timedelta; ValueError when it would go back."""
        self._move(lambda now: now + milliseconds(span, "span"), "span")

    def set(self, moment: datetime) -> None:
        """Moves the clock forward to ``moment``; it goes on ticking if it did.

        ValueError when it would go back.
        """
        target = _milliseconds_of(moment, "moment")
        self._move(lambda _: target, "moment")

    def pin(self, moment: datetime | int, *, backwards: bool = False) -> None:
        """Stops the clock at ``moment`` (a datetime, or milliseconds since the epoch).

        InvalidRequest (a ValueError) when it would go back, unless ``backwards`` says that it may,
        as the REST API may: then nothing falls due before the clock is again where it was.
        """
        flag(backwards, "backwards")
        target = moment if type(moment) is int else _milliseconds_of(moment, "moment")  # type: ignore[arg-type]
        self._move(lambda _: target, "moment", pin=True, backwards=backwards)

    def release(self) -> None:
        """Lets a clock that stands still tick on from where it is."""
        with self._lock:
            if self._pinned is not None:
                self._offset = self._pinned - round(self._system() * 1000)
                self._pinned = None
        self._tell()

    def reset(self) -> None:
        """Lets the clock follow the system's again, forwards or backwards, as the REST API resets it."""
        with self._lock:
            self._pinned, self._offset = None, 0
        self._tell()

    def watch(self, moved: Callable[[], None]) -> Callable[[], None]:
        """Calls ``moved`` after each change, in the thread that made it; returns what ends the watch."""
        self._watchers.append(moved)
        return lambda: self._watchers.remove(moved)

    def _move(
        self, target_of: Callable[[int], int], name: str, *, pin: bool = False, backwards: bool = False
    ) -> None:
        with self._lock:
            now = self._now()
            target = target_of(now)
            if target > _END:
                raise InvalidRequest(
                    f"{name}: the clock ends with the year 9999, at {_END} ms since the epoch, asked for {shown(target)}"
                )
            if target < now and not backwards:
                raise InvalidRequest(
                    f"{name}: the clock cannot go back: it is {now} ms since the epoch, asked for {shown(target)}"
                )
            if pin or self._pinned is not None:
                self._pinned = target
            else:
                self._offset += target - now
        self._tell()

    def _tell(self) -> None:
        for moved in tuple(self._watchers):
            moved()


def _milliseconds_of(moment: datetime, name: str) -> int:
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise InvalidRequest(f"{name}: the clock needs a datetime with a time zone, not {shown(moment)}")
    return round((moment - _EPOCH) / timedelta(milliseconds=1))
