"""A BPMN file while it is read: its elements by id, and what is wrong with them."""

from __future__ import annotations

from camunda_embedded import _feel as feel
from camunda_embedded._bpmn.grammar import BPMN, Line
from camunda_embedded._bpmn.issues import Issues
from camunda_embedded._bpmn.model import Expression, expression
from camunda_embedded._bpmn.xml import Node

__all__ = ["File", "InvalidResource"]


class InvalidResource(ValueError):
    """The file cannot be deployed; the message is what stands after the file's name."""


class File:
    """A file while it is read: its elements by id, and what is wrong with them.

    Whoever reads or checks a part of it says what is wrong with ``report``, and reads on: all findings are listed at
    once.
    """

    def __init__(self, root: Node, nodes: dict[str, Node], line: Line = (8, 6)) -> None:
        self.root = root
        self.line = line
        self.nodes = nodes
        self._issues = Issues()
        self.report = self._issues.add

    def check_flows_of(self, process: Node) -> None:
        """Every flow that an element of the process says it has must be there, as far as the real engine looks: at those
        that lead away, and at those that lead to an element that must not have any.
        """
        for node in process.walk():
            if node.namespace != BPMN or node.name not in ("incoming", "outgoing") or node.parent is None:
                continue
            if node.name == "incoming" and node.parent.name not in ("boundaryEvent", "inclusiveGateway"):
                continue
            if node.text.strip() not in self.nodes:
                raise InvalidResource(f"Unable to find a model element instance for id {node.text.strip()}")

    def raise_problems(self) -> None:
        """Raises InvalidResource when anything was reported."""
        text = self._issues.text(self.root)
        if text:
            raise InvalidResource(text)

    def attribute(self, node: Node, name: str, *, dynamic: bool = False, default: str = "") -> Expression:
        """The expression that an attribute holds; an empty one is one that is not there."""
        return self.expression(node, node.get(name) or default, name, dynamic=dynamic)

    def expression(self, node: Node, text: str, about: str = "", *, dynamic: bool = False) -> Expression:
        """An expression of an element; ``dynamic`` ones must not be static. A problem leaves an empty static text."""
        if not text.strip():
            self.report(node, "Expected expression but not found.", about)
            return Expression("")
        return self.text(node, text, about, dynamic=dynamic)

    def text(self, node: Node, text: str, about: str = "", *, dynamic: bool = False) -> Expression:
        """As ``expression``, for the text between tags, which is there even when it is empty."""
        try:
            found = expression(text)
        except feel.FeelSyntaxError as error:
            self.report(node, f"failed to parse expression '{text.lstrip()[1:]}': {error}", about)
            return Expression("")
        if dynamic and found.static:
            self.report(
                node,
                f"Expected expression but found static value '{text}'. An expression must start with '=' (e.g. '={text}').",
                about,
            )
        return found
