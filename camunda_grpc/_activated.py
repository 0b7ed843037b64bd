"""Activated jobs as gRPC says them: field by field, because far more jobs are read than anything else."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from camunda_core._json import DECODER
from camunda_core.errors import Internal
from camunda_core.jobs import ActivatedJob, UnreadableJob, UserTask
from camunda_grpc._generated import gateway_pb2

__all__ = ["job_of", "jobs_of", "readable_jobs"]

log = logging.getLogger("camunda_grpc")


def job_of(message: Any) -> ActivatedJob:
    """An ``ActivatedJob`` message as a job. Raises Internal when its JSON cannot be read."""
    key = message.key
    if not key:
        raise Internal("the answer cannot be read: a job has no key", operation="ActivateJobs")
    text = message.customHeaders
    custom_headers = {} if not text or text == "{}" else _custom_headers(text, key)
    text = message.variables
    variables = {} if not text or text == "{}" else _object(text, key, "variables")
    kind, event = message.kind, _UNSPECIFIED
    if kind:
        # Gateways before 8.8 do not know the event, and its zero is the first of the user task's.
        kind, event = _name(_KINDS, kind), _name(_EVENTS, message.listenerEventType)
    else:
        kind = _ELEMENT
    has, tags = message.HasField, message.tags
    instance, definition, element = (
        message.processInstanceKey, message.processDefinitionKey, message.elementInstanceKey
    )  # fmt: skip
    return ActivatedJob(
        job_key=str(key),
        type=message.type,
        process_instance_key=str(instance) if instance else "",
        process_definition_id=message.bpmnProcessId,
        process_definition_version=message.processDefinitionVersion,
        process_definition_key=str(definition) if definition else "",
        element_id=message.elementId,
        element_instance_key=str(element) if element else "",
        custom_headers=custom_headers,
        worker=message.worker,
        retries=message.retries,
        deadline=message.deadline / 1000,
        variables=variables,
        tenant_id=message.tenantId,
        user_task=_user_task(message.userTask) if has("userTask") else None,
        kind=kind,
        listener_event_type=event,
        tags=tuple(tags) if tags else (),
        priority=message.priority,
        job_lease_token=message.jobLeaseToken if has("jobLeaseToken") else None,
    )


def jobs_of(messages: Iterable[Any]) -> Iterator[ActivatedJob]:
    """Messages as jobs. One that cannot be read is an ``UnreadableJob``, and is left out and
    logged where it has no key.
    """
    for message in messages:
        try:
            yield job_of(message)
        except Exception as error:  # whatever it is, it must not cost the other jobs
            why = error.message if isinstance(error, Internal) else f"the answer cannot be read: {error!r}"
            if not message.key:
                log.error("a job of type %s stays locked until its timeout: %s", message.type, why)
                continue
            yield UnreadableJob(
                job_key=str(message.key),
                type=message.type,
                retries=message.retries,
                job_lease_token=message.jobLeaseToken if message.HasField("jobLeaseToken") else None,
                why=why,
            )


def readable_jobs(messages: Iterable[Any]) -> Iterator[ActivatedJob]:
    """Messages as jobs. One that cannot be read is logged and left out, so that it does not
    take the others with it.
    """
    for job in jobs_of(messages):
        if isinstance(job, UnreadableJob):
            log.error("a job of type %s stays locked until its timeout: %s", job.type, job.why)
        else:
            yield job


def _user_task(message: Any) -> UserTask:
    def given(name: str) -> Any:
        return getattr(message, name) if message.HasField(name) else None

    def key(name: str) -> str | None:
        return str(getattr(message, name) or "") or None

    return UserTask(
        action=given("action"),
        assignee=given("assignee"),
        candidate_groups=tuple(message.candidateGroups),
        candidate_users=tuple(message.candidateUsers),
        changed_attributes=tuple(message.changedAttributes),
        due_date=given("dueDate"),
        follow_up_date=given("followUpDate"),
        form_key=key("formKey"),
        priority=given("priority"),
        user_task_key=key("userTaskKey"),
    )


_ELEMENT, _UNSPECIFIED, _UNKNOWN = "BPMN_ELEMENT", "UNSPECIFIED", "UNKNOWN"
_KINDS: dict[int, str] = {value: name for name, value in gateway_pb2.ActivatedJob.JobKind.items()}
_EVENTS: dict[int, str] = {value: name for name, value in gateway_pb2.ActivatedJob.ListenerEventType.items()}


def _name(names: dict[int, str], number: int) -> str:
    name = names.get(number)
    if name is None:
        log.warning(
            "a job has a kind or event (%d) that has no name yet; it is given as %s", number, _UNKNOWN
        )
        return _UNKNOWN
    return name


_decode, _decode_start = DECODER.decode, DECODER.raw_decode


def _object(text: str, key: int, what: str) -> dict[str, Any]:
    """JSON object text as an object; blank text and ``null`` are an empty one, as they are for the engine."""
    try:
        # Text without blanks around it, which is nearly all there is, needs no search for them.
        value, end = _decode_start(text) if text[0] == "{" else (None, 0)
        if end != len(text):
            value = _decode(text) if text.strip() else None
    except RecursionError:
        raise _unreadable(key, what, "are nested too deeply") from None
    except ValueError as error:
        raise _unreadable(key, what, f"are not JSON: {error}") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _unreadable(key, what, "are no JSON object")
    return value


# Headers stand in the model: jobs of one element have the same.
_known_headers: dict[str, dict[str, str]] = {}
_MOST_HEADERS, _LONGEST_HEADERS = 1000, 4000


def _custom_headers(text: str, key: int) -> dict[str, Any]:
    known = _known_headers.get(text)
    if known is not None:
        return known.copy()
    headers = _object(text, key, "customHeaders")
    if len(text) <= _LONGEST_HEADERS and all(type(value) is str for value in headers.values()):
        if len(_known_headers) >= _MOST_HEADERS:
            _known_headers.clear()
        _known_headers[text] = headers.copy()
    return headers


def _unreadable(key: int, what: str, why: str) -> Internal:
    return Internal(f"the answer cannot be read: job {key}: its {what} {why}", operation="ActivateJobs")
