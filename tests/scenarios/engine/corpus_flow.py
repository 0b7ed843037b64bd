"""Gateways, scopes, calls, multi-instance, ends."""

from __future__ import annotations

from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    call,
    each,
    element,
    end,
    error,
    error_event,
    flow_if,
    flows,
    io,
    process,
    subprocess,
    task,
    timer,
)
from tests.scenarios.engine.play import Play, scenario

END2 = '<endEvent id="e2"/>'


@scenario
def an_exclusive_gateway_takes_the_flow_whose_condition_holds(play: Play) -> None:
    play.deploy(
        process(
            "xg1", START, '<exclusiveGateway id="g" default="g_b"/>', task("a", "xg1-a"), task("b", "xg1-b"), END,
            flow_if("g", "a", "=x > 1"), flows("s>g g>b a>e b>e"),
        )
    )  # fmt: skip
    play.create("xg1", x=5)
    play.create("xg1", x=0)
    play.create("xg1")
    play.create("xg1", x="text")


@scenario
def of_several_true_conditions_one_is_taken(play: Play) -> None:
    play.deploy(
        process(
            "xg2", START, '<exclusiveGateway id="g"/>', '<endEvent id="e1"/>', END2,
            flow_if("g", "e1", "=true"), flow_if("g", "e2", "=true"), flows("s>g"),
        )
    )  # fmt: skip
    play.create("xg2")


@scenario
def no_true_condition_is_an_incident_that_can_be_mended(play: Play) -> None:
    play.deploy(
        process("xg3", START, '<exclusiveGateway id="g"/>', END, flow_if("g", "e", "=x > 1"), flows("s>g"))
    )
    instance = play.create("xg3", x=0)
    play.resolve(play.incident())
    play.set_variables(instance.processInstanceKey, x=7)
    play.resolve(play.incident())
    play.cancel(play.create("xg3", x=0))


@scenario
def a_parallel_gateway_waits_for_all_its_flows(play: Play) -> None:
    play.deploy(
        process(
            "pg1", START, '<parallelGateway id="f"/><parallelGateway id="j"/>', task("a", "pg1-a"), task("b", "pg1-b"), END,
            flows("s>f f>a>j f>b>j j>e"),
        )
    )  # fmt: skip
    play.create("pg1")
    play.work("pg1-b", x=1)
    play.work("pg1-a", x=2)
    play.cancel(play.create("pg1"))


@scenario
def a_fork_goes_all_ways(play: Play) -> None:
    ends = "".join(f'<endEvent id="e{i}"/>' for i in range(5))
    play.deploy(
        process("pg2", START, '<parallelGateway id="f"/>', ends, flows("s>f f>e0 f>e1 f>e2 f>e3 f>e4"))
    )
    play.create("pg2")


@scenario
def splits_and_merges_need_no_gateway(play: Play) -> None:
    play.deploy(
        process(
            "us1",
            START,
            task("a", "us1-a"),
            task("b", "us1-b"),
            '<task id="m"/>',
            END,
            flows("s>a>m s>b>m m>e"),
        )
    )
    play.create("us1")
    play.work("us1-a")
    play.work("us1-b")


@scenario
def a_sub_process_has_its_own_scope(play: Play) -> None:
    inside = ('<startEvent id="ss"/>', task("a", "sp1"), '<endEvent id="se"/>', flows("ss>a>se"))
    play.deploy(
        process(
            "sp1", START, subprocess("p", *inside, extra=io("in =x -> lx", "out =r -> out")),
            boundary("b", "p", timer("Duration", "PT15S"), "e2"), END, END2, flows("s>p>e"),
        )
    )  # fmt: skip
    play.create("sp1", x=4)
    play.work("sp1", r=9, lx=5)
    play.create("sp1", x=4)
    play.advance(15)
    play.cancel(play.create("sp1", x=4))


@scenario
def an_error_leaves_nested_scopes(play: Play) -> None:
    inner = subprocess(
        "q", '<startEvent id="qs"/>', task("a", "sp2"), '<endEvent id="qe"/>', flows("qs>a>qe")
    )
    outer = subprocess("p", '<startEvent id="ps"/>', inner, '<endEvent id="pe"/>', flows("ps>q>pe"))
    play.deploy(
        process(
            "sp2",
            START,
            outer,
            boundary("b", "p", error_event("er"), "e2"),
            END,
            END2,
            flows("s>p>e"),
            top=error("er", "X"),
        )
    )
    play.create("sp2")
    play.throw(play.jobs("sp2")[0], "X", v=1)


@scenario
def an_error_end_event_is_caught_outside(play: Play) -> None:
    inside = ('<startEvent id="ss"/>', end("se", error_event("er")), flows("ss>se"))
    play.deploy(
        process(
            "ee1", START, subprocess("p", *inside), boundary("b", "p", error_event(), "e2"), END, END2, flows("s>p>e"),
            top=error("er", "X"),
        )
    )  # fmt: skip
    play.create("ee1")


