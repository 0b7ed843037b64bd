"""Compensation: what undoes completed activities, and when."""

from __future__ import annotations

from typing import Any

from tests.scenarios.engine.commands import migrate, modify
from tests.scenarios.engine.elements import ACTIVITIES, Kind, line
from tests.scenarios.engine.models import (
    END,
    START,
    begin,
    boundary,
    call,
    compensation_event,
    each,
    element,
    end,
    error,
    error_event,
    event_subprocess,
    flow_if,
    flows,
    handler,
    io,
    process,
    subprocess,
    task,
    throw,
    timer,
    undone_by,
)
from tests.scenarios.engine.play import Play, Rejection, Scenario
from tests.scenarios.engine.published import published, seen

EVENTS = "components/modeler/bpmn/compensation-events/"
HANDLERS = "components/modeler/bpmn/compensation-handler/"
THROWN = "compensation"
HANDLER = "compensation handlers"
ALL = throw("t", compensation_event())
END2 = '<endEvent id="e2"/>'


def undoable(id: str, type: str, *extra: str, inside: str = "") -> str:
    """A task and the task ``u<id>`` that undoes it, of job types ``<type>-<id>`` and ``<type>-u<id>``."""
    undo = handler(task(f"u{id}", f"{type}-u{id}", *extra))
    return task(id, f"{type}-{id}", inside=inside) + undone_by(id, f"u{id}") + undo


def subscriptions(play: Play, intent: str) -> list[str]:
    """The activities of the subscriptions that something happened to, in order."""
    return [
        r["value"]["compensableActivityId"]
        for r in play.records()
        if (r["valueType"], r["intent"]) == ("COMPENSATION_SUBSCRIPTION", intent)
    ]


@published(THROWN, EVENTS)
def a_throw_event_invokes_the_handler_and_waits_for_it(play: Play) -> None:
    play.deploy(process("co1", START, undoable("a", "co1"), ALL, END, flows("s>a>t>e")))
    instance = play.create("co1")
    assert not play.jobs("co1-ua")
    play.work("co1-a", x=1)
    assert "t" not in seen(play)
    play.work("co1-ua", y=2)
    assert play.ended(instance)
    assert seen(play)[-4:] == ["ua", "t", "e", "co1"]
    assert [subscriptions(play, intent) for intent in ("CREATED", "TRIGGERED", "COMPLETED")] == [["a"]] * 3


@published(THROWN, EVENTS)
def an_end_event_invokes_the_handlers_of_all_completed_activities_at_once(play: Play) -> None:
    fork = '<parallelGateway id="f"/>'
    play.deploy(
        process(
            "co2", START, fork, undoable("a", "co2"), undoable("b", "co2"), undoable("c", "co2"),
            end("e", compensation_event()), END2, flows("s>f>a>b>e f>c>e2"),
        )
    )  # fmt: skip
    instance = play.create("co2")
    play.work("co2-a")
    play.work("co2-b")
    (second,) = play.jobs("co2-ub")
    (first,) = play.jobs("co2-ua")
    assert not play.jobs("co2-uc")
    play.complete(second)
    assert "e" not in seen(play)
    play.complete(first)
    assert "e" in seen(play)
    play.work("co2-c")
    assert play.ended(instance)
    assert subscriptions(play, "DELETED") == ["c"]


@published(THROWN, EVENTS)
def without_anything_to_undo_a_throw_event_passes(play: Play) -> None:
    play.deploy(process("co3", START, ALL, undoable("a", "co3"), END, flows("s>t>a>e")))
    instance = play.create("co3")
    play.work("co3-a")
    assert play.ended(instance)
    assert subscriptions(play, "DELETED") == ["a"]
    play.cancel(play.create("co3"))


@published(THROWN, EVENTS)
def a_throw_event_can_name_the_activity(play: Play) -> None:
    first, second = throw("t1", compensation_event("b")), throw("t2", compensation_event("a"))
    play.deploy(
        process(
            "co4",
            START,
            undoable("a", "co4"),
            undoable("b", "co4"),
            first,
            second,
            END,
            flows("s>a>b>t1>t2>e"),
        )
    )
    instance = play.create("co4")
    play.work("co4-a")
    play.work("co4-b")
    assert not play.jobs("co4-ua")
    play.work("co4-ub")
    play.work("co4-ua")
    assert play.ended(instance)


@published(THROWN, EVENTS)
def what_was_undone_once_is_not_undone_again(play: Play) -> None:
    again = throw("t2", compensation_event())
    play.deploy(process("co5", START, undoable("a", "co5"), ALL, again, END, flows("s>a>t>t2>e")))
    instance = play.create("co5")
    play.work("co5-a")
    play.work("co5-ua")
    assert play.ended(instance)
    assert seen(play).count("ua") == 1


