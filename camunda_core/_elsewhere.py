"""Work that happens in another thread or in another event loop, waited for with a time limit."""

from __future__ import annotations

import concurrent.futures
import contextvars
import os
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from camunda_core._later import Later
from camunda_core.errors import DeadlineExceeded

if TYPE_CHECKING:
    import queue
else:
    queue = Later("queue")

__all__ = ["in_loop", "in_thread", "in_time", "outcome", "too_late", "within"]

_T = TypeVar("_T")

#: So many threads wait for the next work, each for so many seconds: to begin one costs as much as a call.
_MOST_IDLE, _IDLE_FOR = 4, 30.0


async def in_thread(work: Callable[[], _T], timeout: float | None) -> _T:
    """``work()`` in a daemon thread, which no pool's size and no exit of the program has to wait for."""
    future: Future[_T] = Future()
    in_background(future, work)
    return await outcome(future, timeout)


class _Hand:
    """A thread that does one work after another, and ends when there is none for a while."""

    def __init__(self) -> None:
        self.work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="camunda-credentials", daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                work = self.work.get(timeout=_IDLE_FOR)
            except queue.Empty:
                try:
                    _idle.remove(self)
                except ValueError:  # somebody has just taken it, and its work is about to come
                    continue
                return
            work()
            del work  # which holds the credentials
            if len(_idle) >= _MOST_IDLE:
                return
            _idle.append(self)


_idle: deque[_Hand] = deque()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)  # the threads are not there


def in_background(future: Future[_T], work: Callable[[], _T]) -> None:
    """Has ``work()`` done in a thread of ours. Raises RuntimeError where no thread can be begun."""
    future.set_running_or_notify_cancel()  # from here on a cancelled waiter cannot cancel the work
    context = contextvars.copy_context()

    def run() -> None:
        result: Any
        try:
            result = context.run(work)
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    try:
        hand = _idle.pop()
    except IndexError:
        hand = _Hand()
    hand.work.put(run)


def in_time(work: Callable[[], _T], timeout: float | None) -> _T:
    """``work()``, in another thread where there is a time limit: the caller leaves in time, the work goes on."""
    if timeout is None:
        return work()
    future: Future[_T] = Future()
    try:
        in_background(future, work)
    except RuntimeError:  # no more threads, as when the program ends
        return work()
    try:
        return future.result(timeout)
    except concurrent.futures.TimeoutError:
        if not future.done():
            raise too_late(timeout) from None
        raise


async def within(work: Awaitable[_T], timeout: float | None) -> _T:
    """``work`` in this event loop; DeadlineExceeded when it takes longer, and it is cancelled."""
    import asyncio

    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=timeout)
    finally:
        if not task.done():
            task.cancel()
    if not done:
        raise too_late(timeout)
    return task.result()


def in_loop(work: Callable[[], Awaitable[_T]], timeout: float | None) -> _T:
    """``await work()`` in an event loop and a thread of its own, for callers who may be in a loop themselves."""
    import asyncio

    async def run() -> _T:
        return await work()

    # Without a limit too: where a loop runs already, another one cannot.
    return in_time(lambda: asyncio.run(run()), threading.TIMEOUT_MAX if timeout is None else timeout)


async def outcome(future: Future[_T], timeout: float | None) -> _T:
    """The result of a future that another thread completes. The waiter leaves in time, the work goes on."""
    import asyncio  # who awaits has it loaded; for everybody else it is half of what this package costs to import

    waiter = asyncio.wrap_future(future)
    try:
        done, _ = await asyncio.wait({waiter}, timeout=timeout)
    finally:
        if not waiter.done():
            waiter.cancel()
    if not done:
        raise too_late(timeout)
    return waiter.result()


def too_late(timeout: float | None) -> DeadlineExceeded:
    """What a caller gets whose time was over before there were credentials."""
    return DeadlineExceeded(
        f"no credentials within {timeout:g} s; the call itself was not sent"
        if timeout is not None
        else "no credentials",
        sent=False,
    )
