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
    boundary,
    each,
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
    timer,
)


def around(middle: str, top: str = "") -> str:
    return process("p", START, middle, END, flows("s>a>e"), top=top)


def _event_sub_process(inside: str = "") -> str:
    begun = f'<startEvent id="t">{timer("Duration", "PT1S")}</startEvent>'
    return f'<subProcess id="x" triggeredByEvent="true">{inside}{begun}</subProcess>'


REFUSED = {
    "ComplexGateway": (around('<complexGateway id="a"/>'), "a"),
    "multi-instance event sub-process": (
        process("p", START, _event_sub_process(each("=[1]")), END, flows("s>e")),
        "x",
    ),
    "boundary event of an event sub-process": (
        process(
            "p",
            START,
            _event_sub_process(),
            boundary("b", "x", timer("Duration", "PT1S"), "e"),
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
    "zeebe:taskListeners": (
        around(task("a", "t", "<zeebe:taskListeners/>")),
        "a > extensionElements > taskListeners",
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


def test_a_binding_of_another_type_is_refused() -> None:
    called = '<zeebe:calledElement processId="x" bindingType="newest"/>'
    with pytest.raises(InvalidResource, match="'bindingType' must be one of: deployment, latest, versionTag"):
        read(around(element("callActivity", "a", called)).encode())


def test_what_is_not_supported_stands_beside_what_is_wrong_around_and_inside_it() -> None:
    inside = element("serviceTask", "x", io("in  -> y"))
    with pytest.raises(InvalidResource) as refused:
        read(process("p", f'<adHocSubProcess id="a">{inside}</adHocSubProcess>', task("t", "")).encode())
    named = [
        line.removeprefix("- Element: ") for line in str(refused.value).splitlines() if line.startswith("- ")
    ]
    assert named == [
        "p",
        "a",
        "x",
        "x > extensionElements > ioMapping > input",
        "t > extensionElements > taskDefinition",
    ]


def test_processes_that_are_not_executable_are_not_looked_into() -> None:
    drawn = '<process id="q"><inclusiveGateway id="z"><incoming>gone</incoming></inclusiveGateway><task id="y"/></process>'
    assert [each.id for each in read(process("p", START, END, flows("s>e"), top=drawn).encode())] == ["p"]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (
            '<task id="a" foo="1"/>',
            "cvc-complex-type.3.2.2: Attribute 'foo' is not allowed to appear in element 'task'.",
        ),
        ('<task id="1a"/>', "cvc-datatype-valid.1.2.1: '1a' is not a valid value for 'NCName'."),
        (
            '<task id="a"/><fooBar id="x"/>',
            "cvc-complex-type.2.4.a: Invalid content was found starting with element",
        ),
        (
            '<sequenceFlow id="f" sourceRef="s"/>',
            "cvc-complex-type.4: Attribute 'targetRef' must appear on element",
        ),
        ('<task id="a" isForCompensation="yes"/>', "'yes' is not a valid value for 'boolean'."),
        (
            '<eventBasedGateway id="a" gatewayDirection="Up"/>',
            "cvc-enumeration-valid: Value 'Up' is not facet-valid",
        ),
        ('<task id="a">text</task>', "cvc-complex-type.2.3: Element 'task' cannot have character"),
    ],
)
def test_the_schema_of_bpmn_is_checked_first_and_alone(part: str, message: str) -> None:
    with pytest.raises(InvalidResource) as refused:
        read(process("p", part, START, task("b", ""), END, flows("s>e")).encode())
    assert str(refused.value).startswith("Error: URI=null Line=1: ")
    assert message in str(refused.value)
    assert "- Element" not in str(refused.value)


def test_the_line_of_a_violation_is_where_its_start_tag_ends() -> None:
    model = process("p", START, END, '<task\n id="a"\n foo="1"\n/>')
    with pytest.raises(InvalidResource, match="Line=4: cvc-complex-type"):
        read(model.encode())


def test_expressions_are_kept_as_they_are_written() -> None:
    model = read(
        around(element("scriptTask", "a", '<zeebe:script expression="= x " resultVariable="y"/>')).encode()
    )
    script = model[0].elements["a"].script
    assert script is not None
    assert script.source.text == " x "


def test_flows_that_are_gone_are_looked_for_where_they_lead_away() -> None:
    def with_flow(kind: str) -> bytes:
        return process("p", START, f'<task id="a"><{kind}>gone</{kind}></task>', END, flows("s>a>e")).encode()

    assert read(with_flow("incoming"))
    with pytest.raises(InvalidResource, match="Unable to find a model element instance for id gone"):
        read(with_flow("outgoing"))


def test_two_attributes_that_are_wrong_alike_are_two_findings() -> None:
    schedule = '<zeebe:taskSchedule dueDate="=1 +" followUpDate="=1 +"/>'
    with pytest.raises(InvalidResource) as refused:
        read(around(element("userTask", "a", schedule)).encode())
    assert str(refused.value).count("failed to parse expression '1 +'") == 2
