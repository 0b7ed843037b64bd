"""FEEL values as Python objects: JSON in and out, equality, order, and the text form of `string()`.

| FEEL                      | Python                                                        |
|---------------------------|---------------------------------------------------------------|
| null, boolean, string     | None, bool, str                                               |
| number                    | decimal.Decimal, 34 significant digits                        |
| list, context             | list, dict                                                    |
| date                      | datetime.date                                                 |
| time, date and time       | datetime.time, datetime.datetime, both with or without a zone |
| days and time duration    | datetime.timedelta                                            |
| years and months duration | YearsMonths                                                   |
| range, function           | Range, Function                                               |
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from camunda_embedded._feel.budget import tick
from camunda_embedded._feel.errors import FeelEvaluationError
from camunda_embedded._feel.temporal import YearsMonths, feel_text, instant, iso_text, offset_of, zone_id
from camunda_embedded._limits import MAX_PARTS, MAX_SIZE, MAX_VALUE_DEPTH

NUMBERS = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-999_999_999,
    Emax=999_999_999,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
"""The arithmetic of FEEL numbers: IEEE decimal128 precision, errors raised."""


@dataclass(frozen=True)
class Range:
    """An interval. `start` and `end` are of one kind: numbers, dates, times, durations of one sort."""

    start: Any
    end: Any
    start_included: bool
    end_included: bool


@dataclass(frozen=True, eq=False)
class Function:
    """A function that an expression defines; `call` takes the arguments by position."""

    parameters: tuple[str, ...]
    call: Callable[..., Any]


class InvalidRange:
    """What a range with bounds that have no order is as a value: equal to nothing, null outside."""


# --- JSON
# ---------------------------------------------------------------------------------------------------------


def _from_float(value: float) -> Any:
    if value != value or value in (float("inf"), float("-inf")):
        return None
    text = repr(value)
    number = Decimal(text)
    if number == number.to_integral_value() and abs(number) >= 10_000_000:
        # A double is written with as few digits as it has: 1.0E+25, not 10000000000000000905969664.
        digits = "".join(map(str, number.normalize().as_tuple().digits))
        mantissa = Decimal(f"{digits[0]}.{digits[1:] or '0'}").scaleb(number.adjusted())
        return -mantissa if value < 0 else mantissa
    if number and abs(number) < Decimal("0.001") and "." not in text:
        mantissa = number.scaleb(-number.adjusted())
        return Decimal(str(mantissa) + ".0").scaleb(number.adjusted())
    return number if number else Decimal("0.0")


def from_json(value: Any) -> Any:
    """The FEEL value of a JSON value (None, bool, int, float, str, list, dict); FEEL values pass unchanged.

    Raises:
        TypeError: for any other Python type.
        ValueError: for a value that is nested deeper than MAX_VALUE_DEPTH.
    """
    if type(value) in _SCALARS:
        return value
    if type(value) in _NUMBERS:
        return _NUMBERS[type(value)](value)
    top = [value]
    level: list[Any] = [top]
    for _ in range(MAX_VALUE_DEPTH + 1):  # level by level: Python's own stack is not deep enough
        below: list[Any] = []
        for target in level:
            for key, item in target.items() if type(target) is dict else enumerate(target):
                kind = type(item)
                if kind in _SCALARS:
                    continue
                if kind in _NUMBERS:
                    item = _NUMBERS[kind](item)
                elif isinstance(item, (list, tuple)):
                    item = list(item)
                    below.append(item)
                elif isinstance(item, (dict, Mapping)):  # dict first: to ask for a Mapping takes its time
                    item = {str(name): each for name, each in item.items()}
                    below.append(item)
                else:
                    item = _scalar_from_json(item)
                target[key] = item
        if not below:
            return top[0]
        level = below
    raise ValueError(f"the value is nested deeper than {MAX_VALUE_DEPTH} levels")


def _scalar_from_json(value: Any) -> Any:
    if isinstance(value, (*_SCALAR_TYPES, InvalidRange)):
        return value
    if isinstance(value, int):
        return Decimal(int(value))
    if isinstance(value, float):
        return _from_float(float(value))
    raise TypeError(f"a value of the type {type(value).__name__} cannot be used in a FEEL expression")


def to_json(value: Any) -> Any:
    """The JSON value of a FEEL value.

    A whole number becomes an int in the 64 bits that the engine's variables have (a larger one
    wraps around, as it does there), any other number a float; dates, times and durations become
    their ISO 8601 text; ranges and functions have no JSON form and become null inside a list and at
    the top, and functions leave a context.

    Raises:
        FeelEvaluationError: for a value with more than MAX_PARTS parts, or nested deeper than MAX_VALUE_DEPTH.
    """
    top = [value]
    level: list[Any] = [top]
    parts = -1
    for _ in range(MAX_VALUE_DEPTH + 1):
        below: list[Any] = []
        for target in level:
            parts += len(target)
            tick()
            if parts > MAX_PARTS:
                raise FeelEvaluationError(f"the result has more than {MAX_PARTS} parts")
            for key, item in target.items() if type(target) is dict else enumerate(target):
                if isinstance(item, list):
                    item = item.copy()
                    below.append(item)
                elif isinstance(item, dict):
                    item = {name: each for name, each in item.items() if not isinstance(each, Function)}
                    below.append(item)
                else:
                    item = _scalar_to_json(item)
                target[key] = item
        if not below:
            return top[0]
        level = below
    raise FeelEvaluationError(f"the result is nested deeper than {MAX_VALUE_DEPTH} levels")


def _scalar_to_json(value: Any) -> Any:
    if value is None or value is True or value is False or isinstance(value, str):
        return value
    return _number_to_json(value) if isinstance(value, Decimal) else iso_text(value)


def _number_to_json(value: Decimal) -> int | float:
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"{value} is not a finite number")
    if exponent < 0 and value != value.to_integral_value(context=_WIDE):
        return float(value)
    if exponent >= 64:
        return 0  # divisible by 2 ** 64
    return (int(value) + 2**63) % 2**64 - 2**63


_WIDE = Context(prec=50_000, Emin=-999_999_999, Emax=999_999_999)
_SCALAR_TYPES = (
    str, type(None), Decimal, dt.date, dt.datetime, dt.time, dt.timedelta, YearsMonths, Range, Function
)  # fmt: skip
_SCALARS = frozenset((*_SCALAR_TYPES, bool, InvalidRange))
_NUMBERS: dict[type, Callable[[Any], Decimal | None]] = {int: Decimal, float: _from_float}


# --- equality and order
# -------------------------------------------------------------------------------------------


def kind_of(value: Any) -> str:
    """The kind that decides which values can be compared with which."""
    return _KIND.get(type(value)) or _kind_by_zone(value)


def _kind_by_zone(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return "local date and time" if value.tzinfo is None else "date and time"
    if isinstance(value, dt.time):
        return "local time" if value.tzinfo is None else "time"
    return "?"


_KIND = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    list: "list",
    dict: "context",
    dt.date: "date",
    dt.timedelta: "days and time duration",
    YearsMonths: "years and months duration",
    Range: "range",
    Function: "function",
}
_ORDERED = frozenset(
    ("number", "string", "date", "local date and time", "date and time", "local time", "time",
     "days and time duration", "years and months duration")
)  # fmt: skip


def equal(left: Any, right: Any) -> bool | None:
    """Whether two values are equal; None when they cannot be compared (null can, with everything)."""
    if left is None or right is None:
        return left is right
    if type(left) is type(right) and type(left) in (Decimal, str, bool):
        return bool(left == right)
    kind = kind_of(left)
    if kind != kind_of(right) or kind in ("function", "?"):
        return None
    tick()
    if kind == "list":
        return len(left) == len(right) and all(equal(a, b) is True for a, b in zip(left, right, strict=True))
    if kind == "context":
        return left.keys() == right.keys() and all(
            equal(item, right[key]) is True for key, item in left.items()
        )
    if kind in ("date and time", "time"):  # the same moment in another zone is another value
        same_clock = left.replace(tzinfo=None) == right.replace(tzinfo=None)
        return same_clock and offset_of(left) == offset_of(right) and zone_id(left) == zone_id(right)
    return bool(left == right)


def order_key(value: Any) -> Any:
    """What values of one kind are sorted by; None when the value has no order."""
    kind = kind_of(value)
    if kind not in _ORDERED:
        return None
    if kind == "date and time":
        return (
            value.astimezone(dt.timezone.utc).replace(tzinfo=None),
            value.replace(tzinfo=None),
            zone_id(value) or "",
        )
    if kind == "time":
        return instant(value)
    if kind == "string":
        return value.encode("utf-16-be", "surrogatepass")
    return value


def comparable(left: Any, right: Any) -> bool:
    """Whether `<` has an answer for the two."""
    kind = kind_of(left)
    return kind in _ORDERED and kind == kind_of(right)


def contains(items: list[Any], value: Any) -> bool:
    """Whether a list has an element that equals the value; a context is an element of no list."""
    return not isinstance(value, dict) and any(equal(item, value) is True for item in items)


# --- text
# ---------------------------------------------------------------------------------------------------------


def number_text(value: Decimal) -> str:
    """A number in the form that the engine writes: trailing zeros kept, exponent only for
    the very small and large.
    """
    return str(abs(value)) if not value else str(value)


def text_of(value: Any, nested: bool = True) -> str:
    """The text of a value; strings are quoted when they are nested in a list, a context or a failure."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if nested else value
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, list):
        tick()
        return _bounded("[" + ", ".join(map(text_of, value)) + "]")
    if isinstance(value, dict):
        tick()
        entries = (f"{key}:{text_of(item)}" for key, item in value.items() if not isinstance(item, Function))
        return _bounded("{" + ", ".join(entries) + "}")
    if isinstance(value, Range):
        opening, closing = "[" if value.start_included else "(", "]" if value.end_included else ")"
        return f"{opening}{text_of(value.start)}..{text_of(value.end)}{closing}"
    if isinstance(value, Function):
        return "function(" + ", ".join(value.parameters) + ")"
    return feel_text(value)


def _bounded(text: str) -> str:
    if len(text) > MAX_SIZE:
        raise FeelEvaluationError(f"the text of a value is longer than {MAX_SIZE} characters")
    return text


def type_name(value: Any) -> str:
    """The name of a value's type as incidents write it, such as "NULL", "NUMBER" or "ARRAY"."""
    return _TYPE_NAMES.get(kind_of(value), "UNKNOWN")


_TYPE_NAMES = {
    "null": "NULL", "boolean": "BOOLEAN", "number": "NUMBER", "string": "STRING", "list": "ARRAY", "context": "OBJECT",
    "date": "DATE", "local date and time": "DATE_TIME", "date and time": "DATE_TIME", "local time": "TIME", "time": "TIME",
    "days and time duration": "DURATION", "years and months duration": "PERIOD",
}  # fmt: skip
