"""HTTP/1.1 to one address: a pool of connections that are kept alive, over httpunk's codec.

A connection carries one exchange at a time and is used again when both sides have finished theirs.
Nothing is sent twice: who repeats, and when, is decided above.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any, Literal, TypeAlias

from httpunk import H1ParseError, HeaderMap, HTTPunkError
from httpunk._httpunk import H1BodyDecoder, H1Codec

from camunda_fast._dialing import NoConnection, Target, connect

__all__ = ["Answer", "Broken", "HttpPool"]

Kind: TypeAlias = Literal["unconnected", "late", "lost", "foreign", "headers", "closed"]

#: Bytes of an answer that may wait for who reads it piece by piece.
_AHEAD = 256 * 1024
#: Seconds that one attempt to connect may take where nothing else is said.
_CONNECTING = 60.0
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class Broken(Exception):
    """An exchange without an answer: of which kind, and what was raised. "late" is one that had its
    connection, "unconnected" without a cause one that did not get it in time.
    """

    def __init__(self, kind: Kind, cause: BaseException | None = None) -> None:
        super().__init__(kind)
        self.kind: Kind = kind
        self.cause = cause


class Answer:
    """An answer as it comes. ``begun`` is done with its headers, ``done`` with its end."""

    __slots__ = (
        "_connection",
        "_waiter",
        "begun",
        "decoder",
        "done",
        "headers",
        "keeps",
        "most",
        "pieces",
        "size",
        "status",
    )

    def __init__(self, connection: _Connection, most: int | None, *, keeps: bool) -> None:
        loop = connection.loop
        self._connection = connection
        self.most, self.keeps = most, keeps
        self.status = 0
        self.headers: dict[str, str] = {}
        self.decoder: Any = None
        self.pieces: deque[bytes] = deque()
        self.size = 0
        self.begun: asyncio.Future[None] | None = loop.create_future() if keeps else None
        self.done: asyncio.Future[None] = loop.create_future()
        self._waiter: asyncio.Future[None] | None = None

    def came(self, chunk: bytes) -> bool:
        """A piece of its body; False when that is enough of it."""
        self.pieces.append(chunk)
        self.size += len(chunk)
        self._wake()
        return self.keeps or self.most is None or self.size <= self.most

    def began(self) -> None:
        """Its headers are there."""
        if self.begun is not None and not self.begun.done():
            self.begun.set_result(None)

    def over(self, error: Broken | None = None) -> None:
        """It has ended."""
        for future in (self.begun, self.done):
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

    def body(self) -> bytes:
        """All that came."""
        return self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)

    async def chunks(self, pause: float | None) -> AsyncGenerator[bytes, None]:
        """Its body piece by piece, for each of which it is waited ``pause`` seconds at most. Raises Broken."""
        connection = self._connection
        while True:
            while self.pieces:
                piece = self.pieces.popleft()
                self.size -= len(piece)
                connection.reads(self.size < _AHEAD)
                yield piece
            if self.done.done():
                self.done.result()
                return
            self._waiter = connection.loop.create_future()
            done, _ = await asyncio.wait({self._waiter}, timeout=pause)
            if not done:
                self.close()
                raise Broken("late")

    def close(self) -> None:
        """Leaves it; a connection on which more of it would come is closed."""
        self._connection.give_up(self, "closed")


class _Connection(asyncio.Protocol):
    def __init__(self, pool: HttpPool) -> None:
        self.loop = pool.loop
        self._pool = pool
        self._codec = H1Codec(max_buf_size=4 * pool.longest_header)
        self._transport: Any = None
        self._answer: Answer | None = None
        self._why: BaseException | None = None
        self._writing = False
        self._used = False
        self._keep_alive = True
        self._room: asyncio.Future[None] | None = None
        self._paused = self._quiet = False
        self.gone: asyncio.Future[None] = self.loop.create_future()
        self.idle_since = 0.0

    @property
    def open(self) -> bool:
        """Whether it can be used."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, method: str, path: str, headers: HeaderMap, body: bytes | None, answer: Answer) -> None:
        """A request whose body is at hand."""
        codec = self._begin(answer)
        length = len(body) if body is not None else 0 if method in _WITH_BODY else None
        head = codec.serialize_request(method, path, headers, content_length=length)
        self._transport.write(codec.serialize_head_and_body(head, body) if body else head)

    async def upload(
        self, method: str, path: str, headers: HeaderMap, body: AsyncIterator[bytes], answer: Answer
    ) -> None:
        """A request whose body comes in pieces."""
        codec = self._begin(answer)
        self._writing = True
        try:
            self._transport.write(codec.serialize_request(method, path, headers, chunked=True))
            async for piece in body:
                if answer.done.done() or not self.open:
                    return
                if piece:
                    self._transport.write(codec.serialize_data(piece))
                if self._paused:
                    self._room = self.loop.create_future()
                    await asyncio.wait({self._room, answer.done}, return_when=asyncio.FIRST_COMPLETED)
            if self.open:
                self._transport.write(codec.serialize_end())
            self._writing = False
        except BaseException:
            self.give_up(answer, "closed")
            raise

    def _begin(self, answer: Answer) -> H1Codec:
        if self._transport is None:  # lost right after it was made
            raise Broken("lost", self._why)
        self._answer = answer
        if self._used:
            self._codec.reset()
        self._used = True
        return self._codec

    def reads(self, more: bool) -> None:
        """Whether more of the answer is wanted."""
        if self._quiet and more and self.open:
            self._quiet = False
            self._transport.resume_reading()

    def give_up(self, answer: Answer, kind: Kind) -> None:
        """Closes it, if this is the exchange that it carries."""
        if self._answer is answer:
            self.drop(Broken(kind))

    def drop(self, error: Broken) -> None:
        """Closes it at once."""
        answer, self._answer = self._answer, None
        if self._transport is not None:
            self._transport.abort()
        if answer is not None:
            answer.over(error)
        self._pool.left(self)

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        answer = self._answer
        if answer is None:
            self.drop(Broken("lost"))  # nobody asked: what it says cannot belong to the next request
            return
        try:
            if answer.decoder is None:
                head = self._codec.receive_head(data)
                if head is None:
                    return
                answer.status = head.status
                found: dict[str, str] = {}
                for name, value in head.headers.items():
                    if len(value) > self._pool.longest_header:
                        self.drop(Broken("headers"))
                        return
                    found.setdefault(name, value.decode("latin-1"))
                answer.headers = found
                self._keep_alive = head.wants_keep_alive
                answer.decoder = H1BodyDecoder(head.body_kind, head.content_length or 0)
                self._codec.take_body_into(answer.decoder)
                answer.began()
            else:
                answer.decoder.feed(data)
            self._decode(answer)
        except H1ParseError as error:
            self.drop(Broken("headers" if error.args[0] == "too_large" else "foreign", error))
        except HTTPunkError as error:
            self.drop(Broken("lost", error))

    def _decode(self, answer: Answer) -> None:
        decoder = answer.decoder
        while (chunk := decoder.decode()) is not None:
            if not answer.came(chunk):
                self._answer = None
                answer.over()
                self.drop(Broken("closed"))
                return
        if decoder.is_complete:
            _, beyond = decoder.finish()
            self._answer = None
            again = self._keep_alive and not self._writing and not beyond and self.open
            answer.over()
            if again:
                self._pool.free(self)
            else:
                self.drop(Broken("closed"))
        elif answer.keeps and answer.size >= _AHEAD and not self._quiet:
            self._quiet = True
            self._transport.pause_reading()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._transport, self._why = None, exc
        answer, self._answer = self._answer, None
        if not self.gone.done():
            self.gone.set_result(None)
        if answer is not None:
            error: Broken | None = Broken("lost", exc)
            if answer.decoder is not None and exc is None:
                try:
                    answer.decoder.mark_eof()
                    while (chunk := answer.decoder.decode()) is not None:
                        answer.came(chunk)
                    error = None if answer.decoder.is_complete else error
                except HTTPunkError as why:
                    error = Broken("lost", why)
            answer.over(error)
        self._pool.left(self)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    async def close(self) -> None:
        """Takes leave."""
        if self._transport is not None:
            self._transport.close()
            await asyncio.wait({self.gone}, timeout=1.0)
            if self._transport is not None:
                self._transport.abort()

    def abandon(self) -> None:
        """Closes it where nothing can be awaited."""
        if self._transport is not None:
            with contextlib.suppress(RuntimeError):  # the loop has gone, and the socket goes with it
                self._transport.abort()


