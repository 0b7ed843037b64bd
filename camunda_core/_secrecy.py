"""What keeps secrets out of the frames of a failed call.

Error reporters, and ``pytest --showlocals``, print the variables of every frame of a traceback. So
what says who is calling is handed from function to function in a ``Sealed`` object, is taken out in
the one function that sends it, and this function returns what went wrong instead of raising it:
neither its frame nor those of the libraries below are part of any traceback.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

__all__ = ["Sealed", "Secretive", "without_frames"]

E = TypeVar("E", bound=BaseException)
Self_ = TypeVar("Self_")


class Sealed:
    """Headers, by lower-case names, that no ``repr`` shows."""

    __slots__ = ("headers",)

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in headers.items()}

    def __repr__(self) -> str:
        return "Sealed(***)"


class Secretive:
    """What holds secrets: it is not pickled, for pickles end up in queues, caches and files. A copy is
    the object itself.
    """

    def __reduce__(self) -> Any:
        raise TypeError(
            f"{type(self).__name__} is not pickled, since it holds secrets: make another one where it is used"
        )

    def __copy__(self: Self_) -> Self_:
        return self

    def __deepcopy__(self: Self_, memo: object) -> Self_:
        return self


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
