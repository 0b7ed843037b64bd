"""Answers: authentication."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from camunda_rest._result_base import UNKNOWN

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = ["Authorization", "CamundaUser", "Tenant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """AuthorizationResult, since 8.8."""

    WIRE: ClassVar[str] = "ownerId:s ownerType:s resourceType:s resourceId:s? resourcePropertyName:s? permissionTypes:s[] authorizationKey:k"

    owner_id: str = ""
    owner_type: words.OwnerType = UNKNOWN
    resource_type: words.ResourceType = UNKNOWN
    resource_id: str | None = None
    resource_property_name: str | None = None  #: since 8.9
    permission_types: tuple[words.PermissionType, ...] = ()
    authorization_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CamundaUser:
    """CamundaUserResult, since 8.8."""

    WIRE: ClassVar[str] = (
        "username:s displayName:s? email:s? authorizedComponents:s[] tenants:*Tenant[] groups:s[] roles:s[] salesPlanType:s? c8Links:s{} canLogout:b"
    )

    username: str = ""
    display_name: str | None = None
    email: str | None = None
    authorized_components: tuple[str, ...] = ()
    tenants: tuple[Tenant, ...] = ()
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    sales_plan_type: str | None = None
    c8_links: dict[str, str] = field(default_factory=dict)
    can_logout: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """TenantResult, since 8.8."""

    WIRE: ClassVar[str] = "name:s tenantId:s description:s?"

    name: str = ""
    tenant_id: str = ""
    description: str | None = None
