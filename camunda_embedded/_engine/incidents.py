"""Incidents: what stops an element, how it is recorded, and how it goes on once it is mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.state import TENANT, Incident, Instance, Job

if TYPE_CHECKING:
    from camunda_embedded._engine.core import Engine

__all__ = ["Failure", "Incidents"]


class Failure(Exception):
    """An element cannot go on: becomes an incident of that error type.

    ``scope_key`` is where the variables are that it is about, when that is not the element's own instance.
    """

    def __init__(self, error_type: str, message: str, scope_key: int | None = None) -> None:
        super().__init__(message)
        self.scope_key = scope_key
        self.error_type = error_type
        self.message = message


class Incidents:
    """Open incidents by key."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.open: dict[int, Incident] = {}

    def create(
        self, instance: Instance, failure: Failure, job: Job | None = None, element_id: str | None = None
    ) -> None:
        """Raises an incident on an element instance, or on its job."""
        path: list[int] = [scope.key for scope in instance.scopes()][::-1]
        paths, definitions = [path], [instance.definition.key]
        caller = instance.root.caller
        while caller is not None:
            paths.insert(0, [scope.key for scope in caller.scopes()][::-1])
            definitions.insert(0, caller.definition.key)
            caller = caller.root.caller
        value: dict[str, Any] = {
            "errorType": failure.error_type,
            "errorMessage": failure.message,
            "bpmnProcessId": instance.definition.id,
            "processDefinitionKey": instance.definition.key,
            "processInstanceKey": instance.root.key,
            "elementId": element_id or instance.element.id,
            "elementInstanceKey": instance.key,
            "jobKey": job.key if job is not None else -1,
            "variableScopeKey": instance.key if failure.scope_key is None else failure.scope_key,
            "tenantId": TENANT,
            "elementInstancePath": paths,
            "processDefinitionPath": definitions,
            "callingElementPath": [],
        }
        incident = Incident(self._engine.next_key(), instance, value, job)
        self.open[incident.key] = incident
        if job is not None:
            job.incident = incident
        else:
            instance.incident = incident
        self._engine.event("INCIDENT", "CREATED", incident.key, value)

    def close(self, incident: Incident | None) -> None:
        """Ends an incident because what it is about is gone or goes on."""
        if incident is None or self.open.pop(incident.key, None) is None:
            return
        if incident.job is not None:
            incident.job.incident = None
        else:
            incident.instance.incident = None
        self._engine.event("INCIDENT", "RESOLVED", incident.key, incident.value)

    def resolve(self, key: int) -> None:
        """The command INCIDENT RESOLVE: the failed step is tried again."""
        engine = self._engine

        def handle() -> None:
            incident = self.open.get(key)
            if incident is None:
                raise reject("incident.missing", key=key)
            job, instance = incident.job, incident.instance
            if job is not None and job.retries <= 0:
                raise reject("incident.retries", key=key, job=job.key)
            self.close(incident)
            if job is not None:
                engine.jobs.make_activatable(job)
            elif instance.state == "ACTIVATING":
                engine.lifecycle.go_on_activating(instance)
            elif instance.state == "COMPLETING":
                engine.lifecycle.go_on_completing(instance)

        value = {
            "errorType": "UNKNOWN", "errorMessage": "", "bpmnProcessId": "", "processDefinitionKey": -1,
            "processInstanceKey": -1, "elementId": "", "elementInstanceKey": -1, "jobKey": -1, "variableScopeKey": -1,
            "tenantId": TENANT, "elementInstancePath": [], "processDefinitionPath": [], "callingElementPath": [],
        }  # fmt: skip
        engine.execute("INCIDENT", "RESOLVE", key, value, handle)
