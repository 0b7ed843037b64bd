"""Calls: what ``grpc.aio`` calls of its kinds offer, over one HTTP/2 exchange each.

An exchange is what the connection holds; the call is what the program holds. A stream whose call
nobody holds any more is cancelled, so that the gateway gives its jobs to somebody else.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator
from typing import TYPE_CHECKING, Any

from httpunk import HeaderMap

from camunda_fast._http2 import MOST_MOVES
from camunda_fast._messages import metadata_of, reset_status, size_of, status_of, unpacked

if TYPE_CHECKING:
    from camunda_fast._channel import FastChannel, Method
    from camunda_fast._http2 import Connection

__all__ = ["Exchange", "StreamCall", "UnaryCall", "UnaryExchange"]

#: Bytes of one message that may be under way beyond those that came.
_AHEAD = 4 * 1024 * 1024
_CANCELLED = "Locally cancelled by application!"
_TOO_LARGE = "CLIENT: Received message larger than max ({} vs. {})"


class Exchange:
    """One call on the wire. ``connection`` is None before it is on one."""

    __slots__ = (
        "__weakref__", "_early", "_encoding", "_have", "_lent", "_message", "_moves", "_packed", "_parts", "_status",
        "_whole", "began", "body", "cancelled", "channel", "connection", "done", "ends", "headers", "initial", "method",
        "sent", "sid", "timer", "trailing", "wait",
    )  # fmt: skip
    whole, among_many = True, False

    def __init__(
        self,
        channel: FastChannel,
        method: Method,
        body: bytes,
        headers: HeaderMap,
        timeout: float | None,
        wait: bool,
    ) -> None:
        self.channel, self.method = channel, method
        self.body, self.headers, self.wait = body, headers, wait
        self.sid = self.sent = 0
        self.connection: Connection | None = None
        self.initial: HeaderMap | None = None
        self.trailing: HeaderMap | None = None
        self.cancelled = False
        #: What there is of a message that is still coming, without the five bytes before it once they are
        #: there: how many bytes with them, of how many (0: not known yet), and whether it is compressed.
        self._parts: list[bytes] = []
        self._have = self._whole = self._packed = 0
        self._message: bytes | None = None
        self._early = self._lent = 0
        self._encoding = ""
        self._moves = 0
        self._status: tuple[str, str] | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.began: asyncio.Future[None] | None = None
        self.ends: float | None = None
        self.done: asyncio.Future[Any] = channel.loop.create_future()
        if timeout is not None:
            channel.limit(self, timeout)

    # What the connection says

    def took(self) -> None:
        """Nothing follows: a message is sent as a whole."""

    def head(self, status: int, headers: HeaderMap, over: bool) -> None:
        if over:
            if not self._is_too_much(headers):
                self._finish(status_of(status, headers, ended=True), headers)
            return
        if (
            status != 200 or headers.get("content-type") != b"application/grpc"
        ):  # which is nearly always there
            said = status_of(status, headers, ended=False)
            if said is not None:
                self._give_up(*said)
                return
        # httpunk limits headers itself, but not before the server has acknowledged our settings.
        if self._is_too_much(headers):
            return
        self.initial = headers
        if self.began is not None and not self.began.done():
            self.began.set_result(None)
        encoding = headers.get("grpc-encoding")
        if encoding is not None:
            self._encoding = encoding.decode("latin-1")

    def data(self, chunk: bytes) -> None:
        parts, most, at = self._parts, self.channel.largest, 0
        if parts:
            self._have += len(chunk)
            if self._have < self._whole:  # the pieces of a large one are joined once, when all are there
                parts.append(chunk)
                if not self.unread:
                    self.make_room()
                return
            if self._whole:
                at = len(chunk) - (self._have - self._whole)
                parts.append(chunk[:at])
                message = b"".join(parts)
                parts.clear()
                if not self._came(self._packed, message):
                    return
            else:
                chunk = b"".join((*parts, chunk))
                parts.clear()
        while len(chunk) - at >= 5:
            length = int.from_bytes(chunk[at + 1 : at + 5], "big")
            if most is not None and length > most:
                self._give_up("RESOURCE_EXHAUSTED", _TOO_LARGE.format(length, most))
                return
            end = at + 5 + length
            self._whole, self._packed = 5 + length, chunk[at]
            if len(chunk) < end:
                self._have = len(chunk) - at
                parts.append(chunk[at + 5 :])
                break
            if not self._came(self._packed, chunk[at + 5 : end]):
                return
            at = end
        else:
            if at < len(chunk):
                self._have, self._whole = len(chunk) - at, 0
                parts.append(chunk[at:])
        if parts and not self.unread:
            self.make_room()

    def _came(self, packed: int, message: bytes) -> bool:
        """A message is whole; False when the call is over with it."""
        if packed:
            most = self.channel.largest
            unpacked_one = unpacked(message, self._encoding, most)
            if unpacked_one is None:
                self._give_up("INTERNAL", "a message of the answer cannot be decompressed")
                return False
            message = unpacked_one
            if most is not None and len(message) > most:
                self._give_up("RESOURCE_EXHAUSTED", _TOO_LARGE.format(f"more than {most}", most))
                return False
        early, self._early = self._early, 0
        self._arrived(message, self._whole - early)
        return self._status is None

    @property
    def unread(self) -> bool:
        """Whether whole messages wait for who reads them."""
        return False

    def make_room(self) -> None:
        """Lets a message that is still coming come: it may be larger than the window.

        What there is of it makes room. Of one that is larger more than that does, lest it takes a
        round trip for each window of it.
        """
        have, early, whole, connection = self._have, self._early, self._whole, self.connection
        if connection is None or connection.lost is not None:
            return
        wanted = have
        if whole:
            if early >= min(whole, have + _AHEAD // 2):
                return
            ahead = min(whole, have + _AHEAD)
            more = max(0, ahead - have - self._lent)
            if whole > connection.window and more <= connection.lendable:
                connection.lendable -= more
                self._lent += more
                wanted = ahead
        if wanted > early:
            self._early = wanted
            connection.release(self, wanted - early)

    def over(self, trailers: HeaderMap | None) -> None:
        if trailers is None:
            self._finish(("UNKNOWN", "the answer ended without a status"), None)
        elif trailers.get("grpc-status") == b"0":
            self._finish(None, trailers)
        elif not self._is_too_much(trailers):
            self._finish(status_of(200, trailers, ended=True), trailers)

    def reset(self, code: int, untouched: bool) -> None:
        if not (untouched and self._moved()):
            if self.ends is not None and code == 8 and self.ends <= self.channel.loop.time():
                self._finish(("DEADLINE_EXCEEDED", "Deadline Exceeded"), None)
            else:
                self._finish(reset_status(code), None)

    def lost(self, why: str, untouched: bool) -> None:
        if not (untouched and self._moved()):
            self._finish(("UNAVAILABLE", why), None)

    # What the channel says

    def begun(self, connection: Connection) -> None:
        """It is on a connection now."""
        self.connection = connection

    def failed(self, code: str, text: str) -> None:
        """It ends before it was sent."""
        self._finish((code, text), None)

    def expired(self) -> None:
        """Its time is over."""
        if self._status is None:
            self._give_up("DEADLINE_EXCEEDED", "Deadline Exceeded")

    # Inside

    def _is_too_much(self, headers: HeaderMap) -> bool:
        """Whether it has ended because headers are longer than we read."""
        most = self.channel.longest_headers
        if len(headers) < 2 or (size := size_of(headers)) <= most:
            return False
        self._give_up("RESOURCE_EXHAUSTED", f"received metadata size exceeds hard limit ({size} vs. {most})")
        return True

    def _moved(self) -> bool:
        """Sends it again over another connection, unless something of the answer was there."""
        if self.initial is not None or self.done.done() or self._moves >= MOST_MOVES:
            return False
        self._moves += 1
        self.connection = None
        self.channel.start(self)
        return True

    def _arrived(self, message: bytes, unread: int) -> None:
        raise NotImplementedError

    def _finish(self, status: tuple[str, str] | None, trailers: HeaderMap | None) -> None:
        if self._status is None and not self.done.done():
            self._status, self.trailing = status or ("OK", ""), trailers
            self.channel.finished(self)
            self._end()
            if self.began is not None and not self.began.done():
                self.began.set_result(None)

    def _give_up(self, code: str, text: str) -> None:
        """Ends it from here."""
        self._hang_up()
        self._finish((code, text), None)

    def _hang_up(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None and connection.lost is None:
            connection.cancel(self)

    def _end(self) -> None:
        """The status is known."""
        raise NotImplementedError

    def _failure(self) -> Exception:
        assert self._status is not None
        words = self.channel.words
        return words.failure(*self._status, metadata_of(self.initial), metadata_of(self.trailing))

    def _raise_later(self) -> None:
        self.done.set_exception(self._failure())
        self.done.exception()  # nobody need look

    def cancel(self) -> bool:
        """Ends it here and now; the gateway is told. False when it is over already."""
        if self.done.done():
            return False
        self.done.cancel()
        self.abandoned()
        return True

    def abandoned(self) -> None:
        """Whoever waited for it does so no longer."""
        if self._status is None:
            self.cancelled = True
            self._status = ("CANCELLED", _CANCELLED)
            self._hang_up()
            self.channel.finished(self)

    @property
    def status(self) -> tuple[str, str]:
        """The name of its code, and its text, once it is over."""
        return self._status or ("CANCELLED", _CANCELLED)


class UnaryExchange(Exchange):
    """A call with one answer."""

    __slots__ = ()

    def _arrived(self, message: bytes, unread: int) -> None:
        if self._message is not None:
            self._give_up("UNIMPLEMENTED", "Too many responses: the answer should be one message")
            return
        self._message = message
        if self.connection is not None:
            self.connection.release(self, unread)

    def _end(self) -> None:
        if self._status is not None and self._status[0] != "OK":
            self._raise_later()
            return
        message = self._message
        if message is None:
            self._status = ("INTERNAL", "the answer has no message")
            self._raise_later()
            return
        try:
            made = self.method.read(message)
        except Exception:
            self._status = ("INTERNAL", "Exception deserializing response!")
            self._raise_later()
            return
        self.done.set_result(made)


class _StreamExchange(Exchange):
    __slots__ = ("messages", "waiter")

    def __init__(self, channel: FastChannel, *given: Any) -> None:
        super().__init__(channel, *given)
        self.messages: deque[tuple[bytes, int]] = deque()
        self.waiter: asyncio.Future[None] | None = None

    @property
    def unread(self) -> bool:
        return bool(self.messages)

    def _arrived(self, message: bytes, unread: int) -> None:
        self.messages.append((message, unread))
        self._wake()

    def _end(self) -> None:
        if not self.messages:
            self._settle()
        self._wake()

    def _settle(self) -> None:
        """It is over when what came has been read."""
        if self._status is not None and self._status[0] != "OK":
            self._raise_later()
        else:
            self.done.set_result(None)

    def _wake(self) -> None:
        waiter = self.waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def cancel(self) -> bool:
        ended = super().cancel()
        self._wake()
        self._forget()
        return ended

    def _forget(self) -> None:
        """Gives the room of what nobody will read back to the connection."""
        connection = self.connection
        if self.messages and connection is not None and connection.lost is None:
            for _, unread in self.messages:
                connection.release(self, unread)
        self.messages.clear()

    def next(self) -> Any:
        """The next message that is there, which makes room for another."""
        message, unread = self.messages.popleft()
        if self._parts and not self.messages and self._status is None:
            self.make_room()
        if self._status is not None and not self.messages and not self.done.done():
            self._settle()
        if self.connection is not None and self.connection.lost is None:
            self.connection.release(self, unread)
        try:
            return self.method.read(message)
        except Exception:
            failure = ("INTERNAL", "Exception deserializing response!")
            self.messages.clear()
            self._give_up(*failure)
            raise self.channel.words.failure(*failure, (), ()) from None


class _Call:
    """What calls of both kinds offer."""

    _exchange: Exchange

    def _begin(self, refused: tuple[str, str] | None) -> None:
        exchange = self._exchange
        if refused is None:
            exchange.channel.start(exchange)
        else:
            exchange.failed(*refused)

    def done(self) -> bool:
        """Whether it is over."""
        return self._exchange.done.done()

    def cancel(self) -> bool:
        """Ends it here and now; False when it is over already."""
        return self._exchange.cancel()

    def cancelled(self) -> bool:
        """Whether ``cancel`` ended it."""
        return self._exchange.cancelled

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        """Calls ``callback(self)`` at the end."""
        self._exchange.done.add_done_callback(lambda _: callback(self))

    def time_remaining(self) -> float | None:
        """Seconds until its time is over; None without a limit."""
        exchange = self._exchange
        return None if exchange.ends is None else max(0.0, exchange.ends - exchange.channel.loop.time())

    async def _over(self) -> Exchange:
        exchange = self._exchange
        if not exchange.done.done():
            await asyncio.wait({exchange.done})
        return exchange

    async def _began(self) -> Exchange:
        exchange = self._exchange
        if exchange.initial is None and not exchange.done.done():
            if exchange.began is None:
                exchange.began = exchange.channel.loop.create_future()
            await asyncio.wait({exchange.began, exchange.done}, return_when=asyncio.FIRST_COMPLETED)
        return exchange

    async def code(self) -> Any:
        """The status code; waits for the end."""
        exchange = await self._over()
        return exchange.channel.words.codes[exchange.status[0]]

    async def details(self) -> str:
        """The status text; waits for the end."""
        return (await self._over()).status[1]

    async def initial_metadata(self) -> Any:
        """What came before the first message; waits for it."""
        exchange = await self._began()
        return exchange.channel.words.metadata(*metadata_of(exchange.initial))

    async def trailing_metadata(self) -> Any:
        """What came after the last message; waits for the end."""
        exchange = await self._over()
        return exchange.channel.words.metadata(*metadata_of(exchange.trailing))

    async def debug_error_string(self) -> str:
        """The status as text; waits for the end."""
        code, text = (await self._over()).status
        return "" if code == "OK" else f"{code}: {text}"

    async def wait_for_connection(self) -> None:
        """Waits until the answer begins, and raises the error if that was the end."""
        exchange = await self._began()
        if exchange.initial is None and exchange.done.done():
            exchange.done.result()


class UnaryCall(_Call):
    """A call with one answer."""

    __slots__ = ("_exchange",)

    def __init__(self, channel: FastChannel, *given: Any, refused: tuple[str, str] | None = None) -> None:
        self._exchange = UnaryExchange(channel, *given)
        self._begin(refused)

    def __await__(self) -> Generator[Any, None, Any]:
        done = self._exchange.done
        if not done.done():
            try:
                return (yield from done)
            except asyncio.CancelledError:
                self._exchange.abandoned()
                raise
        return done.result()


class StreamCall(_Call):
    """A call with a stream of answers. One that is dropped is cancelled."""

    def __init__(self, channel: FastChannel, *given: Any, refused: tuple[str, str] | None = None) -> None:
        self._style = ""
        self._exchange: _StreamExchange = _StreamExchange(channel, *given)
        self._begin(refused)

    def __del__(self) -> None:
        exchange = getattr(self, "_exchange", None)
        if exchange is not None and not exchange.done.done() and not exchange.channel.loop.is_closed():
            exchange.channel.loop.call_soon_threadsafe(exchange.cancel)

    async def read(self) -> Any:
        """The next message, or the words' end."""
        self._only("read")
        return await self._next()

    def _only(self, style: str) -> None:
        # grpcio refuses to be read in both ways, and programs shall be able to go back to it.
        if self._style not in ("", style):
            raise self._exchange.channel.words.misused(f"the stream is {self._style} already")
        self._style = style

    async def _next(self) -> Any:
        exchange = self._exchange
        while not exchange.messages:
            if exchange.done.done():
                exchange.done.result()
                return exchange.channel.words.end
            if exchange.waiter is not None and not exchange.waiter.done():
                await asyncio.wait({exchange.waiter})
                continue
            exchange.waiter = exchange.channel.loop.create_future()
            try:
                await exchange.waiter
            except asyncio.CancelledError:
                exchange.cancel()
                raise
        return exchange.next()

    async def __aiter__(self) -> AsyncIterator[Any]:
        self._only("iterated")
        end = self._exchange.channel.words.end
        while (message := await self._next()) is not end:
            yield message
