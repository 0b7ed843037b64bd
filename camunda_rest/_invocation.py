"""What one call decides between its attempts: how long, whether again, and what a lost
connection means. Free of I/O.

Both clients run the same loop around it: ask for the time that is left, try, and hand what was
raised to ``pause_after``.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from camunda_core._arguments import shown
from camunda_core._secrecy import Sealed
from camunda_core._several import Visits
from camunda_core.deadline import Deadline, time_to_wait
from camunda_core.errors import (
    Aborted,
    AuthenticationError,
    CamundaError,
    DeadlineExceeded,
    Internal,
    InvalidRequest,
    Unauthenticated,
    Unavailable,
)
from camunda_core.retry import Attempts, RetryPolicy
from camunda_rest._encoding import JsonText
from camunda_rest._time_limits import DEFAULT, Timeout
from camunda_rest.operations import Operation

if TYPE_CHECKING:
    from camunda_core._observed import ObservedCall, Watch
    from camunda_core._several import Ring
    from camunda_core.credentials import Credentials

__all__ = [
    "ANONYMOUS",
    "DEFAULT",
    "Failure",
    "Invocation",
    "NoAnswer",
    "Timeout",
    "extra_headers",
    "time_limit",
]


#: Headers that describe the body or the connection: they are the library's to set.
_OURS = frozenset({"content-type", "content-length", "transfer-encoding", "host", "connection"})


class Failure(enum.Enum):
    """How an attempt can end without an answer."""

    UNREACHABLE = "no connection was made"
    UNKNOWN_HOST = "no connection was made: the host's name has no address"
    UNTRUSTED = "no connection was made, and none will be: TLS or a certificate was refused"
    TIMED_OUT = "no whole answer in time"
    LOST = "the connection was lost while or after the request was written"
    FOREIGN = "what was answered is not HTTP"


class NoAnswer(NamedTuple):
    """An attempt that ended without an answer: how, why in words, and what was raised (without its
    frames); whether the gateway had spoken on that connection, so that it had let us in.
    """

    how: Failure
    what: str
    cause: BaseException | None
    spoken: bool = False


#: Who is calling a gateway that asks for nothing.
ANONYMOUS: Final = Sealed({})
_NOT_CONNECTED = (Failure.UNREACHABLE, Failure.UNKNOWN_HOST, Failure.UNTRUSTED)


class Invocation:
    """The bookkeeping of one call through all its attempts."""

    __slots__ = (
        "_attempts",
        "_credentials",
        "_deadline",
        "_failures",
        "_policy",
        "_renewed",
        "_visits",
        "operation",
        "timeout",
        "watched",
    )

    def __init__(
        self,
        operation: Operation,
        policy: RetryPolicy,
        credentials: Credentials | None,
        timeout: float | None,
        ring: Ring | None = None,
    ) -> None:
        self.operation = operation
        self.timeout = timeout
        self._deadline = Deadline(timeout)
        self._policy = policy
        self._attempts: Attempts | None = None  # made when one has failed
        self._credentials = credentials
        self._renewed = False
        self._failures = 0
        self._visits = None if ring is None else Visits(ring)
        self.watched: ObservedCall | None = None

    def begin(self) -> int:
        """An attempt is about to be sent: to the gateway of this index."""
        return 0 if self._visits is None else self._visits.begin()

    def watched_by(self, watch: Watch | None) -> ObservedCall | None:
        """What is to be told of this call's attempts; None where nobody watches."""
        if watch is not None:
            self.watched = watch.call(self.operation.id, self.operation.method, self.operation.path)
        return self.watched

    def time_left(self) -> float | None:
        """Seconds for the next attempt, None for no limit. Raises DeadlineExceeded when there are none."""
        left = self._deadline.remaining()
        if left == 0.0:
            raise DeadlineExceeded(
                f"the time limit of {self.timeout:g} s was over before the request was sent",
                operation=self.operation.id,
                sent=False,
            )
        return left

    def bounded(self, seconds: float) -> float:
        """So many, or what is left of the call's time when that is less."""
        return self._deadline.bounded(seconds)

    def failure(self, how: Failure, what: str) -> CamundaError:
        """The error for an attempt that got no answer; ``what`` says why, in words."""
        name = self.operation.id
        if how in _NOT_CONNECTED:
            return Unavailable(what, operation=name, sent=False, lasting=how is not Failure.UNREACHABLE)
        if how is Failure.FOREIGN:
            return Internal(what, operation=name, answered=False)
        if how is Failure.TIMED_OUT:
            limit = "" if self.timeout is None else f" within {self.timeout:g} s"
            return DeadlineExceeded(
                f"no complete answer{limit}; the command may have been executed",
                operation=name,
                answered=False,
            )
        if self.operation.repeatable:
            return Unavailable(what, operation=name, answered=False)
        return Aborted(f"{what}; the command may have been executed", operation=name, answered=False)

    def pause_after(self, error: CamundaError, identity: Sealed) -> float | None:
        """Seconds until the next attempt, None when ``error`` is to be raised. ``identity`` is what
        the credentials gave for it.
        """
        if not error.operation:
            error.operation = self.operation.id
        self._failures += 1
        error.attempts, error.elapsed = self._failures, self._deadline.elapsed()
        if self._visits is not None and self._visits.failed(error) and self._deadline.remaining() != 0.0:
            return 0.0
        if isinstance(error, Unauthenticated) and not isinstance(error, AuthenticationError):
            if self._renewed or self._credentials is None or not error.answered:
                return None
            self._renewed = True
            return 0.0 if self._credentials.rejected(identity.headers) else None
        if self._attempts is None:
            repeatable = self.operation.repeatable
            self._attempts = self._policy.attempts(repeatable=repeatable, deadline=self._deadline)
        if self._visits is not None:
            self._visits.paused()
        return self._attempts.next_delay(error)


def time_limit(
    operation: Operation, body: Mapping[str, Any] | JsonText | None, timeout: Timeout, default: float | None
) -> float | None:
    """The time limit of a call in seconds. By default the client's own, plus what the server was
    asked to wait, which finished JSON does not tell: it counts as not asked.
    """
    if timeout is not DEFAULT:
        return None if timeout is None else time_to_wait(timeout)
    if default is None or operation.waits is None:
        return default
    given = {} if body is None or isinstance(body, JsonText) else body
    return default + (operation.server_wait(given) or 0.0)


def extra_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """A caller's own headers with lower-case names. Raises InvalidRequest for what would break
    or change the request.
    """
    if not isinstance(headers, Mapping):
        raise InvalidRequest(f"headers must be a mapping of names to values, not {shown(headers)}")
    made = {}
    for name, value in headers.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise InvalidRequest(f"headers: {shown(name)} and its value must be text")
        lower = name.lower()
        if lower in _OURS:
            raise InvalidRequest(f"headers: {name} is set by this library")
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            raise InvalidRequest(f"headers: {shown(name)} is not the name of a header")
        if not value.isascii() or not value.isprintable():
            raise InvalidRequest(f"headers: the value of {name} must be visible ASCII without line breaks")
        made[lower] = value
    return made
