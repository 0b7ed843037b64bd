"""What a value in a test-case file may be: checks that say what is wrong, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from camunda_core._arguments import shown
from camunda_core.errors import InvalidRequest
from camunda_embedded._spans import span_of

__all__ = [
    "Kind",
    "Shape",
    "duration",
    "each",
    "flag",
    "instant",
    "moment_of",
    "number",
    "one_of",
    "refused",
    "something",
    "text",
    "variables",
]

#: Looks at a value that stands at a place, and gives what is wrong with it, a line each.
Kind: TypeAlias = Callable[[Any, str], list[str]]


def _wrong(place: str, wanted: str, value: object) -> list[str]:
    return [f"{place} must be {wanted}, not {shown(value)}"]


def text(value: Any, place: str) -> list[str]:
    """Text."""
    return [] if isinstance(value, str) else _wrong(place, "text", value)


def flag(value: Any, place: str) -> list[str]:
    """true or false."""
    return [] if isinstance(value, bool) else _wrong(place, "true or false", value)


def something(value: Any, place: str) -> list[str]:
    """Whatever JSON has."""
    return []


def variables(value: Any, place: str) -> list[str]:
    """An object with values of any kind."""
    return [] if isinstance(value, dict) else _wrong(place, "an object with variables", value)


def number(minimum: int | None = None) -> Kind:
    """A whole number, not below ``minimum`` where there is one."""
    wanted = "a whole number" if minimum is None else f"a whole number, {minimum} or more"

    def check(value: Any, place: str) -> list[str]:
        good = type(value) is int and (minimum is None or value >= minimum)
        return [] if good else _wrong(place, wanted, value)

    return check


def one_of(*words: str) -> Kind:
    """One of these words."""

    def check(value: Any, place: str) -> list[str]:
        return [] if value in words else _wrong(place, f"one of {', '.join(words)}", value)

    return check


def duration(value: Any, place: str) -> list[str]:
    """An ISO 8601 duration."""
    try:
        if isinstance(value, str) and value.startswith("P"):
            span_of(value, place)
            return []
    except InvalidRequest:
        pass
    return _wrong(place, "an ISO 8601 duration such as PT1H", value)


def moment_of(value: str) -> datetime:
    """The moment of an ISO 8601 text with a time zone; ValueError for what is none."""
    found = datetime.fromisoformat(value[:-1] + "+00:00" if value.endswith("Z") else value)
    if found.tzinfo is None:
        raise ValueError("it has no time zone")
    return found


def instant(value: Any, place: str) -> list[str]:
    """An ISO 8601 instant."""
    try:
        if isinstance(value, str):
            moment_of(value)
            return []
    except ValueError:
        pass
    return _wrong(place, "an instant such as 2026-01-19T13:00:00Z", value)


def each(kind: Kind) -> Kind:
    """A list of them."""

    def check(value: Any, place: str) -> list[str]:
        if not isinstance(value, list):
            return _wrong(place, "a list", value)
        return [line for at, item in enumerate(value) for line in kind(item, f"{place}[{at}]")]

    return check


def refused(why: str) -> Kind:
    """What the format has and we have not."""
    return lambda value, place: [f"{place} is not supported: {why}"]


@dataclass(frozen=True)
class Shape:
    """An object: which fields it has, which of them it needs, and of which it needs at least one."""

    fields: Mapping[str, Kind]
    needs: tuple[str, ...] = ()
    needs_one_of: tuple[str, ...] = field(default=())

    def __call__(self, value: Any, place: str) -> list[str]:
        """What is wrong with the object and everything in it."""
        if not isinstance(value, dict):
            return _wrong(place, "an object", value)
        found: list[str] = []
        for name, inner in value.items():
            kind = self.fields.get(name)
            if kind is None:
                found.append(
                    f"{place}.{name} is unknown; there {'are' if len(self.fields) > 1 else 'is'} {', '.join(self.fields)}"
                )
            else:
                found += kind(inner, f"{place}.{name}")
        found += [f"{place}.{name} is missing" for name in self.needs if name not in value]
        if self.needs_one_of and not any(name in value for name in self.needs_one_of):
            found.append(f"{place} needs one of {', '.join(self.needs_one_of)}")
        return found
