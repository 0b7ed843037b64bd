"""One task type at work: its slots, the jobs that hold them, and the handlers.

One limit counts for jobs that were polled and jobs that were pushed together. A slot is taken when
a job arrives and given back when its handler is done: the gateway's word on the answer is not
waited for, or slots would be idle meanwhile. So that a gateway which does not take answers is not
asked for ever more jobs, those count as well: as many as there are slots may be on their way.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from camunda_core.errors import CamundaError
from camunda_core.jobs import ActivatedJob, JobRequest, UnreadableJob
from camunda_worker._answering.answers import Answer, Complete, Fail, give_back
from camunda_worker._answering.delivery import Delivery
from camunda_worker._answering.desk import Desk
from camunda_worker._errors import JobFailure
from camunda_worker._handlers.stalls import Watch
from camunda_worker._job import Job
from camunda_worker._logs import CURRENT, log, of_job
from camunda_worker._observer import EXPIRED, LOST
from camunda_worker._run.limit import Limit
from camunda_worker._run.turns import Turns
from camunda_worker._tracebacks import handlers_traceback

if TYPE_CHECKING:
    from camunda_worker._health import TaskHealth

__all__ = ["Lane"]

_FREE_SHARE = 0.7
#: Answers that failed in a row, from which on that is the gateway's fault and not a request's.
_TROUBLE = 3


class Lane:
    """The jobs of one type in this worker's hands."""

    def __init__(
        self,
        desk: Desk,
        request: JobRequest,
        invoke: Callable[[Job], Awaitable[Any]],
        limit: Limit,
        watch: Watch,
        *,
        max_jobs_active: int,
        at_once: int,
        auto_extend: bool,
    ) -> None:
        self.desk = desk
        self.request = request
        self.max_jobs_active = max_jobs_active
        #: So many free slots are worth a poll, or reading on, at once; for fewer it is
        #: worth waiting a little.
        self.enough = max(1, int(max_jobs_active * _FREE_SHARE))
        self.stopping = False
        self._invoke = invoke
        self._limit = limit
        limit.join(self)
        self._at_once = at_once
        self._auto_extend = auto_extend
        self._held: dict[str, Delivery] = {}
        self._superseded: set[Delivery] = set()
        self._turns = Turns(self._handle, watch)
        self._waiting: deque[Delivery] = deque()
        self._returning: list[Delivery] = []
        self._giving_back: set[asyncio.Task[None]] = set()
        self._cut: dict[asyncio.Task[None], Delivery] = {}
        self._had_jobs = False
        self._in_hand = 0  # with a slot
        self._running = 0
        self._unanswered = 0  # with or without
        self._wakers: list[Callable[[], None]] = []
        #: What polls and streams say of themselves.
        self.faults = 0
        self.answered_at: float | None = None
        self.streaming: bool | None = None
        self.last_error = ""
        #: How many jobs a poll asks for at most, since the answer to one that asked for
        #: more could not be read.
        self.largest_poll: int | None = None
        #: Beside a stream: a poll is due, and the stream leaves the next slots to it; or there is
        #: reason to poll at once.
        self.poll_due = False
        self.poll_soon = False

    def on_change(self, waker: Callable[[], None]) -> None:
        """``waker`` is called whenever a slot becomes free or a job has its answer, and when the
        lane stops.
        """
        self._wakers.append(waker)

    def wake(self) -> None:
        """Something has changed for whoever waits for slots."""
        for waker in self._wakers:
            waker()

    def free(self) -> int:
        """How many more jobs may be taken."""
        slots = self.max_jobs_active
        return min(slots - self._in_hand, 2 * slots - self._unanswered, self._limit.free())

    # Taking jobs

    def take(self, jobs: Sequence[ActivatedJob], source: str, age: float = 0.0) -> int:
        """Jobs have arrived; gives how many were not in hand already.

        ``age``: for how many seconds they had been locked.
        """
        if not jobs:
            return 0
        if not self._had_jobs:
            self._had_jobs = True
            log.info("%s: the first jobs have come, by %s", self.desk.job_type, source)
        self.desk.observers.tell("activated", self.desk.job_type, len(jobs), source)
        new = 0
        for job in jobs:
            if isinstance(job, UnreadableJob):
                log.error("%s fails: %s", job.type, job.why, extra=of_job(job))
            if not self._adopted(job):
                self._received(Delivery(self.desk, job, age))
                new += 1
        return new

    def _received(self, delivery: Delivery) -> None:
        self._held[delivery.activated.job_key] = delivery
        self._in_hand += 1
        self._unanswered += 1
        self._limit.in_hand += 1
        if delivery.deadline <= delivery.arrived:
            self._expired(delivery)
        elif self.stopping:
            self._returning.append(delivery)
        elif self._may_start():
            self._start(delivery)
        else:
            self._waiting.append(delivery)

    def _adopted(self, job: ActivatedJob) -> bool:
        """Whether the job is here already: its lock was over before its handler was, and
        now we hold the new one.

        Starting a second handler beside the first would do the work twice.
        """
        held = self._held.get(job.job_key)
        if held is None:
            return False
        if isinstance(held.answering, Fail):
            held.superseded = True  # the failure has arrived, or else the job would not be here
            self._superseded.add(held)
            return False
        log.warning(
            "%s came again while it is being handled: its lock was over, and it goes on under the new one",
            held.job,
            extra=of_job(job),
        )
        held.deadline = self.desk.loop.time() + self.desk.timeout
        return True

    def _may_start(self) -> bool:
        return self._running < self._at_once and self._limit.may_start()

    def _start(self, delivery: Delivery) -> None:
        self._running += 1
        self._limit.running += 1
        delivery.began = self.desk.loop.time()
        self._turns.begin(delivery)

    def _vacate(self, delivery: Delivery) -> None:
        """The slot is free, whatever becomes of the answer."""
        delivery.has_slot = False
        self._in_hand -= 1
        self._limit.in_hand -= 1
        if delivery.began is not None:
            self._running -= 1
            self._limit.running -= 1
        self._limit.released(self)

    def proceed(self) -> None:
        """Begins what waits and may begin, and tells whoever waits for slots."""
        while self._waiting and self._may_start() and not self.stopping:
            waiting = self._waiting.popleft()
            if waiting.deadline > self.desk.loop.time():
                self._start(waiting)
            else:
                self._expired(waiting)
        self.wake()

    def _expired(self, delivery: Delivery) -> None:
        log.warning(
            "%s waited here until its lock was over: it is left to whoever takes it next",
            delivery.job,
            extra=of_job(delivery.activated),
        )
        delivery.outcome = EXPIRED
        self._ended(delivery)

    # Handling jobs

    async def _handle(self, delivery: Delivery) -> None:
        desk = self.desk
        if desk.observers.listens("started"):
            desk.observers.tell(
                "started", desk.job_type, (delivery.began or delivery.arrived) - delivery.arrived
            )
        job = delivery.job
        CURRENT.set(job)
        extending = desk.loop.create_task(self._extend(delivery)) if self._auto_extend else None
        departed = False
        try:
            try:
                if isinstance(delivery.activated, UnreadableJob):
                    raise JobFailure(delivery.activated.why)
                result = await self._invoke(job)
                answer: Answer = Complete(desk.encode(result))
            except BaseException as error:  # whatever a handler does, its job gets an answer
                if delivery.abandoned:
                    raise
                answer = delivery.answer_to(error)
                self._raised(delivery, error, answer)
            if delivery.has_slot:
                self._vacate(delivery)
            if isinstance(answer, Complete) and delivery.depart(answer, self._landed):
                departed = True
                return
            try:
                await delivery.settle(answer)
            except asyncio.CancelledError:
                if delivery.abandoned:
                    raise
                await delivery.settle_apart(answer)
        finally:
            if extending is not None:
                extending.cancel()
            if not (departed or delivery.given_back):
                self._ended(delivery)

    def _landed(self, delivery: Delivery, failure: CamundaError | None) -> None:
        """The first attempt to answer has ended that nobody waited for."""
        if failure is None:
            self._ended(delivery)
        elif not delivery.abandoned:
            delivery.task = self.desk.loop.create_task(self._arrive(delivery, failure))

    async def _arrive(self, delivery: Delivery, failure: CamundaError) -> None:
        try:
            await delivery.arrive(failure)
        finally:
            self._ended(delivery)

    def _raised(self, delivery: Delivery, error: BaseException, answer: Answer) -> None:
        """Tells of a failure. A BPMN error is none; a JobFailure says all by its message,
        unless it has a cause.
        """
        if delivery.answering is not None or not isinstance(answer, Fail):
            return
        if isinstance(delivery.activated, UnreadableJob):
            return  # which was told of when it came
        plain = isinstance(error, JobFailure) and error.__cause__ is None
        log.log(
            logging.WARNING if answer.retries > 0 else logging.ERROR,
            "%s failed, %s: %s",
            delivery.job,
            f"{answer.retries} left to try" if answer.retries > 0 else "and there is no retry left",
            answer.message.rpartition("\n")[2],
            extra=of_job(delivery.activated),
            exc_info=None if plain else (type(error), error, handlers_traceback(error)),
        )

    def _ended(self, delivery: Delivery) -> None:
        if delivery.ended:
            return
        delivery.left()
        key = delivery.activated.job_key
        if self._held.get(key) is delivery:
            del self._held[key]
        elif self._superseded:
            self._superseded.discard(delivery)
        self._unanswered -= 1
        seconds = None if delivery.began is None else self.desk.loop.time() - delivery.began
        self.desk.observers.tell("finished", self.desk.job_type, delivery.outcome or LOST, seconds)
        if delivery.has_slot:
            self._vacate(delivery)
        else:
            self.wake()

    async def _extend(self, delivery: Delivery) -> None:
        """Keeps the lock while the handler lives: renews it whenever half of it is over."""
        length = self.desk.timeout
        while delivery.answering is None:
            await asyncio.sleep(max(delivery.deadline - self.desk.loop.time() - length / 2, length / 20))
            if delivery.answering is not None:
                return
            try:
                await delivery.prolong(length)
            except CamundaError as error:
                log.warning(
                    "the lock of %s could not be extended: %s",
                    delivery.job,
                    error,
                    extra=of_job(delivery.activated),
                )
                return

    # Stopping

    def stop(self) -> None:
        """Nothing new begins: what waits, and what polls and streams still bring, is for ``give_back``."""
        self.stopping = True
        self._returning.extend(self._waiting)
        self._waiting.clear()
        self.wake()

    async def give_back(self) -> None:
        """Gives back what has not begun.

        Only once the streams are closed: the gateway pushes it at once to any that is open.
        """
        while self._returning:
            batch, self._returning = self._returning, []
            await asyncio.gather(*map(self._return, batch))

    async def _return(self, delivery: Delivery) -> None:
        await self._sent_back(
            delivery, delivery.send(give_back(delivery.activated, "the worker stopped before it began"))
        )

    async def _sent_back(self, delivery: Delivery, sending: Awaitable[None]) -> None:
        try:
            await sending
        finally:
            self._let_go(delivery)

    def returning(self) -> bool:
        """Whether there are jobs that have not begun, to be given back."""
        return bool(self._returning)

    def open_tasks(self) -> list[asyncio.Future[None]]:
        """The tasks of handlers that run, and of answers that are under way."""
        handling: list[asyncio.Future[None]] = []
        for each in (*self._held.values(), *self._superseded):
            if each.task is not None:
                handling.append(each.task)
            if each.flight is not None:
                handling.append(each.landing())
        return [*handling, *self._turns.tasks(), *self._giving_back, *self._cut]

    def cut_off(self) -> None:
        """Cancels the handlers that still run, and gives back the jobs that have no answer.

        Not a coroutine: in the next turn of the loop a handler may be done that is seen at work in this one.
        """
        for delivery in list(self._held.values()):
            if delivery.handler_runs:
                self._cut_off(delivery)

    def _cut_off(self, delivery: Delivery) -> None:
        delivery.cut_off = True
        task = delivery.task
        if delivery.answering is None:
            log.warning(
                "%s is cut off: its handler was not done within the grace",
                delivery.job,
                extra=of_job(delivery.activated),
            )
            sending = delivery.send(give_back(delivery.activated, "the worker stopped before it was done"))
            self._giving_back.add(self.desk.loop.create_task(self._sent_back(delivery, sending)))
        if task is not None:
            self._cut[task] = delivery
            task.cancel()

    def abandon(self) -> None:
        """Cancels all that is still under way, and lets go of the jobs."""
        for task, delivery in self._cut.items():
            if not task.done():
                log.warning(
                    "the handler of %s goes on, although it was cancelled: the worker does not wait for it",
                    delivery.job,
                    extra=of_job(delivery.activated),
                )
                task.cancel()
        for task in self._giving_back:
            task.cancel()
        for delivery in (*self._held.values(), *self._superseded):
            delivery.abandon()
            self._let_go(delivery)

    def _let_go(self, delivery: Delivery) -> None:
        """The job leaves the worker, whether its answer has arrived or not."""
        if delivery.outcome is None and not delivery.ended:
            log.warning(
                "%s stays locked until its timeout: no answer of it had arrived when the worker ended",
                delivery.job,
                extra=of_job(delivery.activated),
            )
        self._ended(delivery)

    def health(self) -> TaskHealth:
        """How this task type is."""
        from camunda_worker._health import TaskHealth

        now = self.desk.loop.time()
        # What others wrote, and several wires at once, need not tell.
        usage = getattr(self.desk.wire, "usage", None)
        return TaskHealth(
            job_type=self.desk.job_type,
            wire=self.desk.wire.name,
            running=self._running,
            waiting=self._in_hand - self._running,
            answering=self._unanswered - self._in_hand,
            max_jobs_active=self.max_jobs_active,
            at_once=self.desk.window.limit,
            pause=self.desk.window.pause,
            # Where no more answers may be on their way, and none arrives, no poll is sent that could fail.
            faults=self.faults or (self.desk.faults if self.desk.faults >= _TROUBLE else 0),
            last_answer=None if self.answered_at is None else now - self.answered_at,
            streaming=self.streaming,
            last_error=self.last_error or self.desk.last_error,
            largest_poll=self.largest_poll,
            use=None if usage is None else usage(),
        )
