"""What goes wrong, and when: rules that the doors of the gateway ask at every call.

A rule is a kind of fault for one operation, for so many calls. The kinds:

    on gRPC         a status name (UNAVAILABLE …), with the gateway's status details
    goaway          the server sends GOAWAY and closes the connection, so that every call on it ends
    rst             RST_STREAM with INTERNAL_ERROR in place of the answer
    on REST         a status (401 … 504) with a problem document
    pressure        500 with the title java.lang.RuntimeException: how 8.6 says "back-pressure" to an activation
    html            503 with a page of a proxy instead of a problem document
    half            half of an answer, then the end of the connection
    page:<status>   that status with a page of a proxy
    on both         wait:<seconds>: a proxy that asks for a pause (503 with Retry-After, UNAVAILABLE with RetryInfo)
    on both         reset (the connection, by TCP RST), stall (no answer, ever)
    lost            the command is executed, then the connection is reset
    late            the command is executed, the answer comes ``delay`` seconds later
    end             (job streams) the stream ends with OK after ``delay`` seconds
    lasting:<kind>  (job streams) the stream works for ``delay`` seconds, then ends with that kind
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.gateway.watch import Watch

__all__ = ["Faults", "Rule"]


@dataclass
class Rule:
    """``count``: for how many calls, or, with ``per_job``, for how many of each job. ``delay``: seconds before it strikes."""

    kind: str
    operation: str
    job_type: str = ""
    count: int = 1
    per_job: bool = False
    delay: float = 0.0
    number: int = 0
    fired: list[float] = field(default_factory=list)
    by_job: Counter[int] = field(default_factory=Counter)

    def matches(self, operation: str, job_type: str, key: int) -> bool:
        if self.operation not in (operation, "*") or self.job_type not in ("", job_type):
            return False
        return (self.by_job[key] if self.per_job else len(self.fired)) < self.count


class Faults:
    """The rules in force, oldest first."""

    def __init__(self) -> None:
        self.rules: dict[int, Rule] = {}
        self.calls: Counter[tuple[str, str]] = Counter()
        self.watch = Watch()
        self._numbers = itertools.count(1)

    def add(self, **fields: Any) -> int:
        rule = Rule(**fields, number=next(self._numbers))
        self.rules[rule.number] = rule
        return rule.number

    def drop(self, number: int) -> int:
        """Takes a rule out of force; how often it had struck."""
        return len(self.rules.pop(number).fired)

    def next(self, operation: str, job_type: str, key: int = 0) -> Rule | None:
        """The rule for this call, which counts it."""
        self.calls[operation, job_type] += 1
        for rule in self.rules.values():
            if rule.matches(operation, job_type, key):
                rule.fired.append(time.monotonic())
                rule.by_job[key] += 1
                self.watch.changed()
                return rule
        return None

    async def struck(self, number: int, times: int) -> None:
        """Waits until a rule has struck so often."""
        await self.watch.until(lambda: len(self.rules[number].fired) >= times)
