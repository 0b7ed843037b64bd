"""What is sent for a job beside its handler: answers by hand and longer locks, each in a task of its own.

The handler may be cancelled while it waits for one, or not wait for it at all: neither may
end what is under way. And whatever thread it is called from, only the loop's own decides
what becomes of a job.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeAlias

from camunda_core.errors import Cancelled

__all__ = ["Aside", "blocking", "is_here"]

#: Begins something in the loop's thread, and gives what is awaited for its end.
Begin: TypeAlias = Callable[[], Awaitable[None]]

#: A thread that waits looks so often (s) whether the loop that works for it is still there.
_LOOK = 1.0


class Aside:
    """The tasks beside one handler. For the loop's thread."""

    __slots__ = ("_loop", "_tasks")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begins it."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        return task

    def followed(self, work: Coroutine[Any, Any, None]) -> asyncio.Future[None]:
        """Begins it, and gives what a handler may await, cancel or forget without any harm to it."""
        follower = self._loop.create_future()

        def done(task: asyncio.Task[None]) -> None:
            error = _ended() if task.cancelled() else task.exception()
            if follower.done():
                return
            if error is None:
                follower.set_result(None)
            else:
                follower.set_exception(error)
                follower.exception()  # whoever does not await it can read it in the log

        self.begin(work).add_done_callback(done)
        return follower

    async def over(self) -> None:
        """Waits for all of them but the one that asks; how each ended is known to whoever awaited it."""
        asking = asyncio.current_task()
        others = [each for each in self._tasks if each is not asking]
        if others:
            await asyncio.wait(others)

    def cancel(self) -> None:
        """Cancels all of them."""
        for each in self._tasks:
            each.cancel()


def is_here(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether this is the thread of ``loop``, and it runs."""
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False


def blocking(loop: asyncio.AbstractEventLoop, begin: Begin) -> Awaitable[None]:
    """Has ``loop`` begin something, and waits until it is done.

    For other threads. Raises Cancelled when the loop has ended.
    """
    if loop.is_closed():
        raise _ended()
    called = asyncio.run_coroutine_threadsafe(_begun(begin), loop)
    while not concurrent.futures.wait((called,), timeout=_LOOK).done:
        if loop.is_closed():
            raise _ended()
    try:
        called.result()
    except concurrent.futures.CancelledError:
        raise _ended() from None
    return _Done()


async def _begun(begin: Begin) -> None:
    await begin()


class _Done:
    """What a blocking answer gives: awaiting it gives None at once."""

    def __await__(self) -> Any:
        return iter(())


def _ended() -> Cancelled:
    return Cancelled("the worker has ended; whether the gateway took this is not known", answered=False)
