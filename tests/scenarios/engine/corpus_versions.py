"""Versions of what is deployed, their deletion, and results that are awaited."""

from __future__ import annotations

from tests.scenarios.engine.corpus_tasks import DMN
from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    call,
    definitions,
    element,
    flows,
    headers,
    message,
    message_event,
    process,
    start,
    task,
    timer,
)
from tests.scenarios.engine.play import Play, scenario

USER_JOB = "io.camunda.zeebe:userTask"


def one(id: str, type: str) -> str:
    return process(id, START, task("a", type), END, flows("s>a>e"))


def ruled(id: str, decision: str) -> str:
    rule = element(
        "businessRuleTask", "a", f'<zeebe:calledDecision decisionId="{decision}" resultVariable="y"/>'
    )
    return process(id, START, rule, END, flows("s>a>e"))


def form(id: str, more: str = "") -> str:
    return f'{{"id":"{id}","components":[]{more}}}'


def formed(id: str, form_id: str) -> str:
    user = element("userTask", "a", f'<zeebe:formDefinition formId="{form_id}"/>', headers(h="v"))
    return process(id, START, user, END, flows("s>a>e"))


@scenario
def running_instances_keep_their_version(play: Play) -> None:
    play.deploy(one("vr1", "vr1-a"))
    play.deploy(process("vr1-caller", START, call("c", "vr1"), END, flows("s>c>e")))
    play.create("vr1")
    play.create("vr1-caller")
    play.deploy(one("vr1", "vr1-b"))
    play.create("vr1-caller")
    play.call("CreateProcessInstance", bpmnProcessId="vr1", version=1)
    for type in ("vr1-a", "vr1-b"):
        for job in play.jobs(type):
            play.complete(job)


@scenario
def deleted_versions_give_way_to_older_ones(play: Play) -> None:
    keys = [play.deploy(one("vr2", f"vr2-{n}")).deployments[0].process.processDefinitionKey for n in range(3)]
    play.call("DeleteResource", resourceKey=keys[1])
    play.settle()
    play.create("vr2")
    play.call("CreateProcessInstance", bpmnProcessId="vr2", version=2)
    play.call("DeleteResource", resourceKey=keys[2])
    play.settle()
    play.create("vr2")
    for type in ("vr2-0", "vr2-2"):
        for job in play.jobs(type):
            play.complete(job)
    play.settle()
    play.call("CreateProcessInstance", processDefinitionKey=keys[2])
    play.call("CreateProcessInstance", processDefinitionKey=keys[0])
    play.deploy(one("vr2", "vr2-2"))


@scenario
def deleted_definitions_end_what_starts_them(play: Play) -> None:
    starts = (start("s1", message_event("msg")), start("s2", timer("Cycle", "R/PT20S")))
    model = process("vr3", *starts, END, flows("s1>e s2>e"), top=message("msg", "vr3"))
    first = play.deploy(model).deployments[0].process.processDefinitionKey
    second = (
        play.deploy(model.replace('name="vr3"', 'name="vr3-new"')).deployments[0].process.processDefinitionKey
    )
    play.publish("vr3")
    play.publish("vr3-new")
    play.call("DeleteResource", resourceKey=second)
    play.settle()
    play.publish("vr3", k=1)
    play.publish("vr3-new")
    play.advance(20)
    play.call("DeleteResource", resourceKey=first)
    play.settle()
    play.publish("vr3")


@scenario
def rule_tasks_take_the_latest_decision(play: Play) -> None:
    play.deploy(DMN.format(id="vr4"), name="vr4.dmn")
    play.deploy(ruled("vr4", "vr4_d"))
    play.create("vr4", x=6)
    newer = DMN.format(id="vr4").replace("<text>10</text>", "<text>11</text>")
    play.deploy(newer, name="vr4.dmn")
    play.create("vr4", x=6)
    play.deploy(newer, name="vr4.dmn")
    play.call("EvaluateDecision", decisionId="vr4_d", variables='{"x":6}')


@scenario
def rule_tasks_without_a_decision_are_mended(play: Play) -> None:
    play.deploy(ruled("vr5", "=d"))
    instance = play.create("vr5", d="vr5_d", x=6)
    play.settle()
    play.resolve(play.incident())
    play.deploy(DMN.format(id="vr5"), name="vr5.dmn")
    play.resolve(play.incident())
    other = play.create("vr5", x=6)
    play.settle()
    play.set_variables(other.processInstanceKey, d="vr5_d")
    play.resolve(play.incident())
    failing = play.create("vr5", d="vr5_d", x=60)
    play.settle()
    play.set_variables(failing.processInstanceKey, x=7)
    play.resolve(play.incident())
    play.cancel(play.create("vr5", d="vr5_d", x=60))
    assert instance != other


