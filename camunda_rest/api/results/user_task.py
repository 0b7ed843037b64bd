"""Answers: user task."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from camunda_rest._result_base import UNKNOWN, JsonValue

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = ["UserTask", "Variable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTask:
    """UserTaskResult, since 8.6."""

    WIRE: ClassVar[str] = (
        "name:s? state:s assignee:s? elementId:s candidateGroups:s[] candidateUsers:s[] processDefinitionId:s creationDate:t? completionDate:t? followUpDate:t? dueDate:t? tenantId:s externalFormReference:s? processDefinitionVersion:i customHeaders:s{} priority:i userTaskKey:k elementInstanceKey:k processName:s? processDefinitionKey:k processInstanceKey:k rootProcessInstanceKey:k? businessId:s? formKey:k? tags:s[]"
    )

    name: str | None = None  #: since 8.8
    state: words.UserTaskState = UNKNOWN
    assignee: str | None = None
    element_id: str = ""
    candidate_groups: tuple[str, ...] = ()  #: since 8.8
    candidate_users: tuple[str, ...] = ()  #: since 8.8
    process_definition_id: str = ""
    creation_date: datetime | None = None
    completion_date: datetime | None = None
    follow_up_date: datetime | None = None
    due_date: datetime | None = None
    tenant_id: str = ""  #: since 8.8
    external_form_reference: str | None = None
    process_definition_version: int = 0
    custom_headers: dict[str, str] = field(default_factory=dict)
    priority: int = 0
    user_task_key: str = ""  #: since 8.8
    element_instance_key: str = ""
    process_name: str | None = None  #: since 8.8
    process_definition_key: str = ""
    process_instance_key: str = ""
    root_process_instance_key: str | None = None  #: since 8.9
    business_id: str | None = None  #: since 8.10
    form_key: str | None = None
    tags: tuple[str, ...] = ()  #: since 8.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable(JsonValue):
    """VariableSearchResult, since 8.8."""

    WIRE: ClassVar[str] = "name:s tenantId:s variableKey:k scopeKey:s processInstanceKey:k rootProcessInstanceKey:k? value:s isTruncated:b"

    name: str = ""
    tenant_id: str = ""
    variable_key: str = ""
    scope_key: str = ""
    process_instance_key: str = ""
    root_process_instance_key: str | None = None  #: since 8.9
    value: str = ""
    is_truncated: bool = False
