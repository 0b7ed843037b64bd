from __future__ import annotations

import logging
from typing import Any

import pytest

from camunda_core.deadline import Deadline
from camunda_core.errors import (
    Aborted,
    CamundaError,
    ConfigurationError,
    DeadlineExceeded,
    InvalidRequest,
    Problem,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
    error_classes,
)
from camunda_core.retry import NO_RETRY, Pace, RetryPolicy, is_retryable

NEVER = Deadline(None)


@pytest.mark.parametrize(
    ("error", "repeatable", "other"),
    [
        (ResourceExhausted("back-pressure"), True, True),
        (Unavailable("answered so"), True, True),
        (Unavailable("never connected", sent=False), True, True),
        (Unavailable("no such host", sent=False, lasting=True), False, False),
        (Unavailable("no such partition", lasting=True), False, False),
        (DeadlineExceeded("answered so"), True, False),
        (Aborted("created, result unknown"), True, False),
        (Unavailable("connection lost", answered=False), True, False),
        (Aborted("connection lost", answered=False), True, False),
        (ResourceExhausted("too large", problem=Problem(status=413)), False, False),
        (DeadlineExceeded("no token in time", sent=False), False, False),
        (Unauthenticated("no token", sent=False), False, False),
        (InvalidRequest("refused by us"), False, False),
    ],
)
def test_an_attempt_is_repeated_only_where_it_helps_and_cannot_harm(
    error: CamundaError, repeatable: bool, other: bool
) -> None:
    assert is_retryable(error, repeatable=True) is repeatable
    assert is_retryable(error, repeatable=False) is other


def test_every_other_meaning_is_final() -> None:
    tried_again = {"RESOURCE_EXHAUSTED", "UNAVAILABLE", "DEADLINE_EXCEEDED", "ABORTED"}
    for cls in error_classes():
        if cls.grpc_code not in tried_again:
            assert not is_retryable(cls("final"), repeatable=True), cls


def delays(
    policy: RetryPolicy, error: CamundaError, random: float, deadline: Deadline = NEVER
) -> list[float]:
    attempts = policy.attempts(repeatable=True, deadline=deadline, rng=lambda: random)
    found = []
    for _ in range(20):
        delay = attempts.next_delay(error)
        if delay is None:
            break
        found.append(delay)
    assert attempts.made == len(found) + 1
    return found


def test_delays_grow_to_their_ceiling_and_are_drawn_from_the_upper_half() -> None:
    policy = RetryPolicy(max_attempts=6, initial_delay=0.1, multiplier=3, max_delay=2)
    assert delays(policy, Unavailable(), 1.0) == pytest.approx([0.1, 0.3, 0.9, 2, 2])
    assert delays(policy, Unavailable(), 0.0) == pytest.approx([0.05, 0.15, 0.45, 1, 1])


def test_the_server_may_ask_for_more_time_but_not_for_less() -> None:
    policy = RetryPolicy(max_attempts=3, initial_delay=1, multiplier=1)
    assert delays(policy, ResourceExhausted(retry_after=4), 1.0) == [4, 4]
    assert delays(policy, ResourceExhausted(retry_after=0.001), 1.0) == [1, 1]


@pytest.mark.parametrize("asked", [6, 3600, 1e300, float("inf")])
def test_what_the_server_asks_for_is_a_hint_within_our_own_bounds(
    asked: float, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "camunda_core")
    policy = RetryPolicy(max_attempts=3, initial_delay=1, multiplier=1, max_delay=5)
    assert delays(policy, Unavailable("busy", retry_after=asked), 1.0) == [5, 5]
    said = f"the next one follows in 5.00 s (the server asked for {asked:g} s): busy"
    assert [said in record.getMessage() for record in caplog.records] == [True, True]
    pace = Pace(policy, lambda: 1.0)
    assert pace.failed(Unavailable(retry_after=asked)) == 5
    assert delays(policy, Unavailable(retry_after=asked), 1.0, Deadline(4)) == []


def test_what_many_lose_at_once_is_tried_again_spread_over_time_and_no_sooner_after_that() -> None:
    chance = [0.75]
    pace = Pace(RetryPolicy(initial_delay=0.05, multiplier=2.0, max_delay=2.0), lambda: chance[0], spread=0.8)
    assert pace.failed(Unavailable(answered=False)) == pytest.approx(0.6)
    chance[0] = 0.0
    assert pace.failed(Unavailable(answered=False)) == pytest.approx(0.4)
    assert pace.failures == 2
    assert pace.failed(Unavailable(answered=False)) == pytest.approx(0.8)
    pace.succeeded()
    assert pace.failed(Unavailable(answered=False)) == 0.0
    pace.succeeded()
    assert pace.failed(Unavailable(answered=True)) == pytest.approx(0.025), "nothing was lost"
    assert pace.failed(Unavailable(answered=False)) == pytest.approx(0.05)


def test_one_attempt_means_no_retry() -> None:
    assert delays(NO_RETRY, Unavailable(), 1.0) == []


def test_a_final_error_ends_the_attempts_at_once() -> None:
    assert delays(RetryPolicy(), InvalidRequest("no"), 1.0) == []


def test_no_attempt_starts_after_the_deadline() -> None:
    now = [0.0]
    deadline = Deadline(1.0, lambda: now[0])
    attempts = RetryPolicy(initial_delay=0.6, multiplier=1).attempts(
        repeatable=True, deadline=deadline, rng=lambda: 1.0
    )
    assert attempts.next_delay(Unavailable()) == 0.6
    now[0] = 0.6
    assert attempts.next_delay(Unavailable()) is None
    assert attempts.made == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"max_attempts": 0}, "max_attempts counts the first attempt"),
        ({"initial_delay": -1}, "delays of 0 s or more"),
        ({"max_delay": -1}, "delays of 0 s or more"),
        ({"multiplier": 0.5}, "multiplier of 1 or more"),
    ],
)
def test_a_policy_that_cannot_work_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        RetryPolicy(**arguments)
