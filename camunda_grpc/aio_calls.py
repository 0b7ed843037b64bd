"""The call objects of the asyncio channel: one answer, or a stream of them.

While nothing fails they only hand on to grpcio's call, which is under way from the start. What a failure
makes necessary happens in a task of its own (one answer) or in whoever reads (a stream).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any, TypeAlias

import grpc

from camunda_core.errors import CamundaError, Cancelled
from camunda_grpc.connection import Asked, Invocation
from camunda_grpc.errors import from_rpc_error

__all__ = ["Send", "StreamCall", "StreamSendingCall", "StreamStreamCall", "UnaryCall"]

if TYPE_CHECKING:
    _UnaryUnaryCall: TypeAlias = grpc.aio.UnaryUnaryCall[Any, Any]
    _UnaryStreamCall: TypeAlias = grpc.aio.UnaryStreamCall[Any, Any]
    _StreamUnaryCall: TypeAlias = grpc.aio.StreamUnaryCall[Any, Any]
    _StreamStreamCall: TypeAlias = grpc.aio.StreamStreamCall[Any, Any]
else:
    _UnaryUnaryCall = grpc.aio.UnaryUnaryCall
    _UnaryStreamCall = grpc.aio.UnaryStreamCall
    _StreamUnaryCall = grpc.aio.StreamUnaryCall
    _StreamStreamCall = grpc.aio.StreamStreamCall

#: A multi-callable of grpcio's.
Send: TypeAlias = Callable[..., Any]

_FAILURES = (CamundaError, grpc.RpcError)


def _sent(invocation: Invocation, send: Send, headers: Any = None) -> Any:
    """grpcio's call of one attempt, with the time that is left."""
    try:
        return send(
            invocation.request,
            timeout=invocation.deadline.remaining(),
            metadata=invocation.metadata(headers),
            credentials=invocation.credentials,
            wait_for_ready=invocation.wait_for_ready,
            compression=invocation.compression,
        )
    except grpc.aio.UsageError:  # the channel is closed; since the first attempt, perhaps
        if not invocation.failures:
            raise
        raise Cancelled("Channel closed!", operation=invocation.rpc.name) from None


async def _attempt(invocation: Invocation, send: Send) -> Any:
    """grpcio's call of one attempt, with fresh headers."""
    if invocation.fixed:
        return _sent(invocation, send)
    assert invocation.policy.credentials is not None
    headers = await invocation.policy.credentials.aheaders(invocation.deadline.remaining())
    return _sent(invocation, send, headers)


