"""JSON as the standard has it: Python's own reader also takes NaN and infinities."""

from __future__ import annotations

import json
from typing import NoReturn

__all__ = ["DECODER"]


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


#: Reads with ``decode`` and ``raw_decode``; a ValueError says what is not JSON.
DECODER = json.JSONDecoder(parse_constant=_no_constant)
