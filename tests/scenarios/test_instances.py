"""Creating, awaiting and cancelling process instances, and setting their variables, the same on every path."""

from __future__ import annotations

import json

from tests.gateways.base import REAL_GATEWAY
from tests.gateways.models import model
from tests.scenarios.stage import TENANT, Case, pb, scenario

EVERY_KIND = {
    "text": "x",
    "number": 1,
    "large": 2**53 + 1,
    "largest": 2**63 - 1,
    "fraction": 1.5,
    "power": 1e30,
    "truth": True,
    "nothing": None,
    "list": [1, 2, [], {}],
    "object": {"a": {"b": 'äö€😀 "quoted" \\ \n'}},
    "empty": "",
}


def deploy_empty(case: Case) -> tuple[str, int]:
    """A process that ends at once: its id and the key of its definition."""
    process = case.name("empty")
    answer = case.deploy(case.resource("empty", process=process))
    return process, answer.deployments[0].process.processDefinitionKey


@scenario()
def test_an_instance_is_created_by_id_by_version_and_by_key(case: Case) -> None:
    process, key = deploy_empty(case)
    latest = case.call("CreateProcessInstance", bpmnProcessId=process, version=-1)
    exact = case.call("CreateProcessInstance", bpmnProcessId=process, version=1)
    by_key = case.call("CreateProcessInstance", processDefinitionKey=key)
    also_latest = case.call("CreateProcessInstance", bpmnProcessId=process, version=-7)
    for answer in (latest, exact, by_key, also_latest):
        assert (answer.bpmnProcessId, answer.version, answer.processDefinitionKey) == (process, 1, key)
    keys = {answer.processInstanceKey for answer in (latest, exact, by_key, also_latest)}
    assert len(keys) == 4


@scenario()
def test_with_id_and_key_the_id_counts(case: Case) -> None:
    process, key = deploy_empty(case)
    answer = case.call("CreateProcessInstance", bpmnProcessId=process, version=-1, processDefinitionKey=1)
    assert answer.processDefinitionKey == key


@scenario()
def test_with_a_key_the_version_does_not_count(case: Case) -> None:
    _, key = deploy_empty(case)
    assert case.call("CreateProcessInstance", processDefinitionKey=key, version=99).version == 1


@scenario()
def test_tenant_and_operation_reference_are_taken(case: Case) -> None:
    process, _ = deploy_empty(case)
    for reference in (1, 2**63 - 1):
        case.call(
            "CreateProcessInstance",
            bpmnProcessId=process,
            version=-1,
            tenantId=TENANT,
            **case.referring(reference),
        )


@scenario()
def test_variables_of_every_kind_come_back(case: Case) -> None:
    process, charge, _ = case.order()
    case.start(process, EVERY_KIND)
    job = case.job(charge)
    assert json.loads(job.variables) == EVERY_KIND


@scenario(features={REAL_GATEWAY})
def test_no_variables_are_an_empty_object_however_it_is_said(case: Case) -> None:
    process, charge, _ = case.order()
    for text in ("", "{}", "null", "  "):
        case.call("CreateProcessInstance", bpmnProcessId=process, version=-1, variables=text)
    assert {job.variables for job in case.jobs(charge, 4)} == {"{}"}


@scenario()
def test_of_a_name_that_stands_twice_the_last_counts(case: Case) -> None:
    process, charge, _ = case.order()
    case.call("CreateProcessInstance", bpmnProcessId=process, version=-1, variables='{"a":1,"a":2}')
    assert json.loads(case.job(charge).variables) == {"a": 2}


@scenario()
def test_an_instance_starts_where_it_is_told(case: Case) -> None:
    process, charge, ship = case.order()
    start = pb.ProcessInstanceCreationStartInstruction(elementId="ship")
    case.start(process, startInstructions=[start])
    assert case.job(ship).elementId == "ship"
    assert case.poll(type=charge) == []


@scenario()
def test_a_result_has_all_variables_or_those_asked_for(case: Case) -> None:
    process, _ = deploy_empty(case)
    request = pb.CreateProcessInstanceRequest(
        bpmnProcessId=process, version=-1, variables='{"a":1,"b":[true]}'
    )
    everything = case.call("CreateProcessInstanceWithResult", request=request, requestTimeout=10_000)
    assert json.loads(everything.variables) == {"a": 1, "b": [True]}
    part = case.call("CreateProcessInstanceWithResult", request=request, fetchVariables=["b", "absent"])
    assert json.loads(part.variables) == {"b": [True]}
    patient = case.call("CreateProcessInstanceWithResult", request=request, requestTimeout=-1)
    assert (patient.bpmnProcessId, patient.version) == (process, 1)


@scenario()
def test_a_result_of_an_instance_that_starts_in_the_middle(case: Case) -> None:
    process, _ = deploy_empty(case)
    start = pb.ProcessInstanceCreationStartInstruction(elementId="end")
    request = pb.CreateProcessInstanceRequest(
        bpmnProcessId=process, version=-1, variables='{"a":1}', startInstructions=[start]
    )
    assert case.call("CreateProcessInstanceWithResult", request=request).variables == '{"a":1}'


@scenario()
def test_a_cancelled_instance_is_gone(case: Case) -> None:
    process, charge, _ = case.order()
    instance = case.start(process)
    case.job(charge)
    case.call("CancelProcessInstance", processInstanceKey=instance, **case.referring(3))
    case.refused("CancelProcessInstance", processInstanceKey=instance)


@scenario()
def test_variables_are_set_for_the_instance_or_for_one_element(case: Case) -> None:
    process, charge, ship = case.order()
    instance = case.start(process, {"a": 1})
    job = case.job(charge)
    case.call("SetVariables", elementInstanceKey=job.elementInstanceKey, variables='{"a":2}', local=False)
    case.call("SetVariables", elementInstanceKey=job.elementInstanceKey, variables='{"a":3}', local=True)
    case.call(
        "SetVariables", elementInstanceKey=instance, variables='{"b":[1]}', local=True, **case.referring(5)
    )
    case.complete(job)
    assert json.loads(case.job(ship).variables) == {"a": 2, "b": [1]}


@scenario()
def test_a_called_process_hands_its_variables_back(case: Case) -> None:
    child, parent, close = case.name("child"), case.name("parent"), case.name("close")
    case.deploy(
        pb.Resource(name="child.bpmn", content=model("empty", process=child)),
        pb.Resource(name="parent.bpmn", content=model("call", process=parent, child=child, job=close)),
    )
    case.start(parent, {"a": {"deep": 1}})
    assert json.loads(case.job(close).variables) == {"a": {"deep": 1}}
