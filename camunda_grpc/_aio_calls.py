"""A call with one answer on the asyncio channel, and what it shares with those that stream.

While nothing fails a call only hands on to grpcio's, which is under way from the start. What a
failure makes necessary happens in a task of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any, TypeAlias

from camunda_core._elsewhere import in_thread
from camunda_core.errors import CamundaError, Cancelled
from camunda_grpc._errors import from_rpc_error
from camunda_grpc._names import grpc
from camunda_grpc._settings import Asked, Invocation

__all__ = ["FAILURES", "NO_CHANNEL", "Send", "UnaryCall", "begun", "examined", "in_task", "sent"]

if TYPE_CHECKING:
    _UnaryUnaryCall: TypeAlias = grpc.aio.UnaryUnaryCall[Any, Any]
else:
    _UnaryUnaryCall = grpc.aio.UnaryUnaryCall

#: A multi-callable of grpcio's.
Send: TypeAlias = Callable[..., Any]

#: Older grpcio, when a channel closes, looks through the loop's tasks for calls and asks each for
#: its channel. Ours have none that it could close: the calls inside them do.
NO_CHANNEL = object()

#: What an attempt ends with that another one may follow.
FAILURES = (CamundaError, grpc.RpcError)


def sent(invocation: Invocation, send: Send, headers: Any = None) -> Any:
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
    except grpc.RpcError as error:  # another engine cannot make such a call
        raise from_rpc_error(error, invocation.rpc.name) from None
    except grpc.aio.UsageError:  # the channel is closed; since the first attempt, perhaps
        if not invocation.failures:
            raise
        raise Cancelled("Channel closed!", operation=invocation.rpc.name) from None


async def begun(invocation: Invocation, send: Send) -> Any:
    """grpcio's call of one attempt, with fresh headers."""
    if invocation.fixed:
        return sent(invocation, send)
    assert invocation.policy.credentials is not None
    headers = await invocation.policy.credentials.aheaders(invocation.deadline.remaining())
    return sent(invocation, send, headers)


async def examined(invocation: Invocation, failure: CamundaError, peer: str) -> CamundaError:
    """``Invocation.examined``, awaited."""
    return await in_thread(lambda: invocation.examined(failure, peer), None)


def in_task(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """A task whose failure nobody has to look at."""
    task = asyncio.get_running_loop().create_task(work)
    task.add_done_callback(_retrieved)
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
    """A call with one answer. ``call`` is grpcio's when it is under way already, since
    ``started``; ``asked`` are the first arguments of its Invocation, which only a call that is
    not, or that failed, needs.
    """

    # Defaults here and not in the constructor: a call that succeeds needs none of them.
    _made: Invocation | None = None
    #: Drives the call to its end, once something but grpcio's call has to.
    _driver: asyncio.Task[Any] | None = None
    _error: CamundaError | None = None
    _channel = NO_CHANNEL

    def __init__(self, call: Any, send: Send, asked: Asked, started: float) -> None:
        #: The attempt of grpcio's that counts now.
        self._call = call
        self._send = send
        self._asked = asked
        self._started = started
        if call is None:
            if self._invocation.fixed:
                self._call = sent(self._invocation, send)
            else:
                self._driver = in_task(self._drive(0.0))
            if self._invocation.watched is not None:
                # Somebody has to hear of the end, also where nobody awaits it.
                self._driver = self._driver or in_task(self._drive(None))
                self._driver.add_done_callback(self._told)

    def _told(self, driver: asyncio.Task[Any]) -> None:
        error = asyncio.CancelledError() if driver.cancelled() else driver.exception()
        self._invocation.told(error)

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
                    failure = from_rpc_error(error, self._invocation.rpc.name)
                    peer = self._invocation.suspect(failure)
                    if peer is not None:
                        self._call = None
                        self._driver = in_task(self._examine(failure, peer))
                    elif (delay := self._delay(failure)) is not None:
                        self._driver = in_task(self._drive(delay))
        if self._error is not None:
            raise self._error from None
        assert self._driver is not None
        return (yield from self._driver.__await__())

    async def _examine(self, failure: CamundaError, peer: str) -> Any:
        """To the end, after a failure for which the peer has to be asked."""
        delay = self._delay(await examined(self._invocation, failure, peer))
        if delay is None:
            assert self._error is not None
            raise self._error from None
        return await self._drive(delay)

    def _delay(self, failure: CamundaError) -> float | None:
        """Seconds until the next attempt; None when the call is over, with ``_error``."""
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
                    self._call = await begun(self._invocation, self._send)
                return await self._call
            except FAILURES as error:
                if self._error is None:
                    failure = from_rpc_error(error, self._invocation.rpc.name)
                    peer = self._invocation.suspect(failure)
                    if peer is not None:
                        failure = await examined(self._invocation, failure, peer)
                    delay = self._delay(failure)
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
        self._driver = in_task(self._drive(None))
        return False

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        """Calls ``callback(self)`` at the end, or at once when that is past."""
        if self.done():
            callback(self)
            return
        if self._driver is None:
            self._driver = in_task(self._drive(None))
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
