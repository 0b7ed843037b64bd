"""The clients over both wires, sync and asyncio: the same results, the same errors, and nothing sent that cannot work."""

from __future__ import annotations

import dataclasses
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest

import bridge
from bridge import models
from bridge._table.mapping import ROWS
from bridge._table.transcode import classes_of, exchange
from camunda_core.errors import (
    ConfigurationError,
    DeadlineExceeded,
    InvalidRequest,
    NotFound,
    Unimplemented,
    UnsupportedField,
)
from camunda_grpc import gateway_pb2 as pb
from camunda_rest._commands.arguments import snake
from tests.contract import fill
from tests.fakes.grpc import Abort, Answer, ScriptedGateway, Stall
from tests.fakes.rest import RestServer, answer, problem, stall
from tests.unit.bridge.client_calls import RPCS, Blocking, complete_arguments

pytestmark = pytest.mark.filterwarnings("ignore:deploy_process:DeprecationWarning")

WAIT = 10.0
WIRES = ("rest", "grpc")


@pytest.fixture
def rest() -> Iterator[RestServer]:
    with RestServer() as server:
        yield server


@pytest.fixture
def native() -> Iterator[ScriptedGateway]:
    server = ScriptedGateway()
    yield server
    server.stop()


Open = Callable[..., Any]


