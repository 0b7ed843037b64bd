"""Python values to the JSON of REST and back, compiled once from type hints.

Arguments are checked, answers are read tolerantly.

The names are a rule: ``process_definition_id`` is ``processDefinitionId``. So a hint says everything about a value:

    str, bool, int        as they are; an int of 32 bits
    Key                   a key, given as int or as its digits; sent as digits, always given back as text
    Duration              a length of time in seconds; milliseconds on the wire
    Mapping[str, Any]     a JSON object that is the caller's own
    Iterable[T]           a list
    a dataclass           an object; a union of dataclasses, one of several
    Literal["A", "B"]     one of these words
    Annotated[T, check]   a T that ``check(value, place)`` lets pass, changes, or turns into None: not given

None is "not given" and never sent.
"""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from bridge.mapping import NAMES
from camunda_core.deadline import milliseconds
from camunda_core.errors import Internal, InvalidRequest

__all__ = [
    "EpochSeconds",
    "Key",
    "KeyText",
    "Variables",
    "arguments",
    "at_least_1",
    "camel",
    "in_32_bits",
    "no_wait",
    "not_blank",
    "not_empty",
    "only_if_assigned",
    "only_if_set",
    "positive_64_bits",
    "reader",
    "snake",
]

T = TypeVar("T")

#: A key as callers may give it: an int, or its decimal digits.
Key = int | str
#: A JSON object whose content is the caller's own.
Variables = Mapping[str, Any]

_KEY_MARK, _EPOCH_MARK = "key", "epoch milliseconds"
#: A key in an answer: always decimal digits.
KeyText = Annotated[str, _KEY_MARK]
#: A moment in an answer: seconds since the epoch, as ``time.time()`` counts them.
EpochSeconds = Annotated[float, _EPOCH_MARK]

_DIGITS = re.compile(r"-?[0-9]{1,19}")
_MAX_INT32, _MAX_INT64 = 2**31 - 1, 2**63 - 1
_ALTERNATES = {
    name: tuple(others)
    for renames in NAMES.values()
    for name, *others in (names for names in renames.values() if isinstance(names, tuple))
}

Encode = Callable[[Any, str], Any]
Decode = Callable[[Any], Any]


def camel(name: str) -> str:
    """``process_definition_id`` as ``processDefinitionId``."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def snake(name: str) -> str:
    """``ActivateJobs`` and ``activateJobs`` as ``activate_jobs``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _without_none(hint: Any) -> tuple[Any, ...]:
    """The alternatives of a hint, None not among them."""
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(each for each in get_args(hint) if each is not type(None))
    return (hint,)


# Arguments


def arguments(function: Callable[..., Any]) -> dict[str, Encode]:
    """The parameters of ``function`` that have hints, by name, each with what turns its value into JSON.

    An encoder raises InvalidRequest naming the parameter, or the place inside it
    (``activate_instructions[0].element_id``).
    """
    hints = get_type_hints(function, include_extras=True)
    return {name: _encoder(hint) for name, hint in hints.items() if name != "return"}


def _encoder(hint: Any) -> Encode:
    alternatives = _without_none(hint)
    encode = _one_of(alternatives) if len(alternatives) > 1 else _encoder_of(alternatives[0])
    if alternatives == (hint,):
        return encode
    return lambda value, place: None if value is None else encode(value, place)


def _encoder_of(hint: Any) -> Encode:
    origin = get_origin(hint)
    if origin is Annotated:
        return _checked(_encoder(hint.__origin__), hint.__metadata__)
    if origin is Literal:
        return _word(get_args(hint))
    if origin is not None and issubclass(origin, Mapping):
        return _object
    if origin is not None and issubclass(origin, Iterable):
        return _list(_encoder(get_args(hint)[0]))
    if dataclasses.is_dataclass(hint):
        return _dataclass(cast(Any, hint))
    if hint is int:
        return _integer
    if hint is bool:
        return _expect(bool, "True or False")
    if hint is str:
        return _expect(str, "text")
    return lambda value, place: value  # not for the wire: resources, the time of the call


def _one_of(alternatives: tuple[Any, ...]) -> Encode:
    if set(alternatives) == {int, str}:
        return _key
    if set(alternatives) == {float, int, timedelta}:
        return milliseconds
    if not all(map(dataclasses.is_dataclass, alternatives)):
        return lambda value, place: value
    by_type = {each: _encoder_of(each) for each in alternatives}

    def encode(value: Any, place: str) -> Any:
        of_type = by_type.get(type(value))
        if of_type is None:
            raise _must(place, f"be one of {', '.join(each.__name__ for each in by_type)}", value)
        return of_type(value, place)

    return encode


def _must(place: str, what: str, value: Any) -> InvalidRequest:
    text = repr(value)
    return InvalidRequest(f"{place} must {what}, not {text if len(text) <= 80 else text[:79] + '…'}")


def _checked(encode: Encode, checks: tuple[Any, ...]) -> Encode:
    def checked(value: Any, place: str) -> Any:
        value = encode(value, place)
        for check in checks:
            value = check(value, place)
        return value

    return checked


def _expect(kind: type, what: str) -> Encode:
    def encode(value: Any, place: str) -> Any:
        if not isinstance(value, kind):
            raise _must(place, f"be {what}", value)
        return value

    return encode


