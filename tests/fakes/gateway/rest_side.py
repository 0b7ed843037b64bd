"""The gateway's REST door: as much of HTTP/1.1 as clients need that say how long their requests are."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import struct
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple, NoReturn

from tests.fakes.gateway import shapes
from tests.fakes.gateway.faults import Faults, Rule
from tests.fakes.gateway.store import DEFAULT_WAIT, Poll, Rejected, Store, Struck

__all__ = ["RestDoor"]

#: The statuses after which the real gateway closes the connection.
_CLOSING = frozenset({400, 408, 413, 415, 500, 503})
_PER_CONNECTION = 100
#: Seconds after which the web server answers for a controller that still waits.
_SERVLET_LIMIT = 30.0
_PROBLEM = "application/problem+json"
_PAGE = b"<html><head><title>503 Service Temporarily Unavailable</title></head><body>nginx</body></html>"
_LENGTH = re.compile(rb"^content-length:\s*(\d+)", re.IGNORECASE | re.MULTILINE)
_BEARER = re.compile(rb"^authorization:\s*Bearer (\S+)", re.IGNORECASE | re.MULTILINE)
_JOB = re.compile(r"/v2/jobs/(\d+)(?:/(completion|failure|error))?$")
_OPERATION = {"completion": "CompleteJob", "failure": "FailJob", "error": "ThrowError"}


class _Request(NamedTuple):
    method: str
    path: str
    head: bytes
    body: bytes


class _Answer(NamedTuple):
    status: int
    content: Any = None
    type: str = "application/json"
    retry_after: str = ""

    def bytes(self, close: bool) -> bytes:
        head = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        body = self.content if isinstance(self.content, bytes) else b""
        if not body and self.content is not None:
            body = json.dumps(self.content).encode()
        if body:
            head.append(f"Content-Type: {self.type}")
        if self.retry_after:
            head.append(f"Retry-After: {self.retry_after}")
        if self.status != 204:
            head.append(f"Content-Length: {len(body)}")
        head.append(f"Connection: {'close' if close else 'keep-alive'}")
        return "\r\n".join((*head, "", "")).encode() + body


class _Break(Exception):
    """The connection ends without a whole answer. ``part``: what is sent before."""

    def __init__(self, part: bytes = b"", *, rst: bool = False) -> None:
        self.part = part
        self.rst = rst


class _Instead(Exception):
    """This answer instead of what was asked for."""

    def __init__(self, answer: _Answer) -> None:
        self.answer = answer


class _Connection(asyncio.Protocol):
    """One client's connection; its requests are served one after the other."""

    def __init__(self, door: RestDoor) -> None:
        self._door = door
        self._read = b""
        self._served = 0
        self._serving: asyncio.Task[None] | None = None
        self.poll: Poll | None = None
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._door.connections.add(self)

    def data_received(self, data: bytes) -> None:
        self._read += data
        self._next()

    def eof_received(self) -> None:
        self._abandon()

    def connection_lost(self, error: Exception | None) -> None:
        self._abandon()
        self._door.connections.discard(self)

    def _abandon(self) -> None:
        """Nobody waits for the answer any more; the gateway does not notice, and its poll goes on."""
        if self.poll is not None:
            self.poll.abandoned = True
        elif self._serving is not None:
            self._serving.cancel()

    def _next(self) -> None:
        head, end, rest = self._read.partition(b"\r\n\r\n")
        if self._serving is not None or not end:
            return
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        if len(rest) < length:
            return
        self._read = rest[length:]
        method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        request = _Request(method, path, head, rest[:length])
        self._serving = asyncio.ensure_future(self._serve(request))
        self._door.serving.add(self._serving)
        self._serving.add_done_callback(self._door.serving.discard)

    async def _serve(self, request: _Request) -> None:
        self._served += 1
        try:
            answer = await self._door.answer(request, self)
        except _Break as cut:
            self.transport.write(cut.part)
            self.reset() if cut.rst else self.transport.close()
            return
        if self.transport.is_closing():
            return
        close = answer.status in _CLOSING or self._served >= _PER_CONNECTION
        self.transport.write(answer.bytes(close))
        self._serving = None
        if close:
            self.transport.close()
        else:
            self._next()

    def reset(self) -> None:
        """Ends it with TCP RST."""
        with contextlib.suppress(OSError):
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


