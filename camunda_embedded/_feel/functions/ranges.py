"""Range functions: how points and ranges lie to each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from camunda_embedded._feel.functions.registry import IllegalArguments, register
from camunda_embedded._feel.runtime import Fatal
from camunda_embedded._feel.values import Range, comparable, equal, order_key


def _compare(left: Any, right: Any) -> int:
    """-1, 0 or 1."""
    if not comparable(left, right):
        raise IllegalArguments
    a, b = order_key(left), order_key(right)
    return int(a > b) - int(a < b)


def _range(value: Any) -> Range:
    return value if isinstance(value, Range) else Range(value, value, True, True)


def _starts_no_later(first: Range, second: Range) -> bool:
    order = _compare(first.start, second.start)
    return order < 0 or (order == 0 and (first.start_included or not second.start_included))


def _ends_no_earlier(first: Range, second: Range) -> bool:
    order = _compare(first.end, second.end)
    return order > 0 or (order == 0 and (first.end_included or not second.end_included))


# --- the relations
# ------------------------------------------------------------------------------------------------


def _before(first: Any, second: Any) -> bool:
    """Whether the first ends before the second starts, so that they have no point in common."""
    first, second = _range(first), _range(second)
    order = _compare(first.end, second.start)
    return order < 0 or (order == 0 and not (first.end_included and second.start_included))


def _meets(first: Range, second: Range) -> bool:
    return _compare(first.end, second.start) == 0 and first.end_included and second.start_included


def _overlaps(first: Range, second: Range) -> bool:
    return not _before(first, second) and not _before(second, first)


def _overlaps_before(first: Range, second: Range) -> bool:
    starts = _compare(first.start, second.start)
    ends = _compare(first.end, second.end)
    starts_first = starts < 0 or (starts == 0 and first.start_included and not second.start_included)
    ends_first = ends < 0 or (ends == 0 and (not first.end_included or second.end_included))
    return starts_first and ends_first and not _before(first, second)


def _includes(first: Range, second: Any) -> bool:
    inner = _range(second)
    return _starts_no_later(first, inner) and _ends_no_earlier(first, inner)


def _starts(first: Any, second: Range) -> bool:
    if not isinstance(first, Range):
        return _compare(first, second.start) == 0 and second.start_included
    same_start = _compare(first.start, second.start) == 0 and first.start_included == second.start_included
    return same_start and _ends_no_earlier(second, first)


def _finishes(first: Any, second: Range) -> bool:
    if not isinstance(first, Range):
        return _compare(first, second.end) == 0 and second.end_included
    same_end = _compare(first.end, second.end) == 0 and first.end_included == second.end_included
    return same_end and _starts_no_later(second, first)


def _coincide(first: Any, second: Any) -> bool:
    if isinstance(first, Range):
        _compare(first.start, second.start)
        return equal(first, second) is True
    result = equal(first, second)
    if result is None:
        raise IllegalArguments
    return result


# --- their names
# --------------------------------------------------------------------------------------------------

_FORMS = {
    ("point", "point"): "point1: point, point2: point",
    ("point", "range"): "point: point, range: range",
    ("range", "point"): "range: range, point: point",
    ("range", "range"): "range1: range, range2: range",
}
_ANY_FORM = "a: point|range, b: point|range"


def _exchanged(relation: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda first, second: relation(second, first)


def _declare(name: str, relation: Callable[[Any, Any], bool], forms: Iterable[tuple[str, str]]) -> None:
    def refuse(first: Any, second: Any) -> Any:
        raise Fatal(f"'{name}' is not defined for these arguments, in this order")

    register({f"{name}({_FORMS[form]})": relation for form in forms})
    register({f"{name}({_ANY_FORM})": refuse})


for _names, _relation, _forms in (
    (("meets", "met by"), _meets, (("range", "range"),)),
    (("overlaps before", "overlaps after"), _overlaps_before, (("range", "range"),)),
    (("finishes", "finished by"), _finishes, (("point", "range"), ("range", "range"))),
    (("includes", "during"), _includes, (("range", "point"), ("range", "range"))),
    (("starts", "started by"), _starts, (("point", "range"), ("range", "range"))),
):
    _declare(_names[0], _relation, _forms)
    _declare(_names[1], _exchanged(_relation), ((second, first) for first, second in _forms))

_declare("overlaps", _overlaps, [("range", "range")])
register({f"before({form})": _before for form in _FORMS.values()})
register({f"after({form})": _exchanged(_before) for form in _FORMS.values()})
register({f"coincides({_FORMS[form]})": _coincide for form in (("point", "point"), ("range", "range"))})
register({f"coincides({_ANY_FORM})": lambda first, second: False})
