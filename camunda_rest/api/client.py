"""One method per operation of the REST API v2 that has no twin among the RPCs, blocking."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from camunda_core._later import Later
from camunda_rest._performing import Performer

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from camunda_core.deadline import Duration
    from camunda_core.retry import RetryPolicy
    from camunda_rest._documents import Download, Progress, Upload
    from camunda_rest._request import Key
    from camunda_rest._search import Page, Search
    from camunda_rest.api import filters, given, results, sorts, words
    from camunda_rest.api import operations as op
else:
    op = Later("camunda_rest.api.operations")

__all__ = ["RestOperations"]


class RestOperations(Performer):
    """The operations; who performs them is the class that inherits from this one."""

    def activate_ad_hoc_sub_process_activities(
        self,
        ad_hoc_sub_process_instance_key: Key,
        *,
        elements: Sequence[given.AdHocSubProcessActivateActivityReference],
        cancel_remaining_instances: bool | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        """``POST /element-instances/ad-hoc-activities/{adHocSubProcessInstanceKey}/activation``, since 8.8."""
        self._perform(
            op.ACTIVATE_AD_HOC_SUB_PROCESS_ACTIVITIES,
            (ad_hoc_sub_process_instance_key,),
            {"elements": elements, "cancel_remaining_instances": cancel_remaining_instances},
            timeout=timeout,
            retry=retry,
        )

    def get_agent_definition(
        self,
        agent_definition_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[results.AgentDefinition], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.AgentDefinition:
        """``GET /agent-definitions/{agentDefinitionKey}``, since 8.10; eventually consistent."""
        return self._perform(op.GET_AGENT_DEFINITION, (agent_definition_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def search_agent_definitions(
        self,
        *,
        sort: sorts.SearchAgentDefinitions | Sequence[sorts.SearchAgentDefinitions] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.AgentDefinition]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.AgentDefinitionFilter],
    ) -> Search[results.AgentDefinition]:
        """``POST /agent-definitions/search``, since 8.10; eventually consistent."""
        return self._search(
            op.SEARCH_AGENT_DEFINITIONS,
            (),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def create_agent_instance(
        self,
        *,
        element_instance_key: Key,
        job_key: Key | None = None,
        history: Sequence[given.AgentInstanceHistoryItem] | None = None,
        job_lease_token: str | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.AgentInstanceCreation:
        """``POST /agent-instances``, since 8.10."""
        return self._perform(
            op.CREATE_AGENT_INSTANCE,
            (),
            {"element_instance_key": element_instance_key, "job_key": job_key, "history": history, "job_lease_token": job_lease_token},
            timeout=timeout,
            retry=retry,
        )

    def get_agent_instance(
        self,
        agent_instance_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[results.AgentInstance], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.AgentInstance:
        """``GET /agent-instances/{agentInstanceKey}``, since 8.10; eventually consistent."""
        return self._perform(op.GET_AGENT_INSTANCE, (agent_instance_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def search_agent_instance_history(
        self,
        agent_instance_key: Key,
        *,
        sort: sorts.SearchAgentInstanceHistory | Sequence[sorts.SearchAgentInstanceHistory] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.AgentInstanceHistoryItem]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.AgentInstanceHistoryFilter],
    ) -> Search[results.AgentInstanceHistoryItem]:
        """``POST /agent-instances/{agentInstanceKey}/history/search``, since 8.10; eventually consistent."""
        return self._search(
            op.SEARCH_AGENT_INSTANCE_HISTORY,
            (agent_instance_key,),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def search_agent_instances(
        self,
        *,
        sort: sorts.SearchAgentInstances | Sequence[sorts.SearchAgentInstances] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.AgentInstance]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.AgentInstanceFilter],
    ) -> Search[results.AgentInstance]:
        """``POST /agent-instances/search``, since 8.10; eventually consistent."""
        return self._search(
            op.SEARCH_AGENT_INSTANCES, (), {}, filter=filter, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def update_agent_instance(
        self,
        agent_instance_key: Key,
        *,
        element_instance_key: Key,
        status: words.AgentInstanceUpdateStatus | None = None,
        job_key: Key | None = None,
        history: Sequence[given.AgentInstanceHistoryItem] | None = None,
        job_lease_token: str | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.AgentInstanceUpdate:
        """``PATCH /agent-instances/{agentInstanceKey}``, since 8.10."""
        return self._perform(
            op.UPDATE_AGENT_INSTANCE,
            (agent_instance_key,),
            {"element_instance_key": element_instance_key, "status": status, "job_key": job_key, "history": history, "job_lease_token": job_lease_token},
            timeout=timeout,
            retry=retry,
        )

    def get_audit_log(
        self,
        audit_log_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[results.AuditLog], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.AuditLog:
        """``GET /audit-logs/{auditLogKey}``, since 8.9; eventually consistent."""
        return self._perform(op.GET_AUDIT_LOG, (audit_log_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def search_audit_logs(
        self,
        *,
        sort: sorts.SearchAuditLogs | Sequence[sorts.SearchAuditLogs] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.AuditLog]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.AuditLogFilter],
    ) -> Search[results.AuditLog]:
        """``POST /audit-logs/search``, since 8.9; eventually consistent."""
        return self._search(
            op.SEARCH_AUDIT_LOGS, (), {}, filter=filter, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def get_authentication(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.CamundaUser:
        """``GET /authentication/me``, since 8.8."""
        return self._perform(op.GET_AUTHENTICATION, (), {}, timeout=timeout, retry=retry)

    def search_own_authorizations(
        self,
        *,
        sort: sorts.SearchOwnAuthorizations | Sequence[sorts.SearchOwnAuthorizations] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.Authorization]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.AuthorizationFilter],
    ) -> Search[results.Authorization]:
        """``POST /authentication/me/authorizations/search``, since 8.10; eventually consistent."""
        return self._search(
            op.SEARCH_OWN_AUTHORIZATIONS,
            (),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def create_authorization(
        self,
        *,
        owner_id: str,
        owner_type: words.OwnerType,
        resource_type: words.ResourceType,
        permission_types: Sequence[words.PermissionType],
        resource_id: str | None = None,
        resource_property_name: str | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.AuthorizationCreate:
        """``POST /authorizations``, since 8.8."""
        return self._perform(
            op.CREATE_AUTHORIZATION,
            (),
            {
                "owner_id": owner_id,
                "owner_type": owner_type,
                "resource_id": resource_id,
                "resource_type": resource_type,
                "permission_types": permission_types,
                "resource_property_name": resource_property_name,
            },
            timeout=timeout,
            retry=retry,
        )

    def delete_authorization(self, authorization_key: Key, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /authorizations/{authorizationKey}``, since 8.8."""
        self._perform(op.DELETE_AUTHORIZATION, (authorization_key,), {}, timeout=timeout, retry=retry)

    def get_authorization(
        self,
        authorization_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[results.Authorization], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.Authorization:
        """``GET /authorizations/{authorizationKey}``, since 8.8; eventually consistent."""
        return self._perform(op.GET_AUTHORIZATION, (authorization_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def search_authorizations(
        self,
        *,
        sort: sorts.SearchAuthorizations | Sequence[sorts.SearchAuthorizations] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.Authorization]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.AuthorizationFilter],
    ) -> Search[results.Authorization]:
        """``POST /authorizations/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_AUTHORIZATIONS, (), {}, filter=filter, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def update_authorization(
        self,
        authorization_key: Key,
        *,
        owner_id: str,
        owner_type: words.OwnerType,
        resource_type: words.ResourceType,
        permission_types: Sequence[words.PermissionType],
        resource_id: str | None = None,
        resource_property_name: str | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        """``PUT /authorizations/{authorizationKey}``, since 8.8."""
        self._perform(
            op.UPDATE_AUTHORIZATION,
            (authorization_key,),
            {
                "owner_id": owner_id,
                "owner_type": owner_type,
                "resource_id": resource_id,
                "resource_type": resource_type,
                "permission_types": permission_types,
                "resource_property_name": resource_property_name,
            },
            timeout=timeout,
            retry=retry,
        )

    def delete_history_backup(self, backup_id: int, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /backups/history/{backupId}``, since 8.10."""
        self._perform(op.DELETE_HISTORY_BACKUP, (backup_id,), {}, timeout=timeout, retry=retry)

    def delete_history_backup_as_cluster_admin(
        self, backup_id: int, *, physical_tenant_id: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> None:
        """``DELETE /cluster/v2/backups/history/{backupId}``, since 8.10; at the root of the server."""
        self._perform(
            op.DELETE_HISTORY_BACKUP_AS_CLUSTER_ADMIN, (backup_id,), {}, query={"physical_tenant_id": physical_tenant_id}, timeout=timeout, retry=retry
        )

    def delete_runtime_backup(self, backup_id: int, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /backups/runtime/{backupId}``, since 8.10."""
        self._perform(op.DELETE_RUNTIME_BACKUP, (backup_id,), {}, timeout=timeout, retry=retry)

    def delete_runtime_backup_as_cluster_admin(
        self, backup_id: int, *, physical_tenant_id: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> None:
        """``DELETE /cluster/v2/backups/runtime/{backupId}``, since 8.10; at the root of the server."""
        self._perform(
            op.DELETE_RUNTIME_BACKUP_AS_CLUSTER_ADMIN, (backup_id,), {}, query={"physical_tenant_id": physical_tenant_id}, timeout=timeout, retry=retry
        )

    def delete_runtime_backup_state(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /backups/runtime/state``, since 8.10."""
        self._perform(op.DELETE_RUNTIME_BACKUP_STATE, (), {}, timeout=timeout, retry=retry)

    def delete_runtime_backup_state_as_cluster_admin(
        self, *, physical_tenant_id: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> None:
        """``DELETE /cluster/v2/backups/runtime/state``, since 8.10; at the root of the server."""
        self._perform(op.DELETE_RUNTIME_BACKUP_STATE_AS_CLUSTER_ADMIN, (), {}, query={"physical_tenant_id": physical_tenant_id}, timeout=timeout, retry=retry)

    def get_history_backup(self, backup_id: int, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.HistoryBackupInfo:
        """``GET /backups/history/{backupId}``, since 8.10."""
        return self._perform(op.GET_HISTORY_BACKUP, (backup_id,), {}, timeout=timeout, retry=retry)

    def get_history_backup_as_cluster_admin(
        self, backup_id: int, *, physical_tenant_id: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.ClusterHistoryBackupInfo:
        """``GET /cluster/v2/backups/history/{backupId}``, since 8.10; at the root of the server."""
        return self._perform(
            op.GET_HISTORY_BACKUP_AS_CLUSTER_ADMIN, (backup_id,), {}, query={"physical_tenant_id": physical_tenant_id}, timeout=timeout, retry=retry
        )

    def get_runtime_backup(self, backup_id: int, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.BackupInfo:
        """``GET /backups/runtime/{backupId}``, since 8.10."""
        return self._perform(op.GET_RUNTIME_BACKUP, (backup_id,), {}, timeout=timeout, retry=retry)

    def get_runtime_backup_as_cluster_admin(
        self, backup_id: int, *, physical_tenant_id: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.ClusterRuntimeBackupInfo:
        """``GET /cluster/v2/backups/runtime/{backupId}``, since 8.10; at the root of the server."""
        return self._perform(
            op.GET_RUNTIME_BACKUP_AS_CLUSTER_ADMIN, (backup_id,), {}, query={"physical_tenant_id": physical_tenant_id}, timeout=timeout, retry=retry
        )

    def get_runtime_backup_state(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.RuntimeBackupState:
        """``GET /backups/runtime/state``, since 8.10."""
        return self._perform(op.GET_RUNTIME_BACKUP_STATE, (), {}, timeout=timeout, retry=retry)

    def get_runtime_backup_state_as_cluster_admin(
        self, *, physical_tenant_id: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.ClusterRuntimeBackupState:
        """``GET /cluster/v2/backups/runtime/state``, since 8.10; at the root of the server."""
        return self._perform(
            op.GET_RUNTIME_BACKUP_STATE_AS_CLUSTER_ADMIN, (), {}, query={"physical_tenant_id": physical_tenant_id}, timeout=timeout, retry=retry
        )

    def list_history_backups(
        self, *, prefix: str | None = None, verbose: bool | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> tuple[results.HistoryBackupInfo, ...]:
        """``GET /backups/history``, since 8.10."""
        return self._perform(op.LIST_HISTORY_BACKUPS, (), {}, query={"prefix": prefix, "verbose": verbose}, timeout=timeout, retry=retry)

    def list_history_backups_as_cluster_admin(
        self,
        *,
        physical_tenant_id: str | None = None,
        prefix: str | None = None,
        verbose: bool | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> tuple[results.ClusterHistoryBackupInfo, ...]:
        """``GET /cluster/v2/backups/history``, since 8.10; at the root of the server."""
        return self._perform(
            op.LIST_HISTORY_BACKUPS_AS_CLUSTER_ADMIN,
            (),
            {},
            query={"physical_tenant_id": physical_tenant_id, "prefix": prefix, "verbose": verbose},
            timeout=timeout,
            retry=retry,
        )

    def list_runtime_backups(
        self, *, prefix: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> tuple[results.BackupInfo, ...]:
        """``GET /backups/runtime``, since 8.10."""
        return self._perform(op.LIST_RUNTIME_BACKUPS, (), {}, query={"prefix": prefix}, timeout=timeout, retry=retry)

    def list_runtime_backups_as_cluster_admin(
        self, *, physical_tenant_id: str | None = None, prefix: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> tuple[results.ClusterRuntimeBackupInfo, ...]:
        """``GET /cluster/v2/backups/runtime``, since 8.10; at the root of the server."""
        return self._perform(
            op.LIST_RUNTIME_BACKUPS_AS_CLUSTER_ADMIN, (), {}, query={"physical_tenant_id": physical_tenant_id, "prefix": prefix}, timeout=timeout, retry=retry
        )

    def sync_runtime_backup_state(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.RuntimeBackupState:
        """``POST /backups/runtime/state/sync``, since 8.10."""
        return self._perform(op.SYNC_RUNTIME_BACKUP_STATE, (), {}, timeout=timeout, retry=retry)

    def sync_runtime_backup_state_as_cluster_admin(
        self, *, physical_tenant_id: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.ClusterRuntimeBackupState:
        """``POST /cluster/v2/backups/runtime/state/sync``, since 8.10; at the root of the server."""
        return self._perform(
            op.SYNC_RUNTIME_BACKUP_STATE_AS_CLUSTER_ADMIN, (), {}, query={"physical_tenant_id": physical_tenant_id}, timeout=timeout, retry=retry
        )

    def take_history_backup(self, *, backup_id: int, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.TakeHistoryBackup:
        """``POST /backups/history``, since 8.10."""
        return self._perform(op.TAKE_HISTORY_BACKUP, (), {"backup_id": backup_id}, timeout=timeout, retry=retry)

    def take_history_backup_as_cluster_admin(
        self, *, backup_id: int, physical_tenant_id: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.ClusterTakeHistoryBackup:
        """``POST /cluster/v2/backups/history``, since 8.10; at the root of the server."""
        return self._perform(
            op.TAKE_HISTORY_BACKUP_AS_CLUSTER_ADMIN,
            (),
            {"backup_id": backup_id},
            query={"physical_tenant_id": physical_tenant_id},
            timeout=timeout,
            retry=retry,
        )

    def take_runtime_backup(
        self, *, backup_id: int | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.TakeRuntimeBackup:
        """``POST /backups/runtime``, since 8.10."""
        return self._perform(op.TAKE_RUNTIME_BACKUP, (), {"backup_id": backup_id}, timeout=timeout, retry=retry)

    def take_runtime_backup_as_cluster_admin(
        self, *, backup_id: int | None = None, physical_tenant_id: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.ClusterTakeRuntimeBackup:
        """``POST /cluster/v2/backups/runtime``, since 8.10; at the root of the server."""
        return self._perform(
            op.TAKE_RUNTIME_BACKUP_AS_CLUSTER_ADMIN,
            (),
            {"backup_id": backup_id},
            query={"physical_tenant_id": physical_tenant_id},
            timeout=timeout,
            retry=retry,
        )

    def cancel_batch_operation(
        self, batch_operation_key: str, *, body: Any | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> None:
        """``POST /batch-operations/{batchOperationKey}/cancellation``, since 8.8."""
        self._perform(op.CANCEL_BATCH_OPERATION, (batch_operation_key,), {"body": body}, timeout=timeout, retry=retry)

    def get_batch_operation(
        self,
        batch_operation_key: str,
        *,
        wait: Duration | None = None,
        until: Callable[[results.BatchOperation], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.BatchOperation:
        """``GET /batch-operations/{batchOperationKey}``, since 8.8; eventually consistent."""
        return self._perform(op.GET_BATCH_OPERATION, (batch_operation_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def resume_batch_operation(
        self, batch_operation_key: str, *, body: Any | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> None:
        """``POST /batch-operations/{batchOperationKey}/resumption``, since 8.8."""
        self._perform(op.RESUME_BATCH_OPERATION, (batch_operation_key,), {"body": body}, timeout=timeout, retry=retry)

    def search_batch_operation_items(
        self,
        *,
        sort: sorts.SearchBatchOperationItems | Sequence[sorts.SearchBatchOperationItems] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.BatchOperationItem]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.BatchOperationItemFilter],
    ) -> Search[results.BatchOperationItem]:
        """``POST /batch-operation-items/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_BATCH_OPERATION_ITEMS,
            (),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def search_batch_operations(
        self,
        *,
        sort: sorts.SearchBatchOperations | Sequence[sorts.SearchBatchOperations] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.BatchOperation]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.BatchOperationFilter],
    ) -> Search[results.BatchOperation]:
        """``POST /batch-operations/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_BATCH_OPERATIONS, (), {}, filter=filter, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def suspend_batch_operation(
        self, batch_operation_key: str, *, body: Any | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> None:
        """``POST /batch-operations/{batchOperationKey}/suspension``, since 8.8."""
        self._perform(op.SUSPEND_BATCH_OPERATION, (batch_operation_key,), {"body": body}, timeout=timeout, retry=retry)

    def pin_clock(self, *, timestamp: int, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``PUT /clock``, since 8.6; alpha."""
        self._perform(op.PIN_CLOCK, (), {"timestamp": timestamp}, timeout=timeout, retry=retry)

    def reset_clock(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``POST /clock/reset``, since 8.6; alpha."""
        self._perform(op.RESET_CLOCK, (), {}, timeout=timeout, retry=retry)

    def cancel_cluster_rebalance(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.RebalanceCancellation:
        """``DELETE /cluster/v2/rebalance``, since 8.10; at the root of the server."""
        return self._perform(op.CANCEL_CLUSTER_REBALANCE, (), {}, timeout=timeout, retry=retry)

    def get_cluster_rebalance(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.ClusterBalance:
        """``GET /cluster/v2/rebalance``, since 8.10; at the root of the server."""
        return self._perform(op.GET_CLUSTER_REBALANCE, (), {}, timeout=timeout, retry=retry)

    def get_cluster_status(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.ClusterStatus:
        """``GET /cluster/v2/status``, since 8.10; at the root of the server."""
        return self._perform(op.GET_CLUSTER_STATUS, (), {}, timeout=timeout, retry=retry)

    def get_cluster_topology(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.ClusterTopology:
        """``GET /cluster/v2/topology``, since 8.10; at the root of the server."""
        return self._perform(op.GET_CLUSTER_TOPOLOGY, (), {}, timeout=timeout, retry=retry)

    def get_cluster_upgrade_status(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.ClusterUpgradeStatus:
        """``GET /cluster/v2/status/upgrade``, since 8.10; at the root of the server."""
        return self._perform(op.GET_CLUSTER_UPGRADE_STATUS, (), {}, timeout=timeout, retry=retry)

    def get_status(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``GET /status``, since 8.8."""
        self._perform(op.GET_STATUS, (), {}, timeout=timeout, retry=retry)

    def trigger_cluster_rebalance(
        self,
        *,
        replication_lag_threshold: int | None = None,
        replication_timeout: str | None = None,
        max_transfer_attempts: int | None = None,
        leader_wait_timeout: str | None = None,
        dry_run: bool | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.ClusterBalance:
        """``POST /cluster/v2/rebalance``, since 8.10; at the root of the server."""
        return self._perform(
            op.TRIGGER_CLUSTER_REBALANCE,
            (),
            {
                "replication_lag_threshold": replication_lag_threshold,
                "replication_timeout": replication_timeout,
                "max_transfer_attempts": max_transfer_attempts,
                "leader_wait_timeout": leader_wait_timeout,
            },
            query={"dry_run": dry_run},
            timeout=timeout,
            retry=retry,
        )

    def create_global_cluster_variable(
        self,
        *,
        name: str,
        value: Mapping[str, Any],
        metadata: Mapping[str, Any] | None = None,
        kind: words.ClusterVariableKind | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.ClusterVariable:
        """``POST /cluster-variables/global``, since 8.9."""
        return self._perform(
            op.CREATE_GLOBAL_CLUSTER_VARIABLE, (), {"name": name, "value": value, "metadata": metadata, "kind": kind}, timeout=timeout, retry=retry
        )

    def create_tenant_cluster_variable(
        self,
        tenant_id: str,
        *,
        name: str,
        value: Mapping[str, Any],
        metadata: Mapping[str, Any] | None = None,
        kind: words.ClusterVariableKind | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.ClusterVariable:
        """``POST /cluster-variables/tenants/{tenantId}``, since 8.9."""
        return self._perform(
            op.CREATE_TENANT_CLUSTER_VARIABLE, (tenant_id,), {"name": name, "value": value, "metadata": metadata, "kind": kind}, timeout=timeout, retry=retry
        )

    def delete_global_cluster_variable(self, name: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /cluster-variables/global/{name}``, since 8.9."""
        self._perform(op.DELETE_GLOBAL_CLUSTER_VARIABLE, (name,), {}, timeout=timeout, retry=retry)

    def delete_tenant_cluster_variable(self, tenant_id: str, name: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /cluster-variables/tenants/{tenantId}/{name}``, since 8.9."""
        self._perform(
            op.DELETE_TENANT_CLUSTER_VARIABLE,
            (
                tenant_id,
                name,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def get_global_cluster_variable(
        self,
        name: str,
        *,
        wait: Duration | None = None,
        until: Callable[[results.ClusterVariable], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.ClusterVariable:
        """``GET /cluster-variables/global/{name}``, since 8.9; eventually consistent."""
        return self._perform(op.GET_GLOBAL_CLUSTER_VARIABLE, (name,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def get_tenant_cluster_variable(
        self,
        tenant_id: str,
        name: str,
        *,
        wait: Duration | None = None,
        until: Callable[[results.ClusterVariable], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.ClusterVariable:
        """``GET /cluster-variables/tenants/{tenantId}/{name}``, since 8.9; eventually consistent."""
        return self._perform(
            op.GET_TENANT_CLUSTER_VARIABLE,
            (
                tenant_id,
                name,
            ),
            {},
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def search_cluster_variables(
        self,
        *,
        truncate_values: bool | None = None,
        sort: sorts.SearchClusterVariables | Sequence[sorts.SearchClusterVariables] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.ClusterVariable]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.ClusterVariableSearchQueryFilter],
    ) -> Search[results.ClusterVariable]:
        """``POST /cluster-variables/search``, since 8.9; eventually consistent."""
        return self._search(
            op.SEARCH_CLUSTER_VARIABLES,
            (),
            {},
            query={"truncate_values": truncate_values},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def update_global_cluster_variable(
        self,
        name: str,
        *,
        value: Mapping[str, Any],
        metadata: Mapping[str, Any] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.ClusterVariable:
        """``PUT /cluster-variables/global/{name}``, since 8.9."""
        return self._perform(op.UPDATE_GLOBAL_CLUSTER_VARIABLE, (name,), {"value": value, "metadata": metadata}, timeout=timeout, retry=retry)

    def update_tenant_cluster_variable(
        self,
        tenant_id: str,
        name: str,
        *,
        value: Mapping[str, Any],
        metadata: Mapping[str, Any] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.ClusterVariable:
        """``PUT /cluster-variables/tenants/{tenantId}/{name}``, since 8.9."""
        return self._perform(
            op.UPDATE_TENANT_CLUSTER_VARIABLE,
            (
                tenant_id,
                name,
            ),
            {"value": value, "metadata": metadata},
            timeout=timeout,
            retry=retry,
        )

    def get_decision_definition(
        self,
        decision_definition_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[results.DecisionDefinition], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.DecisionDefinition:
        """``GET /decision-definitions/{decisionDefinitionKey}``, since 8.8; eventually consistent."""
        return self._perform(op.GET_DECISION_DEFINITION, (decision_definition_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def get_decision_definition_xml(
        self,
        decision_definition_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[str], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> str:
        """``GET /decision-definitions/{decisionDefinitionKey}/xml``, since 8.6; eventually consistent."""
        return self._perform(op.GET_DECISION_DEFINITION_XML, (decision_definition_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def search_decision_definitions(
        self,
        *,
        sort: sorts.SearchDecisionDefinitions | Sequence[sorts.SearchDecisionDefinitions] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.DecisionDefinition]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.DecisionDefinitionFilter],
    ) -> Search[results.DecisionDefinition]:
        """``POST /decision-definitions/search``, since 8.6; eventually consistent."""
        return self._search(
            op.SEARCH_DECISION_DEFINITIONS,
            (),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def delete_decision_instance(
        self, decision_evaluation_key: Key, *, operation_reference: int | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> None:
        """``POST /decision-instances/{decisionEvaluationKey}/deletion``, since 8.9."""
        self._perform(op.DELETE_DECISION_INSTANCE, (decision_evaluation_key,), {"operation_reference": operation_reference}, timeout=timeout, retry=retry)

    def delete_decision_instances_batch_operation(
        self,
        *,
        operation_reference: int | None = None,
        everything: bool = False,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.DecisionInstanceFilter],
    ) -> results.BatchOperationCreated:
        """``POST /decision-instances/deletion``, since 8.9."""
        return self._perform(
            op.DELETE_DECISION_INSTANCES_BATCH_OPERATION,
            (),
            {"operation_reference": operation_reference},
            filter=filter,
            everything=everything,
            timeout=timeout,
            retry=retry,
        )

    def get_decision_instance(
        self,
        decision_evaluation_instance_key: str,
        *,
        wait: Duration | None = None,
        until: Callable[[results.DecisionInstanceGet], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.DecisionInstanceGet:
        """``GET /decision-instances/{decisionEvaluationInstanceKey}``, since 8.8; eventually consistent."""
        return self._perform(op.GET_DECISION_INSTANCE, (decision_evaluation_instance_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def search_decision_instances(
        self,
        *,
        sort: sorts.SearchDecisionInstances | Sequence[sorts.SearchDecisionInstances] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.DecisionInstance]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.DecisionInstanceFilter],
    ) -> Search[results.DecisionInstance]:
        """``POST /decision-instances/search``, since 8.6; eventually consistent."""
        return self._search(
            op.SEARCH_DECISION_INSTANCES,
            (),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def get_decision_requirements(
        self,
        decision_requirements_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[results.DecisionRequirements], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.DecisionRequirements:
        """``GET /decision-requirements/{decisionRequirementsKey}``, since 8.8; eventually consistent."""
        return self._perform(op.GET_DECISION_REQUIREMENTS, (decision_requirements_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def get_decision_requirements_xml(
        self,
        decision_requirements_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[str], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> str:
        """``GET /decision-requirements/{decisionRequirementsKey}/xml``, since 8.8; eventually consistent."""
        return self._perform(op.GET_DECISION_REQUIREMENTS_XML, (decision_requirements_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def search_decision_requirements(
        self,
        *,
        sort: sorts.SearchDecisionRequirements | Sequence[sorts.SearchDecisionRequirements] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.DecisionRequirements]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.DecisionRequirementsFilter],
    ) -> Search[results.DecisionRequirements]:
        """``POST /decision-requirements/search``, since 8.6; eventually consistent."""
        return self._search(
            op.SEARCH_DECISION_REQUIREMENTS,
            (),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def create_document(
        self,
        file: Upload,
        *,
        metadata: given.DocumentMetadata | None = None,
        store_id: str | None = None,
        document_id: str | None = None,
        on_progress: Progress | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.DocumentReference:
        """``POST /documents``, since 8.6."""
        return self._upload(
            op.CREATE_DOCUMENT,
            (),
            {"file": file, "metadata": metadata},
            query={"store_id": store_id, "document_id": document_id},
            on_progress=on_progress,
            timeout=timeout,
            retry=retry,
        )

    def create_document_link(
        self,
        document_id: str,
        *,
        time_to_live: Duration | None = None,
        store_id: str | None = None,
        content_hash: str | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.DocumentLink:
        """``POST /documents/{documentId}/links``, since 8.7."""
        return self._perform(
            op.CREATE_DOCUMENT_LINK,
            (document_id,),
            {"time_to_live": time_to_live},
            query={"store_id": store_id, "content_hash": content_hash},
            timeout=timeout,
            retry=retry,
        )

    def create_documents(
        self,
        files: Sequence[Upload],
        *,
        metadata_list: Sequence[given.DocumentMetadata] | None = None,
        store_id: str | None = None,
        on_progress: Progress | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.DocumentCreationBatch:
        """``POST /documents/batch``, since 8.7."""
        return self._upload(
            op.CREATE_DOCUMENTS,
            (),
            {"files": files, "metadata_list": metadata_list},
            query={"store_id": store_id},
            on_progress=on_progress,
            timeout=timeout,
            retry=retry,
        )

    def delete_document(self, document_id: str, *, store_id: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /documents/{documentId}``, since 8.6."""
        self._perform(op.DELETE_DOCUMENT, (document_id,), {}, query={"store_id": store_id}, timeout=timeout, retry=retry)

    def get_document(
        self,
        document_id: str,
        *,
        store_id: str | None = None,
        content_hash: str | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> Download:
        """``GET /documents/{documentId}``, since 8.6."""
        return self._download(op.GET_DOCUMENT, (document_id,), {}, query={"store_id": store_id, "content_hash": content_hash}, timeout=timeout, retry=retry)

    def get_element_instance(
        self,
        element_instance_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[results.ElementInstance], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.ElementInstance:
        """``GET /element-instances/{elementInstanceKey}``, since 8.8; eventually consistent."""
        return self._perform(op.GET_ELEMENT_INSTANCE, (element_instance_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def search_element_instance_incidents(
        self,
        element_instance_key: Key,
        /,
        *,
        sort: sorts.SearchElementInstanceIncidents | Sequence[sorts.SearchElementInstanceIncidents] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.Incident]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.IncidentFilter],
    ) -> Search[results.Incident]:
        """``POST /element-instances/{elementInstanceKey}/incidents/search``, since 8.9; eventually consistent."""
        return self._search(
            op.SEARCH_ELEMENT_INSTANCE_INCIDENTS,
            (element_instance_key,),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def search_element_instance_wait_states(
        self,
        *,
        sort: sorts.SearchElementInstanceWaitStates | Sequence[sorts.SearchElementInstanceWaitStates] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.ElementInstanceWaitState]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.ElementInstanceWaitStateFilter],
    ) -> Search[results.ElementInstanceWaitState]:
        """``POST /element-instances/wait-states/search``, since 8.10; eventually consistent."""
        return self._search(
            op.SEARCH_ELEMENT_INSTANCE_WAIT_STATES,
            (),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def search_element_instances(
        self,
        *,
        sort: sorts.SearchElementInstances | Sequence[sorts.SearchElementInstances] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.ElementInstance]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.ElementInstanceFilter],
    ) -> Search[results.ElementInstance]:
        """``POST /element-instances/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_ELEMENT_INSTANCES,
            (),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def get_cluster_exporting_status(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.ExportingStatus:
        """``GET /cluster/v2/exporting``, since 8.10; at the root of the server."""
        return self._perform(op.GET_CLUSTER_EXPORTING_STATUS, (), {}, timeout=timeout, retry=retry)

    def get_exporting_status(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.ExportingStatus:
        """``GET /exporting``, since 8.10."""
        return self._perform(op.GET_EXPORTING_STATUS, (), {}, timeout=timeout, retry=retry)

    def pause_cluster_exporting(self, *, soft: bool | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``POST /cluster/v2/exporting/pause``, since 8.10; at the root of the server."""
        self._perform(op.PAUSE_CLUSTER_EXPORTING, (), {}, query={"soft": soft}, timeout=timeout, retry=retry)

    def pause_exporting(self, *, soft: bool | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``POST /exporting/pause``, since 8.10."""
        self._perform(op.PAUSE_EXPORTING, (), {}, query={"soft": soft}, timeout=timeout, retry=retry)

    def resume_cluster_exporting(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``POST /cluster/v2/exporting/resume``, since 8.10; at the root of the server."""
        self._perform(op.RESUME_CLUSTER_EXPORTING, (), {}, timeout=timeout, retry=retry)

    def resume_exporting(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``POST /exporting/resume``, since 8.10."""
        self._perform(op.RESUME_EXPORTING, (), {}, timeout=timeout, retry=retry)

    def evaluate_expression(
        self,
        *,
        expression: str,
        tenant_id: str | None = None,
        scope_key: str | None = None,
        variables: Mapping[str, Any] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.ExpressionEvaluation:
        """``POST /expression/evaluation``, since 8.9."""
        return self._perform(
            op.EVALUATE_EXPRESSION,
            (),
            {"expression": expression, "tenant_id": tenant_id, "scope_key": scope_key, "variables": variables},
            timeout=timeout,
            retry=retry,
        )

    def get_form_by_key(
        self,
        form_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[results.Form], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.Form:
        """``GET /forms/{formKey}``, since 8.10; eventually consistent."""
        return self._perform(op.GET_FORM_BY_KEY, (form_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def create_global_task_listener(
        self,
        *,
        type: str,
        event_types: Sequence[words.GlobalTaskListenerEventType],
        id: str,
        retries: int | None = None,
        after_non_global: bool | None = None,
        priority: int | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.GlobalTaskListener:
        """``POST /global-task-listeners``, since 8.9."""
        return self._perform(
            op.CREATE_GLOBAL_TASK_LISTENER,
            (),
            {"type": type, "retries": retries, "after_non_global": after_non_global, "priority": priority, "event_types": event_types, "id": id},
            timeout=timeout,
            retry=retry,
        )

    def delete_global_task_listener(self, id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /global-task-listeners/{id}``, since 8.9."""
        self._perform(op.DELETE_GLOBAL_TASK_LISTENER, (id,), {}, timeout=timeout, retry=retry)

    def get_global_task_listener(
        self,
        id: str,
        *,
        wait: Duration | None = None,
        until: Callable[[results.GlobalTaskListener], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.GlobalTaskListener:
        """``GET /global-task-listeners/{id}``, since 8.9; eventually consistent."""
        return self._perform(op.GET_GLOBAL_TASK_LISTENER, (id,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def search_global_task_listeners(
        self,
        *,
        sort: sorts.SearchGlobalTaskListeners | Sequence[sorts.SearchGlobalTaskListeners] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.GlobalTaskListener]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.GlobalTaskListenerSearchQueryFilter],
    ) -> Search[results.GlobalTaskListener]:
        """``POST /global-task-listeners/search``, since 8.9; eventually consistent."""
        return self._search(
            op.SEARCH_GLOBAL_TASK_LISTENERS,
            (),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def update_global_task_listener(
        self,
        id: str,
        *,
        type: str,
        event_types: Sequence[words.GlobalTaskListenerEventType],
        retries: int | None = None,
        after_non_global: bool | None = None,
        priority: int | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.GlobalTaskListener:
        """``PUT /global-task-listeners/{id}``, since 8.9."""
        return self._perform(
            op.UPDATE_GLOBAL_TASK_LISTENER,
            (id,),
            {"type": type, "retries": retries, "after_non_global": after_non_global, "priority": priority, "event_types": event_types},
            timeout=timeout,
            retry=retry,
        )

    def assign_client_to_group(self, group_id: str, client_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``PUT /groups/{groupId}/clients/{clientId}``, since 8.8."""
        self._perform(
            op.ASSIGN_CLIENT_TO_GROUP,
            (
                group_id,
                client_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def assign_mapping_rule_to_group(self, group_id: str, mapping_rule_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``PUT /groups/{groupId}/mapping-rules/{mappingRuleId}``, since 8.8."""
        self._perform(
            op.ASSIGN_MAPPING_RULE_TO_GROUP,
            (
                group_id,
                mapping_rule_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def assign_user_to_group(self, group_id: str, username: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``PUT /groups/{groupId}/users/{username}``, since 8.8."""
        self._perform(
            op.ASSIGN_USER_TO_GROUP,
            (
                group_id,
                username,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def create_group(
        self, *, group_id: str, name: str, description: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.GroupCreate:
        """``POST /groups``, since 8.8."""
        return self._perform(op.CREATE_GROUP, (), {"group_id": group_id, "name": name, "description": description}, timeout=timeout, retry=retry)

    def delete_group(self, group_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /groups/{groupId}``, since 8.8."""
        self._perform(op.DELETE_GROUP, (group_id,), {}, timeout=timeout, retry=retry)

    def get_group(
        self,
        group_id: str,
        *,
        wait: Duration | None = None,
        until: Callable[[results.Group], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.Group:
        """``GET /groups/{groupId}``, since 8.8; eventually consistent."""
        return self._perform(op.GET_GROUP, (group_id,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def search_clients_for_group(
        self,
        group_id: str,
        *,
        sort: sorts.SearchClientsForGroup | Sequence[sorts.SearchClientsForGroup] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.GroupClient]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> Search[results.GroupClient]:
        """``POST /groups/{groupId}/clients/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_CLIENTS_FOR_GROUP, (group_id,), {}, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def search_groups(
        self,
        *,
        sort: sorts.SearchGroups | Sequence[sorts.SearchGroups] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.Group]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.GroupFilter],
    ) -> Search[results.Group]:
        """``POST /groups/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_GROUPS, (), {}, filter=filter, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def search_mapping_rules_for_group(
        self,
        group_id: str,
        *,
        sort: sorts.SearchMappingRulesForGroup | Sequence[sorts.SearchMappingRulesForGroup] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.MappingRule]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.MappingRuleFilter],
    ) -> Search[results.MappingRule]:
        """``POST /groups/{groupId}/mapping-rules/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_MAPPING_RULES_FOR_GROUP,
            (group_id,),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def search_roles_for_group(
        self,
        group_id: str,
        *,
        sort: sorts.SearchRolesForGroup | Sequence[sorts.SearchRolesForGroup] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.Role]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.RoleFilter],
    ) -> Search[results.Role]:
        """``POST /groups/{groupId}/roles/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_ROLES_FOR_GROUP,
            (group_id,),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def search_users_for_group(
        self,
        group_id: str,
        *,
        sort: sorts.SearchUsersForGroup | Sequence[sorts.SearchUsersForGroup] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.GroupUser]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> Search[results.GroupUser]:
        """``POST /groups/{groupId}/users/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_USERS_FOR_GROUP, (group_id,), {}, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def unassign_client_from_group(self, group_id: str, client_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /groups/{groupId}/clients/{clientId}``, since 8.8."""
        self._perform(
            op.UNASSIGN_CLIENT_FROM_GROUP,
            (
                group_id,
                client_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def unassign_mapping_rule_from_group(
        self, group_id: str, mapping_rule_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> None:
        """``DELETE /groups/{groupId}/mapping-rules/{mappingRuleId}``, since 8.8."""
        self._perform(
            op.UNASSIGN_MAPPING_RULE_FROM_GROUP,
            (
                group_id,
                mapping_rule_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def unassign_user_from_group(self, group_id: str, username: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /groups/{groupId}/users/{username}``, since 8.8."""
        self._perform(
            op.UNASSIGN_USER_FROM_GROUP,
            (
                group_id,
                username,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def update_group(
        self, group_id: str, *, name: str, description: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.GroupUpdate:
        """``PUT /groups/{groupId}``, since 8.8."""
        return self._perform(op.UPDATE_GROUP, (group_id,), {"name": name, "description": description}, timeout=timeout, retry=retry)

    def get_incident(
        self,
        incident_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[results.Incident], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.Incident:
        """``GET /incidents/{incidentKey}``, since 8.6; eventually consistent."""
        return self._perform(op.GET_INCIDENT, (incident_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def get_process_instance_statistics_by_definition(
        self,
        *,
        sort: sorts.GetProcessInstanceStatisticsByDefinition | Sequence[sorts.GetProcessInstanceStatisticsByDefinition] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.IncidentProcessInstanceStatisticsByDefinition]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.IncidentProcessInstanceStatisticsByDefinitionFilter],
    ) -> Search[results.IncidentProcessInstanceStatisticsByDefinition]:
        """``POST /incidents/statistics/process-instances-by-definition``, since 8.9; eventually consistent."""
        return self._search(
            op.GET_PROCESS_INSTANCE_STATISTICS_BY_DEFINITION,
            (),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def get_process_instance_statistics_by_error(
        self,
        *,
        sort: sorts.GetProcessInstanceStatisticsByError | Sequence[sorts.GetProcessInstanceStatisticsByError] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.IncidentProcessInstanceStatisticsByError]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> Search[results.IncidentProcessInstanceStatisticsByError]:
        """``POST /incidents/statistics/process-instances-by-error``, since 8.9; eventually consistent."""
        return self._search(
            op.GET_PROCESS_INSTANCE_STATISTICS_BY_ERROR,
            (),
            {},
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def search_incidents(
        self,
        *,
        sort: sorts.SearchIncidents | Sequence[sorts.SearchIncidents] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.Incident]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.IncidentFilter],
    ) -> Search[results.Incident]:
        """``POST /incidents/search``, since 8.6; eventually consistent."""
        return self._search(
            op.SEARCH_INCIDENTS, (), {}, filter=filter, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def get_global_job_statistics(
        self,
        *,
        from_: datetime | str,
        to: datetime | str,
        job_type: str | None = None,
        wait: Duration | None = None,
        until: Callable[[results.GlobalJobStatistics], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.GlobalJobStatistics:
        """``GET /jobs/statistics/global``, since 8.9; eventually consistent."""
        return self._perform(
            op.GET_GLOBAL_JOB_STATISTICS, (), {}, query={"from_": from_, "to": to, "job_type": job_type}, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def get_job_error_statistics(
        self,
        *,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.JobErrorStatisticsItem]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.JobErrorStatisticsFilter],
    ) -> Search[results.JobErrorStatisticsItem]:
        """``POST /jobs/statistics/errors``, since 8.9; eventually consistent."""
        return self._search(
            op.GET_JOB_ERROR_STATISTICS, (), {}, filter=filter, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def get_job_time_series_statistics(
        self,
        *,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.JobTimeSeriesStatisticsItem]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.JobTimeSeriesStatisticsFilter],
    ) -> Search[results.JobTimeSeriesStatisticsItem]:
        """``POST /jobs/statistics/time-series``, since 8.9; eventually consistent."""
        return self._search(
            op.GET_JOB_TIME_SERIES_STATISTICS, (), {}, filter=filter, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def get_job_type_statistics(
        self,
        *,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.JobTypeStatisticsItem]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.JobTypeStatisticsFilter],
    ) -> Search[results.JobTypeStatisticsItem]:
        """``POST /jobs/statistics/by-types``, since 8.9; eventually consistent."""
        return self._search(
            op.GET_JOB_TYPE_STATISTICS, (), {}, filter=filter, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def get_job_worker_statistics(
        self,
        *,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.JobWorkerStatisticsItem]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.JobWorkerStatisticsFilter],
    ) -> Search[results.JobWorkerStatisticsItem]:
        """``POST /jobs/statistics/by-workers``, since 8.9; eventually consistent."""
        return self._search(
            op.GET_JOB_WORKER_STATISTICS, (), {}, filter=filter, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def search_jobs(
        self,
        *,
        sort: sorts.SearchJobs | Sequence[sorts.SearchJobs] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.Job]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.JobFilter],
    ) -> Search[results.Job]:
        """``POST /jobs/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_JOBS, (), {}, filter=filter, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def update_jobs_batch_operation(
        self,
        *,
        changeset: given.JobChangeset,
        operation_reference: int | None = None,
        everything: bool = False,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.JobFilter],
    ) -> results.BatchOperationCreated:
        """``POST /jobs/batch-update``, since 8.10."""
        return self._perform(
            op.UPDATE_JOBS_BATCH_OPERATION,
            (),
            {"changeset": changeset, "operation_reference": operation_reference},
            filter=filter,
            everything=everything,
            timeout=timeout,
            retry=retry,
        )

    def get_license(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.License:
        """``GET /license``, since 8.6."""
        return self._perform(op.GET_LICENSE, (), {}, timeout=timeout, retry=retry)

    def create_mapping_rule(
        self, *, claim_name: str, claim_value: str, name: str, mapping_rule_id: str, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.MappingRuleCreate:
        """``POST /mapping-rules``, since 8.8."""
        return self._perform(
            op.CREATE_MAPPING_RULE,
            (),
            {"claim_name": claim_name, "claim_value": claim_value, "name": name, "mapping_rule_id": mapping_rule_id},
            timeout=timeout,
            retry=retry,
        )

    def delete_mapping_rule(self, mapping_rule_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /mapping-rules/{mappingRuleId}``, since 8.8."""
        self._perform(op.DELETE_MAPPING_RULE, (mapping_rule_id,), {}, timeout=timeout, retry=retry)

    def get_mapping_rule(
        self,
        mapping_rule_id: str,
        *,
        wait: Duration | None = None,
        until: Callable[[results.MappingRule], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.MappingRule:
        """``GET /mapping-rules/{mappingRuleId}``, since 8.8; eventually consistent."""
        return self._perform(op.GET_MAPPING_RULE, (mapping_rule_id,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def search_mapping_rule(
        self,
        *,
        sort: sorts.SearchMappingRule | Sequence[sorts.SearchMappingRule] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.MappingRule]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.MappingRuleFilter],
    ) -> Search[results.MappingRule]:
        """``POST /mapping-rules/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_MAPPING_RULE, (), {}, filter=filter, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def update_mapping_rule(
        self, mapping_rule_id: str, *, claim_name: str, claim_value: str, name: str, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.MappingRuleUpdate:
        """``PUT /mapping-rules/{mappingRuleId}``, since 8.8."""
        return self._perform(
            op.UPDATE_MAPPING_RULE, (mapping_rule_id,), {"claim_name": claim_name, "claim_value": claim_value, "name": name}, timeout=timeout, retry=retry
        )

    def correlate_message(
        self,
        *,
        name: str,
        correlation_key: str | None = None,
        variables: Mapping[str, Any] | None = None,
        tenant_id: str | None = None,
        business_id: str | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.MessageCorrelation:
        """``POST /messages/correlation``, since 8.6."""
        return self._perform(
            op.CORRELATE_MESSAGE,
            (),
            {"name": name, "correlation_key": correlation_key, "variables": variables, "tenant_id": tenant_id, "business_id": business_id},
            timeout=timeout,
            retry=retry,
        )

    def search_correlated_message_subscriptions(
        self,
        *,
        sort: sorts.SearchCorrelatedMessageSubscriptions | Sequence[sorts.SearchCorrelatedMessageSubscriptions] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.CorrelatedMessageSubscription]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.CorrelatedMessageSubscriptionFilter],
    ) -> Search[results.CorrelatedMessageSubscription]:
        """``POST /correlated-message-subscriptions/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_CORRELATED_MESSAGE_SUBSCRIPTIONS,
            (),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def search_message_subscriptions(
        self,
        *,
        sort: sorts.SearchMessageSubscriptions | Sequence[sorts.SearchMessageSubscriptions] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.MessageSubscription]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.MessageSubscriptionFilter],
    ) -> Search[results.MessageSubscription]:
        """``POST /message-subscriptions/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_MESSAGE_SUBSCRIPTIONS,
            (),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def get_process_definition(
        self,
        process_definition_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[results.ProcessDefinition], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.ProcessDefinition:
        """``GET /process-definitions/{processDefinitionKey}``, since 8.8; eventually consistent."""
        return self._perform(op.GET_PROCESS_DEFINITION, (process_definition_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def get_process_definition_instance_statistics(
        self,
        *,
        sort: sorts.GetProcessDefinitionInstanceStatistics | Sequence[sorts.GetProcessDefinitionInstanceStatistics] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.ProcessDefinitionInstanceStatistics]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> Search[results.ProcessDefinitionInstanceStatistics]:
        """``POST /process-definitions/statistics/process-instances``, since 8.9; eventually consistent."""
        return self._search(
            op.GET_PROCESS_DEFINITION_INSTANCE_STATISTICS,
            (),
            {},
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def get_process_definition_instance_version_statistics(
        self,
        *,
        sort: sorts.GetProcessDefinitionInstanceVersionStatistics | Sequence[sorts.GetProcessDefinitionInstanceVersionStatistics] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.ProcessDefinitionInstanceVersionStatistics]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.ProcessDefinitionInstanceVersionStatisticsFilter],
    ) -> Search[results.ProcessDefinitionInstanceVersionStatistics]:
        """``POST /process-definitions/statistics/process-instances-by-version``, since 8.9; eventually consistent."""
        return self._search(
            op.GET_PROCESS_DEFINITION_INSTANCE_VERSION_STATISTICS,
            (),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def get_process_definition_message_subscription_statistics(
        self,
        *,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.ProcessDefinitionMessageSubscriptionStatistics]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.MessageSubscriptionFilter],
    ) -> Search[results.ProcessDefinitionMessageSubscriptionStatistics]:
        """``POST /process-definitions/statistics/message-subscriptions``, since 8.9; eventually consistent."""
        return self._search(
            op.GET_PROCESS_DEFINITION_MESSAGE_SUBSCRIPTION_STATISTICS,
            (),
            {},
            filter=filter,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def get_process_definition_statistics(
        self,
        process_definition_key: Key,
        *,
        everything: bool = False,
        wait: Duration | None = None,
        until: Callable[[tuple[results.ProcessElementStatistics, ...]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.ProcessDefinitionStatisticsFilter],
    ) -> tuple[results.ProcessElementStatistics, ...]:
        """``POST /process-definitions/{processDefinitionKey}/statistics/element-instances``, since 8.8; eventually consistent."""
        return self._perform(
            op.GET_PROCESS_DEFINITION_STATISTICS,
            (process_definition_key,),
            {},
            filter=filter,
            everything=everything,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def get_process_definition_xml(
        self,
        process_definition_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[str], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> str | None:
        """``GET /process-definitions/{processDefinitionKey}/xml``, since 8.8; eventually consistent."""
        return self._perform(op.GET_PROCESS_DEFINITION_XML, (process_definition_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def get_start_process_form(
        self,
        process_definition_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[results.Form], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.Form | None:
        """``GET /process-definitions/{processDefinitionKey}/form``, since 8.8; eventually consistent."""
        return self._perform(op.GET_START_PROCESS_FORM, (process_definition_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def search_process_definition_variable_names(
        self,
        process_definition_key: Key,
        *,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.ProcessDefinitionVariableName]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.ProcessDefinitionVariableNameFilter],
    ) -> Search[results.ProcessDefinitionVariableName]:
        """``POST /process-definitions/{processDefinitionKey}/variable-names/search``, since 8.10; eventually consistent."""
        return self._search(
            op.SEARCH_PROCESS_DEFINITION_VARIABLE_NAMES,
            (process_definition_key,),
            {},
            filter=filter,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def search_process_definitions(
        self,
        *,
        sort: sorts.SearchProcessDefinitions | Sequence[sorts.SearchProcessDefinitions] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.ProcessDefinition]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.ProcessDefinitionFilter],
    ) -> Search[results.ProcessDefinition]:
        """``POST /process-definitions/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_PROCESS_DEFINITIONS,
            (),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def assign_process_instance_business_id(
        self, process_instance_key: Key, *, business_id: str, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> None:
        """``POST /process-instances/{processInstanceKey}/business-id-assignment``, since 8.10."""
        self._perform(op.ASSIGN_PROCESS_INSTANCE_BUSINESS_ID, (process_instance_key,), {"business_id": business_id}, timeout=timeout, retry=retry)

    def cancel_process_instances_batch_operation(
        self,
        *,
        operation_reference: int | None = None,
        everything: bool = False,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.ProcessInstanceFilter],
    ) -> results.BatchOperationCreated:
        """``POST /process-instances/cancellation``, since 8.8."""
        return self._perform(
            op.CANCEL_PROCESS_INSTANCES_BATCH_OPERATION,
            (),
            {"operation_reference": operation_reference},
            filter=filter,
            everything=everything,
            timeout=timeout,
            retry=retry,
        )

    def delete_process_instance(
        self, process_instance_key: Key, *, operation_reference: int | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> None:
        """``POST /process-instances/{processInstanceKey}/deletion``, since 8.9."""
        self._perform(op.DELETE_PROCESS_INSTANCE, (process_instance_key,), {"operation_reference": operation_reference}, timeout=timeout, retry=retry)

    def delete_process_instances_batch_operation(
        self,
        *,
        operation_reference: int | None = None,
        everything: bool = False,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.ProcessInstanceFilter],
    ) -> results.BatchOperationCreated:
        """``POST /process-instances/deletion``, since 8.9."""
        return self._perform(
            op.DELETE_PROCESS_INSTANCES_BATCH_OPERATION,
            (),
            {"operation_reference": operation_reference},
            filter=filter,
            everything=everything,
            timeout=timeout,
            retry=retry,
        )

    def get_process_instance(
        self,
        process_instance_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[results.ProcessInstance], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.ProcessInstance:
        """``GET /process-instances/{processInstanceKey}``, since 8.8; eventually consistent."""
        return self._perform(op.GET_PROCESS_INSTANCE, (process_instance_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def get_process_instance_call_hierarchy(
        self,
        process_instance_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[tuple[results.ProcessInstanceCallHierarchyEntry, ...]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> tuple[results.ProcessInstanceCallHierarchyEntry, ...]:
        """``GET /process-instances/{processInstanceKey}/call-hierarchy``, since 8.8; eventually consistent."""
        return self._perform(op.GET_PROCESS_INSTANCE_CALL_HIERARCHY, (process_instance_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def get_process_instance_sequence_flows(
        self,
        process_instance_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[tuple[results.ProcessInstanceSequenceFlow, ...]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> tuple[results.ProcessInstanceSequenceFlow, ...]:
        """``GET /process-instances/{processInstanceKey}/sequence-flows``, since 8.8; eventually consistent."""
        return self._perform(op.GET_PROCESS_INSTANCE_SEQUENCE_FLOWS, (process_instance_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def get_process_instance_statistics(
        self,
        process_instance_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[tuple[results.ProcessElementStatistics, ...]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> tuple[results.ProcessElementStatistics, ...]:
        """``GET /process-instances/{processInstanceKey}/statistics/element-instances``, since 8.8; eventually consistent."""
        return self._perform(op.GET_PROCESS_INSTANCE_STATISTICS, (process_instance_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def get_process_instance_wait_state_statistics(
        self,
        process_instance_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[tuple[results.ProcessInstanceWaitStateStatistics, ...]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> tuple[results.ProcessInstanceWaitStateStatistics, ...]:
        """``GET /process-instances/{processInstanceKey}/statistics/wait-states``, since 8.10; eventually consistent."""
        return self._perform(op.GET_PROCESS_INSTANCE_WAIT_STATE_STATISTICS, (process_instance_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def migrate_process_instances_batch_operation(
        self,
        *,
        migration_plan: given.ProcessInstanceMigrationBatchOperationPlan,
        operation_reference: int | None = None,
        everything: bool = False,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.ProcessInstanceFilter],
    ) -> results.BatchOperationCreated:
        """``POST /process-instances/migration``, since 8.8."""
        return self._perform(
            op.MIGRATE_PROCESS_INSTANCES_BATCH_OPERATION,
            (),
            {"migration_plan": migration_plan, "operation_reference": operation_reference},
            filter=filter,
            everything=everything,
            timeout=timeout,
            retry=retry,
        )

    def modify_process_instances_batch_operation(
        self,
        *,
        move_instructions: Sequence[given.ProcessInstanceModificationMoveBatchOperationInstruction],
        operation_reference: int | None = None,
        everything: bool = False,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.ProcessInstanceFilter],
    ) -> results.BatchOperationCreated:
        """``POST /process-instances/modification``, since 8.8."""
        return self._perform(
            op.MODIFY_PROCESS_INSTANCES_BATCH_OPERATION,
            (),
            {"move_instructions": move_instructions, "operation_reference": operation_reference},
            filter=filter,
            everything=everything,
            timeout=timeout,
            retry=retry,
        )

    def resolve_incidents_batch_operation(
        self,
        *,
        operation_reference: int | None = None,
        everything: bool = False,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.ProcessInstanceFilter],
    ) -> results.BatchOperationCreated:
        """``POST /process-instances/incident-resolution``, since 8.8."""
        return self._perform(
            op.RESOLVE_INCIDENTS_BATCH_OPERATION,
            (),
            {"operation_reference": operation_reference},
            filter=filter,
            everything=everything,
            timeout=timeout,
            retry=retry,
        )

    def resolve_process_instance_incidents(
        self, process_instance_key: Key, *, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.BatchOperationCreated:
        """``POST /process-instances/{processInstanceKey}/incident-resolution``, since 8.9."""
        return self._perform(op.RESOLVE_PROCESS_INSTANCE_INCIDENTS, (process_instance_key,), {}, timeout=timeout, retry=retry)

    def resume_process_instance(
        self, process_instance_key: Key, *, operation_reference: int | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> None:
        """``POST /process-instances/{processInstanceKey}/resumption``, since 8.10."""
        self._perform(op.RESUME_PROCESS_INSTANCE, (process_instance_key,), {"operation_reference": operation_reference}, timeout=timeout, retry=retry)

    def resume_process_instances_batch_operation(
        self,
        *,
        operation_reference: int | None = None,
        everything: bool = False,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.ProcessInstanceFilter],
    ) -> results.BatchOperationCreated:
        """``POST /process-instances/resumption``, since 8.10."""
        return self._perform(
            op.RESUME_PROCESS_INSTANCES_BATCH_OPERATION,
            (),
            {"operation_reference": operation_reference},
            filter=filter,
            everything=everything,
            timeout=timeout,
            retry=retry,
        )

    def search_process_instance_incidents(
        self,
        process_instance_key: Key,
        /,
        *,
        sort: sorts.SearchProcessInstanceIncidents | Sequence[sorts.SearchProcessInstanceIncidents] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.Incident]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.IncidentFilter],
    ) -> Search[results.Incident]:
        """``POST /process-instances/{processInstanceKey}/incidents/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_PROCESS_INSTANCE_INCIDENTS,
            (process_instance_key,),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def search_process_instances(
        self,
        *,
        sort: sorts.SearchProcessInstances | Sequence[sorts.SearchProcessInstances] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.ProcessInstance]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.ProcessInstanceFilter],
    ) -> Search[results.ProcessInstance]:
        """``POST /process-instances/search``, since 8.6; eventually consistent."""
        return self._search(
            op.SEARCH_PROCESS_INSTANCES,
            (),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def suspend_process_instance(
        self, process_instance_key: Key, *, operation_reference: int | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> None:
        """``POST /process-instances/{processInstanceKey}/suspension``, since 8.10."""
        self._perform(op.SUSPEND_PROCESS_INSTANCE, (process_instance_key,), {"operation_reference": operation_reference}, timeout=timeout, retry=retry)

    def suspend_process_instances_batch_operation(
        self,
        *,
        operation_reference: int | None = None,
        everything: bool = False,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.ProcessInstanceFilter],
    ) -> results.BatchOperationCreated:
        """``POST /process-instances/suspension``, since 8.10."""
        return self._perform(
            op.SUSPEND_PROCESS_INSTANCES_BATCH_OPERATION,
            (),
            {"operation_reference": operation_reference},
            filter=filter,
            everything=everything,
            timeout=timeout,
            retry=retry,
        )

    def change_cluster_mode(
        self, *, mode: words.Mode, dry_run: bool | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.ClusterModeChange:
        """``PATCH /mode``, since 8.10."""
        return self._perform(op.CHANGE_CLUSTER_MODE, (), {}, query={"mode": mode, "dry_run": dry_run}, timeout=timeout, retry=retry)

    def change_cluster_mode_as_cluster_admin(
        self,
        *,
        mode: words.Mode,
        physical_tenant_id: str | None = None,
        dry_run: bool | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.ClusterModeChange:
        """``PATCH /cluster/v2/mode``, since 8.10; at the root of the server."""
        return self._perform(
            op.CHANGE_CLUSTER_MODE_AS_CLUSTER_ADMIN,
            (),
            {},
            query={"mode": mode, "physical_tenant_id": physical_tenant_id, "dry_run": dry_run},
            timeout=timeout,
            retry=retry,
        )

    def get_restore_status(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.RestoreStatus:
        """``GET /restore``, since 8.10."""
        return self._perform(op.GET_RESTORE_STATUS, (), {}, timeout=timeout, retry=retry)

    def restore(
        self,
        *,
        from_: datetime | str | None = None,
        to: datetime | str | None = None,
        backup_ids: Sequence[int] | None = None,
        dry_run: bool | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.ClusterRestore:
        """``POST /restore``, since 8.10."""
        return self._perform(op.RESTORE, (), {"from_": from_, "to": to, "backup_ids": backup_ids}, query={"dry_run": dry_run}, timeout=timeout, retry=retry)

    def restore_as_cluster_admin(
        self,
        *,
        from_: datetime | str | None = None,
        to: datetime | str | None = None,
        backup_ids: Sequence[int] | None = None,
        overrides: Mapping[str, given.Restore] | None = None,
        physical_tenant_id: str | None = None,
        dry_run: bool | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.ClusterRestore:
        """``POST /cluster/v2/restore``, since 8.10; at the root of the server."""
        return self._perform(
            op.RESTORE_AS_CLUSTER_ADMIN,
            (),
            {"from_": from_, "to": to, "backup_ids": backup_ids, "overrides": overrides},
            query={"physical_tenant_id": physical_tenant_id, "dry_run": dry_run},
            timeout=timeout,
            retry=retry,
        )

    def get_resource(
        self,
        resource_key: str,
        *,
        wait: Duration | None = None,
        until: Callable[[results.Resource], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.Resource:
        """``GET /resources/{resourceKey}``, since 8.7; eventually consistent."""
        return self._perform(op.GET_RESOURCE, (resource_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def get_resource_content(
        self,
        resource_key: str,
        *,
        wait: Duration | None = None,
        until: Callable[[Any], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> Any:
        """``GET /resources/{resourceKey}/content``, since 8.7; eventually consistent; deprecated."""
        return self._perform(op.GET_RESOURCE_CONTENT, (resource_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def get_resource_content_binary(self, resource_key: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> Download:
        """``GET /resources/{resourceKey}/content/binary``, since 8.10; eventually consistent."""
        return self._download(op.GET_RESOURCE_CONTENT_BINARY, (resource_key,), {}, timeout=timeout, retry=retry)

    def search_resources(
        self,
        *,
        sort: sorts.SearchResources | Sequence[sorts.SearchResources] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.Resource]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.ResourceFilter],
    ) -> Search[results.Resource]:
        """``POST /resources/search``, since 8.10; eventually consistent."""
        return self._search(
            op.SEARCH_RESOURCES, (), {}, filter=filter, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def assign_role_to_client(self, role_id: str, client_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``PUT /roles/{roleId}/clients/{clientId}``, since 8.8."""
        self._perform(
            op.ASSIGN_ROLE_TO_CLIENT,
            (
                role_id,
                client_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def assign_role_to_group(self, role_id: str, group_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``PUT /roles/{roleId}/groups/{groupId}``, since 8.8."""
        self._perform(
            op.ASSIGN_ROLE_TO_GROUP,
            (
                role_id,
                group_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def assign_role_to_mapping_rule(self, role_id: str, mapping_rule_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``PUT /roles/{roleId}/mapping-rules/{mappingRuleId}``, since 8.8."""
        self._perform(
            op.ASSIGN_ROLE_TO_MAPPING_RULE,
            (
                role_id,
                mapping_rule_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def assign_role_to_user(self, role_id: str, username: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``PUT /roles/{roleId}/users/{username}``, since 8.8."""
        self._perform(
            op.ASSIGN_ROLE_TO_USER,
            (
                role_id,
                username,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def create_role(
        self, *, role_id: str, name: str, description: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.RoleCreate:
        """``POST /roles``, since 8.8."""
        return self._perform(op.CREATE_ROLE, (), {"role_id": role_id, "name": name, "description": description}, timeout=timeout, retry=retry)

    def delete_role(self, role_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /roles/{roleId}``, since 8.8."""
        self._perform(op.DELETE_ROLE, (role_id,), {}, timeout=timeout, retry=retry)

    def get_role(
        self,
        role_id: str,
        *,
        wait: Duration | None = None,
        until: Callable[[results.Role], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.Role:
        """``GET /roles/{roleId}``, since 8.8; eventually consistent."""
        return self._perform(op.GET_ROLE, (role_id,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def search_clients_for_role(
        self,
        role_id: str,
        *,
        sort: sorts.SearchClientsForRole | Sequence[sorts.SearchClientsForRole] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.RoleClient]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> Search[results.RoleClient]:
        """``POST /roles/{roleId}/clients/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_CLIENTS_FOR_ROLE, (role_id,), {}, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def search_groups_for_role(
        self,
        role_id: str,
        *,
        sort: sorts.SearchGroupsForRole | Sequence[sorts.SearchGroupsForRole] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.RoleGroup]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> Search[results.RoleGroup]:
        """``POST /roles/{roleId}/groups/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_GROUPS_FOR_ROLE, (role_id,), {}, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def search_mapping_rules_for_role(
        self,
        role_id: str,
        *,
        sort: sorts.SearchMappingRulesForRole | Sequence[sorts.SearchMappingRulesForRole] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.MappingRule]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.MappingRuleFilter],
    ) -> Search[results.MappingRule]:
        """``POST /roles/{roleId}/mapping-rules/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_MAPPING_RULES_FOR_ROLE,
            (role_id,),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def search_roles(
        self,
        *,
        sort: sorts.SearchRoles | Sequence[sorts.SearchRoles] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.Role]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.RoleFilter],
    ) -> Search[results.Role]:
        """``POST /roles/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_ROLES, (), {}, filter=filter, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def search_users_for_role(
        self,
        role_id: str,
        *,
        sort: sorts.SearchUsersForRole | Sequence[sorts.SearchUsersForRole] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.RoleUser]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> Search[results.RoleUser]:
        """``POST /roles/{roleId}/users/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_USERS_FOR_ROLE, (role_id,), {}, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def unassign_role_from_client(self, role_id: str, client_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /roles/{roleId}/clients/{clientId}``, since 8.8."""
        self._perform(
            op.UNASSIGN_ROLE_FROM_CLIENT,
            (
                role_id,
                client_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def unassign_role_from_group(self, role_id: str, group_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /roles/{roleId}/groups/{groupId}``, since 8.8."""
        self._perform(
            op.UNASSIGN_ROLE_FROM_GROUP,
            (
                role_id,
                group_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def unassign_role_from_mapping_rule(self, role_id: str, mapping_rule_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /roles/{roleId}/mapping-rules/{mappingRuleId}``, since 8.8."""
        self._perform(
            op.UNASSIGN_ROLE_FROM_MAPPING_RULE,
            (
                role_id,
                mapping_rule_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def unassign_role_from_user(self, role_id: str, username: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /roles/{roleId}/users/{username}``, since 8.8."""
        self._perform(
            op.UNASSIGN_ROLE_FROM_USER,
            (
                role_id,
                username,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def update_role(
        self, role_id: str, *, name: str, description: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.RoleUpdate:
        """``PUT /roles/{roleId}``, since 8.8."""
        return self._perform(op.UPDATE_ROLE, (role_id,), {"name": name, "description": description}, timeout=timeout, retry=retry)

    def list_secrets(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.SecretList:
        """``POST /secrets/list``, since 8.10; alpha."""
        return self._perform(op.LIST_SECRETS, (), {}, timeout=timeout, retry=retry)

    def resolve_secrets(self, *, references: Sequence[str], timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.SecretResolve:
        """``POST /secrets/resolve``, since 8.10; alpha."""
        return self._perform(op.RESOLVE_SECRETS, (), {"references": references}, timeout=timeout, retry=retry)

    def create_admin_user(
        self,
        *,
        password: str,
        username: str,
        name: str | None = None,
        email: str | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.UserCreate:
        """``POST /setup/user``, since 8.8."""
        return self._perform(op.CREATE_ADMIN_USER, (), {"password": password, "username": username, "name": name, "email": email}, timeout=timeout, retry=retry)

    def get_system_configuration(self, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> results.SystemConfiguration:
        """``GET /system/configuration``, since 8.9; alpha."""
        return self._perform(op.GET_SYSTEM_CONFIGURATION, (), {}, timeout=timeout, retry=retry)

    def get_usage_metrics(
        self,
        *,
        start_time: datetime | str,
        end_time: datetime | str,
        tenant_id: str | None = None,
        with_tenants: bool | None = None,
        wait: Duration | None = None,
        until: Callable[[results.UsageMetrics], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.UsageMetrics:
        """``GET /system/usage-metrics``, since 8.8; eventually consistent."""
        return self._perform(
            op.GET_USAGE_METRICS,
            (),
            {},
            query={"start_time": start_time, "end_time": end_time, "tenant_id": tenant_id, "with_tenants": with_tenants},
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def assign_client_to_tenant(self, tenant_id: str, client_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``PUT /tenants/{tenantId}/clients/{clientId}``, since 8.8."""
        self._perform(
            op.ASSIGN_CLIENT_TO_TENANT,
            (
                tenant_id,
                client_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def assign_group_to_tenant(self, tenant_id: str, group_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``PUT /tenants/{tenantId}/groups/{groupId}``, since 8.8."""
        self._perform(
            op.ASSIGN_GROUP_TO_TENANT,
            (
                tenant_id,
                group_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def assign_mapping_rule_to_tenant(self, tenant_id: str, mapping_rule_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``PUT /tenants/{tenantId}/mapping-rules/{mappingRuleId}``, since 8.8."""
        self._perform(
            op.ASSIGN_MAPPING_RULE_TO_TENANT,
            (
                tenant_id,
                mapping_rule_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def assign_role_to_tenant(self, tenant_id: str, role_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``PUT /tenants/{tenantId}/roles/{roleId}``, since 8.8."""
        self._perform(
            op.ASSIGN_ROLE_TO_TENANT,
            (
                tenant_id,
                role_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def assign_user_to_tenant(self, tenant_id: str, username: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``PUT /tenants/{tenantId}/users/{username}``, since 8.8."""
        self._perform(
            op.ASSIGN_USER_TO_TENANT,
            (
                tenant_id,
                username,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def create_tenant(
        self, *, tenant_id: str, name: str, description: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.TenantCreate:
        """``POST /tenants``, since 8.8."""
        return self._perform(op.CREATE_TENANT, (), {"tenant_id": tenant_id, "name": name, "description": description}, timeout=timeout, retry=retry)

    def delete_tenant(self, tenant_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /tenants/{tenantId}``, since 8.8."""
        self._perform(op.DELETE_TENANT, (tenant_id,), {}, timeout=timeout, retry=retry)

    def get_tenant(
        self,
        tenant_id: str,
        *,
        wait: Duration | None = None,
        until: Callable[[results.Tenant], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.Tenant:
        """``GET /tenants/{tenantId}``, since 8.8; eventually consistent."""
        return self._perform(op.GET_TENANT, (tenant_id,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def search_clients_for_tenant(
        self,
        tenant_id: str,
        *,
        sort: sorts.SearchClientsForTenant | Sequence[sorts.SearchClientsForTenant] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.TenantClient]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> Search[results.TenantClient]:
        """``POST /tenants/{tenantId}/clients/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_CLIENTS_FOR_TENANT, (tenant_id,), {}, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def search_group_ids_for_tenant(
        self,
        tenant_id: str,
        *,
        sort: sorts.SearchGroupIdsForTenant | Sequence[sorts.SearchGroupIdsForTenant] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.TenantGroup]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> Search[results.TenantGroup]:
        """``POST /tenants/{tenantId}/groups/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_GROUP_IDS_FOR_TENANT, (tenant_id,), {}, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def search_mapping_rules_for_tenant(
        self,
        tenant_id: str,
        *,
        sort: sorts.SearchMappingRulesForTenant | Sequence[sorts.SearchMappingRulesForTenant] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.MappingRule]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.MappingRuleFilter],
    ) -> Search[results.MappingRule]:
        """``POST /tenants/{tenantId}/mapping-rules/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_MAPPING_RULES_FOR_TENANT,
            (tenant_id,),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def search_roles_for_tenant(
        self,
        tenant_id: str,
        *,
        sort: sorts.SearchRolesForTenant | Sequence[sorts.SearchRolesForTenant] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.Role]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.RoleFilter],
    ) -> Search[results.Role]:
        """``POST /tenants/{tenantId}/roles/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_ROLES_FOR_TENANT,
            (tenant_id,),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def search_tenants(
        self,
        *,
        sort: sorts.SearchTenants | Sequence[sorts.SearchTenants] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.Tenant]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.TenantFilter],
    ) -> Search[results.Tenant]:
        """``POST /tenants/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_TENANTS, (), {}, filter=filter, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def search_users_for_tenant(
        self,
        tenant_id: str,
        *,
        sort: sorts.SearchUsersForTenant | Sequence[sorts.SearchUsersForTenant] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.TenantUser]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> Search[results.TenantUser]:
        """``POST /tenants/{tenantId}/users/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_USERS_FOR_TENANT, (tenant_id,), {}, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def unassign_client_from_tenant(self, tenant_id: str, client_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /tenants/{tenantId}/clients/{clientId}``, since 8.8."""
        self._perform(
            op.UNASSIGN_CLIENT_FROM_TENANT,
            (
                tenant_id,
                client_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def unassign_group_from_tenant(self, tenant_id: str, group_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /tenants/{tenantId}/groups/{groupId}``, since 8.8."""
        self._perform(
            op.UNASSIGN_GROUP_FROM_TENANT,
            (
                tenant_id,
                group_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def unassign_mapping_rule_from_tenant(
        self, tenant_id: str, mapping_rule_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> None:
        """``DELETE /tenants/{tenantId}/mapping-rules/{mappingRuleId}``, since 8.8."""
        self._perform(
            op.UNASSIGN_MAPPING_RULE_FROM_TENANT,
            (
                tenant_id,
                mapping_rule_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def unassign_role_from_tenant(self, tenant_id: str, role_id: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /tenants/{tenantId}/roles/{roleId}``, since 8.8."""
        self._perform(
            op.UNASSIGN_ROLE_FROM_TENANT,
            (
                tenant_id,
                role_id,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def unassign_user_from_tenant(self, tenant_id: str, username: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /tenants/{tenantId}/users/{username}``, since 8.8."""
        self._perform(
            op.UNASSIGN_USER_FROM_TENANT,
            (
                tenant_id,
                username,
            ),
            {},
            timeout=timeout,
            retry=retry,
        )

    def update_tenant(
        self, tenant_id: str, *, name: str, description: str | None = None, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> results.TenantUpdate:
        """``PUT /tenants/{tenantId}``, since 8.8."""
        return self._perform(op.UPDATE_TENANT, (tenant_id,), {"name": name, "description": description}, timeout=timeout, retry=retry)

    def create_user(
        self,
        *,
        password: str,
        username: str,
        name: str | None = None,
        email: str | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.UserCreate:
        """``POST /users``, since 8.6."""
        return self._perform(op.CREATE_USER, (), {"password": password, "username": username, "name": name, "email": email}, timeout=timeout, retry=retry)

    def delete_user(self, username: str, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /users/{username}``, since 8.8."""
        self._perform(op.DELETE_USER, (username,), {}, timeout=timeout, retry=retry)

    def get_user(
        self,
        username: str,
        *,
        wait: Duration | None = None,
        until: Callable[[results.User], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.User:
        """``GET /users/{username}``, since 8.8; eventually consistent."""
        return self._perform(op.GET_USER, (username,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def search_users(
        self,
        *,
        sort: sorts.SearchUsers | Sequence[sorts.SearchUsers] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.User]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.UserFilter],
    ) -> Search[results.User]:
        """``POST /users/search``, since 8.6; eventually consistent."""
        return self._search(
            op.SEARCH_USERS, (), {}, filter=filter, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def update_user(
        self,
        username: str,
        *,
        password: str | None = None,
        name: str | None = None,
        email: str | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.UserUpdate:
        """``PUT /users/{username}``, since 8.8."""
        return self._perform(op.UPDATE_USER, (username,), {"password": password, "name": name, "email": email}, timeout=timeout, retry=retry)

    def assign_user_task(
        self,
        user_task_key: Key,
        *,
        assignee: str | None = None,
        allow_override: bool | None = None,
        action: str | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        """``POST /user-tasks/{userTaskKey}/assignment``, since 8.6."""
        self._perform(
            op.ASSIGN_USER_TASK, (user_task_key,), {"assignee": assignee, "allow_override": allow_override, "action": action}, timeout=timeout, retry=retry
        )

    def complete_user_task(
        self,
        user_task_key: Key,
        *,
        variables: Mapping[str, Any] | None = None,
        action: str | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        """``POST /user-tasks/{userTaskKey}/completion``, since 8.6."""
        self._perform(op.COMPLETE_USER_TASK, (user_task_key,), {"variables": variables, "action": action}, timeout=timeout, retry=retry)

    def get_user_task(
        self,
        user_task_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[results.UserTask], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.UserTask:
        """``GET /user-tasks/{userTaskKey}``, since 8.8; eventually consistent."""
        return self._perform(op.GET_USER_TASK, (user_task_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def get_user_task_form(
        self,
        user_task_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[results.Form], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.Form | None:
        """``GET /user-tasks/{userTaskKey}/form``, since 8.8; eventually consistent."""
        return self._perform(op.GET_USER_TASK_FORM, (user_task_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def search_user_task_audit_logs(
        self,
        user_task_key: Key,
        *,
        sort: sorts.SearchUserTaskAuditLogs | Sequence[sorts.SearchUserTaskAuditLogs] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.AuditLog]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.UserTaskAuditLogFilter],
    ) -> Search[results.AuditLog]:
        """``POST /user-tasks/{userTaskKey}/audit-logs/search``, since 8.9; eventually consistent."""
        return self._search(
            op.SEARCH_USER_TASK_AUDIT_LOGS,
            (user_task_key,),
            {},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def search_user_task_effective_variables(
        self,
        user_task_key: Key,
        *,
        truncate_values: bool | None = None,
        sort: sorts.SearchUserTaskEffectiveVariables | Sequence[sorts.SearchUserTaskEffectiveVariables] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.Variable]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.UserTaskVariableFilter],
    ) -> Search[results.Variable]:
        """``POST /user-tasks/{userTaskKey}/effective-variables/search``, since 8.9; eventually consistent."""
        return self._search(
            op.SEARCH_USER_TASK_EFFECTIVE_VARIABLES,
            (user_task_key,),
            {},
            query={"truncate_values": truncate_values},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def search_user_task_variables(
        self,
        user_task_key: Key,
        *,
        truncate_values: bool | None = None,
        sort: sorts.SearchUserTaskVariables | Sequence[sorts.SearchUserTaskVariables] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.Variable]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.UserTaskVariableFilter],
    ) -> Search[results.Variable]:
        """``POST /user-tasks/{userTaskKey}/variables/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_USER_TASK_VARIABLES,
            (user_task_key,),
            {},
            query={"truncate_values": truncate_values},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )

    def search_user_tasks(
        self,
        *,
        sort: sorts.SearchUserTasks | Sequence[sorts.SearchUserTasks] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.UserTask]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.UserTaskFilter],
    ) -> Search[results.UserTask]:
        """``POST /user-tasks/search``, since 8.6; eventually consistent."""
        return self._search(
            op.SEARCH_USER_TASKS, (), {}, filter=filter, sort=sort, limit=limit, page_size=page_size, wait=wait, until=until, timeout=timeout, retry=retry
        )

    def unassign_user_task(self, user_task_key: Key, *, timeout: Duration | None = None, retry: RetryPolicy | None = None) -> None:
        """``DELETE /user-tasks/{userTaskKey}/assignee``, since 8.6."""
        self._perform(op.UNASSIGN_USER_TASK, (user_task_key,), {}, timeout=timeout, retry=retry)

    def update_user_task(
        self,
        user_task_key: Key,
        *,
        changeset: given.Changeset | None = None,
        action: str | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        """``PATCH /user-tasks/{userTaskKey}``, since 8.6."""
        self._perform(op.UPDATE_USER_TASK, (user_task_key,), {"changeset": changeset, "action": action}, timeout=timeout, retry=retry)

    def get_variable(
        self,
        variable_key: Key,
        *,
        wait: Duration | None = None,
        until: Callable[[results.Variable], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> results.Variable:
        """``GET /variables/{variableKey}``, since 8.8; eventually consistent."""
        return self._perform(op.GET_VARIABLE, (variable_key,), {}, wait=wait, until=until, timeout=timeout, retry=retry)

    def search_variables(
        self,
        *,
        truncate_values: bool | None = None,
        sort: sorts.SearchVariables | Sequence[sorts.SearchVariables] | None = None,
        limit: int | None = None,
        page_size: int = 100,
        wait: Duration | None = None,
        until: Callable[[Page[results.Variable]], bool] | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
        **filter: Unpack[filters.VariableFilter],
    ) -> Search[results.Variable]:
        """``POST /variables/search``, since 8.8; eventually consistent."""
        return self._search(
            op.SEARCH_VARIABLES,
            (),
            {},
            query={"truncate_values": truncate_values},
            filter=filter,
            sort=sort,
            limit=limit,
            page_size=page_size,
            wait=wait,
            until=until,
            timeout=timeout,
            retry=retry,
        )
