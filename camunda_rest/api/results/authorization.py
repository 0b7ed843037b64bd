"""Answers: authorization."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["AuthorizationCreate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationCreate:
    """AuthorizationCreateResult, since 8.8."""

    WIRE: ClassVar[str] = "authorizationKey:k"

    authorization_key: str = ""
