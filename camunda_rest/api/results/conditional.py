"""Answers: conditional."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["EvaluateConditional", "ProcessInstanceReference"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateConditional:
    """EvaluateConditionalResult, since 8.9."""

    WIRE: ClassVar[str] = "conditionalEvaluationKey:k tenantId:s processInstances:*ProcessInstanceReference[]"

    conditional_evaluation_key: str = ""
    tenant_id: str = ""
    process_instances: tuple[ProcessInstanceReference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessInstanceReference:
    """ProcessInstanceReference, since 8.9."""

    WIRE: ClassVar[str] = "processDefinitionKey:k processInstanceKey:k"

    process_definition_key: str = ""
    process_instance_key: str = ""
