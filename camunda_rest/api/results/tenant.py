"""Answers: tenant."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["TenantClient", "TenantCreate", "TenantGroup", "TenantUpdate", "TenantUser"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantClient:
    """TenantClientResult, since 8.8."""

    WIRE: ClassVar[str] = "clientId:s"

    client_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantCreate:
    """TenantCreateResult, since 8.8."""

    WIRE: ClassVar[str] = "tenantId:s name:s description:s?"

    tenant_id: str = ""
    name: str = ""
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantGroup:
    """TenantGroupResult, since 8.8."""

    WIRE: ClassVar[str] = "groupId:s"

    group_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantUpdate:
    """TenantUpdateResult, since 8.8."""

    WIRE: ClassVar[str] = "tenantId:s name:s description:s?"

    tenant_id: str = ""
    name: str = ""
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantUser:
    """TenantUserResult, since 8.8."""

    WIRE: ClassVar[str] = "username:s"

    username: str = ""
