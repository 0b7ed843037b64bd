"""Where the blocking client's idle connections are: a stack without locks."""

from __future__ import annotations

import queue
from collections import deque
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

__all__ = ["POOLS"]


class _Stack:
    """What urllib3 needs of ``queue.LifoQueue`` for a pool that does not wait for connections.

    That queue has a lock which Python code takes, so that a Ctrl-C between taking it and the block
    that gives it back leaves it taken. Then whoever collects the pool waits for it without end, and
    so does the program. Here each step is one of ``deque``, which nothing interrupts.
    """

    def __init__(self, maxsize: int = 0) -> None:
        self._size = maxsize
        self._items: deque[Any] = deque()

    def put(self, item: Any, block: bool = False, timeout: float | None = None) -> None:
        """Adds one; ``queue.Full`` where there are as many as there may be."""
        if len(self._items) >= self._size > 0:
            raise queue.Full
        self._items.append(item)

    def get(self, block: bool = False, timeout: float | None = None) -> Any:
        """The last one; ``queue.Empty`` where there is none."""
        try:
            return self._items.pop()
        except IndexError:
            raise queue.Empty from None

    def idle(self) -> int:
        """How many of them are open connections."""
        return sum(each is not None and each.sock is not None for each in tuple(self._items))

    def qsize(self) -> int:
        """How many there are."""
        return len(self._items)


class _Http(HTTPConnectionPool):
    QueueCls: Any = _Stack


class _Https(HTTPSConnectionPool):
    QueueCls: Any = _Stack


#: The pools of urllib3 with such a stack, by scheme.
POOLS: dict[str, Any] = {"http": _Http, "https": _Https}
