"""Answers as objects of the generated classes: readers that are made when a class is first read.

A cluster may be older or newer than the contract: what is missing or null takes its neutral value, what is unknown is left
out, words may be new, keys may come as numbers. What is no such thing at all (a list where an object was expected) is an
error that names the field.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import date, datetime, timezone
from functools import cache, partial
from typing import Any

__all__ = ["Unreadable", "reader", "reader_of"]


class Unreadable(ValueError):
    """An answer is not what it should be; the text names the field and what came."""


@cache
def reader_of(name: str) -> Callable[[Any], Any]:
    """The reader of a class by its name, or of a primitive by its letter; ``[]`` behind either means a tuple of them."""
    from camunda_rest.api import results

    if name.endswith("[]"):
        return _list(reader_of(name[:-2]))
    if name in _LETTERS:
        return _LETTERS[name]
    return reader(getattr(results, name))


@cache
def reader(cls: type[Any]) -> Callable[[Any], Any]:
    """What makes an object of ``cls`` from decoded JSON. Raises Unreadable."""
    # Frozen dataclasses have to go around their own __setattr__ for each field, which costs more than all the rest. So an
    # object of a class with the same slots is filled, and becomes one of ``cls`` at the end. The code is written as text, as
    # that of dataclasses is: nothing else reads 25 fields as fast.
    bases = tuple(base for base in cls.__bases__ if base is not object)
    thawed = type(f"Thawed{cls.__name__}", bases, {"__slots__": cls.__slots__})
    known: dict[str, Any] = {
        "cls": cls,
        "thawed": thawed,
        "new": object.__new__,
        "str": str,
        "name": cls.__name__,
    }
    known["wrong"] = _wrong
    lines = [
        "def read(data):",
        " if data.__class__ is not dict: wrong(name, data)",
        " get = data.get",
        " self = new(thawed)",
    ]
    lines.append(" try:")
    readers: list[tuple[str, Callable[[Any], Any]]] = []
    for place, each in zip(cls.WIRE.split(" "), fields(cls), strict=True):
        wire, _, code = place.partition(":")
        code = code.rstrip("?")
        read = _code(code, cls)
        readers.append((wire, read))
        made = each.default_factory is not MISSING
        known[f"d_{each.name}"] = (
            each.default_factory if made else None if each.default is MISSING else each.default
        )
        known[f"r_{each.name}"] = read
        neutral = f"d_{each.name}()" if made else f"d_{each.name}"
        at_once = f"v if v.__class__ is {_CLASSES[code]} else " if code in _CLASSES else ""
        lines.append(f"  v = get({wire!r})")
        lines.append(f"  self.{each.name} = {at_once}{neutral} if v is None else r_{each.name}(v)")
    known["blame"] = partial(_blame, readers)
    lines += [" except Unreadable: blame(data)", " self.__class__ = cls", " return self"]
    known["Unreadable"] = Unreadable
    exec("\n".join(lines), known)
    compiled: Callable[[Any], Any] = known["read"]
    return compiled


#: The class that needs no conversion, by letter.
_CLASSES = {"s": "str", "k": "str", "i": "int", "b": "bool", "o": "dict", "f": "float"}


def _wrong(name: str, data: object) -> None:
    raise Unreadable(f"{name} should be an object, not {_shown(data)}")


def _blame(readers: Sequence[tuple[str, Callable[[Any], Any]]], data: Mapping[str, Any]) -> None:
    """Raises the error of the field that cannot be read, with its name. (Only now is it asked which one it was.)"""
    for wire, read in readers:
        value = data.get(wire)
        if value is not None:
            try:
                read(value)
            except Unreadable as error:
                raise Unreadable(f"{wire}: {error}") from None


def _code(code: str, cls: type[Any]) -> Callable[[Any], Any]:
    if code.endswith("[]"):
        return _list(_code(code[:-2], cls))
    if code.endswith("{}"):
        return _map(_code(code[:-2], cls))
    if code.startswith("*"):
        return _later(code[1:])
    if code.startswith("<"):
        by, *members = code[1:-1].split("|")
        return _union(by, dict(member.split("=") for member in members))
    return _LETTERS[code]


def _later(name: str) -> Callable[[Any], Any]:
    """A reader that is made when the first such object comes: classes may hold themselves."""

    def read(value: Any) -> Any:
        return reader_of(name)(value)

    return read


def _union(by: str, members: Mapping[str, str]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if value.__class__ is not dict:
            _wrong("a union", value)
        name = members.get(value.get(by))
        return value if name is None else reader_of(name)(value)  # a kind that came later stays as it is

    return read


def _list(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    is_text = read is _text

    def read_list(value: Any) -> Any:
        if value.__class__ is not list:
            raise Unreadable(f"should be a list, not {_shown(value)}")
        if is_text:  # nearly all lists are of texts, and short
            for each in value:
                if each.__class__ is not str:
                    break
            else:
                return tuple(value)
        if None in value:
            return tuple(read(each) for each in value if each is not None)
        return tuple(map(read, value)) if value else ()

    return read_list


def _map(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    is_text = read is _text

    def read_map(value: Any) -> Any:
        if value.__class__ is not dict:
            raise Unreadable(f"should be an object, not {_shown(value)}")
        if is_text:
            for each in value.values():
                if each.__class__ is not str:
                    break
            else:
                return value
        return {key: read(each) for key, each in value.items() if each is not None}

    return read_map


def _text(value: Any) -> Any:
    if value.__class__ is str:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    raise Unreadable(f"should be text, not {_shown(value)}")


def _json_text(value: Any) -> Any:
    """JSON text; some versions send what it says instead."""
    return value if value.__class__ is str else json.dumps(value, ensure_ascii=False)


def _whole(value: Any) -> Any:
    if value.__class__ is int:
        return value
    try:
        number = float(value) if isinstance(value, float) else int(value)
        if number == int(number) and not isinstance(value, bool):
            return int(number)
    except (TypeError, ValueError, OverflowError):
        pass
    raise Unreadable(f"should be a whole number, not {_shown(value)}")


def _number(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise Unreadable(f"should be a number, not {_shown(value)}") from None


def _flag(value: Any) -> Any:
    if value.__class__ is bool:
        return value
    if value in ("true", "false"):
        return value == "true"
    raise Unreadable(f"should be true or false, not {_shown(value)}")


def _time(value: Any) -> Any:
    if value.__class__ is not str:
        raise Unreadable(f"should be a time as text, not {_shown(value)}")
    if not value:
        return None
    try:
        found = _parsed(value if _MODERN else _older(value))
    except ValueError:
        raise Unreadable(f"should be a time, not {_shown(value)}") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=timezone.utc)


_parsed = datetime.fromisoformat
_MODERN = sys.version_info >= (3, 11)
_ISO = re.compile(r"(.*T\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?(.*)")


def _older(text: str) -> str:
    """A time as Python 3.10 reads it: six digits of a second, and no ``Z``."""
    match = _ISO.fullmatch(text)
    if match is None:
        return text
    head, fraction, zone = match.groups()
    zone = "+00:00" if zone == "Z" else re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", zone)
    return f"{head}.{fraction[:6]:0<6}{zone}" if fraction else f"{head}{zone}"


def _date(value: Any) -> Any:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Unreadable(f"should be a date, not {_shown(value)}") from None


def _object(value: Any) -> Any:
    if value.__class__ is not dict:
        raise Unreadable(f"should be an object, not {_shown(value)}")
    return value


def _anything(value: Any) -> Any:
    return value


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


_LETTERS: dict[str, Callable[[Any], Any]] = {
    "s": _text,
    "k": _text,
    "i": _whole,
    "f": _number,
    "b": _flag,
    "t": _time,
    "d": _date,
    "o": _object,
    "a": _anything,
    "j": _json_text,
}
