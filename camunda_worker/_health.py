"""How a worker is, for people and for probes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from camunda_core._usage import WireUse

__all__ = ["Health", "TaskHealth"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskHealth:
    """One task type.

    ``running``     jobs whose handler runs
    ``waiting``     jobs that were taken and have not begun
    ``answering``   jobs whose handler is done, and whose answer the gateway has not taken yet
    ``faults``      how many polls, or else answers, failed in a row; 0 when the gateway answers
    ``last_answer`` seconds since the gateway last answered a poll or pushed a job; None when it never did
    ``streaming``   whether a job stream is open; None where none is wanted
    ``last_error``  the last poll's, stream's or answer's failure, "" when it has healed
    ``at_once``     how many answers of this worker may be on their way over this wire: fewer than 1,024 where the gateway refuses
    ``pause``       seconds between two of them, where one at a time is too many for the gateway; else 0
    ``use``         what is open on this worker's wire, how much of it is taken, and what a connection takes at once:
                    ``camunda_core._usage.WireUse``; None for a wire that does not tell, as one of several is
    ``largest_poll`` how many jobs a poll asks for at most, since an answer with more could not be read; None without such a limit
    """

    job_type: str
    wire: str = ""
    running: int = 0
    waiting: int = 0
    answering: int = 0
    max_jobs_active: int = 0
    at_once: int = 0
    pause: float = 0.0
    faults: int = 0
    last_answer: float | None = None
    streaming: bool | None = None
    last_error: str = ""
    largest_poll: int | None = None
    use: WireUse | None = None
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """``live``: restarting the program would not help. ``ready``: the gateway answers for every
    task type, and jobs are taken.

    ``state`` is new, working, stopping or stopped.
    """

    worker: str
    state: str
    live: bool
    ready: bool
    tasks: tuple[TaskHealth, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As plain data, for JSON."""
        return dataclasses.asdict(self)
