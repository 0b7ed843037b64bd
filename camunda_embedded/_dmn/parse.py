"""DMN XML to the model; all that is wrong with a file is said at once, unless it cannot be read at all."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping

from camunda_embedded._dmn.logic import LogicReader
from camunda_embedded._dmn.model import Decision, DecisionRequirements, FunctionDefinition, KnowledgeModel
from camunda_embedded._dmn.tree import NAMESPACES, DmnError, Names, broken, read_tree

__all__ = ["DmnError", "parse"]

_VERSION_TAG = "{http://camunda.org/schema/zeebe/1.0}versionTag"
#: The types that the result of a decision is checked for; others, such as item definitions, are not.
_CHECKED = frozenset(
    ("string", "number", "boolean", "date", "time", "dateTime", "dayTimeDuration", "yearMonthDuration")
)


def parse(xml: bytes) -> DecisionRequirements:
    """Read a DMN file.

    Raises:
        DmnError: not DMN, with a DOCTYPE, too large or too deep; or invalid expressions, references and features
            that are not evaluated here, all of them.
    """
    root = read_tree(xml)
    namespace, _, tag = root.tag[1:].partition("}")
    if tag != "definitions" or namespace not in NAMESPACES:
        raise broken("the root element is not <definitions> of a known DMN version")
    return _Reader(root, namespace).requirements()


class _Reader:
    def __init__(self, root: ET.Element, namespace: str) -> None:
        self.root = root
        self.names = Names(namespace)
        self.problems: list[str] = []
        self.logic = LogicReader(self.names, self.problems)
        #: What the variable of a decision or a knowledge model is called, by the element's id.
        self.variables: dict[str, str] = {}

    def requirements(self) -> DecisionRequirements:
        self.unique_ids()
        found = {
            tag: list(self.names.children(self.root, tag)) for tag in ("decision", "businessKnowledgeModel")
        }
        for element in (*found["decision"], *found["businessKnowledgeModel"]):
            fallback = element.get("id" if self.names.tag(element) == "decision" else "name", "")
            variable = self.names.child(element, "variable")
            name = variable.get("name") if variable is not None else None
            self.variables[element.get("id", "")] = name or fallback
        result = DecisionRequirements(
            self.names.required(self.root, "id"),
            self.names.required(self.root, "name"),
            self.names.required(self.root, "namespace"),
            decisions := tuple(self.decision(element) for element in found["decision"]),
            tuple(self.knowledge(decisions, found["businessKnowledgeModel"])),
        )
        if self.problems:
            raise DmnError("\n".join(self.problems))
        _check_requirements(result)
        return result

    def unique_ids(self) -> None:
        seen: set[str] = set()
        for element in self.root.iter():
            element_id = element.get("id") if element.tag.startswith(self.names.prefix) else None
            if element_id in seen:
                raise broken(f"the id '{element_id}' is used more than once")
            if element_id is not None:
                seen.add(element_id)

    def decision(self, element: ET.Element) -> Decision:
        decision_id, name = self.names.required(element, "id"), self.names.required(element, "name")
        requires = tuple(self.references(element, "informationRequirement", "requiredDecision"))
        knowledge = tuple(self.references(element, "knowledgeRequirement", "requiredKnowledge"))
        variable = self.names.child(element, "variable")
        type_ref = variable.get("typeRef", "").removeprefix("feel:") if variable is not None else ""
        return Decision(
            decision_id,
            name,
            self.variables[decision_id],
            type_ref if type_ref in _CHECKED else "",
            requires,
            knowledge,
            self.logic.logic(element, self.callable(requires, knowledge)),
            self.version_tag(element),
        )

    def version_tag(self, element: ET.Element) -> str:
        extensions = self.names.child(element, "extensionElements")
        tag = extensions.find(_VERSION_TAG) if extensions is not None else None
        return tag.get("value", "") if tag is not None else ""

    def knowledge(
        self, decisions: tuple[Decision, ...], elements: list[ET.Element]
    ) -> Iterator[KnowledgeModel]:
        """The business knowledge models that are required; what is in the others does not matter."""
        by_id = {element.get("id", ""): element for element in elements}
        wanted = dict.fromkeys(each for decision in decisions for each in decision.knowledge)
        waiting = list(wanted)
        for model_id in waiting:  # it grows on the way
            if model_id not in by_id:
                continue
            model = self.knowledge_model(by_id[model_id])
            waiting += [each for each in model.knowledge if each not in wanted]
            wanted.update(dict.fromkeys(model.knowledge))
            yield model

    def knowledge_model(self, element: ET.Element) -> KnowledgeModel:
        model_id, name = self.names.required(element, "id"), self.names.required(element, "name")
        knowledge = tuple(self.references(element, "knowledgeRequirement", "requiredKnowledge"))
        encapsulated = self.names.child(element, "encapsulatedLogic")
        if encapsulated is None:
            self.problems.append("unsupported decision expression 'null'")
            function = FunctionDefinition((), self.logic.logic(element, frozenset()))
        else:
            function = self.logic.function(encapsulated, self.callable(knowledge))
        return KnowledgeModel(model_id, name, self.variables[model_id], knowledge, function)

    def callable(self, *ids: tuple[str, ...]) -> frozenset[str]:
        """The names of what is required, whose values may be functions."""
        return frozenset(self.variables.get(id_, "") for each in ids for id_ in each)

    def references(self, element: ET.Element, requirement_tag: str, tag: str) -> Iterator[str]:
        for requirement in self.names.children(element, requirement_tag):
            for reference in self.names.children(requirement, tag):
                href = self.names.required(reference, "href")
                if not href.startswith("#"):
                    owner = requirement.get("id", self.names.tag(requirement))
                    self.problems.append(
                        f"Element '{owner}': references to another file ('{href}') are not supported"
                    )
                    continue
                yield href[1:]


def _check_requirements(requirements: DecisionRequirements) -> None:
    """Every reference has a target, and none leads back to where it started."""
    models = {model.id: model.knowledge for model in requirements.knowledge}
    for decision in requirements.decisions:
        _check_targets(decision.knowledge, models)
    _check_graph({decision.id: decision.requires for decision in requirements.decisions})
    _check_graph(models)


def _check_targets(required: tuple[str, ...], known: Mapping[str, object]) -> None:
    for each in required:
        if each not in known:
            raise DmnError(f"Unable to find a model element instance for id {each}")


def _check_graph(graph: Mapping[str, tuple[str, ...]]) -> None:
    needs = {node: set(required) for node, required in graph.items()}
    needed_by: dict[str, list[str]] = {}
    for node, required in graph.items():
        _check_targets(required, graph)
        for each in set(required):
            needed_by.setdefault(each, []).append(node)
    free = [node for node, required_ids in needs.items() if not required_ids]
    for node in free:  # it grows on the way
        for other in needed_by.get(node, ()):
            needs[other].discard(node)
            if not needs[other]:
                free.append(other)
    if len(free) < len(needs):
        raise DmnError("Invalid DMN model: Cyclic dependencies between decisions detected.")
