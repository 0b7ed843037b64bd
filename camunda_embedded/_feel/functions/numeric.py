"""Numeric functions."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from camunda_embedded._feel.functions.registry import Failure, register
from camunda_embedded._feel.operators import from_double
from camunda_embedded._feel.runtime import Fatal
from camunda_embedded._feel.temporal import YearsMonths
from camunda_embedded._limits import MAX_SCALE

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


def _rounding(mode: str) -> Callable[..., Decimal]:
    def rounded(n: Decimal, scale: Any = 0) -> Decimal:
        places = int(scale)
        if abs(places) > MAX_SCALE or abs(n.adjusted()) > MAX_SCALE:
            raise Failure(f"more than {MAX_SCALE} places")
        result = n.quantize(Decimal(1).scaleb(-places), rounding=_MODES[mode], context=_WIDE)
        return result if result else result.copy_abs()

    return rounded


def _decimal(n: Decimal, scale: Decimal, mode: str = "HALF_EVEN") -> Decimal:
    name = mode.upper()
    if name not in _MODES:
        names = ", ".join(_MODES)
        raise Failure(f"Illegal argument '{mode}' for rounding mode. Must be one of: {names}")
    result = _rounding(name)(n, scale)
    if name == "UNNECESSARY" and result != n:
        raise Failure("Rounding necessary")
    return result


def _abs(n: Any) -> Any:
    if isinstance(n, YearsMonths):
        return YearsMonths(abs(n.months))
    return abs(n) if isinstance(n, dt.timedelta) else n.copy_abs()


def _modulo(dividend: Decimal, divisor: Decimal) -> Decimal:
    if not divisor:
        raise Fatal("Division by zero")
    remainder = _WIDE.remainder(dividend, divisor)
    if remainder and (remainder < 0) != (divisor < 0):
        return remainder + divisor
    return remainder if remainder else remainder.copy_abs()


def _sqrt(number: Decimal) -> Decimal | None:
    return None if number < 0 else from_double(math.sqrt(number))


def _log(number: Decimal) -> Decimal:
    if number <= 0:
        raise Fatal("the result is not a finite number")
    return from_double(math.log(number))


def _exp(number: Decimal) -> Decimal:
    try:
        return from_double(math.exp(number))
    except OverflowError:
        raise Fatal("the result is not a finite number") from None


register(
    {
        "decimal(n: number, scale: number, mode?: string)": _decimal,
        "floor(n: number, scale?: number)": _rounding("FLOOR"),
        "ceiling(n: number, scale?: number)": _rounding("CEILING"),
        "round up(n: number, scale: number)": _rounding("UP"),
        "round down(n: number, scale: number)": _rounding("DOWN"),
        "round half up(n: number, scale: number)": _rounding("HALF_UP"),
        "round half down(n: number, scale: number)": _rounding("HALF_DOWN"),
        "abs(n: number|duration)": _abs,
        "abs(number: number|duration)": _abs,
        "modulo(dividend: number, divisor: number)": _modulo,
        "sqrt(number: number)": _sqrt,
        "log(number: number)": _log,
        "exp(number: number)": _exp,
        "odd(number: number)": lambda number: abs(_WIDE.remainder(number, Decimal(2))) == 1,
        "even(number: number)": lambda number: not _WIDE.remainder(number, Decimal(2)),
    }
)
