"""Searches and gets: what is asked is read by the contract's description of the operation, and found in the views.

An operation is one entry: the table that it asks, and which rows its path leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from camunda_embedded._limits import SEARCH_SECONDS
from camunda_embedded._servers.rest.dialects import Dialect
from camunda_embedded._servers.rest.problems import Problem
from camunda_embedded._servers.rest.routes import Answer, Request, Route
from camunda_embedded._servers.rest.shapes import write
from camunda_embedded._views.filters import Filter, Row
from camunda_embedded._views.pages import cut, read_order, read_page
from camunda_embedded._views.reading import Reading, TooLongError
from camunda_embedded._views.running import CUT
from camunda_embedded._views.store import Store
from camunda_embedded._views.table import KEPT_ROWS, PLACE, Table
from camunda_rest._described import Described
from camunda_rest._versions import parse_version
from camunda_rest.api.operations import FACTS

__all__ = ["DESCRIBED", "MEDIA", "Asking", "described_route", "kept", "missing", "refuse", "select"]

DESCRIBED: Mapping[str, Described] = {facts[0]: Described.of(facts) for facts in FACTS.values()}
MEDIA = {"json": "application/json", "xml": "text/xml", "binary": "application/octet-stream"}

Rows = Iterable[Row]
Path = Mapping[str, Any]


class Search(NamedTuple):
    """A search of a table; ``rows`` are those that the path leaves."""

    table: str
    rows: Callable[[Store, Path], Rows] | None = None


class Get(NamedTuple):
    """One row of a table; ``what`` is what a refusal calls it."""

    table: str
    what: str


def described_route(name: str, handle: Any) -> Route:
    """The route of an operation of the contract."""
    described = DESCRIBED[name]
    body = "multipart" if described.multipart else "json" if described.body else "none"
    texts = frozenset(each.partition(":")[0] for each in described.params.split() if not each.endswith(":k"))
    searches = bool(described.page or described.filter or "tatistics" in name)
    return Route(
        name, described.method, described.path, body, handle,
        optional=searches and body == "json", texts=texts, media=MEDIA[described.media],
    )  # fmt: skip


def refuse(reading: Reading) -> None:
    """Raises what is wrong with a request, if anything is."""
    if reading.unparsed:
        raise Problem(400, "Bad Request", f"Request property [{reading.unparsed[0]}] cannot be parsed")
    if reading.wrong and reading.version < (8, 9):
        raise Problem(400, "Bad Request", reading.wrong[0])
    if reading.wrong:
        raise Problem(400, "INVALID_ARGUMENT", " ".join(dict.fromkeys(reading.wrong)))


def missing(what: str, name: str, value: object) -> Problem:
    """The refusal of something that is not there."""
    return Problem(404, "NOT_FOUND", f"No {what} with {name} '{value}' was found.")


def kept(table: Table, row: Row) -> Row:
    """A row that somebody made and only they may take away; Problem when there are too many."""
    if len(table) >= KEPT_ROWS:
        text = f"The embedded gateway keeps not more than {KEPT_ROWS:,} of a kind: delete some first"
        raise Problem(503, "RESOURCE_EXHAUSTED", text)
    return table.add(row)


def _in_instance(store: Store, path: Path) -> Rows:
    return (row for row in store["incidents"] if path["processInstanceKey"] in row["_path"])


def _in_element(store: Store, path: Path) -> Rows:
    return (row for row in store["incidents"] if path["elementInstanceKey"] in row["_path"])


def _scopes(store: Store, task: Row) -> list[int]:
    """The scopes that a user task sees, the innermost first."""
    found, element = [task["elementInstanceKey"]], store["elements"].get(task["elementInstanceKey"])
    while element is not None and element["elementInstanceScopeKey"] > 0:
        found.append(element["elementInstanceScopeKey"])
        element = store["elements"].get(found[-1])
    return found


def _visible(store: Store, path: Path, *, effective: bool) -> Rows:
    task = store["tasks"].get(path["userTaskKey"])
    seen: set[str] = set()
    for scope in _scopes(store, task) if task is not None else ():
        own = store["variables"].of("scopeKey", scope)
        yield from (row for row in own if not effective or row["name"] not in seen)
        seen |= {row["name"] for row in own}


SEARCHES: Mapping[str, Search] = {
    "searchProcessDefinitions": Search("definitions"),
    "searchProcessInstances": Search("instances"),
    "searchElementInstances": Search("elements"),
    "searchVariables": Search("variables"),
    "searchIncidents": Search("incidents"),
    "searchProcessInstanceIncidents": Search("incidents", _in_instance),
    "searchElementInstanceIncidents": Search("incidents", _in_element),
    "searchJobs": Search("jobs"),
    "searchUserTasks": Search("tasks"),
    "searchUserTaskVariables": Search("variables", partial(_visible, effective=False)),
    "searchUserTaskEffectiveVariables": Search("variables", partial(_visible, effective=True)),
    "searchDecisionDefinitions": Search("decisions"),
    "searchDecisionRequirements": Search("graphs"),
    "searchDecisionInstances": Search("evaluations"),
    "searchMessageSubscriptions": Search("subscriptions"),
    "searchCorrelatedMessageSubscriptions": Search("correlations"),
    "searchBatchOperations": Search("batches"),
    "searchBatchOperationItems": Search("items"),
}
GETS: Mapping[str, Get] = {
    "getProcessDefinition": Get("definitions", "process definition"),
    "getProcessInstance": Get("instances", "process instance"),
    "getElementInstance": Get("elements", "element instance"),
    "getVariable": Get("variables", "variable"),
    "getIncident": Get("incidents", "incident"),
    "getUserTask": Get("tasks", "user task"),
    "getDecisionDefinition": Get("decisions", "decision definition"),
    "getDecisionRequirements": Get("graphs", "decision requirements"),
    "getDecisionInstance": Get("evaluations", "decision instance"),
    "getBatchOperation": Get("batches", "batch operation"),
}


def select(table: Table, rows: Rows, given: Any, shape: str, reading: Reading) -> list[Row]:
    """The rows that fulfil a filter; raises when it cannot be read."""
    wanted = Filter(shape, given, reading)
    refuse(reading)
    if not wanted:
        return list(rows)
    reading.begin(SEARCH_SECONDS)
    try:
        return list(
            filter(wanted.against(table.rules), table.narrowed(wanted.exact) if rows is table else rows)
        )
    except TooLongError:
        text = (
            f"The filter takes more than {SEARCH_SECONDS:g} s in the embedded gateway: ask for less at once"
        )
        raise Problem(503, "RESOURCE_EXHAUSTED", text) from None


class Asking:
    """The routes of everything that is asked."""

    def __init__(self, store: Store, dialect: Dialect) -> None:
        self._store = store
        self._version = dialect.version

    def routes(self) -> list[Route]:
        """The operations that the version has."""
        special = {
            "getProcessDefinitionXML": self._xml("definitions", "processDefinitionKey", "process definition"),
            "getDecisionDefinitionXML": self._decision_xml,
            "getDecisionRequirementsXML": self._xml(
                "graphs", "decisionRequirementsKey", "decision requirements"
            ),
            "getStartProcessForm": self._start_form,
            "getUserTaskForm": self._task_form,
            "getProcessInstanceSequenceFlows": self._flows,
            "getProcessInstanceStatistics": self._instance_statistics,
            "getProcessDefinitionStatistics": self._definition_statistics,
            "getProcessInstanceCallHierarchy": self._hierarchy,
        }
        handles: dict[str, Any] = dict.fromkeys(SEARCHES, self._search)
        handles |= dict.fromkeys(GETS, self._get) | special
        return [
            described_route(name, handle)
            for name, handle in handles.items()
            if parse_version(DESCRIBED[name].since) <= self._version
        ]

    async def _search(self, request: Request) -> dict[str, Any]:
        name, search = request.route.id, SEARCHES[request.route.id]
        store = self._store.feed()
        table = store[search.table]
        found = self.found(request, table, table if search.rows is None else search.rows(store, request.path))
        if search.table == "variables" and request.query.get("truncateValues", "true") == "true":
            found["items"] = [_cut(row) for row in found["items"]]
        elif search.table == "variables":
            found["items"] = [row | {"isTruncated": False} for row in found["items"]]
        answer: dict[str, Any] = self.written(name, found)
        return answer

    def found(self, request: Request, table: Table, rows: Rows) -> dict[str, Any]:
        """The page of the rows that a request asks for."""
        described, reading, body = DESCRIBED[request.route.id], Reading(self._version), request.body
        known = {"page": described.page, "sort": described.sorts, "filter": described.filter}
        reading.unparsed += [name for name in body if not known.get(name)]
        order = read_order(body.get("sort"), described.sorts, reading)
        page = read_page(body.get("page"), described.page, reading)
        kept = (
            select(table, rows, body.get("filter"), described.filter, reading)
            if described.filter
            else list(rows)
        )
        refuse(reading)
        # Rows that were made for this answer have no place of their own.
        return cut(kept, PLACE if kept and PLACE in kept[0] else table.key, order, page)

    def written(self, name: str, value: Any) -> Any:
        """The answer of an operation, as this version has it."""
        return write(name, value, self._version)

    def row(self, table: str, key: Any, what: str) -> Row:
        """The row of a key; Problem when there is none."""
        found = self._store.feed()[table].get(key)
        if found is None:
            raise missing(what, "key", key)
        return found

    async def _get(self, request: Request) -> dict[str, Any]:
        get = GETS[request.route.id]
        (key,) = request.path.values()
        answer: dict[str, Any] = self.written(request.route.id, self.row(get.table, key, get.what))
        return answer

    # --- files and forms ---

    def _xml(self, table: str, name: str, what: str) -> Any:
        async def answer(request: Request) -> Answer:
            row = self.row(table, request.path[name], what)
            return Answer(row["_content"], media="text/xml")

        return answer

    async def _decision_xml(self, request: Request) -> Answer:
        decision = self.row("decisions", request.path["decisionDefinitionKey"], "decision definition")
        graph = self.row("graphs", decision["decisionRequirementsKey"], "decision requirements")
        return Answer(graph["_content"], media="text/xml")

    async def _start_form(self, request: Request) -> Any:
        key = request.path["processDefinitionKey"]
        self.row("definitions", key, "process definition")
        form = self._latest_form(self._store.drawn(key).start_form)
        return self.written(request.route.id, form) if form is not None else None

    async def _task_form(self, request: Request) -> Any:
        task = self.row("tasks", request.path["userTaskKey"], "user task")
        form = self._store["forms"].get(task["formKey"])
        return self.written(request.route.id, form) if form is not None else None

    def _latest_form(self, form_id: str) -> Row | None:
        return max(self._store["forms"].of("formId", form_id), key=lambda row: row["version"], default=None)

    # --- what an instance did ---

    async def _flows(self, request: Request) -> Any:
        key = request.path["processInstanceKey"]
        store = self._store.feed()
        rows = store["flows"].of("processInstanceKey", key)
        return self.written(request.route.id, {"items": rows})

    async def _hierarchy(self, request: Request) -> Answer:
        row: Row | None = self.row("instances", request.path["processInstanceKey"], "process instance")
        found: list[Row] = []
        while row is not None:
            found.insert(0, row)
            row = self._store["instances"].get(row["parentProcessInstanceKey"])
        return Answer(self.written(request.route.id, found))

    async def _instance_statistics(self, request: Request) -> Any:
        key = request.path["processInstanceKey"]
        return self._statistics(request.route.id, [key])

    async def _definition_statistics(self, request: Request) -> Any:
        key = request.path["processDefinitionKey"]
        store, reading = self._store.feed(), Reading(self._version)
        reading.unparsed += [name for name in request.body if name != "filter"]
        own = (row for row in store["instances"] if row["processDefinitionKey"] == key)
        shape = DESCRIBED[request.route.id].filter
        kept = select(store["instances"], own, request.body.get("filter"), shape, reading)
        return self._statistics(request.route.id, [row["processInstanceKey"] for row in kept])

    def _statistics(self, name: str, instances: Iterable[int]) -> Any:
        counts: dict[str, Row] = {}
        elements = self._store.feed()["elements"]
        for instance in instances:
            for row in elements.of("processInstanceKey", instance):
                element = row["elementId"]
                count = counts.setdefault(
                    element,
                    {"elementId": element, "active": 0, "canceled": 0, "incidents": 0, "completed": 0},
                )
                ended = {"COMPLETED": "completed", "TERMINATED": "canceled"}
                count[ended.get(row["state"]) or ("incidents" if row["hasIncident"] else "active")] += 1
        return self.written(name, {"items": list(counts.values())})


def _cut(row: Row) -> Row:
    return row | {"value": row["value"][:CUT]} if row["isTruncated"] else row
