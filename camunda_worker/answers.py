"""The answers that a job can have: what each sends, and what is sent instead when the gateway will not have it. Pure."""

from __future__ import annotations

import os
import traceback
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, NamedTuple, TypeAlias

from camunda_core.deadline import milliseconds, seconds
from camunda_core.errors import (
    AlreadyExists,
    CamundaError,
    FailedPrecondition,
    InvalidArgument,
    InvalidRequest,
    NotFound,
    UnsupportedField,
)
from camunda_core.jobs import ActivatedJob, JobWire
from camunda_worker.errors import BpmnError, JobFailure
from camunda_worker.observer import COMPLETED, ERROR, FAILED, YIELDED

__all__ = [
    "Answer",
    "Complete",
    "Fail",
    "Throw",
    "answer_to",
    "failed",
    "give_back",
    "handlers_traceback",
    "is_final",
    "is_unfit",
    "thrown",
]

#: The broker cuts messages at 10,000 characters; what matters in a traceback is its end.
_LONGEST_MESSAGE = 10_000
_MOST_RETRIES = 2**31 - 1
_PLAIN = "the attempt failed, and the gateway refused to hear why: see the log of the worker"
_HERE = os.path.dirname(__file__)

_GONE: tuple[type[CamundaError], ...] = (NotFound,)

Encode: TypeAlias = Callable[[Any], str]


class Complete(NamedTuple):
    """The job is done. ``variables`` is JSON text, "" for none.

    ``arrived``, of every answer, is what says of a repeated attempt that an earlier one was taken.
    """

    variables: str = ""
    outcome: str = COMPLETED
    arrived: tuple[type[CamundaError], ...] = _GONE

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
        return (NotFound, FailedPrecondition) if self.retries <= 0 else _GONE

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
        """Without the variables, or else without the message: one of them must be what the gateway refuses."""
        if self.variables:
            message = _shortened(f"{self.message}\n\nthe gateway refused the variables: {error.message}")
            return self._replace(message=message, variables="")
        return None if self.message == _PLAIN else self._replace(message=_PLAIN, backoff=0.0)


class Throw(NamedTuple):
    """A BPMN error."""

    code: str
    message: str = ""
    variables: str = ""
    outcome: str = ERROR
    arrived: tuple[type[CamundaError], ...] = _GONE

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
    """The answer for what a handler raised. Whatever that is, there is one. ``backoff`` (s) is the task's own."""
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
    """The answer that a BpmnError is. Raises InvalidRequest for a code that is none, and what ``encode`` raises."""
    if not isinstance(error.code, str) or not error.code.strip():
        raise InvalidRequest(
            f"code of a BpmnError must be a text that is not empty, not {error.code!r}",
            operation="ThrowError",
        )
    return Throw(error.code, _shortened(str(error.message)), encode(error.variables))


def failed(failure: JobFailure, job: ActivatedJob, encode: Encode, backoff: float) -> Fail:
    """The answer that a JobFailure is. Raises InvalidRequest, naming what cannot be sent, and what ``encode`` raises."""
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


def handlers_traceback(error: BaseException) -> TracebackType | None:
    """An exception's traceback from where the handler begins, without what is above it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next and trace.tb_frame.f_code.co_filename.startswith(_HERE):
        trace = trace.tb_next
    return trace


def _shortened(message: str) -> str:
    if not message.isascii():  # half a surrogate pair cannot be sent
        message = message.encode("utf-8", "backslashreplace").decode()
    if len(message) <= _LONGEST_MESSAGE:
        return message
    mark = "...\n"
    return mark + message[len(mark) - _LONGEST_MESSAGE :]


_FINAL = (InvalidArgument, NotFound, FailedPrecondition, AlreadyExists, UnsupportedField)


def is_final(error: CamundaError) -> bool:
    """Whether sending an answer again would fail again."""
    return isinstance(error, _FINAL) or is_too_large(error)


def is_unfit(error: CamundaError) -> bool:
    """Whether it is the answer's content that the gateway, or the wire, will not have."""
    return isinstance(error, (InvalidArgument, UnsupportedField)) or is_too_large(error)


_TOO_LARGE = ("MALFORMED_REQUEST", "EXCEEDED_BATCH_RECORD_SIZE", "exceeds maximum size", "maxMessageSize")


def is_too_large(error: CamundaError) -> bool:
    """Whether the message is larger than what the gateway reads or a partition can write: each wire says it in its own way."""
    problem = error.problem
    if problem is not None and problem.status == 413:
        return True
    said = f"{'' if problem is None else problem.title} {error.message}"
    return any(words in said for words in _TOO_LARGE)
