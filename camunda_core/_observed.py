"""One call under observation, which the shells of both wires tell of its attempts. Pure but for a clock."""

from __future__ import annotations

import logging
import threading
import time
import uuid
import weakref
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, Literal

from camunda_core.errors import CamundaError, Cancelled
from camunda_core.observing import (
    CallObserver,
    CallRequest,
    CallResult,
    correlation_id,
    is_name,
    may_be_added,
)

__all__ = ["ObservedCall", "Watch"]

log = logging.getLogger("camunda_core")


class Watch:
    """All observers of a client, which calls ``servers`` (host and port). Thread safe."""

    def __init__(
        self,
        observers: tuple[CallObserver, ...],
        wire: Literal["rest", "grpc"],
        servers: tuple[tuple[str, int], ...],
    ) -> None:
        self.observers = observers
        self.wire = wire
        self.servers = servers
        self._lock = threading.Lock()

    def call(self, operation: str, method: str, path: str = "") -> ObservedCall:
        """A call that begins here and now."""
        return ObservedCall(self, operation, method, path)

    def drop(self, observer: CallObserver, hook: str) -> None:
        """Asks an observer no more that raised, and logs that once."""
        with self._lock:
            left = tuple(each for each in self.observers if each is not observer)
            if len(left) == len(self.observers):
                return  # by another call, meanwhile
            self.observers = left
        log.exception("%r is asked no more: its %s failed", type(observer).__name__, hook)


class _Attempt:
    __slots__ = ("began", "request", "started", "status")

    def __init__(self, request: CallRequest) -> None:
        self.request = request
        self.began: list[tuple[CallObserver, Any]] = []
        self.started = 0.0
        self.status: int | str | None = None


class ObservedCall:
    """The attempts of one call: ``begin`` before each is sent, ``end`` after it, from any thread.

    Observers run in the context in which the call was made, wherever an attempt is made.
    """

    def __init__(self, watch: Watch, operation: str, method: str, path: str) -> None:
        self.correlation_id = correlation_id() or uuid.uuid4().hex
        self._watch = watch
        self._operation = operation
        self._method = method
        self._path = path
        self._attempts = 0
        self._context = copy_context()
        #: The attempt that is under way, if any; a list, since ``pop`` is atomic.
        self._running: list[_Attempt] = []
        #: Weakly, since an error's frames lead back here.
        self._told: weakref.ref[CamundaError] | None = None

    def begin(self, at: int = 0) -> dict[str, str]:
        """An attempt is about to be sent, to the server of this index: with these headers, by
        lower-case names, in addition.
        """
        self._attempts += 1
        watch = self._watch
        server, port = watch.servers[at]
        attempt = _Attempt(
            CallRequest(
                self._operation,
                watch.wire,
                self._method,
                self._path,
                server,
                port,
                self._attempts,
                self.correlation_id,
            )
        )
        for observer in watch.observers:
            done, begun = self._asked(observer, "began", attempt.request)
            if done:
                attempt.began.append((observer, begun))
        attempt.started = time.monotonic()
        self._running.append(attempt)
        return _sendable(attempt.request.headers)

    def answered(self, status: int) -> None:
        """The attempt under way got an answer with this HTTP status."""
        if self._running:
            self._running[-1].status = status

    def end(self, error: BaseException | None = None) -> None:
        """The attempt under way is over.

        Where there is none, an ``error`` that was not told yet ended the call before it was sent.
        """
        if isinstance(error, CamundaError):
            error.correlation_id = self.correlation_id
        if not self._running:
            if not isinstance(error, CamundaError) or isinstance(error, Cancelled):
                return
            if self._told is not None and self._told() is error:
                return
            self.begin()
        try:
            attempt = self._running.pop()
        except IndexError:  # by another thread, meanwhile
            return
        if isinstance(error, CamundaError):
            self._told = weakref.ref(error)
        seconds = time.monotonic() - attempt.started
        result = CallResult(seconds, self._status(attempt, error), error)
        for observer, begun in attempt.began:
            self._asked(observer, "ended", attempt.request, begun, result)

    def _status(self, attempt: _Attempt, error: BaseException | None) -> int | str | None:
        if self._watch.wire == "grpc":
            if error is None:
                return "OK"
            return error.grpc_code if isinstance(error, CamundaError) else None
        if attempt.status is None and isinstance(error, CamundaError) and error.answered and error.problem:
            return error.problem.status or None
        return attempt.status

    def _asked(self, observer: CallObserver, hook: str, *arguments: Any) -> tuple[bool, Any]:
        call: Callable[..., Any] = getattr(observer, hook)
        try:
            return True, self._context.copy().run(call, *arguments)
        except Exception:
            self._watch.drop(observer, hook)
            return False, None

    def __del__(self) -> None:
        # A stream that was dropped unread: nobody else will ever say that it is over.
        if getattr(self, "_running", None):
            self.end(Cancelled("the call was dropped before its end", operation=self._operation))


def _sendable(headers: dict[str, str]) -> dict[str, str]:
    found = {}
    for name, value in headers.items():
        if _is_sendable(name, value):
            found[name.lower()] = value
        else:
            log.warning("an observer's header %r cannot be sent: left out", name)
    return found


def _is_sendable(name: object, value: object) -> bool:
    if not isinstance(name, str) or not isinstance(value, str) or not value:
        return False
    lower = name.lower()
    return is_name(lower) and may_be_added(lower) and value.isascii() and value.isprintable()
