"""Event sub-processes: what begins them, what they end, and whose variables they see."""

from __future__ import annotations

import json

from tests.scenarios.engine.commands import create_at, mend, migrate, modify
from tests.scenarios.engine.models import (
    END,
    START,
    begin,
    boundary,
    call,
    catch,
    each,
    end,
    error,
    error_event,
    escalation,
    escalation_event,
    event_subprocess,
    flows,
    io,
    message,
    message_event,
    process,
    signal,
    signal_event,
    subprocess,
    task,
    throw,
    timer,
)
from tests.scenarios.engine.play import Play, Rejection
from tests.scenarios.engine.published import published, seen

PAGE = "components/modeler/bpmn/event-subprocesses/"
ENDS = "event sub-process that interrupts"
BESIDE = "event sub-process that does not interrupt"
DATA = "variables of event sub-processes"
MOVED = "event sub-processes and commands from outside"
END2 = '<endEvent id="e2"/>'
MESSAGE = message_event("msg")


def handler(
    id: str, name: str, definition: str, *extra: str, interrupting: bool = True, own: str = ""
) -> str:
    """An event sub-process with a job of the type ``<name>-<id>``; ``extra`` stands in its start event."""
    return event_subprocess(
        id,
        begin(f"{id}s", definition, *extra, interrupting=interrupting),
        task(f"{id}t", f"{name}-{id}"),
        f'<endEvent id="{id}e"/>',
        flows(f"{id}s>{id}t>{id}e"),
        extra=own,
    )


def main(name: str, *handlers: str) -> str:
    """A process with one job of its name, and these event sub-processes."""
    top = message("msg", name, "=k") + signal("sig", name) + error("err", "X")
    return process(name, START, task("a", name), END, flows("s>a>e"), *handlers, top=top)


def sub(name: str, *handlers: str, outside: str = "", inside: str = "") -> str:
    """The same inside a sub-process ``p``."""
    top = (
        message("msg", name, "=k")
        + signal("sig", name)
        + error("err", "X")
        + message("out", f"{name}-o", "=k")
    )
    inner = ('<startEvent id="ps"/>', task("a", name), '<endEvent id="pe"/>', flows("ps>a>pe"))
    return process(
        name, START, subprocess("p", *inner, *handlers, inside=inside), END, END2, outside, flows("s>p>e"), top=top
    )  # fmt: skip


# --- interrupting ---


@published(ENDS, PAGE)
def a_message_ends_everything_else_and_the_process_ends_with_the_event_sub_process(play: Play) -> None:
    play.deploy(main("ev1", handler("x", "ev1", MESSAGE)))
    instance = play.create("ev1", k="1")
    play.settle()
    play.publish("ev1", "1", v=3)
    assert seen(play, "ELEMENT_TERMINATED") == ["a"]
    play.publish("ev1", "1", ttl=1000, v=4)  # only once
    assert seen(play, "ELEMENT_ACTIVATED").count("x") == 1
    play.work("ev1-x")
    assert play.ended(instance)
    assert "e" not in seen(play)


@published(ENDS, PAGE)
def timers_end_by_duration_or_date_unless_the_scope_is_gone_before(play: Play) -> None:
    for kind, text in (("Duration", "PT10S"), ("Date", "=d")):
        name = f"ev2-{kind}"
        play.deploy(main(name, handler("x", name, timer(kind, text))))
        instance = play.create(name, d="2020-01-01T00:00:00Z")
        early = play.create(name, d="2999-01-01T00:00:00Z")
        for job in play.jobs(name):
            if job.processInstanceKey == early.processInstanceKey:
                play.complete(job)
        assert play.ended(early)
        play.advance(10)
        play.work(f"{name}-x")
        assert play.ended(instance)


@published(ENDS, PAGE)
def a_signal_ends_all_instances_that_wait_for_it(play: Play) -> None:
    play.deploy(main("ev3", handler("x", "ev3", signal_event("sig"))))
    instances = [play.create("ev3"), play.create("ev3")]
    play.broadcast("ev3", v=1)
    play.work("ev3-x")
    play.work("ev3-x")
    assert all(map(play.ended, instances))


