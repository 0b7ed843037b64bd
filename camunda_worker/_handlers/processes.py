"""Processes for CPU-heavy handlers, driven from an event loop: each does one call at a time.

A process that crashes takes only the call with it that it was working on, and another one takes its
place at once. They are spawned, on every platform, so a handler must be importable. They leave
SIGINT and SIGTERM, which may reach the whole group, to their parent, and they end when it does.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import pickle
import signal
import threading
import weakref
from collections.abc import Callable
from typing import Any

from camunda_worker._handlers.importable import PROCESS_NAME
from camunda_worker._handlers.remote import RemoteError, RemoteTraceback, outcome, serve
from camunda_worker._handlers.threads import Item, ThreadPool

__all__ = [
    "ProcessCrashed",
    "ProcessPool",
    "RemoteError",
    "RemoteTraceback",
]

#: Seconds: until a process has imported the program, and until one that is told to end has ended.
_START, _END = 60.0, 5.0


class ProcessCrashed(RuntimeError):
    """The process ended while it worked. ``exit_code`` is negative for a signal: -9 is SIGKILL."""

    def __init__(self, exit_code: int | None, problem: str) -> None:
        super().__init__(exit_code, problem)
        self.exit_code = exit_code
        self.problem = problem

    def __str__(self) -> str:
        return self.problem


class ProcessPool:
    """At most ``size`` processes, started when they are needed; for one event loop."""

    def __init__(self, size: int) -> None:
        # Each process has a thread here, which waits for it: the one way that is the same on every
        # platform and event loop.
        self._threads = ThreadPool(size, PROCESS_NAME, leaving=self._leave)
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._processes: set[_Process] = set()
        self._closed = self._killed = False
        _pools.add(self)

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Calls ``function`` in a process and gives what it returns or raises; ProcessCrashed when
        the process did not survive.
        """
        return await self.submit(function, *arguments)

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Item:
        """The same as something to await, to ask whether it began, and to take back.

        From the event loop only.
        """
        return self._threads.submit(self._call, function, arguments)

    def close(self) -> None:
        """Takes back what has not begun and ends all processes, whatever they do. Does not wait for that."""
        self._closed = True
        self._threads.close()
        self.kill()

    def kill(self) -> None:
        """Ends all processes, whatever they do. From any thread."""
        with self._lock:
            self._killed = True
            doomed = list(self._processes)
        for each in doomed:
            each.kill()

    def _call(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        try:
            request = pickle.dumps((function, arguments), pickle.HIGHEST_PROTOCOL)
        except Exception as error:
            raise TypeError(f"the call cannot be sent to another process: {error}") from error
        process = getattr(self._mine, "process", None) or self._start()
        try:
            if not process.begin(request):
                self._drop(process)
                process = self._start()
                if not process.begin(request):
                    raise EOFError
            reply = process.reply()
        except (EOFError, OSError):
            crash = self._drop(process)
            if not (self._closed or self._killed):
                with contextlib.suppress(Exception):  # the next call tries again, and says why
                    self._start()
            raise crash from None
        return outcome(reply)

    def _start(self) -> _Process:
        process = _Process()
        with self._lock:
            self._processes.add(process)
            killed = self._killed
        if killed:
            process.kill()
        self._mine.process = process
        return process

    def _drop(self, process: _Process) -> ProcessCrashed:
        self._mine.process = None
        crash = process.end()
        with self._lock:
            self._processes.discard(process)
        return crash

    def _leave(self) -> None:
        process = getattr(self._mine, "process", None)
        if process is not None:
            self._drop(process)


_pools: weakref.WeakSet[ProcessPool] = weakref.WeakSet()


def _kill_all() -> None:
    for pool in list(_pools):
        pool.kill()


@functools.cache
def _kill_all_at_exit() -> None:
    # At exit multiprocessing waits for its processes, for as long as a call takes: they are no
    # daemons, so that a handler may have processes of its own. What is registered later comes
    # first.
    import multiprocessing.util  # noqa: F401

    atexit.register(_kill_all)


class _Process:
    """The parent's side of a process. For one thread, but for ``kill``."""

    def __init__(self) -> None:
        import multiprocessing

        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs,), name=PROCESS_NAME, daemon=False)
        self._ready = False
        _kill_all_at_exit()
        _block_interrupts()
        try:
            self._process.start()
        except BaseException:
            self._connection.close()
            raise
        finally:
            theirs.close()

    def begin(self, request: bytes) -> bool:
        """Begins a call; False when the process has died while it had nothing to do, so that
        nothing of the call has happened.

        Raises EOFError or OSError when it did not even start.
        """
        if not self._ready:
            if not self._connection.poll(_START):
                raise EOFError
            self._connection.recv_bytes()
            self._ready = True
        try:
            self._connection.send_bytes(request)
            self._connection.recv_bytes()
        except (EOFError, OSError):
            return False
        return True

    def reply(self) -> bytes:
        """Waits for the call's end. Raises EOFError or OSError when the process has died."""
        return self._connection.recv_bytes()

    def kill(self) -> None:
        with contextlib.suppress(OSError):  # it has ended already
            self._process.kill()

    def end(self) -> ProcessCrashed:
        """Waits for its end, which comes when it sees the pipe closed; says how it ended."""
        self._connection.close()
        self._process.join(_END)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join(_END)
        code = self._process.exitcode
        if not self._ready:
            problem = (
                f"a process for handlers did not start ({_described(code)}; it may have said why on stderr). Is the program's "
                'start under `if __name__ == "__main__":`?'
            )
        else:
            problem = f"the process that ran the handler ended unexpectedly: {_described(code)}"
        return ProcessCrashed(code, problem)


def _described(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"{name}, exit code {code}{'; was there too little memory?' if name == 'SIGKILL' else ''}"


def _block_interrupts() -> None:
    """Ctrl-C must not hit a process while it starts; it inherits from this thread, which is not the
    one that handles signals.
    """
    if not hasattr(signal, "pthread_sigmask") or threading.current_thread() is threading.main_thread():
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # or else starting it would lift the mask again
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
