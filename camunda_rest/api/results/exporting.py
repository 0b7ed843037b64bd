"""Answers: exporting."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from camunda_rest._result_base import UNKNOWN

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = ["ExportingStatus"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportingStatus:
    """ExportingStatusResponse, since 8.10."""

    WIRE: ClassVar[str] = "status:s"

    status: words.ExportingStatusCode = UNKNOWN
