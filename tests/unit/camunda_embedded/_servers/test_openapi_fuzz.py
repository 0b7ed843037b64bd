"""Requests that nobody thought of against the REST server, made by schemathesis from the OpenAPI files that are published.

Each operation gets what the file allows, what it does not, and what it allows with the ids and keys of things that are there, so
that the engine is reached. The requests are the same in every run.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Container, Mapping
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode, checks
from schemathesis.core import NOT_SET

import bridge
from camunda_embedded import Clock, EmbeddedGateway
from camunda_embedded._engine.engine import Engine
from camunda_embedded._servers.rest.dialects import DIALECTS
from camunda_embedded._servers.rest.operations import Operations
from camunda_embedded._service import Service
from tests.contract.openapi import properties, spec
from tests.gateways import models
from tests.scenarios.engine.models import END, START, ad_hoc, element, flows, process, task

#: Dialect → the file that judges it.
PUBLISHED = {"8.8": "8.8.9", "8.9": "8.9.0-rc1"}
#: Requests of each kind: every day, and in the long suite. What makes them costs more than what answers them.
FEW, MANY = 3, 12
#: A request without an answer after so many seconds hangs. What can wait is asked to wait no more than so many milliseconds.
SECONDS, WAIT = 30.0, 20

#: Answers above 499 that are meant, and why: (status, title) → a part of the text.
MEANT = {
    # What would be ignored otherwise is refused by name.
    (501, "Not Implemented"): " not supported by the embedded gateway",
    # The partition is a part of every key, and this cluster has one. The real gateway says the same.
    (503, "UNAVAILABLE"): "Expected to execute command on partition ",
    # An awaited instance that does not end in time.
    (504, "DEADLINE_EXCEEDED"): "Expected to handle REST API request, but request timed out",
}
#: Refusals that the file leaves out of some operations and the real gateway has in all.
UNLISTED = {400, 404, 409, 415, 501, 503}

#: First parts of paths, and operations, for which nothing is there or in the right state; their own tests carry them out.
NOT_THERE = {
    "cluster-variables",
    "deleteProcessInstance",
    "batch-operations",
    "documents",
    "groups",
    "roles",
    "tenants",
    "users",
    "mapping-rules",
    "authorizations",
    "resources",
}
#: Of few requests none is carried out: each needs several optional parts at once.
RARELY_RIGHT = {"migrateProcessInstance", "updateUserTask"}
#: Nothing can be wrong with a request of these, since its path takes any text. To see that takes a second each: in the long suite.
NEVER_WRONG = {
    *("cancelBatchOperation", "getBatchOperation", "resumeBatchOperation", "suspendBatchOperation"),
    *("assignClientToGroup", "assignMappingRuleToGroup", "deleteGroup", "getGroup"),
    *("assignRoleToClient", "assignRoleToGroup", "assignRoleToMappingRule", "deleteRole", "getRole"),
    *("unassignClientFromGroup", "unassignMappingRuleFromGroup", "unassignRoleFromClient"),
    *("unassignRoleFromGroup", "unassignRoleFromMappingRule", "deleteMappingRule", "getMappingRule"),
    "getDecisionInstance",
}
#: Published later than 8.8: answered with 501 by name, as ``test_rest_door`` says.
NEWER = {"8.8": {"evaluateConditionals"}}


def served(dialect: str) -> list[str]:
    """The operations of a dialect."""
    service = Service(Engine(lambda: 0), f"{dialect}.0")
    routes = Operations(service, Clock(), DIALECTS[dialect], answer_seconds=1.0).routes
    return sorted(route.id for route in routes if route.id not in NEWER.get(dialect, ()))


#: One line of the contract is enough for every day.
CASES = [
    *(pytest.param("8.8", name, MANY if name in RARELY_RIGHT else FEW) for name in served("8.8")),
    *(
        pytest.param(dialect, name, MANY, marks=pytest.mark.long)
        for dialect in PUBLISHED
        for name in served(dialect)
        if (dialect, name) not in {("8.8", rare) for rare in RARELY_RIGHT}
    ),
]


@functools.cache
def operations(dialect: str) -> dict[str, Any]:
    found = schemathesis.openapi.from_path(spec(PUBLISHED[dialect]).repaired).get_all_operations()
    return {each.ok().definition.raw["operationId"]: each.ok() for each in found}


class Live:
    """Things that a gateway has, and requests about them."""

    def __init__(self, gateway: EmbeddedGateway) -> None:
        self._gateway = gateway
        self._client = bridge.Client(grpc_address=gateway.grpc_address, transport="grpc")
        self.files = [
            (
                models.filename(name),
                models.model(name, **{**{each: each for each in models.placeholders(name)}, **ids}),
            )
            for name, ids in (
                ("order", {"process": "order"}),
                ("message", {"process": "waiting"}),
                ("credit", {}),
            )
        ]
        approval = process(
            "approval", START, element("userTask", "t", "<zeebe:userTask/>"), END, flows("s>t>e")
        )
        chosen = process("chosen", START, ad_hoc("a", task("charge", "inside")), END, flows("s>a>e"))
        self.files += [("approval.bpmn", approval.encode()), ("chosen.bpmn", chosen.encode())]

    def close(self) -> None:
        self._client.close()

    def things(self) -> dict[str, Any]:
        """Property → a value about what is there. Most requests end what they are about, so it is made anew for each."""
        client = self._client
        deployed = client.deploy_resource(*self.files).deployments
        decision = next(item.decision_definition for item in deployed if item.decision_definition)
        client.create_process_instance("waiting", variables={"orderId": "1"})
        client.create_process_instance("approval")
        user_task = next(r["key"] for r in reversed(self._gateway.records()) if r["valueType"] == "USER_TASK")
        client.create_process_instance("chosen")
        ad_hoc_key = next(
            r["key"]
            for r in reversed(self._gateway.records())
            if r["value"].get("bpmnElementType") == "AD_HOC_SUB_PROCESS"
        )
        client.create_process_instance("order")
        (failed,) = client.activate_jobs("charge", max_jobs_to_activate=1, job_timeout=60, worker="w")
        client.fail_job(failed.job_key, retries=0)
        client.update_job_retries(failed.job_key, 1)
        client.evaluate_decision("decision", variables={"amount": 1, "years": 1})
        newest = {r["valueType"]: r["key"] for r in self._gateway.records() if r["recordType"] == "EVENT"}
        incident = newest["INCIDENT"]
        created = client.create_process_instance("order")
        (job,) = client.activate_jobs("charge", max_jobs_to_activate=1, job_timeout=60, worker="w")
        return {
            "jobKey": job.job_key,
            "userTaskKey": str(user_task),
            "adHocSubProcessInstanceKey": str(ad_hoc_key),
            "incidentKey": str(incident),
            "processInstanceKey": created.process_instance_key,
            "ancestorElementInstanceKey": created.process_instance_key,
            "elementInstanceKey": job.element_instance_key,
            "processDefinitionId": "order",
            "processDefinitionKey": created.process_definition_key,
            "targetProcessDefinitionKey": created.process_definition_key,
            "variableKey": str(newest["VARIABLE"]),
            "decisionEvaluationInstanceKey": f"{newest['DECISION_EVALUATION']}-1",
            "decisionEvaluationKey": str(newest["DECISION_EVALUATION"]),
            "decisionRequirementsKey": decision.decision_requirements_key,
            "batchOperationKey": "1",
            "resourceKey": decision.decision_requirements_key,
            "decisionDefinitionId": "decision",
            "decisionDefinitionKey": decision.decision_definition_key,
            "elementId": "charge",
            "sourceElementId": "charge",
            "targetElementId": "charge",
            "scopeId": "order",
            "type": "charge",
            "name": "message",
            "correlationKey": "1",
            "tenantId": "<default>",
            "tenantIds": ["<default>"],
            "variables": {"x": 1},
            "maxJobsToActivate": 1,
            "timeout": 1000,
            "retries": 1,
            "timestamp": self._gateway.clock.now() + 1000,
        }


def about(node: Any, things: Mapping[str, Any], known: Container[str]) -> Any:
    """A request with those values for what it has of them, and without properties of which nothing is published."""
    if isinstance(node, list):  # what is about the same thing now is asked for once
        found = [about(each, things, known) for each in node]
        return [each for place, each in enumerate(found) if each not in found[:place]]
    if not isinstance(node, dict):
        return node
    return {
        name: things[name] if name in things and value is not None else about(value, things, known)
        for name, value in node.items()
        if name in known
    }


def judge(case: Case, answer: schemathesis.Response) -> None:
    """Fails unless the answer is published, or a refusal that is meant."""
    if answer.status_code >= 400:
        problem = answer.json()
        assert answer.headers["content-type"] == ["application/problem+json"]
        assert problem["status"] == answer.status_code
        if answer.status_code >= 500:
            assert MEANT[(answer.status_code, problem["title"])] in problem["detail"]
    if (
        answer.status_code in UNLISTED
        and str(answer.status_code) not in case.operation.definition.raw["responses"]
    ):
        return
    case.validate_response(
        answer,
        checks=[
            checks.status_code_conformance,
            checks.content_type_conformance,
            checks.response_schema_conformance,
        ],
    )


def play(operation: Any, mode: GenerationMode, examples: int, send: Callable[[Case], None]) -> None:
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def each(case: Case) -> None:
        send(case)

    each()


@pytest.mark.timeout(300)  # a request that hangs is what SECONDS ends; this is for a machine that is busy
@pytest.mark.parametrize(("dialect", "name", "examples"), CASES)
def test_no_request_hangs_or_breaks_the_gateway(dialect: str, name: str, examples: int) -> None:
    operation = operations(dialect)[name]
    places = properties(spec(PUBLISHED[dialect]).operations[name].request)
    known = {part.removesuffix("[]") for place in places for part in place.split(".")}
    statuses: set[int] = set()
    with EmbeddedGateway(dialect=dialect) as gateway, requests.Session() as session:
        live = Live(gateway)

        def send(case: Case, **how: Any) -> None:
            if isinstance(case.body, dict) and (name == "activateJobs" or case.body.get("awaitCompletion")):
                case.body["requestTimeout"] = WAIT
            answer = case.call(f"{gateway.rest_address}/v2", session, timeout=SECONDS, **how)
            statuses.add(answer.status_code)
            judge(case, answer)

        def send_about_what_is_there(case: Case) -> None:
            things = live.things()
            given = case.path_parameters or {}
            case.path_parameters = {part: things.get(part, value) for part, value in given.items()}
            case.body = about(case.body, things, known)
            if name == "createDeployment":
                # Generated parts have no file name, from which follows what a resource is.
                case.body, case.media_type = NOT_SET, None
                send(case, files=[("resources", file) for file in live.files])
            else:
                send(case)

        play(operation, GenerationMode.POSITIVE, examples, send)
        if (operation.body or operation.path_parameters) and (name not in NEVER_WRONG or examples == MANY):
            impossible = [Unsatisfiable] if name in NEVER_WRONG or dialect != "8.8" else []
            with contextlib.suppress(*impossible):
                play(operation, GenerationMode.NEGATIVE, examples, send)
        if operation.body or operation.path_parameters:
            play(operation, GenerationMode.POSITIVE, examples, send_about_what_is_there)
        live.close()
    room = operation.path.split("/")[1]
    assert statuses & {200, 201, 204} or {room, name} & NOT_THERE, (
        f"nothing was carried out: {sorted(statuses)}"
    )
