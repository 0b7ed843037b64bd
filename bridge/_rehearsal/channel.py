"""``bridge.rehearse``: a native channel, sync or asyncio, whose requests are rehearsed.

The channel's own multi-callables make the calls. What is told to the rehearsal are the bytes that they serialise to, so
that nothing is serialised twice and nothing can be altered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import grpc
import grpc.aio

from bridge._dropin.method import SERVICE, method_of
from bridge._dropin.types import AioUnaryStreamMultiCallable, AioUnaryUnaryMultiCallable
from bridge._rehearsal.rehearsal import Rehearsal
from bridge._rehearsal.sites import call_site, known_site
from camunda_core._arguments import shown
from camunda_core.errors import ConfigurationError

__all__ = ["AsyncRehearsedChannel", "RehearsedChannel", "rehearsal_of", "rehearse"]

Channel = TypeVar("Channel", grpc.Channel, grpc.aio.Channel)


def rehearsal_of(given: Any) -> Rehearsal | None:
    """What ``rehearse=`` of a client was given. Raises ConfigurationError for anything else."""
    if given is None or given is False:
        return None
    if given is True:
        return Rehearsal()
    if isinstance(given, Rehearsal):
        return given
    raise ConfigurationError(f"rehearse must be True, False or a bridge.Rehearsal, not {shown(given)}")


def rehearse(channel: Channel, rehearsal: Rehearsal | None = None) -> Channel:
    """The channel, with every request of the gateway's protocol said in REST too, and not sent there.

    ``channel``    of grpcio, of ``grpc.aio``, or of ``camunda_grpc``; stubs and pyzeebe take what comes back. Its attribute
                   ``rehearsal`` is the rehearsal, whose ``report()`` tells what stands in the way of REST
    ``rehearsal``  with settings, or one that other channels share; None makes one

    Each attempt counts that is sent: one that grpcio or ``camunda_grpc`` repeats counts again. Call credentials (the
    argument ``credentials`` of a call) are not looked at; REST cannot carry them. Closing the channel closes the
    rehearsal too. Raises ConfigurationError for what is no such channel.
    """
    if rehearsal is not None and not isinstance(rehearsal, Rehearsal):
        raise ConfigurationError(f"rehearsal must be a bridge.Rehearsal, not {shown(rehearsal)}")
    made: Any
    if isinstance(channel, grpc.aio.Channel):
        made = AsyncRehearsedChannel(channel, rehearsal or Rehearsal())
    elif isinstance(channel, grpc.Channel):
        made = RehearsedChannel(channel, rehearsal or Rehearsal())
    else:
        raise ConfigurationError(
            f"rehearse needs a channel of gRPC, not {shown(channel)}: clients take rehearse=True"
        )
    return made  # type: ignore[no-any-return]


class _Listening:
    """What both sorts of channels put between: the serialiser of each RPC, and the answers of Topology."""

    def __init__(self, inner: Any, rehearsal: Rehearsal) -> None:
        self._inner = inner
        self.rehearsal = rehearsal

    def _serializer(self, method: Any, serialize: Any) -> Any:
        service, rpc = method_of(method)
        if service != SERVICE:
            return serialize
        takes, sent = self.rehearsal.takes, self.rehearsal.sent

        def told(request: Any) -> Any:
            data = request if serialize is None else serialize(request)
            try:  # not contextlib.suppress, which costs as much as all the rest
                if takes(data):
                    sent(rpc, data, call_site())
            except Exception:
                return data  # a rehearsal must not be what fails a call
            return data

        return told

    def _deserializer(self, method: Any, deserialize: Any) -> Any:
        if deserialize is None or method_of(method) != (SERVICE, "Topology"):
            return deserialize
        learnt = self.rehearsal.learnt

        def read(data: Any) -> Any:
            answer = deserialize(data)
            learnt(str(getattr(answer, "gatewayVersion", "")))
            return answer

        return read

    def _made(self, kind: str, method: Any, serialize: Any, deserialize: Any, registered: Any) -> Any:
        more = {"_registered_method": True} if registered else {}
        make = getattr(self._inner, kind)
        return make(
            method, self._serializer(method, serialize), self._deserializer(method, deserialize), **more
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def _way(kind: str, placed: Callable[[Any], Any] | None = None) -> Any:
    """The method of a channel that makes multi-callables of a kind; ``placed`` is put around them."""

    def make(
        self: _Listening,
        method: Any,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> Any:
        made = self._made(kind, method, request_serializer, response_deserializer, _registered_method)
        return made if placed is None else placed(made)

    make.__name__ = kind
    return make


class RehearsedChannel(_Listening, grpc.Channel):
    """What ``rehearse`` makes of a ``grpc.Channel``."""

    unary_unary = _way("unary_unary")
    unary_stream = _way("unary_stream")
    stream_unary = _way("stream_unary")
    stream_stream = _way("stream_stream")

    def subscribe(self, callback: Any, try_to_connect: bool = False) -> None:
        self._inner.subscribe(callback, try_to_connect)

    def unsubscribe(self, callback: Any) -> None:
        self._inner.unsubscribe(callback)

    def close(self) -> None:
        """Closes the channel, and the rehearsal."""
        self._inner.close()
        self.rehearsal.close()

    def __enter__(self) -> RehearsedChannel:
        return self

    def __exit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        self.close()


class _Placed:
    """A multi-callable of asyncio that notes where it is called: what it makes goes on in a task."""

    def __init__(self, inner: Callable[..., Any]) -> None:
        self._inner = inner

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        token = known_site.set(call_site())
        try:
            return self._inner(*args, **kwargs)
        finally:
            known_site.reset(token)


class _PlacedUnary(_Placed, AioUnaryUnaryMultiCallable):
    pass


class _PlacedStream(_Placed, AioUnaryStreamMultiCallable):
    pass


class AsyncRehearsedChannel(_Listening, grpc.aio.Channel):
    """What ``rehearse`` makes of a ``grpc.aio.Channel``."""

    unary_unary = _way("unary_unary", _PlacedUnary)
    unary_stream = _way("unary_stream", _PlacedStream)
    stream_unary = _way("stream_unary")
    stream_stream = _way("stream_stream")

    def direct(self, method: str, serialize: Any, deserialize: Any) -> Any:
        """The short way of a worker's completions, where the channel has one; None where not."""
        return self._short("direct", method, serialize, deserialize)

    def told(self, method: str, serialize: Any, deserialize: Any) -> Any:
        """The shortest, likewise."""
        return self._short("told", method, serialize, deserialize)

    def _short(self, way: str, method: str, serialize: Any, deserialize: Any) -> Any:
        inner = getattr(self._inner, way, None)
        if inner is None:
            return None
        made = inner(method, self._serializer(method, serialize), deserialize)
        return None if made is None else _Placed(made)

    def fresh(self) -> AsyncRehearsedChannel:
        """The same with connections of its own, where the channel can do that."""
        return AsyncRehearsedChannel(self._inner.fresh(), self.rehearsal)

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        state: grpc.ChannelConnectivity = self._inner.get_state(try_to_connect)
        return state

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        await self._inner.wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        await self._inner.channel_ready()

    async def close(self, grace: float | None = None) -> None:
        """Closes the channel; what waits is judged on, and written when the program ends."""
        await self._inner.close(grace)

    async def __aenter__(self) -> AsyncRehearsedChannel:
        return self

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        await self.close()
