"""What a request, a route and an answer of the REST server are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bridge._table.mapping import Row
from camunda_embedded._servers.rest.reading import match_path

__all__ = ["PREFIX", "Answer", "Handle", "Part", "Request", "Route"]

PREFIX = "/v2"


class Part(NamedTuple):
    """One part of a multipart body; ``filename`` is None for one that is no file."""

    name: str
    filename: str | None
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Request:
    """A request that has found its route. ``path`` has keys as numbers and everything else as text; ``files`` holds
    the last one of each name, ``parts`` all parts of a multipart body that is no deployment.
    """

    route: Route
    path: Mapping[str, Any]
    body: dict[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    parts: Sequence[Part] = ()


@dataclass(frozen=True)
class Answer:
    """An answer that is not just an object with status 200."""

    body: Any = None
    status: int = 200
    media: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


Handle = Callable[[Request], Awaitable["dict[str, Any] | Answer | None"]]


@dataclass(frozen=True)
class Route:
    """An operation: where it is, what it takes ("json", "multipart" or "none"), and what carries it out.

    ``optional``  its body may be left out
    ``texts``     names in the path that stand for texts; all others stand for keys
    ``media``     what it answers
    """

    id: str
    method: str
    path: str
    body: str
    handle: Handle
    rows: tuple[Row, ...] = ()
    optional: bool = False
    texts: frozenset[str] = frozenset()
    media: str = "application/json"

    def match(self, path: str) -> dict[str, str] | None:
        """The parts of the path that stand for the names in braces; None when it is another path."""
        return match_path(PREFIX + self.path, path)
