"""What must hold for a process to be executable; the texts are the real engine's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from camunda_embedded import _timing as timing
from camunda_embedded._bpmn import escalations, event_subprocesses
from camunda_embedded._bpmn.file import File
from camunda_embedded._bpmn.grammar import BPMN, REFUSED_DEFINITIONS, unsupported
from camunda_embedded._bpmn.model import Element, Process, Timer
from camunda_embedded._bpmn.xml import Node

__all__ = ["MISPLACED", "event", "process", "root_elements"]

Report = Callable[[Node, str], None]

#: The event types that each event may have; ``UNSUPPORTED`` is said of the definition itself.
_ALLOWED = {
    "START_EVENT": {"NONE", "MESSAGE", "TIMER", "SIGNAL", "CONDITIONAL"},
    "END_EVENT": {"NONE", "ERROR", "TERMINATE", "MESSAGE", "SIGNAL", "ESCALATION", "COMPENSATION"},
    "INTERMEDIATE_CATCH_EVENT": {"MESSAGE", "TIMER", "SIGNAL", "LINK", "CONDITIONAL"},
    "INTERMEDIATE_THROW_EVENT": {"NONE", "MESSAGE", "SIGNAL", "LINK", "ESCALATION", "COMPENSATION"},
    "BOUNDARY_EVENT": {"ERROR", "TIMER", "MESSAGE", "SIGNAL", "CONDITIONAL", "ESCALATION", "COMPENSATION"},
}
#: What is said of an event whose definition does not fit.
MISPLACED = {
    "INTERMEDIATE_CATCH_EVENT": "Event definition must be one of: message, timer, signal, or link",
    "INTERMEDIATE_THROW_EVENT": "Event definition must be one of: none, message, signal, or link",
    "BOUNDARY_EVENT": "Boundary events must be one of: timer, message, error, signal, escalation",
    "START_EVENT": "Start event must be one of: none, message, timer, or signal",
    "END_EVENT": "End events must be one of: none, error, message, terminate, signal, escalation or compensation",
}
#: What is said of an event with several definitions.
_SEVERAL = {
    "INTERMEDIATE_CATCH_EVENT": "Must have exactly one event definition",
    "BOUNDARY_EVENT": "Must have exactly one event definition",
    "START_EVENT": "Start event can't have more than one type",
    "END_EVENT": "Must have at most one event definition",
}
#: What is said of a flow without a condition, of several that leave a gateway.
_UNCONDITIONED = {
    "exclusiveGateway": "Must have a condition or be default flow",
    "inclusiveGateway": "Must have a condition",
}
_CAUGHT_BY_A_GATEWAY = {"MESSAGE", "TIMER", "SIGNAL"}


def root_elements(file: File, processes: list[Node]) -> None:
    """The messages and signals of the file, as far as something refers to them."""
    for kind in ("message", "signal"):
        by_starts: Counter[str] = Counter()
        used: set[str] = set()
        for node in (node for process in processes for node in process.walk() if node.namespace == BPMN):
            reference = node.get(f"{kind}Ref").rpartition(":")[2]
            used.add(reference)
            if (
                node.parent is not None
                and node.parent.name == "startEvent"
                and node.parent.parent in processes
            ):
                by_starts[reference] += 1
        for node in file.root.all(kind):
            if node.id in used and not node.get("name"):
                file.report(node, "Name must be present and not empty")
            if kind == "message" and by_starts[node.id] > 1:
                file.report(node, "A message cannot be referred by more than one start event")


def event(node: Node, element: Element, definitions: list[Node], report: Report) -> None:
    """The event definitions of an event."""
    refused = element.event == "UNSUPPORTED" and definitions[0].name in REFUSED_DEFINITIONS
    if len(definitions) > 1:
        report(node, _SEVERAL.get(element.type, unsupported("several event definitions")))
    if element.type == "INTERMEDIATE_CATCH_EVENT" and element.event == "NONE":
        report(node, "Must have exactly one event definition")
    elif element.starts_inside:
        event_subprocesses.start_event(node, element, report)
    elif (refused or element.event != "UNSUPPORTED") and element.event not in _ALLOWED[element.type]:
        report(node, MISPLACED[element.type])
    if element.event == "TIMER":
        _timer_definition(node, element, definitions[0], report)
    if element.type == "BOUNDARY_EVENT":
        if not definitions:
            report(node, "Must have exactly one event definition")
        if node.all("incoming"):
            report(node, "Cannot have incoming sequence flows")
        if not node.all("outgoing") and not _associated(node):
            report(node, "Must have at least one outgoing sequence flow or association")
        if element.event == "ERROR" and not element.interrupting:
            report(node, "Non-Interrupting event of this type is not allowed")
    if element.type == "END_EVENT" and node.all("outgoing"):
        report(node, "End events must not have outgoing sequence flows to other elements.")


def _associated(node: Node) -> bool:
    """Whether an association of the file begins at an element."""
    root = node
    while root.parent is not None:
        root = root.parent
    return any(
        each.name == "association" and each.get("sourceRef").rpartition(":")[2] == node.id
        for each in root.walk()
    )


def _timer_definition(node: Node, element: Element, definition: Node, report: Report) -> None:
    kinds = [kind for kind in ("Duration", "Date", "Cycle") if definition.first(f"time{kind}") is not None]
    if len(kinds) != 1:
        report(definition, "Must be exactly one type of timer: timeDuration, timeDate or timeCycle")
    if element.type == "INTERMEDIATE_CATCH_EVENT" and (not kinds or "Cycle" in kinds):
        report(node, "Intermediate timer catch event must have either a time duration or a time date.")
    if (
        (element.type == "BOUNDARY_EVENT" or element.starts_inside)
        and element.interrupting
        and "Cycle" in kinds
    ):
        report(node, "Interrupting timer event with time cycle is not allowed.")


def process(found: Process, nodes: Mapping[str, Node], report: Report) -> None:
    """Everything that is seen only when the whole process is read."""
    root = nodes[found.id]
    if not found.starts:
        report(root, "Must have at least one start event")
    if sum(start.event == "NONE" for start in found.starts) > 1:
        report(root, "Multiple none start events are not allowed")
    _unique_events(root, found.starts, report)
    _unique_events(root, found.root.event_starts, report)
    _links(root, found.root, report)
    for element in _elements(found.root):
        node = nodes[element.id]
        if element.type == "SUB_PROCESS":
            _sub_process(node, element, report)
            _links(node, element, report)
        elif element.type == "EVENT_SUB_PROCESS":
            event_subprocesses.sub_process(node, element, report)
            _links(node, element, report)
        elif element.type == "EVENT_BASED_GATEWAY":
            _event_based_gateway(node, element, nodes, report)
        elif element.type == "RECEIVE_TASK":
            _receive_task(node, element, report)
        if element.timer is not None:
            _static_timer(node, element.timer, report)
        _unique_events(node, element.boundary, report)
        _unique_events(node, element.event_starts, report)
        escalations.hosts(element, nodes, report)
    for node in root.walk():
        if node.namespace == BPMN and node.all("outgoing"):
            _conditions(node, found, nodes, report)


def _conditions(node: Node, found: Process, nodes: Mapping[str, Node], report: Report) -> None:
    """Which of the flows that an element says it has need a condition, and which must have none."""
    flows = [
        found.flows[each.text.strip()] for each in node.all("outgoing") if each.text.strip() in found.flows
    ]
    if node.name in _UNCONDITIONED:
        if len(flows) > 1:
            for flow in flows:
                if flow.condition is None and flow.id != node.get("default"):
                    report(nodes[flow.id], _UNCONDITIONED[node.name])
        default = found.flows.get(node.get("default"))
        if default is not None and default.source.id != node.id:
            report(node, "Default flow must start at gateway")
    elif any(flow.condition is not None for flow in flows):
        report(node, "Conditional sequence flows are only supported at exclusive or inclusive gateway")


def _links(node: Node, scope: Element, report: Report) -> None:
    """Each throw link event of a scope needs its catch event there; names of catch events are unique."""
    direct = [child for child in scope.children if child.event == "LINK"]
    catches = {child.link for child in direct if child.type == "INTERMEDIATE_CATCH_EVENT"}
    throws = {child.link for child in direct if child.type == "INTERMEDIATE_THROW_EVENT"}
    for name in sorted(throws - catches - {""}):
        report(node, f"Can't find an catch link event for the throw link event with the name '{name}'.")
    names = [
        each.link
        for each in _elements(scope)
        if each.event == "LINK" and each.type == "INTERMEDIATE_CATCH_EVENT" and each.link
    ]
    for name in sorted(name for name, times in Counter(names).items() if times > 1):
        report(
            node,
            f"Multiple intermediate catch link event definitions with the same name '{name}' are not allowed.",
        )


def _receive_task(node: Node, element: Element, report: Report) -> None:
    outer = element.scope if element.scope is not None and element.scope.inner is element else element
    names = {each.message.name.text for each in outer.boundary if each.message is not None}
    if element.message is not None and element.message.name.text in names:
        report(node, "Cannot reference the same message name as a boundary event")


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


def _event_based_gateway(node: Node, element: Element, nodes: Mapping[str, Node], report: Report) -> None:
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
    _unique_events(node, [flow.target for flow in element.outgoing], report)
    targets = {flow.target: None for flow in element.outgoing}
    named = {each.text.strip() for target in targets for each in nodes[target.id].all("incoming")}
    if named - {flow.id for flow in element.outgoing}:
        report(
            node,
            "Target elements of an event gateway must not have any additional incoming sequence flows "
            "other than that from the event gateway.",
        )


def _unique_events(node: Node, events: list[Element], report: Report) -> None:
    seen: set[tuple[str, str]] = set()
    for found in events:
        name, kind = "", found.event
        if kind == "ERROR":
            name = found.error.text if found.error is not None else ""
        elif kind == "ESCALATION":
            name = found.escalation.text if found.escalation is not None else ""
        elif kind == "MESSAGE" and found.message is not None:
            name = found.message.name.text
        elif kind == "SIGNAL" and found.signal is not None:
            name = found.signal.text
        elif kind == "CONDITIONAL" and found.type == "START_EVENT" and found.condition is not None:
            name = found.condition.expression.text
        else:
            continue
        if not name and kind in ("MESSAGE", "SIGNAL"):
            continue  # what is wrong with it is said already
        if (kind, name) in seen:
            report(node, _duplicate(kind, name))
        seen.add((kind, name))


def _duplicate(kind: str, name: str) -> str:
    if kind in ("ERROR", "ESCALATION"):
        what = kind.lower()
        if not name:
            return (
                f"The same scope can not contain more than one {what} catch event without {what} code. "
                f"An {what} catch event without {what} code catches all {what}s."
            )
        return f"Multiple {what} catch events with the same {what} code '{name}' are not supported on the same scope."
    if kind == "CONDITIONAL":
        return f"Multiple conditional event definitions with the same condition '{name}' are not allowed."
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
