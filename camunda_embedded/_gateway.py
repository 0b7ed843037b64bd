"""The embedded gateway: engine and servers in a thread of their own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import CancelledError, Future
from types import TracebackType
from typing import Any, TypeVar

from camunda_core._arguments import instance, port, shown
from camunda_core._nearby import announce
from camunda_core.deadline import time_to_wait
from camunda_core.errors import ConfigurationError, InvalidRequest
from camunda_embedded._clock import Clock
from camunda_embedded._engine.engine import Engine
from camunda_embedded._engine.work import Work
from camunda_embedded._mocking import MockWorker, Rehearsing
from camunda_embedded._pace import Pace
from camunda_embedded._servers.grpc import GrpcServer
from camunda_embedded._servers.rest.server import RestServer
from camunda_embedded._service import Service
from camunda_embedded._tenancy import TenantedService, engines_of, tenant_ids
from camunda_embedded._tokens import TokenCheck
from camunda_embedded._watching import closing, opened

__all__ = ["EmbeddedGateway"]

T = TypeVar("T")

#: Of each dialect the line of the engine, and the version that it answers in Topology.
DIALECTS = {
    "8.6": ((8, 6), "8.6.0"),
    "8.8": ((8, 8), "8.8.0"),
    "8.9": ((8, 9), "8.9.0"),
    "8.10": ((8, 10), "8.10.0"),
}
_START_SECONDS = 30.0


class EmbeddedGateway(Rehearsing):
    """A Camunda 8 gateway inside this process, on loopback; what it knows is gone when it stops.

        with EmbeddedGateway() as gateway:
            channel = grpc.insecure_channel(gateway.grpc_address)

    ``grpc_port``, ``rest_port``  0 takes free ones
    ``clock``    a ``Clock``; by default one that follows the system's and can be moved forward
    ``dialect``  the line of the real gateway that it answers as: "8.6", "8.8", "8.9" or "8.10"
    ``tenants``  ids of tenants beside the default one; with some, every request names its tenant, and
                 each tenant has processes, messages and jobs of its own
    ``auth``     a ``TokenCheck``: whose tokens are wanted of every call; by default none are

    It runs in a thread with an event loop of its own: it can be used beside a running event
    loop, and from any thread.
    """

    def __init__(
        self,
        *,
        grpc_port: int = 0,
        rest_port: int = 0,
        clock: Clock | None = None,
        dialect: str = "8.6",
        tenants: Sequence[str] = (),
        auth: TokenCheck | None = None,
    ) -> None:
        if not isinstance(dialect, str) or dialect not in DIALECTS:
            raise ConfigurationError(f"dialect must be one of {', '.join(DIALECTS)}, not {shown(dialect)}")
        if clock is not None:
            instance(Clock, clock, "clock", "a camunda_embedded.Clock")
        if auth is not None:
            instance(TokenCheck, auth, "auth", "a camunda_embedded.TokenCheck")
        self.clock = clock if clock is not None else Clock()
        self.dialect = dialect
        self._auth = auth
        self._tenants = tenant_ids(tenants)
        self._ports = (port(grpc_port, "grpc_port"), port(rest_port, "rest_port"))
        self._bound: tuple[int, int] | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._engines: list[Engine] = []
        self._service: Service | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._planned: int | None = None
        self._mocks: list[MockWorker] = []

    # --- life ---

    def start(self) -> EmbeddedGateway:
        """Starts it and returns when calls are answered.

        Raises:
            OSError: a port cannot be had.
            RuntimeError: it runs already.
        """
        if self._thread is not None:
            raise RuntimeError("the gateway runs already")
        started: Future[tuple[int, int]] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(started,), name="embedded-gateway", daemon=True
        )
        self._thread.start()
        try:
            self._bound = started.result(_START_SECONDS)
        except BaseException:
            self._thread.join(_START_SECONDS)
            self._thread = None
            raise
        return self

    def stop(self) -> None:
        """Ends open calls and stops it; harmless when it does not run."""
        thread, loop, stopping = self._thread, self._loop, self._stopping
        if thread is None or loop is None or stopping is None:
            return
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        self._thread = self._loop = self._stopping = self._bound = None

    def __enter__(self) -> EmbeddedGateway:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- what users see ---

    @property
    def grpc_address(self) -> str:
        """``127.0.0.1:port`` of the gRPC server."""
        return f"127.0.0.1:{self._running()[0]}"

    @property
    def rest_address(self) -> str:
        """``http://127.0.0.1:port`` of the REST server; RuntimeError when it has none."""
        port = self._running()[1]
        if not port:
            raise RuntimeError("this gateway has no REST server")
        return f"http://127.0.0.1:{port}"

    @property
    def has_rest(self) -> bool:
        """Whether it has a REST server."""
        return self._running()[1] != 0

    def records(self, *, since: int = 0) -> list[dict[str, Any]]:
        """The engine's records so far, in the exporters' JSON form: commands, events,
        rejections, the oldest first.

        ``since`` leaves out those up to a position: that of the last record seen, or what
        ``position`` said. Positions count from 1 and are never given twice. Of the log the newest
        100,000 records are kept; older ones are left out, whatever ``since`` says.
        """
        if isinstance(since, bool) or not isinstance(since, int) or since < 0:
            raise InvalidRequest(f"since must be a position, 0 or more, not {shown(since)}")
        found = self.run(lambda: self._known_engines()[0].kernel.log.since(since))
        return [record.to_dict() for record in found]  # in this thread: the gateway has others to answer

    @property
    def position(self) -> int:
        """The position of the newest record; 0 before the first. ``records(since=…)`` takes it."""
        return self._known_engines()[0].kernel.log.position

    @property
    def alive(self) -> dict[str, int]:
        """How much is not finished: element instances, jobs, and appointments (timers, timeouts,
        messages that expire).
        """
        engines = self._known_engines()
        return {
            "instances": sum(len(engine.kernel.instances) for engine in engines),
            "jobs": sum(len(engine.jobs.all) for engine in engines),
            "appointments": sum(len(engine.kernel.schedule) for engine in engines),
        }

    @property
    def streams(self) -> int:
        """How many job streams are open."""
        return len({id(stream) for engine in self._known_engines() for stream in engine.jobs.streams})

    @property
    def polls(self) -> int:
        """How many long polls wait for jobs, on both servers."""
        return 0 if self._service is None else self._service.polls

    def end_polls(self) -> None:
        """Answers the long polls for jobs that wait now, on both servers, as if their time were over.

        A worker that stops waits for its polls, so that no job is given to nobody; this ends the
        wait and loses none. RuntimeError when the gateway does not run.
        """

        def end() -> None:
            if self._service is not None:
                self._service.end_polls()

        self.run(end)

    def settle(self, timeout: float = 60.0) -> None:
        """Waits until everything that follows from the calls so far is done.

        A call that has much to follow from it, such as the creation of an instance that goes
        through thousands of steps, is answered before all of it is done.

        Raises:
            TimeoutError: it is not done after ``timeout`` seconds.
        """
        limit = time_to_wait(timeout)

        async def settled() -> bool:
            until = time.monotonic() + limit
            while any(engine.kernel.works for engine in self._engines) or (self._engines and self._mocking):
                if time.monotonic() > until:
                    return False
                await asyncio.sleep(0.005)
            return True

        self._running()
        if not self._call(settled):
            raise TimeoutError(f"the gateway still works on what was asked for, after {timeout:g} s")

    @property
    def _mocking(self) -> bool:
        return any(mock.pending for mock in self._mocks)

    def run(self, work: Callable[[], T]) -> T:
        """Calls ``work`` in the gateway's thread and returns its result."""
        self._running()
        if threading.current_thread() is self._thread:
            return work()

        async def call() -> T:
            return work()

        return self._call(call)

    def _call(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of a coroutine in the gateway's thread, from another one."""
        loop = self._loop
        if loop is None:
            raise RuntimeError("the gateway does not run")
        try:
            return asyncio.run_coroutine_threadsafe(work(), loop).result()
        except CancelledError:
            raise RuntimeError("the gateway was stopped meanwhile") from None

    def _running(self) -> tuple[int, int]:
        if self._bound is None:
            raise RuntimeError("the gateway does not run; use it in a with statement, or call start()")
        return self._bound

    def _known_engines(self) -> Sequence[Engine]:
        if not self._engines:
            raise RuntimeError("the gateway does not run")
        return self._engines

    # --- the thread ---

    def _run(self, started: Future[tuple[int, int]]) -> None:
        try:
            asyncio.run(self._serve(started))
        except BaseException as error:
            if not started.done():
                started.set_exception(error)
            elif not isinstance(error, Exception):
                raise

    async def _serve(self, started: Future[tuple[int, int]]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        line, version = DIALECTS[self.dialect]
        engines = self._engines = engines_of(self.clock.now, line, self._tenants)
        paces = [Pace(engine) for engine in engines]
        service = self._service = (
            TenantedService(engines, version) if self._tenants else Service(engines[0], version)
        )
        grpc_server = GrpcServer(service, self._auth)
        rest_server = RestServer(service, self.clock, self.dialect, auth=self._auth)
        for engine in engines:
            engine.kernel.on_settled.append(self._plan)
        unwatch = self.clock.watch(self._clock_moved)
        withdraw = announce(self._end_polls_of)
        try:
            service.port = await grpc_server.start(self._ports[0])
            started.set_result((service.port, await rest_server.start(self._ports[1])))
            opened(self)
            await self._stopping.wait()
            closing(self)
        finally:
            withdraw()
            unwatch()
            for pace in paces:
                pace.stop()
            if self._timer is not None:
                self._timer.cancel()
            await rest_server.stop()
            await grpc_server.stop()
            self._engines, self._service = [], None
            self._mocks.clear()

    def _end_polls_of(self, job_type: str, worker: str) -> None:
        """In the thread of a worker that stops."""
        loop, service = self._loop, self._service
        if loop is not None and service is not None:
            with contextlib.suppress(RuntimeError):  # it stops too
                loop.call_soon_threadsafe(service.end_polls, job_type, worker)

    def _clock_moved(self) -> None:
        """In the thread that moved the clock: what is due has happened when this returns (in the
        gateway's own: has begun).
        """
        if self._bound is None:
            return
        if threading.current_thread() is self._thread:
            self._run_due()
        else:
            self._call(self._all_due)

    async def _all_due(self) -> None:
        for work in self._run_due():
            await Pace.finished(work)

    def _run_due(self) -> list[Work]:
        works = [engine.kernel.run_due() for engine in self._engines]
        self._plan()
        return works

    def _plan(self) -> None:
        """Wakes up when the next thing is due; a clock that stands still wakes nobody."""
        engines, loop = self._engines, self._loop
        if not engines or loop is None:
            return
        # Where what is due is being done, this is called again at its end.
        dues = [each.kernel.schedule.next_due() for each in engines if not each.kernel.at_due]
        due = min((each for each in dues if each is not None), default=None)
        if self._timer is not None:
            if due is not None and self._planned == due:
                return
            self._timer.cancel()
            self._timer = None
        if due is not None and self.clock.ticking:
            self._planned = due
            # Long waits are cut: the system's clock may be set meanwhile.
            delay = min(max(0, due - self.clock.now()) / 1000, 60.0)
            self._timer = loop.call_later(delay, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._run_due()
