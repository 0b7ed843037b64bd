"""Calls with a stream on the asyncio channel.

While nothing fails they only hand on to grpcio's call. Before the first message, whoever reads
repeats an attempt that failed; so a failure, and the end, are known when they have been read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from typing import TYPE_CHECKING, Any, TypeAlias

from camunda_core.errors import CamundaError
from camunda_grpc._aio_calls import FAILURES, NO_CHANNEL, Send, begun, examined, in_task, sent
from camunda_grpc._errors import from_rpc_error
from camunda_grpc._names import grpc
from camunda_grpc._settings import Invocation

__all__ = ["StreamCall", "StreamSendingCall", "StreamStreamCall"]

if TYPE_CHECKING:
    _UnaryStreamCall: TypeAlias = grpc.aio.UnaryStreamCall[Any, Any]
    _StreamUnaryCall: TypeAlias = grpc.aio.StreamUnaryCall[Any, Any]
    _StreamStreamCall: TypeAlias = grpc.aio.StreamStreamCall[Any, Any]
else:
    _UnaryStreamCall = grpc.aio.UnaryStreamCall
    _StreamUnaryCall = grpc.aio.StreamUnaryCall
    _StreamStreamCall = grpc.aio.StreamStreamCall


class _LongCall(grpc.aio.Call):
    """What calls with a stream are: grpcio's call, which may still have to be made, or be made anew."""

    _channel = NO_CHANNEL

    def __init__(self, invocation: Invocation, send: Send) -> None:
        self._invocation = invocation
        self._send = send
        self._call: Any = None
        self._error: CamundaError | None = None
        self._cancelled = False
        self._reading = False
        self._opening: asyncio.Task[Any] | None = None
        self._pause: asyncio.Task[None] | None = None
        self._callbacks: list[Callable[[Any], None]] = []
        if invocation.fixed:
            self._call = sent(invocation, send)
        else:
            self._opening = in_task(begun(invocation, send))

    async def _opened(self) -> Any:
        """grpcio's call."""
        if self._call is None:
            if self._opening is None:
                self._opening = in_task(begun(self._invocation, self._send))
            call = await self._opening
            if self._call is None:
                self._call, self._opening = call, None
                if self._callbacks:
                    call.add_done_callback(self._attempt_over)
        return self._call

    def _attempt_over(self, call: Any) -> None:
        if call is self._call and not self._reading:  # whoever reads knows best when it is over
            self._over()

    def _over(self) -> None:
        self._invocation.told(asyncio.CancelledError() if self._cancelled else self._error)
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback(self)

    async def _status(self, what: str) -> Any:
        if self._error is None:
            try:
                return await getattr(await self._opened(), what)()
            except CamundaError as error:  # no credentials, so there never was a call
                self._error = from_rpc_error(error, self._invocation.rpc.name)
        return getattr(self._error, what)()

    async def code(self) -> grpc.StatusCode:
        """The status code; waits for the end."""
        code: grpc.StatusCode = await self._status("code")
        return code

    async def details(self) -> str:
        """The status text; waits for the end."""
        return await self._status("details") or ""

    async def initial_metadata(self) -> grpc.aio.Metadata:
        """The initial metadata; waits for them."""
        return await self._status("initial_metadata") or grpc.aio.Metadata()

    async def trailing_metadata(self) -> grpc.aio.Metadata:
        """The trailing metadata; waits for the end."""
        return await self._status("trailing_metadata") or grpc.aio.Metadata()

    async def debug_error_string(self) -> str:
        """What grpcio says about the failure; waits for the end."""
        return await self._status("debug_error_string") or ""

    async def wait_for_connection(self) -> None:
        """Waits until the request was sent, or raises the error."""
        try:
            await (await self._opened()).wait_for_connection()
        except FAILURES as error:
            raise from_rpc_error(error, self._invocation.rpc.name) from None

    def done(self) -> bool:
        """True after the end; a failure before the first message counts once it has been read."""
        if self._error is not None or self._cancelled:
            return True
        return not self._reading and self._call is not None and bool(self._call.done())

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        """Calls ``callback(self)`` at the end, or at once when that is past."""
        if self.done():
            callback(self)
            return
        self._callbacks.append(callback)
        if self._call is not None and len(self._callbacks) == 1:
            self._call.add_done_callback(self._attempt_over)

    def time_remaining(self) -> float | None:
        """Seconds until the deadline; None without one."""
        return self._invocation.deadline.remaining()

    def cancel(self) -> bool:
        """Ends the call here and now; False when it is over already."""
        if self.done():
            return False
        self._cancelled = True
        for work in (self._opening, self._pause, self._call):
            if work is not None:
                work.cancel()
        self._over()
        return True

    def cancelled(self) -> bool:
        """True after ``cancel()`` ended it."""
        return self._cancelled or (self._call is not None and bool(self._call.cancelled()))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._invocation.rpc.name}: {self._error or self._call!r}>"


