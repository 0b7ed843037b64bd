"""Timers of events: when they are due, how often, and what they trigger."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from camunda_embedded import _feel as feel
from camunda_embedded import _timing as timing
from camunda_embedded._bpmn.model import Element
from camunda_embedded._engine.command import Command, Handlers
from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.resources import TENANT, Definition
from camunda_embedded._engine.schedule import Appointment
from camunda_embedded._engine.state import Instance, Wait
from camunda_embedded._engine.tree import Tree
from camunda_embedded._engine.triggers import Triggers
from camunda_embedded._engine.variables import Variables
from camunda_embedded._feel.values import type_name
from camunda_embedded._timing import Cycle

__all__ = ["Timers"]

#: What the expression of each kind of timer may give.
_KINDS = {
    "Duration": ("DURATION", "PERIOD", "STRING"),
    "Date": ("DATE_TIME", "STRING"),
    "Cycle": ("STRING",),
}
Wanted = tuple[int, int, Cycle | None]


@dataclass(eq=False, slots=True)
class _Timer(Wait):
    due: int
    repetitions: int
    cycle: Cycle | None
    #: The instance that a start event's timer started last; -1 before the first.
    started: int
    cancelled: bool = False
    appointment: Appointment | None = None


class Timers:
    """Starts, fires and cancels timers."""

    def __init__(self, kernel: Kernel, variables: Variables, tree: Tree, triggers: Triggers) -> None:
        self._kernel = kernel
        self._variables = variables
        self._tree = tree
        self._triggers = triggers
        self.handlers: Handlers = {"TIMER TRIGGER": self._trigger}
        self._starts: dict[str, list[_Timer]] = {}

    def wanted(self, instance: Instance | None, element: Element) -> Wanted:
        """Due date, repetitions and cycle of an event's timer; Failure when its expression gives none."""
        timer = element.timer
        assert timer is not None
        expression, now = timer.value, self._kernel.now()
        value = self._variables.typed(instance, expression, *_KINDS[timer.kind])
        text = value if type_name(value) == "STRING" else str(feel.to_json(value))
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

    def open(self, definition: Definition, element: Element, wanted: Wanted, instance: Instance | None,
             started: int = -1) -> None:  # fmt: skip
        """Sets a timer; ``started`` is the instance that the start event's timer before this one started."""
        timer = _Timer(self._kernel.next_key(), "", definition, element, instance, *wanted, started)
        self._siblings(timer).append(timer)
        timer.appointment = self._kernel.schedule.at(timer.due, partial(self._fall_due, timer))
        self._kernel.event("TIMER", "CREATED", timer.key, self._value(timer))

    def _siblings(self, timer: _Timer) -> list[Any]:
        if timer.instance is not None:
            return timer.instance.waits
        return self._starts.setdefault(timer.definition.id, [])

    @staticmethod
    def _value(timer: _Timer) -> dict[str, Any]:
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

    def migrate(self, timer: _Timer, definition: Definition, element: Element) -> None:
        """Makes a timer one of an event of another definition."""
        timer.definition, timer.element = definition, element
        self._kernel.event("TIMER", "MIGRATED", timer.key, self._value(timer))

    def close(self, timer: _Timer) -> None:
        """Ends a timer before its time."""
        timer.cancelled = True
        self._remove(timer)
        self._kernel.event("TIMER", "CANCELED", timer.key, self._value(timer))

    def close_starts(self, process_id: str) -> None:
        """Ends the timers of the start events of a process."""
        for timer in tuple(self._starts.get(process_id, ())):
            self.close(timer)

    def _remove(self, timer: _Timer) -> None:
        self._kernel.schedule.cancel(timer.appointment)
        siblings = self._siblings(timer)
        siblings.remove(timer)
        if not siblings and timer.instance is None:
            del self._starts[timer.definition.id]

    def _fall_due(self, timer: _Timer) -> Command[_Timer]:
        return Command("TIMER", "TRIGGER", timer.key, self._value(timer), timer)

    def _trigger(self, command: Command[_Timer]) -> None:
        timer, value = command.subject, command.value
        instance = timer.instance
        if timer.cancelled or (instance is not None and not instance.triggerable):
            raise reject("timer.missing", key=timer.key)
        self._remove(timer)
        started = -1
        if instance is not None:
            self._kernel.event("TIMER", "TRIGGERED", timer.key, value)
            self._triggers.trigger(instance, timer.element, {})
        else:
            new = self._tree.make_process(timer.definition, self._kernel.next_key())
            started = new.key
            self._kernel.event("TIMER", "TRIGGERED", timer.key, value | {"processInstanceKey": started})
            self._triggers.start_process(new, timer.element, {})
        if timer.cycle is not None and timer.repetitions != 1:
            left = timer.repetitions - 1 if timer.repetitions > 0 else -1
            try:
                due = timer.cycle.following(timer.due, self._kernel.now())
            except ValueError:
                return  # it would be after the last year that there is
            self.open(timer.definition, timer.element, (due, left, timer.cycle), instance, started)
