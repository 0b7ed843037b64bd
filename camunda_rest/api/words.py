"""The words of enumerations, as the newest published contract has them. A cluster may say more."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from typing import Literal, TypeAlias

AgentDefinitionType: TypeAlias = Literal["AI_AGENT_SUB_PROCESS", "AI_AGENT_TASK", "EXTERNAL_AGENT"]
AgentInstanceHistoryCommitStatus: TypeAlias = Literal["COMMITTED", "PENDING", "DISCARDED"]
AgentInstanceHistoryRole: TypeAlias = Literal["USER", "ASSISTANT", "TOOL_RESULT", "CONFIGURATION"]
AgentInstanceStatus: TypeAlias = Literal["UNKNOWN", "COMPLETED", "IDLE", "INITIALIZING", "THINKING", "TOOL_CALLING", "TOOL_DISCOVERY"]
AgentInstanceUpdateStatus: TypeAlias = Literal["IDLE", "THINKING", "TOOL_CALLING", "TOOL_DISCOVERY"]
AuditLogActorType: TypeAlias = Literal["ANONYMOUS", "CLIENT", "UNKNOWN", "USER"]
AuditLogCategory: TypeAlias = Literal["ADMIN", "DEPLOYED_RESOURCES", "USER_TASKS"]
AuditLogEntityType: TypeAlias = Literal[
    "AUTHORIZATION",
    "BATCH",
    "DECISION",
    "GROUP",
    "INCIDENT",
    "JOB",
    "MAPPING_RULE",
    "PROCESS_INSTANCE",
    "RESOURCE",
    "ROLE",
    "TENANT",
    "USER",
    "USER_TASK",
    "VARIABLE",
    "CLIENT",
]
AuditLogOperationType: TypeAlias = Literal[
    "ASSIGN", "CANCEL", "COMPLETE", "CREATE", "DELETE", "EVALUATE", "MIGRATE", "MODIFY", "RESOLVE", "RESUME", "SUSPEND", "UNASSIGN", "UNKNOWN", "UPDATE"
]
AuditLogResult: TypeAlias = Literal["FAIL", "SUCCESS"]
BackupType: TypeAlias = Literal["MANUAL_BACKUP", "SCHEDULED_BACKUP"]
BatchOperationErrorType: TypeAlias = Literal["QUERY_FAILED", "RESULT_BUFFER_SIZE_EXCEEDED"]
BatchOperationItemResponseState: TypeAlias = Literal["ACTIVE", "COMPLETED", "SKIPPED", "CANCELED", "FAILED"]
BatchOperationItemState: TypeAlias = Literal["ACTIVE", "COMPLETED", "CANCELED", "FAILED"]
BatchOperationState: TypeAlias = Literal["ACTIVE", "CANCELED", "COMPLETED", "CREATED", "FAILED", "PARTIALLY_COMPLETED", "SUSPENDED"]
BatchOperationType: TypeAlias = Literal[
    "ADD_VARIABLE",
    "CANCEL_PROCESS_INSTANCE",
    "DELETE_DECISION_DEFINITION",
    "DELETE_DECISION_INSTANCE",
    "DELETE_PROCESS_DEFINITION",
    "DELETE_PROCESS_INSTANCE",
    "MIGRATE_PROCESS_INSTANCE",
    "MODIFY_PROCESS_INSTANCE",
    "RESOLVE_INCIDENT",
    "RESUME_PROCESS_INSTANCE",
    "SUSPEND_PROCESS_INSTANCE",
    "UPDATE_JOB",
    "UPDATE_VARIABLE",
]
CheckpointType: TypeAlias = Literal["MARKER", "SCHEDULED_BACKUP", "MANUAL_BACKUP"]
CloudStage: TypeAlias = Literal["dev", "int", "prod"]
ClusterBalanceResponseState: TypeAlias = Literal["BALANCED", "BALANCING", "UNBALANCED"]
ClusterCompletedRebalanceResult: TypeAlias = Literal["CANCELLED", "COMPLETED", "FAILED"]
ClusterHistoryBackupTenantState: TypeAlias = Literal["IN_PROGRESS", "COMPLETED", "FAILED", "INCOMPLETE", "INCOMPATIBLE", "NOT_FOUND"]
ClusterRebalanceOperationPartitionProgress: TypeAlias = Literal["COMPLETED", "PENDING", "TRANSFERRING"]
ClusterRebalanceOperationPartitionResult: TypeAlias = Literal[
    "ALREADY_LEADER",
    "CANCELLED",
    "CONFIGURATION_CHANGE_IN_PROGRESS",
    "LAG_TOO_HIGH",
    "LEADER_CHANGED",
    "LEADER_INITIALIZING",
    "NOT_COORDINATOR",
    "NOT_MEMBER",
    "NOT_REPLICATING",
    "NO_LEADER",
    "NO_RESPONSE",
    "PAUSE_FAILED",
    "PHYSICAL_TENANT_DISABLED",
    "PHYSICAL_TENANT_RECOVERING",
    "REPLICATION_TIMED_OUT",
    "STALE_CONFIGURATION",
    "TIMEOUT_NOW_EXHAUSTED",
    "TRANSFERRED",
    "TRANSFER_IN_PROGRESS",
    "UNREACHABLE",
]
ClusterRebalancePartitionState: TypeAlias = Literal["BALANCED", "TRANSFERRING", "UNBALANCED"]
ClusterRuntimeBackupTakeOutcome: TypeAlias = Literal["TRIGGERED", "FAILED", "UNKNOWN"]
ClusterStatusResponseStatus: TypeAlias = Literal["HEALTHY", "DEGRADED", "DOWN"]
ClusterUpgradeStatusResponseStatus: TypeAlias = Literal["MIGRATED", "MIGRATION_IN_PROGRESS", "UNKNOWN"]
ClusterVariableKind: TypeAlias = Literal["JSON", "SECRET_REFERENCE"]
ClusterVariableScope: TypeAlias = Literal["GLOBAL", "TENANT"]
ConditionWaitStateDetailsEventsItem: TypeAlias = Literal["create", "update"]
DecisionDefinitionType: TypeAlias = Literal["DECISION_TABLE", "LITERAL_EXPRESSION", "UNSPECIFIED", "UNKNOWN"]
DecisionInstanceState: TypeAlias = Literal["EVALUATED", "FAILED", "UNSPECIFIED", "UNKNOWN"]
DocumentReferenceCamundadocumenttype: TypeAlias = Literal["camunda"]
ElementInstanceFilterFieldsType: TypeAlias = Literal[
    "UNSPECIFIED",
    "PROCESS",
    "SUB_PROCESS",
    "EVENT_SUB_PROCESS",
    "AD_HOC_SUB_PROCESS",
    "AD_HOC_SUB_PROCESS_INNER_INSTANCE",
    "START_EVENT",
    "INTERMEDIATE_CATCH_EVENT",
    "INTERMEDIATE_THROW_EVENT",
    "BOUNDARY_EVENT",
    "END_EVENT",
    "SERVICE_TASK",
    "RECEIVE_TASK",
    "USER_TASK",
    "MANUAL_TASK",
    "TASK",
    "EXCLUSIVE_GATEWAY",
    "INCLUSIVE_GATEWAY",
    "PARALLEL_GATEWAY",
    "EVENT_BASED_GATEWAY",
    "SEQUENCE_FLOW",
    "MULTI_INSTANCE_BODY",
    "CALL_ACTIVITY",
    "BUSINESS_RULE_TASK",
    "SCRIPT_TASK",
    "SEND_TASK",
    "UNKNOWN",
]
ElementInstanceFilterType: TypeAlias = Literal[
    "UNSPECIFIED",
    "PROCESS",
    "SUB_PROCESS",
    "EVENT_SUB_PROCESS",
    "AD_HOC_SUB_PROCESS",
    "AD_HOC_SUB_PROCESS_INNER_INSTANCE",
    "START_EVENT",
    "INTERMEDIATE_CATCH_EVENT",
    "INTERMEDIATE_THROW_EVENT",
    "BOUNDARY_EVENT",
    "END_EVENT",
    "SERVICE_TASK",
    "RECEIVE_TASK",
    "USER_TASK",
    "MANUAL_TASK",
    "TASK",
    "EXCLUSIVE_GATEWAY",
    "INCLUSIVE_GATEWAY",
    "PARALLEL_GATEWAY",
    "EVENT_BASED_GATEWAY",
    "SEQUENCE_FLOW",
    "MULTI_INSTANCE_BODY",
    "CALL_ACTIVITY",
    "BUSINESS_RULE_TASK",
    "SCRIPT_TASK",
    "SEND_TASK",
    "UNKNOWN",
]
ElementInstanceResultType: TypeAlias = Literal[
    "UNSPECIFIED",
    "PROCESS",
    "SUB_PROCESS",
    "EVENT_SUB_PROCESS",
    "AD_HOC_SUB_PROCESS",
    "AD_HOC_SUB_PROCESS_INNER_INSTANCE",
    "START_EVENT",
    "INTERMEDIATE_CATCH_EVENT",
    "INTERMEDIATE_THROW_EVENT",
    "BOUNDARY_EVENT",
    "END_EVENT",
    "SERVICE_TASK",
    "RECEIVE_TASK",
    "USER_TASK",
    "MANUAL_TASK",
    "TASK",
    "EXCLUSIVE_GATEWAY",
    "INCLUSIVE_GATEWAY",
    "PARALLEL_GATEWAY",
    "EVENT_BASED_GATEWAY",
    "SEQUENCE_FLOW",
    "MULTI_INSTANCE_BODY",
    "CALL_ACTIVITY",
    "BUSINESS_RULE_TASK",
    "SCRIPT_TASK",
    "SEND_TASK",
    "UNKNOWN",
]
ElementInstanceState: TypeAlias = Literal["ACTIVE", "COMPLETED", "TERMINATED"]
ExportingStatusCode: TypeAlias = Literal["EXPORTING", "PAUSED", "SOFT_PAUSED", "MIXED"]
GlobalListenerSource: TypeAlias = Literal["CONFIGURATION", "API"]
GlobalTaskListenerEventType: TypeAlias = Literal["all", "creating", "assigning", "updating", "completing", "canceling"]
HistoryBackupStateCode: TypeAlias = Literal["IN_PROGRESS", "COMPLETED", "FAILED", "INCOMPLETE", "INCOMPATIBLE"]
IncidentErrorType: TypeAlias = Literal[
    "AD_HOC_SUB_PROCESS_NO_RETRIES",
    "CALLED_DECISION_ERROR",
    "CALLED_ELEMENT_ERROR",
    "CONDITION_ERROR",
    "DECISION_EVALUATION_ERROR",
    "EXECUTION_LISTENER_NO_RETRIES",
    "EXTRACT_VALUE_ERROR",
    "FORM_NOT_FOUND",
    "IO_MAPPING_ERROR",
    "JOB_NO_RETRIES",
    "MESSAGE_SIZE_EXCEEDED",
    "RESOURCE_NOT_FOUND",
    "SECRET_RESOLUTION_ERROR",
    "TASK_LISTENER_NO_RETRIES",
    "UNHANDLED_ERROR_EVENT",
    "UNKNOWN",
    "UNSPECIFIED",
]
IncidentState: TypeAlias = Literal["ACTIVE", "MIGRATED", "PENDING", "RESOLVED", "UNKNOWN"]
JobKind: TypeAlias = Literal["BPMN_ELEMENT", "EXECUTION_LISTENER", "TASK_LISTENER", "AD_HOC_SUB_PROCESS"]
JobListenerEventType: TypeAlias = Literal["ASSIGNING", "BEFORE_ALL", "CANCEL", "CANCELING", "COMPLETING", "CREATING", "END", "START", "UNSPECIFIED", "UPDATING"]
JobState: TypeAlias = Literal[
    "CANCELED", "COMPLETED", "CREATED", "ERROR_THROWN", "FAILED", "MIGRATED", "PRIORITY_UPDATED", "RETRIES_UPDATED", "TIMEOUT_UPDATED", "TIMED_OUT"
]
MessageSubscriptionState: TypeAlias = Literal["CORRELATED", "CREATED", "DELETED", "MIGRATED"]
MessageSubscriptionType: TypeAlias = Literal["START_EVENT", "PROCESS_EVENT"]
Mode: TypeAlias = Literal["PROCESSING", "RECOVERING"]
OwnerType: TypeAlias = Literal["USER", "CLIENT", "ROLE", "GROUP", "MAPPING_RULE", "UNSPECIFIED"]
PartitionHealth: TypeAlias = Literal["healthy", "unhealthy", "dead"]
PartitionRole: TypeAlias = Literal["leader", "follower", "inactive"]
PartitionState: TypeAlias = Literal["unknown", "joining", "active", "leaving", "recovering"]
PermissionType: TypeAlias = Literal[
    "ACCESS",
    "CANCEL_PROCESS_INSTANCE",
    "CLAIM",
    "CLAIM_USER_TASK",
    "COMPLETE",
    "COMPLETE_USER_TASK",
    "CREATE",
    "CREATE_BATCH_OPERATION_CANCEL_PROCESS_INSTANCE",
    "CREATE_BATCH_OPERATION_DELETE_DECISION_DEFINITION",
    "CREATE_BATCH_OPERATION_DELETE_DECISION_INSTANCE",
    "CREATE_BATCH_OPERATION_DELETE_PROCESS_DEFINITION",
    "CREATE_BATCH_OPERATION_DELETE_PROCESS_INSTANCE",
    "CREATE_BATCH_OPERATION_MIGRATE_PROCESS_INSTANCE",
    "CREATE_BATCH_OPERATION_MODIFY_PROCESS_INSTANCE",
    "CREATE_BATCH_OPERATION_RESOLVE_INCIDENT",
    "CREATE_BATCH_OPERATION_SUSPEND_PROCESS_INSTANCE",
    "CREATE_BATCH_OPERATION_UPDATE_JOB",
    "CREATE_DECISION_INSTANCE",
    "CREATE_PROCESS_INSTANCE",
    "CREATE_TASK_LISTENER",
    "DELETE",
    "DELETE_DECISION_INSTANCE",
    "DELETE_DRD",
    "DELETE_FORM",
    "DELETE_PROCESS",
    "DELETE_PROCESS_INSTANCE",
    "DELETE_RESOURCE",
    "DELETE_TASK_LISTENER",
    "EVALUATE",
    "MODIFY_PROCESS_INSTANCE",
    "PAUSE",
    "READ",
    "READ_DECISION_DEFINITION",
    "READ_DECISION_INSTANCE",
    "READ_JOB_METRIC",
    "READ_PROCESS_DEFINITION",
    "READ_PROCESS_INSTANCE",
    "READ_USAGE_METRIC",
    "READ_USER_TASK",
    "READ_TASK_LISTENER",
    "RESTORE",
    "REVEAL",
    "SUSPEND_PROCESS_INSTANCE",
    "UPDATE",
    "UPDATE_PROCESS_INSTANCE",
    "UPDATE_USER_TASK",
    "UPDATE_TASK_LISTENER",
]
ProcessDefinitionFilterState: TypeAlias = Literal["ACTIVE", "DRAINING", "DELETED"]
ProcessDefinitionResultState: TypeAlias = Literal["ACTIVE", "DRAINING", "DELETED"]
ProcessInstanceState: TypeAlias = Literal["ACTIVE", "COMPLETED", "SUSPENDED", "TERMINATED"]
ResourceType: TypeAlias = Literal[
    "AUDIT_LOG",
    "AUTHORIZATION",
    "BACKUP",
    "BATCH",
    "CLUSTER_VARIABLE",
    "COMPONENT",
    "DECISION_DEFINITION",
    "DECISION_REQUIREMENTS_DEFINITION",
    "DOCUMENT",
    "EXPORTER",
    "EXPRESSION",
    "GLOBAL_LISTENER",
    "GROUP",
    "MAPPING_RULE",
    "MESSAGE",
    "PROCESS_DEFINITION",
    "RESOURCE",
    "ROLE",
    "SECRET",
    "SYSTEM",
    "TENANT",
    "USER",
    "USER_TASK",
]
RestorePartitionStatusState: TypeAlias = Literal["PENDING", "RESTORING", "RESTORED"]
RestoreStatusResponseStatus: TypeAlias = Literal["IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED"]
SecretErrorCode: TypeAlias = Literal["NOT_FOUND", "ACCESS_DENIED", "INVALID_REFERENCE", "UNREADABLE"]
StateCode: TypeAlias = Literal["DOES_NOT_EXIST", "IN_PROGRESS", "COMPLETED", "FAILED", "INCOMPLETE", "DELETED"]
UserTaskState: TypeAlias = Literal["CREATING", "CREATED", "ASSIGNING", "UPDATING", "COMPLETING", "COMPLETED", "CANCELING", "CANCELED", "FAILED"]
WaitStateElementType: TypeAlias = Literal[
    "AD_HOC_SUB_PROCESS",
    "AD_HOC_SUB_PROCESS_INNER_INSTANCE",
    "BOUNDARY_EVENT",
    "BUSINESS_RULE_TASK",
    "CALL_ACTIVITY",
    "END_EVENT",
    "EVENT_BASED_GATEWAY",
    "EVENT_SUB_PROCESS",
    "EXCLUSIVE_GATEWAY",
    "INCLUSIVE_GATEWAY",
    "INTERMEDIATE_CATCH_EVENT",
    "INTERMEDIATE_THROW_EVENT",
    "MANUAL_TASK",
    "MULTI_INSTANCE_BODY",
    "PARALLEL_GATEWAY",
    "PROCESS",
    "RECEIVE_TASK",
    "SCRIPT_TASK",
    "SEND_TASK",
    "SEQUENCE_FLOW",
    "SERVICE_TASK",
    "START_EVENT",
    "SUB_PROCESS",
    "TASK",
    "UNKNOWN",
    "UNSPECIFIED",
    "USER_TASK",
]
WaitStateType: TypeAlias = Literal["JOB", "MESSAGE", "USER_TASK", "TIMER", "SIGNAL", "CONDITION"]
WebappComponent: TypeAlias = Literal["operate", "tasklist", "admin"]
