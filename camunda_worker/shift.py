"""One run of a worker: its task types at work, and how they come to rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from camunda_core.errors import CamundaError
from camunda_core.jobs import JobRequest, JobWire
from camunda_worker.delivery import Desk
from camunda_worker.handling import Pool, invoker, pool_for
from camunda_worker.health import TaskHealth
from camunda_worker.lane import Lane, Limit
from camunda_worker.logs import log
from camunda_worker.observer import Observers
from camunda_worker.patience import Patience
from camunda_worker.polling import IN_AT_THE_LATEST, Poller
from camunda_worker.pressure import Window
from camunda_worker.results import encode
from camunda_worker.streaming import Streamer
from camunda_worker.tasks import Task

__all__ = ["Shift"]

#: Seconds after the grace in which answers may still be sent; then a worker that stops has stopped.
_LAST_ANSWERS = 0.9
#: What keeps a runner that failed for a reason of its own from failing in a circle.
_AFTER_A_BUG = 1.0
_STREAMS_END = 1.5


@dataclass
class _Post:
    """What one task type has running."""

    lane: Lane
    poller: Poller
    streamer: Streamer | None
    pool: Pool | None


class Shift:
    """Made in the event loop that it works in."""

    def __init__(
        self,
        tasks: Sequence[Task],
        wire: JobWire,
        *,
        name: str,
        observers: Observers,
        encoder: Callable[[Any], Any] | None,
        max_jobs_active: int | None,
        permanent_after: float,
        interrupted: Callable[[], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._posts: list[_Post] = []
        self._intake: list[asyncio.Task[None]] = []
        self._hurry = asyncio.Event()
        self._ends = float("inf")
        limit = Limit(max_jobs_active)
        windows: dict[str, Window] = {}
        for task in tasks:
            own = wire.of(task.job_type)
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
                max_jobs_active=task.max_jobs_active,
                at_once=task.at_once,
                auto_extend=task.auto_extend,
                interrupted=interrupted,
            )
            if task.stream and not own.pushes:
                log.info("%s: %s cannot push jobs: they are polled", task.job_type, own.name)
            streamer = Streamer(lane) if task.stream and own.pushes else None
            self._posts.append(_Post(lane, Poller(lane, Patience(permanent_after)), streamer, pool))

    async def work(self, stopped: asyncio.Event) -> None:
        """Takes jobs until ``stopped`` is set, or until a failure is permanent: raises that one. Then ``rest`` is due."""
        if stopped.is_set():
            return
        for post in self._posts:
            self._begin(post.poller.run)
            if post.streamer is not None:
                self._begin(post.streamer.run)
        waiting = asyncio.ensure_future(stopped.wait())
        try:
            pending: set[asyncio.Future[Any]] = {waiting, *self._intake}
            while not waiting.done():
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for each in done:
                    each.result()
        finally:
            waiting.cancel()

    def _begin(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._intake.append(self._loop.create_task(self._kept_alive(run)))

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

    def hurry(self, grace: float) -> None:
        """Comes to rest in ``grace`` seconds from now at the latest."""
        self._ends = min(self._ends, self._loop.time() + grace)
        for post in self._posts:
            post.lane.desk.closes_at = self._ends + _LAST_ANSWERS
        self._hurry.set()

    async def rest(self, grace: float) -> None:
        """Stops taking, waits for the handlers within the grace, gives back what has not begun or is not done."""
        self.hurry(grace)
        for post in self._posts:
            post.lane.stop()
        intake = asyncio.gather(*map(self._end_intake, self._posts))
        await self._handlers()
        await asyncio.gather(*(post.lane.cut_off() for post in self._posts))
        await intake
        for post in self._posts:
            if post.pool is not None:
                post.pool.close()
        for runner in self._intake:
            runner.cancel()
        await asyncio.gather(*self._intake, return_exceptions=True)

    async def _end_intake(self, post: _Post) -> None:
        """First the stream, then the polls: jobs that are given back must not come to us again."""
        stopped = self._loop.time()
        if post.streamer is not None:
            await post.streamer.ended(_STREAMS_END)
        await post.lane.give_back()
        await post.poller.ended(self._ends, stopped + IN_AT_THE_LATEST)
        await post.lane.give_back()

    async def _handlers(self) -> None:
        """Waits for the handlers to be done, or for the grace to be over."""
        while True:
            running: set[asyncio.Future[Any]] = set()
            for post in self._posts:
                running |= post.lane.running_tasks()
            left = self._ends - self._loop.time()
            if not running or left <= 0:
                return
            self._hurry.clear()
            hurry = asyncio.ensure_future(self._hurry.wait())
            await asyncio.wait({hurry, *running}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            hurry.cancel()

    def health(self) -> tuple[TaskHealth, ...]:
        """How each task type is."""
        return tuple(post.lane.health() for post in self._posts)
