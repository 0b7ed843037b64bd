"""The other way: the twins of the RPCs over REST, in front of a gateway of gRPC, by the same table read backwards.

A request is read strictly, as a cluster of 8.8 reads it: what the RPC has no field for is refused by name.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import grpc.aio
from aiohttp import BodyPartReader, web

from bridge._table.mapping import ROWS, Row, rows_of
from bridge._table.transcode import exchange
from camunda_core.errors import CamundaError, InvalidArgument, InvalidRequest
from camunda_grpc import gateway_pb2_grpc
from camunda_proxy._headers import to_metadata
from camunda_proxy._limits import CALLS, POLLS, InFlight
from camunda_proxy._metrics import Metrics
from camunda_rest.operations import Operation

__all__ = ["RestDoor"]

log = logging.getLogger("camunda_proxy")

PREFIX = "/v2"
#: Codes of gRPC, and the titles that a cluster of 8.8 gives its problems: all the rest have that name there too.
_TITLES = {
    "DATA_LOSS": "UNKNOWN",
    "FAILED_PRECONDITION": "INVALID_STATE",
    "OUT_OF_RANGE": "INVALID_ARGUMENT",
    "PERMISSION_DENIED": "FORBIDDEN",
    "UNAUTHENTICATED": "Unauthorized",
    "UNIMPLEMENTED": "Not Implemented",
}
#: With these a proxy says that it got no answer.
_OF_PROXIES = frozenset({502, 503, 504})


class RestDoor:
    """The routes of the proxy's REST door; every call goes to a stub of the cluster's gateway."""

    def __init__(
        self,
        channel: grpc.aio.Channel,
        in_flight: InFlight,
        metrics: Metrics,
        *,
        own_credentials: bool,
    ) -> None:
        self._stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        self._in_flight = in_flight
        self._metrics = metrics
        self._own_credentials = own_credentials

    def routes(self) -> list[web.RouteDef]:
        """A route for each operation that has an RPC, and one that says what has none."""
        operations = dict.fromkeys(row.operation for row in ROWS.values() if row.operation is not None)
        made = [
            web.route(each.method, PREFIX + each.path, self._handler(each, _by_demand(rows_of(each))))
            for each in operations
        ]
        return [*made, web.route("*", "/{path:.*}", _absent)]

    def _handler(self, operation: Operation, rows: tuple[Row, ...]) -> Callable[[web.Request], Any]:
        kind = POLLS if any(row.messages for row in rows) else CALLS

        async def handle(request: web.Request) -> web.StreamResponse:
            code = "CANCELLED"
            try:
                with self._in_flight.one(kind):
                    answer = await self._carry_out(operation, rows, request)
                code = "OK"
                return answer
            except CamundaError as error:
                code = error.grpc_code
                return _problem(error, request)
            except web.HTTPException:
                code = "INVALID_ARGUMENT"
                raise
            except asyncio.CancelledError:
                raise
            except Exception:
                code = "INTERNAL"
                log.exception("%s: a fault of the proxy", operation.id)
                return _refusal(500, "INTERNAL", "a fault of the proxy; its log says which", request)
            finally:
                self._metrics.calls.labels(operation.id, code).inc()

        return handle

    async def _carry_out(
        self, operation: Operation, rows: tuple[Row, ...], request: web.Request
    ) -> web.StreamResponse:
        body, files = await _read(operation, request)
        path = {name: unquote(value) for name, value in request.match_info.items()}
        messages = _messages(rows, path, body, files)
        metadata = to_metadata(request.headers, own_credentials=self._own_credentials)
        answer: Any = None
        for row, message in messages:
            method = getattr(self._stub, row.rpc)
            if row.messages:
                found = [each async for each in method(message, metadata=metadata)]
                answer = exchange(row.rpc).messages_to_rest(found)
            else:
                answer = exchange(row.rpc).answer_to_rest(await method(message, metadata=metadata))
        if not operation.answers:
            return web.Response(status=204)
        return web.json_response(answer)


def _by_demand(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The most demanding RPC first; of those that demand the same, the one that leaves out least of the answer."""
    return tuple(sorted(rows, key=lambda row: (-len(row.always), len(row.beyond))))


def _messages(
    rows: tuple[Row, ...],
    path: Mapping[str, str],
    body: dict[str, Any],
    files: list[tuple[str, bytes]],
) -> list[tuple[Row, Any]]:
    """The RPCs that a request stands for, with their messages: one, or those whose part of a changeset is there.

    Raises InvalidRequest naming what no RPC has a field for.
    """
    asked = [row for row in rows if all(body.get(name) == value for name, value in row.always.items())]
    inside = [row for row in asked if row.inside]
    if not inside:
        (row, *_) = [row for row in asked if not row.emulated]
        return [(row, exchange(row.rpc).from_rest(path, body, files))]
    (place,) = {name for row in inside for name in row.inside}
    given = body.get(place)
    if not isinstance(given, dict):
        raise InvalidRequest(f"{place}: must be an object")
    made = []
    left = {name for name, value in given.items() if value is not None}
    for row in inside:
        own = {name: given[name] for name in row.inside[place] if given.get(name) is not None}
        if own:
            left -= own.keys()
            made.append((row, exchange(row.rpc).from_rest(path, {**body, place: own})))
    if left or not made:
        raise InvalidRequest(f"{place}: {', '.join(sorted(left)) or 'nothing'} can be updated over gRPC")
    return made


async def _read(operation: Operation, request: web.Request) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
    if operation.body == "none":
        return {}, []
    if operation.body == "multipart":
        return await _read_parts(request)
    text = await request.read()
    if not text.strip():
        return {}, []
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidArgument(f"the body is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise InvalidArgument("the body is no JSON object")
    return {name: value for name, value in found.items() if value is not None}, []


async def _read_parts(request: web.Request) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
    if not request.content_type.startswith("multipart/"):
        raise InvalidArgument(f"the body must be multipart/form-data, not {request.content_type}")
    body: dict[str, Any] = {}
    files: list[tuple[str, bytes]] = []
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise InvalidArgument("a part of the body has parts itself")
            content = bytes(await part.read())
            if part.filename is not None:
                files.append((part.filename, content))
            elif part.name:
                body[part.name] = content.decode("utf-8")
    except (ValueError, AssertionError) as error:
        raise InvalidArgument(f"the body cannot be read: {error}") from None
    return body, files


async def _absent(request: web.Request) -> web.Response:
    return _refusal(
        404,
        "NOT_FOUND",
        f"{request.method} {request.path}: the cluster is reached over gRPC, which has no such operation",
        request,
    )


def _problem(error: CamundaError, request: web.Request) -> web.Response:
    status = 400 if isinstance(error, InvalidRequest) else error.http_status
    title = _TITLES.get(error.grpc_code, error.grpc_code)
    if error.sent and not error.answered and status in _OF_PROXIES:
        # The gateway has not said so: nobody knows whether it did what was asked, and the title that
        # it would give tells clients that it did not, and to ask again.
        title = HTTPStatus(status).phrase
    return _refusal(status, title, error.message, request)


def _refusal(status: int, title: str, detail: str, request: web.Request) -> web.Response:
    document = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path,
    }
    return web.json_response(document, status=status, content_type="application/problem+json")
