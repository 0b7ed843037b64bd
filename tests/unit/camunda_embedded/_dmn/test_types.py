"""What the type of a decision's variable does to its result, as a real 8.6.0 answered; recorded on 2026-11-29."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from camunda_embedded import _dmn as dmn
from camunda_embedded._documents import dumps

DATA = Path(__file__).parents[3] / "data" / "recorded" / "dmn-typeref-8.6.0.json"
#: Each: a name, what is in the file, the output as JSON (None when it failed), and the failure.
ROWS: list[tuple[str, str, str | None, str]] = json.loads(DATA.read_text())["rows"]
_HEAD = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" '
    'xmlns:feel="https://www.omg.org/spec/DMN/20191111/FEEL/" id="g" name="g" namespace="n">'
)


@pytest.mark.parametrize(
    ("content", "output", "failure"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_the_result_must_be_of_the_type_of_the_variable(
    content: str, output: str | None, failure: str
) -> None:
    result = dmn.evaluate(dmn.parse(f"{_HEAD}{content}</definitions>".encode()), "d", {})

    assert result.failure_message == failure
    assert (None if failure else dumps(result.output)) == output


def test_failures_and_results_were_recorded() -> None:
    assert len(ROWS) == 521
    assert sum(output is None for _, _, output, _ in ROWS) > 100
