"""The product's story on a terminal: ``make demo`` (or ``python -m examples.demo``).

The same legacy worker runs on gRPC and then, with one changed line, on REST; the same client on both; the same error on both.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bridge
import camunda_grpc
from camunda_core.errors import NotFound
from camunda_embedded import EmbeddedGateway
from examples import legacy_worker

HERE = Path(__file__).parent


def say(text: str = "") -> None:
    print(text, flush=True)


@contextlib.contextmanager
def started() -> Iterator[Any]:
    """A running gateway with ``grpc_address`` and ``rest_address``."""
    began = time.monotonic()
    running = EmbeddedGateway()
    name = "the embedded gateway (in memory; no Java, no container, no network)"
    with running as up:
        say(f"{name}: up in {time.monotonic() - began:.1f} s")
        yield up


def orders(client: bridge.Client, *totals: int) -> None:
    for total in totals:
        client.create_process_instance(process_definition_id="order", variables={"total": total})


def tell(gateway: Any) -> None:
    grpc_address, rest_address = gateway.grpc_address, gateway.rest_address
    with bridge.Client(rest_address=rest_address) as client:
        client.deploy_resource(HERE / "order.bpmn")
        orders(client, 10, 20, 30, 40)

    say("\n1. A legacy worker: generated stub, ActivateJobs, CompleteJob. Unchanged, twice:")
    with camunda_grpc.channel(grpc_address) as channel:
        say(f"   channel = camunda_grpc.channel({grpc_address!r})       # gRPC")
        say(f"     {', '.join(legacy_worker.run(channel, 4))}")
    with bridge.Client(rest_address=rest_address) as client:
        orders(client, 50, 60)
    with bridge.channel(rest_address) as channel:
        say(f"   channel = bridge.channel({rest_address!r})      # REST: the one changed line")
        say(f"     {', '.join(legacy_worker.run(channel, 2))}")

    say("\n2. New code: one client, the wire is an argument. Equal results:")
    topologies = []
    for transport in ("grpc", "rest"):
        with bridge.Client(
            transport=transport, grpc_address=grpc_address, rest_address=rest_address
        ) as client:
            topology = client.topology()
            topologies.append(topology)
            instance = client.create_process_instance(process_definition_id="order", variables={"total": 70})
            (job,) = client.activate_jobs(
                "charge-card", max_jobs_to_activate=1, job_timeout=60, worker="demo"
            )
            client.complete_job(job.job_key, variables={"paid": True})
            say(
                f"   Client(transport={transport!r}): {topology.gateway_version}, started instance "
                f"{instance.process_instance_key}, completed job {job.job_key}"
            )
    say(f"   topology equal on both wires: {topologies[0] == topologies[1]}")

    say("\n3. The same error on both wires, one class:")
    for transport in ("grpc", "rest"):
        with bridge.Client(
            transport=transport, grpc_address=grpc_address, rest_address=rest_address
        ) as client:
            try:
                client.complete_job(2251799813685248)
            except NotFound as error:
                say(f"   {transport}: {type(error).__name__}: {error.message}")


def main() -> int:
    with started() as gateway:
        tell(gateway)
    say("\nstopped; nothing is left running")
    return 0


if __name__ == "__main__":
    sys.exit(main())
