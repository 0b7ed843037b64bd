"""Migration: what goes along, what is closed and opened, and what is refused."""

from __future__ import annotations

from tests.scenarios.engine.commands import migrate
from tests.scenarios.engine.elements import loop_of
from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    call,
    catch,
    each,
    element,
    error,
    error_event,
    flows,
    message,
    message_event,
    process,
    signal,
    signal_event,
    subprocess,
    task,
    timer,
)
from tests.scenarios.engine.play import Play, scenario

END2 = '<endEvent id="e2"/>'


def bordered(id: str, host: str, borders: dict[str, str], names: str, *, interrupting: bool = False) -> str:
    """A task with boundary events: message, signal and timer by the name's first letter."""
    parts, ends, top = "", "", ""
    for border in borders:
        kind = {"m": message_event, "g": signal_event}.get(border[0])
        definition = kind(f"ref-{border}") if kind else timer("Duration", "PT20S")
        parts += boundary(border, host, definition, f"{border}e", interrupting=interrupting)
        ends += f'<endEvent id="{border}e"/>'
        if border[0] == "m":
            top += message(f"ref-{border}", f"{names}-{borders[border]}", "=k")
        elif border[0] == "g":
            top += signal(f"ref-{border}", f"{names}-{borders[border]}")
    return process(id, START, task(host, names), parts, ends, END, flows(f"s>{host}>e"), top=top)


@scenario
def boundary_events_go_along_or_are_closed_and_opened(play: Play) -> None:
    old = {"m1": "m1", "m2": "m2", "g1": "g1", "g2": "g2", "t1": "t1", "t2": "t2"}
    new = {"m3": "m3", "m4": "m4", "g3": "g3", "g4": "g4", "t3": "t3", "t4": "t4"}
    play.deploy(bordered("mi1", "a", old, "mi1"))
    target = play.deploy(bordered("mi1-next", "b", new, "mi1"))
    instance = play.create("mi1", k="k")
    migrate(play, instance, target, a="b", m1="m3", g1="g3", t1="t3")
    play.settle()
    for name in ("m1", "m2", "m3", "m4"):
        play.publish(f"mi1-{name}", "k")
    for name in ("g1", "g2", "g3", "g4"):
        play.broadcast(f"mi1-{name}")
    play.advance(20)
    play.work("mi1")


@scenario
def boundary_events_that_interrupt_go_along(play: Play) -> None:
    play.deploy(bordered("mi2", "a", {"m1": "m"}, "mi2", interrupting=True))
    target = play.deploy(bordered("mi2-next", "a", {"m1": "m"}, "mi2", interrupting=True))
    instance = play.create("mi2", k="k")
    migrate(play, instance, target, a="a")
    migrate(play, instance, target, a="a", m1="m1")
    play.settle()
    play.publish("mi2-m", "k")
    play.publish("mi2-m", "k")


@scenario
def events_of_other_kinds_are_no_targets(play: Play) -> None:
    play.deploy(bordered("mi3", "a", {"m1": "m", "t1": "t"}, "mi3"))
    target = play.deploy(bordered("mi3-next", "a", {"g1": "g", "t1": "t"}, "mi3"))
    instance = play.create("mi3", k="k")
    migrate(play, instance, target, a="a", m1="g1")
    migrate(play, instance, target, a="a", t1="a")
    migrate(play, instance, target, a="g1")
    migrate(play, instance, target, m1="g1")
    migrate(play, instance, target, a="a", s="s")
    migrate(play, instance, target, a="a", e="e")


@scenario
def choices_go_along(play: Play) -> None:
    def model(id: str, gate: str, *ids: str) -> str:
        events = (
            catch(ids[0], timer("Duration", "PT20S"))
            + catch(ids[1], message_event("msg"))
            + catch(ids[2], signal_event("sig"))
        )
        chain = " ".join(f"{gate}>{each}>e" for each in ids)
        top = message("msg", "mi4", "=k") + signal("sig", "mi4")
        chooser = element("eventBasedGateway", gate, out=" ".join(f"{gate}_{each}" for each in ids))
        return process(id, START, chooser, events, END, flows(f"s>{gate} {chain}"), top=top)

    play.deploy(model("mi4", "g", "t", "m", "x"))
    target = play.deploy(model("mi4-next", "g2", "t2", "m2", "x2"))
    for key in ("a", "b"):
        instance = play.create("mi4", k=key)
        migrate(play, instance, target, g="g2")
        migrate(play, instance, target, g="g2", m="m2")
        migrate(play, instance, target, g="g2", t="t2", m="m2", x="x2")
        play.settle()
        if key == "a":
            play.publish("mi4", key)
    play.broadcast("mi4")


