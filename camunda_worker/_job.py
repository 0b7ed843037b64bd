"""The job that a handler is given."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Protocol

from camunda_core._arguments import shown
from camunda_core.deadline import Duration, milliseconds
from camunda_core.errors import InvalidRequest
from camunda_core.jobs import ActivatedJob, UserTask

__all__ = ["Answers", "Job"]


class Answers(Protocol):
    """What stands behind the answers of a job: see ``camunda_worker._answering.delivery``."""

    def complete(self, variables: Any) -> Awaitable[None]: ...
    def fail(
        self, message: str, retries: int | None, backoff: Duration | None, variables: Any
    ) -> Awaitable[None]: ...
    def throw_error(self, code: str, message: str, variables: Any) -> Awaitable[None]: ...
    def extend(self, seconds: Duration) -> Awaitable[None]: ...
    def time_left(self) -> float: ...


def _check_text(value: str, name: str) -> None:
    if not isinstance(value, str):
        raise InvalidRequest(f"{name} must be text, not {shown(value)}")


class Job:
    """An activated job: what the gateway said of it, and ways to answer it by hand.

    A handler needs none of these ways: what it returns completes the job and what it raises
    fails it. Whoever answers by hand suppresses that automatic answer; a second answer
    raises AlreadyAnswered. In an ``async def`` handler they are awaited; in a handler that
    runs in a thread they block until the gateway has answered. A handler that runs in a
    process has none of them.

    They raise NotFound when the job is gone, and what the gateway says otherwise; failures in
    transit are repeated until the job's lock is over.
    """

    __slots__ = ("_activated", "_answers")

    def __init__(self, activated: ActivatedJob, answers: Answers | None = None) -> None:
        self._activated = activated
        self._answers = answers

    @property
    def activated(self) -> ActivatedJob:
        """Everything that the gateway said, as ``bridge.AsyncClient.activate_jobs`` gives it."""
        return self._activated

    @property
    def key(self) -> str:
        """The job's key, decimal digits."""
        return self._activated.job_key

    @property
    def job_key(self) -> str:
        """The same as ``key``, by its REST name."""
        return self._activated.job_key

    @property
    def type(self) -> str:
        """The job type."""
        return self._activated.type

    @property
    def variables(self) -> dict[str, Any]:
        """The variables that were fetched."""
        return self._activated.variables

    @property
    def custom_headers(self) -> dict[str, Any]:
        """The headers that the process model gives the task."""
        return self._activated.custom_headers

    @property
    def retries(self) -> int:
        """How many attempts are left, this one included."""
        return self._activated.retries

    @property
    def deadline(self) -> float:
        """When the lock ends, by the broker's clock: seconds since the epoch.

        ``time_left()`` goes by our own.
        """
        return self._activated.deadline

    @property
    def worker(self) -> str:
        """The name of the worker that took the job."""
        return self._activated.worker

    @property
    def tenant_id(self) -> str:
        """The tenant, "" or "<default>" without multi-tenancy."""
        return self._activated.tenant_id

    @property
    def process_instance_key(self) -> str:
        """The key of the process instance."""
        return self._activated.process_instance_key

    @property
    def process_definition_id(self) -> str:
        """The BPMN process id."""
        return self._activated.process_definition_id

    @property
    def process_definition_version(self) -> int:
        """The version of the process."""
        return self._activated.process_definition_version

    @property
    def process_definition_key(self) -> str:
        """The key of the process definition."""
        return self._activated.process_definition_key

    @property
    def element_id(self) -> str:
        """The id of the task in the model."""
        return self._activated.element_id

    @property
    def element_instance_key(self) -> str:
        """The key of the task's instance."""
        return self._activated.element_instance_key

    @property
    def kind(self) -> str:
        """BPMN_ELEMENT, or which kind of listener the job is for."""
        return self._activated.kind

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of the process instance (clusters from 8.8)."""
        return self._activated.tags

    @property
    def user_task(self) -> UserTask | None:
        """The user task that a task listener's job is about."""
        return self._activated.user_task

    def time_left(self) -> float:
        """Seconds until the lock ends, by a clock of our own that started when the job came."""
        return self._by_hand().time_left()

    def complete(self, variables: Any = None) -> Awaitable[None]:
        """Completes the job (RPC CompleteJob).

        ``variables`` is what a handler may return: a mapping, dataclass or model.
        """
        return self._by_hand().complete(variables)

    def fail(
        self,
        message: str = "",
        *,
        retries: int | None = None,
        backoff: Duration | None = None,
        variables: Any = None,
    ) -> Awaitable[None]:
        """Fails the job (RPC FailJob): the arguments are those of ``JobFailure``."""
        _check_text(message, "message")
        if retries is not None and (
            isinstance(retries, bool) or not isinstance(retries, int) or not 0 <= retries < 2**31
        ):
            raise InvalidRequest(f"retries must be a number from 0 to 2^31 - 1, not {shown(retries)}")
        if backoff is not None and milliseconds(backoff, "backoff") < 0:
            raise InvalidRequest(f"backoff must not be negative, it is {shown(backoff)}")
        return self._by_hand().fail(message, retries, backoff, variables)

    def throw_error(self, code: str, message: str = "", *, variables: Any = None) -> Awaitable[None]:
        """Throws a BPMN error from the job (RPC ThrowError): the arguments are those of ``BpmnError``."""
        _check_text(code, "code")
        if not code.strip():
            raise InvalidRequest(
                f"code must be a text that is not empty, not {shown(code)}", operation="ThrowError"
            )
        _check_text(message, "message")
        return self._by_hand().throw_error(code, message, variables)

    def extend(self, seconds: Duration) -> Awaitable[None]:
        """Locks the job for ``seconds`` (or a timedelta) from now (RPC UpdateJobTimeout). Not an answer."""
        if milliseconds(seconds, "seconds") <= 0:
            raise InvalidRequest(
                f"seconds must be more than 0, not {shown(seconds)}", operation="UpdateJobTimeout"
            )
        return self._by_hand().extend(seconds)

    def _by_hand(self) -> Answers:
        if self._answers is None:
            raise InvalidRequest(
                "a job in another process cannot be answered by hand: return the result, or raise BpmnError or JobFailure"
            )
        return self._answers

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._activated,)

    def __repr__(self) -> str:
        return f"<Job {self.key} of {self.type}>"
