"""Decisions held to what the reference engine answered, trace and failure texts included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from camunda_embedded import _dmn as dmn

CORPUS = json.loads(
    (Path(__file__).parents[3] / "data" / "recorded" / "dmn_corpus.json").read_text(encoding="utf-8")
)
MODELS: list[dict[str, Any]] = CORPUS["models"]


def trace(result: dmn.DecisionResult) -> dict[str, Any]:
    """A result in the corpus' form."""
    decisions = [
        {
            "id": decision.id,
            "name": decision.name,
            "output": decision.output,
            "inputs": [{"id": i.id, "name": i.name, "value": i.value} for i in decision.inputs],
            "matchedRules": [
                {
                    "id": rule.id,
                    "index": rule.index,
                    "outputs": [{"id": o.id, "name": o.name, "value": o.value} for o in rule.outputs],
                }
                for rule in decision.matched_rules
            ],
        }
        for decision in result.evaluated_decisions
    ]
    return {
        "output": result.output,
        "failedDecisionId": result.failed_decision_id,
        "failureMessage": result.failure_message,
        "evaluatedDecisions": decisions,
    }


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model["name"])
def test_decisions_give_what_the_reference_engine_gives(model: dict[str, Any]) -> None:
    xml = model["xml"].encode()
    if "refused" in model or "differs" in model:
        with pytest.raises(dmn.DmnError):
            dmn.parse(xml)
        return
    requirements = dmn.parse(xml)
    assert model["evaluations"] or model["deployed"]
    for evaluation in model["evaluations"]:
        found = trace(dmn.evaluate(requirements, model["decision"], evaluation["variables"]))
        assert json.dumps(found) == json.dumps(evaluation["recorded"]), evaluation["variables"]


def test_refusals_that_do_not_come_from_a_parser_are_worded_as_in_the_reference_engine() -> None:
    compared = 0
    for model in MODELS:
        recorded = model.get("refused", "")
        if (
            not recorded
            or "failed to parse" in recorded.lower()
            or "Cannot invoke" in recorded
            or "null" in recorded
        ):
            continue
        with pytest.raises(dmn.DmnError) as refusal:
            dmn.parse(model["xml"].encode())
        assert str(refusal.value) == recorded
        compared += 1
    assert compared >= 6


def test_every_hit_policy_is_in_the_corpus() -> None:
    text = "".join(model["xml"] for model in MODELS)
    for policy in ("UNIQUE", "FIRST", "ANY", "RULE ORDER", "OUTPUT ORDER", "PRIORITY", "COLLECT"):
        assert f'hitPolicy="{policy}"' in text
    for aggregation in ("SUM", "MIN", "MAX", "COUNT"):
        assert f'aggregation="{aggregation}"' in text
