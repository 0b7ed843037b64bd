"""One connection of HTTP/1.1, over httpunk's codec. It carries one exchange at a time and is used again
when both sides have finished theirs.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from httpunk import H1ParseError, HeaderMap, HTTPunkError
from httpunk._httpunk import H1BodyDecoder, H1Codec

from camunda_fast._answers import AHEAD, Answer, Broken, Kind

if TYPE_CHECKING:
    from camunda_fast._pool import HttpPool

__all__ = ["WITH_BODY", "Http1"]

#: Methods whose requests say that they have no body, where they have none.
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class Http1(asyncio.Protocol):
    """A connection of ``pool``, which is told when it is free and when it has gone."""

    def __init__(self, pool: HttpPool) -> None:
        self.loop = pool.loop
        self._pool = pool
        self._codec = H1Codec(max_buf_size=4 * pool.longest_header)
        self._transport: Any = None
        self._answer: Answer | None = None
        self._why: BaseException | None = None
        self._writing = False
        self._used = self._foreign = False
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
        length = len(body) if body is not None else 0 if method in WITH_BODY else None
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
        if self._foreign:
            raise Broken("foreign")
        if self._transport is None:  # lost right after it was made
            raise Broken("lost", self._why)
        self._answer = answer
        if self._used:
            self._codec.reset()
        self._used = True
        return self._codec

    def taken(self, count: int, more: bool) -> None:
        """So many bytes of the answer were read; whether more of it are wanted."""
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
            # Nobody asked: what it says cannot belong to the next request. Who speaks first is no HTTP/1.1.
            self._foreign = not self._used and not b"HTTP/".startswith(data[:5])
            self.drop(Broken("lost"))
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
        elif answer.keeps and answer.size >= AHEAD and not self._quiet:
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
