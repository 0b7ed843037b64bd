"""String functions."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

from camunda_embedded._feel.functions import regex
from camunda_embedded._feel.functions.registry import Failure, register
from camunda_embedded._feel.runtime import Fatal
from camunda_embedded._feel.values import text_of

# Positions and lengths count UTF-16 units, as they do in the engine: an emoji has the length 2.


def _units(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _text(units: bytes) -> str:
    return units.decode("utf-16-be", "replace").replace("\ufffd", "?")


def _length(string: str) -> Decimal:
    return Decimal(len(string) if string.isascii() else len(_units(string)) // 2)


def _substring(string: str, start: Any, length: Any = None) -> str:
    plain = string.isascii()
    units: Any = string if plain else _units(string)
    width = 1 if plain else 2
    size = len(units) // width
    first = int(start)
    begin = first - 1 if first > 0 else size + first
    end = size if length is None else min(size, begin + int(length))
    if not 0 <= begin <= end:
        raise Fatal(f"the range from {begin} to {end} is outside of a text with the length {size}")
    part = units[begin * width : end * width]
    return part if plain else _text(part)


def _to_base64(value: str) -> str:
    return base64.b64encode(value.encode("utf-8", "replace")).decode("ascii")


def _matches(text: str, pattern: str, flags: str = "") -> bool:
    return bool(next(regex.find(text, pattern, flags), None))


def _split(string: str, delimiter: str) -> list[str]:
    parts, start = [], 0
    for match in regex.find(string, delimiter):
        if match.end() == 0:
            continue  # an empty match at the very beginning splits nothing off
        parts.append(string[start : match.start()])
        start = match.end()
    return [*parts, string[start:]]


def _extract(string: str, pattern: str) -> list[str]:
    return [match.group() for match in regex.find(string, pattern)]


def _join(
    items: list[Any], delimiter: str | None = None, prefix: str | None = None, suffix: str | None = None
) -> str:
    if any(item is not None and not isinstance(item, str) for item in items):
        shown = ", ".join(map(text_of, items))
        raise Failure(f"expected a list of strings but found 'List({shown})'")
    joined = (delimiter or "").join(item for item in items if item is not None)
    return (prefix or "") + joined + (suffix or "")


register(
    {
        "substring(string: string, start position: number, length?: number)": _substring,
        "string length(string: string)": _length,
        "upper case(string: string)": str.upper,
        "lower case(string: string)": str.lower,
        "substring before(string: string, match: string)":
            lambda string, match: string[: string.index(match)] if match in string else "",
        "substring after(string: string, match: string)":
            lambda string, match: string[string.index(match) + len(match) :] if match in string else "",
        "contains(string: string, match: string)": lambda string, match: match in string,
        "starts with(string: string, match: string)": str.startswith,
        "ends with(string: string, match: string)": str.endswith,
        "trim(string: string)": str.strip,
        "is blank(string: string)": lambda string: not string.strip(),
        "to base64(value: string)": _to_base64,
        "matches(input: string, pattern: string, flags?: string)": _matches,
        "replace(input: string, pattern: string, replacement: string, flags?: string)": regex.replace,
        "split(string: string, delimiter: string)": _split,
        "extract(string: string, pattern: string)": _extract,
        "string join(list: list, delimiter?: string|null)": _join,
        "string join(list: list, delimiter: string|null, prefix: string|null, suffix: string|null)": _join,
    }
)  # fmt: skip
