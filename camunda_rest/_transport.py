"""What carries the requests of a client: requests and aiohttp, or the fast engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from ssl import SSLContext
from typing import TYPE_CHECKING, NamedTuple, Protocol

from camunda_core._secrecy import Sealed
from camunda_rest._invocation import NoAnswer
from camunda_rest._request import HttpRequest
from camunda_rest._response import HttpResponse

if TYPE_CHECKING:
    from camunda_core._usage import WireUse

__all__ = [
    "ANY_NUMBER",
    "BlockingKept",
    "BlockingTransport",
    "Kept",
    "Settings",
    "Several",
    "Transport",
    "Unanswered",
]


#: Connections, where something else limits the calls.
ANY_NUMBER = 2**16


class Settings(NamedTuple):
    """How to get to a gateway. ``largest`` is the number of bytes of an answer that are read, None for any."""

    address: str
    server_name: str | None
    proxy: str | None
    trust: Callable[[], SSLContext | None]
    user_agent: str
    pool_size: int
    largest: int | None
    #: Seconds that connecting may take, where the call has more; None for all that it has.
    connect_limit: float | None = None
    #: Makes the context of TLS to a proxy that is spoken to in it.
    proxy_trust: Callable[[], SSLContext | None] | None = None


class Unanswered(Exception):
    """An answer that broke off while it was read piece by piece."""

    def __init__(self, outcome: NoAnswer) -> None:
        super().__init__(outcome.what)
        self.outcome = outcome


class Kept(Protocol):
    """A success whose body is still to be read. ``chunks`` raises Unanswered."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    def chunks(self) -> AsyncIterator[bytes]: ...
    async def close(self) -> None: ...


class Transport(Protocol):
    """For one event loop.

    ``attempt`` makes one, of ``left`` seconds at most, and raises nothing, since its frames hold what
    says who is calling; with ``keep`` a success is left unread. ``abandon`` is ``close`` where
    nothing can be awaited.
    """

    async def attempt(
        self,
        request: HttpRequest,
        identity: Sealed,
        extra: Mapping[str, str] | None,
        left: float | None,
        keep: bool,
    ) -> HttpResponse | Kept | NoAnswer | BaseException: ...
    async def close(self) -> None: ...
    def abandon(self) -> None: ...
    def usage(self) -> WireUse: ...


class BlockingKept(Protocol):
    """``Kept``, blocking."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    def chunks(self) -> Iterator[bytes]: ...
    def close(self) -> None: ...


class BlockingTransport(Protocol):
    """``Transport`` for threads. ``close`` lets what is under way end as it would have."""

    def attempt(
        self,
        request: HttpRequest,
        identity: Sealed,
        extra: Mapping[str, str] | None,
        left: float | None,
        keep: bool,
    ) -> HttpResponse | BlockingKept | NoAnswer | BaseException: ...
    def close(self) -> None: ...
    def usage(self) -> WireUse: ...


class Several:
    """The transports to several gateways, each of which makes attempts for itself."""

    def __init__(self, parts: tuple[Transport, ...]) -> None:
        self.parts = parts

    async def close(self) -> None:
        """Closes all."""
        for part in self.parts:
            await part.close()

    def usage(self) -> WireUse:
        """All of them together."""
        from camunda_core._usage import together

        parts = [part.usage() for part in self.parts]
        return together("REST", parts[0].engine, parts)

    def abandon(self) -> None:
        """Abandons all."""
        for part in self.parts:
            part.abandon()
