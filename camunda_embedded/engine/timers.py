"""Timers of events: when they are due, how often, and what they trigger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from camunda_embedded import feel, timing
from camunda_embedded.bpmn.model import Element
from camunda_embedded.engine.incidents import Failure
from camunda_embedded.engine.rejections import reject
from camunda_embedded.engine.resources import TENANT, Definition
from camunda_embedded.engine.schedule import Due
from camunda_embedded.engine.state import Instance, TimerState
from camunda_embedded.feel.values import type_name
from camunda_embedded.timing import Cycle

if TYPE_CHECKING:
    from camunda_embedded.engine.core import Engine

__all__ = ["Timers"]


class Timers:
    """Starts, fires and cancels timers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._starts: dict[str, list[TimerState]] = {}

    def wanted(self, instance: Instance | None, element: Element) -> tuple[int, int, Cycle | None]:
        """Due date, repetitions and cycle of an event's timer; Failure when its expression gives none."""
        timer = element.timer
        if timer is None:
            raise Failure("EXTRACT_VALUE_ERROR", "no timer")
        expression, now = timer.value, self._engine.now()
        kinds = {
            "Duration": ("DURATION", "PERIOD", "STRING"),
            "Date": ("DATE_TIME", "STRING"),
            "Cycle": ("STRING",),
        }[timer.kind]
        value = self._engine.variables.typed(instance, expression, *kinds)
        text = self._text(value)
        try:
            if timer.kind == "Duration":
                return timing.parse_period(text).after(now), 1, None
            if timer.kind == "Date":
                return timing.parse_date(text), 1, None
            cycle = timing.parse_cycle(text)
            return cycle.first(now), cycle.repetitions, cycle
        except ValueError as error:
            where = f" for expression '{expression.text}'." if timer.kind != "Cycle" else ""
            raise Failure("EXTRACT_VALUE_ERROR", f"{error}{where}") from None

    @staticmethod
    def _text(value: Any) -> str:
        return value if type_name(value) == "STRING" else str(feel.to_json(value))

    def start(self, definition: Definition, element: Element, due: int, repetitions: int, cycle: Cycle | None,
              instance: Instance | None, started: int = -1) -> None:  # fmt: skip
        """Sets a timer; ``started`` is the instance that the start event's timer before this one started."""
        timer = TimerState(
            self._engine.next_key(), due, repetitions, definition, instance, element, cycle, started
        )
        if instance is not None:
            instance.timers.append(timer)
        else:
            self._starts.setdefault(definition.id, []).append(timer)
        timer.appointment = self._engine.schedule.at(due, lambda: self._fire(timer))
        self._engine.event("TIMER", "CREATED", timer.key, self._value(timer))

    @staticmethod
    def _value(timer: TimerState) -> dict[str, Any]:
        instance = timer.instance
        return {
            "elementInstanceKey": instance.key if instance is not None else -1,
            "processInstanceKey": instance.root.key if instance is not None else timer.started,
            "processDefinitionKey": timer.definition.key,
            "targetElementId": timer.element.id,
            "dueDate": timer.due,
            "repetitions": timer.repetitions,
            "tenantId": TENANT,
        }

    def cancel(self, timer: TimerState) -> None:
        """Ends a timer before its time."""
        timer.cancelled = True
        self._remove(timer)
        self._engine.event("TIMER", "CANCELED", timer.key, self._value(timer))

    def _remove(self, timer: TimerState) -> None:
        self._engine.schedule.cancel(timer.appointment)
        timers = (
            timer.instance.timers if timer.instance is not None else self._starts.get(timer.definition.id, [])
        )
        if timer in timers:
            timers.remove(timer)

    def _fire(self, timer: TimerState) -> Due:
        value = self._value(timer)

        def handle() -> None:
            instance = timer.instance
            gone = timer.cancelled or (
                instance is not None and instance.state not in ("ACTIVATING", "ACTIVATED")
            )
            if gone or (instance is not None and instance.trigger is not None):
                raise reject("timer.missing", key=timer.key)
            self._remove(timer)
            started = -1
            if instance is not None:
                self._engine.event("TIMER", "TRIGGERED", timer.key, value)
                self._engine.events.trigger(instance, timer.element, {})
            else:
                new = self._engine.lifecycle.make_process(timer.definition, self._engine.next_key())
                started = new.key
                self._engine.event("TIMER", "TRIGGERED", timer.key, value | {"processInstanceKey": started})
                self._engine.events.start_process(new, timer.element, {})
            if timer.cycle is not None and timer.repetitions != 1:
                left = timer.repetitions - 1 if timer.repetitions > 0 else -1
                due = timer.cycle.following(timer.due)
                self.start(timer.definition, timer.element, due, left, timer.cycle, instance, started)

        return Due("TIMER", "TRIGGER", timer.key, value, handle)

    def cancel_starts(self, process_id: str) -> None:
        """Ends the timers of the start events of a process."""
        for timer in tuple(self._starts.pop(process_id, ())):
            timer.cancelled = True
            self._engine.schedule.cancel(timer.appointment)
            self._engine.event("TIMER", "CANCELED", timer.key, self._value(timer))
