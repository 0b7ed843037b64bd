"""Points in time and repetitions as BPMN timers write them: ISO 8601 durations, dates and
cycles, and cron expressions.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from camunda_embedded._limits import SHORTEST_CYCLE

__all__ = ["Cycle", "Period", "parse_cycle", "parse_date", "parse_period"]

_PERIOD = re.compile(
    r"(?P<sign>[+-])?P(?:(?P<y>-?\d+)Y)?(?:(?P<mo>-?\d+)M)?(?:(?P<w>-?\d+)W)?(?:(?P<d>-?\d+)D)?"
    r"(?:T(?=[\d+-])(?:(?P<h>-?\d+)H)?(?:(?P<m>-?\d+)M)?(?:(?P<s>-?\d+(?:\.\d+)?)S)?)?",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2}(?::\d{2})?)?(?:\[([^\]]+)\])?"
)
_REPEAT = re.compile(r"R(\d*)/(?:([^/]+)/)?([^/]+)")
_UTC = timezone.utc
_EPOCH = datetime(1970, 1, 1, tzinfo=_UTC)


@dataclass(frozen=True)
class Period:
    """A length of time: whole months, and milliseconds."""

    months: int
    milliseconds: int

    def after(self, moment: int) -> int:
        """``moment`` (milliseconds since the epoch) plus this; months are counted in UTC."""
        if self.months:
            at = _EPOCH + timedelta(milliseconds=moment)
            year, month = divmod(at.year * 12 + at.month - 1 + self.months, 12)
            day = min(at.day, monthrange(year, month + 1)[1])
            moment = _milliseconds(at.replace(year=year, month=month + 1, day=day))
        return moment + self.milliseconds


def parse_period(text: str) -> Period:
    """An ISO 8601 duration such as ``PT15S`` or ``P1Y2M3DT4H``; ValueError for anything else."""
    match = _PERIOD.fullmatch(text)
    if match is None or not any(match.group(name) for name in ("y", "mo", "w", "d", "h", "m", "s")):
        raise ValueError(f"Invalid duration format '{text}'")
    part = {
        name: float(value) if value else 0.0 for name, value in match.groupdict().items() if name != "sign"
    }
    sign = -1 if match.group("sign") == "-" else 1
    seconds = ((part["w"] * 7 + part["d"]) * 24 + part["h"]) * 3600 + part["m"] * 60 + part["s"]
    if abs(seconds) > 10**12 or abs(part["y"]) > 9999 or abs(part["mo"]) > 99999:
        raise ValueError(f"Invalid duration format '{text}'")
    return Period(sign * int(part["y"] * 12 + part["mo"]), sign * round(seconds * 1000))


def parse_date(text: str) -> int:
    """An ISO 8601 date and time with an offset or ``Z`` (without: UTC), in milliseconds since the
    epoch; else ValueError.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"Invalid date-time format '{text}'")
    time = re.sub(r"(\.\d{6})\d+", r"\1", match.group(2))
    time = re.sub(r"\.\d+", lambda m: m.group().ljust(7, "0"), time)
    offset = (match.group(3) or "Z").replace("Z", "+00:00")
    try:
        return _milliseconds(datetime.fromisoformat(f"{match.group(1)}T{time}{offset}"))
    except ValueError:
        raise ValueError(f"Invalid date-time format '{text}'") from None


def _milliseconds(moment: datetime) -> int:
    return round((moment - _EPOCH) / timedelta(milliseconds=1))


@dataclass(frozen=True)
class Cycle:
    """Something that repeats: ``repetitions`` times (-1: for ever), every ``period`` or when
    ``cron`` says.
    """

    repetitions: int
    period: Period | None = None
    start: int | None = None
    cron: _Cron | None = None

    def first(self, now: int) -> int:
        """The first moment, seen from ``now``."""
        if self.cron is not None:
            return self.cron.next(now)
        if self.start is not None and self.start > now:
            return self.start
        return self._period().after(now)

    def following(self, last: int, now: int) -> int:
        """The moment after ``last``; one that is over is counted from ``now``, and is not sooner
        than ``SHORTEST_CYCLE``.
        """
        if self.cron is not None:
            return self.cron.next(last)
        period = self._period()
        due = period.after(last)
        # A period of no length, or less, would be due again at once for ever.
        return due if due > now else max(period.after(now), now + SHORTEST_CYCLE)

    def _period(self) -> Period:
        if self.period is None:
            raise ValueError("a cycle needs a period or a cron expression")
        return self.period


