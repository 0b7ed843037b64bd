"""The gRPC door, asyncio: takes and gives what the REST door does, and speaks gRPC.

The client knows one vocabulary, that of REST. Here the table turns it into messages and back, on a native
channel that brings credentials, deadlines, retries and the errors of the tree.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from bridge._doors.aio_closing import instead_of, unless_closed
from bridge._doors.aio_waiting import Background, Begun, Condition, Home, Reader, Stopped
from bridge._doors.polling import CLOSING, ends_stream, failing, returning, was_left
from bridge._doors.translation import message_of
from bridge._table.mapping import RestRequest
from bridge._table.transcode import exchange
from bridge._table.versions import Version, newer_fields, refuse_newer, version_of
from camunda_core.deadline import Deadline
from camunda_core.errors import CamundaError, Cancelled, Unavailable
from camunda_core.jobs import ActivatedJob, UnreadableJob
from camunda_core.retry import Pace, RetryPolicy
from camunda_grpc import _activated as activated
from camunda_grpc._activated import readable_jobs
from camunda_grpc._generated import gateway_pb2
from camunda_grpc._names import grpc
from camunda_grpc._stub import stub_of
from camunda_rest import operations as op

if TYPE_CHECKING:
    from camunda_core._usage import WireUse

__all__ = ["AsyncGrpcDoor", "AsyncGrpcJobStream"]

log = logging.getLogger("bridge")


class AsyncGrpcDoor:
    """What the client asks of gRPC, awaited; for one event loop."""

    def __init__(
        self,
        channel: grpc.aio.Channel,
        *,
        retry: RetryPolicy,
        cluster_version: Version | None = None,
        needs: Mapping[str, Version] | None = None,
    ) -> None:
        """``needs`` is what every call asks for beside its fields, with the version that brought it."""
        self.retry = retry
        self._needs = dict(needs or {})
        self._channel = channel
        self._stub: Any = stub_of(channel)
        self._version = cluster_version
        self._background = Background()

    def usage(self) -> WireUse:
        """What the channel has open, where it is one of ours."""
        told: Callable[[], WireUse] | None = getattr(self._channel, "usage", None)
        if told is not None:
            return told()
        from camunda_core._usage import WireUse

        return WireUse(wire="gRPC", engine="default", unknown="a channel of others")

    async def call(
        self,
        rpc: str,
        request: RestRequest,
        *,
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
    ) -> Any:
        """One request, one answer, as JSON. Raises a CamundaError. ``timeout`` (s) and ``retry`` are the channel's when None."""
        answer = await self.send(rpc, message_of(rpc, request), timeout=timeout, retry=retry)
        return exchange(rpc).answer_to_rest(answer)

    async def send(
        self,
        rpc: str,
        message: Any,
        *,
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
        newer: bool = True,
    ) -> Any:
        """The same for a request, and an answer, in the words of gRPC. ``newer``: the request may hold
        what older clusters do not read.
        """
        try:
            if newer or self._needs:
                deadline = Deadline(timeout)
                asked = self._newer(message)
                if asked:
                    await self._refuse(rpc, asked, deadline)
                    timeout = deadline.remaining()
            return await self._method(rpc, retry)(message, timeout=timeout)
        except BaseException as error:  # written out: every call comes this way
            instead = instead_of(error, self._background, rpc)
            if instead is None:
                raise
            raise instead from None

    async def activate(
        self,
        rpc: str,
        request: RestRequest,
        *,
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
    ) -> Any:
        """ActivateJobs: ``{"jobs": [...]}``, the jobs of all messages. What came before a failure is given, the failure logged.

        A job that cannot be read is failed in the background, and costs no other.

        What came for a caller that was cancelled is given back.
        """
        call = await self._opened(rpc, message_of(rpc, request), Deadline(timeout), retry)
        messages: list[Any] = []
        try:
            with unless_closed(self._background, rpc):
                async for each in call:
                    messages.append(each)  # one by one: what came before a failure must not be lost
        except CamundaError as error:
            if not messages:
                raise
            log.warning("%s: after %d messages with jobs: %s", rpc, len(messages), error)
        except Stopped:
            for each in messages:
                for job in readable_jobs(each.jobs):
                    self._give_back(job)
            raise
        finally:
            call.cancel()
        jobs: list[ActivatedJob] = []
        for job in activated.jobs_of(job for each in messages for job in each.jobs):
            if isinstance(job, UnreadableJob):
                self._fail_unreadable(job)
            else:
                jobs.append(job)
        return {"jobs": jobs}

    def stream(
        self,
        rpc: str,
        request: RestRequest,
        *,
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
    ) -> AsyncGrpcJobStream:
        """StreamActivatedJobs; opens at once and runs until it is cancelled, or fails for good."""
        opened = partial(self._opened, rpc, message_of(rpc, request), Deadline(timeout))
        return AsyncGrpcJobStream(rpc, opened, retry or self.retry, self._give_back, self._fail_unreadable)

    async def close(self) -> None:
        """Waits for what gives jobs back, at most 5 s, cancels what is under way and closes the channel."""
        self._background.close()
        await self._background.wait(CLOSING)
        await self._channel.close()

    async def _opened(
        self, rpc: str, message: Any, deadline: Deadline, retry: RetryPolicy | None = None
    ) -> Any:
        """The call of an RPC whose messages are still to be read."""
        with unless_closed(self._background, rpc):
            newer = self._newer(message)
            if newer:
                await self._refuse(rpc, newer, deadline)
            return self._method(rpc, retry)(message, timeout=deadline.remaining())

    def _method(self, rpc: str, retry: RetryPolicy | None) -> Any:
        method = getattr(self._stub, rpc)
        return method if retry is None else partial(method, retry=retry)

    def _give_back(self, job: ActivatedJob) -> None:
        said = {"jobKey": job.job_key, "retries": job.retries, "jobLeaseToken": job.job_lease_token}
        returned = returning(said)
        if returned is not None:
            self._fail(*returned, "giving it back")

    def _fail_unreadable(self, job: UnreadableJob) -> None:
        key, body = failing(job)
        log.error("a job that cannot be read is failed, with %d retries left: %s", body["retries"], job.why)
        self._fail(key, body, "failing it")

    def _fail(self, key: str, body: Any, what: str) -> None:
        """Fails a job in the background: whoever reads others need not wait for it."""
        message = message_of("FailJob", RestRequest(op.FAIL_JOB, {"jobKey": key}, body))

        async def fail() -> None:
            try:
                with unless_closed(self._background, "FailJob"):
                    await self._stub.FailJob(message)
            except CamundaError as error:
                still_locked(error)

        def still_locked(error: CamundaError) -> None:
            log.warning("job %s stays locked until its timeout: %s failed: %s", key, what, error)

        try:
            self._background.start(fail, "camunda-FailJob", late=True)
        except CamundaError as error:
            still_locked(error)

    async def refuse_when_too_old(self, rpc: str, timeout: float) -> None:
        """Raises UnsupportedField where the cluster does not read what every call asks for."""
        await self._refuse(rpc, self._needs, Deadline(timeout))

    def _newer(self, message: Any) -> Mapping[str, Version]:
        """What a request asks for that older clusters do not read."""
        newer = dict(newer_fields(message))
        return {**self._needs, **newer} if self._needs else newer

    async def _refuse(self, rpc: str, newer: Mapping[str, Version], deadline: Deadline) -> None:
        refuse_newer(newer, await self._cluster_version(deadline), rpc=rpc, wire="gRPC")

    async def _cluster_version(self, deadline: Deadline) -> Version:
        if self._version is None:
            topology = await self._stub.Topology(gateway_pb2.TopologyRequest(), timeout=deadline.remaining())
            self._version = version_of(topology.gatewayVersion)
        return self._version


