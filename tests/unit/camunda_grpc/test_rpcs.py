"""The facts per RPC."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from camunda_grpc import gateway_pb2 as pb
from camunda_grpc._rpcs import RPCS, deadline_for, rpc_for

METHODS = pb.DESCRIPTOR.services_by_name["Gateway"].methods_by_name


def test_every_rpc_of_the_protocol_has_a_row_and_no_other() -> None:
    assert set(RPCS) == set(METHODS)


@pytest.mark.parametrize("name", METHODS)
def test_a_row_says_what_the_protocol_says(name: str) -> None:
    method, row = METHODS[name], RPCS[name]
    assert row.path == f"/{method.containing_service.full_name}/{name}"
    assert row.streaming == method.server_streaming
    waits = "requestTimeout" in method.input_type.fields_by_name
    assert (row.server_wait is not None) == waits
    assert rpc_for(row.path) is row


def test_the_rpcs_that_may_run_twice_are_these() -> None:
    assert {name for name, row in RPCS.items() if row.repeatable} == {
        "ActivateJobs",
        "CancelProcessInstance",
        "CompleteJob",
        "DeleteResource",
        "EvaluateDecision",
        "FailJob",
        "MigrateProcessInstance",
        "ResolveIncident",
        "StreamActivatedJobs",
        "Topology",
    }


def test_a_method_of_another_service_is_never_repeated() -> None:
    row = rpc_for("/grpc.health.v1.Health/Check")
    assert row.name == "grpc.health.v1.Health/Check"
    assert not row.repeatable
    assert deadline_for(row, object(), 10.0) == 10.0
    assert deadline_for(rpc_for("/grpc.health.v1.Health/Watch", streaming=True), object(), 10.0) is None


@pytest.mark.parametrize(
    ("rpc", "request_timeout", "seconds"),
    [
        ("CompleteJob", None, 10.0),
        ("ActivateJobs", 0, 20.0),
        ("ActivateJobs", 60_000, 70.0),
        ("ActivateJobs", -1, 10.0),
        ("CreateProcessInstanceWithResult", 0, 25.0),
        ("CreateProcessInstanceWithResult", 500, 10.5),
        ("CreateProcessInstanceWithResult", -1, 25.0),
        ("StreamActivatedJobs", None, None),
    ],
)
def test_the_deadline_is_the_timeout_and_the_gateways_wait(
    rpc: str, request_timeout: int | None, seconds: float | None
) -> None:
    message = object() if request_timeout is None else SimpleNamespace(requestTimeout=request_timeout)
    assert deadline_for(RPCS[rpc], message, 10.0) == seconds
    assert deadline_for(RPCS[rpc], message, None) is None
