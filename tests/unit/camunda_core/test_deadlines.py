from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from camunda_core.deadline import Deadline, milliseconds, seconds
from camunda_core.errors import InvalidRequest


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5.0),
        (0.25, 0.25),
        (0, 0.0),
        (-1, -1.0),
        (timedelta(minutes=1, milliseconds=5), 60.005),
        (timedelta(0), 0.0),
    ],
)
def test_seconds_are_numbers_or_timedeltas(value: Any, expected: float) -> None:
    result = seconds(value)
    assert result == expected
    assert type(result) is float


@pytest.mark.parametrize(
    "value", ["5", None, True, float("nan"), float("inf"), -float("inf"), Fraction(1, 2), [1]]
)
@pytest.mark.parametrize("convert", [seconds, milliseconds])
def test_anything_else_is_refused_by_the_name_of_the_argument(convert: Any, value: Any) -> None:
    with pytest.raises(InvalidRequest, match=r"^retry_backoff must be seconds .* or a timedelta, not "):
        convert(value, "retry_backoff")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5000),
        (0, 0),
        (0.0004, 1),
        (1e-9, 1),
        (0.0016, 2),
        (-1, -1000),
        (-0.0001, 0),
        (timedelta(microseconds=1), 1),
    ],
)
def test_milliseconds_are_rounded_but_never_to_the_zero_that_means_default(value: Any, expected: int) -> None:
    result = milliseconds(value)
    assert result == expected
    assert type(result) is int


@pytest.mark.parametrize("value", [1e300, -1e300, 2.0**63 / 1000 * 2])
def test_milliseconds_must_fit_into_64_bits(value: float) -> None:
    with pytest.raises(InvalidRequest, match=r"^timeout is beyond what the wire can carry"):
        milliseconds(value)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_deadline_counts_down_and_stops_at_zero() -> None:
    clock = Clock()
    deadline = Deadline(10, clock)
    assert (deadline.remaining(), deadline.expired) == (10, False)
    clock.now += 4
    assert deadline.remaining() == 6
    assert (deadline.bounded(30), deadline.bounded(2)) == (6, 2)
    clock.now += 6
    assert (deadline.remaining(), deadline.expired) == (0, True)
    clock.now += 100
    assert (deadline.remaining(), deadline.bounded(2)) == (0, 0)


def test_no_timeout_is_a_deadline_that_never_comes() -> None:
    clock = Clock()
    deadline = Deadline(None, clock)
    clock.now += 1e9
    assert (deadline.remaining(), deadline.expired) == (None, False)
    assert deadline.bounded(7) == 7


def test_no_time_at_all_is_over_at_once() -> None:
    assert Deadline(0).expired
    assert Deadline(-5).remaining() == 0
