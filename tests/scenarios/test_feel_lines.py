"""FEEL and DMN of the 8.8 line: it answers both corpora as 8.6.0 does, but for what is listed with its reason.

The embedded FEEL follows 8.6 in both of its dialects.
"""

from __future__ import annotations

import json
import os
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


#: All of it are 3,666 evaluations by a JVM, minutes on a busy machine: that is for `make conformance`.
EVERY = 1 if os.environ.get("CAMUNDA_BRIDGE_CORPUS") == "all" else 8


@pytest.mark.timeout(600)
@on_gateways("engine-8.8.21")
def test_the_newer_engine_answers_otherwise_exactly_where_it_is_listed(gateway: Gateway) -> None:
    listed = {name: answer for group in LISTED["groups"] for name, answer in group["cases"].items()}
    asked, found = feel_lines.differences(gateway.grpc_address, EVERY)
    assert len(asked) > 400
    assert found == {name: answer for name, answer in listed.items() if name in asked}
