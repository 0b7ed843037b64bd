"""What callers may say of a call's time limit: the client's own, none, or so long."""

from __future__ import annotations

import enum
from typing import Final, Literal

from camunda_core.deadline import Duration

__all__ = ["DEFAULT", "Timeout"]


class _Default(enum.Enum):
    DEFAULT = "the client's own time limit"

    def __repr__(self) -> str:
        return "DEFAULT"


#: Stands for the client's own time limit, where None means none at all.
DEFAULT: Final = _Default.DEFAULT

#: A time limit as callers may give it: seconds or a timedelta, None for no limit, DEFAULT for the client's.
Timeout = Duration | None | Literal[_Default.DEFAULT]
