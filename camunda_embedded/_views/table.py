"""Rows of one kind: found by their key, and by those of their properties that never change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Any

from camunda_embedded._callers import TENANTS
from camunda_embedded._views.filters import Row, Rules

__all__ = ["KEPT_ROWS", "PLACE", "Table"]

#: A table with more rows forgets the oldest of what has ended.
KEPT_ROWS = 100_000
#: The property that says where a row stands when nothing else is sorted by: rows are numbered as they come.
PLACE = "_place"


def _shown(row: Row) -> bool:
    """Whether a row is of the caller's tenants; some are of none."""
    mine = TENANTS.get()
    return mine is None or "tenantId" not in row or row["tenantId"] in mine


class Table:
    """The rows of one kind, by ``key``, in the order in which they came.

    ``by``  properties whose rows are found without looking at others; a row keeps them for ever
    """

    def __init__(self, key: str, rules: Rules | None = None, *, by: Sequence[str] = ()) -> None:
        self.key = key
        self.rules = rules or Rules()
        self._rows: dict[Any, Row] = {}
        self._by: Mapping[str, dict[Any, list[Any]]] = {name: {} for name in by}
        self._ended: dict[Any, None] = {}
        self._numbers = count()

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values()) if TENANTS.get() is None else filter(_shown, self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: Any) -> bool:
        return key in self._rows

    def get(self, key: Any) -> Row | None:
        """The row of a key, if it is one of the caller's tenants."""
        row = self._rows.get(key)
        return row if row is not None and _shown(row) else None

    def of(self, name: str, value: Any) -> list[Row]:
        """The rows that have a value in one of the properties ``by``."""
        return [row for key in self._by[name].get(value, ()) if _shown(row := self._rows[key])]

    def narrowed(self, wanted: Mapping[str, int]) -> Iterable[Row]:
        """As few of the rows as can be found at once, all those among them whose properties are ``wanted``."""
        for name, value in wanted.items():
            if name == self.key:
                row = self.get(value)
                return () if row is None else (row,)
            if name in self._by:
                return self.of(name, value)
        return self

    def add(self, row: Row, *, ended: bool = False) -> Row:
        """Takes a new row in; the oldest that have ended are forgotten when there are too many."""
        key = row[self.key]
        if key in self._rows:
            self.remove(key)
        row[PLACE] = next(self._numbers)
        self._rows[key] = row
        for name, found in self._by.items():
            found.setdefault(row.get(name), []).append(key)
        if ended:
            self._ended[key] = None
        if len(self._rows) > KEPT_ROWS:
            self.forget(KEPT_ROWS // 10)
        return row

    def end(self, row: Row) -> None:
        """Says that nothing will happen to a row any more: it may be forgotten."""
        if row[self.key] in self._rows:
            self._ended[row[self.key]] = None

    def reopen(self, row: Row) -> None:
        """Says that something may happen to it after all."""
        self._ended.pop(row[self.key], None)

    def remove(self, *keys: Any) -> None:
        """Takes rows out; harmless where there are none."""
        touched: set[tuple[str, Any]] = set()
        for key in keys:
            row = self._rows.pop(key, None)
            self._ended.pop(key, None)
            if row is not None:
                touched |= {(name, row.get(name)) for name in self._by}
        for name, value in touched:
            # Once for all keys: an instance may have as many rows as there are.
            left = [key for key in self._by[name][value] if key in self._rows]
            if left:
                self._by[name][value] = left
            else:
                del self._by[name][value]

    def forget(self, most: int) -> int:
        """Forgets so many of what has ended, the oldest first; how many there were."""
        keys = list(islice(self._ended, most))
        self.remove(*keys)
        return len(keys)
