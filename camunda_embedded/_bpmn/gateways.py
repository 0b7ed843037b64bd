"""What must hold for inclusive gateways; the texts are those of the published model API of 8.6."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from camunda_embedded._bpmn.model import Element
from camunda_embedded._bpmn.xml import Node

__all__ = ["inclusive"]

Report = Callable[[Node, str], None]


def inclusive(element: Element, nodes: Mapping[str, Node], report: Report) -> None:
    """An inclusive gateway and the flows that leave it; ``nodes`` are those of elements and flows by id."""
    if element.default is not None and element.default.source is not element:
        report(nodes[element.id], "Default flow must start at gateway")
    if len(element.outgoing) > 1:
        for flow in element.outgoing:
            if flow.condition is None and flow is not element.default:
                report(nodes[flow.id], "Must have a condition")
