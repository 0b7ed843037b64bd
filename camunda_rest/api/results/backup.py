"""Answers: backup."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from camunda_rest._result_base import UNKNOWN

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = [
    "BackupInfo",
    "ClusterHistoryBackupInfo",
    "ClusterHistoryBackupTake",
    "ClusterHistoryBackupTenantInfo",
    "ClusterRuntimeBackupInfo",
    "ClusterRuntimeBackupState",
    "ClusterRuntimeBackupTake",
    "ClusterRuntimeBackupTenantInfo",
    "ClusterRuntimeBackupTenantState",
    "ClusterTakeHistoryBackup",
    "ClusterTakeRuntimeBackup",
    "HistoryBackupInfo",
    "HistoryBackupSnapshotInfo",
    "PartitionBackupInfo",
    "PartitionBackupRange",
    "PartitionBackupState",
    "PartitionCheckpointState",
    "RuntimeBackupState",
    "TakeHistoryBackup",
    "TakeRuntimeBackup",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupInfo:
    """BackupInfo, since 8.10."""

    WIRE: ClassVar[str] = "backupId:i state:s failureReason:s? details:*PartitionBackupInfo[]"

    backup_id: int = 0
    state: words.StateCode = UNKNOWN
    failure_reason: str | None = None
    details: tuple[PartitionBackupInfo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterHistoryBackupInfo:
    """ClusterHistoryBackupInfo, since 8.10."""

    WIRE: ClassVar[str] = "backupId:i physicalTenants:*ClusterHistoryBackupTenantInfo[]"

    backup_id: int = 0
    physical_tenants: tuple[ClusterHistoryBackupTenantInfo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterHistoryBackupTake:
    """ClusterHistoryBackupTakeResult, since 8.10."""

    WIRE: ClassVar[str] = "physicalTenantId:s scheduledSnapshots:s[]"

    physical_tenant_id: str = ""
    scheduled_snapshots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterHistoryBackupTenantInfo:
    """ClusterHistoryBackupTenantInfo, since 8.10."""

    WIRE: ClassVar[str] = "physicalTenantId:s state:s failureReason:s? details:*HistoryBackupSnapshotInfo[]"

    physical_tenant_id: str = ""
    state: words.ClusterHistoryBackupTenantState = UNKNOWN
    failure_reason: str | None = None
    details: tuple[HistoryBackupSnapshotInfo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRuntimeBackupInfo:
    """ClusterRuntimeBackupInfo, since 8.10."""

    WIRE: ClassVar[str] = "backupId:i state:s failureReason:s? physicalTenants:*ClusterRuntimeBackupTenantInfo[]"

    backup_id: int = 0
    state: words.StateCode = UNKNOWN
    failure_reason: str | None = None
    physical_tenants: tuple[ClusterRuntimeBackupTenantInfo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRuntimeBackupState:
    """ClusterRuntimeBackupState, since 8.10."""

    WIRE: ClassVar[str] = "physicalTenants:*ClusterRuntimeBackupTenantState[]"

    physical_tenants: tuple[ClusterRuntimeBackupTenantState, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRuntimeBackupTake:
    """ClusterRuntimeBackupTakeResult, since 8.10."""

    WIRE: ClassVar[str] = "physicalTenantId:s backupId:i? outcome:s reason:s?"

    physical_tenant_id: str = ""
    backup_id: int | None = None
    outcome: words.ClusterRuntimeBackupTakeOutcome = UNKNOWN
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRuntimeBackupTenantInfo:
    """ClusterRuntimeBackupTenantInfo, since 8.10."""

    WIRE: ClassVar[str] = "physicalTenantId:s state:s failureReason:s? details:*PartitionBackupInfo[]"

    physical_tenant_id: str = ""
    state: words.StateCode = UNKNOWN
    failure_reason: str | None = None
    details: tuple[PartitionBackupInfo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRuntimeBackupTenantState:
    """ClusterRuntimeBackupTenantState, since 8.10."""

    WIRE: ClassVar[str] = "physicalTenantId:s state:*RuntimeBackupState?"

    physical_tenant_id: str = ""
    state: RuntimeBackupState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterTakeHistoryBackup:
    """ClusterTakeHistoryBackupResponse, since 8.10."""

    WIRE: ClassVar[str] = "backupId:i physicalTenants:*ClusterHistoryBackupTake[]"

    backup_id: int = 0
    physical_tenants: tuple[ClusterHistoryBackupTake, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterTakeRuntimeBackup:
    """ClusterTakeRuntimeBackupResponse, since 8.10."""

    WIRE: ClassVar[str] = "physicalTenants:*ClusterRuntimeBackupTake[]"

    physical_tenants: tuple[ClusterRuntimeBackupTake, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryBackupInfo:
    """HistoryBackupInfo, since 8.10."""

    WIRE: ClassVar[str] = "backupId:i state:s failureReason:s? details:*HistoryBackupSnapshotInfo[]"

    backup_id: int = 0
    state: words.HistoryBackupStateCode = UNKNOWN
    failure_reason: str | None = None
    details: tuple[HistoryBackupSnapshotInfo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryBackupSnapshotInfo:
    """HistoryBackupSnapshotInfo, since 8.10."""

    WIRE: ClassVar[str] = "snapshotName:s state:s? startTime:t? failures:s[]"

    snapshot_name: str = ""
    state: str | None = None
    start_time: datetime | None = None
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionBackupInfo:
    """PartitionBackupInfo, since 8.10."""

    WIRE: ClassVar[str] = (
        "partitionId:i state:s failureReason:s? createdAt:t? lastUpdatedAt:t? snapshotId:s? firstLogPosition:i? checkpointPosition:i? brokerId:i? brokerVersion:s?"
    )

    partition_id: int = 0
    state: words.StateCode = UNKNOWN
    failure_reason: str | None = None
    created_at: datetime | None = None
    last_updated_at: datetime | None = None
    snapshot_id: str | None = None
    first_log_position: int | None = None
    checkpoint_position: int | None = None
    broker_id: int | None = None
    broker_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionBackupRange:
    """PartitionBackupRange, since 8.10."""

    WIRE: ClassVar[str] = "partitionId:i start:*PartitionBackupState? end:*PartitionBackupState?"

    partition_id: int = 0
    start: PartitionBackupState | None = None
    end: PartitionBackupState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionBackupState:
    """PartitionBackupState, since 8.10."""

    WIRE: ClassVar[str] = "checkpointId:i checkpointType:s partitionId:i? checkpointPosition:i firstLogPosition:i checkpointTimestamp:t?"

    checkpoint_id: int = 0
    checkpoint_type: words.BackupType = UNKNOWN
    partition_id: int | None = None
    checkpoint_position: int = 0
    first_log_position: int = 0
    checkpoint_timestamp: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionCheckpointState:
    """PartitionCheckpointState, since 8.10."""

    WIRE: ClassVar[str] = "checkpointId:i checkpointType:s partitionId:i checkpointPosition:i checkpointTimestamp:t?"

    checkpoint_id: int = 0
    checkpoint_type: words.CheckpointType = UNKNOWN
    partition_id: int = 0
    checkpoint_position: int = 0
    checkpoint_timestamp: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeBackupState:
    """RuntimeBackupState, since 8.10."""

    WIRE: ClassVar[str] = "checkpointStates:*PartitionCheckpointState[] backupStates:*PartitionBackupState[] ranges:*PartitionBackupRange[]"

    checkpoint_states: tuple[PartitionCheckpointState, ...] = ()
    backup_states: tuple[PartitionBackupState, ...] = ()
    ranges: tuple[PartitionBackupRange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeHistoryBackup:
    """TakeHistoryBackupResponse, since 8.10."""

    WIRE: ClassVar[str] = "backupId:i scheduledSnapshots:s[]"

    backup_id: int = 0
    scheduled_snapshots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRuntimeBackup:
    """TakeRuntimeBackupResponse, since 8.10."""

    WIRE: ClassVar[str] = "backupId:i"

    backup_id: int = 0
