"""What a handler raises to say how its job ended, and what it is told when that was said already."""

from __future__ import annotations

from typing import Any

from camunda_core.deadline import Duration
from camunda_core.errors import InvalidRequest

__all__ = ["AlreadyAnswered", "BpmnError", "JobFailure"]


class BpmnError(Exception):
    """The job ends with a BPMN error (RPC ThrowError), which a boundary event of the process may catch.

    ``code`` is what the event listens for. ``variables`` (a mapping, dataclass or model) are set in
    that event's own scope: an output mapping of the event carries them further. An error that
    nothing catches raises an incident.
    """

    def __init__(self, code: str, message: str = "", *, variables: Any = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.variables = variables

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), (self.code, self.message), {"variables": self.variables})

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" if self.message else self.code


class JobFailure(Exception):
    """The attempt failed (RPC FailJob).

    ``retries``    how many are left now; None takes one off, as any other exception does; 0 raises an incident
    ``backoff``    seconds (or a timedelta) until the job may be taken again; None is what the task was declared with
    ``variables``  a mapping, dataclass or model, set in the scope of the job's element
    """

    def __init__(
        self,
        message: str = "",
        *,
        retries: int | None = None,
        backoff: Duration | None = None,
        variables: Any = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.retries = retries
        self.backoff = backoff
        self.variables = variables

    def __reduce__(self) -> tuple[Any, ...]:
        options = {"retries": self.retries, "backoff": self.backoff, "variables": self.variables}
        return _again, (type(self), (self.message,), options)


class AlreadyAnswered(InvalidRequest):
    """The job has its one answer: the second was not sent."""


def _again(cls: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    return cls(*arguments, **options)
