"""The job wires of a bridge client: which wire serves a worker, by RPC and by job type, as the routes say.

A route by job type (``job:charge=rest``) decides for everything that a worker does with jobs of that type. With both
addresses the wires are those of ``bridge._canary.job_wire``, which ask for the routes of now; with one, routes can
only switch something off.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bridge._canary.live import LiveRoutes
from bridge.routing import GRPC, OFF, REST, Routes
from camunda_core.errors import ConfigurationError, Unimplemented
from camunda_core.retry import NO_RETRY

if TYPE_CHECKING:
    from bridge._entrance import Entrance
    from camunda_core.jobs import ActivatedJob, JobFeed, JobRequest, JobWire, JobWires
    from camunda_grpc._job_wire import GrpcJobWire
    from camunda_rest._job_wire import RestJobWire

    _OwnWire = RestJobWire | GrpcJobWire

__all__ = ["RoutedJobWires", "open_job_wire"]

#: What a worker calls, in the order of the arguments of ``_Assembled``.
_RPCS = ("ActivateJobs", "StreamActivatedJobs", "CompleteJob", "FailJob", "ThrowError", "UpdateJobTimeout")


def open_job_wire(entrance: Entrance) -> JobWires:
    """The wires of a worker with the settings of a client, for the running event loop; of one wire
    package if the routes agree.

    Raises ConfigurationError where no event loop is running, and where a library is missing.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise ConfigurationError(
            "job_wire() must be called where an event loop runs: in a coroutine"
        ) from None
    once = replace(entrance, retry=NO_RETRY)
    if entrance.movable:
        from bridge._canary.job_wire import MovableJobWires

        return MovableJobWires(
            entrance.live, lambda wire: _opened(once.open_wire(wire), wire), _SwitchedOff(entrance.live)
        )
    routes = entrance.live.current
    used = {routes.of(rpc) for rpc in _RPCS} | set(routes.job_types.values())
    wires = {wire: _opened(once, wire) for wire in (REST, GRPC) if wire in used}
    if len(used) == 1 and OFF not in used:
        return wires[used.pop()]
    return RoutedJobWires(routes, wires)


def _opened(entrance: Entrance, wire: str) -> _OwnWire:
    """The wire of that name."""
    if wire == REST:
        from camunda_rest._job_wire import RestJobWire

        client = entrance.aio_rest_client()
        assert client is not None
        return RestJobWire(client, tenant_ids=entrance.tenant_ids)
    from camunda_grpc._job_wire import GrpcJobWire

    channel = entrance.native_aio_channel()
    assert channel is not None
    return GrpcJobWire(channel, tenant_ids=entrance.tenant_ids, before=_version_check(entrance, channel))


def _version_check(entrance: Entrance, channel: Any) -> Callable[[], Awaitable[None]] | None:
    """What a wire does before it asks for jobs: an older gateway would give those of somebody else, silently."""
    if not entrance.needs:
        return None
    from bridge._doors.aio_grpc import AsyncGrpcDoor

    door = AsyncGrpcDoor(
        channel, retry=NO_RETRY, cluster_version=entrance.cluster_version, needs=entrance.needs
    )
    return lambda: door.refuse_when_too_old("ActivateJobs", entrance.timeout)


class RoutedJobWires:
    """``camunda_core.jobs.JobWires`` as the routes name them; it owns ``wires``, which are there by
    their names in routes.
    """

    def __init__(self, routes: Routes, wires: Mapping[str, _OwnWire]) -> None:
        self._routes = routes
        self._owned = tuple(wires.values())
        self._wires: Mapping[str, JobWire] = {OFF: _SwitchedOff(LiveRoutes(routes)), **wires}
        self._by_type: dict[str, JobWire] = {}

    def of(self, job_type: str) -> JobWire:
        """The wire for jobs of this type: a plain one where the routes of all its RPCs agree."""
        job_type = job_type if job_type in self._routes.job_types else ""
        wire = self._by_type.get(job_type)
        if wire is None:
            wires = [self._wires[self._routes.of(rpc, job_type)] for rpc in _RPCS]
            wire = wires[0] if all(each is wires[0] for each in wires) else _Assembled(*wires)
            self._by_type[job_type] = wire
        return wire

    async def close(self) -> None:
        """Closes all of them."""
        await asyncio.gather(*(wire.close() for wire in self._owned))

    def __repr__(self) -> str:
        return f"RoutedJobWires({self._routes})"


class _Assembled:
    """The wire of a job type whose RPCs go different ways. It owns none of those that it is made of."""

    def __init__(
        self,
        activating: JobWire,
        streaming: JobWire,
        completing: JobWire,
        failing: JobWire,
        throwing: JobWire,
        extending: JobWire,
    ) -> None:
        self.activate = activating.activate
        self.stream = streaming.stream
        self.complete = completing.complete
        self.fail = failing.fail
        self.throw_error = throwing.throw_error
        self.extend = extending.extend
        wires = (activating, streaming, completing, failing, throwing, extending)
        self._wires = {id(wire): wire for wire in wires}.values()
        # Where streams go says nothing of a worker that polls, as most do.
        names = dict.fromkeys(wire.name for wire in (activating, completing, failing, throwing))
        self.name = " and ".join(name for name in names if name)
        self.pushes = streaming.pushes
        self.cancels = activating.cancels

    def reconnect(self, since: float) -> None:
        for wire in self._wires:
            wire.reconnect(since)


class _SwitchedOff:
    """What is routed ``off``: refused when it is used."""

    name = ""
    pushes = False
    cancels = True

    def __init__(self, routes: LiveRoutes) -> None:
        self._routes = routes

    async def activate(
        self, request: JobRequest, max_jobs: int, *, wait: float, timeout: float
    ) -> Sequence[ActivatedJob]:
        raise self._refusal("ActivateJobs")

    async def stream(self, request: JobRequest) -> JobFeed:
        raise self._refusal("StreamActivatedJobs")

    async def complete(self, job: ActivatedJob, variables: str, *, timeout: float) -> None:
        raise self._refusal("CompleteJob")

    async def fail(
        self, job: ActivatedJob, *, retries: int, message: str, backoff: float, variables: str, timeout: float
    ) -> None:
        raise self._refusal("FailJob")

    async def throw_error(
        self, job: ActivatedJob, *, code: str, message: str, variables: str, timeout: float
    ) -> None:
        raise self._refusal("ThrowError")

    async def extend(self, job: ActivatedJob, seconds: float, *, timeout: float) -> None:
        raise self._refusal("UpdateJobTimeout")

    def reconnect(self, since: float) -> None:
        pass

    def _refusal(self, rpc: str) -> Unimplemented:
        return Unimplemented(
            f"switched off by the routes ({self._routes.current})", operation=rpc, sent=False
        )
