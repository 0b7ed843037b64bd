"""Scopes inside each other: calls, runs, sub-processes, their errors, ends, mappings and variables."""

from __future__ import annotations

from tests.scenarios.engine.commands import mend
from tests.scenarios.engine.elements import LINK, TERMINATE
from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    call,
    catch,
    each,
    element,
    end,
    error,
    error_event,
    flow_if,
    flows,
    io,
    message,
    message_event,
    process,
    subprocess,
    task,
    throw,
    timer,
)
from tests.scenarios.engine.play import Play, scenario

END2 = '<endEvent id="e2"/>'
ERROR = error("err", "X")
LOOP = each("=items", "item", results="res", result="=r")


def child(id: str, *parts: str, chain: str = "s>a>e", top: str = ERROR) -> str:
    return process(id, START, *(parts or (task("a", id),)), END, flows(chain), top=top)


@scenario
def what_calls_hand_in_and_out(play: Play) -> None:
    script = element("scriptTask", "a", '<zeebe:script expression="=[x, y]" resultVariable="r"/>')
    play.deploy(child("sc1-child", script))
    for index, mapped in enumerate(
        ("", io("in =x -> y"), io("out =r -> o"), io("in =x + 1 -> x", "in =x -> y", "out =r -> o"))
    ):
        for inwards in ("true", "false"):
            for outwards in ("true", "false"):
                id = f"sc1-{index}-{inwards}-{outwards}"
                values = {"propagateAllParentVariables": inwards, "propagateAllChildVariables": outwards}
                play.deploy(child(id, call("a", "sc1-child", mapped, **values)))
                play.create(id, x=1)


@scenario
def runs_that_call_and_hand_out_nothing(play: Play) -> None:
    play.deploy(child("sc2-child"))
    values = {"propagateAllParentVariables": "false", "propagateAllChildVariables": "false"}
    mapped = io("in =item -> y", "out =v -> r")
    play.deploy(child("sc2", call("a", "sc2-child", mapped, inside=LOOP, **values)))
    play.create("sc2", items=["a", "b"], x=1)
    jobs = play.jobs("sc2-child")
    play.complete(jobs[1], v=20, w=1)
    play.complete(jobs[0], v=10, w=2)


@scenario
def an_error_of_one_called_process_ends_all_runs(play: Play) -> None:
    play.deploy(child("sc3-child"))
    border = boundary("b", "a", error_event("err"), "e2", io("out =v -> w"))
    play.deploy(child("sc3", call("a", "sc3-child", inside=LOOP), border, END2))
    play.create("sc3", items=[1, 2, 3])
    jobs = play.jobs("sc3-child")
    play.complete(jobs[0], r=1)
    play.throw(jobs[1], "X", v=5)
    play.settle()
    play.complete(jobs[2])


@scenario
def an_error_goes_through_several_calls_to_the_nearest_that_fits(play: Play) -> None:
    play.deploy(child("sc4-3"))
    other = error("other", "Y")
    inner = boundary("b", "a", error_event("other"), "e2")
    play.deploy(child("sc4-2", call("a", "sc4-3"), inner, END2, top=ERROR + other))
    border = boundary("b", "a", error_event("err"), "e2") + boundary("c", "a", error_event(), "e3")
    play.deploy(child("sc4-1", call("a", "sc4-2"), border, END2, '<endEvent id="e3"/>'))
    for code in ("X", "Y", "Z"):
        play.create("sc4-1")
        play.throw(play.jobs("sc4-3", 1)[0], code, v=1)
        play.settle()


@scenario
def an_error_that_nobody_catches_waits_in_the_called_process(play: Play) -> None:
    failing = subprocess("a", '<startEvent id="as"/>', end("ae", error_event("err")), flows("as>ae"))
    play.deploy(child("sc5-child", failing))
    border = boundary("b", "a", error_event("other"), "e2")
    play.deploy(child("sc5", call("a", "sc5-child"), border, END2, top=ERROR + error("other", "Y")))
    instance = play.create("sc5")
    play.settle()
    play.resolve(play.incident())
    play.cancel(instance)


@scenario
def codes_of_thrown_errors_can_be_expressions(play: Play) -> None:
    caught = boundary("b", "a", error_event("err"), "e2")
    play.deploy(child("sc6-caught", task("a", "sc6"), caught, END2, top=error("err", "=code")))
    border = boundary("b", "p", error_event("err"), "e2")
    inside = ('<startEvent id="ps"/>', end("pe", error_event("thrown")), flows("ps>pe"))
    parts = (START, subprocess("p", *inside), border, END, END2, flows("s>p>e"))
    play.deploy(process("sc6", *parts, top=error("err", "C1") + error("thrown", '="C" + n')))
    play.create("sc6", n="1")
    instance = play.create("sc6", n=2)
    mend(play, instance.processInstanceKey, n="1")
    other = play.create("sc6", n="2")
    mend(play, other.processInstanceKey, n="1")


