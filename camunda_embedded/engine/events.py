"""Events at element instances: what is waited for, what was caught, and who catches an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from camunda_embedded.bpmn.model import Element
from camunda_embedded.engine.incidents import Failure
from camunda_embedded.engine.state import TENANT, Instance, Trigger

if TYPE_CHECKING:
    from camunda_embedded.engine.core import Engine

__all__ = ["Events"]


class Events:
    """Opens and closes subscriptions, and hands triggers to the instances they are for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # --- waiting ---

    @staticmethod
    def awaited(instance: Instance) -> list[Element]:
        """The events that end the wait of an instance or leave it by its border."""
        element = instance.element
        if element.type == "EVENT_BASED_GATEWAY":
            return [flow.target for flow in element.outgoing]
        own = [element] if element.type in ("RECEIVE_TASK", "INTERMEDIATE_CATCH_EVENT") else []
        return own + [event for event in element.boundary if event.event != "ERROR"]

    def subscribe(self, instance: Instance) -> None:
        """Waits for every event of the instance; Failure (and no subscription) when an expression cannot be evaluated."""
        engine = self._engine
        events = self.awaited(instance)
        if not events:
            return
        messages = [(e, *engine.messages.wanted(instance, e)) for e in events if e.message is not None]
        timers = [(e, *engine.timers.wanted(instance, e)) for e in events if e.timer is not None]
        signals = [(e, engine.signals.wanted(instance, e)) for e in events if e.signal is not None]
        for event, name, key in messages:
            engine.messages.open(instance, event, name, key)
        for event, due, repetitions, cycle in timers:
            engine.timers.start(instance.definition, event, due, repetitions, cycle, instance)
        for event, name in signals:
            engine.signals.open(instance, event, name)

    def unsubscribe(self, instance: Instance) -> None:
        """Ends every wait of the instance."""
        for timer in tuple(instance.timers):
            self._engine.timers.cancel(timer)
        for message in sorted(instance.messages, key=lambda found: found.name):
            self._engine.messages.close(message)
        for signal in sorted(instance.signals, key=lambda found: found.name):
            self._engine.signals.close(signal)

    # --- triggering ---

    def _record(
        self,
        intent: str,
        key: int,
        scope_key: int,
        target: str,
        variables: dict[str, Any],
        value: dict[str, Any],
    ) -> None:
        self._engine.event(
            "PROCESS_EVENT",
            intent,
            key,
            {
                "scopeKey": scope_key,
                "targetElementId": target,
                "variables": variables,
                "processDefinitionKey": value["processDefinitionKey"],
                "processInstanceKey": value["processInstanceKey"],
                "tenantId": TENANT,
            },
        )

    def trigger(self, instance: Instance, target: Element, variables: dict[str, Any]) -> None:
        """An event that the instance waits for has happened."""
        lifecycle = self._engine.lifecycle
        trigger = Trigger(self._engine.next_key(), target, variables)
        self._record("TRIGGERING", trigger.key, instance.key, target.id, variables, instance.value)
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
        instance.trigger = Trigger(self._engine.next_key(), instance.element, variables)
        self._record(
            "TRIGGERING", instance.trigger.key, instance.key, instance.element.id, variables, instance.value
        )

    def triggered(self, trigger: Trigger, at: Instance, scope_key: int) -> None:
        """The instance has dealt with the trigger."""
        self._record("TRIGGERED", trigger.key, scope_key, trigger.target.id, {}, at.value)

    def start_process(self, instance: Instance, start: Element, variables: dict[str, Any]) -> None:
        """A start event was triggered: the new process instance begins with it."""
        trigger = Trigger(self._engine.next_key(), start, variables)
        instance.trigger = trigger
        self._record("TRIGGERING", trigger.key, instance.definition.key, start.id, variables, instance.value)
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
