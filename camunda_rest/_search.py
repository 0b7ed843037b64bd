"""Searches: lists that come page by page, asked for while they are read.

    for task in client.search_user_tasks(state="CREATED", sort="-due_date", limit=500): ...

A search asks nothing before it is read. What is decided (``Plan``) is apart from what waits (``Search``, ``AsyncSearch``).
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from camunda_core.errors import FailedPrecondition, InvalidRequest, NotFound
from camunda_rest._reading import Unreadable

__all__ = ["AsyncSearch", "Page", "Plan", "Search", "Total", "read_page"]

T = TypeVar("T")

_log = logging.getLogger(__name__)

#: What a gateway gives at most in one page.
MOST = 10_000


class Total(int):
    """How many there are. ``at_least`` says that there may be more: clusters stop counting at 10,000."""

    at_least: bool = False

    def __new__(cls, number: int, at_least: bool = False) -> Total:
        self = super().__new__(cls, number)
        self.at_least = at_least
        return self

    def __repr__(self) -> str:
        return f"Total({int(self)}, at_least=True)" if self.at_least else f"Total({int(self)})"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a search.

    ``items``         what it holds
    ``total_items``   how many there are in all, as far as the cluster counts
    ``start_cursor``, ``end_cursor``  where it begins and ends, for ``page(before=…)`` and ``page(after=…)``
    ``beside``        what an answer has besides, by the names that the REST API gives it
    """

    items: tuple[T, ...] = ()
    total_items: Total = Total(0)  # noqa: RUF009
    start_cursor: str | None = None
    end_cursor: str | None = None
    beside: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)


def read_page(answer: Any, read: Callable[[Any], T]) -> Page[T]:
    """An answer as a page. Raises Unreadable."""
    if answer.__class__ is not dict:
        raise Unreadable(f"a page should be an object, not {str(answer)[:60]}")
    items = answer.get("items") or []
    if items.__class__ is not list:
        raise Unreadable(f"items: should be a list, not {str(items)[:60]}")
    page = answer.get("page")
    page = page if page.__class__ is dict else {}
    total = page.get("totalItems")
    known = total if isinstance(total, int) and not isinstance(total, bool) else len(items)
    return Page(
        tuple(map(read, items)),
        Total(known, page.get("hasMoreTotalItems") is True or not isinstance(total, int)),
        page.get("startCursor") or None,
        page.get("endCursor") or None,
        {name: value for name, value in answer.items() if name not in ("items", "page")},
    )


class Plan:
    """Which page comes next, and when there is none. One reading of a search has one plan.

    ``paging``  "cursor", "forward" (cursors that only go on) or "offset"
    """

    def __init__(self, operation: str, paging: str, *, limit: int | None, page_size: int) -> None:
        self._operation = operation
        self._paging = paging
        self._left = limit
        self._size = page_size
        self._offset = 0
        self._seen: set[str] = set()
        self._before: tuple[Any, ...] = ()
        self._next: dict[str, Any] | None = {}

    def next(self) -> dict[str, Any] | None:
        """The ``page`` of the next request; None when all has been read."""
        if self._next is None or self._left == 0:
            return None
        size = self._size if self._left is None else min(self._size, self._left)
        return {**self._next, "limit": size}

    def got(self, page: Page[Any]) -> None:
        """Takes in a page, and decides where the next one begins."""
        count = len(page)
        asked = self._size if self._left is None else min(self._size, self._left)
        self._offset += count
        if self._left is not None:
            self._left = max(self._left - count, 0)
        self._next = self._after(page, count, asked)

    def _after(self, page: Page[Any], count: int, asked: int) -> dict[str, Any] | None:
        known = not page.total_items.at_least
        if count == 0 or (known and self._offset >= page.total_items):
            return None
        # Either would be followed for ever. (Gateways that do not know the place give their first page again and again.)
        if page.end_cursor in self._seen or (not known and page.items == self._before):
            _log.warning(
                "%s: the pages do not go on after %d items, the same comes again; what follows is not read",
                self._operation,
                self._offset,
            )
            return None
        self._before = page.items
        if self._paging == "offset" or page.end_cursor is None:
            # Of a page that is short, and says neither where to go on nor how much there is, nothing follows.
            more = self._paging != "forward" and (known or count >= asked)
            return {"from": self._offset} if more else None
        self._seen.add(page.end_cursor)
        return {"after": page.end_cursor}


def checked(limit: object, page_size: object) -> None:
    """Raises InvalidRequest for a limit or a size of pages that cannot be."""
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 0):
        raise InvalidRequest(f"limit must be a number of items, 0 or more, not {limit!r}")
    if isinstance(page_size, bool) or not isinstance(page_size, int) or not 1 <= page_size <= MOST:
        raise InvalidRequest(f"page_size must be from 1 to {MOST}, not {page_size!r}")


