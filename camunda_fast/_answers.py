"""REST: a request and its answer as it comes, whichever version of HTTP brings it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

from httpunk import H2Reason, HeaderMap

from camunda_fast._connection import Exchange

if TYPE_CHECKING:
    from camunda_fast._pool import Pool

__all__ = ["AHEAD", "Answer", "Broken", "Kind"]

Kind: TypeAlias = Literal["unconnected", "late", "lost", "foreign", "headers", "closed", "refused"]

#: Bytes of an answer that may wait for who reads it piece by piece.
AHEAD = 256 * 1024
#: Headers of an answer, over HTTP/2 as over HTTP/1.1.
_MOST_HEADERS = 100
#: Methods whose requests say that they have no body, where they have none.
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
#: What describes a connection of HTTP/1.1 and not the request: HTTP/2 forbids it.
_OF_CONNECTIONS = frozenset({"connection", "host", "keep-alive", "proxy-connection", "te", "upgrade"})


class Broken(Exception):
    """An exchange without an answer: of which kind, and what was raised. "late" is one that had its
    connection, "unconnected" without a cause one that did not get it in time, "refused" one that the
    server says it did not look at. ``spoken``: it had said something on that connection.
    """

    def __init__(self, kind: Kind, cause: BaseException | None = None, *, spoken: bool = False) -> None:
        super().__init__(kind)
        self.kind: Kind = kind
        self.cause, self.spoken = cause, spoken


class Answer(Exchange):
    """A request and its answer. ``fields`` are the headers of the one, ``headers`` those of the other.

    Of a body larger than ``most`` bytes a little more than that is read; with ``keeps`` it is read piece
    by piece. ``begun`` is done with the headers then, and ``outcome`` always with the end.
    """

    def __init__(
        self,
        pool: Pool,
        verb: str,
        path: str,
        fields: Mapping[str, str],
        body: bytes | AsyncIterator[bytes] | None,
        *,
        longest_header: int,
        most: int | None,
        keeps: bool,
    ) -> None:
        self._upload = None if body is None or isinstance(body, bytes) else body
        super().__init__(pool, path, body if isinstance(body, bytes) else b"")
        self.verb, self.fields, self.whole = verb, fields, self._upload is None
        sized = isinstance(body, bytes) or (body is None and verb in _WITH_BODY)
        #: Bytes of the body, where the request says how many they are.
        self.length = len(self.body) if sized else None
        self.most, self.keeps, self._longest = most, keeps, longest_header
        self.status = 0
        self.headers: dict[str, str] = {}
        self.pieces: deque[bytes] = deque()
        self.size = 0
        self.begun: asyncio.Future[None] | None = pool.loop.create_future() if keeps else None
        if self._upload is not None:
            self._taken: asyncio.Future[None] = pool.loop.create_future()
        self._waiter: asyncio.Future[None] | None = None

    @property
    def asked(self) -> HeaderMap:  # type: ignore[override]  # nobody sets it
        """As HTTP/2 has them."""
        made = HeaderMap(
            [(name, value) for name, value in self.fields.items() if name.lower() not in _OF_CONNECTIONS]
        )
        if self.length is not None:
            made.add("content-length", str(self.length))
        return made

    # What whoever asked wants

    async def come(self) -> Answer:
        """It, as far as it was asked for. Raises Broken."""
        try:
            if self._upload is not None:
                await self._send(self._upload)
            await (self.outcome if self.begun is None else self.begun)
        except Broken:
            raise
        except BaseException:
            self.cancel()
            raise
        self.pool.unlimited(self)
        return self

    async def _send(self, pieces: AsyncIterator[bytes]) -> None:
        async for piece in pieces:
            if not await self._takes_more():
                return
            if piece:
                self._feed(piece)
        if await self._takes_more():
            self.whole = True
            self._feed(b"")

    async def _takes_more(self) -> bool:
        """Waits until there is a connection that has what there was; False when the end came before."""
        if not self._taken.done():
            await asyncio.wait({self._taken, self.outcome}, return_when=asyncio.FIRST_COMPLETED)
        return not self.outcome.done()

    def _feed(self, piece: bytes) -> None:
        self.body, self._taken = piece, self.pool.loop.create_future()
        assert self.connection is not None
        self.connection.feed(self)

    def content(self) -> bytes:
        """All that came of the body."""
        return self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)

    async def chunks(self, pause: float | None) -> AsyncGenerator[bytes, None]:
        """The body piece by piece, for each of which it is waited ``pause`` seconds at most. Raises Broken."""
        while True:
            while self.pieces:
                piece = self.pieces.popleft()
                self.size -= len(piece)
                self.release(len(piece))
                yield piece
            if self.outcome.done():
                self.outcome.result()
                return
            self._waiter = self.pool.loop.create_future()
            done, _ = await asyncio.wait({self._waiter}, timeout=pause)
            if not done:
                self.cancel()
                raise Broken("late")

    def cancel(self) -> None:
        """Leaves it; the server is told, or else the connection on which more of it would come is closed."""
        self.end(Broken("closed"))

    # What the connection says

    @property
    def sent_all(self) -> bool:
        """Whether the whole request has gone."""
        return self.whole and self.sent >= len(self.body)

    def took(self) -> None:
        if self._upload is not None and not self._taken.done():
            self._taken.set_result(None)

    def head(self, status: int, headers: HeaderMap, over: bool) -> None:
        pairs = headers.items()
        for name, value in pairs:
            if len(value) > self._longest or len(pairs) > _MOST_HEADERS:
                self.end(Broken("headers"))
                return
            self.headers.setdefault(name, value.decode("latin-1"))
        self.status = status
        if self.begun is not None and not self.begun.done():
            self.begun.set_result(None)
        if over:
            self.over(None)

    def data(self, chunk: bytes) -> None:
        self.pieces.append(chunk)
        self.size += len(chunk)
        if self.keeps:
            self._wake()
            return
        self.release(len(chunk))
        if self.most is not None and self.size > self.most:
            self.end(None)

    def over(self, trailers: HeaderMap | None) -> None:
        if self.sent_all:
            self._settle(None)
        else:  # the rest of the request is of no use to anybody
            self.end(None)

    def reset(self, code: int, untouched: bool) -> None:
        try:
            name = H2Reason(code).name
        except ValueError:
            name = str(code)
        self._lost(ConnectionError(f"the server ended the request ({name})"), untouched)

    def lost(self, why: str, untouched: bool) -> None:
        cause = None if self.connection is None else self.connection.cause
        if cause is None and why != "Socket closed":  # for which HTTP/1.1 has no words of its own
            cause = ConnectionError(why)
        self._lost(cause, untouched)

    def _lost(self, cause: BaseException | None, untouched: bool) -> None:
        unseen = untouched and not self.status
        if not (unseen and self._upload is None and self.moved()):
            spoken = self.connection is not None and self.connection.many
            self._settle(Broken("refused" if unseen else "lost", cause, spoken=spoken))

    # What the pool says

    def unsendable(self, error: BaseException) -> None:
        self._settle(error)

    def expired(self) -> None:
        self.end(Broken("late" if self.connection is not None else "unconnected"))

    # Inside

    def end(self, error: Exception | None) -> None:
        """Ends it from here."""
        if isinstance(error, Broken) and self.connection is not None:
            error.spoken = self.connection.many
        self._settle(error)
        self.hang_up()

    def _settle(self, error: BaseException | None) -> None:
        self.pool.finished(self)
        for future in (self.begun, self.outcome):
            if future is None or future.done():
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)
                future.exception()  # nobody need look
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
