"""Range functions: how points and ranges lie to each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from camunda_embedded.feel.functions.registry import IllegalArguments, builtin
from camunda_embedded.feel.runtime import Fatal
from camunda_embedded.feel.values import Range, comparable, equal, order_key

_POINT = "number|date|time|date and time|days and time duration|years and months duration"
_EITHER = f"{_POINT}|range"


def _compare(left: Any, right: Any) -> int:
    """-1, 0 or 1."""
    if not comparable(left, right):
        raise IllegalArguments
    a, b = order_key(left), order_key(right)
    return int(a > b) - int(a < b)


def _point(value: Any) -> Range:
    return value if isinstance(value, Range) else Range(value, value, True, True)


def _two_points(name: str, first: str = "point1", second: str = "point2") -> str:
    return f"{name}({first}: {_POINT}, {second}: {_POINT})"


def _point_range(name: str) -> str:
    return f"{name}(point: {_POINT}, range: range)"


def _range_point(name: str) -> str:
    return f"{name}(range: range, point: {_POINT})"


def _two_ranges(name: str) -> str:
    return f"{name}(range1: range, range2: range)"


def _ends_before(first: Range, second: Range) -> bool:
    """Whether the first ends before the second starts, so that they have no point in common."""
    order = _compare(first.end, second.start)
    return order < 0 or (order == 0 and not (first.end_included and second.start_included))


@builtin(_two_points("before"), _point_range("before"), _range_point("before"), _two_ranges("before"))
def before(first: Any, second: Any) -> bool:
    return _ends_before(_point(first), _point(second))


@builtin(_two_points("after"), _point_range("after"), _range_point("after"), _two_ranges("after"))
def after(first: Any, second: Any) -> bool:
    return _ends_before(_point(second), _point(first))


@builtin(_two_ranges("meets"))
def meets(first: Range, second: Range) -> bool:
    return _compare(first.end, second.start) == 0 and first.end_included and second.start_included


@builtin(_two_ranges("met by"))
def met_by(first: Range, second: Range) -> bool:
    return meets(second, first)


@builtin(_two_ranges("overlaps"))
def overlaps(first: Range, second: Range) -> bool:
    return not _ends_before(first, second) and not _ends_before(second, first)


@builtin(_two_ranges("overlaps before"))
def overlaps_before(first: Range, second: Range) -> bool:
    starts = _compare(first.start, second.start)
    ends = _compare(first.end, second.end)
    starts_first = starts < 0 or (starts == 0 and first.start_included and not second.start_included)
    ends_first = ends < 0 or (ends == 0 and (not first.end_included or second.end_included))
    return starts_first and ends_first and not _ends_before(first, second)


@builtin(_two_ranges("overlaps after"))
def overlaps_after(first: Range, second: Range) -> bool:
    return overlaps_before(second, first)


def _starts_no_later(first: Range, second: Range) -> bool:
    order = _compare(first.start, second.start)
    return order < 0 or (order == 0 and (first.start_included or not second.start_included))


def _ends_no_earlier(first: Range, second: Range) -> bool:
    order = _compare(first.end, second.end)
    return order > 0 or (order == 0 and (first.end_included or not second.end_included))


@builtin(_point_range("finishes"), _two_ranges("finishes"))
def finishes(first: Any, second: Range) -> bool:
    if not isinstance(first, Range):
        return _compare(first, second.end) == 0 and second.end_included
    same_end = _compare(first.end, second.end) == 0 and first.end_included == second.end_included
    return same_end and _starts_no_later(second, first)


@builtin(_range_point("finished by"), _two_ranges("finished by"))
def finished_by(first: Range, second: Any) -> bool:
    return finishes(second, first)


@builtin(_range_point("includes"), _two_ranges("includes"))
def includes(first: Range, second: Any) -> bool:
    inner = _point(second)
    return _starts_no_later(first, inner) and _ends_no_earlier(first, inner)


@builtin(_point_range("during"), _two_ranges("during"))
def during(first: Any, second: Range) -> bool:
    return includes(second, first)


@builtin(_point_range("starts"), _two_ranges("starts"))
def starts(first: Any, second: Range) -> bool:
    if not isinstance(first, Range):
        return _compare(first, second.start) == 0 and second.start_included
    same_start = _compare(first.start, second.start) == 0 and first.start_included == second.start_included
    return same_start and _ends_no_earlier(second, first)


@builtin(_range_point("started by"), _two_ranges("started by"))
def started_by(first: Range, second: Any) -> bool:
    return starts(second, first)


@builtin(_two_points("coincides"), _two_ranges("coincides"))
def coincides(first: Any, second: Any) -> bool:
    if not isinstance(first, Range):
        result = equal(first, second)
        if result is None:
            raise IllegalArguments
        return result
    _compare(first.start, second.start)
    return equal(first, second) is True


@builtin(f"coincides(a: {_EITHER}, b: {_EITHER})")
def coincides_mixed(first: Any, second: Any) -> bool:
    return False


def _refuse(name: str) -> Callable[[Any, Any], Any]:
    def refuse(first: Any, second: Any) -> Any:
        raise Fatal(f"'{name}' is not defined for these arguments, in this order")

    return refuse


for _name in ("meets", "met by", "overlaps", "overlaps before", "overlaps after", "finishes", "finished by",
              "includes", "during", "starts", "started by"):  # fmt: skip
    builtin(f"{_name}(a: {_EITHER}, b: {_EITHER})")(_refuse(_name))
