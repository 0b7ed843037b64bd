"""Conditional events: on the line of 8.9, which was the first to have them."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

from tests.scenarios.engine.models import (
    END,
    START,
    attributes,
    begin,
    boundary,
    catch,
    each,
    event_subprocess,
    extensions,
    flows,
    io,
    process,
    start,
    subprocess,
    task,
)
from tests.scenarios.engine.play import Play, Rejection
from tests.scenarios.engine.published import published, seen

EVENTS = "components/modeler/bpmn/conditional-events/"
PAGE = "components/concepts/conditionals/"
END2 = '<endEvent id="e2"/>'


def condition(text: str, on: str | None = None) -> str:
    found = extensions(f"<zeebe:conditionalFilter{attributes(variableEvents=on)}/>" if on is not None else "")
    inside = f'<condition xsi:type="tFormalExpression">{escape(text)}</condition>'
    return f"<conditionalEventDefinition>{found}{inside}</conditionalEventDefinition>"


def bordered(
    name: str,
    text: str,
    *,
    on: str | None = None,
    interrupting: bool = True,
    extra: str = "",
    inside: str = "",
) -> str:
    border = boundary("b", "a", condition(text, on), "e2", interrupting=interrupting)
    return process(name, START, task("a", name, extra, inside=inside), border, END, END2, flows("s>a>e"))


@published("conditional boundary event", EVENTS, dialect="8.9")
def it_leaves_its_activity_when_a_variable_changes_or_at_once(play: Play) -> None:
    play.deploy(bordered("cb1", "=x > 10"))
    instance = play.create("cb1", x=1)
    play.set_variables(instance.processInstanceKey, x=9)
    assert not play.ended(instance)
    play.set_variables(instance.processInstanceKey, x=11)
    assert play.ended(instance)
    assert play.ended(play.create("cb1", x=11))
    assert seen(play, "ELEMENT_TERMINATED") == ["a", "a"]


@published("conditional boundary event", EVENTS, dialect="8.9")
def one_that_does_not_interrupt_is_triggered_by_each_change(play: Play) -> None:
    play.deploy(bordered("cb2", "=x > 10", interrupting=False))
    instance = play.create("cb2", x=1)
    for x in (11, 12, 12, 5, 13):  # a value that stays is no change
        play.set_variables(instance.processInstanceKey, x=x)
    assert seen(play).count("b") == 3
    play.work("cb2")
    assert play.ended(instance)


@published("when conditions are evaluated", PAGE, dialect="8.9")
def filters_choose_creations_or_updates(play: Play) -> None:
    before = 0
    for name, on, times in (("cf1", "create", 1), ("cf2", "update", 2), ("cf3", "create, update", 3)):
        play.deploy(bordered(name, "=x > 10", on=on, interrupting=False))
        instance = play.create(name)
        for x in (11, 12, 13):
            play.set_variables(instance.processInstanceKey, x=x)
        before += times
        assert seen(play).count("b") == before, name
        play.cancel(instance)


@published("when conditions are evaluated", PAGE, dialect="8.9")
def only_changes_of_its_own_variables_count_and_one_command_triggers_once(play: Play) -> None:
    play.deploy(bordered("ce1", "=x > 10 or y.z > 5", interrupting=False))
    instance = play.create("ce1", x=1, y={"z": 1})
    key = instance.processInstanceKey
    play.set_variables(key, x=11, y={"z": 6})
    assert seen(play).count("b") == 1
    play.set_variables(key, other=1)
    assert seen(play).count("b") == 1
    play.set_variables(key, y={"z": 1, "w": 2})  # x is still great enough
    assert seen(play).count("b") == 2


@published("when conditions are evaluated", PAGE, dialect="8.9")
def the_outer_scope_is_asked_first_and_what_it_interrupts_is_not_asked(play: Play) -> None:
    inner = boundary("ib", "a", condition("=x > 10"), "pe2")
    parts = (
        '<startEvent id="ps"/>',
        task("a", "ce2"),
        inner,
        '<endEvent id="pe"/><endEvent id="pe2"/>',
        flows("ps>a>pe"),
    )
    outer = boundary("ob", "p", condition("=x > 20"), "e2")
    play.deploy(process("ce2", START, subprocess("p", *parts), outer, END, END2, flows("s>p>e")))
    first, second = play.create("ce2", x=1), play.create("ce2", x=1)
    play.set_variables(first.processInstanceKey, x=21)
    assert "ob" in seen(play)
    assert "ib" not in seen(play)
    play.set_variables(second.processInstanceKey, x=11)
    assert "ib" in seen(play)
    assert play.ended(first)
    assert play.ended(second)


@published("when conditions are evaluated", PAGE, dialect="8.9")
def a_variable_of_one_scope_is_no_business_of_another(play: Play) -> None:
    branches = '<parallelGateway id="g"/>'
    borders = boundary("ab", "a", condition("=x > 10"), "e2") + boundary(
        "cb", "c", condition("=x > 10"), "e3"
    )
    model = process("ce3", START, branches, task("a", "ce3"), task("c", "ce3"), borders, END, END2, '<endEvent id="e3"/>',
                    '<endEvent id="e4"/>', flows("s>g>a>e g>c>e4"))  # fmt: skip
    play.deploy(model)
    instance = play.create("ce3", x=1)
    play.set_variables(play.element("a"), local=True, x=11)
    assert "ab" in seen(play)
    assert "cb" not in seen(play)
    play.cancel(instance)


@published("when conditions are evaluated", PAGE, dialect="8.9")
def a_variable_that_another_hides_does_not_count(play: Play) -> None:
    play.deploy(bordered("ce8", "=x > 10", interrupting=False, extra=io("in =20 -> x")))
    instance = play.create("ce8", x=1)
    play.set_variables(instance.processInstanceKey, x=2)
    assert seen(play).count("b") == 1  # when it was activated
    play.cancel(instance)


@published("when conditions are evaluated", PAGE, dialect="8.9")
def input_mappings_trigger_and_output_mappings_come_too_late(play: Play) -> None:
    play.deploy(bordered("ce4", "=y > 10", extra=io("in =x -> y")))
    assert play.ended(play.create("ce4", x=11))
    play.deploy(bordered("ce5", "=y > 10", extra=io("out =r -> y")))
    instance = play.create("ce5")
    play.work("ce5", r=11)
    assert play.ended(instance)
    assert seen(play).count("b") == 1


@published("when conditions are evaluated", PAGE, dialect="8.9")
def a_run_of_a_loop_interrupts_the_whole_loop(play: Play) -> None:
    play.deploy(bordered("ce6", "=done", inside=each("=[1, 2, 3]")))
    instance = play.create("ce6", done=False)
    play.work("ce6", done=True)
    assert play.ended(instance)
    assert "b" in seen(play)


@published("when conditions are evaluated", PAGE, dialect="8.9")
def what_is_no_boolean_does_not_trigger(play: Play) -> None:
    play.deploy(bordered("ce7", "=x"))
    instance = play.create("ce7", x="yes")
    play.set_variables(instance.processInstanceKey, x=None)
    assert not play.ended(instance)
    play.set_variables(instance.processInstanceKey, x=True)
    assert play.ended(instance)


@published("conditional catch event", EVENTS, dialect="8.9")
def a_catch_event_waits_until_its_condition_holds(play: Play) -> None:
    play.deploy(process("cc1", START, catch("c", condition("=ready")), END, flows("s>c>e")))
    instance = play.create("cc1", ready=False)
    play.set_variables(instance.processInstanceKey, ready=True)
    assert play.ended(instance)
    assert play.ended(play.create("cc1", ready=True))
    cancelled = play.create("cc1")
    play.cancel(cancelled)


@published("event sub-process begun by a condition", EVENTS, dialect="8.9")
def an_event_sub_process_begins_when_its_condition_holds(play: Play) -> None:
    def handled(name: str, *, interrupting: bool) -> str:
        inner = event_subprocess(
            "x", begin("xs", condition("=x > 10"), interrupting=interrupting), task("xt", f"{name}-x"),
            '<endEvent id="xe"/>', flows("xs>xt>xe"),
        )  # fmt: skip
        return process(name, START, task("a", name), END, flows("s>a>e"), inner)

    play.deploy(handled("cx1", interrupting=True))
    instance = play.create("cx1", x=1)
    play.set_variables(instance.processInstanceKey, x=11)
    play.work("cx1-x")
    assert play.ended(instance)
    play.deploy(handled("cx2", interrupting=False))
    beside = play.create("cx2", x=11)
    play.work("cx2", x=12)  # the variables of a job count
    for _ in range(1):
        play.work("cx2-x")
    play.set_variables(beside.processInstanceKey, x=1)
    for job in play.jobs("cx2-x"):
        play.complete(job)
    assert play.ended(beside)


def evaluate(play: Play, key: int | None = None, **variables: Any) -> Any:
    fields: dict[str, Any] = {} if key is None else {"processDefinitionKey": key}
    return play.call("EvaluateConditional", variables=json.dumps(variables), **fields)


@published("conditional start event", PAGE, dialect="8.9")
def processes_start_for_every_condition_that_holds(play: Play) -> None:
    two = process(
        "cs1",
        start("s", condition("=x > 10")),
        start("z", condition("=x > 20")),
        END,
        END2,
        flows("s>e z>e2"),
    )
    play.deploy(two)
    other = play.deploy(
        process("cs2", start("s", condition("=x > 5")), task("a", "cs2"), END, flows("s>a>e")), name="o.bpmn"
    )
    assert len(evaluate(play, x=1).processInstances) == 0
    assert len(evaluate(play, x=11).processInstances) == 2
    assert len(evaluate(play, x=21).processInstances) == 3
    key = other.deployments[0].process.processDefinitionKey
    assert len(evaluate(play, key, x=21).processInstances) == 1
    assert json.loads(play.jobs("cs2", 1)[0].variables)["x"] == 11
    assert "NOT_FOUND" in evaluate(play, key + 1000, x=21)


@published("conditional start event", EVENTS, dialect="8.9")
def a_new_version_takes_the_place_of_the_one_before(play: Play) -> None:
    play.deploy(process("cs3", start("s", condition("=x > 5")), END, flows("s>e")))
    play.deploy(process("cs3", start("s", condition("=x > 10")), END, flows("s>e")))
    assert len(evaluate(play, x=6).processInstances) == 0
    assert len(evaluate(play, x=11).processInstances) == 1


@published("conditional start event", EVENTS, dialect="8.9")
def what_cannot_be_a_condition_is_refused(play: Play) -> None:
    none = "<conditionalEventDefinition/>"
    answers = [
        play.deploy(
            process(
                "cr1", start("s", condition("=x")), start("z", condition("=x")), END, END2, flows("s>e z>e2")
            )
        ),
        play.deploy(process("cr2", START, catch("c", none), END, flows("s>c>e"))),
        play.deploy(process("cr3", START, catch("c", condition("x > 1")), END, flows("s>c>e"))),
        play.deploy(process("cr4", START, catch("c", condition("=x >")), END, flows("s>c>e"))),
        play.deploy(bordered("cr5", "=x", on="delete")),
    ]
    assert all(isinstance(answer, Rejection) for answer in answers), answers


@published("conditional start event", EVENTS, dialect="8.8")
def lines_before_refuse_them_as_they_always_did(play: Play) -> None:
    answer = play.deploy(process("co1", START, catch("c", condition("=x")), END, flows("s>c>e")))
    assert "Event definition of this type is not supported" in answer
    assert "UNIMPLEMENTED" in evaluate(play, x=1)
