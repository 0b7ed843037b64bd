"""Signals: broadcast to every subscription of their name."""

from __future__ import annotations

from functools import partial
from typing import Any

from camunda_embedded._bpmn.model import Element
from camunda_embedded._engine.command import Command, Handlers
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.resources import TENANT, Definition
from camunda_embedded._engine.state import Instance, Wait
from camunda_embedded._engine.tree import Tree
from camunda_embedded._engine.triggers import Triggers
from camunda_embedded._engine.variables import Variables

__all__ = ["Signals"]


class Signals:
    """Who waits for a signal, by its name."""

    def __init__(self, kernel: Kernel, variables: Variables, tree: Tree, triggers: Triggers) -> None:
        self._kernel = kernel
        self._variables = variables
        self._tree = tree
        self._triggers = triggers
        self.handlers: Handlers = {"SIGNAL BROADCAST": self._broadcast}
        self._by_name: dict[str, list[Wait]] = {}

    def wanted(self, instance: Instance | None, element: Element) -> str:
        """The name of the signal; Failure when its expression gives none."""
        assert element.signal is not None
        return str(self._variables.typed(instance, element.signal, "STRING"))

    def open(self, definition: Definition, element: Element, name: str, instance: Instance | None) -> None:
        """Makes an instance wait for a signal, or a start event."""
        wait = Wait(self._kernel.next_key(), name, definition, element, instance)
        if instance is not None:
            instance.waits.append(wait)
        self._by_name.setdefault(name, []).append(wait)
        self._kernel.event("SIGNAL_SUBSCRIPTION", "CREATED", wait.key, self._value(wait))

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
        self._kernel.event("SIGNAL_SUBSCRIPTION", "MIGRATED", wait.key, self._value(wait))

    def close(self, wait: Wait) -> None:
        """Ends a wait."""
        if wait.instance is not None:
            wait.instance.waits.remove(wait)
        same = self._by_name[wait.name]
        same.remove(wait)
        if not same:
            del self._by_name[wait.name]
        self._kernel.event("SIGNAL_SUBSCRIPTION", "DELETED", wait.key, self._value(wait))

    def close_starts(self, process_id: str) -> None:
        """Ends the waits of the start events of a process."""
        for wait in [wait for waits in self._by_name.values() for wait in waits]:
            if wait.instance is None and wait.definition.id == process_id:
                self.close(wait)

    def broadcast(self, name: str, variables: dict[str, Any]) -> int:
        """The command SIGNAL BROADCAST; returns the key of the signal."""
        found: int = self._kernel.execute("SIGNAL", "BROADCAST", -1, self._signal(name, variables))
        return found

    def throw(self, instance: Instance) -> None:
        """An event throws its signal, with its local variables; Failure when its name cannot be had."""
        value = self._signal(self.wanted(instance, instance.element), instance.own())
        self._kernel.send("SIGNAL", "BROADCAST", self._kernel.next_key(), value)

    @staticmethod
    def _signal(name: str, variables: dict[str, Any]) -> dict[str, Any]:
        return {"signalName": name, "variables": variables, "tenantId": TENANT}

    def _broadcast(self, command: Command[None]) -> int:
        key, value = self._kernel.next_key(), command.value
        self._kernel.event("SIGNAL", "BROADCASTED", key, value)
        reach = partial(self._reach, variables=value["variables"])
        self._kernel.spread(tuple(self._by_name.get(value["signalName"], ())), reach)
        return key

    def _reach(self, wait: Wait, variables: dict[str, Any]) -> None:
        if wait.instance is None:
            instance = self._tree.make_process(wait.definition, self._kernel.next_key())
            self._triggers.start_process(instance, wait.element, variables)
        elif wait.instance.triggerable:
            self._triggers.trigger(wait.instance, wait.element, variables)
