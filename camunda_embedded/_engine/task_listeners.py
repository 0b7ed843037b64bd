"""Task listeners: jobs that are done before a transition of a user task takes place, and what their results mean."""

from __future__ import annotations

from typing import Any

from camunda_embedded._documents import dumps
from camunda_embedded._engine.incidents import Failure, Incidents
from camunda_embedded._engine.jobs import Jobs
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.resources import Repository
from camunda_embedded._engine.state import Job, UserTask
from camunda_embedded._engine.tasks import prepare
from camunda_embedded._engine.variables import Variables
from camunda_embedded._feel import FeelEvaluationError

__all__ = ["TASK_LISTENER", "TaskListeners"]

TASK_LISTENER = "TASK_LISTENER"
_HEADER = "io.camunda.zeebe:"
#: Reserved headers: the name, and the property of the task's record.
_HEADERS = {
    "action": "action",
    "assignee": "assignee",
    "candidateGroups": "candidateGroupsList",
    "candidateUsers": "candidateUsersList",
    "changedAttributes": "changedAttributes",
    "dueDate": "dueDate",
    "followUpDate": "followUpDate",
    "formKey": "formKey",
    "priority": "priority",
    "userTaskKey": "userTaskKey",
}
#: Transitions that no listener can deny.
_CERTAIN = frozenset({"CREATING", "CANCELING"})


class TaskListeners:
    """Asks the listeners of a transition, one after the other."""

    def __init__(
        self, kernel: Kernel, variables: Variables, repository: Repository, incidents: Incidents, jobs: Jobs
    ) -> None:
        self._kernel = kernel
        self._variables = variables
        self._repository = repository
        self._incidents = incidents
        self._jobs = jobs

    def ask(self, task: UserTask) -> bool:
        """Makes the job of the next listener; False when all have been asked. What cannot be evaluated is an incident."""
        transition, wanted = task.transition, task.instance.element.user_task
        assert transition is not None
        if wanted is None:  # it was migrated
            return False
        listeners = [each for each in wanted.listeners if each.event.upper() == transition.state]
        if transition.asked >= len(listeners):
            return False
        transition.waited = True
        try:
            asked = listeners[transition.asked].job
            job = prepare(self._kernel, self._variables, self._repository, task.instance, asked)
        except Failure as failure:
            self._incidents.create(task.instance, failure)
            return True
        except FeelEvaluationError as error:
            self._incidents.create(task.instance, Failure("EXTRACT_VALUE_ERROR", str(error)))
            return True
        job.kind, job.event = TASK_LISTENER, transition.state
        job.headers = {**wanted.headers, **asked.headers, **_reserved(transition.value)}
        job.user_task, job.given = transition.value, transition.value["variables"]
        self._jobs.create(job)
        return True

    # --- what jobs of this kind mean ---

    def accept(self, job: Job, variables: dict[str, Any], result: Any) -> None:
        """Raises the refusal of a completion with these variables and that JobResult of the protocol."""
        facts = {"key": job.key, "type": job.type, "instance": job.instance.root.key}
        if variables:
            raise reject("listener.variables", **facts)
        if result is None:
            return
        corrections = _corrections(result)
        if result.denied and job.event in _CERTAIN:
            raise reject("listener.certain", event=job.event.lower(), **facts)
        if result.denied and corrections:
            raise reject("listener.corrections", **facts)
        priority = corrections.get("priority", 0)
        if not 0 <= priority <= 100:
            raise reject("listener.priority", priority=priority, **facts)
        task = job.instance.user_task
        if job.event == "CREATING" and task is not None and task.meant_for and "assignee" in corrections:
            raise reject("listener.assignee", **facts)

    def completed(self, job: Job, variables: dict[str, Any], result: Any) -> None:
        """The listener has done its job: the transition goes on, or is denied."""
        task = job.instance.user_task
        if task is None:
            return
        if result is not None and result.denied:
            value = {**task.value, "deniedReason": result.deniedReason}
            self._kernel.send("USER_TASK", "DENY_TASK_LISTENER", task.key, value, task)
            return
        corrections = _corrections(result) if result is not None else {}
        value = {**(job.user_task or task.value), **corrections}
        subject = (task, corrections)
        self._kernel.send("USER_TASK", "COMPLETE_TASK_LISTENER", task.key, value, subject)


def _reserved(value: dict[str, Any]) -> dict[str, str]:
    """What the headers say of the task; what it has not is left out."""
    found = {}
    for name, place in _HEADERS.items():
        given = value[place]
        if given not in ("", [], -1):
            found[_HEADER + name] = dumps(given) if isinstance(given, list) else str(given)
    return found


def _corrections(result: Any) -> dict[str, Any]:
    """The corrections of a JobResult, named as the record of the task names them."""
    if not result.HasField("corrections"):
        return {}
    given = result.corrections
    found: dict[str, Any] = {
        name: getattr(given, name)
        for name in ("assignee", "dueDate", "followUpDate", "priority")
        if given.HasField(name)
    }
    for name in ("candidateGroups", "candidateUsers"):
        if given.HasField(name):
            found[f"{name}List"] = list(getattr(given, name).values)
    return found
