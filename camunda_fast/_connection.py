"""What connections of HTTP/1.1 and HTTP/2 have in common, and the exchanges that they carry."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from httpunk import HeaderMap

if TYPE_CHECKING:
    from camunda_fast._http1 import Http1
    from camunda_fast._http2 import Http2
    from camunda_fast._pool import Pool

__all__ = ["MOST_MOVES", "Carrier", "Connection", "Exchange", "Profile"]

Carrier: TypeAlias = "Http1 | Http2"

#: How often a request that the server did not look at is sent again.
MOST_MOVES = 5
#: Bytes of one read. asyncio's 256 KiB are beyond what malloc keeps: some programs gave the pages back
#: after each read, and got them anew.
_READ = 64 * 1024
#: Seconds for taking leave.
_LEAVE = 1.0


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What connections of one kind have in common.

    ``window``       bytes of one answer that may come before somebody reads them
    ``together``     the same of all answers on one connection
    ``header_list``  bytes of the longest headers that are read
    ``keepalive``    seconds of silence, while an answer is awaited, before a PING is sent; None for never
    ``patience``     seconds that may pass after it before the connection is given up
    ``most``         exchanges at once on one connection, where the server allows more
    ``idle``         seconds after which an unused connection is not used again; None for any time
    """

    authority: str
    scheme: str
    window: int
    together: int = 16 * 1024 * 1024
    header_list: int
    keepalive: float | None
    patience: float
    most: int | None = None
    idle: float | None = None


class Exchange:
    """A request and its answer, as pools and connections see them.

    ``body`` is what is to be sent, ``sent`` how much of it the connection has taken, and ``whole`` whether
    that is all of it; otherwise ``took`` is called when it has it all, and what follows is put in its place
    and sent with ``Connection.feed``. ``connection`` is None before it is on one, and once nothing more is
    wanted of it; ``blocked`` is for that to use.
    ``among_many``: others are likely to be made in the same turn, so that even the first is not sent at once.
    """

    # One is made for each call: with a dictionary in place of these a short job costs a tenth more.
    __slots__ = (
        "__weakref__", "asked", "blocked", "body", "connection", "ends", "moves", "outcome", "path", "pool",
        "sent", "sid",
    )  # fmt: skip
    verb = "POST"
    whole, among_many = True, False
    #: The headers of the request, as HTTP/2 has them.
    asked: HeaderMap

    def __init__(self, pool: Pool, path: str, body: bytes) -> None:
        self.pool, self.path, self.body = pool, path, body
        self.outcome: asyncio.Future[Any] = pool.loop.create_future()
        self.sid = self.sent = self.moves = 0
        self.blocked = False
        self.connection: Carrier | None = None
        self.ends: float | None = None

    # What the connection says. None of these may raise.

    def took(self) -> None:
        """The connection has what there was of the body."""

    def head(self, status: int, headers: HeaderMap, over: bool) -> None:
        """The answer begins; with ``over`` it ends as well."""

    def data(self, chunk: bytes) -> None:
        """A piece of the body; whoever has read it says so with ``release``."""

    def over(self, trailers: HeaderMap | None) -> None:
        """The answer has ended."""

    def reset(self, code: int, untouched: bool) -> None:
        """The server ended it; ``untouched`` when it says that it did not look at the request."""

    def lost(self, why: str, untouched: bool) -> None:
        """The connection broke."""

    # What the pool says

    def unsendable(self, error: BaseException) -> None:
        """It cannot be sent at all."""

    def expired(self) -> None:
        """Its time is over."""

    def cancel(self) -> object:
        """Ends it here and now; the server is told."""

    # What both kinds of exchanges do

    def release(self, count: int) -> None:
        """``count`` bytes of the answer were read, or are on their way: the server may send as many more."""
        connection = self.connection
        if connection is not None and connection.lost is None:
            connection.release(self, count)

    def hang_up(self) -> None:
        """Nothing more of it is wanted."""
        connection, self.connection = self.connection, None
        if connection is not None and connection.lost is None:
            connection.cancel(self)

    def moved(self) -> bool:
        """Sends it again over another connection, since the server has not looked at it; not for ever."""
        if self.moves >= MOST_MOVES or self.pool.closed:
            return False
        self.moves += 1
        self.connection = None
        self.pool.start(self)
        return True


class Connection(asyncio.Protocol):
    """What ``Http1`` and ``Http2`` share. ``ready`` is done when it can be used, or fails; ``changed`` is
    called with the connection when it can take another request, takes none any more, is lost, or gone.
    """

    def __init__(self, profile: Profile, changed: Callable[[Any], None]) -> None:
        self._loop = loop = asyncio.get_running_loop()
        self._profile, self._changed = profile, changed
        self.ready: asyncio.Future[None] = loop.create_future()
        self.lost: str | None = None
        #: What broke it, where something was raised.
        self.cause: BaseException | None = None
        self._gone: asyncio.Future[None] = loop.create_future()
        self._transport: Any = None
        self._paused = False
        self._heard = loop.time()

    # What a pool asks for

    @property
    def gone(self) -> bool:
        """Whether there is nothing left of it: with TLS that comes a while after it was lost."""
        return self._transport is None

    def leave(self) -> None:
        """Sends what is to be sent, and hangs up."""
        self._fail("Channel closed!")

    async def close(self) -> None:
        """The same, and waits until it is done."""
        self.leave()
        if self._transport is not None:
            # With TLS the other side takes leave too.
            await asyncio.wait({self._gone}, timeout=_LEAVE)
            self.abandon()

    def abandon(self) -> None:
        """Hangs up at once, also where nothing can be awaited: when the event loop has gone."""
        if self._transport is not None:
            with contextlib.suppress(RuntimeError):  # the socket goes with the transport
                self._transport.abort()

    # What the transport says

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        with contextlib.suppress(AttributeError):  # loops of others have no such thing
            transport.max_size = _READ

    def connection_lost(self, exc: BaseException | None) -> None:
        self._transport = None
        self._gone.set_result(None)
        if self.lost is None:
            self.cause = exc
            self._fail("Socket closed" if exc is None else f"recvmsg:{_said(exc)}")
        self._changed(self)

    def pause_writing(self) -> None:
        self._paused = True

    # Inside

    def _idle(self) -> bool:
        """Whether it, which carries nothing, has been silent for too long to be trusted."""
        idle = self._profile.idle
        return idle is not None and self._loop.time() - self._heard >= idle

    def _drop(self, why: str) -> None:
        """Tells the exchanges that it is lost."""

    def _fail(self, why: str) -> None:
        if self.lost is not None:
            return
        self.lost = why
        if not self.ready.done():
            failure = ConnectionError(why)
            failure.__cause__ = self.cause
            self.ready.set_exception(failure)
            self.ready.exception()  # nobody need look
        self._drop(why)
        if self._transport is not None:
            self._transport.close()
        self._changed(self)


def _said(error: BaseException) -> str:
    if isinstance(error, ConnectionResetError):
        return "Connection reset by peer"
    return (
        f"{error.strerror} ({error.errno})" if isinstance(error, OSError) and error.strerror else str(error)
    )