@scenario
def a_called_process_that_fails_is_ended_with_its_caller(play: Play) -> None:
    play.deploy(child("sc7-child", task("a", "sc7-child", io("in =assert(x, x != null) -> y"))))
    border = boundary("b", "a", timer("Duration", "PT20S"), "e2")
    play.deploy(child("sc7", call("a", "sc7-child"), border, END2))
    instance = play.create("sc7")
    play.create("sc7")
    play.settle()
    play.cancel(instance)
    play.advance(20)


@scenario
def called_processes_that_are_missing_or_have_no_start(play: Play) -> None:
    play.deploy(child("sc8", call("a", "=item", inside=LOOP)))
    begun = element("startEvent", "s", inside=timer("Cycle", "R1/P1D"))
    play.deploy(process("sc8-timed", begun, END, flows("s>e")))
    instance = play.create("sc8", items=["sc8-missing", "sc8-timed"])
    play.settle()
    play.deploy(process("sc8-timed", START, END, flows("s>e")))
    play.resolve(play.incident())
    play.cancel(instance)


@scenario
def runs_inside_runs(play: Play) -> None:
    inner = each("=item", "one", sequential=True, results="inner", result="=one * 10")
    script = element("scriptTask", "a", '<zeebe:script expression="=one" resultVariable="x"/>', inside=inner)
    inside = ('<startEvent id="ps"/>', script, '<endEvent id="pe"/>', flows("ps>a>pe"))
    outer = each("=items", "item", results="res", result="=inner")
    play.deploy(child("sc9", subprocess("p", *inside, inside=outer), chain="s>p>e"))
    play.create("sc9", items=[[1, 2], [], [3]])


@scenario
def the_collection_changes_while_runs_go_on(play: Play) -> None:
    loop = each("=items", "item", sequential=True, results="res", result="=[item, r, loopCounter]")
    play.deploy(child("sc10", task("a", "sc10", inside=loop)))
    instance = play.create("sc10", items=[1, 2, 3])
    play.set_variables(instance.processInstanceKey, items=[10, 20])
    play.work("sc10", r=1)
    play.work("sc10", r=2)
    for job in play.jobs("sc10"):
        play.complete(job, r=3)


@scenario
def the_counters_of_runs(play: Play) -> None:
    counts = {"Instances": 4, "ActiveInstances": 2, "CompletedInstances": 2, "TerminatedInstances": 0}
    until = "=" + " and ".join(f"numberOf{what} = {count}" for what, count in counts.items())
    for index, sequential in enumerate((False, True)):
        loop = each("=items", "item", sequential=sequential, results="res", result="=r", until=until)
        play.deploy(child(f"sc11-{index}", task("a", f"sc11-{index}", inside=loop)))
        play.create(f"sc11-{index}", items=[1, 2, 3, 4])
        for job in play.jobs(f"sc11-{index}", 2):
            play.complete(job, r=index)
        play.jobs(f"sc11-{index}")


@scenario
def incidents_of_runs(play: Play) -> None:
    plain = each("=items", "item", results="res", result="=assert(r, r != null)", until="=done")
    play.deploy(child("sc12", task("a", "sc12", io("in =assert(item, item != null) -> x"), inside=plain)))
    instance = play.create("sc12", done="no")
    mend(play, instance.processInstanceKey, items=[1, None])
    play.settle()
    play.set_variables(play.element("a"), True, item=5)
    play.resolve(play.incident())
    play.work("sc12")
    play.set_variables(instance.processInstanceKey, r=7)
    play.resolve(play.incident())
    play.resolve(play.incident())
    play.set_variables(instance.processInstanceKey, done=True)
    play.resolve(play.incident())


@scenario
def variables_are_set_in_scopes_of_every_kind(play: Play) -> None:
    play.deploy(child("sc13-child"))
    inside = ('<startEvent id="ps"/>', call("c", "sc13-child"), '<endEvent id="pe"/>', flows("ps>c>pe"))
    play.deploy(child("sc13", subprocess("p", *inside, extra=io("in =1 -> x"), inside=LOOP), chain="s>p>e"))
    instance = play.create("sc13", items=[1], x=0)
    play.settle()
    body = min(int(r["key"]) for r in play.records() if r["value"].get("elementId") == "p" and r["key"] > 0)
    scopes = (play.element("a"), play.element("c"), play.element("p"), body, instance.processInstanceKey)
    for number, key in enumerate(scopes):
        play.set_variables(key, x=number, fresh=number, item=number)
        play.set_variables(key, True, x=-number, own=number)
    play.set_variables(play.element("ps"), x=1)
    play.work("sc13-child", r=3)


