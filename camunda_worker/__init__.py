"""Job workers that never die, never lose and never repeat.

worker = Worker(bridge.Client(rest_address="http://localhost:8080"))

@worker.task("charge-card", timeout=30)
async def charge(order_id: str, amount: Decimal, job: Job) -> dict: ...

worker.run()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from camunda_worker._data.parameters import Variable
from camunda_worker._errors import AlreadyAnswered, BpmnError, JobFailure
from camunda_worker._job import Job
from camunda_worker._logs import JobLogFilter, current_job
from camunda_worker._observer import Observer
from camunda_worker._tasks import Middleware, Next, Router
from camunda_worker._worker import Worker

if TYPE_CHECKING:
    from camunda_worker._health import Health, TaskHealth

__all__ = [
    "AlreadyAnswered",
    "BpmnError",
    "Health",
    "Job",
    "JobFailure",
    "JobLogFilter",
    "Middleware",
    "Next",
    "Observer",
    "Router",
    "TaskHealth",
    "Variable",
    "Worker",
    "current_job",
]


def __getattr__(name: str) -> Any:
    if name not in ("Health", "TaskHealth"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from camunda_worker import _health  # which many programs never ask for

    globals()[name] = value = getattr(_health, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