@published(ENDS, PAGE)
def errors_are_caught_inside_their_scope_by_code_and_then_by_no_code(play: Play) -> None:
    play.deploy(main("ev4", handler("x", "ev4", error_event("err")), handler("y", "ev4", error_event())))
    instance = play.create("ev4")
    play.throw(play.jobs("ev4")[0], "X", r=1)
    job = play.jobs("ev4-x")[0]
    play.throw(job, "X")  # an event sub-process has ended the others, and does not catch its own errors
    play.incident()
    play.cancel(instance)
    other = play.create("ev4")
    play.throw(play.jobs("ev4")[0], "Y")
    play.work("ev4-y")
    assert play.ended(other)


@published(ENDS, PAGE)
def an_error_end_event_begins_the_event_sub_process_of_its_scope(play: Play) -> None:
    top = error("err", "X")
    inside = ('<startEvent id="ps"/>', end("pe", error_event("err")), flows("ps>pe"))
    border = boundary("b", "p", error_event("err"), "e2")
    model = process("ev5", START, subprocess("p", *inside, handler("x", "ev5", error_event("err"))), border, END, END2,
                    flows("s>p>e"), top=top)  # fmt: skip
    play.deploy(model)
    instance = play.create("ev5")
    play.work("ev5-x")
    assert play.ended(instance)
    assert "b" not in seen(play)  # what is inside is nearer


@published(ENDS, PAGE)
def an_error_of_an_event_sub_process_goes_on_outwards(play: Play) -> None:
    border = boundary("b", "p", error_event("err"), "e2")
    play.deploy(sub("ev6", handler("x", "ev6", error_event("err")), outside=border))
    instance = play.create("ev6")
    play.throw(play.jobs("ev6")[0], "X")
    play.throw(play.jobs("ev6-x")[0], "X")
    assert play.ended(instance)
    assert "b" in seen(play)


@published(ENDS, PAGE)
def only_the_scope_around_it_is_ended_and_boundary_events_still_catch(play: Play) -> None:
    border = boundary("b", "p", message_event("out"), "e2")
    play.deploy(sub("ev7", handler("x", "ev7", MESSAGE), outside=border))
    instance = play.create("ev7", k="1")
    play.settle()
    play.publish("ev7", "1")
    play.work("ev7-x")
    assert play.ended(instance)
    assert "e" in seen(play)  # the flow after the sub-process
    other = play.create("ev7", k="2")
    play.settle()
    play.publish("ev7", "2")
    play.publish("ev7-o", "2")
    assert play.ended(other)
    assert "e2" in seen(play)


@published(ENDS, PAGE)
def those_that_did_not_interrupt_are_ended_too_and_begin_no_more(play: Play) -> None:
    beside = handler("y", "ev8", signal_event("sig"), interrupting=False)
    play.deploy(main("ev8", beside, handler("x", "ev8", MESSAGE)))
    instance = play.create("ev8", k="1")
    play.broadcast("ev8")
    play.broadcast("ev8")
    play.publish("ev8", "1")
    assert seen(play, "ELEMENT_TERMINATED").count("y") == 2
    play.broadcast("ev8")
    assert seen(play, "ELEMENT_ACTIVATED").count("y") == 2
    play.work("ev8-x")
    assert play.ended(instance)


@published(ENDS, PAGE)
def tokens_at_a_join_go_with_the_rest(play: Play) -> None:
    gates = '<parallelGateway id="f"/><parallelGateway id="j"/><manualTask id="m"/>'
    model = process("ev9", START, gates, task("a", "ev9"), END, flows("s>f>a>j>e f>m>j"), handler("x", "ev9", MESSAGE),
                    top=message("msg", "ev9", "=k"))  # fmt: skip
    play.deploy(model)
    instance = play.create("ev9", k="1")
    play.settle()
    play.publish("ev9", "1")
    modify(play, instance, "j")  # with no token left that it could use up
    play.work("ev9-x")
    assert play.ended(instance)


