"""The synchronous native channel: a ``grpc.Channel`` that knows what the gateway needs.

It owns an inner channel of grpcio and hands out multi-callables that put credentials and a deadline
on each call, repeat what may be repeated, and raise the errors of ``camunda_core.errors``. They
wrap grpcio's own instead of intercepting them, which would cost ten times as much.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import grpc

from camunda_core._several import Addresses
from camunda_core._watching import watch_over
from camunda_core.credentials import AnyCredentials
from camunda_core.deadline import Duration
from camunda_core.errors import CamundaError, ConfigurationError
from camunda_core.retry import RetryPolicy
from camunda_grpc._calls import FutureCall, Send, StreamCall, attempt
from camunda_grpc._errors import from_rpc_error
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

__all__ = ["GatewayChannel", "channel"]

if TYPE_CHECKING:
    from camunda_core._usage import WireUse
    from camunda_core.observing import CallObserver
    from camunda_core.tls import Tls
    from camunda_grpc._job_wire import GrpcJobWire

    _UnaryUnary: TypeAlias = grpc.UnaryUnaryMultiCallable[Any, Any]
    _UnaryStream: TypeAlias = grpc.UnaryStreamMultiCallable[Any, Any]
    _StreamUnary: TypeAlias = grpc.StreamUnaryMultiCallable[Any, Any]
    _StreamStream: TypeAlias = grpc.StreamStreamMultiCallable[Any, Any]
else:
    _UnaryUnary = grpc.UnaryUnaryMultiCallable
    _UnaryStream = grpc.UnaryStreamMultiCallable
    _StreamUnary = grpc.StreamUnaryMultiCallable
    _StreamStream = grpc.StreamStreamMultiCallable

_INTERCEPTORS = (
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
    grpc.StreamStreamClientInterceptor,
)

# Reads a stream on the reader's own thread: less than half the cost of a message, where two threads
# would hand it over. On a channel of its own, since it applies to every stream of a channel.
_ONE_THREAD: Option = ("SingleThreadedUnaryStream", 1)


def channel(
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
) -> GatewayChannel:
    """A ``grpc.Channel`` to a gateway, for ``GatewayStub`` and everything else that takes a channel.

    ``address``          ``host:port``, ``http(s)://host[:port]``, ``grpc(s)://…``, ``dns:///…``, ``unix:…``;
                         ``https`` and ``grpcs`` mean TLS. Of a cluster with several gateways a list, or text
                         with commas: calls go to one of them, and to the next when it fails
    ``credentials``      a ``camunda_core`` credentials object; its headers are each call's metadata, also
                         without TLS, but for calls that are given ``credentials`` of their own
    ``tls``              whom to trust and who we are; whom gRPC trusts needs only an ``https`` address
    ``retry``            how often and how fast calls are repeated; that only happens where it does no harm
    ``timeout``          seconds that a call may take which is made without ``timeout``; where the gateway
                         waits it may take that wait besides. ``StreamActivatedJobs`` has no limit. None is
                         no limit for any call
    ``options``          further channel arguments of gRPC, which win over ours
    ``interceptors``     client interceptors of grpcio, which see each attempt
    ``compression``      of requests
    ``keepalive``        seconds between pings during a call; 30 or more, None is never
    ``max_message_size`` bytes of the largest answer that is read; -1 is no limit
    ``authority``        sent in place of the address's host name
    ``physical_tenant``  the physical tenant that all calls are for (clusters from 8.10)
    ``user_agent``       in place of ``camunda-bridge/<version>``
    ``observers``        who is told of each attempt of a call: see ``camunda_core.observing``
    ``proxy``            ``http[s]://[user:password@]host:port``, in place of what the environment names (NO_PROXY too)

    Calls raise the errors of ``camunda_core.errors``, each of which is a ``grpc.RpcError`` as well.
    Raises ConfigurationError, naming the argument, for a channel that could not work.
    """
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
    )
    check_call_options(compression, interceptors, _INTERCEPTORS)
    settle(policy, endpoints)
    policy.watch = watch_over(observers, "grpc", *(each.target for each in endpoints))
    return GatewayChannel(endpoints, policy, compression, interceptors)


_U = TypeVar("_U", bound="_Unary")


class GatewayChannel(grpc.Channel):
    """What ``channel`` returns. Thread safe."""

    def __init__(
        self,
        endpoints: tuple[Endpoint, ...],
        policy: CallPolicy,
        compression: grpc.Compression | None,
        interceptors: Sequence[Any],
    ) -> None:
        self._places = places = Places(endpoints)
        self._policy = policy.of(places.endpoint, places.ring, weak(self._renewed), weak(self._follow))
        self._compression = compression
        self._interceptors = interceptors
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._inner: grpc.Channel = places.open(self._opened)
        self._subscribed: list[Callable[[grpc.ChannelConnectivity], None]] = []
        self._callables: weakref.WeakSet[_Unary] = weakref.WeakSet()

    def _renewed(self) -> bool:
        """Goes on over connections with the certificates that are in their files now; False
        when no file was replaced.
        """
        return self._on(self._places.renew)

    def _follow(self) -> bool:
        """Goes on with the gateway that calls go to now; False when that is the same."""
        return self._on(self._places.follow)

    def _on(self, move: Callable[[], bool]) -> bool:
        with self._lock:
            if self._closed.is_set() or not move():
                return False
            left, self._inner = self._inner, self._places.open(self._opened)
            self._policy.examine = examiner(self._places.endpoint)
            for each in list(self._callables):
                each.rebind()
            subscribed = list(self._subscribed)
        for callback in subscribed:
            left.unsubscribe(callback)
            self._inner.subscribe(callback, True)
        return True

    def _opened(self, endpoint: Endpoint, streams: bool) -> grpc.Channel:
        options = (*endpoint.stream_options, _ONE_THREAD) if streams else endpoint.options
        if endpoint.credentials is None:
            made = grpc.insecure_channel(endpoint.target, options, self._compression)
        else:
            made = grpc.secure_channel(endpoint.target, endpoint.credentials, options, self._compression)
        try:
            return grpc.intercept_channel(made, *self._interceptors) if self._interceptors else made
        except TypeError as error:
            made.close()
            raise ConfigurationError(f"interceptors: {error}") from None

    def usage(self) -> WireUse:
        """That grpcio does not tell what is open."""
        return self._places.usage()

    def _stream_channel(self) -> grpc.Channel:
        """The channel of the job streams, made for the first one: most programs have none."""
        with self._lock:
            if self._closed.is_set():
                return self._inner
            streams: grpc.Channel = self._places.open_streams(self._opened)
            return streams

    def unary_unary(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> _UnaryUnary:
        """The multi-callable of a unary RPC."""
        more = {"_registered_method": True} if _registered_method else {}

        def inner() -> Any:
            return self._inner.unary_unary(method, request_serializer, response_deserializer, **more)

        return self._rebound(_UnaryCallable(inner, self._policy, rpc_for(method), self._closed))

    def unary_stream(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> _UnaryStream:
        """The multi-callable of an RPC that answers with a stream."""
        more = {"_registered_method": True} if _registered_method else {}
        rpc = rpc_for(method, streaming=True)

        def inner() -> Any:
            made = self._stream_channel() if rpc.own_channel else self._inner
            return made.unary_stream(method, request_serializer, response_deserializer, **more)

        return _StreamingCallable(inner, self._policy, rpc)

    def stream_unary(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> _StreamUnary:
        """The multi-callable of an RPC that is sent a stream; the gateway has none. It is never repeated."""
        more = {"_registered_method": True} if _registered_method else {}

        def inner() -> Any:
            return self._inner.stream_unary(method, request_serializer, response_deserializer, **more)

        rpc = rpc_for(method, streaming=True)
        return self._rebound(_StreamSendingCallable(inner, self._policy.once(), rpc, self._closed))

    def stream_stream(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> _StreamStream:
        """The multi-callable of an RPC with streams both ways; the gateway has none. It is never repeated."""
        more = {"_registered_method": True} if _registered_method else {}

        def inner() -> Any:
            return self._inner.stream_stream(method, request_serializer, response_deserializer, **more)

        return _BothStreamsCallable(inner, self._policy.once(), rpc_for(method, streaming=True))

    def _rebound(self, made: _U) -> _U:
        """``made``, which is told when the inner channel becomes another."""
        self._callables.add(made)
        return made

    def job_wire(self) -> GrpcJobWire:
        """What a worker talks through: an asyncio channel of its own, with these
        settings but without retries.

        It is for the running event loop. Raises ConfigurationError where none is running, and for a
        channel with interceptors.
        """
        if self._interceptors:
            raise ConfigurationError(
                "interceptors: a worker runs on asyncio, where those of this channel cannot; give it "
                "camunda_grpc.aio_channel(…, interceptors=…) with interceptors of grpc.aio"
            )
        from camunda_grpc._aio_channel import open_job_wire

        return open_job_wire(self._places.ahead, self._policy, self._compression)

    def subscribe(
        self, callback: Callable[[grpc.ChannelConnectivity], None], try_to_connect: bool = False
    ) -> None:
        """Tells ``callback`` the connectivity, now and at each change."""
        self._subscribed.append(callback)
        self._inner.subscribe(callback, try_to_connect)

    def unsubscribe(self, callback: Callable[[grpc.ChannelConnectivity], None]) -> None:
        """Ends what ``subscribe`` began."""
        self._subscribed = [each for each in self._subscribed if each is not callback]
        self._inner.unsubscribe(callback)

    def close(self) -> None:
        """Ends all calls with CANCELLED and closes the connections. May be called twice."""
        with self._lock:
            self._closed.set()
            opened = self._places.take_all()
        for each in opened:
            each.close()

    def __enter__(self) -> GatewayChannel:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> bool | None:
        self.close()
        return None


class _Unary:
    """Calls with one answer; ``make_inner()`` is grpcio's multi-callable."""

    def __init__(
        self, make_inner: Callable[[], Any], policy: CallPolicy, rpc: Rpc, closed: threading.Event
    ) -> None:
        self._make_inner = make_inner
        self._inner = make_inner()
        self._policy = policy
        self._rpc = rpc
        self._closed = closed
        #: Calls that need no thought: the same time and the same metadata for each.
        self._plain = policy.plain and rpc.server_wait is None
        self._timeout = None if rpc.endless else policy.timeout
        self._metadata = policy.fixed or None

    def rebind(self) -> None:
        """The next attempts go out over the channel's connections of now."""
        self._inner = self._make_inner()

    def _send(self, *arguments: Any) -> Any:
        return self._inner(*arguments)

    def _send_with_call(self, *arguments: Any) -> Any:
        return self._inner.with_call(*arguments)

    def _send_future(self, *arguments: Any) -> Any:
        return self._inner.future(*arguments)

    def __call__(
        self,
        request: Any,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: grpc.CallCredentials | None = None,
        wait_for_ready: bool | None = None,
        compression: grpc.Compression | None = None,
        retry: RetryPolicy | None = None,
    ) -> Any:
        """The answer; ``retry`` is how this call is repeated, the channel's when None."""
        if not self._plain or metadata is not None or credentials is not None:
            return self._finished(
                self._send,
                Invocation(
                    self._policy.repeating(retry),
                    self._rpc,
                    request,
                    timeout,
                    metadata,
                    credentials,
                    wait_for_ready,
                    compression,
                ),
            )
        # Nearly every call comes this way and succeeds: what only a failure needs is made when it comes.
        started = time.monotonic()
        try:
            return self._inner(
                request,
                self._timeout if timeout is None else timeout,
                self._metadata,
                None,
                wait_for_ready,
                compression,
            )
        except grpc.RpcError as error:
            failure = from_rpc_error(error, self._rpc.name)
        invocation = Invocation(
            self._policy.repeating(retry),
            self._rpc,
            request,
            timeout,
            None,
            None,
            wait_for_ready,
            compression,
            time.monotonic() - started,
        )
        return self._finished(self._send, invocation, failure)

    def with_call(
        self,
        request: Any,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: grpc.CallCredentials | None = None,
        wait_for_ready: bool | None = None,
        compression: grpc.Compression | None = None,
        retry: RetryPolicy | None = None,
    ) -> tuple[Any, grpc.Call]:
        """The answer, and the call, which has the metadata."""
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
        answer: tuple[Any, grpc.Call] = self._finished(self._send_with_call, invocation)
        return answer

    def future(
        self,
        request: Any,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: grpc.CallCredentials | None = None,
        wait_for_ready: bool | None = None,
        compression: grpc.Compression | None = None,
        retry: RetryPolicy | None = None,
    ) -> Any:
        """The call, which is under way, and a future of its answer."""
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
        return FutureCall(invocation, self._send_future)

    def _finished(self, send: Send, invocation: Invocation, failure: CamundaError | None = None) -> Any:
        """The answer after as many attempts as it takes; ``failure`` is what the first one ended with."""
        while True:
            if failure is not None:
                peer = invocation.suspect(failure)
                if peer is not None:
                    failure = invocation.examined(failure, peer)
                delay = invocation.next_delay(failure)
                if delay is None:
                    raise failure from None
                self._closed.wait(delay)
            try:
                answer = attempt(invocation, send)
            except (CamundaError, grpc.RpcError) as error:
                failure = from_rpc_error(error, self._rpc.name)
            except BaseException as error:
                invocation.told(error)
                raise
            else:
                invocation.told()
                return answer


class _UnaryCallable(_Unary, _UnaryUnary):
    pass


class _StreamSendingCallable(_Unary, _StreamUnary):
    pass


class _Streaming:
    """Calls with a stream of answers; ``inner()`` is grpcio's multi-callable."""

    def __init__(self, inner: Callable[[], Any], policy: CallPolicy, rpc: Rpc) -> None:
        self._inner = inner
        self._policy = policy
        self._rpc = rpc

    def __call__(
        self,
        request: Any,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: grpc.CallCredentials | None = None,
        wait_for_ready: bool | None = None,
        compression: grpc.Compression | None = None,
        retry: RetryPolicy | None = None,
    ) -> Any:
        """The call, which is under way, and an iterator of its answers; ``retry`` is the channel's when None."""
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
        return StreamCall(invocation, self._send)

    def _send(self, *arguments: Any) -> Any:
        return self._inner()(*arguments)


class _StreamingCallable(_Streaming, _UnaryStream):
    pass


class _BothStreamsCallable(_Streaming, _StreamStream):
    pass
