"""The drop-in channel: a ``grpc.Channel`` whose calls are served over REST, or over gRPC, as the routes say.

Old code keeps its stub, its messages and its error handling; only the line that makes the
channel changes. The stub may be of any build of the protocol: its own classes serialise the
request and make the response.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import grpc

from bridge._canary.live import LiveRoutes
from bridge._doors.rest import RestDoor
from bridge._doors.waiting import close_at_exit
from bridge._dropin.call import FinishedCall, MessagesCall, RestCall, StreamCall
from bridge._dropin.dispatch import Dispatch, StubSide
from bridge._dropin.health import Health
from bridge._dropin.method import Method, headers_of, refuse_credentials
from bridge._dropin.status import rpc_error
from bridge._dropin.types import UnaryStreamMultiCallable, UnaryUnaryMultiCallable
from bridge.routing import GRPC, REST, Routes
from camunda_core.deadline import Deadline
from camunda_core.errors import CamundaError, Unimplemented
from camunda_core.jobs import JobWires
from camunda_core.retry import Pace
from camunda_rest import operations as op

if TYPE_CHECKING:
    from bridge._rehearsal.rehearsal import Rehearsal

__all__ = ["BridgeChannel"]


class BridgeChannel(StubSide, grpc.Channel):
    """Hands out multi-callables per RPC. Made by ``bridge.channel``."""

    def __init__(
        self,
        routes: Routes | LiveRoutes,
        door: RestDoor | None,
        native: grpc.Channel | None,
        open_job_wire: Callable[[], JobWires],
        *,
        rehearsal: Rehearsal | None = None,
    ) -> None:
        self.rehearsal = rehearsal
        self._open_job_wire = open_job_wire
        self._door = door
        self._native = native
        self._dispatch = Dispatch(routes, native=native is not None, rest=door is not None)
        self._calls: weakref.WeakSet[RestCall] = weakref.WeakSet()
        self._watchers: dict[Callable[[grpc.ChannelConnectivity], None], threading.Event] = {}
        self._closed = False
        self._finished = FinishedCall()
        close_at_exit(self)

    def job_wire(self) -> JobWires:
        """What a worker talks through: see ``bridge.Client.job_wire``."""
        return self._open_job_wire()

    # What a stub asks for

    def _refused(self, why: str) -> Any:
        return _Refused(why)

    def _health_check(self, serialize: Any, deserialize: Any) -> Any:
        return _HealthCheck(self, serialize, deserialize)

    def _served(self, kind: str, method: str, served: Method) -> Any:
        return (_UnaryUnary if kind == "unary_unary" else _UnaryStream)(self, served)

    def _by_job(self, served: Method, wires: Mapping[str, Any]) -> Any:
        return _ByJob(self._dispatch, served, wires)

    # State

    def subscribe(
        self, callback: Callable[[grpc.ChannelConnectivity], None], try_to_connect: bool = False
    ) -> None:
        """Tells the connectivity: IDLE until the REST gateway has answered once, then READY. (REST
        keeps no connection to lose.)
        """
        if self._door is None and self._native is not None:
            self._native.subscribe(callback, try_to_connect)
            return
        stop = self._watchers[callback] = threading.Event()
        callback(grpc.ChannelConnectivity.IDLE)
        if try_to_connect:
            threading.Thread(target=self._connect, args=(callback, stop), daemon=True).start()

    def _connect(self, callback: Callable[[grpc.ChannelConnectivity], None], stop: threading.Event) -> None:
        assert self._door is not None
        pace = Pace(self._door.retry)
        callback(grpc.ChannelConnectivity.CONNECTING)
        while not stop.is_set():
            try:
                self._door.client.call(op.GET_TOPOLOGY, timeout=self._door.timeout)
            except CamundaError as error:
                if not error.answered:
                    callback(grpc.ChannelConnectivity.TRANSIENT_FAILURE)
                    stop.wait(pace.failed(error))
                    continue
            callback(grpc.ChannelConnectivity.READY)
            return

    def unsubscribe(self, callback: Callable[[grpc.ChannelConnectivity], None]) -> None:
        stop = self._watchers.pop(callback, None)
        if stop is not None:
            stop.set()
        elif self._native is not None:
            self._native.unsubscribe(callback)

    def close(self) -> None:
        """Cancels what is under way, waits for polls on the wire so that no job is lost, and
        frees the connections.
        """
        if self._closed:
            return
        self._closed = True
        for stop in self._watchers.values():
            stop.set()
        for call in list(self._calls):
            call.cancel()
        if self._door is not None:
            self._door.close()
        if self._native is not None:
            self._native.close()

    def __enter__(self) -> BridgeChannel:
        return self

    def __exit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        self.close()

    # What the multi-callables below share

    def door(self) -> RestDoor:
        """The REST door; ValueError on a closed channel, as grpcio raises it."""
        if self._closed or self._door is None:
            raise ValueError("Cannot invoke RPC on closed channel!")
        return self._door

    def start(self, call: RestCall, work: Callable[[], Any], name: str, *, awaited: bool) -> None:
        """Runs the work of a call in the background; ``close`` waits for it when it may bring jobs."""
        self._calls.add(call)
        self.door().background.start(lambda: call.run(work), name, awaited=awaited)

    def watch(self, call: RestCall) -> RestCall:
        """Keeps track of a call that ends by itself, so that ``close`` can cancel it."""
        self._calls.add(call)
        return call


def _time_of(timeout: Any) -> float | None:
    return None if timeout is None else max(0.0, float(timeout))


class _UnaryUnary(UnaryUnaryMultiCallable):
    def __init__(self, channel: BridgeChannel, served: Method) -> None:
        self._channel = channel
        self._served = served
        self._rpc = served.rpc

    def __call__(
        self,
        request: Any,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: Any = None,
        wait_for_ready: bool | None = None,
        compression: Any = None,
    ) -> Any:
        door = self._channel.door()
        try:
            return self._perform(door, request, timeout, metadata, credentials, wait_for_ready)
        except CamundaError as error:
            raise rpc_error(error) from error.__cause__

    def _perform(
        self, door: RestDoor, request: Any, timeout: Any, metadata: Any, credentials: Any, wait_for_ready: Any
    ) -> Any:
        served = self._served
        if credentials is not None:
            refuse_credentials(credentials)
        answer = door.call(
            served.rpc,
            served.request(served.message(request)),
            timeout=timeout,
            headers=headers_of(metadata) if metadata else None,
            wait_for_ready=bool(wait_for_ready),
        )
        return served.answer(answer)

    def with_call(
        self,
        request: Any,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: Any = None,
        wait_for_ready: bool | None = None,
        compression: Any = None,
    ) -> Any:
        return self(request, timeout, metadata, credentials, wait_for_ready), self._channel._finished

    def future(
        self,
        request: Any,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: Any = None,
        wait_for_ready: bool | None = None,
        compression: Any = None,
    ) -> Any:
        door = self._channel.door()
        call = RestCall(Deadline(_time_of(timeout)), self._rpc)

        def work() -> Any:
            return self._perform(door, request, timeout, metadata, credentials, wait_for_ready)

        self._channel.start(call, work, f"camunda-{self._rpc}", awaited=False)
        return call


class _UnaryStream(UnaryStreamMultiCallable):
    def __init__(self, channel: BridgeChannel, served: Method) -> None:
        self._channel = channel
        self._served = served

    def __call__(
        self,
        request: Any,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: Any = None,
        wait_for_ready: bool | None = None,
        compression: Any = None,
    ) -> Any:
        door, served, channel = self._channel.door(), self._served, self._channel
        deadline = Deadline(_time_of(timeout))
        try:
            refuse_credentials(credentials)
            rest = served.request(served.message(request))
            headers = headers_of(metadata)
            if served.row.emulated:
                stream = door.stream(served.rpc, rest, timeout=timeout, headers=headers, read=served.job)
                return channel.watch(StreamCall(stream, deadline, served.rpc, self._one_job))
        except CamundaError as error:
            failed = MessagesCall(deadline, served.rpc)
            failed.settle(error=error)
            return failed
        call = MessagesCall(deadline, served.rpc)

        def work() -> Any:
            answer = door.activate(
                served.rpc,
                rest,
                timeout=timeout,
                headers=headers,
                wait_for_ready=bool(wait_for_ready),
                abandoned=call.done,
                read=None,
            )
            messages = served.messages(answer)
            channel._dispatch.brought(messages, REST)
            if not call.settle(messages):
                door.give_back(answer["jobs"], headers)
            return None

        channel.start(call, work, f"camunda-{served.rpc}", awaited=True)
        return call

    def _one_job(self, job: Any) -> Any:
        self._channel._dispatch.brought((job,), REST)
        return job


class _ByJob:
    """Picks the wire per call, where a route by job type may decide."""

    def __init__(self, dispatch: Dispatch, served: Method, wires: Mapping[str, Any]) -> None:
        self._dispatch = dispatch
        self._served = served
        self._wires = wires

    def _wire(self, request: Any) -> str:
        return self._dispatch.wire_of(self._served, request)

    def __call__(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        wire = self._wire(request)
        call = self._wires[wire](request, *args, **kwargs)
        if wire == GRPC and self._served.row.jobs == "brings":
            return _NativeJobs(call, self._dispatch)
        return call

    def with_call(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return self._wires[self._wire(request)].with_call(request, *args, **kwargs)

    def future(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return self._wires[self._wire(request)].future(request, *args, **kwargs)


class _NativeJobs:
    """A native stream that notes the jobs it brings; everything else is the call's own."""

    def __init__(self, call: Any, dispatch: Dispatch) -> None:
        self._call = call
        self._dispatch = dispatch

    def __iter__(self) -> _NativeJobs:
        return self

    def __next__(self) -> Any:
        message = next(self._call)
        self._dispatch.brought((message,), GRPC)
        return message

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # what isinstance asks
        return type(self._call)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)


class _HealthCheck(_UnaryUnary):
    """``grpc.health.v1.Health/Check``, answered by what the topology shows."""

    def __init__(self, channel: BridgeChannel, serialize: Any, deserialize: Any) -> None:
        self._channel = channel
        self._rpc = "Check"
        self._health = Health(serialize, deserialize)

    def _perform(
        self, door: RestDoor, request: Any, timeout: Any, metadata: Any, credentials: Any, wait_for_ready: Any
    ) -> Any:
        self._health.check_service(request)
        topology = door.client.call(
            op.GET_TOPOLOGY, timeout=timeout or door.timeout, headers=headers_of(metadata)
        )
        return self._health.answer(topology)


class _Refused:
    """A multi-callable whose every call fails with UNIMPLEMENTED and the reason."""

    def __init__(self, why: str) -> None:
        self._why = why

    def _error(self) -> CamundaError:
        return rpc_error(Unimplemented(self._why, sent=False))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise self._error()

    def with_call(self, *args: Any, **kwargs: Any) -> Any:
        raise self._error()

    def future(self, *args: Any, **kwargs: Any) -> Any:
        call = RestCall(Deadline(None), "")
        call.settle(error=Unimplemented(self._why, sent=False))
        return call
