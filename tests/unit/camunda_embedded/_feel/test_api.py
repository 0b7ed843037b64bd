"""The interface of the FEEL interpreter: compiling, evaluating, values in and out, clock, bounds."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from camunda_embedded import _feel as feel
from camunda_embedded._feel import budget

NOON = dt.datetime(2024, 6, 15, 12, 30, 45, tzinfo=dt.timezone.utc)


def evaluate(text: str, context: Mapping[str, Any] | None = None) -> Any:
    return feel.to_json(feel.compile(text).evaluate(context or {}, now=lambda: NOON))


# --- compiling ---


def test_a_syntax_error_says_what_was_found_and_where() -> None:
    with pytest.raises(
        feel.FeelSyntaxError, match="expected 'then' but found '1' at line 2, column 1 of"
    ) as error:
        feel.compile("if true\n1")
    assert error.value.position == 8
    assert error.value.text == "if true\n1"


@pytest.mark.parametrize(
    "text", ["", "   ", "1 +", "if 1 then", "[1,", '"open', "a b", "x..y", "1 = 2 = 3", "{a 1}", "#"]
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(feel.FeelSyntaxError):
        feel.compile(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("foo(1)", "foo"),
        ("1 + foo bar(1)", "foo bar"),
        ("if true then uppercase(x) else 2", "uppercase"),
        ("{f: function(a) a, r: g(1)}", "g"),
        ("for f in [1] return f(1)", "f"),
    ],
)
def test_a_call_of_a_function_that_cannot_exist_is_refused_by_its_name(text: str, name: str) -> None:
    with pytest.raises(feel.UnknownFunction, match=name) as refusal:
        feel.compile(text)
    assert refusal.value.name == name
    assert isinstance(refusal.value, feel.FeelSyntaxError)


@pytest.mark.parametrize(
    "text",
    [
        "string length(x)",
        "{f: function(a) a, r: f(1)}",
        "{add one: function(a) a + 1, r: add one(1)}.r",
        "x.f(1)",
    ],
)
def test_built_in_functions_and_functions_of_contexts_are_known(text: str) -> None:
    assert feel.compile(text).text == text


def test_an_unknown_function_is_refused_in_unary_tests_too() -> None:
    with pytest.raises(feel.UnknownFunction):
        feel.compile_unary_tests("foo(?)")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x > 1 and y.z = a", {"x", "y", "a"}),
        ("for i in items return i * factor", {"items", "factor"}),
        ("some i in xs satisfies i > limit", {"xs", "limit"}),
        ("{a: b, c: a}.c", {"b"}),
        ("{f: function(p) p + q, r: f(1)}", {"q"}),
        ("xs[item > y]", {"xs", "y"}),
        ("`a b` + 1", {"a b"}),
        ("for i in [1] return partial", set()),
        ("1 + 2", set()),
    ],
)
def test_an_expression_knows_the_variables_it_refers_to(text: str, names: set[str]) -> None:
    assert feel.compile(text).names == names


def test_unary_tests_know_their_variables_but_not_the_input() -> None:
    assert feel.compile_unary_tests("< limit, ? > other").names == {"limit", "other"}


def test_the_same_text_is_compiled_once() -> None:
    assert feel.compile("x + 41") is feel.compile("x + 41")


# --- values in and out ---


@pytest.mark.parametrize(
    "value",
    [None, True, False, 0, -7, 2**53 + 1, 1.5, -0.25, "", "ä😀", [], [1, [None]], {}, {"a": {"b c": [1.5]}}],
)
def test_json_values_pass_through_unchanged(value: Any) -> None:
    result = feel.to_json(feel.from_json(value))
    assert result == value
    assert type(result) is type(value)


def test_numbers_are_decimal_inside_and_int_outside_when_whole() -> None:
    assert feel.compile("0.1 + 0.2").evaluate({}) == Decimal("0.3")
    assert evaluate("x * 4", {"x": 0.25}) == 1
    assert type(evaluate("x * 4", {"x": 0.25})) is int
    assert type(evaluate("x / 4", {"x": 1})) is float


def test_feel_values_may_be_given_as_variables() -> None:
    context = {"d": dt.date(2024, 2, 29), "n": Decimal("1.5"), "t": dt.timedelta(hours=1)}
    assert evaluate('[d + @"P1D", n + 1, t * 2]', context) == ["2024-03-01", 2.5, "PT2H"]


def test_a_variable_of_another_type_is_an_error_and_not_a_guess() -> None:
    with pytest.raises(TypeError, match="set"):
        feel.compile("x").evaluate({"x": {1}})
    with pytest.raises(TypeError, match="object"):
        feel.from_json([object()])


def test_only_the_variables_that_are_used_are_read() -> None:
    class Reads(Mapping[str, Any]):
        def __init__(self) -> None:
            self.read: list[str] = []

        def __getitem__(self, name: str) -> Any:
            self.read.append(name)
            return {"x": 1, "y": 2}[name]

        def __iter__(self) -> Iterator[str]:
            raise AssertionError("the variables are not listed")

        def __len__(self) -> int:
            raise AssertionError("the variables are not counted")

    variables = Reads()
    assert feel.compile("x + x").evaluate(variables) == 2
    assert set(variables.read) == {"x"}


def test_evaluating_does_not_change_the_variables() -> None:
    context = {"xs": [3, 1, 2], "c": {"a": 1}}
    evaluate('[append(xs, 4), sort(xs, function(x,y) x < y), context put(c, "b", 2)]', context)
    assert context == {"xs": [3, 1, 2], "c": {"a": 1}}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("null", "NULL"), ("true", "BOOLEAN"), ("1", "NUMBER"), ('"a"', "STRING"), ("[]", "ARRAY"), ("{}", "OBJECT"),
        ('@"P1D"', "DURATION"), ('@"P1Y"', "PERIOD"), ('@"2020-01-01"', "DATE"), ('@"10:00:00"', "TIME"),
        ('@"2020-01-01T10:00:00Z"', "DATE_TIME"),
    ],
)  # fmt: skip
def test_types_have_the_names_that_incidents_use(text: str, name: str) -> None:
    assert feel.type_name(feel.compile(text).evaluate({})) == name


# --- failures ---


def test_failures_are_told_beside_the_value() -> None:
    value, failures = feel.compile("x + 1").evaluate_with_failures({})
    assert value is None
    assert failures == [
        "[NO_VARIABLE_FOUND] No variable found with name 'x'",
        "[INVALID_TYPE] Can't add '1' to 'null'",
    ]


def test_a_violated_assertion_ends_the_evaluation() -> None:
    text = 'assert(x, x > 3, "too small")'
    with pytest.raises(feel.FeelEvaluationError) as error:
        feel.compile(text).evaluate({"x": 1})
    assert str(error.value) == f"Assertion failure on evaluate the expression '{text}': too small"
    assert error.value.failures == ["[ASSERT_FAILURE] too small"]


# --- clock ---


def test_now_and_today_come_from_the_callers_clock() -> None:
    assert evaluate("now()") == "2024-06-15T12:30:45Z[Etc/UTC]"
    assert evaluate("today()") == "2024-06-15"
    assert evaluate('string(now() + @"PT1H")') == "2024-06-15T13:30:45@Etc/UTC"


def test_a_clock_without_a_zone_means_utc() -> None:
    value = feel.compile("now()").evaluate({}, now=lambda: dt.datetime(2024, 1, 1))
    assert feel.to_json(value) == "2024-01-01T00:00Z[Etc/UTC]"


def test_without_a_clock_there_is_no_now() -> None:
    value, failures = feel.compile("now()").evaluate_with_failures({})
    assert value is None
    assert "no clock" in failures[0]


# --- bounds ---


@pytest.mark.parametrize(
    "text",
    ["(" * 5000 + "1", "[" * 5000, "-" * 5000 + "1", "not(" * 200 + "true" + ")" * 200, "x" + ".a" * 500],
)
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(feel.FeelSyntaxError):
        feel.compile(text)


def test_the_documented_depth_compiles_and_evaluates() -> None:
    assert evaluate("[" * 49 + "1" + "]" * 49) is not None
    assert evaluate("if false then 0 else " * 45 + "1") == 1


def test_a_long_chain_of_operators_is_no_nesting() -> None:
    assert evaluate("+".join(["1"] * 10_000)) == 10_000
    assert evaluate(" or ".join(["false"] * 5_000) + " or true") is True


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(feel.FeelSyntaxError, match="longer than"):
        feel.compile("1" * 100_001)


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..10000000 return i",
        "for i in 1..1000, j in 1..1000, k in 1..1000 return 1",
        "some i in 1..999999999999 satisfies false",
        'for i in 1..100 return if i = 1 then "ab" else partial[-1] + partial[-1]',
        "2 ** 99999999999",
        "9 ** 999999999 * 9 ** 999999999",
    ],
)
def test_what_would_take_too_long_or_grow_too_large_is_ended(text: str) -> None:
    with pytest.raises(feel.FeelEvaluationError):
        feel.compile(text).evaluate({})


def test_a_result_that_is_too_large_does_not_leave() -> None:
    value = feel.compile("for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]]").evaluate(
        {}
    )
    with pytest.raises(feel.FeelEvaluationError, match="parts"):
        feel.to_json(value)


@pytest.mark.parametrize(
    "pattern",
    ["a" * 1001, "(a{1000}){1000}", "((a{100}){100}){100}", "a{99999999}", "(?:(x|[ab]{200}){200}){2}"],
)
def test_patterns_that_only_cost_time_are_refused(pattern: str) -> None:
    value, failures = feel.compile("matches(text, pattern)").evaluate_with_failures(
        {"text": "a" * 40, "pattern": pattern}
    )
    assert value is None
    assert "Invalid pattern" in failures[0]


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("(a+)+$", True),
        ("(a*)*b", False),
        (r"(\w+)*!", False),
        ("(?:a{2,})+x", False),
        ("^(a{4}){10}$", True),
    ],
)
def test_repetitions_of_repetitions_are_matched(pattern: str, matches: bool) -> None:
    assert feel.compile("matches(text, pattern)").evaluate({"text": "a" * 40, "pattern": pattern}) is matches


@pytest.fixture
def short_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the time that expressions may compute."""
    monkeypatch.setattr(budget, "EVALUATION_SECONDS", 0.1)


