"""The engines beside each other: what carries a call, and what our own layers add to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import aiohttp
import grpc.aio
import pyzeebe

import bridge
import camunda_grpc
from benchmarks.calls import HEADERS, VARIABLES, body, event_loop, message
from benchmarks.gateway import Addresses
from benchmarks.measure import (
    AT_ONCE,
    Contender,
    Effort,
    Goal,
    Table,
    alone,
    at_once,
    compare,
    in_threads,
    repeated,
)
from benchmarks.wires import batches, through
from camunda_grpc import gateway_pb2, gateway_pb2_grpc
from camunda_rest import AsyncRestClient, operations

__all__ = ["engines"]

RAW, AIOHTTP = "raw grpc.aio stub", "aiohttp"
#: The raw stub as a program has it that starts with a dict, as ours do: without checks, types and retries.
FROM_DICT = "raw grpc.aio stub, from a dict"
_ENGINES = ("default", "fast")
_BATCH = 100


def engines(addresses: Addresses, effort: Effort) -> list[Table]:
    """CompleteJob on the stub, a creation on the clients, jobs on the wires, over both engines."""
    request = gateway_pb2.CompleteJobRequest(jobKey=1, variables='{"paid":true}')
    creation = message()
    url = f"{addresses.rest}/v2{operations.CREATE_PROCESS_INSTANCE.path}"

    with event_loop() as loop:

        async def opened() -> dict[str, Any]:
            made: dict[str, Any] = {
                "raw": grpc.aio.insecure_channel(addresses.grpc),
                "pyzeebe": pyzeebe.create_insecure_channel(grpc_address=addresses.grpc),
                "session": aiohttp.ClientSession(),
            }
            for engine in _ENGINES:
                given: Any = {"engine": engine}
                made[f"channel {engine}"] = camunda_grpc.aio_channel(addresses.grpc, **given)
                made[f"native {engine}"] = bridge.AsyncClient(grpc_address=addresses.grpc, **given)
                made[f"rest {engine}"] = AsyncRestClient(addresses.rest, **given)
                made[f"client {engine}"] = bridge.AsyncClient(rest_address=addresses.rest, **given)
                made[f"wire gRPC {engine}"] = camunda_grpc.aio_channel(addresses.grpc, **given).job_wire()
                made[f"wire REST {engine}"] = AsyncRestClient(addresses.rest, **given).job_wire()
            return made

        made = loop.run_until_complete(opened())
        raw: Any = gateway_pb2_grpc.GatewayStub(made["raw"])
        completing: dict[str, Callable[[], Awaitable[Any]]] = {RAW: lambda: raw.CompleteJob(request)}
        peer: Any = pyzeebe.ZeebeClient(made["pyzeebe"])
        creating: dict[str, Callable[[], Awaitable[Any]]] = {
            RAW: lambda: raw.CreateProcessInstance(creation),
            FROM_DICT: lambda: raw.CreateProcessInstance(message()),
            "pyzeebe": lambda: peer.run_process("order", VARIABLES),
        }

        async def bare() -> Any:
            async with made["session"].post(
                url, data=json.dumps(body()).encode(), headers=HEADERS
            ) as response:
                return json.loads(await response.read())

        resting: dict[str, Callable[[], Awaitable[Any]]] = {AIOHTTP: bare}
        working = {}
        for engine in _ENGINES:
            stub: Any = gateway_pb2_grpc.GatewayStub(made[f"channel {engine}"])
            completing[f"aio_channel, {engine}"] = lambda stub=stub: stub.CompleteJob(request)  # type: ignore[misc]
            for base, ways in (("native", creating), ("client", resting)):
                client = made[f"{base} {engine}"]
                ways[f"AsyncClient, {engine}"] = lambda client=client: client.create_process_instance(  # type: ignore[misc]
                    "order", variables=VARIABLES
                )
            rest = made[f"rest {engine}"]
            resting[f"AsyncRestClient, {engine}"] = lambda rest=rest: rest.call(  # type: ignore[misc]
                operations.CREATE_PROCESS_INSTANCE, body=body()
            )
            for wire in ("gRPC", "REST"):
                working[f"job wire over {wire}, {engine}"] = through(made[f"wire {wire} {engine}"], _BATCH)

        tables = []
        for title, (base, *others), ways, limits in (
            ("CompleteJob", (RAW,), completing, {"aio_channel, fast": (0.8, 0.45)}),
            (
                "Creation over gRPC",
                (RAW, FROM_DICT),
                creating,
                {"AsyncClient, fast": (None, 0.7), "AsyncClient, default": (None, 1.15)},
            ),
            ("Creation over REST", (AIOHTTP,), resting, {"AsyncRestClient, fast": (0.8, 0.6)}),
        ):
            for number, (how, way) in enumerate(((alone, "one by one"), (at_once, f"{AT_ONCE} at once"))):
                goals = [
                    Goal("E", name, base, limit)
                    for name, both in limits.items()
                    if (limit := both[number]) is not None
                ]
                contenders = [
                    Contender(name, how(loop, made_by), block=AT_ONCE * 4, step=AT_ONCE)
                    for name, made_by in ways.items()
                ]
                tables.append(
                    compare(Table(f"{title}, {way}", "µs a call", (base, *others), goals), contenders, effort)
                )
        contenders = [Contender(name, batches(loop, work), 4, _BATCH) for name, work in working.items()]
        bases = [name for name in working if name.endswith("default")]
        table = Table(f"Jobs activated and completed, batches of {_BATCH}", "µs a job", bases)
        tables.append(compare(table, contenders, effort))
        for each in made.values():
            loop.run_until_complete(each.aclose() if hasattr(each, "aclose") else each.close())
        loop.run_until_complete(asyncio.sleep(0))
    return [*tables, *_blocking(addresses, effort)]


def _blocking(addresses: Addresses, effort: Effort) -> list[Table]:
    """A creation by the blocking client, in one thread and in many."""
    tables = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for wire, given in (
            ("gRPC", {"grpc_address": addresses.grpc}),
            ("REST", {"rest_address": addresses.rest}),
        ):
            clients = {engine: bridge.Client(engine=engine, env={}, **given) for engine in _ENGINES}  # type: ignore[arg-type]
            for title, how, limit in (
                ("one by one", repeated, 1.0),
                (f"{AT_ONCE} threads", partial(in_threads, pool), 1.0),
            ):
                contenders = [
                    Contender(
                        f"Client, {engine}",
                        how(partial(client.create_process_instance, "order", variables=VARIABLES)),
                        block=AT_ONCE * 4,
                        step=AT_ONCE,
                    )
                    for engine, client in clients.items()
                ]
                goal = Goal("E", "Client, fast", "Client, default", limit)
                table = Table(
                    f"Creation over {wire}, blocking, {title}", "µs a call", ("Client, default",), [goal]
                )
                tables.append(compare(table, contenders, effort))
            for client in clients.values():
                client.close()
    return tables
