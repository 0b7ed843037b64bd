"""Moments and lengths of time as the ISO-8601 text that processes carry, both ways.

The functions that read raise ValueError with what was expected. FEEL writes a time zone's name
behind the offset or instead of it (``2024-05-01T10:00:00+02:00[Europe/Berlin]``,
``…@Europe/Berlin``): the offset is taken where there is one, else the zone.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone, tzinfo

__all__ = ["duration_text", "parse_date", "parse_datetime", "parse_duration", "parse_time"]

_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
_ZONE = r"(?P<offset>[Zz]|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?(?:\[(?P<region>[^\]]+)\]|@(?P<at>\S+))?"
# Compiled when first used: few handlers are given any.
_DATE = r"(\d{4})-(\d\d)-(\d\d)"
_TIME = rf"T?{_CLOCK}{_ZONE}"
_DATETIME = rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)[Tt ]{_CLOCK}{_ZONE}"
_DURATION = (
    r"(?P<sign>[+-]?)P(?!$)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?!$)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)(?:[.,](?P<fraction>\d+))?S)?)?"
)
_SECOND, _DAY = 1_000_000, 86_400_000_000


def parse_date(text: str) -> date:
    """``2024-05-01``."""
    found = re.fullmatch(_DATE, text, re.ASCII)
    if found is None:
        raise ValueError("a date like 2024-05-01")
    return date(*map(int, found.groups()))


def parse_time(text: str) -> time:
    """``10:00``, ``10:00:00.5Z``, ``10:00:00+02:00``; digits beyond microseconds are cut off."""
    found = re.fullmatch(_TIME, text, re.ASCII)
    if found is None:
        raise ValueError("a time like 10:00:00 or 10:00:00+02:00")
    return time(*_clock(found), tzinfo=_zone(found))


def parse_datetime(text: str) -> datetime:
    """``2024-05-01T10:00:00Z`` and its kin; without an offset it is naive.

    Digits beyond microseconds are cut off.
    """
    found = re.fullmatch(_DATETIME, text, re.ASCII)
    if found is None:
        raise ValueError("a date and time like 2024-05-01T10:00:00Z")
    day = (int(found["year"]), int(found["month"]), int(found["day"]))
    return datetime(*day, *_clock(found), tzinfo=_zone(found))


def parse_duration(text: str) -> timedelta:
    """``P1DT2H30M``, ``-PT0.5S``, ``P2W``. Years and months have no fixed length and are refused."""
    found = re.fullmatch(_DURATION, text, re.ASCII)
    if found is None:
        raise ValueError("seconds, or a duration like PT1H30M")
    if int(found["years"] or 0) or int(found["months"] or 0):
        raise ValueError("a duration in weeks, days and shorter (years and months have no fixed length)")
    try:
        length = timedelta(
            **{unit: int(found[unit] or 0) for unit in ("weeks", "days", "hours", "minutes", "seconds")},
            microseconds=_microseconds(found),
        )
    except OverflowError:
        raise ValueError("a duration of at most 999999999 days") from None
    return -length if found["sign"] == "-" else length


def duration_text(length: timedelta) -> str:
    """``PT1H30M``, ``-P1DT0.5S``, ``PT0S``: exact, in days and shorter."""
    rest = length // timedelta(microseconds=1)
    sign = "-" if rest < 0 else ""
    days, rest = divmod(abs(rest), _DAY)
    hours, rest = divmod(rest, 3600 * _SECOND)
    minutes, rest = divmod(rest, 60 * _SECOND)
    seconds, fraction = divmod(rest, _SECOND)
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if fraction:
        clock += f"{seconds}.{fraction:06}".rstrip("0") + "S"
    elif seconds or not (days or clock):
        clock += f"{seconds}S"
    return f"{sign}P{f'{days}D' if days else ''}{'T' if clock else ''}{clock}"


def _clock(found: re.Match[str]) -> tuple[int, int, int, int]:
    return int(found["hour"]), int(found["minute"]), int(found["second"] or 0), _microseconds(found)


def _microseconds(found: re.Match[str]) -> int:
    return int((found["fraction"] or "0")[:6].ljust(6, "0"))


def _zone(found: re.Match[str]) -> tzinfo | None:
    offset, region = found["offset"], found["region"] or found["at"]
    if offset in ("Z", "z"):
        return timezone.utc
    if offset:
        digits = offset[1:].replace(":", "").ljust(6, "0")
        ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]), seconds=int(digits[4:]))
        return timezone(-ahead if offset[0] == "-" else ahead)
    if region is None:
        return None
    from zoneinfo import ZoneInfo  # only few processes name their zones

    try:
        return ZoneInfo(region)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"a time zone that is known here, not {region!r}") from None
