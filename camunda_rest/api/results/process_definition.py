"""Answers: process definition."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = [
    "ProcessDefinition",
    "ProcessDefinitionInstanceStatistics",
    "ProcessDefinitionInstanceVersionStatistics",
    "ProcessDefinitionMessageSubscriptionStatistics",
    "ProcessDefinitionVariableName",
    "ProcessElementStatistics",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessDefinition:
    """ProcessDefinitionResult, since 8.8."""

    WIRE: ClassVar[str] = "name:s? resourceName:s version:i versionTag:s? processDefinitionId:s tenantId:s processDefinitionKey:k hasStartForm:b state:s?"

    name: str | None = None
    resource_name: str = ""
    version: int = 0
    version_tag: str | None = None
    process_definition_id: str = ""
    tenant_id: str = ""
    process_definition_key: str = ""
    has_start_form: bool = False
    state: words.ProcessDefinitionResultState | None = None  #: since 8.9


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessDefinitionInstanceStatistics:
    """ProcessDefinitionInstanceStatisticsResult, since 8.9."""

    WIRE: ClassVar[str] = (
        "processDefinitionId:s tenantId:s latestProcessDefinitionName:s? hasMultipleVersions:b activeInstancesWithoutIncidentCount:i activeInstancesWithIncidentCount:i"
    )

    process_definition_id: str = ""
    tenant_id: str = ""
    latest_process_definition_name: str | None = None
    has_multiple_versions: bool = False
    active_instances_without_incident_count: int = 0
    active_instances_with_incident_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessDefinitionInstanceVersionStatistics:
    """ProcessDefinitionInstanceVersionStatisticsResult, since 8.9."""

    WIRE: ClassVar[str] = (
        "processDefinitionId:s processDefinitionKey:k processDefinitionName:s? tenantId:s processDefinitionVersion:i activeInstancesWithIncidentCount:i activeInstancesWithoutIncidentCount:i"
    )

    process_definition_id: str = ""
    process_definition_key: str = ""
    process_definition_name: str | None = None
    tenant_id: str = ""
    process_definition_version: int = 0
    active_instances_with_incident_count: int = 0
    active_instances_without_incident_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessDefinitionMessageSubscriptionStatistics:
    """ProcessDefinitionMessageSubscriptionStatisticsResult, since 8.9."""

    WIRE: ClassVar[str] = "processDefinitionId:s tenantId:s processDefinitionKey:k processInstancesWithActiveSubscriptions:i activeSubscriptions:i"

    process_definition_id: str = ""
    tenant_id: str = ""
    process_definition_key: str = ""
    process_instances_with_active_subscriptions: int = 0
    active_subscriptions: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessDefinitionVariableName:
    """ProcessDefinitionVariableNameSearchResult, since 8.10."""

    WIRE: ClassVar[str] = "name:s"

    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessElementStatistics:
    """ProcessElementStatisticsResult, since 8.8."""

    WIRE: ClassVar[str] = "elementId:s active:i canceled:i incidents:i completed:i"

    element_id: str = ""
    active: int = 0
    canceled: int = 0
    incidents: int = 0
    completed: int = 0