@published(HANDLER, HANDLERS)
def a_handler_is_invoked_as_often_as_its_activity_has_completed(play: Play) -> None:
    gates = '<exclusiveGateway id="m"/><exclusiveGateway id="g" default="g_t"/>'
    play.deploy(
        process(
            "co6", START, gates, undoable("a", "co6"), ALL, END, flow_if("g", "m", "=n < 2"), flows("s>m>a>g>t>e"),
        )
    )  # fmt: skip
    instance = play.create("co6", n=0)
    play.work("co6-a", n=1)
    play.work("co6-a", n=2)
    jobs = play.jobs("co6-ua")
    assert len(jobs) == 2
    for job in jobs:
        play.complete(job)
    assert play.ended(instance)


def nested(id: str, *after: str) -> tuple[str, ...]:
    """A sub-process in a sub-process, each with something to undo."""
    inner = subprocess(
        "q", '<startEvent id="qs"/>', undoable("b", id), '<endEvent id="qe"/>', flows("qs>b>qe"),
        extra=io("in =x + 1 -> y"),
    )  # fmt: skip
    outer = '<startEvent id="ps"/>', undoable("a", id), inner, *after, '<endEvent id="pe"/>'
    return (*outer, flows("ps>a>q>t1>pe" if after else "ps>a>q>pe"))


@published(THROWN, EVENTS)
def what_is_in_completed_sub_processes_is_undone_too_and_sees_their_variables(play: Play) -> None:
    inner = subprocess("p", *nested("co7"), extra=io("in =x -> z"))
    play.deploy(process("co7", START, inner, ALL, END, flows("s>p>t>e")))
    instance = play.create("co7", x=1)
    play.work("co7-a")
    play.work("co7-b")
    (first,), (second,) = play.jobs("co7-ua"), play.jobs("co7-ub")
    assert '"z":1' in first.variables
    assert '"y":2' in second.variables
    assert '"z":1' in second.variables
    play.complete(first)
    play.complete(second)
    assert play.ended(instance)


@published(THROWN, EVENTS)
def what_is_in_an_active_or_terminated_sub_process_is_not_undone(play: Play) -> None:
    inner = subprocess(
        "p", '<startEvent id="ps"/>', undoable("a", "co8"), task("w", "co8-w"), '<endEvent id="pe"/>',
        flows("ps>a>w>pe"),
    )  # fmt: skip
    border = boundary("bt", "p", timer("Duration", "PT10S"), "t")
    aside = boundary("bs", "p", timer("Duration", "PT5S"), "t2", interrupting=False)
    play.deploy(
        process(
            "co8", START, inner, border, aside, ALL, throw("t2", compensation_event()), END, END2,
            flows("s>p>e t>e2 t2>e2"),
        )
    )  # fmt: skip
    instance = play.create("co8")
    play.work("co8-a")
    play.advance(5)
    assert "t2" in seen(play)
    assert not play.jobs("co8-ua")
    play.advance(5)
    assert play.ended(instance)
    assert subscriptions(play, "DELETED") == ["a"]


@published(THROWN, EVENTS)
def a_throw_event_in_a_sub_process_stays_in_it(play: Play) -> None:
    inner = subprocess("p", *nested("co9", throw("t1", compensation_event())))
    play.deploy(process("co9", START, undoable("o", "co9"), inner, ALL, END, flows("s>o>p>t>e")))
    instance = play.create("co9", x=1)
    play.work("co9-o")
    play.work("co9-a")
    play.work("co9-b")
    play.work("co9-ua")
    assert not play.jobs("co9-uo")
    play.work("co9-ub")
    play.work("co9-uo")
    assert play.ended(instance)


@published(THROWN, EVENTS)
def the_sub_process_and_what_is_in_it_are_undone(play: Play) -> None:
    inner = subprocess(
        "p", '<startEvent id="ps"/>', undoable("a", "co10"), '<endEvent id="pe"/>', flows("ps>a>pe")
    )
    undo = undone_by("p", "up") + handler(task("up", "co10-up"))
    named = throw("t", compensation_event("p"))
    play.deploy(process("co10", START, inner, undo, named, END, flows("s>p>t>e")))
    instance = play.create("co10")
    play.work("co10-a")
    play.work("co10-up")
    assert not play.ended(instance)
    play.work("co10-ua")
    assert play.ended(instance)


@published(THROWN, EVENTS)
def a_multi_instance_activity_is_undone_once_when_all_runs_have_completed(play: Play) -> None:
    loop = each("=items", "item")
    play.deploy(process("co11", START, undoable("a", "co11", inside=loop), ALL, END, flows("s>a>t>e")))
    instance = play.create("co11", items=[1, 2])
    for job in play.jobs("co11-a"):
        play.complete(job)
    jobs = play.jobs("co11-ua")
    assert len(jobs) == 1
    play.complete(jobs[0])
    assert play.ended(instance)


