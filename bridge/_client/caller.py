"""What both clients decide for a call before anything waits: the request, the wire, how
the answer is read. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from bridge._canary.live import LiveRoutes, live
from bridge._table.mapping import ROWS, RestRequest, Row
from bridge.routing import OFF, JobOrigins, Routes
from camunda_core._later import Later
from camunda_core.deadline import time_to_wait
from camunda_core.errors import InvalidRequest, Unimplemented
from camunda_core.retry import RetryPolicy, check_retry
from camunda_rest._commands.kinds import Limits
from camunda_rest._commands.writing import write_command

if TYPE_CHECKING:
    from camunda_core import jobs
    from camunda_rest import _activated as activated
else:
    jobs, activated = Later("camunda_core.jobs"), Later("camunda_rest._activated")

__all__ = ["Caller", "PlannedCall"]


class PlannedCall(NamedTuple):
    """One call, ready to be made."""

    rpc: str
    wire: str
    request: RestRequest
    timeout: float | None
    retry: RetryPolicy | None


class Caller:
    """The decisions of one client."""

    def __init__(self, routes: Routes | LiveRoutes, client: type, *, tenant_id: str | None = None) -> None:
        """``tenant_id`` is the tenant of calls that could name one and do not."""
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
        timeout, retry = limits
        try:
            limit = None if timeout is None else time_to_wait(timeout)
            check_retry(retry)
        except InvalidRequest as error:
            error.operation = rpc
            raise
        written = write_command(self._client, rpc, given, self._tenant_id, files or ())
        return PlannedCall(rpc, self._wire(row, given), RestRequest(*written), limit, retry)

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
