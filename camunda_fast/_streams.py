"""HTTP over a connection of HTTP/2: one stream for each exchange, many of them at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

from httpunk import H2Reason, HeaderMap

from camunda_fast._answers import AHEAD, Answer, Broken, Kind
from camunda_fast._http1 import WITH_BODY
from camunda_fast._http2 import Connection, Profile

__all__ = ["MOST_STREAMS", "Stream", "headers_of", "profile_of"]

#: Exchanges at once on one connection. As many answers that nobody reads must leave room in its window,
#: so that they do not hold up the others; httpunk keeps up to a third of it to itself, until more is read.
MOST_STREAMS = 60
_TOGETHER = 2 * MOST_STREAMS * AHEAD
#: Seconds of silence, while an answer is awaited, after which a PING is sent, and for its answer.
_KEEPALIVE, _PATIENCE = 5.0, 4.0
#: Headers of an answer, as with HTTP/1.1.
_MOST_HEADERS = 100
#: What describes a connection of HTTP/1.1 and not the request: HTTP/2 forbids it.
_OF_CONNECTIONS = frozenset({"connection", "host", "keep-alive", "proxy-connection", "te", "upgrade"})


def profile_of(authority: str, longest_header: int) -> Profile:
    """How connections to ``authority`` are kept."""
    return Profile(
        authority=authority,
        scheme="https",
        window=AHEAD,
        together=_TOGETHER,
        header_list=4 * longest_header,
        keepalive=_KEEPALIVE,
        patience=_PATIENCE,
    )


def headers_of(
    method: str, headers: Mapping[str, str], body: bytes | AsyncIterator[bytes] | None
) -> HeaderMap:
    """The headers of a request."""
    made = HeaderMap(
        [(name, value) for name, value in headers.items() if name.lower() not in _OF_CONNECTIONS]
    )
    if isinstance(body, bytes) or (body is None and method in WITH_BODY):
        made.add("content-length", str(len(body or b"")))
    return made


class Stream:
    """One exchange. When the server has not looked at it, it ends with Broken("refused")."""

    among_many = False

    def __init__(
        self, connection: Connection, body: bytes, longest: int, most: int | None, *, keeps: bool
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self._connection, self._longest = connection, longest
        self.sid = self.sent = 0
        self.body, self.whole = body, True
        self._fed: asyncio.Future[None] | None = None
        self.answer = Answer(self, most, keeps=keeps)

    async def upload(self, body: AsyncIterator[bytes]) -> None:
        """Sends a body that comes in pieces, as the windows take it; it was opened with ``whole`` False."""
        done = self.answer.done
        try:
            async for piece in body:
                if done.done():
                    return
                if piece:
                    self.body, self._fed = piece, self.loop.create_future()
                    self._connection.feed(self)
                    if not self._fed.done():
                        await asyncio.wait({self._fed, done}, return_when=asyncio.FIRST_COMPLETED)
            if not done.done():
                self.body, self.whole = b"", True
                self._connection.feed(self)
        except BaseException:
            self.give_up(self.answer, "closed")
            raise

    # What the connection says

    def took(self) -> None:
        if self._fed is not None and not self._fed.done():
            self._fed.set_result(None)

    def head(self, status: int, headers: HeaderMap, over: bool) -> None:
        answer, found = self.answer, dict[str, str]()
        pairs = headers.items()
        if len(pairs) > _MOST_HEADERS or any(len(value) > self._longest for _, value in pairs):
            self.give_up(answer, "headers")
            return
        for name, value in pairs:
            found.setdefault(name, value.decode("latin-1"))
        answer.status, answer.headers = status, found
        answer.began()
        if over:
            self.over(None)

    def data(self, chunk: bytes) -> None:
        answer = self.answer
        if not answer.keeps:
            self._connection.release(self, len(chunk))
        if not answer.came(chunk):
            self._end(None)

    def over(self, trailers: HeaderMap | None) -> None:
        if self.whole and self.sent >= len(self.body):
            self.answer.over()
        else:  # the rest of the request is of no use to anybody
            self._end(None)

    def reset(self, code: int, untouched: bool) -> None:
        try:
            name = H2Reason(code).name
        except ValueError:
            name = str(code)
        self._lost(ConnectionError(f"the server ended the request ({name})"), untouched)

    def lost(self, why: str, untouched: bool) -> None:
        # As with HTTP/1.1, which has no words of its own for a connection that was closed.
        plain = why == "Socket closed" or self._connection.cause is not None
        self._lost(self._connection.cause if plain else ConnectionError(why), untouched)

    def _lost(self, cause: BaseException | None, untouched: bool) -> None:
        unseen = untouched and not self.answer.status
        self.answer.over(Broken("refused" if unseen else "lost", cause, spoken=True))

    # What the answer says

    def taken(self, count: int, more: bool) -> None:
        if self._connection.lost is None:
            self._connection.release(self, count)

    def give_up(self, answer: Answer, kind: Kind) -> None:
        """Ends it here and now; the server is told."""
        self._end(Broken(kind, spoken=True))

    def _end(self, error: Broken | None) -> None:
        self.answer.over(error)
        if (
            self._connection.lost is None
        ):  # of what has ended nothing is sent, but its unread room is given back
            self._connection.cancel(self)
