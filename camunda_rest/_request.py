"""Operations as HTTP: what is sent and what an answer means. Free of I/O, shared by the blocking
and the asyncio client.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn
from urllib.parse import quote

from camunda_core._addresses import rest_base
from camunda_core._arguments import shown
from camunda_core._json import DECODER
from camunda_core.errors import ConfigurationError, Internal, InvalidRequest, Problem
from camunda_rest._encoding import JsonText, json_body, multipart_body
from camunda_rest._problems import error_of, read_problem
from camunda_rest._salvage import jobs_in
from camunda_rest.operations import ACTIVATE_JOBS, Operation

if TYPE_CHECKING:
    from camunda_rest._documents import Multipart

__all__ = ["HttpRequest", "Key", "UnreadableAnswer", "base_url", "build", "parse"]

#: A key as callers may give it: an int, or its decimal digits.
Key = str | int

_KEY = re.compile(r"-?[0-9]{1,19}")
_JSON_HEADERS = {"content-type": "application/json", "accept": "application/json"}
_PLAIN_HEADERS = {"accept": "application/json"}


class HttpRequest(NamedTuple):
    """One request, complete but for credentials. ``headers`` belongs to the caller and may be added to."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | Multipart | None

    @property
    def again(self) -> bool:
        """Whether it can be sent (once more): of a pipe that was read there is nothing left."""
        return self.body is None or isinstance(self.body, bytes) or self.body.again

    @property
    def broken(self) -> BaseException | None:
        """What went wrong while the body was read, if anything did."""
        return None if self.body is None or isinstance(self.body, bytes) else self.body.broken


def base_url(address: str, physical_tenant: str | None = None) -> str:
    """The base of all operations, ending in ``/v2``; with ``/physical-tenants/{id}`` before it for
    a physical tenant (8.10).

    Raises ConfigurationError for an address or a tenant that cannot be one.
    """
    base = rest_base(address)
    if re.search(r"/v1(/|$)", base):
        raise ConfigurationError(
            f"rest_address: {address} names v1, which has none of these operations: leave /v1 out"
        )
    if physical_tenant is None:
        return base
    if not isinstance(physical_tenant, str) or not re.fullmatch(r"\w[\w.\-]*", physical_tenant):
        raise ConfigurationError(
            f"physical_tenant must be the id of a physical tenant, not {shown(physical_tenant)}"
        )
    return f"{base.removesuffix('/v2')}/physical-tenants/{quote(physical_tenant)}/v2"


def build(
    base: str,
    operation: Operation,
    path: Mapping[str, Key] | None = None,
    body: Mapping[str, Any] | JsonText | None = None,
    files: Sequence[tuple[str, bytes]] = (),
) -> HttpRequest:
    """The request for an operation. ``base`` is put before the path as it is (``base_url`` makes one).

    ``path`` has the operation's keys, ints or decimal digits. ``body`` is the JSON object (for a
    deployment: the text fields beside the files); None values in it mean "not given"; ``JsonText``
    is one that is written already. An operation that has a body always gets one, ``{}`` at least.
    Raises InvalidRequest naming the argument or the place inside the body.
    """
    try:
        _check(operation, path, body)
        url = base + (_filled(operation, path) if operation.keys or path else operation.path)
        if operation.body == "json":
            if files:
                raise InvalidRequest("takes no files; only a deployment does")
            return HttpRequest(operation.method, url, _JSON_HEADERS.copy(), json_body(body))
        if isinstance(body, JsonText):
            raise InvalidRequest("takes no finished JSON; only an operation with a JSON body does")
        if operation.body == "multipart":
            content_type, content = multipart_body(body, files)
            return HttpRequest(
                operation.method, url, {"content-type": content_type, **_PLAIN_HEADERS}, content
            )
        if body or files:
            raise InvalidRequest("takes no body and no files")
        return HttpRequest(operation.method, url, _PLAIN_HEADERS.copy(), None)
    except InvalidRequest as error:
        error.operation = error.operation or getattr(operation, "id", "")
        raise