class AsyncGrpcJobStream:
    """A native job stream that outlives its gateway: when it breaks it is opened again, until that fails for good.

    A job that cannot be read is left to ``fail_unreadable`` and counted in ``unreadable``; the stream goes on with the others.
    Cancelling a ``take`` does not end the stream: what it was about to read is for the next.
    """

    def __init__(
        self,
        rpc: str,
        open_call: Callable[[], Coroutine[Any, Any, Any]],
        retry: RetryPolicy,
        give_back: Callable[[ActivatedJob], Any],
        fail_unreadable: Callable[[UnreadableJob], Any],
    ) -> None:
        self.unreadable = 0
        self._rpc = rpc
        self._open_call = open_call
        self._give_back = give_back
        self._fail_unreadable = fail_unreadable
        self._pace = Pace(retry)
        self._left = False
        self._changed = Condition()
        self._home = Home()
        self._reader: Reader[Any] = Reader()
        # A stream pushes what becomes available once it is open, so it opens now.
        self._call: Begun[Any] | None = Begun(open_call)

    async def take(self) -> ActivatedJob:
        """The next job.

        Raises the error that ended the stream: Cancelled after ``cancel``, DeadlineExceeded at the deadline.
        """
        while True:
            self._refuse_when_left()
            try:
                message = await self._reader.next(self._read)
            except CamundaError as error:
                self._refuse_when_left()
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
        with self._changed:
            if self._left:
                return False
            self._left = True
            self._changed.notify_all()
            call = self._call
        for message in self._reader.stop():
            for job in activated.jobs_of((message,)):
                self._give_back(job)
        if call is not None:
            call.undo(lambda opened: opened.cancel())
        return True

    def abandon(self) -> None:
        """Cancels from wherever the consumer was dropped, be it another thread or after the loop has gone."""
        if not self._left:
            self._home.call(self.cancel)

    async def _read(self) -> Any:
        with self._changed:
            self._refuse_when_left()
            if self._call is None:
                self._call = Begun(self._open_call)
            begun = self._call
        call = await begun.result()
        message = await call.read()
        if message is grpc.aio.EOF:
            raise Unavailable("the gateway ended the stream", operation=self._rpc, answered=False)
        return message

    def _refuse_when_left(self) -> None:
        if self._left:
            raise Cancelled("the stream was closed", operation=self._rpc)

    async def _broke(self, error: CamundaError) -> None:
        if self._pace.failures == 0:
            log.warning("%s: the stream broke and is opened again: %s", self._rpc, error)
        delay = self._pace.failed(error)
        with self._changed:
            if not self._left:
                await self._changed.wait(delay)
