"""What a handler returns, as the JSON text of the variables that go to the process.

A result is None (no variables), a mapping, a dataclass, a NamedTuple or a pydantic model. Inside of it:

    dict and other mappings, keys are text         object
    dataclass, NamedTuple, pydantic model          object; ``Variable("name")`` and aliases give the keys their names
    list, tuple, set, frozenset                    list; a set's items are sorted where they can be
    Enum                                           its value
    datetime, date, time                           ISO-8601 text
    timedelta                                      ISO-8601 duration: ``PT1H30M``
    UUID, Path                                     text
    bytes                                          base64 text
    Decimal                                        a number where the engine, which knows 64-bit integers and doubles, keeps its
                                                   value exactly; text otherwise, so that no digit is lost

An encoder of the user's own, ``hook(value)``, is asked first about every value that is not of
exactly a JSON type (dict, list, str, int, float, bool, None). What it returns is encoded in turn;
with NotImplemented or TypeError it leaves the value to this table.
"""

from __future__ import annotations

import base64
import dataclasses
import math
import os
import reprlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from camunda_core._json import write
from camunda_worker._data.iso import duration_text
from camunda_worker._data.records import attributes, is_model
from camunda_worker._data.scalars import loaded

if TYPE_CHECKING:
    from decimal import Decimal

__all__ = ["Hook", "UnfitResult", "encode"]

Hook = Callable[[Any], Any]

_DEEPEST = 200
_JSON = (dict, list, str, int, float, bool)
_LEAST, _MOST = -(2**63), 2**64 - 1  # the engine keeps signed and unsigned integers of 64 bits


class UnfitResult(TypeError):
    """A result that cannot be sent.

    ``path`` is where the culprit is (``order.items[2]``), "" for the result itself.
    """

    def __init__(self, problem: str, path: str = "") -> None:
        super().__init__(problem, path)
        self.problem = problem
        self.path = path

    def within(self, step: str) -> UnfitResult:
        """The same, seen from one level further out."""
        self.path = step + self.path
        return self

    def __str__(self) -> str:
        return f"{self.path.lstrip('.')}: {self.problem}" if self.path else self.problem


def encode(result: Any, hook: Hook | None = None) -> str:
    """The JSON text of an object, "" for None.

    Raises UnfitResult, naming the place, for what cannot be sent as it is.
    """
    if result is None:
        return ""
    if type(result) is not dict or not _is_plain(result, _DEEPEST):
        # Only now: finding the place of what is wrong, or converting, costs more than encoding.
        result = _Encoder(hook).top(result)
    text = write(result)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            _refuse_surrogates(result, "")
            raise
    return text


def _is_plain(value: Any, levels: int) -> bool:
    """Whether the C encoder alone does the right thing with this dict or list, all the way down."""
    if levels == 0:
        return False
    if type(value) is dict:
        for key in value:
            if type(key) is not str:
                return False
        items = value.values()
    else:
        items = value
    for item in items:
        kind = type(item)
        if kind is str or item is None or kind is bool:
            continue
        if kind is int:
            if not _LEAST <= item <= _MOST:
                return False
        elif kind is float:
            if not math.isfinite(item):
                return False
        elif (kind is not dict and kind is not list) or not _is_plain(item, levels - 1):
            return False
    return True