@scenario
def an_uncaught_error_end_event_is_an_incident(play: Play) -> None:
    play.deploy(process("ee2", START, end("e", error_event("er")), flows("s>e"), top=error("er", "X")))
    instance = play.create("ee2")
    play.resolve(play.incident())
    play.cancel(instance)


@scenario
def a_terminate_end_event_ends_its_scope(play: Play) -> None:
    play.deploy(
        process(
            "te1", START, '<parallelGateway id="f"/>', task("a", "te1-a"), task("b", "te1-b"),
            end("e", "<terminateEventDefinition/>"), END2, flows("s>f f>a f>b a>e b>e2"),
        )
    )  # fmt: skip
    play.create("te1")
    play.work("te1-a")


@scenario
def a_terminate_end_event_of_a_sub_process_lets_the_process_go_on(play: Play) -> None:
    inside = (
        '<startEvent id="ss"/><parallelGateway id="f"/>', task("a", "te2-a"), task("b", "te2-b"),
        end("se", "<terminateEventDefinition/>"), flows("ss>f f>a f>b a>se"),
    )  # fmt: skip
    play.deploy(process("te2", START, subprocess("p", *inside), task("c", "te2-c"), END, flows("s>p>c>e")))
    play.create("te2")
    play.work("te2-a")
    play.work("te2-c")


@scenario
def a_call_activity_runs_another_process(play: Play) -> None:
    play.deploy(process("ca1-child", START, task("a", "ca1"), END, flows("s>a>e")))
    play.deploy(process("ca1", START, call("c", "ca1-child"), END, flows("s>c>e")))
    instance = play.create("ca1", x=4)
    play.work("ca1", y=3)
    instance = play.create("ca1", x=4)
    play.cancel(instance)


@scenario
def a_call_activity_with_mappings_and_without_propagation(play: Play) -> None:
    play.deploy(process("ca2-child", START, task("a", "ca2"), END, flows("s>a>e")))
    mappings = io("in =x -> cx", "out =y -> oy")
    play.deploy(
        process(
            "ca2",
            START,
            call("c", "ca2-child", mappings, propagateAllChildVariables="false"),
            END,
            flows("s>c>e"),
        )
    )
    play.create("ca2", x=4)
    play.work("ca2", y=9)


@scenario
def a_call_activity_that_propagates_nothing(play: Play) -> None:
    play.deploy(process("ca3-child", START, END, flows("s>e")))
    values = {"propagateAllChildVariables": "false", "propagateAllParentVariables": "false"}
    play.deploy(
        process("ca3", START, call("c", "ca3-child", io("in =1 -> cx"), **values), END, flows("s>c>e"))
    )
    play.create("ca3", x=4)


@scenario
def the_called_process_can_be_an_expression(play: Play) -> None:
    play.deploy(process("ca4-child", START, END, flows("s>e")))
    play.deploy(process("ca4", START, call("c", "=p"), END, flows("s>c>e")))
    play.create("ca4", p="ca4-child")
    play.create("ca4")
    play.create("ca4", p="ca4-missing")


@scenario
def a_missing_called_process_is_an_incident_until_it_is_deployed(play: Play) -> None:
    play.deploy(process("ca5", START, call("c", "ca5-child"), END, flows("s>c>e")))
    play.create("ca5")
    play.deploy(process("ca5-child", START, END, flows("s>e")))
    play.resolve(play.incident())


@scenario
def an_error_in_a_called_process_is_caught_by_the_caller(play: Play) -> None:
    play.deploy(process("ca6-child", START, task("a", "ca6"), END, flows("s>a>e")))
    play.deploy(
        process(
            "ca6", START, call("c", "ca6-child"), boundary("b", "c", error_event("er"), "e2"), END, END2, flows("s>c>e"),
            top=error("er", "X"),
        )
    )  # fmt: skip
    play.create("ca6")
    play.throw(play.jobs("ca6")[0], "X", ev=1)


@scenario
def a_child_instance_cannot_be_cancelled_by_itself(play: Play) -> None:
    play.deploy(process("ca7-child", START, task("a", "ca7"), END, flows("s>a>e")))
    play.deploy(process("ca7", START, call("c", "ca7-child"), END, flows("s>c>e")))
    play.create("ca7")
    play.call("CancelProcessInstance", processInstanceKey=play.jobs("ca7")[0].processInstanceKey)


@scenario
def a_parallel_multi_instance_collects_its_results(play: Play) -> None:
    loop = each("=items", "item", results="res", result="=r")
    play.deploy(process("mi1", START, task("a", "mi1", inside=loop), END, flows("s>a>e")))
    play.create("mi1", items=[1, "two"])
    first, second = play.jobs("mi1")
    play.complete(second, r=20, extra=True)
    play.complete(first, r=10)
    play.create("mi1", items=[])
    play.create("mi1", items=5)
    play.create("mi1")
    play.cancel(play.create("mi1", items=[1, 2]))


