"""What the dialects of 8.9 and 8.10 answer beside those before them. All of it rests on the published contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
import requests

import bridge
from camunda_core.errors import InvalidArgument, NotFound, Unimplemented
from camunda_embedded import EmbeddedGateway
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc
from tests.scenarios.engine.models import END, START, call, flows, process, task

WORK = process("p", START, task("a", "work"), END, flows("s>a>e"))
CALLS = process("caller", START, call("c", "p"), END, flows("s>c>e"))


class Gateway:
    """A gateway of a line with something deployed, and requests to it."""

    def __init__(self, dialect: str) -> None:
        self.embedded = EmbeddedGateway(dialect=dialect).start()
        self.client = bridge.Client(rest_address=self.embedded.rest_address, transport="rest")
        self.client.deploy_resource(("p.bpmn", WORK.encode()), ("caller.bpmn", CALLS.encode()))

    def ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        return requests.request(method, f"{self.embedded.rest_address}/v2{path}", json=body, timeout=10)

    def close(self) -> None:
        self.client.close()
        self.embedded.stop()


@pytest.fixture(scope="module", params=["8.8", "8.9", "8.10"])
def gateway(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    made = Gateway(request.param)
    yield made
    made.close()


def later(gateway: Gateway, line: str) -> bool:
    return [int(each) for each in gateway.embedded.dialect.split(".")] >= [int(e) for e in line.split(".")]


def test_the_topology_has_what_its_line_brought(gateway: Gateway) -> None:
    said = gateway.ask("GET", "/topology").json()
    assert said["gatewayVersion"] == f"{gateway.embedded.dialect}.0"
    assert ("clusterId" in said) == later(gateway, "8.9")
    assert ("brokerId" in said["brokers"][0]) == later(gateway, "8.10")
    assert said["brokers"][0]["partitions"][0].get("state") == ("active" if later(gateway, "8.10") else None)


def test_a_job_names_the_outermost_instance_and_its_business_id(gateway: Gateway) -> None:
    own = {"businessId": "order-7"} if later(gateway, "8.9") else {}
    root = gateway.ask("POST", "/process-instances", {"processDefinitionId": "caller", **own}).json()
    assert root.get("businessId") == (own["businessId"] if own else None)
    wanted = {"type": "work", "timeout": 60000, "maxJobsToActivate": 1}
    (job,) = gateway.ask("POST", "/jobs/activation", wanted).json()["jobs"]
    outermost = root["processInstanceKey"] if later(gateway, "8.9") else None
    assert job.get("rootProcessInstanceKey") == outermost != job["processInstanceKey"]
    assert job.get("physicalTenantId") == ("default" if later(gateway, "8.10") else None)
    assert {"priority", "jobLeaseToken", "businessId"} <= job.keys() or not later(gateway, "8.10")


def test_a_business_id_before_its_line_is_refused_by_name(gateway: Gateway) -> None:
    body = {"processDefinitionId": "p", "businessId": "b"}
    answer = gateway.ask("POST", "/process-instances", body)
    if later(gateway, "8.9"):
        assert answer.json()["businessId"] == "b"
    else:
        assert (answer.status_code, answer.json()["detail"]) == (
            400,
            "Request property [businessId] cannot be parsed",
        )


def test_the_filter_of_tenants_is_read_since_8_9(gateway: Gateway) -> None:
    wanted = {"type": "none", "timeout": 1, "maxJobsToActivate": 1, "requestTimeout": -1}
    for tenants, status in (("PROVIDED", 200), ("ASSIGNED", 400)):
        answer = gateway.ask("POST", "/jobs/activation", {**wanted, "tenantFilter": tenants})
        assert answer.status_code == (status if later(gateway, "8.9") else 400)


def test_a_deletion_answers_what_was_deleted_since_8_9(gateway: Gateway) -> None:
    deployed = gateway.client.deploy_resource(("gone.bpmn", WORK.replace('"p"', '"gone"').encode()))
    key = deployed.deployments[0].process_definition.process_definition_key  # type: ignore[union-attr]
    answer = gateway.ask("POST", f"/resources/{key}/deletion", {})
    assert answer.status_code == 200
    if later(gateway, "8.9"):
        assert answer.json() == {"resourceKey": key, "batchOperation": None}
    else:
        assert answer.content == b""


@pytest.mark.parametrize("dialect", ["8.9", "8.10"])
def test_over_grpc_the_same_is_refused(dialect: str) -> None:
    with (
        EmbeddedGateway(dialect=dialect) as embedded,
        bridge.Client(grpc_address=embedded.grpc_address, transport="grpc") as client,
    ):
        with pytest.raises(InvalidArgument, match="ASSIGNED"):
            client.activate_jobs("x", max_jobs_to_activate=1, job_timeout=1, tenant_filter="ASSIGNED")
        if dialect == "8.10":
            with pytest.raises(Unimplemented, match="withLease"):
                client.activate_jobs("x", max_jobs_to_activate=1, job_timeout=1, with_lease=True)


def test_before_8_10_no_job_has_a_priority(gateway: Gateway) -> None:
    if later(gateway, "8.10"):
        return
    answer = gateway.ask("PATCH", "/jobs/2251799813685249", {"changeset": {"priority": 1}})
    assert answer.json()["detail"] == "Request property [changeset.priority] cannot be parsed"
    with (
        bridge.Client(grpc_address=gateway.embedded.grpc_address, transport="grpc") as native,
        pytest.raises(Unimplemented, match="Method not found"),
    ):
        native.update_job_priority(2251799813685249, 1)


@pytest.mark.parametrize("transport", ["grpc", "rest"])
def test_jobs_of_8_10_are_handed_out_by_priority_and_then_by_age(transport: Any) -> None:
    with (
        EmbeddedGateway(dialect="8.10") as embedded,
        bridge.Client(
            grpc_address=embedded.grpc_address, rest_address=embedded.rest_address, transport=transport
        ) as client,
    ):
        client.deploy_resource(("p.bpmn", WORK.encode()))
        for number in range(5):
            client.create_process_instance("p", variables={"n": number})

        def given(most: int, job_timeout: int = 60) -> list[tuple[int, int, int]]:
            jobs = client.activate_jobs("work", max_jobs_to_activate=most, job_timeout=job_timeout)
            return [(int(job.variables["n"]), job.priority, int(job.job_key)) for job in jobs]

        def found(key: int) -> tuple[Any, Any]:
            body = {"filter": {"jobKey": str(key)}}
            url = f"{embedded.rest_address}/v2/jobs/search"
            (row,) = requests.post(url, json=body, timeout=10).json()["items"]
            return row["state"], row["priority"]

        oldest = given(2, job_timeout=10)
        assert [each[:2] for each in oldest] == [(0, 0), (1, 0)]
        zero, one = (key for *_, key in oldest)
        client.update_job_priority(zero, -3)  # while a worker has them
        client.update_job_priority(one, 7)
        assert [each[0] for each in given(1, job_timeout=10)] == [2]
        embedded.clock.advance(11)
        assert [each[:2] for each in given(1, job_timeout=10)] == [(1, 7)]
        client.fail_job(one, retries=3)
        client.update_job_priority(one, -1)  # while it waits
        assert found(one) == ("FAILED", -1)
        assert [each[0] for each in given(9)] == [2, 3, 4, 1, 0]
        with pytest.raises(
            NotFound, match="Expected to update job with key '2251799813999999', but no such job"
        ):
            client.update_job_priority(2251799813999999, 1)
        if transport == "grpc":
            with pytest.raises(Unimplemented, match="jobLeaseToken"):
                client.update_job_priority(zero, 1, job_lease_token="t")


def test_a_priority_over_grpc_has_to_be_given_and_over_rest_comes_with_other_changes() -> None:
    with EmbeddedGateway(dialect="8.10") as embedded:
        with grpc.insecure_channel(embedded.grpc_address) as channel, pytest.raises(grpc.RpcError) as refused:
            gateway_pb2_grpc.GatewayStub(channel).UpdateJobPriority(pb.UpdateJobPriorityRequest(jobKey=1))
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT  # type: ignore[attr-defined]
        with bridge.Client(rest_address=embedded.rest_address, transport="rest") as client:
            client.deploy_resource(("p.bpmn", WORK.encode()))
            client.create_process_instance("p")
            (job,) = client.activate_jobs("work", max_jobs_to_activate=1, job_timeout=60)
            changes = {"changeset": {"priority": 4, "retries": 9}}
            answer = requests.patch(
                f"{embedded.rest_address}/v2/jobs/{job.job_key}", json=changes, timeout=10
            )
            assert answer.status_code == 204
            client.fail_job(job.job_key, retries=8)
            (job,) = client.activate_jobs("work", max_jobs_to_activate=1, job_timeout=60)
            assert (job.priority, job.retries) == (4, 8)
