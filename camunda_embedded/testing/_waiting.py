"""How an assertion waits: for what is under way, for others, and for time."""

from __future__ import annotations

import time
from collections.abc import Callable

from camunda_embedded._spans import Span, span_of
from camunda_embedded.testing._source import Source, source_of

__all__ = ["hold", "until"]

_PAUSE = 0.01
#: Steps of the clock within one limit; a timer that repeats is due again for ever.
_STEPS = 10_000


def hold(
    source: Source, problem: Callable[[], str | None], patience: float, limit: Span | None
) -> str | None:
    """Waits until ``problem`` names none; what it says in the end."""
    end = None if limit is None else span_of(limit, "limit").after(source.now())
    give_up, steps = time.monotonic() + patience, 0
    while True:
        source.settle()
        found = problem()
        if found is None:
            return None
        resting = source.at_rest()
        if resting:
            # A worker may have answered between the look and the question: a look at rest is what counts.
            source.settle()
            found = problem()
            if found is None:
                return None
            resting = source.at_rest()
        if not resting and time.monotonic() < give_up:
            time.sleep(_PAUSE if patience < 5 else _PAUSE * 10)
            continue
        steps += 1
        if end is None or steps > _STEPS or not source.move(end):
            return found


def until(
    condition: Callable[[], bool], limit: Span = "1d", *, on: object = None, patience: float | None = None
) -> None:
    """Waits until ``condition()`` is true.

    On an embedded gateway the clock moves from one thing that is due to the next, not beyond ``limit`` from now, and
    nothing sleeps; on a cluster ``limit`` is real time.

    Raises:
        AssertionError: it is not true within ``limit``.
    """
    __tracebackhide__ = True
    source = source_of(on)
    wait = source.patience if patience is None else patience
    if hold(source, lambda: None if condition() else "the condition does not hold", wait, limit) is not None:
        raise AssertionError(f"the condition does not hold within {limit}")
