"""Escalations: thrown and caught, by code or by none, across scopes and calls."""

from __future__ import annotations

from typing import Any

from tests.scenarios.engine.models import (
    END,
    START,
    begin,
    boundary,
    call,
    each,
    element,
    end,
    escalation,
    escalation_event,
    event_subprocess,
    flows,
    io,
    process,
    subprocess,
    task,
    throw,
)
from tests.scenarios.engine.play import Play, Rejection
from tests.scenarios.engine.published import published, seen

PAGE = "components/modeler/bpmn/escalation-events/"
THROWN = "escalation throw and end events"
BORDER = "escalation boundary event"
INSIDE = "event sub-process begun by an escalation"
END2 = '<endEvent id="e2"/>'
TOP = escalation("esc", "X") + escalation("other", "Y")


def thrower(name: str, *extra: str, code: str | None = "esc", last: str = "") -> str:
    """A sub-process that throws an escalation, and does a job after it."""
    inner = ('<startEvent id="ps"/>', throw("t", escalation_event(code), *extra), task("a", name),
             last or '<endEvent id="pe"/>', flows("ps>t>a>pe"))  # fmt: skip
    return subprocess("p", *inner)


def border(
    id: str, code: str | None, target: str = "e2", *, interrupting: bool = True, host: str = "p"
) -> str:
    return boundary(id, host, escalation_event(code), target, interrupting=interrupting)


def escalations(play: Play) -> list[tuple[str, str, str]]:
    """What became of each escalation: how it ended, its code, and what caught it."""
    return [
        (r["intent"], r["value"]["escalationCode"], r["value"]["catchElementId"])
        for r in play.records()
        if r["valueType"] == "ESCALATION"
    ]


@published(THROWN, PAGE)
def one_that_nobody_catches_changes_nothing(play: Play) -> None:
    play.deploy(
        process("es1-n", START, throw("t", escalation_event("esc")), end("e", escalation_event("other")), flows("s>t>e"),
                top=TOP)
    )  # fmt: skip
    assert play.ended(play.create("es1-n"))
    assert escalations(play) == [("NOT_ESCALATED", "X", ""), ("NOT_ESCALATED", "Y", "")]


@published(BORDER, PAGE)
def what_is_not_interrupted_goes_on_beside_the_way_of_the_catching_event(play: Play) -> None:
    play.deploy(
        process(
            "es2",
            START,
            thrower("es2"),
            border("b", "esc", interrupting=False),
            END,
            END2,
            flows("s>p>e"),
            top=TOP,
        )
    )
    instance = play.create("es2")
    assert "e2" in seen(play)
    assert not play.ended(instance)
    play.work("es2")
    assert play.ended(instance)
    assert escalations(play) == [("ESCALATED", "X", "b")]


@published(BORDER, PAGE)
def what_is_interrupted_is_left_without_the_flows_of_the_throwing_event(play: Play) -> None:
    play.deploy(process("es3", START, thrower("es3"), border("b", "esc"), END, END2, flows("s>p>e"), top=TOP))
    instance = play.create("es3")
    assert play.ended(instance)
    assert "t_a" not in seen(play, "SEQUENCE_FLOW_TAKEN")
    assert {"t", "p"} <= set(seen(play, "ELEMENT_TERMINATED"))


@published(BORDER, PAGE)
def the_code_decides_before_an_event_that_catches_all_and_the_nearest_scope_before_both(play: Play) -> None:
    both = border("all", None, "e2", interrupting=False), border("x", "esc", "e3", interrupting=False)
    ends = END + END2 + '<endEvent id="e3"/>'
    play.deploy(process("es4", START, thrower("es4"), *both, ends, flows("s>p>e"), top=TOP))
    play.deploy(process("es4-o", START, thrower("es4", code="other"), *both, ends, flows("s>p>e"), top=TOP))
    play.create("es4")
    play.create("es4-o")
    assert escalations(play) == [("ESCALATED", "X", "x"), ("ESCALATED", "Y", "all")]
    outer = subprocess("o", '<startEvent id="os"/>', thrower("es4"), border("near", None, "oe", interrupting=False),
                       '<endEvent id="oe"/>', flows("os>p>oe"))  # fmt: skip
    far = border("far", "esc", "e2", interrupting=False, host="o")
    play.deploy(process("es4-s", START, outer, far, END, END2, flows("s>o>e"), top=TOP))
    play.create("es4-s")
    assert escalations(play)[-1] == ("ESCALATED", "X", "near")


@published(THROWN, PAGE)
def a_code_can_be_an_expression_and_must_be_a_text(play: Play) -> None:
    top = escalation("esc", "=code") + escalation("caught", "X")
    last = end("pe", escalation_event("esc"), io('in ="X" -> code'))
    model = process("es5", START, thrower("es5", last=last), border("b", "caught", interrupting=False), END, END2,
                    flows("s>p>e"), top=top)  # fmt: skip
    play.deploy(model)
    instance = play.create("es5", code=5)
    play.settle()
    play.set_variables(instance.processInstanceKey, code="Z")
    play.resolve(play.incident())
    play.work("es5")
    assert play.ended(instance)
    assert escalations(play) == [("NOT_ESCALATED", "Z", ""), ("ESCALATED", "X", "b")]


