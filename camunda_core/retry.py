"""Which failures are worth another attempt, and when: one policy for both wires, free of I/O.

An operation belongs to one of two groups. *Repeatable* ones may run twice without harm (activating,
completing, cancelling, evaluating, reading). The others may not (creating, publishing, deploying),
so they are repeated only when the server certainly did not execute them.

    outcome                                        repeatable      other
    RESOURCE_EXHAUSTED (back-pressure)             yes             yes
    UNAVAILABLE answered by the server             yes             yes
    connection never made                          yes             yes
    host unknown or not trusted, no such partition no              no
    DEADLINE_EXCEEDED answered by the server       yes             no
    ABORTED, connection lost before the answer      yes             no
    everything else                                no              no

What the server asks for (Retry-After, RetryInfo) is a hint: it makes a pause longer, up to the
policy's ``max_delay``. An hour that a server wishes for must not hold up a caller for an hour, and
neither must a mistake in one header.

An UNAVAILABLE of a proxy is "answered" only where its text proves that nothing was handed
on: ``camunda_core._proxies``. A rejected token is not a matter of this table: the door
renews it once, then gives up.
"""

from __future__ import annotations

import logging
import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from camunda_core._arguments import shown
from camunda_core.deadline import Deadline
from camunda_core.errors import CamundaError, ConfigurationError, InvalidRequest

__all__ = ["NO_RETRY", "Attempts", "Pace", "RetryPolicy", "is_retryable"]

log = logging.getLogger("camunda_core")

_ALWAYS = frozenset({"RESOURCE_EXHAUSTED", "UNAVAILABLE"})
_WHEN_REPEATABLE = _ALWAYS | {"DEADLINE_EXCEEDED", "ABORTED"}


def is_retryable(error: CamundaError, *, repeatable: bool) -> bool:
    """Whether another attempt can help and cannot harm.

    ``error.sent`` False makes any connection failure repeatable.
    """
    if error.lasting:
        return False
    if not error.sent:
        return error.grpc_code == "UNAVAILABLE"
    if error.problem is not None and error.problem.status == 413:
        return False  # too large today, too large tomorrow
    if repeatable:
        return error.grpc_code in _WHEN_REPEATABLE
    return error.answered and error.grpc_code in _ALWAYS


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how fast. Delays are seconds; each is drawn between half and the whole of
    its exponential value.

    ``max_attempts`` counts the first one: 1 switches retrying off. ``max_delay`` bounds every
    pause, one that the server asked for as well. Attempts end earlier when the call's deadline
    would be over before the next could start.
    """

    max_attempts: int = 5
    initial_delay: float = 0.1
    multiplier: float = 3.0
    max_delay: float = 5.0

    def __post_init__(self) -> None:
        if (
            not isinstance(self.max_attempts, int)
            or isinstance(self.max_attempts, bool)
            or self.max_attempts < 1
        ):
            raise ConfigurationError(
                "RetryPolicy.max_attempts counts the first attempt: it must be 1 or more, "
                f"not {shown(self.max_attempts)}"
            )
        for name, least in (("initial_delay", 0.0), ("max_delay", 0.0), ("multiplier", 1.0)):
            value = getattr(self, name)
            if not _is_finite(value) or value < least:
                raise ConfigurationError(
                    f"RetryPolicy.{name} must be {least:g} or more, not {shown(value)}: RetryPolicy needs delays of "
                    "0 s or more and a multiplier of 1 or more"
                )

    def delay(
        self, failures: int, error: CamundaError | None = None, rng: Callable[[], float] = random.random
    ) -> float:
        """Seconds to wait after the failure that follows ``failures`` others: what the server asked
        for, if that is longer than our own pause, but never more than ``max_delay``.
        """
        ceiling = min(self.max_delay, self.initial_delay * self.multiplier ** min(failures, 30))
        asked = error.retry_after if error is not None else None
        return max(ceiling * (0.5 + 0.5 * rng()), min(asked or 0.0, self.max_delay))

    def attempts(
        self,
        *,
        repeatable: bool,
        deadline: Deadline,
        rng: Callable[[], float] = random.random,
    ) -> Attempts:
        """The bookkeeping of one call."""
        return Attempts(self, repeatable, deadline, rng)


def _is_finite(value: object) -> bool:
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def _is_lost(error: CamundaError) -> bool:
    """Whether it was the connection that failed."""
    return error.grpc_code == "UNAVAILABLE" and not error.answered


NO_RETRY = RetryPolicy(max_attempts=1)


def check_retry(retry: object) -> None:
    """Raises InvalidRequest for the ``retry`` of a call that is neither None nor a RetryPolicy."""
    if retry is not None and not isinstance(retry, RetryPolicy):
        raise InvalidRequest(f"retry must be a RetryPolicy, not {type(retry).__name__}")


class Attempts:
    """The attempts of one call: tell it each failure, wait as long as it says, or raise when it says None."""

    __slots__ = ("_deadline", "_policy", "_repeatable", "_rng", "made")

    def __init__(
        self,
        policy: RetryPolicy,
        repeatable: bool,
        deadline: Deadline,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self._policy = policy
        self._repeatable = repeatable
        self._deadline = deadline
        self._rng = rng
        self.made = 1

    def next_delay(self, error: CamundaError) -> float | None:
        """Seconds to wait before the next attempt; None when ``error`` is to be raised."""
        policy = self._policy
        if self.made >= policy.max_attempts or not is_retryable(error, repeatable=self._repeatable):
            return None
        delay = policy.delay(self.made - 1, error, self._rng)
        left = self._deadline.remaining()
        if left is not None and delay >= left:
            return None
        self.made += 1
        asked = error.retry_after
        wish = "" if asked is None else f" (the server asked for {asked:g} s)"
        log.info(
            "attempt %d of %d failed, the next one follows in %.2f s%s: %s",
            self.made - 1,
            policy.max_attempts,
            delay,
            wish,
            error,
        )
        return delay


class Pace:
    """The pauses of something that never gives up: growing, jittered, back to the start after a success.

    Of the policy only the delays count. ``spread`` (s) is for what many programs lose at the same moment:
    the first pause after a connection that broke or was not made is any time up to it, so that they do not
    all come back at once, and the next is no shorter than one after that many seconds would be.
    """

    def __init__(
        self, policy: RetryPolicy, rng: Callable[[], float] = random.random, spread: float = 0.0
    ) -> None:
        self._policy = policy
        self._rng = rng
        self._spread = spread
        self._step = 0
        self.failures = 0

    def failed(self, error: CamundaError | None = None) -> float:
        """Seconds to wait after this failure."""
        if not self.failures and error is not None and self._spread and _is_lost(error):
            delay = self._spread * self._rng()
            while self._policy.initial_delay * self._policy.multiplier**self._step < self._spread:
                self._step += 1
        else:
            delay = self._policy.delay(self._step, error, self._rng)
            self._step += 1
        self.failures += 1
        return delay

    def succeeded(self) -> int:
        """How many failures the success ended."""
        ended, self.failures, self._step = self.failures, 0, 0
        return ended
