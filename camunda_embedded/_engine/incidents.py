"""Incidents: what stops an element, and how it is recorded."""

from __future__ import annotations

from typing import Any

from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.state import TENANT, Incident, Instance, Job

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

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
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
        incident = Incident(self._kernel.next_key(), instance, value, job)
        self.open[incident.key] = incident
        if job is not None:
            job.incident = incident
        else:
            instance.incident = incident
        self._kernel.event("INCIDENT", "CREATED", incident.key, value)

    def close(self, incident: Incident | None) -> None:
        """Ends an incident because what it is about is gone or goes on."""
        if incident is None or self.open.pop(incident.key, None) is None:
            return
        if incident.job is not None:
            incident.job.incident = None
        else:
            incident.instance.incident = None
        self._kernel.event("INCIDENT", "RESOLVED", incident.key, incident.value)