def _task(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    task = asyncio.get_running_loop().create_task(work)
    task.add_done_callback(_retrieved)  # nobody need ask how it ended
    return task


def _retrieved(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()


def _now(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that has nothing to wait for; None when it has."""
    try:
        work.send(None)
    except StopIteration as result:
        return result.value
    work.close()
    return None


class UnaryCall(_UnaryUnaryCall):
    """A call with one answer. ``call`` is grpcio's when it is under way already, since ``started``; ``asked`` are
    the first arguments of its Invocation, which only a call that is not, or that failed, needs.
    """

    # Defaults here and not in the constructor: a call that succeeds needs none of them.
    _made: Invocation | None = None
    #: Drives the call to its end, once something but grpcio's call has to.
    _driver: asyncio.Task[Any] | None = None
    _error: CamundaError | None = None

    def __init__(self, call: Any, send: Send, asked: Asked, started: float) -> None:
        #: The attempt of grpcio's that counts now.
        self._call = call
        self._send = send
        self._asked = asked
        self._started = started
        if call is None:
            if self._invocation.fixed:
                self._call = _sent(self._invocation, send)
            else:
                self._driver = _task(self._drive(0.0))

    @property
    def _invocation(self) -> Invocation:
        if self._made is None:
            self._made = Invocation(*self._asked, time.monotonic() - self._started)
        return self._made

    def __await__(self) -> Generator[Any, None, Any]:
        if self._driver is None and self._error is None:
            try:
                return (yield from self._call.__await__())
            except grpc.RpcError as error:
                if self._driver is None and self._error is None:
                    delay = self._delay(error)
                    if delay is not None:
                        self._driver = _task(self._drive(delay))
        if self._error is not None:
            raise self._error from None
        assert self._driver is not None
        return (yield from self._driver.__await__())

    def _delay(self, error: Exception) -> float | None:
        """Seconds until the next attempt; None when the call is over, with ``_error``."""
        failure = from_rpc_error(error, self._invocation.rpc.name)
        delay = self._invocation.next_delay(failure)
        if delay is None:
            self._error = failure
        else:
            self._call = None  # it counts no longer
        return delay

    async def _drive(self, delay: float | None) -> Any:
        """To the end: with a new attempt after ``delay`` seconds, or (None) with the one under way."""
        while True:
            try:
                if delay is not None:
                    if delay > 0:
                        await asyncio.sleep(delay)
                    self._call = await _attempt(self._invocation, self._send)
                return await self._call
            except _FAILURES as error:
                if self._error is None:
                    delay = self._delay(error)
                if self._error is not None:
                    raise self._error from None

    async def _settled(self) -> None:
        """Waits for the end. Cancelling that wait does not cancel the call."""
        if self._driver is None and self._error is None:
            if await self._call.code() is grpc.StatusCode.OK or self._call.cancelled():
                return
            self.done()  # makes somebody drive it
        if self._driver is not None:
            await asyncio.wait({self._driver})

    async def _status(self, what: str) -> Any:
        await self._settled()
        if self._error is not None:
            return getattr(self._error, what)()
        return await getattr(self._call, what)() if self._call is not None else None

    async def code(self) -> grpc.StatusCode:
        """The status code; waits for the end."""
        return await self._status("code") or grpc.StatusCode.CANCELLED

    async def details(self) -> str:
        """The status text; waits for the end."""
        return await self._status("details") or (
            "Locally cancelled by application!" if self.cancelled() else ""
        )

    async def initial_metadata(self) -> grpc.aio.Metadata:
        """The initial metadata; waits for the end."""
        return await self._status("initial_metadata") or grpc.aio.Metadata()

    async def trailing_metadata(self) -> grpc.aio.Metadata:
        """The trailing metadata; waits for the end."""
        return await self._status("trailing_metadata") or grpc.aio.Metadata()

    async def debug_error_string(self) -> str:
        """What grpcio says about the failure; waits for the end."""
        return await self._status("debug_error_string") or ""

    async def wait_for_connection(self) -> None:
        """Waits for the end, and raises the error if there was one."""
        await self._settled()
        if self._error is not None:
            raise self._error
        if self.cancelled():
            raise asyncio.CancelledError

    def done(self) -> bool:
        """True after the end."""
        if self._error is not None:
            return True
        if self._driver is not None:
            return self._driver.done()
        if not self._call.done():
            return False
        if self._call.cancelled() or _now(self._call.code()) is grpc.StatusCode.OK:
            return True
        self._driver = _task(self._drive(None))
        return False

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        """Calls ``callback(self)`` at the end, or at once when that is past."""
        if self.done():
            callback(self)
            return
        if self._driver is None:
            self._driver = _task(self._drive(None))
        self._driver.add_done_callback(lambda _: callback(self))

    def time_remaining(self) -> float | None:
        """Seconds until the deadline; None without one."""
        return self._invocation.deadline.remaining()

    def cancel(self) -> bool:
        """Ends the call here and now; False when it is over already."""
        if self._error is not None:
            return False
        if self._driver is None:
            cancelled: bool = self._call.cancel()
            return cancelled
        if self._call is not None:
            self._call.cancel()
        return self._driver.cancel()

    def cancelled(self) -> bool:
        """True after ``cancel()`` ended it."""
        if self._error is not None:
            return False
        if self._driver is not None and self._driver.cancelled():
            return True
        return self._call is not None and bool(self._call.cancelled())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._invocation.rpc.name}: {self._error or self._call!r}>"


class _LongCall(grpc.aio.Call):
    """What calls with a stream are: grpcio's call, which may still have to be made, or be made anew."""

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
            self._call = _sent(invocation, send)
        else:
            self._opening = _task(_attempt(invocation, send))

    async def _opened(self) -> Any:
        """grpcio's call."""
        if self._call is None:
            if self._opening is None:
                self._opening = _task(_attempt(self._invocation, self._send))
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
        except _FAILURES as error:
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
            except _FAILURES as error:
                await self._retry(error)
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
            except _FAILURES as error:
                await self._retry(error)
            finally:
                self._reading = False

    async def _retry(self, error: Exception) -> None:
        """Pauses before the next attempt, or raises the error."""
        failure = from_rpc_error(error, self._invocation.rpc.name)
        delay = None if self._seen or self._error is not None else self._invocation.next_delay(failure)
        if delay is None:
            self._error = failure
            self._over()
            raise failure from None
        self._pause = _task(asyncio.sleep(delay))
        await self._pause
        self._pause, self._call, self._opening = None, None, None


class _Writing(_LongCall):
    async def write(self, request: Any) -> None:
        """Sends one message."""
        try:
            await (await self._opened()).write(request)
        except _FAILURES as error:
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
            return await (await self._opened())
        except _FAILURES as error:
            raise from_rpc_error(error, self._invocation.rpc.name) from None


class StreamStreamCall(_Writing, StreamCall, _StreamStreamCall):
    """A call with streams both ways."""
