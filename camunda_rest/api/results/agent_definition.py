"""Answers: agent definition."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from camunda_rest._result_base import UNKNOWN

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = ["AgentDefinition"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDefinition:
    """AgentDefinitionResult, since 8.10."""

    WIRE: ClassVar[str] = (
        "agentDefinitionKey:k agentType:s name:s elementId:s processDefinitionId:s processDefinitionKey:k processDefinitionVersion:i processDefinitionVersionTag:s? tenantId:s"
    )

    agent_definition_key: str = ""
    agent_type: words.AgentDefinitionType = UNKNOWN
    name: str = ""
    element_id: str = ""
    process_definition_id: str = ""
    process_definition_key: str = ""
    process_definition_version: int = 0
    process_definition_version_tag: str | None = None
    tenant_id: str = ""
