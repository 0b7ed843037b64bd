"""Functions that turn a value into one of another type."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from typing import Any

from camunda_embedded._feel import temporal
from camunda_embedded._feel.functions.registry import Failure, IllegalArguments, register
from camunda_embedded._feel.runtime import Fatal
from camunda_embedded._feel.values import InvalidRange, from_json, text_of, to_json

_DIGITS = re.compile(r"[-+]?(?:\d{1,1000}(?:\.\d{0,1000})?|\.\d{1,1000})(?:[eE][-+]?\d{1,5})?", re.ASCII)


def _string(value: Any) -> str | None:
    return None if value is None or isinstance(value, InvalidRange) else text_of(value, nested=False)


def _number(text: str) -> Decimal:
    if not _DIGITS.fullmatch(text):
        raise Failure(f"Can't parse '{text}' as a number")
    return Decimal(text)


def _separated_number(text: str, grouping: str | None, point: str | None = None) -> Decimal:
    if (grouping is None and point is None) or grouping == point:
        raise IllegalArguments
    if grouping is not None:
        if grouping not in (" ", ".", ","):
            raise Failure(
                f"illegal argument for grouping separator: '{grouping}'. Must be one of ' ', ',' or '.'"
            )
        text = text.replace(grouping, "")
    if point is not None:
        if point not in (".", ","):
            raise Failure(f"illegal argument for decimal separator: '{point}'. Must be one of '.' or ','")
        text = text.replace(point, ".")
    return _number(text)


def _date(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


def _time(value: dt.datetime) -> dt.time:
    clock = value.timetz()
    return clock if temporal.zone_id(value) or value.tzinfo is None else clock.replace(tzinfo=value.tzinfo)


def _time_from_parts(
    hour: Decimal, minute: Decimal, second: Decimal, offset: dt.timedelta | None = None
) -> dt.time | None:
    try:
        zone = None if offset is None else dt.timezone(offset) if offset else dt.timezone.utc
        clock = dt.time(int(hour), int(minute), int(second), int(second % 1 * 1_000_000), zone)
    except (ValueError, OverflowError):
        return None
    return clock if offset is None or abs(offset) <= dt.timedelta(hours=18) else None


def _date_and_time_at(value: dt.datetime, timezone: str) -> dt.datetime:
    zone = temporal.zone(timezone)
    if zone is None:
        raise Fatal(f"Unknown time-zone ID: {timezone}")
    moment = value if value.tzinfo is not None else value.replace(tzinfo=dt.timezone.utc)
    return moment.astimezone(zone)


def _not_a_number(text: str) -> Any:
    raise ValueError(text)


def _from_json(text: str) -> Any:
    try:
        parsed = json.loads(text, parse_float=_number, parse_int=_number, parse_constant=_not_a_number)
        return from_json(parsed)
    except (ValueError, RecursionError, Failure):
        raise Failure(f"Failed to parse JSON from '{text}'") from None


def _to_json(value: Any) -> str:
    return json.dumps(to_json(value), ensure_ascii=False, separators=(",", ":"))


register(
    {
        "string(from)": _string,
        "number(from: string)": _number,
        "number(from: string, grouping separator: string)": _separated_number,
        "number(from: string, grouping separator: string|null, decimal separator: string|null)":
            _separated_number,
        "date(from: string)": temporal.parse_date,
        "date(from: day)": _date,
        "date(year: number, month: number, day: number)":
            lambda year, month, day: temporal.make_date(int(year), int(month), int(day)),
        "time(from: string)": temporal.parse_time,
        "time(from: date and time)": _time,
        "time(from: date)": lambda _: dt.time(tzinfo=dt.timezone.utc),
        "time(hour: number, minute: number, second: number, offset?: days and time duration|null)":
            _time_from_parts,
        "date and time(from: string)": temporal.parse_date_time,
        "date and time(date: day, time: time)": lambda day, clock: temporal.combine(_date(day), clock),
        "date and time(date: date and time, timezone: string)": _date_and_time_at,
        "duration(from: string)": temporal.parse_duration,
        "from json(value: string)": _from_json,
        "to json(value)": _to_json,
    }
)  # fmt: skip
