"""The operations of user tasks, which only REST has: what is checked of a request, and the command that it becomes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from camunda_embedded import _timing as timing
from camunda_embedded._documents import dumps
from camunda_embedded._servers.rest.checks import Body, Check
from camunda_embedded._servers.rest.dialects import Dialect
from camunda_embedded._servers.rest.problems import Problem
from camunda_embedded._service import Service

__all__ = ["PATHS", "UserTaskOperations"]

_TASK = "/user-tasks/{userTaskKey}"
#: Operation: method, path, and what it takes.
PATHS: Mapping[str, tuple[str, str, str]] = {
    "assignUserTask": ("POST", f"{_TASK}/assignment", "json"),
    "unassignUserTask": ("DELETE", f"{_TASK}/assignee", "none"),
    "updateUserTask": ("PATCH", _TASK, "json"),
    "completeUserTask": ("POST", f"{_TASK}/completion", "json"),
}
#: The properties of a body, and of the changeset in it, by the kind of their values.
_SHAPES: Mapping[str, Mapping[str, str]] = {
    "assignUserTask": {"assignee": "text", "allowOverride": "flag", "action": "text"},
    "updateUserTask": {"changeset": "object", "action": "text"},
    "completeUserTask": {"variables": "object", "action": "text"},
}
#: Properties of a changeset: what the record calls each, and the kind of its values.
_CHANGES: Mapping[str, tuple[str, str]] = {
    "candidateGroups": ("candidateGroupsList", "texts"),
    "candidateUsers": ("candidateUsersList", "texts"),
    "dueDate": ("dueDate", "text"),
    "followUpDate": ("followUpDate", "text"),
    "priority": ("priority", "number"),
}
_DATES = {"dueDate": "due date", "followUpDate": "follow-up date"}
_WITH_OFFSET = re.compile(r".+(?:Z|[+-]\d\d:\d\d)")


class UserTaskOperations:
    """Carries them out on a ``Service``."""

    def __init__(self, service: Service, dialect: Dialect) -> None:
        self._service = service
        self._dialect = dialect

    async def carry_out(self, operation: str, key: int, body: dict[str, Any]) -> None:
        """One operation on the user task of that key; Problem when its body is refused."""
        body = self._read(operation, body)
        check = _CHECKS.get(operation)
        wrong = list(dict.fromkeys(check(body))) if check is not None else []
        if wrong:
            text = " ".join(wrong)
            # 8.6 leaves the full stop out, of this sentence alone.
            raise Problem(400, "INVALID_ARGUMENT", text.rstrip(".") if self._bare(operation) else text)
        await getattr(self, f"_{operation}")(key, body)

    def _bare(self, operation: str) -> bool:
        return self._dialect.lenient and operation == "assignUserTask"

    async def _assignUserTask(self, key: int, body: Body) -> None:
        override = body.get("allowOverride") is not False
        action = body.get("action") or "assign"
        await self._service.assign_user_task(key, body["assignee"], action, override)

    async def _unassignUserTask(self, key: int, _: Body) -> None:
        await self._service.assign_user_task(key, "", "unassign", True)

    async def _updateUserTask(self, key: int, body: Body) -> None:
        found = {_CHANGES[name][0]: value for name, value in _changes(body).items()}
        await self._service.update_user_task(key, found, body.get("action") or "")

    async def _completeUserTask(self, key: int, body: Body) -> None:
        variables = dumps(body.get("variables") or {})
        await self._service.complete_user_task(key, variables, body.get("action") or "")

    # --- reading ---

    def _read(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        """The body with its values converted as the line converts them; what it does not know is dropped or refused."""
        shape = _SHAPES.get(operation, {})
        self._refuse_unknown(body, shape)
        read = {name: self._value(name, body.get(name), kind) for name, kind in shape.items()}
        if read.get("changeset"):
            inner = read["changeset"]  # which is open: what it has besides is ignored
            read["changeset"] = {
                name: self._value(f"changeset.{name}", inner.get(name), kind)
                for name, (_, kind) in _CHANGES.items()
            }
        return read

    def _refuse_unknown(self, body: Body, shape: Mapping[str, str]) -> None:
        unknown = sorted(body.keys() - shape.keys())
        if unknown and not self._dialect.lenient:
            raise Problem(400, "Bad Request", f"Request property [{unknown[0]}] cannot be parsed")

    def _value(self, place: str, value: Any, kind: str) -> Any:
        if value is None:
            return None
        lenient = self._dialect.lenient
        if kind == "text" and isinstance(value, (bool, int, float)) and lenient:
            return str(value).lower() if isinstance(value, bool) else str(value)
        if kind == "flag" and value in ("true", "false") and lenient:
            return value == "true"
        if kind == "number" and lenient and re.fullmatch(r"-?\d{1,18}(\.\d*)?", str(value)):
            return int(float(value))
        if kind == "texts" and isinstance(value, list):
            return [self._value(place, each, "text") for each in value if each is not None]
        if type(value) is not _TYPES[kind]:
            text = "Failed to read request" if lenient else f"Request property [{place}] cannot be parsed"
            raise Problem(400, "Bad Request", text)
        return value


_TYPES: Mapping[str, type] = {"text": str, "flag": bool, "number": int, "object": dict, "texts": list}


def _changes(body: Body) -> dict[str, Any]:
    """What an update changes; null is what is not given."""
    return {name: value for name, value in (body.get("changeset") or {}).items() if value is not None}


def _check_assignment(body: Body) -> Iterator[str]:
    if not (body.get("assignee") or "").strip():
        yield "No assignee provided."


def _check_update(body: Body) -> Iterator[str]:
    changes = _changes(body)
    if not changes and body.get("action") is None:
        yield (
            'No update data provided. Provide at least an "action" or a non-null value for a supported attribute in the '
            '"changeset".'
        )
    for name, called in _DATES.items():
        text = changes.get(name)
        if text and not _is_date(text):
            yield f"The provided {called} '{text}' cannot be parsed as a date according to RFC 3339, section 5.6."
    priority = changes.get("priority", 0)
    if not 0 <= priority <= 100:
        yield f"The value for priority is '{priority}' but must be within the [0,100] range."


def _is_date(text: str) -> bool:
    if not _WITH_OFFSET.fullmatch(text):
        return False
    try:
        timing.parse_date(text)
    except ValueError:
        return False
    return True


_CHECKS: Mapping[str, Check] = {"assignUserTask": _check_assignment, "updateUserTask": _check_update}
