"""What both clients decide for a call before anything waits: the request, the wire, how
the answer is read. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from bridge._canary.live import LiveRoutes, live
from bridge._table.mapping import ROWS, RestRequest, Row
from bridge.routing import GRPC, OFF, JobOrigins, Routes
from camunda_core._later import Later
from camunda_core.deadline import time_to_wait
from camunda_core.errors import InvalidRequest, Unimplemented
from camunda_core.retry import RetryPolicy, check_retry
from camunda_rest._commands.kinds import Limits
from camunda_rest._commands.writing import write_command

if TYPE_CHECKING:
    from bridge._client import native
    from camunda_core import jobs
    from camunda_rest import _activated as activated
else:
    native = Later("bridge._client.native")  # and protobuf
    jobs, activated = Later("camunda_core.jobs"), Later("camunda_rest._activated")

__all__ = ["Caller", "DirectCall", "PlannedCall"]


class PlannedCall(NamedTuple):
    """One call, ready to be made."""

    rpc: str
    wire: str
    request: RestRequest
    timeout: float | None
    retry: RetryPolicy | None


_Way: TypeAlias = tuple[
    Callable[[Mapping[str, Any], str | None], tuple[Any, bool]], Callable[[Any], Any] | None
]


class DirectCall(NamedTuple):
    """One call over gRPC whose message is made already, and what reads its answer; None where it has
    none. ``newer`` says that the message may hold what older clusters do not read.
    """

    rpc: str
    message: Any
    timeout: float | None
    retry: RetryPolicy | None
    read: Callable[[Any], Any] | None
    newer: bool


class Caller:
    """The decisions of one client."""

    def __init__(
        self,
        routes: Routes | LiveRoutes,
        client: type,
        *,
        tenant_id: str | None = None,
        one_wire: bool = False,
    ) -> None:
        """``tenant_id`` is the tenant of calls that could name one and do not. ``one_wire`` says
        that no call is made on another wire than its own as well.
        """
        self._one_wire = one_wire
        #: What ``direct`` has found out for these routes.
        self._ways: tuple[Routes | None, dict[tuple[str, type | None], _Way | None]] = None, {}
        self._live = live(routes)
        self._client = client
        self._tenant_id = tenant_id
        self._origins = JobOrigins()

    @property
    def routes(self) -> Routes:
        """Those of now."""
        return self._live.current

    def call(
        self,
        rpc: str,
        given: Mapping[str, Any],
        limits: Limits,
        files: list[tuple[str, bytes]] | None = None,
    ) -> PlannedCall:
        """The call for the arguments of a method.

        Raises InvalidRequest naming an argument, Unimplemented where the routes switch it off.
        """
        row = ROWS[rpc]
        limit, retry = _checked(rpc, limits)
        written = write_command(self._client, rpc, given, self._tenant_id, files or ())
        return PlannedCall(rpc, self._wire(row, given), RestRequest(*written), limit, retry)

    def direct(
        self, rpc: str, given: Mapping[str, Any], limits: Limits, result: type | None = None
    ) -> DirectCall | None:
        """The same for a call that goes over gRPC and nowhere else, by the shortest way, if there is
        one; None has it made by ``call``.
        """
        routes, ways = self._ways
        if routes is not self._live.current:
            routes, ways = self._ways = self._live.current, {}
        way = ways.get((rpc, result), _UNKNOWN)
        if way is _UNKNOWN:
            way = ways[rpc, result] = self._short_way(routes, rpc, result)
        if way is None:
            return None
        write, read = way
        limit, retry = limits
        if limit is not None or retry is not None:
            limit, retry = _checked(rpc, limits)
        message, newer = write(given, self._tenant_id)
        return DirectCall(rpc, message, limit, retry, read, newer)

    def _short_way(self, routes: Routes, rpc: str, result: type | None) -> _Way | None:
        if not self._one_wire or routes.shared or routes.job_types or routes.of(rpc) != GRPC:
            return None
        write = native.writes(self._client, rpc)
        read = None if result is None else native.reads(rpc, result)
        return None if write is None or (read is None and result is not None) else (write, read)

    def _wire(self, row: Row, given: Mapping[str, Any]) -> str:
        routes = self._live.current
        if routes.job_types and row.jobs == "brings":
            wire = routes.of(row.rpc, given["type"])
        else:
            wire = routes.of(row.rpc, key=_key_in(given) if routes.shared else None)
            if routes.job_types and row.jobs == "answers":
                wire = self._origins.answering(int(given["job_key"])) or wire
        if wire == OFF:
            raise Unimplemented(f"switched off by the routes ({routes})", operation=row.rpc, sent=False)
        return wire

    def job(self, given: jobs.ActivatedJob | Mapping[str, Any], wire: str) -> jobs.ActivatedJob:
        """An activated job, as gRPC gives it or as JSON.

        The wire that brought it is noted where that decides on which one it is answered.
        """
        job = given if isinstance(given, jobs.ActivatedJob) else activated.job_of(given)
        if self._live.current.job_types:
            self._origins.brought((int(job.job_key),), wire)
        return job

    def refuse_when(self, closed: bool, rpc: str) -> None:
        """Raises InvalidRequest on a closed client."""
        if closed:
            raise InvalidRequest("this client is closed; make a new one", operation=rpc)


_UNKNOWN: Any = object()


def _checked(rpc: str, limits: Limits) -> tuple[float | None, RetryPolicy | None]:
    timeout, retry = limits
    try:
        limit = None if timeout is None else time_to_wait(timeout)
        check_retry(retry)
    except InvalidRequest as error:
        error.operation = rpc
        raise
    return limit, retry


#: What may decide on a share, by the names of arguments; the first that is given does.
_KEYS = (
    "process_instance_key",
    "job_key",
    "element_instance_key",
    "incident_key",
    "resource_key",
)


def _key_in(given: Mapping[str, Any]) -> int | None:
    for name in _KEYS:
        key = given.get(name)
        if key is not None:
            return int(key)
    return None
