"""Dates, times and durations: reading, writing, arithmetic, properties.

Bounds that come from the standard library: years 1 to 9999 and microseconds (further digits of a
second are cut off). Regions come from `zoneinfo`; where the system has no time zone data, a region
is unknown and the value null.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import zoneinfo
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, order=True)
class YearsMonths:
    """A years and months duration, as its whole number of months."""

    months: int


_NOTHING = dt.timedelta()
_SECOND = dt.timedelta(seconds=1)
_DAY = dt.timedelta(days=1)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_LONG_YEAR = re.compile(r"0{1,5}(?=\d{4}-)", re.ASCII)  # a year may have up to nine digits
_CLOCK = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d|@.+)?", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)
_NUMBER = r"([-+]?\d{1,18})"
_YEARS_MONTHS = re.compile(rf"([-+])?P(?:{_NUMBER}Y)?(?:{_NUMBER}M)?", re.ASCII | re.IGNORECASE)
_DAYS_TIME = re.compile(
    rf"([-+])?P(?:{_NUMBER}D)?(?:T(?=[-+\d])(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}(?:\.(\d{{0,9}}))?S)?)?",
    re.ASCII | re.IGNORECASE,
)


# --- zones
# --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def zone(text: str) -> dt.tzinfo | None:
    """The zone of "Z", an offset ("+01:00", up to 18 hours) or a region
    ("Europe/Paris"); None when unknown.
    """
    if text == "Z":
        return dt.timezone.utc
    match = _OFFSET.fullmatch(text)
    if match:
        offset = dt.timedelta(hours=int(match[2]), minutes=int(match[3]))
        if int(match[3]) > 59 or offset > dt.timedelta(hours=18):
            return None
        return dt.timezone(-offset if match[1] == "-" else offset)
    if not re.fullmatch(r"[A-Za-z0-9_+\-/]{1,64}", text) or text not in _regions():
        return None
    try:
        return zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=1)
def _regions() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def zone_id(value: dt.datetime | dt.time) -> str | None:
    """The name of the region ("Europe/Paris") that a value is bound to; None for a fixed offset or
    no zone.
    """
    return getattr(value.tzinfo, "key", None)


def offset_of(value: dt.datetime | dt.time) -> dt.timedelta | None:
    """The distance from UTC; a time in a region counts with the region's offset outside of daylight
    saving.
    """
    offset = value.utcoffset()
    if offset is not None or value.tzinfo is None:
        return offset
    winter = dt.datetime(2024, 1, 1, tzinfo=value.tzinfo)
    return (winter.utcoffset() or _NOTHING) - (winter.dst() or _NOTHING)


def at_zone(value: dt.datetime, tz: dt.tzinfo) -> dt.datetime | None:
    """A clock reading in a zone; one inside the gap of a clock change moves forward by the gap."""
    try:
        return value.replace(tzinfo=tz).astimezone(dt.timezone.utc).astimezone(tz)
    except OverflowError:
        return None


def since_midnight(value: dt.time) -> dt.timedelta:
    """The time on the clock, as a distance from 00:00."""
    return dt.timedelta(
        hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
    )


def instant(value: dt.time) -> dt.timedelta:
    """The time as a distance from 00:00 UTC; what two times with zones are compared by."""
    return since_midnight(value) - (offset_of(value) or _NOTHING)


# --- reading
# ------------------------------------------------------------------------------------------------------


def parse_date(text: str) -> dt.date | None:
    """The date of "2020-12-31"."""
    match = _DATE.fullmatch(text)
    return make_date(*map(int, match.groups())) if match else None


def make_date(year: int, month: int, day: int) -> dt.date | None:
    """The date, or None when there is no such day."""
    try:
        return dt.date(year, month, day)
    except (ValueError, OverflowError):
        return None


def _micros(fraction: str | None) -> int:
    return int((fraction or "").ljust(6, "0")[:6])


def _parse_clock(text: str) -> dt.time | None:
    match = _CLOCK.fullmatch(text)
    if not match:
        return None
    tz = None
    if match[5]:
        tz = zone(match[5].removeprefix("@"))
        if tz is None:
            return None
    micros = _micros(match[4])
    try:
        return dt.time(int(match[1]), int(match[2]), int(match[3] or 0), micros, tz)
    except ValueError:
        return None


def parse_time(text: str) -> dt.time | None:
    """The time of "10:30:00", with an optional offset or region; "24:00:00" is midnight."""
    text = text.removeprefix("T")
    return _parse_clock("00" + text[2:] if text.startswith("24:00:00") else text)


def parse_date_time(text: str) -> dt.datetime | None:
    """The date and time of "2020-12-31T10:30:00", with an optional offset or region; a
    date alone means midnight.
    """
    day, separator, clock_text = text.partition("T")
    longer = _LONG_YEAR.match(day) if separator else None
    date = parse_date(day[longer.end() :] if longer else day)
    clock = _parse_clock(clock_text) if separator else dt.time()
    return combine(date, clock) if date is not None and clock is not None else None


def combine(date: dt.date, clock: dt.time) -> dt.datetime | None:
    """The date at the time, in the time's zone."""
    local = dt.datetime.combine(date, clock.replace(tzinfo=None))
    return local if clock.tzinfo is None else at_zone(local, clock.tzinfo)


