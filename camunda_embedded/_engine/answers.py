"""What becomes of a job by a command from outside: completed, failed, with an error thrown, or changed."""

from __future__ import annotations

from typing import Any, Protocol

from camunda_embedded._engine.command import Command, Handlers
from camunda_embedded._engine.incidents import Failure, Incidents
from camunda_embedded._engine.jobs import Jobs
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.state import TENANT, Job
from camunda_embedded._engine.tree import Tree
from camunda_embedded._engine.triggers import Triggers
from camunda_embedded._engine.variables import Variables

__all__ = ["Answers", "JobKind"]


#: The type of the incident of a job without retries, by its kind.
_WITHOUT_RETRIES = {"AD_HOC_SUB_PROCESS": "AD_HOC_SUB_PROCESS_NO_RETRIES"}


class JobKind(Protocol):
    """What a kind of jobs means, to those that it comes from."""

    def accept(self, job: Job, variables: dict[str, Any], result: Any) -> None:
        """Raises the refusal of a completion with that, before anything has happened."""

    def completed(self, job: Job, variables: dict[str, Any], result: Any) -> None:
        """The job was completed, and is gone."""


class Answers:
    """The commands JOB COMPLETE, FAIL, THROW_ERROR, and those that update a job."""

    def __init__(
        self,
        kernel: Kernel,
        incidents: Incidents,
        variables: Variables,
        tree: Tree,
        triggers: Triggers,
        jobs: Jobs,
    ) -> None:
        self._kernel = kernel
        self._incidents = incidents
        self._variables = variables
        self._tree = tree
        self._triggers = triggers
        self._jobs = jobs
        #: What becomes of completed jobs that are no task's own, by their kind.
        self.kinds: dict[str, JobKind] = {}
        self.handlers: Handlers = {
            "JOB COMPLETE": self._complete,
            "JOB FAIL": self._fail,
            "JOB THROW_ERROR": self._throw_error,
            "JOB UPDATE_RETRIES": self._update_retries,
            "JOB UPDATE_TIMEOUT": self._update_timeout,
            "JOB UPDATE": self._update,
        }

    def _execute(self, intent: str, key: int, subject: Any = None, **facts: Any) -> None:
        value: dict[str, Any] = {
            "type": "", "retries": -1, "deadline": -1, "worker": "", "retryBackoff": 0, "recurringTime": -1,
            "errorCode": "", "errorMessage": "", "customHeaders": {}, "variables": {}, "jobKind": "BPMN_ELEMENT",
            "jobListenerEventType": "UNSPECIFIED", "elementId": "", "elementInstanceKey": -1, "processInstanceKey": -1,
            "bpmnProcessId": "", "processDefinitionVersion": -1, "processDefinitionKey": -1, "timeout": -1,
            "changedAttributes": [], "tenantId": TENANT,
        }  # fmt: skip
        self._kernel.execute("JOB", intent, key, value | facts, subject)

    def _known(self, key: int, name: str) -> Job:
        job = self._jobs.all.get(key)
        if job is None:
            raise reject(f"{name}.missing", key=key)
        return job

    def _answerable(self, key: int, name: str) -> Job:
        job = self._known(key, name)
        if job.state in ("FAILED", "ERROR_THROWN", "BACKOFF"):
            state = "FAILED" if job.state == "BACKOFF" else job.state
            raise reject(f"{name}.state", key=key, state=state)
        return job

    def complete(self, key: int, variables: dict[str, Any], result: Any = None) -> None:
        """The command JOB COMPLETE; ``result`` is a JobResult of the protocol, which ordinary jobs ignore."""
        self._execute("COMPLETE", key, result, variables=variables)

    def _complete(self, command: Command[Any]) -> None:
        job, variables = self._answerable(command.key, "complete"), command.value["variables"]
        special = None if job.kind == "BPMN_ELEMENT" else self.kinds.get(job.kind)
        if special is not None:
            special.accept(job, variables, command.subject)
        self._jobs.record(job, "COMPLETED", variables)
        self._jobs.forget(job)
        if special is not None:
            special.completed(job, variables, command.subject)
            return
        if job.kind == "EXECUTION_LISTENER":
            self._triggers.raise_heard(job.instance, variables)
            self._tree.send_complete_listener(job.instance)
            return
        self._triggers.raise_own(job.instance, variables)
        self._tree.send_complete(job.instance)

    def fail(self, key: int, retries: int, message: str, backoff: int, variables: dict[str, Any]) -> None:
        """The command JOB FAIL; ``backoff`` in milliseconds."""
        given = {"retries": retries, "errorMessage": message, "retryBackoff": backoff, "variables": variables}
        self._execute("FAIL", key, **given)

    def _fail(self, command: Command[None]) -> None:
        job, value = self._answerable(command.key, "fail"), command.value
        retries, backoff, message = value["retries"], value["retryBackoff"], value["errorMessage"]
        self._jobs.leave_worker(job)
        job.retries, job.error_message, job.retry_backoff = retries, message, max(backoff, 0)
        if retries > 0 and backoff > 0:
            job.recurring_time = self._kernel.now() + backoff
        self._jobs.record(job, "FAILED", value["variables"])
        self._variables.set_all_local(job.instance, value["variables"])
        if retries <= 0:
            job.state = "FAILED"
            failure = Failure(
                _WITHOUT_RETRIES.get(job.kind, "JOB_NO_RETRIES"), message or "No more retries left."
            )
            self._incidents.create(job.instance, failure, job)
        elif backoff > 0:
            job.state = "BACKOFF"
            self._jobs.appoint(job, job.recurring_time, "RECUR_AFTER_BACKOFF")
        else:
            self._jobs.make_activatable(job)

    def throw_error(self, key: int, code: str, message: str, variables: dict[str, Any]) -> None:
        """The command JOB THROW_ERROR."""
        self._execute("THROW_ERROR", key, errorCode=code, errorMessage=message, variables=variables)

    def _throw_error(self, command: Command[None]) -> None:
        job, value = self._answerable(command.key, "throw"), command.value
        if job.kind.endswith("_LISTENER"):
            facts = {"type": job.type, "instance": job.instance.root.key}
            raise reject("throw.listener", kind=job.kind, key=job.key, **facts)
        code, message, variables = value["errorCode"], value["errorMessage"], value["variables"]
        self._jobs.leave_worker(job)
        job.state, job.error_code, job.error_message = "ERROR_THROWN", code, message
        catcher = self._triggers.find_catcher(job.instance, code, message)
        if isinstance(catcher, Failure):
            # The real engine names no element here, but this.
            job.shown_element = "NO_CATCH_EVENT_FOUND"
            self._jobs.record(job, "ERROR_THROWN", variables)
            self._incidents.create(job.instance, catcher, job, job.shown_element)
            return
        self._jobs.record(job, "ERROR_THROWN", variables)
        self._jobs.forget(job)
        host, event = catcher
        self._triggers.trigger(host, event, variables)

    def update_retries(self, key: int, retries: int) -> None:
        """The command JOB UPDATE_RETRIES."""
        self._execute("UPDATE_RETRIES", key, retries=retries)

    def _update_retries(self, command: Command[None]) -> None:
        key, retries = command.key, command.value["retries"]
        if retries < 1:
            raise reject("retries.amount", key=key, retries=retries)
        job = self._known(key, "update")
        job.retries = retries
        self._jobs.record(job, "RETRIES_UPDATED")

    def update_timeout(self, key: int, timeout: int) -> None:
        """The command JOB UPDATE_TIMEOUT; ``timeout`` in milliseconds from now."""
        self._execute("UPDATE_TIMEOUT", key, timeout)

    def _update_timeout(self, command: Command[int]) -> None:
        job = self._known(command.key, "update")
        if job.state != "ACTIVATED":
            raise reject("timeout.inactive", key=command.key)
        self._jobs.lock(job, command.subject)
        self._jobs.record(job, "TIMEOUT_UPDATED")

    def update(self, key: int, retries: int | None, timeout: int | None, priority: int | None = None) -> None:
        """The command JOB UPDATE, which REST sends, and gRPC for a priority: any, or several at once; ``timeout`` in
        milliseconds from now.
        """
        given = {"retries": retries, "timeout": timeout, "priority": priority}
        changes = {name: value for name, value in given.items() if value is not None}
        self._execute("UPDATE", key, changes, **changes, changedAttributes=sorted(changes))

    def _update(self, command: Command[dict[str, int]]) -> None:
        job, changes = self._known(command.key, "update"), command.subject
        if changes.get("retries", 1) < 1:
            raise reject("retries.amount", key=command.key, retries=changes["retries"])
        if "timeout" in changes and job.state != "ACTIVATED":
            raise reject("update.inactive", key=command.key)
        job.retries = changes.get("retries", job.retries)
        if "timeout" in changes:
            self._jobs.lock(job, changes["timeout"])
        if "priority" in changes:
            self._jobs.prioritize(job, changes["priority"])
        value = {**self._jobs.value(job), "changedAttributes": sorted(changes)}
        self._kernel.event("JOB", "UPDATED", command.key, value)
