"""The REST server: an HTTP server for the operations, as the real gateway's web server treats
requests and words refusals.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import Any

from aiohttp import web

from camunda_core import errors
from camunda_embedded._callers import admit
from camunda_embedded._clock import Clock
from camunda_embedded._limits import CONNECTION_SECONDS, MAX_MESSAGE, MAX_READ
from camunda_embedded._servers.rest.absent import absent_methods
from camunda_embedded._servers.rest.connections import Server
from camunda_embedded._servers.rest.dialects import DIALECTS, Dialect
from camunda_embedded._servers.rest.operations import Operations
from camunda_embedded._servers.rest.problems import CLOSING, PROBLEM, Problem, problem_of, unknown_route
from camunda_embedded._servers.rest.reading import accepts, media_type, parse_json, parse_key, parse_parts
from camunda_embedded._servers.rest.routes import PREFIX, Answer, Part, Request, Route
from camunda_embedded._service import Service
from camunda_embedded._tokens import Refused, TokenCheck

__all__ = ["RestServer"]

#: The server gives up on an answer after so many seconds; what it waited for goes on.
ANSWER_SECONDS = 30.0
#: What the contract lets everybody ask: their operations know no 401.
_OPEN = frozenset({f"{PREFIX}/status", f"{PREFIX}/license"})
_PHYSICAL = "/physical-tenants/default"
_JSON, _MULTIPART, _BINARY = "application/json", "multipart/form-data", "application/octet-stream"
_logger = logging.getLogger(__name__)


class RestServer:
    """Serves a ``Service`` on loopback; ``clock`` is what the operations of the clock move.

    With ``auth`` it serves those whose tokens that takes.
    """

    def __init__(
        self,
        service: Service,
        clock: Clock,
        line: str,
        *,
        auth: TokenCheck | None = None,
        answer_seconds: float = ANSWER_SECONDS,
        connection_seconds: float = CONNECTION_SECONDS,
    ) -> None:
        self._auth = auth
        self._connection_seconds = connection_seconds
        self._dialect: Dialect = DIALECTS[line]
        self._operations = Operations(service, clock, self._dialect, answer_seconds=answer_seconds)
        self._served = {(route.method, route.path) for route in self._operations.routes}
        self._runner: web.ServerRunner | None = None

    async def start(self, port: int, host: str = "127.0.0.1") -> int:
        """Opens the port (0: a free one) and returns it; OSError when it cannot be had."""
        server = Server(self._serve, self._connection_seconds)
        self._runner = web.ServerRunner(server, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Ends open requests and closes the port."""
        self._operations.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # --- one request ---

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.rel_url.raw_path
        if self._dialect.version >= (8, 10) and path.startswith(f"{_PHYSICAL}{PREFIX}/"):
            path = path.removeprefix(_PHYSICAL)  # the one that there is
        try:
            if self._auth is not None and path not in _OPEN:
                await self._admit(self._auth, request)
            route, body = await self._answer(request, path)
            if isinstance(body, Answer):
                return _sent(body)
            found = body is not None or route.id in self._dialect.never_204
            return _response(200 if found else 204, body)
        except Problem as problem:
            return self._refusal(problem, path, request.headers.get("Accept", ""))
        except errors.CamundaError as error:
            return self._refusal(problem_of(error, self._dialect.line), path)
        except OSError:
            raise  # the client is gone
        except Exception as error:
            _logger.exception("%s %s", request.method, path)
            return self._refusal(Problem(500, "INTERNAL", f"Unexpected error: {error}"), path)

    @staticmethod
    async def _admit(auth: TokenCheck, request: web.BaseRequest) -> None:
        try:
            await admit(auth, request.headers.get("Authorization"))
        except Refused as refused:
            raise Problem(401, "Unauthorized", str(refused)) from None
        except errors.Unavailable as error:
            raise Problem(503, "Service Unavailable", error.message) from None

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

    async def _answer(
        self, request: web.BaseRequest, path: str
    ) -> tuple[Route, dict[str, Any] | Answer | None]:
        route, captured = self._find(request.method, path)
        content_type = request.headers.get("Content-Type", "")
        self._check_media_types(route, request, content_type)
        keys = {n: text if n in route.texts else parse_key(n, text) for n, text in captured.items()}
        query = dict(request.rel_url.query)
        try:
            data = await asyncio.wait_for(_read(request), self._connection_seconds)
        except asyncio.TimeoutError:
            raise Problem(408, "Request Timeout", "The body of the request did not arrive in time.") from None
        if route.body == "multipart" and not route.rows:
            parts = self._parts(data, content_type)
            return route, await route.handle(Request(route, keys, {}, query=query, parts=parts))
        if route.body == "multipart":
            body, files = self._multipart(data, content_type)
            return route, await route.handle(Request(route, keys, body, files))
        if len(data) > MAX_MESSAGE:
            raise self._too_large()
        return route, await route.handle(Request(route, keys, self._json(route, data), query=query))

    def _find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        path = re.sub("/{2,}", "/", re.sub(";[^/]*", "", path))
        found = [
            (route, names) for route in self._operations.routes if (names := route.match(path)) is not None
        ]
        for route, names in found:
            if route.method == method or (method == "HEAD" and route.method == "GET"):
                return route, names
        absent = (
            absent_methods(self._dialect.version, path.removeprefix(PREFIX), self._served)
            if path.startswith(PREFIX)
            else set()
        )
        if method in absent:
            raise errors.Unimplemented(f"{method} {path} is not supported by the embedded gateway")
        line, known = self._dialect.line, {route.method for route, _ in found} | absent
        if not known:
            raise unknown_route(line, 404, f"No endpoint {method} {path}.")
        allowed = ", ".join(sorted(known))
        raise unknown_route(line, 405, f"Method '{method}' is not supported.", Allow=allowed)

    def _check_media_types(self, route: Route, request: web.BaseRequest, content_type: str) -> None:
        line = self._dialect.line
        if route.body != "none":
            wanted = _MULTIPART if route.body == "multipart" else _JSON
            absent = self._may_lack(route) and not content_type and not request.body_exists
            if media_type(content_type) != wanted and not absent:
                text = f"Content-Type '{content_type}' is not supported."
                raise unknown_route(line, 415, text, Accept=wanted)
        # A client that asks for JSON and for problems alone takes XML too.
        plain = route.body == "none" and route.media == _JSON
        offered = [route.media] if plain else [route.media, PROBLEM]
        # What is binary here has a media type of its own, whatever was asked for.
        if route.media != _BINARY and not accepts(request.headers.get("Accept", ""), offered):
            text = f"Acceptable representations: [{', '.join(offered)}]."
            raise unknown_route(line, 406, text, Accept=", ".join(offered))

    def _may_lack(self, route: Route) -> bool:
        """Whether the body of an operation may be left out."""
        return route.optional or route.id in self._dialect.optional

    def _json(self, route: Route, data: bytes) -> dict[str, Any]:
        if route.body == "none" or route.id in self._dialect.unread:
            return {}
        body = None
        if data:
            try:
                body = parse_json(data)
            except ValueError:
                raise Problem(400, "Bad Request", "Failed to read request") from None
        if body is None and not self._may_lack(route):
            raise Problem(400, "Bad Request", "Required request body is missing")
        return body or {}

    def _too_large(self) -> Problem:
        text = "code: MALFORMED_REQUEST, message: Request size is above configured maxMessageSize."
        if self._dialect.line == "8.6":
            return Problem(500, "MALFORMED_REQUEST", f"Received an unexpected error from the broker, {text}")
        return Problem(400, "INVALID_ARGUMENT", "Request size is above configured maxMessageSize.")

    @staticmethod
    def _parts(data: bytes, content_type: str) -> list[Part]:
        if len(data) > MAX_MESSAGE:
            raise Problem(413)
        try:
            return [Part(*part) for part in parse_parts(data, content_type)]
        except ValueError:
            raise Problem(400, "Bad Request", "Failed to parse multipart servlet request") from None

    def _multipart(self, data: bytes, content_type: str) -> tuple[dict[str, Any], dict[str, bytes]]:
        if len(data) > MAX_MESSAGE:
            raise Problem(413)
        body: dict[str, Any] = {}
        files: dict[str, bytes] = {}
        try:
            for name, filename, _, content in parse_parts(data, content_type):
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


def _sent(answer: Answer) -> web.Response:
    if answer.body is None or isinstance(answer.body, bytes):
        headers = {"Content-Type": answer.media} if answer.body is not None else {}
        return web.Response(status=answer.status, body=answer.body, headers={**headers, **answer.headers})
    response = _response(answer.status, answer.body, answer.media)
    response.headers.update(answer.headers)
    return response


async def _read(request: web.BaseRequest) -> bytes:
    chunks, size = [], 0
    while chunk := await request.content.readany():
        size += len(chunk)
        if size > MAX_READ:
            raise Problem(413)
        chunks.append(chunk)
    return b"".join(chunks)


def _response(status: int, body: Any, kind: str = _JSON) -> web.Response:
    if body is None:
        return web.Response(status=status)
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    # Half of a character, which JSON can spell and UTF-8 cannot, becomes "?", as Java writes it.
    return web.Response(status=status, body=text.encode("utf-8", "replace"), headers={"Content-Type": kind})
