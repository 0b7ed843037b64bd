"""The wire of a worker over gRPC. How a job is read stands in ``camunda_grpc._activated``."""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

from camunda_core._engines import FAST
from camunda_core._flights import Flight
from camunda_core.deadline import milliseconds
from camunda_core.errors import CamundaError, Cancelled, DeadlineExceeded, InvalidRequest, Unavailable
from camunda_core.jobs import ActivatedJob, JobRequest, give_back
from camunda_grpc._activated import jobs_of
from camunda_grpc._errors import from_rpc_error, is_of_a_page, lost_its_status
from camunda_grpc._generated import gateway_pb2
from camunda_grpc._limits import TimeLimits
from camunda_grpc._names import grpc
from camunda_grpc._rpcs import RPCS
from camunda_grpc._stub import stub_of

if TYPE_CHECKING:
    from camunda_core._usage import WireUse

__all__ = ["GrpcJobFeed", "GrpcJobWire"]

log = logging.getLogger("camunda_grpc")

_ACTIVATE, _STREAM = "ActivateJobs", "StreamActivatedJobs"

#: Seconds after which connections that were left are closed: no call of a worker takes longer.
LEFT_OPEN = 25.0
#: Seconds in which a stream over a connection that was left has to bring something, or is given up.
_LIVELY = 1.0
#: Seconds that giving back jobs may take when their poll was cancelled.
_GIVE_BACK_TIMEOUT = 5.0
#: The same for asking what a proxy has against a poll.
_ASKING_TIMEOUT = 1.0

#: What grpcio raises: failures of a call, and that its channel is closed.
_FAILURES = (grpc.RpcError, grpc.aio.UsageError)


class GrpcJobFeed:
    """An open job stream: a ``camunda_core.jobs.JobFeed``.

    One that is left to itself reads ahead no more than a few jobs; cancelling a ``read`` ends the stream.
    """

    def __init__(self, call: Any) -> None:
        self._call = call
        self._left = False
        self._given_up = False
        # Opened is not heard: it may have been opened over a connection that was dead already.
        self._heard_at = float("-inf")

    async def read(self) -> ActivatedJob:
        """The next job.

        Raises Cancelled after ``cancel``, Unavailable when the gateway ended the stream or its
        connection is given up, or what it failed with.
        """
        while True:
            try:
                message = await self._call.read()
            except _FAILURES as error:
                raise _failure(error, _STREAM) from None
            except asyncio.CancelledError:
                # grpcio raises the same when the reader is cancelled and when the call is.
                if _being_cancelled(self._left):
                    raise
                if self._given_up:
                    why = "nothing came over the connection any more: it was given up"
                    raise Unavailable(why, operation=_STREAM, answered=False) from None
                raise Cancelled("the stream was closed", operation=_STREAM, answered=False) from None
            self._heard_at = asyncio.get_running_loop().time()
            if message is grpc.aio.EOF:
                raise Unavailable("the gateway ended the stream", operation=_STREAM, answered=False)
            for job in jobs_of((message,)):
                return job

    def cancel(self) -> None:
        """Ends the stream; the gateway gives back what it has not sent, a job on its way stays
        locked until its timeout.
        """
        self._left = True
        self._call.cancel()

    def give_up(self, since: float) -> None:
        """Ends the stream if it brought nothing since then (by the loop's clock)."""
        if self._heard_at <= since and not self._left:
            self._left = self._given_up = True
            self._call.cancel()


