"""Arithmetic, comparison and logic on values; what does not fit together gives null and a failure."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal, DecimalException
from operator import ge, gt, le, lt
from typing import Any

from camunda_embedded._feel import temporal
from camunda_embedded._feel.budget import tick
from camunda_embedded._feel.runtime import Closure, Fatal, NotComparable, Run, Scope
from camunda_embedded._feel.temporal import YearsMonths
from camunda_embedded._feel.values import NUMBERS, comparable, equal, kind_of, order_key, text_of
from camunda_embedded._limits import MAX_EXPONENT, MAX_SIZE

_DURATIONS = (dt.timedelta, YearsMonths)
Operator = Callable[[Run, Any, Any], Any]
_OUT_OF_BOUNDS = "the result is outside of the numbers' bounds"


def from_double(value: float) -> Decimal:
    """The number of a double; there is none for infinity and not-a-number."""
    if not math.isfinite(value):
        raise Fatal("the result is not a finite number")
    return Decimal(repr(value))


def _arithmetic(
    numbers: Callable[[Decimal, Decimal], Decimal | None], others: Callable[[Any, Any], Any], failure: str
) -> Operator:
    """An operator for two numbers, for everything else, and what to say where neither has an answer
    (None).
    """

    def operate(run: Run, left: Any, right: Any) -> Any:
        if type(left) is Decimal and type(right) is Decimal:
            try:
                result = numbers(left, right)
            except DecimalException:
                raise Fatal(_OUT_OF_BOUNDS) from None
        else:
            tick()
            result = others(left, right)
        if result is None:
            return run.fail("INVALID_TYPE", failure.format(text_of(left), text_of(right)))
        return result

    return operate


def _sum(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        if len(left) + len(right) > MAX_SIZE:
            raise Fatal(f"the text is longer than {MAX_SIZE} characters")
        return left + right
    if isinstance(right, _DURATIONS):
        return temporal.shift(left, right)
    return temporal.shift(right, left) if isinstance(left, _DURATIONS) else None


def _difference(left: Any, right: Any) -> Any:
    if isinstance(right, dt.timedelta):
        return temporal.shift(left, -right)
    if isinstance(right, YearsMonths):
        return temporal.shift(left, YearsMonths(-right.months))
    return temporal.between(left, right)


def _product(left: Any, right: Any) -> Any:
    duration, factor = (right, left) if isinstance(right, _DURATIONS) else (left, right)
    if type(factor) is not Decimal or not isinstance(duration, _DURATIONS) or abs(factor) >= 10**12:
        return None
    try:  # a duration is multiplied by the whole part of the number
        if isinstance(duration, YearsMonths):
            return YearsMonths(duration.months * int(factor))
        return duration * int(factor)
    except OverflowError:
        return None


def _quotient(left: Any, right: Any) -> Any:
    if type(right) is Decimal and right and right.adjusted() < 30:
        if isinstance(left, dt.timedelta):
            return dt.timedelta(milliseconds=int(NUMBERS.divide(Decimal(temporal.milliseconds(left)), right)))
        if isinstance(left, YearsMonths):
            return YearsMonths(int(NUMBERS.divide(Decimal(left.months), right)))
    elif isinstance(left, YearsMonths) and isinstance(right, YearsMonths) and right.months:
        return Decimal(int(left.months / right.months))
    elif isinstance(left, dt.timedelta) and isinstance(right, dt.timedelta) and right:
        return Decimal(int(left / right))
    return None


def power(run: Run, left: Any, right: Any) -> Any:
    for operand in (left, right):
        if type(operand) is not Decimal:
            return run.expected("number", operand)
    if right != right.to_integral_value():
        try:
            result = float(left) ** float(right)
        except (OverflowError, ZeroDivisionError):
            raise Fatal("the result is not a finite number") from None
        if isinstance(result, complex):
            raise Fatal("the result is not a real number")
        return from_double(result)
    if abs(right) > MAX_EXPONENT:
        raise Fatal(f"the exponent is larger than {MAX_EXPONENT}")
    if not left and right < 0:
        raise Fatal("Division by zero")
    if not right:
        return Decimal(1)
    try:
        result = NUMBERS.power(left, abs(right))
        return result if right > 0 else NUMBERS.divide(Decimal(1), result)
    except DecimalException:
        raise Fatal(_OUT_OF_BOUNDS) from None


def negate(run: Run, value: Any) -> Any:
    if type(value) is not Decimal:
        return run.expected("number", value)
    return value.copy_negate() if value else value


# --- comparison
# ---------------------------------------------------------------------------------------------------


def _not_comparable(run: Run, left: Any, right: Any) -> None:
    run.fail("NOT_COMPARABLE", f"Can't compare '{text_of(left)}' with '{text_of(right)}'")


def of_one_kind(value: Any) -> bool:
    """Whether a value is a list whose elements could be ordered; only such lists end an evaluation when compared."""
    return (
        isinstance(value, list)
        and len({kind_of(item) for item in value}) <= 1
        and not any(isinstance(item, dict) for item in value)
    )


def lists_not_comparable(left: Any, right: Any) -> NotComparable:
    """What comparing two lists ends with."""
    return NotComparable(f"{text_of(left)} can not be compared to {text_of(right)}")


def equals(run: Run, left: Any, right: Any) -> Any:
    result = equal(left, right)
    return _not_comparable(run, left, right) if result is None else result


def differs(run: Run, left: Any, right: Any) -> Any:
    result = equals(run, left, right)
    return run.expected("boolean", None) if result is None else not result


def _ordering(compare: Callable[[Any, Any], bool]) -> Operator:
    def ordered(run: Run, left: Any, right: Any) -> Any:
        if type(left) is Decimal and type(right) is Decimal:
            return compare(left, right)
        tick()
        if comparable(left, right):
            return compare(order_key(left), order_key(right))
        if of_one_kind(left) and of_one_kind(right):
            raise lists_not_comparable(left, right)
        return _not_comparable(run, left, right)

    return ordered


less = _ordering(lt)
at_most = _ordering(le)
greater = _ordering(gt)
at_least = _ordering(ge)

WINNERS = {"and": False, "or": True}
ORDERINGS = {"<": less, "<=": at_most, ">": greater, ">=": at_least}
BINARY: dict[str, Operator] = {
    "+": _arithmetic(NUMBERS.add, _sum, "Can't add '{1}' to '{0}'"),
    "-": _arithmetic(NUMBERS.subtract, _difference, "Can't subtract '{1}' from '{0}'"),
    "*": _arithmetic(NUMBERS.multiply, _product, "Can't multiply '{0}' by '{1}'"),
    "/": _arithmetic(
        lambda left, right: NUMBERS.divide(left, right) if right else None,
        _quotient,
        "Can't divide '{0}' by '{1}'",
    ),
    "**": power,
    "=": equals,
    "!=": differs,
    **ORDERINGS,
}


# --- logic
# --------------------------------------------------------------------------------------------------------


def junction(scope: Scope, left: Any, right: Closure, winner: bool) -> Any:
    """`and`, where false wins over everything that is not a boolean, and `or`, where true does."""
    if left is winner:
        return winner
    if left is not (not winner):
        scope.run.expected("boolean", left)
        return winner if right(scope) is winner else None
    other = right(scope)
    return other if other is True or other is False else scope.run.expected("boolean", other)


# --- closures
# -----------------------------------------------------------------------------------------------------


def chain(first: Closure, steps: list[tuple[str, Closure]]) -> Closure:
    """The first value, and from left to right what each step, an operator with its right side,
    makes of it.
    """
    if not steps:
        return first
    if len(steps) == 1:
        operator, right = steps[0]
        if operator in WINNERS:
            winner = WINNERS[operator]
            return lambda scope: junction(scope, first(scope), right, winner)
        operation = BINARY[operator]
        return lambda scope: operation(scope.run, first(scope), right(scope))

    def chain(scope: Scope) -> Any:
        value = first(scope)
        for operator, right in steps:
            if operator in WINNERS:
                value = junction(scope, value, right, WINNERS[operator])
            else:
                value = BINARY[operator](scope.run, value, right(scope))
        return value

    return chain


def interval(value: Closure, low: Closure, high: Closure, from_low: Operator, to_high: Operator) -> Closure:
    """Whether a value is between two others."""

    def inside(scope: Scope) -> Any:
        run, found = scope.run, value(scope)
        above = from_low(run, found, low(scope))
        return junction(scope, above, lambda scope: to_high(run, found, high(scope)), False)

    return inside
