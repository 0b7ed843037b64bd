"""The job wire of a bridge client: which wire serves a worker, by RPC and by job type, as the routes say.

A route by job type (``job:charge=rest``) decides for everything that a worker does with jobs of that type.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.routing import GRPC, OFF, REST, Routes
from camunda_core.errors import ConfigurationError, Unimplemented
from camunda_core.retry import NO_RETRY

if TYPE_CHECKING:
    from bridge._entrance import Connection
    from camunda_core.jobs import ActivatedJob, JobFeed, JobRequest, JobWire

__all__ = ["RoutedJobWire", "open_job_wire"]

#: What a worker calls, in the order of the arguments of ``_Assembled``.
_RPCS = ("ActivateJobs", "StreamActivatedJobs", "CompleteJob", "FailJob", "ThrowError", "UpdateJobTimeout")


def open_job_wire(connection: Connection) -> JobWire:
    """The wire of a worker with the settings of a client, for the running event loop; of one wire package if the routes agree.

    Raises ConfigurationError where no event loop is running, and where a library is missing.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise ConfigurationError(
            "job_wire() must be called where an event loop runs: in a coroutine"
        ) from None
    routes, once = connection.routes, replace(connection, retry=NO_RETRY)
    used = {routes.of(rpc) for rpc in _RPCS} | set(routes.job_types.values())
    wires: dict[str, JobWire] = {}
    client = once.aio_rest_client() if REST in used else None
    if client is not None:
        from camunda_rest._job_wire import RestJobWire

        wires[REST] = RestJobWire(client, tenant_ids=connection.tenant_ids)
    channel = once.native_aio_channel() if GRPC in used else None
    if channel is not None:
        from camunda_grpc._job_wire import GrpcJobWire

        wires[GRPC] = GrpcJobWire(channel, tenant_ids=connection.tenant_ids)
    return wires[used.pop()] if len(used) == 1 and OFF not in used else RoutedJobWire(routes, wires)


class RoutedJobWire:
    """A ``camunda_core.jobs.JobWire`` made of those that the routes name; ``of`` gives the one for a job type."""

    def __init__(self, routes: Routes, wires: Mapping[str, JobWire]) -> None:
        self._routes = routes
        self._wires: Mapping[str, JobWire] = {OFF: _SwitchedOff(routes), **wires}
        self._by_type: dict[str, JobWire] = {}
        unnamed = self.of("")
        self.name, self.pushes, self.cancels = unnamed.name, unnamed.pushes, unnamed.cancels

    def of(self, job_type: str) -> JobWire:
        """The wire for jobs of this type: a plain one where the routes of all its RPCs agree."""
        job_type = job_type if job_type in self._routes.job_types else ""
        wire = self._by_type.get(job_type)
        if wire is None:
            wires = [self._wires[self._routes.of(rpc, job_type)] for rpc in _RPCS]
            wire = wires[0] if all(each is wires[0] for each in wires) else _Assembled(*wires)
            self._by_type[job_type] = wire
        return wire

    async def activate(
        self, request: JobRequest, max_jobs: int, *, wait: float, timeout: float
    ) -> Sequence[ActivatedJob]:
        """RPC ActivateJobs on the wire of the type."""
        return await self.of(request.type).activate(request, max_jobs, wait=wait, timeout=timeout)

    async def stream(self, request: JobRequest) -> JobFeed:
        """RPC StreamActivatedJobs on the wire of the type."""
        return await self.of(request.type).stream(request)

    async def complete(self, job: ActivatedJob, variables: str, *, timeout: float) -> None:
        """RPC CompleteJob on the wire of the type."""
        await self.of(job.type).complete(job, variables, timeout=timeout)

    async def fail(
        self, job: ActivatedJob, *, retries: int, message: str, backoff: float, variables: str, timeout: float
    ) -> None:
        """RPC FailJob on the wire of the type."""
        await self.of(job.type).fail(
            job, retries=retries, message=message, backoff=backoff, variables=variables, timeout=timeout
        )

    async def throw_error(
        self, job: ActivatedJob, *, code: str, message: str, variables: str, timeout: float
    ) -> None:
        """RPC ThrowError on the wire of the type."""
        await self.of(job.type).throw_error(
            job, code=code, message=message, variables=variables, timeout=timeout
        )

    async def extend(self, job: ActivatedJob, seconds: float, *, timeout: float) -> None:
        """RPC UpdateJobTimeout on the wire of the type."""
        await self.of(job.type).extend(job, seconds, timeout=timeout)

    def reconnect(self, since: float) -> None:
        """Fresh connections, on all wires."""
        for wire in self._wires.values():
            wire.reconnect(since)

    async def close(self) -> None:
        """Closes all of them."""
        await asyncio.gather(*(wire.close() for wire in self._wires.values()))

    def __repr__(self) -> str:
        return f"RoutedJobWire({self._routes})"


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

    def of(self, job_type: str) -> _Assembled:
        return self

    def reconnect(self, since: float) -> None:
        for wire in self._wires:
            wire.reconnect(since)

    async def close(self) -> None:
        pass


class _SwitchedOff:
    """What is routed ``off``: refused when it is used."""

    name = ""
    pushes = False
    cancels = True

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def of(self, job_type: str) -> _SwitchedOff:
        return self

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

    async def close(self) -> None:
        pass

    def _refusal(self, rpc: str) -> Unimplemented:
        return Unimplemented(f"switched off by the routes ({self._routes})", operation=rpc, sent=False)
