"""How much may go through a proxy at once, and how much does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields

from camunda_core._arguments import positive
from camunda_core.errors import ResourceExhausted

__all__ = ["CALLS", "POLLS", "STREAMS", "InFlight", "Limits"]

CALLS, POLLS, STREAMS = "calls", "polls", "streams"


@dataclass(frozen=True)
class Limits:
    """What one proxy carries at once; what is beyond is refused with RESOURCE_EXHAUSTED and comes to no harm.

    ``calls``         calls that are answered at once: completions, creations and all the others
    ``polls``         ActivateJobs that wait for jobs; each holds a connection to the cluster
    ``streams``       StreamActivatedJobs; each holds a connection to the cluster as well
    ``message_size``  bytes of a request, as the cluster's own gateway limits them
    ``answer_size``   bytes of an answer of the cluster

    Raises ConfigurationError for what is no whole number of 1 or more.
    """

    calls: int = 1000
    polls: int = 2000
    streams: int = 500
    message_size: int = 4 * 1024 * 1024
    answer_size: int = 16 * 1024 * 1024

    def __post_init__(self) -> None:
        for each in fields(self):
            positive(getattr(self, each.name), each.name)

    @property
    def connections(self) -> int:
        """The most connections to the cluster that these need."""
        return self.calls + self.polls + self.streams


class InFlight:
    """What is under way, by kind."""

    def __init__(self, limits: Limits) -> None:
        self._most = {CALLS: limits.calls, POLLS: limits.polls, STREAMS: limits.streams}
        self.counts = dict.fromkeys(self._most, 0)

    @contextmanager
    def one(self, kind: str, held: int = 0) -> Iterator[None]:
        """Counts one more of ``kind``. Raises ResourceExhausted where there are as many as may be.

        ``held`` are the polls that the cluster has now. A client that goes away leaves its poll there until the cluster
        ends it, and with it a connection: clients that come and go must not use up those of the others.
        """
        if self.counts[kind] >= self._most[kind]:
            raise ResourceExhausted(f"the proxy carries {self._most[kind]} {kind} at once, and does already")
        if kind != CALLS and held >= self._most[POLLS] + self._most[STREAMS]:
            raise ResourceExhausted(
                f"the cluster has {held} polls, of clients that have gone among them: come again in some seconds"
            )
        self.counts[kind] += 1
        try:
            yield
        finally:
            self.counts[kind] -= 1
