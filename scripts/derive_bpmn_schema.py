"""Writes ``camunda_embedded/_bpmn/schema_facts.py`` from the schema files of BPMN 2.0, as the OMG publishes them.

    python scripts/derive_bpmn_schema.py FOLDER   # with BPMN20.xsd, Semantic.xsd, BPMNDI.xsd, DI.xsd and DC.xsd

What is kept of them: which children an element may have, in which order and how often, and which attributes of
which type. A choice of children is kept as children that may all be absent, which is never stricter than the schema.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

XS = "{http://www.w3.org/2001/XMLSchema}"
FILES = {
    "": ("BPMN20.xsd", "Semantic.xsd"),
    "bpmndi:": ("BPMNDI.xsd",),
    "di:": ("DI.xsd",),
    "dc:": ("DC.xsd",),
}
TARGET = Path(__file__).parent.parent / "camunda_embedded" / "_bpmn" / "schema_facts.py"
HEAD = '''"""What the schema of BPMN 2.0 says of each element. Written by ``scripts/derive_bpmn_schema.py``, not by hand."""
# ruff: noqa: E501

# fmt: off

#: Types by name: ``base | children | attributes``; what the base has comes first. A child is ``name=type`` with ``?``, ``*``
#: or the least number and ``+`` behind it; ``any`` stands for elements of other namespaces, ``mixed`` for text between the
#: children. An attribute is ``name:type``, with ``!`` when it must be there; ``other`` stands for those of other namespaces.
TYPES = {
'''


class Schema:
    """The schema files together: global elements, types and what may stand for what."""

    def __init__(self, folder: Path) -> None:
        self.elements: dict[str, str] = {}
        self.types: dict[str, tuple[str, ET.Element]] = {}
        self.simple: dict[str, ET.Element] = {}
        self.heads: dict[str, str] = {}
        for prefix, names in FILES.items():
            for name in names:
                for node in ET.parse(folder / name).getroot():
                    self.read(prefix, node)

    def read(self, prefix: str, node: ET.Element) -> None:
        name = prefix + node.get("name", "")
        if node.tag == f"{XS}element":
            self.elements[name] = self.full(prefix, node.get("type", ""))
            if node.get("substitutionGroup"):
                self.heads[name] = self.full(prefix, node.get("substitutionGroup", ""))
        elif node.tag == f"{XS}complexType":
            self.types[name] = (prefix, node)
        elif node.tag == f"{XS}simpleType":
            self.simple[name] = node

    def full(self, prefix: str, name: str) -> str:
        return name if ":" in name else prefix + name

    def type(self, name: str) -> str:
        """``base | children | attributes`` of a type, the children and attributes of its base left out."""
        prefix, node = self.types[name]
        children: list[str] = ["mixed"] if node.get("mixed") == "true" else []
        attributes: list[str] = []
        content = node.find(f"{XS}complexContent/{XS}extension")
        base = "" if content is None else self.full(prefix, content.get("base", ""))
        for part in node if content is None else content:
            if part.tag in (f"{XS}sequence", f"{XS}choice"):
                children += self.particles(prefix, part, part.tag == f"{XS}choice")
            elif part.tag == f"{XS}attribute":
                kind = self.attribute_type(prefix, part.get("type", "xsd:string"))
                attributes.append(f"{part.get('name')}:{kind}{'!' * (part.get('use') == 'required')}")
            elif part.tag == f"{XS}anyAttribute":
                attributes.append("other")
        return f"{base} | {' '.join(children)} | {' '.join(attributes)}"

    def attribute_type(self, prefix: str, name: str) -> str:
        if name.startswith("xsd:"):
            return name[4:]
        values = [
            each.get("value", "") for each in self.simple[self.full(prefix, name)].iter(f"{XS}enumeration")
        ]
        union = self.simple[self.full(prefix, name)].find(f"{XS}union") is not None
        return "string" if union else "/".join(values)

    def particles(self, prefix: str, node: ET.Element, optional: bool) -> list[str]:
        found: list[str] = []
        for part in node:
            if part.tag in (f"{XS}sequence", f"{XS}choice"):
                found += self.particles(prefix, part, True)
                continue
            least = 0 if optional else int(part.get("minOccurs", "1"))
            many = part.get("maxOccurs", "1") == "unbounded"
            times = {(0, False): "?", (0, True): "*", (1, False): "", (1, True): "1+"}.get(
                (least, many), f"{least}+"
            )
            if part.tag == f"{XS}any":
                found.append(f"any{times}")
                continue
            reference = part.get("ref")
            name = self.full(prefix, reference or part.get("name", ""))
            kind = self.elements.get(name, "") if reference else self.full(prefix, part.get("type", "any"))
            found.append(f"{name}={kind}{times}")
        return found


def main() -> None:
    schema = Schema(Path(sys.argv[1]))
    text = HEAD
    for name in sorted(schema.types):
        text += f"    {name!r}: {schema.type(name)!r},\n".replace("'", '"')
    text += (
        "}\n#: What may stand where the schema names another element: the element it stands for.\nHEADS = {\n"
    )
    text += "".join(f'    "{name}": "{head}",\n' for name, head in sorted(schema.heads.items()))
    text += "}\n#: The types of the elements.\nELEMENTS = {\n"
    text += "".join(f'    "{name}": "{kind}",\n' for name, kind in sorted(schema.elements.items()))
    TARGET.write_text(text + "}\n")


if __name__ == "__main__":
    main()