@scenario
def a_sequential_multi_instance_stops_at_its_condition(play: Play) -> None:
    loop = each(
        "=items", "item", sequential=True, results="res", result="=r", until="=numberOfCompletedInstances = 2"
    )
    play.deploy(process("mi2", START, task("a", "mi2", inside=loop), END, flows("s>a>e")))
    play.create("mi2", items=[1, 2, 3])
    play.work("mi2", r=20)
    play.work("mi2", r=10)


@scenario
def a_parallel_multi_instance_stops_at_its_condition(play: Play) -> None:
    loop = each("=items", "item", results="res", result="=r", until="=r = 20")
    play.deploy(process("mi3", START, task("a", "mi3", inside=loop), END, flows("s>a>e")))
    play.create("mi3", items=[1, 2, 3])
    play.work("mi3", r=20)


@scenario
def a_multi_instance_condition_must_be_boolean(play: Play) -> None:
    loop = each("=items", "item", results="res", result="=assert(r, r!=null)", until="=5")
    play.deploy(process("mi4", START, task("a", "mi4", inside=loop), END, flows("s>a>e")))
    play.create("mi4", items=[1])
    play.work("mi4", r=1)


@scenario
def results_of_runs_go_around_the_body(play: Play) -> None:
    loop = each("=items", "item", results="res", result="=r")
    for id, mapped in (("mi9", io("out =x -> res", "out =x -> y")), ("mi9-b", "")):
        play.deploy(process(id, START, task("a", id, mapped, inside=loop), END, flows("s>a>e")))
        play.create(id, items=[1])
    play.work("mi9", x=7)
    play.work("mi9-b", res=8, item=9)
    play.resolve(play.incident())


@scenario
def manual_tasks_run_once_for_each_item(play: Play) -> None:
    manual = element(
        "manualTask",
        "a",
        io("in =item -> x", "out =x -> y"),
        inside=each("=items", "item", results="res", result="=item"),
    )
    play.deploy(process("mi10", START, manual, END, flows("s>a>e")))
    play.create("mi10", items=[1, 2])


@scenario
def a_sub_process_runs_once_for_each_item(play: Play) -> None:
    inside = (
        '<startEvent id="ss"/>',
        task("a", "mi5", io("in =item*10 -> ten")),
        '<endEvent id="se"/>',
        flows("ss>a>se"),
    )
    loop = each("=items", "item", sequential=True, results="res", result="=item*2")
    play.deploy(process("mi5", START, subprocess("p", *inside, inside=loop), END, flows("s>p>e")))
    play.create("mi5", items=[1, 2])
    play.work("mi5", k=1)
    play.work("mi5", k=2)


@scenario
def an_error_in_one_run_ends_the_whole_multi_instance(play: Play) -> None:
    play.deploy(
        process(
            "mi6", START, task("a", "mi6", inside=each("=items", "item")), boundary("b", "a", error_event("er"), "e2"), END, END2,
            flows("s>a>e"), top=error("er", "X"),
        )
    )  # fmt: skip
    play.create("mi6", items=[1, 2])
    play.throw(play.jobs("mi6")[1], "X")


@scenario
def a_multi_instance_call_activity_collects_results(play: Play) -> None:
    play.deploy(
        process(
            "mi7-child",
            START,
            element("scriptTask", "m", '<zeebe:script expression="=item*2" resultVariable="r"/>'),
            END,
            flows("s>m>e"),
        )
    )
    loop = each("=items", "item", results="res", result="=r")
    play.deploy(process("mi7", START, call("c", "mi7-child", inside=loop), END, flows("s>c>e")))
    play.create("mi7", items=[1, 2])


@scenario
def a_timer_ends_a_multi_instance(play: Play) -> None:
    play.deploy(
        process(
            "mi8", START, task("a", "mi8", inside=each("=items", "item")), boundary("b", "a", timer("Duration", "PT10S"), "e2"),
            END, END2, flows("s>a>e"),
        )
    )  # fmt: skip
    play.create("mi8", items=[1, 2])
    play.advance(10)


@scenario
def a_loop_of_flows_runs_as_often_as_its_condition_says(play: Play) -> None:
    step = element("scriptTask", "a", '<zeebe:script expression="=i+1" resultVariable="i"/>')
    play.deploy(
        process("lo1", START, '<exclusiveGateway id="m"/>', step, '<exclusiveGateway id="g" default="g_e"/>', END,
                flow_if("g", "m", "=i < 4"), flows("s>m>a>g g>e"))
    )  # fmt: skip
    play.create("lo1", i=0)
