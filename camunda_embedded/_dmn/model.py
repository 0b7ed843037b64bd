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
class Decision:
    """A decision.

    Attributes:
        id, name: as in the file.
        variable: the name under which decisions that require this one see its result.
        requires: the ids of the required decisions, in the order of the file.
        logic: the table or the literal expression.
    """

    id: str
    name: str
    variable: str
    requires: tuple[str, ...]
    logic: DecisionTable | feel.Expression

    @property
    def type(self) -> str:
        """The type as the gateway names it: "DECISION_TABLE" or "LITERAL_EXPRESSION"."""
        return "DECISION_TABLE" if isinstance(self.logic, DecisionTable) else "LITERAL_EXPRESSION"


@dataclass(frozen=True)
class DecisionRequirements:
    """One DMN file: the decision requirements graph."""

    id: str
    name: str
    namespace: str
    decisions: tuple[Decision, ...]

    def decision(self, decision_id: str) -> Decision:
        """The decision with the id.

        Raises:
            KeyError: when there is none.
        """
        return self._by_id[decision_id]

    @cached_property
    def _by_id(self) -> dict[str, Decision]:
        return {decision.id: decision for decision in self.decisions}
