"""Migrating a running process instance to another process definition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from camunda_embedded._bpmn.model import Element
from camunda_embedded._engine.command import Command, Handlers
from camunda_embedded._engine.compensation import Compensation
from camunda_embedded._engine.events import Events, awaited
from camunda_embedded._engine.jobs import Jobs
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.messages import Messages
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.resources import TENANT, Definition, Repository
from camunda_embedded._engine.state import Instance
from camunda_embedded._engine.tree import Tree
from camunda_embedded._engine.user_tasks import UserTasks
from camunda_embedded._engine.variables import Variables

__all__ = ["Migration"]

#: What a real 8.6.0 migrates while it is active.
_SUPPORTED = frozenset({
    "PROCESS", "SERVICE_TASK", "USER_TASK", "SEND_TASK", "SCRIPT_TASK", "BUSINESS_RULE_TASK", "RECEIVE_TASK", "SUB_PROCESS",
    "CALL_ACTIVITY", "MULTI_INSTANCE_BODY", "INTERMEDIATE_CATCH_EVENT", "EVENT_BASED_GATEWAY",
})  # fmt: skip


class Migration:
    """The command PROCESS_INSTANCE_MIGRATION MIGRATE."""

    def __init__(
        self,
        kernel: Kernel,
        variables: Variables,
        repository: Repository,
        tree: Tree,
        messages: Messages,
        events: Events,
        jobs: Jobs,
        user_tasks: UserTasks,
        compensation: Compensation,
    ) -> None:
        self._kernel = kernel
        self._variables = variables
        self._repository = repository
        self._tree = tree
        self._messages = messages
        self._events = events
        self._jobs = jobs
        self._user_tasks = user_tasks
        self._compensation = compensation
        self.handlers: Handlers = {"PROCESS_INSTANCE_MIGRATION MIGRATE": self._migrate}

    def migrate(self, key: int, target_key: int, mappings: Sequence[tuple[str, str]]) -> None:
        """Moves an instance over; ``mappings`` are pairs of a source and a target element id."""
        value: dict[str, Any] = {
            "processInstanceKey": key,
            "targetProcessDefinitionKey": target_key,
            "mappingInstructions": [{"sourceElementId": s, "targetElementId": t} for s, t in mappings],
            "tenantId": TENANT,
        }
        self._kernel.execute("PROCESS_INSTANCE_MIGRATION", "MIGRATE", key, value, mappings)

    def _migrate(self, command: Command[Sequence[tuple[str, str]]]) -> None:
        key, value, mappings = command.key, command.value, command.subject
        instance = self._tree.process_instance(key, "migrate.missing")
        target = self._repository.processes.by_key.get(value["targetProcessDefinitionKey"])
        if target is None:
            raise reject("migrate.target", key=value["targetProcessDefinitionKey"])
        self._check(instance, target, mappings)
        self._move(instance, target, dict(mappings))
        self._compensation.migrate(instance, dict(mappings))
        self._kernel.event("PROCESS_INSTANCE_MIGRATION", "MIGRATED", key, value)

    def _check(self, root: Instance, target: Definition, mappings: Sequence[tuple[str, str]]) -> None:
        repeated = [s for s, n in Counter(s for s, _ in mappings).items() if n > 1]
        if repeated:
            raise reject("migrate.duplicate", instance=root.key, ids=", ".join(repeated))
        for source, destination in mappings:
            if source not in root.definition.model.elements:
                raise reject("migrate.source", instance=root.key, id=source)
            if destination not in target.model.elements:
                raise reject("migrate.destination", instance=root.key, id=destination)
        plan = dict(mappings)
        facts = {"instance": root.key, "id": root.element.id}
        self._check_events(root, target.model.root, plan, facts)
        for instance in root.tree()[1:]:
            element = instance.element
            facts = {"instance": root.key, "id": element.id}
            if element.type not in _SUPPORTED:
                raise reject("migrate.unsupported", type=element.type, **facts)
            if element.id not in plan:
                raise reject("migrate.unmapped", **facts)
            new = self._target_of(instance, target, plan)
            if new.type != element.type:
                raise reject("migrate.type", type=element.type, target=new.id, other=new.type, **facts)
            if (new.user_task is None) is not (element.user_task is None):
                kinds = {"kind": _kind(element), "target": new.id, "other": _kind(new)}
                raise reject("migrate.user_task", **kinds, **facts)
            expected = self._target_of(instance.scope, target, plan)
            if new.scope is not expected:
                actual = new.scope.id if new.scope is not None else ""
                raise reject("migrate.scope", expected=expected.id, actual=actual, **facts)
            self._check_events(instance, new, plan, facts)
        if any(instance.active_flows for instance in root.tree()):
            raise reject("migrate.concurrent", instance=root.key)

    def _check_events(
        self, instance: Instance, new: Element, plan: dict[str, str], facts: dict[str, Any]
    ) -> None:
        """The events of an instance must stay with it, of their type, and none of its messages may be awaited twice.

        Those of a scope are the start events of its event sub-processes.
        """
        targets = {event.id: event for event in awaited(new)}
        kept = set()
        for event in awaited(instance.element):
            if event.id not in plan or event is instance.element:
                continue
            destination = plan[event.id]
            found = targets.get(destination)
            # As in the real engine, boundary events of multi-instance activities have no place to go to.
            if found is None or new.type == "MULTI_INSTANCE_BODY":
                raise reject(
                    "migrate.detached", target=new.id, event=event.id, destination=destination, **facts
                )
            if found.event != event.event:
                types = {"old": event.event, "new": found.event}
                raise reject("migrate.event", event=event.id, destination=destination, **types, **facts)
            kept.add(found)
        names = {wait.name for wait in instance.waits if wait.element.event == "MESSAGE"}
        for event in targets.values():
            if event.event == "MESSAGE" and event is not new and event not in kept and names:
                name, _ = self._messages.wanted(instance, event)
                if name in names:
                    raise reject(
                        "migrate.subscribed", instance=facts["instance"], id=new.id, name=name, event=event.id
                    )

    @staticmethod
    def _target_of(instance: Instance | None, target: Definition, plan: dict[str, str]) -> Element:
        if instance is None or instance.scope is None:
            return target.model.root
        if instance.loop_child:
            inner = target.model.elements[plan[instance.element.id]].inner
            assert inner is not None  # its body is checked before it
            return inner
        return target.model.elements[plan[instance.element.id]]

    def _move(self, root: Instance, target: Definition, plan: dict[str, str]) -> None:
        root.definition.running -= 1
        target.running += 1
        for instance, element in [(each, self._target_of(each, target, plan)) for each in root.tree()]:
            instance.element = element
            instance.definition = target
            instance.value = instance.value | {
                "bpmnProcessId": target.id,
                "version": target.version,
                "processDefinitionKey": target.key,
                "elementId": instance.element.id,
            }
            self._kernel.event("PROCESS_INSTANCE", "ELEMENT_MIGRATED", instance.key, instance.value)
            if instance.job is not None:
                facts = self._jobs.value(instance.job) | {"customHeaders": {}, "variables": {}}
                self._kernel.event("JOB", "MIGRATED", instance.job.key, facts)
            if instance.user_task is not None:
                self._user_tasks.migrate(instance.user_task)
            for name, variable in instance.variables.items():
                facts = self._variables.value(instance, name, None)
                self._kernel.event("VARIABLE", "MIGRATED", variable.key, facts)
            self._move_incident(instance)
            if instance.state == "ACTIVATED":
                self._events.migrate(instance, plan)

    def _move_incident(self, instance: Instance) -> None:
        incident = instance.incident
        if incident is None and instance.job is not None:
            incident = instance.job.incident
        if incident is not None:
            incident.value = incident.value | {
                "bpmnProcessId": instance.definition.id,
                "processDefinitionKey": instance.definition.key,
                "elementId": instance.element.id,
            }
            self._kernel.event("INCIDENT", "MIGRATED", incident.key, incident.value)


def _kind(element: Element) -> str:
    """What the engine calls the two ways to do a user task."""
    return "job worker" if element.user_task is None else "zeebe user task"
