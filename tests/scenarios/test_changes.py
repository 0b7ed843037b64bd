"""Modifying and migrating instances and resolving incidents, the same on every path."""

from __future__ import annotations

import json

from tests.gateways.base import REAL_GATEWAY, RECORDS
from tests.scenarios.stage import Case, pb, scenario

Modify = pb.ModifyProcessInstanceRequest
Migrate = pb.MigrateProcessInstanceRequest


def mapping(source: str, target: str) -> Migrate.MappingInstruction:
    """One element to another."""
    return Migrate.MappingInstruction(sourceElementId=source, targetElementId=target)


@scenario()
def test_a_modification_activates_one_element_and_terminates_another(case: Case) -> None:
    process, charge, ship = case.order()
    instance = case.start(process)
    job = case.job(charge)
    case.call(
        "ModifyProcessInstance",
        processInstanceKey=instance,
        activateInstructions=[
            Modify.ActivateInstruction(
                elementId="ship",
                variableInstructions=[
                    Modify.VariableInstruction(variables='{"global":1}'),
                    Modify.VariableInstruction(variables='{"local":2}', scopeId="ship"),
                ],
            )
        ],
        terminateInstructions=[Modify.TerminateInstruction(elementInstanceKey=job.elementInstanceKey)],
        **case.referring(11),
    )
    moved = case.job(ship)
    assert json.loads(moved.variables) == {"global": 1, "local": 2}
    case.refused("CompleteJob", jobKey=job.key)
    case.complete(moved)


@scenario()
def test_an_ancestor_of_nothing_is_no_ancestor(case: Case) -> None:
    process, charge, ship = case.order()
    instance = case.start(process)
    case.job(charge)
    for ancestor in (0, -1):
        case.call(
            "ModifyProcessInstance",
            processInstanceKey=instance,
            activateInstructions=[
                Modify.ActivateInstruction(elementId="ship", ancestorElementInstanceKey=ancestor)
            ],
        )
    case.jobs(ship, 2)


@scenario()
def test_an_element_is_activated_inside_its_ancestor(case: Case) -> None:
    process, charge, ship = case.order()
    instance = case.start(process)
    case.job(charge)
    instruction = Modify.ActivateInstruction(elementId="ship", ancestorElementInstanceKey=instance)
    case.call("ModifyProcessInstance", processInstanceKey=instance, activateInstructions=[instruction])
    assert case.job(ship).processInstanceKey == instance


@scenario()
def test_a_modification_may_do_nothing(case: Case) -> None:
    process, charge, _ = case.order()
    instance = case.start(process)
    case.job(charge)
    case.call("ModifyProcessInstance", processInstanceKey=instance)


@scenario(features={REAL_GATEWAY})
def test_an_instruction_that_sets_no_variable_does_nothing(case: Case) -> None:
    process, charge, ship = case.order()
    instance = case.start(process, {"a": 1})
    case.job(charge)
    for text in ("", "{}"):
        case.call(
            "ModifyProcessInstance",
            processInstanceKey=instance,
            activateInstructions=[
                Modify.ActivateInstruction(
                    elementId="ship", variableInstructions=[Modify.VariableInstruction(variables=text)]
                )
            ],
        )
    assert {job.variables for job in case.jobs(ship, 2)} == {'{"a":1}'}


@scenario()
def test_a_migrated_instance_goes_on_in_the_new_version(case: Case) -> None:
    process, charge, ship = case.order()
    instance = case.start(process, {"a": 1})
    pack, deliver = case.name("pack"), case.name("deliver")
    case.job(charge)
    answer = case.deploy(
        case.resource("order-v2", process=process, charge=case.name("charge2"), pack=pack, deliver=deliver)
    )
    target = answer.deployments[0].process
    assert target.version == 2
    case.call(
        "MigrateProcessInstance",
        processInstanceKey=instance,
        migrationPlan=Migrate.MigrationPlan(
            targetProcessDefinitionKey=target.processDefinitionKey,
            mappingInstructions=[mapping("charge", "pack")],
        ),
        **case.referring(13),
    )
    # The job goes on under its old type, at the element it was mapped to.
    case.call("FailJob", jobKey=case.entries[2].answers[0].jobs[0].key, retries=1)
    job = case.job(charge)
    assert (job.elementId, job.processDefinitionVersion) == ("pack", 2)
    case.complete(job)
    assert json.loads(case.job(deliver).variables) == {"a": 1}
    assert case.poll(type=ship) == []


@scenario(features={RECORDS})
def test_an_incident_of_an_expression_is_resolved_by_a_variable(case: Case) -> None:
    process, kind = case.name("choosing"), case.name("kind")
    case.deploy(case.resource("incident", process=process))
    instance = case.start(process)
    incident = case.gateway.incident_of(instance)
    case.call("SetVariables", elementInstanceKey=instance, variables=json.dumps({"kind": kind}))
    case.call("ResolveIncident", incidentKey=incident)
    assert case.job(kind).processInstanceKey == instance
    case.refused("ResolveIncident", incidentKey=incident)


@scenario(features={RECORDS})
def test_an_incident_that_is_not_healed_comes_again(case: Case) -> None:
    process = case.name("choosing")
    case.deploy(case.resource("incident", process=process))
    instance = case.start(process)
    incident = case.gateway.incident_of(instance)
    case.call("ResolveIncident", incidentKey=incident)
    assert case.gateway.incident_of(instance, after=incident) > incident


@scenario(features={RECORDS})
def test_an_incident_of_a_job_is_resolved_by_retries(case: Case) -> None:
    process, charge, _ = case.order()
    instance = case.start(process)
    job = case.job(charge)
    case.call("FailJob", jobKey=job.key, retries=0, errorMessage="out of luck")
    incident = case.gateway.incident_of(instance)
    case.refused("ResolveIncident", incidentKey=incident)
    case.call("UpdateJobRetries", jobKey=job.key, retries=2)
    assert case.poll(type=charge) == []
    case.call("ResolveIncident", incidentKey=incident)
    again = case.job(charge)
    assert (again.key, again.retries) == (job.key, 2)
