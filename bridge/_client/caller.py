"""What both clients decide for a call before anything waits: the request, the wire, how
the answer is read. Pure.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from functools import cache
from typing import Any, NamedTuple

from bridge._client.arguments import Argument, arguments, camel, snake
from bridge._table.mapping import NAMES, ROWS, RestRequest, Row
from bridge.models._results import ActivatedJob
from bridge.routing import OFF, JobOrigins, Routes
from camunda_core.deadline import Duration, time_to_wait
from camunda_core.errors import InvalidRequest, Unimplemented
from camunda_rest._activated import job_of

__all__ = ["Caller", "PlannedCall"]

# The one argument that cannot have its REST name: `timeout` is the time limit of the call, everywhere.
_REST_NAMES = {"job_timeout": "timeout"}


class PlannedCall(NamedTuple):
    """One call, ready to be made."""

    rpc: str
    wire: str
    request: RestRequest
    timeout: float | None


@cache
def _arguments(client: type, rpc: str) -> dict[str, tuple[str, Argument]]:
    """For each argument of the method that stands for ``rpc``: its name in REST and its encoder."""
    name = snake(rpc)
    method = [vars(cls)[name] for cls in client.__mro__ if name in vars(cls)][-1]
    return {name: (_REST_NAMES.get(name, camel(name)), each) for name, each in arguments(method).items()}


@cache
def _choices(rpc: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The arguments of which REST takes exactly one, each with those that go with it."""
    renames = {
        k: v for message, names in NAMES.items() if message.endswith("Request") for k, v in names.items()
    }

    def argument(field: str) -> str:
        return snake(str(renames.get(field, field)))

    choice = ROWS[rpc].choice
    return tuple((argument(name), tuple(map(argument, others))) for name, others in choice.items())


def _check_choice(rpc: str, given: Mapping[str, Any]) -> None:
    choices = _choices(rpc)
    chosen = [name for name, _ in choices if given.get(name) is not None]
    if len(chosen) != 1:
        raise InvalidRequest(f"set exactly one of {', '.join(name for name, _ in choices)}", operation=rpc)
    for name, companions in choices:
        for companion in companions:
            if name not in chosen and given.get(companion) is not None:
                raise InvalidRequest(f"{companion} goes with {name}: leave it unset", operation=rpc)


def _for_tenant(tenant_id: str, given: Mapping[str, Any], known: Container[str]) -> Mapping[str, Any]:
    """The arguments of a method, with the tenant in the place it has for one (of ``known``) where
    the caller named none.
    """
    if "tenant_id" in known and given.get("tenant_id") is None:
        return {**given, "tenant_id": tenant_id}
    if "tenant_ids" in known and given.get("tenant_ids") is None and given.get("tenant_filter") != "ASSIGNED":
        return {**given, "tenant_ids": (tenant_id,)}
    return given


class Caller:
    """The decisions of one client."""

    def __init__(self, routes: Routes, client: type, *, tenant_id: str | None = None) -> None:
        """``tenant_id`` is the tenant of calls that could name one and do not."""
        self.routes = routes
        self._client = client
        self._tenant_id = tenant_id
        self._origins = JobOrigins() if routes.job_types else None

    def call(
        self,
        rpc: str,
        given: Mapping[str, Any],
        timeout: Duration | None,
        files: list[tuple[str, bytes]] | None = None,
    ) -> PlannedCall:
        """The call for the arguments of a method.

        Raises InvalidRequest naming an argument, Unimplemented where the routes switch it off.
        """
        row = ROWS[rpc]
        try:
            limit = None if timeout is None else time_to_wait(timeout)
            if row.choice:
                _check_choice(rpc, given)
            if self._tenant_id is not None:
                given = _for_tenant(self._tenant_id, given, _arguments(self._client, rpc))
            request = self._request(row, given, files or ())
        except InvalidRequest as error:
            error.operation = rpc
            raise
        return PlannedCall(rpc, self._wire(row, given), request, limit)

    def _request(self, row: Row, given: Mapping[str, Any], files: Any) -> RestRequest:
        compiled = _arguments(self._client, row.rpc)
        body: dict[str, Any] = {}
        for name, value in given.items():
            rest, (encode, optional) = compiled[name]
            if value is None and optional:
                continue
            encoded = encode(value, name)
            if encoded is not None and encoded != []:
                body[rest] = encoded
        operation = row.operation or ROWS[row.emulated_by].operation
        assert operation is not None
        path: dict[str, Any] = {}
        for name in operation.keys:
            path[name] = body.pop(name)
        for name, members in row.inside.items():
            body[name] = {member: body.pop(member) for member in members}
        body.update(row.always)
        return RestRequest(operation, path, body, files)

    def _wire(self, row: Row, given: Mapping[str, Any]) -> str:
        wire = self.routes.of(row.rpc)
        if self._origins is not None and row.jobs == "brings":
            wire = self.routes.of(row.rpc, given["type"])
        elif self._origins is not None and row.jobs == "answers":
            wire = self._origins.answering(int(given["job_key"])) or wire
        if wire == OFF:
            raise Unimplemented(f"switched off by the routes ({self.routes})", operation=row.rpc, sent=False)
        return wire

    def job(self, given: ActivatedJob | Mapping[str, Any], wire: str) -> ActivatedJob:
        """An activated job, as gRPC gives it or as JSON.

        The wire that brought it is noted where that decides on which one it is answered.
        """
        job = given if isinstance(given, ActivatedJob) else job_of(given)
        if self._origins is not None:
            self._origins.brought((int(job.job_key),), wire)
        return job

    def refuse_when(self, closed: bool, rpc: str) -> None:
        """Raises InvalidRequest on a closed client."""
        if closed:
            raise InvalidRequest("this client is closed; make a new one", operation=rpc)
