"""Conditional events in a file: the condition, and the changes of variables for which it is asked again."""

from __future__ import annotations

from camunda_embedded._bpmn.extensions import extension
from camunda_embedded._bpmn.file import File
from camunda_embedded._bpmn.model import Condition
from camunda_embedded._bpmn.xml import Node

__all__ = ["condition_of"]

_CHANGES = {"create": "CREATED", "update": "UPDATED"}


def condition_of(definition: Node, file: File) -> Condition | None:
    """The condition of an event; None when it has none that can be used, which is reported."""
    node = definition.first("condition")
    if node is None:
        file.report(definition, "Must have a condition")
        return None
    expression = file.text(node, node.text.strip(), dynamic=True)
    found = extension(definition, "conditionalFilter")
    written = found.get("variableEvents") if found is not None else ""
    events = tuple(event for event in map(str.strip, written.split(",")) if event)
    unknown = [event for event in events if event not in _CHANGES]
    if unknown and found is not None:
        file.report(
            found, f"Attribute 'variableEvents' must consist of 'create' and 'update', but has '{unknown[0]}'"
        )
        return None
    if expression.compiled is None:
        return None
    return Condition(expression, frozenset(_CHANGES[event] for event in events or _CHANGES), events)
