"""The job wires of a client with both addresses: each call asks for the routes of now.

So a worker moves while it works. A poll that is on its way ends on its wire, and what it brings is handled; a
job may be answered on either wire, since both lead to the same cluster; a job stream that is no longer
routed is read until nothing comes any more, and then ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from bridge._canary.live import LiveRoutes
from bridge.routing import GRPC, OFF, REST
from camunda_core.errors import Cancelled, Unavailable

if TYPE_CHECKING:
    from camunda_core.jobs import ActivatedJob, JobFeed, JobRequest, JobWire

__all__ = ["MovableJobWires"]

_ACTIVATE, _STREAM = "ActivateJobs", "StreamActivatedJobs"
_ANSWERS = ("CompleteJob", "FailJob", "ThrowError")
#: A stream that is no longer routed is read until nothing has come for so many seconds.
_QUIET = 0.3


class MovableJobWires:
    """``camunda_core.jobs.JobWires``; ``open_wire`` opens the wire of that name when a route first leads there."""

    def __init__(self, live: LiveRoutes, open_wire: Callable[[str], Any], off: JobWire) -> None:
        self.live = live
        self._open_wire = open_wire
        self._wires: dict[str, Any] = {OFF: off}
        self._by_type: dict[str, _MovableJobWire] = {}
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._closed = False
        live.on_change(self._moved)
        for wire in sorted(live.current.wires()):
            self.wire(wire)

    def of(self, job_type: str) -> JobWire:
        """The wire for jobs of this type."""
        wire = self._by_type.get(job_type)
        if wire is None:
            wire = self._by_type[job_type] = _MovableJobWire(self, job_type)
        made: Any = wire
        return made  # type: ignore[no-any-return]

    def wire(self, name: str) -> Any:
        """The wire of that name in routes."""
        found = self._wires.get(name)
        if found is None:
            if self._closed:
                raise Cancelled("the wires of this worker are closed")
            found = self._wires[name] = self._open_wire(name)
        return found

    @property
    def opened(self) -> list[JobWire]:
        """Those that are open."""
        return [wire for name, wire in self._wires.items() if name != OFF]

    async def changed(self) -> None:
        """Waits for the next change of the routes."""
        await self._changed.wait()

    async def close(self) -> None:
        """Closes all of them."""
        self._closed = True
        await asyncio.gather(*(wire.close() for name, wire in self._wires.items() if name != OFF))

    def _moved(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def __repr__(self) -> str:
        return f"MovableJobWires({self.live.current})"


class _MovableJobWire:
    """The wire of one job type. Its facts (``name``, ``pushes``, ``cancels``) are those of the routes of now."""

    def __init__(self, wires: MovableJobWires, job_type: str) -> None:
        self._wires = wires
        self._type = job_type
        self._live = wires.live
        self._uncancellable = 0

    def _by(self, rpc: str, job: ActivatedJob | None = None) -> Any:
        routes = self._live.current
        key = None
        if job is not None and routes.shared:
            key = int(job.process_instance_key or job.job_key)
        return self._wires.wire(routes.of(rpc, self._type, key))

    def _all_by(self, *rpcs: str) -> list[Any]:
        routes = self._live.current
        names = dict.fromkeys(name for rpc in rpcs for name in sorted(routes.wires_of(rpc, self._type)))
        return [self._wires.wire(name) for name in names]

    @property
    def name(self) -> str:
        # Where streams go says nothing of a worker that polls, as most do.
        return " and ".join(wire.name for wire in self._all_by(_ACTIVATE, *_ANSWERS) if wire.name)

    @property
    def pushes(self) -> bool:
        return any(wire.pushes for wire in self._all_by(_STREAM))

    @property
    def cancels(self) -> bool:
        return not self._uncancellable and all(wire.cancels for wire in self._all_by(_ACTIVATE))

    async def activate(
        self, request: JobRequest, max_jobs: int, *, wait: float, timeout: float
    ) -> Sequence[ActivatedJob]:
        wire = self._by(_ACTIVATE)
        held = 0 if wire.cancels else 1
        self._uncancellable += held
        try:
            jobs: Sequence[ActivatedJob] = await wire.activate(request, max_jobs, wait=wait, timeout=timeout)
        finally:
            self._uncancellable -= held
        return jobs

    async def stream(self, request: JobRequest) -> JobFeed:
        wires, live = self._wires, self._live
        if live.current.shared:
            # A stream is one call for many jobs, and REST has none: a share of them is no share of the jobs.
            name = GRPC if GRPC in live.current.wires_of(_STREAM, self._type) else REST
        else:
            name = live.current.of(_STREAM, self._type)
        return _MovableFeed(wires, self._type, name, await wires.wire(name).stream(request))

    async def complete(self, job: ActivatedJob, variables: str, *, timeout: float) -> None:
        await self._by("CompleteJob", job).complete(job, variables, timeout=timeout)

    async def fail(
        self, job: ActivatedJob, *, retries: int, message: str, backoff: float, variables: str, timeout: float
    ) -> None:
        await self._by("FailJob", job).fail(
            job, retries=retries, message=message, backoff=backoff, variables=variables, timeout=timeout
        )

    async def throw_error(
        self, job: ActivatedJob, *, code: str, message: str, variables: str, timeout: float
    ) -> None:
        await self._by("ThrowError", job).throw_error(
            job, code=code, message=message, variables=variables, timeout=timeout
        )

    async def extend(self, job: ActivatedJob, seconds: float, *, timeout: float) -> None:
        await self._by("UpdateJobTimeout", job).extend(job, seconds, timeout=timeout)

    def reconnect(self, since: float) -> None:
        for wire in self._wires.opened:
            wire.reconnect(since)


class _MovableFeed:
    """A job stream that ends when the routes lead elsewhere, after what is on the wire was read."""

    def __init__(self, wires: MovableJobWires, job_type: str, name: str, feed: JobFeed) -> None:
        self._wires = wires
        self._type = job_type
        self._name = name
        self._feed = feed
        self._reading: asyncio.Task[ActivatedJob] | None = None

    def _routed(self) -> bool:
        return self._name in self._wires.live.current.wires_of(_STREAM, self._type)

    async def read(self) -> ActivatedJob:
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._feed.read())
        reading = self._reading
        while not reading.done():
            if not self._routed():
                await asyncio.wait((reading,), timeout=_QUIET)
                if not reading.done():
                    self._feed.cancel()
                    await asyncio.wait((reading,), timeout=_QUIET)
                if not reading.done() or reading.cancelled() or reading.exception() is not None:
                    reading.cancel()
                    raise Unavailable(
                        "the routes lead elsewhere: the stream was ended", operation=_STREAM, answered=False
                    )
                break
            changed = asyncio.ensure_future(self._wires.changed())
            try:
                await asyncio.wait((reading, changed), return_when=asyncio.FIRST_COMPLETED)
            finally:
                changed.cancel()
        self._reading = None
        return reading.result()

    def cancel(self) -> None:
        self._feed.cancel()
        if self._reading is not None and self._reading.done() and not self._reading.cancelled():
            self._reading.exception()