def parse_duration(text: str) -> dt.timedelta | YearsMonths | None:
    """The duration of "P1Y2M" or of "P1DT2H3M4.5S", each part and the whole with an optional sign."""
    if len(text) > 100:
        return None
    match = _YEARS_MONTHS.fullmatch(text)
    if match and (match[2] or match[3]):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return YearsMonths(-months if match[1] == "-" else months)
    match = _DAYS_TIME.fullmatch(text)
    if not match or not any(match.group(2, 3, 4, 5)):
        return None
    fraction = _micros(match[6])
    if (match[5] or "").startswith("-"):
        fraction = -fraction
    try:
        duration = dt.timedelta(
            days=int(match[2] or 0),
            hours=int(match[3] or 0),
            minutes=int(match[4] or 0),
            seconds=int(match[5] or 0),
            microseconds=fraction,
        )
        return -duration if match[1] == "-" else duration
    except OverflowError:
        return None


def parse_any(text: str) -> Any:
    """The value of the literal `@"text"`, or None."""
    if "P" in text[:2].upper():
        return parse_duration(text)
    if _DATE.fullmatch(text):
        return parse_date(text)
    return parse_date_time(text) if _DATE.match(text) else parse_time(text)


# --- writing
# ------------------------------------------------------------------------------------------------------


def _offset_text(offset: dt.timedelta | None) -> str:
    if offset is None:
        return ""
    if not offset:
        return "Z"
    minutes, rest = divmod(abs(offset), dt.timedelta(minutes=1))
    seconds = f":{rest.seconds:02}" if rest else ""
    return f"{'-' if offset < _NOTHING else '+'}{minutes // 60:02}:{minutes % 60:02}{seconds}"


def _zone_text(value: dt.datetime | dt.time) -> str:
    region = zone_id(value)
    return f"@{region}" if region else _offset_text(value.utcoffset())


def _clock_text(value: dt.datetime | dt.time) -> str:
    text = f"{value.hour:02}:{value.minute:02}:{value.second:02}"
    return f"{text}.{value.microsecond:06}".rstrip("0") if value.microsecond else text


def _short_clock_text(value: dt.datetime | dt.time) -> str:
    """The same with no seconds, three or six digits of their fraction, or none."""
    if not value.second and not value.microsecond:
        return f"{value.hour:02}:{value.minute:02}"
    text = f"{value.hour:02}:{value.minute:02}:{value.second:02}"
    return text + (f".{value.microsecond:06}".removesuffix("000") if value.microsecond else "")


def _sign(value: dt.timedelta | int) -> int:
    zero = _NOTHING if isinstance(value, dt.timedelta) else 0
    return -1 if value < zero else 1  # type: ignore[operator]


def _split(value: dt.timedelta) -> tuple[int, int, int, str]:
    """Hours, minutes, seconds and the text of the fraction of the absolute value."""
    seconds, rest = divmod(abs(value), _SECOND)
    fraction = f".{rest.microseconds:06}".rstrip("0") if rest else ""
    return seconds // 3600, seconds // 60 % 60, seconds % 60, fraction


def _amounts(sign: str = "", **amounts: int) -> str:
    """The parts of a duration that are not 0, each with its unit behind it."""
    return "".join(f"{sign}{amount}{unit}" for unit, amount in amounts.items() if amount)


def iso_text(value: Any) -> str | None:
    """The text that a date, time or duration has in JSON; None for what has no JSON form."""
    if isinstance(value, dt.datetime):
        region = zone_id(value)
        text = f"{value.date().isoformat()}T{_short_clock_text(value)}{_offset_text(value.utcoffset())}"
        return text + (f"[{region}]" if region else "")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return _short_clock_text(value) if value.tzinfo is None else _clock_text(value) + _zone_text(value)
    if isinstance(value, dt.timedelta):
        hours, minutes, seconds, fraction = _split(value)
        minus = "-" if value < _NOTHING else ""
        rest = f"{minus}{seconds}{fraction}S" if seconds or fraction else ""
        return "PT" + (_amounts(minus, H=hours, M=minutes) + rest or "0S")
    if isinstance(value, YearsMonths):
        years, months = divmod(abs(value.months), 12)
        return "P" + (_amounts("-" if value.months < 0 else "", Y=years, M=months) or "0D")
    return None


