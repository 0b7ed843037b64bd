"""Every gateway that runs the corpus answers and records what a real 8.6.0 did, line by line; the 8.8 line but for what has a name.

``tests/data/engine`` holds what the real one did; ``python -m tests.scenarios.engine.record`` writes it again.
"""

from __future__ import annotations

import json

import pytest

from tests.gateways import base
from tests.gateways.base import Gateway
from tests.gateways.registry import on_gateways
from tests.scenarios.engine import lines, report
from tests.scenarios.engine.corpus import SCENARIOS
from tests.scenarios.engine.lines import TRACES, VERDICTS, recorded
from tests.scenarios.engine.meetings import COLUMNS, ROWS, meetings
from tests.scenarios.engine.play import Play


def test_each_scenario_has_its_trace_and_each_trace_its_scenario() -> None:
    assert {path.stem for path in TRACES.glob("*.txt")} == set(SCENARIOS)


@on_gateways("embedded", features={base.CLOCK, base.RECORDS})
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_trace_is_that_of_the_real_one(fresh_gateway: Gateway, name: str) -> None:
    play = Play(fresh_gateway)
    SCENARIOS[name](play)

    assert play.trace() == recorded(name)


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
