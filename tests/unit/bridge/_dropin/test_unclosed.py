"""A drop-in channel that its program never closes is as silent as grpcio's own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.fakes.rest_jobs import JobGateway

PROGRAM = """
import asyncio, gc, sys
import bridge, camunda_grpc
from camunda_grpc.gateway_pb2 import TopologyRequest, StreamActivatedJobsRequest, ActivateJobsRequest
from camunda_grpc.gateway_pb2_grpc import GatewayStub

kept = []

async def main(where, what):
    stub = GatewayStub(bridge.aio_channel(sys.argv[1]))
    if where == "kept":
        kept.append(stub)
    print((await stub.Topology(TopologyRequest())).gatewayVersion)
    if what == "stream":
        kept.append(stub.StreamActivatedJobs(StreamActivatedJobsRequest(type="t", timeout=1000)))
        await asyncio.sleep(0.1)
    if what == "poll":
        kept.append(stub.ActivateJobs(ActivateJobsRequest(type="t", timeout=1000, maxJobsToActivate=1)))
        await asyncio.sleep(0.1)

asyncio.run(main(sys.argv[2], sys.argv[3]))
gc.collect()
"""

SYNC = """
import sys
import bridge
from camunda_grpc.gateway_pb2 import TopologyRequest
from camunda_grpc.gateway_pb2_grpc import GatewayStub
kept = GatewayStub(bridge.channel(sys.argv[1]))
print(kept.Topology(TopologyRequest()).gatewayVersion)
"""


@pytest.fixture
def gateway() -> Iterator[JobGateway]:
    with JobGateway() as running:
        yield running


def said(code: str, *arguments: str) -> tuple[str, str, int]:
    command = [sys.executable, "-W", "default", "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    noise = [line for line in done.stderr.splitlines() if "ResourceWarning" not in line]
    return done.stdout, "\n".join(noise), done.returncode


@pytest.mark.parametrize("what", ["call", "poll", "stream"])
@pytest.mark.parametrize("where", ["kept", "dropped"])
def test_an_asyncio_channel_that_is_never_closed_says_nothing(
    gateway: JobGateway, where: str, what: str
) -> None:
    assert said(PROGRAM, gateway.address, where, what) == ("8.6.0\n", "", 0)


def test_a_sync_channel_that_is_never_closed_says_nothing(gateway: JobGateway) -> None:
    assert said(SYNC, gateway.address) == ("8.6.0\n", "", 0)


async def test_a_call_keeps_its_channel_alive(gateway: JobGateway) -> None:
    import gc

    import bridge
    from camunda_grpc.gateway_pb2 import TopologyRequest
    from camunda_grpc.gateway_pb2_grpc import GatewayStub

    stub: object = GatewayStub(bridge.aio_channel(gateway.address))
    call = stub.Topology(TopologyRequest())  # type: ignore[attr-defined]
    del stub
    gc.collect()
    assert (await call).gatewayVersion == "8.6.0"