@published(ENDS, PAGE)
def what_is_on_its_way_is_not_reached_any_more(play: Play) -> None:
    for name, ways in (("ev15", "f>t f>m>n>e"), ("ev16", "f>m>n>e f>t")):
        parts = (
            '<parallelGateway id="f"/>',
            throw("t", escalation_event("esc")),
            '<manualTask id="m"/><manualTask id="n"/>',
        )
        handled = handler("x", name, escalation_event("esc"))
        top = escalation("esc", "L")
        play.deploy(process(name, START, *parts, END, flows(f"s>f {ways}"), handled, top=top))
        instance = play.create(name)
        play.work(f"{name}-x")
        assert play.ended(instance)
    assert "n" not in seen(play, "ELEMENT_ACTIVATED")
    assert seen(play, "SEQUENCE_FLOW_TAKEN").count("m_n") == 0
    assert seen(play, "ELEMENT_ACTIVATED").count("m") == 1  # which of both is reached first


@published(ENDS, PAGE)
def a_task_that_has_its_result_and_an_incident_is_ended_like_others(play: Play) -> None:
    failing = task("a", "ev17", io("out =assert(x, x > 1) -> y"))
    model = process("ev17", START, failing, END, flows("s>a>e"), handler("x", "ev17", MESSAGE),
                    top=message("msg", "ev17", "=k"))  # fmt: skip
    play.deploy(model)
    instance = play.create("ev17", k="1", x=1)
    play.work("ev17", r=1)
    play.incident()
    play.publish("ev17", "1")
    assert seen(play, "ELEMENT_ACTIVATING").count("a") == 1
    play.work("ev17-x")
    assert play.ended(instance)


@published(ENDS, PAGE)
def one_that_could_not_begin_is_ended_with_what_triggered_it(play: Play) -> None:
    stuck = handler("y", "ev18", signal_event("sig"), interrupting=False, own=io("in =assert(x, x > 1) -> z"))
    play.deploy(main("ev18", stuck, handler("x", "ev18", MESSAGE)))
    instance = play.create("ev18", k="1", x=1)
    play.broadcast("ev18")
    play.incident()
    play.publish("ev18", "1")
    assert "ys" not in seen(play, "ELEMENT_ACTIVATING")
    play.work("ev18-x")
    assert play.ended(instance)
    mended = play.create("ev18", k="2", x=1)
    play.broadcast("ev18")
    mend(play, mended.processInstanceKey, x=2)
    play.work("ev18-y")
    play.work("ev18")
    assert play.ended(mended)


@published(ENDS, PAGE)
def everything_that_runs_in_a_scope_is_ended_calls_and_loops_too(play: Play) -> None:
    play.deploy(process("ev10-c", START, task("c", "ev10-c"), END, flows("s>c>e")))
    loop = subprocess("l", '<startEvent id="ls"/>', catch("m", timer("Duration", "PT1H")), '<endEvent id="le"/>',
                      flows("ls>m>le"), inside=each("=[1, 2]"))  # fmt: skip
    gate = '<parallelGateway id="f"/>'
    play.deploy(
        process("ev10", START, gate, call("c", "ev10-c"), loop, END, END2, flows("s>f>c>e f>l>e2"),
                handler("x", "ev10", MESSAGE), top=message("msg", "ev10", "=k"))
    )  # fmt: skip
    instance = play.create("ev10", k="1")
    play.settle()
    play.publish("ev10", "1")
    assert sorted(set(seen(play, "ELEMENT_TERMINATED"))) == ["c", "ev10-c", "l", "m"]
    play.work("ev10-x")
    assert play.ended(instance)


@published(ENDS, PAGE)
def each_run_of_a_loop_has_event_sub_processes_of_its_own(play: Play) -> None:
    play.deploy(sub("ev11", handler("x", "ev11", MESSAGE), inside=each("=ks", "k")))
    instance = play.create("ev11", ks=["1", "2"])
    play.settle()
    play.publish("ev11", "2")
    play.work("ev11-x")
    play.work("ev11")
    assert play.ended(instance)


