"""``retry`` of one call: how often that call is repeated, whatever the client's policy is; on each client and wire."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest

import bridge
import camunda_grpc
from camunda_core.errors import InvalidRequest, ResourceExhausted
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from camunda_rest import AsyncRestClient, RestClient
from tests.fakes.grpc import Abort
from tests.fakes.rest import problem
from tests.faults.observed_sides import Servers, servers

THRICE = RetryPolicy(max_attempts=3, initial_delay=0)
FIVE = RetryPolicy(max_attempts=5, initial_delay=0)
RPCS = ("Topology", "CompleteJob", "CreateProcessInstance", "ActivateJobs", "DeployResource")

Opened = Callable[[Servers, RetryPolicy], Any]

CLIENTS: dict[str, tuple[str, Opened]] = {
    "Client/rest": (
        "rest",
        lambda to, retry: bridge.Client(rest_address=to.rest.address, env={}, retry=retry),
    ),
    "Client/grpc": (
        "grpc",
        lambda to, retry: bridge.Client(grpc_address=to.grpc.address, env={}, retry=retry),
    ),
    "AsyncClient/rest": (
        "rest",
        lambda to, retry: bridge.AsyncClient(rest_address=to.rest.address, env={}, retry=retry),
    ),
    "AsyncClient/grpc": (
        "grpc",
        lambda to, retry: bridge.AsyncClient(grpc_address=to.grpc.address, env={}, retry=retry),
    ),
    "RestClient": ("rest", lambda to, retry: RestClient(to.rest.address, retry=retry)),
    "AsyncRestClient": ("rest", lambda to, retry: AsyncRestClient(to.rest.address, retry=retry)),
}
ON = pytest.mark.parametrize(("wire", "opened"), CLIENTS.values(), ids=list(CLIENTS))

CALLS: dict[str, Callable[..., Any]] = {
    "topology": lambda client, **more: client.topology(**more),
    "complete_job": lambda client, **more: client.complete_job(7, **more),
    "create_process_instance": lambda client, **more: client.create_process_instance("order", **more),
    "activate_jobs": lambda client, **more: client.activate_jobs("charge", max_jobs_to_activate=1, **more),
    "deploy_resource": lambda client, **more: client.deploy_resource(("a.bpmn", b"<a/>"), **more),
}


@pytest.fixture
def to() -> Iterator[Servers]:
    """Servers that answer every call with RESOURCE_EXHAUSTED, which any call may repeat."""
    with servers() as made:
        made.rest.script(problem(503, "RESOURCE_EXHAUSTED"))
        for rpc in RPCS:
            made.grpc.script[rpc] = [Abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "busy")] * 5
        yield made


def perform(client: Any, call: Callable[..., Any], **more: Any) -> None:
    if hasattr(client, "aclose"):

        async def work() -> None:
            async with client:
                await call(client, **more)

        asyncio.run(work())
    else:
        with client:
            call(client, **more)


@ON
@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
@pytest.mark.parametrize(
    ("given", "attempts"),
    [({}, 3), ({"retry": NO_RETRY}, 1), ({"retry": FIVE}, 5)],
    ids=["client's", "none", "more"],
)
def test_a_call_is_repeated_as_its_own_policy_says(
    to: Servers, wire: str, opened: Opened, call: Callable[..., Any], given: dict[str, Any], attempts: int
) -> None:
    with pytest.raises(ResourceExhausted):
        perform(opened(to, THRICE), call, **given)
    assert len(to.headers(wire)) == attempts


@ON
def test_what_is_no_policy_is_refused_before_anything_is_sent(to: Servers, wire: str, opened: Opened) -> None:
    wrong: Any = 3
    with pytest.raises(InvalidRequest, match=r"[Tt]opology: .*retry must be a RetryPolicy, not int"):
        perform(opened(to, THRICE), CALLS["topology"], retry=wrong)
    assert to.headers(wire) == []


def test_a_stub_on_our_channel_takes_the_policy_of_a_call(to: Servers) -> None:
    with camunda_grpc.channel(to.grpc.address, retry=THRICE) as channel:
        topology: Any = stubs.GatewayStub(channel).Topology
        with pytest.raises(ResourceExhausted):
            topology(pb.TopologyRequest(), retry=NO_RETRY)
        with pytest.raises(ResourceExhausted):
            topology.future(pb.TopologyRequest(), retry=FIVE).result(timeout=20)
    assert len(to.grpc.calls) == 6