class StreamCall(_LongCall, _UnaryStreamCall):
    """A call with a stream of answers. Until the first one, whoever reads repeats what failed."""

    def __init__(self, invocation: Invocation, send: Send) -> None:
        super().__init__(invocation, send)
        self._seen = False
        self._messages: AsyncIterator[Any] | None = None

    def __aiter__(self) -> AsyncIterator[Any]:
        if self._messages is None:
            self._messages = self._iterate()
        return self._messages

    async def _iterate(self) -> AsyncIterator[Any]:
        while True:
            self._reading = True
            try:
                call = self._call if self._call is not None else await self._opened()
                async for message in call:
                    self._seen = True
                    self._reading = False
                    yield message
                    self._reading = True
                self._reading = False
                self._over()
                return
            except FAILURES as error:
                await self._retry(error)
            except asyncio.CancelledError as error:
                self._invocation.told(error)
                raise
            finally:
                self._reading = False

    async def read(self) -> Any:
        """The next message, or ``grpc.aio.EOF``."""
        while True:
            self._reading = True
            try:
                call = self._call if self._call is not None else await self._opened()
                message = await call.read()
                if message is grpc.aio.EOF:
                    self._reading = False
                    self._over()
                self._seen = True
                return message
            except FAILURES as error:
                await self._retry(error)
            except asyncio.CancelledError as error:
                self._invocation.told(error)
                raise
            finally:
                self._reading = False

    async def _retry(self, error: Exception) -> None:
        """Pauses before the next attempt, or raises the error."""
        failure = from_rpc_error(error, self._invocation.rpc.name)
        peer = None if self._seen else self._invocation.suspect(failure)
        if peer is not None:
            failure = await examined(self._invocation, failure, peer)
        delay = None if self._seen or self._error is not None else self._invocation.next_delay(failure)
        if delay is None:
            self._error = failure
            self._over()
            raise failure from None
        self._pause = in_task(asyncio.sleep(delay))
        await self._pause
        self._pause, self._call, self._opening = None, None, None


class _Writing(_LongCall):
    async def write(self, request: Any) -> None:
        """Sends one message."""
        try:
            await (await self._opened()).write(request)
        except FAILURES as error:
            raise from_rpc_error(error, self._invocation.rpc.name) from None

    async def done_writing(self) -> None:
        """Says that there will be no more messages."""
        await (await self._opened()).done_writing()


class StreamSendingCall(_Writing, _StreamUnaryCall):
    """A call that sends a stream and has one answer."""

    def __await__(self) -> Generator[Any, None, Any]:
        return self._answer().__await__()

    async def _answer(self) -> Any:
        try:
            answer = await (await self._opened())
        except FAILURES as error:
            failure = from_rpc_error(error, self._invocation.rpc.name)
            self._invocation.told(failure)
            raise failure from None
        self._invocation.told()
        return answer


class StreamStreamCall(_Writing, StreamCall, _StreamStreamCall):
    """A call with streams both ways."""