@published(THROWN, PAGE)
def throwing_events_have_mappings(play: Play) -> None:
    model = process(
        "es6", START, throw("t", escalation_event("esc"), io("in =x + 1 -> y", "out =y * 2 -> z")), task("a", "es6"),
        END, flows("s>t>a>e"), top=TOP,
    )  # fmt: skip
    play.deploy(model)
    play.create("es6", x=1)
    assert '"z": 4' in play.jobs("es6")[0].variables.replace('"z":4', '"z": 4')


@published(BORDER, PAGE)
def calls_are_left_by_the_escalations_of_what_they_called(play: Play) -> None:
    play.deploy(
        process(
            "es7-c",
            START,
            throw("t", escalation_event("esc")),
            task("a", "es7"),
            END,
            flows("s>t>a>e"),
            top=TOP,
        )
    )
    for name, interrupting in (("es7", True), ("es7-n", False)):
        model = process(name, START, call("p", "es7-c"), border("b", "esc", interrupting=interrupting), END, END2,
                        flows("s>p>e"), top=TOP)  # fmt: skip
        play.deploy(model)
    assert play.ended(play.create("es7"))
    beside = play.create("es7-n")
    assert not play.ended(beside)
    play.work("es7")
    assert play.ended(beside)
    assert escalations(play) == [("ESCALATED", "X", "b")] * 2


@published(BORDER, PAGE)
def every_run_of_a_loop_escalates_to_the_border_of_the_loop(play: Play) -> None:
    inner = ('<startEvent id="ps"/>', end("pe", escalation_event("esc")), flows("ps>pe"))
    play.deploy(
        process("es8", START, subprocess("p", *inner, inside=each("=[1, 2]")), border("b", "esc", interrupting=False),
                END, END2, flows("s>p>e"), top=TOP)
    )  # fmt: skip
    assert play.ended(play.create("es8"))
    assert seen(play).count("b") == 2


def handler(code: str | None, *parts: str, interrupting: bool = True) -> str:
    return event_subprocess(
        "x", begin("xs", escalation_event(code), interrupting=interrupting), *parts or ('<endEvent id="xe"/>', flows("xs>xe"))
    )  # fmt: skip


@published(INSIDE, PAGE)
def it_begins_in_the_scope_of_the_throwing_event_and_interrupts_it_or_not(play: Play) -> None:
    for name, interrupting in (("es9", True), ("es9-n", False)):
        parts = (throw("t", escalation_event("esc")), task("a", "es9"), END, flows("s>t>a>e"))
        play.deploy(process(name, START, *parts, handler("esc", interrupting=interrupting), top=TOP))
    assert play.ended(play.create("es9"))
    beside = play.create("es9-n")
    play.work("es9")
    assert play.ended(beside)
    assert seen(play).count("x") == 2


@published(INSIDE, PAGE)
def it_is_nearer_than_the_border_and_does_not_catch_what_it_throws_itself(play: Play) -> None:
    again = (end("xe", escalation_event("esc")), flows("xs>xe"))
    inner = ('<startEvent id="ps"/>', end("pe", escalation_event("esc")), flows("ps>pe"))
    catching = handler(None, *again, interrupting=False)
    play.deploy(
        process("es10", START, subprocess("p", *inner, catching), border("b", "esc", interrupting=False), END, END2,
                flows("s>p>e"), top=TOP)
    )  # fmt: skip
    assert play.ended(play.create("es10"))
    assert escalations(play) == [("ESCALATED", "X", "xs"), ("ESCALATED", "X", "b")]


@published(INSIDE, PAGE)
def callers_begin_theirs_by_the_escalations_of_what_they_called(play: Play) -> None:
    play.deploy(process("es11-c", START, end("e", escalation_event("esc")), flows("s>e"), top=TOP))
    play.deploy(process("es11", START, call("c", "es11-c"), END, flows("s>c>e"), handler("esc"), top=TOP))
    assert play.ended(play.create("es11"))
    assert {"c", "es11-c"} <= set(seen(play, "ELEMENT_TERMINATED"))


@published(THROWN, PAGE)
def models_whose_escalations_cannot_be_are_refused(play: Play) -> None:
    def around(name: str, *parts: str, top: str = TOP) -> Any:
        return play.deploy(process(name, START, *parts, END2, flows("s>p>e"), END, top=top))

    task_ = element("serviceTask", "p", '<zeebe:taskDefinition type="t"/>')
    answers = [
        around("er1", thrower("er1", code=None)),
        around("er2", thrower("er2"), top='<escalation id="esc"/>'),
        around("er3", thrower("er3"), border("b", "esc"), border("c", "esc")),
        around("er4", thrower("er4"), border("b", None), border("c", None)),
        around("er5", thrower("er5"), border("b", "esc"), top=escalation("esc", "=x")),
        around("er6", task_, border("b", "esc")),
        around("er7", thrower("er7"), handler("esc"), handler("esc").replace('"x', '"y')),
        play.deploy(process("er8", f'<startEvent id="s">{escalation_event("esc")}</startEvent>', END, flows("s>e"), top=TOP)),
    ]  # fmt: skip
    assert all(isinstance(answer, Rejection) for answer in answers), answers
    accepted = around("er9", thrower("er9"), border("b", "none"), top=TOP + '<escalation id="none"/>')
    assert not isinstance(accepted, Rejection)
