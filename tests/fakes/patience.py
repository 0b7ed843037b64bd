"""Time limits that are short, and long enough on a busy machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from camunda_core.errors import CamundaError

__all__ = ["sent_within"]

E = TypeVar("E", bound=CamundaError)


def sent_within(limit: float, call: Callable[[float], E]) -> E:
    """How a call ends that has ``limit`` seconds, or as many more as it takes until its request is sent in time.

    For peers that answer too late or never: what is asked of them must have been asked before the limit is over.
    """
    error = call(limit)
    for longer in (4, 16, 64):
        if error.sent:
            break
        error = call(limit * longer)
    return error
