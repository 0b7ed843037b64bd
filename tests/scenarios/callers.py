"""Callers: one interface, gRPC-shaped, to every way in which this project can talk to a gateway.

A scenario is written once against ``Caller`` and is played on every path that a gateway's wires allow.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import grpc

from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs

T = TypeVar("T")

#: Seconds that nothing in a scenario takes.
PATIENCE = 40.0


class Caller(ABC):
    """Calls RPCs by name. Errors are raised as the path raises them."""

    @abstractmethod
    def unary(self, rpc: str, request: Any, timeout: float | None) -> Any:
        """One request, one answer."""

    @abstractmethod
    def activate(self, request: Any, timeout: float | None) -> list[Any]:
        """ActivateJobs to its end: the messages of the answer."""

    @abstractmethod
    def stream(self, request: Any, timeout: float | None) -> Stream:
        """StreamActivatedJobs, open."""

    @abstractmethod
    def close(self) -> None:
        """Ends everything."""


class Stream:
    """An open job stream, read as fast as it comes."""

    def __init__(self, cancel: Callable[[], object]) -> None:
        self._cancel = cancel
        self._arrived: queue.Queue[Any] = queue.Queue()
        self._ended = threading.Event()
        self.error: Exception | None = None

    def arrived(self, job: Any) -> None:
        """A job has come."""
        self._arrived.put(job)

    def ended(self, error: Exception | None) -> None:
        """Nothing more will come."""
        self.error = error
        self._ended.set()

    def next(self, seconds: float) -> Any:
        """The next job; None when none came within ``seconds``."""
        try:
            return self._arrived.get(timeout=seconds)
        except queue.Empty:
            return None

    def wait(self, seconds: float) -> Exception | None:
        """What ended the stream, waited for."""
        if not self._ended.wait(seconds):
            raise TimeoutError(f"the stream had not ended after {seconds} s")
        return self.error

    def cancel(self) -> None:
        """Ends the stream and waits until it has ended."""
        self._cancel()
        self.wait(PATIENCE)


class SyncCaller(Caller):
    """Through a stub on a ``grpc.Channel``."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel
        self._stub = stubs.GatewayStub(channel)

    def unary(self, rpc: str, request: Any, timeout: float | None) -> Any:
        return getattr(self._stub, rpc)(request, timeout=timeout)

    def activate(self, request: Any, timeout: float | None) -> list[Any]:
        return list(self._stub.ActivateJobs(request, timeout=timeout))

    def stream(self, request: Any, timeout: float | None) -> Stream:
        call = self._stub.StreamActivatedJobs(request, timeout=timeout)
        stream = Stream(call.cancel)

        def read() -> None:
            try:
                for job in call:
                    stream.arrived(job)
                stream.ended(None)
            except grpc.RpcError as error:
                stream.ended(error)

        threading.Thread(target=read, name="scenario-stream", daemon=True).start()
        return stream

    def close(self) -> None:
        self._channel.close()


class LoopThread:
    """An event loop that runs in a thread of its own, for callers that are not asyncio themselves."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scenario-loop", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], seconds: float = PATIENCE) -> T:
        """The result of ``work``, run in the loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)

    def start(self, work: Coroutine[Any, Any, T]) -> Callable[[], object]:
        """Sets ``work`` going; the result cancels it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).cancel

    def close(self) -> None:
        """Stops the loop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()


class AsyncCaller(Caller):
    """Through a stub on a ``grpc.aio.Channel``."""

    def __init__(self, make_channel: Callable[[], grpc.aio.Channel]) -> None:
        self._loop = LoopThread()
        self._channel = self._loop.run(self._open(make_channel))
        self._stub: Any = stubs.GatewayStub(self._channel)

    @staticmethod
    async def _open(make_channel: Callable[[], grpc.aio.Channel]) -> grpc.aio.Channel:
        return make_channel()

    def unary(self, rpc: str, request: Any, timeout: float | None) -> Any:
        async def call() -> Any:
            return await getattr(self._stub, rpc)(request, timeout=timeout)

        return self._loop.run(call())

    def activate(self, request: Any, timeout: float | None) -> list[Any]:
        async def call() -> list[Any]:
            return [message async for message in self._stub.ActivateJobs(request, timeout=timeout)]

        return self._loop.run(call())

    def stream(self, request: Any, timeout: float | None) -> Stream:
        async def open_call() -> Any:
            return self._stub.StreamActivatedJobs(request, timeout=timeout)

        call = self._loop.run(open_call())

        async def cancel() -> None:
            call.cancel()

        stream = Stream(lambda: self._loop.run(cancel()))

        async def read() -> None:
            try:
                async for job in call:
                    stream.arrived(job)
                stream.ended(None)
            except asyncio.CancelledError:  # how grpc.aio tells the reader of a stream that it was cancelled
                stream.ended(None)
            except grpc.RpcError as error:
                stream.ended(error)

        self._loop.start(read())
        return stream

    def close(self) -> None:
        self._loop.run(self._channel.close())
        self._loop.close()


def request_of(rpc: str, **fields: Any) -> Any:
    """The request message of an RPC."""
    return getattr(pb, f"{rpc}Request")(**fields)
