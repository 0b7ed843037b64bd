"""The FEEL interpreter held to what the reference engine answered (tests/record/feel_corpus.py records it)."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from camunda_embedded import _feel as feel

CORPUS = json.loads(
    (Path(__file__).parents[3] / "data" / "recorded" / "feel_corpus.json").read_text(encoding="utf-8")
)
EXPRESSIONS: list[dict[str, Any]] = CORPUS["expressions"]
UNARY_VARIABLES = {"y": 4, "z": {"a": 1, "b": 9}}
MOMENT = dt.datetime(2026, 11, 21, 11, 22, 33, 500_000, tzinfo=dt.timezone.utc)


def ours(entry: dict[str, Any]) -> dict[str, Any]:
    """Our answer in the corpus' form."""
    try:
        if "tests" in entry:
            variables = {"x": entry["value"], **UNARY_VARIABLES}
            tests = feel.compile_unary_tests(entry["tests"])
            return {"matches": tests.matches(entry["value"], variables, now=lambda: MOMENT)}
        expression = feel.compile(entry["expression"])
        return {"value": feel.to_json(expression.evaluate(entry.get("context", {}), now=lambda: MOMENT))}
    except feel.FeelSyntaxError:
        return {"refused": True}
    except feel.FeelEvaluationError as error:
        return {"failure": str(error)}


def expected(entry: dict[str, Any]) -> dict[str, Any]:
    """What the reference engine answered, or what we answer on purpose where the entry names a reason."""
    return {key: value for key, value in entry.get("differs", entry["recorded"]).items() if key != "reason"}


def agree(found: dict[str, Any], wanted: dict[str, Any]) -> bool:
    if "failure" in found and "failure" in wanted:
        # The causes of exceptions inside the reference engine are not our words; everything else is.
        return "java." in wanted["failure"] or "scala." in wanted["failure"] or found == wanted
    return json.dumps(found, sort_keys=True) == json.dumps(wanted, sort_keys=True)


def disagreements(entries: list[dict[str, Any]]) -> list[str]:
    result = []
    for entry in entries:
        found, wanted = ours(entry), expected(entry)
        if not agree(found, wanted):
            text = entry.get("expression", entry.get("tests"))
            result.append(
                f"{text!r} with {entry.get('context', entry.get('value'))}: {found} instead of {wanted}"
            )
    return result


@pytest.mark.parametrize("group", sorted({entry["group"] for entry in EXPRESSIONS}))
def test_expressions_give_what_the_reference_engine_gives(group: str) -> None:
    entries = [entry for entry in EXPRESSIONS if entry["group"] == group]
    assert entries
    assert disagreements(entries) == []


def test_unary_tests_match_as_in_the_reference_engine() -> None:
    assert disagreements(CORPUS["unaryTests"]) == []


@pytest.mark.parametrize("entry", CORPUS["incidents"], ids=lambda entry: entry["expression"])
def test_failures_are_worded_as_in_the_reference_engines_incidents(entry: dict[str, Any]) -> None:
    text = entry["expression"]
    try:
        value, failures = feel.compile(text).evaluate_with_failures(entry["context"])
        kind = feel.type_name(value)
        message = f"Expected result of the expression '{text}' to be 'BOOLEAN', but was '{kind}'."
    except feel.FeelEvaluationError as error:
        message, failures = str(error), error.failures
    if failures:
        message += " The evaluation reported the following warnings:\n" + "\n".join(failures)
    assert message == entry.get("differs", {}).get("message", entry["recorded"])


def test_deliberate_differences_name_a_reason_and_are_differences() -> None:
    for entry in [*EXPRESSIONS, *CORPUS["unaryTests"]]:
        if "differs" in entry:
            assert entry["differs"]["reason"]
            assert not agree(expected(entry), entry["recorded"]), (
                f"{entry} no longer differs: remove the mark"
            )


def test_the_corpus_calls_every_builtin() -> None:
    from camunda_embedded._feel.functions import NAMES

    called = " ".join(entry["expression"] for entry in EXPRESSIONS)
    published = {"is"}  # of which nothing was recorded, see test_api.py
    missing = [name for name in sorted(NAMES) if f"{name}(" not in called.replace(" (", "(")]
    assert [name for name in missing if name not in published] == []
