"""Sorting, and the four kinds of pages: so many, from an offset, after a cursor, before one."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from camunda_embedded._views.filters import Row
from camunda_embedded._views.reading import Reading

__all__ = ["DEFAULT_LIMIT", "MAX_LIMIT", "MAX_TOTAL", "Order", "Page", "cut", "read_order", "read_page"]

DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000
#: More than so many are not counted.
MAX_TOTAL = 10_000
#: Characters of a cursor, as they are published.
MAX_CURSOR = 300

#: Properties with their directions: 1 upwards, -1 downwards.
Order = Sequence[tuple[str, int]]


class Page(NamedTuple):
    """Which part of what was found is wanted."""

    limit: int = DEFAULT_LIMIT
    start: int = 0
    after: list[Any] | None = None
    before: list[Any] | None = None


def read_order(given: Any, known: str, reading: Reading) -> Order:
    """What to sort by; ``known`` are the properties that can be sorted by."""
    if given is None:
        return ()
    if not isinstance(given, list):
        reading.unparsed.append("sort")
        return ()
    order: list[tuple[str, int]] = []
    for each in given:
        if not isinstance(each, dict) or (unknown := each.keys() - {"field", "order"}):
            reading.unparsed.append(f"sort.{min(unknown)}" if isinstance(each, dict) else "sort")
            continue
        name, direction = each.get("field"), each.get("order") or "ASC"
        names = known.split()
        if name is None:
            reading.wrong.append("Sort field must not be null.")
        elif name not in names:
            reading.wrong.append(_unexpected("field", name, names))
        elif not isinstance(direction, str) or direction.upper() not in ("ASC", "DESC"):
            reading.wrong.append(_unexpected("order", direction, ["ASC", "DESC"]))
        elif name not in (known_name for known_name, _ in order):  # the first time decides
            order.append((name, -1 if direction.upper() == "DESC" else 1))
    return order


def _unexpected(field: str, value: object, words: Sequence[str]) -> str:
    return f"Unexpected value '{value}' for enum field '{field}'. Use any of the following values: [{', '.join(words)}]"


def read_page(given: Any, kind: str, reading: Reading) -> Page:
    """Which page; ``kind`` is the operation's: "cursor", "forward" (cursors that only go on) or "offset"."""
    if given is None:
        return Page()
    if not isinstance(given, dict):
        reading.unparsed.append("page")
        return Page()
    allowed = {"limit"} | {"cursor": {"from", "after", "before"}, "forward": {"after"}}.get(kind, {"from"})
    found: dict[str, Any] = {}
    for name, value in given.items():
        letter = "s" if name in ("after", "before") else "i"
        if name not in allowed:
            reading.unparsed.append(f"page.{name}")
        elif value is not None:
            found[name] = reading.value(letter, value, f"page.{name}")
    limit, start = found.get("limit"), found.get("from")
    if limit is not None and not 1 <= limit <= MAX_LIMIT:
        reading.wrong.append(f"The value for page.limit is '{limit}' but must be between 1 and {MAX_LIMIT}.")
    if start is not None and start < 0:
        reading.wrong.append(f"The value for page.from is '{start}' but must be not negative.")
    if len(found.keys() & {"from", "after", "before"}) > 1:
        reading.wrong.append("Only one of [from, after, before] is allowed.")
    cursors = {name: _opened(found[name], reading) for name in ("after", "before") if found.get(name)}
    return Page(DEFAULT_LIMIT if limit is None else limit, start or 0, **cursors)


def _opened(cursor: str, reading: Reading) -> list[Any] | None:
    try:
        values = json.loads(base64.b64decode(cursor.encode(), validate=True))
        if isinstance(values, list) and values:
            return values
    except (ValueError, RecursionError):
        pass
    reading.wrong.append(f"Cannot decode pagination cursor '{cursor}'.")
    return None


def _closed(values: Sequence[Any]) -> str:
    text = base64.b64encode(json.dumps(values, separators=(",", ":")).encode()).decode()
    # Where the values are too long, the row is named alone: whoever goes on from there finds the place that it has then.
    return text if len(text) <= MAX_CURSOR else _closed(values[-1:])


def cut(rows: Iterable[Row], key: str, order: Order, page: Page) -> dict[str, Any]:
    """The answer of a search: a page of the sorted rows, and how many there are.

    Rows that a property is missing from come last, in both directions; the ``key`` of the rows decides between equals.
    """
    found = _sorted(rows, key, order)
    total, start, end = len(found), page.start, page.start + page.limit
    if page.after is not None:
        start = _reached(found, key, order, page.after, beyond=True)
        end = start + page.limit
    elif page.before is not None:
        end = _reached(found, key, order, page.before, beyond=False)
        start = max(0, end - page.limit)
    items = found[start:end]
    return {
        "items": items,
        "page": {
            "totalItems": min(total, MAX_TOTAL),
            "hasMoreTotalItems": total > MAX_TOTAL,
            "startCursor": _closed(_place(items[0], key, order)) if items else None,
            "endCursor": _closed(_place(items[-1], key, order)) if items else None,
        },
    }


def _sorted(rows: Iterable[Row], key: str, order: Order) -> list[Row]:
    found = sorted(rows, key=itemgetter(key))  # which costs little: they nearly always are
    for name, direction in reversed(order):
        up = direction > 0

        def value(row: Row, name: str = name, up: bool = up) -> tuple[bool, Any]:
            own = row.get(name)
            return (own is None) == up, own

        found.sort(key=value, reverse=not up)  # which keeps what the passes before made of equals
    return found


def _place(row: Row, key: str, order: Order) -> list[Any]:
    return [*(row.get(name) for name, _ in order), row[key]]


def _reached(rows: list[Row], key: str, order: Order, cursor: list[Any], *, beyond: bool) -> int:
    """How many of the sorted rows come before a cursor; with ``beyond`` the row of the cursor itself too."""
    if len(cursor) <= len(order):  # it names a row alone
        cursor = next((_place(row, key, order) for row in rows if row[key] == cursor[-1]), cursor)
    directions = [*(direction for _, direction in order), 1]

    def compare(one: Row, other: list[Any]) -> int:
        for a, b, direction in zip(_place(one, key, order), other, directions, strict=False):
            if a != b:
                if a is None or b is None:
                    return 1 if a is None else -1
                try:
                    return direction if a > b else -direction
                except TypeError:  # a cursor of another order
                    return 0
        return 0

    low, high = 0, len(rows)
    while low < high:
        middle = (low + high) // 2
        if compare(rows[middle], cursor) < beyond:
            low = middle + 1
        else:
            high = middle
    return low
