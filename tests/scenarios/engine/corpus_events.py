"""Timers, messages, signals, links, event-based gateways."""

from __future__ import annotations

from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    catch,
    element,
    end,
    flows,
    io,
    message,
    message_event,
    process,
    signal,
    signal_event,
    start,
    subprocess,
    task,
    throw,
    timer,
)
from tests.scenarios.engine.play import Play, scenario

LINK = '<linkEventDefinition id="{id}" name="L"/>'


@scenario
def a_timer_catch_event_waits_for_its_time(play: Play) -> None:
    play.deploy(process("ti1", START, catch("t", timer("Duration", "PT10S")), END, flows("s>t>e")))
    play.create("ti1")
    play.advance(9)
    play.advance(1)


@scenario
def timer_expressions_must_give_a_time(play: Play) -> None:
    play.deploy(process("ti2", START, catch("t", timer("Duration", "=d")), END, flows("s>t>e")))
    for value in ("PT5S", "xx", 5):
        play.create("ti2", d=value)
    play.create("ti2")
    play.deploy(process("ti3", START, catch("t", timer("Date", "=d")), END, flows("s>t>e")))
    play.create("ti3", d="zz")
    play.create("ti3", d="2020-01-01T00:00:00Z")
    play.advance(1)


@scenario
def boundary_cycles_can_be_expressions(play: Play) -> None:
    border = boundary("b", "a", timer("Cycle", "=d"), "e2", interrupting=False)
    play.deploy(process("ti4", START, task("a", "ti4"), border, END, '<endEvent id="e2"/>', flows("s>a>e")))
    for value in ("zz", "R/PT1H", 5):
        play.create("ti4", d=value)


@scenario
def a_timer_start_event_starts_processes_until_another_version_comes(play: Play) -> None:
    play.deploy(process("ts1", start("s", timer("Cycle", "R3/PT30S")), END, flows("s>e")))
    play.advance(30)
    play.deploy(process("ts1", start("s", timer("Cycle", "R2/PT40S")), END, flows("s>e")))
    play.advance(40)
    play.deploy(process("ts1", START, END, flows("s>e")))
    play.create("ts1")


@scenario
def a_message_is_correlated_by_its_key(play: Play) -> None:
    caught = catch("m", message_event("msg"), io("out =a -> aa"))
    play.deploy(process("ms1", START, caught, END, flows("s>m>e"), top=message("msg", "ms1", "=k")))
    play.create("ms1", k="k1")
    play.publish("ms1", "other", ttl=0)
    play.publish("ms1", "k1", ttl=10_000, id="id1", a=1)
    play.publish("ms1", "k1", ttl=10_000, id="id1")
    play.publish("ms1", "k2", ttl=10_000, id="id1")
    play.advance(180)
    play.publish("ms1", "k1", ttl=1000, id="id1")
    play.advance(300)


@scenario
def a_buffered_message_is_correlated_once_per_process(play: Play) -> None:
    model = "<x/>"
    for id in ("ms2", "ms2-other"):
        model = process(
            id, START, catch("m", message_event("msg")), END, flows("s>m>e"), top=message("msg", "ms2", "=k")
        )
        play.deploy(model)
    play.publish("ms2", "k3", ttl=100_000, a=3)
    play.create("ms2", k="k3")
    play.settle()
    play.create("ms2", k="k3")
    play.settle()
    play.create("ms2-other", k="k3")
    play.settle()
    play.publish("ms2", "k3", a=4)
    play.advance(300)


@scenario
def a_correlation_key_is_a_text_or_a_number(play: Play) -> None:
    play.deploy(
        process(
            "ms3",
            START,
            catch("m", message_event("msg")),
            END,
            flows("s>m>e"),
            top=message("msg", "ms3", "=k"),
        )
    )
    instance = play.create("ms3", k=5)
    play.create("ms3", k=True)
    play.create("ms3")
    play.settle()
    play.cancel(instance)
    play.settle()


@scenario
def a_message_starts_one_process_per_key_at_a_time(play: Play) -> None:
    play.deploy(
        process(
            "mm1",
            start("s", message_event("msg")),
            task("a", "mm1"),
            END,
            flows("s>a>e"),
            top=message("msg", "mm1"),
        )
    )
    play.publish("mm1", q=1)
    play.publish("mm1", "c", ttl=100_000, q=2)
    play.publish("mm1", "c", ttl=100_000, q=3)
    jobs = play.jobs("mm1")
    play.complete(jobs[1])
    play.settle()
    play.jobs("mm1")
    play.deploy(process("mm1", START, task("a", "mm1"), END, flows("s>a>e")))
    play.publish("mm1", q=4)
    play.advance(300)


@scenario
def a_receive_task_and_its_boundary_message(play: Play) -> None:
    receive = element("receiveTask", "a", messageRef="msg")
    border = boundary("b", "a", message_event("msg2"), "e2", interrupting=False)
    play.deploy(
        process("rt1", START, receive, border, END, '<endEvent id="e2"/>', flows("s>a>e"),
                top=message("msg", "rt1", "=k") + message("msg2", "rt1-b", "=k"))
    )  # fmt: skip
    play.create("rt1", k="rr")
    play.settle()
    play.publish("rt1-b", "rr", a=3)
    play.publish("rt1-b", "rr", a=5)
    play.publish("rt1", "rr", a=4)


