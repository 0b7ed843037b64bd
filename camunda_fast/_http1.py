"""One connection of HTTP/1.1, over httpunk's codec. It carries one exchange at a time and is used again
when both sides have finished theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from httpunk import H1ParseError, HeaderMap, HTTPunkError
from httpunk._httpunk import H1BodyDecoder, H1Codec

from camunda_fast._answers import AHEAD, Answer, Broken
from camunda_fast._connection import Connection, Profile

__all__ = ["Http1"]


class Http1(Connection):
    """A connection that carries one exchange after the other."""

    #: Whether it carries many at once, and servers speak before they are asked.
    many = False
    allowed = 1

    def __init__(self, profile: Profile, changed: Callable[[Any], None]) -> None:
        super().__init__(profile, changed)
        self._codec = H1Codec(max_buf_size=profile.header_list)
        #: An ``Answer``, while it carries one.
        self._answer: Any = None
        self._decoder: H1BodyDecoder | None = None
        self._used = self._quiet = False
        self._keep_alive = True

    @property
    def usable(self) -> bool:
        return self.lost is None and not self._transport.is_closing()

    @property
    def busy(self) -> int:
        return int(self._answer is not None)

    def open(self, answer: Any) -> bool:
        if self._answer is not None or not self.usable:
            return False
        if self._idle():
            self._abort()
            return False
        codec, body = self._codec, answer.body
        codec.reset()
        head = codec.serialize_request(
            answer.verb,
            answer.path,
            HeaderMap(answer.fields.items()),
            content_length=answer.length,
            chunked=not answer.whole,
        )
        self._answer, self._decoder, self._used = answer, None, True
        answer.connection, answer.sent = self, len(body)
        self._transport.write(codec.serialize_head_and_body(head, body) if body else head)
        if not answer.whole:
            answer.took()
        return True

    def feed(self, answer: Any) -> None:
        if self._answer is not answer:
            return
        answer.sent = len(answer.body)
        if answer.body:
            self._transport.write(self._codec.serialize_data(answer.body))
        if answer.whole:
            self._transport.write(self._codec.serialize_end())
        elif not self._paused:
            answer.took()

    def release(self, answer: Any, count: int) -> None:
        if self._quiet and self._answer is answer and answer.size < AHEAD:
            self._quiet = False
            self._transport.resume_reading()

    def cancel(self, answer: Any) -> None:
        if self._answer is answer:
            self._answer = None
            self._abort()

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.ready.set_result(None)

    def data_received(self, data: bytes) -> None:
        answer = self._answer
        if answer is None:
            # Nobody asked: what it says cannot belong to the next request. Who speaks first is no HTTP/1.1.
            if not self._used and not b"HTTP/".startswith(data[:5]):
                self.cause = Broken("foreign")
            self._abort()
            return
        try:
            if self._decoder is None:
                head = self._codec.receive_head(data)
                if head is None:
                    return
                self._keep_alive = head.wants_keep_alive
                self._decoder = H1BodyDecoder(head.body_kind, head.content_length or 0)
                self._codec.take_body_into(self._decoder)
                answer.head(head.status, head.headers, False)
            else:
                self._decoder.feed(data)
            self._decode(answer, self._decoder)
        except H1ParseError as error:
            answer.end(Broken("headers" if error.args[0] == "too_large" else "foreign", error))
        except HTTPunkError as error:
            answer.end(Broken("lost", error))

    def _decode(self, answer: Answer, decoder: H1BodyDecoder) -> None:
        while answer is self._answer and (chunk := decoder.decode()) is not None:
            answer.data(chunk)
        if answer is not self._answer:  # that was enough of it
            return
        if decoder.is_complete:
            _, beyond = decoder.finish()
            again = self._keep_alive and answer.sent_all and not beyond
            self._answer = None
            answer.over(None)
            if again:
                self._heard = self._loop.time()
                self._changed(self)
            else:
                self._abort()
        elif answer.keeps and answer.size >= AHEAD and not self._quiet:
            self._quiet = True
            self._transport.pause_reading()

    def connection_lost(self, exc: BaseException | None) -> None:
        answer, decoder = self._answer, self._decoder
        if answer is not None and decoder is not None and exc is None:  # which may be the end of the answer
            self._keep_alive = False
            try:
                decoder.mark_eof()
                self._decode(answer, decoder)
            except HTTPunkError as error:
                answer.end(Broken("lost", error))
        super().connection_lost(exc)

    def resume_writing(self) -> None:
        self._paused = False
        if self._answer is not None:
            self._answer.took()

    def _abort(self) -> None:
        self.abandon()
        self.leave()

    def _drop(self, why: str) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            answer.lost(why, False)
