"""Answers: form."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["Form"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """FormResult, since 8.8."""

    WIRE: ClassVar[str] = "tenantId:s formId:s schema:j version:i formKey:k"

    tenant_id: str = ""
    form_id: str = ""
    schema: str = ""
    version: int = 0
    form_key: str = ""
