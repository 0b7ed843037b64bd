"""What keeps secrets out of the frames of a failed call.

Error reporters, and ``pytest --showlocals``, print the variables of every frame of a traceback. So
what says who is calling is handed from function to function in a ``Sealed`` object, is taken out in
the one function that sends it, and this function returns what went wrong instead of raising it:
neither its frame nor those of the libraries below are part of any traceback.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

__all__ = ["Sealed", "without_frames"]

E = TypeVar("E", bound=BaseException)


class Sealed:
    """Headers, by lower-case names, that no ``repr`` shows."""

    __slots__ = ("headers",)

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in headers.items()}

    def __repr__(self) -> str:
        return "Sealed(***)"


def without_frames(error: E) -> E:
    """The same exception; it, and all that it was caused by or raised while handling,
    has lost its traceback.
    """
    pending: list[BaseException | None] = [error]
    seen: set[int] = set()
    while pending:
        each = pending.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            each.__traceback__ = None
            pending += (each.__cause__, each.__context__)
    return error
