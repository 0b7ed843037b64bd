"""Where handlers run in the event loop: one after another in a task, until one of them has to wait.

A task is the most that a short job costs. So what has come together begins in one. A handler that
waits keeps it as its own, whoever cancels it or sets limits by it, and those after it get one each;
so does whatever comes, as long as handlers wait.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
import time
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from typing import Any

from camunda_worker._answering.delivery import Delivery
from camunda_worker._handlers.stalls import Watch

__all__ = ["Turns"]

#: So long (s) handlers follow one another before the event loop has its turn again.
_TURN = 0.01
#: Python 3.10 cannot tell whether a handler has cancelled the task that it shares.
_SHARED = sys.version_info >= (3, 11)


class Turns:
    """``handle`` makes the coroutine of a job. Each runs in a context of its own, a copy of the one
    in which this is made.
    """

    def __init__(self, handle: Callable[[Delivery], Coroutine[Any, Any, None]], watch: Watch) -> None:
        self.handle = handle
        self.watch = watch
        self.context = contextvars.copy_context()
        self.ready: deque[Delivery] = deque()
        self._loop = asyncio.get_running_loop()
        self._open: dict[_Turn, None] = {}
        #: Whether the last one had to wait: then those who come are likely to.
        self._waiting = False

    def tasks(self) -> list[asyncio.Task[None]]:
        """The tasks of those whose turn has not come."""
        return [each.task for each in self._open if each.task is not None]

    def begin(self, delivery: Delivery) -> None:
        """It has its turn soon."""
        self.ready.append(delivery)
        if self._waiting or not self._open or not _SHARED:
            self._go_on()

    def _go_on(self) -> None:
        turn = _Turn(self)
        self._open[turn] = None
        task = self._loop.create_task(turn)
        if turn in self._open:  # a factory of eager tasks has had it begin
            turn.task = task

    def over(self, turn: _Turn, *, waiting: bool) -> None:
        """No other has its turn in that: it ended, or belongs to one that is ``waiting``."""
        # The task holds the turn for as long as it is there: they must not hold each other.
        turn.task = None
        del self._open[turn]
        self._waiting = waiting
        ready, open_ = len(self.ready), len(self._open)
        for _ in range(ready - open_ if waiting or not _SHARED else bool(ready and not open_)):
            self._go_on()


class _Turn(Coroutine[Any, Any, None]):
    """The coroutine of a task.

    A class, since an exception that somebody else throws into the task has to reach the handler as
    it is: on its way through an ``await`` GeneratorExit would not.
    """

    __slots__ = ("_coroutine", "_delivery", "_run", "_turns", "task")

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._coroutine: Coroutine[Any, Any, None] | None = None
        self.task: asyncio.Task[None] | None = None

    def send(self, value: Any) -> Any:
        """The first step, and what fits into it; or the next of the one that had to wait."""
        coroutine = self._coroutine
        return self._begin() if coroutine is None else self._step(coroutine.send, value)

    def throw(self, *error: Any) -> Any:
        """The same with an exception for who waits."""
        if self._coroutine is None:  # it is cancelled before it began: those who are ready are not
            self._turns.over(self, waiting=False)
            return super().throw(*error)
        return self._step(self._coroutine.throw, *error)

    def close(self) -> None:
        """Who waits is told that nothing comes."""
        if self._coroutine is not None:
            self._coroutine.close()

    def __await__(self) -> Generator[Any, Any, None]:
        raise RuntimeError("this is for a task alone")

    def _begin(self) -> Any:
        turns, task, clock = self._turns, asyncio.current_task(), time.perf_counter
        ready, limit, copy = turns.ready, turns.watch.limit, turns.context.copy
        cancelling: Callable[[], int] = getattr(task, "cancelling", _never)
        began = clock()
        until = began + _TURN
        waiting = False
        try:
            while ready:
                delivery = ready.popleft()
                if delivery.ended or delivery.given_back:  # the worker stops
                    continue
                delivery.task = task
                coroutine, run = turns.handle(delivery), copy().run
                try:
                    awaited = run(coroutine.send, None)
                    waiting = True
                except StopIteration:
                    if delivery.task is task:
                        delivery.task = None
                finally:
                    now = clock()
                    if now - began > limit:
                        turns.watch.blocked(now - began, delivery.job)
                if waiting:
                    self._coroutine, self._delivery, self._run = coroutine, delivery, run
                    return awaited
                if not _SHARED or now >= until or cancelling():
                    break
                began = now
        finally:
            turns.over(self, waiting=waiting)
        raise StopIteration

    def _step(self, step: Callable[..., Any], *given: Any) -> Any:
        watch, began = self._turns.watch, time.perf_counter()
        try:
            return self._run(step, *given)
        finally:
            took = time.perf_counter() - began
            if took > watch.limit:
                watch.blocked(took, self._delivery.job)


def _never() -> int:
    return 0
