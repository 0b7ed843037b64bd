"""Answers: group."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["Group", "GroupClient", "GroupCreate", "GroupUpdate", "GroupUser", "MappingRule", "Role"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """GroupResult, since 8.8."""

    WIRE: ClassVar[str] = "name:s groupId:s description:s?"

    name: str = ""
    group_id: str = ""
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupClient:
    """GroupClientResult, since 8.8."""

    WIRE: ClassVar[str] = "clientId:s"

    client_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCreate:
    """GroupCreateResult, since 8.8."""

    WIRE: ClassVar[str] = "groupId:s name:s description:s?"

    group_id: str = ""
    name: str = ""
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupUpdate:
    """GroupUpdateResult, since 8.8."""

    WIRE: ClassVar[str] = "groupId:s name:s description:s?"

    group_id: str = ""
    name: str = ""
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupUser:
    """GroupUserResult, since 8.8."""

    WIRE: ClassVar[str] = "username:s"

    username: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingRule:
    """MappingRuleResult, since 8.8."""

    WIRE: ClassVar[str] = "claimName:s claimValue:s name:s mappingRuleId:s"

    claim_name: str = ""
    claim_value: str = ""
    name: str = ""
    mapping_rule_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """RoleResult, since 8.8."""

    WIRE: ClassVar[str] = "name:s roleId:s description:s?"

    name: str = ""
    role_id: str = ""
    description: str | None = None
