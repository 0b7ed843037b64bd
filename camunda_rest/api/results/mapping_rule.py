"""Answers: mapping rule."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["MappingRuleCreate", "MappingRuleUpdate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingRuleCreate:
    """MappingRuleCreateResult, since 8.8."""

    WIRE: ClassVar[str] = "claimName:s claimValue:s name:s mappingRuleId:s"

    claim_name: str = ""
    claim_value: str = ""
    name: str = ""
    mapping_rule_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingRuleUpdate:
    """MappingRuleUpdateResult, since 8.8."""

    WIRE: ClassVar[str] = "claimName:s claimValue:s name:s mappingRuleId:s"

    claim_name: str = ""
    claim_value: str = ""
    name: str = ""
    mapping_rule_id: str = ""
