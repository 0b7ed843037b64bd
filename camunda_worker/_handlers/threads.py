"""Threads for handlers that block, driven from an event loop.

What sets it apart from ``loop.run_in_executor``: the threads are daemons, so that one that hangs
does not keep the program from ending; an item that has not begun can be taken back, and one can
tell; and the loop is woken once for all results that are there.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections import deque
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from camunda_core._later import Later

if TYPE_CHECKING:
    import queue
else:
    queue = Later("queue")

__all__ = ["Item", "ThreadPool"]


class Item:
    """A call that was given to a pool: await it for its result.

    When the task that awaits it is cancelled, a call that has not begun never will; one
    that has goes on, unheard.
    """

    __slots__ = ("_arguments", "_claim", "_context", "_function", "_future", "_pool", "_taken_back")

    def __init__(
        self,
        pool: ThreadPool,
        future: asyncio.Future[Any],
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
    ) -> None:
        self._pool = pool
        self._future = future
        self._function = function
        self._arguments = arguments
        self._context = contextvars.copy_context()
        # Whoever gets it first, the thread that begins or the task that takes back, has the item.
        self._claim = threading.Lock()
        self._taken_back = False

    @property
    def began(self) -> bool:
        """Whether the call has begun (and may have ended): if not, nothing of it has happened."""
        return self._claim.locked() and not self._taken_back

    def take_back(self) -> bool:
        """Keeps the call from ever beginning; False when it has begun. What awaits the item is
        cancelled. From the loop only.
        """
        if self._claim.acquire(blocking=False):
            self._taken_back = True
            self._pool._open -= 1
            self._future.cancel()
        return self._taken_back

    def __await__(self) -> Generator[Any, None, Any]:
        try:
            return (yield from self._future.__await__())
        except asyncio.CancelledError:
            self.take_back()
            raise


class ThreadPool:
    """At most ``limit`` threads, started when they are needed; for one event loop. ``name``
    is theirs, for people.

    A call that hangs keeps its thread: that is one fewer for the others. ``leaving`` is called by
    each thread as it ends.
    """

    def __init__(
        self, limit: int, name: str = "worker", *, leaving: Callable[[], object] | None = None
    ) -> None:
        self._limit = limit
        self._name = name
        self._leaving = leaving
        self._items: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._done: deque[tuple[Item, Any, BaseException | None]] = deque()
        self._waking = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._threads = 0
        self._open = 0  # submitted, and neither taken back nor delivered
        self._closed = False

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Calls ``function`` in a thread, in a copy of this context, and gives what it returns or raises."""
        return await self.submit(function, *arguments)

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Item:
        """The same as something to await, to ask whether it began, and to take back.

        From the event loop only.
        """
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            if self._loop is not None:
                raise RuntimeError("a thread pool belongs to the event loop in which it was used first")
            self._loop = loop
        if self._closed:
            raise RuntimeError("the thread pool is closed")
        item = Item(self, loop.create_future(), function, arguments)
        if self._threads <= self._open and self._threads < self._limit:
            self._start_thread()
        self._open += 1
        self._items.put(item)
        return item

    def close(self) -> None:
        """Takes back what has not begun and lets the threads end; does not wait for that.

        Call it from the loop's thread.

        What a thread does goes on unheard: a thread cannot be ended from outside.
        """
        if self._closed:
            return
        self._closed = True
        while True:
            try:
                item = self._items.get_nowait()
            except queue.Empty:
                break
            if item is not None and not (self._loop is not None and self._loop.is_closed()):
                item.take_back()
        for _ in range(self._threads):
            self._items.put(None)

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._work, name=f"{self._name}-{self._threads + 1}", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no more of them to be had: those that are there do the work
            if not self._threads:
                raise
        else:
            self._threads += 1

    def _work(self) -> None:
        try:
            while (item := self._items.get()) is not None:
                if not item._claim.acquire(blocking=False):
                    continue
                result: Any = None
                error: BaseException | None = None
                try:
                    result = item._context.run(item._function, *item._arguments)
                except BaseException as raised:
                    error = raised
                self._done.append((item, result, error))
                # An idle thread holds on to nothing of the last call.
                del item, result, error
                self._wake()
        finally:
            if self._leaving is not None:
                self._leaving()

    def _wake(self) -> None:
        # One wake-up for many results. The flag is read after the append, and lowered before the
        # results are taken: a result that sees it raised is taken by the call that is due.
        if not self._waking:
            self._waking = True
            try:
                assert self._loop is not None
                self._loop.call_soon_threadsafe(self._deliver)
            except RuntimeError:
                pass  # the loop is closed: nobody waits any more

    def _deliver(self) -> None:
        self._waking = False
        done = self._done
        while done:
            item, result, error = done.popleft()
            self._open -= 1
            future = item._future
            if future.done():
                continue
            if error is None:
                future.set_result(result)
            elif isinstance(error, (StopIteration, asyncio.CancelledError)):
                # To who awaits the future it would mean something else.
                future.set_exception(
                    RuntimeError(f"the handler raised {error!r}").with_traceback(error.__traceback__)
                )
            else:
                future.set_exception(error)
