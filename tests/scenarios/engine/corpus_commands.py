"""Creating at elements, modifying, migrating, deploying, deleting; and what is refused."""

from __future__ import annotations

from typing import Any

from camunda_grpc import gateway_pb2 as pb
from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    each,
    element,
    flows,
    io,
    process,
    subprocess,
    task,
    timer,
)
from tests.scenarios.engine.play import Play, scenario

Modify = pb.ModifyProcessInstanceRequest
Migrate = pb.MigrateProcessInstanceRequest
NOWHERE = 2**51 + 2**40


def nested(id: str) -> str:
    inside = ('<startEvent id="ss"/>', task("b", f"{id}-b"), '<endEvent id="se"/>', flows("ss>b>se"))
    return process(id, START, task("a", f"{id}-a"), subprocess("p", *inside), END, flows("s>a>p>e"))


def starts(*ids: str) -> list[Any]:
    return [pb.ProcessInstanceCreationStartInstruction(elementId=id) for id in ids]


@scenario
def instances_are_created_at_chosen_elements(play: Play) -> None:
    play.deploy(nested("si1"))

    def at(*ids: str) -> None:
        play.call(
            "CreateProcessInstance",
            bpmnProcessId="si1",
            version=-1,
            variables='{"x":1}',
            startInstructions=starts(*ids),
        )

    at("b", "a")
    at("p")
    at("zz")
    at("s")
    at("ss")
    at("a_p")
    at("a", "a")


@scenario
def definitions_are_found_by_id_version_and_key(play: Play) -> None:
    first = play.deploy(nested("cd1")).deployments[0].process.processDefinitionKey
    play.deploy(nested("cd1").replace("cd1-b", "cd1-c"))
    for fields in (
        {"version": 1}, {"version": 2}, {"version": -1}, {"version": -7}, {"version": 0}, {"version": 99},
    ):  # fmt: skip
        play.call("CreateProcessInstance", bpmnProcessId="cd1", **fields)
    play.call("CreateProcessInstance", processDefinitionKey=first)
    play.call("CreateProcessInstance", processDefinitionKey=NOWHERE)
    play.call("CreateProcessInstance", processDefinitionKey=-1)
    play.call("CreateProcessInstance")
    play.create("cd1-missing")


@scenario
def a_process_without_a_none_start_event_cannot_be_created(play: Play) -> None:
    start = element("startEvent", "s", inside=timer("Cycle", "R1/P1D"))
    play.deploy(process("cd2", start, END, flows("s>e")))
    play.create("cd2")


@scenario
def the_same_content_keeps_its_version(play: Play) -> None:
    play.deploy(nested("dv1"))
    play.deploy(nested("dv1"))
    play.deploy(nested("dv1"), name="renamed.bpmn")
    play.deploy(nested("dv1").replace("dv1-b", "dv1-x"), nested("dv2"), name="renamed.bpmn")
    play.deploy(nested("dv2"), "<broken", name="mixed.bpmn")
    play.deploy('{"id":"dv-form","components":[]}', name="a.form")
    play.deploy('{"id":"dv-form","components":[]}', name="a.form")
    play.deploy('{"id":"dv-form","components":[],"x":1}', name="a.form")


@scenario
def modification_moves_work(play: Play) -> None:
    play.deploy(nested("mo1"))
    instance = play.create("mo1", x=1)

    def modify(*activate: Any, terminate: tuple[int, ...] = ()) -> None:
        play.call(
            "ModifyProcessInstance",
            processInstanceKey=instance.processInstanceKey,
            activateInstructions=activate,
            terminateInstructions=[Modify.TerminateInstruction(elementInstanceKey=key) for key in terminate],
        )

    variables = [
        Modify.VariableInstruction(variables='{"g":1}'),
        Modify.VariableInstruction(variables='{"l":1}', scopeId="p"),
    ]
    modify(
        Modify.ActivateInstruction(elementId="b", variableInstructions=variables),
        terminate=(play.element("a"),),
    )
    modify(Modify.ActivateInstruction(elementId="b"))
    modify(Modify.ActivateInstruction(elementId="b", ancestorElementInstanceKey=play.element("p")))
    modify(Modify.ActivateInstruction(elementId="b", ancestorElementInstanceKey=instance.processInstanceKey))
    modify(Modify.ActivateInstruction(elementId="s"), Modify.ActivateInstruction(elementId="ss"))
    modify(Modify.ActivateInstruction(elementId="zz"), Modify.ActivateInstruction(elementId="yy"))
    modify(Modify.ActivateInstruction(elementId="a", ancestorElementInstanceKey=NOWHERE))
    modify(Modify.ActivateInstruction(elementId="a", ancestorElementInstanceKey=play.element("p")))
    modify(
        Modify.ActivateInstruction(
            elementId="a", variableInstructions=[Modify.VariableInstruction(scopeId="zz")]
        )
    )
    modify(
        Modify.ActivateInstruction(
            elementId="a", variableInstructions=[Modify.VariableInstruction(scopeId="p")]
        )
    )
    modify(terminate=(NOWHERE,))
    modify()
    play.work("mo1-b", r=1)
    modify(terminate=(instance.processInstanceKey,))
    modify()


@scenario
def modification_sets_variables_of_the_element_itself(play: Play) -> None:
    play.deploy(nested("mo4"))
    instance = play.create("mo4", x=1)
    for id, element_id in (("a", "a"), ("b", "b"), ("p", "p")):
        variables = [Modify.VariableInstruction(variables='{"own":1}', scopeId=element_id)]
        play.call(
            "ModifyProcessInstance",
            processInstanceKey=instance.processInstanceKey,
            activateInstructions=[Modify.ActivateInstruction(elementId=id, variableInstructions=variables)],
        )
    play.jobs("mo4-a")


