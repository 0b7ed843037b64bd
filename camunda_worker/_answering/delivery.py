"""One activated job in this worker's hands, from its arrival to its one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from camunda_core._flights import Flight
from camunda_core.deadline import Duration, seconds
from camunda_core.errors import (
    CamundaError,
    InvalidRequest,
    NotFound,
)
from camunda_core.jobs import ActivatedJob
from camunda_worker._answering.answers import (
    Answer,
    Complete,
    answer_to,
    failed,
    is_final,
    is_refusal,
    is_unfit,
    thrown,
)
from camunda_worker._answering.aside import Aside, blocking, is_here
from camunda_worker._answering.desk import Desk
from camunda_worker._answering.locked import LockedJob
from camunda_worker._errors import AlreadyAnswered, BpmnError, JobFailure
from camunda_worker._job import Job
from camunda_worker._logs import log, of_job
from camunda_worker._observer import COMPLETED, LOST, YIELDED

__all__ = ["Delivery"]


class Delivery(LockedJob):
    """Answers a job once, and its handler's wishes before that."""

    __slots__ = (
        "_aside",
        "_automatic",
        "_claimed",
        "_entered",
        "_landed",
        "_landing",
        "abandoned",
        "began",
        "cut_off",
        "ended",
        "flight",
        "has_slot",
        "outcome",
        "task",
    )

    def __init__(self, desk: Desk, activated: ActivatedJob, age: float = 0.0) -> None:
        super().__init__(desk, activated, age)
        self.task: asyncio.Task[None] | None = None
        #: From its arrival until its handler is done.
        self.has_slot = True
        #: When its handler began, by the loop's clock.
        self.began: float | None = None
        #: How it ended; None as long as it is unanswered.
        self.outcome: str | None = None
        #: Set when the worker, stopping, has cancelled the handler.
        self.cut_off = False
        #: Set when the worker, stopping, has no more time even for answers.
        self.abandoned = False
        #: Set when the job has left the worker.
        self.ended = False
        self._claimed: Answer | None = None
        #: Whether what was decided on is sent by ``send``, and not by the handler's hand.
        self._automatic = False
        self._aside: Aside | None = None
        #: The attempt that ``depart`` has begun, as long as it is under way.
        self.flight: Flight | None = None
        self._entered = 0.0
        self._landed: Callable[[Delivery, CamundaError | None], None] | None = None
        self._landing: asyncio.Future[None] | None = None

    @property
    def job(self) -> Job:
        """The job as a handler sees it.

        Made anew: objects that hold each other would be left to the garbage collector.
        """
        return Job(self.activated, self)

    @property
    def answering(self) -> Answer | None:
        """The answer that was decided on."""
        return self._claimed

    @property
    def handler_runs(self) -> bool:
        """Whether the handler has been started, or its turn is about to come, and is not done."""
        return self.began is not None and self.has_slot

    @property
    def given_back(self) -> bool:
        """Whether the worker has decided to give the job back."""
        return self._claimed is not None and self._claimed.outcome == YIELDED

    # What a handler may do by hand

    def complete(self, variables: Any) -> Awaitable[None]:
        return self._answer_by_hand(Complete(self.desk.encode(variables)))

    def fail(
        self, message: str, retries: int | None, backoff: Duration | None, variables: Any
    ) -> Awaitable[None]:
        failure = JobFailure(message, retries=retries, backoff=backoff, variables=variables)
        desk = self.desk
        return self._answer_by_hand(failed(failure, self.activated, desk.encode, desk.retry_backoff))

    def throw_error(self, code: str, message: str, variables: Any) -> Awaitable[None]:
        return self._answer_by_hand(thrown(BpmnError(code, message, variables=variables), self.desk.encode))

    def extend(self, seconds_from_now: Duration) -> Awaitable[None]:
        length = seconds(seconds_from_now, "seconds")
        if length <= 0:
            raise InvalidRequest(
                f"seconds must be more than 0, not {seconds_from_now!r}", operation="UpdateJobTimeout"
            )
        return self._by_hand(partial(self._begin_extending, length))

    def _answer_by_hand(self, answer: Answer) -> Awaitable[None]:
        return self._by_hand(partial(self._begin_answer, answer))

    def _by_hand(self, begin: Callable[[], Awaitable[None]]) -> Awaitable[None]:
        """In the worker's loop something to await; elsewhere it blocks until it is done."""
        loop = self.desk.loop
        return begin() if is_here(loop) else blocking(loop, begin)

    def _begin_answer(self, answer: Answer) -> Awaitable[None]:
        self._claim(answer)
        return self._beside().followed(self._send_by_hand(answer))

    def _begin_extending(self, length: float) -> Awaitable[None]:
        self._check_not_given_back()
        return self._beside().followed(self.prolong(length))

    def _beside(self) -> Aside:
        if self._aside is None:
            self._aside = Aside(self.desk.loop)
        return self._aside

    async def _send_by_hand(self, answer: Answer) -> None:
        try:
            await self.repeated(answer.send, self.desk.wire, self.activated, answer=answer)
        except CamundaError as error:
            if is_unfit(error):
                self._claimed = None  # the job is still to be answered
            else:
                await self._deliver(self._instead(answer, error), error)
            raise
        self.outcome = answer.outcome

    # Ending

    def depart(self, answer: Complete, landed: Callable[[Delivery, CamundaError | None], None]) -> bool:
        """Begins the first attempt to send the automatic answer without a task that waits for it;
        False where it cannot.

        ``landed(self, failure)`` is called at its end; ``arrive`` goes on from a failure.
        """
        desk = self.desk
        if desk.begin_completing is None or self._claimed is not None or self._aside is not None:
            return False
        entered = desk.window.entered()
        if entered is None:
            return False
        self._claimed, self._automatic = answer, True
        self._entered, self._landed = entered, landed
        try:
            flight = desk.begin_completing(
                self.activated, answer.variables, timeout=self._limit(entered), ended=self._touched_down
            )
        except Exception as error:
            self._touched_down(self._of_wire(error))
            return True
        if flight is None:
            desk.window.leave(entered, refused=False)
            self._claimed = self._landed = None
            self._automatic = False
            return False
        if self._landed is not None:  # else it has ended already
            self.flight = flight
        return True

    def _touched_down(self, failure: CamundaError | None) -> None:
        landed, self._landed, self.flight = self._landed, None, None
        if failure is None:
            self.desk.window.leave(self._entered, refused=False)
            self.desk.answered()
            self.outcome = COMPLETED
        if landed is not None:
            landed(self, failure)

    async def arrive(self, failure: CamundaError) -> None:
        """Goes on with an answer whose first attempt failed."""
        try:
            await self._deliver(self._claimed, begun=(self._entered, failure))
        except asyncio.CancelledError:
            if self.abandoned:
                raise
            await self.settle_apart(self._claimed or Complete())

    def landing(self) -> asyncio.Future[None]:
        """Done when the job has left the worker."""
        if self._landing is None:
            self._landing = self.desk.loop.create_future()
        return self._landing

    def left(self) -> None:
        """The job has left the worker."""
        self.ended = True
        self.task = None  # whose context has the job, which has the delivery
        if self._landing is not None and not self._landing.done():
            self._landing.set_result(None)

    def settle(self, answer: Answer) -> Awaitable[None]:
        """Sends the automatic answer, unless the handler has given one by hand or the job was given back."""
        if self._aside is None and self._claimed is None:
            return self.send(answer)
        return self._settle_beside(answer)

    async def _settle_beside(self, answer: Answer) -> None:
        if self._aside is not None:
            await self._aside.over()
        if self._claimed is None:
            await self.send(answer)
        elif not isinstance(answer, Complete) and not self.cut_off:
            log.warning(
                "%s was answered (%s) before its handler failed: %s",
                self.job,
                self._claimed.outcome,
                _last_line(answer),
                extra=of_job(self.activated),
            )

    async def settle_apart(self, answer: Answer) -> None:
        """Goes on with ``settle`` in another task, after this one was cancelled by somebody who
        has no say in the answer.

        A handler can cancel its own task, or leave something behind that does.
        """
        task = self._beside().begin(self._settle_again(answer))
        while not task.done():
            try:
                await asyncio.wait((task,))
            except asyncio.CancelledError:
                if self.abandoned:
                    raise
        task.result()

    async def _settle_again(self, answer: Answer) -> None:
        if self._automatic and self._claimed is not None:
            await self._deliver(self._claimed, uncertain=True)
        else:
            await self.settle(answer)

    def send(self, answer: Answer) -> Awaitable[None]:
        """Gives the job its answer, or what goes instead of one that the gateway refuses.

        The answer is decided on at once, and sent when what this gives is awaited, which raises nothing.
        """
        self._claim(answer)
        self._automatic = True
        return self._deliver(answer)

    def abandon(self) -> None:
        """Cancels all that is under way for the job: the worker waits for none of it any more."""
        self.abandoned = self.cut_off = True
        if self.task is not None:
            self.task.cancel()
        if self.flight is not None:
            self.flight.cancel()
        if self._aside is not None:
            self._aside.cancel()

    async def _deliver(
        self,
        answer: Answer | None,
        refusal: CamundaError | None = None,
        *,
        uncertain: bool = False,
        begun: tuple[float, CamundaError] | None = None,
    ) -> None:
        """Sends an answer, or what goes instead.

        ``refusal``: what was said to the one before; without another the job is lost. ``begun``:
        see ``repeated``.
        """
        sent = answer
        while sent is not None:
            if refusal is not None:
                log.error("%s: %s", self.job, getattr(sent, "message", ""), extra=of_job(self.activated))
            self._claimed = sent
            try:
                await self.repeated(
                    sent.send,
                    self.desk.wire,
                    self.activated,
                    answer=sent,
                    uncertain=uncertain,
                    begun=begun,
                )
            except CamundaError as error:
                refusal, sent, uncertain, begun = error, self._instead(sent, error), False, None
            else:
                self.outcome = sent.outcome
                return
        if refusal is not None:
            self._lost(refusal)

    def _instead(self, answer: Answer, error: CamundaError) -> Answer | None:
        """What goes instead of an answer that was refused for good, or until the lock's last moment."""
        if is_unfit(error) or (is_refusal(error) and not is_final(error) and not self.closing):
            return answer.instead(self.activated, error)
        return None

    def answer_to(self, error: BaseException) -> Answer:
        """The answer for what the handler raised."""
        return answer_to(error, self.activated, self.desk.encode, self.desk.retry_backoff)

    def _claim(self, answer: Answer) -> None:
        self._check_not_given_back()
        if self._claimed is not None:
            raise AlreadyAnswered(
                f"job {self.activated.job_key} has its answer ({self._claimed.outcome}): it can have only one"
            )
        self._claimed = answer

    def _check_not_given_back(self) -> None:
        if self.given_back:
            raise AlreadyAnswered(
                f"job {self.activated.job_key} was given back: the worker is stopping, and its handler was not done"
            )

    def _lost(self, error: CamundaError) -> None:
        self.outcome = LOST
        gone = "is gone" if isinstance(error, NotFound) else "could not be answered"
        said = "" if self._claimed is None else self._claimed.outcome
        log.warning("%s %s (%s): %s", self.job, gone, said, error, extra=of_job(self.activated))


def _last_line(answer: Answer) -> str:
    return getattr(answer, "message", "").rpartition("\n")[2]
