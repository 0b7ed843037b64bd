"""What the operations of the REST API do: those that have a twin among the RPCs, read by the
bridge's table in reverse, and those that only REST has.

    REST request ──► request message ──► Service ──► answer message ──► JSON of the dialect

The routes are the operations of the table. What an operation checks first is in ``rest_checks``,
how lines of the gateway differ in ``rest_dialects``.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from bridge._table.mapping import ROWS, Row, rows_of
from bridge._table.transcode import exchange
from camunda_core import errors
from camunda_embedded._clock import Clock
from camunda_embedded._engine.state import TENANT
from camunda_embedded._servers.rest import ad_hoc
from camunda_embedded._servers.rest.asking import Asking
from camunda_embedded._servers.rest.batches import Batches
from camunda_embedded._servers.rest.checks import null_problem, tenant_problem, violations
from camunda_embedded._servers.rest.dialects import Dialect
from camunda_embedded._servers.rest.documents import Documents
from camunda_embedded._servers.rest.extras import Extras
from camunda_embedded._servers.rest.identity import Identity
from camunda_embedded._servers.rest.job_statistics import JobStatistics
from camunda_embedded._servers.rest.problems import Problem
from camunda_embedded._servers.rest.reading import owners
from camunda_embedded._servers.rest.routes import Request, Route
from camunda_embedded._servers.rest.statistics import Statistics
from camunda_embedded._servers.rest.user_tasks import PATHS, UserTaskOperations
from camunda_embedded._service import Service
from camunda_embedded._views.views import views_of
from camunda_rest.api.answers import ANSWERS

__all__ = ["Operations"]

#: Operations that take an id or a key: with an empty id, the key is one that nothing has.
_ID_OR_KEY = {
    "createProcessInstance": ("processDefinitionId", "processDefinitionKey"),
    "evaluateDecision": ("decisionDefinitionId", "decisionDefinitionKey"),
}
#: The property that the reading of a request complains about.
_PLACE = re.compile(r"(?:\w+: )?([\w.\[\]]+): ")


class Operations:
    """All operations, on a ``Service``; ``clock`` is what those of the clock move.

    ``answer_seconds``  the server gives up on an answer after so many; what it waited for goes on
    """

    def __init__(self, service: Service, clock: Clock, dialect: Dialect, *, answer_seconds: float) -> None:
        self._service = service
        self._clock = clock
        self._dialect = dialect
        self._answer_seconds = answer_seconds
        self._waiting: set[asyncio.Task[Any]] = set()
        self._user_tasks = UserTaskOperations(service, dialect)
        self.routes: Sequence[Route] = (*self._routes_of_table(), *self._routes_of_rest())
        if dialect.version >= (8, 8):
            store = views_of(service.engines)
            asking, version = Asking(store, dialect), dialect.version
            identity = Identity(asking, version, service.engine.kernel.next_key)
            rooms = (
                asking,
                Extras(asking, store, service, version),
                Documents(asking, version),
                Batches(store, service, version),
                Statistics(asking, store, version),
                JobStatistics(asking, store, version),
                identity,
            )
            self.routes = (*self.routes, *(route for room in rooms for route in room.routes()))

    def stop(self) -> None:
        """Ends what waits."""
        for task in tuple(self._waiting):
            task.cancel()

    # --- operations of the table ---

    def _routes_of_table(self) -> list[Route]:
        # An operation that is newer than this line is unknown to it; the next line says
        # by name what it lacks.
        return [
            # The most demanding RPC first; of RPCs that demand the same, the one that leaves out
            # least of the answer.
            Route(op.id, op.method, op.path, op.body, self._carry_out,
                  tuple(sorted(rows_of(op), key=lambda row: (-len(row.always), len(row.beyond)))))
            for op in dict.fromkeys(row.operation for row in ROWS.values())
            if op is not None and (op.since <= self._dialect.version or not self._dialect.lenient)
        ]  # fmt: skip

    async def _carry_out(self, request: Request) -> dict[str, Any] | None:
        row, messages = self._messages(request)
        if row.rpc == "ActivateJobs":
            return await self._activate(messages[row.rpc])
        if row.inside:
            self._update_job(messages)
            return None
        if row.rpc == "CreateProcessInstanceWithResult":
            answer = await self._create_with_result(messages[row.rpc])
        else:
            answer = await self._service.answer(row.rpc, messages[row.rpc])
        published = self._dialect.published and request.route.id in ANSWERS
        if row.operation is None or not (row.operation.answers or published):
            return None
        return self._dialect.answer(row.rpc, request.route.id, exchange(row.rpc).answer_to_rest(answer))

    def _is_known(self, rpc: str) -> bool:
        return rpc in self._service.handled or rpc in ("ActivateJobs", "CreateProcessInstanceWithResult")

    def _messages(self, request: Request) -> tuple[Row, dict[str, Any]]:
        """The RPCs that a request stands for, each with its message, and the first one's row;
        Problem when it is refused.
        """
        route, body, dialect = request.route, request.body, self._dialect
        self._drop_newer(route, body)
        rows = [row for row in route.rows if _asks_for(body, row)]
        rows = rows if any(row.inside for row in rows) else rows[:1]
        for row in rows:
            readable = all(isinstance(body[name], Mapping) for name in row.inside)
            if readable and not self._is_known(row.rpc):
                raise errors.Unimplemented(f"{row.rpc} is not supported by the embedded gateway")
        messages, unreadable = {}, ""
        try:
            for row in rows:
                own = _share_of(body, row, rows)
                identity, key = _ID_OR_KEY.get(route.id, ("", ""))
                if own.get(identity) == "" and not own.get(key):
                    own[key] = -1
                files = tuple(request.files.items())
                messages[row.rpc] = exchange(row.rpc).from_rest(
                    request.path, own, files, lenient=dialect.lenient
                )
        except errors.InvalidRequest as error:
            unreadable = error.message
        self._check(route, body, unreadable)
        return rows[0], messages

    def _drop_newer(self, route: Route, body: dict[str, Any]) -> None:
        """Takes properties that came after this line out of the body, or refuses them."""
        rows, dialect = route.rows, self._dialect
        for place, since in rows[0].operation.newer.items() if rows and rows[0].operation else ():
            found = list(owners(body, place))
            if since <= dialect.version or all(owner.get(name) is None for owner, name in found):
                continue
            if dialect.lenient:
                for owner, name in found:
                    owner.pop(name, None)
            else:
                raise Problem(400, "Bad Request", f"Request property [{place}] cannot be parsed")

    def _check(self, route: Route, body: Mapping[str, Any], unreadable: str = "") -> None:
        """Raises what is wrong with a body; ``unreadable`` says that it could not be read at all."""
        dialect = self._dialect
        grants = self._service.grants if self._service.tenanted else None
        wrong, foreign = tenant_problem(dialect.tenants, route.id, body, grants)
        wrong = wrong or violations(dialect.checks, route.id, body)
        if unreadable and (dialect.lenient or not wrong):
            place = None if dialect.lenient else _PLACE.match(unreadable)
            text = f"Request property [{place[1]}] cannot be parsed" if place else "Failed to read request"
            raise Problem(400, "Bad Request", text)
        if foreign:
            raise Problem(401, "UNAUTHORIZED", wrong) if dialect.lenient else Problem(403, "FORBIDDEN", wrong)
        if wrong:
            raise Problem(400, "INVALID_ARGUMENT", wrong)
        if dialect.lenient and (stumbled := null_problem(route.id, body)):
            raise Problem(400, "Bad Request", stumbled)

    async def _activate(self, message: Any) -> dict[str, Any]:
        service = self._service
        activate = service.activate_unchecked if self._dialect.lenient else service.activate_jobs
        answer = await self._bounded(activate(message))
        found = exchange("ActivateJobs").messages_to_rest([answer] if answer else [])
        for job in found.get("jobs", ()) if self._dialect.published else ():
            job |= self._service.job_facts(int(job["jobKey"]))  # which only REST has
        return self._dialect.answer("ActivateJobs", "activateJobs", found)

    async def _create_with_result(self, message: Any) -> Any:
        if not self._dialect.waits:
            message.requestTimeout = 0
        return await self._bounded(self._service.create_with_result(message))

    def _update_job(self, messages: Mapping[str, Any]) -> None:
        retries, timeout = messages.get("UpdateJobRetries"), messages.get("UpdateJobTimeout")
        priority = messages.get("UpdateJobPriority")
        self._service.update_job(
            next(iter(messages.values())).jobKey,
            None if retries is None else retries.retries,
            None if timeout is None else timeout.timeout,
            None if priority is None else priority.priority,
        )

    async def _bounded(self, work: Coroutine[Any, Any, Any]) -> Any:
        """The result of something that waits. When the server gives up on the answer, it goes on,
        as it does when the client leaves: a job that it gets then is locked for nobody.
        """
        task = asyncio.ensure_future(work)
        self._waiting.add(task)
        task.add_done_callback(self._ended)
        done, _ = await asyncio.wait({task}, timeout=self._answer_seconds)
        if not done or task.cancelled():
            raise Problem(503, "Service Unavailable")
        return task.result()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._waiting.discard(task)
        if not task.cancelled():
            task.exception()  # asked for here, since nobody else may be left to do so

    # --- operations that only REST has ---

    def _routes_of_rest(self) -> list[Route]:
        routes = [
            Route("correlateMessage", "POST", "/messages/correlation", "json", self._correlate),
            Route("pinClock", "PUT", "/clock", "json", self._pin_clock),
            Route("resetClock", "POST", "/clock/reset", "none", self._reset_clock),
        ]
        routes += [Route(id_, *place, self._change_user_task) for id_, place in PATHS.items()]
        if self._dialect.version >= (8, 8):
            routes.append(Route("getStatus", "GET", "/status", "none", self._status))
            routes.append(Route("activateAdHocSubProcessActivities", *ad_hoc.PLACE, self._activate_ad_hoc))
        return routes

    async def _activate_ad_hoc(self, request: Request) -> None:
        await ad_hoc.activate(self._service, request.path["adHocSubProcessInstanceKey"], request.body)

    async def _change_user_task(self, request: Request) -> None:
        await self._user_tasks.carry_out(request.route.id, request.path["userTaskKey"], request.body)

    async def _correlate(self, request: Request) -> dict[str, Any]:
        body, unreadable, message = request.body, "", None
        shared = ("name", "correlationKey", "variables", "tenantId")
        known: dict[str, Any] = {name: body[name] for name in shared if name in body}
        try:
            if not self._dialect.lenient and (unknown := sorted(body.keys() - known.keys())):
                raise errors.InvalidRequest(f"{unknown[0]}: is unknown")
            # What a correlation and a publication have in common, they call by the same names.
            message = exchange("PublishMessage").from_rest({}, known, lenient=self._dialect.lenient)
        except errors.InvalidRequest as error:
            unreadable = error.message
        self._check(request.route, body, unreadable)
        assert message is not None
        message_key, instance_key = self._service.correlate_message(
            message.name, message.correlationKey, message.variables, message.tenantId
        )
        await self._service.settled()
        write = self._dialect.key
        return {
            "messageKey": write(str(message_key)),
            "tenantId": message.tenantId or TENANT,
            "processInstanceKey": write(str(instance_key)),
        }

    async def _pin_clock(self, request: Request) -> None:
        value, unreadable = request.body.get("timestamp"), ""
        if (
            self._dialect.lenient
            and isinstance(value, (str, float))
            and re.fullmatch(r"-?\d{1,19}(\.\d*)?", str(value))
        ):
            value = int(float(value))
        if value is not None and type(value) is not int:
            unreadable = "timestamp: is no integer"
        self._check(request.route, request.body, unreadable)
        try:
            self._clock.pin(int(value or 0), backwards=True)
        except ValueError as error:
            raise Problem(400, "INVALID_ARGUMENT", f"Expected to pin the clock, but {error}") from None
        await self._service.settled_due()

    async def _reset_clock(self, _: Request) -> None:
        self._clock.reset()
        await self._service.settled_due()

    async def _status(self, _: Request) -> None:
        return None


def _asks_for(body: Mapping[str, Any], row: Row) -> bool:
    """Whether a body is a request of that RPC, of all that share the operation."""
    if any(body.get(name) not in (value, str(value).lower()) for name, value in row.always.items()):
        return False
    for name, members in row.inside.items():
        inner = body.get(name)
        # What is no object is for the reading to refuse.
        if isinstance(inner, Mapping) and all(inner.get(member) is None for member in members):
            return False
        if inner is None:
            return False
    return True


def _share_of(body: Mapping[str, Any], row: Row, rows: Sequence[Row]) -> dict[str, Any]:
    """The body without what stands inside it for the other RPCs of the same request."""
    own = dict(body)
    for name in row.inside:
        inner = own.get(name)
        if isinstance(inner, Mapping):
            foreign = {member for other in rows if other is not row for member in other.inside[name]}
            own[name] = {member: value for member, value in inner.items() if member not in foreign}
    return own
