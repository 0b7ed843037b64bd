"""Native user tasks: what the engine itself keeps for people to do, and the commands that change it.

A user task changes in transitions: it is assigning, and then assigned. In between its task listeners are asked, one after
the other; they may correct what is to become of it, or deny the transition.
"""

from __future__ import annotations

from typing import Any

from camunda_embedded._engine.command import Command, Handlers
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.rejections import Rejected, reject
from camunda_embedded._engine.state import TENANT, Instance, Transition, UserTask
from camunda_embedded._engine.task_listeners import TaskListeners
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
#: Transitions that a listener can deny: what they are called, and the event of it.
_DENIALS = {
    "ASSIGNING": ("Assignment", "ASSIGNMENT_DENIED"),
    "UPDATING": ("Update", "UPDATE_DENIED"),
    "COMPLETING": ("Completion", "COMPLETION_DENIED"),
}
#: What a value says while nobody changes the task.
_AT_REST: dict[str, Any] = {"variables": {}, "action": "", "changedAttributes": []}


class UserTasks:
    """All native user tasks by key; the commands USER_TASK ASSIGN, CLAIM, UPDATE and COMPLETE."""

    def __init__(self, kernel: Kernel, tree: Tree, triggers: Triggers, listeners: TaskListeners) -> None:
        self._kernel = kernel
        self._tree = tree
        self._triggers = triggers
        self._listeners = listeners
        self.all: dict[int, UserTask] = {}
        self.handlers: Handlers = {
            "USER_TASK ASSIGN": self._assign,
            "USER_TASK CLAIM": self._claim,
            "USER_TASK UPDATE": self._update,
            "USER_TASK COMPLETE": self._complete,
            "USER_TASK COMPLETE_TASK_LISTENER": self._listened,
            "USER_TASK DENY_TASK_LISTENER": self._denied,
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
        task = instance.user_task = UserTask(key, instance, value)
        if self._kernel.line >= (8, 8):  # where assigning is a transition of its own
            task.meant_for, value["assignee"] = value["assignee"], ""
        self.all[key] = task
        self._begin(task, "CREATING")

    def cancel(self, task: UserTask, *, at_once: bool = False) -> None:
        """The task's element is going away; until listeners have been asked it stays, unless ``at_once``."""
        if task.transition is not None:
            self._end(task.transition, reject("user_task.missing", key=task.key, verb="change"))
        self._begin(task, "CANCELING", at_once=at_once)

    def retry(self, task: UserTask) -> None:
        """Begins the transition again that an incident has stopped: all its listeners are asked once more."""
        transition = task.transition
        assert transition is not None
        transition.asked, transition.value = 0, transition.given
        self._go_on(task)

    def migrate(self, task: UserTask) -> None:
        """The task's element is one of another definition now."""
        task.value = {**task.value, **_place(task.instance)}
        if task.transition is not None:
            task.transition.value = {**task.transition.value, **_place(task.instance)}
        self._kernel.event("USER_TASK", "MIGRATED", task.key, task.value)

    # --- commands ---

    def _execute(self, intent: str, key: int, **facts: Any) -> Transition | None:
        value = {
            **_AT_REST, "elementInstanceKey": -1, "processInstanceKey": -1, "bpmnProcessId": "", "tenantId": TENANT,
            "creationTimestamp": -1, "elementId": "", "processDefinitionKey": -1, "processDefinitionVersion": -1, "formKey": -1,
            "assignee": "", "userTaskKey": key, "candidateGroupsList": [], "candidateUsersList": [], "dueDate": "",
            "followUpDate": "", "externalFormReference": "", "customHeaders": {}, "priority": 50, **facts,
        }  # fmt: skip
        begun: Transition | None = self._kernel.execute("USER_TASK", intent, key, value)
        return begun

    def _ready(self, key: int, verb: str) -> UserTask:
        """The task of that key, if nothing else is being done to it."""
        task = self.all.get(key)
        if task is None:
            raise reject("user_task.missing", key=key, verb=verb)
        if task.state != "CREATED":
            raise reject("user_task.state", key=key, verb=verb, state=task.state)
        return task

    def assign(self, key: int, assignee: str, action: str, *, override: bool = True) -> Transition | None:
        """The command ASSIGN, or CLAIM when not ``override``; an empty ``assignee`` takes the task from whoever has it.

        Like all these commands it returns the transition while listeners have to be waited for, else None.
        """
        return self._execute("ASSIGN" if override else "CLAIM", key, assignee=assignee, action=action)

    def _assign(self, command: Command[None]) -> Transition | None:
        return self._take(self._ready(command.key, "assign"), command, "assign")

    def _claim(self, command: Command[None]) -> Transition | None:
        task = self._ready(command.key, "claim")
        if task.value["assignee"] not in ("", command.value["assignee"]):
            raise reject("user_task.claimed", key=command.key)
        return self._take(task, command, "claim")

    def _take(self, task: UserTask, command: Command[None], action: str) -> Transition | None:
        changes = {"assignee": command.value["assignee"]}
        return self._begin(task, "ASSIGNING", changes, command.value["action"] or action, command)

    def update(self, key: int, changes: dict[str, Any], action: str) -> Transition | None:
        """The command UPDATE; ``changes`` are new values of some of ``CHANGEABLE``."""
        return self._execute("UPDATE", key, **changes, action=action, changedAttributes=sorted(changes))

    def _update(self, command: Command[None]) -> Transition | None:
        task, given = self._ready(command.key, "update"), command.value
        names = given["changedAttributes"]
        changes = {**{name: given[name] for name in names}, "changedAttributes": names}
        return self._begin(task, "UPDATING", changes, given["action"] or "update", command)

    def complete(self, key: int, variables: dict[str, Any], action: str) -> Transition | None:
        """The command COMPLETE."""
        return self._execute("COMPLETE", key, variables=variables, action=action)

    def _complete(self, command: Command[None]) -> Transition | None:
        task, given = self._ready(command.key, "complete"), command.value
        changes = {"variables": given["variables"]}
        return self._begin(task, "COMPLETING", changes, given["action"] or "complete", command)

    # --- what listeners answer ---

    def _listened(self, command: Command[tuple[UserTask, dict[str, Any]]]) -> None:
        """A task listener has done its job."""
        task, corrections = command.subject
        transition = task.transition
        if transition is None or task.key not in self.all:
            return
        transition.asked += 1
        if corrections:
            transition.value = self._compared(task, {**transition.value, **corrections})
            self._kernel.event("USER_TASK", "CORRECTED", task.key, transition.value)
        self._go_on(task)

    def _denied(self, command: Command[UserTask]) -> None:
        """A task listener has denied the transition: the task is as it was before."""
        task = command.subject
        transition, task.transition = task.transition, None
        if transition is None or task.key not in self.all:
            return
        what, event = _DENIALS[transition.state]
        task.state = "CREATED"
        self._kernel.event(
            "USER_TASK", event, task.key, {**task.value, "deniedReason": command.value["deniedReason"]}
        )
        facts = {"what": what, "key": task.key, "reason": command.value["deniedReason"]}
        self._end(transition, reject("user_task.denied", **facts))

    # --- transitions ---

    def _compared(self, task: UserTask, value: dict[str, Any]) -> dict[str, Any]:
        """The value with the attributes that it changes; 8.6 says what an update names instead."""
        if self._kernel.line < (8, 8):
            return value
        changed = [name for name in ("assignee", *CHANGEABLE) if value[name] != task.value[name]]
        return {**value, "changedAttributes": changed}

    def _begin(
        self,
        task: UserTask,
        state: str,
        changes: dict[str, Any] | None = None,
        action: str = "",
        command: Command[None] | None = None,
        *,
        at_once: bool = False,
    ) -> Transition | None:
        """Begins a transition; returns it while listeners have to be waited for."""
        task.state = state
        value = self._compared(task, {**task.value, **(changes or {}), "action": action})
        transition = task.transition = Transition(state, value, value, command)
        self._kernel.event("USER_TASK", state, task.key, value)
        self._go_on(task, at_once=at_once)
        return None if transition.over else transition

    def _go_on(self, task: UserTask, *, at_once: bool = False) -> None:
        """Asks the next listener; after the last, the transition takes place."""
        if not at_once and self._listeners.ask(task):
            return
        transition, task.transition = task.transition, None
        assert transition is not None
        self._kernel.event("USER_TASK", _ENDS[transition.state], task.key, transition.value)
        task.value, task.state = {**transition.value, **_AT_REST}, "CREATED"
        if transition.state in ("COMPLETING", "CANCELING"):
            self.all.pop(task.key, None)
            task.instance.user_task = None
        if transition.state == "COMPLETING":
            self._triggers.raise_own(task.instance, transition.value["variables"])
            self._tree.send_complete(task.instance)
        elif transition.state == "CANCELING" and transition.waited:
            self._tree.send_go_on_terminating(task.instance)
        self._end(transition)
        if transition.state == "CREATING" and task.meant_for:
            self._begin(task, "ASSIGNING", {"assignee": task.meant_for})

    def _end(self, transition: Transition, refused: Rejected | None = None) -> None:
        transition.over = True
        refused = refused.on(self._kernel.line) if refused is not None else None
        if refused is not None and transition.command is not None:
            self._kernel.refuse(transition.command, refused)
        if transition.on_end is not None:
            transition.on_end(refused)


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
