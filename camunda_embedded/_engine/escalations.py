"""Escalations: thrown by events, and caught by the nearest event around them that waits for their code, if there is one."""

from __future__ import annotations

from camunda_embedded._bpmn.model import Element
from camunda_embedded._engine.catching import catching
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.resources import TENANT
from camunda_embedded._engine.state import Instance
from camunda_embedded._engine.tree import Tree
from camunda_embedded._engine.triggers import Triggers
from camunda_embedded._engine.variables import Variables

__all__ = ["Escalations"]


class Escalations:
    """Throws escalations."""

    def __init__(self, kernel: Kernel, variables: Variables, tree: Tree, triggers: Triggers) -> None:
        self._kernel = kernel
        self._variables = variables
        self._tree = tree
        self._triggers = triggers

    def throw(self, instance: Instance) -> None:
        """An event throws its escalation and goes on, unless what catches it ends it; Failure when its code cannot be had."""
        code = self._code(instance)
        caught = self._catcher(instance, code)
        self._tree.activated(instance)
        value = {
            "processInstanceKey": instance.root.key,
            "escalationCode": code,
            "throwElementId": instance.element.id,
            "catchElementId": caught[1].id if caught is not None else "",
            "tenantId": TENANT,
        }
        intent = "ESCALATED" if caught is not None else "NOT_ESCALATED"
        self._kernel.event("ESCALATION", intent, self._kernel.next_key(), value)
        if caught is not None:
            self._triggers.trigger(*caught, {})
        if caught is None or not caught[1].interrupting:
            self._tree.send_complete(instance)

    def _code(self, instance: Instance) -> str:
        escalation = instance.element.escalation
        return str(self._variables.typed(instance, escalation, "STRING")) if escalation is not None else ""

    @staticmethod
    def _catcher(instance: Instance, code: str) -> tuple[Instance, Element] | None:
        for at, events in catching(instance, "ESCALATION"):
            exact = (e for e in events if e.escalation is not None and e.escalation.text == code)
            any_code = (e for e in events if e.escalation is None)
            found = next(exact, None) or next(any_code, None)
            if found is not None:
                return at, found
        return None
