"""Arguments to the JSON of REST: checked and written by what is compiled once from their type hints.

The names are a rule: ``process_definition_id`` is ``processDefinitionId``. So a hint says
everything about a value:

    str, bool, int        as they are; an int of 32 bits
    Key                   a key, given as an int or as its digits; sent as digits
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
from typing import Annotated, Any, Literal, NamedTuple, Union, cast, get_args, get_origin, get_type_hints

from camunda_core._arguments import is_sendable, shown
from camunda_core.deadline import milliseconds
from camunda_core.errors import InvalidRequest

__all__ = [
    "Argument",
    "Encode",
    "Key",
    "Variables",
    "arguments",
    "at_least_1",
    "camel",
    "can_be_waited",
    "in_32_bits",
    "no_wait",
    "not_blank",
    "not_empty",
    "only_if_assigned",
    "only_if_set",
    "positive_64_bits",
    "snake",
    "without_none",
]

#: A key as callers may give it: an int, or its decimal digits.
Key = int | str
#: A JSON object whose content is the caller's own.
Variables = Mapping[str, Any]

_DIGITS = re.compile(r"-?[0-9]{1,19}")
#: Milliseconds; half of what a call may take.
_LONGEST_WAIT = 500_000_000_000
_MAX_INT32, _MAX_INT64 = 2**31 - 1, 2**63 - 1

Encode = Callable[[Any, str], Any]


def camel(name: str) -> str:
    """``process_definition_id`` as ``processDefinitionId``."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def snake(name: str) -> str:
    """``ActivateJobs`` and ``activateJobs`` as ``activate_jobs``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def without_none(hint: Any) -> tuple[Any, ...]:
    """The alternatives of a hint, None not among them."""
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(each for each in get_args(hint) if each is not type(None))
    return (hint,)


# Arguments


class Argument(NamedTuple):
    """What turns the value of one parameter into JSON, and whether it may be None: not given.

    ``encode`` raises InvalidRequest naming the parameter, or the place inside it
    (``activate_instructions[0].element_id``).
    """

    encode: Encode
    optional: bool


def arguments(function: Callable[..., Any]) -> dict[str, Argument]:
    """The parameters of ``function`` that have hints, by name."""
    hints = get_type_hints(function, include_extras=True)
    return {
        name: Argument(_encoder(hint), type(None) in get_args(hint))
        for name, hint in hints.items()
        if name != "return"
    }


def _encoder(hint: Any) -> Encode:
    alternatives = without_none(hint)
    return _one_of(alternatives) if len(alternatives) > 1 else _encoder_of(alternatives[0])


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
        return _text
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
    return InvalidRequest(f"{place} must {what}, not {shown(value)}")


def _checked(encode: Encode, checks: tuple[Any, ...]) -> Encode:
    if len(checks) == 1:
        (check,) = checks
        return lambda value, place: check(encode(value, place), place)

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


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise _must(place, "be text", value)
    if not is_sendable(value):
        raise _must(place, "be valid Unicode text, without half a surrogate pair", value)
    return value


def _integer(value: Any, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _must(place, "be an integer", value)
    return value


def _key(value: Any, place: str) -> str:
    is_int = isinstance(value, int) and not isinstance(value, bool)
    key = int(value) if is_int or (isinstance(value, str) and _DIGITS.fullmatch(value)) else None
    # 0, negative and small numbers are keys of no partition: that is for the gateway to say, and both do.
    if key is None or not -_MAX_INT64 <= key <= _MAX_INT64:
        raise _must(place, "be a key (an int of 64 bits, or its decimal digits as text)", value)
    return str(key)


def _object(value: Any, place: str) -> dict[str, Any]:
    if type(value) is not dict and not isinstance(value, Mapping):  # asking an abstract class takes longer
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
        if not isinstance(value, str) or value not in words:
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
    """How long a poll may wait, in ms: 0 is not at all, which the wire calls -1 (its 0 is
    the server's default).
    """
    return value if value > 0 else -1


def can_be_waited(value: int, place: str) -> int:
    """A time (by now in ms) for which the caller waits as well: it fits into the longest time of a call."""
    if value > _LONGEST_WAIT:
        raise _must(place, f"be {_LONGEST_WAIT / 1000:g} s at most", value / 1000)
    return value


def only_if_assigned(value: str, place: str) -> str | None:
    """A tenant filter other than the default, which older clusters do not know by name."""
    return None if value == "PROVIDED" else value


def only_if_set(value: Any, place: str) -> Any:
    """Left out when it is empty or False, which is what its absence means."""
    return value or None
