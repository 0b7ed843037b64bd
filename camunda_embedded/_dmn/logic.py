"""The logic of decisions: literal expressions, tables and boxed expressions. All that is wrong with it is collected."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import TypeVar

from camunda_embedded import _feel as feel
from camunda_embedded._dmn.model import (
    BoxedContext,
    BoxedList,
    DecisionTable,
    FunctionDefinition,
    Input,
    Invocation,
    Logic,
    Output,
    Relation,
    Rule,
)
from camunda_embedded._dmn.tree import Names, broken

T = TypeVar("T", feel.Expression, feel.UnaryTests)

_HIT_POLICIES = frozenset(("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"))
_AGGREGATIONS = frozenset(("SUM", "MIN", "MAX", "COUNT"))
#: The expression languages that are FEEL, in small letters.
_LANGUAGES = frozenset(
    (
        "feel",
        "http://www.omg.org/spec/feel/20140401",
        "http://www.omg.org/spec/dmn/20180521/feel/",
        "https://www.omg.org/spec/dmn/20191111/feel/",
        "https://www.omg.org/spec/dmn/20211108/feel/",
    )
)
#: Boxed expressions of newer versions of DMN, which the real engine does not evaluate either.
_NEWER = {
    "conditional": "boxed conditionals",
    "for": "boxed iterators",
    "every": "boxed iterators",
    "some": "boxed iterators",
    "filter": "boxed filters",
}
_NOTHING = feel.compile("null")
_ANYTHING = feel.compile_unary_tests("-")
Functions = frozenset[str]


class LogicReader:
    """Reads logic; `functions` are the names that its expressions may call besides FEEL's own functions."""

    def __init__(self, names: Names, problems: list[str]) -> None:
        self.names = names
        self.problems = problems
        self.readers: dict[str, Callable[[ET.Element, Functions], Logic]] = {
            "decisionTable": self.table,
            "literalExpression": self.expression,
            "context": self.context,
            "list": self.boxed_list,
            "relation": self.relation,
            "functionDefinition": self.function,
            "invocation": self.invocation,
        }

    def logic(self, element: ET.Element, functions: Functions) -> Logic:
        """The logic that stands in an element."""
        for child in self.names.children(element):
            tag = self.names.tag(child)
            if tag in self.readers:
                return self.readers[tag](child, functions)
            if tag in _NEWER:
                self.problems.append(f"Element '{child.get('id', tag)}': {_NEWER[tag]} are not supported")
                return _NOTHING
        self.problems.append("unsupported decision expression 'null'")
        return _NOTHING

    # --- expressions ---

    def expression(self, element: ET.Element, functions: Functions) -> feel.Expression:
        """A literal expression, or an entry of a table."""
        text = self.text(element)
        if text is None:
            self.problems.append(f"The expression '{element.get('id', 'null')}' must not be empty.")
        if text is None or not self.is_feel(element):
            return _NOTHING
        return self.compiled(lambda: feel.compile(text, functions), "expression", text) or _NOTHING

    def tests(self, element: ET.Element, functions: Functions) -> feel.UnaryTests:
        """The entry of an input column."""
        text = self.text(element) or ""
        if not self.is_feel(element):
            return _ANYTHING
        made = self.compiled(lambda: feel.compile_unary_tests(text, functions), "unary-tests", text)
        return made or _ANYTHING

    def text(self, element: ET.Element) -> str | None:
        """The text of an expression; None when it has no element for it."""
        child = self.names.child(element, "text")
        return (child.text or "").strip() if child is not None else None

    def is_feel(self, element: ET.Element) -> bool:
        """Whether the expression is in a language that is FEEL; a problem when not."""
        name = element.get("expressionLanguage", "").strip().lower()
        if name and name not in _LANGUAGES:
            self.problems.append(f"Expression language '{name}' is not supported")
            return False
        return True

    def compiled(self, make: Callable[[], T], kind: str, text: str) -> T | None:
        """What was compiled; None, and a problem, when the text is wrong."""
        try:
            return make()
        except feel.FeelSyntaxError as error:
            self.problems.append(f"FEEL {kind}: failed to parse expression '{text}': {error}")
            return None

    # --- boxed expressions ---

    def context(self, element: ET.Element, functions: Functions) -> BoxedContext:
        entries: list[tuple[str, Logic]] = []
        for entry in self.names.children(element, "contextEntry"):
            variable = self.names.child(entry, "variable")
            name = variable.get("name", "") if variable is not None else ""
            entries.append((name, self.logic(entry, functions)))
            functions |= {name}
        return BoxedContext(tuple(entries))

    def boxed_list(self, element: ET.Element, functions: Functions) -> BoxedList:
        return BoxedList(tuple(self.nested(element, functions)))

    def nested(self, element: ET.Element, functions: Functions) -> list[Logic]:
        """The expressions that stand directly in an element."""
        return [
            self.readers[self.names.tag(child)](child, functions)
            for child in self.names.children(element)
            if self.names.tag(child) in self.readers
        ]

    def relation(self, element: ET.Element, functions: Functions) -> Relation:
        columns = tuple(self.names.required(each, "name") for each in self.names.children(element, "column"))
        rows = [tuple(self.nested(row, functions)) for row in self.names.children(element, "row")]
        return Relation(columns, tuple(rows))

    def function(self, element: ET.Element, functions: Functions) -> FunctionDefinition:
        kind = element.get("kind", "FEEL")
        if kind != "FEEL":
            self.problems.append(
                f"Element '{element.get('id', self.names.tag(element))}': "
                f"functions of the kind '{kind}' are not supported"
            )
        found = self.names.children(element, "formalParameter")
        parameters = tuple(self.names.required(each, "name") for each in found)
        return FunctionDefinition(parameters, self.logic(element, functions | {*parameters}))

    def invocation(self, element: ET.Element, functions: Functions) -> Invocation:
        literal = self.names.child(element, "literalExpression")
        name = self.text(literal) if literal is not None else None
        if not name:
            self.problems.append(f"The expression '{element.get('id', 'null')}' must not be empty.")
        arguments = []
        for binding in self.names.children(element, "binding"):
            parameter = self.names.child(binding, "parameter")
            if parameter is None:
                raise broken(f"a binding of '{element.get('id')}' has no parameter")
            arguments.append((self.names.required(parameter, "name"), self.logic(binding, functions)))
        return Invocation(name or "", tuple(arguments))

    # --- tables ---

    def table(self, element: ET.Element, functions: Functions) -> DecisionTable:
        policy = element.get("hitPolicy", "UNIQUE").strip()
        aggregation = element.get("aggregation")
        if policy not in _HIT_POLICIES or (aggregation or "SUM") not in _AGGREGATIONS:
            bad = policy if policy not in _HIT_POLICIES else aggregation
            raise broken(f"'{bad}' of '{element.get('id')}' is not a hit policy or aggregation")
        children = self.names.children
        outputs = tuple(self.output(output, functions) for output in children(element, "output"))
        if not outputs:
            raise broken(f"the decision table '{element.get('id')}' has no output")
        if len(outputs) > 1:
            nameless = [output for output in outputs if not output.name]
            self.problems += [f"no output name defined for `{each.label}`" for each in nameless]
            if policy == "COLLECT" and aggregation and not nameless:
                self.problems.append(
                    "hit policy 'COLLECT' with aggregator is not defined for compound output"
                )
        return DecisionTable(
            policy,
            aggregation if policy == "COLLECT" else None,
            tuple(self.input(child, functions) for child in children(element, "input")),
            outputs,
            tuple(self.rule(child, functions) for child in children(element, "rule")),
        )

    def input(self, element: ET.Element, functions: Functions) -> Input:
        input_id = element.get("id", "")
        expression = self.names.child(element, "inputExpression")
        if expression is None:
            self.problems.append(f"The expression '{input_id or 'null'}' must not be empty.")
        made = self.expression(expression, functions) if expression is not None else _NOTHING
        return Input(input_id, element.get("label") or made.text, made)

    def output(self, element: ET.Element, functions: Functions) -> Output:
        output_id, name = element.get("id", ""), element.get("name", "")
        default = self.names.child(element, "defaultOutputEntry")
        values = self.names.child(element, "outputValues")
        return Output(
            output_id,
            name,
            element.get("label") or name,
            self.expression(default, functions) if default is not None else None,
            self.priorities((self.text(values) if values is not None else None) or ""),
        )

    def priorities(self, text: str) -> feel.Expression | None:
        # Values that are no list of expressions give no order, as in the reference engine.
        try:
            return feel.compile(f"[{text}]") if text else None
        except feel.FeelSyntaxError:
            return None

    def rule(self, element: ET.Element, functions: Functions) -> Rule:
        return Rule(
            element.get("id", ""),
            tuple(self.tests(entry, functions) for entry in self.names.children(element, "inputEntry")),
            tuple(self.expression(entry, functions) for entry in self.names.children(element, "outputEntry")),
        )
