"""What the drop-in channel hands out for one call: everything that ``grpc.Call`` and
``grpc.Future`` promise, over REST.
"""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import grpc

from bridge._doors.rest_stream import JobStream
from bridge._dropin.status import rpc_error
from bridge._dropin.types import Future
from camunda_core.deadline import Deadline
from camunda_core.errors import CamundaError, Cancelled, DeadlineExceeded

__all__ = ["FinishedCall", "MessagesCall", "RestCall", "StreamCall"]


class FinishedCall(grpc.RpcError, grpc.Call):
    """The call of a unary RPC that has succeeded: the second half of what ``with_call`` returns."""

    def add_callback(self, callback: Callable[[], None]) -> bool:
        return False

    def is_active(self) -> bool:
        return False

    def time_remaining(self) -> float | None:  # type: ignore[override]
        return None

    def cancel(self) -> bool:
        return False

    def initial_metadata(self) -> tuple[Any, ...]:
        return ()

    def trailing_metadata(self) -> tuple[Any, ...]:
        return ()

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.OK

    def details(self) -> str:
        return ""

    def debug_error_string(self) -> str:
        return ""


class RestCall(grpc.RpcError, grpc.Call, Future):
    """A call under way, which like grpcio's is a ``grpc.RpcError``; it settles once, with a value
    or an error, from any thread.
    """

    def __init__(self, deadline: Deadline, rpc: str) -> None:
        self._deadline = deadline
        self._rpc = rpc
        self._changed = threading.Condition()
        self._settled = False
        self._value: Any = None
        self._error: CamundaError | None = None
        self._callbacks: list[Callable[[], None]] = []

    # The side of the worker

    def settle(self, value: Any = None, error: CamundaError | None = None) -> bool:
        """Ends the call; False when it had ended before, so that the value has no taker."""
        with self._changed:
            if self._settled:
                return False
            self._settled = True
            self._value = value
            self._error = None if error is None else rpc_error(error)
            callbacks, self._callbacks = self._callbacks, []
            self._changed.notify_all()
        for callback in callbacks:
            callback()
        return True

    def run(self, work: Callable[[], Any]) -> None:
        """Does the work and settles with what comes of it."""
        try:
            value = work()
        except CamundaError as error:
            self.settle(error=error)
        except BaseException as error:
            # A caller's deserializer may raise anything; the call must end all the same.
            self.settle(error=CamundaError(f"{type(error).__name__}: {error}", operation=self._rpc))
        else:
            self.settle(value)

    # grpc.RpcContext and grpc.Call

    def is_active(self) -> bool:
        return not self._settled

    def time_remaining(self) -> float | None:  # type: ignore[override]
        return self._deadline.remaining()

    def cancel(self) -> bool:
        return self.settle(error=Cancelled("Locally cancelled by application!", operation=self._rpc))

    def add_callback(self, callback: Callable[[], None]) -> bool:
        with self._changed:
            if self._settled:
                return False
            self._callbacks.append(callback)
            return True

    def initial_metadata(self) -> tuple[Any, ...]:
        return ()

    def trailing_metadata(self) -> Any:
        error = self._wait()
        return () if error is None else error.trailing_metadata()

    def code(self) -> grpc.StatusCode:
        error = self._wait()
        return grpc.StatusCode.OK if error is None else error.code()

    def details(self) -> str:
        error = self._wait()
        return "" if error is None else error.details()

    def debug_error_string(self) -> str:
        error = self._wait()
        return "" if error is None else error.debug_error_string()

    # grpc.Future

    def cancelled(self) -> bool:
        return isinstance(self._error, Cancelled)

    def running(self) -> bool:
        return not self._settled

    def done(self) -> bool:
        return self._settled

    def result(self, timeout: float | None = None) -> Any:
        error = self._wait(timeout)
        if isinstance(error, Cancelled):
            raise grpc.FutureCancelledError
        if error is not None:
            raise error
        return self._value

    def exception(self, timeout: float | None = None) -> Any:
        error = self._wait(timeout)
        if isinstance(error, Cancelled):
            raise grpc.FutureCancelledError
        return error

    def traceback(self, timeout: float | None = None) -> Any:
        error = self.exception(timeout)
        if error is None:
            return None
        try:
            raise error
        except type(error):
            return error.__traceback__

    def add_done_callback(self, fn: Callable[[Any], None]) -> None:
        if not self.add_callback(lambda: fn(self)):
            fn(self)

    def _wait(self, timeout: float | None = None) -> Any:
        with self._changed:
            patience = Deadline(timeout)
            while not self._settled:
                left = patience.remaining()
                to_deadline = self._deadline.remaining()
                if to_deadline == 0.0:
                    break
                if left == 0.0:
                    raise grpc.FutureTimeoutError
                self._changed.wait(min((x for x in (left, to_deadline) if x is not None), default=None))
        if not self._settled:
            self.settle(error=DeadlineExceeded("Deadline Exceeded", operation=self._rpc))
        return self._error


class MessagesCall(RestCall):
    """A server stream whose messages all come with one answer (ActivateJobs)."""

    _messages: deque[Any] | None = None

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        error = self._wait()
        if error is not None:
            raise error
        if self._messages is None:
            self._messages = deque(self._value)
        if not self._messages:
            raise StopIteration
        return self._messages.popleft()


class StreamCall(RestCall):
    """A job stream: each ``next`` takes one job. Dropping the call ends the stream, as it does in gRPC."""

    def __init__(
        self, stream: JobStream, deadline: Deadline, rpc: str, convert: Callable[[Any], Any]
    ) -> None:
        super().__init__(deadline, rpc)
        self._stream = stream
        self._convert = convert
        # The stream's thread must not keep a dropped call alive.
        settle = weakref.WeakMethod(self._stream_ended)

        def on_end(error: CamundaError) -> None:
            method = settle()
            if method is not None:
                method(error)

        stream.on_end(on_end)

    def _stream_ended(self, error: CamundaError) -> None:
        self.settle(error=error)

    def cancel(self) -> bool:
        return self._stream.cancel()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return self._convert(self._stream.take())
        except CamundaError as error:
            self._stream.cancel()
            self.settle(error=error)
            raise self._wait() from None

    def __del__(self) -> None:
        stream = getattr(self, "_stream", None)
        if stream is not None:
            stream.cancel()
