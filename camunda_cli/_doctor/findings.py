"""What a step found, and the time that all of them have."""

from __future__ import annotations

import time
from dataclasses import dataclass

__all__ = ["OK", "SKIPPED", "WARNING", "WRONG", "Budget", "Finding", "Stop"]

OK, WARNING, WRONG, SKIPPED = "ok", "warning", "wrong", "skipped"

#: Seconds that one question may take.
_ONE = 5.0


@dataclass(frozen=True)
class Finding:
    """One step: its name, on which wire ("" for both), how it went, what was seen, and how to mend it."""

    step: str
    wire: str
    state: str
    said: str
    mend: str = ""
    seconds: float = 0.0


class Stop(Exception):
    """A step went wrong so that those behind it cannot be tried."""

    def __init__(self, said: str, mend: str) -> None:
        super().__init__(said)
        self.said = said
        self.mend = mend


class Budget:
    """The time for everything, in seconds."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """What is left of it."""
        return max(self._ends - time.monotonic(), 0.0)

    def one(self, most: float = _ONE) -> float:
        """What one question may take; Stop where nothing is left."""
        left = min(self.left, most)
        if left < 0.1:
            raise Stop("not tried: the time is over", "give it more: --within 2m")
        return left
