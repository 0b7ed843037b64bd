"""Answers: expression."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

__all__ = ["ExpressionEvaluation", "ExpressionEvaluationWarningItem", "ExpressionSecretReferenceItem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionEvaluation:
    """ExpressionEvaluationResult, since 8.9."""

    WIRE: ClassVar[str] = "expression:s result:a warnings:*ExpressionEvaluationWarningItem[] referencedSecrets:*ExpressionSecretReferenceItem[]"

    expression: str = ""
    result: Any = None
    warnings: tuple[ExpressionEvaluationWarningItem, ...] = ()
    referenced_secrets: tuple[ExpressionSecretReferenceItem, ...] = ()  #: since 8.10


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionEvaluationWarningItem:
    """ExpressionEvaluationWarningItem, since 8.9."""

    WIRE: ClassVar[str] = "message:s"

    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionSecretReferenceItem:
    """ExpressionSecretReferenceItem, since 8.10."""

    WIRE: ClassVar[str] = "storeId:s secretName:s"

    store_id: str = ""
    secret_name: str = ""
