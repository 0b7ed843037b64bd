"""Activated jobs as REST says them, in the words of any version. Free of I/O."""

from __future__ import annotations

import logging
import re
import reprlib
from collections.abc import Mapping
from typing import Any

from camunda_core.errors import Internal
from camunda_core.jobs import ActivatedJob, UnreadableJob, UserTask
from camunda_rest._salvage import UnreadText
from camunda_rest.operations import ACTIVATE_JOBS

__all__ = ["failing", "job_of", "jobs_of", "listed_jobs", "unreadable_job", "why_unreadable"]

log = logging.getLogger("camunda_rest")


def job_of(data: Any) -> ActivatedJob:
    """A job of an activation's answer, in the words of any version.

    Unknown properties are ignored; missing ones, nulls and empty ones take the field's default, and
    a whole number may be written as a text or with a fraction of zero. Raises Internal naming the
    property that cannot be read.
    """
    if isinstance(data, UnreadText):
        raise Internal(f"the answer cannot be read: a job {data.why}", operation=ACTIVATE_JOBS.id)
    if not isinstance(data, dict):
        raise _unreadable("a job must be an object", data)
    get = data.get
    key = _job_key(data)
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
            tags=_texts(tags),
            priority=_number(get("priority")),
            job_lease_token=None if token is None else _text(token),
            root_process_instance_key=_key(get("rootProcessInstanceKey")),
            business_id=_text(get("businessId")),
            physical_tenant_id=_text(get("physicalTenantId")),
        )
    except _Misfit as misfit:
        name = next((name for name, value in data.items() if value is misfit.value), "a property")
        raise _unreadable(f"job {key}: {name} must be {misfit.wanted}", misfit.value) from None


def jobs_of(answer: Any) -> list[ActivatedJob]:
    """The jobs of an activation's answer; absent, null and empty are none.

    One that cannot be read is an ``UnreadableJob``, or is left out and logged where it
    has no key: the others are not lost with it. Raises Internal where there is something
    else than a list of jobs.
    """
    jobs = []
    for each in listed_jobs(answer):
        try:
            jobs.append(job_of(each))
        except Exception as error:  # whatever it is, it must not cost the other jobs
            why = why_unreadable(error)
            job = unreadable_job(each, why)
            if job is None:
                log.error("a job stays locked until its timeout: %s", why)
            else:
                jobs.append(job)
    return jobs


def listed_jobs(answer: Any) -> list[Any]:
    """The jobs of an activation's answer; absent, null and empty are the same.

    Raises Internal for what is no list.
    """
    listed = (answer.get("jobs") if isinstance(answer, dict) else answer) or []
    if not isinstance(listed, list):
        raise _unreadable("jobs must be a list", listed)
    return listed


def why_unreadable(error: Exception) -> str:
    """In words, why a job cannot be read, whatever was raised by reading it."""
    return error.message if isinstance(error, Internal) else f"the answer cannot be read: {error!r}"


def unreadable_job(data: Any, why: str) -> UnreadableJob | None:
    """What it takes to fail a job that cannot be read; None where it has no key."""
    known = data.known if isinstance(data, UnreadText) else data if isinstance(data, dict) else {}
    key = _job_key(known)
    if not key:
        return None
    try:
        retries = _number(known.get("retries", 1))
    except _Misfit:
        retries = 1
    token = known.get("jobLeaseToken", known.get("leaseToken"))
    return UnreadableJob(
        job_key=key,
        type=_text(known.get("type")),
        retries=retries,
        job_lease_token=token if isinstance(token, str) else None,
        why=f"job {key}: {why}",
    )


def failing(job: UnreadableJob) -> tuple[str, dict[str, Any]]:
    """Job key and FailJob body for a job that cannot be read: one retry less, so that it shows and ends as an incident."""
    body: dict[str, Any] = {"retries": max(0, job.retries - 1), "errorMessage": job.why, "retryBackOff": 0}
    if job.job_lease_token:
        body["jobLeaseToken"] = job.job_lease_token
    return job.job_key, body


def _job_key(data: Mapping[str, Any]) -> str:
    """A job's own key, without which it cannot be answered; "" where there is none that can be one."""
    key = data.get("jobKey")
    key = _key(data.get("key") if key is None else key)  # 8.6.0 says key, as a number
    return key if key.isascii() and key.removeprefix("-").isdigit() and len(key) <= _LONGEST_KEY else ""


_ELEMENT, _UNSPECIFIED = "BPMN_ELEMENT", "UNSPECIFIED"
_BEYOND = 2**63
_LONGEST_KEY = len(str(-(2**63)))
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")


class _Misfit(Exception):
    def __init__(self, wanted: str, value: Any) -> None:
        super().__init__(wanted)
        self.wanted = wanted
        self.value = value


def _unreadable(what: str, value: Any) -> Internal:
    shown = reprlib.repr(value)  # of any depth
    return Internal(
        f"the answer cannot be read: {what}, not {shown if len(shown) <= 100 else shown[:100] + '…'}",
        operation=ACTIVATE_JOBS.id,
    )


def _text(value: Any) -> str:
    return value if type(value) is str else "" if value is None else str(value)


def _key(value: Any) -> str:
    # A number in some versions, digits in others; 0 is none.
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is str and value != "0" else str(value) if value and value != "0" else ""


def _number(value: Any) -> int:
    if type(value) is int and -_BEYOND <= value < _BEYOND:
        return value
    if value is None or value == "":
        return 0
    if type(value) is float and value.is_integer() and abs(value) < _BEYOND:
        return int(value)
    if type(value) is str and _INTEGER.fullmatch(value.strip()):
        return _number(int(value))
    raise _Misfit("an integer of 64 bits", value)


def _object(value: Any) -> dict[str, Any]:
    if type(value) is dict:
        return value
    if value is None or value == "":
        return {}
    raise _Misfit("an object", value)


def _texts(value: Any) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
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
        candidate_groups=_texts(get("candidateGroups")),
        candidate_users=_texts(get("candidateUsers")),
        changed_attributes=_texts(get("changedAttributes")),
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