@scenario
def a_terminate_end_ends_runs_calls_and_what_boundary_events_began(play: Play) -> None:
    play.deploy(child("sc14-child"))
    border = boundary("b", "c", message_event("msg"), "w", interrupting=False)
    inside = (
        '<startEvent id="ps"/><parallelGateway id="f"/>',
        call("c", "sc14-child"), border, task("w", "sc14-w"), task("t", "sc14-t"),
        end("pt", TERMINATE), '<endEvent id="pe"/><endEvent id="we"/>',
        flows("ps>f f>c>pe f>t>pt w>we"),
    )  # fmt: skip
    play.deploy(
        child("sc14", subprocess("p", *inside, inside=LOOP), chain="s>p>e", top=message("msg", "sc14", "=k"))
    )
    play.create("sc14", items=[1, 2], k="a")
    play.settle()
    play.publish("sc14", "a")
    for job in play.jobs("sc14-t"):
        play.complete(job)
        play.settle()


@scenario
def an_error_end_of_one_run_ends_the_others(play: Play) -> None:
    inside = (
        '<startEvent id="ps"/><exclusiveGateway id="g" default="g_a"/>',
        task("a", "sc15"), '<endEvent id="pe"/>', end("px", error_event("err")),
        flow_if("g", "px", "=item = 2"), flows("ps>g g>a>pe"),
    )  # fmt: skip
    border = boundary("b", "p", error_event("err"), "e2")
    loop = each("=items", "item", results="res", result="=item")
    play.deploy(child("sc15", subprocess("p", *inside, inside=loop), border, END2, chain="s>p>e"))
    play.create("sc15", items=[1, 2, 3])
    play.settle()


@scenario
def links_jump_within_their_scope(play: Play) -> None:
    inside = (
        '<startEvent id="ps"/><exclusiveGateway id="g" default="g_l1"/>',
        throw("l1", LINK.format(id="d1")), throw("l2", LINK.format(id="d2")), catch("l3", LINK.format(id="d3")),
        element("scriptTask", "a", '<zeebe:script expression="=i + 1" resultVariable="i"/>'),
        '<exclusiveGateway id="h" default="h_pe"/><endEvent id="pe"/>',
        flow_if("g", "l2", "=i > 0"), flow_if("h", "g", "=i = 1"), flows("ps>g g>l1 l3>a>h h>pe"),
    )  # fmt: skip
    play.deploy(child("sc16", subprocess("p", *inside), chain="s>p>e"))
    play.create("sc16", i=0)


@scenario
def boundary_events_of_nested_scopes(play: Play) -> None:
    inner = subprocess(
        "q",
        '<startEvent id="qs"/>',
        task("a", "sc17"),
        '<endEvent id="qe"/>',
        flows("qs>a>qe"),
        extra=io("in =k -> kk"),
    )
    soft = boundary("qb", "q", message_event("soft"), "w", io("out =v -> seen"), interrupting=False)
    inside = (
        '<startEvent id="ps"/>',
        inner,
        soft,
        task("w", "sc17-w"),
        '<endEvent id="pe"/><endEvent id="we"/>',
        flows("ps>q>pe w>we"),
    )
    hard = boundary("pb", "p", message_event("hard"), "e2")
    again = boundary("pn", "p", timer("Cycle", "R2/PT20S"), "e3", interrupting=False)
    top = message("soft", "sc17-soft", "=k") + message("hard", "sc17-hard", "=k")
    parts = (subprocess("p", *inside), hard, again, END2, '<endEvent id="e3"/>')
    play.deploy(child("sc17", *parts, chain="s>p>e", top=top))
    for key in ("a", "b"):
        play.create("sc17", k=key)
        play.settle()
        play.publish("sc17-soft", key, v=1)
        play.publish("sc17-soft", key, v=2)
    play.advance(20)
    for job in play.jobs("sc17", 1):
        play.complete(job)
    play.publish("sc17-hard", "b")
    for job in play.jobs("sc17-w"):
        play.complete(job)
    play.settle()
    play.publish("sc17-hard", "a")


@scenario
def mappings_of_starts_and_ends_inside(play: Play) -> None:
    begun = element("startEvent", "ps", io("out =x + 1 -> y"))
    ended = element("endEvent", "pe", io("in =y + 1 -> z", "out =z -> q"))
    play.deploy(
        child(
            "sc18",
            subprocess("p", begun, ended, flows("ps>pe"), extra=io("in =x -> y", "out =q -> w")),
            chain="s>p>e",
        )
    )
    play.create("sc18", x=1)
    failing = element("startEvent", "s", io("out =assert(x, x != null) -> y"))
    play.deploy(process("sc18-fails", failing, END, flows("s>e")))
    instance = play.create("sc18-fails")
    mend(play, instance.processInstanceKey, x=1)
