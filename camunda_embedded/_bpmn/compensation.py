"""Compensation in a file: which handler an activity has, and what must hold; the texts are those of the published model API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from camunda_embedded._bpmn.file import File
from camunda_embedded._bpmn.grammar import BPMN
from camunda_embedded._bpmn.model import Element, Process
from camunda_embedded._bpmn.xml import Node

__all__ = ["connect"]

_TASKS = frozenset({
    "TASK", "MANUAL_TASK", "SERVICE_TASK", "SEND_TASK", "SCRIPT_TASK", "BUSINESS_RULE_TASK", "USER_TASK", "RECEIVE_TASK",
})  # fmt: skip


def connect(process: Process, nodes: Mapping[str, Node], file: File) -> None:
    """Gives each compensation boundary event its handler and its activity the event, and each throw event its activity."""
    handlers = dict(_associations(file))
    for element in process.elements.values():
        node = nodes[element.id]
        if node.get("isForCompensation").strip() in ("true", "1"):
            _check_handler(element, node, file)
        if element.event != "COMPENSATION":
            continue
        if element.type == "BOUNDARY_EVENT":
            element.handler = process.elements.get(handlers.get(element.id, ""))
            if element.host is not None:
                element.host.compensation = element
            if element.outgoing or (element.handler is None and element.id in handlers):
                text = "Compensation boundary events must have a compensation association and no outgoing sequence flows"
                file.report(node, text)
        else:
            _read_throw(element, node, process, file)


def _associations(file: File) -> Iterator[tuple[str, str]]:
    for node in file.root.walk():
        if node.namespace == BPMN and node.name == "association":
            yield node.get("sourceRef").rpartition(":")[2], node.get("targetRef").rpartition(":")[2]


def _check_handler(element: Element, node: Node, file: File) -> None:
    inner = element.inner or element
    if inner.type not in _TASKS:
        return
    for found, what in (
        (element.incoming, "incoming sequence flows"),
        (element.outgoing, "outgoing sequence flows"),
        (element.boundary, "boundary events"),
    ):
        if found:
            file.report(node, f"A compensation handler should have no {what}")


def _read_throw(element: Element, node: Node, process: Process, file: File) -> None:
    definition = node.first("compensateEventDefinition", BPMN)
    assert definition is not None
    if definition.get("waitForCompletion").strip() in ("false", "0"):
        kind = "end event" if element.type == "END_EVENT" else "intermediate throwing event"
        file.report(node, f"A compensation {kind} waitForCompletion attribute must be true or not present")
    wanted = definition.get("activityRef").rpartition(":")[2]
    if not wanted:
        return
    element.compensates = wanted
    named = f"The referenced compensation activity '{wanted}'"
    found = process.elements.get(wanted)
    if found is None or not _is_activity(found):
        file.report(definition, f"{named} doesn't exist")
        return
    if found.compensation is None and not any(e.event == "COMPENSATION" for e in found.boundary):
        inner = found.inner or found
        if inner.type not in ("SUB_PROCESS", "AD_HOC_SUB_PROCESS"):
            file.report(
                definition, f"{named} must have either a compensation boundary event or be a subprocess"
            )
    scopes = [element.scope]
    if element.scope is not None and element.scope.type == "EVENT_SUB_PROCESS":
        scopes.append(element.scope.scope)
    if found.scope not in scopes:
        file.report(definition, f"{named} must be in the same scope as the compensation throw event")


def _is_activity(element: Element) -> bool:
    return not element.type.endswith(("_EVENT", "_GATEWAY")) and element.type != "PROCESS"
