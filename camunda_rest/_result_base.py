"""What the generated classes of answers are made of."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["UNKNOWN", "JsonValue"]

#: Stands in for a word that did not come.
UNKNOWN: Any = ""


class JsonValue:
    """A variable: its value is JSON text."""

    __slots__ = ()

    def json(self) -> Any:
        """The value. Raises ValueError when the text was cut off by the search that brought it."""
        if getattr(self, "is_truncated", False):
            raise ValueError(
                f"the value of {getattr(self, 'name', '')!r} was cut off: ask with truncate_values=False, "
                "or get the variable by its key"
            )
        return json.loads(getattr(self, "value"))  # noqa: B009
