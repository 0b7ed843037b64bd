"""The embedded gateway answers and records what a real 8.6.0 did, line by line.

``tests/data/recorded/engine`` holds what the real one did, and ``engine-8.8.21.json`` by what the engine of 8.8.21 differed
from it: both were recorded in November 2026.
"""

from __future__ import annotations

import json
import re

import pytest

from tests.gateways import base
from tests.gateways.base import Gateway
from tests.gateways.registry import on_gateways
from tests.scenarios.engine import lines, report
from tests.scenarios.engine.corpus import SCENARIOS
from tests.scenarios.engine.lines import TRACES, VERDICTS, recorded
from tests.scenarios.engine.meetings import COLUMNS, ROWS, meetings
from tests.scenarios.engine.play import Play

RECORDED_VERDICTS: dict[str, tuple[str, list[str]]] = json.loads(VERDICTS.read_text())
#: Differences of the 8.8 line that its dialect has.
REFUSALS = {"resolve-without-retries", "unknown-decision"}
#: Every tenth scenario, and those in which the newer engine refused otherwise.
NEWER = sorted(
    {*list(SCENARIOS)[::10]}
    | {name for name, (verdict, rules) in RECORDED_VERDICTS.items() if verdict == lines.SAME and REFUSALS & set(rules)}
)  # fmt: skip
#: What answers of 8.8 have besides.
NEW_FIELDS = re.compile(r", 'listenerEventType': 6|, 'decisionEvaluationKey': '#\d+'")


def test_each_scenario_has_its_trace_and_each_trace_its_scenario() -> None:
    assert {path.stem for path in TRACES.glob("*.txt")} == set(SCENARIOS)


@on_gateways("embedded", features={base.CLOCK, base.RECORDS})
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_trace_is_that_of_the_real_one(fresh_gateway: Gateway, name: str) -> None:
    play = Play(fresh_gateway)
    SCENARIOS[name](play)

    assert play.trace() == recorded(name)


@on_gateways("embedded_8.8", features={base.CLOCK, base.RECORDS})
@pytest.mark.parametrize("name", NEWER)
def test_the_dialect_of_8_8_refuses_as_the_newer_engine_and_runs_as_the_older(
    fresh_gateway: Gateway, name: str
) -> None:
    play = Play(fresh_gateway)
    SCENARIOS[name](play)

    same, rules = lines.verdict(recorded(name), [NEW_FIELDS.sub("", line) for line in play.trace()])
    assert same == lines.SAME
    assert set(rules) == set(RECORDED_VERDICTS[name][1]) & REFUSALS


def test_every_difference_between_the_lines_has_a_name_and_every_name_a_difference() -> None:
    found = json.loads(VERDICTS.read_text())

    assert set(found) == set(SCENARIOS)
    assert {name for name, (verdict, _) in found.items() if verdict == lines.DIFFERS} == set(lines.WHOLE)
    assert {rule for _, rules in found.values() for rule in rules} == {rule.name for rule in lines.RULES}


def test_a_trace_that_differs_is_told_from_one_in_another_order() -> None:
    trace = recorded("a_parallel_multi_instance_collects_its_results")
    other = [line.replace('"loopCounter", ', '"loopCount", ') for line in trace]
    batch = '  > PROCESS_INSTANCE_BATCH ACTIVATE #99 {"batchElementInstanceKey": "#4", "processInstanceKey": "#4"}'

    assert lines.verdict(trace, trace) == (lines.SAME, [])
    assert lines.verdict(trace, [*other, batch])[0] == lines.DIFFERS
    assert lines.verdict(trace, [*trace, batch])[0] == lines.ORDER


def test_every_activity_that_waits_meets_everything_that_can_happen_to_it() -> None:
    found = set().union(*(meetings(recorded(name)) for name in SCENARIOS))
    never = {
        ("receive task", "error"),  # it has no job that could throw one
        ("multi-instance", "in"),  # its mappings are those of its runs
        ("multi-instance", "taken"),  # a modification takes its runs, and the body with the last of them
    }
    activities = (
        "service task", "user task", "send task", "script task", "business rule task", "receive task", "call activity",
        "sub-process", "multi-instance",
    )  # fmt: skip

    assert {(row, column) for row in activities for column in COLUMNS} - found == never
    assert {row for row, _ in found} == set(ROWS)


def test_the_document_is_what_the_recorded_runs_say() -> None:
    written = report.DOCUMENT.read_text(encoding="utf-8")

    assert written == report.document(), "run python -m tests.scenarios.engine.report"
