"""Job workers that never die, never lose and never repeat."""

from __future__ import annotations

from camunda_worker.errors import AlreadyAnswered, BpmnError, JobFailure
from camunda_worker.health import Health, TaskHealth
from camunda_worker.observer import Observer

__all__ = ["AlreadyAnswered", "BpmnError", "Health", "JobFailure", "Observer", "TaskHealth"]
