"""Single values between gRPC and REST: keys, references, enums, JSON text. Pure, and strict about requests.

Whatever has no place on the other wire is a Misfit, which tells what it must be.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.descriptor import EnumDescriptor

from bridge._table.codecs import Misfit
from camunda_core._json import write

__all__ = [
    "Convert",
    "enum_converters",
    "key_from_rest",
    "lenient_bool",
    "lenient_integer",
    "lenient_reference",
    "lenient_text",
    "object_from_text",
    "reference",
    "strict_bool",
    "strict_integer",
    "strict_text",
    "text_from_object",
    "text_from_strict_object",
    "text_of",
]

log = logging.getLogger("bridge")

Convert = Callable[[Any], Any]

_MAX_INT64 = 2**63 - 1
_UNKNOWN_NAME, _UNKNOWN_WORD = -1, "UNKNOWN"


def _refuse_constant(name: str) -> Any:
    raise Misfit(f"JSON has no {name}: send null or text instead")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
_decode_json, _decode_json_start = _decoder.decode, _decoder.raw_decode
_DIGITS = re.compile(r"-?[0-9]+")


def object_from_text(text: str) -> Any:
    """JSON object text as an object; blank text and ``null`` are an empty one, as they are for the engine."""
    if text == "{}" or not text:
        return {}
    try:
        # Text without blanks around it, which is nearly all there is, needs no search for them.
        value, end = _decode_json_start(text) if text[0] == "{" else (None, 0)
        if end != len(text):
            value = _decode_json(text)
    except RecursionError:
        raise Misfit("is nested too deeply") from None
    except ValueError as error:
        if isinstance(error, Misfit):
            raise
        if not text.strip():
            return {}
        raise Misfit(f"is not JSON: {error}") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        kind = {list: "ARRAY", str: "STRING", bool: "BOOLEAN", int: "INTEGER", float: "FLOAT"}[type(value)]
        raise Misfit(f"Expected document to be a root level object, but was '{kind}'")
    return value


def text_from_object(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return write(value) if value else "{}"
    except (TypeError, ValueError, RecursionError) as error:
        raise Misfit(f"cannot be written as JSON: {error}") from None


def text_from_strict_object(value: Any) -> str:
    if type(value) is not dict and not isinstance(value, Mapping):  # asking an abstract class takes longer
        raise Misfit(f"must be an object, not {value!r}")
    return text_from_object(value)


def key_from_rest(value: Any) -> int:
    # int() alone would also take "1_0", " 1" and the digits of other scripts.
    if not (_DIGITS.fullmatch(value) if isinstance(value, str) else type(value) is int):
        raise Misfit(f"must be a key (an integer, or its digits as text), not {value!r}")
    key = int(value)
    if not -_MAX_INT64 - 1 <= key <= _MAX_INT64:
        raise Misfit(f"is beyond 64 bits: {value!r}")
    return key


def reference(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MAX_INT64:
        raise Misfit(f"must be between 1 and {_MAX_INT64}, not {value!r}")
    return value


def text_of(value: Any) -> str:
    if isinstance(value, str):
        return value
    if type(value) is int:  # a key that some version writes as a number
        return str(value)
    raise Misfit(f"must be text, not {value!r}")


def _strict(kinds: tuple[type, ...], what: str) -> Convert:
    def check(value: Any) -> Any:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise Misfit(f"must be {what}, not {value!r}")
        return value

    return check


strict_text = _strict((str,), "text")
strict_bool = _strict((bool,), "true or false")
strict_integer = _strict((int,), "an integer")


# What a lenient server makes of a value of another type: numbers and texts stand for each
# other where they can.


def lenient_integer(value: Any) -> int | None:
    if isinstance(value, str):
        if not value.strip():
            return None
        value = int(value) if re.fullmatch(r"\s*[+-]?[0-9]{1,19}\s*", value) else value
    elif isinstance(value, float) and abs(value) < 2**64:
        value = int(value)
    if type(value) is not int or not -_MAX_INT64 - 1 <= value <= _MAX_INT64:
        raise Misfit(f"must be an integer of at most 64 bits, not {value!r}")
    return value


def lenient_reference(value: Any) -> int | None:
    number = lenient_integer(value)
    return number if number is not None and number > 0 else None


def lenient_text(value: Any) -> str:
    return write(value) if isinstance(value, (bool, int, float)) else str(strict_text(value))


_TRUE_OR_FALSE = {"true": True, "false": False, "": None}


def lenient_bool(value: Any) -> bool | None:
    if isinstance(value, (bool, int)):
        return bool(value)
    if isinstance(value, str) and value.strip().lower() in _TRUE_OR_FALSE:
        return _TRUE_OR_FALSE[value.strip().lower()]
    raise Misfit(f"must be true or false, not {value!r}")


def enum_converters(enum: EnumDescriptor, strict: bool) -> tuple[Convert, Convert]:
    names = {value.number: value.name for value in enum.values}
    numbers = {value.name: value.number for value in enum.values}

    def encode(number: int) -> str:
        if number in names:
            return names[number]
        if strict:
            raise Misfit(f"{number} is no value of {enum.name}: {', '.join(numbers)}")
        log.warning("%s has no name for %d yet; it is given as %s", enum.name, number, _UNKNOWN_WORD)
        return _UNKNOWN_WORD

    def decode(name: Any) -> int:
        if isinstance(name, str):
            number = numbers.get(name if name in numbers else name.upper())
            if number is not None:
                return number
        if strict:
            raise Misfit(f"must be one of {', '.join(numbers)}, not {name!r}")
        log.warning("%s has no value %r yet; it is given as %s", enum.name, name, _unknown(numbers))
        return _unknown(numbers)

    return encode, decode


def _unknown(numbers: Mapping[str, int]) -> int:
    # The zero of most enums is the best case (LEADER, HEALTHY): an unknown name must not read as that.
    return numbers.get("UNSPECIFIED", _UNKNOWN_NAME)
