"""Answers: cluster."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from camunda_rest._result_base import UNKNOWN

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = [
    "BrokerInfo",
    "ClusterBalance",
    "ClusterBrokerInfo",
    "ClusterCompletedRebalance",
    "ClusterRebalanceOperationPartition",
    "ClusterRebalancePartition",
    "ClusterRunningRebalance",
    "ClusterStatus",
    "ClusterTopology",
    "ClusterUpgradeStatus",
    "Partition",
    "PhysicalTenantBrokerTopology",
    "PhysicalTenantTopology",
    "RebalanceCancellation",
    "Topology",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerInfo:
    """BrokerInfo, since 8.8."""

    WIRE: ClassVar[str] = "nodeId:i brokerId:s? host:s port:i partitions:*Partition[] version:s"

    node_id: int = 0
    broker_id: str | None = None  #: since 8.10
    host: str = ""
    port: int = 0
    partitions: tuple[Partition, ...] = ()
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterBalance:
    """ClusterBalanceResponse, since 8.10."""

    WIRE: ClassVar[str] = (
        "state:s partitions:*ClusterRebalancePartition[] runningRebalance:*ClusterRunningRebalance? lastCompletedRebalance:*ClusterCompletedRebalance?"
    )

    state: words.ClusterBalanceResponseState = UNKNOWN
    partitions: tuple[ClusterRebalancePartition, ...] = ()
    running_rebalance: ClusterRunningRebalance | None = None
    last_completed_rebalance: ClusterCompletedRebalance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterBrokerInfo:
    """ClusterBrokerInfo, since 8.10."""

    WIRE: ClassVar[str] = "brokerId:s host:s port:i version:s"

    broker_id: str = ""
    host: str = ""
    port: int = 0
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterCompletedRebalance:
    """ClusterCompletedRebalance, since 8.10."""

    WIRE: ClassVar[str] = "rebalanceId:i partitions:*ClusterRebalanceOperationPartition[] startedAt:t? finishedAt:t? result:s"

    rebalance_id: int = 0
    partitions: tuple[ClusterRebalanceOperationPartition, ...] = ()
    started_at: datetime | None = None
    finished_at: datetime | None = None
    result: words.ClusterCompletedRebalanceResult = UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRebalanceOperationPartition:
    """ClusterRebalanceOperationPartition, since 8.10."""

    WIRE: ClassVar[str] = "partitionId:i physicalTenantId:s currentLeader:s? desiredLeader:s progress:s result:s?"

    partition_id: int = 0
    physical_tenant_id: str = ""
    current_leader: str | None = None
    desired_leader: str = ""
    progress: words.ClusterRebalanceOperationPartitionProgress = UNKNOWN
    result: words.ClusterRebalanceOperationPartitionResult | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRebalancePartition:
    """ClusterRebalancePartition, since 8.10."""

    WIRE: ClassVar[str] = "partitionId:i physicalTenantId:s currentLeader:s? desiredLeader:s state:s"

    partition_id: int = 0
    physical_tenant_id: str = ""
    current_leader: str | None = None
    desired_leader: str = ""
    state: words.ClusterRebalancePartitionState = UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRunningRebalance:
    """ClusterRunningRebalance, since 8.10."""

    WIRE: ClassVar[str] = "rebalanceId:i partitions:*ClusterRebalanceOperationPartition[] startedAt:t? dryRun:b cancelRequested:b"

    rebalance_id: int = 0
    partitions: tuple[ClusterRebalanceOperationPartition, ...] = ()
    started_at: datetime | None = None
    dry_run: bool = False
    cancel_requested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterStatus:
    """ClusterStatusResponse, since 8.10."""

    WIRE: ClassVar[str] = "status:s"

    status: words.ClusterStatusResponseStatus = UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterTopology:
    """ClusterTopologyResponse, since 8.10."""

    WIRE: ClassVar[str] = "brokers:*ClusterBrokerInfo[] clusterId:s? clusterSize:i gatewayVersion:s? physicalTenants:*PhysicalTenantTopology[]"

    brokers: tuple[ClusterBrokerInfo, ...] = ()
    cluster_id: str | None = None
    cluster_size: int = 0
    gateway_version: str | None = None
    physical_tenants: tuple[PhysicalTenantTopology, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterUpgradeStatus:
    """ClusterUpgradeStatusResponse, since 8.10."""

    WIRE: ClassVar[str] = "status:s"

    status: words.ClusterUpgradeStatusResponseStatus = UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """Partition, since 8.6."""

    WIRE: ClassVar[str] = "partitionId:i role:s health:s state:s?"

    partition_id: int = 0
    role: words.PartitionRole = UNKNOWN
    health: words.PartitionHealth = UNKNOWN
    state: words.PartitionState | None = None  #: since 8.10


@dataclass(frozen=True, slots=True, kw_only=True)
class PhysicalTenantBrokerTopology:
    """PhysicalTenantBrokerTopology, since 8.10."""

    WIRE: ClassVar[str] = "brokerId:s partitions:*Partition[]"

    broker_id: str = ""
    partitions: tuple[Partition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PhysicalTenantTopology:
    """PhysicalTenantTopology, since 8.10."""

    WIRE: ClassVar[str] = "physicalTenantId:s partitionsCount:i replicationFactor:i lastCompletedChangeId:s brokers:*PhysicalTenantBrokerTopology[]"

    physical_tenant_id: str = ""
    partitions_count: int = 0
    replication_factor: int = 0
    last_completed_change_id: str = ""
    brokers: tuple[PhysicalTenantBrokerTopology, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RebalanceCancellation:
    """RebalanceCancellationResponse, since 8.10."""

    WIRE: ClassVar[str] = "wasRunning:b"

    was_running: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """TopologyResponse, since 8.6."""

    WIRE: ClassVar[str] = "brokers:*BrokerInfo[] clusterId:s? clusterSize:i partitionsCount:i replicationFactor:i gatewayVersion:s lastCompletedChangeId:s"

    brokers: tuple[BrokerInfo, ...] = ()
    cluster_id: str | None = None  #: since 8.9
    cluster_size: int = 0
    partitions_count: int = 0
    replication_factor: int = 0
    gateway_version: str = ""
    last_completed_change_id: str = ""  #: since 8.8
