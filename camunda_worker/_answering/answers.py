"""The answers that a job can have: what each sends, and what is sent instead when the gateway
will not have it. Pure.
"""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from camunda_core.deadline import milliseconds, seconds
from camunda_core.errors import (
    Aborted,
    AlreadyExists,
    CamundaError,
    Cancelled,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
    Unimplemented,
)
from camunda_core.jobs import ActivatedJob, JobWire
from camunda_worker._errors import BpmnError, JobFailure
from camunda_worker._observer import COMPLETED, ERROR, FAILED, YIELDED
from camunda_worker._tracebacks import handlers_traceback

__all__ = [
    "Answer",
    "Complete",
    "Fail",
    "Throw",
    "answer_to",
    "failed",
    "give_back",
    "is_denial",
    "is_final",
    "is_refusal",
    "is_too_large",
    "is_unfit",
    "says_it_arrived",
    "thrown",
]

#: The broker cuts messages at 10,000 characters; what matters in a traceback is its end.
_LONGEST_MESSAGE = 10_000
_MOST_RETRIES = 2**31 - 1
_PLAIN = "the attempt failed, and the gateway refused to hear why: see the log of the worker"

_GONE: tuple[type[CamundaError], ...] = (NotFound,)
_GONE_OR_THERE_FOR_GOOD: tuple[type[CamundaError], ...] = (NotFound, FailedPrecondition)

Encode: TypeAlias = Callable[[Any], str]


class Complete(NamedTuple):
    """The job is done. ``variables`` is JSON text, "" for none.

    ``arrived``, of every answer, is what says of a repeated attempt that an earlier one was taken;
    ``reserve`` is the share of the lock's last moment that is kept for what goes ``instead`` of an
    answer that is refused until then.
    """

    variables: str = ""
    outcome: str = COMPLETED
    arrived: tuple[type[CamundaError], ...] = _GONE
    reserve: float = 1.0

    def send(self, wire: JobWire, job: ActivatedJob, timeout: float) -> Awaitable[None]:
        """One attempt."""
        return wire.complete(job, self.variables, timeout=timeout)

    def instead(self, job: ActivatedJob, error: CamundaError) -> Fail:
        """The gateway refuses the result, and would every time: the attempt has failed."""
        return Fail(f"the gateway refused the result: {error.message}", max(job.retries - 1, 0))


class Fail(NamedTuple):
    """The attempt failed. ``backoff`` is seconds."""

    message: str
    retries: int
    backoff: float = 0.0
    variables: str = ""
    outcome: str = FAILED

    @property
    def arrived(self) -> tuple[type[CamundaError], ...]:
        """Without retries the job is still there, with its incident."""
        return _GONE_OR_THERE_FOR_GOOD if self.retries <= 0 else _GONE

    @property
    def is_plain(self) -> bool:
        """Whether it has nothing in it that could be refused: what is refused then is to fail a job
        at all.
        """
        return self.message == _PLAIN and not self.variables

    @property
    def reserve(self) -> float:
        """How much of the lock's last moment is kept for what goes instead."""
        if self.is_plain:
            return 0.0
        return 0.75 if self.variables else 0.5

    def send(self, wire: JobWire, job: ActivatedJob, timeout: float) -> Awaitable[None]:
        """One attempt."""
        return wire.fail(
            job,
            retries=self.retries,
            message=self.message,
            backoff=self.backoff,
            variables=self.variables,
            timeout=timeout,
        )

    def instead(self, job: ActivatedJob, error: CamundaError) -> Fail | None:
        """Without the variables, or else without the message: one of them must be what the gateway
        refuses.
        """
        if self.variables:
            message = _shortened(f"{self.message}\n\nthe gateway refused the variables: {error.message}")
            return self._replace(message=message, variables="")
        return None if self.message == _PLAIN else self._replace(message=_PLAIN, backoff=0.0)


class Throw(NamedTuple):
    """A BPMN error. One that nothing catches leaves the job there, with its incident."""

    code: str
    message: str = ""
    variables: str = ""
    outcome: str = ERROR
    arrived: tuple[type[CamundaError], ...] = _GONE_OR_THERE_FOR_GOOD
    reserve: float = 1.0

    def send(self, wire: JobWire, job: ActivatedJob, timeout: float) -> Awaitable[None]:
        """One attempt."""
        return wire.throw_error(
            job, code=self.code, message=self.message, variables=self.variables, timeout=timeout
        )

    def instead(self, job: ActivatedJob, error: CamundaError) -> Fail:
        """The gateway refuses the error: the attempt has failed."""
        message = f"the gateway refused the BPMN error {self.code!r} ({self.message}): {error.message}"
        return Fail(_shortened(message), max(job.retries - 1, 0))


Answer: TypeAlias = Complete | Fail | Throw


def give_back(job: ActivatedJob, why: str) -> Fail:
    """Makes a job available again, its retries untouched."""
    return Fail(f"given back: {why}", job.retries, outcome=YIELDED)


