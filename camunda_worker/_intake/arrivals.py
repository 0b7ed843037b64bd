"""How long a streamed job has waited in the transport before it was read.

The transport reads ahead, up to its window, and the lock of a job runs from the moment that the
broker pushed it. The broker's clock and ours differ by an unknown amount, which shows whenever a
read had to wait: then the job is fresh. And no job has waited for longer than since then,
whatever the clocks do.
"""

from __future__ import annotations

__all__ = ["Arrivals"]

_WAITED = 0.002  # a read that took longer than this found nothing there


class Arrivals:
    """Ages of the jobs of one stream. All times are seconds."""

    def __init__(self) -> None:
        #: When a read last had to wait, and by how much the clocks differed.
        self._fresh: tuple[float, float] | None = None

    def age(self, asked: float, came: float, activated: float) -> float:
        """For how long a job was on its way.

        ``asked`` and ``came`` are when the read began and ended, by our clock; ``activated`` is
        when the broker locked the job, by its own.
        """
        if self._fresh is None or came - asked > _WAITED:
            self._fresh = came, came - activated
            return 0.0
        last_empty, difference = self._fresh
        return min(max(came - activated - difference, 0.0), came - last_empty)
