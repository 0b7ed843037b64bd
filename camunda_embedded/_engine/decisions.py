"""Decisions: evaluated by a command or by a business rule task, with the trace in the records."""

from __future__ import annotations

from typing import Any

from camunda_embedded import _dmn as dmn
from camunda_embedded._bpmn.model import Expression
from camunda_embedded._documents import dumps
from camunda_embedded._engine.binding import bound
from camunda_embedded._engine.command import Command, Handlers
from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.resources import TENANT, Decision, Repository
from camunda_embedded._engine.state import Instance
from camunda_embedded._engine.variables import Variables

__all__ = ["Decisions", "Evaluation"]

Evaluation = tuple[int, Decision, dmn.DecisionResult]


class Decisions:
    """Evaluates deployed decisions."""

    def __init__(self, kernel: Kernel, variables: Variables, repository: Repository) -> None:
        self._kernel = kernel
        self._variables = variables
        self._repository = repository
        self.handlers: Handlers = {"DECISION_EVALUATION EVALUATE": self._evaluate}

    def evaluate(self, decision_id: str, decision_key: int, variables: dict[str, Any]) -> Evaluation:
        """The command DECISION_EVALUATION EVALUATE; a failed evaluation is a result, not a rejection."""
        value = {
            "decisionId": decision_id,
            "decisionKey": decision_key,
            "variables": variables,
            "decisionOutput": "null",
            "tenantId": TENANT,
        }
        found: Evaluation = self._kernel.execute("DECISION_EVALUATION", "EVALUATE", -1, value)
        return found

    def _evaluate(self, command: Command[None]) -> Evaluation:
        decision_id, decision_key = command.value["decisionId"], command.value["decisionKey"]
        decisions = self._repository.decisions
        if decision_id:
            decision = decisions.latest(decision_id)
            if decision is None:
                raise reject("evaluate.id", id=decision_id)
        elif decision_key > -1:
            decision = decisions.by_key.get(decision_key)
            if decision is None:
                raise reject("evaluate.key", key=decision_key)
        else:
            raise reject("evaluate.nothing")
        return self._evaluated(decision, command.value["variables"], None)

    def evaluate_for(self, instance: Instance, wanted: Expression) -> Any:
        """The JSON output of the decision a task calls; Failure when there is none or it fails."""
        decision_id = self._variables.typed(instance, wanted, "STRING")
        decision = bound(
            self._repository.decisions, decision_id, instance, "CALLED_DECISION_ERROR", "evaluate decision"
        )
        if decision is None:
            text = (
                f"Expected to evaluate decision '{decision_id}', but no decision found for id '{decision_id}'"
            )
            raise Failure("CALLED_DECISION_ERROR", text)
        _, _, result = self._evaluated(decision, instance.visible(), instance)
        if result.failed_decision_id:
            raise Failure("DECISION_EVALUATION_ERROR", result.failure_message)
        return result.output

    def _evaluated(
        self, decision: Decision, variables: dict[str, Any], instance: Instance | None
    ) -> Evaluation:
        result = dmn.evaluate(decision.requirements.model, decision.id, variables, now=self._variables.now)
        key = self._kernel.next_key()
        value = {
            "decisionKey": decision.key,
            "decisionId": decision.id,
            "decisionName": decision.model.name,
            "decisionVersion": decision.version,
            "decisionRequirementsId": decision.requirements.id,
            "decisionRequirementsKey": decision.requirements.key,
            "decisionOutput": dumps(result.output),
            "variables": {},
            "bpmnProcessId": instance.definition.id if instance is not None else "",
            "processDefinitionKey": instance.definition.key if instance is not None else -1,
            "processInstanceKey": instance.root.key if instance is not None else -1,
            "elementId": instance.element.id if instance is not None else "",
            "elementInstanceKey": instance.key if instance is not None else -1,
            "evaluatedDecisions": [
                self.trace(decision, evaluated) for evaluated in result.evaluated_decisions
            ],
            "failedDecisionId": result.failed_decision_id,
            "evaluationFailureMessage": result.failure_message,
            "tenantId": TENANT,
        }
        self._kernel.event(
            "DECISION_EVALUATION", "FAILED" if result.failed_decision_id else "EVALUATED", key, value
        )
        return key, decision, result

    def trace(self, decision: Decision, evaluated: dmn.EvaluatedDecision) -> dict[str, Any]:
        """One decision of an evaluation, as records and answers show it."""
        versions = self._repository.decisions.by_id.get(evaluated.id, ())
        own = next((found for found in versions if found.requirements is decision.requirements), None)
        return {
            "decisionKey": own.key if own is not None else -1,  # a business knowledge model has none
            "decisionId": evaluated.id,
            "decisionName": evaluated.name,
            "decisionVersion": own.version if own is not None else -1,
            "decisionType": evaluated.type,
            "decisionOutput": dumps(evaluated.output),
            "evaluatedInputs": [
                {"inputId": i.id, "inputName": i.name, "inputValue": dumps(i.value)} for i in evaluated.inputs
            ],
            "matchedRules": [
                {
                    "ruleId": rule.id,
                    "ruleIndex": rule.index,
                    "evaluatedOutputs": [
                        {"outputId": o.id, "outputName": o.name, "outputValue": dumps(o.value)}
                        for o in rule.outputs
                    ],
                }
                for rule in evaluated.matched_rules
            ],
            "tenantId": TENANT,
        }
