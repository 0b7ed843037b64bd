"""Answers: process instance."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from camunda_rest._result_base import UNKNOWN

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = ["CreateProcessInstance", "ProcessInstance", "ProcessInstanceCallHierarchyEntry", "ProcessInstanceSequenceFlow", "ProcessInstanceWaitStateStatistics"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProcessInstance:
    """CreateProcessInstanceResult, since 8.8."""

    WIRE: ClassVar[str] = (
        "processDefinitionId:s processDefinitionVersion:i tenantId:s variables:o processDefinitionKey:k processInstanceKey:k tags:s[] businessId:s?"
    )

    process_definition_id: str = ""
    process_definition_version: int = 0
    tenant_id: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    process_definition_key: str = ""
    process_instance_key: str = ""
    tags: tuple[str, ...] = ()
    business_id: str | None = None  #: since 8.9


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessInstance:
    """ProcessInstanceResult, since 8.6."""

    WIRE: ClassVar[str] = (
        "processDefinitionId:s processDefinitionName:s? processDefinitionVersion:i processDefinitionVersionTag:s? startDate:t? endDate:t? state:s suspendedDate:t? hasIncident:b tenantId:s processInstanceKey:k processDefinitionKey:k parentProcessInstanceKey:k? parentElementInstanceKey:k? rootProcessInstanceKey:k? tags:s[] businessId:s?"
    )

    process_definition_id: str = ""  #: since 8.8
    process_definition_name: str | None = None
    process_definition_version: int = 0
    process_definition_version_tag: str | None = None  #: since 8.8
    start_date: datetime | None = None
    end_date: datetime | None = None
    state: words.ProcessInstanceState = UNKNOWN
    suspended_date: datetime | None = None  #: since 8.10
    has_incident: bool = False  #: since 8.8
    tenant_id: str = ""
    process_instance_key: str = ""  #: since 8.8
    process_definition_key: str = ""
    parent_process_instance_key: str | None = None  #: since 8.8
    parent_element_instance_key: str | None = None  #: since 8.8
    root_process_instance_key: str | None = None  #: since 8.9
    tags: tuple[str, ...] = ()  #: since 8.8
    business_id: str | None = None  #: since 8.9


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessInstanceCallHierarchyEntry:
    """ProcessInstanceCallHierarchyEntry, since 8.8."""

    WIRE: ClassVar[str] = "processInstanceKey:k processDefinitionKey:k processDefinitionName:s"

    process_instance_key: str = ""
    process_definition_key: str = ""
    process_definition_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessInstanceSequenceFlow:
    """ProcessInstanceSequenceFlowResult, since 8.8."""

    WIRE: ClassVar[str] = "sequenceFlowId:s processInstanceKey:k rootProcessInstanceKey:k? processDefinitionKey:k processDefinitionId:s elementId:s tenantId:s"

    sequence_flow_id: str = ""
    process_instance_key: str = ""
    root_process_instance_key: str | None = None  #: since 8.9
    process_definition_key: str = ""
    process_definition_id: str = ""
    element_id: str = ""
    tenant_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessInstanceWaitStateStatistics:
    """ProcessInstanceWaitStateStatisticsResult, since 8.10."""

    WIRE: ClassVar[str] = "elementId:s waitingCount:i"

    element_id: str = ""
    waiting_count: int = 0
