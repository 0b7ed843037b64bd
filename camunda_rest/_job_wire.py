"""The wire of a worker over REST. ``AsyncRestClient`` waits, ``camunda_rest._activated`` reads what comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from camunda_core._engines import DEFAULT, FAST
from camunda_core.deadline import milliseconds
from camunda_core.errors import InvalidRequest, Unimplemented
from camunda_core.jobs import ActivatedJob, JobFeed, JobRequest, give_back
from camunda_rest._activated import jobs_of
from camunda_rest._encoding import JsonText, json_body
from camunda_rest._request import Key, UnreadableAnswer
from camunda_rest.operations import (
    ACTIVATE_JOBS,
    COMPLETE_JOB,
    FAIL_JOB,
    THROW_JOB_ERROR,
    UPDATE_JOB,
    Operation,
)

if TYPE_CHECKING:
    from camunda_core._usage import WireUse

__all__ = ["RestJobWire"]

#: Seconds. The server's web layer cuts a poll at 30 s and does not end it: the next jobs would go to nobody.
_LONGEST_WAIT = 25.0
#: Seconds after which connections that were left are closed: no call of a worker takes longer.
LEFT_OPEN = 25.0
#: Seconds that giving back jobs may take when their poll was cancelled.
_GIVE_BACK_TIMEOUT = 5.0


class _Client(Protocol):
    """What the wire needs of ``AsyncRestClient``, which makes it."""

    async def call(
        self,
        operation: Operation,
        path: Mapping[str, Key] | None = None,
        body: Mapping[str, Any] | JsonText | None = None,
        *,
        timeout: float,
    ) -> Any: ...

    def for_polls(self) -> _Client: ...

    def renew_connections(self) -> Callable[[], Coroutine[Any, Any, None]] | None: ...

    async def aclose(self) -> None: ...


class RestJobWire:
    """A ``camunda_core.jobs.JobWire`` over REST, for the event loop that is running at the first call.

    It makes what calls ``client`` makes: give it one without retries
    (``AsyncRestClient.job_wire()`` does). ``close`` closes the client. ``tenant_ids`` are for
    requests that name none.
    """

    pushes = False
    cancels = False

    def __init__(self, client: _Client, *, tenant_ids: tuple[str, ...] = ()) -> None:
        self.name = "REST (fast)" if getattr(client, "engine", None) == FAST else "REST"
        self._client = client
        self._engine = str(getattr(client, "engine", DEFAULT))
        #: A poll has its connection for as long as it waits. Beside the answers, those of many task types
        #: would take all there are: answers would wait for polls, and polls for each other until they are
        #: thought lost.
        self._poller = client.for_polls()
        self._tenant_ids = tenant_ids
        self._renewed_at = float("-inf")
        self._polls: set[asyncio.Task[list[ActivatedJob]]] = set()
        self._giving_back: set[asyncio.Task[None]] = set()

    def of(self, job_type: str) -> RestJobWire:
        """This wire: REST is the same for all types."""
        return self

    async def activate(
        self, request: JobRequest, max_jobs: int, *, wait: float, timeout: float
    ) -> list[ActivatedJob]:
        """POST /jobs/activation. The server waits 25 s at most, whatever is asked.

        A poll cannot be called back. When its caller is cancelled it goes on by itself, until
        it ends or ``close`` abandons it, and the jobs that it brings are given back with
        their retries unchanged.
        """
        body: dict[str, Any] = {
            "type": request.type,
            "timeout": milliseconds(request.timeout),
            "maxJobsToActivate": max_jobs,
            "requestTimeout": milliseconds(min(wait, _LONGEST_WAIT), "wait") if wait > 0 else -1,
        }
        if request.worker:
            body["worker"] = request.worker
        if request.fetch_variables:
            body["fetchVariable"] = list(request.fetch_variables)
        tenant_ids = request.tenant_ids or self._tenant_ids
        if tenant_ids:
            body["tenantIds"] = list(tenant_ids)
        poll = asyncio.get_running_loop().create_task(self._poll(body, timeout))
        try:
            await asyncio.wait((poll,))
        except asyncio.CancelledError:
            self._polls.add(poll)
            self._soon(self._give_back(poll))
            raise
        return poll.result()

    async def _poll(self, body: dict[str, Any], timeout: float) -> list[ActivatedJob]:
        try:
            answer = await self._poller.call(ACTIVATE_JOBS, body=body, timeout=timeout)
        except UnreadableAnswer as error:
            answer = error.piecewise()
        return jobs_of(answer)

    async def stream(self, request: JobRequest) -> JobFeed:
        """Raises Unimplemented: REST has no job streams."""
        raise Unimplemented(
            "REST has no job streams: poll, or give the client a grpc_address and route StreamActivatedJobs=grpc",
            operation="StreamActivatedJobs",
            sent=False,
        )

    async def complete(self, job: ActivatedJob, variables: str, *, timeout: float) -> None:
        """POST /jobs/{jobKey}/completion."""
        body = _body({}, job, variables, "completeJob")
        await self._client.call(COMPLETE_JOB, {"jobKey": job.job_key}, body, timeout=timeout)

    async def fail(
        self, job: ActivatedJob, *, retries: int, message: str, backoff: float, variables: str, timeout: float
    ) -> None:
        """POST /jobs/{jobKey}/failure."""
        fields: dict[str, Any] = {"retries": retries, "retryBackOff": milliseconds(backoff, "backoff")}
        if message:
            fields["errorMessage"] = message
        body = _body(fields, job, variables, "failJob")
        await self._client.call(FAIL_JOB, {"jobKey": job.job_key}, body, timeout=timeout)

    async def throw_error(
        self, job: ActivatedJob, *, code: str, message: str, variables: str, timeout: float
    ) -> None:
        """POST /jobs/{jobKey}/error."""
        fields = {"errorCode": code}
        if message:
            fields["errorMessage"] = message
        body = _body(fields, job, variables, "throwJobError")
        await self._client.call(THROW_JOB_ERROR, {"jobKey": job.job_key}, body, timeout=timeout)

    async def extend(self, job: ActivatedJob, seconds: float, *, timeout: float) -> None:
        """PATCH /jobs/{jobKey}."""
        body = _body({"changeset": {"timeout": milliseconds(seconds, "seconds")}}, job, "", "updateJob")
        await self._client.call(UPDATE_JOB, {"jobKey": job.job_key}, body, timeout=timeout)

    def usage(self) -> WireUse:
        """What is open for polls and for answers, and how much of it is taken."""
        from camunda_core._usage import together

        found = [each for client in (self._client, self._poller) for each in getattr(client, "wires", ())]
        return together("REST", self._engine, found)

    def reconnect(self, since: float) -> None:
        """Goes on over fresh connections, unless these are younger."""
        if since < self._renewed_at:
            return
        loop = asyncio.get_running_loop()
        self._renewed_at = loop.time()
        for client in (self._client, self._poller):
            left = client.renew_connections()
            if left is not None:
                loop.call_later(LEFT_OPEN, self._close_later, left)

    async def close(self) -> None:
        """Abandons polls that nobody waits for, waits for jobs that are being given back (5 s at
        most) and closes the client.
        """
        for poll in self._polls:
            poll.cancel()
        try:
            if self._giving_back:
                await asyncio.wait(self._giving_back, timeout=_GIVE_BACK_TIMEOUT)
        finally:
            await asyncio.gather(self._poller.aclose(), self._client.aclose())

    def __repr__(self) -> str:
        return f"RestJobWire({self._client!r})"

    def _close_later(self, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._soon(close())

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._giving_back.add(task)
        task.add_done_callback(self._giving_back.discard)

    async def _give_back(self, poll: asyncio.Task[list[ActivatedJob]]) -> None:
        await asyncio.wait((poll,))
        self._polls.discard(poll)
        jobs = [] if poll.cancelled() or poll.exception() is not None else poll.result()
        await give_back(self, jobs, "the poll was cancelled", timeout=_GIVE_BACK_TIMEOUT)


def _body(fields: dict[str, Any], job: ActivatedJob, variables: str, operation: str) -> JsonText:
    """A body with variables that are JSON text already."""
    try:
        if job.job_lease_token is not None:
            fields["jobLeaseToken"] = job.job_lease_token
        head = json_body(fields)
        if not variables:
            return JsonText(head)
        comma = b"," if fields else b""
        return JsonText(b'%b%b"variables":%b}' % (head[:-1], comma, variables.encode()))
    except UnicodeEncodeError:
        raise InvalidRequest(
            "variables: the text is not valid Unicode (a lone surrogate)", operation=operation
        ) from None
    except InvalidRequest as error:
        error.operation = operation
        raise
