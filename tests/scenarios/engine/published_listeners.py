"""Execution listeners: when they are asked, what they read and set, and how they fail."""

from __future__ import annotations

from tests.scenarios.engine.commands import mend, modify
from tests.scenarios.engine.elements import KINDS, Kind, tops
from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    each,
    element,
    end,
    error,
    error_event,
    extensions,
    flow_if,
    flows,
    headers,
    io,
    message,
    process,
    start,
    subprocess,
    task,
    timer,
)
from tests.scenarios.engine.play import Play, Rejection
from tests.scenarios.engine.published import published, seen

PAGE = "components/concepts/execution-listeners/"
FEATURE = "execution listener"
NEW = "execution listener of 8.8"
END2 = '<endEvent id="e2"/>'


def listeners(*wanted: str) -> str:
    """``"start x"`` and ``"end =y 5"``: the event, the job type, and retries if not the default."""
    found = []
    for each_ in wanted:
        event, kind, *retries = each_.split()
        more = f' retries="{retries[0]}"' if retries else ""
        found.append(f'<zeebe:executionListener eventType="{event}" type="{kind}"{more}/>')
    return f"<zeebe:executionListeners>{''.join(found)}</zeebe:executionListeners>"


def one(id: str, *wanted: str, extra: str = "", inside: str = "") -> str:
    return process(id, START, task("a", id, listeners(*wanted), extra, inside=inside), END, flows("s>a>e"))


def made(play: Play, intent: str = "CREATED") -> list[tuple[str, str, str]]:
    """Type, kind and event of the jobs with records of that intent."""
    return [
        (value["type"], value["jobKind"], value["jobListenerEventType"])
        for value in (r["value"] for r in play.records() if r["valueType"] == "JOB" and r["intent"] == intent)
    ]


def variable(play: Play, name: str) -> list[tuple[str, str]]:
    """The values that a variable was given, each with the element of its scope."""
    records = play.records()
    elements = {r["key"]: r["value"]["elementId"] for r in records if r["valueType"] == "PROCESS_INSTANCE"}
    return [
        (elements[r["value"]["scopeKey"]], r["value"]["value"])
        for r in records
        if r["valueType"] == "VARIABLE" and r["value"]["name"] == name
    ]


@published(FEATURE, PAGE)
def listeners_are_asked_one_after_the_other_around_what_a_task_does(play: Play) -> None:
    play.deploy(one("el1", "start s1", "end e1", "start s2", "end e2"))
    play.create("el1")
    for kind in ("s1", "s2", "el1", "e1"):
        play.work(kind)
    assert seen(play, "ELEMENT_COMPLETING")[-1] == "a"
    assert not seen(play, "ELEMENT_COMPLETED")[1:]
    play.work("e2")
    kinds = [(kind, event) for kind, _, event in made(play)]
    assert kinds == [("s1", "START"), ("s2", "START"), ("el1", "UNSPECIFIED"), ("e1", "END"), ("e2", "END")]
    assert seen(play)[-1] == "el1"


@published(FEATURE, PAGE)
def a_start_listener_reads_input_mappings_and_sets_variables_of_the_element(play: Play) -> None:
    play.deploy(one("el2", "start s1", "start s2", extra=io("in =x + 1 -> y")))
    play.create("el2", x=1)
    (job,) = play.jobs("s1")
    assert '"y":2' in job.variables
    play.complete(job, z=3)
    (job,) = play.jobs("s2")
    assert '"z":3' in job.variables
    play.complete(job, y=4)
    (job,) = play.jobs("el2")
    assert '"y":4' in job.variables
    play.complete(job)
    assert variable(play, "z") == [("a", "3")]


@published(FEATURE, PAGE)
def an_end_listener_reads_output_mappings_and_sets_variables_of_the_scope(play: Play) -> None:
    play.deploy(one("el3", "end e1", "end e2", extra=io("out =r + 1 -> o")))
    play.create("el3")
    play.work("el3", r=1)
    (job,) = play.jobs("e1")
    assert '"o":2' in job.variables
    play.complete(job, p=3)
    (job,) = play.jobs("e2")
    assert '"p":3' in job.variables
    play.complete(job)
    assert variable(play, "p") == [("el3", "3")]


