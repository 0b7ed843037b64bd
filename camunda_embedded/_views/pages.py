"""Sorting, and the four kinds of pages: so many, from an offset, after a cursor, before one."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from functools import cmp_to_key
from typing import Any, NamedTuple

from camunda_embedded._views.filters import Reading, Row

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
    order = []
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
        else:
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
    except ValueError:
        pass
    reading.wrong.append(f"Cannot decode pagination cursor '{cursor}'.")
    return None


def _closed(values: Sequence[Any]) -> str:
    text = base64.b64encode(json.dumps(values, separators=(",", ":")).encode()).decode()
    # Where the values are too long, the row is named alone: whoever goes on from there finds the place that it has then.
    return text if len(text) <= MAX_CURSOR else _closed(values[-1:])


def cut(rows: list[Row], key: str, order: Order, page: Page) -> dict[str, Any]:
    """The answer of a search: a page of the sorted rows, and how many there are.

    Rows that a property is missing from come last, in both directions; the ``key`` of the rows decides between equals.
    """
    directions = [*(direction for _, direction in order), 1]

    def place(row: Row) -> list[Any]:
        return [*(row.get(name) for name, _ in order), row[key]]

    def compare(one: list[Any], other: list[Any]) -> int:
        for a, b, direction in zip(one, other, directions, strict=False):
            if a != b:
                if a is None or b is None:
                    return 1 if a is None else -1
                try:
                    return direction if a > b else -direction
                except TypeError:  # a cursor of another order
                    return 0
        return 0

    if order:
        rows = sorted(rows, key=lambda row: cmp_to_key(compare)(place(row)))
    total, start, end = len(rows), page.start, page.start + page.limit

    def reached(cursor: list[Any], beyond: int) -> int:
        if len(cursor) < len(directions):  # it names a row alone
            cursor = next((place(row) for row in rows if row[key] == cursor[-1]), cursor)
        return next((n for n, row in enumerate(rows) if compare(place(row), cursor) >= beyond), total)

    if page.after is not None:
        start = reached(page.after, 1)
        end = start + page.limit
    elif page.before is not None:
        end = reached(page.before, 0)
        start = max(0, end - page.limit)
    found = rows[start:end]
    return {
        "items": found,
        "page": {
            "totalItems": min(total, MAX_TOTAL),
            "hasMoreTotalItems": total > MAX_TOTAL,
            "startCursor": _closed(place(found[0])) if found else None,
            "endCursor": _closed(place(found[-1])) if found else None,
        },
    }
