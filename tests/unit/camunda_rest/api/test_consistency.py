"""Waiting for what lags behind, on a clock of its own."""

from __future__ import annotations

import contextlib
import gc
import weakref
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from camunda_core.errors import (
    CamundaError,
    ConfigurationError,
    DeadlineExceeded,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    InvalidRequest,
    NotFound,
    Problem,
    ResourceExhausted,
    Unavailable,
    Unimplemented,
)
from camunda_rest._consistency import Patience, default_wait
from camunda_rest._search import Page, Total

EMPTY: Page[Any] = Page()
FOUND: Page[Any] = Page((1, 2), Total(2))


class Clock:
    """Time that passes only when it is slept for."""

    def __init__(self) -> None:
        self.now = 100.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now


def patience(clock: Clock, wait: Any = None, until: Any = None, **more: Any) -> Patience:
    return Patience("searchThings", wait, until, now=clock, **more)


def run(clock: Clock, waiting: Patience, ask: Callable[[], Any]) -> Any:
    """The loop of both clients."""
    while True:
        try:
            answer = ask()
        except CamundaError as error:
            pause = waiting.pause_after_error(error)
            if pause is None:
                return waiting.end(error)
        else:
            pause = waiting.pause_after(answer)
            if pause is None:
                return answer
        clock.pauses.append(pause)
        clock.now += pause


def missing() -> NotFound:
    return NotFound("no such thing", problem=Problem(status=404, title="NOT_FOUND"))


def raising(error: Callable[[], CamundaError]) -> Callable[[], Any]:
    def ask() -> Any:
        raise error()

    return ask


@pytest.mark.parametrize("answer", [EMPTY, None, ()])
def test_without_a_wait_nothing_is_asked_twice(answer: Any) -> None:
    clock = Clock()

    assert run(clock, patience(clock), lambda: answer) is answer
    with pytest.raises(NotFound, match=r"^no such thing$"):
        run(clock, patience(clock), raising(missing))
    assert clock.pauses == []


@pytest.mark.parametrize("answer", [EMPTY, None, ()])
def test_nothing_is_asked_for_again_with_growing_pauses_until_the_wait_is_over(answer: Any) -> None:
    clock = Clock()

    assert run(clock, patience(clock, 5), lambda: answer) is answer
    assert sum(clock.pauses) == pytest.approx(5)
    assert clock.pauses[:4] == pytest.approx([0.05, 0.08, 0.128, 0.2048])
    assert max(clock.pauses) == 0.5


def test_what_comes_while_it_is_waited_for_is_given_at_once() -> None:
    clock = Clock()
    answers = iter([EMPTY, EMPTY, FOUND])

    assert run(clock, patience(clock, timedelta(seconds=5)), lambda: next(answers)) is FOUND
    assert len(clock.pauses) == 2


def test_what_is_missing_is_not_there_yet_only_while_that_was_asked_for() -> None:
    clock = Clock()
    with pytest.raises(NotFound, match=r"no such thing \(asked again for 2 s; seen before: no such thing\)"):
        run(clock, patience(clock, 2), raising(missing))

    assert sum(clock.pauses) == pytest.approx(2)


@pytest.mark.parametrize(
    "error",
    [
        lambda: Internal("index_not_found", problem=Problem(status=500)),
        lambda: Unavailable("no leader", problem=Problem(status=503)),
        lambda: Unavailable("cannot connect", sent=False),
        lambda: ResourceExhausted("slowly", problem=Problem(status=429)),
        missing,
    ],
)
def test_the_copy_itself_may_not_be_there_yet(error: Callable[[], CamundaError]) -> None:
    clock = Clock()
    steps = iter([error(), error(), None])

    def ask() -> Any:
        step = next(steps)
        if step is not None:
            raise step
        return FOUND

    assert run(clock, patience(clock, 5), ask) is FOUND


@pytest.mark.parametrize(
    "error",
    [
        lambda: InvalidArgument("bad filter", problem=Problem(status=400)),
        lambda: FailedPrecondition("wrong state", problem=Problem(status=409)),
        lambda: Unimplemented("no such operation", problem=Problem(status=404)),
        lambda: Internal("the answer cannot be read"),
        lambda: Internal("HTTP 200 without a body", problem=Problem(status=200)),
    ],
)
def test_what_waiting_does_not_heal_is_raised_at_once(error: Callable[[], CamundaError]) -> None:
    clock = Clock()

    with pytest.raises(type(error())):
        run(clock, patience(clock, 5), raising(error))
    assert clock.pauses == []


def test_until_waits_for_a_condition_of_the_answer() -> None:
    clock = Clock()
    answers = iter([EMPTY, Page((1,), Total(1)), FOUND])

    assert run(clock, patience(clock, 5, lambda page: page.total_items >= 2), lambda: next(answers)) is FOUND


def test_until_says_what_was_seen_last() -> None:
    clock = Clock()
    with pytest.raises(DeadlineExceeded) as caught:
        run(clock, patience(clock, 3, lambda page: page.total_items >= 3), lambda: FOUND)

    assert str(caught.value) == (
        "searchThings: what was waited for did not come within 3 s; seen last: 2 items, Total(2) in all"
    )
    assert caught.value.last is FOUND


