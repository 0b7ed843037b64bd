"""Events that element instances and processes wait for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from camunda_embedded._bpmn.model import Element
from camunda_embedded._engine.conditions import Conditions
from camunda_embedded._engine.messages import Messages
from camunda_embedded._engine.resources import Definition
from camunda_embedded._engine.signals import Signals
from camunda_embedded._engine.state import Instance
from camunda_embedded._engine.timers import Timers

__all__ = ["Events", "awaited"]


def awaited(element: Element) -> list[Element]:
    """The events that end the wait of an element, begin something inside it, or leave it by its border."""
    if element.type == "EVENT_BASED_GATEWAY":
        return [flow.target for flow in element.outgoing]
    own = [element] if element.type in ("RECEIVE_TASK", "INTERMEDIATE_CATCH_EVENT") else []
    return own + (element.event_starts + element.boundary if element.event_starts else element.boundary)


class Events:
    """Opens and closes the waits of instances and of start events."""

    def __init__(self, messages: Messages, timers: Timers, signals: Signals, conditions: Conditions) -> None:
        #: Where the waits for each type of event are; alike in ``wanted``, ``open``, ``close`` and ``close_starts``.
        self._sources: dict[str, Any] = {
            "MESSAGE": messages,
            "TIMER": timers,
            "SIGNAL": signals,
            "CONDITIONAL": conditions,
        }

    # --- waiting ---

    def subscribe(self, instance: Instance, but: Collection[Element] = ()) -> None:
        """Waits for every event of the instance; Failure (and no wait) when an expression cannot be evaluated."""
        events = awaited(instance.element)
        if not events:
            return
        events = [
            event
            for event in events
            if event not in but and not (instance.interrupted and event.starts_inside)
        ]
        found = [
            (source, event, source.wanted(instance, event))
            for kind, source in self._sources.items()
            for event in events
            if event.event == kind
        ]
        for source, event, wanted in found:
            source.open(instance.definition, event, wanted, instance)

    def unsubscribe(self, instance: Instance, events: Collection[Element] | None = None) -> None:
        """Ends every wait of the instance, or those for these events."""
        if not instance.waits:
            return
        order = ("TIMER", "MESSAGE", "SIGNAL", "CONDITIONAL")
        for wait in sorted(instance.waits, key=lambda wait: (order.index(wait.element.event), wait.name)):
            if events is None or wait.element in events:
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
