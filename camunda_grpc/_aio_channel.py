"""The native channel for asyncio: a ``grpc.aio.Channel`` that knows what the gateway needs.

The twin of ``camunda_grpc._channel``, with the same arguments, rules and errors. Like
everything of ``grpc.aio`` it belongs to the event loop in which it is used first; until then
it is not bound to any.
"""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import Iterable, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias

from camunda_core._engines import DEFAULT, FAST, Engine, engine_of
from camunda_core._several import Addresses
from camunda_core._watching import watch_over
from camunda_core.credentials import AnyCredentials
from camunda_core.deadline import Duration
from camunda_core.errors import CamundaError, ConfigurationError, InvalidRequest
from camunda_core.retry import RetryPolicy
from camunda_grpc._aio_calls import Send, UnaryCall
from camunda_grpc._aio_streams import StreamCall, StreamSendingCall, StreamStreamCall
from camunda_grpc._errors import as_rpc_error
from camunda_grpc._fast import opened
from camunda_grpc._names import HAS_GRPCIO, grpc
from camunda_grpc._places import Places
from camunda_grpc._rpcs import Rpc, rpc_for
from camunda_grpc._settings import (
    MAX_MESSAGE_SIZE,
    CallPolicy,
    Endpoint,
    Invocation,
    Option,
    check_call_options,
    connect,
    examiner,
    settle,
    weak,
)

__all__ = ["AioGatewayChannel", "aio_channel"]

if TYPE_CHECKING:
    from camunda_core._usage import WireUse
    from camunda_core.observing import CallObserver
    from camunda_core.tls import Tls
    from camunda_grpc._job_wire import GrpcJobWire

    _UnaryUnary: TypeAlias = grpc.aio.UnaryUnaryMultiCallable[Any, Any]
    _UnaryStream: TypeAlias = grpc.aio.UnaryStreamMultiCallable[Any, Any]
    _StreamUnary: TypeAlias = grpc.aio.StreamUnaryMultiCallable[Any, Any]
    _StreamStream: TypeAlias = grpc.aio.StreamStreamMultiCallable[Any, Any]
else:
    _UnaryUnary = grpc.aio.UnaryUnaryMultiCallable
    _UnaryStream = grpc.aio.UnaryStreamMultiCallable
    _StreamUnary = grpc.aio.StreamUnaryMultiCallable
    _StreamStream = grpc.aio.StreamStreamMultiCallable


def aio_channel(
    address: Addresses,
    *,
    credentials: AnyCredentials | None = None,
    tls: Tls | None = None,
    retry: RetryPolicy | None = None,
    timeout: Duration | None = 10.0,
    options: Iterable[Option] = (),
    interceptors: Sequence[Any] = (),
    compression: grpc.Compression | None = None,
    keepalive: Duration | None = 45.0,
    max_message_size: int = MAX_MESSAGE_SIZE,
    authority: str | None = None,
    physical_tenant: str | None = None,
    user_agent: str | None = None,
    observers: Iterable[CallObserver] = (),
    proxy: str | None = None,
    engine: Engine = "default",
) -> AioGatewayChannel:
    """A ``grpc.aio.Channel`` to a gateway, for ``GatewayStub``, pyzeebe and everything else that takes one.

    The arguments, what calls raise and what this raises are those of ``camunda_grpc.channel``;
    ``interceptors`` are those of ``grpc.aio``. ``engine="fast"`` carries it over httpunk in place of
    grpcio (``camunda-bridge[fast]``), and raises ConfigurationError for what that has not; "auto"
    does where it can.
    """
    engine_of(engine)
    policy = CallPolicy(
        credentials=credentials,
        retry=RetryPolicy() if retry is None else retry,
        timeout=timeout,
        physical_tenant=physical_tenant,
    )
    endpoints = connect(
        address,
        tls=tls,
        options=options,
        keepalive=keepalive,
        max_message_size=max_message_size,
        authority=authority,
        user_agent=user_agent,
        proxy=proxy,
        engine=engine,
        interceptors=interceptors,
    )
    if not (endpoints[0].fast or HAS_GRPCIO):
        raise ModuleNotFoundError("No module named 'grpc'", name="grpc")
    check_call_options(compression, interceptors, (grpc.aio.ClientInterceptor,))
    settle(policy, endpoints)
    policy.watch = watch_over(observers, "grpc", *(each.target for each in endpoints))
    return AioGatewayChannel(endpoints, policy, compression, interceptors)


