"""Timers: dates, durations, cycles and cron expressions, on starts, catches and boundaries; and timers that race."""

from __future__ import annotations

from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    catch,
    each,
    element,
    error,
    error_event,
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
    timer,
)
from tests.scenarios.engine.play import Play, scenario

END2 = '<endEvent id="e2"/>'
SOON = '=now() + duration("PT20S")'


def begun(id: str, kind: str, text: str) -> str:
    return process(id, start("s", timer(kind, text), io("out =1 -> x")), END, flows("s>e"))


def waited(id: str, kind: str, text: str) -> str:
    return process(id, START, catch("t", timer(kind, text)), END, flows("s>t>e"))


def bordered(id: str, kind: str, text: str, *, interrupting: bool = False) -> str:
    border = boundary("b", "a", timer(kind, text), "e2", interrupting=interrupting)
    return process(id, START, task("a", id), border, END, END2, flows("s>a>e"))


@scenario
def a_start_at_a_date(play: Play) -> None:
    play.deploy(begun("tm1", "Date", SOON))
    play.advance(25)
    play.deploy(begun("tm1-past", "Date", "2020-01-01T00:00:00Z"))
    play.advance(1)
    play.deploy(begun("tm1-far", "Date", "2090-01-01T00:00:00+02:00"))


@scenario
def a_start_that_repeats(play: Play) -> None:
    play.deploy(begun("tm2", "Cycle", "R2/PT20S"))
    play.advance(20)
    play.advance(20)
    play.advance(20)
    play.deploy(begun("tm2-ever", "Cycle", "R/PT1H"))
    play.deploy(begun("tm2-from", "Cycle", "R2/2020-01-01T00:00:00Z/PT30M"))
    play.advance(1)
    play.deploy(begun("tm2-cron", "Cycle", "0 0 0 1 1 *"))
    play.deploy(begun("tm2-year", "Cycle", "@yearly"))
    play.deploy(begun("tm2-bad", "Cycle", "0 0 0 1 *"))
    play.deploy(begun("tm2-worse", "Cycle", "0 0 0 32 1 *"))
    play.deploy(begun("tm2-none", "Cycle", "R0/PT20S"))


@scenario
def the_timer_of_a_start_ends_with_its_definition(play: Play) -> None:
    deployed = play.deploy(begun("tm3", "Cycle", "R/PT20S"))
    play.advance(20)
    play.call("DeleteResource", resourceKey=deployed.deployments[0].process.processDefinitionKey)
    play.settle()
    play.advance(20)


@scenario
def catches_take_durations_and_dates(play: Play) -> None:
    for index, (kind, text) in enumerate(
        (
            ("Duration", "PT0S"),
            ("Duration", "-PT5S"),
            ("Duration", '=duration("PT200S")'),
            ("Duration", '="PT" + string(n) + "S"'),
            ("Date", '=now() + duration("PT200S")'),
            ("Date", "2020-01-01T00:00:00Z"),
            ("Date", '=date and time("2020-01-01T00:00:00Z")'),
        )
    ):
        play.deploy(waited(f"tm4-{index}", kind, text))
        play.create(f"tm4-{index}", n=200)
        play.advance(1)
        play.advance(1)  # one that is due at once needs its time
    play.advance(210)


@scenario
def cycles_at_a_boundary(play: Play) -> None:
    for index, text in enumerate(
        ("R1/PT20S", "R3/PT20S", "R/PT20S", "R2/2020-01-01T00:00:00Z/PT20S", "0 0 0 1 1 *")
    ):
        play.deploy(bordered(f"tm6-{index}", "Cycle", text))
        play.create(f"tm6-{index}")
    play.settle()
    play.advance(20)
    for index in range(3):
        play.work(f"tm6-{index}")
    play.settle()
    play.advance(20)


@scenario
def dates_and_durations_at_a_boundary(play: Play) -> None:
    for index, (kind, text) in enumerate(
        (("Date", SOON), ("Duration", "PT20S"), ("Duration", "=d"), ("Date", "2020-01-01T00:00:00Z"))
    ):
        for interrupting in (True, False):
            id = f"tm7-{index}-{interrupting}"
            play.deploy(bordered(id, kind, text, interrupting=interrupting))
            play.create(id, d="PT10S")
            play.settle()
            if kind == "Date":
                play.advance(1)
    play.advance(25)