@published(HANDLER, HANDLERS)
def a_multi_instance_handler_runs_for_each_item(play: Play) -> None:
    loop = each("=items", "item")
    undo = handler(task("ua", "co12-ua", inside=loop))
    play.deploy(
        process("co12", START, task("a", "co12-a"), undone_by("a", "ua"), undo, ALL, END, flows("s>a>t>e"))
    )
    instance = play.create("co12", items=[1, 2])
    play.work("co12-a")
    jobs = play.jobs("co12-ua")
    assert len(jobs) == 2
    for job in jobs:
        play.complete(job)
    assert play.ended(instance)


@published(THROWN, EVENTS)
def what_is_in_each_run_of_a_multi_instance_sub_process_is_undone_with_its_variables(play: Play) -> None:
    inner = subprocess(
        "p", '<startEvent id="ps"/>', undoable("a", "co13"), '<endEvent id="pe"/>', flows("ps>a>pe"),
        inside=each("=items", "item"),
    )  # fmt: skip
    play.deploy(process("co13", START, inner, ALL, END, flows("s>p>t>e")))
    instance = play.create("co13", items=["x", "y"])
    for job in play.jobs("co13-a"):
        play.complete(job)
    jobs = play.jobs("co13-ua")
    assert ['"item":"x"' in job.variables for job in jobs] == [True, False]
    for job in jobs:
        play.complete(job)
    assert play.ended(instance)


@published(THROWN, EVENTS)
def a_called_process_is_undone_by_the_handler_of_its_call_activity_alone(play: Play) -> None:
    play.deploy(process("co14-child", START, undoable("a", "co14"), END, flows("s>a>e")))
    play.deploy(process("co14-undo", START, task("w", "co14-w"), END, flows("s>w>e")))
    undo = undone_by("c", "uc") + handler(call("uc", "co14-undo"))
    play.deploy(process("co14", START, call("c", "co14-child"), undo, ALL, END, flows("s>c>t>e")))
    instance = play.create("co14")
    play.work("co14-a")
    assert not play.jobs("co14-ua")
    play.work("co14-w")
    assert play.ended(instance)


@published(HANDLER, HANDLERS)
def a_sub_process_is_a_handler(play: Play) -> None:
    undo = handler(
        subprocess(
            "ua", '<startEvent id="us"/>', task("w", "co15-w"), '<endEvent id="ue"/>', flows("us>w>ue")
        )
    )
    play.deploy(
        process("co15", START, task("a", "co15-a"), undone_by("a", "ua"), undo, ALL, END, flows("s>a>t>e"))
    )
    instance = play.create("co15")
    play.work("co15-a")
    play.work("co15-w", x=1)
    assert play.ended(instance)


@published(HANDLER, HANDLERS)
def a_handler_has_mappings_and_its_incident_is_resolved(play: Play) -> None:
    play.deploy(
        process(
            "co16", START, undoable("a", "co16", io("in =assert(x, x != null) -> y", "out =y -> undone")), ALL, END,
            flows("s>a>t>e"),
        )
    )  # fmt: skip
    instance = play.create("co16")
    play.work("co16-a")
    play.settle()
    play.set_variables(instance.processInstanceKey, x=1)
    play.resolve(play.incident())
    play.fail(play.jobs("co16-ua")[0], 0)
    play.call("UpdateJobRetries", jobKey=play.job(), retries=1)
    play.resolve(play.incident())
    play.work("co16-ua")
    assert play.ended(instance)


@published(HANDLER, HANDLERS)
def a_handler_goes_with_its_scope_and_is_not_invoked_again(play: Play) -> None:
    inner = subprocess(
        "p", '<startEvent id="ps"/>', undoable("a", "co17"), throw("t1", compensation_event()), '<endEvent id="pe"/>',
        flows("ps>a>t1>pe"),
    )  # fmt: skip
    border = boundary("be", "p", error_event("er"), "t")
    play.deploy(process("co17", START, inner, border, ALL, END, flows("s>p>t>e"), top=error("er", "X")))
    instance = play.create("co17")
    play.work("co17-a")
    play.throw(play.jobs("co17-ua")[0], "X")
    assert play.ended(instance)
    assert seen(play).count("ua") == 0
    other = play.create("co17")
    play.work("co17-a")
    play.cancel(other)
    assert subscriptions(play, "DELETED") == ["a", "a"]


