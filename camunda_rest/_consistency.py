"""Waiting for what lags behind: whether to ask again, and when. Free of I/O.

What 95 operations answer comes from a copy that follows the engine. ``wait=5`` asks again for at most that long while a search
is empty or a thing is not there yet; ``until=`` waits for a condition of the answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from camunda_core.deadline import Duration, seconds
from camunda_core.errors import (
    CamundaError,
    ConfigurationError,
    DeadlineExceeded,
    Internal,
    InvalidRequest,
    NotFound,
    Unimplemented,
)

__all__ = ["Patience", "default_wait"]

_FIRST, _GROWTH, _MOST = 0.05, 1.6, 0.5  # s
_DEFAULT = 10.0  # s, for ``until`` without ``wait``


def default_wait(consistency_wait: Duration) -> float:
    """What clients wait (s) where a call says nothing. Raises ConfigurationError."""
    try:
        found = seconds(consistency_wait, "consistency_wait")
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    if found < 0:
        raise ConfigurationError(f"consistency_wait must be 0 s or more, not {consistency_wait!r}")
    return found


class Patience:
    """One wait. ``pause_after`` and ``pause_after_error`` say how long (s) to pause before asking again, None to stop;
    ``end`` is what follows from an error that stops it.

    ``timeout``  what bounds the call with everything that is waited for, where the caller said so; without it each time
                 of asking has the client's own limit, and the wait is added. One that is no longer than the wait is its
                 end: whether somebody was just asking then makes no difference
    """

    def __init__(
        self,
        operation: str,
        wait: Duration | None,
        until: Callable[[Any], bool] | None,
        default: float = 0.0,
        timeout: Duration | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        limit = (
            (default or (_DEFAULT if until is not None else 0.0)) if wait is None else seconds(wait, "wait")
        )
        if limit < 0:
            raise InvalidRequest(f"wait must be 0 s or more, not {wait!r}", operation=operation)
        if until is not None and not callable(until):
            raise InvalidRequest(f"until must be callable, not {until!r}", operation=operation)
        self._operation = operation
        self._limit = limit
        self._until = until
        self._timeout = None if timeout is None else seconds(timeout)
        self._now = now
        self._began = now()
        self._pause = _FIRST
        self._seen = "nothing"
        self._before: Any = _NOTHING

    def time_left(self) -> float | None:
        """The time limit (s) of asking now; None for the client's own."""
        if self._timeout is None or self._pause == _FIRST:
            return self._timeout
        return max(self._timeout - self._gone(), 0.0)

    def pause_after(self, answer: Any) -> float | None:
        """After an answer. Raises DeadlineExceeded with ``last`` when the time is over and ``until`` is not fulfilled."""
        if self._until is not None:
            if self._until(answer):
                return None
            self._seen, self._before = _shown(answer), answer
            pause = self._again()
            if pause is None:
                raise self._did_not_come(answer)
            return pause
        if not _empty(answer):
            return None
        self._seen, self._before = _shown(answer), answer
        return self._again()

    def pause_after_error(self, error: CamundaError) -> float | None:
        """After an error: what is not there may come, and the copy itself may not be there yet."""
        if self._limit == 0 or not _may_pass(error):
            return None
        pause = self._again()
        if pause is not None:
            self._seen = str(error.message)[:_LONGEST] or type(error).__name__
            self._before = error.with_traceback(None)  # whose frames would hold this wait, which holds it
        return pause

    def end(self, error: CamundaError) -> Any:
        """What a wait ends with that stops after ``error``: that is raised, or, where it only says that the time of
        the call was over before the wait's, what had been found before is returned or raised.
        """
        before, self._before = self._before, _NOTHING
        if self._is_own_end(error) and before is not _NOTHING:
            if isinstance(before, CamundaError):
                error = before
            elif self._until is None:
                return before
            else:
                raise self._did_not_come(before) from None
        if self._limit and _may_pass(error):
            error.message = (
                f"{error.message} (asked again for {self._gone():.3g} s; seen before: {self._seen})"
            )
        try:
            raise error
        finally:
            del error, before  # lest they and their traceback hold each other

    def _is_own_end(self, error: CamundaError) -> bool:
        timeout = self._timeout
        return (
            timeout is not None
            and timeout <= self._limit
            and isinstance(error, DeadlineExceeded)
            and error.problem is None  # the gateway did not say so
        )

    def _did_not_come(self, last: Any) -> DeadlineExceeded:
        return DeadlineExceeded(
            f"what was waited for did not come within {self._gone():.3g} s; seen last: {self._seen}",
            operation=self._operation,
            last=last,
        )

    def _gone(self) -> float:
        return self._now() - self._began

    def _again(self) -> float | None:
        gone = self._gone()
        left = self._limit - gone
        if left <= 0:
            return None
        pause = min(self._pause, left)
        if self._timeout is not None and gone + pause >= self._timeout:
            return None  # nothing would be left for asking
        self._pause = min(self._pause * _GROWTH, _MOST)
        return pause


_LONGEST = 300
_NOTHING = object()


def _may_pass(error: CamundaError) -> bool:
    """Whether the same question may be answered a moment later."""
    if isinstance(error, Unimplemented):
        return False
    if error.problem is None:  # nothing was answered, or something that is no answer
        return not isinstance(error, Internal) and error.http_status >= 500
    return isinstance(error, NotFound) or error.problem.status == 429 or error.problem.status >= 500


def _shown(answer: Any) -> str:
    from camunda_rest._search import Page  # loaded with the first search

    if isinstance(answer, Page):
        return f"{len(answer)} items, {answer.total_items!r} in all"
    return repr(answer)[:_LONGEST]


def _empty(answer: Any) -> bool:
    from camunda_rest._search import Page

    return answer is None or (isinstance(answer, (Page, tuple)) and len(answer) == 0)
