"""The channel of the fast engine: what ``camunda_grpc`` asks of a ``grpc.aio.Channel``, over
connections of ``camunda_fast._http2``.

There is one connection while that is enough, and another one where a gateway, or a proxy before it,
allows no more requests on those that there are: answers must not wait behind polls.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

from httpunk import HeaderMap, HTTPunkError, __version__

from camunda_core._engines import GrpcWords
from camunda_core._usage import WireUse
from camunda_fast._calls import Exchange, StreamCall, UnaryCall
from camunda_fast._dialing import NoConnection, Target, connect
from camunda_fast._http2 import Connection, Profile
from camunda_fast._messages import framed, headers_of, timeout_text
from camunda_fast._telling import told

__all__ = ["FastChannel", "Method"]

#: Connections at most; requests beyond what they take wait in their order.
MOST_CONNECTIONS = 16
#: Seconds that one attempt to connect may take, and the pauses between failed ones.
_CONNECTING, _FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 0.25, 2.0
#: Check interval (s) of the time limits of calls; one may end this much late.
_LOOK = 0.05
_KNOWN_HEADERS = 256
_NOT_SERIALIZED = ("INTERNAL", "Exception serializing request!")


class Method:
    """A multi-callable: one RPC of one channel."""

    __slots__ = ("_channel", "_kind", "_write", "path", "read")

    def __init__(self, channel: FastChannel, path: str, write: Any, read: Any, kind: Any) -> None:
        self._channel, self.path, self._kind = channel, path, kind
        self._write: Callable[[Any], bytes] = bytes if write is None else write
        self.read: Callable[[bytes], Any] = bytes if read is None else read

    def __call__(
        self,
        request: Any,
        *,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: Any = None,
        wait_for_ready: bool | None = None,
        compression: Any = None,
        ended: Callable[[BaseException | None], None] | None = None,
    ) -> Any:
        """The call, which is under way.

        With ``ended`` nobody awaits it: that is called at its end, at once, with what it failed with.
        """
        channel = self._channel
        if channel.closed:
            raise channel.words.misused("Channel is closed.")
        packing = channel.compression if compression is None else _encoding(compression)
        refused, body, headers = None, b"", None
        try:
            headers = channel.headers(timeout, metadata, packing)
            body = framed(self._write(request), packing)
        except ValueError as error:
            refused = ("INTERNAL", f"metadata was invalid: {error}") if headers is None else _NOT_SERIALIZED
        except Exception:
            refused = _NOT_SERIALIZED
        if credentials is not None:
            refused = ("UNIMPLEMENTED", 'call credentials of grpcio cannot be used with engine="fast"')
        elif channel.most_sent is not None and len(body) - 5 > channel.most_sent:
            text = f"CLIENT: Sent message larger than max ({len(body) - 5} vs. {channel.most_sent})"
            refused = ("RESOURCE_EXHAUSTED", text)
        if ended is not None:
            return told(channel, self, body, headers, timeout, ended, refused)
        return self._kind(channel, self, body, headers, timeout, bool(wait_for_ready), refused=refused)


def _encoding(compression: Any) -> str | None:
    """``grpc.Compression``, by its number."""
    return (None, "deflate", "gzip")[int(compression)]


class FastChannel:
    """A channel for the running event loop.

    ``largest``      bytes of the largest message that is read, None for any
    ``most_sent``    bytes of the largest that is sent, None for any
    ``compression``  of what is sent: a ``grpc.Compression``, or None
    """

    def __init__(
        self,
        target: Target,
        profile: Profile,
        words: GrpcWords,
        *,
        user_agent: str,
        largest: int | None,
        most_sent: int | None = None,
        compression: Any = None,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.words, self.largest, self.most_sent = words, largest, most_sent
        self.longest_headers = profile.header_list
        self.compression = None if compression is None else _encoding(compression)
        self.closed = False
        self._target, self._profile = target, profile
        self._own = (
            ("te", "trailers"),
            ("content-type", "application/grpc"),
            ("user-agent", f"{user_agent} httpunk/{__version__}"),
            ("grpc-accept-encoding", "identity,gzip,deflate"),
        )
        self._headers: dict[Any, HeaderMap] = {}
        self._plain: tuple[float | None, HeaderMap] | None = None
        self._connections: list[Connection] = []
        self._connecting: asyncio.Task[None] | None = None
        self._waiting: dict[Exchange, None] = {}
        self._open: dict[Exchange, None] = {}
        self._limits: dict[Exchange, float] = {}
        self._looking = False
        self._failures = 0
        self._trying_at: float | None = None
        self._why = ""
        self._state = "IDLE"
        self._changes: set[asyncio.Future[None]] = set()

    # What camunda_grpc asks for

    def unary_unary(
        self, method: str, request_serializer: Any, response_deserializer: Any, **_: Any
    ) -> Method:
        return Method(self, method, request_serializer, response_deserializer, UnaryCall)

    def unary_stream(
        self, method: str, request_serializer: Any, response_deserializer: Any, **_: Any
    ) -> Method:
        return Method(self, method, request_serializer, response_deserializer, StreamCall)

    def stream_unary(self, method: str, request_serializer: Any, response_deserializer: Any, **_: Any) -> Any:
        return self._sends_no_streams

    stream_stream = stream_unary

    def _sends_no_streams(self, *_: Any, **__: Any) -> Any:
        raise self.words.failure("UNIMPLEMENTED", 'engine="fast" sends no streams of requests', (), ())

    def get_state(self, try_to_connect: bool = False) -> Any:
        if try_to_connect and self._state == "IDLE" and not self.closed:
            self._connect()
        return self.words.states[self._state]

    async def wait_for_state_change(self, last_observed_state: Any) -> None:
        while self.words.states[self._state] is last_observed_state:
            change = self.loop.create_future()
            self._changes.add(change)
            try:
                await change
            finally:
                self._changes.discard(change)

    async def channel_ready(self) -> None:
        while self._state != "READY":
            if self.closed:
                raise self.words.misused("Channel is closed.")
            now = self._state
            self.get_state(try_to_connect=True)
            if self._state == now:
                await self.wait_for_state_change(self.words.states[now])

    async def close(self, grace: float | None = None) -> None:
        self.closed = True
        if self.loop.is_closed():  # nothing can be said or awaited there any more
            for connection in self._connections:
                connection.abandon()
            self._state = "SHUTDOWN"
            return
        if grace and self._open:
            await asyncio.wait([each.done for each in self._open], timeout=grace)
        for each in list(self._open):
            each.cancel()
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait({self._connecting})
        await asyncio.gather(*(connection.close() for connection in list(self._connections)))
        self._becomes("SHUTDOWN")

    def usage(self) -> WireUse:
        """What is open, and how much of it is taken."""
        limits = [each.allowed for each in self._connections if each.allowed is not None]
        return WireUse(
            wire="gRPC",
            engine="fast",
            connections=len(self._connections),
            running=sum(each.busy for each in self._connections),
            waiting=len(self._waiting),
            limit=min(limits, default=None),
        )

    # What calls ask for

    def headers(self, timeout: float | None, metadata: Any, packing: str | None) -> HeaderMap:
        """The headers of a request, made once for all that have the same. Raises ValueError."""
        plain = packing is None and not metadata
        if plain and self._plain is not None and timeout == self._plain[0]:  # as most calls of workers are
            return self._plain[1]
        text = None if timeout is None else timeout_text(timeout)
        pairs = tuple(metadata) if metadata else ()
        key: Any = (text, pairs, packing)
        try:
            made = self._headers.get(key)
        except TypeError:
            key, made = None, None
        if made is None:
            own = self._own if text is None else (*self._own, ("grpc-timeout", text))
            if packing is not None:
                own = (*own, ("grpc-encoding", packing))
            try:
                made = headers_of(own, pairs)
            except (TypeError, HTTPunkError) as error:
                raise ValueError(str(error)) from None
            if len(self._headers) >= _KNOWN_HEADERS:
                self._headers.clear()
            if key is not None:
                self._headers[key] = made
        if plain:
            self._plain = timeout, made
        return made

    def start(self, exchange: Exchange) -> None:
        """Sends a request, now or when there is a connection for it."""
        self._open[exchange] = None
        if not self._waiting:
            for connection in self._connections:
                if self._opened(connection, exchange):
                    return
        self._waiting[exchange] = None
        self._advance()

    def finished(self, exchange: Exchange) -> None:
        """It has ended, however it did."""
        self._open.pop(exchange, None)
        if self._waiting:
            self._waiting.pop(exchange, None)
        if exchange.ends is not None:
            self._limits.pop(exchange, None)
        if exchange.timer is not None:
            exchange.timer.cancel()
            exchange.timer = None

    def limit(self, exchange: Exchange, seconds: float) -> None:
        """It is to end after so many seconds."""
        exchange.ends = end = self.loop.time() + seconds
        if seconds < 2.0:
            exchange.timer = self.loop.call_later(max(seconds, 0.0), exchange.expired)
            return
        self._limits[exchange] = end
        if not self._looking:
            self._looking = True
            self.loop.call_later(_LOOK, self._look)

    def _look(self) -> None:
        now = self.loop.time()
        for exchange in [each for each, end in self._limits.items() if end <= now]:
            exchange.expired()
        self._looking = bool(self._limits)
        if self._looking:
            self.loop.call_later(_LOOK, self._look)

    # Connections

    def _opened(self, connection: Connection, exchange: Exchange) -> bool:
        try:
            if not connection.open(exchange, exchange.method.path, exchange.headers):
                return False
        except (ValueError, HTTPunkError) as error:
            exchange.failed("INTERNAL", f"the request cannot be sent: {error}")
            return True
        exchange.begun(connection)
        return True

    def _changed(self, connection: Connection) -> None:
        """A connection takes another request, or takes none any more."""
        if not connection.usable and connection in self._connections:
            self._connections.remove(connection)
            if not self._connections and self._state == "READY":
                self._becomes("IDLE")
        if self._waiting:
            self._advance()

    def _advance(self) -> None:
        """Sends what waits, as far as there are connections for it, and asks for more of them."""
        for exchange in list(self._waiting):
            for connection in self._connections:
                if self._opened(connection, exchange):
                    self._waiting.pop(exchange, None)
                    break
            else:
                break
        if not self._waiting or self.closed or len(self._connections) >= MOST_CONNECTIONS:
            return
        if self._trying_at is not None and self._trying_at > self.loop.time():
            if not self._connections:
                self._refuse()
            return
        self._connect()

    def _refuse(self) -> None:
        for exchange in [each for each in self._waiting if not each.wait]:
            exchange.failed("UNAVAILABLE", self._why)

    def _connect(self) -> None:
        if self._connecting is None and not self.closed:
            if not self._connections:
                self._becomes("CONNECTING")
            self._connecting = self.loop.create_task(self._made())

    async def _made(self) -> None:
        try:
            made = await connect(self._target, lambda: Connection(self._profile, self._changed), _CONNECTING)
        except NoConnection as error:
            self._connecting = None
            self._failed(str(error))
        except Exception as error:  # such as certificates that cannot be read
            self._connecting = None
            self._failed(f"failed to connect to all addresses; last error: INTERNAL: {error}")
        else:
            self._connecting = None
            self._failures, self._trying_at = 0, None
            if made.usable:
                self._connections.append(made)
                self._becomes("READY")
            self._advance()

    def _failed(self, why: str) -> None:
        self._why = why
        self._failures += 1
        pause = min(_FIRST_PAUSE * 1.6 ** (self._failures - 1), _LONGEST_PAUSE) * random.uniform(0.5, 1.0)
        self._trying_at = self.loop.time() + pause
        if not self._connections:
            self._becomes("TRANSIENT_FAILURE")
            self._refuse()
        self.loop.call_later(pause, self._again)

    def _again(self) -> None:
        if self._waiting and not self.closed:
            self._advance()
        elif self._state == "TRANSIENT_FAILURE":
            self._becomes("IDLE")

    def _becomes(self, state: str) -> None:
        if state != self._state:
            self._state = state
            for change in self._changes:
                if not change.done():
                    change.set_result(None)
