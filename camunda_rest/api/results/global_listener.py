"""Answers: global listener."""

# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from camunda_rest._result_base import UNKNOWN

if TYPE_CHECKING:
    from camunda_rest.api import words

__all__ = ["GlobalTaskListener"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalTaskListener:
    """GlobalTaskListenerResult, since 8.9."""

    WIRE: ClassVar[str] = "type:s retries:i afterNonGlobal:b priority:i eventTypes:s[] id:s source:s"

    type: str = ""
    retries: int = 0
    after_non_global: bool = False
    priority: int = 0
    event_types: tuple[words.GlobalTaskListenerEventType, ...] = ()
    id: str = ""
    source: words.GlobalListenerSource = UNKNOWN
