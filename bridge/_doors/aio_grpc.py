"""The gRPC door, asyncio: the same decisions as ``bridge._doors.grpc``, awaited."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import grpc
import grpc.aio

from bridge._doors.grpc import CLOSED, jobs_of, message_of
from bridge._doors.polling import CLOSING, ends_stream, failing, returning, was_left
from bridge._table.mapping import RestRequest
from bridge._table.transcode import exchange
from bridge._table.versions import Version, newer_fields, refuse_newer, version_of
from camunda_core.deadline import Deadline
from camunda_core.errors import CamundaError, Cancelled, Unavailable
from camunda_core.jobs import ActivatedJob, UnreadableJob
from camunda_core.retry import Pace, RetryPolicy
from camunda_grpc import _activated as activated
from camunda_grpc._activated import readable_jobs
from camunda_grpc._generated import gateway_pb2, gateway_pb2_grpc
from camunda_rest import operations as op

__all__ = ["AsyncGrpcDoor", "AsyncGrpcJobStream"]

log = logging.getLogger("bridge")


class AsyncGrpcDoor:
    """What the client asks of gRPC, awaited; for one event loop."""

    def __init__(
        self, channel: grpc.aio.Channel, *, retry: RetryPolicy, cluster_version: Version | None = None
    ) -> None:
        self.retry = retry
        self._channel = channel
        self._stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        self._version = cluster_version
        self._background: set[asyncio.Task[None]] = set()
        self._closed = False

    async def call(self, rpc: str, request: RestRequest, *, timeout: float | None = None) -> Any:
        """One request, one answer, as JSON. Raises a CamundaError. ``timeout`` (s) is the channel's when None."""
        deadline = Deadline(timeout)
        with self._unless_closed(rpc):
            message = await self._message(rpc, request, deadline)
            answer = await getattr(self._stub, rpc)(message, timeout=deadline.remaining())
        return exchange(rpc).answer_to_rest(answer)

    async def activate(self, rpc: str, request: RestRequest, *, timeout: float | None = None) -> Any:
        """ActivateJobs: ``{"jobs": [...]}``, the jobs of all messages. What came before a failure is given, the failure logged."""
        deadline = Deadline(timeout)
        messages: list[Any] = []
        with self._unless_closed(rpc):
            message = await self._message(rpc, request, deadline)
            call = getattr(self._stub, rpc)(message, timeout=deadline.remaining())
        try:
            with self._unless_closed(rpc):
                async for each in call:
                    messages.append(each)  # one by one: what came before a failure must not be lost
        except CamundaError as error:
            if not messages:
                raise
            log.warning("%s: after %d messages with jobs: %s", rpc, len(messages), error)
        except asyncio.CancelledError:
            for each in messages:
                for job in readable_jobs(each.jobs):
                    self._give_back_soon(job)
            raise
        finally:
            call.cancel()
        return jobs_of(messages)

    def stream(self, rpc: str, request: RestRequest, *, timeout: float | None = None) -> AsyncGrpcJobStream:
        """StreamActivatedJobs; opens at once and runs until it is cancelled, or fails for good."""
        deadline = Deadline(timeout)
        message = message_of(rpc, request)

        async def open_call() -> Any:
            with self._unless_closed(rpc):
                await self._refuse_newer(rpc, message, deadline)
                return getattr(self._stub, rpc)(message, timeout=deadline.remaining())

        def fail_unreadable(job: UnreadableJob) -> None:
            self._soon(self._fail_unreadable(job))

        return AsyncGrpcJobStream(rpc, open_call, self.retry, self._give_back_soon, fail_unreadable)

    async def close(self) -> None:
        """Gives back what was not taken, cancels what is under way and closes the channel."""
        self._closed = True
        if self._background:
            await asyncio.wait(self._background, timeout=CLOSING)
        await self._channel.close()

    @contextlib.contextmanager
    def _unless_closed(self, rpc: str) -> Iterator[None]:
        """Cancelled, an error of the call, in place of what grpcio does when its channel is closed: it refuses a new call
        with UsageError, and one under way it ends as if the task were cancelled that waits for it.
        """
        try:
            yield
        except grpc.aio.UsageError as error:
            if "closed" not in str(error):
                raise
            raise Cancelled(CLOSED, operation=rpc, sent=False) from None
        except asyncio.CancelledError:
            if not self._closed or _being_cancelled():
                raise
            raise Cancelled(CLOSED, operation=rpc, answered=False) from None

    def _give_back_soon(self, job: ActivatedJob) -> None:
        self._soon(self._give_back(job))

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _give_back(self, job: ActivatedJob) -> None:
        said = {"jobKey": job.job_key, "retries": job.retries, "jobLeaseToken": job.job_lease_token}
        returned = returning(said)
        if returned is not None:
            await self._fail(*returned, "giving it back")

    async def _fail_unreadable(self, job: UnreadableJob) -> None:
        key, body = failing(job)
        log.error("a job that cannot be read is failed, with %d retries left: %s", body["retries"], job.why)
        await self._fail(key, body, "failing it")

    async def _fail(self, key: str, body: Any, what: str) -> None:
        try:
            with self._unless_closed("FailJob"):
                await self._stub.FailJob(
                    message_of("FailJob", RestRequest(op.FAIL_JOB, {"jobKey": key}, body))
                )
        except CamundaError as error:
            log.warning("job %s stays locked until its timeout: %s failed: %s", key, what, error)

    async def _message(self, rpc: str, request: RestRequest, deadline: Deadline) -> Any:
        message = message_of(rpc, request)
        await self._refuse_newer(rpc, message, deadline)
        return message

    async def _refuse_newer(self, rpc: str, message: Any, deadline: Deadline) -> None:
        newer = dict(newer_fields(message))
        if newer:
            cluster = await self._cluster_version(deadline)
            refuse_newer(newer, cluster, rpc=rpc, wire="gRPC")

    async def _cluster_version(self, deadline: Deadline) -> Version:
        if self._version is None:
            topology = await self._stub.Topology(gateway_pb2.TopologyRequest(), timeout=deadline.remaining())
            self._version = version_of(topology.gatewayVersion)
        return self._version