def open_job_wire(
    endpoints: tuple[Endpoint, ...],
    policy: CallPolicy,
    compression: grpc.Compression | None,
    interceptors: Sequence[Any] = (),
) -> GrpcJobWire:
    """The wire of a worker over a channel of its own, for the running event loop.

    Raises ConfigurationError where none is running.
    """
    from camunda_grpc._job_wire import (
        GrpcJobWire,  # the compiled protocol, which the channel itself does not need
    )

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise ConfigurationError(
            "job_wire() must be called where an event loop runs: in a coroutine"
        ) from None
    once = tuple(each.without_retries() for each in endpoints)
    channel = AioGatewayChannel(once, policy.without_retries(), compression, interceptors)
    return GrpcJobWire(channel)


_INTERCEPTORS = (
    grpc.aio.UnaryUnaryClientInterceptor,
    grpc.aio.UnaryStreamClientInterceptor,
    grpc.aio.StreamUnaryClientInterceptor,
    grpc.aio.StreamStreamClientInterceptor,
)


def _misused(why: str) -> CamundaError:
    return as_rpc_error(InvalidRequest(why))


class AioGatewayChannel(grpc.aio.Channel):
    """What ``aio_channel`` returns.

    It can be made anywhere, and belongs to the event loop of its first call.
    """

    def __init__(
        self,
        endpoints: tuple[Endpoint, ...],
        policy: CallPolicy,
        compression: grpc.Compression | None,
        interceptors: Sequence[Any],
    ) -> None:
        # grpcio's channels belong to the event loop in which they are made.
        self._places = places = Places(endpoints)
        self._policy = policy.of(places.endpoint, places.ring, weak(self._renewed), weak(self._follow))
        self._compression = compression
        self._interceptors = tuple(interceptors)
        self._closed = False
        self._reading: weakref.WeakSet[Any] = weakref.WeakSet()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def engine(self) -> str:
        """What carries it: "fast", or "default" for grpcio."""
        return FAST if self._places.endpoint.fast else DEFAULT

    def _opened(self, endpoint: Endpoint, streams: bool) -> Any:
        if endpoint.fast:
            return opened(endpoint, self._compression, streams=streams)
        options = endpoint.stream_options if streams else endpoint.options
        if endpoint.credentials is None:
            return grpc.aio.insecure_channel(endpoint.target, options, self._compression, self._interceptors)
        return grpc.aio.secure_channel(
            endpoint.target, endpoint.credentials, options, self._compression, self._interceptors
        )

    def _channel(self) -> grpc.aio.Channel:
        """The channel of all calls but job streams, made for the first one.

        Raises InvalidRequest where another event loop is running than at the first call, or none,
        and UsageError when the channel was closed.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise _misused("calls are made where an event loop runs: in a coroutine") from None
        if self._loop is None:
            self._loop = loop
        elif loop is not self._loop:
            raise _misused("this channel belongs to another event loop; make one per loop")
        if self._places.inner is None and self._closed:
            raise grpc.aio.UsageError("Channel is closed.")
        inner: grpc.aio.Channel = self._places.inner or self._places.open(self._opened)
        return inner

    def _stream_channel(self) -> grpc.aio.Channel:
        """The channel of the job streams, made for the first one: most programs have none."""
        inner = self._channel()
        if self._closed:
            return inner
        streams: grpc.aio.Channel = self._places.open_streams(self._opened)
        return streams

    def _renewed(self) -> bool:
        """Goes on over connections with the certificates that are in their files now; False
        when no file was replaced.
        """
        if self._closed or not self._places.renew():
            return False
        self._policy.examine = examiner(self._places.endpoint)
        return True

    def _follow(self) -> bool:
        """Goes on with the gateway that calls go to now; False when that is the same."""
        if self._closed or not self._places.follow():
            return False
        self._policy.examine = examiner(self._places.endpoint)
        return True

    def _sender(
        self,
        kind: str,
        method: str,
        serializer: Any,
        deserializer: Any,
        registered: Any,
        *,
        streams: bool = False,
        here: bool = False,
    ) -> Send:
        """grpcio's multi-callable, made when it is first called.

        ``here``: whoever calls it does so in the loop of the first call, and need not be asked.
        """
        places = self._places
        more = {"_registered_method": True} if registered else {}
        channel = self._stream_channel if streams else self._channel
        made: Any = None
        made_of: Any = None

        def send(*arguments: Any, **keywords: Any) -> Any:
            nonlocal made, made_of
            opened = (places.inner if here else None) or channel()
            if made_of is not opened:
                made, made_of = getattr(opened, kind)(method, serializer, deserializer, **more), opened
            return made(*arguments, **keywords)

        return send

    def unary_unary(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> _UnaryUnary:
        """The multi-callable of a unary RPC."""
        send = self._sender(
            "unary_unary", method, request_serializer, response_deserializer, _registered_method
        )
        return _UnaryCallable(send, self._policy, rpc_for(method))

    def unary_stream(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> _UnaryStream:
        """The multi-callable of an RPC that answers with a stream."""
        rpc = rpc_for(method, streaming=True)
        send = self._sender(
            "unary_stream",
            method,
            request_serializer,
            response_deserializer,
            _registered_method,
            streams=rpc.own_channel,
        )
        return _StreamingCallable(send, self._policy, rpc, self._reading)

    def stream_unary(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> _StreamUnary:
        """The multi-callable of an RPC that is sent a stream; the gateway has none. It is never repeated."""
        send = self._sender(
            "stream_unary", method, request_serializer, response_deserializer, _registered_method
        )
        return _StreamSendingCallable(send, self._policy.once(), rpc_for(method, streaming=True))

    def stream_stream(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> _StreamStream:
        """The multi-callable of an RPC with streams both ways; the gateway has none. It is never repeated."""
        send = self._sender(
            "stream_stream", method, request_serializer, response_deserializer, _registered_method
        )
        return _BothStreamsCallable(send, self._policy.once(), rpc_for(method, streaming=True))

    def direct(self, method: str, request_serializer: Any, response_deserializer: Any) -> Any:
        """grpcio's own multi-callable, with next to nothing between, for who limits and
        repeats calls himself.

        None where it cannot be: where calls need metadata of their own, are watched, or have several
        gateways to go to.
        """
        if not self._policy.plain:
            return None
        send = self._sender(
            "unary_unary", method, request_serializer, response_deserializer, False, here=True
        )
        return partial(send, metadata=grpc.aio.Metadata(*self._policy.fixed)) if self._policy.fixed else send

    def told(self, method: str, request_serializer: Any, response_deserializer: Any) -> Any:
        """The same where the engine tells at once how a call ended, and nobody need await it:
        a function of the message, ``timeout`` (s) and ``ended``. None where it does not.
        """
        if not self.is_fast:
            return None
        return self.direct(method, request_serializer, response_deserializer)

    def job_wire(self) -> GrpcJobWire:
        """What a worker talks through: a channel of its own, with these settings but without retries.

        It is for the running event loop. Raises ConfigurationError where no event loop is running.
        """
        return open_job_wire(self._places.ahead, self._policy, self._compression, self._interceptors)

    @property
    def is_fast(self) -> bool:
        """Whether the fast engine carries it."""
        return self._places.endpoint.fast

    def usage(self) -> WireUse:
        """What is open, and how much of it is taken, as it is now: the fast engine tells."""
        return self._places.usage()

    def fresh(self) -> AioGatewayChannel:
        """The same channel with connections of its own, to the next gateway if there are several, for
        when this one's seem to be dead.
        """
        apart = tuple(each.apart() for each in self._places.behind)
        return AioGatewayChannel(apart, self._policy, self._compression, self._interceptors)

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        """The connectivity of the connection that all calls but job streams use; IDLE before the
        first one.
        """
        if self._places.inner is not None:
            state: grpc.ChannelConnectivity = self._places.inner.get_state(try_to_connect)
            return state
        if self._closed:
            return grpc.ChannelConnectivity.SHUTDOWN
        return self._channel().get_state(True) if try_to_connect else grpc.ChannelConnectivity.IDLE

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        """Waits until ``get_state()`` is another."""
        await self._channel().wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        """Waits until there is a connection."""
        await self._channel().channel_ready()

    async def close(self, grace: float | None = None) -> None:
        """Closes the connections; calls under way may take ``grace`` seconds more, then they are cancelled.

        May be called twice.
        """
        self._closed = True
        opened = self._places.take_all()
        if not grace:
            self._cancel_streams()
        await asyncio.gather(*(made.close(grace) for made in opened))
        self._cancel_streams()

    def _cancel_streams(self) -> None:
        # Older grpcio does not find every stream that somebody reads.
        for call in list(self._reading):
            call.cancel()

    async def __aenter__(self) -> AioGatewayChannel:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> bool | None:
        await self.close()
        return None


class _Callable:
    def __init__(self, send: Any, policy: CallPolicy, rpc: Rpc) -> None:
        self._send = send
        self._policy = policy
        self._rpc = rpc


class _UnaryCallable(_Callable, _UnaryUnary):
    def __init__(self, send: Any, policy: CallPolicy, rpc: Rpc) -> None:
        super().__init__(send, policy, rpc)
        #: Calls that need no thought: the same time and the same metadata for each.
        self._plain = policy.plain and rpc.server_wait is None
        self._timeout = policy.timeout
        self._metadata = grpc.aio.Metadata(*policy.fixed) if policy.fixed else None

    def __call__(
        self,
        request: Any,
        *,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: grpc.CallCredentials | None = None,
        wait_for_ready: bool | None = None,
        compression: grpc.Compression | None = None,
        retry: RetryPolicy | None = None,
    ) -> Any:
        """The call, which is under way; awaiting it gives the answer. ``retry`` is the channel's when None."""
        started = time.monotonic()
        call = None
        if self._plain and metadata is None and credentials is None:
            # Nearly every call comes this way and succeeds.
            call = self._send(
                request,
                timeout=self._timeout if timeout is None else timeout,
                metadata=self._metadata,
                wait_for_ready=wait_for_ready,
                compression=compression,
            )
        policy = self._policy if retry is None else self._policy.repeating(retry)
        asked = (
            policy, self._rpc, request, timeout, metadata, credentials, wait_for_ready, compression
        )  # fmt: skip
        return UnaryCall(call, self._send, asked, started)


