"""Evaluating a decision, with the trace that the gateway answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from camunda_embedded import _feel as feel
from camunda_embedded._dmn.hits import TableFailure, apply, check_type, id_of, single
from camunda_embedded._dmn.model import (
    BoxedContext,
    BoxedList,
    Decision,
    DecisionRequirements,
    DecisionTable,
    FunctionDefinition,
    KnowledgeModel,
    Logic,
    Relation,
    Rule,
)
from camunda_embedded._feel import budget
from camunda_embedded._feel.values import Function
from camunda_embedded._limits import MAX_DECISIONS


@dataclass(frozen=True)
class EvaluatedEntry:
    """What the expression of an input column gave, or an output entry of a matched rule.

    `value` is a JSON value, as in the other parts of the trace.
    """

    id: str
    name: str
    value: Any


@dataclass(frozen=True)
class MatchedRule:
    """A rule that matched. `index` counts from 1."""

    id: str
    index: int
    outputs: tuple[EvaluatedEntry, ...]


@dataclass(frozen=True)
class EvaluatedDecision:
    """One decision of the trace, or one call of a business knowledge model. `output` is None also when it failed."""

    id: str
    name: str
    type: str
    output: Any
    inputs: tuple[EvaluatedEntry, ...]
    matched_rules: tuple[MatchedRule, ...]


@dataclass(frozen=True)
class DecisionResult:
    """The outcome of an evaluation.

    Attributes:
        output: the JSON value of the decision; None when it failed.
        evaluated_decisions: the trace, required decisions before those that require them.
        failed_decision_id: the decision that failed; "" when none did.
        failure: why it failed, such as "Assertion failure on evaluate the expression ..."; "" when it did not.
        failure_message: the same as the gateway words it; "" when nothing failed.
    """

    output: Any
    evaluated_decisions: tuple[EvaluatedDecision, ...]
    failed_decision_id: str = ""
    failure: str = ""
    failure_message: str = ""


class _Failure(Exception):
    def __init__(self, decision_id: str, message: str) -> None:
        super().__init__(message)
        self.decision_id = decision_id


def evaluate(
    requirements: DecisionRequirements,
    decision_id: str,
    variables: Mapping[str, Any],
    *,
    now: feel.Clock | None = None,
) -> DecisionResult:
    """Evaluate a decision and those it requires with JSON variables. A failure is part of the result.

    Raises:
        KeyError: when the file has no decision with the id.
    """
    decision = requirements.decision(decision_id)
    evaluation = _Evaluation(requirements, variables, now)
    owned = budget.enter()
    try:
        evaluation.decide(decision)
    except _Failure as failure:
        message = f"Expected to evaluate decision '{decision_id}', but {failure}"
        return DecisionResult(None, tuple(evaluation.trace), failure.decision_id, str(failure), message)
    finally:
        budget.leave(owned)
    return DecisionResult(evaluation.trace[-1].output, tuple(evaluation.trace))


@dataclass
class _Evaluation:
    requirements: DecisionRequirements
    variables: Mapping[str, Any]
    now: feel.Clock | None
    trace: list[EvaluatedDecision] = field(default_factory=list)

    def decide(self, wanted: Decision) -> None:
        """Evaluates a decision after the decisions that it requires; its trace is then the last one."""
        # Each with the values of those that it requires, as far as they are there. Not by
        # recursion: a chain may be long.
        begun: list[tuple[Decision, dict[str, Any]]] = [(wanted, {})]
        missing: list[list[str]] = [list(reversed(wanted.requires))]
        while begun:
            decision, found = begun[-1]
            if missing[-1]:
                required = self.requirements.decision(missing[-1].pop())
                begun.append((required, {}))
                missing.append(list(reversed(required.requires)))
                continue
            begun.pop()
            missing.pop()
            value = self.evaluate(decision, {**self.variables, **found})
            if begun:
                begun[-1][1][decision.variable] = value

    def evaluate(self, decision: Decision, context: dict[str, Any]) -> Any:
        """The FEEL value of a decision whose required ones are in the context."""
        context |= self.knowledge(decision.knowledge, context)
        return self.traced(decision, decision.logic, context, decision.type_ref)

    def traced(
        self, owner: Decision | KnowledgeModel, logic: Logic, context: dict[str, Any], type_ref: str = ""
    ) -> Any:
        """The FEEL value of the logic, with an entry in the trace, whether it fails or not."""
        if len(self.trace) >= MAX_DECISIONS:
            raise _Failure(owner.id, f"more than {MAX_DECISIONS} decisions were evaluated")
        inputs: list[EvaluatedEntry] = []
        rules: list[MatchedRule] = []
        value = output = failure = None
        try:
            value = self.value(logic, context, inputs, rules)
            check_type(value, type_ref)
            output = feel.to_json(value)
        except (feel.FeelEvaluationError, TableFailure) as error:
            failure = _Failure(owner.id, str(error))
        except RecursionError:
            failure = _Failure(owner.id, "a value is nested too deep")
        self.trace.append(
            EvaluatedDecision(owner.id, owner.name, owner.type, output, tuple(inputs), tuple(rules))
        )
        if failure is not None:
            raise failure
        return value

    def knowledge(self, ids: tuple[str, ...], context: dict[str, Any]) -> dict[str, Any]:
        """Functions for the business knowledge models, by the names that they are called by."""
        models = [self.requirements.knowledge_model(model_id) for model_id in ids]
        return {model.variable: self.function(model, context) for model in models}

    def function(self, model: KnowledgeModel, context: dict[str, Any]) -> Function:
        parameters = model.function.parameters

        def call(*values: Any) -> Any:
            inner = {**context, **self.knowledge(model.knowledge, context)}
            return self.traced(
                model, model.function.body, {**inner, **dict(zip(parameters, values, strict=True))}
            )

        return Function(parameters, call)

    def value(
        self,
        logic: Logic,
        context: dict[str, Any],
        inputs: list[EvaluatedEntry] | None = None,
        rules: list[MatchedRule] | None = None,
    ) -> Any:
        """The FEEL value of a table, an expression or a boxed expression."""
        budget.tick()
        if isinstance(logic, feel.Expression):
            return logic.evaluate(context, now=self.now)
        if isinstance(logic, DecisionTable):
            unseen: tuple[list[EvaluatedEntry], list[MatchedRule]] = ([], [])
            return self.table(
                logic, context, unseen[0] if inputs is None else inputs, unseen[1] if rules is None else rules
            )
        if isinstance(logic, BoxedContext):
            return self.context(logic, context)
        if isinstance(logic, BoxedList):
            return [self.value(item, context) for item in logic.items]
        if isinstance(logic, Relation):
            return [
                {name: self.value(cell, context) for name, cell in zip(logic.columns, row, strict=False)}
                for row in logic.rows
            ]
        if isinstance(logic, FunctionDefinition):
            return self.closure(logic, context)
        function = context.get(logic.function)
        arguments = {name: self.value(each, context) for name, each in logic.arguments}
        if not isinstance(function, Function) or set(function.parameters) != set(arguments):
            given = ", ".join(arguments)
            raise TableFailure(f"no function found with name '{logic.function}' and parameters: {given}")
        return function.call(*(arguments[name] for name in function.parameters))

    def closure(self, logic: FunctionDefinition, context: dict[str, Any]) -> Function:
        parameters = logic.parameters

        def call(*values: Any) -> Any:
            return self.value(logic.body, {**context, **dict(zip(parameters, values, strict=True))})

        return Function(parameters, call)

    def context(self, logic: BoxedContext, context: dict[str, Any]) -> Any:
        found: dict[str, Any] = {}
        for name, entry in logic.entries:
            value = self.value(entry, {**context, **found})
            if not name:
                return value
            found[name] = value
        return found

    def table(
        self,
        table: DecisionTable,
        context: dict[str, Any],
        inputs: list[EvaluatedEntry],
        rules: list[MatchedRule],
    ) -> Any:
        values = [column.expression.evaluate(context, now=self.now) for column in table.inputs]
        inputs += [
            EvaluatedEntry(id_of(column.id, "an input"), column.name, feel.to_json(value))
            for column, value in zip(table.inputs, values, strict=True)
        ]
        contexts = [{**context, "cellInput": value} for value in values]
        matched = [
            (index, rule) for index, rule in enumerate(table.rules, 1) if self.matches(rule, values, contexts)
        ]
        if table.hit_policy == "FIRST":
            matched = matched[:1]
        found = [self.outputs(table, index, rule, context) for index, rule in matched]
        rules += [rule for rule, _ in found]
        return apply(table, [row for _, row in found]) if found else self.default(table, context)

    def matches(self, rule: Rule, values: list[Any], contexts: list[dict[str, Any]]) -> bool:
        budget.tick()
        return all(
            tests.matches(value, context, now=self.now)
            for tests, value, context in zip(rule.tests, values, contexts, strict=False)
        )

    def outputs(
        self, table: DecisionTable, index: int, rule: Rule, context: dict[str, Any]
    ) -> tuple[MatchedRule, dict[str, Any]]:
        evaluated: list[EvaluatedEntry] = []
        values: dict[str, Any] = {}
        for column, expression in zip(table.outputs, rule.outputs, strict=False):
            value = expression.evaluate(context, now=self.now)
            evaluated.append(EvaluatedEntry(id_of(column.id, "an output"), column.label, feel.to_json(value)))
            values[column.name] = value
        return MatchedRule(id_of(rule.id, "a rule that matches"), index, tuple(evaluated)), values

    def default(self, table: DecisionTable, context: dict[str, Any]) -> Any:
        values = {
            column.name: column.default.evaluate(context, now=self.now)
            for column in table.outputs
            if column.default is not None
        }
        return single(values) if values else None
