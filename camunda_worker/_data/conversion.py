"""JSON values as the types of annotations: one converter per annotation, compiled once.

``converter(hint)`` understands None, bool, int, float, str, Any, lists, tuples, sets, mappings,
unions, Literal, Annotated, NewType, type aliases, enumerations (by value, then by name),
Decimal, date, time, datetime, timedelta, UUID, Path, bytes (base64 text), dataclasses,
TypedDict, NamedTuple, and pydantic models (which convert themselves). Keys that a record's class
does not know are ignored.

Nothing is guessed: true is no integer, ``"5"`` is no number (a Decimal may be text). An integral
float is an integer, and an integer a float. The members of a union are tried in their order.
"""

from __future__ import annotations

import collections.abc as abc
import types
import typing
from collections.abc import Callable
from enum import Enum
from typing import Any

from camunda_core.errors import ConfigurationError
from camunda_worker._data.records import WRAPPERS, Variable, bindings, fields, is_model, is_record, substitute
from camunda_worker._data.scalars import (
    STRICT,
    Convert,
    Unfitting,
    as_is,
    enumeration,
    literal,
    scalar,
    unfitting,
)

__all__ = ["Convert", "Unfitting", "Variable", "as_is", "converter"]

_UNIONS = (typing.Union, types.UnionType)
_LISTS = (list, abc.Sequence, abc.MutableSequence, abc.Collection, abc.Iterable)
_SETS = {set: set, abc.Set: set, abc.MutableSet: set, frozenset: frozenset}
_MAPPINGS = (dict, abc.Mapping, abc.MutableMapping)


def converter(hint: Any) -> Convert:
    """The converter for an annotation; it raises ``Unfitting``.

    An annotation that is not understood raises ConfigurationError.
    """
    return _Compiler().compile(hint)


class _Compiler:
    """Compiles one annotation; records that contain themselves find what is being compiled in ``_known``."""

    def __init__(self) -> None:
        self._known: dict[Any, list[Convert]] = {}

    def compile(self, hint: Any) -> Convert:
        try:
            plain = scalar(hint)
        except TypeError:
            plain = None  # not hashable, so not a scalar
        if plain is not None:
            return plain
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Annotated or getattr(origin, "_name", None) in WRAPPERS:
            return self.compile(arguments[0])
        if origin in _UNIONS:
            return self._union(arguments)
        if origin is typing.Literal:
            return literal(arguments)
        if hasattr(hint, "__supertype__"):
            return self.compile(hint.__supertype__)
        if isinstance(hint, typing.TypeVar):
            return self.compile(hint.__bound__ or Any)
        alias = origin if type(origin).__name__ == "TypeAliasType" else hint
        if type(alias).__name__ == "TypeAliasType":
            return self._recursive(hint, lambda: self._aliased(alias, arguments))
        return self._container(origin or hint, arguments) or self._class(hint, origin or hint, arguments)

    def _aliased(self, alias: Any, arguments: tuple[Any, ...]) -> Convert:
        bound = dict(zip(alias.__type_params__, arguments, strict=False))
        return self.compile(substitute(alias.__value__, bound))

    def _container(self, cls: Any, arguments: tuple[Any, ...]) -> Convert | None:
        if cls in _LISTS:
            return _items(list, self._only(arguments))
        if cls in _SETS:
            return _items(_SETS[cls], self._only(arguments), "a list of different plain values")
        if cls is tuple and (not arguments or arguments[-1] is Ellipsis):
            return _items(tuple, self._only(arguments[:1]))
        if cls is tuple:
            return _fixed([self.compile(each) for each in arguments if each != ()])
        if cls in _MAPPINGS:
            keys, values = arguments or (str, Any)
            return _mapping(_keys(keys, self.compile(keys)), self.compile(values))
        return None

    def _only(self, arguments: tuple[Any, ...]) -> Convert:
        return self.compile(arguments[0]) if arguments else as_is

    def _class(self, hint: Any, cls: Any, arguments: tuple[Any, ...]) -> Convert:
        if isinstance(cls, type) and issubclass(cls, Enum):
            return enumeration(cls)
        if is_model(cls):
            return _model(hint)
        if is_record(cls):
            return self._recursive(hint, lambda: self._record(cls, arguments))
        raise ConfigurationError(
            f"{_named(hint)} cannot be made from JSON: use a plain type, a dataclass, a TypedDict, a NamedTuple, an Enum or a "
            "pydantic model"
        )

    def _recursive(self, hint: Any, build: Callable[[], Convert]) -> Convert:
        if hint in self._known:
            compiled = self._known[hint]
            return compiled[0] if compiled else lambda value: compiled[0](value)
        compiled = self._known[hint] = []
        compiled.append(build())
        return compiled[0]

    def _record(self, cls: Any, arguments: tuple[Any, ...]) -> Convert:
        bound = bindings(cls, arguments)
        parts = []
        for name, key, hint, required in fields(cls):
            try:
                parts.append((name, key, self.compile(substitute(hint, bound)), required))
            except ConfigurationError as error:
                raise ConfigurationError(f"{cls.__qualname__}.{name}: {error}") from error
        named_tuple = issubclass(cls, tuple)

        def convert(value: Any) -> Any:
            if named_tuple and isinstance(value, list) and len(value) <= len(parts):
                value = {part[1]: item for part, item in zip(parts, value, strict=False)}
            if not isinstance(value, dict):
                raise unfitting(f"an object for {cls.__name__}", value)
            given = {}
            for name, key, inner, required in parts:
                if key in value:
                    try:
                        given[name] = inner(value[key])
                    except Unfitting as error:
                        raise error.within(key) from error.__cause__
                elif required:
                    raise Unfitting("is missing, and has no default").within(key)
            try:
                return cls(**given)
            except (ValueError, TypeError) as error:
                raise Unfitting(f"{cls.__name__} refuses it: {error}") from error

        return convert

    def _union(self, members: tuple[Any, ...]) -> Convert:
        others = [each for each in members if each is not None and each is not type(None)]
        nullable = len(others) < len(members)
        converters = [self.compile(each) for each in others]
        if len(converters) == 1:
            only = converters[0]
            return lambda value: None if value is None else only(value)
        # A number that is one of the members stays what it is: 1 for ``float | int``, 2.0
        # for ``int | float``.
        first = [STRICT.get(_plain(hint), convert) for hint, convert in zip(others, converters, strict=True)]
        attempts = first + [each for each in converters if each not in first]
        expected = " or ".join([_named(each) for each in others] + ["null"] * nullable)

        def convert(value: Any) -> Any:
            if value is None and nullable:
                return None
            reasons = []
            for attempt in attempts:
                try:
                    return attempt(value)
                except Unfitting as error:
                    if error.path:
                        reasons.append(str(error))
            problem = unfitting(expected, value)
            problem.problem += f" ({'; '.join(reasons)})" if reasons else ""
            raise problem

        return convert


