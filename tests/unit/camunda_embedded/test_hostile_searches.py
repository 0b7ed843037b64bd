"""Searches that would keep a gateway from answering anybody else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from camunda_embedded import EmbeddedGateway
from camunda_embedded._servers.rest import asking
from camunda_embedded._views.filters import _like, _none_of, _one_of

ROOT = Path(__file__).parents[3]
LETTERS = st.text("ab*?", max_size=8)


@given(LETTERS, st.text("ab", max_size=8))
def test_a_pattern_fits_what_a_regular_expression_of_it_fits(pattern: str, text: str) -> None:
    expression = pattern.replace("*", ".*").replace("?", ".")
    assert _like(pattern)(text) == (re.fullmatch(expression, text, re.DOTALL) is not None)


def test_a_backslash_takes_the_meaning_from_a_star() -> None:
    assert _like(r"a\*b")("a*b")
    assert not _like(r"a\*b")("axb")


@pytest.mark.timeout(60)  # combinations of all the stars would take for ever
def test_a_pattern_of_many_stars_takes_no_combinations() -> None:
    assert not _like("*a" * 2_000 + "b")("a" * 20_000)


@given(st.lists(st.integers(0, 5) | st.sampled_from(["1", "2", "x"])), st.integers(0, 5) | st.just("x"))
def test_lists_of_values_are_sets(wanted: list[Any], value: Any) -> None:
    same = any(value == one or (isinstance(value, int) and str(value) == one) for one in wanted)
    assert _one_of(wanted)(value) == same
    assert _none_of(wanted)(value) == (not same)


def test_a_filter_that_takes_long_is_refused_and_the_next_request_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asking, "SEARCH_SECONDS", -1.0)
    with EmbeddedGateway(dialect="8.9") as gateway:
        users = f"{gateway.rest_address}/v2/process-definitions/search"
        deployed = requests.post(
            f"{gateway.rest_address}/v2/deployments",
            files={"resources": ("a.bpmn", (ROOT / "examples/order.bpmn").read_bytes())},
            timeout=10,
        )
        assert deployed.status_code == 200
        refused = requests.post(users, json={}, timeout=10)
        assert refused.status_code == 503
        assert "ask for less at once" in refused.json()["detail"]
        monkeypatch.setattr(asking, "SEARCH_SECONDS", 10.0)
        assert requests.post(users, json={}, timeout=10).status_code == 200


def test_a_key_of_thousands_of_digits_is_no_key() -> None:
    with EmbeddedGateway(dialect="8.9") as gateway:
        place = f"{gateway.rest_address}/v2/process-instances/"
        assert requests.get(place + "9" * 5_000, timeout=10).status_code == 400
        assert requests.get(place + "0" * 90 + "1", timeout=10).status_code == 404
