"""Answers: recovery."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from camunda_rest._result_base import UNKNOWN

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = [
    "ClusterModeChange",
    "ClusterModeChangeOperation",
    "ClusterModeChangePlannedChange",
    "ClusterRestore",
    "ClusterRestoreAwaitModeChangeOperation",
    "ClusterRestoreBrokerOperation",
    "ClusterRestoreModeChangeOperation",
    "ClusterRestorePartitionOperation",
    "ClusterRestorePartitionRestoreOperation",
    "ClusterRestorePlannedChange",
    "RestoreBrokerStatus",
    "RestorePartitionStatus",
    "RestoreStatus",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterModeChange:
    """ClusterModeChangeResponse, since 8.10."""

    WIRE: ClassVar[str] = "changeId:s plannedChanges:*ClusterModeChangePlannedChange[]"

    change_id: str = ""
    planned_changes: tuple[ClusterModeChangePlannedChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterModeChangeOperation:
    """ClusterModeChangeOperation, since 8.10."""

    WIRE: ClassVar[str] = "operation:s mode:s?"

    operation: str = ""
    mode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterModeChangePlannedChange:
    """ClusterModeChangePlannedChange, since 8.10."""

    WIRE: ClassVar[str] = "physicalTenantId:s? operations:*ClusterModeChangeOperation[]"

    physical_tenant_id: str | None = None
    operations: tuple[ClusterModeChangeOperation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRestore:
    """ClusterRestoreResponse, since 8.10."""

    WIRE: ClassVar[str] = "changeId:s plannedChanges:*ClusterRestorePlannedChange[]"

    change_id: str = ""
    planned_changes: tuple[ClusterRestorePlannedChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRestoreAwaitModeChangeOperation:
    """ClusterRestoreAwaitModeChangeOperation, since 8.10."""

    WIRE: ClassVar[str] = "operation:s brokerId:s mode:s"

    operation: str = ""
    broker_id: str = ""
    mode: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRestoreBrokerOperation:
    """ClusterRestoreBrokerOperation, since 8.10."""

    WIRE: ClassVar[str] = "operation:s brokerId:s"

    operation: str = ""
    broker_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRestoreModeChangeOperation:
    """ClusterRestoreModeChangeOperation, since 8.10."""

    WIRE: ClassVar[str] = "operation:s brokerId:s mode:s"

    operation: str = ""
    broker_id: str = ""
    mode: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRestorePartitionOperation:
    """ClusterRestorePartitionOperation, since 8.10."""

    WIRE: ClassVar[str] = "operation:s brokerId:s partitionId:i"

    operation: str = ""
    broker_id: str = ""
    partition_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRestorePartitionRestoreOperation:
    """ClusterRestorePartitionRestoreOperation, since 8.10."""

    WIRE: ClassVar[str] = "operation:s brokerId:s partitionId:i backupIds:i[]"

    operation: str = ""
    broker_id: str = ""
    partition_id: int = 0
    backup_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRestorePlannedChange:
    """ClusterRestorePlannedChange, since 8.10."""

    WIRE: ClassVar[str] = (
        "physicalTenantId:s? operations:<operation|PartitionPreRestoreOperation=ClusterRestorePartitionOperation|PartitionRestoreOperation=ClusterRestorePartitionRestoreOperation|ModeChangeOperation=ClusterRestoreModeChangeOperation|AwaitModeChangeOperation=ClusterRestoreAwaitModeChangeOperation|UpdateIncarnationNumberOperation=ClusterRestoreBrokerOperation>[]"
    )

    physical_tenant_id: str | None = None
    operations: tuple[
        ClusterRestoreAwaitModeChangeOperation
        | ClusterRestoreBrokerOperation
        | ClusterRestoreModeChangeOperation
        | ClusterRestorePartitionOperation
        | ClusterRestorePartitionRestoreOperation
        | dict[str, Any],
        ...,
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreBrokerStatus:
    """RestoreBrokerStatus, since 8.10."""

    WIRE: ClassVar[str] = "brokerId:s partitionsRestored:i partitionsToRestore:i partitions:*RestorePartitionStatus[]"

    broker_id: str = ""
    partitions_restored: int = 0
    partitions_to_restore: int = 0
    partitions: tuple[RestorePartitionStatus, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorePartitionStatus:
    """RestorePartitionStatus, since 8.10."""

    WIRE: ClassVar[str] = "partitionId:i state:s backupIds:i[] completedAt:t?"

    partition_id: int = 0
    state: words.RestorePartitionStatusState = UNKNOWN
    backup_ids: tuple[int, ...] = ()
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreStatus:
    """RestoreStatusResponse, since 8.10."""

    WIRE: ClassVar[str] = "status:s changeId:s startedAt:t? brokers:*RestoreBrokerStatus[]"

    status: words.RestoreStatusResponseStatus = UNKNOWN
    change_id: str = ""
    started_at: datetime | None = None
    brokers: tuple[RestoreBrokerStatus, ...] = ()
