"""What must hold for a process to be executable; the texts are the real engine's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from camunda_embedded import _timing as timing
from camunda_embedded._bpmn.gateways import inclusive
from camunda_embedded._bpmn.grammar import unsupported
from camunda_embedded._bpmn.model import Element, Process, Timer
from camunda_embedded._bpmn.xml import Node

__all__ = ["MISPLACED", "event", "process", "root_element"]

Report = Callable[[Node, str], None]

_ALLOWED = {
    "START_EVENT": {"NONE", "MESSAGE", "TIMER", "SIGNAL"},
    "END_EVENT": {"NONE", "ERROR", "TERMINATE", "MESSAGE", "SIGNAL"},
    "INTERMEDIATE_CATCH_EVENT": {"MESSAGE", "TIMER", "SIGNAL", "LINK"},
    "INTERMEDIATE_THROW_EVENT": {"NONE", "MESSAGE", "SIGNAL", "LINK"},
    "BOUNDARY_EVENT": {"ERROR", "TIMER", "MESSAGE", "SIGNAL"},
}
#: What is said of an event whose definition does not fit.
MISPLACED = {
    "INTERMEDIATE_CATCH_EVENT": "Event definition must be one of: message, timer, signal, or link",
    "INTERMEDIATE_THROW_EVENT": "Event definition must be one of: none, message, signal, or link",
    "BOUNDARY_EVENT": "Boundary events must be one of: timer, message, error, or signal",
    "START_EVENT": "Start event must be one of: none, message, timer, or signal",
    "END_EVENT": "End event must be one of: none, error, terminate, message, or signal",
}
_CAUGHT_BY_A_GATEWAY = {"MESSAGE", "TIMER", "SIGNAL"}


def root_element(node: Node, report: Report) -> None:
    """A message or a signal of the file."""
    if not node.get("name"):
        report(node, "Name must be present and not empty")


def event(node: Node, element: Element, definitions: list[Node], report: Report) -> None:
    """The event definitions of an event."""
    if len(definitions) > 1:
        report(node, unsupported("several event definitions"))
    if element.type == "INTERMEDIATE_CATCH_EVENT" and element.event == "NONE":
        report(node, "Must have exactly one event definition")
    elif element.event not in _ALLOWED[element.type]:
        report(node, MISPLACED[element.type])
    if element.event == "TIMER":
        _timer_definition(node, element, definitions[0], report)
    if element.type == "BOUNDARY_EVENT":
        if not node.all("outgoing"):
            report(node, "Must have at least one outgoing sequence flow or association")
        if element.event == "ERROR" and not element.interrupting:
            report(node, "Non-Interrupting event of this type is not allowed")


def _timer_definition(node: Node, element: Element, definition: Node, report: Report) -> None:
    kinds = [kind for kind in ("Duration", "Date", "Cycle") if definition.first(f"time{kind}") is not None]
    if len(kinds) != 1:
        report(definition, "Must be exactly one type of timer: timeDuration, timeDate or timeCycle")
    if element.type == "INTERMEDIATE_CATCH_EVENT" and (not kinds or "Cycle" in kinds):
        report(node, "Intermediate timer catch event must have either a time duration or a time date.")
    if element.type == "BOUNDARY_EVENT" and element.interrupting and "Cycle" in kinds:
        report(node, "Interrupting timer event with time cycle is not allowed.")


def process(found: Process, nodes: Mapping[str, Node], report: Report) -> None:
    """Everything that is seen only when the whole process is read."""
    root = nodes[found.id]
    if not found.starts:
        report(root, "Must have at least one start event")
    if sum(start.event == "NONE" for start in found.starts) > 1:
        report(root, "Multiple none start events are not allowed")
    _unique_events(root, found.starts, report)
    throws, catches = set(), []
    for element in _elements(found.root):
        node = nodes[element.id]
        if element.type == "SUB_PROCESS":
            _sub_process(node, element, report)
        elif element.type == "EVENT_BASED_GATEWAY":
            _event_based_gateway(node, element, report)
        elif element.type == "INCLUSIVE_GATEWAY":
            inclusive(element, nodes, report)
        elif element.event == "LINK":
            if element.type == "INTERMEDIATE_CATCH_EVENT":
                catches.append(element.link)
            else:
                throws.add(element.link)
        if element.timer is not None:
            _static_timer(node, element.timer, report)
        _unique_events(node, element.boundary, report)
    for name in sorted(throws - set(catches)):
        report(root, f"Can't find an catch link event for the throw link event with the name '{name}'.")
    for name in sorted({name for name in catches if catches.count(name) > 1}):
        report(
            root,
            f"Multiple intermediate catch link event definitions with the same name '{name}' are not allowed.",
        )


def _elements(scope: Element) -> Iterator[Element]:
    for child in scope.children:
        yield child
        if child.inner is not None:
            yield child.inner
            yield from _elements(child.inner)
        yield from _elements(child)


def _sub_process(node: Node, element: Element, report: Report) -> None:
    starts = [child for child in element.children if child.type == "START_EVENT"]
    if len(starts) != 1:
        report(node, "Must have exactly one start event")
    if any(start.event != "NONE" for start in starts):
        report(node, "Start events in subprocesses must be of type none")


def _event_based_gateway(node: Node, element: Element, report: Report) -> None:
    if len(node.all("outgoing")) < 2 or len(element.outgoing) < 2:
        report(node, "Event-based gateway must have at least 2 outgoing sequence flows.")
    if any(
        flow.target.type != "INTERMEDIATE_CATCH_EVENT" or flow.target.event not in _CAUGHT_BY_A_GATEWAY
        for flow in element.outgoing
    ):
        report(
            node,
            "Event-based gateway must not have an outgoing sequence flow to other elements than "
            "message/timer/signal intermediate catch events.",
        )


def _unique_events(node: Node, events: list[Element], report: Report) -> None:
    seen: set[tuple[str, str]] = set()
    for found in events:
        name, kind = "", found.event
        if kind == "ERROR":
            name = found.error.text if found.error is not None else ""
        elif kind == "MESSAGE" and found.message is not None:
            name = found.message.name.text
        elif kind == "SIGNAL" and found.signal is not None:
            name = found.signal.text
        else:
            continue
        if (kind, name) in seen:
            report(node, _duplicate(kind, name))
        seen.add((kind, name))


def _duplicate(kind: str, name: str) -> str:
    if kind == "ERROR":
        if not name:
            return (
                "The same scope can not contain more than one error catch event without error code. "
                "An error catch event without error code catches all errors."
            )
        return f"Multiple error catch events with the same error code '{name}' are not supported on the same scope."
    return f"Multiple {kind.lower()} event definitions with the same name '{name}' are not allowed."


def _static_timer(node: Node, timer: Timer, report: Report) -> None:
    if not timer.value.static or not timer.value.text:
        return
    text = timer.value.text
    try:
        if timer.kind == "Duration":
            timing.parse_period(text)
        elif timer.kind == "Date":
            timing.parse_date(text)
        else:
            timing.parse_cycle(text)
    except ValueError as error:
        shown = f"{error} for expression '{text}'." if timer.kind != "Cycle" else str(error)
        kind = {"Duration": "duration", "Date": "date", "Cycle": "cycle"}[timer.kind]
        report(node, f"Invalid timer {kind} expression ({shown})")
