"""Answers: secret."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from camunda_rest._result_base import UNKNOWN

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = ["ResolvedSecret", "SecretList", "SecretResolutionError", "SecretResolve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedSecret:
    """ResolvedSecret, since 8.10."""

    WIRE: ClassVar[str] = "reference:s value:s"

    reference: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretList:
    """SecretListResult, since 8.10."""

    WIRE: ClassVar[str] = "references:s[]"

    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretResolutionError:
    """SecretResolutionError, since 8.10."""

    WIRE: ClassVar[str] = "reference:s code:s message:s"

    reference: str = ""
    code: words.SecretErrorCode = UNKNOWN
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretResolve:
    """SecretResolveResult, since 8.10."""

    WIRE: ClassVar[str] = "resolved:*ResolvedSecret[] errors:*SecretResolutionError[]"

    resolved: tuple[ResolvedSecret, ...] = ()
    errors: tuple[SecretResolutionError, ...] = ()
