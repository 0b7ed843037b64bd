"""Asyncio clients and channels can be made anywhere; they belong to the event loop that uses them first, on every wire."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest

import bridge
import camunda_grpc
from camunda_core.errors import ConfigurationError, InvalidRequest
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc
from tests.fakes.grpc import Answer, ScriptedGateway
from tests.fakes.rest_jobs import JobGateway


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    native = ScriptedGateway()
    native.script["Topology"] = [Answer((pb.TopologyResponse(gatewayVersion="8.6.0"),))]
    with JobGateway() as rest:
        yield {"rest_address": rest.address, "grpc_address": native.address}
    native.stop()


class Way:
    """Something asyncio that talks to a gateway: how it is made, asked and closed."""

    def __init__(self, name: str, wire: str) -> None:
        self._name = name
        self._address = f"{wire}_address"

    def make(self, addresses: dict[str, str]) -> Any:
        address = addresses[self._address]
        if self._name == "client":
            return bridge.AsyncClient(**{self._address: address})
        if self._name == "native channel":
            return camunda_grpc.aio_channel(address)
        return bridge.aio_channel(**{self._address: address})

    async def ask(self, made: Any) -> str:
        if self._name == "client":
            return str((await made.topology()).gateway_version)
        stub: Any = gateway_pb2_grpc.GatewayStub(made)
        return str((await stub.Topology(pb.TopologyRequest())).gatewayVersion)

    async def close(self, made: Any) -> None:
        await (made.aclose() if self._name == "client" else made.close())


WAYS = {
    "client over REST": Way("client", "rest"),
    "client over gRPC": Way("client", "grpc"),
    "drop-in channel over REST": Way("drop-in channel", "rest"),
    "drop-in channel over gRPC": Way("drop-in channel", "grpc"),
    "native channel": Way("native channel", "grpc"),
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    return WAYS[request.param]


def in_a_thread(make: Callable[[], Any]) -> Any:
    made: list[Any] = []
    thread = threading.Thread(target=lambda: made.append(make()))
    thread.start()
    thread.join(20)
    return made[0]


def after_a_loop(make: Callable[[], Any]) -> Any:
    asyncio.run(asyncio.sleep(0))
    return make()


def in_another_loop(make: Callable[[], Any]) -> Any:
    async def work() -> Any:
        return make()

    return asyncio.run(work())


@pytest.mark.parametrize(
    "where", [lambda make: make(), in_a_thread, after_a_loop, in_another_loop],
    ids=["without a loop", "in a thread", "after a loop", "in another loop"],
)  # fmt: skip
def test_it_is_made_where_no_event_loop_runs_and_used_where_one_does(
    way: Way, where: Callable[..., Any], addresses: dict[str, str]
) -> None:
    made = where(lambda: way.make(addresses))

    async def use() -> str:
        try:
            return await way.ask(made)
        finally:
            await way.close(made)

    assert asyncio.run(use()) == "8.6.0"


def test_another_event_loop_than_the_first_is_told_to_make_its_own(
    way: Way, addresses: dict[str, str]
) -> None:
    made = way.make(addresses)
    first = asyncio.new_event_loop()
    assert first.run_until_complete(way.ask(made)) == "8.6.0"
    with pytest.raises(InvalidRequest, match="belongs to another event loop; make one per loop"):
        asyncio.run(way.ask(made))
    assert first.run_until_complete(way.ask(made)) == "8.6.0"
    first.run_until_complete(way.close(made))
    first.close()


def test_it_is_closed_without_ever_having_been_used(way: Way, addresses: dict[str, str]) -> None:
    made = way.make(addresses)
    asyncio.run(way.close(made))
    with pytest.raises((InvalidRequest, grpc.aio.UsageError), match="closed"):
        asyncio.run(way.ask(made))


@pytest.mark.parametrize("way", [name for name in WAYS if "REST" not in name], indirect=True)
def test_over_grpc_it_is_closed_even_after_the_loop_that_used_it_has_gone(
    way: Way, addresses: dict[str, str]
) -> None:
    made = way.make(addresses)
    assert asyncio.run(way.ask(made)) == "8.6.0"
    asyncio.run(way.close(made))


def test_a_native_channel_that_was_never_used_is_idle_and_then_shut_down(addresses: dict[str, str]) -> None:
    channel = camunda_grpc.aio_channel(addresses["grpc_address"])
    assert channel.get_state() is grpc.ChannelConnectivity.IDLE
    asyncio.run(channel.close())
    assert channel.get_state() is grpc.ChannelConnectivity.SHUTDOWN


def test_a_call_where_no_event_loop_runs_says_so(addresses: dict[str, str]) -> None:
    channel = camunda_grpc.aio_channel(addresses["grpc_address"])
    stub: Any = gateway_pb2_grpc.GatewayStub(channel)
    with pytest.raises(InvalidRequest, match="where an event loop runs"):
        stub.Topology(pb.TopologyRequest())
    asyncio.run(channel.close())


def test_an_interceptor_of_the_wrong_kind_is_refused_when_the_channel_is_made() -> None:
    class Sync(grpc.UnaryUnaryClientInterceptor):
        def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
            return continuation(client_call_details, request)

    with pytest.raises(
        ConfigurationError, match=r"^interceptors must be client interceptors of grpc\.aio, but \[0\] is"
    ):
        camunda_grpc.aio_channel("127.0.0.1:26500", interceptors=[Sync()])
