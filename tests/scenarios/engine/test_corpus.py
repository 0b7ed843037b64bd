"""Every gateway that runs the corpus answers and records what a real 8.6.0 did, line by line.

``tests/data/engine`` holds what the real one did; ``python -m tests.scenarios.engine.record`` writes it again.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gateways import base
from tests.gateways.base import Gateway
from tests.gateways.registry import on_gateways
from tests.scenarios.engine.corpus import SCENARIOS
from tests.scenarios.engine.play import Play

TRACES = Path(__file__).parents[2] / "data" / "engine"


def test_each_scenario_has_its_trace_and_each_trace_its_scenario() -> None:
    assert {path.stem for path in TRACES.glob("*.txt")} == set(SCENARIOS)


@on_gateways("embedded", "broker-8.6.0", features={base.CLOCK, base.RECORDS})
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_trace_is_that_of_the_real_one(gateway: Gateway, name: str) -> None:
    play = Play(gateway)
    SCENARIOS[name](play)

    assert play.trace() == (TRACES / f"{name}.txt").read_text().splitlines()
