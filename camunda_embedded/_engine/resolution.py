"""Resolving incidents: what failed is tried again."""

from __future__ import annotations

from camunda_embedded._engine.command import Command, Handlers
from camunda_embedded._engine.incidents import Incidents
from camunda_embedded._engine.jobs import Jobs
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.lifecycle import Lifecycle
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.resources import TENANT
from camunda_embedded._engine.user_tasks import UserTasks

__all__ = ["Resolution"]


class Resolution:
    """The command INCIDENT RESOLVE."""

    def __init__(
        self, kernel: Kernel, incidents: Incidents, jobs: Jobs, user_tasks: UserTasks, lifecycle: Lifecycle
    ) -> None:
        self._kernel = kernel
        self._incidents = incidents
        self._jobs = jobs
        self._user_tasks = user_tasks
        self._lifecycle = lifecycle
        self.handlers: Handlers = {"INCIDENT RESOLVE": self._resolve}

    def resolve(self, key: int) -> None:
        """Resolves the incident of that key."""
        value = {
            "errorType": "UNKNOWN", "errorMessage": "", "bpmnProcessId": "", "processDefinitionKey": -1,
            "processInstanceKey": -1, "elementId": "", "elementInstanceKey": -1, "jobKey": -1, "variableScopeKey": -1,
            "tenantId": TENANT, "elementInstancePath": [], "processDefinitionPath": [], "callingElementPath": [],
        }  # fmt: skip
        self._kernel.execute("INCIDENT", "RESOLVE", key, value)

    def _resolve(self, command: Command[None]) -> None:
        incident = self._incidents.open.get(command.key)
        if incident is None:
            raise reject("incident.missing", key=command.key)
        job, instance = incident.job, incident.instance
        if job is not None and job.retries <= 0:
            raise reject("incident.retries", key=command.key, job=job.key)
        self._incidents.close(incident)
        if job is not None:
            self._jobs.make_activatable(job)
        elif instance.user_task is not None and instance.user_task.transition is not None:
            self._user_tasks.retry(instance.user_task)
        elif instance.state == "ACTIVATING":
            self._lifecycle.go_on_activating(instance)
        elif instance.state == "COMPLETING":
            self._lifecycle.go_on_completing(instance)
        elif instance.state == "ACTIVATED" and not instance.waits:
            self._lifecycle.open_events(instance)
