"""Where a drop-in channel sends an RPC: the decision that the sync and the asyncio channel share. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bridge._dropin.health import HEALTH_SERVICE
from bridge._dropin.method import SERVICE, Method, method_of
from bridge.routing import GRPC, OFF, REST, JobOrigins, Routes

__all__ = ["BY_JOB", "HEALTH", "NATIVE", "SERVED", "Dispatch", "Refusal", "StubSide"]

#: What a multi-callable is: native, served over REST, the health check, or one of these from job to job.
NATIVE, SERVED, HEALTH, BY_JOB = "native", "served", "health", "by job"


class Refusal(str):
    """Why an RPC is not served at all."""


class Dispatch:
    """The routes of one channel, applied."""

    def __init__(self, routes: Routes, *, native: bool) -> None:
        self.routes = routes
        self._native = native
        self._origins = JobOrigins() if routes.job_types else None

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
        known = None if self._origins is None else self._origins.answering(message.jobKey)
        return known or self.routes.of(served.rpc)

    def brought(self, messages: Iterable[Any], wire: str) -> None:
        """Remembers which wire brought these jobs, where that decides on which one they are answered."""
        if self._origins is not None:
            for message in messages:
                jobs = message.jobs if hasattr(message, "jobs") else (message,)
                self._origins.brought((job.key for job in jobs), wire)


class StubSide:
    """What a stub asks of a channel, the same for both kinds of channel: a multi-callable per RPC.

    A channel says how it makes each sort; ``_native`` is its channel of grpcio, if it has one.
    """

    _dispatch: Dispatch
    _native: Any

    def unary_unary(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> Any:
        return self._multi_callable("unary_unary", method, request_serializer, response_deserializer)

    def unary_stream(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> Any:
        return self._multi_callable("unary_stream", method, request_serializer, response_deserializer)

    def stream_unary(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> Any:
        return self._multi_callable("stream_unary", method, request_serializer, response_deserializer)

    def stream_stream(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> Any:
        return self._multi_callable("stream_stream", method, request_serializer, response_deserializer)

    def _multi_callable(self, kind: str, method: str, serialize: Any, deserialize: Any) -> Any:
        choice = self._dispatch.choose(kind, method)
        if isinstance(choice, Refusal):
            return self._refused(choice)
        native = None
        if self._native is not None and choice in (NATIVE, BY_JOB):
            make = getattr(self._native, kind)
            native = make(method, request_serializer=serialize, response_deserializer=deserialize)
        if choice == NATIVE:
            return native
        if choice == HEALTH:
            return self._health_check(serialize, deserialize)
        served = Method(method_of(method)[1], serialize, deserialize)
        rest = self._served(kind, method, served)
        if choice == SERVED:
            return rest
        off = self._refused(self._dispatch.switched_off(served.rpc))
        return self._by_job(served, {REST: rest, GRPC: native, OFF: off})

    def _refused(self, why: str) -> Any:
        raise NotImplementedError

    def _health_check(self, serialize: Any, deserialize: Any) -> Any:
        raise NotImplementedError

    def _served(self, kind: str, method: str, served: Method) -> Any:
        raise NotImplementedError

    def _by_job(self, served: Method, wires: Mapping[str, Any]) -> Any:
        raise NotImplementedError
