"""Context functions."""

from __future__ import annotations

from typing import Any

from camunda_embedded._feel.functions.registry import Failure, IllegalArguments, register


def _value_at(context: dict[str, Any], keys: list[Any]) -> Any:
    value: Any = context if keys else None
    for key in keys:
        if not isinstance(value, dict) or not isinstance(key, str):
            return None
        value = value.get(key)
    return value


def _entries(context: dict[str, Any]) -> list[Any]:
    return [{"key": key, "value": value} for key, value in context.items()]


def _put(context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    return {**context, key: value}


def _put_at(context: dict[str, Any], keys: list[Any], value: Any) -> dict[str, Any]:
    if not keys or not isinstance(keys[0], str):
        raise IllegalArguments
    if len(keys) > 1:
        inner = context.get(keys[0])
        value = _put_at(inner if isinstance(inner, dict) else {}, keys[1:], value)
    return _put(context, keys[0], value)


def _merge(contexts: list[Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for context in contexts:
        if not isinstance(context, dict):
            raise IllegalArguments
        merged.update(context)
    return merged


def _context(entries: list[Any]) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str) or "value" not in entry:
            raise Failure("expected entries with a 'key' and a 'value'")
        context[entry["key"]] = entry["value"]
    return context


register(
    {
        "get value(context: context, key: string)": dict.get,
        "get value(context: context, keys: list)": _value_at,
        "get entries(context: context)": _entries,
        "context put(context: context, key: string, value)": _put,
        "context put(context: context, keys: list, value)": _put_at,
        "put(context: context, key: string, value)": _put,
        "context merge(contexts...)": _merge,
        "put all(contexts...)": _merge,
        "context(entries: list)": _context,
    }
)
