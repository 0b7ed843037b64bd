"""String functions."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

from camunda_embedded.feel import regex
from camunda_embedded.feel.functions.registry import Failure, builtin
from camunda_embedded.feel.runtime import Fatal
from camunda_embedded.feel.values import text_of

# Positions and lengths count UTF-16 units, as they do in the engine: an emoji has the length 2.


def _units(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _text(units: bytes) -> str:
    return units.decode("utf-16-be", "replace").replace("\ufffd", "?")


@builtin("substring(string: string, start position: number)")
def substring(string: str, start: Any, length: Any = None) -> str:
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


@builtin("substring(string: string, start position: number, length: number)")
def substring_with_length(string: str, start: Any, length: Any) -> str:
    return substring(string, start, length)


@builtin("string length(string: string)")
def string_length(string: str) -> Decimal:
    return Decimal(len(string) if string.isascii() else len(_units(string)) // 2)


@builtin("upper case(string: string)")
def upper_case(string: str) -> str:
    return string.upper()


@builtin("lower case(string: string)")
def lower_case(string: str) -> str:
    return string.lower()


@builtin("substring before(string: string, match: string)")
def substring_before(string: str, match: str) -> str:
    return string[: string.index(match)] if match in string else ""


@builtin("substring after(string: string, match: string)")
def substring_after(string: str, match: str) -> str:
    return string[string.index(match) + len(match) :] if match in string else ""


@builtin("contains(string: string, match: string)")
def contains(string: str, match: str) -> bool:
    return match in string


@builtin("starts with(string: string, match: string)")
def starts_with(string: str, match: str) -> bool:
    return string.startswith(match)


@builtin("ends with(string: string, match: string)")
def ends_with(string: str, match: str) -> bool:
    return string.endswith(match)


@builtin("trim(string: string)")
def trim(string: str) -> str:
    return string.strip()


@builtin("is blank(string: string)")
def is_blank(string: str) -> bool:
    return not string.strip()


@builtin("to base64(value: string)")
def to_base64(value: str) -> str:
    return base64.b64encode(value.encode("utf-8", "replace")).decode("ascii")


@builtin("matches(input: string, pattern: string)")
def matches(text: str, pattern: str, flags: str = "") -> bool:
    return bool(next(regex.find(text, pattern, flags), None))


@builtin("matches(input: string, pattern: string, flags: string)")
def matches_with_flags(text: str, pattern: str, flags: str) -> bool:
    return matches(text, pattern, flags)


@builtin("replace(input: string, pattern: string, replacement: string)")
def replace(text: str, pattern: str, replacement: str, flags: str = "") -> str:
    return regex.replace(text, pattern, replacement, flags)


@builtin("replace(input: string, pattern: string, replacement: string, flags: string)")
def replace_with_flags(text: str, pattern: str, replacement: str, flags: str) -> str:
    return replace(text, pattern, replacement, flags)


@builtin("split(string: string, delimiter: string)")
def split(string: str, delimiter: str) -> list[str]:
    parts, start = [], 0
    for match in regex.find(string, delimiter):
        if match.end() == 0:
            continue  # an empty match at the very beginning splits nothing off
        parts.append(string[start : match.start()])
        start = match.end()
    return [*parts, string[start:]]


@builtin("extract(string: string, pattern: string)")
def extract(string: str, pattern: str) -> list[str]:
    return [match.group() for match in regex.find(string, pattern)]


@builtin(
    "string join(list: list)",
    "string join(list: list, delimiter: string|null)",
    "string join(list: list, delimiter: string|null, prefix: string|null, suffix: string|null)",
)
def string_join(
    items: list[Any], delimiter: str | None = None, prefix: str | None = None, suffix: str | None = None
) -> str:
    if any(item is not None and not isinstance(item, str) for item in items):
        shown = ", ".join(map(text_of, items))
        raise Failure(f"expected a list of strings but found 'List({shown})'")
    joined = (delimiter or "").join(item for item in items if item is not None)
    return (prefix or "") + joined + (suffix or "")
