"""An event loop that something keeps to itself: who does so is told, and nobody is blamed for what
could not be read meanwhile.
"""

from __future__ import annotations

import asyncio
import math
import time
from typing import Any

from camunda_worker._job import Job
from camunda_worker._logs import log, of_job

__all__ = ["Watch", "done_within"]

#: It is told again when it has become so many times as long, or after so many seconds.
_LONGER, _AGAIN = 2.0, 60.0
#: How often somebody waits on for what may lie unread.
_EXTENSIONS = 5


class Watch:
    """What is known of the steps of one task type: one that takes longer than the loop's
    ``slow_callback_duration`` is logged.

    To be made in that loop. Without ``limited`` none is: handlers are elsewhere.
    """

    def __init__(self, job_type: str, *, limited: bool = True) -> None:
        self._job_type = job_type
        self.limit = asyncio.get_running_loop().slow_callback_duration if limited else math.inf
        self._longest = 0.0
        self._told_at = float("-inf")

    def blocked(self, seconds: float, job: Job) -> None:
        """A step took so long."""
        now = time.monotonic()
        if seconds < self._longest * _LONGER and now - self._told_at < _AGAIN:
            return
        self._longest, self._told_at = max(self._longest, seconds), now
        log.warning(
            "the handler of %s has blocked the event loop for %.1f s, and all other jobs, polls and answers with it: await "
            "what takes long, or write a plain `def`, which runs in a thread",
            self._job_type,
            seconds,
            extra=of_job(job),
        )


async def done_within(task: asyncio.Task[Any], seconds: float) -> bool:
    """Whether it is done within so many seconds.

    Where the loop was blocked at their end, it is given a moment to catch up.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    for _ in range(_EXTENSIONS):
        await asyncio.wait((task,), timeout=max(until - loop.time(), 0.0))
        late = loop.time() - until
        if task.done() or late < loop.slow_callback_duration:
            break
        until = loop.time() + min(late, seconds)
    return task.done()