@published(THROWN, EVENTS)
def an_event_sub_process_undoes_what_is_around_it(play: Play) -> None:
    for id_, named in (("co21", None), ("co22", "a")):
        back = end("xe", compensation_event(named))
        inside = event_subprocess(
            "x", begin("xs", error_event("er")), undoable("i", id_), back, flows("xs>i>xe")
        )
        parts = undoable("a", id_), undoable("b", id_), task("w", f"{id_}-w"), inside
        play.deploy(process(id_, START, *parts, END, flows("s>a>b>w>e"), top=error("er", "X")))
        instance = play.create(id_)
        play.work(f"{id_}-a")
        play.work(f"{id_}-b")
        play.throw(play.jobs(f"{id_}-w")[0], "X")
        play.work(f"{id_}-i")
        for name in ("ua", "ub", "ui") if named is None else ("ua",):
            assert not play.ended(instance)
            play.work(f"{id_}-{name}")
        assert play.ended(instance)


@published(THROWN, EVENTS)
def compensation_is_checked(play: Play) -> None:
    bare = element("boundaryEvent", "b", inside=compensation_event(), attachedToRef="a")
    gone = '<association id="as" sourceRef="b" targetRef="gone"/>'
    out = boundary("b", "a", compensation_event(), "e")
    later = ALL.replace("<compensateEventDefinition", '<compensateEventDefinition waitForCompletion="false"')
    hidden = subprocess("p", '<startEvent id="ps"/>', undoable("i", "co18"))
    for parts in (
        (task("a", "x"), bare, flows("s>a>e")),
        (task("a", "x"), bare, gone, flows("s>a>e")),
        (task("a", "x"), out, flows("s>a>e")),
        (undoable("a", "x"), later, flows("s>a>t>e")),
        (undoable("a", "x"), throw("t", compensation_event("gone")), flows("s>a>t>e")),
        (task("a", "x"), throw("t", compensation_event("a")), flows("s>a>t>e")),
        (hidden, throw("t", compensation_event("i")), flows("s>p>t>e")),
        (task("a", "x"), undone_by("a", "u"), handler(task("u", "y")), flows("s>a>u>e")),
        (
            task("a", "x"), undone_by("a", "u"), handler(task("u", "y")), boundary("bt", "u", timer("Duration", "PT1S"), "e"),
            flows("s>a>e"),
        ),
    ):  # fmt: skip
        assert isinstance(play.deploy(process("co18", START, *parts, END)), Rejection)


@published(THROWN, EVENTS)
def compensation_survives_modifications(play: Play) -> None:
    play.deploy(
        process("co19", START, undoable("a", "co19"), task("w", "co19-w"), ALL, END, flows("s>a>w>t>e"))
    )
    instance = play.create("co19")
    play.work("co19-a")
    modify(play, instance, "t", terminate=[play.element("w")])
    play.settle()
    modify(play, instance, terminate=[play.element("ua")])
    play.settle()
    assert play.ended(instance)


@published("compensation and migration", "components/concepts/process-instance-migration/")
def what_can_be_undone_migrates_with_its_event(play: Play) -> None:
    def model(id: str) -> str:
        parts = undoable("a", id), undoable("b", id), task("w", f"{id}-w"), ALL
        return process(id, START, *parts, END, flows("s>a>b>w>t>e"))

    play.deploy(model("co20"))
    target = play.deploy(model("co20-next"))
    instance = play.create("co20")
    play.work("co20-a")
    play.work("co20-b")
    migrate(play, instance, target, w="w", a_undo="a_undo")
    play.work("co20-w")
    assert not play.jobs("co20-next-ub")
    play.work("co20-next-ua")
    assert play.ended(instance)


def _undone(kind: Kind, name: str) -> Scenario:
    """An activity is undone by another of its kind."""

    def scenario(play: Play) -> None:
        kind.before(play, name)
        piece = kind.piece(name, "", "")
        undo = handler(_renamed(piece.xml))
        more = undone_by("a", "u") + undo + ALL
        model = line(name, piece, name, more).replace(flows("a>e"), flows("a>t>e"))
        play.deploy(model)
        instance: Any = play.create(name, k="k", items=[1, 2], x=6)
        kind.done(play, name)
        assert not play.ended(instance)
        kind.done(play, name)
        assert play.ended(instance)

    scenario.__name__ = f"{kind.name.replace('-', '_').replace(' ', '_')}_undone_by_another"
    return scenario


def _renamed(xml: str) -> str:
    """The piece with other ids."""
    for old in ("as_at", "at_ae", "as", "at", "ae", "a"):
        xml = xml.replace(f'"{old}"', f'"u{old[1:]}"')
    return xml


for _index, _kind in enumerate(ACTIVITIES):
    published(HANDLER, HANDLERS)(_undone(_kind, f"cou-{_index}"))
