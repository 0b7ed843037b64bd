"""The poller of a task type: asks for as many jobs as there are free slots, for ever, and takes what comes.

At most one poll is waited for at a time. It is sent when few jobs are left, so that it can bring
many; where that takes long, as soon as a slot has been free for a moment. It leaves together with
the answers of the jobs that are done, and what both bring back can come together too. A gateway
that refuses polls has too many requests at once, however many jobs they are for; so the next polls
are larger and fewer, each sent when no answer is on its way. A poll is never abandoned on the wire:
an abandoned one would take the next jobs for nobody. One whose answer is overdue is left to itself,
another is sent, and what it still brings is taken.

An answer that is larger than this client reads is no back-pressure: the next polls are smaller. The
jobs in it are locked until their timeout, and each may be asked for again only then; so what proved
to be too many is not asked for again for a long time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from camunda_core.errors import CamundaError, DeadlineExceeded, ResourceExhausted, Unknown
from camunda_core.jobs import ActivatedJob
from camunda_core.retry import Pace, RetryPolicy
from camunda_worker._answering.answers import is_too_large
from camunda_worker._handlers.stalls import done_within
from camunda_worker._intake.patience import Patience, in_words
from camunda_worker._intake.wakening import Wakening
from camunda_worker._logs import log
from camunda_worker._run.lane import Lane

__all__ = ["IN_AT_THE_LATEST", "POLL_WAIT", "SPREAD", "Poller"]

#: For how long a poll asks the gateway to wait. A worker that stops waits for its polls to end, so
#: it is short. The gateway parks a poll of a type without jobs without asking the brokers, so that
#: a short one costs little.
POLL_WAIT = 2.0
#: An empty answer comes up to 0.6 s later than asked. Later than this, something is wrong.
_OVERDUE = 1.0
#: Seconds after which a poll that was sent has been answered, if it ever is.
IN_AT_THE_LATEST = POLL_WAIT + _OVERDUE
#: After this, the answer of a poll will not come any more. Until then others are sent, but no more than this.
_HOPELESS = 15.0
_MOST_OPEN = 8
#: A poll is due when enough slots are free, or a slot has been for the linger time (s), which is so
#: much for each of these slots: where there are few, a slot that stands idle is worth more than a
#: poll that is saved.
_LINGER, _LONGEST_LINGER = 0.001, 0.01
#: After a refusal, so many polls are made that wait for all answers, for so long (s) at most.
_CAUTIOUS_POLLS, _CAUTIOUS_LINGER = 32, 0.25
#: After an answer that was too large, polls ask for such a share of its jobs; after so many seconds
#: for twice as many again.
_SMALLER, _LARGER_AFTER = 4, 600.0
# Sentinels above any slot count: _NEVER wakes on nothing, _ALL_IN once no answer is in flight, _CALM
# once none waits for its turn.
_NEVER, _ALL_IN, _CALM = 2**31, 2**31 + 1, 2**31 + 2
#: Between polls that found nothing while a stream is open, which brings what is new: from ... to ... seconds.
_BESIDE_STREAM = RetryPolicy(initial_delay=0.2, multiplier=1.6, max_delay=5.0)
_FAULTS = RetryPolicy(initial_delay=0.05, multiplier=2.0, max_delay=2.0)
#: When a gateway goes, all its workers lose their connections at once: their first tries are spread over
#: so many seconds.
SPREAD = 0.8
_PRESSURE = RetryPolicy(initial_delay=0.01, multiplier=2.0, max_delay=1.0)
#: Between answers that were empty before their time.
_EARLY = RetryPolicy(initial_delay=0.02, multiplier=2.0, max_delay=1.0)


class Poller:
    """Polls for a lane until it stops, or until polling can never succeed: then ``run`` raises why."""

    def __init__(self, lane: Lane, patience: Patience) -> None:
        self._lane = lane
        self._patience = patience
        self._wakening = Wakening()
        self._faults = Pace(_FAULTS, spread=SPREAD)
        self._pressure = Pace(_PRESSURE)
        self._early = Pace(_EARLY)
        self._beside_stream = Pace(_BESIDE_STREAM)
        self._cautious = 0
        self._larger_at = 0.0
        self._open: set[asyncio.Task[Sequence[ActivatedJob]]] = set()
        self._wanted = 1  # how many slots must be free for a change to be worth waking for
        lane.on_change(self._changed)
        lane.desk.window.on_calm(self._calmed)

    def _changed(self) -> None:
        if self._wakening.kept:
            return  # which is so for most jobs: a poll is out, and the next is due
        lane = self._lane
        if lane.free() >= self._wanted or lane.stopping or lane.poll_soon or self._all_are_in():
            self._wakening.wake()

    def _calmed(self) -> None:
        if self._wanted == _CALM:
            self._wakening.wake()

    def _all_are_in(self) -> bool:
        """Whether somebody waits for just that: no answer is on its way any more."""
        return self._wanted == _ALL_IN and not self._lane.desk.window.inside

    async def run(self) -> None:
        """Polls. Raises the CamundaError that no patience will heal: of polls, or of answers."""
        hopeless = self._lane.desk.hopeless
        polling = self._lane.desk.loop.create_task(self._run())
        try:
            either: set[asyncio.Future[Any]] = {polling, hopeless}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not polling.done():
                raise hopeless.result()
            await polling
        finally:
            polling.cancel()

    async def _run(self) -> None:
        lane = self._lane
        while not lane.stopping:
            if len(self._open) >= _MOST_OPEN:
                await asyncio.wait(self._open, timeout=POLL_WAIT, return_when=asyncio.FIRST_COMPLETED)
                continue
            wanted = await self._room()
            if lane.stopping:
                return
            await self._pause(await self._poll(min(wanted, lane.largest_poll or wanted)))

    async def _room(self) -> int:
        """How many jobs to ask for; waits until that is worth a poll."""
        lane = self._lane
        loop, window = lane.desk.loop, lane.desk.window
        free_since: float | None = None
        while not lane.stopping:
            free = lane.free()
            if free <= 0:
                free_since = None
                self._wanted = 1
                await self._wakening.within(None)
                continue
            now = loop.time()
            if free_since is None:
                free_since = now
            patience = min(_LINGER * lane.enough, _LONGEST_LINGER)
            self._wanted = lane.enough
            if self._cautious and window.inside:
                self._wanted, patience = _ALL_IN, _CAUTIOUS_LINGER
            linger = free_since + patience - now
            if free >= self._wanted or linger <= 0:
                if not window.crowded:
                    lane.poll_due = False
                    return free
                self._wanted = _CALM  # answers go first
                await self._wakening.within(None)
            else:
                await self._wakening.within(linger)
        return 0

    async def _poll(self, wanted: int) -> float:
        """One poll; gives the seconds to wait before the next."""
        lane = self._lane
        desk = lane.desk
        # The first poll does not wait, so that it is soon known whether the gateway answers at all.
        wait = 0.0 if lane.streaming or lane.answered_at is None else POLL_WAIT
        began = desk.loop.time()
        poll = desk.loop.create_task(self._activate(wanted, wait))
        self._open.add(poll)
        try:
            answered = await done_within(poll, wait + _OVERDUE)
        except asyncio.CancelledError:
            poll.add_done_callback(self._late)
            raise
        if not answered:
            poll.add_done_callback(self._late)
            desk.polls.overdue(began)
            return self._failed(
                DeadlineExceeded("the answer to a poll is overdue", operation="ActivateJobs", answered=False),
                wanted,
            )
        self._open.discard(poll)
        try:
            jobs = poll.result()
        except CamundaError as error:
            return self._failed(error, wanted)
        self._answered()
        if lane.take(jobs, "poll"):
            self._early.succeeded()
            self._beside_stream.succeeded()
            return 0.0
        if jobs:  # all of them are in hand already
            return self._early.failed()
        if lane.streaming:
            return self._beside_stream.failed()
        if desk.loop.time() - began < wait / 2:
            return self._early.failed()
        return 0.0

    async def _activate(self, wanted: int, wait: float) -> Sequence[ActivatedJob]:
        desk = self._lane.desk
        try:
            return await desk.wire.activate(self._lane.request, wanted, wait=wait, timeout=wait + _HOPELESS)
        except CamundaError:
            raise
        except Exception as error:
            log.exception("polling for %s failed in a way it should not", desk.job_type)
            raise Unknown(repr(error), operation="ActivateJobs", answered=False) from error

    def _late(self, poll: asyncio.Task[Sequence[ActivatedJob]]) -> None:
        self._open.discard(poll)
        if not poll.cancelled() and poll.exception() is None:
            self._lane.take(poll.result(), "poll")

    def _answered(self) -> None:
        lane = self._lane
        self._patience.succeeded()
        self._pressure.succeeded()
        self._cautious = max(self._cautious - 1, 0)
        lane.desk.polls.broken()
        now = lane.answered_at = lane.desk.loop.time()
        if lane.largest_poll is not None and now >= self._larger_at:
            self._larger_at = now + _LARGER_AFTER
            larger = 2 * lane.largest_poll
            lane.largest_poll = larger if larger < lane.max_jobs_active else None
        if self._faults.succeeded():
            log.info("%s: the gateway answers again", lane.desk.job_type)
        lane.faults, lane.last_error = 0, ""

    def _failed(self, error: CamundaError, wanted: int) -> float:
        """Judges a poll that asked for ``wanted`` jobs; gives the seconds to wait before the next."""
        lane = self._lane
        desk = lane.desk
        desk.observers.tell("poll_failed", desk.job_type, error)
        lane.last_error = str(error)
        if error.answered:
            desk.polls.broken()
        if is_too_large(error):
            return self._too_large(error, wanted)
        if isinstance(error, ResourceExhausted):
            self._cautious = _CAUTIOUS_POLLS
            pause = self._pressure.failed(error)
            if self._pressure.failures == 1:
                level = logging.WARNING if (error.retry_after or 0.0) > pause else logging.INFO
                log.log(
                    level,
                    "%s: a poll is refused; the next follows %s: %s",
                    desk.job_type,
                    in_words(pause, error),
                    error,
                )
            return pause
        lane.faults += 1
        self._patience.failed(error)
        pause = self._faults.failed(error)
        if self._faults.failures == 1:
            log.warning("%s: polling fails, and goes on %s: %s", desk.job_type, in_words(pause, error), error)
        return pause

    def _too_large(self, error: CamundaError, wanted: int) -> float:
        lane = self._lane
        lane.faults += 1
        self._larger_at = lane.desk.loop.time() + _LARGER_AFTER
        smaller = lane.largest_poll = max(1, wanted // _SMALLER)
        what = "a poll for one job" if wanted == 1 else f"a poll for {wanted} jobs"
        log.warning(
            "%s: the answer to %s is larger than can be read, so that what was in it stays locked until its timeout; polls ask for "
            "%d at most now. Let the client read larger messages, or the task fetch fewer variables: %s",
            lane.desk.job_type,
            what,
            smaller,
            error,
        )
        return self._faults.failed(error)

    async def _pause(self, length: float) -> None:
        """Waits, unless the lane stops or, beside a stream, has a reason to poll at once."""
        loop = self._lane.desk.loop
        until = loop.time() + length
        self._wanted = _NEVER
        while (left := until - loop.time()) > 0 and not self._lane.stopping:
            if self._lane.poll_soon:
                self._lane.poll_soon = False
                self._beside_stream.succeeded()
                return
            await self._wakening.within(left)
        if self._lane.streaming and length:
            self._lane.poll_due = True

    def on_the_wire(self) -> tuple[asyncio.Task[Sequence[ActivatedJob]], ...]:
        """The polls that have not been answered."""
        return tuple(self._open)

    def give_up(self) -> None:
        """Cancels the polls that are on the wire: the worker ends, and has waited for them long enough."""
        left = self.on_the_wire()
        for poll in left:
            poll.cancel()
        if left and not self._lane.desk.wire.cancels:
            log.warning(
                "%s: %d polls were still on the wire; jobs that they bring stay locked until their timeout",
                self._lane.desk.job_type,
                len(left),
            )
