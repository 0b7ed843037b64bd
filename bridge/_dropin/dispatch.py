"""Where a drop-in channel sends an RPC: the decision that the sync and the asyncio channel share. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bridge._canary.live import LiveRoutes, live
from bridge._dropin.health import HEALTH_SERVICE
from bridge._dropin.method import SERVICE, Method, method_of
from bridge.routing import GRPC, OFF, REST, JobOrigins, Routes
from camunda_core.errors import ConfigurationError

__all__ = ["BY_JOB", "HEALTH", "NATIVE", "SERVED", "Dispatch", "Refusal", "StubSide"]

#: What a multi-callable is: native, served over REST, the health check, or one of these from job to job.
NATIVE, SERVED, HEALTH, BY_JOB = "native", "served", "health", "by job"


class Refusal(str):
    """Why an RPC is not served at all."""


class Dispatch:
    """The routes of one channel, applied."""

    def __init__(self, routes: Routes | LiveRoutes, *, native: bool, rest: bool = False) -> None:
        """``native`` and ``rest`` tell which wires are open. With both, each call asks for the routes of now."""
        self._live = live(routes)
        self._native = native
        self._both = native and rest
        self._origins = JobOrigins()

    @property
    def routes(self) -> Routes:
        """Those of now."""
        return self._live.current

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
        wires = set(self.routes.wires_of(rpc))
        if not Method.knows(rpc):
            if wires == {GRPC}:
                return NATIVE
            return Refusal(f"the gateway protocol has no RPC {rpc}, so nothing says what it is in REST")
        if self.routes.by_job_type(rpc):
            wires.update(*(self.routes.wires_of(rpc, job_type) for job_type in self.routes.job_types))
        if self._both and kind in ("unary_unary", "unary_stream"):
            return BY_JOB
        if wires == {GRPC}:
            return NATIVE
        if wires == {OFF}:
            return Refusal(f"{rpc} is switched off by the routes ({self.routes})")
        if kind not in ("unary_unary", "unary_stream"):
            return Refusal(f"{rpc} does not take a stream of requests")
        return SERVED if wires == {REST} else BY_JOB

    def switched_off(self, rpc: str) -> Refusal:
        """The refusal of one call."""
        routes = self._live.current
        whose = " for this job type" if routes.of(rpc) != OFF else ""
        return Refusal(f"{rpc} is switched off{whose} by the routes ({routes})")

    def replace(self, routes: str | Mapping[str, str] | Routes) -> None:
        """Other routes, from the next call on. Raises ConfigurationError where a wire for them is not open."""
        if not self._both:
            raise ConfigurationError(
                "routes: this channel was made with one wire open, and stubs on it are bound to that: make it with routes "
                "that use both, such as a share of 0%"
            )
        self._live.replace(Routes.read(routes, rest=True, grpc=True))

    def wire_of(self, served: Method, request: Any) -> str:
        """The wire of one call."""
        routes = self._live.current
        jobs = served.row.jobs if routes.job_types else ""
        if not jobs and not routes.shared:
            return routes.of(served.rpc)
        message = served.message(request)
        if jobs == "brings":
            return routes.of(served.rpc, message.type)
        known = self._origins.answering(message.jobKey) if jobs == "answers" else None
        return known or routes.of(served.rpc, key=_key_of(message))

    def brought(self, messages: Iterable[Any], wire: str) -> None:
        """Remembers which wire brought these jobs, where that decides on which one they are answered."""
        if self._live.current.job_types:
            for message in messages:
                jobs = message.jobs if hasattr(message, "jobs") else (message,)
                self._origins.brought((job.key for job in jobs), wire)


#: What may decide on a share; the first that a request has does.
_KEYS = ("processInstanceKey", "jobKey", "elementInstanceKey", "incidentKey", "resourceKey")


def _key_of(message: Any) -> int | None:
    for name in _KEYS:
        key: int = getattr(message, name, 0)
        if key:
            return key
    return None


class _SwitchedOff:
    """The multi-callable of what is routed ``off``: it says so by the routes of the moment."""

    def __init__(self, channel: StubSide, dispatch: Dispatch, rpc: str) -> None:
        self._channel = channel
        self._dispatch = dispatch
        self._rpc = rpc

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._now()(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._now(), name)

    def _now(self) -> Any:
        return self._channel._refused(self._dispatch.switched_off(self._rpc))


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
        off = _SwitchedOff(self, self._dispatch, served.rpc)
        return self._by_job(served, {REST: rest, GRPC: native, OFF: off})

    @property
    def routes(self) -> Routes:
        """Which wire serves which RPC.

        Where the channel was made with routes over both wires, it may be set while it works, to a line, a
        mapping or Routes; the next call takes them. ConfigurationError for what cannot work with the wires that are open.
        """
        return self._dispatch.routes

    @routes.setter
    def routes(self, routes: str | Mapping[str, str] | Routes) -> None:
        self._dispatch.replace(routes)

    def _refused(self, why: str) -> Any:
        raise NotImplementedError

    def _health_check(self, serialize: Any, deserialize: Any) -> Any:
        raise NotImplementedError

    def _served(self, kind: str, method: str, served: Method) -> Any:
        raise NotImplementedError

    def _by_job(self, served: Method, wires: Mapping[str, Any]) -> Any:
        raise NotImplementedError
