"""Events that have happened: handed to the instances that they are for, and who catches an error."""

from __future__ import annotations

from typing import Any

from camunda_embedded._bpmn.model import Element
from camunda_embedded._engine.catching import catching
from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.resources import TENANT
from camunda_embedded._engine.state import Instance, Trigger
from camunda_embedded._engine.tree import Tree
from camunda_embedded._engine.variables import Variables

__all__ = ["Triggers"]


class Triggers:
    """Hands events to the instances that wait for them, and to the process instances that they start."""

    def __init__(self, kernel: Kernel, variables: Variables, tree: Tree) -> None:
        self._kernel = kernel
        self._variables = variables
        self._tree = tree

    def _record(
        self, intent: str, trigger: Trigger, at: Instance, scope_key: int, variables: dict[str, Any]
    ) -> None:
        value = {
            "scopeKey": scope_key,
            "targetElementId": trigger.target.id,
            "variables": variables,
            "processDefinitionKey": at.value["processDefinitionKey"],
            "processInstanceKey": at.value["processInstanceKey"],
            "tenantId": TENANT,
        }
        self._kernel.event("PROCESS_EVENT", intent, trigger.key, value)

    def _triggering(
        self, at: Instance, scope_key: int, target: Element, variables: dict[str, Any]
    ) -> Trigger:
        trigger = Trigger(self._kernel.next_key(), target, variables)
        self._record("TRIGGERING", trigger, at, scope_key, variables)
        return trigger

    def trigger(self, instance: Instance, target: Element, variables: dict[str, Any]) -> None:
        """An event that the instance waits for has happened."""
        trigger = self._triggering(instance, instance.key, target, variables)
        if target.starts_inside:
            self._begin_inside(instance, trigger)
        elif instance.scope is not None and instance.scope.interrupter is not None:
            return  # it comes too late: everything in its scope is being ended
        elif target.type != "BOUNDARY_EVENT":
            instance.trigger = trigger
            self._tree.send_complete(instance)
        elif target.interrupting:
            instance.trigger = trigger
            self._tree.send_terminate(instance)
        elif instance.scope is not None:
            self.activate_event(trigger, instance.scope, instance)

    def _begin_inside(self, scope: Instance, trigger: Trigger) -> None:
        """Begins an event sub-process, at once or after everything else in its scope has ended."""
        if scope.ending:
            return  # it comes too late
        if trigger.target.interrupting:
            scope.trigger, scope.interrupted = trigger, True
            self._tree.send_terminate_children(scope)
        else:
            self._tree.send_activate_triggered(trigger, scope)

    def raise_own(self, instance: Instance, variables: dict[str, Any]) -> None:
        """The instance itself has a result, which it deals with when it completes."""
        instance.trigger = self._triggering(instance, instance.key, instance.element, variables)

    def raise_heard(self, instance: Instance, variables: dict[str, Any]) -> None:
        """A listener of the instance has a result, which the instance deals with before it goes on."""
        instance.heard = self._triggering(instance, instance.key, instance.element, variables)

    def triggered(self, trigger: Trigger, at: Instance, scope_key: int) -> None:
        """The instance has dealt with the trigger."""
        self._record("TRIGGERED", trigger, at, scope_key, {})

    def start_process(self, instance: Instance, start: Element, variables: dict[str, Any]) -> None:
        """A start event was triggered: the new process instance begins with it."""
        instance.trigger = self._triggering(instance, instance.definition.key, start, variables)
        self._tree.send_activate_process(instance)

    def activate_event(self, trigger: Trigger, scope: Instance, host: Instance) -> None:
        """Activates the event that was triggered (a boundary or start event, an event behind a gateway) with its variables.

        ``host`` is what was waiting for it: an activity, a gateway, or the process instance itself.
        """
        starts_process = trigger.target.scope is host.definition.model.root and host.scope is None
        scope_key = host.definition.key if starts_process else host.key
        self.triggered(trigger, host, scope_key)
        instance = self._tree.make(trigger.target, scope)
        self._tree.record(instance, "ELEMENT_ACTIVATING")
        self._tree.activated(instance)
        self._variables.set_all_local(instance, trigger.variables)
        self._tree.send_complete(instance)

    # --- errors ---

    def find_catcher(
        self, instance: Instance, code: str, message: str = ""
    ) -> tuple[Instance, Element] | Failure:
        """The nearest instance with an error event for that code, and the event; else the Failure to be raised."""
        known: list[str] = []
        for at, events in catching(instance, "ERROR"):
            fallback = None
            for event in events:
                if event.error is None:
                    fallback = event
                    continue
                caught = self._variables.typed(at, event.error, "STRING")
                if caught == code:
                    return at, event
                known.append(caught)
            if fallback is not None:
                return at, fallback
        with_message = f" with message '{message}'" if message else ""
        text = (
            f"Expected to throw an error event with the code '{code}'{with_message}, but it was not caught. "
        )
        text += (
            f"Available error events are [{', '.join(known)}]"
            if known
            else "No error events are available in the scope."
        )
        return Failure("UNHANDLED_ERROR_EVENT", text)
