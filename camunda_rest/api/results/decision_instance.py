"""Answers: decision instance."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from camunda_rest._result_base import UNKNOWN

if TYPE_CHECKING:
    from camunda_rest.api import words
    from camunda_rest.api.results.decision_definition import EvaluatedDecisionInputItem, MatchedDecisionRuleItem

__all__ = ["BatchOperationCreated", "DecisionInstance", "DecisionInstanceGet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOperationCreated:
    """BatchOperationCreatedResult, since 8.8."""

    WIRE: ClassVar[str] = "batchOperationKey:s batchOperationType:s"

    batch_operation_key: str = ""
    batch_operation_type: words.BatchOperationType = UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionInstance:
    """DecisionInstanceResult, since 8.6."""

    WIRE: ClassVar[str] = (
        "businessId:s? decisionDefinitionId:s decisionDefinitionKey:k decisionDefinitionName:s decisionDefinitionType:s decisionDefinitionVersion:i decisionEvaluationInstanceKey:s decisionEvaluationKey:k elementInstanceKey:k? evaluationDate:t? evaluationFailure:s? processDefinitionKey:k? processInstanceKey:k? result:s rootDecisionDefinitionKey:k? rootProcessInstanceKey:k? state:s tenantId:s"
    )

    business_id: str | None = None  #: since 8.10
    decision_definition_id: str = ""
    decision_definition_key: str = ""
    decision_definition_name: str = ""
    decision_definition_type: words.DecisionDefinitionType = UNKNOWN
    decision_definition_version: int = 0
    decision_evaluation_instance_key: str = ""  #: since 8.8
    decision_evaluation_key: str = ""  #: since 8.8
    element_instance_key: str | None = None  #: since 8.8
    evaluation_date: datetime | None = None
    evaluation_failure: str | None = None
    process_definition_key: str | None = None
    process_instance_key: str | None = None
    result: str = ""
    root_decision_definition_key: str | None = None  #: since 8.9
    root_process_instance_key: str | None = None  #: since 8.9
    state: words.DecisionInstanceState = UNKNOWN
    tenant_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionInstanceGet:
    """DecisionInstanceGetQueryResult, since 8.6."""

    WIRE: ClassVar[str] = (
        "businessId:s? decisionDefinitionId:s decisionDefinitionKey:k decisionDefinitionName:s decisionDefinitionType:s decisionDefinitionVersion:i decisionEvaluationInstanceKey:s decisionEvaluationKey:k elementInstanceKey:k? evaluationDate:t? evaluationFailure:s? processDefinitionKey:k? processInstanceKey:k? result:s rootDecisionDefinitionKey:k? rootProcessInstanceKey:k? state:s tenantId:s evaluatedInputs:*EvaluatedDecisionInputItem[] matchedRules:*MatchedDecisionRuleItem[]"
    )

    business_id: str | None = None  #: since 8.10
    decision_definition_id: str = ""
    decision_definition_key: str = ""
    decision_definition_name: str = ""
    decision_definition_type: words.DecisionDefinitionType = UNKNOWN
    decision_definition_version: int = 0
    decision_evaluation_instance_key: str = ""  #: since 8.8
    decision_evaluation_key: str = ""  #: since 8.8
    element_instance_key: str | None = None  #: since 8.8
    evaluation_date: datetime | None = None
    evaluation_failure: str | None = None
    process_definition_key: str | None = None
    process_instance_key: str | None = None
    result: str = ""
    root_decision_definition_key: str | None = None  #: since 8.9
    root_process_instance_key: str | None = None  #: since 8.9
    state: words.DecisionInstanceState = UNKNOWN
    tenant_id: str = ""
    evaluated_inputs: tuple[EvaluatedDecisionInputItem, ...] = ()  #: since 8.8
    matched_rules: tuple[MatchedDecisionRuleItem, ...] = ()  #: since 8.8
