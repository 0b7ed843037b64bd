"""The rows of everything, and how they are kept up with the log: not at all until somebody asks, and from then on
before records fall off the log.

    log of records ──► feeders, by type of value ──► tables of rows ──► filters, order, page

A row is a dictionary with the names of the REST API; keys are numbers, times milliseconds since the epoch.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence

from camunda_embedded._callers import TENANTS
from camunda_embedded._engine.engine import Engine
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._limits import KEPT_RECORDS
from camunda_embedded._records import EVENT, Record
from camunda_embedded._views.alive import alive
from camunda_embedded._views.drawn import Drawn, read
from camunda_embedded._views.filters import Row
from camunda_embedded._views.table import Table

__all__ = ["Feeder", "Store"]

Feeder = Callable[["Store", Record], None]

_logger = logging.getLogger(__name__)
#: So many records behind, rows are fed though nobody asks.
_BEHIND = KEPT_RECORDS // 10
#: Tables of which each row belongs to a process instance.
_OF_INSTANCES = (
    "elements",
    "flows",
    "variables",
    "incidents",
    "jobs",
    "tasks",
    "subscriptions",
    "correlations",
)


class Store:
    """All tables, fed from the log of the engines, one for each tenant."""

    def __init__(
        self, engines: Sequence[Engine], tables: dict[str, Table], feeders: dict[str, Feeder]
    ) -> None:
        self._engines = engines
        self._kernel = engines[0].kernel
        self._tables = tables
        self._feeders = feeders
        self._position: int | None = None
        #: How many open incidents are on the way to each instance, by its key.
        self.incidents: Counter[int] = Counter()
        #: What creations say of an instance before it begins.
        self.created: dict[int, Row] = {}
        self._drawn: dict[int, Drawn] = {}

    def __getitem__(self, name: str) -> Table:
        return self._tables[name]

    def feed(self) -> Store:
        """Brings all rows up to now."""
        kernel = self._kernel
        if self._position is None:
            self._position = 0
            for engine in self._engines:
                engine.kernel.on_settled.append(self._keep_up)
        if kernel.log.position == self._position:
            return self
        caller = TENANTS.set(None)  # rows are made of rows of all tenants
        try:
            self._feed(kernel)
        finally:
            TENANTS.reset(caller)
        return self

    def _feed(self, kernel: Kernel) -> None:
        assert self._position is not None
        records = kernel.log.since(self._position)
        lost = kernel.log.position - self._position - len(records)
        if lost:
            _logger.warning(
                "%d records had fallen off the log before anybody searched: what is finished and only they told of is not "
                "found. Search once before %d records have passed.",
                lost,
                KEPT_RECORDS,
            )
            told = [record for engine in self._engines for record in alive(engine, records[0].timestamp)]
            records = [*told, *records]
        feeders = self._feeders
        for record in records:
            if record.record_type == EVENT and (feeder := feeders.get(record.value_type)) is not None:
                feeder(self, record)
        self._position = kernel.log.position

    def _keep_up(self) -> None:
        assert self._position is not None
        if self._kernel.log.position - self._position > _BEHIND:
            self.feed()

    def forget(self, key: int) -> None:
        """Drops a process instance that is over, and everything that belongs to it."""
        self["instances"].remove(key)
        for name in _OF_INSTANCES:
            table = self[name]
            table.remove(*(each[table.key] for each in table.of("processInstanceKey", key)))

    # --- what feeders and answers ask ---

    def drawn(self, definition_key: int) -> Drawn:
        """What the file of a process says beside what the engine runs."""
        found = self._drawn.get(definition_key)
        if found is None:
            row = self["definitions"].get(definition_key)
            if row is None:
                return Drawn({}, "")
            found = self._drawn[definition_key] = read(row["_content"], row["processDefinitionId"])
        return found

    def instance(self, key: int) -> Row:
        """The row of a process instance; an empty one when it is not known (any more)."""
        return self["instances"].get(key) or {}
