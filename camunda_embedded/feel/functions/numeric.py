"""Numeric functions."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from decimal import Decimal
from typing import Any

from camunda_embedded.feel.functions.registry import Failure, builtin
from camunda_embedded.feel.operators import from_double
from camunda_embedded.feel.runtime import Fatal
from camunda_embedded.feel.temporal import YearsMonths

MAX_SCALE = 10_000
"""How many decimal places a rounding may be asked for."""

_MODES = {
    "UP": decimal.ROUND_UP,
    "DOWN": decimal.ROUND_DOWN,
    "CEILING": decimal.ROUND_CEILING,
    "FLOOR": decimal.ROUND_FLOOR,
    "HALF_UP": decimal.ROUND_HALF_UP,
    "HALF_DOWN": decimal.ROUND_HALF_DOWN,
    "HALF_EVEN": decimal.ROUND_HALF_EVEN,
    "UNNECESSARY": decimal.ROUND_HALF_EVEN,
}
_WIDE = decimal.Context(prec=2 * MAX_SCALE, Emin=-999_999_999, Emax=999_999_999)


def rounded(n: Decimal, scale: Any, mode: str) -> Decimal:
    places = int(scale)
    if abs(places) > MAX_SCALE or abs(n.adjusted()) > MAX_SCALE:
        raise Failure(f"more than {MAX_SCALE} places")
    result = n.quantize(Decimal(1).scaleb(-places), rounding=mode, context=_WIDE)
    return result if result else result.copy_abs()


@builtin("decimal(n: number, scale: number)")
def to_scale(n: Decimal, scale: Decimal) -> Decimal:
    return rounded(n, scale, decimal.ROUND_HALF_EVEN)


@builtin("decimal(n: number, scale: number, mode: string)")
def to_scale_by(n: Decimal, scale: Decimal, mode: str) -> Decimal:
    name = mode.upper()
    if name not in _MODES:
        names = ", ".join(_MODES)
        raise Failure(f"Illegal argument '{mode}' for rounding mode. Must be one of: {names}")
    result = rounded(n, scale, _MODES[name])
    if name == "UNNECESSARY" and result != n:
        raise Failure("Rounding necessary")
    return result


@builtin("floor(n: number)", "floor(n: number, scale: number)")
def floor(n: Decimal, scale: Any = 0) -> Decimal:
    return rounded(n, scale, decimal.ROUND_FLOOR)


@builtin("ceiling(n: number)", "ceiling(n: number, scale: number)")
def ceiling(n: Decimal, scale: Any = 0) -> Decimal:
    return rounded(n, scale, decimal.ROUND_CEILING)


@builtin("round up(n: number, scale: number)")
def round_up(n: Decimal, scale: Decimal) -> Decimal:
    return rounded(n, scale, decimal.ROUND_UP)


@builtin("round down(n: number, scale: number)")
def round_down(n: Decimal, scale: Decimal) -> Decimal:
    return rounded(n, scale, decimal.ROUND_DOWN)


@builtin("round half up(n: number, scale: number)")
def round_half_up(n: Decimal, scale: Decimal) -> Decimal:
    return rounded(n, scale, decimal.ROUND_HALF_UP)


@builtin("round half down(n: number, scale: number)")
def round_half_down(n: Decimal, scale: Decimal) -> Decimal:
    return rounded(n, scale, decimal.ROUND_HALF_DOWN)


_DURATION = "days and time duration|years and months duration"


@builtin(f"abs(n: number|{_DURATION})", f"abs(number: number|{_DURATION})")
def absolute(n: Any) -> Any:
    if isinstance(n, YearsMonths):
        return YearsMonths(abs(n.months))
    return abs(n) if isinstance(n, dt.timedelta) else n.copy_abs()


@builtin("modulo(dividend: number, divisor: number)")
def modulo(dividend: Decimal, divisor: Decimal) -> Decimal:
    if not divisor:
        raise Fatal("Division by zero")
    remainder = _WIDE.remainder(dividend, divisor)
    if remainder and (remainder < 0) != (divisor < 0):
        return remainder + divisor
    return remainder if remainder else remainder.copy_abs()


@builtin("sqrt(number: number)")
def square_root(number: Decimal) -> Decimal | None:
    return None if number < 0 else from_double(math.sqrt(number))


@builtin("log(number: number)")
def logarithm(number: Decimal) -> Decimal:
    if number <= 0:
        raise Fatal("the result is not a finite number")
    return from_double(math.log(number))


@builtin("exp(number: number)")
def exponential(number: Decimal) -> Decimal:
    try:
        return from_double(math.exp(number))
    except OverflowError:
        raise Fatal("the result is not a finite number") from None


@builtin("odd(number: number)")
def odd(number: Decimal) -> bool:
    return abs(_WIDE.remainder(number, Decimal(2))) == 1


@builtin("even(number: number)")
def even(number: Decimal) -> bool:
    return not _WIDE.remainder(number, Decimal(2))