class HttpPool:
    """For the running event loop.

    ``size``             connections at most; beyond them it is waited for a free one
    ``idle``             seconds after which an unused connection is not used again
    ``longest_header``   bytes of the longest header of an answer that is read
    """

    def __init__(self, target: Target, *, size: int, idle: float, longest_header: int) -> None:
        self.loop = asyncio.get_running_loop()
        self.longest_header = longest_header
        self.closed = False
        self._target, self._size, self._idle = target, size, idle
        self._free: list[_Connection] = []
        self._all: set[_Connection] = set()
        self._dialing = 0
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
        made = HeaderMap(headers.items())
        connection = self._reused() if not self._waiting else None
        if connection is None:
            connection = await self._found(end)
        answer = Answer(connection, most, keeps=keeps)
        timer = None if end is None else self.loop.call_at(end, connection.give_up, answer, "late")
        try:
            if body is None or isinstance(body, bytes):
                connection.send(method, path, made, body, answer)
            else:
                await connection.upload(method, path, made, body, answer)
            await (answer.done if answer.begun is None else answer.begun)
        except asyncio.CancelledError:
            connection.give_up(answer, "closed")
            raise
        finally:
            if timer is not None:
                timer.cancel()
        return answer

    def _reused(self) -> _Connection | None:
        while self._free:
            connection = self._free.pop()
            if connection.open and self.loop.time() - connection.idle_since < self._idle:
                return connection
            connection.drop(Broken("closed"))
        return None

    async def _found(self, end: float | None) -> _Connection:
        while True:
            if self.closed:
                raise Broken("closed")
            connection = self._reused()
            if connection is not None:
                return connection
            left = None if end is None else end - self.loop.time()
            if left is not None and left <= 0:
                raise Broken("unconnected")
            if len(self._all) + self._dialing < self._size:
                return await self._dialed(left)
            turn = self.loop.create_future()
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

    async def _dialed(self, left: float | None) -> _Connection:
        self._dialing += 1
        try:
            work = connect(self._target, lambda: _Connection(self), _CONNECTING if left is None else left)
            connection: _Connection = await asyncio.wait_for(work, left)
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
        self._all.add(connection)
        return connection

    def _next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def free(self, connection: _Connection) -> None:
        """Its exchange is over, and it can be used again."""
        connection.idle_since = self.loop.time()
        if self.closed:
            connection.abandon()
            return
        self._free.append(connection)
        self._next()

    def left(self, connection: _Connection) -> None:
        """It cannot be used any more."""
        if connection in self._all:
            self._all.discard(connection)
            if connection in self._free:
                self._free.remove(connection)
            self._next()

    async def close(self) -> None:
        """Closes all connections; what is under way fails."""
        self.closed = True
        connections = list(self._all)
        for connection in connections:
            if connection not in self._free:
                connection.drop(Broken("closed"))
        await asyncio.gather(*(each.close() for each in connections))
        while self._waiting:
            self._next()

    def abandon(self) -> None:
        """The same where nothing can be awaited, be it after the event loop has gone."""
        self.closed = True
        for connection in list(self._all):
            connection.abandon()
