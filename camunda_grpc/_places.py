"""The gateways of a channel, and grpcio's own channels to them: those in use, and those that were left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from camunda_core._engines import DEFAULT, FAST
from camunda_core._several import Ring
from camunda_grpc._settings import Endpoint

if TYPE_CHECKING:
    from camunda_core._usage import WireUse

__all__ = ["Places"]


class Places:
    """grpcio's channels to the gateway in use, made when they are asked for, and those to the others.

    Not thread safe: whoever shares it has the lock.
    """

    def __init__(self, endpoints: tuple[Endpoint, ...]) -> None:
        self.endpoints = endpoints
        self.ring = Ring([each.target for each in endpoints])
        self._at = 0
        #: Those of grpcio for all calls but job streams, and for job streams; None until they are used.
        self.inner: Any = None
        self.streams: Any = None
        self._others: dict[int, tuple[Any, Any]] = {}
        #: Those with certificates that have been replaced, on which calls may still be under way.
        self._left: list[Any] = []

    @property
    def endpoint(self) -> Endpoint:
        """The gateway in use."""
        return self.endpoints[self._at]

    @property
    def ahead(self) -> tuple[Endpoint, ...]:
        """All gateways, beginning with the one in use."""
        return (*self.endpoints[self._at :], *self.endpoints[: self._at])

    @property
    def behind(self) -> tuple[Endpoint, ...]:
        """All gateways, beginning with the one after that in use."""
        return (*self.ahead[1:], self.ahead[0])

    def follow(self) -> bool:
        """Goes where the ring is now; False when that is here."""
        if self._at == self.ring.at:
            return False
        self._others[self._at] = self.inner, self.streams
        self._at = self.ring.at
        self.inner, self.streams = self._others.pop(self._at, (None, None))
        return True

    def renew(self) -> bool:
        """Goes on over connections with the certificates that are in their files now; False
        when no file was replaced.
        """
        endpoints = tuple(each.renewed() for each in self.endpoints)
        if all(new is old for new, old in zip(endpoints, self.endpoints, strict=True)):
            return False
        self.endpoints = endpoints
        self._left += self._opened()
        self.inner, self.streams, self._others = None, None, {}
        return True

    def open(self, make: Callable[[Endpoint, bool], Any]) -> Any:
        """The channel of all calls but job streams; ``make(endpoint, streams)`` makes one."""
        if self.inner is None:
            self.inner = make(self.endpoint, False)
        return self.inner

    def open_streams(self, make: Callable[[Endpoint, bool], Any]) -> Any:
        """The channel of the job streams: most programs have none."""
        if self.streams is None:
            self.streams = make(self.endpoint, True)
        return self.streams

    def usage(self) -> WireUse:
        """What is open, and how much of it is taken: the fast engine tells."""
        from camunda_core._usage import WireUse, together  # few programs ask

        if not self.endpoint.fast:
            return WireUse(
                wire="gRPC",
                engine=DEFAULT,
                unknown="grpcio keeps its connections, and the peer's limit, to itself",
            )
        return together("gRPC", FAST, [each.usage() for each in (*self._opened(), *self._left)])

    def take_all(self) -> list[Any]:
        """All channels there are, to be closed; a channel in use stays to be asked for its state."""
        found = [*self._opened(), *self._left]
        self.streams, self._others, self._left = None, {}, []
        return found

    def _opened(self) -> list[Any]:
        pairs = ((self.inner, self.streams), *self._others.values())
        return [each for pair in pairs for each in pair if each is not None]