@scenario
def terminating_the_last_element_ends_the_instance(play: Play) -> None:
    play.deploy(nested("mo2"))
    instance = play.create("mo2")
    play.call(
        "ModifyProcessInstance",
        processInstanceKey=instance.processInstanceKey,
        terminateInstructions=[Modify.TerminateInstruction(elementInstanceKey=play.element("a"))],
    )
    play.cancel(instance)


@scenario
def a_running_instance_is_migrated(play: Play) -> None:
    play.deploy(process("mg1", START, task("a", "mg1", io("in =x -> y")), END, flows("s>a>e")))
    border = boundary("b", "a2", timer("Duration", "PT15S"), "e")
    target = play.deploy(process("mg1-next", START, task("a2", "mg1-new"), border, END, flows("s>a2>e")))
    key = target.deployments[0].process.processDefinitionKey
    instance = play.create("mg1", x=1)

    def migrate(to: int, **mappings: str) -> None:
        instructions = [
            Migrate.MappingInstruction(sourceElementId=s, targetElementId=t) for s, t in mappings.items()
        ]
        plan = Migrate.MigrationPlan(targetProcessDefinitionKey=to, mappingInstructions=instructions)
        play.call(
            "MigrateProcessInstance", processInstanceKey=instance.processInstanceKey, migrationPlan=plan
        )

    migrate(key)
    migrate(NOWHERE, a="a2")
    migrate(key, zz="a2")
    migrate(key, a="zz")
    migrate(key, a="s")
    migrate(key, a="a2")
    play.work("mg1", r=1)
    migrate(key, a="a2")


@scenario
def a_task_with_an_incident_is_not_migrated(play: Play) -> None:
    play.deploy(process("mg2", START, task("a", "mg2"), END, flows("s>a>e")))
    target = play.deploy(process("mg2-next", START, task("a", "mg2"), END, flows("s>a>e")))
    instance = play.create("mg2")
    play.fail(play.jobs("mg2")[0], 0)
    plan = Migrate.MigrationPlan(
        targetProcessDefinitionKey=target.deployments[0].process.processDefinitionKey,
        mappingInstructions=[Migrate.MappingInstruction(sourceElementId="a", targetElementId="a")],
    )
    play.call("MigrateProcessInstance", processInstanceKey=instance.processInstanceKey, migrationPlan=plan)


@scenario
def a_definition_is_deleted_when_nothing_runs_any_more(play: Play) -> None:
    first = play.deploy(nested("dr1")).deployments[0].process.processDefinitionKey
    second = play.deploy(nested("dr1").replace("dr1-b", "dr1-c")).deployments[0].process.processDefinitionKey
    instance = play.create("dr1")
    play.call("DeleteResource", resourceKey=second)
    play.cancel(instance)
    play.settle()
    play.call("DeleteResource", resourceKey=second)
    play.settle()
    play.call("DeleteResource", resourceKey=second)
    play.create("dr1")
    play.deploy(nested("dr1").replace("dr1-b", "dr1-d"))
    play.call("DeleteResource", resourceKey=NOWHERE)
    assert first != second


@scenario
def unknown_keys_are_refused(play: Play) -> None:
    for key in (NOWHERE, 1, -1, 0, 9 * 2**51 + 1):
        play.call("CompleteJob", jobKey=key)
        play.call("FailJob", jobKey=key)
        play.call("ThrowError", jobKey=key)
        play.call("UpdateJobRetries", jobKey=key, retries=1)
        play.call("UpdateJobTimeout", jobKey=key)
        play.call("CancelProcessInstance", processInstanceKey=key)
        play.call("ResolveIncident", incidentKey=key)
        play.call("DeleteResource", resourceKey=key)
        play.call("SetVariables", elementInstanceKey=key, variables="{}")
        play.call("ModifyProcessInstance", processInstanceKey=key)
        play.call("MigrateProcessInstance", processInstanceKey=key)


@scenario
def job_activation_is_checked(play: Play) -> None:
    for fields in (
        {"type": "", "timeout": 1, "maxJobsToActivate": 1},
        {"type": "ja", "timeout": 0, "maxJobsToActivate": 1},
        {"type": "ja", "timeout": -1, "maxJobsToActivate": 1},
        {"type": "", "timeout": 1, "maxJobsToActivate": 0},
        {"type": "ja", "timeout": 1, "maxJobsToActivate": 1, "tenantIds": ["t"]},
    ):
        play.call("ActivateJobs", requestTimeout=-1, worker="w", **fields)


@scenario
def tenants_are_refused(play: Play) -> None:
    play.call("CreateProcessInstance", bpmnProcessId="x", tenantId="t")
    play.call("DeployResource", tenantId="t")
    play.call("PublishMessage", name="x", tenantId="t")
    play.call("BroadcastSignal", signalName="x", tenantId="t")
    play.call("EvaluateDecision", decisionId="x", tenantId="t")


@scenario
def a_modified_multi_instance_starts_another_run(play: Play) -> None:
    loop = each("=items", "item", results="res", result="=r")
    play.deploy(
        process("mo3", START, task("a", "mo3", inside=loop), task("z", "mo3-z"), END, flows("s>a>z>e"))
    )
    instance = play.create("mo3", items=[1, 2])
    play.call(
        "ModifyProcessInstance",
        processInstanceKey=instance.processInstanceKey,
        activateInstructions=[Modify.ActivateInstruction(elementId="z")],
    )
    play.cancel(instance)
