"""Connections to one address over which HTTP is spoken: HTTP/2 where TLS agrees on it, else HTTP/1.1.

Nothing that a server may have looked at is sent twice: who repeats, and when, is decided above.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Mapping
from typing import Any, NamedTuple

from httpunk import HeaderMap

from camunda_core._usage import WireUse
from camunda_fast._answers import Answer, Broken
from camunda_fast._dialing import NoConnection, Target, agreed_on, connect
from camunda_fast._http1 import Http1
from camunda_fast._http2 import MOST_MOVES, Connection, Profile
from camunda_fast._streams import MOST_STREAMS, Stream, headers_of

__all__ = ["HttpPool"]

#: Seconds that one attempt to connect may take where nothing else is said.
_CONNECTING = 60.0
_HTTP2 = "h2"


class _Request(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | AsyncIterator[bytes] | None
    end: float | None
    most: int | None
    keeps: bool

    @property
    def pieces(self) -> AsyncIterator[bytes] | None:
        """The body where it comes piece by piece."""
        return None if self.body is None or isinstance(self.body, bytes) else self.body


class HttpPool:
    """For the running event loop.

    ``size``             connections at most; beyond what they take it is waited for a free one
    ``idle``             seconds after which an unused connection is not used again
    ``longest_header``   bytes of the longest header of an answer that is read
    ``profile``          of connections of HTTP/2
    """

    def __init__(
        self, target: Target, *, size: int, idle: float, longest_header: int, profile: Profile
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.longest_header = longest_header
        self.closed = False
        self._target, self._size, self._idle, self._profile = target, size, idle, profile
        self._free: list[Http1] = []
        self._all: set[Http1] = set()
        self._shared: list[Connection] = []
        #: Those of HTTP/2 that take no more requests, with answers still to come.
        self._leaving: set[Connection] = set()
        self._dialing = 0
        #: Whether the next connection may be one for many requests, so that one at a time is enough.
        self._many = target.context is not None and _HTTP2 in target.protocols
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def exchange(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | AsyncIterator[bytes] | None,
        *,
        timeout: float | None,
        most: int | None,
        keeps: bool = False,
    ) -> Answer:
        """One request and its answer, within ``timeout`` seconds: whole, or with ``keeps`` its headers.

        Of a body larger than ``most`` bytes a little more than that is read. Raises Broken.
        """
        end = None if timeout is None else self.loop.time() + timeout
        request = _Request(method, path, headers, body, end, most, keeps)
        moves = 0
        while True:
            connection = self._reused() if not self._waiting else None
            if connection is None:
                connection = await self._found(end)
            if isinstance(connection, Http1):
                return await self._alone(connection, request)
            moves += 1
            try:
                answer = await self._among(connection, request)
                if answer is not None:
                    return answer
                if moves > MOST_MOVES:
                    raise Broken("refused")
            except Broken as error:
                if error.kind != "refused" or request.pieces is not None or moves > MOST_MOVES:
                    raise

    async def _alone(self, connection: Http1, request: _Request) -> Answer:
        method, path, headers, body, end, most, keeps = request
        made = HeaderMap(headers.items())
        answer = Answer(connection, most, keeps=keeps)
        if body is None or isinstance(body, bytes):
            connection.send(method, path, made, body, answer)
            return await self._come(connection, answer, end)
        return await self._come(connection, answer, end, connection.upload(method, path, made, body, answer))

    async def _among(self, connection: Connection, request: _Request) -> Answer | None:
        """None where the connection takes nothing, contrary to what it said."""
        method, path, headers, body, end, most, keeps = request
        stream = Stream(
            connection, body if isinstance(body, bytes) else b"", self.longest_header, most, keeps=keeps
        )
        stream.whole = request.pieces is None
        if not connection.open(stream, path, headers_of(method, headers, body), method):
            return None
        upload = None if request.pieces is None else stream.upload(request.pieces)
        return await self._come(stream, stream.answer, end, upload)

    async def _come(
        self,
        carrier: Http1 | Stream,
        answer: Answer,
        end: float | None,
        upload: Coroutine[Any, Any, None] | None = None,
    ) -> Answer:
        """The answer, when it is as far as was asked for; what carries it gives it up at ``end``, or
        with whoever waits.
        """
        timer = None if end is None else self.loop.call_at(end, carrier.give_up, answer, "late")
        try:
            if upload is not None:
                await upload
            await (answer.done if answer.begun is None else answer.begun)
        except asyncio.CancelledError:
            carrier.give_up(answer, "closed")
            raise
        finally:
            if timer is not None:
                timer.cancel()
        return answer

    def _reused(self) -> Http1 | Connection | None:
        for shared in list(self._shared):
            if not shared.usable:
                self._changed(shared)
            elif not shared.busy and shared.silence >= self._idle:
                self._shared.remove(shared)
                shared.leave()
            elif shared.busy < MOST_STREAMS and shared.roomy:
                return shared
        while self._free:
            connection = self._free.pop()
            if connection.open and self.loop.time() - connection.idle_since < self._idle:
                return connection
            connection.drop(Broken("closed"))
        return None

    async def _found(self, end: float | None) -> Http1 | Connection:
        waited = False
        while True:
            if self.closed:
                raise Broken("closed")
            connection = self._reused()
            if connection is not None:
                if isinstance(connection, Connection):
                    self._next()  # there may be room for another one
                return connection
            left = None if end is None else end - self.loop.time()
            if left is not None and left <= 0:
                raise Broken("unconnected")
            some = len(self._all) + len(self._shared) + self._dialing
            if some < self._size and not (self._many and self._dialing):
                return await self._dialed(left)
            turn = self.loop.create_future()
            if waited:  # somebody was faster; it stays the first
                self._waiting.appendleft(turn)
            else:
                self._waiting.append(turn)
            try:
                done, _ = await asyncio.wait({turn}, timeout=left)
            except asyncio.CancelledError:
                if turn.done():
                    self._next()
                raise
            finally:
                if turn in self._waiting:
                    self._waiting.remove(turn)
            if not done:
                raise Broken("unconnected")
            waited = True

    async def _dialed(self, left: float | None) -> Http1 | Connection:
        self._dialing += 1
        try:
            work = connect(self._target, self._protocol, _CONNECTING if left is None else left)
            connection: Any = await asyncio.wait_for(work, left)
        except NoConnection as error:
            raise Broken("unconnected", error.cause) from None
        except (asyncio.TimeoutError, TimeoutError):
            raise Broken("unconnected") from None
        finally:
            self._dialing -= 1
            self._next()
        if self.closed:
            await connection.close()
            raise Broken("closed")
        self._many = isinstance(connection, Connection)
        if isinstance(connection, Connection):
            if connection.usable:
                self._shared.append(connection)
        else:
            self._all.add(connection)
            for _ in range(len(self._waiting)):  # each of them needs one for itself
                self._next()
        return connection  # type: ignore[no-any-return]

    def _protocol(self) -> asyncio.Protocol:
        return Http1(self) if self._target.context is None else _Agreeing(self)

    def speaking(self, agreed: str | None) -> Http1 | Connection:
        """The protocol that was agreed on."""
        return Connection(self._profile, self._changed) if agreed == _HTTP2 else Http1(self)

    def _changed(self, connection: Connection) -> None:
        """A connection of HTTP/2 takes another request, takes none any more, or is lost."""
        if not connection.usable:
            if connection in self._shared:
                self._shared.remove(connection)
                self._leaving.add(connection)
            if connection.lost is not None:
                self._leaving.discard(connection)
            elif not connection.busy:
                connection.leave()
        self._next()

    def _next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def free(self, connection: Http1) -> None:
        """Its exchange is over, and it can be used again."""
        connection.idle_since = self.loop.time()
        if self.closed:
            connection.abandon()
            return
        self._free.append(connection)
        self._next()

    def left(self, connection: Http1) -> None:
        """It cannot be used any more."""
        if connection in self._all:
            self._all.discard(connection)
            if connection in self._free:
                self._free.remove(connection)
            self._next()

    def usage(self) -> WireUse:
        """What is open, and how much of it is taken."""
        shared = [*self._shared, *self._leaving]
        limits = [
            MOST_STREAMS if each.allowed is None else min(each.allowed, MOST_STREAMS) for each in shared
        ]
        return WireUse(
            wire="REST",
            engine="fast",
            connections=len(self._all) + len(shared),
            running=len(self._all) - len(self._free) + sum(each.busy for each in shared),
            waiting=sum(not each.done() for each in self._waiting),
            limit=min(limits, default=1 if self._all else None),
        )

    async def close(self) -> None:
        """Closes all connections; what is under way fails."""
        self.closed = True
        connections = list(self._all)
        for connection in connections:
            if connection not in self._free:
                connection.drop(Broken("closed"))
        every: list[Http1 | Connection] = [*connections, *self._shared, *self._leaving]
        await asyncio.gather(*(each.close() for each in every))
        while self._waiting:
            self._next()

    def abandon(self) -> None:
        """The same where nothing can be awaited, be it after the event loop has gone."""
        self.closed = True
        every: list[Http1 | Connection] = [*self._all, *self._shared, *self._leaving]
        for connection in every:
            connection.abandon()


class _Agreeing(asyncio.Protocol):
    """Gives its place to the protocol that TLS has agreed on."""

    def __init__(self, pool: HttpPool) -> None:
        self._pool = pool

    def connection_made(self, transport: Any) -> None:
        made = self._pool.speaking(agreed_on(transport))
        transport.set_protocol(made)
        made.connection_made(transport)
