"""What the REST API answers when it refuses, in the words of each line of the real gateway.

A refusal of a controller is a problem document (``application/problem+json``). 8.6 answers what
never reaches a controller (a path, a method or a media type that it does not know) with the plain
object of its web server; 8.8 has problem documents there too.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from http import HTTPStatus
from typing import Any

from camunda_core import errors

__all__ = ["CLOSING", "PROBLEM", "Problem", "problem_of", "unknown_route"]

PROBLEM = "application/problem+json"
#: The statuses after which the real gateway closes the connection.
CLOSING = frozenset({400, 408, 413, 500, 503})

_REJECTION = re.compile(r"Command '\w+' rejected with code '(\w+)'")
_STATUS_OF_REJECTION = {
    "INVALID_ARGUMENT": 400,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "INVALID_STATE": 409,
    "PROCESSING_ERROR": 500,
    "EXCEEDED_BATCH_RECORD_SIZE": 500,
}

_DELIVERY = "Expected to handle REST API request, but request could not be delivered"
_TIMEOUT = "Expected to handle REST API request, but request timed out between gateway and broker"

#: Meaning → status, title, and the text if it is not the error's own. 8.6 has names of Java
#: classes for titles; what 8.8 has, later lines have too.
_MEANINGS: dict[str, dict[str, tuple[int, str, str]]] = {
    "8.6": {
        "UNAVAILABLE": (503, "io.camunda.zeebe.broker.client.api.PartitionNotFoundException", _DELIVERY),
        "DEADLINE_EXCEEDED": (504, "java.util.concurrent.TimeoutException", _TIMEOUT),
        "RESOURCE_EXHAUSTED": (429, "RESOURCE_EXHAUSTED", ""),
        "INVALID_ARGUMENT": (400, "Bad Request", ""),
        "UNIMPLEMENTED": (501, "Not Implemented", ""),
    },
    "8.8": {
        "UNAVAILABLE": (503, "UNAVAILABLE", ""),
        "DEADLINE_EXCEEDED": (504, "DEADLINE_EXCEEDED", _TIMEOUT),
        "RESOURCE_EXHAUSTED": (503, "RESOURCE_EXHAUSTED", ""),
        "INVALID_ARGUMENT": (400, "INVALID_ARGUMENT", ""),
        "UNIMPLEMENTED": (501, "Not Implemented", ""),
    },
}
_UNEXPECTED = (500, "INTERNAL", "")


class Problem(Exception):
    """A refusal. ``plain`` answers it as the web server does, not as a controller; ``headers`` go with it."""

    def __init__(
        self,
        status: int,
        title: str = "",
        detail: str | None = None,
        *,
        plain: bool = False,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail or title or str(status))
        self.status = status
        self.title = title
        self.detail = detail
        self.plain = plain
        self.headers = headers or {}

    def body(self, path: str) -> dict[str, Any]:
        """The JSON object that says it of a request for ``path``."""
        if self.plain:
            now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
            phrase = HTTPStatus(self.status).phrase
            return {"timestamp": now, "status": self.status, "error": phrase, "path": path}
        body = {"type": "about:blank", "title": self.title, "status": self.status}
        if self.detail is not None:
            body["detail"] = self.detail
        return {**body, "instance": path}


def problem_of(error: errors.CamundaError, line: str) -> Problem:
    """An error of the service as the REST API of that line ("8.6") says it."""
    rejection = _REJECTION.match(error.message)
    if rejection is not None:
        status = _STATUS_OF_REJECTION[rejection[1]]
        return Problem(status, "INTERNAL" if status == 500 and line != "8.6" else rejection[1], error.message)
    status, title, detail = _MEANINGS["8.6" if line == "8.6" else "8.8"].get(error.grpc_code, _UNEXPECTED)
    return Problem(status, title, detail or error.message)


def unknown_route(line: str, status: int, detail: str, **headers: str) -> Problem:
    """A request that reaches no controller."""
    if line == "8.6":
        return Problem(status, plain=True, headers=headers)
    return Problem(status, HTTPStatus(status).phrase, detail, headers=headers)