@published(FEATURE, PAGE)
def a_process_has_listeners_too(play: Play) -> None:
    around = extensions(listeners("start s1", "end e1"))
    play.deploy(process("el4", around, START, task("a", "el4"), END, flows("s>a>e")))
    play.create("el4", x=1)
    assert not seen(play, "ELEMENT_ACTIVATED")
    play.work("s1", y=2)
    play.work("el4")
    assert "el4" not in seen(play)
    play.work("e1", z=3)
    assert seen(play)[-1] == "el4"
    assert variable(play, "y") + variable(play, "z") == [("el4", "2"), ("el4", "3")]


@published(FEATURE, PAGE)
def a_process_with_listeners_is_called_and_answers(play: Play) -> None:
    around = extensions(listeners("start s1", "end e1"))
    called = process("el5c", around, START, END, flows("s>e"))
    calls = element("callActivity", "c", '<zeebe:calledElement processId="el5c"/>', listeners("end e2"))
    play.deploy(called, process("el5", START, calls, END, flows("s>c>e")))
    play.create("el5")
    for kind in ("s1", "e1", "e2"):
        play.work(kind, **{kind: kind})
    assert seen(play)[-1] == "el5"
    assert ("el5", '"e1"') in variable(play, "e1")


@published(FEATURE, PAGE)
def a_start_listener_of_a_gateway_chooses_the_way(play: Play) -> None:
    gate = element("exclusiveGateway", "g", listeners("start s1"), default="g_e")
    model = process("el6", START, gate, END, END2, flows("s>g>e"), flow_if("g", "e2", "=x > 5"))
    play.deploy(model.replace('id="g"', 'id="g"'))
    play.create("el6")
    play.work("s1", x=9)
    assert seen(play)[-2:] == ["e2", "el6"]


@published(FEATURE, PAGE)
def parallel_and_event_based_gateways_have_start_listeners(play: Play) -> None:
    fork = element("parallelGateway", "f", listeners("start s1"))
    join = element("parallelGateway", "j", listeners("start s2"))
    choice = element("eventBasedGateway", "g", listeners("start s3"), out="g_c g_d")
    wait = element(
        "intermediateCatchEvent", "c", inside='<messageEventDefinition messageRef="m"/>'
    ) + element("intermediateCatchEvent", "d", inside=timer("Duration", "PT10S"))
    chain = flows("s>f f>a>j f>j j>g g>c>e g>d>e")
    parts = (START, fork, '<manualTask id="a"/>', join, choice, wait, END, chain)
    play.deploy(process("el19", *parts, top=message("m", "el19", "=key")))
    play.create("el19")
    play.work("s1")
    play.work("s2")
    play.work("s3", key="k")
    play.publish("el19", "k")
    assert seen(play)[-1] == "el19"


@published(FEATURE, PAGE)
def a_failed_listener_is_tried_again_and_raises_an_incident_in_the_end(play: Play) -> None:
    play.deploy(one("el7", "start s1", "start s2 2", "end e1"))
    play.create("el7")
    play.work("s1")
    play.fail(play.jobs("s2")[0], 1, errorMessage="no")
    (job,) = play.jobs("s2")
    play.fail(job, 0, errorMessage="no")
    play.call("UpdateJobRetries", jobKey=job.key, retries=1)
    play.resolve(play.incident())
    play.work("s2")
    play.work("el7")
    play.work("e1")
    assert [kind for kind, _, _ in made(play)] == ["s1", "s2", "el7", "e1"]
    assert seen(play)[-1] == "el7"


@published(FEATURE, PAGE)
def listeners_are_asked_again_after_an_expression_of_one_has_failed(play: Play) -> None:
    play.deploy(one("el8", "start s1", "start =kind =n", "end e1", "end =last"))
    instance = play.create("el8", kind=1, n=1).processInstanceKey
    play.work("s1")
    mend(play, instance, kind="s2", n="x")
    play.work("s1")
    play.set_variables(instance, n=2)
    play.resolve(play.incident())
    play.work("s1")
    play.work("s2")
    play.work("el8")
    play.work("e1")
    play.set_variables(instance, last="e2")
    play.resolve(play.incident())
    play.work("e1")
    play.work("e2")
    assert seen(play)[-1] == "el8"


