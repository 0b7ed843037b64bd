"""Conditional events: waited for until their condition holds, which is asked again whenever a variable of it changes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from camunda_embedded import _feel as feel
from camunda_embedded._bpmn.model import Condition, Element
from camunda_embedded._engine.command import Command, Handler, Handlers
from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.resources import TENANT, Definition, Repository
from camunda_embedded._engine.state import Instance, Wait
from camunda_embedded._engine.tree import Tree
from camunda_embedded._engine.triggers import Triggers
from camunda_embedded._engine.variables import Scope, Variables

__all__ = ["Conditions"]

_SUBSCRIPTION = "CONDITIONAL_SUBSCRIPTION"
_EVALUATION = "CONDITIONAL_EVALUATION"


@dataclass(eq=False, slots=True)
class _Wait(Wait):
    condition: Condition
    #: Whether its condition has held, and what follows from that waits in the queue.
    triggered: bool = False


class Conditions:
    """Who waits for a condition. Needs ``observing`` around the handlers of all parts that change variables."""

    def __init__(
        self, kernel: Kernel, variables: Variables, repository: Repository, tree: Tree, triggers: Triggers
    ) -> None:
        self._kernel = kernel
        self._variables = variables
        self._repository = repository
        self._tree = tree
        self._triggers = triggers
        self.handlers: Handlers = {
            f"{_SUBSCRIPTION} TRIGGER": self._trigger,
            f"{_EVALUATION} EVALUATE": self._evaluate,
        }
        self._starts: list[_Wait] = []
        #: How many waits each process instance has: most have none, and pay nothing.
        self._waits: dict[int, int] = {}
        #: What the current command has opened, and the variables that it has changed, by scope.
        self._opened: list[_Wait] = []
        self._changed: dict[Instance, dict[str, set[str]]] = {}

    # --- waiting ---

    def wanted(self, instance: Instance | None, element: Element) -> Condition:
        """The condition of an event."""
        assert element.condition is not None
        return element.condition

    def open(
        self, definition: Definition, element: Element, condition: Condition, instance: Instance | None
    ) -> None:
        """Makes an instance wait for a condition, which may hold already; or a start event."""
        wait = _Wait(self._kernel.next_key(), "", definition, element, instance, condition)
        if instance is not None:
            instance.waits.append(wait)
            self._waits[instance.root.key] = self._waits.get(instance.root.key, 0) + 1
            self._opened.append(wait)
        else:
            self._starts.append(wait)
        self._record("CREATED", wait)

    def _record(self, intent: str, wait: _Wait) -> None:
        self._kernel.event(_SUBSCRIPTION, intent, wait.key, self._value(wait))

    @staticmethod
    def _value(wait: _Wait) -> dict[str, Any]:
        instance = wait.instance
        return {
            "scopeKey": instance.key if instance is not None else -1,
            "elementInstanceKey": instance.key if instance is not None else -1,
            "processInstanceKey": instance.root.key if instance is not None else -1,
            "processDefinitionKey": wait.definition.key,
            "bpmnProcessId": wait.definition.id,
            "catchEventId": wait.element.id,
            "interrupting": wait.element.interrupting,
            "condition": f"={wait.condition.expression.text}",
            "variableEvents": list(wait.condition.written_events),
            "tenantId": TENANT,
        }

    def migrate(self, wait: _Wait, definition: Definition, element: Element) -> None:
        """Makes a wait one for an event of another definition, with the condition that it has there."""
        wait.definition, wait.element, wait.condition = definition, element, self.wanted(None, element)
        self._record("MIGRATED", wait)

    def close(self, wait: _Wait) -> None:
        """Ends a wait."""
        self._remove(wait)
        self._record("DELETED", wait)

    def _remove(self, wait: _Wait) -> None:
        instance = wait.instance
        if instance is None:
            self._starts.remove(wait)
            return
        instance.waits.remove(wait)
        key = instance.root.key
        self._waits[key] -= 1
        if not self._waits[key]:
            del self._waits[key]

    def close_starts(self, process_id: str) -> None:
        """Ends the waits of the start events of a process."""
        for wait in [wait for wait in self._starts if wait.definition.id == process_id]:
            self.close(wait)

    # --- changes ---

    def note(self, scope: Instance, name: str, event: str) -> None:
        """A variable was changed: ``event`` is CREATED or UPDATED."""
        if scope.root.key in self._waits:
            self._changed.setdefault(scope, {}).setdefault(name, set()).add(event)

    def observing(self, handlers: Handlers) -> Handlers:
        """The same handlers; after each command, conditions are asked of which it has changed a variable."""
        return {name: self._observing(handler) for name, handler in handlers.items()}

    def _observing(self, handler: Handler) -> Handler:
        def observed(command: Command[Any]) -> Any:
            try:
                return handler(command)
            finally:
                if self._opened or self._changed:
                    self._ask()

        return observed

    def _ask(self) -> None:
        opened, self._opened = self._opened, []
        changed, self._changed = self._changed, {}
        for wait in opened:
            if wait.instance is not None and wait in wait.instance.waits:
                self._ask_one(wait)
        for scope, names in changed.items():
            self._ask_inside(scope, names)

    def _ask_inside(self, outer: Instance, changed: dict[str, set[str]]) -> None:
        """Asks from a scope inwards, not into what is interrupted, nor where another variable hides the one that changed."""
        left = [(outer, changed)]
        while left:
            instance, names = left.pop()
            interrupted = False
            for wait in tuple(instance.waits):
                if isinstance(wait, _Wait) and _concerns(wait, names) and self._ask_one(wait):
                    interrupted = interrupted or wait.element.interrupting
            if interrupted:
                continue
            for child in reversed(instance.children.values()):
                seen = {name: events for name, events in names.items() if name not in child.variables}
                if seen:
                    left.append((child, seen))

    def _ask_one(self, wait: _Wait) -> bool:
        """Sends the trigger of an event whose condition holds; whether it does."""
        if not wait.triggered:
            if not self._holds(wait, Scope(wait.instance)):
                return False
            wait.triggered = True
            self._kernel.send(_SUBSCRIPTION, "TRIGGER", wait.key, self._value(wait), wait)
        return True

    def _holds(self, wait: _Wait, scope: Scope) -> bool:
        """Whether a condition is true; one that gives something else, or cannot be evaluated, is not."""
        try:
            found, _ = self._variables.evaluate(wait.condition.expression, scope)
        except Failure:
            return False
        return found is True

    def _trigger(self, command: Command[_Wait]) -> None:
        wait = command.subject
        instance = wait.instance
        wait.triggered = False
        if instance is None or wait not in instance.waits or not instance.triggerable:
            raise reject("condition.missing", key=wait.key)
        if wait.element.interrupting:
            self._remove(wait)
        self._record("TRIGGERED", wait)
        self._triggers.trigger(instance, wait.element, {})

    # --- start events ---

    def evaluate(self, definition_key: int, variables: dict[str, Any]) -> tuple[int, list[tuple[int, int]]]:
        """The command CONDITIONAL_EVALUATION EVALUATE: starts processes whose condition the variables fulfil.

        Returns its key, and pairs of the keys of a definition and of its new instance. A ``definition_key`` below 1 means
        all definitions.
        """
        value = {
            "processDefinitionKey": definition_key if definition_key > 0 else -1,
            "variables": variables,
            "startedProcessInstances": [],
            "tenantId": TENANT,
        }
        found: tuple[int, list[tuple[int, int]]] = self._kernel.execute(_EVALUATION, "EVALUATE", -1, value)
        return found

    def _evaluate(self, command: Command[None]) -> tuple[int, list[tuple[int, int]]]:
        kernel, value = self._kernel, command.value
        wanted, variables = value["processDefinitionKey"], value["variables"]
        if wanted > 0 and wanted not in self._repository.processes.by_key:
            raise reject("condition.definition", key=wanted)
        scope = Scope(None, {name: feel.from_json(each) for name, each in variables.items()})
        key, started = kernel.next_key(), []
        for wait in self._starts:
            if wanted in (-1, wait.definition.key) and self._holds(wait, scope):
                instance = self._tree.make_process(wait.definition, kernel.next_key())
                self._triggers.start_process(instance, wait.element, variables)
                started.append((wait.definition.key, instance.key))
        listed = [{"processDefinitionKey": d, "processInstanceKey": i} for d, i in started]
        kernel.event(_EVALUATION, "EVALUATED", key, {**value, "startedProcessInstances": listed})
        return key, started


def _concerns(wait: _Wait, changed: dict[str, set[str]]) -> bool:
    """Whether a condition depends on a variable that has changed in a way that it is asked again for."""
    names: Collection[str] = wait.condition.names
    return any(name in names and events & wait.condition.events for name, events in changed.items())