@scenario
def a_boundary_message_interrupts_a_task(play: Play) -> None:
    border = boundary("b", "a", message_event("msg"), "e2", io("out =v -> w"))
    play.deploy(
        process(
            "bm1",
            START,
            task("a", "bm1"),
            border,
            END,
            '<endEvent id="e2"/>',
            flows("s>a>e"),
            top=message("msg", "bm1", "=k"),
        )
    )
    play.create("bm1", k="x")
    play.settle()
    play.publish("bm1", "x", v=1)


@scenario
def boundary_signals_interrupt_or_not(play: Play) -> None:
    first = boundary("bi", "a", signal_event("s1"), "e2")
    second = boundary("bn", "a", signal_event("s2"), "e3", interrupting=False)
    play.deploy(
        process("bs1", START, task("a", "bs1"), first, second, END, '<endEvent id="e2"/><endEvent id="e3"/>', flows("s>a>e"),
                top=signal("s1", "bs1-i") + signal("s2", "bs1-n"))
    )  # fmt: skip
    play.create("bs1")
    play.broadcast("bs1-n", v=1)
    play.broadcast("bs1-n", v=2)
    play.broadcast("bs1-i", w=3)


def gateway(id: str) -> str:
    events = (
        catch("m", message_event("msg")),
        catch("t", timer("Duration", "PT50S")),
        catch("g", signal_event("sig"), io("out =v -> vv")),
    )
    chooser = element("eventBasedGateway", "c", out="c_m c_t c_g")
    top = message("msg", id, "=k") + signal("sig", id)
    return process(id, START, chooser, *events, END, flows("s>c c>m c>t c>g m>e t>e g>e"), top=top)


@scenario
def an_event_based_gateway_follows_the_first_event(play: Play) -> None:
    play.deploy(gateway("eg1"))
    play.create("eg1", k="1")
    play.settle()
    play.publish("eg1", "1", a=3)
    play.create("eg1", k="2")
    play.settle()
    play.broadcast("eg1", v=1)
    play.create("eg1", k="3")
    play.settle()
    play.advance(50)
    play.cancel(play.create("eg1", k="4"))
    play.settle()


@scenario
def signals_start_processes_and_are_thrown(play: Play) -> None:
    thrown = throw("t", signal_event("s2"), io("in =v+1 -> sent"))
    play.deploy(
        process("sg1", start("s", signal_event("s1")), thrown, end("e", signal_event("s3")), flows("s>t>e"),
                top=signal("s1", "sg1") + signal("s2", '="sg1"+"-x"') + signal("s3", "sg1-y"))
    )  # fmt: skip
    play.deploy(
        process("sg2", START, catch("c", signal_event("sx")), END, flows("s>c>e"), top=signal("sx", "sg1-x"))
    )
    play.create("sg2")
    play.broadcast("sg1", v=1)
    play.broadcast("sg1-nobody")


@scenario
def a_link_jumps(play: Play) -> None:
    play.deploy(
        process(
            "li1",
            START,
            throw("lt", LINK.format(id="l1")),
            catch("lc", LINK.format(id="l2")),
            END,
            flows("s>lt lc>e"),
        )
    )
    play.create("li1")


@scenario
def a_message_throw_event_is_a_job(play: Play) -> None:
    job = '<zeebe:taskDefinition type="mt-throw"/>'
    play.deploy(
        process("mt-throw", START, throw("t", message_event("msg"), job), end("e", message_event("msg"), job), flows("s>t>e"),
                top=message("msg", "mt-throw"))
    )  # fmt: skip
    play.create("mt-throw")
    play.work("mt-throw", a=1)
    play.work("mt-throw", b=2)


@scenario
def events_inside_a_sub_process_end_with_it(play: Play) -> None:
    inside = (
        '<startEvent id="ss"/>',
        catch("m", message_event("msg")),
        '<endEvent id="se"/>',
        flows("ss>m>se"),
    )
    border = boundary("b", "p", message_event("msg2"), "e2")
    play.deploy(
        process("es1", START, subprocess("p", *inside), border, END, '<endEvent id="e2"/>', flows("s>p>e"),
                top=message("msg", "es1", "=k") + message("msg2", "es1-b", "=k"))
    )  # fmt: skip
    play.create("es1", k="z")
    play.settle()
    play.publish("es1-b", "z")


@scenario
def start_event_mappings_shape_the_variables(play: Play) -> None:
    mapped = start("s", message_event("msg"), io("out =q*2 -> doubled"))
    play.deploy(process("sm1", mapped, task("a", "sm1"), END, flows("s>a>e"), top=message("msg", "sm1")))
    play.publish("sm1", q=2)
    play.jobs("sm1")
