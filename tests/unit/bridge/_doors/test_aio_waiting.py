"""What the doors wait with: the same promises for tasks and for threads."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pytest

from bridge._doors.aio_waiting import Background, Begun, Condition, Reader
from camunda_core.errors import Cancelled
from tests.unit.bridge._doors.aio_side import Underway, sleep, until

WAIT = 10.0


class Gate:
    """Work that is done when the gate is opened; from whatever thread."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.open = threading.Event()

    async def work(self, result: Any = "done") -> Any:
        self.entered.set()
        await until(self.open.is_set, "the gate opens")
        return result


async def nothing(_: Any) -> None:
    """For what was left."""


async def test_a_condition_wakes_everybody_who_waits_for_it() -> None:
    condition, waiting, values = Condition(), [], []

    async def wait() -> Any:
        with condition:
            waiting.append(1)
            while not values:
                await condition.wait(WAIT)
            return values[0]

    readers = [Underway(wait) for _ in range(3)]
    await until(lambda: len(waiting) == 3, "they wait")
    with condition:
        values.append(7)
        condition.notify_all()
    assert [await each.ended() for each in readers] == [7, 7, 7]


async def test_a_condition_is_waited_for_no_longer_than_asked() -> None:
    condition = Condition()
    with condition:
        assert not await condition.wait(0.01)
        assert not await condition.wait(0.0)


async def test_what_is_under_way_in_the_background_is_waited_for() -> None:
    background, started, finished = Background(), Gate(), Gate()
    background.start(started.work, "started")
    finishing = Underway(partial(background.finish, finished.work, nothing, "finished"))
    await until(lambda: started.entered.is_set() and finished.entered.is_set(), "both are under way")
    background.close()
    waiting = Underway(partial(background.wait, WAIT))
    started.open.set()
    await sleep(0.05)
    assert not waiting.done
    finished.open.set()
    assert await finishing.ended() == "done"
    assert await waiting.ended() is None


async def test_what_takes_too_long_is_not_waited_for() -> None:
    background, gate = Background(), Gate()
    background.start(gate.work, "slow")
    await until(gate.entered.is_set, "it is under way")
    waiting = Underway(partial(background.wait, 0.05))
    try:
        assert await waiting.ended() is None
    finally:
        gate.open.set()


async def test_what_ends_others_is_waited_for_even_if_it_begins_late() -> None:
    background, first, last = Background(), Gate(), Gate()

    async def work() -> None:
        await first.work()
        background.start(last.work, "last", late=True)

    background.start(work, "first")
    background.close()
    waiting = Underway(partial(background.wait, WAIT))
    first.open.set()
    await until(last.entered.is_set, "the late one begins")
    assert not waiting.done
    last.open.set()
    assert await waiting.ended() is None


async def test_nothing_begins_in_a_background_that_was_closed() -> None:
    background, gate = Background(), Gate()
    background.close()
    with pytest.raises(Cancelled, match="closed") as caught:
        background.start(gate.work, "late")
    assert not caught.value.sent
    with pytest.raises(Cancelled, match="closed"):
        await background.finish(gate.work, nothing, "late")
    assert not gate.entered.is_set()


async def test_work_in_the_background_may_wait_for_the_rest_of_it() -> None:
    background, rested = Background(), threading.Event()

    async def work() -> None:
        await background.wait(10 * WAIT)
        rested.set()

    background.start(work, "waits for all but itself")
    await until(rested.is_set, "it does not wait for itself")


async def test_what_fails_in_the_background_fails_for_who_waits_for_it() -> None:
    background = Background()

    async def fail() -> Any:
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        await background.finish(fail, nothing, "fails")
    await background.wait(WAIT)


async def test_what_was_begun_gives_its_result_and_can_be_undone() -> None:
    undone: list[Any] = []

    async def work() -> str:
        return "made"

    begun = Begun(work)
    assert await begun.result() == "made"
    begun.undo(undone.append)
    assert undone == ["made"]


async def test_a_reader_gives_what_is_read_in_turn() -> None:
    found = iter([1, 2])
    reader: Reader[int] = Reader()

    async def read() -> int:
        return next(found)

    assert [await reader.next(read), await reader.next(read)] == [1, 2]
    assert reader.stop() == []
