"""Decisions: DMN files read and evaluated as Camunda 8 does.

    >>> from camunda_embedded import dmn
    >>> requirements = dmn.parse(open("discount.dmn", "rb").read())
    >>> dmn.evaluate(requirements, "discount", {"customer": "gold"}).output
    0.2

Decision tables with all hit policies, literal and boxed expressions, required decisions and
business knowledge models are evaluated; what else the standard knows (boxed conditionals,
iterators, filters) is refused by `parse`. Decision services and imports that nothing uses are
left alone.
"""

from __future__ import annotations

from camunda_embedded._dmn.evaluate import (
    DecisionResult,
    EvaluatedDecision,
    EvaluatedEntry,
    MatchedRule,
    evaluate,
)
from camunda_embedded._dmn.model import Decision, DecisionRequirements
from camunda_embedded._dmn.parse import DmnError, parse

__all__ = [
    "Decision",
    "DecisionRequirements",
    "DecisionResult",
    "DmnError",
    "EvaluatedDecision",
    "EvaluatedEntry",
    "MatchedRule",
    "evaluate",
    "parse",
]
