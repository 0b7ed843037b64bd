"""A share of an RPC's calls on one wire, the rest on the other: which call takes which. Pure.

A call with a key is decided by that key, with the same outcome in every process and after every restart, so that what
belongs together stays together; only a call without one is drawn.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from camunda_core._patterns import pattern

__all__ = ["Share", "place_of", "share_in"]

_SHARE = pattern(r"(rest|grpc):(\d{1,3}(?:\.\d{1,6})?)%")
_OTHER = {"rest": "grpc", "grpc": "rest"}
_MASK = 2**64 - 1


class Share(NamedTuple):
    """``part`` (0 to 1) of the calls take ``wire``, the others ``other``."""

    wire: str
    part: float

    @property
    def other(self) -> str:
        """The wire of the rest."""
        return _OTHER[self.wire]

    def of(self, key: int | None, draw: Callable[[], float] = random.random) -> str:
        """The wire of a call; None is a call without a key."""
        place = draw() if key is None else place_of(key)
        return self.wire if place < self.part else self.other


def share_in(text: str) -> Share | None:
    """``rest:5%`` as a share; None for what is none."""
    found = _SHARE.fullmatch(text)
    if found is None or float(found[2]) > 100:
        return None
    return Share(found[1], float(found[2]) / 100)


def place_of(key: int) -> float:
    """Where a key stands between 0 and 1: keys that follow each other are spread evenly (splitmix64)."""
    mixed = (key * 0x9E3779B97F4A7C15) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return (mixed ^ (mixed >> 31)) / 2**64
