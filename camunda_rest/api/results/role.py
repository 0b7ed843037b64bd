"""Answers: role."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["RoleClient", "RoleCreate", "RoleGroup", "RoleUpdate", "RoleUser"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleClient:
    """RoleClientResult, since 8.8."""

    WIRE: ClassVar[str] = "clientId:s"

    client_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleCreate:
    """RoleCreateResult, since 8.8."""

    WIRE: ClassVar[str] = "roleId:s name:s description:s?"

    role_id: str = ""
    name: str = ""
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGroup:
    """RoleGroupResult, since 8.8."""

    WIRE: ClassVar[str] = "groupId:s"

    group_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleUpdate:
    """RoleUpdateResult, since 8.8."""

    WIRE: ClassVar[str] = "name:s description:s? roleId:s"

    name: str = ""
    description: str | None = None
    role_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleUser:
    """RoleUserResult, since 8.8."""

    WIRE: ClassVar[str] = "username:s"

    username: str = ""
