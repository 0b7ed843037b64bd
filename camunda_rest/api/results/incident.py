"""Answers: incident."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["IncidentProcessInstanceStatisticsByDefinition", "IncidentProcessInstanceStatisticsByError"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentProcessInstanceStatisticsByDefinition:
    """IncidentProcessInstanceStatisticsByDefinitionResult, since 8.9."""

    WIRE: ClassVar[str] = (
        "processDefinitionId:s processDefinitionKey:k processDefinitionName:s processDefinitionVersion:i tenantId:s activeInstancesWithErrorCount:i"
    )

    process_definition_id: str = ""
    process_definition_key: str = ""
    process_definition_name: str = ""
    process_definition_version: int = 0
    tenant_id: str = ""
    active_instances_with_error_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentProcessInstanceStatisticsByError:
    """IncidentProcessInstanceStatisticsByErrorResult, since 8.9."""

    WIRE: ClassVar[str] = "errorHashCode:i errorMessage:s activeInstancesWithErrorCount:i"

    error_hash_code: int = 0
    error_message: str = ""
    active_instances_with_error_count: int = 0
