"""How waiting is done over REST: long polls in slices, and job streams made of them. Pure; the doors do the waiting.

What a real gateway does shapes all of it. It cuts a REST long poll at 30 s. And it does not notice a client that went away: an
abandoned poll swallows the next job and keeps it locked. So a poll is never abandoned on the wire: it is cut into slices that the
server ends, a cancelled one is left to end by itself, and the jobs that it still brings are given back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bridge._table.mapping import RestRequest
from camunda_core.deadline import Deadline
from camunda_core.errors import (
    AlreadyExists,
    CamundaError,
    Cancelled,
    DeadlineExceeded,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    Unimplemented,
)
from camunda_core.jobs import UnreadableJob
from camunda_rest._activated import failing, unreadable_job, why_unreadable

__all__ = [
    "CLOSING",
    "HEADROOM",
    "LongPoll",
    "Slice",
    "StreamPlan",
    "early",
    "ends_stream",
    "failing",
    "read_jobs",
    "returning",
    "stream_error",
    "time_for",
    "was_left",
]

log = logging.getLogger("bridge")

#: Seconds that an answer may take beyond the time that the server was asked to wait.
HEADROOM = 10.0
#: The same for an awaited result with a time limit: 8.6 does not keep to it, so that the client must.
RESULT_HEADROOM = 2.0
# An empty answer comes up to 0.6 s later than asked; of the caller's time this much (s, or share) is kept for it.
_MARGIN, _MARGIN_SHARE = 1.0, 0.7
#: The longest time, in seconds, that one REST request asks the server to wait. The server cuts at 30 s; a shorter slice costs one
#: cheap request more and makes closing quicker, since a poll on the wire is waited for.
SLICE = 4.0
#: Seconds that closing takes at most: a slice, the moment by which its answer comes late, and giving back what it brings.
CLOSING = 5.0
# An empty answer that comes this early (s) did not wait (processing is paused, the clock was moved): pause before the next.
_EARLY, _PAUSE = 0.05, 0.1


@dataclass(frozen=True)
class Slice:
    """One request of a long poll: what to send, and how long (s) the answer may take."""

    request: RestRequest
    wait: float
    timeout: float


def early(asked: Slice, took: float) -> float:
    """Seconds to pause after an empty answer that took ``took`` seconds, so that a server that does not wait is not hammered."""
    return _PAUSE if took < min(_EARLY, asked.wait) else 0.0


def time_for(request: RestRequest, timeout: float) -> float:
    """The seconds that a call may take when its caller did not say: ``timeout``, or the server's own wait and some headroom."""
    operation, body = request.operation, request.body
    wait = operation.server_wait(body)
    if wait is None:
        return timeout
    limited = operation.waits_if is not None and (body.get("requestTimeout") or 0) > 0
    return wait + (RESULT_HEADROOM if limited else HEADROOM)


def _margin(left: float) -> float:
    return min(_MARGIN, left * _MARGIN_SHARE)


class LongPoll:
    """One ActivateJobs call: ``next()`` until it is None or a slice brought jobs; then ``overdue`` tells how it ended.

    The caller's deadline ends the call, not the server: the last slice ends early enough before it for the answer to arrive, so
    that no job is activated for a caller that has gone.
    """

    def __init__(self, request: RestRequest, deadline: Deadline) -> None:
        self._request = request
        self._deadline = deadline
        wait = request.operation.server_wait(request.body) or 0.0
        self._wait = Deadline(wait)
        self._polls = wait > 0
        left = deadline.remaining()
        self._margin = 0.0 if left is None else _margin(left)
        self._begun = False

    def next(self) -> Slice | None:
        """The next slice; None when the time that the caller asked for, or was given, is over."""
        left = self._left()
        if self._begun and (not self._polls or left <= 0):
            return None
        self._begun = True
        wait = min(SLICE, left) if self._polls else 0.0
        milliseconds = int(wait * 1000) or -1
        body = {**self._request.body, "requestTimeout": milliseconds}
        return Slice(replace(self._request, body=body), wait, self._deadline.bounded(wait + HEADROOM))

    def _left(self) -> float:
        wait = self._wait.remaining() or 0.0
        left = self._deadline.remaining()
        return wait if left is None else min(wait, left - self._margin)

    @property
    def overdue(self) -> bool:
        """True when the caller's deadline is nearer than the end of the wait that it asked for."""
        return not self._wait.expired and self._polls


@dataclass(frozen=True)
class StreamPlan:
    """A job stream made of polls: how many jobs may be activated and not yet read.

    A poll is sent when at most half of ``capacity`` is unread, and asks for the rest, so that a reader that takes one job at a time
    does not cost a request per job.
    """

    request: RestRequest
    capacity: int = 32

    def wants(self, unread: int) -> bool:
        """Whether there is room enough for a poll."""
        return unread <= self.capacity // 2

    def poll(self, unread: int, deadline: Deadline) -> Slice:
        """The next poll, given how many jobs wait to be read."""
        left = deadline.remaining()
        wait = SLICE if left is None else min(SLICE, max(0.0, left - _margin(left)))
        body = {
            **self.request.body,
            "maxJobsToActivate": max(1, self.capacity - unread),
            "requestTimeout": int(wait * 1000) or -1,
        }
        return Slice(replace(self.request, body=body), wait, wait + HEADROOM)


_FINAL = (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    Unimplemented,
)


def ends_stream(error: CamundaError) -> bool:
    """Whether a failing poll ends its stream: asking again would fail again. An outage of the gateway does not."""
    return isinstance(error, _FINAL)


def was_left(error: CamundaError) -> bool:
    """Whether the consumer itself ended the stream, so that it takes no more jobs."""
    return isinstance(error, (Cancelled, DeadlineExceeded))


def returning(job: Any) -> tuple[str, dict[str, Any]] | None:
    """Job key and FailJob body that give an activated job back, its retries untouched; None for one without a key."""
    known = unreadable_job(job, "")
    if known is None:
        return None
    body: dict[str, Any] = {
        "retries": known.retries,
        "errorMessage": "given back: the caller had gone before it could take the job",
        "retryBackOff": 0,
    }
    for name in ("jobLeaseToken", "leaseToken") if isinstance(job, Mapping) else ():
        if job.get(name):
            body[name] = job[name]
    return known.job_key, body


def read_jobs(
    listed: list[Any], read: Callable[[Any], Any]
) -> tuple[list[tuple[Any, Any]], list[UnreadableJob]]:
    """Activated jobs as ``(what read makes of one, the job as it came)``, and those that cannot be read.

    One that has no key either is logged and left out: nothing can be done about it.
    """
    readable: list[tuple[Any, Any]] = []
    unreadable: list[UnreadableJob] = []
    for data in listed:
        try:
            if unreadable_job(data, "") is None:
                raise Internal("the answer cannot be read: a job has no jobKey")
            readable.append((read(data), data))
        except Exception as error:
            # A caller's deserializer may raise anything; it must not cost the other jobs.
            why = why_unreadable(error)
            job = unreadable_job(data, why)
            if job is None:
                log.error("a job stays locked until its timeout: %s", why)
            else:
                unreadable.append(job)
    return readable, unreadable


def stream_error(error: BaseException, rpc: str) -> CamundaError:
    """What a reader gets when the thread or task of its stream ended by itself, whatever ended it."""
    if isinstance(error, CamundaError):
        return error
    what = f"the job stream ended by itself: {type(error).__name__}: {error}"
    made: CamundaError = Internal(what, operation=rpc, answered=False)
    made.__cause__ = error
    return made
