"""The asyncio channel over the fast engine, for a blocking client: its calls are made in the loop of
the process, and the thread that makes one waits.

It offers what such a client asks for, a call and a stream that is read. Futures, ``with_call`` and
interceptors are things of grpcio's own channel.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from camunda_core._loop_thread import LoopThread, loop_thread
from camunda_core.errors import Cancelled
from camunda_core.retry import RetryPolicy
from camunda_grpc._aio_channel import AioGatewayChannel, aio_channel
from camunda_grpc._names import grpc
from camunda_grpc._rpcs import rpc_for

if TYPE_CHECKING:
    from camunda_core._usage import WireUse

__all__ = ["BlockingChannel", "blocking_channel"]

_CLOSED = "the channel was closed"


def blocking_channel(address: Any, **arguments: Any) -> BlockingChannel | None:
    """A channel over the fast engine, with the arguments of ``aio_channel``; None where "auto" takes
    grpcio. Raises ConfigurationError as ``aio_channel`` does.
    """
    first = aio_channel(address, **arguments)
    return BlockingChannel(first) if first.is_fast else None


class BlockingChannel:
    """Thread safe. In a forked child it goes on with connections of its own."""

    def __init__(self, channel: AioGatewayChannel) -> None:
        self._first = channel
        # By process: what was made before a fork is the parent's.
        self._made = {os.getpid(): channel}
        self._closed = False

    def here(self) -> tuple[LoopThread, AioGatewayChannel]:
        """The loop of this process, and its channel. Raises ValueError when it was closed, as grpcio does."""
        if self._closed:
            raise ValueError(f"no call can be made: {_CLOSED}")
        process = os.getpid()
        made = self._made.get(process) or self._made.setdefault(process, self._first.fresh())
        return loop_thread(), made

    def unary_unary(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None
    ) -> Callable[..., Any]:
        """The multi-callable of a unary RPC."""
        return _Unary(self, method, request_serializer, response_deserializer)

    def unary_stream(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None
    ) -> Callable[..., _Stream]:
        """The multi-callable of an RPC that answers with a stream."""
        return _Streaming(self, method, request_serializer, response_deserializer)

    def usage(self) -> WireUse:
        """What is open, and how much of it is taken, as it is now."""
        return self._made.get(os.getpid(), self._first).usage()

    def close(self) -> None:
        """Ends all calls with CANCELLED and closes the connections. May be called twice."""
        self._closed = True
        made = self._made.pop(os.getpid(), None)
        if made is not None:
            loop_thread().wait_for(made.close)


class _Callable:
    kind = ""

    def __init__(self, channel: BlockingChannel, method: str, *serializers: Any) -> None:
        self._channel, self._method, self._serializers = channel, method, serializers
        self._rpc = rpc_for(method).name
        #: Of the channel in use.
        self._made: tuple[AioGatewayChannel | None, Any] = None, None

    def _send(self) -> tuple[LoopThread, Any]:
        home, channel = self._channel.here()
        of, send = self._made
        if of is not channel:
            send = getattr(channel, self.kind)(self._method, *self._serializers)
            self._made = channel, send
        return home, send


class _Unary(_Callable):
    kind = "unary_unary"

    def __call__(
        self, request: Any, timeout: float | None = None, *, retry: RetryPolicy | None = None
    ) -> Any:
        """The answer. Raises a CamundaError."""
        home, send = self._send()

        async def call() -> Any:
            return await send(request, timeout=timeout, retry=retry)

        return _waited(home, call, self._rpc)


class _Streaming(_Callable):
    kind = "unary_stream"

    def __call__(
        self, request: Any, timeout: float | None = None, *, retry: RetryPolicy | None = None
    ) -> _Stream:
        """The call, which is under way; iterating gives the answers."""
        home, send = self._send()

        async def begin() -> Any:
            return send(request, timeout=timeout, retry=retry)

        return _Stream(home, _waited(home, begin, self._rpc), self._rpc)


class _Stream:
    """The answers of a call that streams them, read by one thread; any thread may cancel it."""

    def __init__(self, home: LoopThread, call: Any, rpc: str) -> None:
        self._home, self._call, self._rpc = home, call, rpc

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        message = _waited(self._home, self._call.read, self._rpc)
        if message is grpc.aio.EOF:
            raise StopIteration
        return message

    def cancel(self) -> None:
        """Ends the call, also while another thread reads."""
        self._home.loop.call_soon_threadsafe(self._call.cancel)


def _waited(home: LoopThread, make: Callable[[], Any], rpc: str) -> Any:
    try:
        return home.wait_for(make)
    except asyncio.CancelledError:  # of the call: nobody cancels a thread
        raise Cancelled("the call was cancelled", operation=rpc, answered=False) from None
    except grpc.aio.UsageError as error:
        if "closed" in str(error):
            raise ValueError(f"no call can be made: {_CLOSED}") from None
        raise
