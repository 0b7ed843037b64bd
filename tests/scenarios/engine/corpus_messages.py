"""Messages: how long they wait, whom they reach, what is refused on the way; and signals, which reach all at once."""

from __future__ import annotations

from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    catch,
    each,
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
    timer,
)
from tests.scenarios.engine.play import Play, scenario

END2 = '<endEvent id="e2"/>'
MESSAGE = message_event("msg")


def caught(id: str, name: str, key: str = "=k") -> str:
    return process(id, START, catch("m", MESSAGE), END, flows("s>m>e"), top=message("msg", name, key))


@scenario
def a_message_waits_as_long_as_it_lives(play: Play) -> None:
    play.deploy(caught("me1", "me1"))
    play.publish("me1", "a", ttl=3_600_000, v=1)
    play.publish("me1", "b", ttl=1000, v=2)
    play.publish("me1", "c", v=3)
    play.advance(120)
    for key in ("a", "b", "c"):
        play.create("me1", k=key)
        play.settle()


@scenario
def the_oldest_of_several_messages_comes_first(play: Play) -> None:
    play.deploy(
        process("me2", START, catch("m", MESSAGE, io("out =v -> first")), catch("n", MESSAGE, io("out =v -> second")), END,
                flows("s>m>n>e"), top=message("msg", "me2", "=k"))
    )  # fmt: skip
    for v in (1, 2, 3):
        play.publish("me2", "a", ttl=3_600_000, v=v)
    play.create("me2", k="a")
    play.settle()
    play.create("me2", k="a")
    play.settle()


@scenario
def an_id_of_a_message_is_free_again_when_the_message_is_gone(play: Play) -> None:
    play.publish("me3", "a", id="one")
    play.publish("me3", "a", id="one", ttl=3_600_000)
    play.publish("me3", "a", id="one")
    play.publish("me3", "a", id="two", ttl=3_600_000)
    play.publish("me3-other", "a", id="one", ttl=1000)
    play.publish("me3", "", id="one", ttl=1000)
    play.advance(120)
    play.publish("me3-other", "a", id="one")


@scenario
def a_message_reaches_each_process_once(play: Play) -> None:
    play.deploy(caught("me4", "me4"))
    play.deploy(caught("me4-other", "me4"))
    play.deploy(process("me4-start", start("s", MESSAGE), END, flows("s>e"), top=message("msg", "me4")))
    for _ in range(2):
        play.create("me4", k="a")
        play.create("me4-other", k="a")
    play.settle()
    play.publish("me4", "a", ttl=3_600_000, v=1)
    play.publish("me4", "a", ttl=3_600_000, v=2)


@scenario
def a_started_process_catches_the_next_message_of_its_key(play: Play) -> None:
    top = message("msg", "me5", "=k")
    play.deploy(process("me5", start("s", MESSAGE), catch("m", MESSAGE), END, flows("s>m>e"), top=top))
    play.publish("me5", "a", ttl=3_600_000, k="a", v=1)
    play.publish("me5", "a", ttl=3_600_000, v=2)
    play.publish("me5", "a", v=3)


@scenario
def messages_that_expire_start_nothing_later(play: Play) -> None:
    top = message("msg", "me6")
    play.deploy(process("me6", start("s", MESSAGE), task("a", "me6"), END, flows("s>a>e"), top=top))
    play.publish("me6", "a", v=1)
    play.publish("me6", "a", ttl=1000, v=2)
    play.publish("me6", "a", ttl=3_600_000, id="x", v=3)
    play.publish("me6", "a", ttl=3_600_000, id="x", v=4)
    play.publish("me6", "b", v=5)
    play.advance(120)
    play.work("me6")
    play.settle()
    play.work("me6")
    play.settle()


