"""DMN XML to the model; what would not be evaluated is refused here."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from xml.parsers import expat

from camunda_embedded import _feel as feel
from camunda_embedded._dmn.model import Decision, DecisionRequirements, DecisionTable, Input, Output, Rule
from camunda_embedded._limits import MAX_DMN_DEPTH, MAX_DMN_ELEMENTS, MAX_XML
from camunda_embedded._xml_text import readable

T = TypeVar("T")

_NAMESPACES = frozenset(
    (
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
    )
)
_HIT_POLICIES = frozenset(("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"))
_AGGREGATIONS = frozenset(("SUM", "MIN", "MAX", "COUNT"))
_BOXED = {
    "context": "boxed contexts",
    "list": "boxed lists",
    "relation": "relations",
    "invocation": "invocations",
    "functionDefinition": "function definitions",
    "conditional": "boxed conditionals",
    "for": "boxed iterators",
    "every": "boxed iterators",
    "some": "boxed iterators",
    "filter": "boxed filters",
}
_UNSUPPORTED = {
    "businessKnowledgeModel": "business knowledge models",
    "decisionService": "decision services",
    "import": "imports",
}


class DmnError(ValueError):
    """The file cannot be deployed; the message names the element and the reason."""


def _broken(reason: str) -> DmnError:
    return DmnError(f"Failed to parse DMN: {reason}")


def parse(xml: bytes) -> DecisionRequirements:
    """Read a DMN file.

    Raises:
        DmnError: not DMN, with a DOCTYPE, too large or too deep, an invalid expression or reference, or a feature
            that is not evaluated here (named with the id of its element).
    """
    root = _tree(xml)
    namespace, _, tag = root.tag[1:].partition("}")
    if tag != "definitions" or namespace not in _NAMESPACES:
        raise _broken("the root element is not <definitions> of a known DMN version")
    return _Reader(root, namespace).requirements()


def _tree(xml: bytes) -> ET.Element:
    if len(xml) > MAX_XML:
        raise _broken(f"the file is larger than {MAX_XML} bytes")
    depth = count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > MAX_DMN_DEPTH or count > MAX_DMN_ELEMENTS:
            raise _broken(f"more than {MAX_DMN_ELEMENTS} elements or {MAX_DMN_DEPTH} levels")

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: Any) -> None:
        raise _broken("a DOCTYPE or an entity declaration is not allowed")

    try:
        xml, encoding = readable(xml)
    except ValueError as error:
        raise _broken(str(error)) from None
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
        raise _broken(str(error)) from None


class _Reader:
    def __init__(self, root: ET.Element, namespace: str) -> None:
        self.root = root
        self.prefix = f"{{{namespace}}}"

    def children(self, element: ET.Element, *tags: str) -> Iterator[ET.Element]:
        for child in element:
            if child.tag.startswith(self.prefix) and (not tags or self.tag(child) in tags):
                yield child

    def child(self, element: ET.Element, tag: str) -> ET.Element | None:
        return next(self.children(element, tag), None)

    def tag(self, element: ET.Element) -> str:
        return element.tag[len(self.prefix) :]

    def required(self, element: ET.Element, attribute: str) -> str:
        value = element.get(attribute, "").strip()
        if not value:
            what = f" '{element.get('id')}'" if attribute != "id" and element.get("id") else ""
            raise _broken(f"an element <{self.tag(element)}>{what} has no {attribute}")
        return value

    def requirements(self) -> DecisionRequirements:
        root = self.root
        self.unique_ids()
        for element in self.children(root, *_UNSUPPORTED):
            raise self.unsupported(element, _UNSUPPORTED[self.tag(element)])
        self.language(root)
        result = DecisionRequirements(
            self.required(root, "id"),
            self.required(root, "name"),
            self.required(root, "namespace"),
            tuple(self.decision(element) for element in self.children(root, "decision")),
        )
        _check_requirements(result)
        return result

    def unique_ids(self) -> None:
        seen: set[str] = set()
        for element in self.root.iter():
            element_id = element.get("id") if element.tag.startswith(self.prefix) else None
            if element_id in seen:
                raise _broken(f"the id '{element_id}' is used more than once")
            if element_id is not None:
                seen.add(element_id)

    def unsupported(self, element: ET.Element, feature: str) -> DmnError:
        return DmnError(f"Element '{element.get('id', self.tag(element))}': {feature} are not supported")

    def language(self, element: ET.Element) -> None:
        name = element.get("expressionLanguage", "").strip()
        if name and "FEEL" not in name.upper():
            raise DmnError(f"Expression language '{name}' is not supported")

    def decision(self, element: ET.Element) -> Decision:
        decision_id, name = self.required(element, "id"), self.required(element, "name")
        for requirement in self.children(element, "knowledgeRequirement"):
            raise self.unsupported(requirement, "knowledge requirements")
        variable = self.child(element, "variable")
        return Decision(
            decision_id,
            name,
            (variable.get("name") if variable is not None else None) or decision_id,
            tuple(self.references(element)),
            self.logic(element),
        )

    def references(self, element: ET.Element) -> Iterator[str]:
        for requirement in self.children(element, "informationRequirement"):
            for reference in self.children(requirement, "requiredDecision"):
                href = self.required(reference, "href")
                if not href.startswith("#"):
                    raise self.unsupported(requirement, f"references to another file ('{href}')")
                yield href[1:]

    def logic(self, element: ET.Element) -> DecisionTable | feel.Expression:
        for child in self.children(element):
            tag = self.tag(child)
            if tag == "decisionTable":
                return self.table(child)
            if tag == "literalExpression":
                return self.expression(child, child.get("id", "literalExpression"))
            if tag in _BOXED:
                raise self.unsupported(child, _BOXED[tag])
        raise DmnError(f"Element '{element.get('id')}': decisions without a decision logic are not supported")

    # --- expressions ---

    def text(self, element: ET.Element | None) -> str:
        child = self.child(element, "text") if element is not None else None
        return (child.text or "").strip() if child is not None else ""

    def expression(self, element: ET.Element | None, owner: str) -> feel.Expression:
        text = self.text(element)
        if element is not None:
            self.language(element)
        if not text:
            raise DmnError(f"The expression '{owner}' must not be empty.")
        return _compiled(feel.compile, "expression", text)

    def tests(self, element: ET.Element) -> feel.UnaryTests:
        self.language(element)
        return _compiled(feel.compile_unary_tests, "unary-tests", self.text(element))

    # --- tables ---

    def table(self, element: ET.Element) -> DecisionTable:
        policy = element.get("hitPolicy", "UNIQUE").strip()
        aggregation = element.get("aggregation")
        if policy not in _HIT_POLICIES or (aggregation or "SUM") not in _AGGREGATIONS:
            bad = policy if policy not in _HIT_POLICIES else aggregation
            raise _broken(f"'{bad}' of '{element.get('id')}' is not a hit policy or aggregation")
        outputs = tuple(self.output(output) for output in self.children(element, "output"))
        if not outputs:
            raise _broken(f"the decision table '{element.get('id')}' has no output")
        if len(outputs) > 1:
            nameless = [output for output in outputs if not output.name]
            if nameless:
                raise DmnError("\n".join(f"no output name defined for `{each.label}`" for each in nameless))
            if policy == "COLLECT" and aggregation:
                raise DmnError("hit policy 'COLLECT' with aggregator is not defined for compound output")
        return DecisionTable(
            policy,
            aggregation if policy == "COLLECT" else None,
            tuple(self.input(child) for child in self.children(element, "input")),
            outputs,
            tuple(self.rule(child) for child in self.children(element, "rule")),
        )

    def input(self, element: ET.Element) -> Input:
        input_id = self.required(element, "id")
        expression = self.expression(self.child(element, "inputExpression"), input_id)
        return Input(input_id, element.get("label") or expression.text, expression)

    def output(self, element: ET.Element) -> Output:
        output_id, name = self.required(element, "id"), element.get("name", "")
        default = self.child(element, "defaultOutputEntry")
        return Output(
            output_id,
            name,
            element.get("label") or name,
            self.expression(default, output_id) if default is not None else None,
            self.priorities(self.text(self.child(element, "outputValues"))),
        )

    def priorities(self, text: str) -> feel.Expression | None:
        # Values that are no list of expressions give no order, as in the reference engine.
        try:
            return feel.compile(f"[{text}]") if text else None
        except feel.FeelSyntaxError:
            return None

    def rule(self, element: ET.Element) -> Rule:
        tests = tuple(self.tests(entry) for entry in self.children(element, "inputEntry"))
        outputs = tuple(
            self.expression(entry, entry.get("id", "outputEntry"))
            for entry in self.children(element, "outputEntry")
        )
        return Rule(self.required(element, "id"), tests, outputs)


def _compiled(compile_text: Callable[[str], T], kind: str, text: str) -> T:
    try:
        return compile_text(text)
    except feel.FeelSyntaxError as error:
        raise DmnError(f"FEEL {kind}: failed to parse expression '{text}': {error}") from None


def _check_requirements(requirements: DecisionRequirements) -> None:
    """Every reference has a target, and none leads back to where it started."""
    needs = {decision.id: set(decision.requires) for decision in requirements.decisions}
    needed_by: dict[str, list[str]] = {}
    for decision in requirements.decisions:
        for required in decision.requires:
            if required not in needs:
                raise DmnError(f"Unable to find a model element instance for id {required}")
    for decision_id, required_ids in needs.items():
        for required in required_ids:
            needed_by.setdefault(required, []).append(decision_id)
    free = [decision_id for decision_id, required_ids in needs.items() if not required_ids]
    for decision_id in free:  # it grows on the way
        for other in needed_by.get(decision_id, ()):
            needs[other].discard(decision_id)
            if not needs[other]:
                free.append(other)
    if len(free) < len(needs):
        raise DmnError("Invalid DMN model: Cyclic dependencies between decisions detected.")
