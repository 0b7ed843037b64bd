"""An event loop in a thread of its own, in which the calls of blocking callers are made: engines
without threads need one.

There is one for all clients of a process, begun by the first call. It never ends by itself, and
holds up no exit. In a forked child, where it is not running, the next call begins another.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from camunda_core.errors import InvalidRequest

__all__ = ["LoopThread", "loop_thread"]

_T = TypeVar("_T")

#: Seconds; -1 is without end. On Windows a lock that is waited for without end cannot be interrupted.
_STEP = 0.2 if sys.platform == "win32" else -1


class LoopThread:
    """Makes calls for other threads."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="camunda-calls", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def wait_for(self, make: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """``await make()`` there, in the caller's context; blocks until that has ended.

        What interrupts the waiting (Ctrl-C) cancels the call. Raises InvalidRequest in that thread
        itself, which would wait for itself.
        """
        if threading.get_ident() == self._thread.ident:
            raise InvalidRequest(
                "a blocking call cannot be made where the calls of all clients are carried, as in an observer: "
                'make it in another thread, or use a client with engine="default"'
            )
        work = _Work(self.loop, make)
        try:
            self.loop.call_soon_threadsafe(work.begin)
            work.wait()
        except BaseException:
            self.loop.call_soon_threadsafe(work.give_up)
            raise
        found: _T = work.result()
        return found

    def later(self, make: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """``await make()`` there, which nobody waits for; from any thread, also while objects are collected."""
        self.loop.call_soon_threadsafe(_Work(self.loop, make).begin)


class _Work:
    """A call on its way from one thread to the other, and its end on the way back."""

    __slots__ = ("_ended", "_error", "_found", "_given_up", "_loop", "_make", "_task")

    def __init__(self, loop: asyncio.AbstractEventLoop, make: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self._loop, self._make = loop, make
        self._task: asyncio.Task[None] | None = None
        self._found: Any = None
        self._error: BaseException | None = None
        self._given_up = False
        # A bare lock: a future with its condition costs a tenth of a call.
        self._ended = threading.Lock()
        self._ended.acquire()

    def begin(self) -> None:
        """In the loop."""
        if not self._given_up:
            self._task = self._loop.create_task(self._run())

    async def _run(self) -> None:
        try:
            self._found = await self._make()
        except BaseException as error:
            self._error = error
        finally:
            self._ended.release()

    def give_up(self) -> None:
        """In the loop: nobody waits any more."""
        self._given_up = True
        if self._task is not None:
            self._task.cancel()

    def wait(self) -> None:
        """In the thread that waits."""
        while not self._ended.acquire(True, _STEP):
            pass

    def result(self) -> Any:
        """What came of it."""
        error, self._error = self._error, None
        if error is not None:
            try:
                raise error
            finally:
                del error  # it would refer to itself, through this frame
        return self._found


_lock = threading.Lock()
_current: LoopThread | None = None
#: Loops of parents: their connections are the parents' still, so nothing of them may be closed here.
_left: list[Any] = []


def loop_thread() -> LoopThread:
    """That of this process."""
    global _current
    with _lock:
        if _current is None:
            _current = LoopThread()
        return _current


def _after_fork() -> None:
    global _current, _lock
    _left.append(_current)
    _current, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
