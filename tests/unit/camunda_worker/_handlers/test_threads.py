from __future__ import annotations

import asyncio
import contextvars
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from camunda_worker._handlers.threads import ThreadPool

#: A bound for what must happen; nothing is measured with it.
SOON = 30.0


class Gate:
    """A function that says when it began and ends when it is let."""

    def __init__(self) -> None:
        self.began = threading.Semaphore(0)
        self.open = threading.Event()
        self.calls: list[Any] = []

    def __call__(self, value: Any = None) -> Any:
        self.calls.append(value)
        self.began.release()
        assert self.open.wait(SOON)
        return value

    async def wait_for(self, calls: int) -> None:
        for _ in range(calls):
            assert await asyncio.to_thread(self.began.acquire, timeout=SOON)


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.open.set()


async def in_time(awaitable: Any) -> Any:
    return await asyncio.wait_for(awaitable, SOON)


async def test_a_call_gives_what_the_function_returns_or_raises() -> None:
    pool = ThreadPool(2, "pool")
    assert await in_time(pool.run(divmod, 7, 2)) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await in_time(pool.run(divmod, 7, 0))
    pool.close()


async def test_calls_run_in_daemon_threads_with_the_callers_context() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("of the caller")

    def look() -> tuple[str, bool, str]:
        seen = variable.get()
        variable.set("of the thread")
        return threading.current_thread().name, threading.current_thread().daemon, seen

    pool = ThreadPool(2, "charge-card")
    assert await in_time(pool.run(look)) == ("charge-card-1", True, "of the caller")
    assert await in_time(pool.run(look)) == ("charge-card-1", True, "of the caller")
    assert variable.get() == "of the caller"
    pool.close()


async def test_as_many_calls_as_the_limit_run_at_the_same_time(gate: Gate) -> None:
    pool = ThreadPool(4)
    items = [pool.submit(gate, number) for number in range(6)]
    await gate.wait_for(4)
    assert not gate.began.acquire(blocking=False)
    assert [each.began for each in items] == [True] * 4 + [False] * 2
    gate.open.set()
    assert await in_time(asyncio.gather(*items)) == list(range(6))
    pool.close()


async def test_a_call_that_has_not_begun_is_taken_back_by_cancelling_who_awaits_it(gate: Gate) -> None:
    pool = ThreadPool(1)
    first, second, third = (pool.submit(gate, number) for number in range(3))
    await gate.wait_for(1)
    waiting = [asyncio.ensure_future(await_it(each)) for each in (first, second, third)]
    await asyncio.sleep(0)
    waiting[1].cancel()
    with pytest.raises(asyncio.CancelledError):
        await in_time(waiting[1])
    assert (first.began, second.began, third.began) == (True, False, False)
    gate.open.set()
    assert await in_time(asyncio.gather(waiting[0], waiting[2])) == [0, 2]
    assert gate.calls == [0, 2]
    pool.close()


async def await_it(item: Any) -> Any:
    return await item


async def test_a_call_that_has_begun_goes_on_unheard_when_who_awaits_it_is_cancelled(gate: Gate) -> None:
    pool = ThreadPool(1)
    item = pool.submit(gate, "unheard")
    waiting = asyncio.ensure_future(await_it(item))
    await gate.wait_for(1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await in_time(waiting)
    assert item.began
    assert not item.take_back()
    gate.open.set()
    assert await in_time(pool.run(gate, "next")) == "next"
    assert gate.calls == ["unheard", "next"]
    pool.close()


async def test_either_the_thread_or_the_caller_has_an_item_and_never_both() -> None:
    """Items are taken back while the threads are at them: what began is what was called."""
    pool = ThreadPool(4)
    called: list[int] = []
    items = []
    for number in range(2000):
        item = pool.submit(called.append, number)
        items.append(item)
        if number % 2:
            item.take_back()
        if number % 50 == 0:
            await asyncio.sleep(0)
    await in_time(asyncio.gather(*items, return_exceptions=True))
    assert sorted(called) == [number for number, item in enumerate(items) if item.began]
    assert set(called) >= set(range(0, 2000, 2))
    pool.close()


async def test_taking_back_frees_the_place_for_others(gate: Gate) -> None:
    pool = ThreadPool(2)
    pool.submit(gate, 0)
    await gate.wait_for(1)
    for _ in range(10):
        assert pool.submit(gate, "never").take_back()
    second = pool.submit(gate, 1)
    await gate.wait_for(1)
    assert second.began
    pool.close()


async def test_one_wake_up_brings_all_results_that_are_there(
    monkeypatch: pytest.MonkeyPatch, gate: Gate
) -> None:
    loop = asyncio.get_running_loop()
    wakes = []
    original = loop.call_soon_threadsafe

    def counting(callback: Any, *arguments: Any, **options: Any) -> Any:
        if "_deliver" in getattr(callback, "__name__", ""):
            wakes.append(callback)
        return original(callback, *arguments, **options)

    monkeypatch.setattr(loop, "call_soon_threadsafe", counting)
    pool = ThreadPool(1)
    items = [pool.submit(int) for _ in range(100)]
    last = threading.Event()
    items.append(pool.submit(last.set))
    assert last.wait(SOON)  # the loop stands still meanwhile
    await in_time(asyncio.gather(*items))
    assert len(wakes) <= 2
    pool.close()


@pytest.mark.parametrize("raised", [StopIteration(5), asyncio.CancelledError()])
async def test_what_would_mean_something_else_to_the_caller_comes_as_an_error(raised: BaseException) -> None:
    def handler() -> None:
        raise raised

    pool = ThreadPool(1)
    with pytest.raises(RuntimeError, match=type(raised).__name__):
        await in_time(pool.run(handler))
    assert await in_time(pool.run(int)) == 0
    pool.close()


async def test_closing_takes_back_what_has_not_begun_and_lets_the_rest_end(gate: Gate) -> None:
    left = threading.Semaphore(0)
    pool = ThreadPool(1, leaving=left.release)
    running, waiting = pool.submit(gate, "running"), pool.submit(gate, "waiting")
    await gate.wait_for(1)
    pool.close()
    pool.close()
    assert not waiting.began
    with pytest.raises(asyncio.CancelledError):
        await in_time(await_it(waiting))
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit(gate)
    gate.open.set()
    assert await in_time(await_it(running)) == "running"
    assert await asyncio.to_thread(left.acquire, timeout=SOON)


def test_a_pool_belongs_to_one_event_loop() -> None:
    pool = ThreadPool(1)
    asyncio.run(pool.run(int))

    with pytest.raises(RuntimeError, match="belongs to the event loop in which it was used first"):
        asyncio.run(pool.run(int))
    pool.close()


def test_a_result_that_comes_after_the_loop_is_closed_disturbs_nobody(gate: Gate) -> None:
    left = threading.Event()
    pool = ThreadPool(1, leaving=left.set)

    async def leave_it() -> None:
        pool.submit(gate)
        await gate.wait_for(1)

    asyncio.run(leave_it())
    pool.close()
    gate.open.set()
    assert left.wait(SOON)


def test_a_thread_that_hangs_does_not_keep_the_program_from_ending() -> None:
    program = """
import asyncio, threading
from camunda_worker._handlers.threads import ThreadPool

async def main():
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    pool = ThreadPool(1)
    pool.submit(lambda: (loop.call_soon_threadsafe(begun.set), threading.Event().wait()))
    await begun.wait()

asyncio.run(main())
print("over")
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=SOON, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "over\n", "")
