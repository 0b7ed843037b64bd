# Derived from test_aio_waiting.py by scripts/derive_sync.py: change that file, then run the script.
"""What the doors wait with: the same promises for tasks and for threads."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pytest

from bridge._doors.waiting import Background, Begun, Condition, Reader
from camunda_core.errors import Cancelled
from tests.unit.bridge._doors.side import Underway, sleep, until

WAIT = 10.0


class Gate:
    """Work that is done when the gate is opened; from whatever thread."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.open = threading.Event()

    def work(self, result: Any = "done") -> Any:
        self.entered.set()
        until(self.open.is_set, "the gate opens")
        return result


def nothing(_: Any) -> None:
    """For what was left."""


def test_a_condition_wakes_everybody_who_waits_for_it() -> None:
    condition, waiting, values = Condition(), [], []

    def wait() -> Any:
        with condition:
            waiting.append(1)
            while not values:
                condition.wait(WAIT)
            return values[0]

    readers = [Underway(wait) for _ in range(3)]
    until(lambda: len(waiting) == 3, "they wait")
    with condition:
        values.append(7)
        condition.notify_all()
    assert [each.ended() for each in readers] == [7, 7, 7]


def test_a_condition_is_waited_for_no_longer_than_asked() -> None:
    condition = Condition()
    with condition:
        assert not condition.wait(0.01)
        assert not condition.wait(0.0)


def test_what_is_under_way_in_the_background_is_waited_for() -> None:
    background, started, finished = Background(), Gate(), Gate()
    background.start(started.work, "started")
    finishing = Underway(partial(background.finish, finished.work, nothing, "finished"))
    until(lambda: started.entered.is_set() and finished.entered.is_set(), "both are under way")
    background.close()
    waiting = Underway(partial(background.wait, WAIT))
    started.open.set()
    sleep(0.05)
    assert not waiting.done
    finished.open.set()
    assert finishing.ended() == "done"
    assert waiting.ended() is None


def test_what_takes_too_long_is_not_waited_for() -> None:
    background, gate = Background(), Gate()
    background.start(gate.work, "slow")
    until(gate.entered.is_set, "it is under way")
    waiting = Underway(partial(background.wait, 0.05))
    try:
        assert waiting.ended() is None
    finally:
        gate.open.set()


def test_what_ends_others_is_waited_for_even_if_it_begins_late() -> None:
    background, first, last = Background(), Gate(), Gate()

    def work() -> None:
        first.work()
        background.start(last.work, "last", late=True)

    background.start(work, "first")
    background.close()
    waiting = Underway(partial(background.wait, WAIT))
    first.open.set()
    until(last.entered.is_set, "the late one begins")
    assert not waiting.done
    last.open.set()
    assert waiting.ended() is None


def test_nothing_begins_in_a_background_that_was_closed() -> None:
    background, gate = Background(), Gate()
    background.close()
    with pytest.raises(Cancelled, match="closed") as caught:
        background.start(gate.work, "late")
    assert not caught.value.sent
    with pytest.raises(Cancelled, match="closed"):
        background.finish(gate.work, nothing, "late")
    assert not gate.entered.is_set()


def test_work_in_the_background_may_wait_for_the_rest_of_it() -> None:
    background, rested = Background(), threading.Event()

    def work() -> None:
        background.wait(10 * WAIT)
        rested.set()

    background.start(work, "waits for all but itself")
    until(rested.is_set, "it does not wait for itself")


def test_what_fails_in_the_background_fails_for_who_waits_for_it() -> None:
    background = Background()

    def fail() -> Any:
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        background.finish(fail, nothing, "fails")
    background.wait(WAIT)


def test_what_was_begun_gives_its_result_and_can_be_undone() -> None:
    undone: list[Any] = []

    def work() -> str:
        return "made"

    begun = Begun(work)
    assert begun.result() == "made"
    begun.undo(undone.append)
    assert undone == ["made"]


def test_a_reader_gives_what_is_read_in_turn() -> None:
    found = iter([1, 2])
    reader: Reader[int] = Reader()

    def read() -> int:
        return next(found)

    assert [reader.next(read), reader.next(read)] == [1, 2]
    assert reader.stop() == []
