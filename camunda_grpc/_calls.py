"""The call objects of the synchronous channel: a future of one answer, and a stream of answers."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias

import grpc
from grpc.experimental import UsageError

from camunda_core.errors import CamundaError, Cancelled
from camunda_grpc._errors import RpcFailure, as_rpc_error, from_rpc_error
from camunda_grpc._settings import Invocation

__all__ = ["FutureCall", "Send", "StreamCall", "attempt"]

if TYPE_CHECKING:
    _Future: TypeAlias = grpc.Future[Any]
else:
    _Future = grpc.Future

#: A way of invoking a multi-callable of grpcio: the callable itself, its ``with_call`` or its ``future``.
Send: TypeAlias = Callable[..., Any]


def attempt(invocation: Invocation, send: Send) -> Any:
    """One attempt, with fresh headers and the time that is left. Raises what grpcio or the credentials raise.

    A channel that was closed since the first attempt ends the call as it ends one that is under way.
    """
    headers = None
    if not invocation.fixed:
        assert invocation.policy.credentials is not None
        headers = invocation.policy.credentials.headers(invocation.deadline.remaining())
    try:
        return send(
            invocation.request,
            invocation.deadline.remaining(),
            invocation.metadata(headers),
            invocation.credentials,
            invocation.wait_for_ready,
            invocation.compression,
        )
    except ValueError:
        if not invocation.failures:
            raise
        raise Cancelled("Channel closed!", operation=invocation.rpc.name) from None


def in_background(work: Callable[[], None]) -> None:
    """Runs ``work`` where it may wait: grpcio's thread, which serves all calls, must not."""
    threading.Thread(target=work, daemon=True, name="camunda-grpc").start()


class _Call(grpc.RpcError, grpc.Call, _Future):
    """What both calls are: a ``grpc.Call``, a ``grpc.Future`` and, as grpcio's own, a
    ``grpc.RpcError`` whose attempts come and go.

    ``_call`` is the attempt of grpcio's that counts now, None before there was one. ``_error`` is
    the end that is known to be a failure.
    """

    def __init__(self, invocation: Invocation, send: Send) -> None:
        self._invocation = invocation
        self._send = send
        self._lock = threading.RLock()
        self._call: Any = None
        self._error: CamundaError | None = None
        self._ended = threading.Event()
        self._cancelled = False
        self._callbacks: list[Callable[[], None]] = []

    def _failure(self, error: Exception) -> CamundaError:
        return from_rpc_error(error, self._invocation.rpc.name)

    def _end(self, error: CamundaError | None) -> None:
        self._invocation.told(error)  # before anybody who waits for the end goes on
        with self._lock:
            if self._ended.is_set():
                return
            self._error = error
            self._ended.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def _wait(self, timeout: float | None) -> None:
        if not self._ended.wait(timeout):
            raise grpc.FutureTimeoutError
        if self._cancelled:
            raise grpc.FutureCancelledError

    def _status(self, what: str) -> Any:
        """``code()`` and the like of the call's end, which is waited for."""
        self._ended.wait()
        return getattr(self._error if self._error is not None else self._call, what)()

    def code(self) -> grpc.StatusCode:
        """The status code; waits for the end."""
        code: grpc.StatusCode = self._status("code")
        return code

    def details(self) -> str:
        """The status text; waits for the end."""
        details: str = self._status("details")
        return details

    def trailing_metadata(self) -> Any:
        """The trailing metadata; waits for the end."""
        return self._status("trailing_metadata")

    def debug_error_string(self) -> str | None:
        """What grpcio says about the failure; waits for the end."""
        text: str | None = self._status("debug_error_string")
        return text

    def cancel(self) -> bool:
        """Ends the call here and now; False when it is over already."""
        with self._lock:
            if self._ended.is_set():
                return False
            self._cancelled = True
            call = self._call
        if call is not None:
            call.cancel()
        message = "Locally cancelled by application!"
        self._end(as_rpc_error(Cancelled(message, operation=self._invocation.rpc.name, answered=False)))
        return True

    def cancelled(self) -> bool:
        """True after ``cancel()`` ended it."""
        return self._cancelled

    def running(self) -> bool:
        """True until the end."""
        return not self._ended.is_set()

    def done(self) -> bool:
        """True after the end."""
        return self._ended.is_set()

    def is_active(self) -> bool:
        """True until the end."""
        return not self._ended.is_set()

    def time_remaining(self) -> float:
        """Seconds until the deadline; None without one."""
        return self._invocation.deadline.remaining()  # type: ignore[return-value]

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """Calls ``callback`` at the end; False, and no call, when that is past."""
        with self._lock:
            if self._ended.is_set():
                return False
            self._callbacks.append(callback)
            return True

    def add_done_callback(self, fn: Callable[[Any], None]) -> None:
        """Calls ``fn(self)`` at the end, or at once when that is past."""
        if not self.add_callback(lambda: fn(self)):
            fn(self)

    def exception(self, timeout: float | None = None) -> Exception | None:
        """The error, or None; waits for the end, for at most ``timeout`` seconds."""
        self._wait(timeout)
        return self._error

    def traceback(self, timeout: float | None = None) -> TracebackType | None:
        """The error's traceback, or None; waits as ``exception`` does."""
        error = self.exception(timeout)
        return error.traceback() if isinstance(error, RpcFailure) else None


