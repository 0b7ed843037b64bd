# Derived from aio_rest_stream.py by scripts/derive_sync.py: change that file, then run the script.
"""Job streams of the REST door, sync: long polls whose jobs are handed out one by one."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from bridge._doors.polling import Slice, StreamPlan, early, ends_stream, read_jobs, stream_error, was_left
from bridge._doors.waiting import Begun, Condition, Home, Stopped
from camunda_core.deadline import Deadline
from camunda_core.errors import CamundaError, Cancelled, DeadlineExceeded
from camunda_core.retry import Pace, RetryPolicy
from camunda_rest._activated import listed_jobs
from camunda_rest._request import UnreadableAnswer

if TYPE_CHECKING:
    from bridge._doors.rest import RestDoor

__all__ = ["JobStream"]

log = logging.getLogger("bridge")


class JobStream:
    """A stream of jobs that polls for more when at most half of its capacity is unread.

    ``take`` blocks; ``cancel`` may come from any thread. After a cancel nothing is delivered any more: what was not taken,
    and what a poll on the wire still brings, is given back. ``unreadable`` counts jobs that could not be read.
    """

    def __init__(
        self,
        door: RestDoor,
        rpc: str,
        plan: StreamPlan,
        deadline: Deadline,
        headers: Mapping[str, str] | None,
        read: Callable[[Any], Any],
        checked: Begun[None],
        retry: RetryPolicy | None = None,
    ) -> None:
        self.unreadable = 0
        self._door = door
        self._rpc = rpc
        self._plan = plan
        self._deadline = deadline
        self._headers = headers
        self._read = read
        self._retry = retry
        self._checked = checked
        self._pace = Pace(retry or door.retry)
        self._unread: deque[tuple[Any, Any]] = deque()  # as read, and as it came
        self._changed = Condition()
        self._ended: CamundaError | None = None
        self._on_end: Callable[[CamundaError], None] | None = None
        self._home = Home()
        door.background.start(self._run, "camunda-job-stream")

    def take(self) -> Any:
        """The next job; raises the error that ended the stream, Cancelled after ``cancel``, DeadlineExceeded at the deadline."""
        with self._changed:
            while True:
                self._end_when_overdue()
                if self._unread and (self._ended is None or not was_left(self._ended)):
                    job, _ = self._unread.popleft()
                    self._changed.notify_all()
                    return job
                if self._ended is not None:
                    break
                self._changed.wait(self._deadline.remaining())
        self._tell_end()
        raise self._ended

    def cancel(self) -> bool:
        """Ends the stream, from any thread; True when it was open."""
        ended = self._end(Cancelled("Locally cancelled by application!", operation=self._rpc))
        self._tell_end()
        return ended

    def abandon(self) -> None:
        """Cancels from wherever the consumer was dropped."""
        if self._ended is None:
            self._home.call(self.cancel)

    def on_end(self, callback: Callable[[CamundaError], None]) -> None:
        """Calls back once, when the stream has ended and nothing of it is left to take."""
        with self._changed:
            self._on_end = callback
        self._tell_end()

    def _end(self, error: CamundaError) -> bool:
        """Ends the stream if it is open. ``_tell_end`` has to follow, where the lock is not held: the callback may do anything."""
        with self._changed:
            if self._ended is not None:
                return False
            self._ended = error
            self._changed.notify_all()
            return True

    def _end_when_overdue(self) -> None:
        if self._deadline.expired:
            self._end(DeadlineExceeded("the deadline of the stream is over", operation=self._rpc))

    def _tell_end(self) -> None:
        with self._changed:
            error, callback = self._ended, self._on_end
            if error is None or callback is None or (self._unread and not was_left(error)):
                return
            self._on_end = None
        callback(error)

    def _run(self) -> None:
        try:
            self._poll_until_ended()
        except Stopped:  # the event loop is being closed, or somebody cancels every task there is
            self._end(Cancelled("the task of the stream was cancelled", operation=self._rpc))
            self._tell_end()
            raise
        except BaseException as error:  # whatever it is: a reader is waiting, and would wait for ever
            log.exception("%s: the stream ends, since its thread failed", self._rpc)
            self._end(stream_error(error, self._rpc))
            if not isinstance(error, Exception):
                self._tell_end()
                raise
        try:
            self._tell_end()
        finally:
            self._door.give_back(self._drain(), self._headers)

    def _poll_until_ended(self) -> None:
        try:
            self._checked.result()
        except CamundaError as error:
            self._end(error)
        while self._wait_for_room():
            piece = self._plan.poll(len(self._unread), self._deadline)
            began = time.monotonic()
            try:
                jobs = self._polled(piece)
            except CamundaError as error:
                self._failed(error)
                continue
            if self._pace.succeeded():
                log.info("%s: the gateway answers again", self._rpc)
            self._deliver(jobs)
            if not jobs:
                self._pause(early(piece, time.monotonic() - began))

    def _polled(self, piece: Slice) -> list[Any]:
        timeout = Deadline(piece.timeout)
        try:
            return listed_jobs(
                self._door.send(self._rpc, piece.request, timeout, self._headers, False, self._retry)
            )
        except UnreadableAnswer as error:
            return error.piecewise()

    def _wait_for_room(self) -> bool:
        with self._changed:
            while self._ended is None and not self._plan.wants(len(self._unread)):
                if self._deadline.expired:
                    break
                self._changed.wait(self._deadline.remaining())
            self._end_when_overdue()
            return self._ended is None

    def _deliver(self, jobs: list[Any]) -> None:
        readable, unreadable = read_jobs(jobs, self._read)
        self.unreadable += len(jobs) - len(readable)
        with self._changed:
            taken = self._ended is None
            if taken:
                self._unread.extend(readable)
                self._changed.notify_all()
        for job in unreadable:
            self._door.fail_unreadable(job, self._headers)
        if not taken:
            self._door.give_back([data for _, data in readable], self._headers)

    def _drain(self) -> list[Any]:
        with self._changed:
            if self._ended is None or not was_left(self._ended):
                return []  # the stream failed: what had come before can still be taken
            jobs = [data for _, data in self._unread]
            self._unread.clear()
            return jobs

    def _failed(self, error: CamundaError) -> None:
        if ends_stream(error):
            self._end(error)
            return
        if self._pace.failures == 0 and self._ended is None:
            log.warning("%s: polling fails, the stream goes on trying: %s", self._rpc, error)
        self._pause(self._pace.failed(error))

    def _pause(self, delay: float) -> None:
        with self._changed:
            if delay and self._ended is None:
                self._changed.wait(self._deadline.bounded(delay))
