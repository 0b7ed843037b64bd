"""What a client decides for a call before anything waits: the request, the wire, the limit."""

from __future__ import annotations

from typing import Any

import pytest

import bridge
from bridge._client.caller import Caller
from bridge.routing import Routes
from camunda_core.errors import InvalidRequest, Unimplemented


def caller(routes: str | None = None, *, grpc: bool = True, **more: Any) -> Caller:
    return Caller(Routes.read(routes, rest=True, grpc=grpc), bridge.Client, **more)


def test_a_call_is_an_rpc_a_wire_a_request_and_a_limit_in_seconds() -> None:
    call = caller().call("CompleteJob", {"job_key": 5, "variables": {"a": 1}}, (3, None))
    assert (call.rpc, call.wire, call.timeout) == ("CompleteJob", "rest", 3)
    assert (call.request.path, call.request.body) == ({"jobKey": "5"}, {"variables": {"a": 1}})
    assert caller().call("Topology", {}, (None, None)).timeout is None


def test_what_is_wrong_with_an_argument_names_the_rpc() -> None:
    with pytest.raises(InvalidRequest, match=r"^CompleteJob: job_key must be a key") as caught:
        caller().call("CompleteJob", {"job_key": "x", "variables": None}, (None, None))
    assert caught.value.operation == "CompleteJob"
    with pytest.raises(InvalidRequest, match=r"^Topology: timeout"):
        caller().call("Topology", {}, (-1, (None, None)))


@pytest.mark.parametrize("given", [{}, {"process_definition_id": "p", "process_definition_key": 5}])
def test_of_two_ways_to_name_something_exactly_one_is_taken(given: dict[str, Any]) -> None:
    with pytest.raises(
        InvalidRequest, match="set exactly one of process_definition_id, process_definition_key"
    ):
        caller().call("CreateProcessInstance", given, (None, None))


def test_what_goes_with_one_way_is_refused_with_the_other() -> None:
    given = {"process_definition_key": 5, "process_definition_version": 3}
    with pytest.raises(InvalidRequest, match="process_definition_version goes with process_definition_id"):
        caller().call("CreateProcessInstance", given, (None, None))


# Routes


def test_an_rpc_that_is_switched_off_is_refused_and_nothing_is_sent() -> None:
    with pytest.raises(Unimplemented, match="switched off by the routes") as caught:
        caller("rest, Topology=off").call("Topology", {}, (None, None))
    assert caught.value.sent is False


def test_a_job_is_answered_on_the_wire_that_brought_it() -> None:
    routed = caller("rest, job:work=grpc")
    given = {"max_jobs_to_activate": 1, "job_timeout": 5}
    assert routed.call("ActivateJobs", {"type": "work", **given}, (None, None)).wire == "grpc"
    assert routed.call("ActivateJobs", {"type": "other", **given}, (None, None)).wire == "rest"
    assert routed.call("FailJob", {"job_key": 5, "retries": 1}, (None, None)).wire == "rest"
    assert routed.job({"jobKey": "5", "type": "work"}, "grpc").job_key == "5"
    assert routed.call("FailJob", {"job_key": "5", "retries": 1}, (None, None)).wire == "grpc"
    assert routed.call("FailJob", {"job_key": 6, "retries": 1}, (None, None)).wire == "rest"


# Tenants


def body(given: dict[str, Any], rpc: str = "PublishMessage") -> Any:
    return caller(tenant_id="red").call(rpc, given, (None, None)).request.body


def test_the_tenant_of_the_client_is_that_of_calls_that_name_none() -> None:
    message = {"name": "m", "correlation_key": "c"}
    assert body(message)["tenantId"] == "red"
    assert body({**message, "tenant_id": "blue"})["tenantId"] == "blue"
    assert "tenantId" not in caller().call("PublishMessage", message, (None, None)).request.body


def test_who_asks_for_the_jobs_of_assigned_tenants_names_none() -> None:
    given = {"type": "work", "max_jobs_to_activate": 1, "job_timeout": 5}
    assert body(given, "ActivateJobs")["tenantIds"] == ["red"]
    assert body({**given, "tenant_ids": ["blue"]}, "ActivateJobs")["tenantIds"] == ["blue"]
    assert "tenantIds" not in body({**given, "tenant_filter": "ASSIGNED"}, "ActivateJobs")


def test_an_rpc_without_a_place_for_a_tenant_gets_none() -> None:
    assert body({"job_key": 5}, "CompleteJob") == {}


def test_a_closed_client_says_so() -> None:
    caller().refuse_when(False, "Topology")
    with pytest.raises(InvalidRequest, match="Topology: this client is closed"):
        caller().refuse_when(True, "Topology")
