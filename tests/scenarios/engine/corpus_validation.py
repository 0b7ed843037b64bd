"""What cannot be deployed, and in which words; everything here is refused by the real engine too."""

from __future__ import annotations

from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    catch,
    definitions,
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
    signal_event,
    start,
    subprocess,
    task,
    throw,
    timer,
)
from tests.scenarios.engine.play import Play, scenario

LINE = flows("s>a>e")


def around(id: str, middle: str, top: str = "") -> str:
    return process(id, START, middle, END, LINE, top=top)


@scenario
def processes_are_checked(play: Play) -> None:
    play.deploy(process("va1", task("a", "t"), END, flows("a>e")))
    play.deploy(definitions())
    play.deploy(definitions('<process id="x1" isExecutable="false"><startEvent id="s"/></process>'))
    play.deploy(definitions('<process id="x1"><startEvent id="s"/></process>'))
    play.deploy(process("va2", START, '<startEvent id="s2"/>', END, flows("s>e s2>e")))
    play.deploy(process("va3", START, START, END))
    play.deploy(process("va4", START, END, flows("s>zz")))


@scenario
def tasks_are_checked(play: Play) -> None:
    play.deploy(around("vt1", '<serviceTask id="a"/>'))
    play.deploy(around("vt2", task("a", "")))
    play.deploy(around("vt3", element("serviceTask", "a", "<zeebe:taskDefinition/>")))
    play.deploy(around("vt4", '<receiveTask id="a"/>'))
    play.deploy(around("vt5", '<scriptTask id="a"/>'))
    play.deploy(around("vt6", element("scriptTask", "a", '<zeebe:script expression="=1"/>')))
    play.deploy(around("vt7", '<businessRuleTask id="a"/>'))
    rule = '<zeebe:taskDefinition type="x"/><zeebe:calledDecision decisionId="d" resultVariable="r"/>'
    play.deploy(around("vt8", element("businessRuleTask", "a", rule)))
    play.deploy(around("vt9", '<callActivity id="a"/>'))
    play.deploy(around("vt10", element("callActivity", "a", "<zeebe:calledElement/>")))
    play.deploy(around("vt11", '<sendTask id="a"/>'))


@scenario
def expressions_are_checked(play: Play) -> None:
    play.deploy(around("vx1", task("a", "t", io("in =1 + -> y"))))
    play.deploy(around("vx2", task("a", "t", io("in =1 -> a-b"))))
    play.deploy(around("vx3", task("a", "t", retries="=1+")))
    play.deploy(around("vx4", task("a", "=1+")))
    play.deploy(
        process("vx5", START, '<exclusiveGateway id="a"/>', END, flow_if("a", "e", "x"), flows("s>a"))
    )


@scenario
def events_are_checked(play: Play) -> None:
    play.deploy(around("ve1", catch("a", "<timerEventDefinition/>")))
    play.deploy(around("ve2", catch("a", timer("Duration", "xx"))))
    play.deploy(around("ve3", catch("a", timer("Cycle", "R/PT1S"))))
    play.deploy(around("ve4", catch("a", "<messageEventDefinition/>")))
    play.deploy(around("ve5", catch("a", message_event("m")), message("m", "M")))
    play.deploy(around("ve6", catch("a", message_event("m")), '<message id="m"/>'))
    play.deploy(around("ve7", throw("a", message_event("m")), message("m", "M")))
    play.deploy(around("ve8", throw("a", "<signalEventDefinition/>")))
    play.deploy(around("ve9", throw("a", signal_event("x")), '<signal id="x"/>'))
    play.deploy(process("ve10", START, throw("a", '<linkEventDefinition id="l" name="L"/>'), flows("s>a")))
    play.deploy(process("ve11", START, end("a", error_event("x")), flows("s>a"), top='<error id="x"/>'))
    play.deploy(process("ve12", START, end("a", error_event()), flows("s>a")))
    play.deploy(process("ve13", start("s", timer("Cycle", "zz")), END, flows("s>e")))
    play.deploy(process("ve14", start("s", timer("Duration", "PT1S")), END, flows("s>e")))
    play.deploy(process("ve15", start("s", timer("Cycle", "=x")), END, flows("s>e")))
    play.deploy(around("ve17", catch("a", error_event("x")), error("x", "X")))
    play.deploy(around("ve18", catch("a", "")))


