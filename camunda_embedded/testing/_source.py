"""Where assertions read: a protocol, and which source is meant when a test does not say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from camunda_core._arguments import shown
from camunda_core.errors import InvalidRequest
from camunda_embedded._mocking import Rehearsing
from camunda_embedded.testing._client import ClientSource
from camunda_embedded.testing._facts import InstanceFacts
from camunda_embedded.testing._log import LogSource

__all__ = ["Source", "source_of", "using"]


class Source(Protocol):
    """What assertions need; an own one can be given to ``assert_that(…, on=…)``.

    ``patience``  seconds that an assertion waits for others, such as workers
    """

    patience: float

    def instance(self, key: str) -> InstanceFacts | None:
        """What is known of an instance; None while there is none of that key."""

    def newest(self, process_id: str, parent: str = "") -> str | None:
        """The key of the newest instance of a process, of those that ``parent`` called where it is given."""

    def settle(self) -> None:
        """Waits until what is under way is done, as far as that can be known."""

    def at_rest(self) -> bool:
        """Whether nothing will change unless somebody asks for something, or time goes by."""

    def now(self) -> int:
        """The time by which timers fall due, in milliseconds since the epoch."""

    def move(self, until: int) -> bool:
        """Lets time go by to the next thing that is due, not beyond ``until`` (ms since the epoch); False when there is none."""


_current: list[Any] = []
_made: list[tuple[Any, Source]] = []


@contextmanager
def using(where: Any) -> Iterator[None]:
    """Within it, ``assert_that`` reads from ``where``: an ``EmbeddedGateway``, a ``bridge.Client``, or a ``Source``.

    The fixtures of the pytest plugin do it; a suite on a cluster does it in a fixture of its own.
    """
    source_of(where)  # refuses what is none at once
    _current.append(where)
    try:
        yield
    finally:
        for at in range(len(_current) - 1, -1, -1):
            if _current[at] is where:
                del _current[at]
                break
        _made[:] = [pair for pair in _made if pair[0] is not where]


def source_of(where: Any = None) -> Source:
    """The source for what was given; for nothing, what ``using`` gave last.

    Raises:
        InvalidRequest: a ValueError; there is none.
    """
    if where is None:
        if not _current:
            raise InvalidRequest("say where to look: assert_that(…, on=gateway), or on=client for a cluster")
        where = _current[-1]
    for known, source in _made:
        if known is where:
            return source
    source = _new(where)
    if source is not where:
        _made.append((where, source))
        del _made[:-20]  # of those that were given without ``using``
    return source


def _new(where: Any) -> Source:
    if isinstance(where, Rehearsing):
        return LogSource(where)
    if all(
        callable(getattr(where, name, None))
        for name in ("instance", "newest", "settle", "at_rest", "now", "move")
    ):
        found: Source = where
        return found
    if hasattr(where, "search_process_instances"):
        if type(where).__name__.startswith("Async"):
            raise InvalidRequest(
                "assertions need a client that is not for asyncio: on=bridge.Client(…), or the gateway"
            )
        return ClientSource(where)
    raise InvalidRequest(f"on must be an EmbeddedGateway, a bridge.Client or a Source, not {shown(where)}")
