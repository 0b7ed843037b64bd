"""Reading DMN files: what is understood, and what is refused by name."""

from __future__ import annotations

import datetime as dt

import pytest

from camunda_embedded import _dmn as dmn

MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def file(content: str, head: str = "") -> bytes:
    text = f'<definitions xmlns="{MODEL}" id="drg" name="Graph" namespace="n">{content}</definitions>'
    return (head + text).encode()


def literal(decision_id: str, text: str, inside: str = "") -> str:
    return (
        f'<decision id="{decision_id}" name="Decision {decision_id}">{inside}'
        f'<literalExpression id="{decision_id}_e"><text>{text}</text></literalExpression></decision>'
    )


def requires(decision_id: str) -> str:
    return f'<informationRequirement><requiredDecision href="#{decision_id}"/></informationRequirement>'


def test_a_file_knows_its_decisions_and_what_they_require() -> None:
    requirements = dmn.parse(file(literal("a", "b + 1", requires("b")) + literal("b", "x")))
    assert (requirements.id, requirements.name, requirements.namespace) == ("drg", "Graph", "n")
    assert [(d.id, d.name, d.requires, d.type) for d in requirements.decisions] == [
        ("a", "Decision a", ("b",), "LITERAL_EXPRESSION"),
        ("b", "Decision b", (), "LITERAL_EXPRESSION"),
    ]
    result = dmn.evaluate(requirements, "a", {"x": 1})
    assert result.output == 2
    assert [decision.id for decision in result.evaluated_decisions] == ["b", "a"]


def test_the_type_of_a_table_is_named_in_the_trace() -> None:
    table = (
        '<decision id="t" name="T"><decisionTable id="tt"><output id="o" name="r"/>'
        '<rule id="r1"><outputEntry><text>1</text></outputEntry></rule></decisionTable></decision>'
    )
    result = dmn.evaluate(dmn.parse(file(table)), "t", {})
    assert [decision.type for decision in result.evaluated_decisions] == ["DECISION_TABLE"]
    assert result.output == 1


def test_a_decision_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        dmn.evaluate(dmn.parse(file(literal("a", "1"))), "b", {})


def test_a_failure_is_a_result_that_names_the_decision() -> None:
    requirements = dmn.parse(file(literal("a", "b", requires("b")) + literal("b", "assert(1, false)")))
    result = dmn.evaluate(requirements, "a", {})
    assert result.output is None
    assert result.failed_decision_id == "b"
    assert result.failure == (
        "Assertion failure on evaluate the expression 'assert(1, false)': The condition is not fulfilled"
    )
    assert result.failure_message == f"Expected to evaluate decision 'a', but {result.failure}"


def test_the_callers_clock_reaches_the_expressions() -> None:
    requirements = dmn.parse(file(literal("a", "today()")))
    moment = dt.datetime(2024, 6, 15, tzinfo=dt.timezone.utc)
    assert dmn.evaluate(requirements, "a", {}, now=lambda: moment).output == "2024-06-15"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('<decision id="a" name="A"><context id="c1"/></decision>', "Element 'c1': boxed contexts are not supported"),
        ('<decision id="a" name="A"><invocation id="i1"/></decision>', "Element 'i1': invocations are not supported"),
        ('<decision id="a" name="A"><relation id="r1"/></decision>', "Element 'r1': relations are not supported"),
        ('<decision id="a" name="A"><list id="l1"/></decision>', "Element 'l1': boxed lists are not supported"),
        (
            '<businessKnowledgeModel id="k1" name="K"/>',
            "Element 'k1': business knowledge models are not supported",
        ),
        ('<decisionService id="s1" name="S"/>', "Element 's1': decision services are not supported"),
        ('<decision id="a" name="A"/>', "Element 'a': decisions without a decision logic are not supported"),
        (
            '<decision id="a" name="A"><knowledgeRequirement id="k2"/></decision>',
            "Element 'k2': knowledge requirements are not supported",
        ),
        (literal("a", "1", '<informationRequirement id="i2"><requiredDecision href="other.dmn#b"/></informationRequirement>'),
         "Element 'i2': references to another file"),
        (literal("a", "foo(1)"), "no function with the name 'foo' exists"),
        (literal("a", "1 +"), "FEEL expression: failed to parse expression '1 \\+'"),
        (literal("a", "b", requires("b")) + literal("b", "a", requires("a")), "Cyclic dependencies"),
        (literal("a", "b", requires("b")), "Unable to find a model element instance for id b"),
        (literal("a", "1") + literal("a", "2"), "the id 'a' is used more than once"),
    ],
)  # fmt: skip
def test_what_is_not_evaluated_is_refused_by_element_and_feature(content: str, message: str) -> None:
    with pytest.raises(dmn.DmnError, match=message):
        dmn.parse(file(content))


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"text",
        b"<definitions/>",
        file("", '<!DOCTYPE definitions [<!ENTITY a "b">]>'),
        file("", '<!DOCTYPE definitions SYSTEM "file:///etc/passwd">'),
        file("", '<?xml version="1.0" encoding="UTF-16"?>'),
        file("<a>" * 60 + "</a>" * 60),
        file("<a/>" * 100_001),
        b" " * (4 * 1024 * 1024 + 1),
    ],
)
def test_hostile_or_foreign_xml_is_refused(xml: bytes) -> None:
    with pytest.raises(dmn.DmnError, match="Failed to parse DMN"):
        dmn.parse(xml)


def test_a_doctype_in_another_encoding_is_refused_too() -> None:
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE definitions>' + file("").decode()
    with pytest.raises(dmn.DmnError, match="DOCTYPE"):
        dmn.parse(text.encode("utf-16"))


def test_requirements_that_multiply_are_ended() -> None:
    layers = "".join(
        literal(
            f"d{n}",
            f"d{n + 1}",
            requires(f"d{n + 1}") * 2,
        )
        for n in range(20)
    )
    requirements = dmn.parse(file(layers + literal("d20", "1")))
    result = dmn.evaluate(requirements, "d0", {})
    assert "decisions were evaluated" in result.failure_message
