"""Completions that nobody awaits: what a wire of ours may offer a worker besides ``JobWire``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from camunda_core.errors import CamundaError
from camunda_core.jobs import ActivatedJob

__all__ = ["BeginCompleting", "Flight"]


class Flight(Protocol):
    """A call that was begun, and that nobody awaits."""

    def cancel(self) -> object:
        """Ends it, unless it has ended; ``ended`` is called with a Cancelled."""


class BeginCompleting(Protocol):
    """What a ``JobWire`` may have besides, as ``begin_completing``: ``complete`` for thousands of
    jobs, without a coroutine and a task for each.
    """

    def __call__(
        self,
        job: ActivatedJob,
        variables: str,
        *,
        timeout: float,
        ended: Callable[[CamundaError | None], None],
    ) -> Flight | None:
        """Begins one attempt, and calls ``ended`` once, in the event loop: with None when the job is
        completed, or else with what ``complete`` would raise. It may do so before this returns.

        None where this cannot be done now: nothing has happened then, and ``complete`` is to be used.
        Raises what ``complete`` raises before it sends anything; ``ended`` is not called then.
        """
