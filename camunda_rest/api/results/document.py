"""Answers: document."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from camunda_rest.api.results.agent_instance import DocumentReference

__all__ = ["DocumentCreationBatch", "DocumentCreationFailureDetail", "DocumentLink"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCreationBatch:
    """DocumentCreationBatchResponse, since 8.7."""

    WIRE: ClassVar[str] = "failedDocuments:*DocumentCreationFailureDetail[] createdDocuments:*DocumentReference[]"

    failed_documents: tuple[DocumentCreationFailureDetail, ...] = ()
    created_documents: tuple[DocumentReference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCreationFailureDetail:
    """DocumentCreationFailureDetail, since 8.7."""

    WIRE: ClassVar[str] = "fileName:s status:i? title:s? detail:s"

    file_name: str = ""
    status: int | None = None  #: since 8.9
    title: str | None = None  #: since 8.9
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLink:
    """DocumentLink, since 8.8."""

    WIRE: ClassVar[str] = "url:s expiresAt:t?"

    url: str = ""
    expires_at: datetime | None = None
