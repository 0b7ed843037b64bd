"""Order and pages: every walk, in every direction, sees every row once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camunda_embedded._views.pages import MAX_LIMIT, MAX_TOTAL, Order, Page, cut, read_order, read_page
from camunda_embedded._views.reading import Reading

ROWS = st.lists(
    st.fixed_dictionaries(
        {"a": st.none() | st.integers(0, 3), "b": st.none() | st.sampled_from(["x", "y"])},
    ),
    max_size=12,
).map(lambda rows: [{**row, "key": number} for number, row in enumerate(rows)])
ORDERS: st.SearchStrategy[Order] = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([1, -1])),
    max_size=2,
    unique_by=lambda each: each[0],
)


def read(given: Any, kind: str = "cursor") -> Page:
    reading = Reading((8, 10))
    page = read_page(given, kind, reading)
    assert (reading.unparsed, reading.wrong) == ([], [])
    return page


@given(ROWS, ORDERS, st.integers(1, 5))
def test_forward_backward_and_by_offset_all_rows_are_seen_once_in_order(
    rows: list[dict[str, Any]], order: Order, limit: int
) -> None:
    whole = cut(rows, "key", order, Page(limit=MAX_LIMIT))["items"]
    forward: list[Any] = []
    answer = cut(rows, "key", order, Page(limit=limit))
    for _ in range(len(rows) + 1):
        forward += answer["items"]
        if not answer["items"]:
            break
        answer = cut(rows, "key", order, read({"limit": limit, "after": answer["page"]["endCursor"]}))
    assert forward == whole

    by_offset = [
        each
        for start in range(0, len(rows), limit)
        for each in cut(rows, "key", order, Page(limit, start))["items"]
    ]
    assert by_offset == whole

    backward: list[Any] = whole[-1:]
    answer = cut(rows, "key", order, Page(limit=1, start=max(0, len(rows) - 1)))
    for _ in range(len(rows) + 1):
        if not answer["items"]:
            break
        answer = cut(rows, "key", order, read({"limit": limit, "before": answer["page"]["startCursor"]}))
        backward = answer["items"] + backward
    assert backward == whole


def test_what_is_missing_comes_last_in_both_directions() -> None:
    rows = [{"key": 1, "a": None}, {"key": 2, "a": 5}, {"key": 3, "a": 7}]
    for direction, keys in ((1, [2, 3, 1]), (-1, [3, 2, 1])):
        found = cut(rows, "key", [("a", direction)], Page())["items"]
        assert [row["key"] for row in found] == keys


def test_more_than_so_many_are_not_counted() -> None:
    rows = [{"key": number} for number in range(MAX_TOTAL + 1)]
    assert cut(rows, "key", (), Page())["page"]["totalItems"] == MAX_TOTAL
    assert cut(rows, "key", (), Page())["page"]["hasMoreTotalItems"]
    assert not cut(rows[1:], "key", (), Page())["page"]["hasMoreTotalItems"]
    assert cut([], "key", (), Page())["page"] == {
        "totalItems": 0, "hasMoreTotalItems": False, "startCursor": None, "endCursor": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given_page", "kind", "unparsed", "wrong"),
    [
        ({"size": 3}, "cursor", ["page.size"], []),
        ({"after": "x"}, "offset", ["page.after"], []),
        ({"before": "x"}, "forward", ["page.before"], []),
        ({"limit": "3"}, "cursor", ["page.limit"], []),
        ([], "cursor", ["page"], []),
        ({"limit": 0}, "cursor", [], ["The value for page.limit is '0' but must be between 1 and 10000."]),
        (
            {"limit": 10001},
            "cursor",
            [],
            ["The value for page.limit is '10001' but must be between 1 and 10000."],
        ),
        ({"from": -1}, "cursor", [], ["The value for page.from is '-1' but must be not negative."]),
        ({"after": "x"}, "cursor", [], ["Cannot decode pagination cursor 'x'."]),
        ({"from": 1, "after": "WzFd"}, "cursor", [], ["Only one of [from, after, before] is allowed."]),
    ],
)
def test_a_page_that_cannot_be_is_refused(
    given_page: Any, kind: str, unparsed: list[str], wrong: list[str]
) -> None:
    reading = Reading((8, 10))
    read_page(given_page, kind, reading)
    assert (reading.unparsed, reading.wrong) == (unparsed, wrong)


@pytest.mark.parametrize(
    ("order", "unparsed", "wrong"),
    [
        ([{"field": "a"}, {"field": "b", "order": "desc"}], [], []),
        ({}, ["sort"], []),
        (["a"], ["sort"], []),
        ([{"field": "a", "direction": "ASC"}], ["sort.direction"], []),
        ([{"order": "ASC"}], [], ["Sort field must not be null."]),
        (
            [{"field": "c"}],
            [],
            ["Unexpected value 'c' for enum field 'field'. Use any of the following values: [a, b]"],
        ),
        (
            [{"field": "a", "order": "UP"}],
            [],
            ["Unexpected value 'UP' for enum field 'order'. Use any of the following values: [ASC, DESC]"],
        ),
    ],
)
def test_what_cannot_be_sorted_by_is_refused(order: Any, unparsed: list[str], wrong: list[str]) -> None:
    reading = Reading((8, 10))
    read_order(order, "a b", reading)
    assert (reading.unparsed, reading.wrong) == (unparsed, wrong)
