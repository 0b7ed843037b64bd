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
from typing import Any, NamedTuple, TypeVar, cast, get_args, get_origin, get_type_hints

from camunda_core.errors import Internal
from camunda_core.jobs import KeyText
from camunda_rest._commands.arguments import camel, without_none
from camunda_rest._commands.table import ALTERNATES

__all__ = ["Field", "Unreadable", "fields_of", "read_integer", "read_key", "reader"]

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
        except Unreadable as error:
            raise Internal(f"the answer cannot be read: {error}") from None
        return result

    return read


class Unreadable(ValueError):
    """A value that is not what its field takes."""


class Field(NamedTuple):
    """One field of a result class: its name in JSON, what reads it, and the class that it is of, or
    a list of, if any.
    """

    name: str
    rest: str
    decode: Decode
    cls: Any


@cache
def fields_of(cls: Any) -> tuple[Field, ...] | None:
    """What a result class is read from; None where that takes more than its fields, one by one."""
    if hasattr(cls, "_normalise"):
        return None
    hints = get_type_hints(cls, include_extras=True)
    found = []
    for field in dataclasses.fields(cls):
        rest, hint = camel(field.name), hints[field.name]
        if rest in ALTERNATES:
            return None
        (kind,) = without_none(hint)
        kind = get_args(kind)[0] if get_origin(kind) is tuple else kind
        found.append(
            Field(field.name, rest, _decoder(hint), kind if dataclasses.is_dataclass(kind) else None)
        )
    return tuple(found)


def _decoder(hint: Any) -> Decode:
    (kind,) = without_none(hint)  # an answer is never one of several
    origin = get_origin(kind)
    if kind == KeyText:
        return read_key
    if origin is tuple:
        return _read_list(_decoder(get_args(kind)[0]))
    if origin is not None and issubclass(origin, Mapping):
        return _read_object
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(cast(Any, kind))
    return _PLAIN[kind]


def read_integer(value: Any) -> int:
    """An int, and nothing that merely looks like one."""
    if type(value) is not int:
        raise Unreadable(f"must be an integer, not {value!r}")
    return value


_PLAIN: Mapping[Any, Decode] = {str: str, int: read_integer}


def read_key(value: Any) -> str | None:
    """A key as text; None for 0 and for none at all."""
    text = str(value)
    return text if text != "0" and text else None


def _read_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable(f"must be an object, not {value!r}")
    return value


def _read_list(decode: Decode) -> Decode:
    def read(values: Any) -> tuple[Any, ...]:
        if not isinstance(values, list):
            raise Unreadable(f"must be a list, not {values!r}")
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
            raise Unreadable(f"{cls.__name__} must be an object, not {data!r}")
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
        except Unreadable as error:
            raise Unreadable(f"{rest}: {error}") from None
        for name, rest in required:
            if name not in values:
                raise Unreadable(f"{cls.__name__} has no {rest}")
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
