"""Jobs over REST: JSON as jobs, and the wire of a worker. What waits is ``AsyncRestClient``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from camunda_core.deadline import milliseconds
from camunda_core.errors import CamundaError, Internal, InvalidRequest, Unimplemented
from camunda_core.jobs import ActivatedJob, JobFeed, JobRequest, UserTask
from camunda_rest.encoding import JsonText, json_body
from camunda_rest.operations import ACTIVATE_JOBS, COMPLETE_JOB, FAIL_JOB, THROW_JOB_ERROR, UPDATE_JOB

if TYPE_CHECKING:
    from camunda_rest.aio import AsyncRestClient

__all__ = ["RestJobWire", "job_of", "readable_jobs"]

log = logging.getLogger("camunda_rest")

#: Seconds. The server's web layer cuts a poll at 30 s and does not end it: the next jobs would go to nobody.
_LONGEST_WAIT = 25.0
#: Seconds that giving back jobs may take when their poll was cancelled.
_GIVE_BACK_TIMEOUT = 5.0


# JSON as jobs


def job_of(data: Any) -> ActivatedJob:
    """A job of an activation's answer, in the words of any version.

    Unknown properties are ignored; missing ones and nulls take the field's default. Raises Internal naming the property that
    cannot be read.
    """
    if not isinstance(data, dict):
        raise _unreadable("a job must be an object", data)
    get = data.get
    key = get("jobKey")
    if key is None:
        key = get("key")  # 8.6.0 says key, as a number
    key = _key(key)
    if not key:
        raise _unreadable("a job has no jobKey", data)
    kind, event, token = get("kind") or _ELEMENT, _UNSPECIFIED, get("jobLeaseToken")
    if kind != _ELEMENT:
        event = _text(get("listenerEventType")) or _UNSPECIFIED
    if token is None:
        token = get("leaseToken")  # the name has changed while 8.10 was made
    user_task, tags, deadline = get("userTask"), get("tags"), get("deadline")
    try:
        return ActivatedJob(
            job_key=key,
            type=_text(get("type")),
            process_instance_key=_key(get("processInstanceKey")),
            process_definition_id=_text(get("processDefinitionId")),
            process_definition_version=_number(get("processDefinitionVersion")),
            process_definition_key=_key(get("processDefinitionKey")),
            element_id=_text(get("elementId")),
            element_instance_key=_key(get("elementInstanceKey")),
            custom_headers=_object(get("customHeaders")),
            worker=_text(get("worker")),
            retries=_number(get("retries")),
            deadline=_number(deadline) / 1000,
            variables=_object(get("variables")),
            tenant_id=_text(get("tenantId")),
            user_task=None if user_task is None else _user_task(_object(user_task)),
            kind=_text(kind),
            listener_event_type=event,
            tags=_texts(tags) if tags else (),
            priority=_number(get("priority")),
            job_lease_token=None if token is None else _text(token),
            root_process_instance_key=_key(get("rootProcessInstanceKey")),
            business_id=_text(get("businessId")),
            physical_tenant_id=_text(get("physicalTenantId")),
        )
    except _Misfit as misfit:
        name = next((name for name, value in data.items() if value is misfit.value), "a property")
        raise _unreadable(f"job {key}: {name} must be {misfit.wanted}", misfit.value) from None


def readable_jobs(answer: Any) -> list[ActivatedJob]:
    """The jobs of an activation's answer. One that cannot be read is logged and left out: the others are not lost with it.

    Raises Internal where there is no list of jobs.
    """
    listed = answer.get("jobs") if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        raise _unreadable("jobs must be a list", listed)
    jobs = []
    for each in listed:
        try:
            jobs.append(job_of(each))
        except Internal as error:
            log.error("a job stays locked until its timeout: %s", error)
    return jobs


_ELEMENT, _UNSPECIFIED = "BPMN_ELEMENT", "UNSPECIFIED"


class _Misfit(Exception):
    def __init__(self, wanted: str, value: Any) -> None:
        super().__init__(wanted)
        self.wanted = wanted
        self.value = value


def _unreadable(what: str, value: Any) -> Internal:
    shown = repr(value)
    return Internal(
        f"the answer cannot be read: {what}, not {shown if len(shown) <= 100 else shown[:100] + '…'}",
        operation=ACTIVATE_JOBS.id,
    )


def _text(value: Any) -> str:
    return value if type(value) is str else "" if value is None else str(value)


def _key(value: Any) -> str:
    # A number in some versions, digits in others; 0 is none.
    return value if type(value) is str and value != "0" else str(value) if value and value != "0" else ""


def _number(value: Any) -> int:
    if type(value) is int:
        return value
    if value is None:
        return 0
    raise _Misfit("an integer", value)


def _object(value: Any) -> dict[str, Any]:
    if type(value) is dict:
        return value
    if value is None:
        return {}
    raise _Misfit("an object", value)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _Misfit("a list", value)
    return tuple(map(_text, value))


def _optional(value: Any) -> str | None:
    return None if value is None else _text(value)


def _user_task(data: Mapping[str, Any]) -> UserTask:
    get = data.get
    priority = get("priority")
    return UserTask(
        action=_optional(get("action")),
        assignee=_optional(get("assignee")),
        candidate_groups=_texts(get("candidateGroups") or []),
        candidate_users=_texts(get("candidateUsers") or []),
        changed_attributes=_texts(get("changedAttributes") or []),
        due_date=_optional(get("dueDate")),
        follow_up_date=_optional(get("followUpDate")),
        form_key=_camunda_key(get("formKey")),
        priority=None if priority is None else _number(priority),
        user_task_key=_camunda_key(get("userTaskKey")),
    )


def _camunda_key(value: Any) -> str | None:
    """A key, unless it is the id of another system."""
    key = _key(value)
    return key if key.lstrip("-").isdigit() else None


# The wire


class RestJobWire:
    """A ``camunda_core.jobs.JobWire`` over REST, for the event loop that is running at the first call.

    It makes what calls ``client`` makes: give it one without retries (``AsyncRestClient.job_wire()`` does).
    ``close`` closes the client.
    """

    name = "REST"
    pushes = False
    cancels = False

    def __init__(self, client: AsyncRestClient) -> None:
        self._client = client
        self._polls: set[asyncio.Task[list[ActivatedJob]]] = set()
        self._giving_back: set[asyncio.Task[None]] = set()

    def of(self, job_type: str) -> RestJobWire:
        """This wire: REST is the same for all types."""
        return self

    async def activate(
        self, request: JobRequest, max_jobs: int, *, wait: float, timeout: float
    ) -> list[ActivatedJob]:
        """POST /jobs/activation. The server waits 25 s at most, whatever is asked.

        A poll cannot be called back. When its caller is cancelled it goes on by itself, until it ends or ``close`` abandons it,
        and the jobs that it brings are given back with their retries unchanged.
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
        if request.tenant_ids:
            body["tenantIds"] = list(request.tenant_ids)
        poll = asyncio.get_running_loop().create_task(self._poll(body, timeout))
        try:
            await asyncio.wait((poll,))
        except asyncio.CancelledError:
            self._polls.add(poll)
            self._soon(self._give_back(poll))
            raise
        return poll.result()

    async def _poll(self, body: dict[str, Any], timeout: float) -> list[ActivatedJob]:
        return readable_jobs(await self._client.call(ACTIVATE_JOBS, body=body, timeout=timeout))

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

    async def close(self) -> None:
        """Abandons polls that nobody waits for, waits for jobs that are being given back (5 s at most) and closes the client."""
        for poll in self._polls:
            poll.cancel()
        if self._giving_back:
            await asyncio.wait(self._giving_back, timeout=_GIVE_BACK_TIMEOUT)
        await self._client.aclose()

    def __repr__(self) -> str:
        return f"RestJobWire({self._client!r})"

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._giving_back.add(task)
        task.add_done_callback(self._giving_back.discard)

    async def _give_back(self, poll: asyncio.Task[list[ActivatedJob]]) -> None:
        await asyncio.wait((poll,))
        self._polls.discard(poll)
        for job in [] if poll.cancelled() or poll.exception() is not None else poll.result():
            try:
                await self.fail(
                    job,
                    retries=job.retries,
                    message="given back: the poll was cancelled",
                    backoff=0.0,
                    variables="",
                    timeout=_GIVE_BACK_TIMEOUT,
                )
            except CamundaError as error:
                log.warning(
                    "job %s stays locked until its timeout: giving it back failed: %s", job.job_key, error
                )


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
