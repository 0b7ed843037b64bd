"""JSON as the standard has it, and as it is sent: Python's own reader also takes NaN and infinities."""

from __future__ import annotations

import json
import json.encoder
from collections.abc import Callable
from typing import Any, NoReturn

__all__ = ["DECODER", "write"]


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


#: Reads with ``decode`` and ``raw_decode``; a ValueError says what is not JSON.
DECODER = json.JSONDecoder(parse_constant=_no_constant)


def _writer() -> Callable[[Any], str]:
    # What contains itself still ends, as nested too deeply; keeping count of every container
    # costs more than that.
    encoder = json.JSONEncoder(
        ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")
    )
    # It makes its C encoder anew for every text, which takes several times as long as writing a short
    # one. There is no public way to keep it; where it is not what we know, nothing is kept.
    try:
        made: Any = json.encoder.c_make_encoder(  # type: ignore[attr-defined]
            None, encoder.default, json.encoder.encode_basestring, None, ":", ",", False, False, False
        )
        known = {"text": "\u00e4\n", "list": [1, -0.5, None, True], "object": {}}
        if "".join(made(known, 0)) != encoder.encode(known):
            return encoder.encode
    except Exception:
        return encoder.encode
    join = "".join

    def write(value: Any) -> str:
        return join(made(value, 0))

    return write


#: A value as JSON text, without blanks and escapes that need not be. Raises ValueError for NaN and
#: infinities, TypeError for what is no JSON, RecursionError for what is nested too deeply.
write: Callable[[Any], str] = _writer()
