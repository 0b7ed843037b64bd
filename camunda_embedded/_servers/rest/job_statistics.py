"""Counts of jobs: by type, worker, time and error, of what happened in the time that is asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from camunda_embedded._servers.rest.asking import DESCRIBED, Asking, described_route
from camunda_embedded._servers.rest.problems import Problem
from camunda_embedded._servers.rest.routes import Request, Route
from camunda_embedded._servers.rest.statistics import given_of, groups_of, moment_of
from camunda_embedded._timing import parse_period
from camunda_embedded._views.filters import Filter, Row, Rules
from camunda_embedded._views.reading import Reading
from camunda_embedded._views.store import Store
from camunda_rest._versions import parse_version

__all__ = ["JobStatistics"]

Version = tuple[int, int]
Key = tuple[Any, ...]

#: The time that one item of a series stands for, unless asked otherwise.
_RESOLUTION = "PT1M"
_NO_RULES = Rules()


class JobStatistics:
    """The routes of statistics of jobs."""

    def __init__(self, asking: Asking, store: Store, version: Version) -> None:
        self._asking = asking
        self._store = store
        self._version = version

    def routes(self) -> list[Route]:
        """The operations that the version has."""
        handles: Mapping[str, Any] = {
            "getGlobalJobStatistics": self._jobs,
            "getJobTypeStatistics": self._by_type,
            "getJobWorkerStatistics": self._by_worker,
            "getJobTimeSeriesStatistics": self._series,
            "getJobErrorStatistics": self._errors,
        }
        return [
            described_route(name, handle)
            for name, handle in handles.items()
            if parse_version(DESCRIBED[name].since) <= self._version
        ]

    def _page(self, request: Request, groups: Mapping[Key, Row]) -> Any:
        return groups_of(request, groups, self._asking, self._version)

    def _happened(self, request: Request, given: Row) -> Iterator[tuple[str, int, Row]]:
        """What happened to jobs in the time asked for, of those that the filter lets through: what, when and to whom."""
        rest = {
            name: value for name, value in (request.body.get("filter") or {}).items() if name == "jobType"
        }
        wanted = Filter(DESCRIBED["getJobTypeStatistics"].filter, _whole(rest), Reading(self._version))
        fits = wanted.against(_NO_RULES)
        start, end = given.get("from", 0), given.get("to", math.inf)
        for row in self._store.feed()["jobs"]:
            if not fits({"jobType": row["type"], "from": 0, "to": 0}):
                continue
            moments = [("created", row["creationTime"], row)]
            if row["state"] == "COMPLETED":
                moments.append(("completed", row["endTime"], row))
            moments += [("failed", each["time"], {**row, **each}) for each in row["_failures"]]
            yield from (each for each in moments if start <= each[1] <= end)

    async def _jobs(self, request: Request) -> Any:
        given = {name: moment_of(request, name) for name in ("from", "to")}
        kind = request.query.get("jobType")
        asked = Request(request.route, {}, {"filter": {"jobType": kind} if kind else {}})
        metrics = _metrics()
        for what, at, _ in self._happened(asked, given):
            _counted(metrics, what, at)
        return self._asking.written(request.route.id, {**metrics, "isIncomplete": False})

    async def _by_type(self, request: Request) -> Any:
        return self._page(request, self._grouped(request, lambda row, _: {"jobType": row["type"]}))

    async def _by_worker(self, request: Request) -> Any:
        groups = self._grouped(request, lambda row, _: {"worker": row["worker"]})
        return self._page(request, {key: row for key, row in groups.items() if row["worker"]})

    async def _series(self, request: Request) -> Any:
        given = given_of(request, self._version)
        try:
            period = parse_period(given.get("resolution") or _RESOLUTION)
        except ValueError as error:
            raise Problem(400, "INVALID_ARGUMENT", f"The provided resolution is not valid: {error}") from None
        if period.months or period.milliseconds < 1:
            raise Problem(
                400, "INVALID_ARGUMENT", "The provided resolution must be positive, without months."
            )
        step = period.milliseconds
        groups = self._grouped(request, lambda _, at: {"time": at - at % step})
        return self._page(request, dict(sorted(groups.items())))

    def _grouped(self, request: Request, group: Callable[[Row, int], Row]) -> dict[Key, Row]:
        groups: dict[Key, Row] = {}
        workers: dict[Key, set[str]] = {}
        for what, at, row in self._happened(request, given_of(request, self._version)):
            own = group(row, at)
            key = tuple(own.values())
            _counted(groups.setdefault(key, {**own, **_metrics()}), what, at)
            workers.setdefault(key, set()).update({row["worker"]} - {""})
        for key, found in groups.items():
            found["workers"] = len(workers[key])
        return groups

    async def _errors(self, request: Request) -> Any:
        given, workers = given_of(request, self._version), dict[Key, set[str]]()
        conditions = {n: v for n, v in request.body["filter"].items() if n in ("errorCode", "errorMessage")}
        shape = DESCRIBED[request.route.id].filter
        wanted = Filter(shape, {**_whole(conditions), "jobType": given["jobType"]}, Reading(self._version))
        fits = wanted.against(_NO_RULES)
        for what, _, row in self._happened(request, given):
            facts = {"jobType": row["type"], "from": 0, "to": 0}
            facts |= {name: row[name] or "" for name in ("errorCode", "errorMessage")}
            if what == "failed" and fits(facts):
                workers.setdefault((facts["errorCode"], facts["errorMessage"]), set()).add(row["worker"])
        return self._page(
            request,
            {
                key: {"errorCode": key[0], "errorMessage": key[1], "workers": len(names)}
                for key, names in workers.items()
            },
        )


def _whole(conditions: Row) -> Row:
    """A filter of jobs with those conditions and a window of which every row is made to be a part."""
    return {**conditions, "from": "1970-01-01T00:00:00Z", "to": "1970-01-01T00:00:00Z"}


def _metrics() -> Row:
    return {name: {"count": 0, "lastUpdatedAt": None} for name in ("created", "completed", "failed")}


def _counted(group: Row, what: str, at: int) -> None:
    metric = group[what]
    metric["count"] += 1
    metric["lastUpdatedAt"] = max(at, metric["lastUpdatedAt"] or at)
