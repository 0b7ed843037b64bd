"""Bindings: which version of a linked process, decision or form an element means."""

from __future__ import annotations

from tests.scenarios.engine.models import END, START, call, element, flows, process, task
from tests.scenarios.engine.play import Play
from tests.scenarios.engine.published import published

PAGE = "components/best-practices/modeling/choosing-the-resource-binding-type/"
DEPLOYMENT = "binding type deployment"
TAG = "binding type versionTag"


def child(id: str, variable: str, tag: str = "") -> str:
    """A process that says which version it is."""
    head = f'<extensionElements><zeebe:versionTag value="{tag}"/></extensionElements>' if tag else ""
    script = f'<zeebe:script expression="=&quot;{variable}&quot;" resultVariable="version"/>'
    return process(id, head, START, element("scriptTask", "a", script), END, flows("s>a>e"))


def caller(id: str, called: str, **binding: str) -> str:
    return process(id, START, call("c", called, **binding), task("t", f"{id}-t"), END, flows("s>c>t>e"))


def decision(id: str, result: str, tag: str = "") -> str:
    extension = f'<extensionElements><zeebe:versionTag value="{tag}"/></extensionElements>' if tag else ""
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" '
        f'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="{id}-g" name="g" namespace="n">'
        f'<decision id="{id}" name="d">{extension}<variable name="d"/>'
        f'<literalExpression id="l"><text>&quot;{result}&quot;</text></literalExpression></decision></definitions>'
    )


def rule(id: str, decision_id: str, binding: str) -> str:
    called = f'<zeebe:calledDecision decisionId="{decision_id}" resultVariable="version" {binding}/>'
    return process(
        id, START, element("businessRuleTask", "r", called), task("t", f"{id}-t"), END, flows("s>r>t>e")
    )


def version(play: Play) -> list[str]:
    """What the variable ``version`` was set to so far, each once, in order."""
    values = [
        r["value"]["value"]
        for r in play.records()
        if r["valueType"] == "VARIABLE" and r["recordType"] == "EVENT"
    ]
    return list(dict.fromkeys(values))


@published(DEPLOYMENT, PAGE)
def a_call_activity_calls_the_process_that_was_deployed_with_it(play: Play) -> None:
    play.deploy(caller("bd1", "bd2", bindingType="deployment"), child("bd2", "old"))
    play.deploy(child("bd2", "new"))
    play.create("bd1")
    assert version(play) == ['"old"']


@published(DEPLOYMENT, PAGE)
def a_process_that_was_not_deployed_with_its_caller_is_an_incident(play: Play) -> None:
    play.deploy(child("bd4", "alone"))
    play.deploy(caller("bd3", "bd4", bindingType="deployment"))
    play.create("bd3")
    assert [r["value"]["errorType"] for r in play.records() if r["valueType"] == "INCIDENT"] == [
        "CALLED_ELEMENT_ERROR"
    ]


@published(TAG, PAGE)
def a_call_activity_calls_the_newest_process_with_the_tag(play: Play) -> None:
    for content, tag in (("one", "v1"), ("two", "v1"), ("three", "v2"), ("four", "")):
        play.deploy(child("bt2", content, tag))
    play.deploy(caller("bt1", "bt2", bindingType="versionTag", versionTag="v1"))
    play.create("bt1")
    assert version(play) == ['"two"']


@published(TAG, PAGE)
def a_tag_that_no_version_has_is_an_incident_until_there_is_one(play: Play) -> None:
    play.deploy(child("bt4", "one"))
    play.deploy(caller("bt3", "bt4", bindingType="versionTag", versionTag="v9"))
    play.create("bt3")
    play.deploy(child("bt4", "tagged", "v9"))
    incident = next(r for r in play.records() if r["valueType"] == "INCIDENT")
    play.call("ResolveIncident", incidentKey=incident["key"])
    assert version(play) == ['"tagged"']


@published(TAG, PAGE)
def a_business_rule_task_evaluates_the_decision_with_the_tag(play: Play) -> None:
    play.deploy(decision("bt6", "one", "v1"), name="d.dmn")
    play.deploy(decision("bt6", "two", "v2"), name="d.dmn")
    play.deploy(rule("bt5", "bt6", 'bindingType="versionTag" versionTag="v1"'))
    play.create("bt5")
    assert version(play) == ['"one"']


@published(TAG, PAGE)
def a_decision_without_the_tag_is_an_incident(play: Play) -> None:
    play.deploy(decision("bt8", "one"), name="d.dmn")
    play.deploy(rule("bt7", "bt8", 'bindingType="versionTag" versionTag="v1"'))
    play.create("bt7")
    assert version(play) == []


@published(TAG, PAGE)
def a_user_task_has_the_form_with_the_tag(play: Play) -> None:
    play.deploy('{"id": "bf", "versionTag": "v1", "n": 1}', name="f.form")
    play.deploy('{"id": "bf", "versionTag": "v2", "n": 2}', name="f.form")
    form = '<zeebe:formDefinition formId="bf" bindingType="versionTag" versionTag="v1"/>'
    play.deploy(process("bt9", START, element("userTask", "u", form), END, flows("s>u>e")))
    play.create("bt9")
    first = next(r["key"] for r in play.records() if r["valueType"] == "FORM")
    job = next(r for r in play.records() if r["valueType"] == "JOB" and r["intent"] == "CREATED")
    assert job["value"]["customHeaders"]["io.camunda.zeebe:formKey"] == str(first)