@pytest.mark.parametrize(
    "call",
    [
        "matches(t, p)",
        'replace(t, p, "x")',
        "split(t, p)",
        "extract(t, p)",
        "for i in 1..99 return matches(t, p)",
    ],
)
@pytest.mark.usefixtures("short_budget")
def test_a_pattern_that_backtracks_for_ever_is_interrupted(call: str) -> None:
    began = time.thread_time()
    with pytest.raises(feel.FeelEvaluationError, match=r"computed for more than 0\.1 s"):
        feel.compile(call).evaluate({"t": "a" * 60 + "!", "p": "(a|aa)+$"})
    assert time.thread_time() - began < 2


DOUBLED = "".join(f", a{i}: [a{i - 1}, a{i - 1}]" for i in range(1, 45))


@pytest.mark.parametrize(
    "text",
    [
        "{a0: [1, 1]" + DOUBLED + ", r: a44 = a44}.r",
        "{a0: [1, 1]" + DOUBLED + ", r: string(a44)}.r",
        "{a0: [1, 1]" + DOUBLED + ", r: flatten(a44)}.r",
        "{a0: [1, 1]" + DOUBLED + ", r: a44 + 1}.r",
        'count(for i in 1..1000000 return text + "x")',
        "count(for i in 1..1000000 return items = items)",
        "[" + ", ".join(["items = items"] * 3000) + "]",
        "[" + ", ".join(["count(for i in 1..1000000, j in [] return 1)"] * 500) + "]",
        "sort(for i in 1..400000 return modulo(i * 7919, 104729), function(a, b) a < b)",
        "for i in 1..1000000 return contains(text, string(i))",
    ],
)
@pytest.mark.usefixtures("short_budget")
def test_an_expression_does_not_compute_for_long(text: str) -> None:
    began = time.thread_time()
    with pytest.raises(feel.FeelEvaluationError):
        feel.compile(text).evaluate({"text": "y" * 2_000_000, "items": [*range(50_000)]})
    assert time.thread_time() - began < 2


