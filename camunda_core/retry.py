"""Which failures are worth another attempt, and when: one policy for both wires, free of I/O.

An operation belongs to one of two groups. *Repeatable* ones may run twice without harm (activating, completing, cancelling,
evaluating, reading). The others may not (creating, publishing, deploying), so they are repeated only when the server certainly
did not execute them.

    outcome                                        repeatable      other
    RESOURCE_EXHAUSTED (back-pressure)             yes             yes
    UNAVAILABLE answered by the server             yes             yes
    connection never made                          yes             yes
    DEADLINE_EXCEEDED answered by the server       yes             no
    ABORTED, connection lost before the answer      yes             no
    everything else                                no              no

An UNAVAILABLE of a proxy is "answered" only where its text proves that nothing was handed on: ``camunda_core.proxies``.
A rejected token is not a matter of this table: the door renews it once, then gives up.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from camunda_core.deadline import Deadline
from camunda_core.errors import CamundaError, ConfigurationError

__all__ = ["NO_RETRY", "Attempts", "Pace", "RetryPolicy", "is_retryable"]

_ALWAYS = frozenset({"RESOURCE_EXHAUSTED", "UNAVAILABLE"})
_WHEN_REPEATABLE = _ALWAYS | {"DEADLINE_EXCEEDED", "ABORTED"}


def is_retryable(error: CamundaError, *, repeatable: bool) -> bool:
    """Whether another attempt can help and cannot harm. ``error.sent`` False makes any connection failure repeatable."""
    if not error.sent:
        return error.grpc_code == "UNAVAILABLE"
    if error.problem is not None and error.problem.status == 413:
        return False  # too large today, too large tomorrow
    if repeatable:
        return error.grpc_code in _WHEN_REPEATABLE
    return error.answered and error.grpc_code in _ALWAYS


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how fast. Delays are seconds; each is drawn between half and the whole of its exponential value.

    ``max_attempts`` counts the first one: 1 switches retrying off. Attempts end earlier when the call's deadline would be over
    before the next could start.
    """

    max_attempts: int = 5
    initial_delay: float = 0.1
    multiplier: float = 3.0
    max_delay: float = 5.0

    def __post_init__(self) -> None:
        if self.max_attempts < 1:
            raise ConfigurationError(
                "RetryPolicy.max_attempts counts the first attempt: it must be 1 or more"
            )
        if self.initial_delay < 0 or self.max_delay < 0 or self.multiplier < 1:
            raise ConfigurationError("RetryPolicy needs delays of 0 s or more and a multiplier of 1 or more")

    def delay(
        self, failures: int, error: CamundaError | None = None, rng: Callable[[], float] = random.random
    ) -> float:
        """Seconds to wait after the failure that follows ``failures`` others: never less than the server asked for."""
        ceiling = min(self.max_delay, self.initial_delay * self.multiplier ** min(failures, 30))
        asked = error.retry_after if error is not None else None
        return max(ceiling * (0.5 + 0.5 * rng()), asked or 0.0)

    def attempts(
        self,
        *,
        repeatable: bool,
        deadline: Deadline,
        rng: Callable[[], float] = random.random,
    ) -> Attempts:
        """The bookkeeping of one call."""
        return Attempts(self, repeatable, deadline, rng)


NO_RETRY = RetryPolicy(max_attempts=1)


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
        return delay


class Pace:
    """The pauses of something that never gives up: growing, jittered, back to the start after a success.

    Of the policy only the delays count.
    """

    def __init__(self, policy: RetryPolicy, rng: Callable[[], float] = random.random) -> None:
        self._policy = policy
        self._rng = rng
        self.failures = 0

    def failed(self, error: CamundaError | None = None) -> float:
        """Seconds to wait after this failure. What the server asks for is a hint: it counts up to the policy's ``max_delay``."""
        delay = min(self._policy.delay(self.failures, error, self._rng), self._policy.max_delay)
        self.failures += 1
        return delay

    def succeeded(self) -> int:
        """How many failures the success ended."""
        ended, self.failures = self.failures, 0
        return ended
