"""All tables and feeders of a store."""

from __future__ import annotations

from collections.abc import Sequence

from camunda_embedded._engine.engine import Engine
from camunda_embedded._views import deployed, running, work
from camunda_embedded._views.store import Store
from camunda_embedded._views.table import Table

__all__ = ["views_of"]


def views_of(engines: Sequence[Engine]) -> Store:
    """An empty store of the engines of all tenants; it is fed when it is first asked."""
    tables: dict[str, Table] = {}
    store = Store(engines, tables, {**running.FEEDERS, **work.FEEDERS, **deployed.FEEDERS})
    for part in (running, work, deployed):
        tables |= part.tables(store)
    tables |= {"batches": Table("batchOperationKey"), "items": Table("_id", by=running.INSTANCE)}
    return store