@scenario
def a_buffered_message_does_not_start_what_is_deployed_later(play: Play) -> None:
    play.publish("me7", "a", ttl=3_600_000, v=1)
    top = message("msg", "me7")
    play.deploy(process("me7", start("s", MESSAGE), END, flows("s>e"), top=top))
    play.settle()
    play.publish("me7", "a", v=2)
    play.deploy(
        process("me7", start("s", message_event("x")), END, flows("s>e"), top=message("x", "me7-new"))
    )
    play.publish("me7", "a", v=3)
    play.publish("me7-new", "a", v=4)


@scenario
def of_two_messages_at_once_the_second_is_refused_and_reaches_another(play: Play) -> None:
    top = message("m1", "me8-1", "=k") + message("m2", "me8-2", "=k")
    first, second = (
        boundary("b1", "a", message_event("m1"), "e2"),
        boundary("b2", "a", message_event("m2"), "e3"),
    )
    ends = END2 + '<endEvent id="e3"/>'
    play.deploy(process("me8", START, task("a", "me8"), first, second, END, ends, flows("s>a>e"), top=top))
    play.publish("me8-1", "a", ttl=3_600_000, v=1)
    play.publish("me8-2", "a", ttl=3_600_000, v=2)
    play.create("me8", k="a")
    play.settle()
    play.create("me8", k="a")
    play.settle()


@scenario
def an_event_based_gateway_takes_one_of_two_waiting_messages(play: Play) -> None:
    top = message("m1", "me9-1", "=k") + message("m2", "me9-2", "=k")
    gate = element("eventBasedGateway", "g", out="g_c1 g_c2")
    events = catch("c1", message_event("m1"), io("out =v -> one")) + catch("c2", message_event("m2"))
    play.deploy(process("me9", START, gate, events, END, flows("s>g g>c1>e g>c2>e"), top=top))
    play.publish("me9-2", "a", ttl=3_600_000, v=2)
    play.publish("me9-1", "a", ttl=3_600_000, v=1)
    for _ in range(2):
        play.create("me9", k="a")
        play.settle()


@scenario
def buffered_messages_come_one_after_the_other_to_a_boundary_event(play: Play) -> None:
    border = boundary("b", "a", MESSAGE, "e2", io("out =v -> seen"), interrupting=False)
    top = message("msg", "me10", "=k")
    play.deploy(process("me10", START, task("a", "me10"), border, END, END2, flows("s>a>e"), top=top))
    play.publish("me10", "a", ttl=3_600_000, v=1)
    play.publish("me10", "a", ttl=3_600_000, v=2)
    play.create("me10", k="a")
    play.settle()
    play.publish("me10", "a", v=3)
    play.work("me10")
    play.settle()
    play.publish("me10", "a", v=4)


@scenario
def names_of_messages_and_signals_can_be_expressions(play: Play) -> None:
    top = message("msg", '="me11-" + n', "=k") + signal("sig", '="me11-" + n')
    chain = catch("m", MESSAGE) + catch("g", signal_event("sig"))
    play.deploy(process("me11", START, chain, END, flows("s>m>g>e"), top=top))
    instance = play.create("me11", n="a", k=7)
    play.settle()
    play.publish("me11-a", "7", n="b")
    play.broadcast("me11-a")
    play.broadcast("me11-b")
    other = play.create("me11", n=5, k=7)
    play.settle()
    play.set_variables(other.processInstanceKey, n="c")
    play.resolve(play.incident())
    play.publish("me11-c", "7", n=None)
    play.set_variables(other.processInstanceKey, n="d")
    play.resolve(play.incident())
    play.broadcast("me11-d")
    assert instance != other


@scenario
def a_correlation_key_that_is_missing_is_mended(play: Play) -> None:
    top = message("msg", "me12", "=k")
    receive = element("receiveTask", "r", messageRef="msg")
    border = boundary("b", "a", MESSAGE, "e2")
    play.deploy(process("me12-c", START, catch("m", MESSAGE), END, flows("s>m>e"), top=top))
    play.deploy(process("me12-r", START, receive, END, flows("s>r>e"), top=top))
    play.deploy(process("me12-b", START, task("a", "me12"), border, END, END2, flows("s>a>e"), top=top))
    for id in ("me12-c", "me12-r", "me12-b"):
        instance = play.create(id)
        play.settle()
        play.resolve(play.incident())
        play.set_variables(instance.processInstanceKey, k="a")
        play.resolve(play.incident())
    play.publish("me12", "a", v=1)


