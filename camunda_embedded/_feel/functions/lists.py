"""List functions."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from camunda_embedded._feel import values
from camunda_embedded._feel.budget import tick
from camunda_embedded._feel.functions.registry import Failure, register
from camunda_embedded._feel.operators import from_double, lists_not_comparable, of_one_kind
from camunda_embedded._feel.runtime import Fatal, NotComparable, Run
from camunda_embedded._feel.values import NUMBERS, Function, order_key, text_of
from camunda_embedded._limits import MAX_SIZE


def _extreme(items: list[Any], choose: Callable[..., Any]) -> Any:
    if not items:
        return None
    if len(items) == 1 and isinstance(items[0], list):
        return items[0]
    if all(of_one_kind(item) and item for item in items):
        raise lists_not_comparable(items[0], items[1])
    if not all(values.comparable(items[0], item) for item in items):
        raise Failure(f"{text_of(items)} is not comparable")
    return choose(items, key=order_key)


def _numbers(items: list[Any]) -> list[Decimal]:
    for item in items:
        if type(item) is not Decimal:
            raise Failure(f"expected number but found '{text_of(item)}'")
    return items


def _sum(items: list[Any]) -> Decimal | None:
    return functools.reduce(NUMBERS.add, _numbers(items)) if items else None


def _product(items: list[Any]) -> Decimal | None:
    return functools.reduce(NUMBERS.multiply, _numbers(items)) if items else None


def _mean(items: list[Any]) -> Decimal | None:
    total = _sum(items)
    return None if total is None else NUMBERS.divide(total, Decimal(len(items)))


def _median(items: list[Any]) -> Decimal | None:
    if not items:
        return None
    ordered = sorted(_numbers(items))
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return NUMBERS.divide(NUMBERS.add(ordered[middle - 1], ordered[middle]), Decimal(2))


def _stddev(items: list[Any]) -> Decimal | None:
    average = _mean(items)
    if average is None:
        return None
    if len(items) == 1:
        raise Fatal("Division undefined")
    squares = [NUMBERS.power(NUMBERS.subtract(item, average), 2) for item in items]
    variance = NUMBERS.divide(functools.reduce(NUMBERS.add, squares), Decimal(len(items) - 1))
    return from_double(math.sqrt(variance))


def _mode(items: list[Any]) -> list[Decimal]:
    counted: dict[Decimal, int] = {}
    for item in _numbers(items):
        counted[item] = counted.get(item, 0) + 1
    most = max(counted.values(), default=0)
    return sorted(number for number, times in counted.items() if times == most)


def _junction(items: list[Any], winner: bool) -> bool | None:
    if any(item is winner for item in items):
        return winner
    return not winner if all(item is not winner and isinstance(item, bool) for item in items) else None


def _sublist(items: list[Any], start: Any, length: Any = None) -> list[Any]:
    first = int(start)
    begin = first - 1 if first > 0 else len(items) + first
    end = len(items) if length is None else begin + int(length)
    return items[max(begin, 0) : max(end, 0)] if first else []


def _concatenate(lists: list[Any]) -> list[Any]:
    return [item for items in lists for item in (items if isinstance(items, list) else [items])]


def _index(position: Any, size: int) -> int:
    """The index of a position that counts from 1, or from -1 at the end; 0 is the end itself."""
    place = int(position)
    return place - 1 if place > 0 else max(size + place, 0)


def _insert_before(items: list[Any], position: Any, new: Any) -> list[Any]:
    index = _index(position, len(items))
    return [*items[:index], new, *items[index:]]


def _remove(items: list[Any], position: Any) -> list[Any]:
    place = int(position)
    if not place:
        return items + items  # what the engine answers for a position that does not exist
    if abs(place) > len(items):
        return items
    index = _index(position, len(items))
    return [*items[:index], *items[index + 1 :]]


def _index_of(items: list[Any], match: Any) -> list[Decimal]:
    return [Decimal(index) for index, item in enumerate(items, 1) if values.equal(item, match) is True]


def _distinct(run: Run, items: list[Any]) -> list[Any]:
    result: list[Any] = []
    for item in items:
        run.count(len(result))
        if not any(values.equal(each, item) is True for each in result):
            result.append(item)
    return result


def _duplicates(run: Run, items: list[Any]) -> list[Any]:
    result = _distinct(run, items)
    run.count(len(items) * len(result))
    return [value for value in result if sum(values.equal(item, value) is True for item in items) > 1]


def _flatten(items: list[Any]) -> list[Any]:
    tick()
    flat = _concatenate([_flatten(item) if isinstance(item, list) else item for item in items])
    if len(flat) > MAX_SIZE:
        raise Fatal(f"the list is longer than {MAX_SIZE}")
    return flat


def _partition(items: list[Any], size: Any) -> list[Any]:
    length = int(size)
    if length < 1:
        raise Failure("'size' should be greater than zero but was '" + text_of(size) + "'")
    return [items[start : start + length] for start in range(0, len(items), length)]


def _sort(run: Run, items: list[Any], precedes: Function) -> list[Any]:
    if len(precedes.parameters) != 2:
        given = len(precedes.parameters)
        raise Failure(f"expect boolean function with 2 arguments, but found '{given}'")

    def compare(left: Any, right: Any) -> int:
        run.count(1)
        before = precedes.call(left, right)
        if before is not True and before is not False:
            raise Failure(f"expected boolean but found '{text_of(before)}'")
        return -1 if before else (1 if precedes.call(right, left) is True else 0)

    try:
        return sorted(items, key=functools.cmp_to_key(compare))
    except NotComparable as error:
        raise Failure(f"fail to sort list by given precedes function: {error}") from None


register(
    {
        "list contains(list: list, element)": values.contains,
        "count(list: list)": lambda items: Decimal(len(items)),
        "min(list...)": lambda items: _extreme(items, min),
        "max(list...)": lambda items: _extreme(items, max),
        "sum(list...)": _sum,
        "product(list...)": _product,
        "mean(list...)": _mean,
        "median(list...)": _median,
        "stddev(list...)": _stddev,
        "mode(list...)": _mode,
        "and(list...)": lambda items: _junction(items, False),
        "all(list...)": lambda items: _junction(items, False),
        "or(list...)": lambda items: _junction(items, True),
        "any(list...)": lambda items: _junction(items, True),
        "sublist(list: list, start position: number, length?: number)": _sublist,
        "sublist(list: list, start: number, length?: number)": _sublist,
        "append(list: list, items...)": lambda items, new: items + new,
        "concatenate(lists...)": _concatenate,
        "insert before(list: list, position: number, newItem)": _insert_before,
        "remove(list: list, position: number)": _remove,
        "reverse(list: list)": lambda items: items[::-1],
        "index of(list: list, match)": _index_of,
        "flatten(list: list)": _flatten,
        "is empty(list: list)": lambda items: not items,
        "partition(list: list, size: number)": _partition,
    }
)
register(
    {
        "distinct values(list: list)": _distinct,
        "union(lists...)": lambda run, lists: _distinct(run, _concatenate(lists)),
        "duplicate values(list: list)": _duplicates,
        "sort(list: list, precedes: function)": _sort,
    },
    with_run=True,
)
