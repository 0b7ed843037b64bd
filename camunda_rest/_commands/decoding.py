"""JSON answers to result classes: read tolerantly, by what is compiled once from the type
hints of their fields.

The names are a rule: ``process_definition_id`` is ``processDefinitionId``; where versions differ
the table has the alternates. A field is text, an int, a KeyText (of ``camunda_core.jobs``), a dict
(a JSON object), another result class, or a tuple of one of these. Jobs are read by
``camunda_rest._activated``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from camunda_core.errors import Internal
from camunda_core.jobs import KeyText
from camunda_rest._commands.arguments import camel, without_none
from camunda_rest._commands.table import ALTERNATES

__all__ = ["reader"]

T = TypeVar("T")
Decode = Callable[[Any], Any]


def reader(cls: type[T]) -> Callable[[Any, Mapping[str, Any]], T]:
    """``read(data, path)`` for a result class: JSON (None for an answer without a body) becomes an instance.

    Unknown properties are ignored; missing ones, nulls and the key 0 take the field's default; keys
    become text. What is about a key of the request's ``path`` and does not repeat it has it from
    there. A class may have a static ``_normalise(body)``: where the two wires, or versions, say the
    same in different words. Raises Internal naming the property that cannot be read.
    """
    decode = _read_dataclass(cast(Any, cls))

    def read(data: Any, path: Mapping[str, Any]) -> T:
        try:
            if path:
                data = {**path, **{name: value for name, value in (data or {}).items() if value}}
            result: T = decode({} if data is None else data)
        except _Unreadable as error:
            raise Internal(f"the answer cannot be read: {error}") from None
        return result

    return read


class _Unreadable(ValueError):
    pass


def _decoder(hint: Any) -> Decode:
    (kind,) = without_none(hint)  # an answer is never one of several
    origin = get_origin(kind)
    if kind == KeyText:
        return _read_key
    if origin is tuple:
        return _read_list(_decoder(get_args(kind)[0]))
    if origin is not None and issubclass(origin, Mapping):
        return _read_object
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(cast(Any, kind))
    return _PLAIN[kind]


def _read_integer(value: Any) -> int:
    if type(value) is not int:
        raise _Unreadable(f"must be an integer, not {value!r}")
    return value


_PLAIN: Mapping[Any, Decode] = {str: str, int: _read_integer}


def _read_key(value: Any) -> str | None:
    text = str(value)
    return text if text != "0" and text else None


def _read_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Unreadable(f"must be an object, not {value!r}")
    return value


def _read_list(decode: Decode) -> Decode:
    def read(values: Any) -> tuple[Any, ...]:
        if not isinstance(values, list):
            raise _Unreadable(f"must be a list, not {values!r}")
        return tuple(map(decode, values))

    return read


@cache
def _read_dataclass(cls: Any) -> Decode:
    hints = get_type_hints(cls, include_extras=True)
    normalise = getattr(cls, "_normalise", None)
    fields: list[tuple[str, str, Decode]] = []
    alternates: list[tuple[str, tuple[str, ...]]] = []
    required = []
    for field in dataclasses.fields(cls):
        rest = camel(field.name)
        fields.append((field.name, rest, _decoder(hints[field.name])))
        if rest in ALTERNATES:
            alternates.append((rest, ALTERNATES[rest]))
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            required.append((field.name, rest))

    def read(data: Any) -> Any:
        if not isinstance(data, dict):
            raise _Unreadable(f"{cls.__name__} must be an object, not {data!r}")
        if normalise is not None:
            data = normalise(data)
        values = {}
        rest = ""
        try:
            for name, rest, decode in fields:
                value = data.get(rest)
                if value is not None:
                    value = decode(value)
                    if value is not None:
                        values[name] = value
        except _Unreadable as error:
            raise _Unreadable(f"{rest}: {error}") from None
        for name, rest in required:
            if name not in values:
                raise _Unreadable(f"{cls.__name__} has no {rest}")
        return cls(**values)

    if not alternates:
        return read

    def read_alternates(data: Any) -> Any:
        if isinstance(data, dict):
            for rest, others in alternates:
                if data.get(rest) is None:
                    for other in others:
                        if other in data:
                            data = {**data, rest: data[other]}
                            break
        return read(data)

    return read_alternates
