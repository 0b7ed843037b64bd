"""How many answers are under way at a time, and how soon after each other: fewer where the gateway refuses them."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from camunda_worker._answering.pressure import Window
from tests.fakes.clock import in_virtual_time


async def _one(window: Window, *, refused: bool) -> float:
    """An answer that takes 4 ms; when it was sent."""
    entered = await window.enter()
    await asyncio.sleep(0.004)
    window.leave(entered, refused=refused)
    return entered


@in_virtual_time
async def test_a_window_falls_once_per_round_trip_and_rises_again() -> None:
    window = Window()
    entered = [await window.enter() for _ in range(10)]
    await asyncio.sleep(0.001)
    for moment in entered:
        window.leave(moment, refused=True)
    assert window.limit == 7  # of the ten that were under way, once
    assert window.pause == 0.0
    for _ in range(40):
        window.leave(await window.enter(), refused=False)
    assert 8 <= window.limit <= 13


@in_virtual_time
async def test_a_window_never_closes_and_lets_waiters_in_by_turn() -> None:
    window = Window()
    for _ in range(50):
        await _one(window, refused=True)
    assert window.limit == 1
    first = await window.enter()
    order: list[int] = []

    async def through(number: int) -> None:
        moment = await window.enter()
        order.append(number)
        window.leave(moment, refused=False)

    waiting = [asyncio.create_task(through(number)) for number in range(5)]
    await asyncio.sleep(0)
    assert window.crowded
    waiting[1].cancel()
    window.leave(first, refused=False)
    await asyncio.wait(waiting, timeout=5)
    assert order == [0, 2, 3, 4]
    assert not window.crowded


@in_virtual_time
async def test_where_one_at_a_time_is_too_many_each_refusal_makes_the_pause_longer_up_to_a_bound() -> None:
    window = Window(chance=lambda: 0.5)
    sent = [await _one(window, refused=True) for _ in range(60)]
    pauses = [after - before - 0.004 for before, after in pairwise(sent)]
    grown = [each for each in pauses if each > 0.001]
    assert len(grown) >= 40, "only while the limit falls to one is there no pause"
    assert all(after >= before - 1e-9 for before, after in pairwise(grown))
    assert 0.49 < grown[-1] < 0.51


@in_virtual_time
async def test_pauses_are_gone_soon_after_the_gateway_takes_answers_again() -> None:
    loop = asyncio.get_running_loop()
    window = Window()
    for _ in range(60):
        await _one(window, refused=True)
    assert window.pause > 0.1
    began = loop.time()
    for _ in range(200):
        await _one(window, refused=False)
        if not window.pause:
            break
    assert window.pause == 0.0
    assert loop.time() - began < 3.0
    for _ in range(60):
        await _one(window, refused=False)
    assert window.limit > 5


@in_virtual_time
async def test_a_single_refusal_costs_next_to_nothing() -> None:
    loop = asyncio.get_running_loop()
    window = Window()
    await _one(window, refused=False)
    await _one(window, refused=True)
    began = loop.time()
    for _ in range(100):
        await _one(window, refused=False)
    assert loop.time() - began < 0.6, "100 answers of 4 ms, one after the other"


@in_virtual_time
async def test_who_waits_goes_in_at_the_latest_when_its_lock_is_about_to_end() -> None:
    loop = asyncio.get_running_loop()
    window = Window()
    for _ in range(60):
        await _one(window, refused=True)
    began = loop.time()
    waiting = [asyncio.create_task(window.enter(began + 0.05)) for _ in range(3)]
    await asyncio.wait(waiting)
    assert max(each.result() for each in waiting) <= began + 0.0501
    for each in waiting:
        window.leave(each.result(), refused=False)
    assert window.inside == 0


@in_virtual_time
async def test_a_worker_that_ends_makes_no_pauses() -> None:
    loop = asyncio.get_running_loop()
    window = Window()
    for _ in range(60):
        await _one(window, refused=True)
    waiting = asyncio.create_task(window.enter())
    await asyncio.sleep(0)
    assert not waiting.done()
    began = loop.time()
    window.hurry()
    window.leave(await waiting, refused=True)
    for _ in range(10):
        await _one(window, refused=True)
    assert loop.time() - began < 0.041
    assert window.pause == 0.0


@in_virtual_time
async def test_all_who_ask_are_told_when_nobody_waits_any_more() -> None:
    window, told = Window(ceiling=1), []
    window.on_calm(lambda: told.append("one"))
    window.on_calm(lambda: told.append("other"))
    first = await window.enter()
    second, third = (asyncio.ensure_future(window.enter()) for _ in range(2))
    await asyncio.sleep(0)
    window.leave(first, refused=False)
    assert window.crowded
    assert told == []
    window.leave(await second, refused=False)
    assert not window.crowded
    assert told == ["one", "other"]
    window.leave(await third, refused=False)
    assert told == ["one", "other"]
