"""The REST door, asyncio: the same decisions as ``bridge._doors.rest``, awaited."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import weakref
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from bridge._doors.polling import (
    CLOSING,
    LongPoll,
    Slice,
    StreamPlan,
    early,
    ends_stream,
    failing,
    read_jobs,
    returning,
    stream_error,
    time_for,
    was_left,
)
from bridge._table.mapping import RestRequest
from bridge._table.versions import Version, newer_properties, parse_version, refuse_newer, version_of
from camunda_core.deadline import Deadline
from camunda_core.errors import CamundaError, Cancelled, DeadlineExceeded, Unavailable
from camunda_core.jobs import UnreadableJob
from camunda_core.retry import Pace, RetryPolicy
from camunda_rest import AsyncRestClient
from camunda_rest import operations as op
from camunda_rest._activated import job_of, listed_jobs
from camunda_rest._request import UnreadableAnswer

__all__ = ["AsyncJobStream", "AsyncRestDoor"]

log = logging.getLogger("bridge")

Headers = Mapping[str, str]


class AsyncRestDoor:
    """What the bridge asks of REST, awaited; for one event loop. ``timeout`` (s) is for calls that bring none."""

    def __init__(
        self,
        client: AsyncRestClient,
        *,
        timeout: float,
        retry: RetryPolicy,
        cluster_version: str | Version | None = None,
        stream_capacity: int = 32,
        grpc_there: bool = False,
    ) -> None:
        self.client = client
        self.timeout = timeout
        self.stream_capacity = stream_capacity
        self.retry = retry
        self._version = None if cluster_version is None else parse_version(cluster_version)
        self._grpc_there = grpc_there
        self._announced = False
        self._closed = False
        self._background: set[asyncio.Task[Any]] = set()
        self._streams: weakref.WeakSet[AsyncJobStream] = weakref.WeakSet()

    async def call(
        self,
        rpc: str,
        request: RestRequest,
        *,
        timeout: float | None = None,
        headers: Headers | None = None,
        wait_for_ready: bool = False,
    ) -> Any:
        """One request, one answer (JSON, or None without a body). Raises a CamundaError."""
        deadline = Deadline(time_for(request, self.timeout) if timeout is None else timeout)
        if request.operation.newer:
            await self._refuse_newer(rpc, request, deadline)
        return await self._send(rpc, request, deadline, headers, wait_for_ready)

    async def activate(
        self,
        rpc: str,
        request: RestRequest,
        *,
        timeout: float | None = None,
        headers: Headers | None = None,
        wait_for_ready: bool = False,
    ) -> Any:
        """ActivateJobs: polls until jobs come or the asked time is over.

        Cancelling the caller ends the wait at once; the poll on the wire ends by itself, and the jobs that it brings go back.
        """
        deadline = Deadline(time_for(request, self.timeout) if timeout is None else timeout)
        await self._refuse_newer(rpc, request, deadline)
        poll = LongPoll(request, deadline)
        answer: Any = {"jobs": []}
        loop = asyncio.get_running_loop()
        while (piece := poll.next()) is not None:
            began = loop.time()
            answer = {"jobs": listed_jobs(await self.poll(rpc, piece, headers, wait_for_ready))}
            if answer["jobs"]:
                return answer
            await asyncio.sleep(early(piece, loop.time() - began))
        if poll.overdue:
            await asyncio.sleep(deadline.remaining() or 0.0)
            raise DeadlineExceeded("no job came before the deadline", operation=rpc)
        return answer

    async def poll(
        self, rpc: str, piece: Slice, headers: Headers | None, wait_for_ready: bool = False
    ) -> Any:
        """One slice of a long poll, which outlives its caller: jobs for one that was cancelled are given back."""
        task = self.in_background(
            self._send(rpc, piece.request, Deadline(piece.timeout), headers, wait_for_ready)
        )
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(lambda done: self._give_back_answer(done, headers))
            raise

    def _give_back_answer(self, task: asyncio.Task[Any], headers: Headers | None) -> None:
        if not task.cancelled() and task.exception() is None and (task.result() or {}).get("jobs"):
            self.in_background(self.give_back(listed_jobs(task.result()), headers))

    def stream(
        self,
        rpc: str,
        request: RestRequest,
        *,
        timeout: float | None = None,
        headers: Headers | None = None,
        read: Callable[[Any], Any] = job_of,
    ) -> AsyncJobStream:
        """StreamActivatedJobs by long polling; opens at once and runs until it is cancelled, or fails for good.

        It gives what ``read`` makes of a job. One that cannot be read is failed, and the stream goes on with the others.
        """
        if self._closed:
            raise Cancelled("the channel is closed", operation=rpc, sent=False)
        if not self._announced:
            self._announced = True
            log.info("%s is emulated by long polling: REST cannot push jobs", rpc)
        plan = StreamPlan(request, self.stream_capacity)
        stream = AsyncJobStream(self, rpc, plan, Deadline(timeout), headers, read)
        self._streams.add(stream)
        return stream

    async def give_back(self, jobs: list[Mapping[str, Any]], headers: Headers | None = None) -> None:
        """Makes activated jobs available again, retries untouched. What cannot be given back is logged."""
        for job in jobs:
            returned = returning(job)
            if returned is None:
                log.warning("a job stays locked until its timeout: it has no key")
                continue
            key, body = returned
            try:
                await self.client.call(op.FAIL_JOB, {"jobKey": key}, body, headers=headers)
            except CamundaError as error:
                log.warning("job %s stays locked until its timeout: giving it back failed: %s", key, error)

    async def fail_unreadable(self, job: UnreadableJob, headers: Headers | None = None) -> None:
        """Fails a job that cannot be read, with one retry less, and logs it. It shows, and does not come again for ever."""
        key, body = failing(job)
        log.error("a job that cannot be read is failed, with %d retries left: %s", body["retries"], job.why)
        try:
            await self.client.call(op.FAIL_JOB, {"jobKey": key}, body, headers=headers)
        except CamundaError as error:
            log.warning("job %s stays locked until its timeout: failing it failed: %s", key, error)

    def in_background(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Runs ``work`` as a task that ``close`` waits for."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    async def close(self) -> None:
        """Ends the job streams, waits for polls on the wire to end and their jobs to be given back, then closes the client.

        It waits 5 s at most: what a gateway answers later than that stays locked until its timeout.
        """
        self._closed = True
        for stream in list(self._streams):
            stream.cancel()
        patience = Deadline(CLOSING)
        while self._background and not patience.expired:
            await asyncio.wait(set(self._background), timeout=patience.remaining())
        for task in self._background:
            task.cancel()
        await self.client.aclose()

    async def _refuse_newer(self, rpc: str, request: RestRequest, deadline: Deadline) -> None:
        newer = dict(newer_properties(request.operation, request.body))
        if newer:
            cluster = await self.cluster_version(deadline)
            refuse_newer(newer, cluster, rpc=rpc, wire="REST", grpc_there=self._grpc_there)

    async def cluster_version(self, deadline: Deadline) -> Version:
        """The cluster's version: as given, or asked once."""
        if self._version is None:
            topology = await self.client.call(op.GET_TOPOLOGY, timeout=deadline.bounded(self.timeout))
            self._version = version_of(topology.get("gatewayVersion"))
        return self._version

    async def _send(
        self,
        rpc: str,
        request: RestRequest,
        deadline: Deadline,
        headers: Headers | None,
        wait_for_ready: bool,
    ) -> Any:
        pace = Pace(self.retry)
        while True:
            try:
                return await self.client.call(
                    request.operation,
                    request.path,
                    request.body,
                    files=request.files,
                    timeout=deadline.remaining(),
                    headers=headers,
                )
            except CamundaError as error:
                error.operation = rpc
                if not (wait_for_ready and isinstance(error, Unavailable) and not error.sent) or self._closed:
                    raise
                delay = pace.failed(error)
                if delay >= (deadline.remaining() or delay + 1):
                    raise
                await asyncio.sleep(delay)


