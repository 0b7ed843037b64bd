"""Reaching into values: filters by position, paths, and functions that an expression defines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from camunda_embedded.feel import temporal
from camunda_embedded.feel.runtime import Fatal, Run, Scope
from camunda_embedded.feel.values import Function, text_of


def element(items: list[Any], position: Decimal) -> Any:
    """The element at a position that counts from 1, or from -1 at the end; null beyond."""
    if abs(position) > len(items) + 1:
        return None
    index = math.floor(position)
    if index > 0:
        return items[index - 1] if index <= len(items) else None
    return items[index] if index and -index <= len(items) else None


def follow_raw(run: Run, name: str, keys: list[str]) -> Any:
    """A path through a variable that is still JSON: only what is reached is converted."""
    raw = run.variables[name]
    for index, key in enumerate(keys):
        if type(raw) is not dict or key not in raw:
            return follow_path(run, run.convert(raw), keys[index:])
        raw = raw[key]
    return run.convert(raw)


def follow_path(run: Run, value: Any, keys: list[str]) -> Any:
    for key in keys:
        value = _entry(run, value, key)
    return value


def _entry(run: Run, value: Any, key: str) -> Any:
    if isinstance(value, dict):
        if key in value:
            return value[key]
        available = ", ".join(f"'{name}'" for name in value)
        text = f"No context entry found with key '{key}'. Available keys: {available}"
        return run.fail("NO_CONTEXT_ENTRY_FOUND", text)
    if isinstance(value, list):
        run.count(len(value))
        return [_entry(run, item, key) for item in value]
    if value is None:
        return run.fail(
            "NO_CONTEXT_ENTRY_FOUND", f"No context entry found with key '{key}'. The context is null"
        )
    properties = temporal.property_names(value)
    if key in properties:
        return temporal.get_property(value, key)
    available = ", ".join(f"'{name}'" for name in properties)
    text = (
        f"No property found with name '{key}' of value '{text_of(value)}'. Available properties: {available}"
    )
    return run.fail("NO_PROPERTY_FOUND", text)


def in_order(function: Any, names: tuple[str, ...] | None, values: list[Any]) -> list[Any] | None:
    """The arguments in the order of the parameters; None when they do not fit or it is no function."""
    if not isinstance(function, Function) or len(function.parameters) != len(values):
        return None
    if names is None:
        return values
    given = dict(zip(names, values, strict=True))
    if given.keys() != set(function.parameters):
        return None
    return [given[parameter] for parameter in function.parameters]


def _no_function_text(name: str, names: tuple[str, ...] | None, values: list[Any]) -> str:
    if names is not None:
        return f"No function found with name '{name}' and parameters: {', '.join(names)}"
    return f"No function found with name '{name}' and {len(values)} parameters"


def no_function(run: Run, name: str, names: tuple[str, ...] | None, values: list[Any]) -> None:
    run.fail("NO_FUNCTION_FOUND", _no_function_text(name, names, values))


def call_entry(base: Any, name: str, names: tuple[str, ...] | None, values: list[Any], scope: Scope) -> Any:
    if not isinstance(base, Mapping):
        text = f"Expected context but found '{text_of(base)}'"
        scope.run.fail("INVALID_TYPE", text)
        raise Fatal(text)
    function = base.get(name)
    ordered = in_order(function, names, values)
    if ordered is None:
        text = _no_function_text(name, names, values)
        scope.run.fail("NO_FUNCTION_FOUND", text)
        raise Fatal(text)
    assert isinstance(function, Function)
    return function.call(*ordered)
