"""Arguments as JSON: every argument is checked against the shape of its request before anything is sent.

Shapes are text, as the generator writes them: ``name:code`` per property, ``!`` for required, ``@8.9`` for the version that
brought it. The codes: ``s`` text, ``k`` a key, ``K`` a key or an id, ``i`` a whole number, ``f`` a number, ``b`` true or
false, ``t`` a time, ``d`` a date, ``m`` a length of time (seconds here, milliseconds there), ``o`` an object, ``a`` anything,
``x`` a file, ``*Name`` another shape, ``v`` variables by name, ``~s3`` a condition on text with the third set of operators
of ``conditions`` (``~s3/8.10``: with operators since 8.10, before it only "equals"); behind it ``[]`` for a list and ``{}``
for a dictionary of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from camunda_core.deadline import milliseconds
from camunda_core.errors import InvalidRequest
from camunda_rest._encoding import free_value, json_value
from camunda_rest._versions import parse_version
from camunda_rest.conditions import OPERATORS, Condition
from camunda_rest.operations import Version

__all__ = ["Newer", "Place", "places", "snake", "write", "write_filter", "write_object", "write_sort"]

#: What came after 8.6 and was asked for, by its dotted path.
Newer = dict[str, Version]

_KEY = re.compile(r"-?[0-9]{1,19}")
_PLACE = re.compile(r"([^:]+):([^!@]+)(!?)(?:@(.+))?")
_MAX = 2**63


class Place(NamedTuple):
    """One property of a request."""

    name: str  # as an argument
    wire: str
    code: str
    required: bool
    since: Version | None


@cache
def snake(wire: str) -> str:
    """``processInstanceKey`` as ``process_instance_key``."""
    text = re.sub(r"[^A-Za-z0-9]+", "_", wire.lstrip("$"))
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text).lower()
    return {"or": "any_of", "from": "from_"}.get(text, text)


def read_places(text: str) -> dict[str, Place]:
    """The properties of a shape, by the names of their arguments."""
    found = {}
    for part in text.split():
        match = _PLACE.fullmatch(part)
        assert match is not None, part
        wire, code, required, since = match.groups()
        found[snake(wire)] = Place(
            snake(wire), wire, code, bool(required), parse_version(since) if since else None
        )
    return found


@cache
def places(shape: str) -> dict[str, Place]:
    """The properties of a named shape."""
    from camunda_rest.api.shapes import SHAPES

    return read_places(SHAPES[shape])


def write_object(
    known: Mapping[str, Place], given: Mapping[str, Any], where: str, newer: Newer, path: str = ""
) -> dict[str, Any]:
    """The JSON object of arguments, None left out. ``newer`` is told what came after 8.6.

    Names are those of arguments; those of the wire pass too. Raises InvalidRequest naming the argument.
    """
    written: dict[str, Any] = {}
    for name, value in given.items():
        place = known.get(name) or known.get(snake(name)) if isinstance(name, str) else None
        if place is None:
            raise InvalidRequest(f"{_at(where, name)} is unknown{_suggestion(name, known)}")
        if value is None:
            continue
        at = f"{path}.{place.wire}" if path else place.wire
        if place.since is not None:
            newer[at] = place.since
        written[place.wire] = write(place.code, value, _at(where, place.name), newer, at)
    missing = [place.name for place in known.values() if place.required and place.wire not in written]
    if missing:
        raise InvalidRequest(f"{_at(where, missing[0])} is required")
    return written


def write(code: str, value: Any, where: str, newer: Newer, path: str = "") -> Any:
    """The JSON of one argument. Raises InvalidRequest naming it."""
    if code.endswith("[]"):
        if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
            raise InvalidRequest(f"{where} must be a list, not {_shown(value)}")
        inner = code[:-2]
        return [
            write(inner, each, f"{where}[{index}]", newer, f"{path}[]") for index, each in enumerate(value)
        ]
    if code.endswith("{}"):
        return {
            _name(key, where): write(code[:-2], each, f"{where}[{key!r}]", newer, path)
            for key, each in _mapping(value, where).items()
        }
    if code[0] == "*":
        return write_object(places(code[1:]), _mapping(value, where), where, newer, path)
    if code[0] == "~":
        return _condition(code[1:], value, where, newer, path)
    if code == "v":
        return _variables(value, where)
    return _LETTERS[code](value, where)


def write_filter(shape: str, given: Mapping[str, Any], newer: Newer) -> dict[str, Any]:
    """The filter of a search or a batch operation."""
    return write_object(places(shape), given, "", newer, "filter")


def write_sort(sorts: str, asked: str | Sequence[str] | None) -> list[dict[str, str]]:
    """The sorting of a search: names of fields, with ``-`` in front for downwards. Raises InvalidRequest."""
    if asked is None:
        return []
    if not isinstance(asked, str) and (
        not isinstance(asked, Collection) or not all(isinstance(e, str) for e in asked)
    ):
        raise InvalidRequest(f"sort must be a name or a list of names, not {_shown(asked)}")
    known = {snake(wire): wire for wire in sorts.split()}
    written = []
    for name in [asked] if isinstance(asked, str) else asked:
        bare = name.removeprefix("-")
        wire = known.get(bare) or known.get(snake(bare))
        if wire is None:
            raise InvalidRequest(f"sort: {name!r} is unknown{_suggestion(bare, known)}")
        written.append({"field": wire, "order": "DESC" if name.startswith("-") else "ASC"})
    return written


# -- conditions


def _condition(code: str, value: Any, where: str, newer: Newer, path: str) -> Any:
    code, _, since = code.partition("/")
    letter, allowed = code[0], OPERATORS[int(code[1:])]
    if isinstance(value, Condition):
        operators: Mapping[str, Any] = value.operators
    elif isinstance(value, Mapping):
        operators = {
            name if str(name).startswith("$") else f"${name}": operand for name, operand in value.items()
        }
    elif isinstance(value, (list, tuple, AbstractSet)):
        operators = {"$in": list(value)}
    else:
        operators = {"$eq": value}
    if not operators:
        raise InvalidRequest(f"{where} is an empty condition")
    for operator in operators:
        if operator not in allowed:
            raise InvalidRequest(
                f"{where} cannot be asked {operator}: it knows {', '.join(each[1:] for each in allowed)}"
            )
    if list(operators) == ["$eq"]:
        # What equals is written plainly: some fields knew nothing else when they came, and none has forgotten it.
        return _LETTERS[letter](operators["$eq"], where)
    if since:
        newer.update({f"{path}.{operator}": parse_version(since) for operator in operators})
    return {operator: _operand(letter, operator, operand, where) for operator, operand in operators.items()}


def _operand(letter: str, operator: str, operand: Any, where: str) -> Any:
    at = f"{where} {operator}"
    if operator == "$exists":
        return _flag(operand, at)
    if operator == "$like":
        return _text(operand, at)
    if operator in ("$in", "$notIn"):
        if isinstance(operand, (str, bytes)) or not isinstance(operand, Iterable):
            raise InvalidRequest(f"{at} must be a list, not {_shown(operand)}")
        return _some([_LETTERS[letter](each, at) for each in operand], at)
    return _LETTERS[letter](operand, at)


def _some(values: list[Any], at: str) -> list[Any]:
    if not values:
        # The Java client sends it for what is not asked, and a batch operation would reach everything.
        raise InvalidRequest(f"{at} is an empty list, which a gateway takes for no condition: leave it out")
    return values


def _variables(value: Any, where: str) -> list[dict[str, Any]]:
    """Variables by name; the search compares the JSON text of their values."""
    if isinstance(value, Mapping):
        asked = list(value.items())
    elif isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        asked = []
        for index, each in enumerate(value):
            if not isinstance(each, Mapping) or set(each) != {"name", "value"}:
                raise InvalidRequest(f"{where}[{index}] must have name and value, not {_shown(each)}")
            given = each["value"]
            asked.append((each["name"], Condition(given) if isinstance(given, Mapping) else given))
    else:
        raise InvalidRequest(f"{where} must be variables by name, not {_shown(value)}")
    return [
        {"name": _name(name, where), "value": _variable(each, f"{where}[{name!r}]")} for name, each in asked
    ]


def _variable(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, Condition):
        return {"$eq": _json_text(value, where)}
    allowed = OPERATORS[3]
    for operator in value.operators:
        if operator not in allowed:
            raise InvalidRequest(
                f"{where} cannot be asked {operator}: the value of a variable is text there, which knows "
                f"{', '.join(each[1:] for each in allowed)}"
            )
    written: dict[str, Any] = {}
    for operator, operand in value.operators.items():
        if operator in ("$exists", "$like"):
            written[operator] = _operand("s", operator, operand, where)
        elif operator in ("$in", "$notIn"):
            written[operator] = _some([_json_text(each, where) for each in operand], f"{where} {operator}")
        else:
            written[operator] = _json_text(operand, where)
    return written


def _json_text(value: Any, where: str) -> str:
    return json_value(free_value(value, where))


# -- letters


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise InvalidRequest(f"{where} must be text, not {_shown(value)}")
    return str(value)


def _key(value: Any, where: str) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _KEY.fullmatch(text) or not -_MAX <= int(text) < _MAX:
        raise InvalidRequest(
            f"{where} must be a key (an int or its decimal digits, 64 bits), not {_shown(value)}"
        )
    return text


def _key_or_id(value: Any, where: str) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _text(value, where)


def _whole(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -_MAX <= value < _MAX:
        raise InvalidRequest(f"{where} must be a whole number of 64 bits, not {_shown(value)}")
    return int(value)


def _number(value: Any, where: str) -> float | int:
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or value != value
        or abs(value) == float("inf")
    ):
        raise InvalidRequest(f"{where} must be a number, not {_shown(value)}")
    return value


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidRequest(f"{where} must be True or False, not {_shown(value)}")
    return value


def _time(value: Any, where: str) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvalidRequest(f"{where} must be a datetime with a time zone, not {_shown(value)}")
        return value.isoformat()
    return _iso(value, where, "an aware datetime, or text as in 2026-01-31T12:00:00Z")


def _date(value: Any, where: str) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return _iso(value, where, "a date, or text as in 2026-01-31")


def _iso(value: Any, where: str, what: str) -> str:
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d|$", value):
        raise InvalidRequest(f"{where} must be {what}, not {_shown(value)}")
    return value


def _length(value: Any, where: str) -> int:
    try:
        return milliseconds(value, where)
    except TypeError:
        raise InvalidRequest(f"{where} must be seconds or a timedelta, not {_shown(value)}") from None


def _object(value: Any, where: str) -> Any:
    return free_value(dict(_mapping(value, where)), where)


def _anything(value: Any, where: str) -> Any:
    return free_value(value, where)


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidRequest(f"{where} must be a dictionary, not {_shown(value)}")
    return value


def _name(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise InvalidRequest(f"{where}: a name must be text, not {_shown(value)}")
    return value


_LETTERS = {
    "s": _text,
    "k": _key,
    "K": _key_or_id,
    "i": _whole,
    "f": _number,
    "b": _flag,
    "t": _time,
    "d": _date,
    "m": _length,
    "o": _object,
    "a": _anything,
}


def _at(where: str, name: object) -> str:
    return f"{where}.{name}" if where else f"{name}"


def _suggestion(name: object, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(str(name), list(known), 1)
    return f": did you mean {near[0]}?" if near else f"; known are {', '.join(sorted(known))}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
