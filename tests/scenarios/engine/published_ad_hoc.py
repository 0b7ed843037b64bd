"""Ad-hoc sub-processes of 8.8: by expressions, over REST, and by a job worker."""

from __future__ import annotations

import json
from typing import Any

import requests

from tests.scenarios.engine.commands import modify
from tests.scenarios.engine.elements import KINDS, Kind, tops
from tests.scenarios.engine.models import (
    END,
    START,
    active,
    ad_hoc,
    begin,
    boundary,
    compensation_event,
    each,
    error,
    error_event,
    event_subprocess,
    flows,
    handler,
    io,
    message,
    message_event,
    process,
    task,
    throw,
    timer,
    undone_by,
)
from tests.scenarios.engine.play import Play, Rejection, Scenario
from tests.scenarios.engine.published import published, seen

PAGE = "components/modeler/bpmn/ad-hoc-subprocesses/"
SPEC = "apis-tools/orchestration-cluster-api-rest/specifications/activate-ad-hoc-sub-process-activities/"
BY_ITSELF = "ad-hoc sub-process, by expressions"
OVER_REST = "ad-hoc sub-process, activated over REST"
BY_JOBS = "ad-hoc sub-process, by a job worker"
END2 = '<endEvent id="e2"/>'


def around(id: str, *parts: str, extra: str = "", until: str | None = None, **values: str) -> str:
    """A process with an ad-hoc sub-process ``a``."""
    return process(id, START, ad_hoc("a", *parts, extra=extra, until=until, **values), END, flows("s>a>e"))


def tools(id: str, *names: str) -> tuple[str, ...]:
    return tuple(task(name, f"{id}-{name}") for name in names)


def asked(id: str, *parts: str, extra: str = "") -> str:
    """A process whose ad-hoc sub-process is controlled by jobs of its type."""
    return around(id, *parts, extra=f'<zeebe:taskDefinition type="{id}"/>{extra}')


def post(play: Play, key: int, *ids: str, **fields: Any) -> Any:
    """The activation over REST; its status and what a problem says."""
    elements = fields.pop("elements", [{"elementId": id_} for id_ in ids])
    path = f"/v2/element-instances/ad-hoc-activities/{key}/activation"
    answer = requests.post(
        play.rest_address + path, json={"elements": elements, **fields}, timeout=30
    )  # fmt: skip
    play.settle()
    return answer.status_code if answer.status_code == 204 else (answer.status_code, answer.json()["detail"])


def answer(play: Play, job: Any, *ids: str, **fields: Any) -> Any:
    """Completes a job with the result of an ad-hoc sub-process."""
    elements = fields.pop("elements", [{"elementId": id_} for id_ in ids])
    variables = fields.pop("variables", {})
    result = {"type": "adHocSubProcess", "activateElements": elements, **fields}
    return play.call("CompleteJob", jobKey=job.key, variables=json.dumps(variables), result=result)


@published(BY_ITSELF, PAGE, dialect="8.8")
def the_elements_of_the_collection_are_activated_and_the_last_completes_it(play: Play) -> None:
    play.deploy(around("ad1", *tools("ad1", "x", "y", "z"), extra=active('=["x", "z"]')))
    instance = play.create("ad1")
    assert not play.jobs("ad1-y")
    play.work("ad1-z", r=1)
    assert "a" not in seen(play)
    play.work("ad1-x")
    assert play.ended(instance)
    kinds = [r["value"]["bpmnElementType"] for r in play.records() if r["intent"] == "ELEMENT_ACTIVATED"]
    assert kinds.count("AD_HOC_SUB_PROCESS_INNER_INSTANCE") == 2


@published(BY_ITSELF, PAGE, dialect="8.8")
def flows_inside_are_followed(play: Play) -> None:
    parts = (
        *tools("ad2", "x", "y"),
        '<parallelGateway id="f"/>',
        '<parallelGateway id="j"/>',
        *tools("ad2", "u", "v"),
    )
    play.deploy(around("ad2", *parts, flows("x>f f>u>j f>v>j j>y"), extra=active('=["x"]')))
    instance = play.create("ad2")
    for name in ("x", "u", "v", "y"):
        assert not play.ended(instance)
        play.work(f"ad2-{name}")
    assert play.ended(instance)