@scenario
def each_run_waits_for_its_own_key(play: Play) -> None:
    loop = each("=items", "item", results="res", result="=v")
    receive = element("receiveTask", "r", inside=loop, messageRef="msg")
    play.deploy(process("me13", START, receive, END, flows("s>r>e"), top=message("msg", "me13", "=item")))
    play.create("me13", items=["a", "b", "b"])
    play.settle()
    play.publish("me13", "b", v=1)
    play.publish("me13", "a", v=2)
    play.publish("me13", "c", v=3)
    play.publish("me13", "b", v=4)


@scenario
def a_process_with_a_start_of_each_kind(play: Play) -> None:
    starts = (
        '<startEvent id="s0"/>',
        start("s1", MESSAGE, io("out =v * 2 -> w")),
        start("s2", signal_event("sig"), io("out =v * 3 -> w")),
        start("s3", timer("Cycle", "R1/PT20S"), io("out =1 -> w")),
        start("s4", message_event("m2")),
    )
    top = message("msg", "me14") + message("m2", "me14-2") + signal("sig", "me14")
    play.deploy(
        process("me14", *starts, task("a", "me14"), END, flows("s0>a s1>a s2>a s3>a s4>a a>e"), top=top)
    )
    play.create("me14", v=1)
    play.publish("me14", v=2)
    play.broadcast("me14", v=3)
    play.publish("me14-2", v=4)
    play.advance(20)
    play.jobs("me14")


@scenario
def a_signal_reaches_all_at_once(play: Play) -> None:
    sig = signal_event("sig")
    top = signal("sig", "si1")
    play.deploy(process("si1-start", start("s", sig), END, flows("s>e"), top=top))
    play.deploy(process("si1-catch", START, catch("c", sig), END, flows("s>c>e"), top=top))
    borders = boundary("b", "a", sig, "e2", interrupting=False)
    play.deploy(process("si1-task", START, task("a", "si1"), borders, END, END2, flows("s>a>e"), top=top))
    gate = element("eventBasedGateway", "g", out="g_c g_t")
    events = catch("c", sig) + catch("t", timer("Duration", "PT1H"))
    play.deploy(process("si1-gate", START, gate, events, END, flows("s>g g>c>e g>t>e"), top=top))
    for id in ("si1-catch", "si1-task", "si1-gate", "si1-catch"):
        play.create(id)
    play.settle()
    play.broadcast("si1", v=1)
    play.broadcast("si1", v=2)


@scenario
def a_thrown_signal_starts_and_ends_others(play: Play) -> None:
    top = signal("sig", "si2")
    inner = ('<startEvent id="ps"/>', task("a", "si2"), '<endEvent id="pe"/>', flows("ps>a>pe"))
    border = boundary("b", "p", signal_event("sig"), "e2")
    fork = '<parallelGateway id="f"/>'
    play.deploy(
        process("si2", START, fork, subprocess("p", *inner), border, END, END2, task("w", "si2-w"), end("t", signal_event("sig")),
                flows("s>f f>p f>w w>t p>e"), top=top)
    )  # fmt: skip
    play.deploy(process("si2-start", start("s", signal_event("sig")), END, flows("s>e"), top=top))
    play.create("si2")
    play.work("si2-w", v=1)
    play.settle()


@scenario
def a_signal_start_is_of_the_latest_version(play: Play) -> None:
    first = process("si3", start("s", signal_event("sig")), END, flows("s>e"), top=signal("sig", "si3-1"))
    play.deploy(first)
    key = play.deploy(first.replace("si3-1", "si3-2")).deployments[0].process.processDefinitionKey
    play.broadcast("si3-1")
    play.broadcast("si3-2")
    play.call("DeleteResource", resourceKey=key)
    play.settle()
    play.broadcast("si3-1")
    play.broadcast("si3-2")