@scenario
def timers_of_runs_fire_in_the_order_of_their_times(play: Play) -> None:
    inner = (
        '<startEvent id="ps"/>',
        catch("t", timer("Duration", "=item")),
        '<endEvent id="pe"/>',
        flows("ps>t>pe"),
    )
    loop = each("=items", "item", results="res", result="=item")
    play.deploy(process("tm8", START, subprocess("p", *inner, inside=loop), END, flows("s>p>e")))
    play.create("tm8", items=["PT40S", "PT20S", "PT30S", "PT0S"])
    for _ in range(4):
        play.advance(10)


@scenario
def boundary_events_of_every_kind_race(play: Play) -> None:
    """The timers are due together; what comes first decides, what does not interrupt goes on."""
    borders = (
        boundary("b1", "a", timer("Duration", "PT20S"), "e1", interrupting=False),
        boundary("b2", "a", timer("Duration", "PT20S"), "e2"),
        boundary("b3", "a", timer("Duration", "PT20S"), "e3"),
        boundary("b4", "a", message_event("msg"), "e4", interrupting=False),
        boundary("b5", "a", signal_event("sig"), "e5"),
        boundary("b6", "a", error_event("err"), "e6"),
    )
    ends = "".join(f'<endEvent id="e{n}"/>' for n in range(1, 4)) + "".join(
        f"{task(f'e{n}', f'tm9-{n}')}" for n in range(4, 7)
    )
    top = message("msg", "tm9", "=k") + signal("sig", "tm9") + error("err", "X")
    play.deploy(process("tm9", START, task("a", "tm9"), *borders, ends, END, flows("s>a>e"), top=top))
    play.create("tm9", k="1")
    play.settle()
    play.publish("tm9", "1")
    play.advance(20)
    play.work("tm9-4")
    play.create("tm9", k="2")
    play.settle()
    job = play.jobs("tm9")[-1]
    play.publish("tm9", "2")
    play.broadcast("tm9")
    play.throw(job, "X")
    play.create("tm9", k="3")
    play.settle()
    job = play.jobs("tm9")[-1]
    play.throw(job, "X")
    play.settle()
    play.complete(job)
    play.broadcast("tm9")
    play.advance(20)


@scenario
def a_choice_among_timers_messages_and_signals(play: Play) -> None:
    events = (
        catch("t1", timer("Duration", "PT20S"), io("out =1 -> w")),
        catch("t2", timer("Date", "=d")),
        catch("m1", message_event("m1"), io("out =v -> w")),
        catch("m2", message_event("m2")),
        catch("g1", signal_event("g1")),
        catch("g2", signal_event("g2")),
    )
    ids = ("t1", "t2", "m1", "m2", "g1", "g2")
    gate = element("eventBasedGateway", "g", out=" ".join(f"g_{id}" for id in ids))
    top = (
        message("m1", "tm10-1", "=k")
        + message("m2", "tm10-2", "=k")
        + signal("g1", "tm10-1")
        + signal("g2", "tm10-2")
    )
    play.deploy(
        process(
            "tm10", START, gate, *events, END, flows("s>g " + " ".join(f"g>{id}>e" for id in ids)), top=top
        )
    )
    later = "2090-01-01T00:00:00Z"
    play.create("tm10", k="1", d=later)
    play.create("tm10", k="2", d=later)
    play.settle()
    play.publish("tm10-2", "1", v=1)
    play.publish("tm10-1", "2", v=2)
    play.create("tm10", k="3", d=later)
    play.settle()
    play.broadcast("tm10-2", v=3)
    play.create("tm10", k="4", d="2020-01-01T00:00:00Z")
    play.advance(1)
    play.create("tm10", k="5", d=later)
    play.advance(20)


@scenario
def a_choice_that_cannot_wait_is_mended(play: Play) -> None:
    events = (
        catch("t", timer("Duration", "=d")),
        catch("m", message_event("msg")),
        catch("g", signal_event("sig")),
    )
    gate = element("eventBasedGateway", "c", out="c_t c_m c_g")
    top = message("msg", "tm11", "=k") + signal("sig", "=n")
    play.deploy(process("tm11", START, gate, *events, END, flows("s>c c>t>e c>m>e c>g>e"), top=top))
    values = {"d": "PT20S", "k": "a", "n": "tm11"}
    for name, value in values.items():
        instance = play.create("tm11", **{**values, name: None})
        play.settle()
        play.set_variables(instance.processInstanceKey, **{name: value})
        play.resolve(play.incident())
    instance = play.create("tm11", **{**values, "n": None})
    play.settle()
    play.cancel(instance)
    play.broadcast("tm11")
