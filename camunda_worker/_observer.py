"""What a worker tells of itself while it works: a few hooks, all of them optional to take.

Everything is called from the worker's event loop and must return soon. An observer that raises is
logged once and asked no more.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from camunda_core.errors import CamundaError

__all__ = ["COMPLETED", "ERROR", "EXPIRED", "FAILED", "LOST", "YIELDED", "Counts", "Observer", "Observers"]

log = logging.getLogger("camunda_worker")

#: How a job ended. ``LOST`` is an answer that could not be given, ``EXPIRED`` a job whose lock was
#: over before it began.
COMPLETED, FAILED, ERROR, YIELDED, EXPIRED, LOST = (
    "completed",
    "failed",
    "error",
    "yielded",
    "expired",
    "lost",
)

_OUTCOMES = (COMPLETED, FAILED, ERROR, YIELDED, EXPIRED, LOST)


class Observer:
    """The hooks, doing nothing. Derive from it and give an instance to ``Worker(observers=[...])``."""

    def activated(self, job_type: str, count: int, source: str) -> None:
        """Jobs came; ``source`` is "poll" or "stream"."""

    def started(self, job_type: str, waited: float) -> None:
        """A handler begins; its job had been here for ``waited`` seconds."""

    def finished(self, job_type: str, outcome: str, seconds: float | None) -> None:
        """A job ended with ``outcome``, ``seconds`` after its handler began; None when that never did."""

    def poll_failed(self, job_type: str, error: CamundaError) -> None:
        """A poll failed; the next follows."""

    def stream_opened(self, job_type: str) -> None:
        """A job stream is open."""

    def stream_ended(self, job_type: str, error: CamundaError) -> None:
        """A job stream ended; it is opened again."""

    def answer_repeated(self, job_type: str, error: CamundaError) -> None:
        """An answer failed in transit and is sent again."""


class Counts(Observer):
    """Counts per job type: what ``worker.health()`` shows."""

    def __init__(self) -> None:
        self.activated_jobs: Counter[str] = Counter()
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.poll_faults: Counter[str] = Counter()
        self.stream_ends: Counter[str] = Counter()
        self.repeated_answers: Counter[str] = Counter()

    def activated(self, job_type: str, count: int, source: str) -> None:
        self.activated_jobs[job_type] += count

    def finished(self, job_type: str, outcome: str, seconds: float | None) -> None:
        self.outcomes[job_type, outcome] += 1

    def poll_failed(self, job_type: str, error: CamundaError) -> None:
        self.poll_faults[job_type] += 1

    def stream_ended(self, job_type: str, error: CamundaError) -> None:
        self.stream_ends[job_type] += 1

    def answer_repeated(self, job_type: str, error: CamundaError) -> None:
        self.repeated_answers[job_type] += 1

    def of(self, job_type: str) -> dict[str, int]:
        """All counts of a job type, by name."""
        outcomes = {outcome: self.outcomes[job_type, outcome] for outcome in _OUTCOMES}
        return {
            "activated": self.activated_jobs[job_type],
            **outcomes,
            "poll_faults": self.poll_faults[job_type],
            "stream_ends": self.stream_ends[job_type],
            "repeated_answers": self.repeated_answers[job_type],
        }


class Observers:
    """All observers of a worker as one."""

    def __init__(self, observers: Iterable[Observer]) -> None:
        self._observers = list(observers)
        self._hooks: dict[str, tuple[Callable[..., None], ...]] = {}
        self._bind()

    def _bind(self) -> None:
        # Only what an observer has overridden is called: most jobs meet no hook but the counters'.
        for name in _HOOKS:
            overriding = [
                each for each in self._observers if getattr(type(each), name) is not getattr(Observer, name)
            ]
            self._hooks[name] = tuple(getattr(each, name) for each in overriding)

    def listens(self, hook: str) -> bool:
        """Whether any observer has that hook."""
        return bool(self._hooks[hook])

    def tell(self, hook: str, *arguments: Any) -> None:
        """Calls ``hook`` of every observer."""
        for call in self._hooks[hook]:
            try:
                call(*arguments)
            except Exception:
                observer = call.__self__  # type: ignore[attr-defined]
                log.exception("%s is asked no more: its %s failed", observer, hook)
                self._observers.remove(observer)
                self._bind()


_HOOKS = tuple(name for name, value in vars(Observer).items() if callable(value) and not name.startswith("_"))
