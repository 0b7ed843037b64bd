"""The Zeebe extensions of an element, as readers ask for them."""

from __future__ import annotations

from camunda_embedded._bpmn.grammar import BPMN, ZEEBE
from camunda_embedded._bpmn.xml import Node

__all__ = ["extension", "extensions", "says_one"]


def extensions(node: Node, name: str) -> list[Node]:
    """The Zeebe extensions of that name."""
    found = node.first("extensionElements", BPMN)
    return found.all(name, ZEEBE) if found is not None else []


def extension(node: Node, name: str) -> Node | None:
    """The first of ``extensions``, or None."""
    return next(iter(extensions(node, name)), None)


def says_one(node: Node, attributes: tuple[str, ...]) -> bool:
    """True when one of the attributes says something, and only one."""
    return sum(bool(node.get(name).strip()) for name in attributes) == 1
