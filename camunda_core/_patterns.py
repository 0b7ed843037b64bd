"""Regular expressions that are compiled when they are first matched: most programs never meet what most of them are for."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

__all__ = ["pattern"]


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As ``re.compile``, for constants of a module; a fault in ``text`` is found when it is first used."""
    return cast("re.Pattern[AnyStr]", _Pattern(text, flags))


class _Pattern:
    """Stands for a pattern. A method is looked up once and kept: no slower than the pattern's own."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._source = text, flags

    def __getattr__(self, name: str) -> Any:
        text, flags = self._source
        found = getattr(re.compile(text, flags), name)
        if not name.startswith("__"):
            setattr(self, name, found)
        return found

    def __repr__(self) -> str:
        return f"pattern{self._source!r}"