def placed(paging: str, after: str | None, before: str | None, offset: int | None) -> dict[str, Any]:
    """The place of a single page. Raises InvalidRequest for one that the operation has not."""
    given = {
        name: value
        for name, value in (("after", after), ("before", before), ("from", offset))
        if value is not None
    }
    if len(given) > 1:
        raise InvalidRequest("page: give one of after, before and offset")
    allowed = {"cursor": ("after", "before", "from"), "forward": ("after",), "offset": ("from",)}[paging]
    for name, value in given.items():
        own = "offset" if name == "from" else name
        if name not in allowed:
            raise InvalidRequest(f"page: this search has no {own}")
        wanted = int if name == "from" else str
        if isinstance(value, bool) or not isinstance(value, wanted) or (name == "from" and int(value) < 0):
            raise InvalidRequest(
                f"page: {own} must be {'a number of items' if wanted is int else 'a cursor (text)'}, not {value!r}"
            )
    return given


def the_one(operation: str, items: tuple[T, ...]) -> T:
    """The only item; NotFound when there is none, FailedPrecondition when there are more."""
    if not items:
        raise NotFound("nothing matches where one was expected", operation=operation)
    if len(items) > 1:
        raise FailedPrecondition("more than one matches where one was expected", operation=operation)
    return items[0]


class Search(Generic[T]):
    """What a search finds. It can be read more than once, and asks anew each time.

    Iterating asks for page after page; ``limit`` is the most that comes. Raises the errors of calls when it is read.
    """

    def __init__(
        self, operation: str, paging: str, ask: Callable[[dict[str, Any], bool], Page[T]],
        *, limit: int | None, page_size: int,
    ) -> None:  # fmt: skip
        checked(limit, page_size)
        self._operation = operation
        self._paging = paging
        self._ask = ask
        self._limit = limit
        self._size = page_size

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    def pages(self) -> Iterator[Page[T]]:
        """Page after page."""
        plan = Plan(self._operation, self._paging, limit=self._limit, page_size=self._size)
        first = True
        while (asked := plan.next()) is not None:
            page = self._ask(asked, first)
            first = False
            plan.got(page)
            yield page

    def page(
        self, *, after: str | None = None, before: str | None = None, offset: int | None = None
    ) -> Page[T]:
        """One page: the first, the one after or before a cursor, or the one from the item with that number (from 0)."""
        size = self._size if self._limit is None else min(self._size, self._limit)
        return self._ask({**placed(self._paging, after, before, offset), "limit": max(size, 1)}, True)

    def all(self) -> list[T]:
        """Everything, or the first ``limit``."""
        return list(self)

    def first(self) -> T | None:
        """The first item, None when there is none."""
        page = self._ask({"limit": 1}, True)
        return page.items[0] if page.items else None

    def one(self) -> T:
        """The only item. Raises NotFound when there is none, FailedPrecondition when there are more."""
        return the_one(self._operation, self._ask({"limit": 2}, True).items)

    def count(self) -> Total:
        """How many there are (``limit`` left aside); ``at_least`` where the cluster has stopped counting."""
        return self._ask({"limit": 1}, True).total_items

    def __repr__(self) -> str:
        return f"<search of {self._operation}>"


class AsyncSearch(Generic[T]):
    """The same as ``Search``, awaited: ``async for task in client.search_user_tasks(…)``."""

    def __init__(
        self, operation: str, paging: str, ask: Callable[[dict[str, Any], bool], Awaitable[Page[T]]],
        *, limit: int | None, page_size: int,
    ) -> None:  # fmt: skip
        checked(limit, page_size)
        self._operation = operation
        self._paging = paging
        self._ask = ask
        self._limit = limit
        self._size = page_size

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Page after page."""
        plan = Plan(self._operation, self._paging, limit=self._limit, page_size=self._size)
        first = True
        while (asked := plan.next()) is not None:
            page = await self._ask(asked, first)
            first = False
            plan.got(page)
            yield page

    async def page(
        self, *, after: str | None = None, before: str | None = None, offset: int | None = None
    ) -> Page[T]:
        """One page: the first, the one after or before a cursor, or the one from the item with that number (from 0)."""
        size = self._size if self._limit is None else min(self._size, self._limit)
        return await self._ask({**placed(self._paging, after, before, offset), "limit": max(size, 1)}, True)

    async def all(self) -> list[T]:
        """Everything, or the first ``limit``."""
        return [item async for item in self]

    async def first(self) -> T | None:
        """The first item, None when there is none."""
        page = await self._ask({"limit": 1}, True)
        return page.items[0] if page.items else None

    async def one(self) -> T:
        """The only item. Raises NotFound when there is none, FailedPrecondition when there are more."""
        return the_one(self._operation, (await self._ask({"limit": 2}, True)).items)

    async def count(self) -> Total:
        """How many there are (``limit`` left aside); ``at_least`` where the cluster has stopped counting."""
        return (await self._ask({"limit": 1}, True)).total_items

    def __repr__(self) -> str:
        return f"<search of {self._operation}>"
