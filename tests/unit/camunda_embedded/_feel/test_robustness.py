"""Broken and strange expressions: whatever the text, the answer is a value or one of the documented errors."""

from __future__ import annotations

import datetime as dt
import json
import random
import sys
import threading
from pathlib import Path

import pytest

from camunda_embedded import _feel as feel

TEXTS: list[str] = [
    entry["expression"]
    for entry in json.loads(
        (Path(__file__).parents[3] / "data" / "recorded" / "feel_corpus.json").read_text(encoding="utf-8")
    )["expressions"]
    if len(entry["expression"]) < 80
]
PIECES = [
    "1", "x", "(", ")", "[", "]", "{", "}", ",", ":", ".", "..", "+", "-", "*", "/", "**", "=", "<", ">", "if ", "then ",
    "else ", "for ", "in ", "return ", "some ", "satisfies ", "function(", '"a"', "null", "true", "?", '@"P1D"', "not(",
    "and ", "or ", "between ", "instance of ", "`a`", "sum(", "string length(", "item", "\\", "😀", "\n", "/*", "//", "@",
    "99999999999999999999", "0.0000001",
]  # fmt: skip


def mutated(source: random.Random) -> str:
    text = source.choice(TEXTS)
    for _ in range(source.randint(1, 4)):
        at = source.randrange(len(text) + 1)
        what = source.random()
        if what < 0.4:
            text = text[:at] + source.choice(PIECES) + text[at:]
        elif what < 0.7:
            text = text[:at] + text[at + source.randint(1, 4) :]
        else:
            other = source.choice(TEXTS)
            start = source.randrange(len(other))
            text = text[:at] + other[start : start + source.randint(1, 15)] + text[at:]
    return text


@pytest.mark.parametrize("seed", range(4))
def test_a_mutated_expression_gives_a_value_or_a_documented_error(seed: int) -> None:
    source = random.Random(seed)
    context = {"x": [1, {"a": 2}], "y": {"z": None}}
    outcomes = {"value": 0, "error": 0}
    for _ in range(500):
        text = mutated(source)
        try:
            feel.to_json(feel.compile(text).evaluate(context, now=lambda: dt.datetime(2020, 1, 1)))
            feel.compile_unary_tests(text).matches(5, context)
            outcomes["value"] += 1
        except feel.FeelError:
            outcomes["error"] += 1
    assert min(outcomes.values()) > 20, "the mutations are all broken, or none is"


def test_a_small_stack_is_a_refusal_and_not_a_crash() -> None:
    outcome: list[BaseException | None] = []

    def descend(levels: int) -> None:
        if levels:
            descend(levels - 1)
            return
        try:
            feel.compile("[" * 49 + "1" + "]" * 49 + " // little room")
            outcome.append(None)
        except feel.FeelSyntaxError as error:
            outcome.append(error)

    thread = threading.Thread(target=descend, args=(sys.getrecursionlimit() - 150,))
    thread.start()
    thread.join()
    assert isinstance(outcome[0], feel.FeelSyntaxError)
    assert "too deep" in str(outcome[0])


def test_expressions_may_be_evaluated_by_many_threads_at_once() -> None:
    expression = feel.compile("sum(for i in 1..n return i * k)")
    results: dict[int, object] = {}

    def work(k: int) -> None:
        results[k] = [feel.to_json(expression.evaluate({"n": 50, "k": k})) for _ in range(50)]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {k: [1275 * k] * 50 for k in range(8)}
