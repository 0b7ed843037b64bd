"""What was never recorded is as its published page says, and stays as it is."""

from __future__ import annotations

import pytest

from tests.scenarios.engine.published import TRACES, kept, played
from tests.scenarios.engine.published_corpus import PUBLISHED


def test_each_published_scenario_has_its_trace_and_each_trace_its_scenario() -> None:
    assert {path.stem for path in TRACES.glob("*.txt")} == set(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_it_is_as_its_page_says_and_stays_as_it_is(name: str) -> None:
    assert played(name) == kept(name), (
        "if it is meant to change: python -m tests.scenarios.engine.published --again"
    )
