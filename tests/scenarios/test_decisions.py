"""Evaluating decisions, the same on every path."""

from __future__ import annotations

import json

from tests.gateways.base import REAL_GATEWAY
from tests.scenarios.stage import TENANT, Case, scenario

#: A decision whose requirement fails for negative amounts.
FAILING = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="{requirements}" name="Checked"
             namespace="http://example.com/decisions">
  <decision id="{decision}" name="Checked">
    <variable id="checked-variable" name="checked" />
    <informationRequirement id="needs-amount"><requiredDecision href="#{amount}" /></informationRequirement>
    <literalExpression id="checked-expression"><text>level + "!"</text></literalExpression>
  </decision>
  <decision id="{amount}" name="Level">
    <variable id="level" name="level" typeRef="string" />
    <literalExpression id="level-expression"><text>assert(amount, amount > 0)</text></literalExpression>
  </decision>
</definitions>
"""


def deploy_credit(case: Case) -> tuple[str, int]:
    """A decision that needs another: its id and key."""
    decision = case.name("credit")
    answer = case.deploy(
        case.resource(
            "credit", requirements=case.name("requirements"), decision=decision, risk=case.name("risk")
        )
    )
    keys = {item.decision.dmnDecisionId: item.decision.decisionKey for item in answer.deployments}
    return decision, keys[decision]


@scenario()
def test_a_decision_is_evaluated_by_id_and_by_key(case: Case) -> None:
    decision, key = deploy_credit(case)
    by_id = case.call("EvaluateDecision", decisionId=decision, variables='{"income":5000}')
    by_key = case.call("EvaluateDecision", decisionKey=key, variables='{"income":10}', tenantId=TENANT)
    assert json.loads(by_id.decisionOutput) == {"limit": 5000, "approved": True}
    assert json.loads(by_key.decisionOutput) == {"limit": 0, "approved": False}
    for answer in (by_id, by_key):
        assert (answer.decisionKey, answer.decisionId, answer.decisionVersion) == (key, decision, 1)
        assert [each.decisionName for each in answer.evaluatedDecisions] == ["Risk", "Credit"]
        risk = answer.evaluatedDecisions[0]
        assert [each.inputName for each in risk.evaluatedInputs] == ["Income"]
        assert [output.outputName for rule in risk.matchedRules for output in rule.evaluatedOutputs] == [
            "Risk"
        ]
        assert not answer.failedDecisionId


@scenario()
def test_a_decision_without_a_table(case: Case) -> None:
    decision = case.name("discount")
    case.deploy(case.resource("discount", requirements=case.name("requirements"), decision=decision))
    answer = case.call("EvaluateDecision", decisionId=decision, variables='{"amount":12.5}')
    assert json.loads(answer.decisionOutput) == 1.25


@scenario()
def test_a_failing_evaluation_is_an_answer_that_tells_what_failed(case: Case) -> None:
    decision, amount = case.name("checked"), case.name("level")
    content = FAILING.format(requirements=case.name("requirements"), decision=decision, amount=amount)
    case.call("DeployResource", resources=[{"name": "checked.dmn", "content": content.encode()}])
    answer = case.call("EvaluateDecision", decisionId=decision, variables='{"amount":-1}')
    assert answer.failedDecisionId == amount
    assert "The condition is not fulfilled" in answer.failureMessage
    if REAL_GATEWAY in case.gateway.features:  # stand-ins may say "null"
        assert answer.decisionOutput == ""
    without = case.call("EvaluateDecision", decisionId=decision)
    assert without.failedDecisionId == amount
