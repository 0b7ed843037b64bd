"""Signals: broadcast to every subscription of their name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from camunda_embedded._bpmn.model import Element
from camunda_embedded._engine.resources import TENANT, Definition
from camunda_embedded._engine.state import Instance, Wait

if TYPE_CHECKING:
    from camunda_embedded._engine.core import Engine

__all__ = ["Signals"]


class Signals:
    """Who waits for a signal, by its name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._by_name: dict[str, list[Wait]] = {}

    def wanted(self, instance: Instance | None, element: Element) -> str:
        """The name of the signal; Failure when its expression gives none."""
        assert element.signal is not None
        return str(self._engine.variables.typed(instance, element.signal, "STRING"))

    def open(self, definition: Definition, element: Element, name: str, instance: Instance | None) -> None:
        """Makes an instance wait for a signal, or a start event."""
        wait = Wait(self._engine.next_key(), name, definition, element, instance)
        if instance is not None:
            instance.waits.append(wait)
        self._by_name.setdefault(name, []).append(wait)
        self._engine.event("SIGNAL_SUBSCRIPTION", "CREATED", wait.key, self._value(wait))

    @staticmethod
    def _value(wait: Wait) -> dict[str, Any]:
        return {
            "processDefinitionKey": wait.definition.key,
            "bpmnProcessId": wait.definition.id,
            "catchEventId": wait.element.id,
            "catchEventInstanceKey": wait.instance.key if wait.instance is not None else -1,
            "signalName": wait.name,
            "tenantId": TENANT,
        }

    def migrate(self, wait: Wait, definition: Definition, element: Element) -> None:
        """Makes a wait one for an event of another definition."""
        wait.definition, wait.element = definition, element
        self._engine.event("SIGNAL_SUBSCRIPTION", "MIGRATED", wait.key, self._value(wait))

    def close(self, wait: Wait) -> None:
        """Ends a wait."""
        if wait.instance is not None:
            wait.instance.waits.remove(wait)
        same = self._by_name[wait.name]
        same.remove(wait)
        if not same:
            del self._by_name[wait.name]
        self._engine.event("SIGNAL_SUBSCRIPTION", "DELETED", wait.key, self._value(wait))

    def close_starts(self, process_id: str) -> None:
        """Ends the waits of the start events of a process."""
        for wait in [wait for waits in self._by_name.values() for wait in waits]:
            if wait.instance is None and wait.definition.id == process_id:
                self.close(wait)

    def broadcast(self, name: str, variables: dict[str, Any]) -> int:
        """The command SIGNAL BROADCAST; returns the key of the signal."""
        value = {"signalName": name, "variables": variables, "tenantId": TENANT}
        return self._engine.execute("SIGNAL", "BROADCAST", -1, value, lambda: self._broadcast(value))

    def throw(self, instance: Instance) -> None:
        """An event throws its signal, with its local variables; Failure when its name cannot be had."""
        name = self.wanted(instance, instance.element)
        value = {"signalName": name, "variables": instance.own(), "tenantId": TENANT}

        def handle() -> None:
            self._broadcast(value)

        self._engine.follow("SIGNAL", "BROADCAST", self._engine.next_key(), value, handle)

    def _broadcast(self, value: dict[str, Any]) -> int:
        engine = self._engine
        key = engine.next_key()
        engine.event("SIGNAL", "BROADCASTED", key, value)

        def reach(wait: Wait) -> None:
            if wait.instance is None:
                instance = engine.lifecycle.make_process(wait.definition, engine.next_key())
                engine.events.start_process(instance, wait.element, value["variables"])
            elif wait.instance.triggerable:
                engine.events.trigger(wait.instance, wait.element, value["variables"])

        engine.spread(tuple(self._by_name.get(value["signalName"], ())), reach)
        return key