def feel_text(value: Any) -> str:
    """The text that `string()` gives a date, time or duration."""
    if isinstance(value, dt.datetime):
        return f"{value.date().isoformat()}T{_clock_text(value)}{_zone_text(value)}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return _clock_text(value) + _zone_text(value)
    if isinstance(value, dt.timedelta):
        hours, minutes, seconds, _ = _split(value)
        days, hours = divmod(hours, 24)
        clock = _amounts(H=hours, M=minutes, S=seconds)
        text = _amounts(D=days) + (f"T{clock}" if clock else "")
        return ("-P" if value < _NOTHING and text else "P") + (text or "0D")
    if isinstance(value, YearsMonths):
        years, months = divmod(abs(value.months), 12)
        return ("-P" if value.months < 0 else "P") + (_amounts(Y=years, M=months) or "0Y")
    return "null"


# --- arithmetic
# ---------------------------------------------------------------------------------------------------


def _plus_months(date: dt.date, months: int) -> dt.date | None:
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    return dt.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))


def shift(value: Any, duration: Any) -> Any:
    """A date, time, or duration moved by a duration; None when the two do not go together
    or leave the calendar.
    """
    try:
        if isinstance(duration, YearsMonths):
            if isinstance(value, YearsMonths):
                return YearsMonths(value.months + duration.months)
            if not isinstance(value, dt.date):
                return None
            date = _plus_months(value, duration.months)
            if date is None or not isinstance(value, dt.datetime):
                return date
            return combine(date, value.timetz())
        if isinstance(value, dt.datetime):
            if value.tzinfo is None:
                return value + duration
            return (value.astimezone(dt.timezone.utc) + duration).astimezone(value.tzinfo)
        if isinstance(value, dt.date):
            return (dt.datetime.combine(value, dt.time()) + duration).date()
        if isinstance(value, dt.time):
            moved = (since_midnight(value) + duration) % _DAY
            return (dt.datetime.min + moved).time().replace(tzinfo=value.tzinfo)
        return value + duration if isinstance(value, dt.timedelta) else None
    except OverflowError:
        return None


def between(end: Any, start: Any) -> dt.timedelta | None:
    """The time from start to end, both of one kind and both with or both without a zone; else None."""
    if isinstance(end, dt.datetime) and isinstance(start, dt.datetime):
        if (end.tzinfo is None) != (start.tzinfo is None):
            return None
        return end - start if end.tzinfo is None else end.astimezone(dt.timezone.utc) - start
    if isinstance(end, dt.time) and isinstance(start, dt.time):
        if (end.tzinfo is None) != (start.tzinfo is None):
            return None
        difference = instant(end) - instant(start)
        return difference if end.tzinfo is None else abs(difference)  # as in the reference engine
    plain_dates = type(end) is dt.date and type(start) is dt.date
    return end - start if plain_dates else None


def months_between(start: dt.date, end: dt.date) -> YearsMonths:
    """The whole months from start to end, towards zero."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return YearsMonths(months)


def milliseconds(value: dt.timedelta) -> int:
    """The whole milliseconds of a duration, towards zero."""
    return _sign(value) * (abs(value) // dt.timedelta(milliseconds=1))


# --- properties
# ---------------------------------------------------------------------------------------------------

_DATE_PROPERTIES = ("year", "month", "day", "weekday")
_TIME_PROPERTIES = ("hour", "minute", "second", "time offset", "timezone")


def property_names(value: Any) -> tuple[str, ...]:
    """The properties that a value of this kind has, for `value.name`."""
    if isinstance(value, dt.datetime):
        return _DATE_PROPERTIES + _TIME_PROPERTIES
    if isinstance(value, dt.date):
        return _DATE_PROPERTIES
    if isinstance(value, dt.time):
        return _TIME_PROPERTIES
    if isinstance(value, dt.timedelta):
        return ("days", "hours", "minutes", "seconds")
    return ("years", "months") if isinstance(value, YearsMonths) else ()


def get_property(value: Any, name: str) -> Any:
    """The property of a value that has it (see `property_names`)."""
    if isinstance(value, YearsMonths):
        amount = abs(value.months) // 12 if name == "years" else abs(value.months) % 12
        return Decimal(_sign(value.months) * amount)
    if isinstance(value, dt.timedelta):
        hours, minutes, seconds, _ = _split(value)
        parts = {"days": hours // 24, "hours": hours % 24, "minutes": minutes, "seconds": seconds}
        return Decimal(_sign(value) * parts[name])
    if name == "weekday":
        return Decimal(value.isoweekday())
    if name == "time offset":
        return offset_of(value)
    return zone_id(value) if name == "timezone" else Decimal(getattr(value, name))
