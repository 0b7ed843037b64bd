"""The channel of the fast engine: what ``camunda_grpc`` asks of a ``grpc.aio.Channel``."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

from httpunk import HeaderMap, HTTPunkError, __version__

from camunda_core._engines import GrpcWords
from camunda_fast._calls import Call, ToldCall, UnaryCall
from camunda_fast._connection import Carrier, Profile
from camunda_fast._dialing import NoConnection, Target
from camunda_fast._http2 import Http2
from camunda_fast._messages import framed, headers_of, timeout_text
from camunda_fast._pool import Pool
from camunda_fast._streams import StreamCall, StreamExchange

__all__ = ["FastChannel", "Method"]

#: Connections at most; requests beyond what they take wait in their order.
MOST_CONNECTIONS = 16
#: Seconds between failed attempts to connect.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 2.0
_KNOWN_HEADERS = 256
_NOT_SERIALIZED = ("INTERNAL", "Exception serializing request!")


class Method:
    """A multi-callable: one RPC of one channel."""

    __slots__ = ("_channel", "_streams", "_write", "path", "read")

    def __init__(self, channel: FastChannel, path: str, write: Any, read: Any, streams: bool) -> None:
        self._channel, self.path, self._streams = channel, path, streams
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
        given = channel, self, body, headers, timeout, bool(wait_for_ready)
        call: Any
        if ended is not None:
            call = ToldCall(*given)
            call.ended = ended
        else:
            call = StreamExchange(*given) if self._streams else UnaryCall(*given)
        if refused is None:
            channel.start(call)
        else:
            call.failed(*refused)
        return StreamCall(call) if self._streams else call


def _encoding(compression: Any) -> str | None:
    """``grpc.Compression``, by its number."""
    return (None, "deflate", "gzip")[int(compression)]


class FastChannel(Pool):
    """A channel for the running event loop.

    ``largest``      bytes of the largest message that is read, None for any
    ``most_sent``    bytes of the largest that is sent, None for any
    ``compression``  of what is sent: a ``grpc.Compression``, or None
    """

    wire, connecting = "gRPC", 5.0

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
        super().__init__(target, profile, size=MOST_CONNECTIONS, shared=True)
        self.words, self.largest, self.most_sent = words, largest, most_sent
        self.longest_headers = profile.header_list
        self.compression = None if compression is None else _encoding(compression)
        self._own = (
            ("te", "trailers"),
            ("content-type", "application/grpc"),
            ("user-agent", f"{user_agent} httpunk/{__version__}"),
            ("grpc-accept-encoding", "identity,gzip,deflate"),
        )
        self._headers: dict[Any, HeaderMap] = {}
        self._plain: tuple[float | None, HeaderMap] | None = None
        #: Whether no attempt to connect is made now, and why the last one has failed.
        self._pausing, self._why = False, ""
        self._turn: asyncio.Future[None] = self.loop.create_future()

    def speaking(self, agreed: str | None) -> Carrier:
        return Http2(self._profile, self._changed)

    # What camunda_grpc asks for

    def unary_unary(
        self, method: str, request_serializer: Any, response_deserializer: Any, **_: Any
    ) -> Method:
        return Method(self, method, request_serializer, response_deserializer, False)

    def unary_stream(
        self, method: str, request_serializer: Any, response_deserializer: Any, **_: Any
    ) -> Method:
        return Method(self, method, request_serializer, response_deserializer, True)

    def stream_unary(self, method: str, request_serializer: Any, response_deserializer: Any, **_: Any) -> Any:
        return self._sends_no_streams

    stream_stream = stream_unary

    def _sends_no_streams(self, *_: Any, **__: Any) -> Any:
        raise self.words.failure("UNIMPLEMENTED", 'engine="fast" sends no streams of requests', (), ())

    @property
    def _state(self) -> str:
        if self.closed:
            return "SHUTDOWN"
        if self._connections:
            return "READY"
        if self._dialing:
            return "CONNECTING"
        return "TRANSIENT_FAILURE" if self._pausing else "IDLE"

    def get_state(self, try_to_connect: bool = False) -> Any:
        if try_to_connect and self._state == "IDLE":
            self._dial_one()
        return self.words.states[self._state]

    async def wait_for_state_change(self, last_observed_state: Any) -> None:
        while self.get_state() is last_observed_state:
            await asyncio.wait({self._turn})

    async def channel_ready(self) -> None:
        while self._state != "READY":
            if self.closed:
                raise self.words.misused("Channel is closed.")
            await self.wait_for_state_change(self.get_state(try_to_connect=True))

    # What calls ask for

    def headers(self, timeout: float | None, metadata: Any, packing: str | None) -> HeaderMap:
        """The headers of a request, made once for all that have the same. Raises ValueError."""
        plain = packing is None and not metadata
        if plain and self._plain is not None and timeout == self._plain[0]:  # as most calls of workers are
            return self._plain[1]
        text = None if timeout is None else timeout_text(timeout)
        pairs = tuple(metadata) if metadata else ()
        key = (text, pairs, packing)
        try:
            made = self._headers.get(key)
            if made is None:
                own = self._own if text is None else (*self._own, ("grpc-timeout", text))
                made = headers_of(own if packing is None else (*own, ("grpc-encoding", packing)), pairs)
                if len(self._headers) >= _KNOWN_HEADERS:
                    self._headers.clear()
                self._headers[key] = made
        except (TypeError, HTTPunkError) as error:
            raise ValueError(str(error)) from None
        if plain:
            self._plain = timeout, made
        return made

    # Connections

    def _dial(self) -> None:
        if not self._pausing:
            super()._dial()
        elif not self._connections:
            self._refuse()

    def _failed(self, failure: BaseException) -> None:
        # Others are such as certificates that cannot be read.
        known = isinstance(failure, NoConnection)
        self._why = (
            f"{'' if known else 'failed to connect to all addresses; last error: INTERNAL: '}{failure}"
        )
        pause = min(_FIRST_PAUSE * 1.6 ** (self._failures - 1), _LONGEST_PAUSE) * random.uniform(0.5, 1.0)
        self._pausing = True
        self.loop.call_later(pause, self._again)
        if not self._connections:
            self._refuse()
        self._turned()

    def _again(self) -> None:
        self._pausing = False
        if self._waiting:
            self._advance()
        self._turned()

    def _refuse(self) -> None:
        for call in [each for each in self._waiting if isinstance(each, Call) and not each.wait]:
            call.failed("UNAVAILABLE", self._why)

    def _turned(self) -> None:
        turn, self._turn = self._turn, self.loop.create_future()
        turn.set_result(None)
