"""BPMN's schema, as far as a file can break it: the first violation, in the words of the real engine's XML parser.

Facts about the elements are in ``schema_facts``; what stands inside ``extensionElements`` is anybody's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from camunda_embedded._bpmn.file import InvalidResource
from camunda_embedded._bpmn.schema_facts import ELEMENTS, HEADS, TYPES
from camunda_embedded._bpmn.xml import Node

__all__ = ["check_schema"]

_PREFIXES = {
    "http://www.omg.org/spec/BPMN/20100524/MODEL": "",
    "http://www.omg.org/spec/BPMN/20100524/DI": "bpmndi:",
    "http://www.omg.org/spec/DD/20100524/DI": "di:",
    "http://www.omg.org/spec/DD/20100524/DC": "dc:",
}
_NAMESPACES = {prefix: namespace for namespace, prefix in _PREFIXES.items()}
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
#: Names without a colon; behind their first letter they may have marks, which are no letters to ``\w``.
_MARKS = (
    r"\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u064b-\u0670\u06d6-\u06ed\u0900-\u0dff\u0e31-\u0e4e\u20d0-\u20e1"
    r"\u3099\u309a"
)
_NCNAME = rf"[^\W\d][\w.\-\u00b7{_MARKS}]*"
#: What values must look like, by the name of their type; all other types take any text.
_VALUES = {
    "ID": re.compile(_NCNAME),
    "IDREF": re.compile(_NCNAME),
    "QName": re.compile(rf"({_NCNAME}:)?{_NCNAME}"),
    "boolean": re.compile("true|false|0|1"),
    "integer": re.compile(r"[+-]?\d+"),
    "int": re.compile(r"[+-]?\d+"),
    "double": re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?INF|NaN"),
}
_PARTICLE = re.compile(r"([\w:]+)=([\w:]+?)(\?|\*|\d\+|)")


@dataclass(frozen=True)
class _Particle:
    """Children of one name at one place of a type."""

    name: str
    type: str
    least: int
    many: bool


@dataclass(frozen=True)
class _Type:
    mixed: bool
    anything: bool
    particles: tuple[_Particle, ...]
    attributes: dict[str, str] = field(hash=False)
    required: tuple[str, ...]
    other: bool


@cache
def _type(name: str) -> _Type:
    base, children, attributes = (part.strip() for part in TYPES[name].split("|"))
    inherited = _type(base) if base else _Type(False, False, (), {}, (), False)
    words = children.split()
    particles = list(inherited.particles)
    for found in filter(None, map(_PARTICLE.fullmatch, words)):
        times = found[3]
        least = {"?": 0, "*": 0, "": 1}.get(times, int(times[:-1] or "1") if times.endswith("+") else 1)
        particles.append(_Particle(found[1], found[2], least, times not in ("", "?")))
    named = [word.rstrip("!").split(":") for word in attributes.split() if word != "other"]
    return _Type(
        inherited.mixed or "mixed" in words,
        inherited.anything or any(word.startswith("any") for word in words),
        tuple(particles),
        {**inherited.attributes, **dict(named)},
        (*inherited.required, *(word.split(":")[0] for word in attributes.split() if word.endswith("!"))),
        inherited.other or "other" in attributes.split(),
    )


class _Checker:
    def __init__(self, root: Node) -> None:
        self.root = root
        self.ids: dict[str, Node] = {}
        self.references: list[str] = []

    def error(self, node: Node, text: str, *, end: bool = False) -> InvalidResource:
        return InvalidResource(f"Error: URI=null Line={node.end if end else node.line}: {text}")

    # --- attributes and text ---

    def attributes(self, node: Node, kind: _Type) -> None:
        for name, value in node.attributes.items():
            if name.startswith("{"):
                namespace, _, local = name[1:].partition("}")
                foreign = namespace not in _PREFIXES
                if not (foreign and kind.other) and namespace != _INSTANCE:
                    raise self.undeclared(node, local)
            elif name not in kind.attributes:
                raise self.undeclared(node, name)
            else:
                self.value(node, kind.attributes[name], value)
        for name in kind.required:
            if name not in node.attributes:
                raise self.error(
                    node, f"cvc-complex-type.4: Attribute '{name}' must appear on element '{node.tag}'."
                )

    def undeclared(self, node: Node, name: str) -> InvalidResource:
        text = f"cvc-complex-type.3.2.2: Attribute '{name}' is not allowed to appear in element '{node.tag}'."
        return self.error(node, text)

    def value(self, node: Node, kind: str, value: str, *, end: bool = False) -> None:
        value = value.strip()
        if "/" in kind:
            values = kind.split("/")
            if value not in values:
                text = (
                    f"Value '{value}' is not facet-valid with respect to enumeration '[{', '.join(values)}]'"
                )
                raise self.error(
                    node, f"cvc-enumeration-valid: {text}. It must be a value from the enumeration.", end=end
                )
            return
        pattern = _VALUES.get(kind)
        if pattern is not None and not pattern.fullmatch(value):
            shown = "NCName" if kind in ("ID", "IDREF") else kind
            raise self.error(
                node, f"cvc-datatype-valid.1.2.1: '{value}' is not a valid value for '{shown}'.", end=end
            )
        if kind == "ID":
            if value in self.ids:
                raise self.error(
                    node, f"cvc-id.2: There are multiple occurrences of ID value '{value}'.", end=end
                )
            self.ids[value] = node
        elif kind == "IDREF":
            self.references.append(value)

    # --- elements ---

    def element(self, node: Node, name: str) -> None:
        """An element that the schema knows, and what is in it; ``name`` is that of its type."""
        if name.startswith("xsd:"):
            self.value(node, name[4:], node.text, end=True)
            return
        named = node.attributes.get(f"{{{_INSTANCE}}}type", "").rpartition(":")[2]
        if named in TYPES:
            name = named
        if name not in TYPES:
            return
        kind = _type(name)
        self.attributes(node, kind)
        self.children(node, kind)
        if node.text.strip() and not kind.mixed:
            raise self.error(node, self.stray_text(node, kind), end=True)

    def stray_text(self, node: Node, kind: _Type) -> str:
        if not kind.particles and not kind.anything:
            what = "must have no character or element information item [children], because the type's content type is empty."
            return f"cvc-complex-type.2.1: Element '{node.tag}' {what}"
        what = "cannot have character [children], because the type's content type is element-only."
        return f"cvc-complex-type.2.3: Element '{node.tag}' {what}"

    def children(self, node: Node, kind: _Type) -> None:
        place = times = 0
        for child in node.children:
            prefix = _PREFIXES.get(child.namespace)
            if kind.anything and prefix is None:
                continue
            names = _names(f"{prefix}{child.name}") if prefix is not None else []
            for found in range(place, len(kind.particles)):
                particle = kind.particles[found]
                if found == place and times and not particle.many:
                    continue
                if particle.name in names:
                    break
                if (times if found == place else 0) < particle.least:
                    raise self.unexpected(child, kind, place, times)
            else:
                if kind.anything and not kind.particles:
                    continue
                raise self.unexpected(child, kind, place, times)
            place, times = found, times + 1 if found == place else 1
            self.element(child, ELEMENTS.get(names[0], particle.type) if len(names) > 1 else particle.type)
        missing = self.expected(kind, place, times)
        if any(
            (times if at == place else 0) < kind.particles[at].least
            for at in range(place, len(kind.particles))
        ):
            text = f"The content of element '{node.tag}' is not complete. One of '{missing}' is expected."
            raise self.error(node, f"cvc-complex-type.2.4.b: {text}", end=True)

    def unexpected(self, child: Node, kind: _Type, place: int, times: int) -> InvalidResource:
        name = f'{{"{child.namespace}":{child.name}}}' if child.namespace else child.name
        text = f"cvc-complex-type.2.4.a: Invalid content was found starting with element '{name}'."
        expected = self.expected(kind, place, times)
        if expected == "{}":
            return self.error(
                child, text.replace("2.4.a", "2.4.d") + " No child element is expected at this point."
            )
        return self.error(child, f"{text} One of '{expected}' is expected.")

    def expected(self, kind: _Type, place: int, times: int) -> str:
        names = []
        for at in range(place, len(kind.particles)):
            particle, had = kind.particles[at], times if at == place else 0
            if not had or particle.many:
                prefix, _, local = particle.name.rpartition(":")
                names.append(f'"{_NAMESPACES[prefix + ":" if prefix else ""]}":{local}')
            if had < particle.least:
                break
        return f"{{{', '.join(names)}}}"


@cache
def _names(name: str) -> list[str]:
    """An element's name, and those of the elements that it may stand for."""
    names = [name]
    while names[-1] in HEADS:
        names.append(HEADS[names[-1]])
    return names


def check_schema(root: Node) -> dict[str, Node]:
    """The elements of BPMN by id.

    Raises:
        InvalidResource: the file is not as the schema wants it; the first violation.
    """
    checker = _Checker(root)
    checker.element(root, "tDefinitions")
    for reference in checker.references:
        if reference not in checker.ids:
            raise checker.error(
                root, f"cvc-id.1: There is no ID/IDREF binding for IDREF '{reference}'.", end=True
            )
    return checker.ids
