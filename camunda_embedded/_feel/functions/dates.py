"""Functions of dates and times."""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import Decimal

from camunda_embedded._feel import temporal
from camunda_embedded._feel.functions.registry import Failure, register
from camunda_embedded._feel.runtime import Run

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def _now(run: Run) -> dt.datetime:
    if run.now is None:
        raise Failure("no clock was given to this evaluation")
    moment = run.now()
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.timezone.utc)
    # In the time zone of a container, where the reference engine has its time from; where there is no
    # time zone data, without a name.
    return moment.astimezone(temporal.zone("Etc/UTC") or dt.timezone.utc)


def _last_day_of_month(date: dt.date) -> dt.date:
    return dt.date(date.year, date.month, calendar.monthrange(date.year, date.month)[1])


register({"now()": _now, "today()": lambda run: _now(run).date()}, with_run=True)
register(
    {
        "day of week(date: day)": lambda date: _DAYS[date.weekday()],
        "month of year(date: day)": lambda date: _MONTHS[date.month - 1],
        "day of year(date: day)": lambda date: Decimal(date.timetuple().tm_yday),
        "week of year(date: day)": lambda date: Decimal(date.isocalendar()[1]),
        "last day of month(date: day)": _last_day_of_month,
        "years and months duration(from: day, to: day)": temporal.months_between,
    }
)
