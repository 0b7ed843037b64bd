"""Searches ask for page after page, with any kind of cursor, and always come to an end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from camunda_core.errors import FailedPrecondition, InvalidRequest, NotFound
from camunda_rest._reading import Unreadable
from camunda_rest._search import AsyncSearch, Page, Search, Total, read_page
from tests.unit.camunda_rest.api.sides import SIDES, Waiting

KINDS = ("cursor", "forward", "offset")


class Table:
    """Rows that are given page by page, as a gateway does it; ``asked`` keeps what was asked for."""

    def __init__(
        self, count: int, kind: str = "cursor", *, most: int = 10_000, cap: int | None = None
    ) -> None:
        self.rows = list(range(count))
        self.kind = kind
        self.most = most
        self.cap = cap
        self.asked: list[tuple[dict[str, Any], bool]] = []

    def ask(self, page: dict[str, Any], first: bool) -> Page[int]:
        self.asked.append((page, first))
        start = page.get("from", 0)
        if "after" in page:
            start = int(page["after"].removeprefix("c")) + 1
        if "before" in page:
            start = max(int(page["before"].removeprefix("c")) - page["limit"], 0)
        items = tuple(self.rows[start : start + min(page["limit"], self.most)])
        total = len(self.rows)
        known = Total(total) if self.cap is None or total <= self.cap else Total(self.cap, at_least=True)
        if self.kind == "offset" or not items:
            return Page(items, known)
        return Page(items, known, f"c{items[0]}", f"c{items[-1]}")


Open = Callable[..., Any]


@pytest.fixture(params=SIDES)
def search(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Makes a search over a function that answers pages."""
    loop = asyncio.new_event_loop()

    def make(ask: Callable[[dict[str, Any], bool], Page[int]], kind: str = "cursor", **options: Any) -> Any:
        options = {"limit": None, "page_size": 100, **options}
        if request.param == "blocking":
            return Search("searchThings", kind, ask, **options)

        async def later(page: dict[str, Any], first: bool) -> Page[int]:
            return ask(page, first)

        return Waiting(AsyncSearch("searchThings", kind, later, **options), loop)

    yield make
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
def test_every_item_comes_once_whatever_the_paging(search: Open, kind: str, count: int) -> None:
    table = Table(count, kind)

    assert search(table.ask, kind).all() == table.rows
    assert len(table.asked) == max(-(-count // 100), 1)


@pytest.mark.parametrize("kind", KINDS)
def test_short_pages_of_a_gateway_that_gives_less_than_was_asked_for_are_not_the_end(
    search: Open, kind: str
) -> None:
    table = Table(25, kind, most=10)

    assert search(table.ask, kind).all() == table.rows
    assert len(table.asked) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_total_that_is_capped_does_not_end_the_reading(search: Open, kind: str) -> None:
    table = Table(250, kind, cap=50)

    assert search(table.ask, kind).all() == table.rows


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("limit", "sizes"), [(0, []), (1, [1]), (100, [100]), (130, [100, 30])])
def test_a_limit_is_the_most_that_comes_and_the_most_that_is_asked_for(
    search: Open, kind: str, limit: int, sizes: list[int]
) -> None:
    table = Table(1000, kind)

    assert search(table.ask, kind, limit=limit).all() == table.rows[:limit]
    assert [page["limit"] for page, _ in table.asked] == sizes


def test_the_size_of_pages_can_be_chosen(search: Open) -> None:
    table = Table(7)

    assert [len(page) for page in search(table.ask, page_size=3).pages()] == [3, 3, 1]
    assert [page for page, _ in table.asked] == [
        {"limit": 3},
        {"limit": 3, "after": "c2"},
        {"limit": 3, "after": "c5"},
    ]


def test_pages_are_asked_for_only_when_they_are_read(search: Open) -> None:
    table = Table(1000)
    reading = iter(search(table.ask))
    assert table.asked == []

    assert [next(reading) for _ in range(100)] == table.rows[:100]
    assert len(table.asked) == 1


def test_only_the_first_page_is_waited_for(search: Open) -> None:
    table = Table(250)
    search(table.ask).all()

    assert [first for _, first in table.asked] == [True, False, False]


def test_a_search_can_be_read_again_and_asks_anew(search: Open) -> None:
    table = Table(3)
    found = search(table.ask)
    assert list(found) == [0, 1, 2]
    table.rows.append(3)

    assert list(found) == [0, 1, 2, 3]


@pytest.mark.parametrize("kind", ["cursor", "forward"])
def test_a_cursor_that_does_not_move_is_not_followed_for_ever(
    search: Open, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    asked = []

    def stuck(page: dict[str, Any], first: bool) -> Page[int]:
        asked.append(page)
        return Page((1, 2), Total(1000), "c1", "c2")

    assert search(stuck, kind, page_size=2).all() == [1, 2, 1, 2]
    assert len(asked) == 2
    assert "searchThings: the pages do not go on after 4 items" in caplog.text


def test_cursors_that_go_round_in_a_circle_are_not_followed_for_ever(search: Open) -> None:
    asked = []

    def circle(page: dict[str, Any], first: bool) -> Page[int]:
        asked.append(page)
        return Page((1,), Total(1000), None, "abc"[len(asked) % 3])

    search(circle, page_size=1).all()
    assert len(asked) == 4


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_that_comes_again_and_again_without_a_total_is_not_followed_for_ever(
    search: Open, kind: str
) -> None:
    asked = []

    def deaf(page: dict[str, Any], first: bool) -> Page[int]:
        asked.append(page)
        cursor = None if kind == "offset" else f"cursor{len(asked)}"
        return Page((1, 2), Total(2, at_least=True), cursor, cursor)

    search(deaf, kind, page_size=2).all()
    assert len(asked) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_page_ends_the_reading_whatever_its_total_and_cursor_say(search: Open, kind: str) -> None:
    asked = []

    def empty(page: dict[str, Any], first: bool) -> Page[int]:
        asked.append(page)
        return Page((), Total(1000, at_least=True), "a", f"cursor{len(asked)}")

    assert search(empty, kind).all() == []
    assert len(asked) == 1


def test_pages_without_cursors_go_on_by_offset(search: Open) -> None:
    table = Table(250, "offset")

    assert search(table.ask, "cursor").all() == table.rows
    assert [page.get("from") for page, _ in table.asked] == [None, 100, 200]


@pytest.mark.parametrize(("count", "first"), [(0, None), (1, 0), (5, 0)])
def test_first_asks_for_one(search: Open, count: int, first: int | None) -> None:
    table = Table(count)

    assert search(table.ask).first() == first
    assert [page for page, _ in table.asked] == [{"limit": 1}]


def test_one_is_the_only_one(search: Open) -> None:
    assert search(Table(1).ask).one() == 0
    with pytest.raises(NotFound, match="searchThings: nothing matches"):
        search(Table(0).ask).one()
    with pytest.raises(FailedPrecondition, match="searchThings: more than one matches"):
        search(Table(5).ask).one()


def test_count_knows_that_it_is_capped(search: Open) -> None:
    exact, capped = search(Table(250).ask).count(), search(Table(250, cap=50).ask, limit=3).count()

    assert (exact, exact.at_least, repr(exact)) == (250, False, "Total(250)")
    assert (capped, capped.at_least, repr(capped)) == (50, True, "Total(50, at_least=True)")


def test_a_page_can_be_asked_for_by_its_place(search: Open) -> None:
    found = search(Table(10).ask, page_size=3)

    assert found.page().items == (0, 1, 2)
    assert found.page(offset=4).items == (4, 5, 6)
    after = found.page(after="c2")
    assert after.items == (3, 4, 5)
    assert found.page(before=after.start_cursor).items == (0, 1, 2)


@pytest.mark.parametrize(
    ("kind", "place", "words"),
    [
        ("cursor", {"after": "a", "offset": 1}, "give one of after, before and offset"),
        ("forward", {"before": "a"}, "this search has no before"),
        ("forward", {"offset": 1}, "this search has no offset"),
        ("offset", {"after": "a"}, "this search has no after"),
        ("cursor", {"offset": -1}, "offset must be a number of items, not -1"),
        ("cursor", {"offset": True}, "offset must be a number of items, not True"),
        ("cursor", {"after": 3}, r"after must be a cursor \(text\), not 3"),
    ],
)
def test_a_place_that_cannot_be_is_refused(
    search: Open, kind: str, place: dict[str, Any], words: str
) -> None:
    table = Table(3, kind)

    with pytest.raises(InvalidRequest, match=words):
        search(table.ask, kind).page(**place)
    assert table.asked == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"limit": -1}, "limit must be a number of items, 0 or more, not -1"),
        ({"limit": True}, "limit must be"),
        ({"limit": "5"}, "limit must be"),
        ({"page_size": 0}, "page_size must be from 1 to 10000, not 0"),
        ({"page_size": 10_001}, "page_size must be"),
        ({"page_size": 2.5}, "page_size must be"),
    ],
)
def test_a_limit_or_size_that_cannot_be_is_refused_when_the_search_is_made(
    search: Open, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        search(Table(1).ask, **options)


def test_a_total_that_did_not_come_is_what_is_known_and_no_end() -> None:
    page = read_page({"items": [1, 2], "page": {"endCursor": "x"}}, lambda item: item)

    assert (page.total_items, page.total_items.at_least) == (2, True)
    assert len(page) == 2
    assert list(page) == [1, 2]


@pytest.mark.parametrize("answer", [[], "text", None, {"items": {"a": 1}}, {"items": "ab"}])
def test_what_is_no_page_is_unreadable(answer: Any) -> None:
    with pytest.raises(Unreadable):
        read_page(answer, lambda item: item)
