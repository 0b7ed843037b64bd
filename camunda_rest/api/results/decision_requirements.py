"""Answers: decision requirements."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["DecisionRequirements"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRequirements:
    """DecisionRequirementsResult, since 8.6."""

    WIRE: ClassVar[str] = "decisionRequirementsId:s decisionRequirementsKey:k decisionRequirementsName:s resourceName:s tenantId:s version:i"

    decision_requirements_id: str = ""
    decision_requirements_key: str = ""
    decision_requirements_name: str = ""
    resource_name: str = ""
    tenant_id: str = ""
    version: int = 0