@published(BY_ITSELF, PAGE, dialect="8.8")
def without_elements_it_stays(play: Play) -> None:
    play.deploy(around("ad3", *tools("ad3", "x"), extra=active("=[]")))
    play.deploy(around("ad3-none", *tools("ad3", "x")))
    for id_ in ("ad3", "ad3-none"):
        instance = play.create(id_)
        assert not play.ended(instance)
        play.cancel(instance)


@published(BY_ITSELF, PAGE, dialect="8.8")
def what_is_no_list_of_ids_is_an_incident_that_can_be_mended(play: Play) -> None:
    play.deploy(around("ad4", *tools("ad4", "x"), extra=active("=ids")))
    for wrong in (None, "x", [1], ["x", "gone"]):
        instance = play.create("ad4", ids=wrong)
        play.settle()
        play.set_variables(instance.processInstanceKey, ids=["x"])
        play.resolve(play.incident())
        play.work("ad4-x")
        assert play.ended(instance)


@published(BY_ITSELF, PAGE, dialect="8.8")
def the_condition_ends_it_and_terminates_the_rest(play: Play) -> None:
    play.deploy(around("ad5", *tools("ad5", "x", "y"), extra=active('=["x", "y"]'), until="=done"))
    instance = play.create("ad5", done=False)
    play.work("ad5-x", done=True)
    assert play.ended(instance)
    assert seen(play, "ELEMENT_TERMINATED")[:1] == ["y"]
    other = play.create("ad5", done=False)
    play.work("ad5-x")
    play.work("ad5-y")
    assert not play.ended(other)
    play.cancel(other)


@published(BY_ITSELF, PAGE, dialect="8.8")
def the_condition_can_let_the_rest_complete(play: Play) -> None:
    play.deploy(
        around(
            "ad6",
            *tools("ad6", "x", "y"),
            extra=active('=["x", "y"]'),
            until="=done",
            cancelRemainingInstances="false",
        )
    )
    instance = play.create("ad6", done=False)
    play.work("ad6-x", done=True)
    assert not play.ended(instance)
    play.work("ad6-y")
    assert play.ended(instance)


@published(BY_ITSELF, PAGE, dialect="8.8")
def a_condition_that_is_not_boolean_is_an_incident(play: Play) -> None:
    play.deploy(around("ad7", *tools("ad7", "x"), extra=active('=["x"]'), until="=done"))
    instance = play.create("ad7", done=5)
    play.work("ad7-x")
    play.settle()
    play.set_variables(instance.processInstanceKey, done=True)
    play.resolve(play.incident())
    assert play.ended(instance)


@published(BY_ITSELF, PAGE, dialect="8.8")
def results_are_collected_and_handed_on(play: Play) -> None:
    extra = active('=["x", "y"]', "results", "=result") + io("in =1 -> own", "out =own -> given")
    play.deploy(around("ad8", *tools("ad8", "x", "y"), extra=extra))
    instance = play.create("ad8")
    play.work("ad8-y", result="b")
    play.work("ad8-x", result="a")
    assert play.ended(instance)
    names = {
        r["value"]["name"]: r["value"]["value"]
        for r in play.records()
        if r["valueType"] == "VARIABLE" and r["value"]["scopeKey"] == instance.processInstanceKey
    }
    assert (names["results"], names["given"]) == ('["b","a"]', "1")
    assert "own" not in names


