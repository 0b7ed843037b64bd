"""How answers look: every property that the contract gives an answer in a version, and no other.

Values come as the engine has them: keys as numbers, times as milliseconds since the epoch. What is missing is null where
the contract allows that (left out before 8.9), and else empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any, NamedTuple

from camunda_rest.api.answers import ANSWERS, PARTS

__all__ = ["Version", "iso", "properties", "write"]

Version = tuple[int, int]
Writer = Callable[[Any], Any]

_PLACE = re.compile(r"([^:]+):([^?@-]+)([?-]?)(?:@(\d+)\.(\d+))?")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
#: Lines before this one leave out what is null: what their API publishes is not nullable.
_SAYS_NULL = (8, 9)
#: What records and messages say where there is nothing: no text, and no key.
_NOTHING: dict[str, tuple[Any, ...]] = {"s": (None, ""), "k": (None, "", -1, "-1"), "t": (None, "", -1)}
#: Keys that are -1 where there is nothing, whatever their API publishes: the Java clients of these lines take no null.
_MINUS_ONE = {
    (part, name)
    for part in ("DecisionInstanceResult", "DecisionInstanceGetQueryResult")
    for name in ("processDefinitionKey", "processInstanceKey", "elementInstanceKey")
}
_MINUS_ONE_BEFORE = (8, 10)
#: What stands for nothing in a property that cannot be null.
_EMPTY: dict[str, Callable[[], Any]] = {"b": bool, "i": int, "f": float, "o": dict, "t": lambda: iso(0)}


class Property(NamedTuple):
    """One property of an answer."""

    name: str
    code: str
    nullable: bool
    optional: bool


def iso(milliseconds: int) -> str:
    """A time as the REST API writes it: ``2026-01-01T00:00:00.000Z``."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@cache
def properties(part: str, version: Version) -> tuple[Property, ...]:
    """The properties that a version gives a part of an answer."""

    def read() -> Iterator[Property]:
        for text in PARTS[part].split():
            match = _PLACE.fullmatch(text)
            assert match is not None, text
            name, code, mark, major, minor = match.groups()
            if major is None or (int(major), int(minor)) <= version:
                yield Property(name, code, mark == "?", mark == "-")

    return tuple(read())


def write(operation: str, value: Any, version: Version) -> Any:
    """The JSON answer of an operation, from what the engine says."""
    return _writer(ANSWERS[operation], version)(value)


@cache
def _writer(code: str, version: Version) -> Writer:
    if code.endswith("[]"):
        one = _writer(code[:-2], version)
        return lambda values: [one(each) for each in values or ()]
    if code.endswith("{}"):
        one = _writer(code[:-2], version)
        return lambda values: {name: one(each) for name, each in (values or {}).items()}
    if code.startswith("*"):
        return lambda value: _object(code[1:], value or {}, version)
    if code in ("s", "k", "K"):
        return str
    if code == "t":
        return lambda value: value if isinstance(value, str) else iso(value)
    return lambda value: value


def _object(part: str, value: dict[str, Any], version: Version) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for name, code, nullable, optional in properties(part, version):
        found = value.get(name)
        if found == -1 and (part, name) in _MINUS_ONE and version < _MINUS_ONE_BEFORE:
            written[name] = "-1"
        elif nullable and found in _NOTHING.get(code, (None,)):
            if version >= _SAYS_NULL:
                written[name] = None
        elif found is not None:
            written[name] = _writer(code, version)(found)
        elif not optional:
            written[name] = _empty(code, version)
    return written


def _empty(code: str, version: Version) -> Any:
    if code.endswith("[]"):
        return []
    if code.endswith("{}"):
        return {}
    if code.startswith("*"):
        return _object(code[1:], {}, version)
    return _EMPTY.get(code, str)()
