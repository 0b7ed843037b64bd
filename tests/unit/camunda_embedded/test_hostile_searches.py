"""Searches that would keep a gateway from answering anybody else."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from camunda_embedded import EmbeddedGateway
from camunda_embedded._servers.rest import asking
from camunda_embedded._views.filters import Filter, Rules
from camunda_embedded._views.pages import Order, cut, read_order, read_page
from camunda_embedded._views.reading import Reading, TooLongError, _like, _none_of, _one_of

ROOT = Path(__file__).parents[3]
LETTERS = st.text("ab*?", max_size=8)


@given(LETTERS, st.text("ab", max_size=8))
def test_a_pattern_fits_what_a_regular_expression_of_it_fits(pattern: str, text: str) -> None:
    expression = pattern.replace("*", ".*").replace("?", ".")
    assert _like(pattern)(text) == (re.fullmatch(expression, text, re.DOTALL) is not None)


def test_a_backslash_takes_the_meaning_from_a_star() -> None:
    assert _like(r"a\*b")("a*b")
    assert not _like(r"a\*b")("axb")


@pytest.mark.timeout(300)  # combinations of all the stars would take for ever
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
        filtered = {"filter": {"version": 1}}
        refused = requests.post(users, json=filtered, timeout=10)
        assert refused.status_code == 503
        assert "ask for less at once" in refused.json()["detail"]
        monkeypatch.setattr(asking, "SEARCH_SECONDS", 10.0)
        assert requests.post(users, json=filtered, timeout=10).status_code == 200


def test_a_key_of_thousands_of_digits_is_no_key() -> None:
    with EmbeddedGateway(dialect="8.9") as gateway:
        place = f"{gateway.rest_address}/v2/process-instances/"
        assert requests.get(place + "9" * 5_000, timeout=10).status_code == 400
        assert requests.get(place + "0" * 90 + "1", timeout=10).status_code == 404


def refused(shape: str, given: Any) -> str:
    reading = Reading((8, 9))
    Filter(shape, given, reading)
    return " ".join(dict.fromkeys(reading.wrong))


@pytest.mark.parametrize(
    ("filter_", "words"),
    [
        ({"$or": [{}] * 1_001}, "not have more than 1000 alternatives and variables"),
        ({"$or": [{"variables": [{"name": "a", "value": "1"}] * 400}] * 3}, "not have more than 1000"),
        ({"processInstanceKey": {"$in": ["1"] * 65_537}}, "not have more than 65536 values"),
        ({"processDefinitionId": {"$like": "a" * 1_001}}, "not be longer than 1000 characters"),
    ],
)
def test_a_filter_of_too_many_parts_is_refused(filter_: Any, words: str) -> None:
    assert words in refused("ProcessInstanceFilter", filter_)


def test_alternatives_and_patterns_watch_the_time_within_one_row() -> None:
    row = {"processDefinitionId": "a" * 50_000}
    alternatives = [{"processDefinitionId": {"$like": f"*{'a?' * 200}b{n}"}} for n in range(1_000)]
    reading = Reading((8, 9))
    fits = Filter("ProcessInstanceFilter", {"$or": alternatives}, reading).against(Rules())
    reading.begin(-1.0)
    with pytest.raises(TooLongError):
        fits(row)


@pytest.mark.parametrize(
    "cursor", ["[" * 100_000, "[" + "9" * 5_000 + "]", '["\\ud800"]', "[NaN]", "[{}]", "[null]", "[[[]]]"]
)
@pytest.mark.parametrize("way", ["after", "before"])
@pytest.mark.parametrize("order", [(), (("a", 1),), (("a", -1), ("b", 1))])
def test_a_forged_cursor_is_refused_or_leads_anywhere_and_breaks_nothing(
    cursor: str, way: str, order: Order
) -> None:
    rows = [{"key": number, "a": number % 2 or None, "b": str(number)} for number in range(9)]
    reading = Reading((8, 9))
    page = read_page({way: base64.b64encode(cursor.encode()).decode(), "limit": 2}, "cursor", reading)
    assert len(cut(rows, "key", order, page)["items"]) <= 2
    assert not reading.unparsed


def test_to_sort_by_a_property_twice_sorts_once() -> None:
    sort = [{"field": "a"}, {"field": "b", "order": "DESC"}, *[{"field": "a", "order": "DESC"}] * 100_000]
    assert read_order(sort, "a b", Reading((8, 9))) == [("a", 1), ("b", -1)]


@pytest.mark.parametrize("body", [b'{"username":"a","name":"\\ud800","email":"e@x","password":"p"}'])
def test_half_a_character_is_answered_with_a_question_mark(body: bytes) -> None:
    with EmbeddedGateway(dialect="8.9") as gateway:
        users = f"{gateway.rest_address}/v2/users"
        kind = {"Content-Type": "application/json"}
        assert requests.post(users, data=body, headers=kind, timeout=10).json()["name"] == "?"
        found = requests.post(f"{users}/search", data=b"{}", headers=kind, timeout=10).json()
        assert [row["name"] for row in found["items"]] == ["?"]
        refused = requests.post(
            f"{users}/search", data=b'{"sort":[{"field":"\\ud800"}]}', headers=kind, timeout=10
        )
        assert (refused.status_code, "'?'" in refused.json()["detail"]) == (400, True)
