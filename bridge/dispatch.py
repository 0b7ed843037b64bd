"""Where a drop-in channel sends an RPC: the decision that the sync and the asyncio channel share. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bridge.health import HEALTH_SERVICE
from bridge.routing import GRPC, OFF, REST, JobWires, Routes
from bridge.serving import SERVICE, Method, method_of

__all__ = ["BY_JOB", "HEALTH", "NATIVE", "SERVED", "Dispatch", "Refusal"]

#: What a multi-callable is: native, served over REST, the health check, or one of these from job to job.
NATIVE, SERVED, HEALTH, BY_JOB = "native", "served", "health", "by job"


class Refusal(str):
    """Why an RPC is not served at all."""


class Dispatch:
    """The routes of one channel, applied."""

    def __init__(self, routes: Routes, *, rest: bool, native: bool) -> None:
        self.routes = routes
        self._rest = rest
        self._native = native
        self._job_wires = JobWires() if routes.job_types else None

    def choose(self, kind: str, path: str | bytes) -> str:
        """One of the words above, or a Refusal."""
        service, rpc = method_of(path)
        if service != SERVICE:
            if self._native:
                return NATIVE
            if service == HEALTH_SERVICE and rpc == "Check":
                return HEALTH
            return Refusal(
                f"/{service}/{rpc} is no RPC of the gateway, so REST has nothing for it: give grpc_address="
            )
        wires = {self.routes.of(rpc)}
        if not Method.knows(rpc):
            if wires == {GRPC}:
                return NATIVE
            return Refusal(f"the gateway protocol has no RPC {rpc}, so nothing says what it is in REST")
        if self.routes.by_job_type(rpc):
            wires.update(self.routes.job_types.values())
        if wires == {GRPC}:
            return NATIVE
        if wires == {OFF}:
            return Refusal(f"{rpc} is switched off by the routes ({self.routes})")
        if kind not in ("unary_unary", "unary_stream"):
            return Refusal(f"{rpc} does not take a stream of requests")
        return SERVED if wires == {REST} else BY_JOB

    def switched_off(self, rpc: str) -> Refusal:
        """The refusal of one job's RPC."""
        return Refusal(f"{rpc} is switched off for this job type by the routes ({self.routes})")

    def wire_of(self, served: Method, request: Any) -> str:
        """The wire of one call that a route by job type may decide."""
        message = served.message(request)
        if served.row.jobs == "brings":
            return self.routes.of(served.rpc, message.type)
        known = None if self._job_wires is None else self._job_wires.answering(message.jobKey)
        return known or self.routes.of(served.rpc)

    def brought(self, messages: Iterable[Any], wire: str) -> None:
        """Remembers which wire brought these jobs, where that decides on which one they are answered."""
        if self._job_wires is not None:
            for message in messages:
                jobs = message.jobs if hasattr(message, "jobs") else (message,)
                self._job_wires.brought((job.key for job in jobs), wire)
