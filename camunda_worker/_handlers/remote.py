"""A call in another process: what that process does, and how what came of it is brought back."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import threading
import traceback
from typing import TYPE_CHECKING, Any

from camunda_worker._tracebacks import handlers_traceback

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

__all__ = ["RemoteError", "RemoteTraceback", "outcome", "reply_to", "serve"]


class RemoteTraceback(Exception):
    """Stands as the cause of what a handler raised in its process, and has its traceback as text."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


class RemoteError(RuntimeError):
    """A handler raised something, or gave a result, that cannot be brought over from its process;
    the message says what.
    """


def outcome(reply: bytes) -> Any:
    """What the call gave, or raised."""
    try:
        succeeded, value, text = pickle.loads(reply)
    except Exception as error:
        raise RemoteError(f"what the handler returned or raised cannot be read here: {error!r}") from error
    if succeeded:
        return value
    raise value from RemoteTraceback(text)


def serve(connection: Connection) -> None:
    """What a process of the pool does: calls, one after the other, until the pipe is closed."""
    # A handler, and not SIG_IGN: what a job starts in turn would inherit that.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: None)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        connection.send_bytes(b"")  # it has started
        while True:
            request = connection.recv_bytes()
            connection.send_bytes(b"")  # the call begins
            connection.send_bytes(reply_to(request))
    except (EOFError, OSError):
        return  # the parent has closed the pipe


def _end_with_parent() -> None:
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # whatever it is that the handler does: nobody would hear of it


def reply_to(request: bytes) -> bytes:
    """Makes a call and describes how it ended, for ``outcome``."""
    try:
        function, arguments = pickle.loads(request)
        result = function(*arguments)
    except BaseException as error:
        return _failure(error)
    try:
        return pickle.dumps((True, result, ""), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        return _failure(RemoteError(f"the handler's result cannot be brought back from its process: {error}"))


def _failure(error: BaseException) -> bytes:
    try:
        text = "".join(traceback.format_exception(type(error), error, handlers_traceback(error)))
    except Exception:
        text = ""
    with contextlib.suppress(Exception):  # many an exception cannot be made again from its arguments
        reply = pickle.dumps((False, error, text), pickle.HIGHEST_PROTOCOL)
        if type(pickle.loads(reply)[1]) is type(error):
            return reply
    try:
        said = str(error)
    except Exception:
        said = "(its text cannot be had)"
    kind = type(error)
    return pickle.dumps((False, RemoteError(f"{kind.__module__}.{kind.__qualname__}: {said}"), text))