def _integer(value: Any, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _must(place, "be an integer", value)
    return value


def _key(value: Any, place: str) -> str:
    text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    if not _DIGITS.fullmatch(text) or not -_MAX_INT64 <= int(text) <= _MAX_INT64:
        raise _must(place, "be a key (an int, or its decimal digits as text)", value)
    return text


def _object(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _must(place, "be a mapping (a JSON object)", value)
    return dict(value)


def _list(encode: Encode) -> Encode:
    def encode_each(values: Any, place: str) -> list[Any]:
        if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
            raise _must(place, "be a list", values)
        return [encode(value, f"{place}[{index}]") for index, value in enumerate(values)]

    return encode_each


def _word(words: tuple[Any, ...]) -> Encode:
    def encode(value: Any, place: str) -> Any:
        if value not in words:
            raise _must(place, f"be one of {', '.join(map(repr, words))}", value)
        return value

    return encode


@cache
def _dataclass(cls: Any) -> Encode:
    hints = get_type_hints(cls, include_extras=True)
    fields = [(f.name, camel(f.name), f.default, _encoder(hints[f.name])) for f in dataclasses.fields(cls)]

    def encode(value: Any, place: str) -> dict[str, Any]:
        if not isinstance(value, cls):
            raise _must(place, f"be of {cls.__name__}", value)
        body = {}
        for name, rest, default, encode_field in fields:
            given = getattr(value, name)
            if given is None or (given == () and default == ()):
                continue
            encoded = encode_field(given, f"{place}.{name}")
            if encoded is not None:
                body[rest] = encoded
        return body

    return encode


# Checks, for Annotated


def in_32_bits(value: int, place: str) -> int:
    """A number that the wire has 32 bits for."""
    if not -_MAX_INT32 - 1 <= value <= _MAX_INT32:
        raise _must(place, "fit into 32 bits", value)
    return value


def at_least_1(value: int, place: str) -> int:
    """A count, or a time (by now in ms), that must be there."""
    if value < 1:
        raise _must(place, "be more than 0", value)
    return value


def positive_64_bits(value: int, place: str) -> int:
    """1 to 2^63 - 1."""
    if not 1 <= value <= _MAX_INT64:
        raise _must(place, f"be between 1 and {_MAX_INT64}", value)
    return value


def not_blank(value: str, place: str) -> str:
    """Text that says something: the REST gateway refuses blank text here, the gRPC gateway does not."""
    if not value.strip():
        raise _must(place, "not be blank", value)
    return value


def not_empty(value: Any, place: str) -> Any:
    """A list or an object with something in it: REST refuses an empty one here, gRPC does not."""
    if not value:
        raise _must(place, "not be empty", value)
    return value


def no_wait(value: int, place: str) -> int:
    """How long a poll may wait, in ms: 0 is not at all, which the wire calls -1 (its 0 is the server's default)."""
    return value if value > 0 else -1


def only_if_assigned(value: str, place: str) -> str | None:
    """A tenant filter other than the default, which older clusters do not know by name."""
    return None if value == "PROVIDED" else value


def only_if_set(value: Any, place: str) -> Any:
    """Left out when it is empty or False, which is what its absence means."""
    return value or None


# Answers


def reader(cls: type[T]) -> Callable[[Any, Mapping[str, Any]], T]:
    """``read(data, path)`` for a result class: JSON (None for an answer without a body) becomes an instance.

    Unknown properties are ignored; missing ones, nulls and the key 0 take the field's default; keys become
    text. What is about a key of the request's ``path`` and does not repeat it has it from there. A class may
    have a static ``_normalise(body)``: where the two wires, or versions, say the same in different words.
    Raises Internal naming the property that cannot be read.
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
    (kind,) = _without_none(hint)  # an answer is never one of several
    origin = get_origin(kind)
    if origin is Annotated:
        return {_KEY_MARK: _read_key, _EPOCH_MARK: _read_epoch}[kind.__metadata__[0]]
    if origin is tuple:
        return _read_list(_decoder(get_args(kind)[0]))
    if origin is not None and issubclass(origin, Mapping):
        return _read_object
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(cast(Any, kind))
    return {str: _read_text, int: _read_integer}[kind]


def _read_text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _read_integer(value: Any) -> int:
    if type(value) is not int:
        raise _Unreadable(f"must be an integer, not {value!r}")
    return value


def _read_key(value: Any) -> str | None:
    text = value if isinstance(value, str) else str(value)
    return text if text not in ("0", "") else None


def _read_epoch(value: Any) -> float:
    return _read_integer(value) / 1000


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
        if rest in _ALTERNATES:
            alternates.append((rest, _ALTERNATES[rest]))
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            required.append((field.name, rest))

    def read(data: Any) -> Any:
        if not isinstance(data, dict):
            raise _Unreadable(f"{cls.__name__} must be an object, not {data!r}")
        if normalise is not None:
            data = normalise(data)
        values = {}
        for name, rest, decode in fields:
            value = data.get(rest)
            if value is None:
                continue
            try:
                value = decode(value)
            except _Unreadable as error:
                raise _Unreadable(f"{rest}: {error}") from None
            if value is not None:
                values[name] = value
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
                    data = {**data, rest: next((data[each] for each in others if each in data), None)}
        return read(data)

    return read_alternates
