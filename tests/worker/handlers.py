"""Handlers for worker processes, which import them by name."""

from __future__ import annotations

import os

from camunda_worker import BpmnError, Job, JobFailure


def square(number: int) -> dict[str, int]:
    return {"square": number * number, "process": os.getpid()}


def crash_at_zero(number: int, job: Job) -> dict[str, int]:
    if number == 0 and job.retries == 3:
        os._exit(3)
    return {"number": number}


def throw(code: str) -> None:
    raise BpmnError(code, "from another process")


def fail_for_good() -> None:
    raise JobFailure("never", retries=0)
