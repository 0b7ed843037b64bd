"""Pieces of work that are done step by step, so that none keeps the others waiting: a command with all that follows from it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from camunda_embedded._engine.command import Chain
from camunda_embedded._feel import budget

__all__ = ["Work", "Works"]


class Work:
    """Something with an end, done step by step; ``chains`` of commands are what it consists of."""

    __slots__ = ("_on_done", "_steps", "chains", "done")

    def __init__(self, steps: Iterator[None], chains: Sequence[Chain] = ()) -> None:
        self._steps = steps
        self.chains = chains
        self._on_done: list[Callable[[], None]] = []
        self.done = False

    def advance(self, seconds: float) -> bool:
        """Goes on for about so many seconds, at least by one step; whether it is done."""
        now = time.monotonic
        until = now() + seconds
        owned = budget.enter()
        try:
            for _ in self._steps:
                if now() >= until:
                    return False
        finally:
            budget.leave(owned)
        self.done = True
        for tell in self._on_done:
            tell()
        return True

    def when_done(self, tell: Callable[[], None]) -> None:
        """Calls ``tell`` at the end; at once when it is done."""
        if self.done:
            tell()
        else:
            self._on_done.append(tell)


class Works:
    """Work that is not done, each piece in its turn."""

    def __init__(self) -> None:
        self._waiting: deque[Work] = deque()
        #: Seconds of a turn.
        self.turn = float("inf")
        #: Called when there is something to go on with.
        self.on_waiting: Callable[[], None] = lambda: None

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def chains(self) -> Iterator[Chain]:
        """The chains of commands that wait for their turn, as far as they are known."""
        for work in self._waiting:
            yield from work.chains

    def begin(self, steps: Iterator[None], chains: Sequence[Chain] = ()) -> Work:
        """Begins a piece of work; what is not done after a turn waits for the next."""
        work = Work(steps, chains)
        if not work.advance(self.turn):
            self._waiting.append(work)
            self.on_waiting()
        return work

    def go_on(self) -> None:
        """A turn for the piece of work that waits longest."""
        if self._waiting:
            work = self._waiting.popleft()
            if not work.advance(self.turn):
                self._waiting.append(work)
