"""Native user tasks: what the engine itself keeps for people to do, and the commands that change it.

A user task changes in transitions: it is assigning, and then assigned. What happens in between is decided in ``_go_on``.
"""

from __future__ import annotations

from typing import Any

from camunda_embedded._engine.command import Command, Handlers
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.state import TENANT, Instance, Transition, UserTask
from camunda_embedded._engine.tree import Tree
from camunda_embedded._engine.triggers import Triggers

__all__ = ["CHANGEABLE", "UserTasks"]

#: What an update may change.
CHANGEABLE = ("candidateGroupsList", "candidateUsersList", "dueDate", "followUpDate", "priority")
#: The event in which each transition ends.
_ENDS = {
    "CREATING": "CREATED",
    "ASSIGNING": "ASSIGNED",
    "UPDATING": "UPDATED",
    "COMPLETING": "COMPLETED",
    "CANCELING": "CANCELED",
}
#: What a value says while nobody changes the task.
_AT_REST: dict[str, Any] = {"variables": {}, "action": "", "changedAttributes": []}


class UserTasks:
    """All native user tasks by key; the commands USER_TASK ASSIGN, CLAIM, UPDATE and COMPLETE."""

    def __init__(self, kernel: Kernel, tree: Tree, triggers: Triggers) -> None:
        self._kernel = kernel
        self._tree = tree
        self._triggers = triggers
        self.all: dict[int, UserTask] = {}
        self.handlers: Handlers = {
            "USER_TASK ASSIGN": self._assign,
            "USER_TASK CLAIM": self._claim,
            "USER_TASK UPDATE": self._update,
            "USER_TASK COMPLETE": self._complete,
        }

    # --- with its element ---

    def create(self, instance: Instance, properties: dict[str, Any]) -> None:
        """The task comes into being; ``properties`` are those of its record that its element gives."""
        key = self._kernel.next_key()
        value = {
            "userTaskKey": key,
            **properties,
            **_AT_REST,
            **_place(instance),
            "creationTimestamp": self._kernel.now(),
        }
        assignee = ""
        if self._kernel.line >= (8, 8):  # where assigning is a transition of its own
            assignee, value["assignee"] = value["assignee"], ""
        task = instance.user_task = UserTask(key, instance, value)
        self.all[key] = task
        self._begin(task, "CREATING")
        if assignee:
            self._begin(task, "ASSIGNING", {"assignee": assignee}, changed=self._differing(["assignee"]))

    def cancel(self, task: UserTask) -> None:
        """The task's element is going away."""
        self._begin(task, "CANCELING")

    def migrate(self, task: UserTask) -> None:
        """The task's element is one of another definition now."""
        task.value = {**task.value, **_place(task.instance)}
        self._kernel.event("USER_TASK", "MIGRATED", task.key, task.value)

    # --- commands ---

    def _execute(self, intent: str, key: int, **facts: Any) -> None:
        value = {
            **_AT_REST, "elementInstanceKey": -1, "processInstanceKey": -1, "bpmnProcessId": "", "tenantId": TENANT,
            "creationTimestamp": -1, "elementId": "", "processDefinitionKey": -1, "processDefinitionVersion": -1, "formKey": -1,
            "assignee": "", "userTaskKey": key, "candidateGroupsList": [], "candidateUsersList": [], "dueDate": "",
            "followUpDate": "", "externalFormReference": "", "customHeaders": {}, "priority": 50, **facts,
        }  # fmt: skip
        self._kernel.execute("USER_TASK", intent, key, value)

    def _ready(self, key: int, verb: str) -> UserTask:
        """The task of that key, if nothing else is being done to it."""
        task = self.all.get(key)
        if task is None:
            raise reject("user_task.missing", key=key, verb=verb)
        if task.state != "CREATED":
            raise reject("user_task.state", key=key, verb=verb, state=task.state)
        return task

    def assign(self, key: int, assignee: str, action: str, *, override: bool = True) -> None:
        """The command ASSIGN, or CLAIM when not ``override``; an empty ``assignee`` takes the task from whoever has it."""
        self._execute("ASSIGN" if override else "CLAIM", key, assignee=assignee, action=action)

    def _assign(self, command: Command[None]) -> None:
        self._take(self._ready(command.key, "assign"), command.value, "assign")

    def _claim(self, command: Command[None]) -> None:
        task = self._ready(command.key, "claim")
        if task.value["assignee"] not in ("", command.value["assignee"]):
            raise reject("user_task.claimed", key=command.key)
        self._take(task, command.value, "claim")

    def _take(self, task: UserTask, given: dict[str, Any], action: str) -> None:
        changes = {"assignee": given["assignee"]}
        self._begin(
            task, "ASSIGNING", changes, given["action"] or action, changed=self._differing(["assignee"])
        )

    def update(self, key: int, changes: dict[str, Any], action: str) -> None:
        """The command UPDATE; ``changes`` are new values of some of ``CHANGEABLE``."""
        self._execute("UPDATE", key, **changes, action=action, changedAttributes=sorted(changes))

    def _update(self, command: Command[None]) -> None:
        task, given = self._ready(command.key, "update"), command.value
        changes = {name: given[name] for name in given["changedAttributes"]}
        self._begin(task, "UPDATING", changes, given["action"] or "update", changed=list(changes))

    def complete(self, key: int, variables: dict[str, Any], action: str) -> None:
        """The command COMPLETE."""
        self._execute("COMPLETE", key, variables=variables, action=action)

    def _complete(self, command: Command[None]) -> None:
        task, given = self._ready(command.key, "complete"), command.value
        self._begin(task, "COMPLETING", {"variables": given["variables"]}, given["action"] or "complete")

    # --- transitions ---

    def _differing(self, names: list[str]) -> list[str]:
        """Of changed attributes those that an assignment records: 8.6 records none."""
        return names if self._kernel.line >= (8, 8) else []

    def _begin(
        self,
        task: UserTask,
        state: str,
        changes: dict[str, Any] | None = None,
        action: str = "",
        changed: list[str] | None = None,
    ) -> None:
        task.state = state
        value = {**task.value, **(changes or {}), "action": action, "changedAttributes": changed or []}
        task.transition = Transition(state, value)
        self._kernel.event("USER_TASK", state, task.key, value)
        self._go_on(task)

    def _go_on(self, task: UserTask) -> None:
        transition, task.transition = task.transition, None
        assert transition is not None
        value = transition.value
        self._kernel.event("USER_TASK", _ENDS[transition.state], task.key, value)
        task.value = {**value, **_AT_REST}
        task.state = "CREATED"
        if transition.state in ("COMPLETING", "CANCELING"):
            self.all.pop(task.key, None)
            task.instance.user_task = None
        if transition.state == "COMPLETING":
            self._triggers.raise_own(task.instance, value["variables"])
            self._tree.send_complete(task.instance)


def _place(instance: Instance) -> dict[str, Any]:
    """Where a task is, as its record says it."""
    return {
        "elementInstanceKey": instance.key,
        "processInstanceKey": instance.root.key,
        "bpmnProcessId": instance.definition.id,
        "processDefinitionKey": instance.definition.key,
        "processDefinitionVersion": instance.definition.version,
        "elementId": instance.element.id,
        "tenantId": TENANT,
    }
