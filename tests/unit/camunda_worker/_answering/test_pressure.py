"""How many answers are under way at a time: fewer where the gateway refuses them."""

from __future__ import annotations

import asyncio

from camunda_worker._answering.pressure import Window


async def test_a_window_falls_once_per_round_trip_and_rises_again() -> None:
    window = Window()
    entered = [await window.enter() for _ in range(10)]
    await asyncio.sleep(0.001)
    for moment in entered:
        window.leave(moment, refused=True)
    assert window.limit == 7  # of the ten that were under way, once
    for _ in range(40):
        window.leave(await window.enter(), refused=False)
    assert 8 <= window.limit <= 13


async def test_a_window_never_closes_and_lets_waiters_in_by_turn() -> None:
    window = Window()
    for _ in range(50):
        moment = await window.enter()
        await asyncio.sleep(0)
        window.leave(moment + 1, refused=True)
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
