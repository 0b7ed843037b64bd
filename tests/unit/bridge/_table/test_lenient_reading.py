"""Requests as a lenient server reads them: converted where they can be, and without what is unknown."""

from __future__ import annotations

from typing import Any

import pytest

from bridge._table.transcode import exchange
from camunda_core.errors import InvalidRequest
from camunda_grpc._generated import gateway_pb2 as pb

ACTIVATION = {"type": "t", "timeout": 1000, "maxJobsToActivate": 1}


def read(rpc: str, body: dict[str, Any], **path: int) -> Any:
    return exchange(rpc).from_rest(path, body, lenient=True)


@pytest.mark.parametrize(
    ("given", "read_as"),
    [(7, 7), ("7", 7), (" +7 ", 7), ("-7", -7), (7.9, 7), ("", 0), (None, 0), (2**63 - 1, 2**63 - 1)],
)
def test_numbers_are_read_from_texts_and_floats(given: object, read_as: int) -> None:
    assert read("ActivateJobs", ACTIVATION | {"timeout": given}).timeout == read_as
    assert read("ResolveIncident", {}, incidentKey=5).incidentKey == 5
    assert read("EvaluateDecision", {"decisionDefinitionKey": given}).decisionKey == read_as


@pytest.mark.parametrize("given", ["seven", "7.5", True, [], {}, 2**63, 1e30, "0x10"])
def test_what_is_no_number_is_refused(given: object) -> None:
    with pytest.raises(InvalidRequest, match="timeout: "):
        read("ActivateJobs", ACTIVATION | {"timeout": given})


@pytest.mark.parametrize(("given", "read_as"), [(5, "5"), (True, "true"), (1.5, "1.5"), (None, "")])
def test_texts_are_read_from_other_scalars(given: object, read_as: str) -> None:
    assert read("ActivateJobs", ACTIVATION | {"type": given}).type == read_as


@pytest.mark.parametrize(
    ("given", "read_as"), [(True, True), (1, True), (0, False), ("True", True), ("false", False), ("", False)]
)
def test_truth_is_read_from_numbers_and_texts(given: object, read_as: bool) -> None:
    assert read("SetVariables", {"variables": {}, "local": given}).local is read_as


def test_what_is_neither_true_nor_false_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="local: "):
        read("SetVariables", {"variables": {}, "local": "yes"})


def test_unknown_properties_are_ignored_at_every_depth() -> None:
    body = {"noSuch": 1, "jobKey": 9, "changeset": {"retries": 2, "timeout": 5, "noSuch": 1}}
    assert read("UpdateJobRetries", body, jobKey=7) == pb.UpdateJobRetriesRequest(jobKey=7, retries=2)
    body = {"processDefinitionId": "p", "startInstructions": [{"elementId": "a", "noSuch": 1}]}
    assert len(read("CreateProcessInstance", body).startInstructions) == 1


def test_what_tells_rpcs_apart_is_left_to_the_caller() -> None:
    body = {"processDefinitionId": "p", "processDefinitionKey": 3, "awaitCompletion": "true"}
    request = read("CreateProcessInstanceWithResult", body).request
    assert (request.bpmnProcessId, request.processDefinitionKey) == ("p", 3)


def test_references_below_1_are_left_to_the_caller() -> None:
    for reference in (0, -1, "-5"):
        message = read("CancelProcessInstance", {"operationReference": reference}, processInstanceKey=1)
        assert not message.HasField("operationReference")
    assert (
        read("CancelProcessInstance", {"operationReference": "5"}, processInstanceKey=1).operationReference
        == 5
    )


def test_variables_must_be_an_object_all_the_same() -> None:
    with pytest.raises(InvalidRequest, match="variables: "):
        read("CompleteJob", {"variables": "{}"}, jobKey=1)