def answer_to(error: BaseException, job: ActivatedJob, encode: Encode, backoff: float) -> Answer:
    """The answer for what a handler raised.

    Whatever that is, there is one. ``backoff`` (s) is the task's own.
    """
    left = max(job.retries - 1, 0)
    try:
        if isinstance(error, BpmnError):
            return thrown(error, encode)
        if isinstance(error, JobFailure):
            return failed(error, job, encode, backoff)
        return Fail(described(error), left, backoff)
    except BaseException as unusable:
        return Fail(described(unusable), max(job.retries - 1, 0), backoff)


def thrown(error: BpmnError, encode: Encode) -> Throw:
    """The answer that a BpmnError is.

    Raises InvalidRequest for a code that is none, and what ``encode`` raises.
    """
    if not isinstance(error.code, str) or not error.code.strip():
        raise InvalidRequest(
            f"code of a BpmnError must be a text that is not empty, not {error.code!r}",
            operation="ThrowError",
        )
    return Throw(error.code, _shortened(str(error.message)), encode(error.variables))


def failed(failure: JobFailure, job: ActivatedJob, encode: Encode, backoff: float) -> Fail:
    """The answer that a JobFailure is.

    Raises InvalidRequest, naming what cannot be sent, and what ``encode`` raises.
    """
    left = max(job.retries - 1, 0)
    if failure.retries is not None:
        if isinstance(failure.retries, bool) or not isinstance(failure.retries, int):
            raise InvalidRequest(
                f"retries of a JobFailure must be a whole number, not {failure.retries!r}",
                operation="FailJob",
            )
        left = min(max(failure.retries, 0), _MOST_RETRIES)
    if failure.backoff is not None:
        if milliseconds(failure.backoff, "backoff of a JobFailure") < 0:
            raise InvalidRequest(
                f"backoff of a JobFailure must be 0 s or more, not {failure.backoff!r}", operation="FailJob"
            )
        backoff = seconds(failure.backoff)
    return Fail(_shortened(str(failure.message)), left, backoff, encode(failure.variables))


def described(error: BaseException) -> str:
    """An exception with its traceback, from where the handler begins, shortened so that the end remains."""
    try:
        trace = handlers_traceback(error)
        return _shortened("".join(traceback.format_exception(type(error), error, trace)).strip())
    except BaseException:  # an exception whose text raises, whatever it raises
        return f"{type(error).__module__}.{type(error).__qualname__}, which cannot be described"


def _shortened(message: str) -> str:
    if not message.isascii():  # half a surrogate pair cannot be sent
        message = message.encode("utf-8", "backslashreplace").decode()
    if len(message) <= _LONGEST_MESSAGE:
        return message
    mark = "...\n"
    return mark + message[len(mark) - _LONGEST_MESSAGE :]


_OF_THE_JOB = (NotFound, FailedPrecondition, AlreadyExists)
_PASSING = (ResourceExhausted, Unavailable, DeadlineExceeded, Aborted, Cancelled)
_DENIALS = (PermissionDenied, Unauthenticated, Unimplemented)


@cache
def _phrase(status: int) -> str | None:
    """What HTTP calls a status."""
    from http import (
        HTTPStatus,  # an enumeration of sixty, which a worker that meets no such answer never needs
    )

    return next((each.phrase for each in HTTPStatus if each.value == status), None)


def is_final(error: CamundaError) -> bool:
    """Whether sending an answer again would fail again."""
    return is_unfit(error) or (isinstance(error, _OF_THE_JOB) and not _is_foreign(error))


def is_unfit(error: CamundaError) -> bool:
    """Whether it is the answer's content that the gateway, or the wire, will not have."""
    if isinstance(error, Unimplemented):
        return not error.sent  # the wire has no such answer
    return isinstance(error, InvalidArgument) or is_too_large(error)


def is_refusal(error: CamundaError) -> bool:
    """Whether the server said no: not that it is busy, or away. It may say something else later, or never."""
    return error.answered and not isinstance(error, _PASSING)


def is_denial(error: CamundaError) -> bool:
    """Whether it was refused to this worker, whatever the job: then the answer was certainly not taken."""
    return isinstance(error, _DENIALS)


def says_it_arrived(error: CamundaError, answer: Answer) -> bool:
    """Whether it says, of a repeated attempt, that an earlier one was taken. A proxy that refuses knows nothing of that."""
    return isinstance(error, answer.arrived) and not _is_foreign(error)


def _is_foreign(error: CamundaError) -> bool:
    """Whether this is a proxy's or a web server's status, which says nothing of the job: it has no title, or only the status's."""
    problem = error.problem
    return problem is not None and problem.title in ("", _phrase(problem.status))


_TOO_LARGE = ("MALFORMED_REQUEST", "EXCEEDED_BATCH_RECORD_SIZE", "exceeds maximum size", "maxMessageSize")


def is_too_large(error: CamundaError) -> bool:
    """Whether the message is larger than what the gateway reads or a partition can write: each wire
    says it in its own way.
    """
    problem = error.problem
    if problem is not None and problem.status == 413:
        return True
    said = f"{'' if problem is None else problem.title} {error.message}"
    return any(words in said for words in _TOO_LARGE)