@published(BY_ITSELF, PAGE, dialect="8.8")
def a_variable_tells_what_can_be_activated(play: Play) -> None:
    described = (
        '<documentation>What it does</documentation><extensionElements><zeebe:taskDefinition type="ad9"/>'
        '<zeebe:ioMapping><zeebe:input source="=fromAi(toolCall.city, &quot;The city&quot;, &quot;string&quot;)" target="city"/>'
        '</zeebe:ioMapping><zeebe:properties><zeebe:property name="p" value="v"/></zeebe:properties></extensionElements>'
    )
    named = f'<serviceTask id="x" name="Look it up">{described}</serviceTask>'
    play.deploy(around("ad9", named, *tools("ad9", "y", "z"), flows("y>z")))
    play.create("ad9")
    (found,) = [json.loads(r["value"]["value"]) for r in play.records() if r["valueType"] == "VARIABLE"]
    assert [each["elementId"] for each in found] == ["x", "y"]
    assert found[0] == {
        "elementId": "x",
        "elementName": "Look it up",
        "documentation": "What it does",
        "properties": {"p": "v"},
        "parameters": [{"name": "city", "description": "The city", "type": "string"}],
    }


@published(BY_ITSELF, PAGE, dialect="8.8")
def it_is_left_by_its_border(play: Play) -> None:
    border = boundary("bt", "a", timer("Duration", "PT10S"), "e2") + boundary(
        "be", "a", error_event("er"), "e2"
    )
    inside = ad_hoc("a", *tools("ad10", "x", "y"), extra=active('=["x", "y"]'))
    play.deploy(process("ad10", START, inside, border, END, END2, flows("s>a>e"), top=error("er", "X")))
    first = play.create("ad10")
    play.advance(10)
    assert play.ended(first)
    second = play.create("ad10")
    play.throw(play.jobs("ad10-x")[0], "X")
    assert play.ended(second)


@published(BY_ITSELF, PAGE, dialect="8.8")
def it_runs_for_each_item(play: Play) -> None:
    loop = each("=items", "item", results="all", result="=results")
    inside = ad_hoc(
        "a", *tools("ad11", "x", "y"), extra=active("=item", "results", "=r"), inside=loop
    )  # fmt: skip
    play.deploy(process("ad11", START, inside, END, flows("s>a>e")))
    instance = play.create("ad11", items=[["x"], ["x", "y"]])
    for job in [*play.jobs("ad11-x"), *play.jobs("ad11-y")]:
        play.complete(job, r=1)
    assert play.ended(instance)


@published(BY_ITSELF, PAGE, dialect="8.8")
def what_was_done_in_it_is_undone(play: Play) -> None:
    undo = undone_by("x", "ux") + handler(task("ux", "ad12-ux"))
    inside = ad_hoc("a", task("x", "ad12-x"), undo, extra=active('=["x"]'))
    back = throw("t", compensation_event())
    play.deploy(process("ad12", START, inside, back, END, flows("s>a>t>e")))
    instance = play.create("ad12")
    play.work("ad12-x")
    play.work("ad12-ux")
    assert play.ended(instance)


@published(BY_ITSELF, PAGE, dialect="8.8")
def ad_hoc_sub_processes_are_checked(play: Play) -> None:
    by_job = '<zeebe:taskDefinition type="t"/>'
    for model in (
        around("ad13"),
        around("ad13", START.replace('"s"', '"is"'), *tools("ad13", "x")),
        around("ad13", *tools("ad13", "x"), END.replace('"e"', '"ie"')),
        around("ad13", *tools("ad13", "x"), extra=active("x")),
        around("ad13", *tools("ad13", "x"), extra=active("=[]", "results")),
        around("ad13", *tools("ad13", "x"), extra=active("=[]", None, "=r")),
        around("ad13", *tools("ad13", "x"), extra=by_job + active("=[]")),
        around("ad13", *tools("ad13", "x"), extra=by_job, until="=true"),
        around("ad13", *tools("ad13", "x"), extra=by_job, cancelRemainingInstances="false"),
    ):
        assert isinstance(play.deploy(model), Rejection)


