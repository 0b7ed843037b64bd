"""What a decision table makes of the rules that match: hit policies, aggregations, types, and what does not fit."""

from __future__ import annotations

import functools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from camunda_embedded._dmn.model import DecisionTable
from camunda_embedded._feel.values import NUMBERS, equal, kind_of, text_of

__all__ = ["TableFailure", "apply", "check_type", "id_of", "single"]


class TableFailure(Exception):
    """The matched rules do not fit the hit policy, or the result its type."""


#: The kinds of values that a checked type has; null has every type.
_KINDS = {
    "dateTime": ("date and time", "local date and time"),
    "time": ("time", "local time"),
    "dayTimeDuration": ("days and time duration",),
    "yearMonthDuration": ("years and months duration",),
}


def check_type(value: Any, type_ref: str) -> None:
    """TableFailure for a value that is not of the type that the table names."""
    if type_ref and value is not None and kind_of(value) not in _KINDS.get(type_ref, (type_ref,)):
        raise TableFailure(f"expected '{type_ref}' but found '{text_of(value)}'")


def id_of(given: str, what: str) -> str:
    """The id of a part of a table, which its trace needs; that it is missing is seen only then, as in the real engine."""
    if not given:
        raise TableFailure(f"{what} has no id")
    return given


def single(values: dict[str, Any]) -> Any:
    """The value of a row: of a single output the value itself."""
    return next(iter(values.values())) if len(values) == 1 else values


def _priority(table: DecisionTable) -> Callable[[dict[str, Any]], tuple[int, ...]]:
    """For a row, the places of its values among the output values; what is not listed comes last."""
    listed = {
        column.name: column.priorities.evaluate({}) if column.priorities is not None else []
        for column in table.outputs
    }

    def place(items: list[Any], value: Any) -> int:
        return next((index for index, item in enumerate(items) if equal(item, value) is True), len(items))

    return lambda row: tuple(place(listed[name], value) for name, value in row.items())


def apply(table: DecisionTable, rows: list[dict[str, Any]]) -> Any:
    """The value of a table whose matched rules gave these rows."""
    policy = table.hit_policy
    if policy == "UNIQUE" and len(rows) > 1:
        raise TableFailure(f"multiple values aren't allowed for UNIQUE hit policy. found: '{_shown(rows)}'")
    if policy == "ANY":
        distinct = _distinct(rows)
        if len(distinct) > 1:
            text = f"different values aren't allowed for ANY hit policy. found: '{_shown(distinct)}'"
            raise TableFailure(text)
    if policy in ("PRIORITY", "OUTPUT ORDER"):
        rows = sorted(rows, key=_priority(table))
    if policy in ("UNIQUE", "ANY", "FIRST", "PRIORITY"):
        return single(rows[0])
    results = [single(row) for row in rows]
    return _aggregate(table.aggregation, results) if table.aggregation else results


def _aggregate(aggregation: str, values: list[Any]) -> Decimal:
    if aggregation == "COUNT":
        return Decimal(len(values))
    for value in values:
        if type(value) is not Decimal:
            raise TableFailure(f"expected number but found '{text_of(value)}'")
    if aggregation == "SUM":
        return Decimal(functools.reduce(NUMBERS.add, values))
    return Decimal(min(values) if aggregation == "MIN" else max(values))


def _distinct(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = []
    for row in rows:
        if not any(equal(row, other) is True for other in result):
            result.append(row)
    return result


def _shown(rows: list[dict[str, Any]]) -> str:
    """The rows as the reference engine writes them into its message."""
    shown = (
        "Map(" + ", ".join(f"{name} -> {text_of(value)}" for name, value in row.items()) + ")" for row in rows
    )
    return "List(" + ", ".join(shown) + ")"
