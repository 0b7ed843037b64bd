"""Answers: signal."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["SignalBroadcast"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalBroadcast:
    """SignalBroadcastResult, since 8.8."""

    WIRE: ClassVar[str] = "tenantId:s signalKey:k"

    tenant_id: str = ""
    signal_key: str = ""