@pytest.fixture(params=["sync", "asyncio"])
def open_client(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Makes clients of one kind, and closes them."""
    made: list[Any] = []

    def make(**options: Any) -> Any:
        client = bridge.Client(**options) if request.param == "sync" else Blocking(**options)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture(params=WIRES)
def wire(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(open_client: Open, wire: str, rest: RestServer, native: ScriptedGateway) -> Any:
    """A client of each kind on each wire."""
    return open_client(
        rest_address=rest.address, grpc_address=native.address, transport=wire, cluster_version="8.10"
    )


def sent(rest: RestServer, native: ScriptedGateway) -> int:
    return len(rest.requests) + len(native.calls)


# The same on both wires


@pytest.mark.parametrize("rpc", [rpc for rpc in RPCS if ROWS[rpc].operation is not None])
def test_results_are_equal_on_both_wires(
    rpc: str, open_client: Open, rest: RestServer, native: ScriptedGateway
) -> None:
    message = fill.filled(classes_of(rpc)[1])
    data = exchange(rpc).answer_to_rest(message)
    native.script[rpc] = [Answer((message,))]
    rest.script(answer(200, data) if data else answer(204))
    resources, given = complete_arguments(rpc, 0)
    results = []
    for wire in WIRES:
        made = open_client(
            rest_address=rest.address, grpc_address=native.address, transport=wire, cluster_version="8.10"
        )
        results.append(getattr(made, snake(rpc))(*resources, **given))
    assert results[0] == results[1]
    assert (len(rest.requests), native.count(rpc)) == (1, 1)


def test_rejections_are_the_same_on_both_wires(
    client: Any, wire: str, rest: RestServer, native: ScriptedGateway
) -> None:
    text = "Command 'COMPLETE' rejected with code 'NOT_FOUND': no such job"
    rest.script(problem(404, "NOT_FOUND", text))
    native.script["CompleteJob"] = [Abort(grpc.StatusCode.NOT_FOUND, text)]
    with pytest.raises(NotFound) as caught:
        client.complete_job(5)
    assert caught.value.message == text
    assert caught.value.operation == "CompleteJob"
    assert caught.value.answered
    assert isinstance(caught.value, grpc.RpcError) == (wire == "grpc")


def test_what_the_versions_say_differently_reads_alike(open_client: Open, rest: RestServer) -> None:
    client = open_client(rest_address=rest.address)
    old = {"key": 2**60 + 1, "type": "t", "processInstanceKey": 7, "variables": {"key": 1}}
    new = {
        "jobKey": str(2**60 + 1),
        "type": "t",
        "processInstanceKey": "7",
        "variables": {"key": 1},
        "kind": "BPMN_ELEMENT",
        "listenerEventType": "UNSPECIFIED",
        "tags": [],
        "userTask": None,
        "rootProcessInstanceKey": "7",
        "somethingNew": {},
    }
    results = []
    for job in (old, new):
        rest.script(answer(200, {"jobs": [job]}))
        results += client.activate_jobs("t", max_jobs_to_activate=1)
    assert results[0] == results[1]
    assert results[0].job_key == str(2**60 + 1)


def test_a_deleted_resource_without_an_answer_is_the_one_that_was_asked_for(
    client: Any, rest: RestServer
) -> None:
    rest.script(answer(204))
    assert client.delete_resource(7) == models.DeletedResource(resource_key="7")


def test_an_older_gateways_zero_of_the_listener_event_is_no_event(
    open_client: Open, native: ScriptedGateway
) -> None:
    native.script["ActivateJobs"] = [Answer((pb.ActivateJobsResponse(jobs=[pb.ActivatedJob(key=3)]),))]
    (job,) = open_client(grpc_address=native.address).activate_jobs("t", max_jobs_to_activate=1)
    assert job == models.ActivatedJob(job_key="3")


def test_an_enum_value_of_tomorrow_does_not_lose_the_job(open_client: Open, native: ScriptedGateway) -> None:
    job = pb.ActivatedJob(key=3, kind=77, listenerEventType=78)
    native.script["ActivateJobs"] = [Answer((pb.ActivateJobsResponse(jobs=[job]),))]
    (result,) = open_client(grpc_address=native.address).activate_jobs("t", max_jobs_to_activate=1)
    assert (result.kind, result.listener_event_type) == ("UNKNOWN", "UNKNOWN")


def test_the_items_of_a_deployment_have_one_order(client: Any, rest: RestServer, native: Any) -> None:
    names = ["b.bpmn", "a.bpmn"]
    processes = [
        {"processDefinitionKey": str(index), "processDefinitionId": name, "resourceName": name}
        for index, name in enumerate(names, 1)
    ]
    items = [{"processDefinition": each, "form": None} for each in processes]
    generic = {"resource": {"resourceKey": "9", "resourceId": "r"}}
    rest.script(answer(200, {"deploymentKey": 5, "deployments": [generic, *items]}))
    native.script["DeployResource"] = [
        Answer((exchange("DeployResource").answer_from_rest({"deploymentKey": 5, "deployments": items}),))
    ]
    deployment = client.deploy_resource(("a.bpmn", b""), ("b.bpmn", b""))
    found = [item.process_definition.resource_name for item in deployment.deployments]
    assert found == ["a.bpmn", "b.bpmn"]


def test_jobs_that_came_before_a_failure_are_not_lost(open_client: Open, native: ScriptedGateway) -> None:
    some = pb.ActivateJobsResponse(jobs=[pb.ActivatedJob(key=3)])
    native.script["ActivateJobs"] = [Abort(grpc.StatusCode.UNAVAILABLE, messages=(some,))]
    (job,) = open_client(grpc_address=native.address).activate_jobs("t", max_jobs_to_activate=5)
    assert job.job_key == "3"


# Arguments


BAD = [
    ("complete_job", ("abc",), {}, "job_key must be a key"),
    ("complete_job", (True,), {}, "job_key must be a key"),
    ("complete_job", (2**63,), {}, "job_key must be a key"),
    ("complete_job", (1, [1]), {}, "variables must be a mapping"),
    ("complete_job", (1, {"a": {"b": [float("nan")]}}), {}, "variables.a.b[0]: nan is not a JSON number"),
    ("complete_job", (1, {"a": {1}}), {}, "variables.a: set is not JSON"),
    ("complete_job", (1, {"a": 2**70}), {}, "variables.a: the number has more than 64 bits"),
    ("complete_job", (1, {1: "a"}), {}, "the key 1 is not text"),
    ("complete_job", (1,), {"result": "userTask"}, "result must be one of UserTaskResult, AdHocSubProcess"),
    ("complete_job", (1,), {"timeout": "5"}, "timeout must be seconds"),
    ("complete_job", (1,), {"timeout": -1}, "timeout must not be negative"),
    ("fail_job", (1,), {"retries": "3"}, "retries must be an integer"),
    ("fail_job", (1,), {"retries": 2**31}, "retries must fit into 32 bits"),
    ("fail_job", (1,), {"retries": 1, "retry_back_off": float("inf")}, "retry_back_off must be seconds"),
    ("throw_error", (1, " "), {}, "error_code must not be blank"),
    ("activate_jobs", ("",), {"max_jobs_to_activate": 1}, "type must not be blank"),
    ("activate_jobs", ("t",), {"max_jobs_to_activate": 0}, "max_jobs_to_activate must be more than 0"),
    (
        "activate_jobs",
        ("t",),
        {"max_jobs_to_activate": 1, "job_timeout": 0},
        "job_timeout must be more than 0",
    ),
    (
        "activate_jobs",
        ("t",),
        {"max_jobs_to_activate": 1, "fetch_variable": "a"},
        "fetch_variable must be a list",
    ),
    (
        "activate_jobs",
        ("t",),
        {"max_jobs_to_activate": 1, "tenant_filter": "ALL"},
        "tenant_filter must be one of 'PROVIDED', 'ASSIGNED'",
    ),
    ("create_process_instance", (), {}, "exactly one of process_definition_id, process_definition_key"),
    ("create_process_instance", ("p",), {"process_definition_key": 1}, "exactly one of"),
    (
        "create_process_instance",
        (),
        {"process_definition_key": 1, "process_definition_version": 1},
        "process_definition_version goes with process_definition_id",
    ),
    ("create_process_instance", (5,), {}, "process_definition_id must be text"),
    ("create_process_instance", ("p",), {"operation_reference": 0}, "operation_reference must be between 1"),
    ("create_process_instance", ("p",), {"start_instructions": ["a"]}, "start_instructions[0] must be of"),
    ("evaluate_decision", (), {}, "exactly one of decision_definition_id, decision_definition_key"),
    ("evaluate_conditional", ({},), {}, "variables must not be empty"),
    ("set_variables", (1, {}), {}, "variables must not be empty"),
    ("set_variables", (1, {"a": 1}), {"local": "yes"}, "local must be True or False"),
    ("migrate_process_instance", (1, 2, []), {}, "mapping_instructions must not be empty"),
    (
        "migrate_process_instance",
        (1, 2, [models.MappingInstruction("", "b")]),
        {},
        "mapping_instructions[0].source_element_id must not be blank",
    ),
    (
        "modify_process_instance",
        (1,),
        {"activate_instructions": [models.ActivateInstruction("a", [models.VariableInstruction({})])]},
        "activate_instructions[0].variable_instructions[0].variables must not be empty",
    ),
    ("publish_message", ("",), {}, "name must not be blank"),
    ("deploy_resource", (), {}, "nothing to deploy"),
    ("deploy_resource", ("/no/such.bpmn",), {}, "'/no/such.bpmn' cannot be read: No such file"),
    ("deploy_resource", (os.path.dirname(__file__),), {}, "has no .bpmn, .dmn, .form files"),
    ("deploy_resource", (("a", b""), ("a", b"")), {}, "resources[1]: the name 'a' is used twice"),
    ("deploy_resource", (["a.bpmn"],), {}, "one by one"),
    ("deploy_resource", (("a", "text"),), {}, "content must be bytes"),
    ("deploy_resource", ((" ", b""),), {}, "name must be text that is not blank"),
    ("deploy_resource", (io.BytesIO(b""),), {}, "the file has no name"),
    ("deploy_resource", (5,), {}, "must be a path"),
    ("deploy_resource", (b"a.bpmn",), {}, "must be a path"),
]


@pytest.mark.parametrize(("method", "args", "kwargs", "text"), BAD)
def test_a_bad_argument_is_refused_by_name_before_anything_is_sent(
    method: str, args: Any, kwargs: Any, text: str, client: Any, rest: RestServer, native: ScriptedGateway
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        getattr(client, method)(*args, **kwargs)
    assert text in str(caught.value)
    assert not caught.value.sent
    assert sent(rest, native) == 0


def test_a_misspelt_argument_is_an_error_at_once(client: Any) -> None:
    with pytest.raises(TypeError, match="variable"):
        client.create_process_instance("p", variable={})


def test_a_terminate_instruction_names_one_target() -> None:
    for given in ({}, {"element_instance_key": 1, "element_id": "a"}):
        with pytest.raises(InvalidRequest, match="exactly one of"):
            models.TerminateInstruction(**given)


def test_times_are_seconds_or_timedeltas_and_milliseconds_on_the_wire(
    client: Any, wire: str, rest: RestServer, native: ScriptedGateway
) -> None:
    rest.script(answer(204))
    client.fail_job(1, retries=1, retry_back_off=timedelta(minutes=1))
    client.update_job_timeout(1, 0.0001)
    if wire == "rest":
        bodies = [each.json for each in rest.requests]
        assert bodies[0]["retryBackOff"] == 60_000
        assert bodies[1] == {"changeset": {"timeout": 1}}
    else:
        assert [native.calls[0].request.retryBackOff, native.calls[1].request.timeout] == [60_000, 1]


def test_an_activation_that_shall_not_wait_says_so(
    client: Any, wire: str, rest: RestServer, native: ScriptedGateway
) -> None:
    rest.script(answer(200, {"jobs": []}))
    assert client.activate_jobs("t", max_jobs_to_activate=1, request_timeout=0) == []
    request = (
        rest.requests[0].json["requestTimeout"] if wire == "rest" else native.calls[0].request.requestTimeout
    )
    assert request == -1


def test_resources_are_paths_pairs_and_open_files(
    client: Any, wire: str, tmp_path: Path, rest: RestServer, native: ScriptedGateway
) -> None:
    rest.script(answer(200, {"deploymentKey": 1, "deployments": []}))
    native.script["DeployResource"] = [Answer((pb.DeployResourceResponse(key=1),))]
    for name in ("a.bpmn", "b.dmn", "c.form"):
        (tmp_path / name).write_bytes(name.encode())
    with open(tmp_path / "c.form", "rb") as file:
        client.deploy_resource(str(tmp_path / "a.bpmn"), tmp_path / "b.dmn", file, ("d", b"d"))
    if wire == "grpc":
        found = {each.name: each.content for each in native.calls[0].request.resources}
        assert found == {"a.bpmn": b"a.bpmn", "b.dmn": b"b.dmn", "c.form": b"c.form", "d": b"d"}
    else:
        assert rest.requests[0].body.count(b"filename=") == 4


def test_the_time_limit_of_a_call_reaches_the_wire(
    client: Any, wire: str, rest: RestServer, native: ScriptedGateway
) -> None:
    rest.script(stall())
    native.script["Topology"] = [Stall()]
    with pytest.raises(DeadlineExceeded):
        client.topology(timeout=timedelta(milliseconds=200))


# Versions


def test_what_is_newer_than_the_cluster_is_refused_and_the_version_asked_once(
    open_client: Open, wire: str, rest: RestServer, native: ScriptedGateway
) -> None:
    rest.script(answer(200, {"gatewayVersion": "8.6.0"}))
    native.script["Topology"] = [Answer((pb.TopologyResponse(gatewayVersion="8.6.0"),))]
    client = open_client(rest_address=rest.address, grpc_address=native.address, transport=wire)
    for call in (
        lambda: client.create_process_instance("p", tags=["a"]),
        lambda: client.complete_job(1, result=models.UserTaskResult(denied=True)),
        lambda: client.activate_jobs("t", max_jobs_to_activate=1, tenant_filter="ASSIGNED"),
        lambda: client.delete_resource(1, delete_history=True),
        lambda: client.modify_process_instance(
            1, move_instructions=[models.MoveInstruction(models.ByElementId("a"), "b")]
        ),
        lambda: client.modify_process_instance(
            1, terminate_instructions=[models.TerminateInstruction(element_id="a")]
        ),
    ):
        with pytest.raises(UnsupportedField, match=r"needs Camunda 8\.[89] over"):
            call()
    assert sent(rest, native) == 1


def test_what_every_cluster_understands_is_sent_without_asking(
    open_client: Open, wire: str, rest: RestServer, native: ScriptedGateway
) -> None:
    client = open_client(rest_address=rest.address, grpc_address=native.address, transport=wire)
    rest.script(answer(200, {"processInstanceKey": 5}))
    native.script["CreateProcessInstance"] = [
        Answer((pb.CreateProcessInstanceResponse(processInstanceKey=5),))
    ]
    client.create_process_instance("p", variables={}, tags=[], tenant_id="")
    rest.script(answer(200, {"jobs": [{"jobKey": "1"}]}))
    client.activate_jobs("t", max_jobs_to_activate=1, tenant_filter="PROVIDED", with_lease=False)
    assert {call.rpc for call in native.calls} <= {"CreateProcessInstance", "ActivateJobs"}
    assert {each.target for each in rest.requests} <= {"/v2/jobs/activation"}


def test_a_cluster_of_8_5_is_served_over_grpc(open_client: Open, native: ScriptedGateway) -> None:
    client = open_client(grpc_address=native.address, cluster_version="8.5")
    client.cancel_process_instance(1)
    with pytest.raises(UnsupportedField, match=r"operationReference needs Camunda 8\.6 over gRPC"):
        client.cancel_process_instance(1, operation_reference=1)
    assert native.count("CancelProcessInstance") == 1


# Routes


def test_a_route_decides_the_wire_of_an_rpc(
    open_client: Open, rest: RestServer, native: ScriptedGateway
) -> None:
    rest.script(answer(204))
    client = open_client(
        rest_address=rest.address,
        grpc_address=native.address,
        routes="rest, CancelProcessInstance=grpc, Topology=off",
    )
    client.complete_job(1)
    client.cancel_process_instance(2)
    with pytest.raises(Unimplemented, match="Topology: switched off by the routes"):
        client.topology()
    assert [each.target for each in rest.requests] == ["/v2/jobs/1/completion"]
    assert [each.rpc for each in native.calls] == ["CancelProcessInstance"]


def test_a_job_is_answered_on_the_wire_that_brought_it(
    open_client: Open, rest: RestServer, native: ScriptedGateway
) -> None:
    rest.script(answer(200, {"jobs": [{"jobKey": "11", "type": "moved"}]}), answer(204))
    job = pb.ActivateJobsResponse(jobs=[pb.ActivatedJob(key=12, type="old")])
    native.script["ActivateJobs"] = [Answer((job,))]
    client = open_client(
        rest_address=rest.address, grpc_address=native.address, routes="grpc, job:moved=rest"
    )
    for job_type in ("moved", "old"):
        for each in client.activate_jobs(job_type, max_jobs_to_activate=1):
            client.complete_job(each.job_key)
    client.complete_job(99)  # nobody knows who brought it
    assert [each.target for each in rest.requests] == ["/v2/jobs/activation", "/v2/jobs/11/completion"]
    assert [each.request.jobKey for each in native.calls if each.rpc == "CompleteJob"] == [12, 99]


def test_the_routes_read_in_one_line() -> None:
    with bridge.Client(rest_address="http://h", grpc_address="h:1", routes={"job:a": "grpc"}) as client:
        assert str(client.routes) == "rest, StreamActivatedJobs=grpc, job:a=grpc"
        assert repr(client) == f"Client({client.routes})"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"rest_address": "http://h", "transport": "grpc"}, "needs a grpc address"),
        ({"grpc_address": "h:1", "transport": "rest"}, "needs a rest address"),
        ({"rest_address": "http://h", "transport": "http"}, "transport must be"),
        ({"rest_address": "http://h", "strict": True}, "StreamActivatedJobs cannot be served in full"),
        ({"rest_address": "http://h", "timeout": 0}, "timeout must be more than 0 s"),
        ({"rest_address": "http://h", "routes": "CompletJob=rest"}, "did you mean CompleteJob"),
        ({"rest_address": "http://h", "cluster_version": "new"}, "cluster_version must look like"),
    ],
)
def test_a_client_that_cannot_work_fails_when_it_is_made(options: Any, text: str, open_client: Open) -> None:
    with pytest.raises(ConfigurationError, match=text):
        open_client(**options)


# Closing


def test_a_closed_client_says_so(client: Any, rest: RestServer, native: ScriptedGateway) -> None:
    inner = client._client if isinstance(client, Blocking) else client
    if isinstance(client, Blocking):
        client._run(inner.aclose())
        client._run(inner.aclose())
    else:
        inner.close()
        inner.close()
    with pytest.raises(InvalidRequest, match="Topology: this client is closed; make a new one"):
        client.topology()
    assert sent(rest, native) == 0


# Without the other wire's library


def test_the_client_over_rest_needs_neither_grpcio_nor_protobuf(rest: RestServer) -> None:
    rest.script(answer(200, {"gatewayVersion": "8.6.0", "brokers": []}))
    program = f"""
import sys
for name in ("grpc", "google", "google.protobuf"):
    sys.modules[name] = None
import bridge
from camunda_core.errors import ConfigurationError
with bridge.Client(rest_address={rest.address!r}) as client:
    print(client.topology().gateway_version)
try:
    bridge.Client(grpc_address="127.0.0.1:1")
except ConfigurationError as error:
    print(error)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.stdout.startswith("8.6.0\na gRPC route needs camunda-bridge[grpc]"), ran.stderr


def test_results_are_frozen() -> None:
    instance = models.ProcessInstance(process_instance_key="1")
    with pytest.raises(dataclasses.FrozenInstanceError):
        instance.process_instance_key = "2"  # type: ignore[misc]
