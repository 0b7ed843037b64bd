"""What the embedded gateway does not support is refused at deployment, by the element's id and the feature's name."""

from __future__ import annotations

import pytest

from camunda_core.errors import InvalidArgument
from camunda_embedded._bpmn.file import InvalidResource
from camunda_embedded._bpmn.parse import read
from camunda_embedded._engine.engine import Engine
from camunda_embedded._engine.files import read_files
from tests.scenarios.engine.models import (
    END,
    START,
    element,
    end,
    flows,
    io,
    process,
    signal,
    signal_event,
    subprocess,
    task,
    throw,
)


def around(middle: str, top: str = "") -> str:
    return process("p", START, middle, END, flows("s>a>e"), top=top)


REFUSED = {
    "ComplexGateway": (around('<complexGateway id="a"/>'), "a"),
    "event sub-process": (
        process(
            "p",
            START,
            '<subProcess id="x" triggeredByEvent="true"><startEvent id="t"/></subProcess>',
            END,
            flows("s>e"),
        ),
        "x",
    ),
    "escalationEventDefinition": (
        process("p", START, end("e", '<escalationEventDefinition escalationRef="x"/>'), flows("s>e")),
        "e > escalationEventDefinition",
    ),
    "AdHocSubProcess": (around('<adHocSubProcess id="a"><task id="t"/></adHocSubProcess>'), "a"),
    "Transaction": (around('<transaction id="a"/>'), "a"),
    "standardLoopCharacteristics": (
        around(task("a", "t", inside="<standardLoopCharacteristics/>")),
        "a > standardLoopCharacteristics",
    ),
    "zeebe:executionListeners": (
        around(
            task(
                "a",
                "t",
                '<zeebe:executionListeners><zeebe:executionListener eventType="start" type="x"/></zeebe:executionListeners>',
            )
        ),
        "a > extensionElements > executionListeners",
    ),
    "zeebe:taskListeners": (
        around(task("a", "t", "<zeebe:taskListeners/>")),
        "a > extensionElements > taskListeners",
    ),
    "binding type 'deployment'": (
        around(element("callActivity", "a", '<zeebe:calledElement processId="x" bindingType="deployment"/>')),
        "a > extensionElements > calledElement",
    ),
    "instantiating element": (around('<receiveTask id="a" instantiate="true"/>'), "a"),
    "several event definitions": (
        process(
            "p",
            START,
            task("a", "t"),
            throw("b", signal_event("x") + signal_event("x")),
            END,
            flows("s>a>e"),
            top=signal("x", "X"),
        ),
        "b",
    ),
    "no function with the name 'foo'": (
        around(task("a", "t", io("in =foo(1) -> y"))),
        "a > extensionElements > ioMapping > input",
    ),
}


@pytest.mark.parametrize("feature", REFUSED)
def test_it_is_refused_by_element_and_name(feature: str) -> None:
    model, path = REFUSED[feature]
    with pytest.raises(InvalidResource) as refused:
        read(model.encode())
    assert f"- Element: {path}\n" in str(refused.value)
    assert feature in str(refused.value)


HARMLESS = (
    "<documentation>text</documentation>",
    '<laneSet id="ls"><lane id="l"><flowNodeRef>s</flowNodeRef></lane></laneSet>',
    '<textAnnotation id="ta"><text>x</text></textAnnotation><association id="as" sourceRef="s" targetRef="ta"/>',
    '<dataObject id="d"/><dataObjectReference id="dr" dataObjectRef="d"/>',
    '<extensionElements><zeebe:properties><zeebe:property name="a" value="b"/></zeebe:properties></extensionElements>',
    '<extensionElements><x:thing xmlns:x="http://elsewhere"/></extensionElements>',
)


@pytest.mark.parametrize("part", HARMLESS)
def test_what_changes_nothing_is_accepted(part: str) -> None:
    last = part.startswith("<textAnnotation")
    parts = (START, END, flows("s>e"))
    assert read(process("p", *((*parts, part) if last else (part, *parts))).encode())[0].id == "p"


@pytest.fixture
def engine() -> Engine:
    return Engine(lambda: 0)


def test_a_file_is_deployed_as_a_whole_or_not_at_all(engine: Engine) -> None:
    good = around(task("a", "t"))
    with pytest.raises(InvalidArgument, match="ComplexGateway"):
        engine.deployments.deploy(
            read_files(
                [
                    ("good.bpmn", good.encode()),
                    ("bad.bpmn", around('<complexGateway id="a"/>').replace('"p"', '"q"').encode()),
                ]
            )
        )
    assert engine.repository.processes.latest("p") is None
    assert engine.deployments.deploy(read_files([("good.bpmn", good.encode())])).resources[0].version == 1


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a/>', "DOCTYPE is disallowed"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "DOCTYPE is disallowed"),
        (b"<a>" * 1000 + b"</a>" * 1000, "nested deeper than 100 levels"),
        (b"<a>" + b"x" * 5_000_000 + b"</a>", "larger than 4194304 bytes"),
        (b"", "Premature end of file."),
        (b"\xff\xfe\x00", "Line=1"),
    ],
)
def test_hostile_xml_is_refused(content: bytes, text: str) -> None:
    with pytest.raises(InvalidResource, match=text):
        read(content)


def test_nested_sub_processes_are_bounded_by_the_depth_of_the_file() -> None:
    model = '<task id="t"/>'
    for i in range(99):
        model = subprocess(f"p{i}", f'<startEvent id="s{i}"/>', model)
    with pytest.raises(InvalidResource, match="nested deeper"):
        read(process("p", START, model, END, flows("s>e")).encode())