@published(OVER_REST, SPEC, dialect="8.8")
def elements_are_activated_over_rest(play: Play) -> None:
    play.deploy(around("ad15", *tools("ad15", "x", "y"), until="=done"))
    instance = play.create("ad15", done=False)
    key = play.element("a")
    assert post(play, key, "x", "y", "x") == 204
    assert len(play.jobs("ad15-x")) == 2
    given = [{"elementId": "y", "variables": {"own": 1}}]
    assert post(play, key, elements=given, cancelRemainingInstances=True) == 204
    (job,) = play.jobs("ad15-y", 1)
    assert '"own":1' in job.variables
    play.complete(job, done=True)
    assert play.ended(instance)
    assert sorted(seen(play, "ELEMENT_TERMINATED")) == ["a#innerInstance"] * 3 + ["x", "x", "y"]


@published(OVER_REST, SPEC, dialect="8.8")
def what_cannot_be_activated_over_rest_is_refused(play: Play) -> None:
    play.deploy(around("ad16", *tools("ad16", "x")))
    instance = play.create("ad16")
    key = play.element("a")
    assert post(play, key, "x", "gone")[0] == 404
    assert post(play, instance.processInstanceKey, "x")[0] == 404
    assert post(play, key)[0] == 400
    assert post(play, key, elements=[{"elementId": "x", "variables": 5}])[0] == 400
    assert post(play, key, elements=[{}])[0] == 400
    assert post(play, key, "x", other=1)[0] == 400
    assert not play.jobs("ad16-x")


@published(BY_JOBS, PAGE, dialect="8.8")
def a_worker_activates_elements_and_is_asked_again_until_it_is_done(play: Play) -> None:
    play.deploy(asked("ad17", *tools("ad17", "x", "y"), extra=active(None, "results", "=r")))
    instance = play.create("ad17")
    (first,) = play.jobs("ad17")
    assert first.kind == 3
    assert "adHocSubProcessElements" in first.variables
    answer(play, first, "x", "y", variables={"agent": 1})
    assert not play.jobs("ad17")
    play.work("ad17-x", r=1)
    (second,) = play.jobs("ad17")
    play.work("ad17-y", r=2)
    assert isinstance(answer(play, second, "x"), Rejection)
    (third,) = play.jobs("ad17")
    assert '"results":[1,2]' in third.variables
    assert '"agent":1' in third.variables
    answer(play, third, isCompletionConditionFulfilled=True)
    assert play.ended(instance)


@published(BY_JOBS, PAGE, dialect="8.8")
def a_worker_can_end_it_at_once_or_let_the_rest_complete(play: Play) -> None:
    play.deploy(asked("ad18", *tools("ad18", "x", "y")))
    for at_once in (True, False):
        instance = play.create("ad18")
        answer(play, play.jobs("ad18")[0], "x", "y")
        play.work("ad18-x")
        answer(
            play,
            play.jobs("ad18")[0],
            isCompletionConditionFulfilled=True,
            isCancelRemainingInstances=at_once,
        )
        assert play.ended(instance) is at_once
        if not at_once:
            play.work("ad18-y")
            assert play.ended(instance)


@published(BY_JOBS, PAGE, dialect="8.8")
def a_worker_can_terminate_the_rest_and_go_on_with_others(play: Play) -> None:
    play.deploy(asked("ad19", *tools("ad19", "x", "y")))
    instance = play.create("ad19")
    answer(play, play.jobs("ad19")[0], "x", "x")
    play.complete(play.jobs("ad19-x", 1)[0])
    given = [{"elementId": "y", "variables": '{"own": 1}'}]
    answer(play, play.jobs("ad19")[0], elements=given, isCancelRemainingInstances=True)
    assert not play.jobs("ad19")
    (job,) = play.jobs("ad19-y")
    assert '"own":1' in job.variables
    play.complete(job)
    answer(play, play.jobs("ad19")[0], isCompletionConditionFulfilled=True)
    assert play.ended(instance)


@published(BY_JOBS, PAGE, dialect="8.8")
def a_result_that_cannot_be_is_refused(play: Play) -> None:
    play.deploy(asked("ad20", *tools("ad20", "x")))
    instance = play.create("ad20")
    (job,) = play.jobs("ad20")
    assert isinstance(answer(play, job, "gone"), Rejection)
    assert isinstance(answer(play, job, "x", isCompletionConditionFulfilled=True), Rejection)
    answer(play, job, isCompletionConditionFulfilled=True)
    assert play.ended(instance)