def parse_cycle(text: str) -> Cycle:
    """``R3/PT10S``, ``R/PT10S``, ``R3/<date>/PT10S`` or six cron fields; ValueError for anything else."""
    text = text.strip()
    if not text.startswith("R"):
        return Cycle(-1, cron=_Cron(text))
    match = _REPEAT.fullmatch(text)
    if match is None:
        raise ValueError(f"Invalid cycle format '{text}'")
    count, start, period = match.groups()
    return Cycle(int(count) if count else -1, parse_period(period), parse_date(start) if start else None)


_MACROS = {
    "@yearly": "0 0 0 1 1 *", "@annually": "0 0 0 1 1 *", "@monthly": "0 0 0 1 * *", "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *", "@midnight": "0 0 0 * * *", "@hourly": "0 0 * * * *",
}  # fmt: skip
_MONTHS = {
    name: i
    for i, name in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1
    )
}
_DAYS = {name: i for i, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"])}
_RANGES = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


class _OutOfRange(ValueError):
    pass


class _Cron:
    """Six cron fields: second, minute, hour, day of month, month, day of week; in UTC."""

    def __init__(self, text: str) -> None:
        fields = _MACROS.get(text, text).split()
        if len(fields) != 6:
            raise ValueError(f"Cron expression contains {len(fields)} parts but we expect one of [6]")
        self._sets = [self._parse(field.upper(), i, text) for i, field in enumerate(fields)]
        if 7 in self._sets[5]:
            self._sets[5] = self._sets[5] | {0}

    @staticmethod
    def _parse(field: str, index: int, text: str) -> frozenset[int]:
        low, high = _RANGES[index]
        names = _MONTHS if index == 4 else _DAYS if index == 5 else {}
        found: set[int] = set()
        try:
            for part in field.split(","):
                body, _, step = part.partition("/")
                if body in ("*", "?"):
                    first, last = low, high
                else:
                    start, dash, end = body.partition("-")
                    first = names[start] if start in names else int(start)
                    last = (names[end] if end in names else int(end)) if dash else (high if step else first)
                if not (low <= first <= high and low <= last <= high):
                    wrong = last if low <= first <= high else first
                    raise _OutOfRange(
                        f"Failed to parse cron expression. Value {wrong} not in range [{low}, {high}]"
                    )
                if first > last or (step and int(step) < 1):
                    raise ValueError(part)
                found.update(range(first, last + 1, int(step) if step else 1))
        except _OutOfRange:
            raise
        except ValueError:
            raise ValueError(
                f"Failed to parse cron expression '{text}': '{field}' is not supported"
            ) from None
        return frozenset(found)

    def next(self, last: int) -> int:
        """The first match after ``last``; ValueError when there is none within eight years."""
        seconds, minutes, hours, days, months, weekdays = self._sets
        at = (_EPOCH + timedelta(milliseconds=last)).replace(microsecond=0) + timedelta(seconds=1)
        for _ in range(200_000):
            if at.month not in months or at.day not in days or (at.weekday() + 1) % 7 not in weekdays:
                at = at.replace(hour=0, minute=0, second=0) + timedelta(days=1)
                if (at - _EPOCH).total_seconds() * 1000 - last > 8 * 366 * 86_400_000:
                    break
            elif at.hour not in hours:
                at = at.replace(minute=0, second=0) + timedelta(hours=1)
            elif at.minute not in minutes:
                at = at.replace(second=0) + timedelta(minutes=1)
            elif at.second not in seconds:
                at += timedelta(seconds=1)
            else:
                return _milliseconds(at)
        raise ValueError("the cron expression never matches")
