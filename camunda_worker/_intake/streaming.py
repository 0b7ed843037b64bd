"""The stream of a task type: jobs are pushed as they become available, and read only into a free slot.

Not reading is what holds the gateway back, so nothing is read ahead here. A stream brings no job
that waited before it was opened, and none that the gateway could not push: the poller beside it
does. However a stream ends, it is opened again.
"""

from __future__ import annotations

import asyncio
from typing import NoReturn

from camunda_core.errors import (
    CamundaError,
    InvalidArgument,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
    Unimplemented,
    Unknown,
)
from camunda_core.jobs import JobFeed
from camunda_core.retry import Pace, RetryPolicy
from camunda_worker._answering.answers import is_too_large
from camunda_worker._intake.arrivals import Arrivals
from camunda_worker._intake.patience import in_words
from camunda_worker._intake.polling import SPREAD
from camunda_worker._intake.wakening import Wakening
from camunda_worker._logs import log
from camunda_worker._run.lane import Lane

__all__ = ["Streamer"]

_FAULTS = RetryPolicy(initial_delay=0.05, multiplier=2.0, max_delay=2.0)
_REFUSED = RetryPolicy(initial_delay=5.0, multiplier=2.0, max_delay=60.0)
_REFUSALS = (InvalidArgument, PermissionDenied, Unauthenticated, Unimplemented)
#: A stream that lived for so many seconds was a success.
_LONG_ENOUGH = 5.0
# When slots become free again, reading begins when enough of them are, or one has been for the
# linger time (s), which is so much for each of these: so that what one turn of the loop answers
# leaves together. Where there are few, there is little to gain.
_LINGER, _LONGEST_LINGER = 0.0005, 0.01
# A stream that ends by our will is read until nothing has come for so many seconds, for at most so many.
_QUIET, _DRAIN = 0.3, 1.0


class Streamer:
    """Streams for a lane until it stops."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._wakening = Wakening()
        self._faults = Pace(_FAULTS, spread=SPREAD)
        self._refused = Pace(_REFUSED)
        self._refusals = 0
        self._feed: JobFeed | None = None
        self._read_at = 0.0
        self._draining = False
        lane.streaming = False
        lane.on_change(self._changed)

    async def run(self) -> None:
        """Opens the stream and reads it, again and again.

        When the lane stops, what is on the wire is read first.
        """
        lane = self._lane
        while not lane.stopping:
            opened = lane.desk.loop.time()
            try:
                await self._stream_once()
            except CamundaError as error:
                failure = error
            except asyncio.CancelledError:
                if not lane.stopping:
                    raise
                return
            except Exception as error:
                log.exception("the stream of %s failed in a way it should not", lane.desk.job_type)
                failure = Unknown(repr(error), operation="StreamActivatedJobs", answered=False)
            finally:
                lane.streaming = False
                feed, self._feed = self._feed, None
                if feed is not None:
                    feed.cancel()
            if not lane.stopping:
                lived = lane.desk.loop.time() - opened
                await self._pause(self._ended(failure, lived))

    async def _stream_once(self) -> NoReturn:
        """Raises what ends the stream: it is read until then, also when the lane stops."""
        lane = self._lane
        desk = lane.desk
        loop = desk.loop
        feed = self._feed = await desk.wire.stream(lane.request)
        arrivals = Arrivals()
        lane.streaming = lane.poll_soon = True
        desk.observers.tell("stream_opened", desk.job_type)
        lane.wake()
        while True:
            await self._room()
            asked = loop.time()
            job = await feed.read()
            now = self._read_at = loop.time()
            age = arrivals.age(asked, now, job.deadline - desk.timeout) if job.deadline else 0.0
            if self._faults.failures:
                self._recovered()
            self._refusals = 0
            lane.answered_at = now
            lane.take((job,), "stream", age)

    def _recovered(self) -> None:
        self._faults.succeeded()
        self._lane.last_error = ""
        log.info("%s: the gateway streams again", self._lane.desk.job_type)

    async def _room(self) -> None:
        """Waits until a job may be read: when there is a slot for it, or the lane stops."""
        lane = self._lane
        if lane.stopping:
            self._drain()
            return
        if lane.free() > 0 and not lane.poll_due:
            return
        # What the gateway cannot push now it gives back, for polls.
        lane.poll_soon = True
        patience = min(_LINGER * lane.enough, _LONGEST_LINGER)
        free_since: float | None = None
        loop = lane.desk.loop
        while not lane.stopping:
            free = 0 if lane.poll_due else lane.free()
            if free <= 0:
                free_since = None
                await self._wakening.within(_LONGEST_LINGER if lane.poll_due else None)
                continue
            if free_since is None:
                free_since = loop.time()
            linger = free_since + patience - loop.time()
            if free >= lane.enough or linger <= 0:
                lane.wake()  # the poller may have a reason now
                return
            await self._wakening.within(linger)
        self._drain()

    def _changed(self) -> None:
        self._wakening.wake()
        if self._lane.stopping and self._feed is not None:
            self._drain()

    def _drain(self) -> None:
        """What is on the wire already is read, so that it can be given back; then the stream is ended."""
        if not self._draining:
            self._draining = True
            loop = self._lane.desk.loop
            self._read_at = loop.time()
            loop.call_later(_QUIET, self._look, loop.time() + _DRAIN)

    def _look(self, until: float) -> None:
        loop = self._lane.desk.loop
        quiet_at = self._read_at + _QUIET
        if loop.time() < min(quiet_at, until):
            loop.call_at(min(quiet_at, until), self._look, until)
        elif self._feed is not None:
            self._feed.cancel()

    def _ended(self, error: CamundaError, lived: float) -> float:
        """Seconds until the stream is opened again."""
        lane = self._lane
        desk = lane.desk
        desk.observers.tell("stream_ended", desk.job_type, error)
        lane.last_error = str(error)
        if isinstance(error, _REFUSALS):
            self._refusals += 1
            if self._refusals == 2:  # the first may be a token that was renewed since
                self._refused.succeeded()
            if self._refusals > 1:
                pause = self._refused.failed(error)
                if self._refusals == 2:
                    again = in_words(pause, error)
                    log.warning(
                        "%s: job streams are refused, polling goes on; the next is tried %s: %s",
                        desk.job_type,
                        again,
                        error,
                    )
                return pause
        if lived >= _LONG_ENOUGH:
            self._faults.succeeded()
        pause = self._faults.failed(error)
        if is_too_large(error):
            log.warning(
                "%s: a job that was pushed is larger than can be read, so that it stays locked until its timeout. Let the client "
                "read larger messages, or the task fetch fewer variables: %s",
                desk.job_type,
                error,
            )
        elif self._faults.failures == 1 and (not isinstance(error, Unavailable) or error.retry_after):
            again = in_words(pause, error)
            log.warning("%s: the job stream broke and is opened again %s: %s", desk.job_type, again, error)
        return pause

    async def _pause(self, length: float) -> None:
        until = self._lane.desk.loop.time() + length
        while (left := until - self._lane.desk.loop.time()) > 0 and not self._lane.stopping:
            await self._wakening.within(left)
