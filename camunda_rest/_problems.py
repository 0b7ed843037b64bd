"""What an HTTP answer that is no success means: status, headers and body in, one error of the
common tree out. Free of I/O.

Clusters say the same thing in several ways: 8.6 and 8.7 put a rejection type, a broker error code
or a Java class name into the title, 8.8 and later one of twelve names; back-pressure is 429, 503 or
500; and what never reached a controller (a path that does not exist, a proxy's own page) has no
title at all. The first rule that fits decides:

1. the engine's rejection, whose code stands in the detail in every version
2. a broker error code in the detail
3. back-pressure, by title or by text
4. the title, exactly as written: "NOT_FOUND" comes from the engine, "Not Found" from the web server
5. the status alone

What none of the first four rules knows is not the gateway's own word. Of such a 502, 503 or 504
nobody can tell whether the command was executed, unless the text proves that it was not handed on:
``camunda_core._proxies``. (The gateway's own web layer belongs here too: when it stops waiting for
the engine, it answers 503 "Service Unavailable", and the command goes on.)
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from camunda_core._http import retry_after
from camunda_core._patterns import pattern
from camunda_core._proxies import was_not_handed_on
from camunda_core.errors import CamundaError, Problem, code_of_status, error_class, is_unknown_partition
from camunda_core.tls import page_way_out
from camunda_rest.operations import Operation

__all__ = ["error_of", "meaning", "read_problem"]

_REJECTION = pattern(r"Command '[^']*' rejected with code '(\w+)'")
_BROKER_CODE = pattern(r"\(code: (\w+)\)|(?:^|\W)code: (\w+),")

_BY_REJECTION = {
    "INVALID_ARGUMENT": "INVALID_ARGUMENT",
    "NOT_FOUND": "NOT_FOUND",
    "ALREADY_EXISTS": "ALREADY_EXISTS",
    "INVALID_STATE": "FAILED_PRECONDITION",
    "PROCESSING_ERROR": "INTERNAL",
    "UNAUTHORIZED": "PERMISSION_DENIED",
    "FORBIDDEN": "PERMISSION_DENIED",
}

_BY_BROKER_CODE = {
    "RESOURCE_EXHAUSTED": "RESOURCE_EXHAUSTED",
    "MAX_MESSAGE_SIZE_EXCEEDED": "RESOURCE_EXHAUSTED",
    "MALFORMED_REQUEST": "INVALID_ARGUMENT",
    "PROCESS_NOT_FOUND": "NOT_FOUND",
}

#: Titles word for word; of a Java class name its last segment.
_BY_TITLE = {
    "INVALID_ARGUMENT": "INVALID_ARGUMENT",
    "MALFORMED_REQUEST": "INVALID_ARGUMENT",
    "MsgpackException": "INVALID_ARGUMENT",
    "MsgpackPropertyException": "INVALID_ARGUMENT",
    "JsonParseException": "INVALID_ARGUMENT",
    "IllegalArgumentException": "INVALID_ARGUMENT",
    "NOT_FOUND": "NOT_FOUND",
    "PROCESS_NOT_FOUND": "NOT_FOUND",
    "ALREADY_EXISTS": "ALREADY_EXISTS",
    "INVALID_STATE": "FAILED_PRECONDITION",
    "FORBIDDEN": "PERMISSION_DENIED",
    "UNAUTHORIZED": "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED": "RESOURCE_EXHAUSTED",
    "RequestRetriesExhaustedException": "RESOURCE_EXHAUSTED",
    "MAX_MESSAGE_SIZE_EXCEEDED": "RESOURCE_EXHAUSTED",
    "UNAVAILABLE": "UNAVAILABLE",
    "PARTITION_LEADER_MISMATCH": "UNAVAILABLE",
    "PARTITION_UNAVAILABLE": "UNAVAILABLE",
    "PartitionNotFoundException": "UNAVAILABLE",
    "PartitionInactiveException": "UNAVAILABLE",
    "NoTopologyAvailableException": "UNAVAILABLE",
    "ConnectTimeoutException": "UNAVAILABLE",
    "ConnectException": "UNAVAILABLE",
    "DEADLINE_EXCEEDED": "DEADLINE_EXCEEDED",
    "TimeoutException": "DEADLINE_EXCEEDED",
    "ABORTED": "ABORTED",
    "ConnectionClosed": "ABORTED",
    "UNKNOWN": "UNKNOWN",
    "EXCEEDED_BATCH_RECORD_SIZE": "UNKNOWN",
    "SBE_UNKNOWN": "UNKNOWN",
    "NULL_VAL": "UNKNOWN",
    "PROCESSING_ERROR": "INTERNAL",
    "INTERNAL": "INTERNAL",
}

#: Statuses with which a proxy says that it got no answer from the server behind it.
_OF_PROXIES = frozenset({502, 503, 504})

#: How much of a body that is no problem document goes into the message.
_EXCERPT = 200
#: How much of a body is looked at for a text.
_LONGEST_TEXT = 20_000


def error_of(operation: Operation, status: int, headers: Mapping[str, str], body: bytes) -> CamundaError:
    """The error that an answer with this status, these headers (lower-case or case-insensitive
    names) and this body means.
    """
    problem = read_problem(status, headers, body)
    code = meaning(problem)
    if status == 401 and "www-authenticate" in headers and _REJECTION.match(problem.detail) is None:
        # Whoever asks for credentials has not got to what they permit, whatever the title: that of a
        # gateway which knows the caller, and refuses a tenant, is UNAUTHORIZED as well.
        code = "UNAUTHENTICATED"
    message = _message(problem, headers, code)
    answered = (
        status not in _OF_PROXIES or _own_meaning(problem) is not None or was_not_handed_on(_text(body))
    )
    if not answered and not operation.repeatable:
        message += "; the command may have been executed"
    return error_class(code)(
        message,
        problem=problem,
        operation=operation.id,
        answered=answered,
        retry_after=retry_after(headers),
        lasting=code == "UNAVAILABLE" and bool(operation.keys) and _names_no_partition(problem),
    )


def _names_no_partition(problem: Problem) -> bool:
    """Whether the gateway speaks of a partition that does not exist: up to 8.7 only the title says so.

    Asked for with a key that lasts. Without one the gateway does not know its brokers yet.
    """
    return problem.title.endswith("PartitionNotFoundException") or is_unknown_partition(problem.detail)


def read_problem(status: int, headers: Mapping[str, str], body: bytes) -> Problem:
    """The parts of the answer's problem document.

    A body that is none becomes the ``detail`` as a short excerpt (the text of an HTML page,
    without its markup), and the ``title`` stays empty, so that a proxy's page never passes for
    the server's own word.
    """
    found: Any = None
    if "json" in headers.get("content-type", "json").lower():
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
    if not isinstance(found, dict):
        return Problem(status=status, detail=_excerpt(body))
    known = {name: _as_text(found.pop(name, None)) for name in ("title", "detail", "type", "instance")}
    found.pop("status", None)
    return Problem(status=status, extra=found, **known)


def meaning(problem: Problem) -> str:
    """The gRPC code name of a problem."""
    return _own_meaning(problem) or _meaning_of_status(problem.status, problem.title)


def _own_meaning(problem: Problem) -> str | None:
    """The code name where the gateway itself has spoken; None where nothing but the status says anything."""
    title, detail, status = problem.title, problem.detail, problem.status
    rejection = _REJECTION.match(detail)
    if rejection:
        return _BY_REJECTION.get(rejection[1], "UNKNOWN")
    broker = _BROKER_CODE.search(detail)
    if broker:
        code = broker[1] or broker[2]
        if code.startswith("PARTITION_"):
            return "UNAVAILABLE"
        return _BY_BROKER_CODE.get(code, "INTERNAL")
    if title == "RESOURCE_EXHAUSTED" or (
        status in (429, 500, 503) and ("RESOURCE_EXHAUSTED" in title or "RESOURCE_EXHAUSTED" in detail)
    ):
        return "RESOURCE_EXHAUSTED"
    return _BY_TITLE.get(re.split(r"[.$]", title)[-1])


def _meaning_of_status(status: int, title: str) -> str:
    if status == 404 and title not in ("", "Not Found"):
        return "NOT_FOUND"
    if status == 502 and not _is_foreign(title):
        return "ABORTED"
    return code_of_status(status)


def _is_foreign(title: str) -> bool:
    """Whether the title is not one of the gateway's: it has none of its own, or only
    repeats the status in words.
    """
    return title in ("", "Bad Gateway")


def _message(problem: Problem, headers: Mapping[str, str], code: str) -> str:
    status = problem.status
    if 300 <= status < 400:
        location = headers.get("location", "nowhere")
        return (
            f"HTTP {status}: redirected to {location}; redirects are not followed: correct the base address"
        )
    if problem.title:
        return problem.detail or problem.title
    said = problem.detail or _as_text(problem.extra.get("error"))
    message = f"HTTP {status}: {said}" if said else f"HTTP {status} without a text"
    if code == "UNIMPLEMENTED":
        path = _as_text(problem.extra.get("path"))
        message += f" ({path})" if path else ""
        message += "; is the base address right, and is the cluster new enough for this operation?"
    elif status == 400 and (advice := page_way_out(said)) is not None:
        message += f"; {advice}"
    elif status == 413:
        message += "; the request is larger than the server accepts"
    return message


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _text(body: bytes) -> str:
    return body[:_LONGEST_TEXT].decode("utf-8", "replace")


def _excerpt(body: bytes) -> str:
    text = _text(body)
    if "<" in text:
        text = re.sub(r"(?is)<(script|style)\b.*?</\1>|<[^>]*>", " ", text)
        text = unescape(text)
    text = " ".join(text.split())
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"
