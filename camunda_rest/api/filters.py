"""The filters of searches and batch operations, as keyword arguments."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from camunda_rest._request import Key
    from camunda_rest.api import words
    from camunda_rest.conditions import AnyWordMatch, KeyMatch, LikedWordMatch, NumberMatch, PlainTextMatch, TextMatch, TimeMatch, VariableMatches, WordMatch


class AgentDefinitionFilter(TypedDict, total=False):
    """AgentDefinitionFilter."""

    agent_definition_key: KeyMatch
    agent_type: AnyWordMatch[words.AgentDefinitionType]
    name: TextMatch
    element_id: TextMatch
    process_definition_id: TextMatch
    process_definition_key: KeyMatch
    process_definition_version: NumberMatch
    process_definition_version_tag: TextMatch
    tenant_id: TextMatch


class AgentInstanceFilter(TypedDict, total=False):
    """AgentInstanceFilter."""

    agent_instance_key: KeyMatch
    agent_definition_key: KeyMatch
    status: LikedWordMatch[words.AgentInstanceStatus]
    element_id: TextMatch
    process_instance_key: KeyMatch
    root_process_instance_key: KeyMatch
    process_definition_key: KeyMatch
    tenant_id: TextMatch
    creation_date: TimeMatch
    last_updated_date: TimeMatch
    completion_date: TimeMatch
    element_instance_keys: KeyMatch
    process_definition_id: TextMatch
    process_definition_version: NumberMatch
    process_definition_version_tag: TextMatch


class AgentInstanceHistoryFilter(TypedDict, total=False):
    """AgentInstanceHistoryFilter."""

    history_item_key: KeyMatch
    role: WordMatch[words.AgentInstanceHistoryRole]
    element_instance_key: KeyMatch
    job_key: KeyMatch
    loop_iteration: NumberMatch
    commit_status: WordMatch[words.AgentInstanceHistoryCommitStatus]
    produced_at: TimeMatch


class AuditLogFilter(TypedDict, total=False):
    """AuditLogFilter."""

    audit_log_key: KeyMatch
    process_definition_key: KeyMatch
    process_instance_key: KeyMatch
    element_instance_key: KeyMatch
    operation_type: LikedWordMatch[words.AuditLogOperationType]
    result: LikedWordMatch[words.AuditLogResult]
    timestamp: TimeMatch
    actor_id: TextMatch
    actor_type: LikedWordMatch[words.AuditLogActorType]
    agent_element_id: TextMatch
    entity_key: KeyMatch
    entity_type: LikedWordMatch[words.AuditLogEntityType]
    tenant_id: TextMatch
    category: LikedWordMatch[words.AuditLogCategory]
    deployment_key: KeyMatch
    form_key: KeyMatch
    resource_key: KeyMatch
    batch_operation_type: LikedWordMatch[words.BatchOperationType]
    process_definition_id: TextMatch
    job_key: KeyMatch
    user_task_key: PlainTextMatch
    decision_requirements_id: TextMatch
    decision_requirements_key: KeyMatch
    decision_definition_id: TextMatch
    decision_definition_key: KeyMatch
    decision_evaluation_key: KeyMatch
    related_entity_key: KeyMatch
    related_entity_type: LikedWordMatch[words.AuditLogEntityType]
    entity_description: TextMatch
    inbound_channel_type: TextMatch
    inbound_channel_tool_name: TextMatch


class AuthorizationFilter(TypedDict, total=False):
    """AuthorizationFilter."""

    owner_id: str
    owner_type: words.OwnerType
    resource_ids: Sequence[str]
    resource_property_names: Sequence[str]
    resource_type: words.ResourceType


class BaseProcessInstanceFilterFields(TypedDict, total=False):
    """BaseProcessInstanceFilterFields."""

    start_date: TimeMatch
    end_date: TimeMatch
    state: LikedWordMatch[words.ProcessInstanceState]
    has_incident: bool
    suspended_date: TimeMatch
    tenant_id: TextMatch
    variables: VariableMatches
    process_instance_key: KeyMatch
    parent_process_instance_key: KeyMatch
    parent_element_instance_key: KeyMatch
    batch_operation_id: TextMatch
    batch_operation_key: TextMatch
    error_message: TextMatch
    has_retries_left: bool
    element_instance_state: LikedWordMatch[words.ElementInstanceState]
    element_id: TextMatch
    has_element_instance_incident: bool
    incident_error_hash_code: NumberMatch
    tags: Sequence[str]
    business_id: TextMatch


class BatchOperationFilter(TypedDict, total=False):
    """BatchOperationFilter."""

    batch_operation_key: PlainTextMatch
    operation_type: LikedWordMatch[words.BatchOperationType]
    state: LikedWordMatch[words.BatchOperationState]
    actor_type: words.AuditLogActorType
    actor_id: TextMatch


class BatchOperationItemFilter(TypedDict, total=False):
    """BatchOperationItemFilter."""

    batch_operation_key: PlainTextMatch
    item_key: PlainTextMatch
    process_instance_key: KeyMatch
    state: LikedWordMatch[words.BatchOperationItemState]
    operation_type: LikedWordMatch[words.BatchOperationType]


class ClusterVariableSearchQueryFilter(TypedDict, total=False):
    """ClusterVariableSearchQueryFilterRequest."""

    name: TextMatch
    value: TextMatch
    scope: LikedWordMatch[words.ClusterVariableScope]
    tenant_id: TextMatch
    is_truncated: bool
    metadata: Mapping[str, Any]
    kind: LikedWordMatch[words.ClusterVariableKind]


class CorrelatedMessageSubscriptionFilter(TypedDict, total=False):
    """CorrelatedMessageSubscriptionFilter."""

    business_id: TextMatch
    correlation_key: TextMatch
    correlation_time: TimeMatch
    element_id: TextMatch
    element_instance_key: KeyMatch
    message_key: PlainTextMatch
    message_name: TextMatch
    partition_id: NumberMatch
    process_definition_id: TextMatch
    process_definition_key: KeyMatch
    process_instance_key: KeyMatch
    subscription_key: KeyMatch
    tenant_id: TextMatch


class DecisionDefinitionFilter(TypedDict, total=False):
    """DecisionDefinitionFilter."""

    decision_definition_id: str
    name: str
    is_latest_version: bool
    version: int
    decision_requirements_id: str
    tenant_id: str
    decision_definition_key: Key
    decision_requirements_key: Key
    decision_requirements_name: str
    decision_requirements_version: int


class DecisionInstanceFilter(TypedDict, total=False):
    """DecisionInstanceFilter."""

    decision_evaluation_instance_key: KeyMatch
    state: AnyWordMatch[words.DecisionInstanceState]
    evaluation_failure: str
    evaluation_date: TimeMatch
    decision_definition_id: str
    decision_definition_name: str
    decision_definition_version: int
    decision_definition_type: words.DecisionDefinitionType
    tenant_id: str
    decision_evaluation_key: Key
    process_definition_key: Key
    process_instance_key: Key
    business_id: TextMatch
    decision_definition_key: KeyMatch
    element_instance_key: KeyMatch
    root_decision_definition_key: KeyMatch
    decision_requirements_key: KeyMatch


class DecisionRequirementsFilter(TypedDict, total=False):
    """DecisionRequirementsFilter."""

    decision_requirements_name: str
    decision_requirements_id: str
    decision_requirements_key: Key
    version: int
    tenant_id: str
    resource_name: str


class ElementInstanceFilter(TypedDict, total=False):
    """ElementInstanceFilter."""

    process_definition_id: str
    state: LikedWordMatch[words.ElementInstanceState]
    type: words.ElementInstanceFilterType
    element_id: TextMatch
    element_name: TextMatch
    has_incident: bool
    tenant_id: str
    element_instance_key: Key
    process_instance_key: Key
    process_definition_key: Key
    incident_key: Key
    start_date: TimeMatch
    end_date: TimeMatch
    element_instance_scope_key: str
    any_of: Sequence[ElementInstanceFilterFields]


class ElementInstanceFilterFields(TypedDict, total=False):
    """ElementInstanceFilterFields."""

    process_definition_id: str
    state: LikedWordMatch[words.ElementInstanceState]
    type: words.ElementInstanceFilterFieldsType
    element_id: TextMatch
    element_name: TextMatch
    has_incident: bool
    tenant_id: str
    element_instance_key: Key
    process_instance_key: Key
    process_definition_key: Key
    incident_key: Key
    start_date: TimeMatch
    end_date: TimeMatch
    element_instance_scope_key: str


class ElementInstanceWaitStateFilter(TypedDict, total=False):
    """ElementInstanceWaitStateFilter."""

    element_instance_key: KeyMatch
    process_instance_key: KeyMatch
    root_process_instance_key: KeyMatch
    element_id: TextMatch
    element_type: LikedWordMatch[words.WaitStateElementType]
    wait_state_type: LikedWordMatch[words.WaitStateType]


class GlobalTaskListenerSearchQueryFilter(TypedDict, total=False):
    """GlobalTaskListenerSearchQueryFilterRequest."""

    id: TextMatch
    type: TextMatch
    retries: NumberMatch
    event_types: LikedWordMatch[words.GlobalTaskListenerEventType]
    after_non_global: bool
    priority: NumberMatch
    source: LikedWordMatch[words.GlobalListenerSource]


class GroupFilter(TypedDict, total=False):
    """GroupFilter."""

    group_id: TextMatch
    name: str
    any_of: Sequence[GroupFilter]


class IncidentFilter(TypedDict, total=False):
    """IncidentFilter."""

    process_definition_id: TextMatch
    error_type: AnyWordMatch[words.IncidentErrorType]
    error_message: TextMatch
    element_id: TextMatch
    creation_time: TimeMatch
    state: AnyWordMatch[words.IncidentState]
    tenant_id: TextMatch
    incident_key: PlainTextMatch
    process_definition_key: KeyMatch
    process_instance_key: KeyMatch
    element_instance_key: KeyMatch
    job_key: KeyMatch


class IncidentProcessInstanceStatisticsByDefinitionFilter(TypedDict, total=False):
    """IncidentProcessInstanceStatisticsByDefinitionFilter."""

    error_hash_code: int


class JobErrorStatisticsFilter(TypedDict, total=False):
    """JobErrorStatisticsFilter."""

    from_: datetime | str
    to: datetime | str
    job_type: str
    error_code: TextMatch
    error_message: TextMatch


class JobFilter(TypedDict, total=False):
    """JobFilter."""

    deadline: TimeMatch
    denied_reason: TextMatch
    element_id: TextMatch
    element_instance_key: KeyMatch
    end_time: TimeMatch
    error_code: TextMatch
    error_message: TextMatch
    has_failed_with_retries_left: bool
    is_denied: bool
    job_key: KeyMatch
    kind: LikedWordMatch[words.JobKind]
    listener_event_type: LikedWordMatch[words.JobListenerEventType]
    priority: NumberMatch
    process_definition_id: TextMatch
    process_definition_key: KeyMatch
    process_instance_key: KeyMatch
    retries: NumberMatch
    state: LikedWordMatch[words.JobState]
    tenant_id: TextMatch
    type: TextMatch
    worker: TextMatch
    creation_time: TimeMatch
    last_update_time: TimeMatch


class JobTimeSeriesStatisticsFilter(TypedDict, total=False):
    """JobTimeSeriesStatisticsFilter."""

    from_: datetime | str
    to: datetime | str
    job_type: str
    resolution: str


class JobTypeStatisticsFilter(TypedDict, total=False):
    """JobTypeStatisticsFilter."""

    from_: datetime | str
    to: datetime | str
    job_type: TextMatch


class JobWorkerStatisticsFilter(TypedDict, total=False):
    """JobWorkerStatisticsFilter."""

    from_: datetime | str
    to: datetime | str
    job_type: str


class MappingRuleFilter(TypedDict, total=False):
    """MappingRuleFilter."""

    claim_name: str
    claim_value: str
    name: str
    mapping_rule_id: str
    any_of: Sequence[MappingRuleFilter]


class MessageSubscriptionFilter(TypedDict, total=False):
    """MessageSubscriptionFilter."""

    message_subscription_key: KeyMatch
    process_definition_key: KeyMatch
    process_definition_id: TextMatch
    process_instance_key: KeyMatch
    element_id: TextMatch
    element_instance_key: KeyMatch
    message_subscription_state: LikedWordMatch[words.MessageSubscriptionState]
    last_updated_date: TimeMatch
    message_name: TextMatch
    correlation_key: TextMatch
    tenant_id: TextMatch
    message_subscription_type: LikedWordMatch[words.MessageSubscriptionType]
    process_definition_name: TextMatch
    process_definition_version: NumberMatch
    tool_name: TextMatch
    inbound_connector_type: TextMatch
    business_id: TextMatch


class ProcessDefinitionFilter(TypedDict, total=False):
    """ProcessDefinitionFilter."""

    name: TextMatch
    is_latest_version: bool
    resource_name: str
    version: int
    version_tag: str
    process_definition_id: TextMatch
    tenant_id: str
    process_definition_key: Key
    has_start_form: bool
    state: words.ProcessDefinitionFilterState


class ProcessDefinitionInstanceVersionStatisticsFilter(TypedDict, total=False):
    """ProcessDefinitionInstanceVersionStatisticsFilter."""

    process_definition_id: str
    tenant_id: str


class ProcessDefinitionStatisticsFilter(TypedDict, total=False):
    """ProcessDefinitionStatisticsFilter."""

    start_date: TimeMatch
    end_date: TimeMatch
    state: LikedWordMatch[words.ProcessInstanceState]
    has_incident: bool
    suspended_date: TimeMatch
    tenant_id: TextMatch
    variables: VariableMatches
    process_instance_key: KeyMatch
    parent_process_instance_key: KeyMatch
    parent_element_instance_key: KeyMatch
    batch_operation_id: TextMatch
    batch_operation_key: TextMatch
    error_message: TextMatch
    has_retries_left: bool
    element_instance_state: LikedWordMatch[words.ElementInstanceState]
    element_id: TextMatch
    has_element_instance_incident: bool
    incident_error_hash_code: NumberMatch
    tags: Sequence[str]
    business_id: TextMatch
    any_of: Sequence[BaseProcessInstanceFilterFields]


class ProcessDefinitionVariableNameFilter(TypedDict, total=False):
    """ProcessDefinitionVariableNameFilter."""

    name: TextMatch


class ProcessInstanceFilter(TypedDict, total=False):
    """ProcessInstanceFilter."""

    start_date: TimeMatch
    end_date: TimeMatch
    state: LikedWordMatch[words.ProcessInstanceState]
    has_incident: bool
    suspended_date: TimeMatch
    tenant_id: TextMatch
    variables: VariableMatches
    process_instance_key: KeyMatch
    parent_process_instance_key: KeyMatch
    parent_element_instance_key: KeyMatch
    batch_operation_id: TextMatch
    batch_operation_key: TextMatch
    error_message: TextMatch
    has_retries_left: bool
    element_instance_state: LikedWordMatch[words.ElementInstanceState]
    element_id: TextMatch
    has_element_instance_incident: bool
    incident_error_hash_code: NumberMatch
    tags: Sequence[str]
    business_id: TextMatch
    process_definition_id: TextMatch
    process_definition_name: TextMatch
    process_definition_version: NumberMatch
    process_definition_version_tag: TextMatch
    process_definition_key: KeyMatch
    any_of: Sequence[ProcessInstanceFilterFields]


class ProcessInstanceFilterFields(TypedDict, total=False):
    """ProcessInstanceFilterFields."""

    start_date: TimeMatch
    end_date: TimeMatch
    state: LikedWordMatch[words.ProcessInstanceState]
    has_incident: bool
    suspended_date: TimeMatch
    tenant_id: TextMatch
    variables: VariableMatches
    process_instance_key: KeyMatch
    parent_process_instance_key: KeyMatch
    parent_element_instance_key: KeyMatch
    batch_operation_id: TextMatch
    batch_operation_key: TextMatch
    error_message: TextMatch
    has_retries_left: bool
    element_instance_state: LikedWordMatch[words.ElementInstanceState]
    element_id: TextMatch
    has_element_instance_incident: bool
    incident_error_hash_code: NumberMatch
    tags: Sequence[str]
    business_id: TextMatch
    process_definition_id: TextMatch
    process_definition_name: TextMatch
    process_definition_version: NumberMatch
    process_definition_version_tag: TextMatch
    process_definition_key: KeyMatch


class ResourceFilter(TypedDict, total=False):
    """ResourceFilter."""

    resource_key: KeyMatch
    resource_name: TextMatch
    resource_id: TextMatch
    version: NumberMatch
    version_tag: TextMatch
    deployment_key: KeyMatch
    tenant_id: str


class RoleFilter(TypedDict, total=False):
    """RoleFilter."""

    role_id: str
    name: str
    any_of: Sequence[RoleFilter]


class TenantFilter(TypedDict, total=False):
    """TenantFilter."""

    tenant_id: str
    name: str


class UserFilter(TypedDict, total=False):
    """UserFilter."""

    username: TextMatch
    name: TextMatch
    email: TextMatch
    any_of: Sequence[UserFilter]


class UserTaskAuditLogFilter(TypedDict, total=False):
    """UserTaskAuditLogFilter."""

    operation_type: LikedWordMatch[words.AuditLogOperationType]
    result: LikedWordMatch[words.AuditLogResult]
    timestamp: TimeMatch
    actor_type: LikedWordMatch[words.AuditLogActorType]
    actor_id: TextMatch


class UserTaskFilter(TypedDict, total=False):
    """UserTaskFilter."""

    state: LikedWordMatch[words.UserTaskState]
    assignee: TextMatch
    business_id: TextMatch
    priority: NumberMatch
    element_id: str
    name: TextMatch
    candidate_group: TextMatch
    candidate_user: TextMatch
    tenant_id: TextMatch
    process_definition_id: TextMatch
    creation_date: TimeMatch
    completion_date: TimeMatch
    follow_up_date: TimeMatch
    due_date: TimeMatch
    process_instance_variables: VariableMatches
    local_variables: VariableMatches
    user_task_key: Key
    process_definition_key: KeyMatch
    process_instance_key: KeyMatch
    element_instance_key: Key
    tags: Sequence[str]
    any_of: Sequence[UserTaskFilter]


class UserTaskVariableFilter(TypedDict, total=False):
    """UserTaskVariableFilter."""

    name: TextMatch


class VariableFilter(TypedDict, total=False):
    """VariableFilter."""

    name: TextMatch
    value: TextMatch
    tenant_id: str
    is_truncated: bool
    variable_key: KeyMatch
    scope_key: KeyMatch
    process_instance_key: KeyMatch
