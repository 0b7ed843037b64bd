"""List functions."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from camunda_embedded.feel import values
from camunda_embedded.feel.functions.registry import Failure, builtin
from camunda_embedded.feel.operators import from_double
from camunda_embedded.feel.runtime import Fatal, Run
from camunda_embedded.feel.values import NUMBERS, Function, order_key, text_of


@builtin("list contains(list: list, element)")
def list_contains(items: list[Any], element: Any) -> bool:
    return values.contains(items, element)


@builtin("count(list: list)")
def count(items: list[Any]) -> Decimal:
    return Decimal(len(items))


def _extreme(items: list[Any], choose: Callable[..., Any]) -> Any:
    if not items:
        return None
    if len(items) == 1 and isinstance(items[0], list):
        return items[0]
    if all(isinstance(item, list) and item for item in items):
        raise Fatal(f"{text_of(items[0])} can not be compared to {text_of(items[1])}")
    if not values.comparable(items[0], items[0]) or not all(
        values.comparable(items[0], item) for item in items
    ):
        raise Failure(f"{text_of(items)} is not comparable")
    return choose(items, key=order_key)


@builtin("min(list...)")
def minimum(items: list[Any]) -> Any:
    return _extreme(items, min)


@builtin("max(list...)")
def maximum(items: list[Any]) -> Any:
    return _extreme(items, max)


def _numbers(items: list[Any]) -> list[Decimal]:
    for item in items:
        if type(item) is not Decimal:
            raise Failure(f"expected number but found '{text_of(item)}'")
    return items


@builtin("sum(list...)")
def total(items: list[Any]) -> Decimal | None:
    return functools.reduce(NUMBERS.add, _numbers(items)) if items else None


@builtin("product(list...)")
def product(items: list[Any]) -> Decimal | None:
    return functools.reduce(NUMBERS.multiply, _numbers(items)) if items else None


@builtin("mean(list...)")
def mean(items: list[Any]) -> Decimal | None:
    total_of = total(items)
    return None if total_of is None else NUMBERS.divide(total_of, Decimal(len(items)))


@builtin("median(list...)")
def median(items: list[Any]) -> Decimal | None:
    if not items:
        return None
    ordered = sorted(_numbers(items))
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return NUMBERS.divide(NUMBERS.add(ordered[middle - 1], ordered[middle]), Decimal(2))


@builtin("stddev(list...)")
def standard_deviation(items: list[Any]) -> Decimal | None:
    average = mean(items)
    if average is None:
        return None
    if len(items) == 1:
        raise Fatal("Division undefined")
    squares = [NUMBERS.power(NUMBERS.subtract(item, average), 2) for item in items]
    variance = NUMBERS.divide(functools.reduce(NUMBERS.add, squares), Decimal(len(items) - 1))
    return from_double(math.sqrt(variance))


@builtin("mode(list...)")
def mode(items: list[Any]) -> list[Decimal]:
    counted: dict[Decimal, int] = {}
    for item in _numbers(items):
        counted[item] = counted.get(item, 0) + 1
    most = max(counted.values(), default=0)
    return sorted(number for number, times in counted.items() if times == most)


@builtin("and(list...)", "all(list...)")
def all_of(items: list[Any]) -> bool | None:
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


@builtin("or(list...)", "any(list...)")
def any_of(items: list[Any]) -> bool | None:
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None


@builtin(
    "sublist(list: list, start position: number)",
    "sublist(list: list, start position: number, length: number)",
    "sublist(list: list, start: number)",
    "sublist(list: list, start: number, length: number)",
)
def sublist(items: list[Any], start: Any, length: Any = None) -> list[Any]:
    first = int(start)
    begin = first - 1 if first > 0 else len(items) + first
    end = len(items) if length is None else begin + int(length)
    return items[max(begin, 0) : max(end, 0)] if first else []


@builtin("append(list: list, items...)")
def append(items: list[Any], new: list[Any]) -> list[Any]:
    return items + new


@builtin("concatenate(lists...)")
def concatenate(lists: list[Any]) -> list[Any]:
    result: list[Any] = []
    for items in lists:
        result.extend(items if isinstance(items, list) else [items])
    return result


def _index(position: Any, size: int) -> int:
    """The index of a position that counts from 1, or from -1 at the end; 0 is the end itself."""
    place = int(position)
    return place - 1 if place > 0 else max(size + place, 0)


@builtin("insert before(list: list, position: number, newItem)")
def insert_before(items: list[Any], position: Any, new: Any) -> list[Any]:
    index = _index(position, len(items))
    return [*items[:index], new, *items[index:]]


@builtin("remove(list: list, position: number)")
def remove(items: list[Any], position: Any) -> list[Any]:
    place = int(position)
    if not place:
        return items + items  # what the engine answers for a position that does not exist
    if abs(place) > len(items):
        return items
    index = _index(position, len(items))
    return [*items[:index], *items[index + 1 :]]


@builtin("reverse(list: list)")
def reverse(items: list[Any]) -> list[Any]:
    return items[::-1]


@builtin("index of(list: list, match)")
def index_of(items: list[Any], match: Any) -> list[Decimal]:
    return [Decimal(index) for index, item in enumerate(items, 1) if values.equal(item, match) is True]


@builtin("distinct values(list: list)", needs_run=True)
def distinct_values(run: Run, items: list[Any]) -> list[Any]:
    result: list[Any] = []
    for item in items:
        run.count(len(result))
        if not values.contains(result, item):
            result.append(item)
    return result


@builtin("union(lists...)", needs_run=True)
def union(run: Run, lists: list[Any]) -> list[Any]:
    return distinct_values(run, concatenate(lists))


@builtin("duplicate values(list: list)", needs_run=True)
def duplicate_values(run: Run, items: list[Any]) -> list[Any]:
    result = distinct_values(run, items)
    run.count(len(items) * len(result))
    return [value for value in result if sum(values.equal(item, value) is True for item in items) > 1]


@builtin("flatten(list: list)")
def flatten(items: list[Any]) -> list[Any]:
    result: list[Any] = []
    for item in items:
        result.extend(flatten(item) if isinstance(item, list) else [item])
    return result


@builtin("is empty(list: list)")
def is_empty(items: list[Any]) -> bool:
    return not items


@builtin("partition(list: list, size: number)")
def partition(items: list[Any], size: Any) -> list[Any]:
    length = int(size)
    if length < 1:
        raise Failure("'size' should be greater than zero but was '" + text_of(size) + "'")
    return [items[start : start + length] for start in range(0, len(items), length)]


@builtin("sort(list: list, precedes: function)", needs_run=True)
def sort(run: Run, items: list[Any], precedes: Function) -> list[Any]:
    if len(precedes.parameters) != 2:
        given = len(precedes.parameters)
        raise Failure(f"expect boolean function with 2 arguments, but found '{given}'")

    def compare(left: Any, right: Any) -> int:
        run.count(1)
        before = precedes.call(left, right)
        if before is not True and before is not False:
            raise Failure(f"expected boolean but found '{text_of(before)}'")
        return -1 if before else (1 if precedes.call(right, left) is True else 0)

    return sorted(items, key=functools.cmp_to_key(compare))
