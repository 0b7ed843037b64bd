"""The classes of answers; each module is loaded when one of its classes is asked for."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from camunda_rest.api.results.agent_definition import AgentDefinition as AgentDefinition
    from camunda_rest.api.results.agent_instance import AgentInstance as AgentInstance
    from camunda_rest.api.results.agent_instance import AgentInstanceCreatedHistoryItem as AgentInstanceCreatedHistoryItem
    from camunda_rest.api.results.agent_instance import AgentInstanceCreation as AgentInstanceCreation
    from camunda_rest.api.results.agent_instance import AgentInstanceDefinition as AgentInstanceDefinition
    from camunda_rest.api.results.agent_instance import AgentInstanceDocumentContent as AgentInstanceDocumentContent
    from camunda_rest.api.results.agent_instance import AgentInstanceHistoryItem as AgentInstanceHistoryItem
    from camunda_rest.api.results.agent_instance import AgentInstanceHistoryItemMetrics as AgentInstanceHistoryItemMetrics
    from camunda_rest.api.results.agent_instance import AgentInstanceLimits as AgentInstanceLimits
    from camunda_rest.api.results.agent_instance import AgentInstanceMetrics as AgentInstanceMetrics
    from camunda_rest.api.results.agent_instance import AgentInstanceObjectContent as AgentInstanceObjectContent
    from camunda_rest.api.results.agent_instance import AgentInstanceTextContent as AgentInstanceTextContent
    from camunda_rest.api.results.agent_instance import AgentInstanceToolCall as AgentInstanceToolCall
    from camunda_rest.api.results.agent_instance import AgentInstanceUpdate as AgentInstanceUpdate
    from camunda_rest.api.results.agent_instance import AgentTool as AgentTool
    from camunda_rest.api.results.agent_instance import DocumentMetadata as DocumentMetadata
    from camunda_rest.api.results.agent_instance import DocumentReference as DocumentReference
    from camunda_rest.api.results.audit_log import AuditLog as AuditLog
    from camunda_rest.api.results.authentication import Authorization as Authorization
    from camunda_rest.api.results.authentication import CamundaUser as CamundaUser
    from camunda_rest.api.results.authentication import Tenant as Tenant
    from camunda_rest.api.results.authorization import AuthorizationCreate as AuthorizationCreate
    from camunda_rest.api.results.backup import BackupInfo as BackupInfo
    from camunda_rest.api.results.backup import ClusterHistoryBackupInfo as ClusterHistoryBackupInfo
    from camunda_rest.api.results.backup import ClusterHistoryBackupTake as ClusterHistoryBackupTake
    from camunda_rest.api.results.backup import ClusterHistoryBackupTenantInfo as ClusterHistoryBackupTenantInfo
    from camunda_rest.api.results.backup import ClusterRuntimeBackupInfo as ClusterRuntimeBackupInfo
    from camunda_rest.api.results.backup import ClusterRuntimeBackupState as ClusterRuntimeBackupState
    from camunda_rest.api.results.backup import ClusterRuntimeBackupTake as ClusterRuntimeBackupTake
    from camunda_rest.api.results.backup import ClusterRuntimeBackupTenantInfo as ClusterRuntimeBackupTenantInfo
    from camunda_rest.api.results.backup import ClusterRuntimeBackupTenantState as ClusterRuntimeBackupTenantState
    from camunda_rest.api.results.backup import ClusterTakeHistoryBackup as ClusterTakeHistoryBackup
    from camunda_rest.api.results.backup import ClusterTakeRuntimeBackup as ClusterTakeRuntimeBackup
    from camunda_rest.api.results.backup import HistoryBackupInfo as HistoryBackupInfo
    from camunda_rest.api.results.backup import HistoryBackupSnapshotInfo as HistoryBackupSnapshotInfo
    from camunda_rest.api.results.backup import PartitionBackupInfo as PartitionBackupInfo
    from camunda_rest.api.results.backup import PartitionBackupRange as PartitionBackupRange
    from camunda_rest.api.results.backup import PartitionBackupState as PartitionBackupState
    from camunda_rest.api.results.backup import PartitionCheckpointState as PartitionCheckpointState
    from camunda_rest.api.results.backup import RuntimeBackupState as RuntimeBackupState
    from camunda_rest.api.results.backup import TakeHistoryBackup as TakeHistoryBackup
    from camunda_rest.api.results.backup import TakeRuntimeBackup as TakeRuntimeBackup
    from camunda_rest.api.results.batch_operation import BatchOperation as BatchOperation
    from camunda_rest.api.results.batch_operation import BatchOperationError as BatchOperationError
    from camunda_rest.api.results.batch_operation import BatchOperationItem as BatchOperationItem
    from camunda_rest.api.results.cluster import BrokerInfo as BrokerInfo
    from camunda_rest.api.results.cluster import ClusterBalance as ClusterBalance
    from camunda_rest.api.results.cluster import ClusterBrokerInfo as ClusterBrokerInfo
    from camunda_rest.api.results.cluster import ClusterCompletedRebalance as ClusterCompletedRebalance
    from camunda_rest.api.results.cluster import ClusterRebalanceOperationPartition as ClusterRebalanceOperationPartition
    from camunda_rest.api.results.cluster import ClusterRebalancePartition as ClusterRebalancePartition
    from camunda_rest.api.results.cluster import ClusterRunningRebalance as ClusterRunningRebalance
    from camunda_rest.api.results.cluster import ClusterStatus as ClusterStatus
    from camunda_rest.api.results.cluster import ClusterTopology as ClusterTopology
    from camunda_rest.api.results.cluster import ClusterUpgradeStatus as ClusterUpgradeStatus
    from camunda_rest.api.results.cluster import Partition as Partition
    from camunda_rest.api.results.cluster import PhysicalTenantBrokerTopology as PhysicalTenantBrokerTopology
    from camunda_rest.api.results.cluster import PhysicalTenantTopology as PhysicalTenantTopology
    from camunda_rest.api.results.cluster import RebalanceCancellation as RebalanceCancellation
    from camunda_rest.api.results.cluster import Topology as Topology
    from camunda_rest.api.results.cluster_variable import ClusterVariable as ClusterVariable
    from camunda_rest.api.results.conditional import EvaluateConditional as EvaluateConditional
    from camunda_rest.api.results.conditional import ProcessInstanceReference as ProcessInstanceReference
    from camunda_rest.api.results.decision_definition import DecisionDefinition as DecisionDefinition
    from camunda_rest.api.results.decision_definition import EvaluatedDecision as EvaluatedDecision
    from camunda_rest.api.results.decision_definition import EvaluatedDecisionInputItem as EvaluatedDecisionInputItem
    from camunda_rest.api.results.decision_definition import EvaluatedDecisionOutputItem as EvaluatedDecisionOutputItem
    from camunda_rest.api.results.decision_definition import EvaluateDecision as EvaluateDecision
    from camunda_rest.api.results.decision_definition import MatchedDecisionRuleItem as MatchedDecisionRuleItem
    from camunda_rest.api.results.decision_instance import BatchOperationCreated as BatchOperationCreated
    from camunda_rest.api.results.decision_instance import DecisionInstance as DecisionInstance
    from camunda_rest.api.results.decision_instance import DecisionInstanceGet as DecisionInstanceGet
    from camunda_rest.api.results.decision_requirements import DecisionRequirements as DecisionRequirements
    from camunda_rest.api.results.document import DocumentCreationBatch as DocumentCreationBatch
    from camunda_rest.api.results.document import DocumentCreationFailureDetail as DocumentCreationFailureDetail
    from camunda_rest.api.results.document import DocumentLink as DocumentLink
    from camunda_rest.api.results.element_instance import ConditionWaitStateDetails as ConditionWaitStateDetails
    from camunda_rest.api.results.element_instance import ElementInstance as ElementInstance
    from camunda_rest.api.results.element_instance import ElementInstanceWaitState as ElementInstanceWaitState
    from camunda_rest.api.results.element_instance import Incident as Incident
    from camunda_rest.api.results.element_instance import JobWaitStateDetails as JobWaitStateDetails
    from camunda_rest.api.results.element_instance import MessageWaitStateDetails as MessageWaitStateDetails
    from camunda_rest.api.results.element_instance import SignalWaitStateDetails as SignalWaitStateDetails
    from camunda_rest.api.results.element_instance import TimerWaitStateDetails as TimerWaitStateDetails
    from camunda_rest.api.results.element_instance import UserTaskWaitStateDetails as UserTaskWaitStateDetails
    from camunda_rest.api.results.exporting import ExportingStatus as ExportingStatus
    from camunda_rest.api.results.expression import ExpressionEvaluation as ExpressionEvaluation
    from camunda_rest.api.results.expression import ExpressionEvaluationWarningItem as ExpressionEvaluationWarningItem
    from camunda_rest.api.results.expression import ExpressionSecretReferenceItem as ExpressionSecretReferenceItem
    from camunda_rest.api.results.form import Form as Form
    from camunda_rest.api.results.global_listener import GlobalTaskListener as GlobalTaskListener
    from camunda_rest.api.results.group import Group as Group
    from camunda_rest.api.results.group import GroupClient as GroupClient
    from camunda_rest.api.results.group import GroupCreate as GroupCreate
    from camunda_rest.api.results.group import GroupUpdate as GroupUpdate
    from camunda_rest.api.results.group import GroupUser as GroupUser
    from camunda_rest.api.results.group import MappingRule as MappingRule
    from camunda_rest.api.results.group import Role as Role
    from camunda_rest.api.results.incident import IncidentProcessInstanceStatisticsByDefinition as IncidentProcessInstanceStatisticsByDefinition
    from camunda_rest.api.results.incident import IncidentProcessInstanceStatisticsByError as IncidentProcessInstanceStatisticsByError
    from camunda_rest.api.results.job import ActivatedJob as ActivatedJob
    from camunda_rest.api.results.job import GlobalJobStatistics as GlobalJobStatistics
    from camunda_rest.api.results.job import Job as Job
    from camunda_rest.api.results.job import JobActivation as JobActivation
    from camunda_rest.api.results.job import JobErrorStatisticsItem as JobErrorStatisticsItem
    from camunda_rest.api.results.job import JobTimeSeriesStatisticsItem as JobTimeSeriesStatisticsItem
    from camunda_rest.api.results.job import JobTypeStatisticsItem as JobTypeStatisticsItem
    from camunda_rest.api.results.job import JobWorkerStatisticsItem as JobWorkerStatisticsItem
    from camunda_rest.api.results.job import StatusMetric as StatusMetric
    from camunda_rest.api.results.job import UserTaskProperties as UserTaskProperties
    from camunda_rest.api.results.license import License as License
    from camunda_rest.api.results.mapping_rule import MappingRuleCreate as MappingRuleCreate
    from camunda_rest.api.results.mapping_rule import MappingRuleUpdate as MappingRuleUpdate
    from camunda_rest.api.results.message import MessageCorrelation as MessageCorrelation
    from camunda_rest.api.results.message import MessagePublication as MessagePublication
    from camunda_rest.api.results.message_subscription import CorrelatedMessageSubscription as CorrelatedMessageSubscription
    from camunda_rest.api.results.message_subscription import MessageSubscription as MessageSubscription
    from camunda_rest.api.results.process_definition import ProcessDefinition as ProcessDefinition
    from camunda_rest.api.results.process_definition import ProcessDefinitionInstanceStatistics as ProcessDefinitionInstanceStatistics
    from camunda_rest.api.results.process_definition import ProcessDefinitionInstanceVersionStatistics as ProcessDefinitionInstanceVersionStatistics
    from camunda_rest.api.results.process_definition import ProcessDefinitionMessageSubscriptionStatistics as ProcessDefinitionMessageSubscriptionStatistics
    from camunda_rest.api.results.process_definition import ProcessDefinitionVariableName as ProcessDefinitionVariableName
    from camunda_rest.api.results.process_definition import ProcessElementStatistics as ProcessElementStatistics
    from camunda_rest.api.results.process_instance import CreateProcessInstance as CreateProcessInstance
    from camunda_rest.api.results.process_instance import ProcessInstance as ProcessInstance
    from camunda_rest.api.results.process_instance import ProcessInstanceCallHierarchyEntry as ProcessInstanceCallHierarchyEntry
    from camunda_rest.api.results.process_instance import ProcessInstanceSequenceFlow as ProcessInstanceSequenceFlow
    from camunda_rest.api.results.process_instance import ProcessInstanceWaitStateStatistics as ProcessInstanceWaitStateStatistics
    from camunda_rest.api.results.recovery import ClusterModeChange as ClusterModeChange
    from camunda_rest.api.results.recovery import ClusterModeChangeOperation as ClusterModeChangeOperation
    from camunda_rest.api.results.recovery import ClusterModeChangePlannedChange as ClusterModeChangePlannedChange
    from camunda_rest.api.results.recovery import ClusterRestore as ClusterRestore
    from camunda_rest.api.results.recovery import ClusterRestoreAwaitModeChangeOperation as ClusterRestoreAwaitModeChangeOperation
    from camunda_rest.api.results.recovery import ClusterRestoreBrokerOperation as ClusterRestoreBrokerOperation
    from camunda_rest.api.results.recovery import ClusterRestoreModeChangeOperation as ClusterRestoreModeChangeOperation
    from camunda_rest.api.results.recovery import ClusterRestorePartitionOperation as ClusterRestorePartitionOperation
    from camunda_rest.api.results.recovery import ClusterRestorePartitionRestoreOperation as ClusterRestorePartitionRestoreOperation
    from camunda_rest.api.results.recovery import ClusterRestorePlannedChange as ClusterRestorePlannedChange
    from camunda_rest.api.results.recovery import RestoreBrokerStatus as RestoreBrokerStatus
    from camunda_rest.api.results.recovery import RestorePartitionStatus as RestorePartitionStatus
    from camunda_rest.api.results.recovery import RestoreStatus as RestoreStatus
    from camunda_rest.api.results.resource import DeleteResource as DeleteResource
    from camunda_rest.api.results.resource import Deployment as Deployment
    from camunda_rest.api.results.resource import DeploymentDecision as DeploymentDecision
    from camunda_rest.api.results.resource import DeploymentDecisionRequirements as DeploymentDecisionRequirements
    from camunda_rest.api.results.resource import DeploymentForm as DeploymentForm
    from camunda_rest.api.results.resource import DeploymentMetadata as DeploymentMetadata
    from camunda_rest.api.results.resource import DeploymentProcess as DeploymentProcess
    from camunda_rest.api.results.resource import DeploymentResource as DeploymentResource
    from camunda_rest.api.results.resource import Resource as Resource
    from camunda_rest.api.results.role import RoleClient as RoleClient
    from camunda_rest.api.results.role import RoleCreate as RoleCreate
    from camunda_rest.api.results.role import RoleGroup as RoleGroup
    from camunda_rest.api.results.role import RoleUpdate as RoleUpdate
    from camunda_rest.api.results.role import RoleUser as RoleUser
    from camunda_rest.api.results.secret import ResolvedSecret as ResolvedSecret
    from camunda_rest.api.results.secret import SecretList as SecretList
    from camunda_rest.api.results.secret import SecretResolutionError as SecretResolutionError
    from camunda_rest.api.results.secret import SecretResolve as SecretResolve
    from camunda_rest.api.results.setup import UserCreate as UserCreate
    from camunda_rest.api.results.signal import SignalBroadcast as SignalBroadcast
    from camunda_rest.api.results.system import AuthenticationConfiguration as AuthenticationConfiguration
    from camunda_rest.api.results.system import CloudConfiguration as CloudConfiguration
    from camunda_rest.api.results.system import ComponentsConfiguration as ComponentsConfiguration
    from camunda_rest.api.results.system import DeploymentConfiguration as DeploymentConfiguration
    from camunda_rest.api.results.system import JobMetricsConfiguration as JobMetricsConfiguration
    from camunda_rest.api.results.system import SystemConfiguration as SystemConfiguration
    from camunda_rest.api.results.system import UsageMetrics as UsageMetrics
    from camunda_rest.api.results.system import UsageMetricsResponseItem as UsageMetricsResponseItem
    from camunda_rest.api.results.tenant import TenantClient as TenantClient
    from camunda_rest.api.results.tenant import TenantCreate as TenantCreate
    from camunda_rest.api.results.tenant import TenantGroup as TenantGroup
    from camunda_rest.api.results.tenant import TenantUpdate as TenantUpdate
    from camunda_rest.api.results.tenant import TenantUser as TenantUser
    from camunda_rest.api.results.user import User as User
    from camunda_rest.api.results.user import UserUpdate as UserUpdate
    from camunda_rest.api.results.user_task import UserTask as UserTask
    from camunda_rest.api.results.user_task import Variable as Variable

#: The module of each class.
HOMES = {
    "ActivatedJob": "job",
    "AgentDefinition": "agent_definition",
    "AgentInstance": "agent_instance",
    "AgentInstanceCreatedHistoryItem": "agent_instance",
    "AgentInstanceCreation": "agent_instance",
    "AgentInstanceDefinition": "agent_instance",
    "AgentInstanceDocumentContent": "agent_instance",
    "AgentInstanceHistoryItem": "agent_instance",
    "AgentInstanceHistoryItemMetrics": "agent_instance",
    "AgentInstanceLimits": "agent_instance",
    "AgentInstanceMetrics": "agent_instance",
    "AgentInstanceObjectContent": "agent_instance",
    "AgentInstanceTextContent": "agent_instance",
    "AgentInstanceToolCall": "agent_instance",
    "AgentInstanceUpdate": "agent_instance",
    "AgentTool": "agent_instance",
    "AuditLog": "audit_log",
    "AuthenticationConfiguration": "system",
    "Authorization": "authentication",
    "AuthorizationCreate": "authorization",
    "BackupInfo": "backup",
    "BatchOperation": "batch_operation",
    "BatchOperationCreated": "decision_instance",
    "BatchOperationError": "batch_operation",
    "BatchOperationItem": "batch_operation",
    "BrokerInfo": "cluster",
    "CamundaUser": "authentication",
    "CloudConfiguration": "system",
    "ClusterBalance": "cluster",
    "ClusterBrokerInfo": "cluster",
    "ClusterCompletedRebalance": "cluster",
    "ClusterHistoryBackupInfo": "backup",
    "ClusterHistoryBackupTake": "backup",
    "ClusterHistoryBackupTenantInfo": "backup",
    "ClusterModeChange": "recovery",
    "ClusterModeChangeOperation": "recovery",
    "ClusterModeChangePlannedChange": "recovery",
    "ClusterRebalanceOperationPartition": "cluster",
    "ClusterRebalancePartition": "cluster",
    "ClusterRestore": "recovery",
    "ClusterRestoreAwaitModeChangeOperation": "recovery",
    "ClusterRestoreBrokerOperation": "recovery",
    "ClusterRestoreModeChangeOperation": "recovery",
    "ClusterRestorePartitionOperation": "recovery",
    "ClusterRestorePartitionRestoreOperation": "recovery",
    "ClusterRestorePlannedChange": "recovery",
    "ClusterRunningRebalance": "cluster",
    "ClusterRuntimeBackupInfo": "backup",
    "ClusterRuntimeBackupState": "backup",
    "ClusterRuntimeBackupTake": "backup",
    "ClusterRuntimeBackupTenantInfo": "backup",
    "ClusterRuntimeBackupTenantState": "backup",
    "ClusterStatus": "cluster",
    "ClusterTakeHistoryBackup": "backup",
    "ClusterTakeRuntimeBackup": "backup",
    "ClusterTopology": "cluster",
    "ClusterUpgradeStatus": "cluster",
    "ClusterVariable": "cluster_variable",
    "ComponentsConfiguration": "system",
    "ConditionWaitStateDetails": "element_instance",
    "CorrelatedMessageSubscription": "message_subscription",
    "CreateProcessInstance": "process_instance",
    "DecisionDefinition": "decision_definition",
    "DecisionInstance": "decision_instance",
    "DecisionInstanceGet": "decision_instance",
    "DecisionRequirements": "decision_requirements",
    "DeleteResource": "resource",
    "Deployment": "resource",
    "DeploymentConfiguration": "system",
    "DeploymentDecision": "resource",
    "DeploymentDecisionRequirements": "resource",
    "DeploymentForm": "resource",
    "DeploymentMetadata": "resource",
    "DeploymentProcess": "resource",
    "DeploymentResource": "resource",
    "DocumentCreationBatch": "document",
    "DocumentCreationFailureDetail": "document",
    "DocumentLink": "document",
    "DocumentMetadata": "agent_instance",
    "DocumentReference": "agent_instance",
    "ElementInstance": "element_instance",
    "ElementInstanceWaitState": "element_instance",
    "EvaluateConditional": "conditional",
    "EvaluateDecision": "decision_definition",
    "EvaluatedDecision": "decision_definition",
    "EvaluatedDecisionInputItem": "decision_definition",
    "EvaluatedDecisionOutputItem": "decision_definition",
    "ExportingStatus": "exporting",
    "ExpressionEvaluation": "expression",
    "ExpressionEvaluationWarningItem": "expression",
    "ExpressionSecretReferenceItem": "expression",
    "Form": "form",
    "GlobalJobStatistics": "job",
    "GlobalTaskListener": "global_listener",
    "Group": "group",
    "GroupClient": "group",
    "GroupCreate": "group",
    "GroupUpdate": "group",
    "GroupUser": "group",
    "HistoryBackupInfo": "backup",
    "HistoryBackupSnapshotInfo": "backup",
    "Incident": "element_instance",
    "IncidentProcessInstanceStatisticsByDefinition": "incident",
    "IncidentProcessInstanceStatisticsByError": "incident",
    "Job": "job",
    "JobActivation": "job",
    "JobErrorStatisticsItem": "job",
    "JobMetricsConfiguration": "system",
    "JobTimeSeriesStatisticsItem": "job",
    "JobTypeStatisticsItem": "job",
    "JobWaitStateDetails": "element_instance",
    "JobWorkerStatisticsItem": "job",
    "License": "license",
    "MappingRule": "group",
    "MappingRuleCreate": "mapping_rule",
    "MappingRuleUpdate": "mapping_rule",
    "MatchedDecisionRuleItem": "decision_definition",
    "MessageCorrelation": "message",
    "MessagePublication": "message",
    "MessageSubscription": "message_subscription",
    "MessageWaitStateDetails": "element_instance",
    "Partition": "cluster",
    "PartitionBackupInfo": "backup",
    "PartitionBackupRange": "backup",
    "PartitionBackupState": "backup",
    "PartitionCheckpointState": "backup",
    "PhysicalTenantBrokerTopology": "cluster",
    "PhysicalTenantTopology": "cluster",
    "ProcessDefinition": "process_definition",
    "ProcessDefinitionInstanceStatistics": "process_definition",
    "ProcessDefinitionInstanceVersionStatistics": "process_definition",
    "ProcessDefinitionMessageSubscriptionStatistics": "process_definition",
    "ProcessDefinitionVariableName": "process_definition",
    "ProcessElementStatistics": "process_definition",
    "ProcessInstance": "process_instance",
    "ProcessInstanceCallHierarchyEntry": "process_instance",
    "ProcessInstanceReference": "conditional",
    "ProcessInstanceSequenceFlow": "process_instance",
    "ProcessInstanceWaitStateStatistics": "process_instance",
    "RebalanceCancellation": "cluster",
    "ResolvedSecret": "secret",
    "Resource": "resource",
    "RestoreBrokerStatus": "recovery",
    "RestorePartitionStatus": "recovery",
    "RestoreStatus": "recovery",
    "Role": "group",
    "RoleClient": "role",
    "RoleCreate": "role",
    "RoleGroup": "role",
    "RoleUpdate": "role",
    "RoleUser": "role",
    "RuntimeBackupState": "backup",
    "SecretList": "secret",
    "SecretResolutionError": "secret",
    "SecretResolve": "secret",
    "SignalBroadcast": "signal",
    "SignalWaitStateDetails": "element_instance",
    "StatusMetric": "job",
    "SystemConfiguration": "system",
    "TakeHistoryBackup": "backup",
    "TakeRuntimeBackup": "backup",
    "Tenant": "authentication",
    "TenantClient": "tenant",
    "TenantCreate": "tenant",
    "TenantGroup": "tenant",
    "TenantUpdate": "tenant",
    "TenantUser": "tenant",
    "TimerWaitStateDetails": "element_instance",
    "Topology": "cluster",
    "UsageMetrics": "system",
    "UsageMetricsResponseItem": "system",
    "User": "user",
    "UserCreate": "setup",
    "UserTask": "user_task",
    "UserTaskProperties": "job",
    "UserTaskWaitStateDetails": "element_instance",
    "UserUpdate": "user",
    "Variable": "user_task",
}


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(HOMES)
