"""Rows are found by index, and what is forgotten is what has ended."""

from __future__ import annotations

from typing import Any

import pytest

from camunda_embedded._views import table
from camunda_embedded._views.table import PLACE, Table


def keys(rows: Any) -> list[Any]:
    return [row["key"] for row in rows]


def filled(count: int) -> Table:
    made = Table("key", by=("owner",))
    for number in range(count):
        made.add({"key": number, "owner": number % 3})
    return made


def test_rows_are_found_by_their_key_and_by_an_index_alone() -> None:
    made = filled(9)
    assert keys(made.of("owner", 1)) == [1, 4, 7]
    assert made.of("owner", 5) == []
    assert keys(made.narrowed({"key": 4, "owner": 2})) == [4]
    assert keys(made.narrowed({"key": 10})) == []
    assert keys(made.narrowed({"other": 1, "owner": 2})) == [2, 5, 8]
    assert keys(made.narrowed({"other": 1})) == list(range(9))


def test_rows_that_are_taken_out_are_in_no_index() -> None:
    made = filled(9)
    made.remove(1, 7, 99)
    assert keys(made.of("owner", 1)) == [4]
    made.remove(4)
    assert made.of("owner", 1) == []
    assert len(made) == 6
    assert 4 not in made


def test_a_row_that_comes_again_stands_last() -> None:
    made = filled(3)
    again = made.add({"key": 0, "owner": 1})
    assert keys(made) == [1, 2, 0]
    assert keys(made.of("owner", 1)) == [1, 0]
    assert again[PLACE] == 3


def test_what_has_ended_is_forgotten_the_oldest_first_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(table, "KEPT_ROWS", 20)
    made = filled(20)
    for number in (5, 3, 4):
        made.end({"key": number})
    made.reopen({"key": 3})
    made.end({"key": 77})  # which nobody knows
    made.add({"key": 20, "owner": 0}, ended=True)
    assert set(range(21)) - set(keys(made)) == {5, 4}
    for number in range(21, 40):
        made.add({"key": number, "owner": 0})
    assert set(range(40)) - set(keys(made)) == {5, 4, 20}  # all others go on: they are kept