@published(ENDS, PAGE)
def an_error_of_a_called_process_is_caught_there_or_by_the_caller(play: Play) -> None:
    inner = handler("x", "ev12", error_event("err"))
    play.deploy(
        process("ev12-c", START, task("c", "ev12-c"), END, flows("s>c>e"), inner, top=error("err", "X"))
    )
    play.deploy(
        process("ev12", START, call("c", "ev12-c"), END, flows("s>c>e"), handler("y", "ev12", error_event("err")),
                top=error("err", "Y"))
    )  # fmt: skip
    instance = play.create("ev12")
    play.throw(play.jobs("ev12-c")[0], "X")
    play.work("ev12-x")
    assert play.ended(instance)
    other = play.create("ev12")
    play.throw(play.jobs("ev12-c")[0], "Y")
    play.work("ev12-y")
    assert play.ended(other)


@published(ENDS, PAGE)
def event_sub_processes_stand_in_event_sub_processes(play: Play) -> None:
    nested = handler("y", "ev13", error_event("err"))
    outer = event_subprocess(
        "x", begin("xs", MESSAGE), task("xt", "ev13-x"), '<endEvent id="xe"/>', flows("xs>xt>xe"), nested
    )
    play.deploy(main("ev13", outer))
    instance = play.create("ev13", k="1")
    play.settle()
    play.publish("ev13", "1")
    play.throw(play.jobs("ev13-x")[0], "X")
    play.work("ev13-y")
    assert play.ended(instance)
    assert {"x", "y"} <= set(seen(play))


@published(ENDS, PAGE)
def a_terminate_end_event_inside_ends_the_event_sub_process_alone(play: Play) -> None:
    terminating = event_subprocess(
        "x", begin("xs", MESSAGE, interrupting=False), '<parallelGateway id="g"/>', task("xt", "ev14-x"),
        end("xe", "<terminateEventDefinition/>"), flows("xs>g>xt g>xe"),
    )  # fmt: skip
    play.deploy(main("ev14", terminating))
    instance = play.create("ev14", k="1")
    play.settle()
    play.publish("ev14", "1")
    assert not play.ended(instance)
    play.work("ev14")
    assert play.ended(instance)


# --- not interrupting ---


@published(BESIDE, PAGE)
def several_run_at_once_and_the_scope_waits_for_all(play: Play) -> None:
    play.deploy(main("eb1", handler("x", "eb1", MESSAGE, interrupting=False)))
    instance = play.create("eb1", k="1")
    play.settle()
    play.publish("eb1", "1", v=1)
    play.publish("eb1", "1", v=2)
    play.work("eb1")
    assert not play.ended(instance)
    play.publish("eb1", "1", v=3)  # the scope is still there
    for _ in range(3):
        play.work("eb1-x")
    assert play.ended(instance)
    play.publish("eb1", "1", v=4)


@published(BESIDE, PAGE)
def a_cycle_begins_it_again_and_again_and_ends_with_the_scope(play: Play) -> None:
    play.deploy(sub("eb2", handler("x", "eb2", timer("Cycle", "R2/PT10S"), interrupting=False)))
    instance = play.create("eb2")
    play.settle()
    play.advance(10)
    play.advance(10)
    play.advance(10)
    assert seen(play, "ELEMENT_ACTIVATED").count("x") == 2
    play.work("eb2-x")
    play.work("eb2-x")
    play.work("eb2")
    assert play.ended(instance)
    other = play.create("eb2")
    play.work("eb2")
    assert play.ended(other)
    play.advance(60)
    assert seen(play, "ELEMENT_ACTIVATED").count("x") == 2


