"""The REST door: the operations of ``/v2`` that have a twin among the RPCs, read by the bridge's table in reverse.

    HTTP request ──► route of the table ──► request message ──► Service ──► answer message ──► JSON of the dialect

The routes are the operations of the table; what an operation has to check first is in ``rest_checks``, how lines of the gateway
differ in ``rest_dialects``. Operations that only REST has (clock, message correlation, status) are at the end.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from bridge.mapping import ROWS, Row
from bridge.transcode import exchange
from camunda_core import errors
from camunda_embedded.clock import Clock
from camunda_embedded.engine.state import TENANT
from camunda_embedded.rest_checks import null_problem, tenant_problem, violations
from camunda_embedded.rest_dialects import DIALECTS, Dialect
from camunda_embedded.rest_problems import CLOSING, PROBLEM, Problem, problem_of, unknown_route
from camunda_embedded.rest_reading import accepts, media_type, parse_json, parse_key, parse_parts
from camunda_embedded.service import Service

__all__ = ["RestDoor"]

#: The server gives up on an answer after so many seconds; what it waited for goes on.
ANSWER_SECONDS = 30.0
#: Requests above these many bytes are refused.
MAX_BODY = 4 * 1024 * 1024
_MAX_READ = 64 * 1024 * 1024
_JSON, _MULTIPART = "application/json", "multipart/form-data"
#: Operations whose body may be left out, Content-Type and all.
_OPTIONAL = frozenset({"completeJob", "failJob", "cancelProcessInstance", "deleteResource"})
#: Operations that take an id or a key: with an empty id, the key is one that nothing has.
_ID_OR_KEY = {
    "createProcessInstance": ("processDefinitionId", "processDefinitionKey"),
    "evaluateDecision": ("decisionDefinitionId", "decisionDefinitionKey"),
}
_PREFIX = "/v2"
#: The property that the reading of a request complains about.
_PLACE = re.compile(r"(?:\w+: )?([\w.\[\]]+): ")
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Request:
    """A request that has found its route. ``files`` holds the last one of each name."""

    route: _Route
    path: Mapping[str, int]
    body: dict[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)


Handle = Callable[[_Request], Awaitable["dict[str, Any] | None"]]


@dataclass(frozen=True)
class _Route:
    """An operation: where it is, what it takes ("json", "multipart" or "none"), and what carries it out."""

    id: str
    method: str
    path: str
    body: str
    handle: Handle
    rows: tuple[Row, ...] = ()

    def match(self, path: str) -> dict[str, str] | None:
        """The parts of the path that stand for the names in braces; None when it is another path."""
        wanted, given = (_PREFIX + self.path).split("/"), path.split("/")
        if len(wanted) != len(given):
            return None
        found = {}
        for name, part in zip(wanted, given, strict=True):
            if name.startswith("{"):
                found[name[1:-1]] = unquote(part)
            elif name != part:
                return None
        return None if "" in found.values() else found


class RestDoor:
    """Serves a ``Service`` on loopback; ``clock`` is what the operations of the clock move."""

    def __init__(
        self, service: Service, clock: Clock, line: str, *, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self._service = service
        self._clock = clock
        self._dialect: Dialect = DIALECTS[line]
        self._answer_seconds = answer_seconds
        self._waiting: set[asyncio.Task[Any]] = set()
        self._runner: web.ServerRunner | None = None
        self._routes = [*self._routes_of_table(), *self._routes_of_rest()]

    async def start(self, port: int, host: str = "127.0.0.1") -> int:
        """Opens the port (0: a free one) and returns it; OSError when it cannot be had."""
        self._runner = web.ServerRunner(
            web.Server(self._serve, access_log=None, keepalive_timeout=60.0), shutdown_timeout=1.0
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Ends open requests and closes the port."""
        for task in tuple(self._waiting):
            task.cancel()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # --- one request ---

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.rel_url.raw_path
        try:
            body = await self._answer(request, path)
            return _response(200 if body is not None else 204, body)
        except Problem as problem:
            return self._refusal(problem, path, request.headers.get("Accept", ""))
        except errors.CamundaError as error:
            return self._refusal(problem_of(error, self._dialect.line), path)
        except OSError:
            raise  # the client is gone
        except Exception as error:
            _logger.exception("%s %s", request.method, path)
            return self._refusal(Problem(500, "INTERNAL", f"Unexpected error: {error}"), path)

    def _refusal(self, problem: Problem, path: str, accept: str = "") -> web.Response:
        kind = PROBLEM
        if problem.plain:
            # The web server answers in the media type that was asked for, if that is JSON at all.
            kind = _JSON if accepts(accept, [_JSON]) else media_type(accept)
        body = None if problem.status == 413 or not kind.endswith("json") else problem.body(path)
        response = _response(problem.status, body, kind)
        response.headers.update(problem.headers)
        if problem.status in CLOSING:
            response.force_close()
        return response

    async def _answer(self, request: web.BaseRequest, path: str) -> dict[str, Any] | None:
        route, captured = self._find(request.method, path)
        content_type = request.headers.get("Content-Type", "")
        self._check_media_types(route, request, content_type)
        keys = {name: parse_key(name, text) for name, text in captured.items()}
        data = await _read(request)
        if route.body == "multipart":
            body, files = self._multipart(data, content_type)
            return await route.handle(_Request(route, keys, body, files))
        if len(data) > MAX_BODY:
            raise self._too_large()
        return await route.handle(_Request(route, keys, self._json(route, data)))

    def _find(self, method: str, path: str) -> tuple[_Route, dict[str, str]]:
        path = re.sub("/{2,}", "/", re.sub(";[^/]*", "", path))
        found = [(route, names) for route in self._routes if (names := route.match(path)) is not None]
        for route, names in found:
            if route.method == method or (method == "HEAD" and route.method == "GET"):
                return route, names
        line = self._dialect.line
        if not found:
            raise unknown_route(line, 404, f"No endpoint {method} {path}.")
        allowed = ", ".join(sorted(route.method for route, _ in found))
        raise unknown_route(line, 405, f"Method '{method}' is not supported.", Allow=allowed)

    def _check_media_types(self, route: _Route, request: web.BaseRequest, content_type: str) -> None:
        line = self._dialect.line
        if route.body != "none":
            wanted = _MULTIPART if route.body == "multipart" else _JSON
            absent = route.id in _OPTIONAL and not content_type and not request.body_exists
            if media_type(content_type) != wanted and not absent:
                text = f"Content-Type '{content_type}' is not supported."
                raise unknown_route(line, 415, text, Accept=wanted)
        offered = [_JSON] if route.body == "none" else [_JSON, PROBLEM]
        if not accepts(request.headers.get("Accept", ""), offered):
            text = f"Acceptable representations: [{', '.join(offered)}]."
            raise unknown_route(line, 406, text, Accept=", ".join(offered))

    def _json(self, route: _Route, data: bytes) -> dict[str, Any]:
        if route.body == "none" or (self._dialect.lenient and route.id == "resolveIncident"):
            return {}
        body = None
        if data:
            try:
                body = parse_json(data)
            except ValueError:
                raise Problem(400, "Bad Request", "Failed to read request") from None
        if body is None and route.id not in _OPTIONAL and route.id != "resolveIncident":
            raise Problem(400, "Bad Request", "Required request body is missing")
        return body or {}

    def _too_large(self) -> Problem:
        text = "code: MALFORMED_REQUEST, message: Request size is above configured maxMessageSize."
        if self._dialect.line == "8.6":
            return Problem(500, "MALFORMED_REQUEST", f"Received an unexpected error from the broker, {text}")
        return Problem(400, "INVALID_ARGUMENT", "Request size is above configured maxMessageSize.")

    def _multipart(self, data: bytes, content_type: str) -> tuple[dict[str, Any], dict[str, bytes]]:
        if len(data) > MAX_BODY:
            raise Problem(413)
        body: dict[str, Any] = {}
        files: dict[str, bytes] = {}
        try:
            for name, filename, content in parse_parts(data, content_type):
                if name == "resources" and filename is not None:
                    files[filename] = content
                elif name == "tenantId":
                    body[name] = content.decode("utf-8", "replace")
        except ValueError:
            text = "Failed to parse multipart servlet request"
            if not self._dialect.lenient:
                raise Problem(400, "Bad Request", text) from None
            text = f"Request processing failed: org.springframework.web.multipart.MultipartException: {text}"
            raise Problem(500, "Filter issue", text) from None
        if not files:
            raise Problem(400, "Bad Request", "Required part 'resources' is not present.")
        return body, files

    # --- operations of the table ---

    def _routes_of_table(self) -> list[_Route]:
        rows: dict[Any, list[Row]] = {}
        for row in ROWS.values():
            if row.operation is not None:
                rows.setdefault(row.operation, []).append(row)
        # An operation that is newer than this line is unknown to it; the next line says by name what it lacks.
        return [
            # The most demanding RPC first; of RPCs that demand the same, the one that leaves out least of the answer.
            _Route(op.id, op.method, op.path, op.body, self._carry_out,
                   tuple(sorted(shared, key=lambda row: (-len(row.always), len(row.beyond)))))
            for op, shared in rows.items()
            if op.since <= self._dialect.version or not self._dialect.lenient
        ]  # fmt: skip

    async def _carry_out(self, request: _Request) -> dict[str, Any] | None:
        row, messages = self._messages(request)
        if row.rpc == "ActivateJobs":
            return await self._activate(messages[row.rpc])
        if row.inside:
            self._update_job(messages)
            return None
        if row.rpc == "CreateProcessInstanceWithResult":
            answer = await self._create_with_result(messages[row.rpc])
        else:
            answer = self._service.handle(row.rpc, messages[row.rpc])
        if row.operation is None or not row.operation.answers:
            return None
        return self._dialect.answer(row.rpc, exchange(row.rpc).answer_to_rest(answer))

    def _is_known(self, rpc: str) -> bool:
        return rpc in self._service.handled or rpc in ("ActivateJobs", "CreateProcessInstanceWithResult")

    def _messages(self, request: _Request) -> tuple[Row, dict[str, Any]]:
        """The RPCs that a request stands for, each with its message, and the first one's row; Problem when it is refused."""
        route, dialect = request.route, self._dialect
        body = self._without_newer(route, request.body)
        rows = [row for row in route.rows if _asks_for(body, row)]
        rows = rows if any(row.inside for row in rows) else rows[:1]
        for row in rows:
            if not self._is_known(row.rpc):
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
        for name in dialect.unsupported.get(route.id, ()):
            if body.get(name):
                raise errors.Unimplemented(f"{name} is not supported by the embedded gateway")
        return rows[0], messages

    def _without_newer(self, route: _Route, body: dict[str, Any]) -> dict[str, Any]:
        """The body without properties that came after this line, or their refusal."""
        rows, dialect = route.rows, self._dialect
        for place, since in rows[0].operation.newer.items() if rows and rows[0].operation else ():
            if since <= dialect.version or not _holds(body, place):
                continue
            if dialect.lenient:
                body = _without(body, place)
            elif not any(place.partition(".")[0] in row.inside for row in rows):
                raise Problem(400, "Bad Request", f"Request property [{place}] cannot be parsed")
        return body

    def _check(self, route: _Route, body: Mapping[str, Any], unreadable: str = "") -> None:
        """Raises what is wrong with a body; ``unreadable`` says that it could not be read at all."""
        dialect = self._dialect
        wrong = tenant_problem(dialect.tenants, route.id, body) or violations(dialect.checks, route.id, body)
        if unreadable and (dialect.lenient or not wrong):
            place = None if dialect.lenient else _PLACE.match(unreadable)
            text = f"Request property [{place[1]}] cannot be parsed" if place else "Failed to read request"
            raise Problem(400, "Bad Request", text)
        if wrong:
            raise Problem(400, "INVALID_ARGUMENT", wrong)
        if dialect.lenient and (stumbled := null_problem(route.id, body)):
            raise Problem(400, "Bad Request", stumbled)

    async def _activate(self, message: Any) -> dict[str, Any]:
        if self._dialect.lenient:
            del message.tenantIds[:]  # not even looked at
        answer = await self._bounded(self._service.activate_jobs(message))
        of = exchange("ActivateJobs")
        return self._dialect.answer("ActivateJobs", of.messages_to_rest([answer] if answer else []))

    async def _create_with_result(self, message: Any) -> Any:
        if not self._dialect.waits:
            message.requestTimeout = 0
        return await self._bounded(self._service.create_with_result(message))

    def _update_job(self, messages: Mapping[str, Any]) -> None:
        retries, timeout = messages.get("UpdateJobRetries"), messages.get("UpdateJobTimeout")
        self._service.update_job(
            next(iter(messages.values())).jobKey,
            None if retries is None else retries.retries,
            None if timeout is None else timeout.timeout,
        )

    async def _bounded(self, work: Coroutine[Any, Any, Any]) -> Any:
        """The result of something that waits. When the server gives up on the answer, it goes on, as it does when the
        client leaves: a job that it gets then is locked for nobody.
        """
        task = asyncio.ensure_future(work)
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)
        done, _ = await asyncio.wait({task}, timeout=self._answer_seconds)
        if not done or task.cancelled():
            raise Problem(503, "Service Unavailable")
        return task.result()

    # --- operations that only REST has ---

    def _routes_of_rest(self) -> list[_Route]:
        routes = [
            _Route("correlateMessage", "POST", "/messages/correlation", "json", self._correlate),
            _Route("pinClock", "PUT", "/clock", "json", self._pin_clock),
            _Route("resetClock", "POST", "/clock/reset", "none", self._reset_clock),
        ]
        if self._dialect.version >= (8, 8):
            routes.append(_Route("getStatus", "GET", "/status", "none", self._status))
        return routes

    async def _correlate(self, request: _Request) -> dict[str, Any]:
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
            message.name, message.correlationKey, message.variables
        )
        write = self._dialect.key
        return {
            "messageKey": write(str(message_key)),
            "tenantId": TENANT,
            "processInstanceKey": write(str(instance_key)),
        }

    async def _pin_clock(self, request: _Request) -> None:
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
            self._clock.pin(int(value or 0))
        except ValueError as error:
            raise Problem(400, "INVALID_ARGUMENT", f"Expected to pin the clock, but {error}") from None

    async def _reset_clock(self, _: _Request) -> None:
        self._clock.release()

    async def _status(self, _: _Request) -> None:
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


def _holds(body: Any, place: str) -> bool:
    name, _, rest = place.partition(".")
    value = body.get(name.removesuffix("[]")) if isinstance(body, Mapping) else None
    if not rest or value is None:
        return value is not None
    return any(_holds(item, rest) for item in (value if isinstance(value, list) else [value]))


def _without(body: Any, place: str) -> Any:
    name, _, rest = place.partition(".")
    name = name.removesuffix("[]")
    if isinstance(body, list):
        return [_without(item, place) for item in body]
    if not isinstance(body, Mapping) or name not in body:
        return body
    if rest:
        return {**body, name: _without(body[name], rest)}
    return {other: value for other, value in body.items() if other != name}


async def _read(request: web.BaseRequest) -> bytes:
    chunks, size = [], 0
    while chunk := await request.content.readany():
        size += len(chunk)
        if size > _MAX_READ:
            raise Problem(413)
        chunks.append(chunk)
    return b"".join(chunks)


def _response(status: int, body: dict[str, Any] | None, kind: str = _JSON) -> web.Response:
    if body is None:
        return web.Response(status=status)
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return web.Response(status=status, body=text.encode(), headers={"Content-Type": kind})