@scenario
def runs_go_along_with_their_body(play: Play) -> None:
    def model(id: str, name: str, inside: str) -> str:
        border = boundary("b", name, message_event("msg"), "e2")
        top = message("msg", "mi5", "=k")
        return process(
            id, START, task(name, "mi5", inside=inside), border, END, END2, flows(f"s>{name}>e"), top=top
        )

    one_by_one = each("=items", "one", sequential=True, results="all", result="=r")
    play.deploy(model("mi5", "a", loop_of("mi5")))
    same = play.deploy(model("mi5-same", "a2", loop_of("mi5")))
    plain = play.deploy(model("mi5-plain", "a", ""))
    serial = play.deploy(model("mi5-serial", "a", one_by_one))
    instance = play.create("mi5", k="k", items=[1, 2])
    play.settle()
    migrate(play, instance, plain, a="a", b="b")
    migrate(play, instance, serial, a="a", b="b")
    migrate(play, instance, same, a="a2", b="b")
    for job in play.jobs("mi5"):
        play.complete(job, r=1)
    back = play.create("mi5-plain", k="k", items=[1])
    migrate(play, back, same, a="a2", b="b")
    other = play.create("mi5-serial", k="k", items=[1, 2])
    play.settle()
    migrate(play, other, same, a="a2", b="b")
    migrate(play, other, serial, a="a", b="b")


@scenario
def scopes_and_calls_go_along(play: Play) -> None:
    def model(id: str, sub: str, called: str) -> str:
        inside = (
            '<startEvent id="ps"/>',
            call(called, "mi6-child"),
            '<endEvent id="pe"/>',
            flows(f"ps>{called}>pe"),
        )
        border = boundary("b", sub, error_event("err"), "e2")
        return process(
            id, START, subprocess(sub, *inside), border, END, END2, flows(f"s>{sub}>e"), top=error("err", "X")
        )

    play.deploy(process("mi6-child", START, task("a", "mi6"), END, flows("s>a>e")))
    play.deploy(model("mi6", "p", "c"))
    target = play.deploy(model("mi6-next", "p2", "c2"))
    flat = play.deploy(process("mi6-flat", START, call("c", "mi6-child"), END, flows("s>c>e")))
    for code in ("", "X"):
        instance = play.create("mi6")
        play.settle()
        migrate(play, instance, flat, c="c", p="c")
        migrate(play, instance, flat, c="c")
        migrate(play, instance, target, c="c2")
        migrate(play, instance, target, c="c2", p="p2")
        job = play.jobs("mi6", 1)[0]
        migrate(play, job, target, a="c2")
        if code:
            play.throw(job, code)
        else:
            play.complete(job)


@scenario
def incidents_go_along(play: Play) -> None:
    def model(id: str, name: str) -> str:
        return process(
            id,
            START,
            catch(name, message_event("msg")),
            END,
            flows(f"s>{name}>e"),
            top=message("msg", "mi7", "=k"),
        )

    play.deploy(model("mi7", "m"))
    target = play.deploy(model("mi7-next", "n"))
    instance = play.create("mi7")
    migrate(play, instance, target, m="n")
    play.set_variables(instance.processInstanceKey, k="k")
    play.resolve(play.incident())
    play.publish("mi7", "k")
    play.deploy(process("mi7-job", START, task("a", "mi7"), END, flows("s>a>e")))
    jobs = play.deploy(process("mi7-job2", START, task("b", "mi7-other"), END, flows("s>b>e")))
    other = play.create("mi7-job")
    play.fail(play.jobs("mi7")[0], 0)
    migrate(play, other, jobs, a="b")
    play.call("UpdateJobRetries", jobKey=play.job(), retries=1)
    play.resolve(play.incident())
    play.work("mi7")


@scenario
def what_waits_at_a_gateway_keeps_an_instance(play: Play) -> None:
    def model(id: str) -> str:
        gates = '<parallelGateway id="f"/><parallelGateway id="j"/>'
        return process(
            id, START, gates, task("a", "mi8-a"), task("b", "mi8-b"), END, flows("s>f f>a>j f>b>j j>e")
        )

    play.deploy(model("mi8"))
    target = play.deploy(model("mi8-next"))
    instance = play.create("mi8")
    play.work("mi8-a")
    migrate(play, instance, target, b="b")
    migrate(play, instance, target, b="b", j="j")
    play.work("mi8-b")


@scenario
def an_instance_goes_to_a_version_of_its_own_process(play: Play) -> None:
    first = play.deploy(process("mi9", START, task("a", "mi9-a"), END, flows("s>a>e")))
    second = play.deploy(process("mi9", START, task("a", "mi9-b"), task("z", "mi9-z"), END, flows("s>a>z>e")))
    one = play.create("mi9")
    migrate(play, one, first, a="a")
    migrate(play, one, first, a="a", z="a")
    other = play.call("CreateProcessInstance", bpmnProcessId="mi9", version=1)
    migrate(play, other, second, a="a")
    play.work("mi9-a")
    play.work("mi9-z")
    migrate(play, other, second, a="a")
