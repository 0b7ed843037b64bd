# Derived from aio_shell.py by scripts/derive_sync.py: change that file, then run the script.
"""How the sync client waits: doors, calls and job streams. What is called stands in ``bridge._client.client``."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from bridge._client.caller import Caller, DirectCall, PlannedCall
from bridge._doors.waiting import Background, apart, close_at_exit
from bridge._entrance import Entrance
from bridge._table.mapping import RestRequest
from bridge.routing import GRPC, REST, Routes
from camunda_core._later import Later
from camunda_core.deadline import Deadline
from camunda_core.errors import CamundaError, Cancelled
from camunda_rest._commands.kinds import Limits
from camunda_rest._commands.resources import read_resources

if TYPE_CHECKING:
    from typing_extensions import Self

    from bridge._rehearsal.rehearsal import Rehearsal
    from camunda_core._usage import WireUse
    from camunda_core.jobs import ActivatedJob
    from camunda_core.retry import RetryPolicy
    from camunda_rest import RestClient
    from camunda_rest._commands import decoding
    from camunda_rest._pressure import Pressure
    from camunda_rest.operations import Version
else:
    decoding = Later("camunda_rest._commands.decoding")

__all__ = ["JobStream", "Shell"]

T = TypeVar("T")


class _Stream(Protocol):
    def take(self) -> Any: ...
    def cancel(self) -> bool: ...
    def abandon(self) -> None: ...


class _Door(Protocol):
    def call(
        self, rpc: str, request: RestRequest, *, timeout: float | None, retry: RetryPolicy | None
    ) -> Any: ...
    def activate(
        self, rpc: str, request: RestRequest, *, timeout: float | None, retry: RetryPolicy | None
    ) -> Any: ...
    def stream(
        self, rpc: str, request: RestRequest, *, timeout: float | None, retry: RetryPolicy | None
    ) -> _Stream: ...
    def close(self) -> None: ...


class JobStream:
    """The jobs of one type as they become available: an iterator, and a context manager that closes it.

    It lasts until ``close()``, the ``timeout`` that it was opened with (then DeadlineExceeded is raised), or an
    error that trying again would not heal; outages of the gateway it outlives. A stream that is dropped closes
    itself. One thread reads, any may close.
    """

    def __init__(self, stream: _Stream, caller: Caller, wire: str) -> None:
        self._stream = stream
        self._caller = caller
        self._wire = wire
        self._closed = False
        self._dropped = weakref.finalize(self, stream.abandon)

    def __iter__(self) -> Iterator[ActivatedJob]:
        return self

    def __next__(self) -> ActivatedJob:
        try:
            return self._caller.job(self._stream.take(), self._wire)
        except Cancelled:
            if self._closed:
                raise StopIteration from None
            raise

    def close(self) -> None:
        """Ends the stream: its iteration stops, and jobs that it brought and nobody read become available again.

        (Over gRPC the gateway does that for jobs that it has not sent yet; one on its way stays locked until
        its timeout.)
        """
        self._closed = True
        self._dropped.detach()
        self._stream.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Shell:
    """Makes the calls of ``bridge._client.client.Client``."""

    def __init__(self, connection: Entrance) -> None:
        self._connection = connection
        self._caller = Caller(
            connection.live,
            type(self),
            tenant_id=connection.tenant_id,
            one_wire=connection.fallback is None and connection.shadow is None,
        )
        self._tenant_id = connection.tenant_id
        self._consistency_wait = connection.consistency_wait
        self._closed = False
        self._streams: weakref.WeakSet[JobStream] = weakref.WeakSet()
        self._doors: dict[str, _Door] = {}
        self._rest: RestClient | None = None
        self._own_rest = True
        self._fallback = connection.fallback
        self._shadow = connection.shadow
        self._shadows = Background()
        self._open(connection)
        close_at_exit(self)

    def _open(self, connection: Entrance) -> None:
        """Opens the doors that its routes need and that are not open."""
        if REST not in self._doors and (rest := connection.rest_door()) is not None:
            self._doors[REST] = rest
            if self._rest is None:
                self._rest, self._own_rest = rest.client, False
        if GRPC not in self._doors and (native := connection.calling_channel()) is not None:
            from bridge._doors.grpc import GrpcDoor

            version = connection.cluster_version
            self._doors[GRPC] = GrpcDoor(
                native, retry=connection.retry, cluster_version=version, needs=connection.needs
            )

    @property
    def routes(self) -> Routes:
        """Which wire serves which RPC; ``str()`` gives it in one line.

        Set it, to a line, a mapping or Routes, to move calls while the client works, and its workers with
        it. What is under way ends on the wire that it is on. From any thread; ConfigurationError, and
        nothing changed, for routes that cannot work with the addresses that the client has.
        """
        return self._caller.routes

    @routes.setter
    def routes(self, routes: str | Mapping[str, str] | Routes) -> None:
        self._caller.refuse_when(self._closed, "routes")
        wanted = self._connection.read_routes(routes)
        with self._connection.live.moving:
            self._open(self._connection.routed(wanted))
            self._connection.live.replace(wanted)

    @property
    def rehearsal(self) -> Rehearsal | None:
        """What ``rehearse=`` has found so far is in its ``report()``; None where nothing is rehearsed."""
        return self._connection.rehearsal

    def close(self) -> None:
        """Ends the job streams and frees the connections.

        Polls on the wire are waited for (at most 5 s), and what they bring is given back, so that no job is lost.
        """
        if self._closed:
            return
        self._closed = True
        for stream in list(self._streams):
            stream.close()
        self._shadows.close()
        from bridge._doors.polling import CLOSING  # with the jobs, which a program may never need

        self._shadows.wait(CLOSING)
        for door in self._doors.values():
            door.close()
        if self._own_rest and self._rest is not None:
            self._rest.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.routes})"

    @property
    def pressure(self) -> Pressure:
        """The limit of calls over REST: how many may be under way, are, and wait."""
        from camunda_rest._pressure import Pressure

        return Pressure() if self._rest is None else self._rest.pressure

    @property
    def wires(self) -> tuple[WireUse, ...]:
        """What is open on each wire in use, as it is now: connections, requests under way and waiting, and
        how many one connection takes. grpcio does not tell, and is named as who does not.
        """
        native: Any = self._doors.get(GRPC)
        found = () if native is None else (native.usage(),)
        return found if self._rest is None else (*found, *self._rest.wires)

    def _settings(self) -> Mapping[str, Any]:
        return {**self._connection.shown(), "routes": str(self.routes)}

    def _rest_client(self, operation: str) -> RestClient:
        self._caller.refuse_when(self._closed, operation)
        if self._rest is None:
            self._rest = self._connection.rest_client(operation)
        return self._rest

    def _rest_version(self) -> Version:
        return self._connection.cluster_version or self._rest_client("getTopology")._rest_version()

    def _call(self, rpc: str, result: type[T], limits: Limits, /, **given: Any) -> T:
        direct = self._caller.direct(rpc, given, limits, result)
        if direct is not None:
            made: T = direct.read(self._sent(direct))  # type: ignore[misc]  # it has an answer
            return made
        call = self._caller.call(rpc, given, limits)
        answer = decoding.reader(result)(self._made(call), call.request.path)
        if self._shadow is not None and self._shadow.wants(rpc):
            self._shadowed(call, answer, result)
        return answer

    def _send(self, rpc: str, limits: Limits, /, **given: Any) -> None:
        direct = self._caller.direct(rpc, given, limits)
        if direct is not None:
            self._sent(direct)
            return
        self._made(self._caller.call(rpc, given, limits))

    def _deploy(self, rpc: str, result: type[T], limits: Limits, resources: Any, /, **given: Any) -> T:
        files = apart(read_resources, resources, rpc)
        return decoding.reader(result)(self._made(self._caller.call(rpc, given, limits, files)), {})

    def _activate(self, rpc: str, limits: Limits, /, **given: Any) -> list[ActivatedJob]:
        call = self._caller.call(rpc, given, limits)
        answer = self._door(call).activate(rpc, call.request, timeout=call.timeout, retry=call.retry)
        return [self._caller.job(job, call.wire) for job in answer["jobs"]]

    def _stream(self, rpc: str, limits: Limits, /, **given: Any) -> JobStream:
        call = self._caller.call(rpc, given, limits)
        opened = self._door(call).stream(rpc, call.request, timeout=call.timeout, retry=call.retry)
        stream = JobStream(opened, self._caller, call.wire)
        self._streams.add(stream)
        return stream

    def _sent(self, call: DirectCall) -> Any:
        if self._closed:
            self._caller.refuse_when(True, call.rpc)
        door: Any = self._doors[GRPC]
        return door.send(call.rpc, call.message, timeout=call.timeout, retry=call.retry, newer=call.newer)

    def _made(self, call: PlannedCall) -> Any:
        if self._fallback is None:
            return self._door(call).call(call.rpc, call.request, timeout=call.timeout, retry=call.retry)
        deadline = Deadline(call.timeout)
        try:
            return self._door(call).call(call.rpc, call.request, timeout=call.timeout, retry=call.retry)
        except CamundaError as error:
            other = self._fallback.instead(call.rpc, call.wire, error, self._doors)
            if other is None or deadline.remaining() == 0.0:
                raise
        left = deadline.remaining()
        return self._doors[other].call(call.rpc, call.request, timeout=left, retry=call.retry)

    def _shadowed(self, call: PlannedCall, answer: Any, result: type[T]) -> None:
        """Asks the other wire the same, beside the program, and has the answers compared."""
        shadow, other = self._shadow, REST if call.wire == GRPC else GRPC
        if shadow is None or other not in self._doors:
            return
        door = self._doors[other]

        def compare() -> None:
            try:
                said = door.call(call.rpc, call.request, timeout=call.timeout, retry=call.retry)
                shadow.answered(call.rpc, answer, decoding.reader(result)(said, call.request.path))
            except CamundaError as error:
                shadow.failed(call.rpc, error)

        if shadow.begin():
            self._shadows.start(compare, "camunda-shadow", late=True)

    def _door(self, call: PlannedCall) -> _Door:
        self._caller.refuse_when(self._closed, call.rpc)
        return self._doors[call.wire]
