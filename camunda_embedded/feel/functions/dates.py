"""Functions of dates and times."""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import Decimal

from camunda_embedded.feel import temporal
from camunda_embedded.feel.functions.registry import Failure, builtin
from camunda_embedded.feel.runtime import Run

_DAY = "date: date|date and time"


@builtin("now()", needs_run=True)
def now(run: Run) -> dt.datetime:
    if run.now is None:
        raise Failure("no clock was given to this evaluation")
    moment = run.now()
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.timezone.utc)


@builtin("today()", needs_run=True)
def today(run: Run) -> dt.date:
    return now(run).date()


@builtin(f"day of week({_DAY})")
def day_of_week(date: dt.date) -> str:
    return ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[date.weekday()]


@builtin(f"month of year({_DAY})")
def month_of_year(date: dt.date) -> str:
    return (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    )[date.month - 1]  # fmt: skip


@builtin(f"day of year({_DAY})")
def day_of_year(date: dt.date) -> Decimal:
    return Decimal(date.timetuple().tm_yday)


@builtin(f"week of year({_DAY})")
def week_of_year(date: dt.date) -> Decimal:
    return Decimal(date.isocalendar()[1])


@builtin(f"last day of month({_DAY})")
def last_day_of_month(date: dt.date) -> dt.date:
    return dt.date(date.year, date.month, calendar.monthrange(date.year, date.month)[1])


@builtin("years and months duration(from: date|date and time, to: date|date and time)")
def years_and_months_duration(start: dt.date, end: dt.date) -> temporal.YearsMonths:
    return temporal.months_between(start, end)