class RestDoor:
    """Serves the store on REST. ``dialect``: how it says a job; ``token``: without it, 401."""

    def __init__(
        self, store: Store, faults: Faults, *, token: str = "", version: str = "8.6.0", dialect: str = "8.6"
    ) -> None:
        self._store = store
        self._faults = faults
        self._token = token
        self._version = version
        self._dialect = dialect
        self._server: Any = None
        self.connections: set[_Connection] = set()
        self.serving: set[asyncio.Task[None]] = set()
        self.port = 0

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, backlog=256)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        for task in list(self.serving):
            task.cancel()
        for connection in list(self.connections):
            connection.transport.abort()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request: _Request, connection: _Connection) -> _Answer:
        """The answer to a request; _Break when the connection is to end instead."""
        try:
            return await self._route(request, connection)
        except _Instead as other:
            return other.answer

    async def _route(self, request: _Request, connection: _Connection) -> _Answer:
        bearer = _BEARER.search(request.head)
        if self._token and (bearer is None or bearer[1].decode() != self._token):
            return _Answer(401, shapes.problem(401, request.path), _PROBLEM)
        if request.path == "/v2/topology":
            return await self._run("Topology", request, lambda: shapes.topology(self._version))
        if request.path == "/v2/jobs/activation":
            return await self._activate(request, connection)
        match = _JOB.fullmatch(request.path)
        if match is None:
            body = {"status": 404, "error": "Not Found", "path": request.path}
            return _Answer(404, body)
        try:
            body = shapes.document(request.body)
            body["variables"] = shapes.document(json.dumps(body.get("variables") or {}, allow_nan=False))
        except ValueError:
            return _bad(request, "Bad Request", "Failed to read request")
        operation = _OPERATION.get(match[2] or "", "UpdateJobTimeout")
        key = int(match[1])
        return await self._run(operation, request, lambda: self._command(operation, key, body), key)

    async def _activate(self, request: _Request, connection: _Connection) -> _Answer:
        try:
            body = shapes.document(request.body)
        except ValueError:
            return _bad(request, "Bad Request", "Failed to read request")
        missing = [
            f"No {name} provided." for name in ("type", "timeout", "maxJobsToActivate") if not body.get(name)
        ]
        if missing:
            return _bad(request, "INVALID_ARGUMENT", " ".join(missing))
        rule = await self._fault("ActivateJobs", request, body["type"])
        asked = (body.get("requestTimeout") or 0) / 1000 or DEFAULT_WAIT
        poll = self._store.poll(
            body["type"], body.get("worker", ""), body["timeout"] / 1000, body["maxJobsToActivate"]
        )
        connection.poll = poll
        if asked < 0:
            self._store.end(poll)
        asyncio.get_running_loop().call_later(max(asked, 0), self._store.end, poll)
        await asyncio.wait((poll.jobs,), timeout=_SERVLET_LIMIT)
        if poll.jobs.done() and isinstance(fault := poll.jobs.exception(), Struck):
            connection.poll = None
            await self._strike(fault.kind, request, body["type"])
        if not poll.jobs.done():
            poll.abandoned = True
            return _Answer(503, shapes.problem(503, request.path, "Service Unavailable"), _PROBLEM)
        jobs = poll.jobs.result()
        await self._afterwards(rule)
        if poll.abandoned:
            self._store.lost(jobs)
        connection.poll = None
        found = [shapes.rest_job(entry, body.get("fetchVariable"), self._dialect) for entry in jobs]
        return _Answer(200, {"jobs": found})

    def _command(self, operation: str, key: int, body: dict[str, Any]) -> None:
        store, variables = self._store, body["variables"]
        if operation == "CompleteJob":
            store.complete(key, variables)
        elif operation == "FailJob":
            back_off = (body.get("retryBackOff") or 0) / 1000
            store.fail(key, body.get("retries") or 0, body.get("errorMessage") or "", back_off, variables)
        elif operation == "ThrowError":
            store.throw(key, body["errorCode"], body.get("errorMessage") or "", variables)
        else:
            changes = body.get("changeset") or {}
            if changes.get("timeout") is not None:
                store.extend(key, changes["timeout"] / 1000, "UPDATE")
            if changes.get("retries") is not None:
                store.set_retries(key, changes["retries"], "UPDATE")

    async def _run(
        self, operation: str, request: _Request, command: Callable[[], Any], key: int = 0
    ) -> _Answer:
        rule = await self._fault(operation, request, self._store.type_of(key), key)
        try:
            content = command()
        except Rejected as error:
            body = shapes.rejection_problem(error, request.path)
            return _Answer(body["status"], body, _PROBLEM)
        await self._afterwards(rule)
        return _Answer(204) if content is None else _Answer(200, content)

    async def _fault(self, operation: str, request: _Request, job_type: str, key: int = 0) -> Rule | None:
        """Plays a fault; gives the rule back whose fault comes when the command is done."""
        rule = self._faults.next(operation, job_type, key)
        if rule is None or rule.kind in ("lost", "late"):
            return rule
        if rule.delay:
            await asyncio.sleep(rule.delay)
        await self._strike(rule.kind, request, job_type)
        return None

    async def _strike(self, kind: str, request: _Request, job_type: str) -> NoReturn:
        if kind == "stall":
            await asyncio.sleep(3600)  # cancelled when the client gives up or the server stops
        if kind == "reset":
            raise _Break(rst=True)
        if kind == "half":
            whole = _Answer(200, {"jobs": [{"type": job_type}]}).bytes(False)
            raise _Break(whole[: -len(job_type) - 4])
        if kind == "html":
            answer = _Answer(503, _PAGE, "text/html")
        elif kind.startswith("page:"):
            answer = _Answer(int(kind[5:]), _PAGE.replace(b"503", kind[5:].encode()), "text/html")
        elif kind.startswith("wait:"):
            answer = _Answer(503, _PAGE, "text/html", kind[5:])
        elif kind == "pressure":
            detail = f"Unexpected error occurred during the request processing: Expected to activate jobs of type '{job_type}', "
            detail += "but no jobs available and at least one broker returned 'RESOURCE_EXHAUSTED'. Please try again later."
            answer = _Answer(
                500, shapes.problem(500, request.path, "java.lang.RuntimeException", detail), _PROBLEM
            )
        else:
            status = int(kind)
            answer = _Answer(status, shapes.problem(status, request.path), _PROBLEM)
        raise _Instead(answer)

    async def _afterwards(self, rule: Rule | None) -> None:
        if rule is not None and rule.kind == "late":
            await asyncio.sleep(rule.delay)
        elif rule is not None:
            raise _Break(rst=True)


def _bad(request: _Request, title: str, detail: str) -> _Answer:
    return _Answer(400, shapes.problem(400, request.path, title, detail), _PROBLEM)
