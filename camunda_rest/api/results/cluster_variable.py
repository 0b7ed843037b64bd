"""Answers: cluster variable."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from camunda_rest._result_base import UNKNOWN, JsonValue

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = ["ClusterVariable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterVariable(JsonValue):
    """ClusterVariableSearchResult, since 8.9."""

    WIRE: ClassVar[str] = "name:s scope:s tenantId:s? metadata:a{} kind:s? value:s isTruncated:b"

    name: str = ""
    scope: words.ClusterVariableScope = UNKNOWN
    tenant_id: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)  #: since 8.10
    kind: words.ClusterVariableKind | None = None  #: since 8.10
    value: str = ""
    is_truncated: bool = False
