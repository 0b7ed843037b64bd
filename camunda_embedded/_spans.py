"""Lengths of time as tests write them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TypeAlias

from camunda_core._arguments import shown
from camunda_core.deadline import milliseconds
from camunda_core.errors import InvalidRequest
from camunda_embedded._timing import Period, parse_period

__all__ = ["Span", "span_of"]

#: ``"3d"``, ``"2h30m"``, ``"1.5s"``, ``"250ms"``, an ISO 8601 duration, seconds, or a timedelta.
Span: TypeAlias = str | int | float | timedelta

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|w|d|h|m|s)")
_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


def span_of(span: Span, name: str) -> Period:
    """A length of time; InvalidRequest (a ValueError) for what is none."""
    if not isinstance(span, str):
        return Period(0, milliseconds(span, name))
    text = span.replace(" ", "")
    if text.startswith("P"):
        try:
            found = parse_period(text)
        except ValueError:
            found = None
        if found is not None and found.months >= 0 and found.milliseconds >= 0:
            return found
    elif text and _PART.sub("", text) == "":
        return Period(
            0, round(sum(float(count) * _MILLISECONDS[unit] for count, unit in _PART.findall(text)))
        )
    raise InvalidRequest(
        f'{name} must be such as "3d", "2h30m", "PT1H", seconds or a timedelta, not {shown(span)}'
    )
