"""What filters find, on rows made by hand: every operator, lists, what is not there, alternatives, and what cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

from camunda_embedded._views.filters import Filter, Rules
from camunda_embedded._views.reading import Reading, milliseconds

ROWS: list[dict[str, Any]] = [
    {"jobKey": 1, "type": "a-b", "retries": 3, "deadline": 1000, "errorMessage": None, "state": "CREATED"},
    {"jobKey": 2, "type": "ab", "retries": 0, "deadline": 2000, "errorMessage": "no", "state": "FAILED"},
    {"jobKey": 3, "type": "*", "retries": 1, "deadline": None, "errorMessage": "", "state": "FAILED"},
]
LATEST = (8, 10)


def found(shape: str, given: Any, version: tuple[int, int] = LATEST, rules: Rules | None = None) -> list[int]:
    reading = Reading(version)
    wanted = Filter(shape, given, reading)
    assert (reading.unparsed, reading.wrong) == ([], [])
    return [row["jobKey"] for row in filter(wanted.against(rules or Rules()), ROWS)]


def refused(shape: str, given: Any, version: tuple[int, int] = LATEST) -> tuple[list[str], list[str]]:
    reading = Reading(version)
    Filter(shape, given, reading)
    return reading.unparsed, reading.wrong


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        (None, [1, 2, 3]),
        ({}, [1, 2, 3]),
        ({"jobKey": "2"}, [2]),
        ({"jobKey": {"$eq": "2"}}, [2]),
        ({"jobKey": {"$neq": "2"}}, [1, 3]),
        ({"jobKey": {"$in": ["1", "3"]}}, [1, 3]),
        ({"jobKey": {"$notIn": ["1", "3"]}}, [2]),
        ({"jobKey": {"$eq": "2", "$in": [], "$notIn": []}}, [2]),
        ({"jobKey": None}, [1, 2, 3]),
        ({"type": "ab"}, [2]),
        ({"type": {"$like": "a*"}}, [1, 2]),
        ({"type": {"$like": "a?b"}}, [1]),
        ({"type": {"$like": "\\*"}}, [3]),
        ({"type": {"$like": "a"}}, []),
        ({"errorMessage": {"$exists": True}}, [2]),
        ({"errorMessage": {"$exists": False}}, [1, 3]),
        ({"errorMessage": {"$neq": "no"}}, [1, 3]),
        ({"retries": 3}, [1]),
        ({"retries": {"$gt": 1}}, [1]),
        ({"retries": {"$gte": 1, "$lt": 3}}, [3]),
        ({"retries": {"$lte": 1}}, [2, 3]),
        ({"deadline": {"$gt": "1970-01-01T00:00:01Z"}}, [2]),
        ({"deadline": "1970-01-01T01:00:01+01:00"}, [1]),
        ({"deadline": {"$exists": False}}, [3]),
        ({"state": "FAILED", "retries": 0}, [2]),
    ],
)
def test_a_filter_finds_what_fulfils_all_of_it(given: Any, keys: list[int]) -> None:
    assert found("JobFilter", given) == keys


def test_one_of_the_alternatives_is_enough_and_the_rest_holds_beside_it() -> None:
    either = [{"hasIncident": True}, {"processDefinitionId": "p"}]
    rows = [
        {"hasIncident": True, "processDefinitionId": "q", "state": "ACTIVE"},
        {"hasIncident": False, "processDefinitionId": "p", "state": "ACTIVE"},
        {"hasIncident": False, "processDefinitionId": "q", "state": "ACTIVE"},
        {"hasIncident": True, "processDefinitionId": "p", "state": "COMPLETED"},
    ]
    wanted = Filter("ProcessInstanceFilter", {"state": "ACTIVE", "$or": either}, Reading(LATEST))
    assert [wanted.against(Rules())(row) for row in rows] == [True, True, False, False]


def test_a_list_of_a_row_is_found_by_one_of_its_values_and_tags_by_all_that_are_asked() -> None:
    rules = Rules(aliases={"candidateGroup": "candidateGroups"})
    row = {"candidateGroups": ["sales", "hr"], "tags": ["x", "y"]}

    def matches(given: Any) -> bool:
        return Filter("UserTaskFilter", given, Reading(LATEST)).against(rules)(row)

    assert matches({"candidateGroup": "hr"})
    assert not matches({"candidateGroup": "it"})
    assert matches({"candidateGroup": {"$in": ["it", "hr"]}})
    assert not matches({"candidateGroup": {"$notIn": ["hr"]}})
    assert matches({"tags": ["x"]})
    assert not matches({"tags": ["x", "z"]})


def test_variables_are_all_asked_by_name_and_value() -> None:
    rules = Rules(variables={"variables": lambda row: row["own"]})
    row = {"own": {"a": "1", "who": '"ann"'}}

    def matches(*variables: Any) -> bool:
        wanted = Filter("ProcessInstanceFilter", {"variables": list(variables)}, Reading(LATEST))
        return wanted.against(rules)(row)

    assert matches({"name": "a", "value": "1"}, {"name": "who", "value": {"$like": '"a*'}})
    assert not matches({"name": "a", "value": "2"})
    assert not matches({"name": "b", "value": {"$neq": "1"}})


@pytest.mark.parametrize(
    ("given", "unparsed"),
    [
        ({"jobkey": "1"}, "filter.jobkey"),
        ([], "filter"),
        ({"retries": "3"}, "filter.retries"),
        ({"retries": True}, "filter.retries"),
        ({"jobKey": 1}, "filter.jobKey"),
        ({"jobKey": {"$like": "1*"}}, "filter.jobKey.$like"),
        ({"type": {"$gt": "a"}}, "filter.type.$gt"),
        ({"type": {"$in": "a"}}, "filter.type.$in"),
        ({"isDenied": "yes"}, "filter.isDenied"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_place(given: Any, unparsed: str) -> None:
    assert refused("JobFilter", given) == ([unparsed], [])


def test_all_wrong_values_are_named() -> None:
    _, wrong = refused(
        "JobFilter", {"jobKey": "x", "deadline": {"$gt": "soon"}, "elementInstanceKey": {"$in": ["1", ""]}}
    )
    assert [sentence.partition("'")[0] for sentence in wrong] == [
        "The provided jobKey ", "The provided deadline ", "The provided elementInstanceKey ",
    ]  # fmt: skip


def test_what_a_version_has_not_is_unknown_to_it() -> None:
    assert refused("JobFilter", {"creationTime": "2026-01-01T00:00:00Z"}, (8, 8)) == (
        ["filter.creationTime"],
        [],
    )
    assert refused("JobFilter", {"creationTime": "2026-01-01T00:00:00Z"}, (8, 9)) == ([], [])
    assert refused("ElementInstanceFilter", {"elementId": {"$in": ["a"]}}, (8, 9)) == (
        ["filter.elementId"],
        [],
    )
    assert refused("ElementInstanceFilter", {"elementId": {"$in": ["a"]}}, (8, 10)) == ([], [])


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("1970-01-01T00:00:01Z", 1000),
        ("1970-01-01T00:00:00.5Z", 500),
        ("1970-01-01T00:00:00.123456789Z", 123),
        ("1970-01-01T01:00+01:00", 0),
        ("1970-01-01T00:00:00", None),
        ("1970-01-01", None),
        ("", None),
        ("now", None),
    ],
)
def test_times_have_an_offset(text: str, time: int | None) -> None:
    assert milliseconds(text) == time
