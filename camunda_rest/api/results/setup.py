"""Answers: setup."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["UserCreate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCreate:
    """UserCreateResult, since 8.8."""

    WIRE: ClassVar[str] = "username:s name:s? email:s?"

    username: str = ""
    name: str | None = None
    email: str | None = None
