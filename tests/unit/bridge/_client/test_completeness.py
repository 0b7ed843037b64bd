"""The client says all that the protocol and the published REST API can say: counted against them, both ways."""

from __future__ import annotations

import dataclasses
import inspect
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import bridge
from bridge import models
from bridge._doors.translation import message_of
from bridge._table.mapping import ABSENT, ROWS
from bridge._table.transcode import classes_of, exchange
from camunda_grpc import gateway_pb2
from camunda_rest import _request as wire
from camunda_rest._activated import job_of
from camunda_rest._aio_helpers import AsyncHelpers
from camunda_rest._commands.arguments import snake
from camunda_rest._commands.decoding import reader
from camunda_rest._commands.writing import arguments_of
from camunda_rest._helpers import Helpers
from camunda_rest.api.aio_client import AsyncRestOperations
from camunda_rest.api.client import RestOperations
from tests.contract import corpus, fill, openapi, published
from tests.unit.bridge.client_calls import RPCS, SHAPES, request_of

pytestmark = pytest.mark.filterwarnings("ignore:deploy_process:DeprecationWarning")

ROOT = Path(__file__).resolve().parents[4]
#: What answers have and results do not, with the reason.
UNTOLD = {
    ("SetVariables", "key"): "REST does not answer it, so the method gives nothing",
    ("EvaluateDecision", "decisionInstanceKey"): "the older name of decision_evaluation_key",
}


def test_there_is_a_method_for_each_rpc_and_each_other_operation_and_no_more() -> None:
    for client, more in (
        (bridge.Client, {"close", "job_wire", *vars(RestOperations), *vars(Helpers)}),
        (bridge.AsyncClient, {"aclose", "job_wire", *vars(AsyncRestOperations), *vars(AsyncHelpers)}),
    ):
        methods = {
            name for name, value in inspect.getmembers(client, inspect.isfunction) if not name.startswith("_")
        }
        assert methods == {snake(rpc) for rpc in RPCS} | {
            name for name in more if not name.startswith("_") and name != "config"
        }


def test_the_twins_have_the_same_signatures_and_docstrings() -> None:
    for rpc in RPCS:
        one, other = getattr(bridge.Client, snake(rpc)), getattr(bridge.AsyncClient, snake(rpc))
        assert inspect.signature(one).parameters == inspect.signature(other).parameters
        assert one.__doc__ == other.__doc__
        assert inspect.iscoroutinefunction(other) == (rpc != "StreamActivatedJobs")
    assert inspect.signature(bridge.Client) == inspect.signature(bridge.AsyncClient)


@pytest.mark.parametrize("rpc", RPCS)
def test_every_method_names_its_rpc_and_operation_and_refuses_a_misspelt_argument(rpc: str) -> None:
    method = getattr(bridge.Client, snake(rpc))
    operation = ROWS[rpc].operation
    assert f"RPC {rpc}" in method.__doc__
    if operation is not None:
        assert f"{operation.method} {operation.path}" in " ".join(method.__doc__.split())
    kinds = {parameter.kind for parameter in inspect.signature(method).parameters.values()}
    assert inspect.Parameter.VAR_KEYWORD not in kinds
    assert {"timeout", "retry"} <= set(inspect.signature(method).parameters)


@pytest.mark.parametrize("rpc", RPCS)
def test_the_arguments_reach_every_field_of_the_request(rpc: str) -> None:
    cls = classes_of(rpc)[0]
    reached = {
        place for shape in SHAPES for place, *_ in fill.leaves(message_of(rpc, request_of(rpc, shape)))
    }
    assert reached == set(fill.places(cls.DESCRIPTOR))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("rpc", [rpc for rpc in RPCS if ROWS[rpc].operation is not None])
def test_the_same_is_sent_on_both_wires(rpc: str, shape: int) -> None:
    request = request_of(rpc, shape)
    again = exchange(rpc).to_rest(message_of(rpc, request))
    assert dict(again.path) == dict(request.path)
    assert {**again.body, **request.body} == again.body
    assert list(again.files) == list(request.files)


REFEREED = [
    (rpc, name)
    for rpc, row in ROWS.items()
    for name, version in published.OPENAPIS.items()
    if row.operation is not None and row.operation.since <= version and rpc != "UpdateJobPriority"  # 8.10
]


@pytest.mark.parametrize(("rpc", "version"), REFEREED)
def test_what_is_sent_is_what_the_published_openapi_allows(rpc: str, version: str) -> None:
    published.folder(version)
    for shape in SHAPES:
        request = request_of(rpc, shape)
        body = json.loads(json.dumps(request.body))
        for place in corpus.request_places(rpc).values():
            if place.since > published.OPENAPIS[version]:
                openapi.remove(body, place.rest)
        if published.OPENAPIS[version] < (8, 9):
            body.pop("moveInstructions", None)
            if body.get("terminateInstructions") == [{}, {}]:  # by elementId, which is removed
                del body["terminateInstructions"]
        built = wire.build(openapi.BASE, request.operation, request.path, body, request.files)
        openapi.spec(version).check_request(built)