def _being_cancelled() -> bool:
    """Whether somebody cancels the running task; Python 3.10 cannot tell."""
    cancelling = getattr(asyncio.current_task(), "cancelling", None)
    return cancelling is not None and cancelling() > 0


class AsyncGrpcJobStream:
    """A native job stream that outlives its gateway: when it breaks it is opened again, until that fails for good.

    Cancelling a ``take`` does not end the stream: what it was about to read is for the next. A job that cannot be read is left to
    ``fail_unreadable`` and counted in ``unreadable``; the stream goes on with the others.
    """

    def __init__(
        self,
        rpc: str,
        open_call: Callable[[], Coroutine[Any, Any, Any]],
        retry: RetryPolicy,
        give_back: Callable[[ActivatedJob], Any],
        fail_unreadable: Callable[[UnreadableJob], Any] = lambda job: None,
    ) -> None:
        self.unreadable = 0
        self._fail_unreadable = fail_unreadable
        self._rpc = rpc
        self._open_call = open_call
        self._give_back = give_back
        self._pace = Pace(retry)
        self._left = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        # A stream pushes what becomes available once it is open, so it opens now.
        self._call: asyncio.Task[Any] | None = _task(open_call())
        self._reading: asyncio.Task[Any] | None = None

    async def take(self) -> ActivatedJob:
        """The next job.

        Raises the error that ended the stream: Cancelled after ``cancel``, DeadlineExceeded at the deadline.
        """
        while True:
            self._refuse_when_left()
            reading = self._reading = self._reading or _task(self._read())
            await asyncio.wait({reading})
            if self._reading is not reading:
                continue  # another task has taken it
            self._reading = None
            self._refuse_when_left()
            try:
                message = reading.result()
            except CamundaError as error:
                self._call = None
                if was_left(error) or ends_stream(error):
                    raise
                await self._broke(error)
                continue
            if self._pace.succeeded():
                log.info("%s: the gateway streams again", self._rpc)
            job = next(activated.jobs_of((message,)), None)
            if job is not None and not isinstance(job, UnreadableJob):
                return job
            self.unreadable += 1
            if job is not None:
                self._fail_unreadable(job)

    def cancel(self) -> bool:
        """Ends the stream; True when it was open. A job that nobody took is given back."""
        if self._left.is_set():
            return False
        self._left.set()
        reading, call = self._reading, self._call
        if reading is not None and reading.done() and not reading.cancelled() and reading.exception() is None:
            for job in activated.jobs_of((reading.result(),)):
                self._give_back(job)
        elif reading is not None:
            reading.cancel()
        if call is not None and not call.cancel() and not call.cancelled() and call.exception() is None:
            call.result().cancel()
        return True

    def abandon(self) -> None:
        """Cancels from wherever the consumer was dropped, be it another thread or after the loop has gone."""
        if not self._left.is_set() and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.cancel)

    async def _read(self) -> Any:
        if self._call is None:
            self._call = _task(self._open_call())
        call = await self._call
        message = await call.read()
        if message is grpc.aio.EOF:
            raise Unavailable("the gateway ended the stream", operation=self._rpc, answered=False)
        return message

    def _refuse_when_left(self) -> None:
        if self._left.is_set():
            raise Cancelled("the stream was closed", operation=self._rpc)

    async def _broke(self, error: CamundaError) -> None:
        if self._pace.failures == 0:
            log.warning("%s: the stream broke and is opened again: %s", self._rpc, error)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._left.wait(), self._pace.failed(error))


def _task(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    task = asyncio.get_running_loop().create_task(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody need ask how it ended
    return task
