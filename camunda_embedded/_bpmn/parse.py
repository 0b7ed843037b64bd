"""From the bytes of a BPMN file to executable processes, or to the reasons why not."""

from __future__ import annotations

from camunda_embedded import _feel as feel
from camunda_embedded._bpmn import validate
from camunda_embedded._bpmn.grammar import BPMN, check
from camunda_embedded._bpmn.model import Expression, Process, expression
from camunda_embedded._bpmn.process import ProcessReader
from camunda_embedded._bpmn.xml import Node, XmlError, parse

__all__ = ["File", "InvalidResource", "read"]


class InvalidResource(ValueError):
    """The file cannot be deployed; the message is what stands after the file's name."""


def read(content: bytes) -> list[Process]:
    """The executable processes of a file.

    Raises:
        InvalidResource: it is not XML, not BPMN, or contains something that is wrong or not supported, each by name.
    """
    try:
        root = parse(content)
    except XmlError as error:
        raise InvalidResource(str(error)) from None
    if root.name != "definitions" or root.namespace != BPMN:
        unknown = f"cvc-elt.1.a: Cannot find the declaration of element '{root.name}'."
        raise InvalidResource(f"Error: URI=null Line={root.line}: {unknown}")
    return File(root).read()


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

    def read(self) -> list[Process]:
        """The executable processes; InvalidResource when anything was reported."""
        self.index()
        check(self.root, self.report)
        executable = [n for n in self.root.all("process") if n.get("isExecutable") == "true"]
        if not executable:
            self.report(self.root, "Must contain at least one executable process")
        self.raise_problems()
        for node in (*self.root.all("message"), *self.root.all("signal")):
            validate.root_element(node, self.report)
        processes = [ProcessReader(self, node).read() for node in executable]
        self.raise_problems()
        return processes

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
        if self.problems:
            lines = [
                f"- Element: {path}\n" + "".join(f"    - ERROR: {text}\n" for text in texts)
                for path, texts in self.problems.items()
            ]
            raise InvalidResource("".join(lines))

    def expression(self, node: Node, text: str, *, dynamic: bool = False) -> Expression:
        """The value of an attribute; ``dynamic`` ones must be expressions. A problem
        leaves an empty static text.
        """
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
