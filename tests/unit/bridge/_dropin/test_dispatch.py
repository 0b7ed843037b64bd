"""Where a drop-in channel sends an RPC."""

from __future__ import annotations

from typing import Any

import pytest

from bridge._dropin.dispatch import BY_JOB, HEALTH, NATIVE, SERVED, Dispatch, Refusal
from bridge._dropin.method import Method, method_of
from bridge._table.mapping import ROWS
from bridge.routing import Routes
from camunda_grpc import gateway_pb2 as pb

GATEWAY = "/gateway_protocol.Gateway"


def dispatch(routes: str | None = None, *, native: bool = True) -> Dispatch:
    return Dispatch(Routes.read(routes, rest=True, grpc=native), native=native)


@pytest.mark.parametrize(
    ("routes", "rpc", "choice"),
    [
        (None, "Topology", SERVED),
        (None, "StreamActivatedJobs", NATIVE),
        ("grpc", "Topology", NATIVE),
        ("grpc, Topology=rest", "Topology", SERVED),
        ("rest, job:work=grpc", "ActivateJobs", BY_JOB),
        ("rest, job:work=grpc", "CompleteJob", BY_JOB),
        ("rest, job:work=grpc", "Topology", SERVED),
        ("rest, job:work=off", "ActivateJobs", BY_JOB),
        ("grpc, job:work=grpc", "ActivateJobs", NATIVE),
    ],
)
def test_the_routes_decide_which_wire_serves_an_rpc(routes: str | None, rpc: str, choice: str) -> None:
    assert dispatch(routes).choose("unary_unary", f"{GATEWAY}/{rpc}") == choice
    assert dispatch(routes).choose("unary_unary", f"{GATEWAY}/{rpc}".encode()) == choice


@pytest.mark.parametrize("rpc", ROWS)
def test_every_rpc_of_the_table_is_served_where_only_rest_is_there(rpc: str) -> None:
    assert dispatch(native=False).choose("unary_stream", f"{GATEWAY}/{rpc}") == SERVED


@pytest.mark.parametrize(
    ("path", "native", "choice"),
    [
        ("/grpc.health.v1.Health/Check", True, NATIVE),
        ("/grpc.health.v1.Health/Check", False, HEALTH),
        ("/other.Service/Any", True, NATIVE),
    ],
)
def test_services_of_others_are_native_where_that_is_there(path: str, native: bool, choice: str) -> None:
    assert dispatch(native=native).choose("unary_unary", path) == choice


@pytest.mark.parametrize(
    ("routes", "native", "kind", "path", "why"),
    [
        (None, False, "unary_unary", "/other.Service/Any", "/other.Service/Any is no RPC of the gateway"),
        (None, False, "unary_stream", "/grpc.health.v1.Health/Watch", "give grpc_address="),
        (None, True, "unary_unary", f"{GATEWAY}/Tomorrow", "has no RPC Tomorrow"),
        ("rest, Topology=off", True, "unary_unary", f"{GATEWAY}/Topology", "Topology is switched off"),
        ("rest", True, "stream_unary", f"{GATEWAY}/Topology", "does not take a stream of requests"),
    ],
)
def test_what_cannot_be_served_is_refused_with_why(
    routes: str | None, native: bool, kind: str, path: str, why: str
) -> None:
    choice = dispatch(routes, native=native).choose(kind, path)
    assert isinstance(choice, Refusal)
    assert why in choice


def test_an_rpc_that_is_newer_than_the_table_goes_over_grpc_where_that_is_the_default() -> None:
    assert dispatch("grpc").choose("unary_unary", f"{GATEWAY}/Tomorrow") == NATIVE


def served(rpc: str) -> Method:
    return Method(rpc, None, None)


def test_a_job_is_answered_on_the_wire_that_brought_it() -> None:
    routed = dispatch("rest, job:work=grpc")
    request: Any = pb.ActivateJobsRequest
    assert routed.wire_of(served("ActivateJobs"), request(type="work")) == "grpc"
    assert routed.wire_of(served("ActivateJobs"), request(type="other")) == "rest"
    assert routed.wire_of(served("CompleteJob"), pb.CompleteJobRequest(jobKey=5)) == "rest"
    routed.brought([pb.ActivateJobsResponse(jobs=[pb.ActivatedJob(key=5)])], "grpc")
    routed.brought([pb.ActivatedJob(key=6)], "grpc")  # as a stream brings them
    for key, wire in ((5, "grpc"), (6, "grpc"), (7, "rest")):
        assert routed.wire_of(served("FailJob"), pb.FailJobRequest(jobKey=key)) == wire


def test_a_path_is_a_service_and_an_rpc() -> None:
    assert method_of("/a.B/C") == method_of(b"/a.B/C") == ("a.B", "C")
