"""Test cases in JSON: read by name and place, run on both wires, on an embedded gateway and as on a cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import bridge
from camunda_core.credentials import NoCredentials
from camunda_core.errors import InvalidRequest
from camunda_embedded import EmbeddedGateway
from camunda_embedded.testing import Case, CaseRunner, read_cases
from camunda_embedded.testing._cases.running import _Play
from camunda_embedded.testing._cases.shapes import INSTRUCTIONS
from camunda_embedded.testing._cases.stage import ClusterStage

HERE = Path(__file__).parent / "cases"
FILES = sorted(HERE.glob("*.test.json"))
CASES = [case for file in FILES for case in read_cases(file)]
MODELS = [HERE / "parcel.bpmn", HERE / "price.dmn"]


@pytest.fixture
def gateway() -> Iterator[EmbeddedGateway]:
    with EmbeddedGateway(dialect="8.9") as gateway:
        yield gateway


@pytest.fixture(params=["rest", "grpc"])
def client(gateway: EmbeddedGateway, request: pytest.FixtureRequest) -> Iterator[bridge.Client]:
    with bridge.Client(
        rest_address=gateway.rest_address,
        grpc_address=gateway.grpc_address,
        transport=request.param,
        credentials=NoCredentials(),
    ) as client:
        client.deploy_resource(*MODELS)
        yield client


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_holds(gateway: EmbeddedGateway, client: bridge.Client, case: Case) -> None:
    CaseRunner(client, gateway).run(case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_holds_through_a_client_alone(client: bridge.Client, case: Case) -> None:
    CaseRunner(client).run(case)


def test_every_instruction_can_be_done(gateway: EmbeddedGateway, client: bridge.Client) -> None:
    assert set(_Play(client, gateway, ClusterStage(client))._does) == set(INSTRUCTIONS)


PARCEL = {"processDefinitionId": "parcel"}
PACK = {"elementId": "pack"}
OF = {"processInstanceSelector": PARCEL}
CREATE = {"type": "CREATE_PROCESS_INSTANCE", "processDefinitionSelector": PARCEL}


def written(folder: Path, *instructions: Any, **more: Any) -> Case:
    file = folder / "own.test.json"
    file.write_text(json.dumps({"testCases": [{"name": "own", "instructions": list(instructions), **more}]}))
    (case,) = read_cases(file)
    return case


#: Instructions that do not hold after CREATE, and what is said of them.
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"type": "ASSERT_PROCESS_INSTANCE", **OF, "state": "IS_COMPLETED"}, "should be COMPLETED"),
    ({"type": "ASSERT_PROCESS_INSTANCE", **OF, "hasActiveIncidents": True}, "should be an incident"),
    (
        {"type": "ASSERT_ELEMENT_INSTANCE", **OF, "elementSelector": PACK, "state": "IS_ACTIVE", "amount": 2},
        "pack should be ACTIVE 2 times, and is 1 times",
    ),
    (
        {"type": "ASSERT_ELEMENT_INSTANCES", **OF, "elementSelectors": [PACK], "state": "IS_NOT_ACTIVE"},
        "should not wait at pack",
    ),
    ({"type": "ASSERT_VARIABLES", **OF, "variables": {"n": 2}}, "variable n should be 2, and is 1"),
    ({"type": "ASSERT_VARIABLES", **OF, "variableNames": ["m"]}, "should be a variable m"),
    (
        {"type": "ASSERT_VARIABLE", **OF, "variableName": "n", "satisfiesExpression": "n > 1"},
        "variable n is 1",
    ),
    ({"type": "ASSERT_USER_TASK", "userTaskSelector": {"elementId": "sign"}}, "no user task with elementId 'sign'"),
    ({"type": "ASSERT_DECISION", "decisionSelector": {"decisionDefinitionId": "price"}}, "no evaluation of the decision"),
    (
        {
            "type": "ASSERT_PROCESS_INSTANCE_MESSAGE_SUBSCRIPTION",
            "processInstanceSelector": PARCEL,
            "messageSelector": {"messageName": "paid"},
            "state": "IS_WAITING",
        },
        "should be IS_WAITING; there is none",
    ),
    ({"type": "COMPLETE_JOB", "jobSelector": {"jobType": "none"}}, "no open job with jobType 'none'"),
    ({"type": "RESOLVE_INCIDENT", "incidentSelector": {"elementId": "pack"}}, "no active incident"),
    ({"type": "CREATE_PROCESS_INSTANCE", "processDefinitionSelector": {"processDefinitionId": "none"}}, "was refused: NotFound"),
    (
        {**CREATE, "runtimeInstructions": [{"type": "TERMINATE_PROCESS_INSTANCE", "afterElementId": "pay"}]},
        "runtimeInstructions are not supported",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("instruction", "said"), WRONG, ids=lambda each: each["type"] if isinstance(each, dict) else ""
)
def test_what_does_not_hold_is_said_with_its_place(
    gateway: EmbeddedGateway, client: bridge.Client, tmp_path: Path, instruction: dict[str, Any], said: str
) -> None:
    case = written(tmp_path, {**CREATE, "variables": {"n": 1}}, instruction)
    with pytest.raises(AssertionError) as failed:
        CaseRunner(client, gateway).run(case)
    text = str(failed.value)
    assert f"own.test.json, testCases[0].instructions[1] ({instruction['type']})" in text
    assert said in text
    if instruction["type"] != "CREATE_PROCESS_INSTANCE":
        assert "it stands at:\n    pack (SERVICE_TASK)" in text


@pytest.mark.parametrize(
    ("instruction", "said"),
    [
        ({"type": "DANCE"}, "testCases[0].instructions[0].type is 'DANCE', which is no known instruction"),
        ({"type": "CONDITIONAL_BEHAVIOR"}, "instructions[0]: CONDITIONAL_BEHAVIOR is not supported"),
        ({**CREATE, "vars": {}}, "testCases[0].instructions[0].vars is unknown"),
        ({"type": "CREATE_PROCESS_INSTANCE"}, "instructions[0].processDefinitionSelector is missing"),
        ({"type": "COMPLETE_JOB", "jobSelector": {}}, "jobSelector needs one of jobType, elementId"),
        ({"type": "COMPLETE_JOB", "jobSelector": {"jobType": 1}}, "jobSelector.jobType must be text, not 1"),
        ({**CREATE, "startInstructions": [{}]}, "startInstructions[0].elementId is missing"),
        ({"type": "INCREASE_TIME", "duration": "2d"}, "duration must be an ISO 8601 duration"),
        ({"type": "SET_TIME", "time": "2026-01-01T00:00:00"}, "time must be an instant"),
        (
            {
                "type": "ASSERT_VARIABLE",
                "processInstanceSelector": PARCEL,
                "variableName": "n",
                "satisfiesJudge": {"expectation": "nice"},
            },
            "satisfiesJudge is not supported: it needs a language model",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_named_by_its_path(
    gateway: EmbeddedGateway, tmp_path: Path, instruction: dict[str, Any], said: str
) -> None:
    case = written(tmp_path, instruction)
    assert any(said in problem for problem in case.problems), case.problems
    with pytest.raises(InvalidRequest, match=r"own\.test\.json"):
        CaseRunner(None, gateway).run(case)


@pytest.mark.parametrize("content", ["{", "[]", '{"testCases": {}}', '{"testCases": [NaN]}'])
def test_a_file_without_cases_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "x.test.json"
    file.write_text(content)
    with pytest.raises(InvalidRequest, match=r"x\.test\.json"):
        read_cases(file)


def test_a_gateway_without_searches_is_refused() -> None:
    with EmbeddedGateway() as gateway, pytest.raises(InvalidRequest, match=r"dialect from 8\.8 on"):
        CaseRunner(None, gateway)
