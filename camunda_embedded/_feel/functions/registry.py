"""Signatures of built-in functions: declared as text, chosen by the number or names of the arguments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from camunda_embedded._feel.budget import tick
from camunda_embedded._feel.runtime import Fatal, Run
from camunda_embedded._feel.temporal import YearsMonths
from camunda_embedded._feel.values import Function, Range, text_of
from camunda_embedded._limits import MAX_SIZE

_TYPES: dict[str, frozenset[type]] = {
    "string": frozenset((str,)),
    "number": frozenset((Decimal,)),
    "boolean": frozenset((bool,)),
    "list": frozenset((list,)),
    "context": frozenset((dict,)),
    "range": frozenset((Range,)),
    "function": frozenset((Function,)),
    "day": frozenset((dt.date, dt.datetime)),
    "date": frozenset((dt.date,)),
    "time": frozenset((dt.time,)),
    "date and time": frozenset((dt.datetime,)),
    "duration": frozenset((dt.timedelta, YearsMonths)),
    "days and time duration": frozenset((dt.timedelta,)),
    "null": frozenset((type(None),)),
    "point": frozenset((Decimal, dt.date, dt.time, dt.datetime, dt.timedelta, YearsMonths)),
}
"""FEEL's types as signatures name them; a day, a duration and a point are any of several."""


class Failure(Exception):
    """The function gives null, and this is why."""


class IllegalArguments(Exception):
    """The function gives null because it has no meaning for these arguments."""


@dataclass(frozen=True)
class Signature:
    """One form of a function. `types` has None for a parameter that takes anything."""

    parameters: tuple[str, ...]
    types: tuple[frozenset[type] | None, ...]
    variadic: bool
    with_run: bool
    function: Callable[..., Any]

    def accepts(self, values: list[Any]) -> bool:
        """Whether every value has the type of its parameter."""
        return all(
            types is None or type(value) in types for types, value in zip(self.types, values, strict=True)
        )


REGISTRY: dict[str, list[Signature]] = {}


def register(functions: Mapping[str, Callable[..., Any]], with_run: bool = False) -> None:
    """Register functions under signatures such as "substring(string: string, start position:
    number, length?: number)".

    A type may be several with "|" between them; without one the parameter takes anything.
    Parameters from one with "?" on may be left out. The last parameter may be "items...": it gets
    the list of all further arguments, or the list that stands in their place. Functions `with_run`
    get the run as their first argument.
    """
    for declaration, function in functions.items():
        name, _, rest = declaration.removesuffix(")").partition("(")
        variadic = rest.endswith("...")
        parts = [part.partition(": ") for part in rest.removesuffix("...").split(", ")] if rest else []
        parameters = tuple(parameter.removesuffix("?") for parameter, _, _ in parts)
        types = tuple(_types(type_names) for _, _, type_names in parts)
        required = sum(not parameter.endswith("?") for parameter, _, _ in parts)
        for count in range(required, len(parts) + 1):
            signature = Signature(parameters[:count], types[:count], variadic, with_run, function)
            REGISTRY.setdefault(name, []).append(signature)


def _types(names: str) -> frozenset[type] | None:
    return frozenset().union(*(_TYPES[name] for name in names.split("|"))) if names else None


def bind(name: str, count: int, names: tuple[str, ...] | None) -> Callable[[Run, list[Any]], Any] | None:
    """What to call for a call with so many arguments, or with arguments of these names;
    None when nothing fits.
    """
    signatures = REGISTRY.get(name, [])
    if names is None:
        fitting = [
            (s, None)
            for s in signatures
            if len(s.parameters) == count or (s.variadic and count >= len(s.parameters))
        ]
    else:
        given = names
        fitting = [
            (s, tuple(given.index(parameter) for parameter in s.parameters))  # type: ignore[misc]
            for s in signatures
            if set(s.parameters) == set(given) and len(given) == len(set(given))
        ]
    if not fitting:
        return None

    def choose(run: Run, values: list[Any]) -> Any:
        for signature, order in fitting:
            arguments = values if order is None else [values[position] for position in order]
            if signature.variadic:
                if order is not None and not isinstance(arguments[-1], list):
                    continue  # by its name, a list has to be given as one
                arguments = _gather(signature, arguments, order is not None)
            if signature.accepts(arguments):
                return _invoke(run, name, signature, arguments, values)
        return _illegal(run, name, values)

    return choose


def _gather(signature: Signature, values: list[Any], by_name: bool) -> list[Any]:
    fixed = len(signature.parameters) - 1
    rest = values[fixed:]
    if len(rest) == 1 and isinstance(rest[0], list) and (by_name or not fixed):
        rest = rest[0]
    return [*values[:fixed], rest]


def _invoke(run: Run, name: str, signature: Signature, arguments: list[Any], values: list[Any]) -> Any:
    tick()
    try:
        result = signature.function(run, *arguments) if signature.with_run else signature.function(*arguments)
    except IllegalArguments:
        return _illegal(run, name, values)
    except Failure as failure:
        return run.fail("FUNCTION_INVOCATION_FAILURE", f"Failed to invoke function '{name}': {failure}")
    except (ArithmeticError, ValueError):
        text = f"Failed to invoke function '{name}': an argument or the result is out of bounds"
        return run.fail("FUNCTION_INVOCATION_FAILURE", text)
    if isinstance(result, (list, str)) and len(result) > MAX_SIZE:
        raise Fatal(f"the result of '{name}' is longer than {MAX_SIZE}")
    return result


def _illegal(run: Run, name: str, values: list[Any]) -> None:
    given = ", ".join(f"'{text_of(value)}'" for value in values)
    run.fail("FUNCTION_INVOCATION_FAILURE", f"Failed to invoke function '{name}': Illegal arguments: {given}")
