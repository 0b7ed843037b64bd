"""The built-in functions, and how a call finds the one it means."""

from __future__ import annotations

from camunda_embedded._feel.functions import (  # noqa: F401  (importing registers the functions)
    contexts,
    conversion,
    dates,
    general,
    lists,
    numeric,
    ranges,
    strings,
)
from camunda_embedded._feel.functions.registry import REGISTRY, bind

NAMES = frozenset(REGISTRY)

__all__ = ["NAMES", "bind"]
