"""Functions that turn a value into one of another type."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from typing import Any

from camunda_embedded.feel import temporal
from camunda_embedded.feel.functions.registry import Failure, IllegalArguments, builtin
from camunda_embedded.feel.runtime import Fatal
from camunda_embedded.feel.values import InvalidRange, from_json, text_of, to_json

_NUMBER = re.compile(r"[-+]?(?:\d{1,1000}(?:\.\d{0,1000})?|\.\d{1,1000})(?:[eE][-+]?\d{1,5})?", re.ASCII)


@builtin("string(from)")
def string(value: Any) -> str | None:
    return None if value is None or isinstance(value, InvalidRange) else text_of(value, nested=False)


@builtin("number(from: string)")
def number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise Failure(f"Can't parse '{text}' as a number")
    return Decimal(text)


@builtin("number(from: string, grouping separator: string)")
def number_with_groups(text: str, grouping: str) -> Decimal:
    return number_with_separators(text, grouping, None)


@builtin("number(from: string, grouping separator: string|null, decimal separator: string|null)")
def number_with_separators(text: str, grouping: str | None, point: str | None) -> Decimal:
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
    return number(text)


@builtin("date(from: string)")
def date(text: str) -> dt.date | None:
    return temporal.parse_date(text)


@builtin("date(from: date|date and time)")
def date_of(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


@builtin("date(year: number, month: number, day: number)")
def date_from_parts(year: Decimal, month: Decimal, day: Decimal) -> dt.date | None:
    return temporal.make_date(int(year), int(month), int(day))


@builtin("time(from: string)")
def time(text: str) -> dt.time | None:
    return temporal.parse_time(text)


@builtin("time(from: date and time)")
def time_of(value: dt.datetime) -> dt.time:
    clock = value.timetz()
    return clock if temporal.zone_id(value) or value.tzinfo is None else clock.replace(tzinfo=value.tzinfo)


@builtin("time(from: date)")
def time_of_date(_: dt.date) -> dt.time:
    return dt.time(tzinfo=dt.timezone.utc)


@builtin("time(hour: number, minute: number, second: number)")
def time_from_parts(hour: Decimal, minute: Decimal, second: Decimal) -> dt.time | None:
    return time_with_offset(hour, minute, second, None)


@builtin("time(hour: number, minute: number, second: number, offset: days and time duration|null)")
def time_with_offset(
    hour: Decimal, minute: Decimal, second: Decimal, offset: dt.timedelta | None
) -> dt.time | None:
    try:
        zone = None if offset is None else dt.timezone(offset) if offset else dt.timezone.utc
        clock = dt.time(int(hour), int(minute), int(second), int(second % 1 * 1_000_000), zone)
    except (ValueError, OverflowError):
        return None
    return clock if offset is None or abs(offset) <= dt.timedelta(hours=18) else None


@builtin("date and time(from: string)")
def date_and_time(text: str) -> dt.datetime | None:
    return temporal.parse_date_time(text)


@builtin("date and time(date: date|date and time, time: time)")
def date_at_time(day: dt.date, clock: dt.time) -> dt.datetime | None:
    return temporal.combine(date_of(day), clock)


@builtin("date and time(date: date and time, timezone: string)")
def date_and_time_at(value: dt.datetime, timezone: str) -> dt.datetime:
    zone = temporal.zone(timezone)
    if zone is None:
        raise Fatal(f"Unknown time-zone ID: {timezone}")
    moment = value if value.tzinfo is not None else value.replace(tzinfo=dt.timezone.utc)
    return moment.astimezone(zone)


@builtin("duration(from: string)")
def duration(text: str) -> Any:
    return temporal.parse_duration(text)


def _not_a_number(text: str) -> Any:
    raise ValueError(text)


@builtin("from json(value: string)")
def from_json_text(text: str) -> Any:
    try:
        parsed = json.loads(text, parse_float=number, parse_int=number, parse_constant=_not_a_number)
        return from_json(parsed)
    except (ValueError, RecursionError, Failure):
        raise Failure(f"Failed to parse JSON from '{text}'") from None


@builtin("to json(value)")
def to_json_text(value: Any) -> str:
    return json.dumps(to_json(value), ensure_ascii=False, separators=(",", ":"))
