"""Event sub-processes: what makes a sub-process one, and what must hold for it and its start event."""

from __future__ import annotations

from collections.abc import Callable

from camunda_embedded._bpmn.grammar import unsupported
from camunda_embedded._bpmn.model import Element
from camunda_embedded._bpmn.xml import Node

__all__ = ["is_event_sub_process", "start_event", "sub_process"]

Report = Callable[[Node, str], None]

_STARTED_BY = frozenset({"MESSAGE", "TIMER", "SIGNAL", "ERROR", "ESCALATION", "CONDITIONAL"})


def is_event_sub_process(node: Node) -> bool:
    """Whether a sub-process waits for an event, instead of being reached by a flow."""
    return node.name == "subProcess" and node.get("triggeredByEvent").strip() in ("true", "1")


def sub_process(node: Node, element: Element, report: Report) -> None:
    """An event sub-process: one start event of a type that can start it; nothing leads to it, and nothing from it."""
    starts = [child for child in element.children if child.type == "START_EVENT"]
    if len(starts) != 1:
        report(node, "Must have exactly one start event")
    if any(start.event not in _STARTED_BY for start in starts):
        report(
            node,
            "Start events in event subprocesses must be one of: message, timer, error, signal or escalation",
        )
    if element.incoming or element.outgoing:
        report(node, "An event subprocess must not have incoming or outgoing sequence flows")
    if element.scope is not None and element.scope.type == "MULTI_INSTANCE_BODY":
        report(node, unsupported("multi-instance event sub-process"))
    if element.boundary:
        report(node, unsupported("boundary event of an event sub-process"))


def start_event(node: Node, element: Element, report: Report) -> None:
    """Its start event; an error ends what it was thrown in, always."""
    if element.event == "ERROR" and not element.interrupting:
        report(node, "Non-Interrupting event of this type is not allowed")
