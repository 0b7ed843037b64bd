"""What the sync doors wait with: the names of ``bridge._doors.aio_waiting``, for threads."""

from __future__ import annotations

import atexit
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, Protocol, TypeVar

from camunda_core.errors import Cancelled, Unavailable

__all__ = [
    "Background",
    "Begun",
    "Condition",
    "Home",
    "Lock",
    "Reader",
    "Stopped",
    "apart",
    "close_at_exit",
    "sleep",
]

T = TypeVar("T")
P = ParamSpec("P")

Lock = threading.Lock
#: Its lock may be taken twice by one thread: the garbage collector ends streams in whatever thread it runs.
Condition = threading.Condition
sleep = time.sleep


class Stopped(BaseException):
    """Never raised: a thread cannot be cancelled while it waits."""


class Closing(Protocol):
    """What can be closed."""

    def close(self) -> None: ...


_open: weakref.WeakSet[Closing] = weakref.WeakSet()


def close_at_exit(what: Closing) -> None:
    """Closes it when the program ends, if it is still there: a poll on the wire brings jobs that nobody would answer."""
    _open.add(what)


@atexit.register
def _close_all() -> None:
    for each in list(_open):
        each.close()


def apart(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Calls it: a thread may block."""
    return function(*args, **kwargs)


class Home:
    """Where something was made that may be dropped elsewhere: nowhere, since any thread may end it."""

    def call(self, function: Callable[[], Any]) -> None:
        function()


class Begun(Generic[T]):
    """Work done at once, so that its errors are raised where it is begun."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._result = work()

    def result(self) -> T:
        return self._result

    def undo(self, undone: Callable[[T], Any]) -> None:
        undone(self._result)


class Reader(Generic[T]):
    """Reads one thing after another. What a thread reads it takes: nothing is ever left."""

    def next(self, read: Callable[[], T]) -> T:
        return read()

    def stop(self) -> list[T]:
        return []


class Background:
    """Work, in threads, that ``close`` and ``wait`` put an end to. Thread safe."""

    def __init__(self) -> None:
        self.closed = False
        self._running: list[threading.Thread] = []
        self._changed = threading.Condition()

    @property
    def count(self) -> int:
        """How much is under way and will be waited for."""
        return len(self._running)

    def start(self, work: Callable[[], Any], name: str, *, late: bool = False, awaited: bool = True) -> None:
        """Has it done in a daemon thread, for which ``wait`` waits if it is ``awaited``.

        Raises Cancelled once closed, unless it is ``late``: what brings others to an end. Raises Unavailable where no thread can
        be started.
        """

        def run() -> None:
            try:
                work()
            except SystemExit:  # ends a thread, not the program
                pass
            finally:
                if awaited:
                    self._ended(thread)

        thread = threading.Thread(target=run, name=name, daemon=True)
        with self._changed:
            self._refuse_when_closed(late)
            try:
                thread.start()
            except RuntimeError as error:
                raise Unavailable(f"no thread can be started: {error}", sent=False) from error
            if awaited:
                self._running.append(thread)

    def finish(self, work: Callable[[], T], left: Callable[[T], None], name: str) -> T:
        """Does it in this thread, for which ``wait`` waits. Nobody is cancelled meanwhile: ``left`` gets nothing."""
        thread = threading.current_thread()
        with self._changed:
            self._refuse_when_closed()
            self._running.append(thread)
        try:
            return work()
        finally:
            self._ended(thread)

    def close(self) -> None:
        """Nothing begins from here on but what is ``late``."""
        with self._changed:
            self.closed = True

    def wait(self, timeout: float) -> None:
        """Waits until nothing is under way but in this thread, for ``timeout`` seconds at most."""
        me = threading.current_thread()
        with self._changed:
            self._changed.wait_for(lambda: all(each is me for each in self._running), timeout)

    def _refuse_when_closed(self, late: bool = False) -> None:
        if self.closed and not late:
            raise Cancelled("the channel is closed", sent=False)

    def _ended(self, thread: threading.Thread) -> None:
        with self._changed:
            self._running.remove(thread)
            self._changed.notify_all()