@published(BESIDE, PAGE)
def an_error_of_one_that_runs_beside_ends_the_scope_by_another(play: Play) -> None:
    caught = handler("y", "eb3", error_event("err"))
    play.deploy(main("eb3", handler("x", "eb3", MESSAGE, interrupting=False), caught))
    instance = play.create("eb3", k="1")
    play.settle()
    play.publish("eb3", "1")
    play.throw(play.jobs("eb3-x")[0], "X")
    assert {"a", "x"} <= set(seen(play, "ELEMENT_TERMINATED"))
    play.work("eb3-y")
    assert play.ended(instance)


# --- variables ---


@published(DATA, PAGE)
def the_variables_of_the_event_go_to_the_scope_unless_it_has_its_own_or_mappings_say_otherwise(
    play: Play,
) -> None:
    plain = handler("x", "ed1", MESSAGE, interrupting=False)
    play.deploy(main("ed1", plain))
    play.create("ed1", k="1")
    play.settle()
    play.publish("ed1", "1", v=1)
    assert _visible(play, "ed1")["v"] == 1
    own = handler("x", "ed2", MESSAGE, interrupting=False, own=io("in =0 -> v"))
    play.deploy(main("ed2", own))
    play.create("ed2", k="1")
    play.settle()
    play.publish("ed2", "1", v=1)
    assert _visible(play, "ed2-x")["v"] == 1
    assert "v" not in _visible(play, "ed2")
    mapped = handler("x", "ed3", MESSAGE, io("out =v + 1 -> w"), interrupting=False)
    play.deploy(main("ed3", mapped))
    play.create("ed3", k="1")
    play.settle()
    play.publish("ed3", "1", v=1)
    assert _visible(play, "ed3")["w"] == 2
    assert "v" not in _visible(play, "ed3-x")


def _visible(play: Play, type: str) -> dict[str, object]:
    job = play.jobs(type, timeout=1000)[0]
    play.advance(2)
    found: dict[str, object] = json.loads(job.variables)
    return found


@published(DATA, PAGE)
def its_own_variables_stay_inside_unless_output_mappings_hand_them_on(play: Play) -> None:
    own = io("in =k -> local", "out =local + r -> result")
    play.deploy(sub("ed4", handler("x", "ed4", MESSAGE, interrupting=False, own=own)))
    play.create("ed4", k="1")
    play.settle()
    play.publish("ed4", "1")
    play.work("ed4-x", r="2")
    assert _visible(play, "ed4")["result"] == "12"
    assert "local" not in _visible(play, "ed4")


@published(DATA, PAGE)
def it_reads_and_changes_the_variables_of_its_scope(play: Play) -> None:
    model = sub("ed5", handler("x", "ed5", MESSAGE)).replace(
        '<subProcess id="p">',
        f'<subProcess id="p"><extensionElements>{io("in =1 -> inner")}</extensionElements>',
    )
    play.deploy(model)
    instance = play.create("ed5", k="1")
    play.settle()
    play.publish("ed5", "1")
    assert _visible(play, "ed5-x")["inner"] == 1
    play.work("ed5-x", inner=2)
    assert play.ended(instance)


@published(DATA, PAGE)
def the_variables_of_an_error_are_those_of_its_start_event(play: Play) -> None:
    play.deploy(main("ed6", handler("x", "ed6", error_event("err"), io("out =r -> reason"))))
    play.create("ed6")
    play.throw(play.jobs("ed6")[0], "X", r="late")
    assert _visible(play, "ed6-x")["reason"] == "late"


@published(DATA, PAGE)
def a_key_that_is_none_is_an_incident_of_the_start_event_that_can_be_mended(play: Play) -> None:
    play.deploy(main("ed7", handler("x", "ed7", MESSAGE)))
    instance = play.create("ed7", k=True)
    mend(play, instance.processInstanceKey, k="1")
    play.publish("ed7", "1")
    play.work("ed7-x")
    assert play.ended(instance)


# --- commands ---