@published(FEATURE, PAGE)
def a_listener_cannot_throw_an_error(play: Play) -> None:
    caught = boundary("b", "a", error_event("err"), "e2")
    a = task("a", "el9", listeners("start s1"))
    play.deploy(process("el9", START, a, caught, END, END2, flows("s>a>e"), top=error("err", "X")))
    play.create("el9")
    (job,) = play.jobs("s1")
    assert isinstance(play.throw(job, "X"), Rejection)
    play.complete(job)
    play.throw(play.jobs("el9")[0], "X")
    assert seen(play)[-2:] == ["e2", "el9"]


@published(FEATURE, PAGE)
def a_listener_that_is_waited_for_goes_with_its_element(play: Play) -> None:
    around = subprocess(
        "sub", START.replace('"s"', '"is"'), task("a", "el10", listeners("end e1")), flows("is>a")
    )
    late = boundary("b", "sub", timer("Duration", "PT10S"), "e2")
    play.deploy(process("el10", START, around, late, END, END2, flows("s>sub>e")))
    play.create("el10")
    play.work("el10")
    (job,) = play.jobs("e1")
    play.advance(11)
    assert isinstance(play.complete(job), Rejection)
    assert made(play, "CANCELED") == [("e1", "EXECUTION_LISTENER", "END")]
    assert seen(play)[-2:] == ["e2", "el10"]


@published(FEATURE, PAGE)
def a_boundary_event_is_not_waited_for_before_the_start_listeners_are_done(play: Play) -> None:
    late = boundary("b", "a", timer("Duration", "PT10S"), "e2")
    a = task("a", "el11", listeners("start s1"))
    play.deploy(process("el11", START, a, late, END, END2, flows("s>a>e")))
    play.create("el11")
    play.advance(11)
    assert "b" not in seen(play)
    play.work("s1")
    play.advance(11)
    assert seen(play)[-2:] == ["e2", "el11"]


@published(FEATURE, PAGE)
def each_run_of_a_multi_instance_has_listeners_of_its_own(play: Play) -> None:
    loop = each("=items", "item", results="all", result="=r")
    play.deploy(one("el12", "start s1", "end e1", inside=loop))
    play.create("el12", items=[1, 2])
    for kind in ("s1", "s1", "el12", "el12"):
        play.work(kind)
    for job in play.jobs("e1"):
        play.complete(job, r=7)
    assert len(made(play)) == 6
    assert seen(play)[-1] == "el12"


@published(FEATURE, PAGE)
def start_listeners_of_events_come_before_what_they_wait_for_is_known(play: Play) -> None:
    wait = element(
        "intermediateCatchEvent", "c", listeners("start s1", "end e1"),
        inside='<messageEventDefinition messageRef="m"/>',
    )  # fmt: skip
    play.deploy(process("el13", START, wait, END, flows("s>c>e"), top=message("m", "el13", "=key")))
    play.create("el13")
    play.work("s1", key="k")
    play.publish("el13", "k", x=1)
    play.work("e1")
    assert seen(play)[-1] == "el13"


@published(FEATURE, PAGE)
def start_events_and_boundary_events_have_end_listeners(play: Play) -> None:
    begin = start("s", "", listeners("end e0"))
    late = boundary("b", "a", timer("Duration", "PT10S"), "e2", listeners("end e1"))
    play.deploy(process("el14", begin, task("a", "el14"), late, END, END2, flows("s>a>e")))
    play.create("el14")
    play.work("e0")
    play.advance(11)
    play.work("e1")
    assert seen(play)[-2:] == ["e2", "el14"]


@published(FEATURE, PAGE)
def a_native_user_task_has_execution_listeners(play: Play) -> None:
    who = '<zeebe:assignmentDefinition assignee="=who"/>'
    task_ = element("userTask", "a", "<zeebe:userTask/>", who, listeners("start s1", "end e1"))
    play.deploy(process("el15", START, task_, END, flows("s>a>e")))
    play.create("el15")
    play.work("s1", who="ann")
    play.rest("POST", f"/user-tasks/{play.user_task()}/completion", {"variables": {"ok": True}})
    play.work("e1")
    assert seen(play)[-1] == "el15"


