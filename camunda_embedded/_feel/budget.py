"""How long expressions may compute: one budget of a thread's time for all that is
evaluated in one piece of work.

The values that expressions make can be walked in many places, and a few of them be made so that a
walk never ends (a list that holds another one twice, which holds another one twice, and so on). So
there is one budget of the thread, which every place that walks or visits something looks at, rather
than one that each function would have to be handed.
"""

from __future__ import annotations

import math
import threading
import time
from typing import NoReturn

from camunda_embedded._feel.errors import FeelEvaluationError
from camunda_embedded._limits import EVALUATION_SECONDS

__all__ = ["OutOfTime", "enter", "exhaust", "leave", "left", "renew", "tick"]


class OutOfTime(FeelEvaluationError):
    """The budget is used up."""


class _Budget(threading.local):
    owned = False
    #: When to look closer, in monotonic seconds; 0 before the first look, and never outside
    #: of a piece of work.
    until = math.inf
    #: The thread's computing time at which the budget is used up.
    end = 0.0


_budget = _Budget()


def enter() -> bool:
    """Begins a piece of work with a fresh budget; False, and nothing happens, inside of another one."""
    if _budget.owned:
        return False
    _budget.owned, _budget.until = True, 0.0
    return True


def renew() -> None:
    """Begins the next piece of work, inside of ``enter`` and ``leave``, with a fresh budget."""
    _budget.until = 0.0


def leave(owned: bool) -> None:
    """Ends the piece of work that ``enter`` began."""
    if owned:
        _budget.owned, _budget.until = False, math.inf


def tick() -> None:
    """Looks whether there is time left.

    Raises:
        OutOfTime: there is none.
    """
    if time.monotonic() > _budget.until:
        left()


def left() -> float:
    """The seconds of computing that are left.

    Raises:
        OutOfTime: there are none.
    """
    if not _budget.owned:
        return EVALUATION_SECONDS
    used = time.thread_time()  # what other threads and processes take does not count
    if not _budget.until:
        _budget.end = used + EVALUATION_SECONDS
    remaining = _budget.end - used
    if remaining <= 0:
        raise _out_of_time()
    _budget.until = time.monotonic() + remaining
    return remaining


def exhaust() -> NoReturn:
    """Uses up what is left: something was interrupted that could not be measured.

    Raises:
        OutOfTime: always.
    """
    left()
    _budget.end = _budget.until = 0.0
    raise _out_of_time()


def _out_of_time() -> OutOfTime:
    return OutOfTime(f"expressions computed for more than {EVALUATION_SECONDS:g} s")
