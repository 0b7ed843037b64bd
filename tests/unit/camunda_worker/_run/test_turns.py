"""Handlers that do not wait share a task; what one of them does to it, or in its context, is no other's business."""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections.abc import Callable
from typing import Any

import pytest

from camunda_worker import Job, Worker
from camunda_worker._run import turns
from tests.fakes.job_wire import MemoryWire, until

SEEN: contextvars.ContextVar[str] = contextvars.ContextVar("seen", default="")

shares = pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 has a task for each")


async def worked(
    handler: Callable[[Job], Any], *keys: str, then: Callable[[], object] = lambda: None
) -> tuple[MemoryWire, Worker]:
    """All jobs handled by a worker that gets them at once; ``then`` is called when they have come."""
    wire = MemoryWire()
    wire.put(*keys)
    worker = Worker(wire, grace=1)
    worker.task("work")(handler)
    working = asyncio.ensure_future(worker.work())
    await until(lambda: not wire.waiting)
    then()
    await until(lambda: len(wire.executed) == len(keys))
    worker.stop()
    await working
    return wire, worker


def call_of(wire: MemoryWire) -> dict[str, str]:
    return {key: call for call, key in wire.executed}


@shares
async def test_handlers_that_do_not_wait_share_a_task() -> None:
    tasks = set()

    async def work(job: Job) -> None:
        tasks.add(asyncio.current_task())

    await worked(work, "1", "2", "3")
    assert len(tasks) == 1


async def test_a_handler_that_waits_has_a_task_of_its_own() -> None:
    tasks, released = [], asyncio.Event()

    async def work(job: Job) -> None:
        tasks.append(asyncio.current_task())
        if job.key != "does not":
            if len(tasks) == 4:
                released.set()
            await asyncio.wait_for(released.wait(), 20)  # all of them are at work together
            assert asyncio.current_task() in tasks

    await worked(work, "does not", "waits", "waits too", "and the last")
    assert len(set(tasks[1:])) == 3


async def test_what_is_cancelled_in_one_handler_ends_no_other() -> None:
    begun: dict[str, Any] = {}

    async def work(job: Job) -> None:
        begun[job.key] = asyncio.current_task()
        if len(begun) == 3:
            begun["b"].cancel()
        await asyncio.sleep(0.02)

    wire, _ = await worked(work, "a", "b", "c")
    assert call_of(wire) == {"a": "complete", "b": "fail", "c": "complete"}


async def test_a_handler_that_has_cancelled_its_task_and_ends_harms_no_other() -> None:
    async def work(job: Job) -> None:
        task = asyncio.current_task()
        assert task is not None
        if job.key == "cancels":
            task.cancel()
        elif job.key == "waits":
            await asyncio.sleep(0)

    wire, _ = await worked(work, "cancels", "waits", "does not")
    assert set(call_of(wire).values()) == {"complete"}


async def test_a_task_that_is_cancelled_before_it_begins_takes_no_job_along() -> None:
    def cancel_all() -> None:
        for each in asyncio.all_tasks():
            if isinstance(each.get_coro(), turns._Turn):
                cancelled.append(each)
                each.cancel()

    cancelled: list[Any] = []

    async def work(job: Job) -> None: ...

    wire = MemoryWire()
    worker = Worker(wire, grace=1)
    worker.task("work")(work)
    working = asyncio.ensure_future(worker.work())
    await until(lambda: worker.health().ready)
    wire.put("1", "2", "3")
    while not cancelled:  # a turn of the loop in which they have come and not begun
        await asyncio.sleep(0)
        cancel_all()
    await until(lambda: len(wire.executed) == 3)
    worker.stop()
    await working
    assert set(call_of(wire).values()) == {"complete"}


async def test_each_handler_has_a_context_of_its_own() -> None:
    seen = []

    async def work(job: Job) -> None:
        seen.append(SEEN.get())
        SEEN.set(job.key)
        if job.key == "waits":
            await asyncio.sleep(0)
            assert SEEN.get() == "waits"

    token = SEEN.set("outside")
    await worked(work, "1", "waits", "2", "3")
    SEEN.reset(token)
    assert seen == ["outside"] * 4


@shares
async def test_the_event_loop_has_its_turn_between_long_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_TURN", 0.0)
    loop, order = asyncio.get_running_loop(), []

    async def work(job: Job) -> None:
        order.append(job.key)
        loop.call_soon(order.append, "others")

    await worked(work, "1", "2", "3")
    assert order == ["1", "others", "2", "others", "3", "others"]


async def test_a_handler_that_is_thrown_the_end_of_a_generator_fails_alone() -> None:
    async def work(job: Job) -> None:
        if job.key == "2":
            future = asyncio.get_running_loop().create_future()
            future.get_loop().call_soon(future.set_exception, GeneratorExit())
            await future
        await asyncio.sleep(0)

    wire, _ = await worked(work, "1", "2", "3")
    assert call_of(wire) == {"1": "complete", "2": "fail", "3": "complete"}
