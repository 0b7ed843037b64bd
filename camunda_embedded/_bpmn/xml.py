"""XML as a plain tree with line numbers; document types, entities, great depth and great size are refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from camunda_embedded._limits import MAX_XML, MAX_XML_DEPTH
from camunda_embedded._xml_text import readable

__all__ = ["Node", "XmlError", "parse"]

_DOCTYPE = 'DOCTYPE is disallowed when the feature "http://apache.org/xml/features/disallow-doctype-decl" set to true.'
_TEXTS = {
    expat.errors.XML_ERROR_NO_ELEMENTS: "Premature end of file.",
    expat.errors.XML_ERROR_SYNTAX: "Content is not allowed in prolog.",
    expat.errors.XML_ERROR_UNCLOSED_TOKEN: "XML document structures must start and end within the same entity.",
}


class XmlError(ValueError):
    """The text is not an XML document that is accepted here; ``line`` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"Fatal Error: URI=null Line={line}: {message}")
        self.line = line


@dataclass(eq=False)
class Node:
    """An element. ``attributes`` are keyed by name, those in a namespace of their own by
    ``{namespace}name``.
    """

    namespace: str
    name: str
    attributes: dict[str, str]
    line: int
    parent: Node | None
    children: list[Node] = field(default_factory=list)
    text: str = ""

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
        """How validation messages name this element: the nearest id, then the names down to here."""
        names: list[str] = []
        node: Node | None = self
        while node is not None and (not node.id or node.name == "definitions"):
            names.append(node.name)
            if node.parent is None:
                break
            node = node.parent
        else:
            if node is not None:
                names.append(node.id)
        return " > ".join(reversed(names))


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
    stack: list[Node] = []
    roots: list[Node] = []

    def split(name: str) -> tuple[str, str]:
        namespace, _, local = name.rpartition(" ")
        return namespace, local

    def start(name: str, attributes: dict[str, str]) -> None:
        namespace, local = split(name)
        if len(stack) >= MAX_XML_DEPTH:
            raise XmlError(
                parser.CurrentLineNumber, f"elements are nested deeper than {MAX_XML_DEPTH} levels"
            )
        named = {}
        for key, value in attributes.items():
            space, short = split(key)
            named[f"{{{space}}}{short}" if space else short] = value
        node = Node(namespace, local, named, parser.CurrentLineNumber, stack[-1] if stack else None)
        (stack[-1].children if stack else roots).append(node)
        stack.append(node)

    def end(_: str) -> None:
        stack.pop()

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
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        message = expat.errors.messages[error.code]
        if stack:
            name = stack[-1].name
            known = f'The element type "{name}" must be terminated by the matching end-tag "</{name}>".'
            wanted = (
                message in (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_TAG_MISMATCH)
                or content.rpartition(b"<")[2][:1] == b"/"  # cut off inside an end tag
            )
            raise XmlError(error.lineno, known if wanted else _TEXTS.get(message, message)) from None
        raise XmlError(error.lineno, _TEXTS.get(message, message)) from None
    return roots[0]
