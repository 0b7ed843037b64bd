"""Modules that are loaded when something of them is first asked for: most programs that import a client use little of it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["Later"]


class Later:
    """Stands for a module until it is needed, and passes every question on to it afterwards.

    A type checker is given the module itself, under ``TYPE_CHECKING``. Threads may ask at once: Python's
    own lock for imports sees to it that the module is run once, and that nobody sees half of it.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name == "_module":
            # Kept once it is whole; what is asked of it is not, since a module may change.
            found = self._module = import_module(self._name)
            return found
        return getattr(self._module, name)

    def __dir__(self) -> list[str]:
        return dir(self._module)

    def __repr__(self) -> str:
        return f"<module {self._name!r}, loaded when it is used>"