class AsyncJobStream:
    """A stream of jobs that polls for more when at most half of its capacity is unread.

    After ``cancel`` nothing is delivered any more: what was not taken, and what a poll on the wire still brings, is given back.
    ``unreadable`` counts jobs that could not be read.
    """

    def __init__(
        self,
        door: AsyncRestDoor,
        rpc: str,
        plan: StreamPlan,
        deadline: Deadline,
        headers: Headers | None,
        read: Callable[[Any], Any],
    ) -> None:
        self.unreadable = 0
        self._door = door
        self._rpc = rpc
        self._plan = plan
        self._deadline = deadline
        self._headers = headers
        self._read = read
        self._pace = Pace(door.retry)
        self._unread: deque[tuple[Any, Any]] = deque()  # as read, and as it came
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._ended: CamundaError | None = None
        self._on_end: Callable[[CamundaError], None] | None = None
        self._loop = asyncio.get_running_loop()
        door.in_background(self._run())

    async def take(self) -> Any:
        """The next job; raises the error that ended the stream, Cancelled after ``cancel``, DeadlineExceeded at the deadline."""
        while True:
            if self._ended is None and self._deadline.expired:
                self._end(DeadlineExceeded("the deadline of the stream is over", operation=self._rpc))
            if self._unread and (self._ended is None or not was_left(self._ended)):
                job, _ = self._unread.popleft()
                self._room.set()
                return job
            if self._ended is not None:
                self._tell_end()
                raise self._ended
            self._changed.clear()
            await _wait(self._changed, self._deadline.remaining())

    def cancel(self) -> bool:
        """Ends the stream; True when it was open."""
        if self._ended is not None:
            return False
        self._end(Cancelled("Locally cancelled by application!", operation=self._rpc))
        return True

    def abandon(self) -> None:
        """Cancels from wherever the consumer was dropped, be it another thread or after the loop has gone."""
        if self._ended is None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.cancel)

    def on_end(self, callback: Callable[[CamundaError], None]) -> None:
        """Calls back once, when the stream has ended and nothing of it is left to take."""
        self._on_end = callback
        self._tell_end()

    def _tell_end(self) -> None:
        error, callback = self._ended, self._on_end
        if error is not None and callback is not None and (not self._unread or was_left(error)):
            self._on_end = None
            callback(error)

    def _end(self, error: CamundaError) -> None:
        self._ended = error
        self._changed.set()
        self._room.set()
        self._tell_end()

    async def _run(self) -> None:
        try:
            await self._poll_until_ended()
        except asyncio.CancelledError:  # the loop is being closed, or somebody cancels every task there is
            if self._ended is None:
                self._end(Cancelled("the task of the stream was cancelled", operation=self._rpc))
            raise
        except BaseException as error:  # whatever it is: a reader is waiting, and would wait for ever
            log.exception("%s: the stream ends, since its task failed", self._rpc)
            if self._ended is None:
                self._end(stream_error(error, self._rpc))
            if not isinstance(error, Exception):
                raise
        if self._ended is not None and was_left(self._ended):
            jobs = [data for _, data in self._unread]
            self._unread.clear()
            await self._door.give_back(jobs, self._headers)

    async def _poll_until_ended(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await self._door._refuse_newer(self._rpc, self._plan.request, Deadline(self._door.timeout))
        except CamundaError as error:
            self._end(error)
        while await self._wait_for_room():
            piece = self._plan.poll(len(self._unread), self._deadline)
            began = loop.time()
            try:
                jobs = await self._polled(piece)
            except CamundaError as error:
                await self._failed(error)
                continue
            if self._pace.succeeded():
                log.info("%s: the gateway answers again", self._rpc)
            await self._deliver(jobs)
            if not jobs:
                await self._pause(early(piece, loop.time() - began))

    async def _polled(self, piece: Slice) -> list[Any]:
        try:
            return listed_jobs(
                await self._door._send(
                    self._rpc, piece.request, Deadline(piece.timeout), self._headers, False
                )
            )
        except UnreadableAnswer as error:
            return error.piecewise()

    async def _wait_for_room(self) -> bool:
        while self._ended is None and not self._plan.wants(len(self._unread)) and not self._deadline.expired:
            self._room.clear()
            await _wait(self._room, self._deadline.remaining())
        if self._ended is None and self._deadline.expired:
            self._end(DeadlineExceeded("the deadline of the stream is over", operation=self._rpc))
        return self._ended is None

    async def _deliver(self, jobs: list[Any]) -> None:
        readable, unreadable = read_jobs(jobs, self._read)
        self.unreadable += len(jobs) - len(readable)
        taken = self._ended is None
        if taken:
            self._unread.extend(readable)
            self._changed.set()
        for job in unreadable:
            await self._door.fail_unreadable(job, self._headers)
        if not taken:
            await self._door.give_back([data for _, data in readable], self._headers)

    async def _failed(self, error: CamundaError) -> None:
        if ends_stream(error):
            if self._ended is None:
                self._end(error)
            return
        if self._pace.failures == 0:
            log.warning("%s: polling fails, the stream goes on trying: %s", self._rpc, error)
        await self._pause(self._pace.failed(error))

    async def _pause(self, delay: float) -> None:
        if delay and self._ended is None:
            self._room.clear()
            await _wait(self._room, self._deadline.bounded(delay))


async def _wait(event: asyncio.Event, timeout: float | None) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(event.wait(), timeout)
