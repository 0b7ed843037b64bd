"""Variables on the wire: JSON text in, JSON text out, refused in the real gateway's words."""

from __future__ import annotations

import json
import re
from typing import Any

from camunda_core.errors import InvalidArgument
from camunda_embedded._limits import MAX_VARIABLE_DEPTH

__all__ = ["dumps", "loads"]

_KINDS = {list: "ARRAY", str: "STRING", bool: "BOOLEAN", int: "INTEGER", float: "FLOAT"}
_WORD = re.compile(r"\w*")
_SOURCE = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)  # the word alone: where it stands is part of the refusal


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
# json.dumps makes an encoder for each call.
_ENCODE = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def loads(text: str) -> dict[str, Any]:
    """A document of variables. Blank text and ``null`` are the empty one; what follows
    the document is ignored.

    Raises:
        InvalidArgument: not JSON, not an object, an integer beyond 64 bits, or nested too deep.
    """
    stripped = text.lstrip()
    if not stripped:
        return {}
    offset = len(text) - len(stripped)
    try:
        value, _ = _DECODER.raw_decode(text, offset)
    except json.JSONDecodeError as error:
        # Where a name is missing, the real one stops at its first letter; elsewhere behind the whole word.
        in_place_of_a_name = error.msg.startswith("Expecting property name")
        raise _malformed(text, error.pos, whole_word=not in_place_of_a_name) from None
    except ValueError as error:
        raise _malformed(text, max(text.find(str(error)), 0)) from None
    except RecursionError:
        raise _too_deep() from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        kind = _KINDS[type(value)]
        raise InvalidArgument(
            f"Property 'variables' is invalid: Expected document to be a root level object, but was '{kind}'"
        )
    _check(value)
    return value


def _too_deep() -> InvalidArgument:
    return InvalidArgument(
        f"Property 'variables' is invalid: it is nested deeper than {MAX_VARIABLE_DEPTH} levels"
    )


def _malformed(text: str, position: int, *, whole_word: bool = True) -> InvalidArgument:
    word = _WORD.match(text, position) if whole_word else None
    end = (word.end() if word else position) + 1
    line = text.count("\n", 0, position) + 1
    column = end - (text.rfind("\n", 0, position) + 1)
    return InvalidArgument(f"Invalid JSON value: {text}\n at {_SOURCE}; line: {line}, column: {column}]")


def _check(document: dict[str, Any]) -> None:
    depth, level = 0, [document]
    while level:
        depth += 1
        if depth > MAX_VARIABLE_DEPTH:
            raise _too_deep()
        below: list[Any] = []
        for container in level:
            for value in container.values() if isinstance(container, dict) else container:
                if isinstance(value, (dict, list)):
                    below.append(value)
                elif isinstance(value, int) and not -(2**63) <= value < 2**64:
                    raise InvalidArgument("MessagePack cannot serialize BigInteger larger than 2^64-1")
        level = below


def dumps(value: Any) -> str:
    """Compact JSON text, as the gateway writes it."""
    return _ENCODE(value)
