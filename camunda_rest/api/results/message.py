"""Answers: message."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["MessageCorrelation", "MessagePublication"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageCorrelation:
    """MessageCorrelationResult, since 8.8."""

    WIRE: ClassVar[str] = "tenantId:s messageKey:k processInstanceKey:k"

    tenant_id: str = ""
    message_key: str = ""
    process_instance_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePublication:
    """MessagePublicationResult, since 8.8."""

    WIRE: ClassVar[str] = "tenantId:s messageKey:k"

    tenant_id: str = ""
    message_key: str = ""
