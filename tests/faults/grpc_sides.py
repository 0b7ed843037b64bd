"""The synchronous and the asyncio channel behind one face, so that a fault is tested on both with one text."""

from __future__ import annotations

import asyncio
import signal
import threading
from typing import Any

import grpc

import camunda_grpc
from camunda_grpc import gateway_pb2_grpc
from camunda_grpc._blocking import blocking_channel
from camunda_grpc._stub import stub_of


class SyncSide:
    """Calls through ``camunda_grpc.channel``."""

    name = "sync"

    def __init__(self, address: str, **arguments: Any) -> None:
        self.channel = camunda_grpc.channel(address, **arguments)
        self.stub = gateway_pb2_grpc.GatewayStub(self.channel)

    def call(self, rpc: str, request: Any, **keywords: Any) -> Any:
        return getattr(self.stub, rpc)(request, **keywords)

    def read(self, rpc: str, request: Any, **keywords: Any) -> list[Any]:
        """All messages; an error has those before it as ``read``."""
        messages: list[Any] = []
        try:
            for message in getattr(self.stub, rpc)(request, **keywords):
                messages.append(message)
        except Exception as error:
            error.read = messages  # type: ignore[attr-defined]
            raise
        return messages

    def cancel_after(self, rpc: str, request: Any, event: threading.Event) -> Any:
        """Starts a call, cancels it when ``event`` is set, and returns what it ended with."""
        call = getattr(self.stub, rpc).future(request)
        assert event.wait(20)
        assert call.cancel()
        try:
            return call.result(timeout=20)
        except grpc.FutureCancelledError as error:
            return error

    def close(self) -> None:
        self.channel.close()


class BlockingFastSide(SyncSide):
    """Calls as a blocking client makes them over the fast engine."""

    name = "blocking-fast"

    def __init__(self, address: str, **arguments: Any) -> None:
        made = blocking_channel(address, engine="fast", **arguments)
        assert made is not None
        self.channel: Any = made
        self.stub = stub_of(made)

    def cancel_after(self, rpc: str, request: Any, event: threading.Event) -> Any:
        """A blocking call has no handle; Ctrl-C is what ends one."""

        def interrupt() -> None:
            assert event.wait(20)
            signal.pthread_kill(main, signal.SIGINT)

        main = threading.main_thread().ident
        assert main is not None
        beside = threading.Thread(target=interrupt)
        beside.start()
        try:
            return self.call(rpc, request)
        except KeyboardInterrupt as error:
            return error
        finally:
            beside.join()


class AioSide:
    """Calls through ``camunda_grpc.aio_channel``, in an event loop of its own."""

    name = "aio"

    def __init__(self, address: str, **arguments: Any) -> None:
        self.loop = asyncio.new_event_loop()
        self.channel = self.run(self._open(address, arguments))
        self.stub: Any = gateway_pb2_grpc.GatewayStub(self.channel)

    async def _open(self, address: str, arguments: dict[str, Any]) -> grpc.aio.Channel:
        return camunda_grpc.aio_channel(address, **arguments)

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(work, 60))

    def call(self, rpc: str, request: Any, **keywords: Any) -> Any:
        async def work() -> Any:
            return await getattr(self.stub, rpc)(request, **keywords)

        return self.run(work())

    def read(self, rpc: str, request: Any, **keywords: Any) -> list[Any]:
        """All messages; an error has those before it as ``read``."""
        messages: list[Any] = []

        async def work() -> None:
            async for message in getattr(self.stub, rpc)(request, **keywords):
                messages.append(message)

        try:
            self.run(work())
        except Exception as error:
            error.read = messages  # type: ignore[attr-defined]
            raise
        return messages

    def cancel_after(self, rpc: str, request: Any, event: threading.Event) -> Any:
        """Starts a call, cancels it when ``event`` is set, and returns what it ended with."""

        async def work() -> Any:
            call = getattr(self.stub, rpc)(request)
            assert await asyncio.to_thread(event.wait, 20)
            assert call.cancel()
            try:
                return await call
            except asyncio.CancelledError as error:
                assert call.cancelled()
                return error

        return self.run(work())

    def close(self) -> None:
        self.run(self.channel.close())
        self.loop.close()


class FastSide(AioSide):
    """Calls through ``camunda_grpc.aio_channel`` over the fast engine."""

    name = "fast"

    async def _open(self, address: str, arguments: dict[str, Any]) -> grpc.aio.Channel:
        return camunda_grpc.aio_channel(address, engine="fast", **arguments)


SIDES: dict[str, Any] = {
    "sync": SyncSide,
    "blocking-fast": BlockingFastSide,
    "aio": AioSide,
    "fast": FastSide,
}
