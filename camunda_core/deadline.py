"""Durations and deadlines: seconds in, one monotonic clock, no wall clock."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import timedelta

from camunda_core._arguments import shown
from camunda_core.errors import ConfigurationError, InvalidRequest

__all__ = ["Deadline", "Duration", "limit_of", "milliseconds", "seconds", "setting", "time_to_wait"]

#: What every argument that means a length of time accepts: seconds as a number, or a timedelta.
Duration = float | int | timedelta

_MAX_MS = 2**63 - 1
#: Seconds, more than 30 years: what is longer is a mistake, and beyond what locks and sockets can wait.
_LONGEST_WAIT = 1e9


def seconds(value: Duration, name: str = "timeout") -> float:
    """A length of time as float seconds; InvalidRequest names the argument when it is not
    one (a bool, NaN, text).
    """
    if isinstance(value, timedelta):
        return value.total_seconds()
    try:
        if not isinstance(value, bool) and isinstance(value, (int, float)) and math.isfinite(value):
            return float(value)
    except OverflowError:  # an int that no float can hold
        pass
    raise InvalidRequest(f"{name} must be seconds (a finite number) or a timedelta, not {shown(value)}")


def time_to_wait(value: Duration, name: str = "timeout") -> float:
    """``seconds`` for what is waited here: InvalidRequest also for a negative time, and
    for one beyond 10^9 s.
    """
    exact = seconds(value, name)
    if exact < 0:
        raise InvalidRequest(f"{name} must not be negative, it is {shown(value)}")
    if exact > _LONGEST_WAIT:
        raise InvalidRequest(f"{name} must be {_LONGEST_WAIT:g} s at most, it is {shown(value)}")
    return exact


def setting(value: Duration, name: str, *, least: float = 0.0) -> float:
    """``time_to_wait`` for a setting: what is wrong with it, or less than ``least`` seconds,
    is a ConfigurationError.
    """
    try:
        exact = time_to_wait(value, name)
    except InvalidRequest as error:
        raise ConfigurationError(error.message) from None
    if exact < least:
        raise ConfigurationError(f"{name} must be {least:g} s or more, not {shown(value)}")
    return exact


def limit_of(timeout: Duration | None) -> float | None:
    """The time limit of a client in seconds, None for none; ConfigurationError unless it
    is one, more than 0 s.
    """
    if timeout is None:
        return None
    limit = setting(timeout, "timeout")
    if limit == 0:
        raise ConfigurationError("timeout must be more than 0 s, or None for no limit")
    return limit


def milliseconds(value: Duration, name: str = "timeout") -> int:
    """A length of time as whole milliseconds (what the wire wants), rounded to the nearest; same
    errors as ``seconds``.

    A positive time below half a millisecond becomes 1: the wire reads 0 as "use the default".
    """
    exact = seconds(value, name) * 1000
    if abs(exact) > _MAX_MS:
        raise InvalidRequest(
            f"{name} is beyond what the wire can carry (64 bits of milliseconds): {shown(value)}"
        )
    rounded = round(exact)
    return 1 if rounded == 0 and exact > 0 else rounded


class Deadline:
    """A moment on the monotonic clock, or never.

    Made once per call and handed down through attempts and pauses.
    """

    __slots__ = ("_at", "_began", "_now")

    def __init__(self, timeout: float | None, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._began = now()
        self._at = None if timeout is None else self._began + timeout

    def elapsed(self) -> float:
        """Seconds since this was made."""
        return self._now() - self._began

    def remaining(self) -> float | None:
        """Seconds left, never below 0; None when there is no limit."""
        return None if self._at is None else max(0.0, self._at - self._now())

    @property
    def expired(self) -> bool:
        """True when no time is left."""
        return self._at is not None and self._now() >= self._at

    def bounded(self, timeout: float) -> float:
        """``timeout`` seconds, or what is left when that is less."""
        left = self.remaining()
        return timeout if left is None else min(timeout, left)
