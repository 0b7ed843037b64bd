"""JSON values as the values of Python's own types: what ``conversion`` puts together into
lists, mappings and records.
"""

from __future__ import annotations

import base64
import binascii
import math
import reprlib
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any

from camunda_worker._data.iso import parse_date, parse_datetime, parse_duration, parse_time

__all__ = [
    "STRICT",
    "Convert",
    "Unfitting",
    "as_is",
    "enumeration",
    "literal",
    "loaded",
    "scalar",
    "unfitting",
]

Convert = Callable[[Any], Any]


class Unfitting(ValueError):
    """A value that does not fit the type that is asked for.

    ``path``     where it is, from the variable down: ``order.items[2].price``
    ``problem``  what was expected and what was there instead, shortened
    """

    def __init__(self, problem: str, path: str = "") -> None:
        super().__init__(problem, path)
        self.problem = problem
        self.path = path

    def within(self, step: str | int) -> Unfitting:
        """The same, seen from one level further out: inside the field or key (text) or
        item (number) ``step``.
        """
        plain = isinstance(step, str) and step.isidentifier()
        outer = str(step) if plain else f"[{reprlib.repr(step)}]"
        self.path = outer + (f".{self.path}" if self.path and self.path[0] != "[" else self.path)
        return self

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}" if self.path else self.problem


def unfitting(expected: str, value: Any) -> Unfitting:
    """The error for a value that is not what was expected."""
    got = "null" if value is None else f"{reprlib.repr(value)} ({type(value).__name__})"
    return Unfitting(f"expected {expected}, got {got}")


def as_is(value: Any) -> Any:
    """The converter that changes nothing."""
    return value


def _none(value: Any) -> None:
    if value is not None:
        raise unfitting("null", value)


def _bool(value: Any) -> bool:
    if value is True or value is False:
        return value
    raise unfitting("true or false", value)


def _int(value: Any) -> int:
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    raise unfitting("an integer", value)


def _strict_int(value: Any) -> int:
    if type(value) is int:
        return value
    raise unfitting("an integer", value)


def _float(value: Any) -> float:
    if type(value) is float:
        return value
    if type(value) is int:
        try:
            return float(value)
        except OverflowError:
            pass
    raise unfitting("a number", value)


def _strict_float(value: Any) -> float:
    if type(value) is float:
        return value
    raise unfitting("a number", value)


def _str(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise unfitting("text", value)


def _to_decimal() -> Convert:
    from decimal import Decimal, InvalidOperation  # of which the annotation is: it is there

    def convert(value: Any) -> Decimal:
        if type(value) is int:
            return Decimal(value)
        # A float's repr is the number as it stood in the document; its binary value is not.
        text = repr(value) if type(value) is float else value
        if isinstance(text, str):
            try:
                number = Decimal(text)
            except InvalidOperation:
                pass
            else:
                if number.is_finite():
                    return number
        raise unfitting("a decimal number, as a number or as text", value)

    return convert


def _timedelta(value: Any) -> timedelta:
    if type(value) in (int, float) and math.isfinite(value):
        try:
            return timedelta(seconds=value)
        except OverflowError:
            raise unfitting("seconds within what a timedelta holds", value) from None
    if not isinstance(value, str):
        raise unfitting("a duration, as seconds or as text like PT1H30M", value)
    try:
        return parse_duration(value)
    except ValueError as error:
        raise unfitting(str(error), value) from None


def _bytes(value: Any) -> bytes:
    if isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            pass
    raise unfitting("bytes as base64 text", value)


def _text(expected: str, parse: Callable[[str], Any]) -> Convert:
    """From text alone; ``parse`` raises ValueError."""

    def convert(value: Any) -> Any:
        if not isinstance(value, str):
            raise unfitting(expected, value)
        try:
            return parse(value)
        except ValueError as error:
            raise unfitting(expected, value) from error

    return convert


_SCALARS: dict[Any, Convert] = {
    Any: as_is,
    object: as_is,
    None: _none,
    type(None): _none,
    bool: _bool,
    int: _int,
    float: _float,
    str: _str,
    datetime: _text("a date and time like 2024-05-01T10:00:00Z", parse_datetime),
    date: _text("a date like 2024-05-01", parse_date),
    time: _text("a time like 10:00:00 or 10:00:00+02:00", parse_time),
    timedelta: _timedelta,
    bytes: _bytes,
}
#: Numbers in a union are taken as they are before one is turned into the other.
STRICT: dict[Any, Convert] = {int: _strict_int, float: _strict_float}


def scalar(hint: Any) -> Convert | None:
    """The conversion to a plain type; None for what is none."""
    found = _SCALARS.get(hint)
    if found is None and isinstance(hint, type):
        if hint is loaded("decimal", "Decimal"):
            return _to_decimal()
        for module, name, what in _LATER:
            if hint is loaded(module, name):
                return _text(what, hint)
    return found


def loaded(module: str, name: str) -> Any:
    """A class of a module that takes long to load; None when nobody has loaded it, so that
    nobody can mean the class.
    """
    return getattr(sys.modules.get(module), name, None)


_LATER = (
    ("uuid", "UUID", "a UUID"),
    ("pathlib", "Path", "a path as text"),
    ("pathlib", "PurePath", "a path as text"),
)


def literal(values: tuple[Any, ...]) -> Convert:
    """One of ``values``, which are text, numbers, booleans, null or members of enumerations."""
    plain = {(type(each), each): each for each in values if not isinstance(each, Enum)}
    members = [(each, enumeration(type(each))) for each in values if isinstance(each, Enum)]
    expected = "one of " + ", ".join(
        repr(each.value if isinstance(each, Enum) else each) for each in values
    ).replace("None", "null")

    def convert(value: Any) -> Any:
        try:
            return plain[type(value), value]
        except (KeyError, TypeError):
            pass
        for member, find in members:
            try:
                if find(value) is member:
                    return member
            except Unfitting:
                continue
        raise unfitting(expected, value)

    return convert


def enumeration(cls: type[Enum]) -> Convert:
    """A member by its value, then by its name. True is not 1."""
    by_name = cls.__members__
    shown = [repr(each.value) for each in cls][:8]
    expected = (
        f"one of {cls.__name__}'s values ({', '.join(shown)}{', ...' if len(cls) > len(shown) else ''})"
    )

    def convert(value: Any) -> Any:
        try:
            member = cls(value)
        except (ValueError, TypeError):
            pass
        else:
            if (type(value) is bool) == (type(member.value) is bool):
                return member
        if isinstance(value, str) and value in by_name:
            return by_name[value]
        raise unfitting(expected, value)

    return convert