def _check(operation: Any, path: Any, body: Any) -> None:
    if not isinstance(operation, Operation):
        raise InvalidRequest(f"operation must be one of camunda_rest.operations, not {shown(operation)}")
    if path is not None and not isinstance(path, Mapping):
        raise InvalidRequest(f"path must be a mapping of keys, not {shown(path)}")
    if body is not None and not isinstance(body, (Mapping, JsonText)):
        raise InvalidRequest(f"body must be a mapping (a JSON object), not {shown(body)}")


def _filled(operation: Operation, path: Mapping[str, Key] | None) -> str:
    given = path or {}
    filled = operation.path
    for name in operation.keys:
        key = given.get(name)
        if type(key) is int:
            key = str(key)
        elif not isinstance(key, str):
            what = "is missing" if key is None else f"must be an int or decimal digits, not {shown(key)}"
            raise InvalidRequest(f"path: {name} {what}")
        if not _KEY.fullmatch(key) or not -(2**63) <= int(key) < 2**63:
            raise InvalidRequest(f"path: {name} must be a key (decimal digits, 64 bits), not {shown(key)}")
        filled = filled.replace(f"{{{name}}}", key)
    unknown = set(given).difference(operation.keys)
    if unknown:
        names = ", ".join(sorted(map(str, unknown)))
        raise InvalidRequest(f"path: {names} unknown; it has {', '.join(operation.keys) or 'no keys'}")
    return filled


def parse(operation: Operation, status: int, headers: Mapping[str, str], body: bytes) -> Any:
    """What an answer says: the decoded JSON, None for a success without a body, or the
    error it means is raised.

    ``headers`` has lower-case or case-insensitive names. Integers are exact whatever their size, and
    a byte order mark is passed over. A success that is not JSON (a login page, half a body) raises
    Internal. A job activation that the server's web layer cut off before any job came counts as one
    that found none.
    """
    if not 200 <= status < 300:
        if (
            status == 503
            and operation is ACTIVATE_JOBS
            and _poll_was_cut(read_problem(status, headers, body))
        ):
            return {"jobs": []}
        raise error_of(operation, status, headers, body)
    if operation.media == "xml":
        return body.decode("utf-8", "replace") if body else None
    if not body:
        if operation.answers:
            _unreadable(operation, status, headers, body, "without a body")
        return None
    if "json" not in headers.get("content-type", "json").lower():
        _unreadable(
            operation, status, headers, body, f"with {headers['content-type']} where JSON was expected"
        )
    try:
        answer = _decode(body.removeprefix(BOM_UTF8).decode())
    except (ValueError, RecursionError) as error:
        what = f"with JSON that cannot be read ({error})"
        if operation is ACTIVATE_JOBS:
            raise UnreadableAnswer(body, **_said(operation, status, body, what)) from None
        _unreadable(operation, status, headers, body, what)
    if operation.answers and not isinstance(answer, dict):
        _unreadable(operation, status, headers, body, "with JSON that is not an object")
    if operation is ACTIVATE_JOBS and not answer.get("jobs"):
        answer["jobs"] = []  # absent, null and empty are the same
    return answer


def _poll_was_cut(problem: Problem) -> bool:
    return problem.title == "Service Unavailable" and not problem.detail


def _unreadable(
    operation: Operation, status: int, headers: Mapping[str, str], body: bytes, what: str
) -> NoReturn:
    raise Internal(**_said(operation, status, body, what))


def _said(operation: Operation, status: int, body: bytes, what: str) -> dict[str, Any]:
    said = read_problem(status, {"content-type": "text/plain"}, body).detail
    return {
        "message": f"HTTP {status} {what}" + (f": {said}" if said else ""),
        "problem": Problem(status=status, detail=said),
        "operation": operation.id,
    }


class UnreadableAnswer(Internal):
    """The answer to an activation that cannot be read as a whole: what can be is in its pieces."""

    def __init__(self, body: bytes, message: str = "", **more: Any) -> None:
        super().__init__(message, **more)
        self._body = body

    def piecewise(self) -> list[Any]:
        """The jobs, each as it can be read or as ``UnreadText``.

        Raises this error where the answer is no list of jobs at all.
        """
        try:
            return jobs_in(self._body.removeprefix(BOM_UTF8), _decode)
        except ValueError:
            raise self from None


_decode = DECODER.decode
