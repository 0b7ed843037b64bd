"""The XML of a DMN file: bounded, without document types, and elements found by name."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from camunda_embedded._limits import MAX_DMN_DEPTH, MAX_DMN_ELEMENTS, MAX_XML
from camunda_embedded._xml_text import readable

#: The versions of DMN that the real engine reads: 1.1 to 1.5.
NAMESPACES = frozenset(
    (
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
    )
)


class DmnError(ValueError):
    """The file cannot be deployed; the message has a line for each reason."""


def broken(reason: str) -> DmnError:
    """The error of a file that cannot be read at all; the real engine says no more than its first half."""
    head = "Failed to parse DMN: org.camunda.bpm.model.dmn.DmnModelException: Unable to parse model"
    return DmnError(f"{head}: {reason}")


def read_tree(xml: bytes) -> ET.Element:
    """The root of the document.

    Raises:
        DmnError: it is not well formed, declares a document type, or is beyond the bounds.
    """
    if len(xml) > MAX_XML:
        raise broken(f"the file is larger than {MAX_XML} bytes")
    depth = count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > MAX_DMN_DEPTH or count > MAX_DMN_ELEMENTS:
            raise broken(f"more than {MAX_DMN_ELEMENTS} elements or {MAX_DMN_DEPTH} levels")

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: Any) -> None:
        raise broken("a DOCTYPE or an entity declaration is not allowed")

    try:
        xml, encoding = readable(xml)
    except ValueError as error:
        raise broken(str(error)) from None
    parser = expat.ParserCreate(encoding)
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = doctype
    try:
        parser.Parse(xml, True)
        return ET.fromstring(xml, ET.XMLParser(encoding=encoding))
    except DmnError:
        raise
    except (expat.ExpatError, ET.ParseError, ValueError, LookupError) as error:
        raise broken(str(error)) from None


class Names:
    """Finds elements of one namespace."""

    def __init__(self, namespace: str) -> None:
        self.prefix = f"{{{namespace}}}"

    def children(self, element: ET.Element, *tags: str) -> Iterator[ET.Element]:
        """The children of the namespace, all or those of some names."""
        for child in element:
            if child.tag.startswith(self.prefix) and (not tags or self.tag(child) in tags):
                yield child

    def child(self, element: ET.Element, tag: str) -> ET.Element | None:
        """The first child of that name, or None."""
        return next(self.children(element, tag), None)

    def tag(self, element: ET.Element) -> str:
        """The local name of an element of the namespace."""
        return element.tag[len(self.prefix) :]

    def required(self, element: ET.Element, attribute: str) -> str:
        """The value of an attribute.

        Raises:
            DmnError: it is not there, or empty.
        """
        value = element.get(attribute, "").strip()
        if not value:
            what = f" '{element.get('id')}'" if attribute != "id" and element.get("id") else ""
            raise broken(f"an element <{self.tag(element)}>{what} has no {attribute}")
        return value
