"""Answers: system."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = [
    "AuthenticationConfiguration",
    "CloudConfiguration",
    "ComponentsConfiguration",
    "DeploymentConfiguration",
    "JobMetricsConfiguration",
    "SystemConfiguration",
    "UsageMetrics",
    "UsageMetricsResponseItem",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationConfiguration:
    """AuthenticationConfigurationResponse, since 8.10."""

    WIRE: ClassVar[str] = "canLogout:b isLoginDelegated:b"

    can_logout: bool = False
    is_login_delegated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudConfiguration:
    """CloudConfigurationResponse, since 8.10."""

    WIRE: ClassVar[str] = "stage:s?"

    stage: words.CloudStage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentsConfiguration:
    """ComponentsConfigurationResponse, since 8.10."""

    WIRE: ClassVar[str] = "active:s[]"

    active: tuple[words.WebappComponent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentConfiguration:
    """DeploymentConfigurationResponse, since 8.10."""

    WIRE: ClassVar[str] = "isMultiTenancyEnabled:b maxRequestSize:i"

    is_multi_tenancy_enabled: bool = False
    max_request_size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobMetricsConfiguration:
    """JobMetricsConfigurationResponse, since 8.9."""

    WIRE: ClassVar[str] = "enabled:b exportInterval:s maxWorkerNameLength:i maxJobTypeLength:i maxTenantIdLength:i maxUniqueKeys:i"

    enabled: bool = False
    export_interval: str = ""
    max_worker_name_length: int = 0
    max_job_type_length: int = 0
    max_tenant_id_length: int = 0
    max_unique_keys: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemConfiguration:
    """SystemConfigurationResponse, since 8.9."""

    WIRE: ClassVar[str] = (
        "jobMetrics:*JobMetricsConfiguration? components:*ComponentsConfiguration? deployment:*DeploymentConfiguration? authentication:*AuthenticationConfiguration? cloud:*CloudConfiguration?"
    )

    job_metrics: JobMetricsConfiguration | None = None
    components: ComponentsConfiguration | None = None  #: since 8.10
    deployment: DeploymentConfiguration | None = None  #: since 8.10
    authentication: AuthenticationConfiguration | None = None  #: since 8.10
    cloud: CloudConfiguration | None = None  #: since 8.10


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageMetrics:
    """UsageMetricsResponse, since 8.8."""

    WIRE: ClassVar[str] = "processInstances:i decisionInstances:i assignees:i activeTenants:i tenants:*UsageMetricsResponseItem{}"

    process_instances: int = 0
    decision_instances: int = 0
    assignees: int = 0
    active_tenants: int = 0
    tenants: dict[str, UsageMetricsResponseItem] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageMetricsResponseItem:
    """UsageMetricsResponseItem, since 8.8."""

    WIRE: ClassVar[str] = "processInstances:i decisionInstances:i assignees:i"

    process_instances: int = 0
    decision_instances: int = 0
    assignees: int = 0
