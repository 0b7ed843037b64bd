"""XML as a plain tree with line numbers; document types, entities, great depth and great size are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from camunda_embedded._bpmn.xml_errors import explanation
from camunda_embedded._limits import MAX_XML, MAX_XML_DEPTH
from camunda_embedded._xml_text import readable

__all__ = ["Node", "XmlError", "parse"]

_DOCTYPE = 'DOCTYPE is disallowed when the feature "http://apache.org/xml/features/disallow-doctype-decl" set to true.'
#: A start tag; a ``>`` in the value of an attribute does not end it.
_TAG = re.compile(rb"""<(?:[^"'>]|"[^"]*"|'[^']*')*>""")


class XmlError(ValueError):
    """The text is not an XML document that is accepted here; ``line`` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"Fatal Error: URI=null Line={line}: {message}")
        self.line = line


@dataclass(eq=False)
class Node:
    """An element. ``attributes`` are keyed by name, those in a namespace of their own by
    ``{namespace}name``. ``line`` is where its start tag ends, ``end`` where its end tag is.
    """

    namespace: str
    name: str
    attributes: dict[str, str]
    line: int
    parent: Node | None
    children: list[Node] = field(default_factory=list)
    text: str = ""
    prefix: str = ""
    end: int = 0

    @property
    def tag(self) -> str:
        """The name as it is written, with its prefix."""
        return f"{self.prefix}:{self.name}" if self.prefix else self.name

    @property
    def id(self) -> str:
        """The attribute ``id``, or ``""``."""
        return self.get("id")

    def get(self, name: str) -> str:
        """An attribute without a namespace, or ``""``."""
        return self.attributes.get(name, "")

    def all(self, name: str, namespace: str | None = None) -> list[Node]:
        """The children of that name in a namespace (by default this element's own)."""
        wanted = self.namespace if namespace is None else namespace
        return [child for child in self.children if child.name == name and child.namespace == wanted]

    def first(self, name: str, namespace: str | None = None) -> Node | None:
        """The first of ``all``, or None."""
        return next(iter(self.all(name, namespace)), None)

    def walk(self) -> Iterator[Node]:
        """This element and everything below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def path(self) -> str:
        """How validation messages name this element: the nearest id of BPMN's own, then the names down to here."""
        names: list[str] = []
        node: Node | None = self
        while node is not None:
            own = node.parent is not None and node.namespace == self._top.namespace
            names.append(node.id if own and node.id else node.name)
            if own and node.id:
                break
            node = node.parent
        return " > ".join(reversed(names))

    @property
    def _top(self) -> Node:
        node = self
        while node.parent is not None:
            node = node.parent
        return node


def parse(content: bytes) -> Node:
    """The root of the document.

    Raises:
        XmlError: it is not well formed, declares a document type, or is beyond the bounds of this module.
    """
    if len(content) > MAX_XML:
        raise XmlError(1, f"the document is larger than {MAX_XML} bytes")
    try:
        content, encoding = readable(content)
    except ValueError as error:
        raise XmlError(1, str(error)) from None
    parser = expat.ParserCreate(encoding, namespace_separator=" ")
    parser.buffer_text = True
    parser.namespace_prefixes = True
    stack: list[Node] = []
    roots: list[Node] = []
    declared: set[str] = set()

    def start(name: str, attributes: dict[str, str]) -> None:
        line = parser.CurrentLineNumber
        if len(stack) >= MAX_XML_DEPTH:
            raise XmlError(line, f"elements are nested deeper than {MAX_XML_DEPTH} levels")
        tag = _TAG.match(content, parser.CurrentByteIndex)
        if tag is not None:
            line += content.count(b"\n", tag.start(), tag.end())
        namespace, local, prefix = _split(name)
        named = {}
        for key, value in attributes.items():
            space, short, _ = _split(key)
            named[f"{{{space}}}{short}" if space else short] = value
        node = Node(namespace, local, named, line, stack[-1] if stack else None, prefix=prefix)
        (stack[-1].children if stack else roots).append(node)
        stack.append(node)

    def end(_: str) -> None:
        stack.pop().end = parser.CurrentLineNumber

    def text(data: str) -> None:
        if stack:
            stack[-1].text += data

    def doctype(*_: object) -> None:
        raise XmlError(parser.CurrentLineNumber, _DOCTYPE)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = doctype
    parser.StartNamespaceDeclHandler = lambda prefix, _: declared.add(prefix or "")
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        element = stack[-1].tag if stack else ""
        found = explanation(error, content, parser.ErrorByteIndex, element, declared)
        raise XmlError(error.lineno, found) from None
    return roots[0]


def _split(name: str) -> tuple[str, str, str]:
    """Namespace, local name and prefix of a name as expat gives it."""
    parts = name.split(" ")
    if len(parts) == 1:
        return "", name, ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""
