"""An event loop whose clock jumps over what would be waited for, so that a test of pauses takes none and is exact.

For tests in which nothing happens outside of the loop: no thread, no process, no network.
"""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

__all__ = ["in_virtual_time", "run_in", "stand_still"]

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Waits for nothing: where there is no event, the time for which the loop would wait has passed at once."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        events = super().select(0)
        if not events:
            if timeout is None:
                raise RuntimeError("nothing in this loop will ever happen again")
            self.now += timeout
        return events


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


def stand_still(seconds: float) -> None:
    """So much time passes in which the loop does nothing, as on a machine that is paused."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, _Loop)
    loop._clock.now += seconds


def run_in(loop: asyncio.AbstractEventLoop, main: Coroutine[Any, Any, T]) -> T:
    """Runs it in a loop of one's own, which is closed when all that it began has ended."""
    try:
        return loop.run_until_complete(main)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def in_virtual_time(test: Callable[..., Coroutine[Any, Any, T]]) -> Callable[..., T]:
    """A test that is a coroutine, in a loop of this kind. Its fixtures must not be asynchronous."""

    @functools.wraps(test)
    def run(*arguments: Any, **named: Any) -> T:
        return run_in(_Loop(), test(*arguments, **named))

    return run
