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


def knows(*model_ids: str) -> str:
    references = (f'<requiredKnowledge href="#{each}"/>' for each in model_ids)
    return "".join(f"<knowledgeRequirement>{each}</knowledgeRequirement>" for each in references)


def knowledge(id: str, text: str, parameter: str, more: str = "") -> str:
    logic = f'<formalParameter name="{parameter}"/><literalExpression><text>{text}</text></literalExpression>'
    return (
        f'<businessKnowledgeModel id="{id}" name="{id.upper()}">'
        f"<encapsulatedLogic>{logic}</encapsulatedLogic>{more}</businessKnowledgeModel>"
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
        ('<decision id="a" name="A"><filter id="c1"/></decision>', "Element 'c1': boxed filters are not supported"),
        ('<decision id="a" name="A"/>', "unsupported decision expression 'null'"),
        (literal("a", "1", knows("k")) + '<businessKnowledgeModel id="k" name="K"/>', "unsupported decision expression 'null'"),
        (literal("a", "1", knows("k")), "Unable to find a model element instance for id k"),
        (
            literal("a", "1", knows("k")) + knowledge("k", "1", "p", knows("l")) + knowledge("l", "1", "p", knows("k")),
            "Cyclic dependencies",
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


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(dmn.DmnError) as refusal:
        dmn.parse(file(literal("a", "1 +") + '<decision id="b" name="B"/>' + literal("c", ")")))
    first, second, third = str(refusal.value).splitlines()
    assert first.startswith("FEEL expression: failed to parse expression '1 +': ")
    assert second == "unsupported decision expression 'null'"
    assert third.startswith("FEEL expression: failed to parse expression ')': ")


def boxed(logic: str, **variables: object) -> object:
    requirements = dmn.parse(file(f'<decision id="a" name="A">{logic}</decision>'))
    return dmn.evaluate(requirements, "a", variables).output


def cell(text: str) -> str:
    return f"<literalExpression><text>{text}</text></literalExpression>"


def entry(logic: str, name: str = "") -> str:
    variable = f'<variable name="{name}"/>' if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


def test_boxed_contexts_lists_and_relations_are_evaluated() -> None:
    assert boxed(f"<context>{entry(cell('x + 1'), 'a')}{entry(cell('a * 2'), 'b')}</context>", x=1) == {
        "a": 2,
        "b": 4,
    }
    assert boxed(f"<context>{entry(cell('x + 1'), 'a')}{entry(cell('a * 2'))}</context>", x=1) == 4
    assert boxed(f"<list>{cell('x')}<list>{cell('x + 1')}</list></list>", x=1) == [1, [2]]
    columns = '<column name="p"/><column name="q"/>'
    rows = f"<row>{cell('1')}{cell('x')}</row><row>{cell('2')}{cell('x + 1')}</row>"
    assert boxed(f"<relation>{columns}{rows}</relation>", x=5) == [{"p": 1, "q": 5}, {"p": 2, "q": 6}]


def test_boxed_functions_are_called_and_invoked() -> None:
    function = f'<functionDefinition><formalParameter name="p"/>{cell("p + x")}</functionDefinition>'
    binding = f'<binding><parameter name="p"/>{cell("10")}</binding>'
    invocation = f"<invocation>{cell('f')}{binding}</invocation>"
    assert boxed(f"<context>{entry(function, 'f')}{entry(cell('f(2)'))}</context>", x=1) == 3
    assert boxed(f"<context>{entry(function, 'f')}{entry(invocation)}</context>", x=1) == 11
    requirements = dmn.parse(file(f'<decision id="a" name="A">{invocation}</decision>'))
    failed = dmn.evaluate(requirements, "a", {})
    assert failed.failure == "no function found with name 'f' and parameters: p"


def test_a_business_knowledge_model_may_require_others_and_is_in_the_trace() -> None:
    requirements = dmn.parse(
        file(
            literal("a", "K(x)", knows("k"))
            + knowledge("k", "L(p) + 1", "p", knows("l"))
            + knowledge("l", "p * 2", "p")
        )
    )
    result = dmn.evaluate(requirements, "a", {"x": 5})
    assert result.output == 11
    assert [(each.id, each.output) for each in result.evaluated_decisions] == [
        ("l", 10),
        ("k", 11),
        ("a", 11),
    ]


def test_a_business_knowledge_model_that_fails_is_named() -> None:
    requirements = dmn.parse(file(literal("a", "K(x)", knows("k")) + knowledge("k", "assert(p, false)", "p")))
    assert dmn.evaluate(requirements, "a", {"x": 5}).failed_decision_id == "k"


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


def test_a_part_of_a_table_without_an_id_fails_when_the_trace_needs_it() -> None:
    table = (
        '<decision id="a" name="A"><decisionTable id="t">'
        '<input {0}><inputExpression id="ie"><text>x</text></inputExpression></input>'
        '<output {1} name="o"/><rule {2}><inputEntry id="e"><text>1</text></inputEntry>'
        '<outputEntry id="f"><text>2</text></outputEntry></rule></decisionTable></decision>'
    )
    given = ['id="i"', 'id="o"', 'id="r"']
    for place, what in enumerate(("an input", "an output", "a rule that matches")):
        ids = [each if at != place else "" for at, each in enumerate(given)]
        requirements = dmn.parse(file(table.format(*ids)))
        assert dmn.evaluate(requirements, "a", {"x": 1}).failure == f"{what} has no id"
    assert dmn.evaluate(requirements, "a", {"x": 5}).failure == ""
