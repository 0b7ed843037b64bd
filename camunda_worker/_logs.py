"""The worker's logger, and which job a line of a log is about.

Everything is logged under "camunda_worker". A program that does not set logging up sees warnings
and errors on its stderr, as of any logger. ``JobLogFilter`` puts the current job's keys on every
record, those of handlers and of the libraries that they call included.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from camunda_worker._job import Job

__all__ = ["CURRENT", "FIELDS", "JobLogFilter", "current_job", "handling", "log", "of_job"]

log = logging.getLogger("camunda_worker")


class JobFacts(Protocol):
    """What a record tells of a job: any ``Job`` or ``ActivatedJob`` has it."""

    @property
    def job_key(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def process_instance_key(self) -> str: ...
    @property
    def element_id(self) -> str: ...
    @property
    def tenant_id(self) -> str: ...


#: The job whose handler runs here. Each asyncio task has its own; a thread needs to be run in a
#: copy of the context.
CURRENT: ContextVar[Job | None] = ContextVar("camunda_worker.current_job", default=None)

#: What a record carries, and a format may name.
FIELDS = ("job_key", "job_type", "process_instance_key", "element_id", "tenant_id")
_NONE = "-"


def current_job() -> Job | None:
    """The ``Job`` whose handler, or middleware, is running here; None outside of one."""
    return CURRENT.get()


@contextlib.contextmanager
def handling(job: Job) -> Iterator[None]:
    """Makes ``job`` the current one."""
    token = CURRENT.set(job)
    try:
        yield
    finally:
        CURRENT.reset(token)


def of_job(job: JobFacts) -> dict[str, str]:
    """What ``extra=`` of a record about ``job`` is: all of ``FIELDS``, with "-" for what
    the job does not have.
    """
    return {
        "job_key": job.job_key or _NONE,
        "job_type": job.type or _NONE,
        "process_instance_key": job.process_instance_key or _NONE,
        "element_id": job.element_id or _NONE,
        "tenant_id": job.tenant_id or _NONE,
    }


class JobLogFilter(logging.Filter):
    """Adds job_key, job_type, process_instance_key, element_id and tenant_id to records: "-"
    outside of a job.

    It belongs on a *handler* (``handler.addFilter(JobLogFilter())``), where it sees the records of
    every logger. It removes none, and leaves alone what a record carries already. Records that
    another thread formats need it on the ``QueueHandler``, which still runs where the job does.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Completes the record; always True."""
        values = vars(record)
        job = CURRENT.get()
        if job is None:
            for name in FIELDS:
                values.setdefault(name, _NONE)
        else:
            for name, value in of_job(job).items():
                values.setdefault(name, value)
        return True
