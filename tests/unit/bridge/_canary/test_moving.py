"""Routes that change while a program runs: clients, channels, workers, files; and how both wires are compared."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

import bridge
from bridge._canary import following
from bridge._canary.shadow import Shadow
from camunda_core import errors
from camunda_core._files import Stamp
from camunda_core.retry import NO_RETRY
from camunda_embedded import EmbeddedGateway
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from camunda_worker import Job, Worker
from tests.fakes.ports import free_port
from tests.gateways.models import model


@pytest.fixture(scope="module")
def gateway() -> Iterator[EmbeddedGateway]:
    with EmbeddedGateway() as running:
        yield running


def both(gateway: EmbeddedGateway, **more: Any) -> dict[str, Any]:
    return {"rest_address": gateway.rest_address, "grpc_address": gateway.grpc_address, **more}


class Wires(Counter[str]):
    """An observer that counts attempts by wire."""

    def began(self, request: Any) -> None:
        pass

    def ended(self, request: Any, begun: Any, result: Any) -> None:
        self[request.wire] += 1


def until(true: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.01)


def nobody() -> str:
    """An address where nobody listens."""
    return f"127.0.0.1:{free_port()}"


def test_a_client_takes_other_routes_from_the_next_call_on(gateway: EmbeddedGateway) -> None:
    wires = Wires()
    with bridge.Client(**both(gateway, routes="grpc", observers=[wires])) as client:
        client.topology()
        client.routes = "rest"
        client.topology()
        client.topology()
        assert dict(wires) == {"grpc": 1, "rest": 2}
        with pytest.raises(errors.ConfigurationError, match="no such RPC"):
            client.routes = "rest, Topologie=grpc"
        assert str(client.routes) == "rest"
        client.routes = {"*": "rest", "Topology": "off"}
        with pytest.raises(errors.Unimplemented, match="switched off"):
            client.topology()
    with pytest.raises(errors.InvalidRequest, match="closed"):
        client.routes = "grpc"
    with (
        bridge.Client(grpc_address=gateway.grpc_address) as lonely,
        pytest.raises(errors.ConfigurationError, match="needs a rest address"),
    ):
        lonely.routes = "rest"


async def test_the_client_of_asyncio_too(gateway: EmbeddedGateway) -> None:
    wires = Wires()
    async with bridge.AsyncClient(**both(gateway, routes="rest", observers=[wires])) as client:
        await client.topology()
        client.routes = "grpc"
        await client.topology()
    assert dict(wires) == {"grpc": 1, "rest": 1}


def test_a_stub_moves_while_it_works(gateway: EmbeddedGateway) -> None:
    wires = Wires()
    with bridge.channel(**both(gateway, routes="grpc, Topology=rest:0%", observers=[wires])) as channel:
        stub = stubs.GatewayStub(channel)
        stub.Topology(pb.TopologyRequest())
        channel.routes = "rest"
        stub.Topology(pb.TopologyRequest())
        assert dict(wires) == {"grpc": 1, "rest": 1}
        channel.routes = "rest, Topology=off"
        with pytest.raises(grpc.RpcError, match="switched off"):
            stub.Topology(pb.TopologyRequest())
    with (
        bridge.channel(**both(gateway, routes="grpc")) as bound,
        pytest.raises(errors.ConfigurationError, match="one wire open"),
    ):
        bound.routes = "rest"


def work_off(
    gateway: EmbeddedGateway, jobs: int, switches: int, *, stream: bool
) -> tuple[Counter[int], Wires]:
    """Works off so many jobs while the routes switch so often; how often each job was handled."""
    job_type = f"moving-{jobs}-{stream}"
    handled: Counter[int] = Counter()
    wires = Wires()

    async def play() -> None:
        progress = asyncio.Event()
        async with bridge.AsyncClient(
            **both(gateway, routes="grpc", timeout=60, observers=[wires])
        ) as client:
            process = f"p-{job_type}"
            await client.deploy_resource(
                ("m.bpmn", model("order", process=process, charge=job_type, ship=f"{job_type}-2"))
            )
            worker = Worker(client)

            @worker.task(job_type, timeout=300, max_jobs_active=64, stream=stream)
            async def handle(job: Job) -> None:
                handled[int(job.key)] += 1
                progress.set()
                if len(handled) == jobs:
                    worker.stop()

            async def reached(count: int) -> None:
                progress.clear()
                while len(handled) < count:
                    await progress.wait()
                    progress.clear()

            async def switch() -> None:
                ways = (
                    "rest",
                    "grpc",
                    "grpc, CompleteJob=rest:50%",
                    f"grpc, job:{job_type}=rest",
                    "rest:30%",
                )
                for number in range(switches):
                    await reached(jobs * number // switches)
                    client.routes = ways[number % len(ways)]

            async def create() -> None:
                for _ in range(jobs // 50):
                    await asyncio.gather(*(client.create_process_instance(process) for _ in range(50)))

            switching, creating = asyncio.ensure_future(switch()), asyncio.ensure_future(create())
            await asyncio.wait_for(worker.work(), 560)
            await creating
            await switching
            # What is left would be lost: none is, once no job of this type waits any more.
            assert (
                await client.activate_jobs(
                    job_type, max_jobs_to_activate=10, job_timeout=1, request_timeout=0
                )
                == []
            )

    asyncio.run(play())
    return handled, wires


@pytest.mark.parametrize("stream", [False, True])
def test_a_worker_moves_and_no_job_is_lost_or_handled_twice(gateway: EmbeddedGateway, stream: bool) -> None:
    handled, wires = work_off(gateway, 300, 12, stream=stream)
    assert len(handled) == 300
    assert set(handled.values()) == {1}
    assert set(wires) == {"rest", "grpc"}


@pytest.mark.long
@pytest.mark.timeout(600)
def test_ten_thousand_jobs_survive_fifty_switches(gateway: EmbeddedGateway) -> None:
    handled, wires = work_off(gateway, 10_000, 50, stream=True)
    assert len(handled) == 10_000
    assert set(handled.values()) == {1}
    assert set(wires) == {"rest", "grpc"}


def test_routes_follow_a_file_and_a_hangup(
    gateway: EmbeddedGateway, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "routes.txt"
    file.write_text("# all of it\nrest\n")
    before = signal.getsignal(signal.SIGHUP)
    with bridge.Client(**both(gateway, routes="grpc")) as client:
        with bridge.follow_routes(client, file, interval=0.01):
            assert str(client.routes) == "rest"
            file.write_text("grpc  # back\nTopology=rest\n")
            until(lambda: str(client.routes) == "grpc, Topology=rest")
            file.write_text("grpc, Topologie=rest")
            until(lambda: "no such RPC" in caplog.text)
            assert str(client.routes) == "grpc, Topology=rest"
            file.unlink()
            until(lambda: "No such file" in caplog.text)
            file.write_text("rest")
            until(lambda: str(client.routes) == "rest")
        with bridge.follow_routes(client, file, interval=3600):
            file.write_text("grpc")
            os.kill(os.getpid(), signal.SIGHUP)
            until(lambda: str(client.routes) == "grpc")
        assert signal.getsignal(signal.SIGHUP) == before
        with pytest.raises(errors.ConfigurationError, match="cannot be read"):
            bridge.follow_routes(client, tmp_path / "nothing")
        file.write_text("# nothing but this\n")
        with pytest.raises(errors.ConfigurationError, match="holds no routes"):
            bridge.follow_routes(client, file)
    assert not [each for each in threading.enumerate() if each.name == "camunda-routes"]


def test_routes_that_are_half_written_are_not_followed(
    gateway: EmbeddedGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "routes.txt"
    file.write_text("grpc")
    looks: list[bool] = []
    written = threading.Event()

    def is_settled(now: Stamp) -> bool:
        looks.append(written.is_set())
        return written.is_set()

    with (
        bridge.Client(**both(gateway, routes="grpc")) as client,
        bridge.follow_routes(client, file, interval=0.01),
    ):
        monkeypatch.setattr(following, "is_settled", is_settled)
        file.write_text("grpc, CompleteJob=rest")
        until(lambda: len(looks) > 2)
        assert str(client.routes) == "grpc"
        file.write_text("grpc, CompleteJob=rest:5%")
        written.set()
        until(lambda: str(client.routes) != "grpc")
        assert str(client.routes) == "grpc, CompleteJob=rest:5%"


def test_a_call_falls_back_only_where_that_is_declared(
    gateway: EmbeddedGateway, caplog: pytest.LogCaptureFixture
) -> None:
    fallback = bridge.Fallback("Topology", on="unavailable")
    addresses = {"rest_address": gateway.rest_address, "grpc_address": nobody(), "retry": NO_RETRY}
    with bridge.Client(**addresses, routes="grpc, UpdateJobRetries=rest", fallback=fallback) as client:  # type: ignore[arg-type]
        with caplog.at_level(logging.WARNING, "bridge"):
            assert client.topology().cluster_size == 1
        assert fallback.counts == {"Topology": 1}
        assert "Topology falls back from grpc to rest" in caplog.text
        with pytest.raises(errors.Unavailable):
            client.cancel_process_instance(2**51 + 1)  # not declared
        with pytest.raises(errors.NotFound):
            client.update_job_retries(2**51 + 1, 1)  # refused, not unavailable
    assert fallback.counts == {"Topology": 1}
    with (
        bridge.Client(**addresses, routes="grpc, UpdateJobRetries=rest") as client,  # type: ignore[arg-type]
        pytest.raises(errors.Unavailable),
    ):
        client.topology()


async def test_the_client_of_asyncio_falls_back_too(gateway: EmbeddedGateway) -> None:
    fallback = bridge.Fallback("Topology")
    async with bridge.AsyncClient(
        rest_address="http://" + nobody(),
        grpc_address=gateway.grpc_address,
        routes="rest, StreamActivatedJobs=grpc",
        retry=NO_RETRY,
        fallback=fallback,
    ) as client:
        assert (await client.topology()).cluster_size == 1
    assert fallback.counts == {"Topology": 1}


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: bridge.Fallback(), "name the RPCs"),
        (lambda: bridge.Fallback("CreateProcessInstance"), "may not run twice"),
        (lambda: bridge.Fallback("ActivateJobs"), "brings jobs"),
        (lambda: bridge.Fallback("Nothing"), "no RPC"),
        (lambda: bridge.Fallback("Topology", on="error"), "must be"),  # type: ignore[arg-type]
        (lambda: bridge.Shadow("CompleteJob"), "is not made twice"),
        (lambda: bridge.Shadow(share=2), "share must be"),
        (
            lambda: bridge.Client(rest_address="http://h:1", fallback=bridge.Fallback("Topology")),
            "only one wire",
        ),
        (lambda: bridge.Client(rest_address="http://h:1", shadow=3), "must be a bridge.Shadow"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_is_refused(make: Callable[[], Any], says: str) -> None:
    with pytest.raises(errors.ConfigurationError, match=says):
        make()


def test_a_shadow_asks_both_wires_and_finds_them_equal(gateway: EmbeddedGateway) -> None:
    shadow, wires = bridge.Shadow("Topology", "EvaluateDecision"), Wires()
    with bridge.Client(
        **both(gateway, routes="grpc, Topology=rest:0%", shadow=shadow, observers=[wires])
    ) as client:
        client.deploy_resource(("d.dmn", model("discount", requirements="r-shadow", decision="d-shadow")))
        for _ in range(3):
            client.topology()
        client.evaluate_decision(decision_definition_id="d-shadow", variables={"amount": 1})
        until(lambda: sum(shadow.counts.values()) == 4)
    assert shadow.counts.get("failed", 0) == 0
    assert set(shadow.differences) <= {"EvaluateDecision.evaluated_decisions[].decision_definition_type"}
    assert wires["rest"] == 4


def test_a_shadow_names_what_differs_and_no_value(
    gateway: EmbeddedGateway, caplog: pytest.LogCaptureFixture
) -> None:
    shadow = Shadow()
    with bridge.Client(rest_address=gateway.rest_address) as client:
        one = client.topology()
        two = client.topology()
    object.__setattr__(two, "gateway_version", "secret")
    for _ in range(2):
        assert shadow.begin()
        shadow.answered("Topology", one, two)
    assert shadow.differences == {"Topology.gateway_version": 2}
    assert caplog.text.count("Topology.gateway_version") == 1
    assert "secret" not in caplog.text


def test_a_comparison_tells_both_wires_apart(gateway: EmbeddedGateway) -> None:
    comparison = bridge.Comparison()
    with bridge.Client(
        **both(gateway, routes="grpc, CancelProcessInstance=rest:50%", observers=[comparison])
    ) as client:
        for key in range(2**51 + 10**12, 2**51 + 10**12 + 40):
            with pytest.raises(errors.NotFound):
                client.cancel_process_instance(key)
        client.topology()
    rows = {(row["rpc"], row["wire"]): row for row in comparison.data()}
    sides = [rows["CancelProcessInstance", wire] for wire in ("grpc", "rest")]
    assert sum(side["calls"] for side in sides) == 40
    for side in sides:
        assert side["errors"] == {"NotFound": side["calls"]}
        assert 0 < side["p50"] <= side["p95"] <= side["p99"]
    assert rows["Topology", "grpc"]["errors"] == {}
    assert "| CancelProcessInstance | rest |" in comparison.report()


def test_percentiles_are_right_within_five_percent() -> None:
    class Request:
        operation, wire = "Topology", "grpc"

    comparison = bridge.Comparison()
    for number in range(1, 1001):
        result: Any = type("Result", (), {"seconds": number / 1000, "error": None})
        request: Any = Request()
        comparison.ended(request, None, result)
    (row,) = comparison.data()
    for percent in (50, 95, 99):
        assert abs(row[f"p{percent}"] - percent * 10) <= percent * 10 * 0.05