def _items(make: Callable[[list[Any]], Any], inner: Convert, expected: str = "a list") -> Convert:
    def convert(value: Any) -> Any:
        if not isinstance(value, list):
            raise unfitting(expected, value)
        made: list[Any] = []
        try:
            for item in value:
                made.append(inner(item))
        except Unfitting as error:
            raise error.within(len(made)) from error.__cause__
        try:
            return make(made)
        except TypeError:  # a set of what is not hashable
            raise unfitting(expected, value) from None

    return convert


def _fixed(inner: list[Convert]) -> Convert:
    def convert(value: Any) -> Any:
        if not isinstance(value, list) or len(value) != len(inner):
            raise unfitting(f"a list of {len(inner)}", value)
        made: list[Any] = []
        try:
            for each, item in zip(inner, value, strict=True):
                made.append(each(item))
        except Unfitting as error:
            raise error.within(len(made)) from error.__cause__
        return tuple(made)

    return convert


def _mapping(key: Convert, inner: Convert) -> Convert:
    def convert(value: Any) -> Any:
        if not isinstance(value, dict):
            raise unfitting("an object", value)
        if key is as_is and inner is as_is:
            return value
        made = {}
        for name, item in value.items():
            try:
                made[key(name)] = inner(item)
            except Unfitting as error:
                raise error.within(name) from error.__cause__
        return made

    return convert


def _keys(hint: Any, convert: Convert) -> Convert:
    """Keys are text in JSON: as a number where numbers are asked for."""
    if hint in (str, Any):
        return as_is
    if _plain(hint) is not int:
        return convert

    def whole(text: str) -> int:
        try:
            return int(text)
        except ValueError:
            raise unfitting("an integer as the key", text) from None

    return whole


def _model(hint: Any) -> Convert:
    validate = hint.model_validate if hasattr(hint, "model_validate") else hint.parse_obj

    def convert(value: Any) -> Any:
        try:
            return validate(value)
        except ValueError as error:
            raise _refused(hint, error) from error

    return convert


def _refused(hint: Any, error: ValueError) -> Unfitting:
    try:
        first = error.errors()[0]  # type: ignore[attr-defined]
        problem = Unfitting(f"{hint.__name__} refuses it: {first['msg']}")
        for step in reversed(first["loc"]):
            problem.within(step if isinstance(step, int) else str(step))
    except Exception:
        return Unfitting(f"{hint.__name__} refuses it: {error}")
    return problem


def _plain(hint: Any) -> Any:
    """Without Annotated and NewType around it."""
    while True:
        if typing.get_origin(hint) is typing.Annotated:
            hint = typing.get_args(hint)[0]
        elif hasattr(hint, "__supertype__"):
            hint = hint.__supertype__
        else:
            return hint if isinstance(hint, type) else None


def _named(hint: Any) -> str:
    if isinstance(hint, type) and typing.get_origin(hint) is None:
        return hint.__name__
    return str(hint).replace("typing.", "")
