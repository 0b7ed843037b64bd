"""Reaching into values: filters by position, paths, and functions that an expression defines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from camunda_embedded._feel import temporal
from camunda_embedded._feel.runtime import Fatal, Run, Scope
from camunda_embedded._feel.values import Function, from_json, text_of


def element(items: list[Any], position: Decimal) -> Any:
    """The element at a position that counts from 1, or from -1 at the end; null beyond."""
    if abs(position) > len(items) + 1:
        return None
    index = math.floor(position)
    if index > 0:
        return items[index - 1] if index <= len(items) else None
    return items[index] if index and -index <= len(items) else None


def follow_raw(run: Run, name: str, keys: Sequence[str]) -> Any:
    """A path through a variable that is still JSON: only what is reached is converted."""
    raw = run.variables[name]
    for index, key in enumerate(keys):
        if type(raw) is not dict or key not in raw:
            return follow_path(run, from_json(raw), keys[index:])
        raw = raw[key]
    return from_json(raw)


def follow_path(run: Run, value: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        value = _entry(run, value, key)
    return value


def _entry(run: Run, value: Any, key: str) -> Any:
    if isinstance(value, dict):
        if key in value:
            return value[key]
        text = f"No context entry found with key '{key}'. Available keys: {_listed(value)}"
        return run.fail("NO_CONTEXT_ENTRY_FOUND", text)
    if isinstance(value, list):
        run.count(len(value))
        return [_entry(run, item, key) for item in value]
    if value is None:
        text = f"No context entry found with key '{key}'. The context is null"
        return run.fail("NO_CONTEXT_ENTRY_FOUND", text)
    properties = temporal.property_names(value)
    if key in properties:
        return temporal.get_property(value, key)
    text = f"No property found with name '{key}' of value '{text_of(value)}'."
    return run.fail("NO_PROPERTY_FOUND", f"{text} Available properties: {_listed(properties)}")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


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


def no_function(run: Run, name: str, names: tuple[str, ...] | None, values: list[Any]) -> str:
    """Keep the failure that a call finds no function; its text."""
    given = f"{len(values)} parameters" if names is None else f"parameters: {', '.join(names)}"
    text = f"No function found with name '{name}' and {given}"
    run.fail("NO_FUNCTION_FOUND", text)
    return text


def call_entry(base: Any, name: str, names: tuple[str, ...] | None, values: list[Any], scope: Scope) -> Any:
    """The result of a function that is an entry of a context."""
    if not isinstance(base, Mapping):
        scope.run.expected("context", base)
        raise Fatal(f"Expected context but found '{text_of(base)}'")
    function: Any = base.get(name)
    ordered = in_order(function, names, values)
    if ordered is None:
        raise Fatal(no_function(scope.run, name, names, values))
    return function.call(*ordered)
