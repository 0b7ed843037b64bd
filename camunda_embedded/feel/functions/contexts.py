"""Context functions."""

from __future__ import annotations

from typing import Any

from camunda_embedded.feel.functions.registry import Failure, IllegalArguments, builtin


@builtin("get value(context: context, key: string)")
def get_value(context: dict[str, Any], key: str) -> Any:
    return context.get(key)


@builtin("get value(context: context, keys: list)")
def get_value_at(context: dict[str, Any], keys: list[Any]) -> Any:
    value: Any = context if keys else None
    for key in keys:
        if not isinstance(value, dict) or not isinstance(key, str):
            return None
        value = value.get(key)
    return value


@builtin("get entries(context: context)")
def get_entries(context: dict[str, Any]) -> list[Any]:
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context put(context: context, key: string, value)", "put(context: context, key: string, value)")
def context_put(context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    return {**context, key: value}


@builtin("context put(context: context, keys: list, value)")
def context_put_at(context: dict[str, Any], keys: list[Any], value: Any) -> dict[str, Any]:
    if not keys or not isinstance(keys[0], str):
        raise IllegalArguments
    inner = context.get(keys[0])
    if len(keys) == 1:
        return {**context, keys[0]: value}
    return {**context, keys[0]: context_put_at(inner if isinstance(inner, dict) else {}, keys[1:], value)}


@builtin("context merge(contexts...)", "put all(contexts...)")
def context_merge(contexts: list[Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for context in contexts:
        if not isinstance(context, dict):
            raise IllegalArguments
        merged.update(context)
    return merged


@builtin("context(entries: list)")
def context_of(entries: list[Any]) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str) or "value" not in entry:
            raise Failure("expected entries with a 'key' and a 'value'")
        context[entry["key"]] = entry["value"]
    return context
