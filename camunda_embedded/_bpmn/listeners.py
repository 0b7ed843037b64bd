"""Reads the execution listeners of an element or a process, and says where there can be none."""

from __future__ import annotations

from collections import Counter

from camunda_embedded._bpmn.extensions import extension
from camunda_embedded._bpmn.file import File
from camunda_embedded._bpmn.model import Element, Expression, Job, Listener
from camunda_embedded._bpmn.xml import Node

__all__ = ["execution_listeners", "task_listeners"]

#: What happens to a user task.
_TRANSITIONS = ("creating", "assigning", "updating", "completing", "canceling")
_UNSUPPORTED = "Execution listeners of type {} are not supported by {}"


def execution_listeners(file: File, node: Node, element: Element) -> list[Listener]:
    """The execution listeners of an element, in the order of the file."""
    place = extension(node, "executionListeners")
    found = place.all("executionListener") if place is not None else []
    if place is not None:
        _report_repeated(file, place, found)
    _report_misplaced(file, node, element, {each.get("eventType") for each in found})
    return [_listener(file, each) for each in found]


def task_listeners(file: File, node: Node) -> list[Listener]:
    """The task listeners of a user task, in the order of the file."""
    place = extension(node, "taskListeners")
    found = place.all("taskListener") if place is not None else []
    for each in found:
        if each.get("eventType") not in _TRANSITIONS:
            wanted = ", ".join(_TRANSITIONS)
            file.report(
                each, f"Attribute 'eventType' must be one of {wanted}, but was '{each.get('eventType')}'"
            )
    return [_listener(file, each) for each in found]


def _listener(file: File, node: Node) -> Listener:
    """One listener; a job type that is missing is reported."""
    if node.get("type").strip():
        kind = file.attribute(node, "type")
    else:
        file.report(node, "Attribute 'type' must be present and not empty")
        kind = Expression("")
    retries = file.attribute(node, "retries", default="3")
    return Listener(node.get("eventType"), Job(kind, retries, _headers(node)))


def _headers(node: Node) -> dict[str, str]:
    """The headers that a listener has itself: they stand right inside it."""
    place = node.first("taskHeaders")
    headers = place.all("header") if place is not None else []
    return {each.get("key"): each.get("value") for each in headers if each.get("key") and each.get("value")}


def _report_repeated(file: File, place: Node, found: list[Node]) -> None:
    counts = Counter((each.get("eventType"), each.get("type") or "null") for each in found)
    for (event, kind), count in counts.items():
        if count > 1:
            file.report(
                place,
                f"Found '{count}' duplicates based on eventType[{event}] and type[{kind}], "
                "these combinations should be unique.",
            )


def _report_misplaced(file: File, node: Node, element: Element, events: set[str]) -> None:
    what = ""
    if element.type == "START_EVENT" and "start" in events:
        what = _UNSUPPORTED.format("'start'", "start events")
    elif element.type == "BOUNDARY_EVENT" and element.event == "COMPENSATION" and events:
        what = _UNSUPPORTED.format("'start' and 'end'", "[compensation] boundary events")
    elif element.type == "BOUNDARY_EVENT" and "start" in events:
        what = _UNSUPPORTED.format("'start'", "boundary events")
    elif element.type.endswith("GATEWAY") and "end" in events:
        what = _UNSUPPORTED.format("'end'", "gateway element")
    elif element.type == "END_EVENT" and element.event == "ERROR" and "end" in events:
        what = _UNSUPPORTED.format("'end'", "[error] end events")
    if what:
        file.report(node, what)
