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
from dataclasses import dataclass
from typing import Any, Protocol

from httpunk import H2Reason, HeaderMap, HTTPunkError
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

__all__ = ["MOST_MOVES", "Connection", "Exchange", "Profile"]

#: Codes of HTTP/2.
_CANCEL, _PROTOCOL_ERROR, _REFUSED_STREAM = 8, 1, 7
_INITIAL_REASON = int(H2Reason.PROTOCOL_ERROR)

#: How often a request that the server did not look at is sent again.
MOST_MOVES = 5
#: The most bytes that wait for a connection which takes none before requests wait themselves.
_SEND_BUFFER = 1024 * 1024
_PING = b"\0\0\x08\x06\0\0\0\0\0camunda\0"
#: Bytes that calls of one connection may make room for before they have come. httpunk takes what has
#: come then for unread, and gives the connection as much more when the call ends: it must not grow
#: without end.
_LENDABLE = 256 * 1024 * 1024
#: A write is put off for so many turns of the event loop, and seconds, at most.
_PUT_OFF, _PUT_OFF_FOR = 2, 0.001
#: Seconds for taking leave.
_LEAVE = 1.0
#: What a server that speaks TLS says to one who does not: an alert.
_TLS_ALERT = b"\x15\x03"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What connections of one kind have in common.

    ``window``       bytes of one answer that may come before somebody reads them
    ``together``     the same of all answers on one connection
    ``header_list``  bytes of the longest headers that are read
    ``keepalive``    seconds of silence, while an answer is awaited, before a PING is sent; None for never
    ``patience``     seconds that may pass after it before the connection is given up
    """

    authority: str
    scheme: str
    window: int
    together: int = 16 * 1024 * 1024
    header_list: int
    keepalive: float | None
    patience: float


class Exchange(Protocol):
    """A request and its answer, as the connection sees them. None of its methods may raise.

    ``body`` is what is to be sent, and ``whole`` whether that is all of it; otherwise ``took`` is called
    when the windows have taken it, and what follows is put in its place and sent with ``Connection.feed``.
    ``among_many``: others are likely to be made in the same turn, so that even the first is not sent at once.
    """

    sid: int
    body: bytes
    sent: int
    whole: bool
    among_many: bool

    def took(self) -> None:
        """The connection has what there was of the body."""

    def head(self, status: int, headers: HeaderMap, over: bool) -> None:
        """The answer begins; with ``over`` it ends as well."""

    def data(self, chunk: bytes) -> None:
        """A piece of the body; whoever has read it says so with ``Connection.release``."""

    def over(self, trailers: HeaderMap | None) -> None:
        """The answer has ended."""

    def reset(self, code: int, untouched: bool) -> None:
        """The server ended it; ``untouched`` when it says that it did not look at the request."""

    def lost(self, why: str, untouched: bool) -> None:
        """The connection broke."""


class Connection(asyncio.Protocol):
    """``ready`` is done when the server's settings have come, or fails; ``changed`` is called with
    the connection when it can take another request, takes none any more, or is lost.
    """

    def __init__(self, profile: Profile, changed: Callable[[Connection], None]) -> None:
        self._loop = loop = asyncio.get_running_loop()
        self._profile = profile
        self._changed = changed
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
        self.ready: asyncio.Future[None] = loop.create_future()
        self.lost: str | None = None
        #: What broke it, where something was raised.
        self.cause: BaseException | None = None
        self.window, self.lendable = profile.window, _LENDABLE
        self._gone: asyncio.Future[None] = loop.create_future()
        self._transport: Any = None
        self._paused = False
        self._flushing = self._several = False
        self._put_off, self._put_off_at = 0, 0.0
        self._first = True
        self._blocked: set[Exchange] = set()
        self._heard = loop.time()
        self._pinged: float | None = None
        self._watch: asyncio.TimerHandle | None = None

    # What a channel asks for

    @property
    def usable(self) -> bool:
        """Whether it takes requests at all: it is not lost, and the server is not going away."""
        return self.lost is None and not self._state.is_closed()

    @property
    def roomy(self) -> bool:
        """Whether it takes a request now."""
        return self.usable and self._state.can_open()

    @property
    def silence(self) -> float:
        """Seconds since anything came."""
        return self._loop.time() - self._heard

    @property
    def busy(self) -> int:
        """How many answers are awaited."""
        return self._state.num_streams

    @property
    def allowed(self) -> int | None:
        """How many the server answers at once; None for any number."""
        return self._state.peer_max_concurrent_streams

    def open(self, exchange: Exchange, path: str, headers: HeaderMap, method: str = "POST") -> bool:
        """Sends a request with ``exchange.body``; False when it takes none now."""
        state = self._state
        if self.lost is not None or not state.try_claim_slot():
            return False
        profile = self._profile
        empty = exchange.whole and not exchange.body
        sid = state.open_stream(
            method,
            path,
            headers,
            empty,
            method == "HEAD",
            exchange,
            scheme=profile.scheme,
            authority=profile.authority,
        )
        if sid is None:
            return False
        exchange.sid = sid
        exchange.sent = 0
        # Nobody else's request could leave with it in one turn.
        alone = state.num_streams == 1 and not exchange.among_many
        if self._flushing:
            self._several = True
        else:
            self._flushing = True
            if not alone:
                self._loop.call_soon(self._flush_soon)
        if exchange.body:
            self._send(exchange)
        if alone:
            self._flush()
        if self._watch is None and profile.keepalive is not None:
            self._heard = self._loop.time()
            self._watch = self._loop.call_later(profile.keepalive, self._look)
        return True

    def feed(self, exchange: Exchange) -> None:
        """Sends what is in ``exchange.body`` now."""
        exchange.sent = 0
        if self.lost is None:
            self._send(exchange)

    def release(self, exchange: Exchange, count: int) -> None:
        """``count`` bytes of an answer were read, or are on their way: the server may send as many more."""
        flags = self._state.release_capacity(exchange.sid, count)
        if flags:
            self._after(flags)

    def cancel(self, exchange: Exchange) -> None:
        """Ends an exchange; the server is told."""
        self._blocked.discard(exchange)
        self._after(self._state.reset_stream(exchange.sid, _CANCEL, "user").flags)

    def leave(self) -> None:
        """Sends what is to be sent, and hangs up."""
        if self.lost is None:
            self._after(self._state.send_goaway(0))
            self._flush()
            self._fail("Channel closed!")

    async def close(self) -> None:
        """The same, and waits until it is done."""
        self.leave()
        if self._transport is not None:
            # With TLS the other side takes leave too.
            await asyncio.wait({self._gone}, timeout=_LEAVE)
            if self._transport is not None:
                self._transport.abort()

    def abandon(self) -> None:
        """Hangs up where nothing can be awaited: the event loop has gone."""
        if self._transport is not None:
            with contextlib.suppress(RuntimeError):  # the socket goes with the transport
                self._transport.abort()

    # What the transport says

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._state.begin()
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        state = self._state
        try:
            if self._first:
                self._first = False
                if data.startswith(_TLS_ALERT):
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
        except (H2Error, HTTPunkError) as error:
            reason = error.args[0] if error.args and isinstance(error.args[0], int) else _INITIAL_REASON
            with contextlib.suppress(HTTPunkError):
                self._after(state.send_goaway(reason))
                self._flush()
            # What grpcio says of a server that does not speak it at all has a hint of ours.
            broken = "the gateway broke the rules of HTTP/2" if self.ready.done() else "Failed parsing HTTP/2"
            self._fail(f"{broken}: {error.args[-1] if error.args else error}")
            return
        if state.is_closed() and not state.num_streams:
            self._flush()
            self._fail("the gateway ended the connection (GOAWAY)")

    def connection_lost(self, exc: BaseException | None) -> None:
        self._transport, self.cause = None, exc
        if not self._gone.done():
            self._gone.set_result(None)
        self._fail("Socket closed" if exc is None else f"recvmsg:{_said(exc)}")

    def pause_writing(self) -> None:
        self._paused = True

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
            self._blocked.discard(exchange)
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
            self._blocked.discard(exchange)
            reason = stop.reason if isinstance(stop, H2Stopped) else None
            exchange.reset(_PROTOCOL_ERROR if reason is None else reason, False)
        self._after(verdict.flags)

    def _send(self, exchange: Exchange) -> None:
        """What the windows take of a request's body; the rest when they open again."""
        state, body = self._state, exchange.body
        while True:
            try:
                verdict = state.send_data(exchange.sid, body, exchange.sent, exchange.whole)
            except H2Error:
                self._blocked.discard(exchange)
                return
            if verdict.flags:
                self._after(verdict.flags)
            if verdict.done:
                exchange.sent = len(body)
            if verdict.stopped is not None or verdict.done:
                break
            if not verdict.sent:
                self._blocked.add(exchange)
                return
            exchange.sent += verdict.sent
        if self._blocked:
            self._blocked.discard(exchange)
        if not exchange.whole:
            exchange.took()

    def _after(self, flags: int) -> None:
        if flags & H2_FLAG_WAKE and not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush_soon)
        if flags == H2_FLAG_WAKE:
            return
        if flags & H2_FLAG_SLOT_FREED:
            self._changed(self)
        if flags & H2_FLAG_CAPACITY:
            exchange: Any = self._state.next_capacity_wake()
            if exchange is not None:
                self._loop.call_soon(self._send_if_blocked, exchange)

    def _send_if_blocked(self, exchange: Any) -> None:
        if exchange in self._blocked:
            self._send(exchange)

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
            self._send_if_blocked(exchange)

    def _look(self) -> None:
        """Whether a server from which an answer is awaited is still there."""
        profile, now = self._profile, self._loop.time()
        assert profile.keepalive is not None
        self._watch = None
        if self.lost is not None or not self._state.num_streams:
            self._pinged = None
            return
        if self._pinged is not None and self._heard <= self._pinged:
            if now - self._pinged >= profile.patience:
                self._fail("keepalive watchdog timeout")
                return
            wait = profile.patience - (now - self._pinged)
        elif now - self._heard >= profile.keepalive:
            self._pinged = now
            if not self._paused and self._transport is not None:
                self._transport.write(_PING)
            wait = profile.patience
        else:
            self._pinged = None
            wait = profile.keepalive - (now - self._heard)
        self._watch = self._loop.call_later(max(wait, 0.001), self._look)

    def _fail(self, why: str) -> None:
        if self.lost is not None:
            return
        self.lost = why
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if not self.ready.done():
            failure = ConnectionError(why)
            failure.__cause__ = self.cause
            self.ready.set_exception(failure)
            self.ready.exception()  # nobody need look
        self._blocked.clear()
        # What the server has not seen by a GOAWAY was told already; of the rest nobody knows.
        for exchange, _ in self._state.fail(None):
            each: Any = exchange
            each.lost(why, False)
        if self._transport is not None:
            self._transport.close()
        self._changed(self)


def _said(error: BaseException) -> str:
    number = getattr(error, "errno", None)
    if isinstance(error, ConnectionResetError):
        return "Connection reset by peer"
    return f"{error.strerror} ({number})" if isinstance(error, OSError) and error.strerror else str(error)
