"""Migrating a running process instance to another process definition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from camunda_embedded._bpmn.model import Element
from camunda_embedded._engine.events import awaited
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.resources import TENANT, Definition
from camunda_embedded._engine.state import Instance

if TYPE_CHECKING:
    from camunda_embedded._engine.core import Engine

__all__ = ["Migration"]

#: What a real 8.6.0 migrates while it is active.
_SUPPORTED = frozenset({
    "PROCESS", "SERVICE_TASK", "USER_TASK", "SEND_TASK", "SCRIPT_TASK", "BUSINESS_RULE_TASK", "RECEIVE_TASK", "SUB_PROCESS",
    "CALL_ACTIVITY", "MULTI_INSTANCE_BODY", "INTERMEDIATE_CATCH_EVENT", "EVENT_BASED_GATEWAY",
})  # fmt: skip


class Migration:
    """The command PROCESS_INSTANCE_MIGRATION MIGRATE."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def migrate(self, key: int, target_key: int, mappings: Sequence[tuple[str, str]]) -> None:
        """Moves an instance over; ``mappings`` are pairs of a source and a target element id."""
        engine = self._engine
        value: dict[str, Any] = {
            "processInstanceKey": key,
            "targetProcessDefinitionKey": target_key,
            "mappingInstructions": [{"sourceElementId": s, "targetElementId": t} for s, t in mappings],
            "tenantId": TENANT,
        }

        def handle() -> None:
            instance = engine.lifecycle.process_instance(key, "migrate.missing")
            target = engine.deployments.processes.by_key.get(target_key)
            if target is None:
                raise reject("migrate.target", key=target_key)
            self._check(instance, target, mappings)
            self._move(instance, target, dict(mappings))
            engine.event("PROCESS_INSTANCE_MIGRATION", "MIGRATED", key, value)

        engine.execute("PROCESS_INSTANCE_MIGRATION", "MIGRATE", key, value, handle)

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
        """The events of an instance must stay with it, of their type, and none of its messages may be awaited twice."""
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
                name, _ = self._engine.messages.wanted(instance, event)
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
        engine = self._engine
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
            engine.event("PROCESS_INSTANCE", "ELEMENT_MIGRATED", instance.key, instance.value)
            if instance.job is not None:
                facts = engine.jobs.value(instance.job) | {"customHeaders": {}, "variables": {}}
                engine.event("JOB", "MIGRATED", instance.job.key, facts)
            for name, variable in instance.variables.items():
                facts = engine.variables.value(instance, name, None)
                engine.event("VARIABLE", "MIGRATED", variable.key, facts)
            self._move_incident(instance)
            if instance.state == "ACTIVATED":
                engine.events.migrate(instance, plan)

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
            self._engine.event("INCIDENT", "MIGRATED", incident.key, incident.value)
