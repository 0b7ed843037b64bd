"""The one timer of many calls, by a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from camunda_grpc._limits import TimeLimits


class Loop:
    """A clock and its timers."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.timers: list[tuple[float, Callable[[], Any]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], Any]) -> None:
        self.timers.append((self.now + delay, callback))

    def pass_(self, seconds: float) -> None:
        """Moves the clock, and calls what is due on the way."""
        until = self.now + seconds
        while due := [each for each in self.timers if each[0] <= until]:
            timer = min(due, key=lambda each: each[0])
            self.timers.remove(timer)
            self.now = timer[0]
            timer[1]()
        self.now = until


class Call:
    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Loop:
    loop = Loop()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: loop)
    return loop


def test_a_call_is_cancelled_when_its_time_is_over_and_soon_after(loop: Loop) -> None:
    limits, call = TimeLimits(), Call()
    limits.begin(call, 2.0)
    loop.pass_(1.99)
    assert not call.cancelled
    assert not limits.over(call)
    loop.pass_(0.11)
    assert call.cancelled
    assert limits.over(call)


def test_a_call_that_ended_in_time_is_left_alone_and_the_timer_rests(loop: Loop) -> None:
    limits, call = TimeLimits(), Call()
    limits.begin(call, 2.0)
    loop.pass_(1.0)
    limits.end(call)
    loop.pass_(5.0)
    assert not call.cancelled
    assert loop.timers == []
    limits.end(call)  # harmless


def test_one_timer_looks_after_calls_of_different_limits(loop: Loop) -> None:
    limits = TimeLimits()
    calls = {seconds: Call() for seconds in (3.0, 1.0, 2.0)}
    for seconds, call in calls.items():
        limits.begin(call, seconds)
    assert len(loop.timers) == 1
    for passed in (1.1, 1.0, 1.0):
        loop.pass_(passed)
        assert len(loop.timers) <= 1
        over = {seconds for seconds, call in calls.items() if call.cancelled}
        assert over == {seconds for seconds in calls if seconds <= loop.now - 1000.0}
    assert loop.timers == []


def test_a_call_that_begins_while_the_timer_rests_is_limited_too(loop: Loop) -> None:
    limits = TimeLimits()
    first, second = Call(), Call()
    limits.begin(first, 0.1)
    loop.pass_(1.0)
    limits.begin(second, 0.1)
    loop.pass_(0.2)
    assert first.cancelled
    assert second.cancelled
