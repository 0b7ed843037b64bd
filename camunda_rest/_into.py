"""JSON values as objects of a caller's own classes: dataclasses and TypedDicts, and what their fields are made of."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from camunda_core.errors import InvalidRequest

__all__ = ["Misfit", "convert", "fields_of"]

T = TypeVar("T")


class Misfit(ValueError):
    """A value does not fit the class that it was asked for as; the text names the place."""


@cache
def fields_of(cls: Any) -> Mapping[str, bool]:
    """The names of the fields of a dataclass or TypedDict, each with whether it must be there.

    Raises InvalidRequest for any other class.
    """
    if dataclasses.is_dataclass(cls) and isinstance(cls, type):
        return {
            each.name: each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
            for each in dataclasses.fields(cls)
            if each.init
        }
    if _is_typed_dict(cls):
        # Where annotations are text, the keys alone do not know what is marked in them.
        hints = _hints(cls)
        return {
            name: name in cls.__required_keys__ and not _origin(hint).endswith("NotRequired")
            for name, hint in hints.items()
        }
    raise InvalidRequest(f"into must be a dataclass or a TypedDict, not {cls!r}")


def _is_typed_dict(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, dict) and hasattr(cls, "__required_keys__")


def _origin(hint: Any) -> str:
    return str(get_origin(hint))


def convert(value: Any, cls: type[T], place: str = "") -> T:
    """The value as ``cls``. Nothing is guessed: text is no number. Raises Misfit naming the place."""
    return cast(T, _convert(value, cls, place or getattr(cls, "__name__", str(cls))))


@cache
def _hints(cls: type[Any]) -> dict[str, Any]:
    try:
        return get_type_hints(cls, include_extras=True)
    except NameError as error:
        raise InvalidRequest(f"the type hints of {cls.__name__} cannot be read: {error}") from None


def _convert(value: Any, hint: Any, place: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any or hint is object or isinstance(hint, TypeVar):
        return value
    if origin is Annotated or _origin(hint).endswith(("Required", "NotRequired", "ReadOnly")):
        return _convert(value, arguments[0], place)
    if origin in (Union, types.UnionType):
        return _one_of(value, arguments, place)
    if hint is None or hint is type(None):
        return value if value is None else _misfit(value, "null", place)
    if origin is Literal:
        return (
            value
            if value in arguments
            else _misfit(value, f"one of {', '.join(map(repr, arguments))}", place)
        )
    if (dataclasses.is_dataclass(hint) and isinstance(hint, type)) or _is_typed_dict(hint):
        return _object(value, hint, place)
    kind = origin or hint
    if (isinstance(kind, type) and issubclass(kind, Mapping)) or kind is dict:
        inner = arguments[1] if len(arguments) == 2 else Any
        if not isinstance(value, dict):
            _misfit(value, "an object", place)
        return {name: _convert(each, inner, f"{place}[{name!r}]") for name, each in value.items()}
    if kind in (list, tuple, set, frozenset) or kind is Sequence:
        return _list(value, kind, arguments, place)
    return _scalar(value, kind, place)


def _one_of(value: Any, hints: Sequence[Any], place: str) -> Any:
    if value is None and type(None) in hints:
        return None
    errors = []
    for hint in hints:
        if hint is not type(None):
            try:
                return _convert(value, hint, place)
            except Misfit as error:
                errors.append(error)
    raise errors[0] if len(errors) == 1 else Misfit("; or ".join(map(str, errors)))


def _object(value: Any, cls: Any, place: str) -> Any:
    if not isinstance(value, dict):
        _misfit(value, "an object", place)
    hints = _hints(cls)
    known = fields_of(cls)
    missing = [name for name, needed in known.items() if needed and name not in value]
    if missing:
        raise Misfit(f"{place} has no {', '.join(missing)}")
    return cls(
        **{name: _convert(value[name], hints[name], f"{place}.{name}") for name in known if name in value}
    )


def _list(value: Any, kind: Any, arguments: Sequence[Any], place: str) -> Any:
    if not isinstance(value, list):
        _misfit(value, "a list", place)
    if kind is tuple and arguments and arguments[-1] is not Ellipsis:
        if len(arguments) != len(value):
            _misfit(value, f"a list of {len(arguments)}", place)
        hints = list(arguments)
    else:
        hints = [arguments[0] if arguments else Any] * len(value)
    made = [
        _convert(each, hint, f"{place}[{index}]")
        for index, (each, hint) in enumerate(zip(value, hints, strict=True))
    ]
    return made if kind is list or kind is Sequence else kind(made)


def _scalar(value: Any, kind: Any, place: str) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind is int and isinstance(value, bool):
        _misfit(value, "int", place)
    if isinstance(kind, type) and isinstance(value, kind):
        return value
    try:
        if kind in (datetime, date) and isinstance(value, str):
            return kind.fromisoformat(value.replace("Z", "+00:00"))
        if isinstance(kind, type) and issubclass(kind, Enum):
            return kind(value)
    except ValueError:
        pass
    return _misfit(value, getattr(kind, "__name__", str(kind)), place)


def _misfit(value: Any, wanted: str, place: str) -> Any:
    shown = repr(value)
    raise Misfit(f"{place} should be {wanted}, not {shown if len(shown) <= 60 else shown[:57] + '...'}")
