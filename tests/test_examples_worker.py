"""The example workers run as they stand, against a gateway of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from tests.gateways.base import Gateway
from tests.gateways.registry import on_gateways

ROOT = Path(__file__).resolve().parent.parent


def example(gateway: Gateway, name: str, *arguments: str, wires: Collection[str] = ("rest", "grpc")) -> str:
    """What an example writes; it fails on warnings, on anything on stderr and after a minute."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("CAMUNDA_", "ZEEBE_"))}
    addresses = [f"--rest-address={gateway.rest_address}"] if "rest" in wires else []
    addresses += [f"--grpc-address={gateway.grpc_address}"] if "grpc" in wires else []
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", f"examples.{name}", *addresses, *arguments],
        cwd=ROOT,
        env={**clean, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def instances(gateway: Gateway, intent: str) -> int:
    """How many process instances have come to be, or to an end."""
    return sum(
        record["valueType"] == "PROCESS_INSTANCE"
        and record["intent"] == intent
        and record["value"]["bpmnElementType"] == "PROCESS"
        for record in gateway.records()
    )


@on_gateways("embedded", wires={"grpc", "rest"})
def test_the_streaming_consumer_works_off_the_backlog_and_what_is_pushed(fresh_gateway: Gateway) -> None:
    said = example(fresh_gateway, "streaming_consumer", "--orders", "60")
    assert said.startswith("{'completed': 60} in ")
    assert "'poll': " in said
    assert "'stream': " in said
    assert instances(fresh_gateway, "ELEMENT_COMPLETED") == 60


@on_gateways("embedded", wires={"grpc", "rest"})
def test_the_streaming_consumer_polls_where_nothing_can_be_pushed(fresh_gateway: Gateway) -> None:
    said = example(fresh_gateway, "streaming_consumer", "--orders", "20", "--routes=rest", wires={"rest"})
    assert said.startswith("{'completed': 20} in ")
    assert said.endswith("came by {'poll': 20}\n")


@on_gateways("embedded", wires={"grpc", "rest"})
def test_the_cpu_heavy_worker_uses_its_processes(fresh_gateway: Gateway) -> None:
    said = example(fresh_gateway, "cpu_heavy_worker", "--orders", "12")
    assert said.startswith("{'completed': 12} in ")
    completed = [
        record["value"]["variables"]
        for record in fresh_gateway.records()
        if (record["valueType"], record["intent"]) == ("JOB", "COMPLETED")
    ]
    assert len(completed) == 12
    assert len({variables["assessedBy"] for variables in completed}) == 2


@on_gateways("embedded", wires={"grpc", "rest"})
def test_the_migrating_worker_serves_each_type_over_its_own_wire(fresh_gateway: Gateway) -> None:
    said = example(fresh_gateway, "migrating_worker", "--orders", "5")
    assert "charge-card over REST: " in said
    assert "pack-parcel over gRPC: " in said
    for only, wire in (("grpc", "gRPC"), ("rest", "REST")):
        said = example(fresh_gateway, "migrating_worker", "--orders=5", f"--routes={only}", wires={only})
        assert f"charge-card over {wire}: " in said
        assert f"pack-parcel over {wire}: " in said
    assert instances(fresh_gateway, "ELEMENT_COMPLETED") == 15
