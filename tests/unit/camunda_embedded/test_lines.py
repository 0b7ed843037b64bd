"""What the dialect of 8.8 has and that of 8.6 has not: tags, results of jobs, and new fields of answers, on both servers.

How an engine of 8.8 refuses tags, and that results mean nothing to an ordinary job, was seen on engine 8.8.21. How the lines refuse
everything else is compared by the scenarios, which run on both dialects.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

import bridge
from bridge.models import AdHocSubProcessResult, Corrections, UserTaskResult
from camunda_core.errors import InvalidArgument
from camunda_embedded import EmbeddedGateway
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc
from tests.scenarios.engine.models import END, START, call, flows, process, task

WORK = process("p", START, task("a", "work"), END, flows("s>a>e"))
CALLS = process("caller", START, call("c", "p"), task("a", "work"), END, flows("s>c>a>e"))


@pytest.fixture(scope="module")
def gateway() -> Iterator[EmbeddedGateway]:
    with EmbeddedGateway(dialect="8.8") as gateway:
        yield gateway


@pytest.fixture(params=["grpc", "rest"])
def client(request: pytest.FixtureRequest, gateway: EmbeddedGateway) -> Iterator[bridge.Client]:
    addresses = {"grpc_address": gateway.grpc_address, "rest_address": gateway.rest_address}
    with bridge.Client(transport=request.param, **addresses) as client:
        client.deploy_resource(("p.bpmn", WORK.encode()), ("caller.bpmn", CALLS.encode()))
        yield client


def only_job(client: bridge.Client) -> Any:
    (job,) = client.activate_jobs("work", max_jobs_to_activate=9, job_timeout=60, worker="w")
    return job


def test_tags_come_back_in_the_answer_and_in_jobs(client: bridge.Client) -> None:
    created = client.create_process_instance("p", tags=["b:1", "a", "b:1"])
    assert created.tags == ("b:1", "a")
    job = only_job(client)
    assert job.tags == ("b:1", "a")
    client.complete_job(job.job_key)


def test_a_called_process_has_no_tags(client: bridge.Client) -> None:
    client.create_process_instance("caller", tags=["a"])
    called = only_job(client)
    client.complete_job(called.job_key)
    own = only_job(client)
    client.complete_job(own.job_key)
    assert (called.tags, own.tags) == ((), ("a",))


@pytest.mark.parametrize("transport", ["grpc", "rest"])
def test_a_result_that_is_awaited_has_the_tags(gateway: EmbeddedGateway, transport: str) -> None:
    addresses = {"grpc_address": gateway.grpc_address, "rest_address": gateway.rest_address}
    with bridge.Client(transport=transport, **addresses) as client:
        client.deploy_resource(("n.bpmn", process("n", START, END, flows("s>e")).encode()))
        assert client.create_process_instance_with_result("n", tags=["a"]).tags == ("a",)


@pytest.mark.parametrize(
    ("tags", "text"),
    [
        (
            ["1x", "ok", "a b"],
            "with tags, but the tags '1x', 'a b' are invalid. Tags must start with a letter",
        ),
        ([""], "with tags, but the tags '' are invalid."),
        (["é"], "with tags, but the tags 'é' are invalid."),
        (["x" * 101], f"with tags, but the tags '{'x' * 101}' are invalid."),
        ([f"t{n}" for n in range(11)], "with tags, but the number of tags exceeds the limit of 10."),
    ],
)
def test_tags_are_checked(client: bridge.Client, tags: list[str], text: str) -> None:
    with pytest.raises(InvalidArgument) as error:
        client.create_process_instance("p", tags=tags)
    assert f"Expected to create instance of process {text}" in error.value.message


@pytest.mark.parametrize(
    "result",
    [
        UserTaskResult(denied=True, denied_reason="no", corrections=Corrections(assignee="x")),
        AdHocSubProcessResult(is_completion_condition_fulfilled=True),
    ],
)
def test_a_result_means_nothing_to_an_ordinary_job(
    client: bridge.Client, gateway: EmbeddedGateway, result: UserTaskResult | AdHocSubProcessResult
) -> None:
    client.create_process_instance("p")
    client.complete_job(only_job(client).job_key, {"y": 1}, result=result)
    assert gateway.run(lambda: gateway.alive)["jobs"] == 0


@pytest.mark.parametrize(
    ("dialect", "event", "tags"), [("8.6", "ASSIGNING", []), ("8.8", "UNSPECIFIED", ["a"])]
)
def test_a_gateway_sends_the_fields_of_its_line(dialect: str, event: str, tags: list[str]) -> None:
    with EmbeddedGateway(dialect=dialect) as gateway, grpc.insecure_channel(gateway.grpc_address) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        resource = pb.Resource(name="p.bpmn", content=WORK.encode())
        stub.DeployResource(pb.DeployResourceRequest(resources=[resource]))
        request = pb.CreateProcessInstanceRequest(bpmnProcessId="p", version=-1, tags=["a"])
        assert list(stub.CreateProcessInstance(request).tags) == tags
        polled = pb.ActivateJobsRequest(type="work", worker="w", timeout=9, maxJobsToActivate=1)
        (answer,) = stub.ActivateJobs(polled)
        (job,) = answer.jobs
        assert pb.ActivatedJob.ListenerEventType.Name(job.listenerEventType) == event
        assert pb.ActivatedJob.JobKind.Name(job.kind) == "BPMN_ELEMENT"
        assert list(job.tags) == tags
