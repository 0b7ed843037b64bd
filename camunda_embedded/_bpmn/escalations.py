"""Escalations: the code that an event throws or catches, and where they can be caught."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from camunda_embedded._bpmn.file import File
from camunda_embedded._bpmn.model import Element, Expression
from camunda_embedded._bpmn.xml import Node

__all__ = ["escalation_of", "hosts"]

Report = Callable[[Node, str], None]

_HOSTS = frozenset({"SUB_PROCESS", "CALL_ACTIVITY", "EVENT_SUB_PROCESS", "AD_HOC_SUB_PROCESS"})


def escalation_of(definition: Node, file: File, *, throws: bool) -> Expression | None:
    """The escalation code of an event; None for one that catches all."""
    reference = definition.get("escalationRef")
    if not reference and not throws:
        return None
    escalation = file.nodes.get(reference.rpartition(":")[2])
    if escalation is None:
        file.report(definition, "Must reference an escalation")
        return None
    code = escalation.get("escalationCode")
    if not code:
        if throws:  # one that is caught without a code is any escalation
            file.report(definition, "EscalationCode must be present and not empty")
        return None
    if code.startswith("=") and not throws:
        file.report(
            definition, "The escalationCode of the escalation catch event is not allowed to be an expression"
        )
        return None
    return file.expression(escalation, code)


def hosts(element: Element, nodes: Mapping[str, Node], report: Report) -> None:
    """The boundary events of an element that catch escalations: only what has something inside can throw one."""
    kind = element.inner.type if element.inner is not None else element.type
    for event in element.boundary:
        if event.event == "ESCALATION" and kind not in _HOSTS:
            report(
                nodes[event.id],
                "An escalation boundary event should only be attached to a subprocess, or a call activity",
            )
