"""A BPMN file while it is read: its elements by id, and what is wrong with them."""

from __future__ import annotations

from camunda_embedded import _feel as feel
from camunda_embedded._bpmn.grammar import BPMN
from camunda_embedded._bpmn.model import Expression, expression
from camunda_embedded._bpmn.xml import Node

__all__ = ["File", "InvalidResource"]


class InvalidResource(ValueError):
    """The file cannot be deployed; the message is what stands after the file's name."""


class File:
    """A file while it is read: its elements by id, and what is wrong with it by the place it is said of."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.problems: dict[str, list[str]] = {}
        self.nodes: dict[str, Node] = {}

    def report(self, node: Node, text: str) -> None:
        """Notes, once, what is wrong with an element."""
        texts = self.problems.setdefault(node.path, [])
        if text not in texts:
            texts.append(text)

    def index(self) -> None:
        """Finds the elements by id, and references that lead nowhere."""
        for node in self.root.walk():
            if node.namespace != BPMN or not node.id:
                continue
            if node.id in self.nodes:
                raise InvalidResource(
                    f"Error: URI=null Line={node.line}: cvc-id.2: There are multiple occurrences of ID value '{node.id}'."
                )
            self.nodes[node.id] = node
        for node in self.root.walk():
            if node.namespace != BPMN:
                continue
            for name in ("sourceRef", "targetRef", "default") if node.name != "association" else ():
                reference = node.attributes.get(name)
                if reference is not None and reference not in self.nodes:
                    raise InvalidResource(
                        f"Error: URI=null Line={node.line}: cvc-id.1: There is no ID/IDREF binding for IDREF '{reference}'."
                    )
            if node.name in ("incoming", "outgoing") and node.text.strip() not in self.nodes:
                raise InvalidResource(f"Unable to find a model element instance for id {node.text.strip()}")

    def raise_problems(self) -> None:
        """Raises InvalidResource when anything was reported."""
        if self.problems:
            lines = [
                f"- Element: {path}\n" + "".join(f"    - ERROR: {text}\n" for text in texts)
                for path, texts in self.problems.items()
            ]
            raise InvalidResource("".join(lines))

    def expression(self, node: Node, text: str, *, dynamic: bool = False) -> Expression:
        """The value of an attribute; ``dynamic`` ones must be expressions. A problem leaves an empty static text."""
        if not text.strip():
            self.report(node, "Expected expression but not found.")
            return Expression("")
        try:
            found = expression(text)
        except feel.FeelSyntaxError as error:
            self.report(node, f"failed to parse expression '{text.strip()[1:].strip()}': {error}")
            return Expression("")
        if dynamic and found.static:
            self.report(
                node,
                f"Expected expression but found static value '{text}'. An expression must start with '=' (e.g. '={text}').",
            )
        return found
