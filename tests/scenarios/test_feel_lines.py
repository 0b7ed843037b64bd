"""FEEL and DMN of the 8.8 line: it answers both corpora as 8.6.0 does, but for what is listed with its reason.

The embedded FEEL follows 8.6 in both of its dialects.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.gateways.base import Gateway
from tests.gateways.registry import on_gateways
from tests.record import feel_corpus, feel_lines

LISTED: dict[str, Any] = json.loads((feel_corpus.DATA / "feel-8.8.21.json").read_text(encoding="utf-8"))


def test_every_difference_is_listed_once_and_with_its_reason() -> None:
    names = [name for group in LISTED["groups"] for name in group["cases"]]
    assert len(names) == len(set(names)) > 0
    assert all(group["reason"] and group["cases"] for group in LISTED["groups"])


@pytest.mark.timeout(600)  # 3,666 evaluations by a JVM: 3 minutes on a busy machine
@on_gateways("engine-8.8.21")
def test_the_newer_engine_answers_otherwise_exactly_where_it_is_listed(gateway: Gateway) -> None:
    listed = {name: answer for group in LISTED["groups"] for name, answer in group["cases"].items()}
    assert feel_lines.differences(gateway.grpc_address) == listed
