"""The harness itself: what the suites take for granted about the gateways they run on."""

from __future__ import annotations

import json
from collections.abc import Iterator

import grpc
import pytest

import camunda_grpc
from camunda_grpc._generated import gateway_pb2 as pb
from camunda_grpc._generated import gateway_pb2_grpc as pb_grpc
from tests.gateways.base import CLOCK, FLOW_CONTROL, OPEN, PAUSE, RECORDS, Gateway
from tests.gateways.management import Managed, call
from tests.gateways.models import filename, model, names, placeholders, unique
from tests.gateways.registry import on_gateways

SECONDS = 20.0


@pytest.fixture
def stub(gateway: Gateway) -> Iterator[pb_grpc.GatewayStub]:
    with camunda_grpc.channel(gateway.grpc_address, **gateway.security) as channel:
        yield pb_grpc.GatewayStub(channel)


def deploy(stub: pb_grpc.GatewayStub, name: str, **substitutions: str) -> None:
    resource = pb.Resource(name=filename(name), content=model(name, **substitutions))
    stub.DeployResource(pb.DeployResourceRequest(resources=[resource]), timeout=SECONDS)


def create(stub: pb_grpc.GatewayStub, process: str, **variables: object) -> int:
    request = pb.CreateProcessInstanceRequest(
        bpmnProcessId=process, version=-1, variables=json.dumps(variables)
    )
    return int(stub.CreateProcessInstance(request, timeout=SECONDS).processInstanceKey)


def activate(stub: pb_grpc.GatewayStub, job: str, *, polls: int = 20) -> list[pb.ActivatedJob]:
    """The jobs of the first poll that gives any."""
    request = pb.ActivateJobsRequest(
        type=job, worker="harness", timeout=60_000, maxJobsToActivate=10, requestTimeout=500
    )
    for _ in range(polls):
        jobs = [each for answer in stub.ActivateJobs(request, timeout=SECONDS) for each in answer.jobs]
        if jobs:
            return jobs
    return []


@on_gateways()
def test_topology_over_grpc_shows_a_healthy_leader(gateway: Gateway, stub: pb_grpc.GatewayStub) -> None:
    topology = stub.Topology(pb.TopologyRequest(), timeout=SECONDS)
    (broker,) = topology.brokers
    assert [partition.role for partition in broker.partitions] == [pb.Partition.LEADER]
    assert gateway.version.startswith(".".join(topology.gatewayVersion.split(".")[:2]))


@on_gateways(wires={"rest"}, features={OPEN})
def test_topology_over_rest_shows_the_version(gateway: Gateway) -> None:
    status, text = call("GET", f"{gateway.rest_address}/v2/topology")
    assert (status, json.loads(text)["gatewayVersion"]) == (200, gateway.version)


@on_gateways()
@pytest.mark.parametrize("name", names())
def test_every_model_deploys(stub: pb_grpc.GatewayStub, gateway: Gateway, name: str) -> None:
    values = {placeholder: unique(placeholder) for placeholder in placeholders(name)}
    values |= {"duration": "PT1H"} if "duration" in values else {}
    deploy(stub, name, **values)


@on_gateways(features={CLOCK})
def test_moving_the_clock_fires_a_timer(gateway: Gateway, stub: pb_grpc.GatewayStub) -> None:
    process, job = unique("timer"), unique("remind")
    deploy(stub, "timer", process=process, job=job, duration="PT1H")
    instance = create(stub, process)
    assert activate(stub, job, polls=1) == []
    gateway.clock.add(3601)
    assert [each.processInstanceKey for each in activate(stub, job)] == [instance]


@on_gateways(features={RECORDS})
def test_an_incident_is_found_and_resolved(gateway: Gateway, stub: pb_grpc.GatewayStub) -> None:
    process, kind = unique("incident"), unique("kind")
    deploy(stub, "incident", process=process)
    instance = create(stub, process)
    incident = gateway.incident_of(instance)
    variables = pb.SetVariablesRequest(elementInstanceKey=instance, variables=json.dumps({"kind": kind}))
    stub.SetVariables(variables, timeout=SECONDS)
    stub.ResolveIncident(pb.ResolveIncidentRequest(incidentKey=incident), timeout=SECONDS)
    assert [each.processInstanceKey for each in activate(stub, kind)] == [instance]


@on_gateways(features={CLOCK})
def test_the_clock_does_not_go_back(gateway: Gateway) -> None:
    with pytest.raises(ValueError, match="positive"):
        gateway.clock.add(-1)


@on_gateways(features={FLOW_CONTROL})
def test_back_pressure_lasts_for_its_block_only(gateway: Managed, stub: pb_grpc.GatewayStub) -> None:
    process = unique("empty")
    deploy(stub, "empty", process=process)
    codes = []
    with gateway.limited(writes_per_second=1):
        for _ in range(20):
            try:
                create(stub, process)
            except grpc.RpcError as error:
                codes.append(error.code())
    assert grpc.StatusCode.RESOURCE_EXHAUSTED in codes
    assert create(stub, process) > 0


@on_gateways(features={PAUSE})
def test_a_paused_broker_refuses_until_it_resumes(gateway: Managed, stub: pb_grpc.GatewayStub) -> None:
    process = unique("empty")
    deploy(stub, "empty", process=process)
    gateway.pause()
    try:
        with pytest.raises(grpc.RpcError) as caught:
            create(stub, process)
    finally:
        gateway.resume()
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert create(stub, process) > 0
