"""Answers: resource."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from camunda_rest.api.results.decision_instance import BatchOperationCreated

__all__ = [
    "DeleteResource",
    "Deployment",
    "DeploymentDecision",
    "DeploymentDecisionRequirements",
    "DeploymentForm",
    "DeploymentMetadata",
    "DeploymentProcess",
    "DeploymentResource",
    "Resource",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteResource:
    """DeleteResourceResponse, since 8.9."""

    WIRE: ClassVar[str] = "resourceKey:s batchOperation:*BatchOperationCreated?"

    resource_key: str = ""
    batch_operation: BatchOperationCreated | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """DeploymentResult, since 8.8."""

    WIRE: ClassVar[str] = "deploymentKey:k tenantId:s deployments:*DeploymentMetadata[]"

    deployment_key: str = ""
    tenant_id: str = ""
    deployments: tuple[DeploymentMetadata, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentDecision:
    """DeploymentDecisionResult, since 8.8."""

    WIRE: ClassVar[str] = "decisionDefinitionId:s version:i name:s tenantId:s decisionRequirementsId:s decisionDefinitionKey:k decisionRequirementsKey:k"

    decision_definition_id: str = ""
    version: int = 0
    name: str = ""
    tenant_id: str = ""
    decision_requirements_id: str = ""
    decision_definition_key: str = ""
    decision_requirements_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentDecisionRequirements:
    """DeploymentDecisionRequirementsResult, since 8.8."""

    WIRE: ClassVar[str] = "decisionRequirementsId:s decisionRequirementsName:s version:i resourceName:s tenantId:s decisionRequirementsKey:k"

    decision_requirements_id: str = ""
    decision_requirements_name: str = ""
    version: int = 0
    resource_name: str = ""
    tenant_id: str = ""
    decision_requirements_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentForm:
    """DeploymentFormResult, since 8.8."""

    WIRE: ClassVar[str] = "formId:s version:i resourceName:s tenantId:s formKey:k"

    form_id: str = ""
    version: int = 0
    resource_name: str = ""
    tenant_id: str = ""
    form_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentMetadata:
    """DeploymentMetadataResult, since 8.7."""

    WIRE: ClassVar[str] = (
        "processDefinition:*DeploymentProcess? decisionDefinition:*DeploymentDecision? decisionRequirements:*DeploymentDecisionRequirements? form:*DeploymentForm? resource:*DeploymentResource?"
    )

    process_definition: DeploymentProcess | None = None  #: since 8.8
    decision_definition: DeploymentDecision | None = None  #: since 8.8
    decision_requirements: DeploymentDecisionRequirements | None = None  #: since 8.8
    form: DeploymentForm | None = None  #: since 8.8
    resource: DeploymentResource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentProcess:
    """DeploymentProcessResult, since 8.8."""

    WIRE: ClassVar[str] = "processDefinitionId:s processDefinitionVersion:i resourceName:s tenantId:s processDefinitionKey:k"

    process_definition_id: str = ""
    process_definition_version: int = 0
    resource_name: str = ""
    tenant_id: str = ""
    process_definition_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentResource:
    """DeploymentResourceResult, since 8.8."""

    WIRE: ClassVar[str] = "resourceId:s resourceName:s version:i tenantId:s resourceKey:s"

    resource_id: str = ""
    resource_name: str = ""
    version: int = 0
    tenant_id: str = ""
    resource_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """ResourceResult, since 8.7."""

    WIRE: ClassVar[str] = "resourceName:s version:i versionTag:s? resourceId:s tenantId:s resourceKey:s"

    resource_name: str = ""
    version: int = 0
    version_tag: str | None = None
    resource_id: str = ""
    tenant_id: str = ""
    resource_key: str = ""