class _StreamingCallable(_Callable, _UnaryStream):
    def __init__(self, send: Any, policy: CallPolicy, rpc: Rpc, reading: weakref.WeakSet[Any]) -> None:
        super().__init__(send, policy, rpc)
        self._reading = reading

    def __call__(
        self,
        request: Any,
        *,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: grpc.CallCredentials | None = None,
        wait_for_ready: bool | None = None,
        compression: grpc.Compression | None = None,
        retry: RetryPolicy | None = None,
    ) -> Any:
        """The call, which is under way; iterating or reading it gives the answers."""
        invocation = Invocation(
            self._policy.repeating(retry),
            self._rpc,
            request,
            timeout,
            metadata,
            credentials,
            wait_for_ready,
            compression,
        )
        call = StreamCall(invocation, self._send)
        self._reading.add(call)
        return call


class _StreamSendingCallable(_Callable, _StreamUnary):
    def __call__(
        self,
        request_iterator: Any = None,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: grpc.CallCredentials | None = None,
        wait_for_ready: bool | None = None,
        compression: grpc.Compression | None = None,
    ) -> Any:
        """The call, which is under way; awaiting it gives the answer."""
        invocation = Invocation(
            self._policy,
            self._rpc,
            request_iterator,
            timeout,
            metadata,
            credentials,
            wait_for_ready,
            compression,
        )
        return StreamSendingCall(invocation, self._send)


class _BothStreamsCallable(_Callable, _StreamStream):
    def __call__(
        self,
        request_iterator: Any = None,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: grpc.CallCredentials | None = None,
        wait_for_ready: bool | None = None,
        compression: grpc.Compression | None = None,
    ) -> Any:
        """The call, which is under way; iterating or reading it gives the answers."""
        invocation = Invocation(
            self._policy,
            self._rpc,
            request_iterator,
            timeout,
            metadata,
            credentials,
            wait_for_ready,
            compression,
        )
        return StreamStreamCall(invocation, self._send)
