"""One run of a worker: its task types at work, and how they come to rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from camunda_core._nearby import end_polls
from camunda_core.errors import CamundaError
from camunda_core.jobs import JobRequest, JobWires
from camunda_worker._answering.desk import Desk
from camunda_worker._answering.pressure import Window
from camunda_worker._data.encoding import encode
from camunda_worker._handlers.invoke import Pool, invoker, pool_for
from camunda_worker._handlers.stalls import Watch
from camunda_worker._intake.patience import Patience
from camunda_worker._intake.polling import IN_AT_THE_LATEST, Poller
from camunda_worker._intake.streaming import Streamer
from camunda_worker._intake.wakening import Wakening
from camunda_worker._logs import log
from camunda_worker._observer import Observers
from camunda_worker._run.lane import Lane
from camunda_worker._run.limit import Limit
from camunda_worker._tasks import Task

if TYPE_CHECKING:
    from camunda_worker._health import TaskHealth

__all__ = ["Shift"]

#: Seconds after the grace in which answers may still be sent; then what is left is cancelled, which
#: has so long to take notice.
_LAST_ANSWERS, _LAST_TURNS = 0.9, 0.05
#: Where the machine stood still at the end of a wait, what came meanwhile is read for at most so many seconds.
_CATCHING_UP = 1.0
#: What keeps a runner that failed for a reason of its own from failing in a circle.
_AFTER_A_BUG = 1.0
#: Within so many seconds a stream has been read empty; within so many after the grace, if that is sooner.
_STREAMS_END, _STREAMS_END_AFTER = 1.5, 0.4
#: Polls have at least so many seconds to come in.
_POLLS_END = 0.1
#: A gateway of this process is told so often (s) that polls are not wanted any more.
_POLLS_ENDED_AGAIN = 0.01


class _Post:
    """What one task type has running."""

    def __init__(self, lane: Lane, poller: Poller, streamer: Streamer | None, pool: Pool | None) -> None:
        self.lane = lane
        self.poller = poller
        self.streamer = streamer
        self.pool = pool
        self.polling: list[asyncio.Task[None]] = []
        self.streaming: list[asyncio.Task[None]] = []
        #: Until when polls may still bring jobs, where a poll cannot be cancelled; then when they last did.
        self.polls_end = float("-inf")


class Shift:
    """Made in the event loop that it works in."""

    def __init__(
        self,
        tasks: Sequence[Task],
        wires: JobWires,
        *,
        name: str,
        observers: Observers,
        encoder: Callable[[Any], Any] | None,
        max_jobs_active: int | None,
        permanent_after: float,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._posts: list[_Post] = []
        self._waiting: set[Wakening] = set()
        #: When the grace ends.
        self._ends = float("inf")
        limit = Limit(max_jobs_active)
        windows: dict[str, Window] = {}
        for task in tasks:
            own = wires.of(task.job_type)
            desk = Desk(
                job_type=task.job_type,
                wire=own,
                window=windows.setdefault(own.name, Window()),
                observers=observers,
                encode=partial(encode, hook=encoder),
                timeout=task.timeout,
                retry_backoff=task.retry_backoff,
                loop=self._loop,
                patience=Patience(permanent_after),
            )
            pool = pool_for(task)
            lane = Lane(
                desk,
                JobRequest(task.job_type, name, task.timeout, task.fetch_variables, task.tenant_ids),
                invoker(task, pool),
                limit,
                Watch(task.job_type, limited=pool is None or bool(task.middleware)),
                max_jobs_active=task.max_jobs_active,
                at_once=task.at_once,
                auto_extend=task.auto_extend,
            )
            if task.stream and not own.pushes:
                log.info("%s: %s cannot push jobs: they are polled", task.job_type, own.name)
            streamer = Streamer(lane) if task.stream and own.pushes else None
            self._posts.append(_Post(lane, Poller(lane, Patience(permanent_after)), streamer, pool))

    async def work(self, stopped: asyncio.Event) -> None:
        """Takes jobs until ``stopped`` is set, or until a failure is permanent: raises that one.

        Then ``rest`` is due.
        """
        if stopped.is_set():
            return
        for post in self._posts:
            post.polling.append(self._begin(post.poller.run))
            if post.streamer is not None:
                post.streaming.append(self._begin(post.streamer.run))
        waiting = asyncio.ensure_future(stopped.wait())
        try:
            pending: set[asyncio.Future[Any]] = {waiting, *self._runners()}
            while not waiting.done():
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for each in done:
                    each.result()
        finally:
            waiting.cancel()

    def _begin(self, run: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        return self._loop.create_task(self._kept_alive(run))

    def _runners(self) -> list[asyncio.Task[None]]:
        return [each for post in self._posts for each in (*post.polling, *post.streaming)]

    async def _kept_alive(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """A fault of ours must not end a worker: it is logged, and the runner goes on."""
        while True:
            try:
                await run()
                return
            except CamundaError:
                raise
            except Exception:
                log.exception("a part of the worker failed, and goes on")
                await asyncio.sleep(_AFTER_A_BUG)

    @property
    def over_at(self) -> float:
        """Until when, by the loop's clock, answers may be sent; infinity as long as nobody has stopped it."""
        return max(self._ends, *(post.polls_end for post in self._posts)) + _LAST_ANSWERS

    def hurry(self, grace: float) -> None:
        """Comes to rest in ``grace`` seconds from now at the latest."""
        self._ends = min(self._ends, self._loop.time() + grace)
        self._set_limits()

    def _set_limits(self) -> None:
        for post in self._posts:
            post.lane.desk.closes_at = self.over_at
        for each in self._waiting:
            each.wake()

    async def rest(self, grace: float) -> None:
        """Comes to rest, step by step.

        Raises nothing: what goes wrong with one job changes nothing for the others.
        """
        # 1. The intake ends: nothing is taken or begun any more; what has not begun is given back,
        # beside all the rest.
        for post in self._posts:
            post.lane.stop()
            post.lane.desk.window.hurry()
            if not post.lane.desk.wire.cancels:
                post.polls_end = self._loop.time() + IN_AT_THE_LATEST
        self.hurry(grace)
        intake = [self._loop.create_task(self._end_intake(post)) for post in self._posts]
        # 2. Handlers have the grace to end, and be answered.
        await self._within(self._open_tasks(), lambda: self._ends)
        # Where the machine stood still until after the grace, there is still time for the last answers.
        self._ends = max(self._ends, self._loop.time())
        self._set_limits()
        # 3. Those that still run are cancelled and their jobs given back, decided on in one turn of the loop.
        for post in self._posts:
            post.lane.cut_off()
        # 4. The last answers are sent, and cancelled handlers clean up.
        await self._within([*self._open_tasks(), *intake], lambda: self.over_at)
        # 5. What is left is cancelled, and not waited for.
        for post in self._posts:
            post.lane.abandon()
        left = [each for each in (*intake, *self._runners()) if not each.done()]
        for each in left:
            each.cancel()
        ended = self._loop.time() + _LAST_TURNS
        await self._within([*left, *self._open_tasks()], lambda: ended)
        _log_failures(intake)
        # 6. The pools are closed; the wires are their owner's to close.
        for post in self._posts:
            if post.pool is not None:
                post.pool.close()

    async def _end_intake(self, post: _Post) -> None:
        """First the stream, then the polls: jobs that are given back must not come to us again."""
        lane, poller = post.lane, post.poller
        stopped = self._loop.time()
        if post.streaming:
            await self._within(
                post.streaming, lambda: min(stopped + _STREAMS_END, self._ends + _STREAMS_END_AFTER)
            )
            for each in post.streaming:
                each.cancel()
        await lane.give_back()
        hurrying = self._loop.create_task(self._end_polls(post))
        if lane.desk.wire.cancels:
            await self._within(
                (*post.polling, *poller.on_the_wire()),
                lambda: max(min(self._ends, stopped + IN_AT_THE_LATEST), stopped + _POLLS_END),
            )
        else:
            await self._within((*post.polling, *poller.on_the_wire()), lambda: stopped + IN_AT_THE_LATEST)
            post.polls_end = self._loop.time() if lane.returning() else float("-inf")
            self._set_limits()
        hurrying.cancel()
        poller.give_up()
        await lane.give_back()

    async def _end_polls(self, post: _Post) -> None:
        """Lets a gateway of this process answer the polls at once: a test need not wait for them."""
        request = post.lane.request
        while (open_ := post.poller.on_the_wire()) and end_polls(request.type, request.worker):
            await asyncio.wait(open_, timeout=_POLLS_ENDED_AGAIN)  # one may have been on its way

    def _open_tasks(self) -> list[asyncio.Future[None]]:
        return [task for post in self._posts for task in post.lane.open_tasks()]

    async def _within(self, tasks: Iterable[asyncio.Future[Any]], moment: Callable[[], float]) -> None:
        """Waits until the tasks are done, or until ``moment`` (by the loop's clock), which
        ``hurry`` may bring nearer.
        """
        open_ = {each for each in tasks if not each.done()}
        wakening = Wakening()
        caught_up = float("-inf")

        def done(task: asyncio.Future[Any]) -> None:
            open_.discard(task)
            if not open_:
                wakening.wake()

        for each in tuple(open_):
            each.add_done_callback(done)
        self._waiting.add(wakening)
        try:
            while open_ and (left := max(moment(), caught_up) - self._loop.time()) > 0:
                if await wakening.within(left):
                    continue
                late = self._loop.time() - max(moment(), caught_up)
                if late > self._loop.slow_callback_duration:
                    caught_up = self._loop.time() + min(late, _CATCHING_UP)
        finally:
            self._waiting.discard(wakening)
            for each in open_:
                each.remove_done_callback(done)

    def health(self) -> tuple[TaskHealth, ...]:
        """How each task type is."""
        return tuple(post.lane.health() for post in self._posts)


def _log_failures(tasks: Iterable[asyncio.Task[None]]) -> None:
    for each in tasks:
        if each.done() and not each.cancelled() and (error := each.exception()) is not None:
            log.error("a part of the worker failed while it came to rest", exc_info=error)
