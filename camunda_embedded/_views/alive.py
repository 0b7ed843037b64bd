"""Records of what is there, for rows of which the own records have fallen off the log."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from camunda_embedded._engine.engine import Engine
from camunda_embedded._engine.resources import KINDS, Decision
from camunda_embedded._engine.state import TENANT, Instance
from camunda_embedded._records import EVENT, Record

__all__ = ["alive"]


def alive(engine: Engine, time: int) -> Iterator[Record]:
    """What is deployed and what runs, as the events that would tell of it; they are as old as ``time``."""

    def event(key: int, value_type: str, intent: str, value: dict[str, Any]) -> Record:
        return Record(0, -1, key, EVENT, value_type, intent, engine.kernel.named(value), time)

    for kind in KINDS:
        for found in engine.repository.versions(kind).by_key.values():
            value = found.value()
            if kind is not Decision:
                value["resource"] = base64.b64encode(found.content).decode()
            yield event(found.key, found.VALUE_TYPE, "CREATED", value)
    for instance in list(engine.kernel.instances.values()):
        if instance.scope is None:
            facts = {"tags": list(instance.tags), "businessId": instance.business_id}
            value = {"processInstanceKey": instance.key, **facts}
            yield event(instance.key, "PROCESS_INSTANCE_CREATION", "CREATED", value)
        yield event(instance.key, "PROCESS_INSTANCE", "ELEMENT_ACTIVATING", instance.value)
        for name, variable in instance.variables.items():
            yield event(variable.key, "VARIABLE", "CREATED", _variable(instance, name, variable.value))
        job = instance.job
        if job is not None:
            intent = {"ERROR_THROWN": "ERROR_THROWN", "FAILED": "FAILED", "BACKOFF": "FAILED"}.get(
                job.state, "CREATED"
            )
            yield event(job.key, "JOB", intent, engine.jobs.value(job))
        for incident in {instance.incident, job.incident if job is not None else None} - {None}:
            assert incident is not None
            yield event(incident.key, "INCIDENT", "CREATED", incident.value)


def _variable(instance: Instance, name: str, value: Any) -> dict[str, Any]:
    return {
        "name": name,
        "value": json.dumps(value, ensure_ascii=False, separators=(",", ":")),
        "scopeKey": instance.key,
        "processInstanceKey": instance.root.key,
        "processDefinitionKey": instance.definition.key,
        "bpmnProcessId": instance.definition.id,
        "tenantId": TENANT,
    }
