"""The drop-in channel for asyncio: a ``grpc.aio.Channel`` whose calls are served over REST, or over
gRPC, as the routes say.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

from bridge._canary.live import LiveRoutes
from bridge._doors.aio_rest import AsyncRestDoor
from bridge._dropin.aio_call import AsyncMessagesCall, AsyncRestCall, AsyncStreamCall
from bridge._dropin.aio_interceptors import intercepted
from bridge._dropin.dispatch import Dispatch, StubSide
from bridge._dropin.health import Health
from bridge._dropin.method import Method, headers_of, refuse_credentials
from bridge._dropin.types import AioUnaryStreamMultiCallable, AioUnaryUnaryMultiCallable
from bridge.routing import GRPC, REST, Routes
from camunda_core.deadline import Deadline
from camunda_core.errors import CamundaError, ConfigurationError, Unimplemented
from camunda_core.jobs import JobWires
from camunda_core.retry import Pace
from camunda_rest import operations as op

if TYPE_CHECKING:
    from bridge._rehearsal.rehearsal import Rehearsal

__all__ = ["AsyncBridgeChannel"]


class AsyncBridgeChannel(StubSide, grpc.aio.Channel):
    """Hands out multi-callables per RPC.

    Made by ``bridge.aio_channel``, anywhere; for the event loop of its first call.
    """

    def __init__(
        self,
        routes: Routes | LiveRoutes,
        door: AsyncRestDoor | None,
        native: grpc.aio.Channel | None,
        open_job_wire: Callable[[], JobWires],
        interceptors: Sequence[Any] = (),
        *,
        rehearsal: Rehearsal | None = None,
    ) -> None:
        self.rehearsal = rehearsal
        self._open_job_wire = open_job_wire
        self._door = door
        self._native = native
        self._interceptors = tuple(interceptors)
        self._dispatch = Dispatch(routes, native=native is not None, rest=door is not None)
        self._calls: weakref.WeakSet[Any] = weakref.WeakSet()
        self._state = grpc.ChannelConnectivity.IDLE
        self._state_changed: asyncio.Event | None = None
        self._connecting: asyncio.Task[None] | None = None
        # One that is never closed ends as silently as grpcio's, where aiohttp would complain.
        self._dropped = None if door is None else weakref.finalize(self, door.client.abandon)

    def job_wire(self) -> JobWires:
        """What a worker talks through: see ``bridge.Client.job_wire``.

        Raises ConfigurationError for a channel with interceptors, which a worker's calls would not pass.
        """
        if self._interceptors:
            raise ConfigurationError(
                "interceptors: a worker's calls would not pass them; give the worker a channel without, or a bridge.AsyncClient"
            )
        return self._open_job_wire()

    # What a stub asks for

    def _refused(self, why: str) -> Any:
        return _Refused(why)

    def _health_check(self, serialize: Any, deserialize: Any) -> Any:
        return _HealthCheck(self, serialize, deserialize)

    def _served(self, kind: str, method: str, served: Method) -> Any:
        plain: Any = (_UnaryUnary if kind == "unary_unary" else _UnaryStream)(self, served)
        return intercepted(plain, kind, method, self._interceptors) if self._interceptors else plain

    def _by_job(self, served: Method, wires: Mapping[str, Any]) -> Any:
        return _ByJob(self._dispatch, served, wires)

    # State

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        """IDLE until the REST gateway has answered once, then READY. (REST keeps no connection to lose.)"""
        if self._door is None and self._native is not None:
            native: grpc.ChannelConnectivity = self._native.get_state(try_to_connect)
            return native
        if try_to_connect and self._state == grpc.ChannelConnectivity.IDLE and self._connecting is None:
            self._connecting = asyncio.get_running_loop().create_task(self._connect())
        return self._state

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        if self._door is None and self._native is not None:
            await self._native.wait_for_state_change(last_observed_state)
            return
        if self._state_changed is None:
            self._state_changed = asyncio.Event()
        while self._state == last_observed_state:
            self._state_changed.clear()
            await self._state_changed.wait()

    async def channel_ready(self) -> None:
        state = self.get_state(try_to_connect=True)
        while state != grpc.ChannelConnectivity.READY:
            await self.wait_for_state_change(state)
            state = self.get_state(try_to_connect=True)

    def _become(self, state: grpc.ChannelConnectivity) -> None:
        self._state = state
        if self._state_changed is not None:
            self._state_changed.set()

    async def _connect(self) -> None:
        door = self.door()
        pace = Pace(door.retry)
        self._become(grpc.ChannelConnectivity.CONNECTING)
        while self._state != grpc.ChannelConnectivity.SHUTDOWN:
            try:
                await door.client.call(op.GET_TOPOLOGY, timeout=door.timeout)
            except CamundaError as error:
                if not error.answered:
                    self._become(grpc.ChannelConnectivity.TRANSIENT_FAILURE)
                    await asyncio.sleep(pace.failed(error))
                    continue
            self._become(grpc.ChannelConnectivity.READY)
            return

    async def close(self, grace: float | None = None) -> None:
        """Lets calls end for ``grace`` seconds, cancels the rest, waits for polls on the wire
        so that no job is lost.
        """
        if self._state == grpc.ChannelConnectivity.SHUTDOWN:
            return
        if grace and self._calls:
            await _wait_until_done(list(self._calls), grace)
        self._become(grpc.ChannelConnectivity.SHUTDOWN)
        if self._connecting is not None:
            self._connecting.cancel()
        for call in list(self._calls):
            call.cancel()
        if self._dropped is not None:
            self._dropped.detach()
        if self._door is not None:
            await self._door.close()
        if self._native is not None:
            await self._native.close(grace)

    async def __aenter__(self) -> AsyncBridgeChannel:
        return self

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        await self.close()

    # What the multi-callables below share

    def door(self) -> AsyncRestDoor:
        """The REST door; UsageError on a closed channel, as grpc.aio raises it."""
        if self._state == grpc.ChannelConnectivity.SHUTDOWN or self._door is None:
            raise grpc.aio.UsageError("Channel is closed.")
        return self._door

    def watch(self, call: Any) -> Any:
        """Keeps track of a call, so that ``close`` can cancel it."""
        self._calls.add(call)
        return call


async def _wait_until_done(calls: Sequence[Any], grace: float) -> None:
    async def ended(call: Any) -> None:
        done = asyncio.Event()
        call.add_done_callback(lambda _: done.set())
        if not call.done():
            await done.wait()

    await asyncio.wait([asyncio.ensure_future(ended(call)) for call in calls], timeout=grace)


class _UnaryUnary(AioUnaryUnaryMultiCallable):
    def __init__(self, channel: AsyncBridgeChannel, served: Method) -> None:
        self._channel = channel
        self._served = served
        self._rpc = served.rpc

    def __call__(
        self,
        request: Any,
        *,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: Any = None,
        wait_for_ready: bool | None = None,
        compression: Any = None,
    ) -> Any:
        door = self._channel.door()
        work = self._perform(door, request, timeout, metadata, credentials, wait_for_ready)
        return self._channel.watch(AsyncRestCall(work, Deadline(timeout), self._rpc))

    async def _perform(
        self,
        door: AsyncRestDoor,
        request: Any,
        timeout: Any,
        metadata: Any,
        credentials: Any,
        wait_for_ready: Any,
    ) -> Any:
        served = self._served
        refuse_credentials(credentials)
        answer = await door.call(
            served.rpc,
            served.request(served.message(request)),
            timeout=timeout,
            headers=headers_of(metadata) if metadata else None,
            wait_for_ready=bool(wait_for_ready),
        )
        return served.answer(answer)


class _UnaryStream(AioUnaryStreamMultiCallable):
    def __init__(self, channel: AsyncBridgeChannel, served: Method) -> None:
        self._channel = channel
        self._served = served

    def __call__(
        self,
        request: Any,
        *,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: Any = None,
        wait_for_ready: bool | None = None,
        compression: Any = None,
    ) -> Any:
        door, served, channel = self._channel.door(), self._served, self._channel
        deadline = Deadline(timeout)
        if served.row.emulated:
            try:
                refuse_credentials(credentials)
                rest = served.request(served.message(request))
                stream = door.stream(
                    served.rpc, rest, timeout=timeout, headers=headers_of(metadata), read=served.job
                )
                return channel.watch(AsyncStreamCall(stream, deadline, self._one_job))
            except CamundaError as error:
                return AsyncMessagesCall(_fail(error), deadline, served.rpc)
        work = self._activate(door, request, timeout, metadata, credentials, wait_for_ready)
        return channel.watch(AsyncMessagesCall(work, deadline, served.rpc))

    async def _activate(
        self,
        door: AsyncRestDoor,
        request: Any,
        timeout: Any,
        metadata: Any,
        credentials: Any,
        wait_for_ready: Any,
    ) -> Any:
        served = self._served
        refuse_credentials(credentials)
        answer = await door.activate(
            served.rpc,
            served.request(served.message(request)),
            timeout=timeout,
            headers=headers_of(metadata) if metadata else None,
            wait_for_ready=bool(wait_for_ready),
            read=None,
        )
        messages = served.messages(answer)
        self._channel._dispatch.brought(messages, REST)
        return messages

    def _one_job(self, job: Any) -> Any:
        self._channel._dispatch.brought((job,), REST)
        return job


async def _fail(error: CamundaError) -> Any:
    raise error


class _ByJob:
    """Picks the wire per call, where a route by job type may decide."""

    def __init__(self, dispatch: Dispatch, served: Method, wires: Mapping[str, Any]) -> None:
        self._dispatch = dispatch
        self._served = served
        self._wires = wires

    def __call__(self, request: Any, **kwargs: Any) -> Any:
        wire = self._dispatch.wire_of(self._served, request)
        call = self._wires[wire](request, **kwargs)
        if wire == GRPC and self._served.row.jobs == "brings":
            return _NativeJobs(call, self._dispatch)
        return call


class _NativeJobs:
    """A native stream that notes the jobs it brings; everything else is the call's own."""

    def __init__(self, call: Any, dispatch: Dispatch) -> None:
        self._call = call
        self._dispatch = dispatch

    async def read(self) -> Any:
        message = await self._call.read()
        if message is not grpc.aio.EOF:
            self._dispatch.brought((message,), GRPC)
        return message

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (message := await self.read()) is not grpc.aio.EOF:
            yield message

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # what isinstance asks
        return type(self._call)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)


class _HealthCheck(_UnaryUnary):
    """``grpc.health.v1.Health/Check``, answered by what the topology shows."""

    def __init__(self, channel: AsyncBridgeChannel, serialize: Any, deserialize: Any) -> None:
        self._channel = channel
        self._rpc = "Check"
        self._health = Health(serialize, deserialize)

    async def _perform(
        self,
        door: AsyncRestDoor,
        request: Any,
        timeout: Any,
        metadata: Any,
        credentials: Any,
        wait_for_ready: Any,
    ) -> Any:
        self._health.check_service(request)
        topology = await door.client.call(
            op.GET_TOPOLOGY, timeout=timeout or door.timeout, headers=headers_of(metadata)
        )
        return self._health.answer(topology)


class _Refused:
    """A multi-callable whose every call fails with UNIMPLEMENTED and the reason."""

    def __init__(self, why: str) -> None:
        self._why = why

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # Awaitable and iterable alike: whatever the caller does with it, it hears why.
        return _RefusedCall(_fail(Unimplemented(self._why, sent=False)), Deadline(None), "")


class _RefusedCall(AsyncMessagesCall):
    def __await__(self) -> Any:
        return (yield from self._task.__await__())