class GrpcJobWire:
    """A ``camunda_core.jobs.JobWire`` over gRPC, for the event loop of its channel.

    It makes what calls ``channel`` makes: give it one without retries
    (``camunda_grpc.aio_channel(…).job_wire()`` does). ``close`` closes the channel. ``tenant_ids``
    are for requests that name none, ``before`` is awaited before each request for jobs.
    """

    pushes = True
    cancels = True

    def __init__(
        self,
        channel: grpc.aio.Channel,
        *,
        tenant_ids: tuple[str, ...] = (),
        before: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._tenant_ids = tenant_ids
        self._before = before
        self._renewed_at = float("-inf")
        self._left: set[grpc.aio.Channel] = set()
        self._feeds: weakref.WeakSet[GrpcJobFeed] = weakref.WeakSet()
        self._limits: TimeLimits | None = None
        self._giving_back: set[asyncio.Task[None]] = set()
        self._use(channel)

    def _use(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel
        self.name = "gRPC (fast)" if getattr(channel, "engine", None) == FAST else "gRPC"
        stub: Any = stub_of(channel)
        self._activate, self._open_stream = stub.ActivateJobs, stub.StreamActivatedJobs
        self._topology = stub.Topology
        self._fail, self._throw_error, self._extend = stub.FailJob, stub.ThrowError, stub.UpdateJobTimeout
        # Made for every job, so by the shortest way that there is.
        self._complete = stub.CompleteJob
        direct: Any = getattr(channel, "direct", lambda *_: None)
        self._complete_directly = direct(
            RPCS["CompleteJob"].path,
            gateway_pb2.CompleteJobRequest.SerializeToString,
            gateway_pb2.CompleteJobResponse.FromString,
        )
        told: Any = getattr(channel, "told", lambda *_: None)
        self._complete_told = told(
            RPCS["CompleteJob"].path,
            gateway_pb2.CompleteJobRequest.SerializeToString,
            gateway_pb2.CompleteJobResponse.FromString,
        )

    def of(self, job_type: str) -> GrpcJobWire:
        """This wire: gRPC is the same for all types."""
        return self

    async def activate(
        self, request: JobRequest, max_jobs: int, *, wait: float, timeout: float
    ) -> list[ActivatedJob]:
        """RPC ActivateJobs: the jobs of all messages. What came before a failure is
        given, the failure logged.

        Cancelling it ends the poll at the gateway; jobs that had come by then are given back with
        their retries unchanged.
        """
        message = _built(
            gateway_pb2.ActivateJobsRequest,
            _ACTIVATE,
            type=request.type,
            worker=request.worker,
            timeout=milliseconds(request.timeout),
            maxJobsToActivate=max_jobs,
            fetchVariable=request.fetch_variables,
            requestTimeout=milliseconds(wait, "wait") if wait > 0 else -1,
            tenantIds=request.tenant_ids or self._tenant_ids,
        )
        if self._before is not None:
            await self._before()
        jobs: list[ActivatedJob] = []
        call = _called(self._activate, message, timeout, _ACTIVATE)
        # In a task of its own: what it has read when its caller is cancelled must not be lost.
        reading = asyncio.get_running_loop().create_task(_read_all(call, jobs))
        try:
            await asyncio.wait((reading,))
        except asyncio.CancelledError:
            call.cancel()
            self._soon(self._give_back(reading, jobs))
            raise
        if reading.cancelled():
            raise Cancelled("the channel was closed", operation=_ACTIVATE, answered=False)
        failure = reading.exception()
        if failure is None:
            return jobs
        if isinstance(failure, CamundaError) and lost_its_status(failure.message):
            failure = await self._told(failure)
        raise failure

    async def _told(self, lost: CamundaError) -> BaseException:
        """What a unary call is told by the proxy that answered a poll with a page without a status:
        whether a worker ends, and with what advice, must not depend on how grpcio reads the page.
        """
        try:
            await _answered(self._topology, gateway_pb2.TopologyRequest(), _ASKING_TIMEOUT, _ACTIVATE)
        except CamundaError as told:
            if is_of_a_page(told.message):
                told.operation = _ACTIVATE
                return told
        return lost

    async def stream(self, request: JobRequest) -> GrpcJobFeed:
        """RPC StreamActivatedJobs. Whether the gateway takes it shows when it is read."""
        message = _built(
            gateway_pb2.StreamActivatedJobsRequest,
            _STREAM,
            type=request.type,
            worker=request.worker,
            timeout=milliseconds(request.timeout),
            fetchVariable=request.fetch_variables,
            tenantIds=request.tenant_ids or self._tenant_ids,
        )
        if self._before is not None:
            await self._before()
        feed = GrpcJobFeed(_called(self._open_stream, message, None, _STREAM))
        self._feeds.add(feed)
        return feed

    def begin_completing(
        self,
        job: ActivatedJob,
        variables: str,
        *,
        timeout: float,
        ended: Callable[[CamundaError | None], None],
    ) -> Flight | None:
        """``complete``, which nobody awaits: see ``camunda_core._flights.BeginCompleting``."""
        call = self._complete_told
        if call is None:
            return None

        def told(failure: BaseException | None) -> None:
            if failure is None:
                ended(None)
            elif isinstance(failure, Exception):
                ended(_failure(failure, "CompleteJob"))
            else:  # cancelled
                ended(Cancelled("the channel was closed", operation="CompleteJob", answered=False))

        try:
            begun: Flight = call(_completion(job, variables), timeout=timeout, ended=told)
        except _FAILURES as error:
            raise _failure(error, "CompleteJob") from None
        return begun

    async def complete(self, job: ActivatedJob, variables: str, *, timeout: float) -> None:
        """RPC CompleteJob."""
        message = _completion(job, variables)
        if self._complete_directly is None:
            await _answered(self._complete, message, timeout, "CompleteJob")
            return
        limits = self._limits
        if limits is None:
            limits = self._limits = TimeLimits()
        call = _called(self._complete_directly, message, None, "CompleteJob")
        limits.begin(call, timeout)
        try:
            await call
        except _FAILURES as error:
            raise _failure(error, "CompleteJob") from None
        except asyncio.CancelledError:
            if not limits.over(call) or _being_cancelled(True):
                raise
            raise DeadlineExceeded(
                f"no answer within {timeout:g} s", operation="CompleteJob", answered=False
            ) from None
        finally:
            limits.end(call)

    async def fail(
        self, job: ActivatedJob, *, retries: int, message: str, backoff: float, variables: str, timeout: float
    ) -> None:
        """RPC FailJob."""
        request = _built(
            gateway_pb2.FailJobRequest,
            "FailJob",
            jobKey=job.job_key,
            retries=retries,
            errorMessage=message,
            retryBackOff=milliseconds(backoff, "backoff"),
            variables=variables,
            jobLeaseToken=job.job_lease_token,
        )
        await _answered(self._fail, request, timeout, "FailJob")

    async def throw_error(
        self, job: ActivatedJob, *, code: str, message: str, variables: str, timeout: float
    ) -> None:
        """RPC ThrowError."""
        request = _built(
            gateway_pb2.ThrowErrorRequest,
            "ThrowError",
            jobKey=job.job_key,
            errorCode=code,
            errorMessage=message,
            variables=variables,
            jobLeaseToken=job.job_lease_token,
        )
        await _answered(self._throw_error, request, timeout, "ThrowError")

    async def extend(self, job: ActivatedJob, seconds: float, *, timeout: float) -> None:
        """RPC UpdateJobTimeout."""
        request = _built(
            gateway_pb2.UpdateJobTimeoutRequest,
            "UpdateJobTimeout",
            jobKey=job.job_key,
            timeout=milliseconds(seconds, "seconds"),
            jobLeaseToken=job.job_lease_token,
        )
        await _answered(self._extend, request, timeout, "UpdateJobTimeout")

    def usage(self) -> WireUse | None:
        """What is open, and how much of it is taken; None for a channel that is not of ``camunda_grpc``."""
        told = getattr(self._channel, "usage", None)
        return None if told is None else told()

    def reconnect(self, since: float) -> None:
        """Goes on over a fresh channel, unless this one is younger, or is not of ``camunda_grpc``."""
        fresh = getattr(self._channel, "fresh", None)
        if fresh is None or since < self._renewed_at:
            return
        loop = asyncio.get_running_loop()
        self._renewed_at = loop.time()
        left = self._channel
        self._left.add(left)
        loop.call_later(LEFT_OPEN, lambda: self._soon(self._close(left)))
        self._use(fresh())
        # What a stream brought since then may have been the last thing before the silence: it has to bring more.
        for feed in list(self._feeds):
            feed.give_up(since)
            loop.call_later(_LIVELY, feed.give_up, self._renewed_at)

    async def _close(self, left: grpc.aio.Channel) -> None:
        if left in self._left:
            self._left.discard(left)
            await left.close()

    async def close(self) -> None:
        """Waits for jobs that are being given back (5 s at most), cancels what is under way
        and closes the channel.
        """
        try:
            if self._giving_back:
                await asyncio.wait(self._giving_back, timeout=_GIVE_BACK_TIMEOUT)
        finally:
            for left in list(self._left):
                await self._close(left)
            await self._channel.close()

    def __repr__(self) -> str:
        return f"GrpcJobWire({self._channel!r})"

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._giving_back.add(task)
        task.add_done_callback(self._giving_back.discard)

    async def _give_back(self, reading: asyncio.Task[None], jobs: list[ActivatedJob]) -> None:
        await asyncio.wait((reading,))
        if not reading.cancelled():
            reading.exception()  # of a poll that nobody waits for any more
        await give_back(self, jobs, "the poll was cancelled", timeout=_GIVE_BACK_TIMEOUT)


async def _read_all(call: Any, jobs: list[ActivatedJob]) -> None:
    """Appends what a poll brings as it comes."""
    try:
        async for answer in call:
            jobs.extend(jobs_of(answer.jobs))
    except _FAILURES as error:
        failure = _failure(error, _ACTIVATE)
        if not jobs:
            raise failure from None
        log.warning("%s: after %d jobs: %s", _ACTIVATE, len(jobs), failure)


def _completion(job: ActivatedJob, variables: str) -> Any:
    try:
        message = gateway_pb2.CompleteJobRequest(jobKey=int(job.job_key), variables=variables)
    except (TypeError, ValueError) as error:
        raise _misfit(error, "CompleteJob") from None
    if job.job_lease_token is not None:
        message.jobLeaseToken = job.job_lease_token
    return message


def _being_cancelled(otherwise_explained: bool) -> bool:
    """Whether the running task is being cancelled; Python 3.10 cannot tell, and has to guess."""
    cancelling = getattr(asyncio.current_task(), "cancelling", None)
    return not otherwise_explained if cancelling is None else cancelling() > 0


def _called(callable_: Any, message: Any, timeout: float | None, rpc: str) -> Any:
    try:
        return callable_(message, timeout=timeout)
    except _FAILURES as error:
        raise _failure(error, rpc) from None


async def _answered(callable_: Any, message: Any, timeout: float, rpc: str) -> None:
    try:
        await callable_(message, timeout=timeout)
    except _FAILURES as error:
        raise _failure(error, rpc) from None


def _failure(error: Exception, rpc: str) -> CamundaError:
    if isinstance(error, grpc.aio.UsageError):
        return Cancelled(f"the channel is closed ({error})", operation=rpc, sent=False)
    return from_rpc_error(error, rpc)


def _built(cls: Any, rpc: str, **fields: Any) -> Any:
    """A request message; InvalidRequest names the field that does not fit."""
    try:
        if "jobKey" in fields:
            fields["jobKey"] = int(fields["jobKey"])
        return cls(**fields)
    except (TypeError, ValueError) as error:
        for name, value in fields.items():
            try:
                cls(**{name: value})
            except (TypeError, ValueError) as single:
                raise _misfit(single, rpc, name) from None
        raise _misfit(error, rpc) from None


def _misfit(error: Exception, rpc: str, name: str = "the request") -> InvalidRequest:
    return InvalidRequest(f"{name} does not fit into a message: {error}", operation=rpc)