@scenario
def deleted_decisions_are_gone(play: Play) -> None:
    deployed = play.deploy(DMN.format(id="vr6"), name="vr6.dmn")
    newer = play.deploy(DMN.format(id="vr6").replace("<text>10</text>", "<text>11</text>"), name="vr6.dmn")
    play.deploy(ruled("vr6", "vr6_d"))
    parts = [part for found in (deployed, newer) for part in found.deployments]
    keys = [
        part.decisionRequirements.decisionRequirementsKey
        for part in parts
        if part.HasField("decisionRequirements")
    ]
    play.call("DeleteResource", resourceKey=keys[1])
    play.settle()
    play.create("vr6", x=6)
    play.call("DeleteResource", resourceKey=keys[0])
    play.settle()
    play.cancel(play.create("vr6", x=6))
    play.call("EvaluateDecision", decisionId="vr6_d", variables='{"x":7}')


@scenario
def user_tasks_take_the_latest_form(play: Play) -> None:
    play.deploy(formed("vr7", "vr7-form"))
    instance = play.create("vr7")
    play.settle()
    play.resolve(play.incident())
    play.deploy(form("vr7-form"), name="vr7.form")
    play.resolve(play.incident())
    play.work(USER_JOB)
    newer = play.deploy(form("vr7-form", ',"x":1'), name="vr7.form")
    play.create("vr7")
    play.work(USER_JOB)
    play.call("DeleteResource", resourceKey=newer.deployments[0].form.formKey)
    play.settle()
    play.create("vr7")
    play.work(USER_JOB)
    assert instance.version == 1


@scenario
def the_id_of_a_form_can_be_an_expression(play: Play) -> None:
    play.deploy(form("vr8-form"), name="vr8.form")
    play.deploy(formed("vr8", "=f"))
    play.create("vr8", f="vr8-form")
    play.work(USER_JOB)
    instance = play.create("vr8")
    play.settle()
    play.set_variables(instance.processInstanceKey, f="vr8-none")
    play.resolve(play.incident())
    play.set_variables(instance.processInstanceKey, f="vr8-form")
    play.resolve(play.incident())


@scenario
def properties_of_user_tasks_are_evaluated(play: Play) -> None:
    user = element(
        "userTask",
        "a",
        '<zeebe:assignmentDefinition assignee="=a" candidateGroups="=g" candidateUsers="u1, u2"/>'
        '<zeebe:taskSchedule dueDate="=d" followUpDate="=f"/>',
    )
    play.deploy(process("vr9", START, user, END, flows("s>a>e")))
    play.create("vr9", a="me", g=["x", "y"], d="2030-01-01T00:00:00Z", f="2030-01-01T00:00:01.500Z")
    play.work(USER_JOB)
    for values in (
        {"a": None},
        {"a": "me", "g": ["x"], "d": None},
        {"a": "me", "g": ["x"], "d": "2030-01-01T00:00:00Z", "f": None},
        {"a": "me", "g": None},
        {"a": 5},
        {"a": "me", "g": "x"},
        {"a": "me", "g": [1]},
        {"a": "me", "d": "soon"},
        {"a": "me", "g": [], "d": 5},
    ):
        instance = play.create("vr9", **values)
        play.settle()
        play.cancel(instance)


@scenario
def several_resources_come_together_or_not_at_all(play: Play) -> None:
    play.call(
        "DeployResource",
        resources=[
            {"name": "a.bpmn", "content": ruled("vr10", "vr10_d").encode()},
            {"name": "b.dmn", "content": DMN.format(id="vr10").encode()},
            {"name": "c.form", "content": form("vr10").encode()},
        ],
    )
    play.create("vr10", x=7)
    two = definitions(
        '<process id="vr10-1" isExecutable="true"><startEvent id="s1"/></process>',
        '<process id="vr10-2" isExecutable="true"><startEvent id="s2"/></process>',
        '<process id="vr10-3" isExecutable="false"><startEvent id="s3"/></process>',
    )
    play.deploy(two)
    play.create("vr10-2")
    play.create("vr10-3")
    play.deploy(two.replace('"s2"', '"s4"'))
    play.deploy(one("vr10-1", "x"), one("vr10-4", "x"))
    play.deploy(form("vr10-6"), form("vr10-6"), name="same.form")
    play.deploy('{"components":[]}', name="without-id.form")


@scenario
def deployed_methods_of_old_clients(play: Play) -> None:
    play.call("DeployProcess", processes=[{"name": "a.bpmn", "definition": one("vr11", "x").encode()}])
    play.call("DeployProcess", processes=[{"name": "a.bpmn", "definition": b"<x/>"}])


@scenario
def a_result_comes_when_the_instance_has_ended(play: Play) -> None:
    border = boundary("b", "a", timer("Duration", "PT20S"), "e2")
    parts = (START, task("a", "vr12"), border, END, '<endEvent id="e2"/>', flows("s>a>e"))
    play.deploy(process("vr12", *parts))
    request = {"bpmnProcessId": "vr12", "version": -1, "variables": '{"x":1}'}
    answered = play.begin("CreateProcessInstanceWithResult", request=request, requestTimeout=60_000)
    play.work("vr12", y=2)
    answered()
    answered = play.begin(
        "CreateProcessInstanceWithResult", request=request, requestTimeout=60_000, fetchVariables=["x", "z"]
    )
    play.fail(play.jobs("vr12")[0], 0)
    play.call("UpdateJobRetries", jobKey=play.job(), retries=1)
    play.resolve(play.incident())
    play.advance(20)
    answered()
