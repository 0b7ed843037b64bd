"""Counts over many rows: of instances by their definitions, of incidents by their errors, of what is used.

What groups are asked by is in the rows; a group is a row of its own, so that pages and orders are those of searches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from camunda_embedded._servers.rest.asking import DESCRIBED, Asking, described_route, refuse, select
from camunda_embedded._servers.rest.problems import Problem
from camunda_embedded._servers.rest.routes import Request, Route
from camunda_embedded._views.filters import Filter, Row, fields
from camunda_embedded._views.pages import cut, read_order, read_page
from camunda_embedded._views.reading import Reading, milliseconds
from camunda_embedded._views.running import hash_code
from camunda_embedded._views.store import Store
from camunda_rest._versions import parse_version

__all__ = ["Statistics", "given_of", "groups_of", "moment_of"]

Version = tuple[int, int]
Key = tuple[Any, ...]


class Statistics:
    """The routes of statistics that ask for more than one instance."""

    def __init__(self, asking: Asking, store: Store, version: Version) -> None:
        self._asking = asking
        self._store = store
        self._version = version

    def routes(self) -> list[Route]:
        """The operations that the version has."""
        handles: Mapping[str, Any] = {
            "getProcessDefinitionInstanceStatistics": self._by_id,
            "getProcessDefinitionInstanceVersionStatistics": self._by_version,
            "getProcessDefinitionMessageSubscriptionStatistics": self._subscriptions,
            "getProcessInstanceStatisticsByDefinition": self._incidents_by_definition,
            "getProcessInstanceStatisticsByError": self._incidents_by_error,
            "getUsageMetrics": self._usage,
        }
        return [
            described_route(name, handle)
            for name, handle in handles.items()
            if parse_version(DESCRIBED[name].since) <= self._version
        ]

    def _page(self, request: Request, groups: Mapping[Key, Row]) -> Any:
        return groups_of(request, groups, self._asking, self._version)

    # --- instances and their subscriptions ---

    def _definitions(
        self, key: Callable[[Row], Key], start: Callable[[Row], Row], **only: Any
    ) -> dict[Key, Row]:
        """Groups of definitions, with how many of their instances are active: with incidents, and without."""
        store, groups = self._store.feed(), dict[Key, Row]()
        zero = {"activeInstancesWithIncidentCount": 0, "activeInstancesWithoutIncidentCount": 0}
        for definition in store["definitions"]:
            if all(definition[name] == wanted for name, wanted in only.items()):
                found = groups.setdefault(key(definition), dict(zero))
                found.update(start(definition), hasMultipleVersions="processDefinitionId" in found)
        for row in store["instances"]:
            group = groups.get(key(row)) if row["state"] == "ACTIVE" else None
            if group is not None:
                group[f"activeInstancesWith{'' if row['hasIncident'] else 'out'}IncidentCount"] += 1
        return groups

    async def _by_id(self, request: Request) -> Any:
        names = ("processDefinitionId", "tenantId")
        groups = self._definitions(
            lambda row: tuple(row[name] for name in names),
            lambda row: {**{name: row[name] for name in names}, "latestProcessDefinitionName": row["name"]},
        )
        counts = ("activeInstancesWithIncidentCount", "activeInstancesWithoutIncidentCount")
        return self._page(request, {k: row for k, row in groups.items() if any(row[c] for c in counts)})

    async def _by_version(self, request: Request) -> Any:
        given = given_of(request, self._version)
        only = {name: given[name] for name in ("processDefinitionId", "tenantId") if name in given}
        groups = self._definitions(
            lambda row: (row["processDefinitionKey"],),
            lambda row: {
                **{name: row[name] for name in ("processDefinitionId", "processDefinitionKey", "tenantId")},
                "processDefinitionName": row["name"],
                "processDefinitionVersion": row["version"],
            },
            **only,
        )
        return self._page(request, groups)

    async def _subscriptions(self, request: Request) -> Any:
        table, reading = self._store.feed()["subscriptions"], Reading(self._version)
        shape = DESCRIBED[request.route.id].filter
        found = select(table, table, request.body.get("filter"), shape, reading)
        names = ("processDefinitionId", "processDefinitionKey", "tenantId")
        groups: dict[Key, Row] = {}
        seen = set()
        for row in found:
            if row["messageSubscriptionState"] not in ("CREATED", "MIGRATED"):
                continue
            key = tuple(row[name] for name in names)
            empty = {"activeSubscriptions": 0, "processInstancesWithActiveSubscriptions": 0}
            group = groups.setdefault(key, {**{name: row[name] for name in names}, **empty})
            group["activeSubscriptions"] += 1
            if row["processInstanceKey"] not in seen:
                seen.add(row["processInstanceKey"])
                group["processInstancesWithActiveSubscriptions"] += 1
        return self._page(request, groups)

    # --- incidents ---

    def _open(self) -> Iterator[tuple[int, Row]]:
        """Active incidents, each with the hash code of its text."""
        for row in self._store.feed()["incidents"]:
            if row["state"] == "ACTIVE":
                yield hash_code(row["errorMessage"]), row

    async def _incidents_by_definition(self, request: Request) -> Any:
        code, groups, seen = given_of(request, self._version)["errorHashCode"], dict[Key, Row](), set[int]()
        for hashed, row in self._open():
            instance = self._store.instance(row["processInstanceKey"])
            if hashed != code or row["processInstanceKey"] in seen or not instance:
                continue
            seen.add(row["processInstanceKey"])
            names = ("processDefinitionId", "processDefinitionKey", "processDefinitionVersion", "tenantId")
            own = {name: instance[name] for name in names}
            own["processDefinitionName"] = instance["processDefinitionName"] or own["processDefinitionId"]
            group = groups.setdefault(
                (row["processDefinitionKey"],), {**own, "activeInstancesWithErrorCount": 0}
            )
            group["activeInstancesWithErrorCount"] += 1
        return self._page(request, groups)

    async def _incidents_by_error(self, request: Request) -> Any:
        instances: dict[tuple[int, str], set[int]] = {}
        for hashed, row in self._open():
            instances.setdefault((hashed, row["errorMessage"]), set()).add(row["processInstanceKey"])
        groups: dict[Key, Row] = {
            key: {"errorHashCode": key[0], "errorMessage": key[1], "activeInstancesWithErrorCount": len(keys)}
            for key, keys in instances.items()
        }
        return self._page(request, groups)

    # --- usage ---

    async def _usage(self, request: Request) -> Any:
        start, end = moment_of(request, "startTime"), moment_of(request, "endTime")
        store, tenant = self._store.feed(), request.query.get("tenantId")

        def of(table: str, name: str) -> list[Row]:
            rows = (row for row in store[table] if tenant in (None, row["tenantId"]))
            return [row for row in rows if start <= row[name] <= end]

        roots = [row for row in of("instances", "startDate") if row["parentProcessInstanceKey"] is None]
        decisions, tasks = of("evaluations", "evaluationDate"), of("tasks", "creationDate")

        def counts(one: str | None) -> Row:
            own = [
                [row for row in rows if one in (None, row["tenantId"])] for rows in (roots, decisions, tasks)
            ]
            return {
                "processInstances": len(own[0]),
                "decisionInstances": len(own[1]),
                "assignees": len({row["assignee"] for row in own[2]} - {None}),
            }

        tenants = sorted({row["tenantId"] for row in (*roots, *decisions, *tasks)})
        named = tenants if request.query.get("withTenants") == "true" else ()
        answer = {
            **counts(None),
            "activeTenants": len(tenants),
            "tenants": {name: counts(name) for name in named},
        }
        return self._asking.written(request.route.id, answer)


def given_of(request: Request, version: Version) -> Row:
    """The plain values of the filter that an operation demands; times in milliseconds. Problem when they are not there."""
    described, given = DESCRIBED[request.route.id], request.body.get("filter")
    if given is None and not fields(described.body.lstrip("*"), version)["filter"].required:
        return {}
    if given is None:
        raise Problem(400, "INVALID_ARGUMENT", "No filter provided.")
    reading = Reading(version)
    Filter(described.filter, given, reading)
    refuse(reading)
    return {name: milliseconds(value) if name in ("from", "to") else value for name, value in given.items()}


def groups_of(request: Request, groups: Mapping[Key, Row], asking: Asking, version: Version) -> Any:
    """The answer with the page of the groups that a request asks for."""
    described, reading = DESCRIBED[request.route.id], Reading(version)
    known = {"page": described.page, "sort": described.sorts, "filter": described.filter}
    reading.unparsed += [name for name in request.body if not known.get(name)]
    order = read_order(request.body.get("sort"), described.sorts, reading)
    page = read_page(request.body.get("page"), described.page, reading)
    refuse(reading)
    rows = [{**group, "_id": str(key)} for key, group in groups.items()]
    return asking.written(request.route.id, cut(rows, "_id", order, page))


def moment_of(request: Request, name: str) -> int:
    """A time of the query, in milliseconds since the epoch."""
    text = request.query.get(name)
    if text is None:
        raise Problem(400, "Bad Request", f"Required parameter '{name}' is not present.")
    found = milliseconds(text.replace(" ", "+"))
    if found is None:
        raise Problem(400, "Bad Request", f"Failed to convert '{name}' with value: '{text}'")
    return found