@published(FEATURE, PAGE)
def a_modification_activates_an_element_with_its_listeners_and_ends_one(play: Play) -> None:
    play.deploy(
        process(
            "el16", START, task("a", "el16", listeners("start s1")), task("b", "el16", listeners("start s2")),
            END, flows("s>a>b>e"),
        )
    )  # fmt: skip
    instance = play.create("el16")
    modify(play, instance, "b", terminate=[play.element("a")])
    play.work("s2")
    play.work("el16")
    assert made(play, "CANCELED") == [("s1", "EXECUTION_LISTENER", "START")]
    assert seen(play)[-1] == "el16"


@published(FEATURE, PAGE)
def listeners_where_there_can_be_none_are_refused(play: Play) -> None:
    late = boundary("b", "a", timer("Duration", "PT10S"), "e2", listeners("start x"))
    bad = end("e3", error_event("err"), listeners("end x"))
    gate = element("exclusiveGateway", "g", listeners("end x"))
    begin = start("s", "", listeners("start x"))
    twice = task("a", "t", listeners("start x", "start x", "end x"))
    untyped = task("u", "t", listeners("end x").replace(' type="x"', ""))
    model = process(
        "el17", begin, untyped, twice, late, gate, END2, bad, flows("s>u>a>g>e3"), top=error("err", "X")
    )
    refused = str(play.deploy(model))
    for text in (
        "'start' are not supported by start events",
        "'start' are not supported by boundary events",
        "'end' are not supported by gateway element",
        "'end' are not supported by [error] end events",
        "Found '2' duplicates based on eventType[start] and type[x], these combinations should be unique.",
        "Attribute 'type' must be present and not empty",
    ):
        assert text in refused, refused


@published(NEW, PAGE, dialect="8.8")
def since_8_8_a_listener_gets_the_headers_of_its_element_and_its_own(play: Play) -> None:
    own = headers(a="listener", c="3")
    wanted = (
        f'<zeebe:executionListeners><zeebe:executionListener eventType="start" type="s1">{own}'
        "</zeebe:executionListener></zeebe:executionListeners>"
    )
    play.deploy(
        process("el18", START, task("a", "el18", wanted, headers(a="task", b="2")), END, flows("s>a>e"))
    )
    play.create("el18")
    (job,) = play.jobs("s1")
    assert job.customHeaders == '{"a":"listener","b":"2","c":"3"}'
    assert (job.kind, job.listenerEventType) == (1, 5)
    play.complete(job)
    play.work("el18")


#: Kinds of elements that can have listeners at their start, and at their end.
_SOME = [kind for kind in KINDS if "gateway" not in kind.name]
_STARTS = {kind.name for kind in _SOME if "boundary" not in kind.name}
_ENDS = {kind.name for kind in _SOME if kind.name != "error end"}


def _add(kind: Kind) -> None:
    """Every kind of element, with a listener before it and one after it."""
    name = f"el-{kind.name.replace(' ', '-')}"
    wanted = [event for event, names in (("start", _STARTS), ("end", _ENDS)) if kind.name in names]

    def played(play: Play) -> None:
        piece = kind.piece(name, listeners(*(f"{event} {name}-{event}" for event in wanted)), "")
        chain = f"s>{piece.first} {piece.last}>e" if piece.last else f"s>{piece.first}"
        kind.before(play, name)
        ends = END if piece.last else ""
        play.deploy(process(name, START, piece.xml, ends, flows(chain), top=tops(name)))
        play.create(name, k="k", items=[1, 2], x=1)
        _push(play, name, kind)
        assert sorted({event for _, _, event in made(play)} - {"UNSPECIFIED"}) == sorted(
            event.upper() for event in wanted
        )
        assert seen(play)[-1] == name

    played.__name__ = f"listeners_around_{kind.name.replace(' ', '_').replace('-', '_')}"
    published("execution listener of every kind of element", PAGE)(played)


def _push(play: Play, name: str, kind: Kind) -> None:
    """Does the jobs of all listeners that wait, and what the element waits for in between."""

    def listen() -> None:
        for _ in range(4):
            for event in ("start", "end"):
                for job in play.jobs(f"{name}-{event}"):
                    play.complete(job)

    listen()
    kind.done(play, name)
    listen()


for _kind in _SOME:
    _add(_kind)
