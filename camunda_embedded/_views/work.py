"""Rows of jobs and user tasks."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from camunda_embedded._records import Record
from camunda_embedded._views.filters import Row, Rules
from camunda_embedded._views.reading import milliseconds
from camunda_embedded._views.running import INSTANCE, facts, rooted, variables_of
from camunda_embedded._views.store import Feeder, Store
from camunda_embedded._views.table import Table

__all__ = ["FEEDERS", "tables"]

#: What happened to a job → its state. What else happens changes its values alone.
_STATES = {
    "CREATED": "CREATED", "COMPLETED": "COMPLETED", "FAILED": "FAILED", "TIMED_OUT": "TIMED_OUT",
    "CANCELED": "CANCELED", "ERROR_THROWN": "ERROR_THROWN", "RETRIES_UPDATED": "RETRIES_UPDATED",
    "TIMEOUT_UPDATED": "TIMEOUT_UPDATED", "MIGRATED": "MIGRATED", "PRIORITY_UPDATED": "PRIORITY_UPDATED",
}  # fmt: skip
#: So many failures of one job are remembered, the last ones.
_FAILURES = 100
_OVER = ("COMPLETED", "CANCELED", "ERROR_THROWN")
#: What happened to a user task → its state.
_TASK_STATES = {
    "CREATING": "CREATING", "CREATED": "CREATED", "ASSIGNING": "ASSIGNING", "CLAIMING": "ASSIGNING",
    "ASSIGNED": "CREATED", "UPDATING": "UPDATING", "UPDATED": "CREATED", "COMPLETING": "COMPLETING",
    "COMPLETED": "COMPLETED", "CANCELING": "CANCELING", "CANCELED": "CANCELED",
    "ASSIGNMENT_DENIED": "CREATED", "UPDATE_DENIED": "CREATED", "COMPLETION_DENIED": "CREATED",
}  # fmt: skip


def _job(store: Store, record: Record) -> None:
    value = record.value
    table = store["jobs"]
    row = table.get(record.key)
    if row is None:
        row = {
            **rooted(store, value),
            "jobKey": record.key,
            "type": value["type"],
            "kind": value.get("jobKind", "BPMN_ELEMENT"),
            "listenerEventType": value.get("jobListenerEventType", "UNSPECIFIED"),
            "elementId": value["elementId"],
            "elementInstanceKey": value["elementInstanceKey"],
            "customHeaders": value["customHeaders"],
            "creationTime": record.timestamp,
            "state": "CREATED",
            "endTime": None,
            "priority": value.get("priority", 0),
            "_failures": deque(maxlen=_FAILURES),
        }
        table.add(row)
    _worked(row, record, value)
    row["state"] = _STATES.get(record.intent, row["state"])
    row["hasFailedWithRetriesLeft"] = record.intent == "FAILED" and value["retries"] > 0
    if record.intent in ("FAILED", "ERROR_THROWN"):
        names = ("worker", "errorCode", "errorMessage")
        row["_failures"].append({"time": record.timestamp, **{name: value[name] for name in names}})
    if record.intent in _OVER:
        row["endTime"] = record.timestamp
        table.end(row)
    if record.intent == "MIGRATED":
        row.update(facts(value), elementId=value["elementId"])
    elif record.intent == "COMPLETED":
        result = value.get("result") or {}
        row["isDenied"], row["deniedReason"] = result.get("denied"), result.get("deniedReason")


def _worked(row: Row, record: Record, value: Mapping[str, object]) -> None:
    row["lastUpdateTime"] = record.timestamp
    for name in ("deadline", "worker", "retries", "errorCode", "errorMessage"):
        row[name] = value[name]
    row["priority"] = value.get("priority", 0)


def _activated(store: Store, record: Record) -> None:
    value = record.value
    for key, job in (
        zip(value["jobKeys"], value["jobs"], strict=False) if record.intent == "ACTIVATED" else ()
    ):
        row = store["jobs"].get(key)
        if row is not None:
            _worked(row, record, job)


def _task(store: Store, record: Record) -> None:
    value = record.value
    table = store["tasks"]
    row = table.get(record.key)
    if row is None:
        names = store.drawn(value["processDefinitionKey"]).names
        instance = store.instance(value["processInstanceKey"])
        row = {
            **rooted(store, value),
            "userTaskKey": record.key,
            "name": names.get(value["elementId"]) or value["elementId"],
            "elementId": value["elementId"],
            "elementInstanceKey": value["elementInstanceKey"],
            "processName": names.get(value["bpmnProcessId"]) or value["bpmnProcessId"],
            "processDefinitionVersion": value["processDefinitionVersion"],
            "creationDate": record.timestamp,
            "completionDate": None,
            "tags": instance.get("tags", []),
        }
        table.add(row)
    if record.intent == "MIGRATED":
        row.update(
            facts(value),
            elementId=value["elementId"],
            processDefinitionVersion=value["processDefinitionVersion"],
        )
    row["state"] = _TASK_STATES.get(record.intent, row.get("state", "CREATED"))
    if record.intent.endswith("ING") and "candidateGroups" in row:
        return  # what is asked for shows when it has happened
    row |= {
        "assignee": value["assignee"] or None,
        "candidateGroups": value["candidateGroupsList"],
        "candidateUsers": value["candidateUsersList"],
        "dueDate": milliseconds(value["dueDate"]),
        "followUpDate": milliseconds(value["followUpDate"]),
        "externalFormReference": value["externalFormReference"],
        "customHeaders": value["customHeaders"],
        "priority": value["priority"],
        "formKey": value["formKey"] if value["formKey"] > 0 else None,
    }
    if record.intent in ("COMPLETED", "CANCELED"):
        row["completionDate"] = record.timestamp
        table.end(row)


FEEDERS: Mapping[str, Feeder] = {"JOB": _job, "JOB_BATCH": _activated, "USER_TASK": _task}


def tables(store: Store) -> dict[str, Table]:
    """The tables of this module."""
    rules = Rules(
        aliases={"candidateGroup": "candidateGroups", "candidateUser": "candidateUsers"},
        variables={
            "processInstanceVariables": lambda row: variables_of(store, row["processInstanceKey"]),
            "localVariables": lambda row: variables_of(store, row["elementInstanceKey"]),
        },
    )
    return {"jobs": Table("jobKey", by=INSTANCE), "tasks": Table("userTaskKey", rules, by=INSTANCE)}