def test_only_the_time_of_a_call_has_another_name_than_in_rest() -> None:
    for rpc in RPCS:
        for name, (rest, _) in arguments_of(bridge.Client, rpc).items():
            assert snake(rest) == name or (name, rest) == ("job_timeout", "timeout")


# Answers


def result_class(rpc: str) -> Any:
    hint = get_type_hints(getattr(bridge.Client, snake(rpc)))["return"]
    return models.ActivatedJob if rpc in ("ActivateJobs", "StreamActivatedJobs") else hint


ANSWERED = [rpc for rpc in RPCS if result_class(rpc) is not type(None)]


def complete_answer(rpc: str) -> Any:
    """JSON with every property of an RPC's answer, no two values alike."""
    if rpc == "StreamActivatedJobs":
        message = gateway_pb2.ActivateJobsResponse(jobs=[fill.filled(gateway_pb2.ActivatedJob)])
        return exchange("ActivateJobs").answer_to_rest(message)["jobs"][0]
    answer = exchange(rpc).answer_to_rest(fill.filled(classes_of(rpc)[1]))
    return answer["jobs"][0] if rpc == "ActivateJobs" else answer


def values(data: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict) and place not in ("variables", "customHeaders", "custom_headers"):
        for name, value in data.items():
            yield from values(value, name)
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from values(value, place)
    else:
        yield place, data


def read(rpc: str, answer: Any) -> Any:
    """The answer as the client reads it."""
    cls = result_class(rpc)
    return job_of(answer) if cls is models.ActivatedJob else reader(cls)(answer, {})


@pytest.mark.parametrize("rpc", ANSWERED)
def test_every_answered_value_stands_in_the_result(rpc: str) -> None:
    answer = complete_answer(rpc)
    told = [value for _, value in values(dataclasses.asdict(read(rpc, answer)))]
    untold = {
        name
        for name, value in values(answer)
        if value not in told and not (name == "deadline" and value / 1000 in told)
    }
    assert untold == {name for other, name in UNTOLD if other == rpc}


def test_the_methods_that_give_nothing_are_those_whose_answers_say_nothing() -> None:
    for rpc in set(RPCS) - set(ANSWERED):
        fields = {each.name for each in classes_of(rpc)[1].DESCRIPTOR.fields}
        assert fields == {name for other, name in UNTOLD if other == rpc}


@pytest.mark.parametrize("rpc", ANSWERED)
def test_every_field_of_a_result_is_answered_on_both_wires_or_does_not_count(rpc: str) -> None:
    blank = set(blanks(read(rpc, complete_answer(rpc))))
    assert blank <= {
        # REST only
        "Topology.last_completed_change_id",
        "ActivatedJob.root_process_instance_key",
        "ActivatedJob.business_id",
        "ActivatedJob.physical_tenant_id",
        "Deployment.resources",
    }


def blanks(result: Any) -> Iterator[str]:
    """The fields that are at their default."""
    for each in dataclasses.fields(result):
        value = getattr(result, each.name)
        default = each.default_factory() if callable(each.default_factory) else each.default
        if isinstance(result, models.DeployedItem):
            if value is not None:
                yield from blanks(value)
        elif value == default:
            yield f"{type(result).__name__}.{each.name}"
        elif dataclasses.is_dataclass(value):
            yield from blanks(value)
        elif isinstance(value, tuple):
            for item in value:
                if dataclasses.is_dataclass(item):
                    yield from blanks(item)


def test_only_what_one_wire_leaves_out_does_not_count_in_comparisons() -> None:
    uncounted = {
        f"{name}.{each.name}"
        for name, cls in vars(models).items()
        if dataclasses.is_dataclass(cls)
        for each in dataclasses.fields(cls)
        if not each.compare
    }
    assert uncounted == {
        "Topology.last_completed_change_id",
        "ActivatedJob.root_process_instance_key",
        "ActivatedJob.business_id",
        "ActivatedJob.physical_tenant_id",
        "Deployment.resources",
        "EvaluatedDecision.decision_definition_type",
    }


def test_the_defaults_of_a_job_are_those_of_the_table() -> None:
    job = models.ActivatedJob(job_key="1")
    assert {"listenerEventType": job.listener_event_type} == ABSENT["ActivatedJob"]


def test_the_deprecated_method_says_so() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DeprecationWarning, match="use deploy_resource"):
            bridge.Client(rest_address="http://127.0.0.1:1").deploy_process(("a.bpmn", b""))