class FutureCall(_Call):
    """The future of a unary call. Attempts after the first are started by grpcio's or a timer's thread."""

    def __init__(self, invocation: Invocation, send: Send) -> None:
        super().__init__(invocation, send)
        self._timer: threading.Timer | None = None
        self._start()

    def _start(self) -> None:
        if self._ended.is_set():
            return
        try:
            call = attempt(self._invocation, self._send)
        except (CamundaError, grpc.RpcError) as error:
            self._failed(self._failure(error))
            return
        with self._lock:
            self._call = call
            cancelled = self._cancelled
        if cancelled:
            call.cancel()
        else:
            call.add_done_callback(self._answered)

    def _answered(self, call: Any) -> None:
        if call.code() is grpc.StatusCode.OK:
            self._end(None)
        else:
            self._failed(self._failure(call))

    def _failed(self, failure: CamundaError) -> None:
        peer = self._invocation.suspect(failure)
        if peer is not None:
            in_background(lambda: self._failed(self._invocation.examined(failure, peer)))
            return
        with self._lock:
            delay = None if self._ended.is_set() else self._invocation.next_delay(failure)
            if delay is not None:
                # Neither grpcio's thread, which serves all calls, nor the caller may be held up.
                self._timer = threading.Timer(delay, self._start)
                self._timer.daemon = True
                self._timer.start()
                return
        self._end(failure)

    def cancel(self) -> bool:
        """Ends the call here and now; False when it is over already."""
        if self._timer is not None:
            self._timer.cancel()
        return super().cancel()

    def initial_metadata(self) -> Any:
        """The initial metadata; waits for the end."""
        return self._status("initial_metadata")

    def result(self, timeout: float | None = None) -> Any:
        """The answer, or raises the error; waits for at most ``timeout`` seconds."""
        self._wait(timeout)
        if self._error is not None:
            raise self._error
        return self._call.result()


class StreamCall(_Call):
    """The answers of a call that streams them, read by one thread; any thread may cancel it.

    Until its first message an attempt that failed is repeated, by the thread that reads. So a
    failure, and the end, are known when they have been read.
    """

    def __init__(self, invocation: Invocation, send: Send) -> None:
        super().__init__(invocation, send)
        self._reading = False
        self._paused = threading.Event()
        #: Reads one message; None until there was a first one.
        self._next: Callable[[], Any] | None = None
        self._unread: CamundaError | None = None
        try:
            self._open()
        except (CamundaError, grpc.RpcError) as error:
            self._unread = self._failure(error)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        self._reading = True
        try:
            return self._next() if self._next is not None else self._first()
        except StopIteration:
            self._end(None)
            raise
        except grpc.RpcError as error:
            failure = self._error if self._error is not None else self._failure(error)
        finally:
            self._reading = False
        self._end(failure)
        raise failure from None

    def next(self) -> Any:
        """The next message, as ``next(call)``."""
        return self.__next__()

    def _open(self) -> None:
        call = attempt(self._invocation, self._send)
        with self._lock:
            self._call = call
            cancelled = self._cancelled
        if cancelled:
            call.cancel()

    def _first(self) -> Any:
        """Reads the first message, with as many attempts as it takes."""
        failure, self._unread = self._unread, None
        while True:
            if failure is not None:
                peer = self._invocation.suspect(failure)
                if peer is not None:
                    failure = self._invocation.examined(failure, peer)
                delay = None if self._ended.is_set() else self._invocation.next_delay(failure)
                if delay is None:
                    raise failure
                self._paused.wait(delay)
                if self._ended.is_set():
                    raise failure
            try:
                if failure is not None:
                    self._open()
                message = next(self._call)
            except (CamundaError, grpc.RpcError) as error:
                failure = self._failure(error)
            else:
                self._next = self._call.__next__
                return message

    def cancel(self) -> bool:
        """Ends the call here and now, also while another thread reads; False when it is over already."""
        ended = super().cancel()
        self._paused.set()
        return ended

    def _status(self, what: str) -> Any:
        if not self._ended.is_set() and (self._next is not None or not self._reading):
            # Further attempts cannot change it, and grpcio may know before anybody reads it.
            with contextlib.suppress(UsageError, AttributeError):
                return getattr(self._call, what)()
        return super()._status(what)

    def initial_metadata(self) -> Any:
        """The initial metadata; waits for them."""
        return self._status("initial_metadata")

    def result(self, timeout: float | None = None) -> Any:
        """None at the end of the stream, or raises the error; waits for at most ``timeout`` seconds."""
        self._wait(timeout)
        if self._error is not None:
            raise self._error
        return None
