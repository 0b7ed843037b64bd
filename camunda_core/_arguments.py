"""What callers hand over, looked at before it is used: how an error shows a value, and checks
that all packages share.

A check returns the value and raises ConfigurationError naming the argument. None of them trusts the
value: its ``repr`` may raise, and be endless.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from camunda_core.errors import ConfigurationError

__all__ = [
    "flag",
    "header",
    "instance",
    "is_sendable",
    "items",
    "port",
    "positive",
    "share",
    "shown",
    "text",
]

_SHOWN = 80


def shown(value: object) -> str:
    """``repr(value)``, shortened; the name of its type where it has no ``repr``."""
    try:
        if isinstance(value, (str, bytes)) and len(value) > _SHOWN:
            value = value[:_SHOWN]
            return f"{value!r:.{_SHOWN}}…"
        said = repr(value)
    except Exception:  # an int of more digits than Python writes, what contains itself a thousand times, a bug of the caller's
        return f"a value of type {type(value).__name__}"
    return said if len(said) <= _SHOWN else f"{said[: _SHOWN - 1]}…"


def is_sendable(value: str) -> bool:
    """Whether UTF-8 can carry a text: half a surrogate pair it cannot."""
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def text(value: Any, name: str, *, blank: bool = False) -> str:
    """Text that can be printed on one line and sent; not empty or blank unless that is allowed."""
    if not isinstance(value, str):
        raise ConfigurationError(f"{name} must be text, not {shown(value)}")
    if not (blank or value.strip()):
        raise ConfigurationError(f"{name} must be text that is not blank, not {shown(value)}")
    if not is_sendable(value) or any(char < " " or char == "\x7f" for char in value):
        raise ConfigurationError(f"{name} must be text without control characters, not {shown(value)}")
    return value


def header(value: Any, name: str) -> str:
    """Text that HTTP and gRPC carry as the value of a header: visible ASCII and blanks."""
    if not (text(value, name).isascii() and value.isprintable()):
        raise ConfigurationError(f"{name} must be visible ASCII, not {shown(value)}")
    return str(value)


def flag(value: Any, name: str) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name} must be True or False, not {shown(value)}")
    return value


def positive(value: Any, name: str, what: str = "") -> int:
    """An integer from 1 on; ``what`` is counted."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 2**31:
        raise ConfigurationError(f"{name} must be 1 {what + ' ' if what else ''}or more, not {shown(value)}")
    return int(value)


def share(value: Any, name: str) -> float:
    """A part of a whole: above 0, and 1 at most."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise ConfigurationError(f"{name} must be above 0 and at most 1, not {shown(value)}")
    return float(value)


def port(value: Any, name: str) -> int:
    """The number of a port, 0 for one that is free."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 65535:
        raise ConfigurationError(f"{name} must be a port, 0 to 65535, not {shown(value)}")
    return int(value)


def instance(kind: type, value: Any, name: str, what: str) -> Any:
    """An instance of ``kind``, which ``what`` says in words.

    The value, which may be a secret, is not shown.
    """
    if not isinstance(value, kind):
        raise ConfigurationError(f"{name} must be {what}, not {type(value).__name__}")
    return value


def items(values: Any, name: str, what: str, fits: Callable[[Any], bool]) -> tuple[Any, ...]:
    """Each of ``values``, which must be a list (or another iterable) of what ``fits``;
    ``what`` says that in words.
    """
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise ConfigurationError(f"{name} must be {what}, in a list, not {shown(values)}")
    listed = tuple(values)
    for index, each in enumerate(listed):
        if not fits(each):
            raise ConfigurationError(f"{name} must be {what}, but [{index}] is {shown(each)}")
    return listed
