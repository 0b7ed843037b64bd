"""The worker: what a program makes, starts and stops."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from camunda_core._arguments import items, shown, text
from camunda_core.deadline import Duration, setting
from camunda_core.errors import ConfigurationError, InvalidRequest
from camunda_core.jobs import JobWires, WireSource
from camunda_worker._handlers.importable import inside_pool
from camunda_worker._handlers.stalls import done_within
from camunda_worker._logs import log
from camunda_worker._observer import Counts, Observer, Observers
from camunda_worker._run import runner
from camunda_worker._run.shift import Shift
from camunda_worker._tasks import Middleware, Router, count

if TYPE_CHECKING:
    from camunda_worker._health import Health
    from camunda_worker._probe import Probe

__all__ = ["Worker"]

#: What the state of a worker is called in its health.
NEW, WORKING, STOPPING, STOPPED = "new", "working", "stopping", "stopped"

#: Seconds that closing the connections may take, and leaving the event loop: beside answers that
#: were still under way, it is short.
_CLOSING = 0.1


class Worker(Router):
    """Takes jobs, has handlers do them, and answers each exactly once, until it is stopped.

        worker = Worker(client)

        @worker.task("charge-card", timeout=30)
        async def charge(order_id: str, amount: Decimal) -> dict: ...

        worker.run()

    ``client``           a ``bridge.Client`` or ``AsyncClient``, a client of ``camunda_rest``, or a channel of ``camunda_grpc``: the
                         worker opens connections of its own with that client's settings, on the wire that its routes name
    ``name``             what the gateway knows the worker by. Workers that do the same should have the same
    ``grace``            seconds (or a timedelta) that handlers have to end when the worker is stopped
    ``max_jobs_active``  how many handlers run at most over all tasks; None leaves that to the tasks
    ``middleware``       ``async def m(job, next)`` around every handler, outermost first
    ``observers``        instances of ``Observer``, told of everything that happens
    ``encoder``          makes JSON of what a result holds that this library does not know
    ``probe``            "host:port" of an HTTP probe, /live and /ready; None has none
    ``permanent_after``  for how many seconds a gateway that once served the worker may deny it before that is final

    A worker ends by ``stop()``, by a signal that ``run()`` takes, or by an error that nothing will
    heal: wrong credentials, a task that the gateway refuses. That one is raised. It works once.
    Raises ConfigurationError for what cannot work.
    """

    def __init__(
        self,
        client: WireSource,
        *,
        name: str | None = None,
        grace: Duration = 10.0,
        max_jobs_active: int | None = None,
        middleware: Iterable[Middleware] = (),
        observers: Iterable[Observer] = (),
        encoder: Callable[[Any], Any] | None = None,
        probe: str | None = None,
        permanent_after: Duration = 60.0,
    ) -> None:
        super().__init__(middleware=middleware)
        if not callable(getattr(client, "job_wire", None)):
            raise ConfigurationError(
                "client must be a bridge.Client or AsyncClient, a client of camunda_rest or a channel of camunda_grpc, "
                f"not {shown(client)}"
            )
        self._client = client
        self.name = "camunda-bridge" if name is None else text(name, "name")
        self._grace = setting(grace, "grace")
        self._limit = None if max_jobs_active is None else count(max_jobs_active, "max_jobs_active")
        self.counts = Counts()
        if encoder is not None and not callable(encoder):
            raise ConfigurationError(f"encoder must be a function, not {shown(encoder)}")
        of_observers = items(
            observers,
            "observers",
            "observers, derived from Observer",
            lambda each: isinstance(each, Observer),
        )
        self._observers = [self.counts, *of_observers]
        self._encoder = encoder
        self._probe: Probe | None = None
        if probe is not None:
            from camunda_worker._probe import Probe  # most workers have none

            self._probe = Probe(self.health, probe)
        self._permanent_after = setting(permanent_after, "permanent_after")
        self._state = NEW
        self._lock = threading.RLock()  # a signal handler may stop the worker while its thread is in here
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = asyncio.Event()
        self._asked: float | None = None  # the grace that stop() was given
        self._shift: Shift | None = None

    def run(self) -> None:
        """Works until stopped, in an event loop of its own: from any thread, also where a
        loop is running already.

        In the main thread SIGTERM and SIGINT stop it; a second one ends the grace.
        Raises what ``work`` raises.
        """
        # Not from within an `except`: what handlers raise would have its exception as their context.
        if not _loop_runs():
            runner.run(self._run(), self._over_at)
            return
        failures: list[BaseException] = []
        thread = threading.Thread(target=self._run_apart, args=(failures,), name=self.name, daemon=True)
        thread.start()
        while thread.is_alive():
            try:
                thread.join()
            except KeyboardInterrupt:
                self._interrupted()
        if failures:
            raise failures[0]

    def _run_apart(self, failures: list[BaseException]) -> None:
        try:
            runner.run(self._run(), self._over_at)
        except BaseException as error:
            failures.append(error)

    def _over_at(self) -> float:
        """Until when, by the loop's clock, ``run`` may take."""
        return (0.0 if self._shift is None else self._shift.over_at) + _CLOSING

    async def _run(self) -> None:
        with self._signals(asyncio.get_running_loop()):
            await self.work()

    async def work(self) -> None:
        """Works until stopped, in the running event loop.

        Raises the error that made going on pointless: Unauthenticated, PermissionDenied,
        InvalidArgument or Unimplemented, and ConfigurationError for a client that cannot work here.
        Cancelling it stops the worker without grace: what was taken is given back first.
        """
        if inside_pool():
            raise ConfigurationError(
                "a process for handlers has imported the program and begun another worker: put what starts the worker under "
                '`if __name__ == "__main__":`'
            )
        with self._lock:
            if self._state is not NEW:
                raise InvalidRequest(f"the worker is {self._state}: it works once, make a new one")
            if not self._tasks:
                raise ConfigurationError("the worker has no task: declare one with @worker.task(...)")
            self._state = WORKING
            self._loop = asyncio.get_running_loop()
            self._stopped = asyncio.Event()
            if self._asked is not None:
                self._stopped.set()
        try:
            await self._work()
        finally:
            self._state = STOPPED

    async def _work(self) -> None:
        wires = self._client.job_wire()
        grace = 0.0
        try:
            if self._probe is not None:
                await self._probe.start()
            self._shift = shift = Shift(
                tuple(self._tasks.values()),
                wires,
                name=self.name,
                observers=Observers(self._observers),
                encoder=self._encoder,
                max_jobs_active=self._limit,
                permanent_after=self._permanent_after,
            )
            log.info("worker %s begins: %s", self.name, ", ".join(self._tasks))
            try:
                await shift.work(self._stopped)
                grace = self._grace if self._asked is None else self._asked
            except asyncio.CancelledError:
                log.info("worker %s is cancelled", self.name)
                raise
            except BaseException as error:
                log.error("worker %s ends: %r", self.name, error)
                grace = self._grace
                raise
        finally:
            self._state = STOPPING
            await self._to_the_end(self._end(wires, grace))
        log.info("worker %s has stopped", self.name)

    async def _to_the_end(self, ending: Coroutine[Any, Any, None]) -> None:
        """Awaits it even if this task is cancelled meanwhile: a worker that is cancelled
        gives its jobs back first.
        """
        task = asyncio.ensure_future(ending)
        cancelled: asyncio.CancelledError | None = None
        while not task.done():
            try:
                await asyncio.wait((task,))
            except asyncio.CancelledError as error:
                cancelled = error
                if self._shift is not None:
                    self._shift.hurry(0.0)
        task.result()
        if cancelled is not None:
            raise cancelled

    async def _end(self, wires: JobWires, grace: float) -> None:
        """Handlers and answers first, then what they need. Raises nothing."""
        if self._shift is not None:
            await _step("coming to rest", self._shift.rest(grace), None)
        if self._probe is not None:
            await _step("closing the probe", self._probe.close(), _CLOSING)
        left = self._over_at() - asyncio.get_running_loop().time()
        await _step("closing the connections", wires.close(), max(left, _CLOSING))

    def stop(self, grace: Duration | None = None) -> None:
        """Stops the worker, from any thread, a signal handler, or its event loop; returns at once.

        Handlers have ``grace`` seconds (or a timedelta; None is the worker's own) to end. Then,
        and for jobs that have not begun at once, the jobs are given back with their retries
        unchanged. Polls on the wire are waited for, up to 3 s: a REST gateway does not notice
        that a poller has gone, and would give the next jobs to nobody. Calling it again can
        only shorten the grace.
        """
        asked = self._grace if grace is None else setting(grace, "grace")
        with self._lock:
            self._asked = asked if self._asked is None else min(self._asked, asked)
            loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and so has the worker
                loop.call_soon_threadsafe(self._stop_now, asked)

    def _interrupted(self) -> None:
        self.stop(None if self._asked is None else 0.0)

    def _stop_now(self, grace: float) -> None:
        self._stopped.set()
        if self._shift is not None and self._state is STOPPING:
            self._shift.hurry(grace)

    def health(self) -> Health:
        """How the worker is, for people and for probes. From any thread."""
        from dataclasses import replace

        from camunda_worker._health import Health  # many programs never ask

        shift = self._shift
        tasks = (
            ()
            if shift is None
            else tuple(replace(each, counts=self.counts.of(each.job_type)) for each in shift.health())
        )
        return Health(
            worker=self.name,
            state=self._state,
            live=self._state is not STOPPED,
            ready=self._state is WORKING
            and bool(tasks)
            and all(each.last_answer is not None and each.faults == 0 for each in tasks),
            tasks=tasks,
        )

    @contextlib.contextmanager
    def _signals(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {}

        def taken(number: int, frame: Any = None) -> None:
            log.info(
                "signal %d: worker %s stops%s", number, self.name, "" if self._asked is None else " at once"
            )
            self._interrupted()

        for number in (signal.SIGTERM, signal.SIGINT):
            before[number] = signal.getsignal(number)
            try:
                loop.add_signal_handler(number, taken, number)
            except NotImplementedError:  # Windows
                signal.signal(number, taken)
        try:
            yield
        finally:
            for number, handler in before.items():
                with contextlib.suppress(NotImplementedError):
                    loop.remove_signal_handler(number)
                if handler is not None:  # else it was not set from Python, and cannot be set again from there
                    signal.signal(number, handler)


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def _step(what: str, doing: Coroutine[Any, Any, None], seconds: float | None) -> None:
    """One step of the end, of which no fault stops the next.

    What takes longer than ``seconds`` is cancelled; the machine's standing still does not count.
    """
    task = asyncio.ensure_future(doing)
    if seconds is None:
        await asyncio.wait((task,))
    else:
        await done_within(task, seconds)
    if not task.done():
        task.cancel()
        log.warning("%s took longer than %g s and was given up", what, seconds)
    elif not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s failed", what, exc_info=error)
