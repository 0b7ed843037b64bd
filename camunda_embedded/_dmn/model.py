"""A parsed DMN file: the decisions, their tables and expressions, and what they require."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from camunda_embedded import _feel as feel


@dataclass(frozen=True)
class Input:
    """A column that rules test. `name` is the label, or else the text of the expression."""

    id: str
    name: str
    expression: feel.Expression


@dataclass(frozen=True)
class Output:
    """A column that rules fill. `label` is what the trace calls it, `name` its key among several outputs.

    `priorities` are the output values, the highest priority first; None when the table gives none.
    """

    id: str
    name: str
    label: str
    default: feel.Expression | None
    priorities: feel.Expression | None


@dataclass(frozen=True)
class Rule:
    """A row."""

    id: str
    tests: tuple[feel.UnaryTests, ...]
    outputs: tuple[feel.Expression, ...]


@dataclass(frozen=True)
class DecisionTable:
    """A table. `hit_policy` as in DMN ("RULE ORDER"), `aggregation` "SUM", "MIN", "MAX", "COUNT" or None."""

    hit_policy: str
    aggregation: str | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class BoxedContext:
    """Named entries, each of which sees those before it; one without a name is the result of the whole."""

    entries: tuple[tuple[str, Logic], ...]


@dataclass(frozen=True)
class BoxedList:
    """The values of several expressions, as a list."""

    items: tuple[Logic, ...]


@dataclass(frozen=True)
class Relation:
    """A list of contexts: each row has a value for each column."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Logic, ...], ...]


@dataclass(frozen=True)
class FunctionDefinition:
    """A function; its body sees the parameters, and what is there where it is defined."""

    parameters: tuple[str, ...]
    body: Logic


@dataclass(frozen=True)
class Invocation:
    """A call of a function by its name, with an expression for each of its parameters."""

    function: str
    arguments: tuple[tuple[str, Logic], ...]


Logic = (
    DecisionTable | feel.Expression | BoxedContext | BoxedList | Relation | FunctionDefinition | Invocation
)
#: What the gateway calls the kinds of logic.
_TYPES = {
    DecisionTable: "DECISION_TABLE",
    feel.Expression: "LITERAL_EXPRESSION",
    BoxedContext: "CONTEXT",
    BoxedList: "LIST",
    Relation: "RELATION",
    FunctionDefinition: "FUNCTION",
    Invocation: "INVOCATION",
}


@dataclass(frozen=True)
class KnowledgeModel:
    """A business knowledge model: a function of the file, called by `variable`."""

    id: str
    name: str
    variable: str
    knowledge: tuple[str, ...]
    function: FunctionDefinition

    @property
    def type(self) -> str:
        """The type of its logic as the gateway names it."""
        return _TYPES[type(self.function.body)]


@dataclass(frozen=True)
class Decision:
    """A decision.

    Attributes:
        id, name: as in the file.
        variable: the name under which decisions that require this one see its result.
        type_ref: the type that the result must have, such as "number"; "" when it is not checked.
        requires: the ids of the required decisions, in the order of the file.
        knowledge: the ids of the required business knowledge models.
        logic: the table, the literal expression or the boxed expression.
        version_tag: the tag that Camunda's extension gives this version; "" for none.
    """

    id: str
    name: str
    variable: str
    type_ref: str
    requires: tuple[str, ...]
    knowledge: tuple[str, ...]
    logic: Logic
    version_tag: str = ""

    @property
    def type(self) -> str:
        """The type as the gateway names it, such as "DECISION_TABLE" or "LITERAL_EXPRESSION"."""
        return _TYPES[type(self.logic)]


@dataclass(frozen=True)
class DecisionRequirements:
    """One DMN file: the decision requirements graph."""

    id: str
    name: str
    namespace: str
    decisions: tuple[Decision, ...]
    knowledge: tuple[KnowledgeModel, ...] = ()

    def decision(self, decision_id: str) -> Decision:
        """The decision with the id.

        Raises:
            KeyError: when there is none.
        """
        return self._by_id[decision_id]

    def knowledge_model(self, model_id: str) -> KnowledgeModel:
        """The business knowledge model with the id.

        Raises:
            KeyError: when there is none.
        """
        return self._knowledge_by_id[model_id]

    @cached_property
    def _by_id(self) -> dict[str, Decision]:
        return {decision.id: decision for decision in self.decisions}

    @cached_property
    def _knowledge_by_id(self) -> dict[str, KnowledgeModel]:
        return {model.id: model for model in self.knowledge}
