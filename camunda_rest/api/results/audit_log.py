"""Answers: audit log."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from camunda_rest._result_base import UNKNOWN

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = ["AuditLog"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLog:
    """AuditLogResult, since 8.9."""

    WIRE: ClassVar[str] = (
        "auditLogKey:k entityKey:s entityType:s operationType:s batchOperationKey:s? batchOperationType:s? timestamp:t? actorId:s? actorType:s? agentElementId:s? tenantId:s? result:s category:s processDefinitionId:s? processDefinitionKey:k? processInstanceKey:k? rootProcessInstanceKey:k? elementInstanceKey:k? jobKey:k? userTaskKey:k? decisionRequirementsId:s? decisionRequirementsKey:k? decisionDefinitionId:s? decisionDefinitionKey:k? decisionEvaluationKey:k? deploymentKey:k? formKey:k? resourceKey:s? relatedEntityKey:s? relatedEntityType:s? entityDescription:s? inboundChannelType:s? inboundChannelToolName:s?"
    )

    audit_log_key: str = ""
    entity_key: str = ""
    entity_type: words.AuditLogEntityType = UNKNOWN
    operation_type: words.AuditLogOperationType = UNKNOWN
    batch_operation_key: str | None = None
    batch_operation_type: words.BatchOperationType | None = None
    timestamp: datetime | None = None
    actor_id: str | None = None
    actor_type: words.AuditLogActorType | None = None
    agent_element_id: str | None = None
    tenant_id: str | None = None
    result: words.AuditLogResult = UNKNOWN
    category: words.AuditLogCategory = UNKNOWN
    process_definition_id: str | None = None
    process_definition_key: str | None = None
    process_instance_key: str | None = None
    root_process_instance_key: str | None = None
    element_instance_key: str | None = None
    job_key: str | None = None
    user_task_key: str | None = None
    decision_requirements_id: str | None = None
    decision_requirements_key: str | None = None
    decision_definition_id: str | None = None
    decision_definition_key: str | None = None
    decision_evaluation_key: str | None = None
    deployment_key: str | None = None
    form_key: str | None = None
    resource_key: str | None = None
    related_entity_key: str | None = None
    related_entity_type: words.AuditLogEntityType | None = None
    entity_description: str | None = None
    inbound_channel_type: str | None = None  #: since 8.10
    inbound_channel_tool_name: str | None = None  #: since 8.10