@published(MOVED, PAGE)
def what_waits_goes_when_the_instance_is_cancelled(play: Play) -> None:
    both = handler("x", "em1", MESSAGE), handler("y", "em1", timer("Duration", "PT10S"), interrupting=False)
    play.deploy(main("em1", *both))
    instance = play.create("em1", k="1")
    play.settle()
    play.cancel(instance)
    play.publish("em1", "1")
    play.advance(10)
    assert "x" not in seen(play, "ELEMENT_ACTIVATED")
    other = play.create("em1", k="2")
    play.settle()
    play.publish("em1", "2")
    play.cancel(other)
    play.settle()
    assert seen(play, "ELEMENT_TERMINATED")[-3:] == ["xt", "x", "em1"]


@published(MOVED, PAGE)
def instances_that_begin_at_chosen_elements_wait_too(play: Play) -> None:
    play.deploy(main("em2", handler("x", "em2", MESSAGE)))
    instance = create_at(play, "em2", "a", variables='{"k": "1"}')
    play.settle()
    play.publish("em2", "1")
    play.work("em2-x")
    assert play.ended(instance)
    inside = create_at(play, "em2", "xt", variables='{"k": "2"}')
    play.work("em2-x")
    assert play.ended(inside)
    mended = create_at(play, "em2", "a")
    mend(play, mended.processInstanceKey, k="3")
    play.publish("em2", "3")
    play.work("em2-x")
    assert play.ended(mended)


@published(MOVED, PAGE)
def modifications_begin_and_end_them(play: Play) -> None:
    play.deploy(main("em3", handler("x", "em3", MESSAGE)))
    instance = play.create("em3", k="1")
    modify(play, instance, "x")
    play.work("em3-x")
    modify(play, instance, "xt", terminate=[play.element("a")])
    play.work("em3-x")
    assert play.ended(instance)
    interrupted = play.create("em3", k="2")
    play.settle()
    play.publish("em3", "2")
    modify(play, interrupted, "a", terminate=[play.element("x")])
    play.work("em3")
    assert play.ended(interrupted)


@published(MOVED, PAGE)
def migration_takes_what_waits_along_and_refuses_one_that_runs(play: Play) -> None:
    play.deploy(main("em4", handler("x", "em4", MESSAGE, interrupting=False)))
    renamed = main("em4-n", handler("z", "em4", MESSAGE, interrupting=False))
    target = play.deploy(renamed.replace('name="em4-n"', 'name="em4"').replace('"a"', '"b"'), name="new.bpmn")
    instance = play.create("em4", k="1")
    play.settle()
    assert "detach the catch event" in migrate(play, instance, target, a="b", xs="b")
    migrate(play, instance, target, a="b", xs="zs")
    play.publish("em4", "1")
    assert "migration of a EVENT_SUB_PROCESS is not supported" in migrate(
        play, instance, target, b="b", zs="zs", zt="zt"
    )
    play.work("em4-z")
    play.cancel(instance)


@published(MOVED, PAGE)
def models_that_cannot_run_are_refused(play: Play) -> None:
    def around(name: str, *handlers: str) -> object:
        return play.deploy(main(name, *handlers))

    answers = [
        around("er1", event_subprocess("x", '<startEvent id="xs"/>')),
        around("er2", event_subprocess("x", begin("xs", MESSAGE), begin("xz", signal_event("sig")))),
        around("er3", event_subprocess("x")),
        around("er4", handler("x", "er4", error_event("err"), interrupting=False)),
        around("er5", handler("x", "er5", timer("Cycle", "R/PT1S"))),
        around("er6", handler("x", "er6", MESSAGE), handler("y", "er6", MESSAGE)),
        around("er7", handler("x", "er7", error_event()), handler("y", "er7", error_event())),
        around("er8", handler("x", "er8", error_event("err")), handler("y", "er8", error_event("err"))),
        around("er9", handler("x", "er9", signal_event("sig")), flows("x>e")),
        around("er10", handler("x", "er10", "<timerEventDefinition/>")),
        around("er11", handler("x", "er11", "<messageEventDefinition/>")),
    ]
    assert all(isinstance(answer, Rejection) for answer in answers), answers
