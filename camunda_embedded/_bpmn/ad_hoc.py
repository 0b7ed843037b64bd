"""Ad-hoc sub-processes in a file; the texts are those of the published model API of 8.8."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from camunda_embedded._bpmn.extensions import extension
from camunda_embedded._bpmn.file import File
from camunda_embedded._bpmn.model import AdHoc, Element, Expression
from camunda_embedded._bpmn.xml import Node
from camunda_embedded._feel.calls import calls, constant, last_name

__all__ = ["INNER", "activatable", "describe", "read"]

INNER = "AD_HOC_SUB_PROCESS_INNER_INSTANCE"
#: The types of elements that cannot be activated by themselves.
_NOT_ACTIVATABLE = frozenset({"START_EVENT", "END_EVENT", "BOUNDARY_EVENT", "EVENT_SUB_PROCESS"})


class ProcessReader(Protocol):
    """What reads the process around it."""

    file: File

    def read_scope(self, node: Node, scope: Element) -> None:
        """Reads the elements in a scope."""

    def read_service_task(self, node: Node, element: Element) -> None:
        """Reads what a job worker is asked."""


def activatable(element: Element) -> bool:
    """Whether an element can be activated by its id."""
    return element.type not in _NOT_ACTIVATABLE and not (
        element.type == "INTERMEDIATE_CATCH_EVENT" and element.event == "LINK"
    )


def read(reader: ProcessReader, node: Node, element: Element) -> None:
    """Reads what is in the sub-process, and what controls it."""
    inner = Element(f"{element.id}#innerInstance", INNER, scope=element)
    reader.read_scope(node, inner)
    element.children = inner.children
    element.event_starts, inner.event_starts = inner.event_starts, []  # they wait with the sub-process itself
    control = extension(node, "adHoc")
    definition = extension(node, "taskDefinition")
    condition = node.first("completionCondition")
    cancels = node.get("cancelRemainingInstances").strip() not in ("false", "0")
    active = control.get("activeElementsCollection") if control is not None else ""
    _check(reader, node, element)
    if definition is not None:
        _check_job(reader, node, cancels=cancels, condition=condition is not None, active=bool(active))
        reader.read_service_task(node, element)
    collection, output = _output(reader, node, control)
    element.ad_hoc = AdHoc(
        inner,
        [],
        reader.file.attribute(control, "activeElementsCollection", dynamic=True) if control is not None and active else None,
        reader.file.text(condition, condition.text.strip(), dynamic=True) if condition is not None else None,
        cancels,
        collection,
        output,
    )  # fmt: skip


def _check(reader: ProcessReader, node: Node, element: Element) -> None:
    if not element.children:
        reader.file.report(node, "Must have at least one activity.")
    types = {child.type for child in element.children}
    if "START_EVENT" in types:
        reader.file.report(node, "Must not contain a start event.")
    if "END_EVENT" in types:
        reader.file.report(node, "Must not contain an end event.")


def _check_job(reader: ProcessReader, node: Node, *, cancels: bool, condition: bool, active: bool) -> None:
    for given, name in (
        (not cancels, "cancelRemainingInstances"),
        (condition, "completionCondition"),
        (active, "activeElementsCollection"),
    ):
        if given:
            reader.file.report(node, f"Must not define {name} in combination with zeebe:taskDefinition.")


def _output(reader: ProcessReader, node: Node, control: Node | None) -> tuple[str | None, Expression | None]:
    if control is None:
        return None, None
    collection, output = control.get("outputCollection"), control.get("outputElement")
    if bool(collection) != bool(output):
        shown = (
            {True: output, False: "null"}[bool(output)],
            {True: collection, False: "null"}[bool(collection)],
        )
        reader.file.report(
            node,
            "OutputElement and OutputCollection must both be set, or neither of them set. "
            f"outputElement:{shown[0]} and outputCollection:{shown[1]}.",
        )
        return None, None
    if not collection:
        return None, None
    return collection, reader.file.attribute(control, "outputElement", dynamic=True)


# --- what the sub-process says of its elements ---


def describe(elements: Iterable[Element], nodes: Mapping[str, Node]) -> None:
    """Fills in what each ad-hoc sub-process says of the elements in it to which no flow leads."""
    for element in elements:
        found = (element.inner or element).ad_hoc
        if found is not None:
            first = [e for e in reversed(found.inner.children) if activatable(e) and not e.incoming]
            found.elements.extend(_described(each, nodes[each.id]) for each in first)


def _described(element: Element, node: Node) -> dict[str, object]:
    documentation, properties = node.first("documentation"), extension(node, "properties")
    found = properties.all("property") if properties is not None else []
    mappings = (element.inner or element).inputs
    return {
        "elementId": element.id,
        "elementName": node.get("name") or element.id,
        "documentation": documentation.text if documentation is not None else None,
        "properties": {each.get("name"): each.get("value") for each in found},
        "parameters": [each for mapping in mappings for each in _parameters(mapping.source)] or None,
    }


def _parameters(expression: Expression) -> Iterator[dict[str, Any]]:
    """The parameters that an expression asks of an AI agent, by its calls of ``fromAi``."""
    if expression.compiled is None:
        return
    for call in calls(expression.text, "fromAi"):
        names = ("value", "description", "type", "schema", "options")
        given = dict(zip(call.names or names, call.arguments, strict=False))
        value = given.pop("value", None)
        found: dict[str, Any] = {"name": last_name(value) if value is not None else ""}
        for name, argument in given.items():
            said = constant(argument)
            if said is not None:
                found[name] = said
        yield found