@published(BY_JOBS, PAGE, dialect="8.8")
def its_jobs_fail_and_throw_errors_as_others_do(play: Play) -> None:
    border = boundary("be", "a", error_event("er"), "e2")
    inside = ad_hoc("a", *tools("ad21", "x"), extra='<zeebe:taskDefinition type="ad21" retries="2"/>')
    play.deploy(process("ad21", START, inside, border, END, END2, flows("s>a>e"), top=error("er", "X")))
    instance = play.create("ad21")
    answer(play, play.jobs("ad21")[0], "x")
    play.work("ad21-x")
    play.fail(play.jobs("ad21")[0], 0)
    play.call("UpdateJobRetries", jobKey=play.job(), retries=1)
    play.resolve(play.incident())
    play.throw(play.jobs("ad21")[0], "X")
    assert play.ended(instance)
    play.cancel(play.create("ad21"))


def watched(id: str, *, interrupting: bool) -> str:
    """A sub-process of a worker with an event sub-process in it."""
    start = begin("ws", message_event("m"), interrupting=interrupting)
    inside = event_subprocess("w", start, task("wt", f"{id}-w"), '<endEvent id="we"/>', flows("ws>wt>we"))
    model = asked(id, *tools(id, "x"), inside)
    return model.replace("<process ", message("m", id, "=k") + "<process ", 1)


@published(BY_JOBS, PAGE, dialect="8.8")
def a_worker_is_asked_again_after_an_event_sub_process(play: Play) -> None:
    play.deploy(watched("ad23", interrupting=False))
    instance = play.create("ad23", k="k")
    answer(play, play.jobs("ad23")[0], "x")
    play.publish("ad23", "k")
    play.work("ad23-w")
    (job,) = play.jobs("ad23")
    play.work("ad23-x")
    assert isinstance(answer(play, job), Rejection)
    answer(play, play.jobs("ad23")[0], isCompletionConditionFulfilled=True)
    assert play.ended(instance)


@published(BY_JOBS, PAGE, dialect="8.8")
def an_interrupting_event_sub_process_ends_it_without_the_worker(play: Play) -> None:
    play.deploy(watched("ad24", interrupting=True))
    instance = play.create("ad24", k="k")
    answer(play, play.jobs("ad24")[0], "x")
    play.publish("ad24", "k")
    assert "x" in seen(play, "ELEMENT_TERMINATED")
    play.work("ad24-w")
    assert play.ended(instance)


@published(BY_ITSELF, PAGE, dialect="8.8")
def modifications_reach_what_is_in_it(play: Play) -> None:
    play.deploy(around("ad22", *tools("ad22", "x", "y"), extra=active('=["x"]')))
    instance = play.create("ad22")
    play.settle()
    modify(play, instance, "y", terminate=[play.element("x")])
    play.settle()
    play.work("ad22-y")
    assert play.ended(instance)


def _inside(kind: Kind, name: str) -> Scenario:
    """The element as the one that is activated."""

    def scenario(play: Play) -> None:
        kind.before(play, name)
        piece = kind.piece(name, "", "")
        inside = ad_hoc("adhoc", piece.xml, extra=active(f'=["{piece.first}"]'))
        play.deploy(process(name, START, inside, END, flows("s>adhoc>e"), top=tops(name)))
        instance = play.create(name, k="k", items=[1, 2], x=6)
        kind.done(play, name)
        assert play.ended(instance)

    scenario.__name__ = f"{kind.name.replace('-', '_').replace(' ', '_')}_in_an_ad_hoc_sub_process"
    return scenario


for _index, _kind in enumerate(KINDS):
    if not _kind.name.endswith(" end"):
        published(BY_ITSELF, PAGE, dialect="8.8")(_inside(_kind, f"ada-{_index}"))