@scenario
def boundary_events_are_checked(play: Play) -> None:
    double = boundary("b1", "a", error_event("x"), "e") + boundary("b2", "a", error_event("x"), "e")
    play.deploy(around("vb1", task("a", "t") + double, error("x", "X")))
    bare = '<boundaryEvent id="b" attachedToRef="a"><errorEventDefinition/></boundaryEvent>'
    play.deploy(around("vb2", task("a", "t") + bare))
    same = boundary("b1", "a", message_event("m"), "e") + boundary("b2", "a", message_event("m"), "e")
    play.deploy(around("vb3", task("a", "t") + same, message("m", "M", "=k")))
    play.deploy(around("vb4", task("a", "t") + boundary("b", "a", timer("Cycle", "R/PT1S"), "e")))
    play.deploy(
        around(
            "vb5",
            task("a", "t") + boundary("b", "a", error_event("x"), "e", interrupting=False),
            error("x", "X"),
        )
    )
    play.deploy(
        around(
            "vb6",
            task("a", "t") + boundary("b", "a", error_event(), "e") + boundary("c", "a", error_event(), "e"),
        )
    )


@scenario
def scopes_are_checked(play: Play) -> None:
    play.deploy(around("vs1", '<subProcess id="a"><task id="t"/></subProcess>'))
    play.deploy(around("vs2", '<subProcess id="a"><startEvent id="a1"/><startEvent id="a2"/></subProcess>'))
    play.deploy(around("vs3", subprocess("a", start("ss", timer("Date", "2030-01-01T00:00:00Z")))))
    play.deploy(around("vs4", task("a", "t", inside="<multiInstanceLoopCharacteristics/>")))
    loop = '<zeebe:loopCharacteristics inputCollection="=a" outputCollection="r"/>'
    inside = f"<multiInstanceLoopCharacteristics><extensionElements>{loop}</extensionElements></multiInstanceLoopCharacteristics>"
    play.deploy(around("vs5", task("a", "t", inside=inside)))
    play.deploy(
        around("vs6", task("a", "t", inside=inside.replace('outputCollection="r"', 'outputElement="=r"')))
    )
    play.deploy(around("vs7", task("a", "t", inside=inside.replace('"=a" outputCollection="r"', '"a"'))))


@scenario
def gateways_are_checked(play: Play) -> None:
    alone = element("eventBasedGateway", "a", out="a_b")
    play.deploy(process("vg1", START, alone, catch("b", timer("Duration", "PT1S")), END, flows("s>a>b>e")))
    two = element("eventBasedGateway", "a", out="a_b a_c")
    play.deploy(process("vg2", START, two, task("b", "t"), task("c", "t"), END, flows("s>a a>b a>c b>e c>e")))
    play.deploy(around("vg3", '<complexGateway id="a"/>'))


@scenario
def files_are_checked(play: Play) -> None:
    model = process("vf1", START, END, flows("s>e"))
    play.deploy(model, name="model.foo")
    play.deploy(model, name="")
    play.deploy("")
    play.deploy("no xml")
    play.deploy(model[:-20])
    play.deploy('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]>' + model.partition("?>")[2])
    play.deploy(model, model.replace("<startEvent", "<!-- other --><startEvent"))
    play.deploy("{}", name="a.form")
    play.call("DeployResource")
    play.deploy("<x/>", "no xml either")
    play.deploy(around("vf2", '<adHocSubProcess id="a"><task id="t"/></adHocSubProcess>'))
    play.deploy(around("vf3", '<transaction id="a"><startEvent id="t"/></transaction>'))
    conditional = "<conditionalEventDefinition><condition xsi:type='tFormalExpression'>=x</condition></conditionalEventDefinition>"
    play.deploy(around("vf4", catch("a", conditional)))


@scenario
def loops_that_never_wait_are_refused(play: Play) -> None:
    gate = '<exclusiveGateway id="g" default="g_m"/>'
    for middle in (
        '<manualTask id="m"/>',
        '<intermediateThrowEvent id="m"/>',
        '<exclusiveGateway id="m"/>',
        '<task id="m"><multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics inputCollection="=[1]"/>'
        "</extensionElements></multiInstanceLoopCharacteristics></task>",
        '<subProcess id="m"><startEvent id="ss"/></subProcess>',
        task("m", "t"),
    ):
        play.deploy(process("vl1", START, middle, gate, END, flows("s>m>g g>m"), flow_if("g", "e", "=x")))
    play.deploy(
        process(
            "vl2",
            START,
            '<task id="m"/><manualTask id="n"/>',
            gate,
            END,
            flows("s>m>n>g g>m"),
            flow_if("g", "e", "=x"),
        )
    )
    play.deploy(process("vl3", START, '<manualTask id="m"/>', END, flows("s>m m>m m>e")))
