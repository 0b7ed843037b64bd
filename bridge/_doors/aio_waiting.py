"""What the asyncio doors wait with: the names of ``bridge._doors.waiting``, for tasks. So the doors read alike.

Both are written by hand. Where only one side needs something (a lock, say), the other has it too and it does nothing there.
Work is handed over as a function: called, it gives a coroutine here, and is done there.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any, Generic, Protocol, TypeVar

from camunda_core.errors import Cancelled

__all__ = [
    "Background",
    "Begun",
    "Condition",
    "Home",
    "Lock",
    "Reader",
    "Stopped",
    "apart",
    "being_stopped",
    "close_at_exit",
    "sleep",
]

T = TypeVar("T")
Work = Callable[[], Coroutine[Any, Any, T]]

#: What is raised where somebody waits whose task is cancelled.
Stopped = asyncio.CancelledError
#: Tasks of one event loop take turns only where they await: nothing to lock.
Lock = contextlib.nullcontext
sleep = asyncio.sleep
#: Runs a function that blocks, where it does not block the event loop.
apart = asyncio.to_thread


class Closing(Protocol):
    """What can be closed."""

    async def aclose(self) -> None: ...


def close_at_exit(what: Closing) -> None:
    """Does nothing: when the program ends the event loop has gone, and with it the tasks that poll."""


def being_stopped() -> bool:
    """Whether somebody cancels the running task; Python 3.10 cannot tell."""
    cancelling = getattr(asyncio.current_task(), "cancelling", None)
    return cancelling is not None and cancelling() > 0


class Condition:
    """``with`` it, change what others wait for, and ``notify_all``; or ``wait`` until somebody does."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...

    def notify_all(self) -> None:
        for each in self._waiting:
            if not each.done():
                each.set_result(None)

    async def wait(self, timeout: float | None = None) -> bool:
        """Waits to be notified, for ``timeout`` seconds at most; False when they are over. Inside ``with`` only."""
        notified: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(notified)
        try:
            done, _ = await asyncio.wait({notified}, timeout=timeout)
        finally:
            self._waiting.discard(notified)
        return bool(done)


class Home:
    """Where something was made that may be dropped elsewhere: here its event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()

    def call(self, function: Callable[[], Any]) -> None:
        """Has it called by the event loop, from whatever thread; not at all when the loop has gone."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function)


class Begun(Generic[T]):
    """Work begun by a function that cannot wait for it, as a task. How it ended is known when its result is asked for."""

    def __init__(self, work: Work[T]) -> None:
        self._task = _task(work)

    async def result(self) -> T:
        return await self._task

    def undo(self, undone: Callable[[T], Any]) -> None:
        """Cancels the work; ``undone`` gets the result when it is there already."""
        task = self._task
        if not task.cancel() and not task.cancelled() and task.exception() is None:
            undone(task.result())


class Reader(Generic[T]):
    """Reads one thing after another. Who is cancelled while waiting loses nothing: what comes is for the next who asks."""

    def __init__(self) -> None:
        self._reading: asyncio.Task[T] | None = None

    async def next(self, read: Work[T]) -> T:
        while True:
            reading = self._reading = self._reading or _task(read)
            await asyncio.wait({reading})
            if self._reading is reading:  # else another task has taken it, or the reader was stopped
                self._reading = None
                return reading.result()

    def stop(self) -> list[T]:
        """Ends the read under way; gives what it had brought and nobody has taken."""
        reading, self._reading = self._reading, None
        if reading is None or reading.cancel() or reading.cancelled() or reading.exception() is not None:
            return []
        return [reading.result()]


class Background:
    """Work, as tasks, that ``close`` and ``wait`` put an end to."""

    def __init__(self) -> None:
        self.closed = False
        self._running: set[asyncio.Task[Any]] = set()

    @property
    def count(self) -> int:
        """How much is under way."""
        return len(self._running)

    def start(self, work: Work[T], name: str, *, late: bool = False) -> asyncio.Task[T]:
        """Has it done in the background. Raises Cancelled once closed, unless it is ``late``: what brings others to an end."""
        if self.closed and not late:
            raise Cancelled("the channel is closed", sent=False)
        task = asyncio.get_running_loop().create_task(work(), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def finish(self, work: Work[T], left: Callable[[T], Coroutine[Any, Any, None]], name: str) -> T:
        """Does it to its end, even when the caller is cancelled: then ``left`` gets the result. Raises Cancelled once closed."""
        task = self.start(work, name)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled() and self.closed and not being_stopped():
                raise Cancelled("the channel is closed", answered=False) from None
            task.add_done_callback(lambda _: self._leave(task, left))
            raise

    def _leave(self, task: asyncio.Task[T], left: Callable[[T], Coroutine[Any, Any, None]]) -> None:
        if not task.cancelled() and task.exception() is None:
            self.start(lambda: left(task.result()), f"{task.get_name()}-left", late=True)

    def close(self) -> None:
        """Nothing begins from here on but what is ``late``."""
        self.closed = True

    async def wait(self, timeout: float) -> None:
        """Waits until nothing is under way, for ``timeout`` seconds at most; then cancels the rest."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while (running := self._running - {asyncio.current_task()}) and loop.time() < end:
            await asyncio.wait(running, timeout=end - loop.time())
        for each in running:
            each.cancel()


def _task(work: Work[T]) -> asyncio.Task[T]:
    task = asyncio.get_running_loop().create_task(work())
    task.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody need ask how it ended
    return task
