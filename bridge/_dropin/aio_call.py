"""What the asyncio drop-in channel hands out for one call: ``grpc.aio.UnaryUnaryCall`` and
``UnaryStreamCall`` over REST.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from typing import Any

import grpc
import grpc.aio

from bridge._doors.aio_rest_stream import AsyncJobStream
from bridge._dropin.status import rpc_error
from bridge._dropin.types import AioUnaryStreamCall, AioUnaryUnaryCall
from camunda_core.deadline import Deadline
from camunda_core.errors import CamundaError

__all__ = ["AsyncMessagesCall", "AsyncRestCall", "AsyncStreamCall"]


class _TaskCall:
    """A call that is a task; it has begun when it is handed out, as in grpc.aio."""

    def __init__(self, work: Coroutine[Any, Any, Any], deadline: Deadline, rpc: str) -> None:
        self._deadline = deadline
        self._rpc = rpc
        self._task: asyncio.Task[Any] = asyncio.get_running_loop().create_task(self._dressed(work))
        self._task.add_done_callback(lambda _: work.close())  # of a call that was cancelled before it began

    async def _dressed(self, work: Coroutine[Any, Any, Any]) -> Any:
        try:
            return await work
        except Exception as error:
            task = asyncio.current_task()
            assert task is not None
            task.add_done_callback(_retrieve)
            if isinstance(error, CamundaError):
                raise rpc_error(error) from error.__cause__
            raise

    def cancelled(self) -> bool:
        return self._task.cancelled()

    def done(self) -> bool:
        return self._task.done()

    def cancel(self) -> bool:
        return self._task.cancel()

    def time_remaining(self) -> float | None:
        return self._deadline.remaining()

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        self._task.add_done_callback(lambda _: callback(self))

    async def initial_metadata(self) -> grpc.aio.Metadata:
        return grpc.aio.Metadata()

    async def trailing_metadata(self) -> Any:
        error = await self._outcome()
        return grpc.aio.Metadata() if error is None else error.trailing_metadata()

    async def code(self) -> grpc.StatusCode:
        error = await self._outcome()
        if self._task.cancelled():
            return grpc.StatusCode.CANCELLED
        return grpc.StatusCode.OK if error is None else error.code()

    async def details(self) -> str:
        error = await self._outcome()
        if self._task.cancelled():
            return "Locally cancelled by application!"
        return "" if error is None else error.details()

    async def debug_error_string(self) -> str:
        error = await self._outcome()
        return "" if error is None else error.debug_error_string() or ""

    async def wait_for_connection(self) -> None:
        """Waits for the answer: over HTTP there is nothing to see before it. Raises what the call raises."""
        await asyncio.shield(self._task)

    async def _outcome(self) -> Any:
        await asyncio.wait([self._task])
        return None if self._task.cancelled() else self._task.exception()


def _retrieve(task: asyncio.Task[Any]) -> None:
    # A call that nobody awaits is no error of the program: do not let the loop report it.
    if not task.cancelled():
        task.exception()


class AsyncRestCall(_TaskCall, AioUnaryUnaryCall):
    """One unary call; awaiting it gives the response, and cancelling the awaiting task cancels it."""

    def __await__(self) -> Generator[Any, None, Any]:
        return (yield from self._task.__await__())


class AsyncMessagesCall(_TaskCall, AioUnaryStreamCall):
    """A server stream whose messages all come with one answer (ActivateJobs)."""

    _messages: deque[Any] | None = None

    async def read(self) -> Any:
        """The next message, or ``grpc.aio.EOF``."""
        if self._messages is None:
            self._messages = deque(await self._task)
        return self._messages.popleft() if self._messages else grpc.aio.EOF

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (message := await self.read()) is not grpc.aio.EOF:
            yield message


class AsyncStreamCall(AioUnaryStreamCall):
    """A job stream; each ``read`` takes one job. Dropping the call ends the stream, as it does in gRPC."""

    def __init__(self, stream: AsyncJobStream, deadline: Deadline, convert: Callable[[Any], Any]) -> None:
        self._stream = stream
        self._deadline = deadline
        self._convert = convert
        self._cancelled = False
        self._ended: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        ended = self._ended  # the stream must not keep a dropped call alive

        def on_end(error: CamundaError) -> None:
            if not ended.done():
                ended.set_result(rpc_error(error))

        stream.on_end(on_end)

    async def read(self) -> Any:
        """The next job; raises when the stream has ended."""
        try:
            return self._convert(await self._stream.take())
        except CamundaError as error:
            self._stream.cancel()
            if self._cancelled:
                raise asyncio.CancelledError from None
            raise rpc_error(error) from None

    async def __aiter__(self) -> AsyncIterator[Any]:
        try:
            while True:
                yield await self.read()
        except asyncio.CancelledError:
            self.cancel()
            raise

    def cancel(self) -> bool:
        self._cancelled = self._stream.cancel() or self._cancelled
        return self._cancelled

    def cancelled(self) -> bool:
        return self._cancelled

    def done(self) -> bool:
        return self._ended.done()

    def time_remaining(self) -> float | None:
        return self._deadline.remaining()

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        self._ended.add_done_callback(lambda _: callback(self))

    async def initial_metadata(self) -> grpc.aio.Metadata:
        return grpc.aio.Metadata()

    async def trailing_metadata(self) -> Any:
        return (await asyncio.shield(self._ended)).trailing_metadata()

    async def code(self) -> grpc.StatusCode:
        code: grpc.StatusCode = (await asyncio.shield(self._ended)).code()
        return code

    async def details(self) -> str:
        return str((await asyncio.shield(self._ended)).details())

    async def debug_error_string(self) -> str:
        return (await asyncio.shield(self._ended)).debug_error_string() or ""

    async def wait_for_connection(self) -> None:
        """Returns at once: the stream polls, it keeps no connection."""

    def __del__(self) -> None:
        stream = getattr(self, "_stream", None)
        if stream is not None:
            stream.abandon()
