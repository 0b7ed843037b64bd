"""Compensation: which completed activities can be undone, and the handlers at work on it.

An activity with a compensation boundary event leaves a subscription in its scope when it completes. A scope that completes
hands its subscriptions on to the scope around it, as one that has them inside, together with its own variables: its handlers
see them when it is gone. A throw event triggers all subscriptions of its scope at once, or those of one activity, and completes
with the last of their handlers. What was not triggered goes with the scope when that is terminated, or with the process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from camunda_embedded._bpmn.model import Element
from camunda_embedded._engine.behaviors import Means, ThrowEventBehavior
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.resources import TENANT
from camunda_embedded._engine.state import Instance
from camunda_embedded._engine.tree import Tree
from camunda_embedded._engine.variables import Variables

__all__ = ["Compensation", "CompensationThrowBehavior"]


@dataclass(eq=False, slots=True)
class _Subscription:
    """A completed activity that can be undone; ``event`` is None for a scope that has such activities ``inside``."""

    key: int
    activity: Element
    scope: Instance
    event: Element | None
    variables: dict[str, Any] = field(default_factory=dict)
    inside: list[_Subscription] = field(default_factory=list)
    outer: _Subscription | None = None
    throw: Instance | None = None
    left: int = 0


class Compensation:
    """The subscriptions of all scopes, and what is done for those that were triggered."""

    def __init__(self, kernel: Kernel, variables: Variables, tree: Tree) -> None:
        self._kernel = kernel
        self._variables = variables
        self._tree = tree
        #: By the key of the scope: what can be undone in it.
        self._open: dict[int, list[_Subscription]] = {}
        #: By the key of the handler's instance.
        self._handled: dict[int, _Subscription] = {}
        #: By the key of the throw event: how many subscriptions it waits for.
        self._thrown: dict[int, int] = {}
        #: Whether anything could ever be undone here. Until then only elements with a compensation event need ``completes``,
        #: and none the rest.
        self.in_use = False

    def _record(self, intent: str, found: _Subscription) -> None:
        handler = found.event.handler if found.event is not None else None
        scope = found.activity.scope
        value = {
            "tenantId": TENANT,
            "processInstanceKey": found.scope.root.key,
            "processDefinitionKey": found.scope.definition.key,
            "compensableActivityId": found.activity.id,
            "compensableActivityScopeId": scope.id if scope is not None else "",
            "throwEventId": found.throw.element.id if found.throw is not None else "",
            "throwEventInstanceKey": found.throw.key if found.throw is not None else -1,
            "compensationHandlerId": handler.id if handler is not None else "",
            "variables": found.variables,
        }
        self._kernel.event("COMPENSATION_SUBSCRIPTION", intent, found.key, value)

    # --- what can be undone ---

    def completes(self, instance: Instance) -> None:
        """An element instance is about to complete: from now on it can be undone, and nothing inside a process any more."""
        inside = self._open.pop(instance.key, [])
        scope = instance.scope
        if scope is None:
            self._delete(inside)
            return
        found = []
        if instance.element.compensation is not None:
            self.in_use = True
            found.append(
                _Subscription(self._kernel.next_key(), instance.element, scope, instance.element.compensation)
            )
        if inside:
            key = self._kernel.next_key()
            whole = _Subscription(key, instance.element, scope, None, instance.own(), inside)
            for each in inside:
                each.outer = whole
            found.append(whole)
        for each in found:
            self._open.setdefault(scope.key, []).append(each)
            self._record("CREATED", each)

    def terminates(self, instance: Instance) -> None:
        """An element instance is about to be terminated: nothing inside it is undone any more."""
        self._delete(self._open.pop(instance.key, []))
        self._thrown.pop(instance.key, None)
        found = self._handled.pop(instance.key, None)
        if found is not None:
            self._done(found, "DELETED")

    def _delete(self, subscriptions: list[_Subscription]) -> None:
        for each in _all(subscriptions):
            self._record("DELETED", each)

    # --- undoing ---

    def throw(self, instance: Instance) -> bool:
        """Triggers what a throw event is for; False when there is nothing to be undone."""
        wanted, found = instance.element.compensates, []
        for scope in _scopes(instance):
            of_scope = self._open.get(scope.key, [])
            triggered = [each for each in of_scope if not wanted or each.activity.id == wanted]
            if triggered:
                self._open[scope.key] = [each for each in of_scope if each not in triggered]
            found += triggered
        if found:
            self._thrown[instance.key] = len(found)
        for each in found:
            self._trigger(each, instance, {}, each.scope)
        return bool(found)

    def _trigger(
        self, found: _Subscription, throw: Instance, variables: dict[str, Any], scope: Instance
    ) -> None:
        """``variables`` are those of the completed scopes around it, ``scope`` is what is left of them."""
        found.throw, found.left = throw, len(found.inside)
        self._record("TRIGGERED", found)
        for each in found.inside:
            self._trigger(each, throw, variables | found.variables, scope)
        handler = found.event.handler if found.event is not None else None
        if found.event is None or handler is None:
            return
        event = self._tree.make(found.event, scope)
        for intent in ("ACTIVATING", "ACTIVATED", "COMPLETING", "COMPLETED"):
            self._tree.record(event, f"ELEMENT_{intent}")
        self._tree.forget(event)
        new = self._tree.send_activate(handler, scope)
        self._variables.set_all_local(new, variables)
        self._handled[new.key] = found

    def completed(self, instance: Instance) -> None:
        """An element instance has completed; if it is a handler, what it has undone is dealt with."""
        found = self._handled.pop(instance.key, None)
        if found is not None:
            self._done(found, "COMPLETED")

    def _done(self, found: _Subscription, intent: str) -> None:
        self._record(intent, found)
        outer, throw = found.outer, found.throw
        if outer is not None:
            outer.left -= 1
            if not outer.left:
                self._done(outer, intent)
        elif throw is not None and throw.key in self._thrown:
            self._thrown[throw.key] -= 1
            if not self._thrown[throw.key]:
                del self._thrown[throw.key]
                if throw.state == "ACTIVATED":
                    self._tree.send_complete(throw)

    # --- another definition ---

    def migrate(self, root: Instance, plan: Mapping[str, str]) -> None:
        """The instance is one of another definition now: what is mapped by its event goes along, the rest is given up."""
        for scope in root.tree():
            if scope.key in self._open:
                self._open[scope.key] = self._moved(self._open[scope.key], root, plan)

    def _moved(
        self, subscriptions: list[_Subscription], root: Instance, plan: Mapping[str, str]
    ) -> list[_Subscription]:
        kept = []
        for each in subscriptions:
            each.inside = self._moved(each.inside, root, plan)
            event = each.event
            new = root.definition.model.elements.get(plan.get(event.id, "")) if event is not None else None
            if new is not None and new.host is not None:
                each.event, each.activity = new, new.host
            elif not each.inside:
                self._record("DELETED", each)
                continue
            self._record("MIGRATED", each)
            kept.append(each)
        return kept


def _all(subscriptions: list[_Subscription]) -> Iterator[_Subscription]:
    for each in subscriptions:
        yield each
        yield from _all(each.inside)


def _scopes(throw: Instance) -> Iterator[Instance]:
    """The scopes that a throw event is for: its own, and that around the event sub-process in which it is."""
    scope = throw.scope
    while scope is not None:
        yield scope
        if scope.element.type != "EVENT_SUB_PROCESS":
            return
        scope = scope.scope


class CompensationThrowBehavior(ThrowEventBehavior):
    """Throw and end events of compensation: they wait for the handlers."""

    def __init__(self, means: Means, compensation: Compensation) -> None:
        super().__init__(means)
        self._compensation = compensation

    def throw_compensation(self, instance: Instance) -> None:
        self.enter(instance)
        self.tree.activated(instance)
        if not self._compensation.throw(instance):
            self.tree.send_complete(instance)
