"""Which commands there are: the one place where a command is registered.

A command is a module with a ``click.Command`` in it, made by ``camunda_cli._command``; it is imported when it
is used, or when the whole help is shown, and not before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["SECTIONS", "Entry", "entries"]


@dataclass(frozen=True)
class Entry:
    """``place`` is ``module:attribute``; ``about`` is the line of the help."""

    place: str
    about: str


_HERE = "camunda_cli._commands"

#: The commands by the headings of the help, in its order.
SECTIONS: Mapping[str, Mapping[str, Entry]] = {
    "Cluster": {
        "status": Entry(f"{_HERE}.status:status", "What answers, on either wire: version, brokers, health."),
        "deploy": Entry(f"{_HERE}.deploy:deploy", "Deploy processes, decisions and forms."),
    },
}


def entries() -> dict[str, Entry]:
    """All of them by name."""
    return {name: entry for section in SECTIONS.values() for name, entry in section.items()}
