"""An event loop for one coroutine, as ``asyncio.run`` makes it; but nothing that a handler does
ends it or keeps it from ending.

``asyncio.run`` waits without limit for tasks that swallow their cancellation and for
threads of ``asyncio.to_thread``, and it ends with the SystemExit or KeyboardInterrupt of
any task, whoever began that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

__all__ = ["run"]

log = logging.getLogger("camunda_worker")

#: Seconds that leaving the loop has at least.
_LEAVING = 0.05


def run(main: Coroutine[Any, Any, None], over_at: Callable[[], float]) -> None:
    """Runs ``main`` in a loop of its own and raises what it raises.

    What is left in the loop then is cancelled and has until ``over_at()``, by the loop's clock, to
    end. Threads of the loop's executor are not waited for.
    """
    loop = asyncio.new_event_loop()
    try:
        asyncio.set_event_loop(loop)
        task = loop.create_task(main)
        _run_until_done(loop, task)
        try:
            task.result()
        finally:
            _leave(loop, max(over_at(), loop.time() + _LEAVING))
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def _run_until_done(loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> None:
    while not task.done():
        try:
            loop.run_until_complete(task)
        except BaseException as error:
            # A task of its own that a handler began, or loop.stop(): nothing of the worker's.
            if not task.done():
                log.error(
                    "the worker goes on, although its event loop was ended: %s",
                    type(error).__name__,
                    exc_info=error,
                )


def _leave(loop: asyncio.AbstractEventLoop, until: float) -> None:
    left = asyncio.all_tasks(loop)
    for each in left:
        each.cancel()
    _run_until_done(loop, loop.create_task(_ended(left, until)))
    _run_until_done(loop, loop.create_task(_ended({loop.create_task(loop.shutdown_asyncgens())}, until)))


async def _ended(tasks: set[asyncio.Task[Any]], until: float) -> None:
    """Waits for the tasks; what they raised instead of being cancelled is told as asyncio tells it."""
    if not tasks:
        return
    loop = asyncio.get_running_loop()
    done, still = await asyncio.wait(tasks, timeout=max(until - loop.time(), 0.01))
    if still:
        log.warning(
            "tasks go on, although they were cancelled, and the event loop ends without them: %d", len(still)
        )
    for each in done:
        if not each.cancelled() and (error := each.exception()) is not None:
            loop.call_exception_handler(
                {"message": "unhandled exception at the end of the worker", "exception": error, "task": each}
            )
