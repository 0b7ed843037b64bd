"""What is open towards a gateway, how much of it is taken, and what a peer allows, can be seen while a program runs."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

import bridge
from camunda_core.errors import Unavailable
from camunda_core.retry import NO_RETRY
from camunda_grpc import gateway_pb2 as pb
from camunda_rest import AsyncRestClient, RestClient, operations
from camunda_worker import Job, Worker
from tests.fakes.grpc import Answer, ScriptedGateway, Stall
from tests.fakes.rest import RestServer, answer, stall

_MANY = 5
ENGINES = pytest.mark.parametrize(
    "engine",
    [pytest.param("default", marks=pytest.mark.default_engine("its name and what it tells")), "fast"],
)


@ENGINES
def test_grpc_shows_what_the_peer_allows_where_the_engine_tells(engine: str) -> None:
    pytest.importorskip("httpunk")
    gateway = ScriptedGateway(options=(("grpc.max_concurrent_streams", 2),))
    gateway.script["Topology"] = [Answer((pb.TopologyResponse(gatewayVersion="8.6.0"),))]

    async def run() -> Any:
        address = f"http://{gateway.address}"
        async with bridge.AsyncClient(grpc_address=address, engine=engine) as client:
            await client.topology()
            quiet = client.wires
            gateway.script["Topology"] = [Stall()]
            asked = [asyncio.ensure_future(client.topology()) for _ in range(_MANY)]
            while engine == "fast" and client.wires[0].running != _MANY:  # noqa: ASYNC110  nothing tells
                await asyncio.sleep(0.01)
            busy = client.wires
            gateway.release()
            await asyncio.gather(*asked, return_exceptions=True)
            return quiet, busy, client.wires

    try:
        quiet, busy, after = asyncio.run(run())
    finally:
        gateway.release()
        gateway.stop()
    assert [(w.wire, w.engine) for w in quiet] == [("gRPC", engine)]
    if engine == "default":
        assert "grpcio keeps" in quiet[0].unknown
        assert (quiet[0].connections, quiet[0].running, quiet[0].limit) == (None, None, None)
        return
    assert (quiet[0].connections, quiet[0].running, quiet[0].waiting, quiet[0].limit) == (1, 0, 0, 2)
    assert (busy[0].connections, busy[0].running, busy[0].waiting, busy[0].limit) == (3, _MANY, 0, 2)
    assert (after[0].running, after[0].waiting) == (0, 0)


@ENGINES
def test_rest_shows_requests_under_way_and_waiting(engine: Any) -> None:
    pytest.importorskip("httpunk")

    async def run(server: RestServer) -> Any:
        async with AsyncRestClient(server.address, pool_size=2, engine=engine, timeout=30) as client:
            before = client.wires[0]
            asked = [asyncio.ensure_future(client.call(operations.GET_TOPOLOGY)) for _ in range(_MANY)]
            while (client.wires[0].running, client.wires[0].waiting) != (2, _MANY - 2):  # noqa: ASYNC110  nothing tells
                await asyncio.sleep(0.01)
            busy = client.wires[0]
            for each in asked:
                each.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
            return before, busy, client.wires[0]

    with RestServer() as server:
        server.script(stall())
        before, busy, after = asyncio.run(run(server))
    assert (before.wire, before.engine, before.connections, before.running) == ("REST", engine, 0, 0)
    assert (busy.connections, busy.running, busy.limit) == (2, 2, 1)
    assert (after.running, after.waiting) == (0, 0)


@ENGINES
@pytest.mark.parametrize("wire", ["gRPC", "REST"])
def test_the_health_of_a_worker_shows_its_wire(wire: str, engine: Any) -> None:
    pytest.importorskip("httpunk")

    async def run(**address: str) -> Any:
        async with bridge.AsyncClient(**address, engine=engine) as client:
            worker = Worker(client, grace=0)
            polled = asyncio.Event()

            @worker.task("work")
            async def work(job: Job) -> None: ...

            working = asyncio.ensure_future(worker.work())
            while not polled.is_set():
                await asyncio.sleep(0.01)
                use = worker.health().tasks[0].use if worker.health().tasks else None
                if use is not None and (use.unknown or use.running):
                    polled.set()
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            return use

    if wire == "REST":
        with RestServer() as server:
            server.script(stall())
            use = asyncio.run(run(rest_address=server.address))
    else:
        gateway = ScriptedGateway()
        gateway.script["ActivateJobs"] = [Stall()]
        try:
            use = asyncio.run(run(grpc_address=f"http://{gateway.address}"))
        finally:
            gateway.release()
            gateway.stop()
    assert (use.wire, use.engine) == (wire, engine)
    assert use.running == (None if (wire, engine) == ("gRPC", "default") else 1)


def test_the_blocking_client_over_rest_shows_its_connections() -> None:
    with RestServer() as server, RestClient(server.address, timeout=30, retry=NO_RETRY) as client:
        server.script(answer(200, {}), stall())
        assert client.wires[0].connections == 0
        client.call(operations.GET_TOPOLOGY)
        kept = client.wires[0]
        assert (kept.connections, kept.running, kept.waiting, kept.limit) == (1, 0, 0, 1)
        held = threading.Thread(target=_quietly, args=(client,))
        held.start()
        while not client.wires[0].running:
            assert held.is_alive()
        server.stop()
        held.join(30)
    assert client.wires[0].running == 0


def _quietly(client: RestClient) -> None:
    with pytest.raises(Unavailable):
        client.call(operations.GET_TOPOLOGY)


@pytest.mark.default_engine("grpcio, which does not tell")
def test_the_blocking_client_of_both_wires_names_who_does_not_tell() -> None:
    gateway = ScriptedGateway()
    gateway.script["Topology"] = [Answer((pb.TopologyResponse(gatewayVersion="8.6.0"),))]
    with RestServer() as server:
        server.script(answer(200, {}))
        with bridge.Client(
            grpc_address=f"http://{gateway.address}", rest_address=server.address, routes="grpc"
        ) as client:
            client.topology()
            (native,) = client.wires
            assert native.wire == "gRPC"
            assert native.unknown.startswith("grpcio")
    gateway.stop()