class _Encoder:
    """Makes plain values of any others, depth first."""

    def __init__(self, hook: Hook | None) -> None:
        self._hook = hook

    def top(self, result: Any) -> dict[str, Any]:
        asked = result if type(result) in _JSON else self._asked(result)
        cls: Any = type(asked)
        if isinstance(asked, Mapping) or _fields(cls) is not None or is_model(cls):
            plain = self._ours(asked, _DEEPEST)
            if isinstance(plain, dict):
                return plain
        raise UnfitResult(
            f"the handler returned {_shown(result)}; a handler returns a mapping, a dataclass, a model or None: "
            'give the value a name, as in return {"result": ...}'
        )

    def _value(self, value: Any, levels: int) -> Any:
        kind = type(value)
        if kind is str or value is None or kind is bool:
            return value
        if kind is int:
            return _integer(value)
        if kind is float:
            return _number(value)
        if levels <= 0:
            raise UnfitResult(f"nested deeper than {_DEEPEST} levels (does it contain itself?)")
        if kind is dict:
            return self._object(value, levels)
        if kind is list:
            return self._list(value, levels)
        asked = self._asked(value)
        return self._ours(value, levels) if asked is value else self._value(asked, levels - 1)

    def _object(self, value: Mapping[Any, Any], levels: int) -> dict[str, Any]:
        made = {}
        for key, item in value.items():
            try:
                made[_key(key)] = self._value(item, levels - 1)
            except UnfitResult as error:
                raise error.within(_step(key)) from error.__cause__
        return made

    def _list(self, value: Any, levels: int) -> list[Any]:
        made: list[Any] = []
        try:
            for item in value:
                made.append(self._value(item, levels - 1))
        except UnfitResult as error:
            raise error.within(f"[{len(made)}]") from error.__cause__
        return made

    def _asked(self, value: Any) -> Any:
        """What the user's encoder makes of a value; the value itself when it leaves that to us."""
        if self._hook is None:
            return value
        try:
            made = self._hook(value)
        except TypeError:
            return value
        except Exception as error:
            raise UnfitResult(f"the encoder failed for {_shown(value)}: {error!r}") from error
        return value if made is NotImplemented else made

    def _ours(self, value: Any, levels: int) -> Any:
        cls: Any = type(value)
        fields = _fields(cls)
        if fields is not None:
            return self._object({key: getattr(value, name) for name, key in fields}, levels)
        if is_model(cls):
            return self._value(_dumped(value), levels - 1)
        if isinstance(value, Mapping):
            return self._object(value, levels)
        if isinstance(value, Enum):
            return self._value(value.value, levels - 1)
        if isinstance(value, (list, tuple)):
            return self._list(value, levels)
        if isinstance(value, (set, frozenset)):
            return self._list(_sorted(value), levels)
        return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return _integer(int(value))
    if isinstance(value, float):
        return _number(float(value))
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, loaded("decimal", "Decimal") or ()):
        return _decimal(value)
    if isinstance(value, loaded("uuid", "UUID") or ()):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, loaded("pathlib", "PurePath") or ()):
        return os.fspath(value)
    raise UnfitResult(
        f"{_shown(value)} has no form in JSON: return plain values, or give the worker an encoder for it"
    )


def _integer(value: int) -> int:
    if _LEAST <= value <= _MOST:
        return value
    raise UnfitResult("an integer beyond 64 bits, which the engine cannot keep: return it as text")


def _number(value: float) -> float:
    if math.isfinite(value):
        return value
    raise UnfitResult(f"{value!r} is no JSON number: return None or text")


def _decimal(value: Decimal) -> Any:
    if not value.is_finite():
        raise UnfitResult(f"{value!r} is no JSON number: return None or text")
    # Beyond these an exponent would become as many digits.
    if -400 < value.adjusted() < 400:
        if value == value.to_integral_value() and _LEAST <= value <= _MOST:
            return int(value)
        number = float(value)
        if math.isfinite(number) and loaded("decimal", "Decimal")(repr(number)) == value:
            return number
    return str(value)


def _key(key: Any) -> str:
    if type(key) is str:
        return key
    if isinstance(key, Enum):
        key = key.value
    if isinstance(key, str):
        return str.__str__(key)
    raise UnfitResult(
        f"the key {_shown(key)} is no text: variables have names, so make it str(...) if that is meant"
    )


@lru_cache(maxsize=512)
def _fields(cls: type) -> list[tuple[str, str]] | None:
    """The attributes and keys of a dataclass or NamedTuple, None for any other class."""
    if dataclasses.is_dataclass(cls) or (issubclass(cls, tuple) and hasattr(cls, "_fields")):
        return attributes(cls)
    return None


def _dumped(model: Any) -> Any:
    if not hasattr(model, "model_dump"):
        return model.dict(by_alias=True)
    try:
        return model.model_dump(mode="json", by_alias=True)
    except ValueError as error:
        raise UnfitResult(f"{type(model).__name__} cannot be written as JSON: {error}") from error


def _sorted(items: Any) -> list[Any]:
    try:
        return sorted(items)
    except TypeError:
        return list(items)


def _refuse_surrogates(value: Any, path: str) -> None:
    """Raises UnfitResult for the first text that is no Unicode."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            problem = f"{_shown(value)} has half a surrogate pair, which UTF-8 cannot carry"
            raise UnfitResult(problem, path) from None
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_surrogates(key, path)
            _refuse_surrogates(item, path + _step(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_surrogates(item, f"{path}[{index}]")


def _step(key: Any) -> str:
    return f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{reprlib.repr(key)}]"


def _shown(value: Any) -> str:
    kind = "null" if value is None else type(value).__name__
    try:
        return f"{reprlib.repr(value)} ({kind})"
    except Exception:  # a repr of the user's own that fails
        return f"a {kind}"
