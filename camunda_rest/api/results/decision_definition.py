"""Answers: decision definition."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = [
    "DecisionDefinition",
    "EvaluateDecision",
    "EvaluatedDecision",
    "EvaluatedDecisionInputItem",
    "EvaluatedDecisionOutputItem",
    "MatchedDecisionRuleItem",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionDefinition:
    """DecisionDefinitionResult, since 8.6."""

    WIRE: ClassVar[str] = (
        "decisionDefinitionId:s decisionDefinitionKey:k decisionRequirementsId:s decisionRequirementsKey:k decisionRequirementsName:s? decisionRequirementsVersion:i? name:s tenantId:s version:i"
    )

    decision_definition_id: str = ""
    decision_definition_key: str = ""
    decision_requirements_id: str = ""
    decision_requirements_key: str = ""
    decision_requirements_name: str | None = None  #: since 8.9
    decision_requirements_version: int | None = None  #: since 8.9
    name: str = ""  #: since 8.8
    tenant_id: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateDecision:
    """EvaluateDecisionResult, since 8.8."""

    WIRE: ClassVar[str] = (
        "decisionDefinitionId:s decisionDefinitionKey:k decisionDefinitionName:s decisionDefinitionVersion:i decisionEvaluationKey:k decisionInstanceKey:k decisionRequirementsId:s decisionRequirementsKey:k evaluatedDecisions:*EvaluatedDecision[] failedDecisionDefinitionId:s? failureMessage:s? output:s tenantId:s"
    )

    decision_definition_id: str = ""
    decision_definition_key: str = ""
    decision_definition_name: str = ""
    decision_definition_version: int = 0
    decision_evaluation_key: str = ""
    decision_instance_key: str = ""
    decision_requirements_id: str = ""
    decision_requirements_key: str = ""
    evaluated_decisions: tuple[EvaluatedDecision, ...] = ()
    failed_decision_definition_id: str | None = None
    failure_message: str | None = None
    output: str = ""
    tenant_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedDecision:
    """EvaluatedDecisionResult, since 8.8."""

    WIRE: ClassVar[str] = (
        "decisionDefinitionId:s decisionDefinitionName:s decisionDefinitionVersion:i decisionDefinitionType:s output:s tenantId:s matchedRules:*MatchedDecisionRuleItem[] evaluatedInputs:*EvaluatedDecisionInputItem[] decisionDefinitionKey:k decisionEvaluationInstanceKey:s"
    )

    decision_definition_id: str = ""
    decision_definition_name: str = ""
    decision_definition_version: int = 0
    decision_definition_type: str = ""
    output: str = ""
    tenant_id: str = ""
    matched_rules: tuple[MatchedDecisionRuleItem, ...] = ()
    evaluated_inputs: tuple[EvaluatedDecisionInputItem, ...] = ()
    decision_definition_key: str = ""
    decision_evaluation_instance_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedDecisionInputItem:
    """EvaluatedDecisionInputItem, since 8.6."""

    WIRE: ClassVar[str] = "inputId:s inputName:s inputValue:s"

    input_id: str = ""
    input_name: str = ""
    input_value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedDecisionOutputItem:
    """EvaluatedDecisionOutputItem, since 8.8."""

    WIRE: ClassVar[str] = "outputId:s outputName:s outputValue:s ruleId:s? ruleIndex:i?"

    output_id: str = ""
    output_name: str = ""
    output_value: str = ""
    rule_id: str | None = None  #: since 8.9
    rule_index: int | None = None  #: since 8.9


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedDecisionRuleItem:
    """MatchedDecisionRuleItem, since 8.6."""

    WIRE: ClassVar[str] = "ruleId:s ruleIndex:i evaluatedOutputs:*EvaluatedDecisionOutputItem[]"

    rule_id: str = ""
    rule_index: int = 0
    evaluated_outputs: tuple[EvaluatedDecisionOutputItem, ...] = ()
