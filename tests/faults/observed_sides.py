"""One call, a topology, through each entrance that can be watched: both wires, sync and asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import bridge
import camunda_grpc
from camunda_core.retry import RetryPolicy
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from camunda_rest import AsyncRestClient, RestClient, operations
from tests.fakes.grpc import ScriptedGateway
from tests.fakes.rest import RestServer

QUICK = RetryPolicy(max_attempts=3, initial_delay=0)
TOPOLOGY = {
    "brokers": [],
    "clusterSize": 0,
    "partitionsCount": 0,
    "replicationFactor": 0,
    "gatewayVersion": "8.6.0",
}

Side = Callable[..., Any]


class Servers:
    """A scripted gateway on each wire."""

    def __init__(self, rest: RestServer, grpc: ScriptedGateway) -> None:
        self.rest = rest
        self.grpc = grpc

    def headers(self, wire: str) -> list[dict[str, Any]]:
        """Those of each attempt that arrived, by lower-case names."""
        if wire == "grpc":
            return [call.metadata for call in self.grpc.calls]
        return [{name.lower(): value for name, value in each.headers.items()} for each in self.rest.requests]


@contextmanager
def servers() -> Iterator[Servers]:
    with RestServer() as rest:
        grpc = ScriptedGateway()
        try:
            yield Servers(rest, grpc)
        finally:
            grpc.stop()


def rest_client(to: Servers, **given: Any) -> Any:
    with RestClient(to.rest.address, retry=QUICK, **given) as client:
        return client.call(operations.GET_TOPOLOGY)


def aio_rest_client(to: Servers, **given: Any) -> Any:
    async def work() -> Any:
        async with AsyncRestClient(to.rest.address, retry=QUICK, **given) as client:
            return await client.call(operations.GET_TOPOLOGY)

    return asyncio.run(work())


def grpc_channel(to: Servers, **given: Any) -> Any:
    with camunda_grpc.channel(to.grpc.address, retry=QUICK, **given) as channel:
        return stubs.GatewayStub(channel).Topology(pb.TopologyRequest())


def grpc_future(to: Servers, **given: Any) -> Any:
    with camunda_grpc.channel(to.grpc.address, retry=QUICK, **given) as channel:
        return stubs.GatewayStub(channel).Topology.future(pb.TopologyRequest()).result(timeout=20)  # type: ignore[attr-defined]


def aio_grpc_channel(to: Servers, **given: Any) -> Any:
    async def work() -> Any:
        async with camunda_grpc.aio_channel(to.grpc.address, retry=QUICK, **given) as channel:
            stub: Any = stubs.GatewayStub(channel)
            return await stub.Topology(pb.TopologyRequest())

    return asyncio.run(work())


def _addresses(to: Servers, wire: str) -> dict[str, Any]:
    address = {"rest_address": to.rest.address} if wire == "rest" else {"grpc_address": to.grpc.address}
    return {**address, "env": {}, "retry": QUICK}


def client(wire: str) -> Side:
    def made(to: Servers, **given: Any) -> Any:
        with bridge.Client(**_addresses(to, wire), **given) as opened:
            return opened.topology()

    return made


def aio_client(wire: str) -> Side:
    def made(to: Servers, **given: Any) -> Any:
        async def work() -> Any:
            async with bridge.AsyncClient(**_addresses(to, wire), **given) as opened:
                return await opened.topology()

        return asyncio.run(work())

    return made


def dropin(wire: str) -> Side:
    def made(to: Servers, **given: Any) -> Any:
        with bridge.channel(**_addresses(to, wire), **given) as channel:
            return stubs.GatewayStub(channel).Topology(pb.TopologyRequest())

    return made


def aio_dropin(wire: str) -> Side:
    def made(to: Servers, **given: Any) -> Any:
        async def work() -> Any:
            async with bridge.aio_channel(**_addresses(to, wire), **given) as channel:
                stub: Any = stubs.GatewayStub(channel)
                return await stub.Topology(pb.TopologyRequest())

        return asyncio.run(work())

    return made


#: The wire of each entrance, and how a call is made through it.
SIDES: dict[str, tuple[str, Side]] = {
    "RestClient": ("rest", rest_client),
    "AsyncRestClient": ("rest", aio_rest_client),
    "channel": ("grpc", grpc_channel),
    "channel.future": ("grpc", grpc_future),
    "aio_channel": ("grpc", aio_grpc_channel),
    **{f"Client/{wire}": (wire, client(wire)) for wire in ("rest", "grpc")},
    **{f"AsyncClient/{wire}": (wire, aio_client(wire)) for wire in ("rest", "grpc")},
    **{f"bridge.channel/{wire}": (wire, dropin(wire)) for wire in ("rest", "grpc")},
    **{f"bridge.aio_channel/{wire}": (wire, aio_dropin(wire)) for wire in ("rest", "grpc")},
}
