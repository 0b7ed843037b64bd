"""How the handlers of all contenders behave, and how they tell what happens to them. Standard library only.

A contender is a process that is given its settings as JSON and says what it does in lines of JSON.
"""

from __future__ import annotations

import asyncio
import datetime
import json
import os
import sys
import time
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Conduct", "Settings", "isolated", "say"]


@dataclass(frozen=True)
class Settings:
    """``address``: of the wire that the contender speaks. Times are seconds.

    ``handler``  what the handler does: see ``Conduct.result``
    ``sleep``    how long it takes
    ``limit``    how many jobs at a time; 0 is the contender's default
    ``timeout``  how long a job is locked
    ``variant``  what tells contenders of one kind apart
    """

    address: str
    job_type: str
    handler: str = "quick"
    sleep: float = 0.0
    limit: int = 0
    timeout: float = 60.0
    grace: float = 10.0
    token: str = ""
    variant: str = ""

    @classmethod
    def given(cls) -> Settings:
        """Those of the command line."""
        return cls(**json.loads(sys.argv[1]))


def say(what: str, **more: Any) -> None:
    """A line for whoever started this."""
    line = json.dumps({"what": what, "at": time.monotonic(), **more}) + "\n"
    os.write(1, line.encode())  # in one piece, from whatever thread or process


@dataclass
class Conduct:
    """One handler for all; counts how many run at a time."""

    settings: Settings
    running: int = 0
    peak: int = 0
    seen: dict[str, int] = field(default_factory=dict)

    async def handle(self, key: Any, number: int) -> dict[str, Any]:
        self.running += 1
        if self.running > self.peak:
            self.peak = self.running
        say("run", key=str(key), running=self.running)
        try:
            await asyncio.sleep(self.settings.sleep)
            return self.result(number)
        finally:
            self.running -= 1
            say("ran", key=str(key))

    def result(self, number: int) -> dict[str, Any]:
        """What the handler returns, or raises."""
        how = self.settings.handler
        if how == "raise" or how == "raise twice":
            raise ValueError("scripted")
        results: dict[str, Any] = {
            "quick": {"ok": True},
            "datetime": {"at": datetime.datetime(2026, 1, 1)},
            "nan": {"x": float("nan")},
            "set": {"x": {1, 2}},
            "object": {"x": object()},
            "list": [1, 2],
        }
        found: dict[str, Any] = results[how]
        return found


def isolated(number: int) -> dict[str, Any]:
    """The handler of a process pool: the first job takes its process down."""
    if number == 0:
        os._exit(1)
    time.sleep(0.05)
    return {"ok": True}
