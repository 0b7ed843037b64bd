"""What is wrong with the elements of a file, all of it, and how the real engine lists it."""

from __future__ import annotations

from camunda_embedded._bpmn.xml import Node

__all__ = ["Issues"]


class Issues:
    """Findings, collected while a file is read, checked and validated, whoever has them.

    A text is noted once for each element and for what of it is meant: two attributes that are wrong in the same way
    are two findings, and one message that three events refer to is wrong once.
    """

    def __init__(self) -> None:
        self._found: dict[Node, dict[tuple[str, str], None]] = {}

    def add(self, node: Node, text: str, about: str = "") -> None:
        """Notes what is wrong with an element, or with that attribute of it."""
        self._found.setdefault(node, {})[text, about] = None

    def text(self, root: Node) -> str:
        """The list, in the order of the file; empty when nothing was found.

        The real engine lists elements in no order at all: its order changes from one run to the next.
        """
        if not self._found:
            return ""
        return "".join(
            f"- Element: {node.path}\n" + "".join(f"    - ERROR: {text}\n" for text, _ in self._found[node])
            for node in root.walk()
            if node in self._found
        )
