"""Gateways of this very process, and what can be said to them without a wire.

A worker that stops waits for its polls: an abandoned one would take the next jobs for nobody. A gateway nearby, such as an
embedded one in a test, can be told that they are not wanted any more, and answers them at once. Elsewhere nobody listens.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["EndPolls", "announce", "end_polls"]

#: Answers the polls for a job type (first) that a worker of a name (second) waits with; from any thread, without waiting.
EndPolls = Callable[[str, str], None]

_gateways: list[EndPolls] = []


def announce(gateway: EndPolls) -> Callable[[], None]:
    """Says that a gateway is there; what is returned says that it is gone."""
    _gateways.append(gateway)
    return lambda: _gateways.remove(gateway)


def end_polls(job_type: str, worker: str) -> bool:
    """Tells the gateways nearby that polls are not wanted any more; False where there is none.

    Another worker of that name sends its poll once more.
    """
    gateways = tuple(_gateways)
    for each in gateways:
        each(job_type, worker)
    return bool(gateways)
