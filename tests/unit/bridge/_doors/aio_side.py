"""What tests of the asyncio side wait with; ``side`` has the same names for threads, so that tests can be derived."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from tests.fakes import grpc as fake

__all__ = ["Underway", "sleep", "until"]

sleep = asyncio.sleep


async def until(condition: Callable[[], bool], what: str) -> None:
    """Waits for a condition, while the event loop runs on."""
    await asyncio.to_thread(fake.until, condition, what)


class Underway:
    """Work in a task of its own."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self._task = asyncio.ensure_future(work())

    @property
    def done(self) -> bool:
        return self._task.done()

    async def ended(self, timeout: float = 20) -> Any:
        """What came of it: the result or what it raised."""
        await asyncio.wait({self._task}, timeout=timeout)
        assert self._task.done(), "it goes on for ever"
        if self._task.cancelled():
            return asyncio.CancelledError()
        return self._task.exception() or self._task.result()
