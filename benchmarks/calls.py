"""What the creation of a process instance costs the caller, from a dict of variables to a result."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import aiohttp
import grpc
import grpc.aio
import pyzeebe
import requests

import bridge
import camunda_grpc
from benchmarks.gateway import Addresses
from benchmarks.measure import AT_ONCE, Contender, Effort, Goal, Table, alone, at_once, compare, repeated
from benchmarks.peers import Absent, official_sdk
from camunda_grpc import gateway_pb2, gateway_pb2_grpc
from camunda_rest import AsyncRestClient, RestClient, operations

__all__ = ["calls", "native", "pyzeebe_client"]

VARIABLES = {"orderId": "order-4711", "amount": 12.5, "items": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}]}
#: A call over asyncio.
Way = Callable[[], Awaitable[Any]]
HEADERS = {"content-type": "application/json", "accept": "application/json"}

RAW, RAW_ALONE, RAW_AT_ONCE = "raw stub, sync", "raw stub, asyncio", f"raw stub, asyncio, {AT_ONCE} at once"


def message() -> Any:
    """The request as legacy code makes it."""
    return gateway_pb2.CreateProcessInstanceRequest(
        bpmnProcessId="order", version=-1, variables=json.dumps(VARIABLES)
    )


def body() -> dict[str, Any]:
    """The request in the words of REST."""
    return {"processDefinitionId": "order", "variables": VARIABLES}


@contextmanager
def event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop for contenders that take turns in it."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)  # grpc.aio channels are made outside of coroutines here
    try:
        yield loop
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def native(addresses: Addresses, effort: Effort) -> list[Table]:
    """The native channels beside those of grpcio. The request is made once: only the way of a call is compared."""
    request = message()
    address = addresses.grpc
    with event_loop() as loop, grpc.insecure_channel(address) as raw, camunda_grpc.channel(address) as ours:
        stubs = [gateway_pb2_grpc.GatewayStub(channel) for channel in (raw, ours)]
        sync = compare(
            Table(
                "Native call, sync",
                "µs a call",
                (RAW,),
                [Goal("G1", "camunda_grpc.channel", RAW, 1.05)],
            ),
            [
                Contender(name, repeated(lambda create=stub.CreateProcessInstance: create(request)))  # type: ignore[misc]
                for name, stub in zip((RAW, "camunda_grpc.channel"), stubs, strict=True)
            ],
            effort,
        )

        async def opened() -> list[Any]:
            return [grpc.aio.insecure_channel(address), camunda_grpc.aio_channel(address)]

        channels = loop.run_until_complete(opened())
        operations_of = [gateway_pb2_grpc.GatewayStub(channel).CreateProcessInstance for channel in channels]
        one, many = [
            compare(
                Table(title, "µs a call", (base,), [Goal("G1", "camunda_grpc.aio_channel", base, 1.05)]),
                [
                    Contender(
                        name,
                        way(loop, lambda create=create: create(request)),  # type: ignore[misc]
                        block=AT_ONCE * 4,
                        step=AT_ONCE,
                    )
                    for name, create in zip((base, "camunda_grpc.aio_channel"), operations_of, strict=True)
                ],
                effort,
            )
            for title, base, way in (
                ("Native call, asyncio, one by one", RAW_ALONE, alone),
                (f"Native call, asyncio, {AT_ONCE} at once", RAW_AT_ONCE, at_once),
            )
        ]
        for channel in channels:
            loop.run_until_complete(channel.close())
    return [sync, one, many]


def calls(addresses: Addresses, effort: Effort) -> list[Table]:
    """The same call on every way that leads to a gateway, beside the official SDK and the bare libraries."""
    goals = [
        Goal("G2", "bridge.channel stub", "official SDK", 0.6),
        Goal("G2", "bridge.Client over REST", "official SDK", 0.6),
    ]
    sync = Table("Call, sync", "µs a call", ("official SDK", "requests", RAW), goals)
    many_goals = [
        Goal("G2", "bridge.aio_channel stub", "official SDK", 0.12),
        Goal("G2", "bridge.AsyncClient over REST", "official SDK", 0.12),
        Goal("G2", "camunda_rest.AsyncRestClient, fast", "official SDK", 0.05),
    ]
    raw = f"raw stub, {AT_ONCE} at once"
    many = Table(
        f"Call, asyncio, {AT_ONCE} at once", "µs a call", ("official SDK", "aiohttp", raw), many_goals
    )
    try:
        with official_sdk(addresses.rest) as sdk:
            _sync(sync, addresses, effort, [sdk.contender("create")])
            _many(many, addresses, effort, [sdk.contender("create-at-once", block=AT_ONCE, step=AT_ONCE)])
    except Absent as absent:
        for table in (sync, many):
            table.missing["official SDK"] = str(absent)
        _sync(sync, addresses, effort, [])
        _many(many, addresses, effort, [])
    return [sync, many]


def _sync(table: Table, addresses: Addresses, effort: Effort, peers: Sequence[Contender]) -> None:
    url = f"{addresses.rest}/v2{operations.CREATE_PROCESS_INSTANCE.path}"
    with (
        requests.Session() as session,
        RestClient(addresses.rest) as rest,
        bridge.Client(rest_address=addresses.rest) as client,
        bridge.Client(grpc_address=addresses.grpc) as native_client,
        bridge.channel(addresses.rest) as channel,
        grpc.insecure_channel(addresses.grpc) as raw,
    ):
        dropin, stub = gateway_pb2_grpc.GatewayStub(channel), gateway_pb2_grpc.GatewayStub(raw)
        compare(
            table,
            [
                *peers,
                Contender("requests", repeated(lambda: session.post(url, json=body(), timeout=10).json())),
                Contender(
                    "camunda_rest.RestClient",
                    repeated(lambda: rest.call(operations.CREATE_PROCESS_INSTANCE, body=body())),
                ),
                Contender("bridge.channel stub", repeated(lambda: dropin.CreateProcessInstance(message()))),
                Contender(
                    "bridge.Client over REST",
                    repeated(lambda: client.create_process_instance("order", variables=VARIABLES)),
                ),
                Contender(RAW, repeated(lambda: stub.CreateProcessInstance(message()))),
                Contender(
                    "bridge.Client over gRPC",
                    repeated(lambda: native_client.create_process_instance("order", variables=VARIABLES)),
                ),
            ],
            effort,
        )


def _many(table: Table, addresses: Addresses, effort: Effort, peers: Sequence[Contender]) -> None:
    url = f"{addresses.rest}/v2{operations.CREATE_PROCESS_INSTANCE.path}"
    with event_loop() as loop:

        async def bases() -> tuple[Any, Any]:
            return aiohttp.ClientSession(), grpc.aio.insecure_channel(addresses.grpc)

        session, raw = loop.run_until_complete(bases())
        stub: Any = gateway_pb2_grpc.GatewayStub(raw)

        async def bare() -> Any:
            async with session.post(url, data=json.dumps(body()).encode(), headers=HEADERS) as response:
                return json.loads(await response.read())

        opened = [session, raw]
        ways: dict[str, Way] = {
            "aiohttp": bare,
            table.bases[-1]: lambda: stub.CreateProcessInstance(message()),
        }
        for engine in effort.engines:
            ours, their_ways = loop.run_until_complete(_of_engine(engine, addresses))
            opened += ours
            ways |= their_ways
        contenders = [
            Contender(name, at_once(loop, way), block=AT_ONCE * 4, step=AT_ONCE) for name, way in ways.items()
        ]
        compare(table, [*peers, *contenders], effort)
        for each in opened:
            loop.run_until_complete(each.aclose() if hasattr(each, "aclose") else each.close())


async def _of_engine(engine: Any, addresses: Addresses) -> tuple[list[Any], dict[str, Way]]:
    """What of ours has that engine, opened, and the ways of a call over it."""
    rest = AsyncRestClient(addresses.rest, engine=engine)
    channel = bridge.aio_channel(addresses.rest, engine=engine)
    client = bridge.AsyncClient(rest_address=addresses.rest, engine=engine)
    native_client = bridge.AsyncClient(grpc_address=addresses.grpc, engine=engine)
    dropin: Any = gateway_pb2_grpc.GatewayStub(channel)
    ways: dict[str, Way] = {
        "camunda_rest.AsyncRestClient": lambda: rest.call(operations.CREATE_PROCESS_INSTANCE, body=body()),
        "bridge.aio_channel stub": lambda: dropin.CreateProcessInstance(message()),
        "bridge.AsyncClient over REST": lambda: client.create_process_instance("order", variables=VARIABLES),
        "bridge.AsyncClient over gRPC": lambda: native_client.create_process_instance(
            "order", variables=VARIABLES
        ),
    }
    suffix = "" if engine == "default" else f", {engine}"
    return [rest, channel, client, native_client], {f"{name}{suffix}": way for name, way in ways.items()}


def pyzeebe_client(addresses: Addresses, effort: Effort) -> list[Table]:
    """An unmodified pyzeebe client: over its own channel, and over the drop-in one."""
    own = "pyzeebe over its own channel"

    async def opened() -> list[Any]:
        return [
            pyzeebe.create_insecure_channel(grpc_address=addresses.grpc),
            camunda_grpc.aio_channel(addresses.grpc),
            bridge.aio_channel(addresses.rest),
        ]

    names = (own, "pyzeebe over camunda_grpc.aio_channel", "pyzeebe over bridge.aio_channel (REST)")
    with event_loop() as loop:
        channels = loop.run_until_complete(opened())
        clients = [pyzeebe.ZeebeClient(channel) for channel in channels]
        table = compare(
            Table(f"pyzeebe client, {AT_ONCE} at once", "µs a call", (own,)),
            [
                Contender(
                    name,
                    at_once(loop, lambda client=client: client.run_process("order", VARIABLES)),  # type: ignore[misc]
                    block=AT_ONCE * 4,
                    step=AT_ONCE,
                )
                for name, client in zip(names, clients, strict=True)
            ],
            effort,
        )
        for channel in channels:
            loop.run_until_complete(channel.close())
    return [table]
