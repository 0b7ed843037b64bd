"""One HTTP/2 connection: httpunk's state machine, driven by an asyncio protocol.

httpunk's own connection is not used but what is under it, ``H2Streams``: its own leaves a stream
open whose request was cancelled, sends no PING, and reads no more than 16 KiB of headers. Here
nothing waits and there are no tasks: what one read brings is handled in one turn, and what one turn
of the loop sends leaves together.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from httpunk import HTTPunkError
from httpunk._httpunk import (
    H2_FLAG_CAPACITY,
    H2_FLAG_SLOT_FREED,
    H2_FLAG_WAKE,
    H2_HEADERS_HEAD,
    H2_HEADERS_TRAILERS,
    H2Error,
    H2FrameData,
    H2FrameGoAway,
    H2FrameHeaders,
    H2FramePing,
    H2FrameRstStream,
    H2FrameSettings,
    H2FrameStreamError,
    H2FrameWindowUpdate,
    H2Stopped,
    H2StreamError,
    H2Streams,
)

from camunda_fast._connection import Connection, Exchange, Profile

__all__ = ["Http2"]

#: Codes of HTTP/2.
_CANCEL, _PROTOCOL_ERROR, _REFUSED_STREAM = 8, 1, 7
#: The most bytes that wait for a connection which takes none before requests wait themselves.
_SEND_BUFFER = 1024 * 1024
_PING = b"\0\0\x08\x06\0\0\0\0\0camunda\0"
#: Bytes that calls of one connection may make room for before they have come. httpunk takes what has
#: come then for unread, and gives the connection as much more when the call ends: it must not grow
#: without end.
_LENDABLE = 256 * 1024 * 1024
#: A write is put off for so many turns of the event loop, and seconds, at most.
_PUT_OFF, _PUT_OFF_FOR = 2, 0.001
#: What a server that speaks TLS says to one who does not: an alert.
_TLS_ALERT = b"\x15\x03"


class Http2(Connection):
    """A connection that carries many exchanges at once."""

    many = True

    def __init__(self, profile: Profile, changed: Callable[[Any], None]) -> None:
        super().__init__(profile, changed)
        self._state = H2Streams(
            "client",
            initial_window_size=profile.window,
            connection_window=profile.together,
            max_frame_size=16 * 1024,
            # Twice what is read, since httpunk leaves out without a word what is beyond this, and
            # ends the connection, with all calls on it, at four times as much. So the calls can see
            # that there was too much, and say so themselves.
            max_header_list_size=2 * profile.header_list,
            max_send_buf_size=_SEND_BUFFER,
            # Answers that come too late count as faults of the server, once their calls are forgotten:
            # after a stall that would be the end of calls which are in time.
            max_local_error_reset_streams=None,
            enable_push=False,
        )
        self.window, self.lendable = profile.window, _LENDABLE
        self._flushing = self._several = False
        self._put_off, self._put_off_at = 0, 0.0
        self._full = False
        self._pinged: float | None = None
        self._watch: asyncio.TimerHandle | None = None

    # What a pool and exchanges ask for

    @property
    def usable(self) -> bool:
        return self.lost is None and not self._state.is_closed()

    @property
    def busy(self) -> int:
        return self._state.num_streams

    @property
    def allowed(self) -> int | None:
        theirs, ours = self._state.peer_max_concurrent_streams, self._profile.most
        return min((each for each in (theirs, ours) if each is not None), default=None)

    def open(self, exchange: Exchange) -> bool:
        state, profile = self._state, self._profile
        busy = state.num_streams
        if not busy and self._idle():
            self.leave()
        beyond = profile.most is not None and busy >= profile.most
        self._full = beyond or self.lost is not None or not state.try_claim_slot()
        if self._full:
            return False
        sid = state.open_stream(
            exchange.verb,
            exchange.path,
            exchange.asked,
            exchange.whole and not exchange.body,
            exchange.verb == "HEAD",
            exchange,
            scheme=profile.scheme,
            authority=profile.authority,
        )
        if sid is None:
            return False
        exchange.sid, exchange.connection = sid, self
        # Nobody else's request could leave with it in one turn.
        alone = not busy and not exchange.among_many
        if self._flushing:
            self._several = True
        else:
            self._flushing = True
            if not alone:
                self._loop.call_soon(self._flush_soon)
        if exchange.body:
            exchange.sent, exchange.blocked = 0, True
            self._send(exchange)
        elif not exchange.whole:
            exchange.took()
        if alone:
            self._flush()
        if self._watch is None and profile.keepalive is not None:
            self._heard = self._loop.time()
            self._watch = self._loop.call_later(profile.keepalive, self._look)
        return True

    def feed(self, exchange: Exchange) -> None:
        """The windows take what they can, and the rest when they open again."""
        exchange.sent, exchange.blocked = 0, True
        if self.lost is None:
            self._send(exchange)

    def release(self, exchange: Exchange, count: int) -> None:
        flags = self._state.release_capacity(exchange.sid, count)
        if flags:
            self._after(flags)

    def cancel(self, exchange: Exchange) -> None:
        self._after(self._state.reset_stream(exchange.sid, _CANCEL, "user").flags)
        self._end_if_over()

    def leave(self) -> None:
        if self.lost is None:
            self._after(self._state.send_goaway(0))
            self._flush()
            super().leave()

    # What the transport says

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._state.begin()
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        state = self._state
        try:
            if not self.ready.done() and data.startswith(_TLS_ALERT):
                self._fail("this port speaks TLS: write https:// or grpcs://")
                return
            for frame in state.receive(data):
                try:
                    self._take(frame)
                except H2StreamError as error:
                    sid, reason, initiator = error.args[:3]
                    if initiator != "remote":
                        self._stopped(state.reset_on_error(sid, reason))
            flags = state.maybe_goaway_reply()
            if flags:
                self._after(flags)
        except HTTPunkError as error:
            reason = error.args[0] if error.args and isinstance(error.args[0], int) else _PROTOCOL_ERROR
            with contextlib.suppress(HTTPunkError):
                self._after(state.send_goaway(reason))
                self._flush()
            # What grpcio says of a server that does not speak it at all has a hint of ours.
            broken = "the gateway broke the rules of HTTP/2" if self.ready.done() else "Failed parsing HTTP/2"
            self._fail(f"{broken}: {error.args[-1] if error.args else error}")
            return
        self._end_if_over()

    def resume_writing(self) -> None:
        self._paused = False
        self._flush()

    # Inside

    def _take(self, frame: Any) -> None:
        state, kind = self._state, type(frame)
        if kind is H2FrameHeaders:
            verdict = state.recv_headers(frame)
            exchange: Any = verdict.handle
            if verdict.kind == H2_HEADERS_HEAD:
                exchange.head(frame.status, frame.headers, verdict.eof)
            elif verdict.kind == H2_HEADERS_TRAILERS:
                exchange.over(frame.headers)
            flags = verdict.flags
        elif kind is H2FrameData:
            received = state.recv_data(frame)
            exchange = received.handle
            if exchange is not None:
                if received.payload is not None:
                    if received.budgeted:
                        state.release_data_frame(exchange.sid, len(received.payload))
                    exchange.data(received.payload)
                if received.eof:
                    exchange.over(None)
            flags = received.flags
        elif kind is H2FrameWindowUpdate:
            for exchange in state.recv_window_update(frame):
                self._send(exchange)
            return
        elif kind is H2FrameSettings:
            initial, woken, flags = state.recv_settings(frame)
            for exchange in woken:
                self._send(exchange)
            if initial and not self.ready.done():
                self.ready.set_result(None)
            if not frame.ack:
                self._changed(self)
        elif kind is H2FramePing:
            flags = state.recv_ping(frame)
        elif kind is H2FrameGoAway:
            aborted, flags = state.recv_go_away(frame)
            for exchange, _ in aborted:
                exchange.lost("the gateway is going away (GOAWAY)", True)
            self._changed(self)
        elif kind is H2FrameRstStream:
            found = state.recv_reset(frame)
            if found is None:
                return
            exchange, _, unfinished, flags = found
            if unfinished:
                exchange.reset(frame.error_code, frame.error_code == _REFUSED_STREAM)
        elif kind is H2FrameStreamError:
            raise H2StreamError(frame.stream_id, frame.error_code, "library")
        else:
            return
        if flags:
            self._after(flags)

    def _stopped(self, verdict: Any) -> None:
        exchange, stop = verdict.handle, verdict.stop
        if exchange is not None:
            reason = stop.reason if isinstance(stop, H2Stopped) else None
            exchange.reset(_PROTOCOL_ERROR if reason is None else reason, False)
        self._after(verdict.flags)

    def _send(self, exchange: Any) -> None:
        if not exchange.blocked or exchange.connection is not self:
            return
        state, body = self._state, exchange.body
        while True:
            try:
                verdict = state.send_data(exchange.sid, body, exchange.sent, exchange.whole)
            except H2Error:
                return
            if verdict.flags:
                self._after(verdict.flags)
            if verdict.done or verdict.stopped is not None:
                break
            if not verdict.sent:
                return
            exchange.sent += verdict.sent
        exchange.blocked = False
        if verdict.done:
            exchange.sent = len(body)
        if not exchange.whole:
            exchange.took()

    def _after(self, flags: int) -> None:
        if flags & H2_FLAG_WAKE and not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush_soon)
        if flags == H2_FLAG_WAKE:
            return
        if flags & H2_FLAG_SLOT_FREED and self._full:
            self._full = False
            self._changed(self)
        if flags & H2_FLAG_CAPACITY:
            exchange: Any = self._state.next_capacity_wake()
            if exchange is not None:
                self._loop.call_soon(self._send, exchange)

    def _flush_soon(self) -> None:
        """Where several requests were made at once, the next is likely to follow from them, such as
        a poll from answers: it may leave in the same write.
        """
        if self._several and self._put_off < _PUT_OFF:
            now = self._loop.time()
            if not self._put_off:
                self._put_off_at = now
            if now - self._put_off_at < _PUT_OFF_FOR:
                self._put_off += 1
                self._loop.call_soon(self._flush_soon)
                return
        self._flush()

    def _flush(self) -> None:
        self._flushing = self._several = False
        self._put_off = 0
        if self._paused or self._transport is None:
            return
        state = self._state
        data, _ = state.take_pending()
        if data:
            self._transport.write(data)
        data.release()
        for exchange in state.credit_written():
            if exchange.blocked:  # type: ignore[attr-defined]
                self._send(exchange)

    def _look(self) -> None:
        """Whether a server from which an answer is awaited is still there."""
        keepalive, now = self._profile.keepalive, self._loop.time()
        if keepalive is None or not self._state.num_streams:
            self._watch = self._pinged = None
            return
        if self._pinged is not None and self._heard <= self._pinged:
            self._fail("keepalive watchdog timeout")
            return
        self._pinged = None
        due = self._heard + keepalive
        if due <= now:
            self._pinged, due = now, now + self._profile.patience
            if not self._paused:
                self._transport.write(_PING)
        self._watch = self._loop.call_at(due, self._look)

    def _end_if_over(self) -> None:
        """Hangs up when the server is going away, and its last answer has come."""
        if self.lost is None and self._state.is_closed() and not self._state.num_streams:
            self._flush()
            self._fail("the gateway ended the connection (GOAWAY)")

    def _drop(self, why: str) -> None:
        if self._watch is not None:
            self._watch.cancel()
        # What the server has not seen by a GOAWAY was told already; of the rest nobody knows.
        for exchange, _ in self._state.fail(None):
            each: Any = exchange
            each.lost(why, False)