def test_what_the_limit_is() -> None:
    assert budget.left() == 1.0


@pytest.mark.usefixtures("short_budget")
def test_a_limit_of_time_is_one_of_the_whole_piece_of_work() -> None:
    slow = feel.compile("count(for i in 1..1000000 return [i, [i, i]] = [i, [i, i]])")
    owned = budget.enter()
    try:
        for _ in range(2):
            with pytest.raises(feel.FeelEvaluationError):
                slow.evaluate({})
        began = time.thread_time()
        with pytest.raises(feel.FeelEvaluationError):
            slow.evaluate({})
        assert time.thread_time() - began < 0.05  # nothing is left
    finally:
        budget.leave(owned)
    assert feel.compile("count(for i in 1..1000 return i)").evaluate({}) == 1000


@pytest.mark.parametrize(
    "text",
    [
        'substring("a", number("1e9999"))',
        'even(number("1e99999"))',
        'date and time(@"9999-12-31T23:59:59Z", "+10:00")',
        "decimal(1, 99999999)",
        "date(99999999999, 1, 1)",
        '@"9999-12-31" + @"P1D"',
    ],
)
def test_values_out_of_bounds_are_null(text: str) -> None:
    assert evaluate(text) is None


# --- regular expressions, where Python's differ ---


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (r'matches("É", "\p{Lu}")', True),
        (r'matches("1", "\p{L}")', False),
        (r'matches("a.b", "^\Qa.b\E$")', True),
        (r'replace("2024-06", "(?<y>\d+)-(?<m>\d+)", "${m}/${y}")', "06/2024"),
        (r'matches("é", "^\w$")', False),
        (r'matches("{", "{")', None),
        (r'matches("b", "[a-c&&[^b]]")', None),
    ],
)
def test_patterns_are_read_in_the_engines_flavour(text: str, result: Any) -> None:
    assert evaluate(text) == result


def test_is_compares_types_and_values_as_documented() -> None:
    assert evaluate('is(date("2012-12-25"), time("23:00:50"))') is False
    assert evaluate('is(date("2012-12-25"), date("2012-12-25"))') is True
    assert evaluate('is(time("23:00:50z"), time("23:00:50"))') is False
    assert evaluate('is(1, "1")') is False
    assert evaluate("is(null, null)") is True


def test_names_that_may_be_called_are_given_along() -> None:
    with pytest.raises(feel.UnknownFunction):
        feel.compile("f(1)")
    double = feel.compile("function(x) 2 * x").evaluate({})
    assert feel.compile("f(4)", frozenset({"f"})).evaluate({"f": double}) == 8
    assert feel.compile("f(4)", frozenset({"f"})).evaluate({"f": 1}) is None


def test_an_inequality_that_has_no_answer_says_so_twice() -> None:
    value, failures = feel.compile('1 != "v"').evaluate_with_failures({})
    assert value is None
    assert failures == [
        "[NOT_COMPARABLE] Can't compare '1' with '\"v\"'",
        "[INVALID_TYPE] Expected boolean but found 'null'",
    ]
