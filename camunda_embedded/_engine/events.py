"""Events at element instances: what is waited for, what was caught, and who catches an error."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from camunda_embedded._bpmn.model import Element
from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.resources import TENANT, Definition
from camunda_embedded._engine.state import Instance, Trigger

if TYPE_CHECKING:
    from camunda_embedded._engine.core import Engine

__all__ = ["Events", "awaited"]


def awaited(element: Element) -> list[Element]:
    """The events that end the wait of an element or leave it by its border."""
    if element.type == "EVENT_BASED_GATEWAY":
        return [flow.target for flow in element.outgoing]
    own = [element] if element.type in ("RECEIVE_TASK", "INTERMEDIATE_CATCH_EVENT") else []
    return own + element.boundary


class Events:
    """Opens and closes subscriptions, and hands triggers to the instances they are for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        #: Where the waits for each type of event are; alike in ``wanted``, ``open``, ``close`` and ``close_starts``.
        self._sources: dict[str, Any] = {
            "MESSAGE": engine.messages,
            "TIMER": engine.timers,
            "SIGNAL": engine.signals,
        }

    # --- waiting ---

    def subscribe(self, instance: Instance, but: Collection[Element] = ()) -> None:
        """Waits for every event of the instance; Failure (and no wait) when an expression cannot be evaluated."""
        events = [event for event in awaited(instance.element) if event not in but]
        if not events:
            return
        found = [
            (source, event, source.wanted(instance, event))
            for kind, source in self._sources.items()
            for event in events
            if event.event == kind
        ]
        for source, event, wanted in found:
            source.open(instance.definition, event, wanted, instance)

    def unsubscribe(self, instance: Instance) -> None:
        """Ends every wait of the instance."""
        order = ("TIMER", "MESSAGE", "SIGNAL")
        for wait in sorted(instance.waits, key=lambda wait: (order.index(wait.element.event), wait.name)):
            self._sources[wait.element.event].close(wait)

    def migrate(self, instance: Instance, plan: Mapping[str, str]) -> None:
        """The instance is one of another definition now: waits for mapped events go along, others are closed and opened."""
        order = tuple(self._sources)
        waits = sorted(instance.waits, key=lambda wait: (order.index(wait.element.event), wait.name))
        elements = instance.definition.model.elements
        along = {wait: elements[plan[wait.element.id]] for wait in waits if wait.element.id in plan}
        for wait in waits:
            if wait not in along:
                self._sources[wait.element.event].close(wait)
        self.subscribe(instance, along.values())
        for wait, event in along.items():
            self._sources[event.event].migrate(wait, instance.definition, event)

    def start_wanted(self, start: Element) -> Any:
        """What a start event waits for, None when for nothing; Failure when its expression cannot be evaluated."""
        source = self._sources.get(start.event)
        return source.wanted(None, start) if source is not None else None

    def open_starts(self, definition: Definition, *kinds: str) -> None:
        """Makes the start events of these types wait."""
        for start in definition.model.starts:
            if start.event in kinds:
                self._sources[start.event].open(definition, start, self.start_wanted(start), None)

    def close_starts(self, process_id: str, *kinds: str) -> None:
        """Ends the waits of the start events of these types."""
        for kind in kinds:
            self._sources[kind].close_starts(process_id)

    # --- triggering ---

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
        self._engine.event("PROCESS_EVENT", intent, trigger.key, value)

    def _triggering(
        self, at: Instance, scope_key: int, target: Element, variables: dict[str, Any]
    ) -> Trigger:
        trigger = Trigger(self._engine.next_key(), target, variables)
        self._record("TRIGGERING", trigger, at, scope_key, variables)
        return trigger

    def trigger(self, instance: Instance, target: Element, variables: dict[str, Any]) -> None:
        """An event that the instance waits for has happened."""
        lifecycle = self._engine.lifecycle
        trigger = self._triggering(instance, instance.key, target, variables)
        if target.type != "BOUNDARY_EVENT":
            instance.trigger = trigger
            lifecycle.send_complete(instance)
        elif target.interrupting:
            instance.trigger = trigger
            lifecycle.send_terminate(instance)
        elif instance.scope is not None:
            lifecycle.activate_event(trigger, instance.scope, instance)

    def raise_own(self, instance: Instance, variables: dict[str, Any]) -> None:
        """The instance itself has a result, which it deals with when it completes."""
        instance.trigger = self._triggering(instance, instance.key, instance.element, variables)

    def triggered(self, trigger: Trigger, at: Instance, scope_key: int) -> None:
        """The instance has dealt with the trigger."""
        self._record("TRIGGERED", trigger, at, scope_key, {})

    def start_process(self, instance: Instance, start: Element, variables: dict[str, Any]) -> None:
        """A start event was triggered: the new process instance begins with it."""
        instance.trigger = self._triggering(instance, instance.definition.key, start, variables)
        self._engine.lifecycle.send_activate_process(instance)

    # --- errors ---

    def find_catcher(
        self, instance: Instance, code: str, message: str = ""
    ) -> tuple[Instance, Element] | Failure:
        """The nearest instance with an error event for that code, and the event; else the Failure to be raised."""
        known: list[str] = []
        at: Instance | None = instance
        while at is not None:
            fallback = None
            for event in at.element.boundary:
                if event.event != "ERROR" or at.state == "TERMINATING" or at.trigger is not None:
                    continue
                if event.error is None:
                    fallback = event
                    continue
                caught = self._engine.variables.typed(at, event.error, "STRING")
                if caught == code:
                    return at, event
                known.append(caught)
            if fallback is not None:
                return at, fallback
            at = at.scope if at.scope is not None else at.caller
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
