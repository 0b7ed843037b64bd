"""What the generated methods decide: arguments are written, newer ones refused, the answer is read. Free of I/O.

``_performing`` and ``_aio_performing`` send; they load this with the first call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn
from urllib.parse import quote, urlencode

from camunda_core._patterns import pattern
from camunda_core.deadline import Duration
from camunda_core.errors import CamundaError, DeadlineExceeded, Internal, InvalidRequest, UnsupportedField
from camunda_rest._described import Described, operation_of
from camunda_rest._encoding import json_text
from camunda_rest._reading import Unreadable, reader_of
from camunda_rest._search import read_page
from camunda_rest._time_limits import DEFAULT, Timeout
from camunda_rest._versions import parse_version
from camunda_rest._writing import Newer, places, read_places, write, write_filter, write_object, write_sort
from camunda_rest.operations import Operation, Version

if TYPE_CHECKING:
    from camunda_rest._documents import Multipart, Progress
    from camunda_rest._request import HttpRequest

__all__ = [
    "Prepared",
    "absent",
    "explain",
    "is_older_dialect",
    "limit_of",
    "may_be_absent",
    "older_dialect",
    "prepare",
    "prepare_form",
    "read_answer",
    "refuse_newer",
]

#: What is asked for, by what a success is. Errors are problem documents whatever was asked for.
_ACCEPTED = {
    "json": "application/json",
    "xml": "text/xml, application/xml;q=0.9, application/problem+json;q=0.5, application/json;q=0.4",
    "binary": "application/octet-stream, */*;q=0.5",
}

#: Titles of answers that say that there is no such operation, not that there is no such thing.
_NOWHERE = frozenset({"", "Not Found", "Method Not Allowed"})


#: Commands that listeners of a task can hold back.
_OF_USER_TASKS = pattern(r"(assign|unassign|update|complete)UserTask")


class Prepared(NamedTuple):
    """A call that has been checked and written."""

    operation: Operation
    path: str
    root: bool
    body: dict[str, Any] | None
    newer: Newer

    def request(self, base: str, body: dict[str, Any] | Multipart | None) -> HttpRequest:
        """The HTTP request, for the base of all operations."""
        # What sends it is loaded with the first client, not with the class of one.
        from camunda_rest._documents import Multipart
        from camunda_rest._request import HttpRequest

        url = (server_root(base) if self.root else base) + self.path
        headers = {"accept": _ACCEPTED[self.operation.media]}
        if isinstance(body, Multipart):
            headers["content-type"] = body.content_type
            if body.length is not None:
                headers["content-length"] = str(body.length)
            return HttpRequest(self.operation.method, url, headers, body)
        if body is None:
            return HttpRequest(self.operation.method, url, headers, None)
        headers["content-type"] = "application/json"
        return HttpRequest(self.operation.method, url, headers, json_text(body))


def server_root(base: str) -> str:
    """The root of the server (and its context path) of a base of operations: where the whole cluster is administered."""
    return re.sub(r"(/physical-tenants/[^/]+)?/v2$", "", base)


def prepare(
    described: Described,
    keys: Sequence[Any],
    given: Mapping[str, Any],
    *,
    query: Mapping[str, Any] | None = None,
    filter: Mapping[str, Any] | None = None,
    everything: bool = False,
    sort: str | Sequence[str] | None = None,
    tenant_id: str | None = None,
) -> Prepared:
    """The call of an operation with its arguments. Raises InvalidRequest naming the argument that cannot be.

    ``tenant_id`` is the tenant of the commands that could name one and do not.
    """
    newer: Newer = {}
    if described.tenant and given.get("tenant_id") is None:
        given = {**given, "tenant_id": tenant_id}
    try:
        path = described.path
        for place, value in zip(read_places(described.params).values(), keys, strict=True):
            text = str(write(place.code, value, place.name, newer))
            if not text.strip() or text in (".", ".."):
                raise InvalidRequest(f"{place.name} must not be empty")
            path = path.replace(f"{{{place.wire}}}", quote(text, safe=""))
        asked = write_object(read_places(described.query), query or {}, "", newer) if query else {}
        body = _body(described, given, newer)
        if filter is not None:
            written = write_filter(described.filter, filter, newer)
            if not described.page and not written and not everything:
                raise InvalidRequest(
                    "a filter is needed, since without one this changes everything there is: if you mean that, say everything=True"
                )
            if written or not described.page:
                body = {**(body or {}), "filter": written}
        if sort is not None:
            body = {**(body or {}), "sort": write_sort(described.sorts, sort)}
    except InvalidRequest as error:
        error.operation = error.operation or described.id
        raise
    if asked:
        path += "?" + urlencode({name: _spelt(value) for name, value in asked.items()})
    return Prepared(operation_of(described), path, described.root, body, beyond(described, newer))


def beyond(described: Described, newer: Newer) -> Newer:
    """What came after the operation itself: a cluster that has the operation has the rest."""
    came = parse_version(described.alpha_before or described.since)
    return {path: since for path, since in newer.items() if since > came}


def prepare_form(
    described: Described,
    keys: Sequence[Any],
    given: Mapping[str, Any],
    query: Mapping[str, Any] | None,
    on_progress: Progress | None,
) -> tuple[Prepared, Multipart]:
    """The call of an operation that sends files."""
    from camunda_rest._documents import document_form

    prepared = prepare(described, keys, {}, query=query)
    try:
        newer: Newer = {}
        fields = {place.name: place for place in places(described.multipart).values()}
        several = "files" in fields
        uploads = given["files"] if several else [given["file"]]
        if several and (isinstance(uploads, (str, bytes, Mapping)) or not isinstance(uploads, Sequence)):
            raise InvalidRequest("files must be a list")
        name = "metadata_list" if several else "metadata"
        about = given.get(name)
        metadata = None if about is None else write(fields[name].code, about, name, newer)
        form = document_form(
            [("files" if several else "file", each) for each in uploads], metadata, on_progress
        )
    except InvalidRequest as error:
        error.operation = error.operation or described.id
        raise
    return prepared._replace(newer={**prepared.newer, **beyond(described, newer)}), form


def _body(described: Described, given: Mapping[str, Any], newer: Newer) -> dict[str, Any] | None:
    if not described.body or described.page:
        return {} if described.page else None
    if described.body.startswith("*") and not described.body.endswith("]"):
        known = places(described.body[1:])
        if described.filter:  # which has arguments of its own
            known = {name: place for name, place in known.items() if name != "filter"}
        return write_object(known, given, "", newer)
    if given.get("body") is None:
        return {}
    body: dict[str, Any] = write(described.body, given["body"], "body", newer)
    return body


def _spelt(value: Any) -> str:
    return "true" if value is True else "false" if value is False else str(value)


def read_answer(described: Described, answer: Any) -> Any:
    """The answer of an operation as an object of its class. Raises Internal for one that is no such thing."""
    try:
        if described.page:
            return read_page(answer, reader_of(described.items))
        if described.media != "json" or (
            answer is None and (described.maybe_nothing or not described.result)
        ):
            return answer
        if described.items:
            return read_page(answer, reader_of(described.items)).items
        return reader_of(described.result)(answer) if described.result else None
    except Unreadable as error:
        raise Internal(f"the answer cannot be read: {error}", operation=described.id) from None


def refuse_newer(described: Described, newer: Newer, cluster: Version) -> None:
    """Raises UnsupportedField when something was asked for that the cluster is too old for, since it would ignore it silently."""
    late = {path: since for path, since in newer.items() if since > cluster}
    if late:
        named = ", ".join(f"{path} (since {major}.{minor})" for path, (major, minor) in sorted(late.items()))
        raise UnsupportedField(
            f"this cluster is {cluster[0]}.{cluster[1]}, which does not know {named} and would ignore it: "
            "leave it out, or upgrade the cluster",
            operation=described.id,
        )


def may_be_absent(error: CamundaError) -> bool:
    """Whether an error says that there is no such operation."""
    problem = error.problem
    return problem is not None and problem.status in (404, 405) and problem.title in _NOWHERE


def is_older_dialect(described: Described, answer: Any) -> bool:
    """Whether a search was answered as 8.6 and 8.7 do, by other names and without cursors (and with filters ignored)."""
    if not described.alpha_before or answer.__class__ is not dict:
        return False
    page = answer.get("page")
    return page.__class__ is dict and "lastSortValues" in page


def older_dialect(described: Described, cluster: Version | None) -> UnsupportedField:
    """The error for that."""
    here = "an older one" if cluster is None else f"{cluster[0]}.{cluster[1]}"
    return UnsupportedField(
        f"{described.id} needs Camunda {described.alpha_before}, this cluster is {here}: what it has under this path is an "
        "alpha of other names, whose answers and filters are not those of this method",
        operation=described.id,
    )


def absent(described: Described, cluster: Version | None, error: CamundaError) -> NoReturn:
    """Raises what a missing operation means: the cluster is too old for it, or the error as it is.

    ``cluster`` is None where nobody can say: the base address may be wrong.
    """
    if cluster is None:
        raise error
    since = parse_version(described.alpha_before or described.since)
    if cluster >= since:
        raise error
    text = f"{described.id} needs Camunda {since[0]}.{since[1]}, this cluster is {cluster[0]}.{cluster[1]}"
    if described.alpha_before:
        text += "; what it has under this path is an alpha of other names, off unless switched on"
    raise UnsupportedField(text, operation=described.id) from error


def explain(described: Described, error: CamundaError) -> None:
    """Says what the gateway's own text leaves open: a command of a user task waits for its listeners, longer than the gateway."""
    if isinstance(error, DeadlineExceeded) and error.answered and _OF_USER_TASKS.fullmatch(described.id):
        error.message += (
            "; the command goes on and may still happen, once the listeners of the task have done their work"
        )


def limit_of(timeout: Duration | None) -> Timeout:
    return DEFAULT if timeout is None else timeout
