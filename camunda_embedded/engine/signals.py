"""Signals: broadcast to every subscription of their name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from camunda_embedded.bpmn.model import Element
from camunda_embedded.engine.resources import TENANT, Definition
from camunda_embedded.engine.state import Instance, SignalSubscription

if TYPE_CHECKING:
    from camunda_embedded.engine.core import Engine

__all__ = ["Signals"]


class Signals:
    """Signal subscriptions by name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._by_name: dict[str, list[SignalSubscription]] = {}

    def wanted(self, instance: Instance | None, element: Element) -> str:
        """The name of the signal; Failure when its expression gives none."""
        if element.signal is None:
            return ""
        return str(self._engine.variables.typed(instance, element.signal, "STRING"))

    def open(self, instance: Instance, element: Element, name: str) -> None:
        """Makes an instance wait for a signal."""
        instance.signals.append(self._add(name, instance.definition, element, instance))

    def open_start(self, definition: Definition, element: Element) -> None:
        """Makes a start event wait for a signal."""
        self._add(self.wanted(None, element), definition, element, None)

    def _add(
        self, name: str, definition: Definition, element: Element, instance: Instance | None
    ) -> SignalSubscription:
        found = SignalSubscription(self._engine.next_key(), name, definition, element, instance)
        self._by_name.setdefault(name, []).append(found)
        self._engine.event("SIGNAL_SUBSCRIPTION", "CREATED", found.key, self._value(found))
        return found

    @staticmethod
    def _value(found: SignalSubscription) -> dict[str, Any]:
        return {
            "processDefinitionKey": found.definition.key,
            "bpmnProcessId": found.definition.id,
            "catchEventId": found.element.id,
            "catchEventInstanceKey": found.instance.key if found.instance is not None else -1,
            "signalName": found.name,
            "tenantId": TENANT,
        }

    def close(self, found: SignalSubscription) -> None:
        """Ends a wait."""
        if found.instance is not None:
            found.instance.signals.remove(found)
        same = self._by_name.get(found.name, [])
        if found in same:
            same.remove(found)
            if not same:
                del self._by_name[found.name]
        self._engine.event("SIGNAL_SUBSCRIPTION", "DELETED", found.key, self._value(found))

    def close_starts(self, process_id: str) -> None:
        """Ends the waits of the start events of a process."""
        for found in [f for all_ in tuple(self._by_name.values()) for f in all_]:
            if found.instance is None and found.definition.id == process_id:
                self.close(found)

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
        for found in tuple(self._by_name.get(value["signalName"], ())):
            if found.instance is not None:
                if (
                    found.instance.state not in ("ACTIVATING", "ACTIVATED")
                    or found.instance.trigger is not None
                ):
                    continue
                engine.events.trigger(found.instance, found.element, value["variables"])
            else:
                instance = engine.lifecycle.make_process(found.definition, engine.next_key())
                engine.events.start_process(instance, found.element, value["variables"])
        return key