def test_until_without_wait_waits_for_10_seconds_or_for_what_the_client_says() -> None:
    for default, expected in ((0.0, 10.0), (3.0, 3.0)):
        clock = Clock()
        with pytest.raises(DeadlineExceeded):
            run(clock, patience(clock, None, lambda _: False, default=default), lambda: FOUND)
        assert sum(clock.pauses) == pytest.approx(expected)


def test_the_default_of_the_client_waits_and_a_call_can_say_no() -> None:
    clock = Clock()
    run(clock, patience(clock, None, default=2.0), lambda: EMPTY)
    assert sum(clock.pauses) == pytest.approx(2)

    clock = Clock()
    run(clock, patience(clock, 0, default=2.0), lambda: EMPTY)
    assert clock.pauses == []


def test_a_time_limit_of_the_call_bounds_what_is_waited_for() -> None:
    clock = Clock()
    waiting = patience(clock, 60, timeout=timedelta(seconds=2))
    assert waiting.time_left() == 2.0

    assert run(clock, waiting, lambda: EMPTY) is EMPTY
    assert 1.0 < sum(clock.pauses) < 2.0
    assert 0 < (waiting.time_left() or 0) < 1.0


def late(clock: Clock, *before: Any) -> Callable[[], Any]:
    """Those answers and errors; then the time of the call is over before there is another."""
    steps = list(before)

    def ask() -> Any:
        if steps:
            step = steps.pop(0)
            if isinstance(step, CamundaError):
                raise step
            return step
        clock.now += 60
        raise DeadlineExceeded("no complete answer within 2 s", answered=False)

    return ask


@pytest.mark.parametrize("answer", [EMPTY, None, ()])
def test_where_the_time_of_the_call_ends_the_wait_it_ends_the_same_while_somebody_asks(answer: Any) -> None:
    clock = Clock()
    assert run(clock, patience(clock, 60, timeout=2), late(clock, missing(), answer)) is answer

    clock = Clock()
    with pytest.raises(DeadlineExceeded, match=r"did not come within .* s; seen last: 2 items") as caught:
        run(clock, patience(clock, 60, lambda _: False, timeout=2), late(clock, FOUND))
    assert caught.value.last is FOUND

    clock = Clock()
    with pytest.raises(NotFound, match=r"no such thing \(asked again for .* s; seen before: no such thing\)"):
        run(clock, patience(clock, 60, timeout=2), late(clock, answer, missing()))


def test_a_call_that_takes_longer_than_its_wait_and_one_that_had_no_answer_say_so() -> None:
    for wait, before in ((1, (EMPTY,)), (60, ())):
        clock = Clock()
        with pytest.raises(DeadlineExceeded, match="no complete answer within 2 s"):
            run(clock, patience(clock, wait, timeout=2), late(clock, *before))

    def told() -> Any:
        clock.now += 60
        raise DeadlineExceeded("the broker did not answer", problem=Problem(status=504))

    clock = Clock()
    answers = iter([lambda: EMPTY, told])
    with pytest.raises(DeadlineExceeded, match="the broker did not answer"):
        run(clock, patience(clock, 60, timeout=2), lambda: next(answers)())


@pytest.mark.parametrize("ending", ["the time of the call", "another error", "an answer"])
def test_an_error_that_was_waited_over_is_held_by_nobody(ending: str) -> None:
    held: list[weakref.ref[CamundaError]] = []

    def ask() -> Any:
        if held:
            if ending == "an answer":
                return FOUND
            clock.now += 60
            raise DeadlineExceeded("too late") if timeout else InvalidArgument("bad filter")
        error = missing()
        held.append(weakref.ref(error))
        try:
            raise error
        finally:
            del error

    clock, timeout = Clock(), 2 if ending == "the time of the call" else None
    gc.disable()
    try:
        with contextlib.suppress(CamundaError):
            run(clock, patience(clock, 60, timeout=timeout), ask)
        assert held[0]() is None
    finally:
        gc.enable()


def test_without_a_time_limit_of_the_call_each_time_has_the_clients_own() -> None:
    assert patience(Clock(), 60).time_left() is None


def test_an_error_after_something_was_seen_says_what_it_was() -> None:
    clock = Clock()
    answers = [FOUND]

    def ask() -> Any:
        if answers:
            return answers.pop()
        raise Unavailable("gone", problem=Problem(status=503))

    with pytest.raises(Unavailable, match=r"gone \(asked again for 1 s; seen before: gone\)"):
        run(clock, patience(clock, 1, lambda _: False), ask)


@pytest.mark.parametrize("wait", [-1, True, "5", float("nan")])
def test_a_wait_that_cannot_be_is_refused(wait: Any) -> None:
    with pytest.raises(InvalidRequest, match="wait must be"):
        Patience("searchThings", wait, None)


def test_an_until_that_cannot_be_called_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="until must be callable, not 3"):
        Patience("searchThings", 1, 3)  # type: ignore[arg-type]


@pytest.mark.parametrize("wait", [-1, "5", True])
def test_a_default_that_cannot_be_is_refused_when_the_client_is_made(wait: Any) -> None:
    with pytest.raises(ConfigurationError, match="consistency_wait must be"):
        default_wait(wait)
