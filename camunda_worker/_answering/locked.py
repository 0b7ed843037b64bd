"""A job for as long as the gateway gives it to nobody else: what is tried again until it is taken, or the lock is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from camunda_core.errors import CamundaError, DeadlineExceeded, ResourceExhausted, Unknown
from camunda_core.jobs import ActivatedJob
from camunda_core.retry import Pace, RetryPolicy
from camunda_worker._answering.answers import (
    Answer,
    Fail,
    is_denial,
    is_final,
    is_refusal,
    is_too_large,
    says_it_arrived,
)
from camunda_worker._answering.desk import Desk
from camunda_worker._intake.patience import in_words
from camunda_worker._job import Job
from camunda_worker._logs import log, of_job

__all__ = ["LockedJob"]

# The first two attempts that hang are given up after this many seconds each, the next after
# twice as many, and so on.
_FIRST_ATTEMPT, _LONGEST_ATTEMPT = 2.5, 20.0
# Even a job whose lock is over gets one attempt: the gateway takes an answer as long as nobody else
# has taken the job. A worker that is stopping has less time for it.
_LAST_ATTEMPT, _VERY_LAST_ATTEMPT = 1.0, 0.1
# The last attempt begins so many seconds (or such a share of the lock's length) before the lock is
# over. Where the server says no to an answer, this much is kept for what goes instead.
_LAST_MOMENT, _LAST_SHARE = 0.25, 0.05
_RESERVE, _RESERVE_SHARE = 2.0, 0.2
_FAULTS = RetryPolicy(initial_delay=0.02, multiplier=2.0, max_delay=2.0)
_PRESSURE = RetryPolicy(initial_delay=0.005, multiplier=2.0, max_delay=0.5)


class LockedJob:
    """An activated job and the end of its lock, which moves."""

    __slots__ = ("activated", "arrived", "deadline", "desk", "superseded")

    def __init__(self, desk: Desk, activated: ActivatedJob, age: float = 0.0) -> None:
        """``age``: for how many seconds it had been locked when it came."""
        self.desk = desk
        self.activated = activated
        self.arrived = desk.loop.time()
        #: When the lock ends by our own clock; the broker's may be another.
        self.deadline = self.arrived + desk.timeout - age
        #: Set when the gateway hands the job out anew while a failure of it is being sent:
        #: then it has arrived.
        self.superseded = False

    def time_left(self) -> float:
        """Seconds until the lock ends."""
        return max(0.0, self.deadline - self.desk.loop.time())

    @property
    def closing(self) -> bool:
        """Whether the worker stops answering before the lock is over: then nobody knows what the
        gateway would have said.
        """
        return self.desk.closes_at < self.deadline

    async def prolong(self, length: float) -> None:
        """Locks the job for ``length`` seconds from now."""
        desk = self.desk

        async def attempt(timeout: float) -> None:
            began = desk.loop.time()
            await desk.wire.extend(self.activated, length, timeout=timeout)
            self.deadline = began + length

        await self.repeated(attempt)

    async def repeated(
        self,
        attempt: Callable[..., Awaitable[None]],
        *arguments: Any,
        answer: Answer | None = None,
        uncertain: bool = False,
        begun: tuple[float, CamundaError] | None = None,
    ) -> None:
        """Makes attempts until one is taken, the gateway says no for good, or the lock is over;
        raises what ended them.

        ``attempt`` is called with the ``arguments`` and the seconds that it may take. ``answer``
        is what it sends, if it is one. ``uncertain`` is whether there was an attempt before
        whose outcome nobody knows, and ``begun`` the first one, if somebody else has made it: when
        it entered the window, and how it failed.
        """
        desk = self.desk
        plain = isinstance(answer, Fail) and answer.is_plain
        loop, window = desk.loop, desk.window
        pace: Pace | None = None
        longest = _FIRST_ATTEMPT
        attempts = 0
        while True:
            attempts += 1
            if begun is None:
                entered = window.entered()
                if entered is None:
                    kept = min(_LAST_MOMENT, desk.timeout * _LAST_SHARE)
                    entered = await window.enter(min(self.deadline, desk.closes_at) - kept)
                try:
                    await attempt(*arguments, self._limit(entered, longest))
                except Exception as error:
                    failure = self._of_wire(error)
                except BaseException:
                    window.leave(entered, refused=False)
                    raise
                else:
                    window.leave(entered, refused=False)
                    desk.answered()
                    return
            else:
                (entered, failure), begun = begun, None
            pressure = isinstance(failure, ResourceExhausted) and not is_too_large(failure)
            window.leave(entered, refused=pressure)
            if uncertain and answer is not None and says_it_arrived(failure, answer):
                return  # the attempt whose answer was lost had been taken
            desk.failed(failure, plain=plain)
            if isinstance(failure, DeadlineExceeded) and not failure.answered:
                desk.answers.overdue(entered)
            if is_final(failure):
                raise failure
            desk.faults += not pressure
            uncertain = uncertain or (failure.sent and not pressure and not is_denial(failure))
            if self.superseded:
                return
            left = self._until_last_attempt(failure, answer) - loop.time()
            if left <= 0:
                raise failure
            pace = pace or Pace(_PRESSURE if pressure else _FAULTS)
            delay = min(pace.failed(failure), left)
            if pace.failures == 1:
                self._tell_of_repeat(failure, delay)
            desk.observers.tell("answer_repeated", desk.job_type, failure)
            if attempts > 1:
                longest = min(longest * 2, _LONGEST_ATTEMPT)
            await asyncio.sleep(delay)

    def _of_wire(self, error: BaseException) -> CamundaError:
        """What a wire raised; all but a CamundaError is a fault of ours."""
        if isinstance(error, CamundaError):
            return error
        log.error("%s: the wire failed in a way it should not", self._job, exc_info=error)
        return Unknown(repr(error), answered=False)

    def _limit(self, entered: float, longest: float = _FIRST_ATTEMPT) -> float:
        """How many seconds an attempt may take that begins now."""
        desk = self.desk
        until = min(self.deadline, desk.closes_at)
        least = _LAST_ATTEMPT if desk.closes_at > self.deadline else _VERY_LAST_ATTEMPT
        return min(longest, max(until - entered, least))

    def _until_last_attempt(self, failure: CamundaError, answer: Answer | None) -> float:
        """When the last attempt is to begin, by the loop's clock; a handler may move the lock's end
        meanwhile.
        """
        desk = self.desk
        kept = min(_LAST_MOMENT, desk.timeout * _LAST_SHARE)
        if answer is not None and is_refusal(failure) and not self.closing:
            kept += answer.reserve * min(_RESERVE, desk.timeout * _RESERVE_SHARE)
        return min(self.deadline, desk.closes_at) - kept

    def _tell_of_repeat(self, failure: CamundaError, delay: float) -> None:
        desk = self.desk
        # The first of them stands for all that fail at the same time.
        level = (
            logging.WARNING if not desk.last_error and (failure.retry_after or 0) > delay else logging.INFO
        )
        desk.last_error = str(failure)
        again = in_words(delay, failure)
        log.log(
            level,
            "%s: the answer is sent again %s: %s",
            self._job,
            again,
            failure,
            extra=of_job(self.activated),
        )

    @property
    def _job(self) -> Job:
        return Job(self.activated)
