"""FEEL and DMN of the 8.8 line: an engine 8.8.21 answered both corpora as the real 8.6.0 did, but for what is listed.

The embedded FEEL follows 8.6 in both of its dialects; that it does is ``tests/unit/camunda_embedded/_feel/test_corpus.py``.
"""

from __future__ import annotations

import json
from typing import Any

from tests.record import feel_corpus, feel_lines

LISTED: dict[str, Any] = json.loads((feel_corpus.DATA / "feel-8.8.21.json").read_text(encoding="utf-8"))
CASES = {name: answer for group in LISTED["groups"] for name, answer in group["cases"].items()}


def test_every_difference_is_listed_once_and_with_its_reason() -> None:
    names = [name for group in LISTED["groups"] for name in group["cases"]]
    assert len(names) == len(set(names)) > 0
    assert all(group["reason"] and group["cases"] for group in LISTED["groups"])


def test_every_listed_case_is_one_of_the_corpora_and_its_answer_another_one() -> None:
    recorded = feel_lines.recorded()
    assert set(CASES) <= set(recorded)
    assert [name for name, answer in CASES.items() if answer == recorded[name]] == []
