"""The TLS context of new connections, as long as the files of a Tls may be replaced."""

from __future__ import annotations

from collections.abc import Callable
from ssl import SSLContext
from typing import NamedTuple

from camunda_core.tls import Tls

__all__ = ["Besides", "Trust"]


class Besides(NamedTuple):
    """The material of gateways for another server, such as one that gives tokens: often it is not of their
    authority, so that the system's are trusted besides, and its name is never theirs.
    """

    tls: Tls


class Trust:
    """Calling it gives the context: ``make(tls)``, made anew when a file of ``tls`` was replaced; None for plain HTTP."""

    def __init__(self, tls: Tls | None, make: Callable[[Tls | None], SSLContext | None]) -> None:
        self._tls, self._make = tls, make
        self._context = make(tls)

    def __call__(self) -> SSLContext | None:
        current = None if self._tls is None else self._tls.current()
        if current is not self._tls:
            self._tls, self._context = current, self._make(current)
        return self._context
