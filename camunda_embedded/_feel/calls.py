"""What an expression says without being evaluated: its calls of a function, and the constants among their arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from camunda_embedded._feel.nodes import Call, ContextOf, ListOf, Literal, Name, Negation, Node, Path
from camunda_embedded._feel.parser import Parser
from camunda_embedded._feel.values import to_json

__all__ = ["calls", "constant", "last_name"]


def calls(text: str, name: str) -> list[Call]:
    """The calls of a function in an expression that can be compiled, outer ones first."""
    return [each for each in _walk(Parser(text).expression()) if isinstance(each, Call) and each.name == name]


def _walk(node: Any) -> Iterator[Any]:
    if isinstance(node, tuple):
        if hasattr(node, "_fields"):
            yield node
        for part in node:
            yield from _walk(part)


def constant(node: Node) -> Any:
    """The JSON value of a literal, or of a list or context of literals; None for anything else."""
    if isinstance(node, Literal):
        return to_json(node.value)
    if isinstance(node, Negation) and isinstance(node.operand, Literal):
        return to_json(-node.operand.value)
    if isinstance(node, ListOf):
        return [constant(item) for item in node.items]
    if isinstance(node, ContextOf):
        return {key: constant(value) for key, value in node.entries}
    return None


def last_name(node: Node) -> str:
    """The name at the end of a path, ``c`` of ``a.b.c``; empty for anything else."""
    if isinstance(node, Path):
        return node.keys[-1]
    return node.name if isinstance(node, Name) else ""
