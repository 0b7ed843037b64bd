"""What a process file says beside what the engine runs: names, and the form of its start event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from camunda_embedded._bpmn.xml import Node, parse

__all__ = ["Drawn", "read"]

_ZEEBE = "http://camunda.org/schema/zeebe/1.0"


class Drawn(NamedTuple):
    """Of one process: the names of its elements by id (its own among them), and the id of its start form."""

    names: Mapping[str, str]
    start_form: str


def read(content: bytes, process_id: str) -> Drawn:
    """What a file says of the process with an id; nothing when it cannot be read."""
    try:
        root = parse(content)
    except ValueError:
        return Drawn({}, "")
    process = next((node for node in root.children if node.name == "process" and node.id == process_id), None)
    if process is None:
        return Drawn({}, "")
    names: dict[str, str] = {}
    form = ""
    left = [process]
    while left:
        node = left.pop()
        if node.id and node.get("name"):
            names[node.id] = node.get("name")
        if node.name == "startEvent" and node.parent is process:
            form = form or _form(node)
        left += node.children
    return Drawn(names, form)


def _form(start: Node) -> str:
    extensions = start.first("extensionElements")
    wanted = extensions.first("formDefinition", _ZEEBE) if extensions is not None else None
    return wanted.get("formId") if wanted is not None else ""
