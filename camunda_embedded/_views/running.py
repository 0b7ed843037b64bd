"""Rows of process instances, elements, sequence flows, variables and incidents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from camunda_embedded._records import Record
from camunda_embedded._views.filters import Row, Rules
from camunda_embedded._views.reading import Test
from camunda_embedded._views.store import Feeder, Store
from camunda_embedded._views.table import Table

__all__ = ["CUT", "FEEDERS", "INSTANCE", "facts", "tables", "variables_of"]

#: Longer values are cut in the answers of searches.
CUT = 8191
#: What most rows are found by.
INSTANCE = ("processInstanceKey",)


def facts(value: Mapping[str, Any]) -> Row:
    """What the rows of everything that belongs to a process say of it."""
    return {
        "processDefinitionId": value["bpmnProcessId"],
        "processDefinitionKey": value["processDefinitionKey"],
        "processInstanceKey": value["processInstanceKey"],
        "tenantId": value["tenantId"],
    }


def rooted(store: Store, value: Mapping[str, Any]) -> Row:
    """The same, with what stands in the row of the process instance alone."""
    instance = store.instance(value["processInstanceKey"])
    return {
        **facts(value),
        "rootProcessInstanceKey": instance.get("rootProcessInstanceKey"),
        "businessId": instance.get("businessId"),
    }


# --- process instances and elements ---


def _created(store: Store, record: Record) -> None:
    value = record.value
    key = value["processInstanceKey"]
    own = {"tags": list(value.get("tags", ())), "businessId": value.get("businessId") or None}
    row = store["instances"].get(key)
    if row is not None:
        row.update(own)
    elif record.intent == "CREATED":
        store.created[key] = own


def _element(store: Store, record: Record) -> None:
    value, intent, key = record.value, record.intent, record.key
    kind = value["bpmnElementType"]
    if kind == "SEQUENCE_FLOW":
        if intent == "SEQUENCE_FLOW_TAKEN":
            _flow(store, record)
        return
    table = store["instances" if kind == "PROCESS" else "elements"]
    row = table.get(key)
    if intent == "ELEMENT_ACTIVATING":
        if row is None:
            row = table.add(_process(store, record) if kind == "PROCESS" else _activity(store, record))
            if kind == "PROCESS":  # the variables that it was created with came before it
                for variable in store["variables"].of("scopeKey", key):
                    variable["rootProcessInstanceKey"] = row["rootProcessInstanceKey"]
    elif row is None:
        return  # forgotten
    elif intent in ("ELEMENT_COMPLETED", "ELEMENT_TERMINATED"):
        row["state"], row["endDate"] = intent.removeprefix("ELEMENT_"), record.timestamp
        _end(store, table, key, row)
    elif intent == "ELEMENT_MIGRATED":
        row.update(_named(store, value) if kind == "PROCESS" else _drawn(store, value))


def _end(store: Store, table: Table, key: int, row: Row) -> None:
    """Says that an element or a process instance has ended, and what is its own with it."""
    table.end(row)
    own = {"variables": "scopeKey"}
    if table is store["instances"]:
        own["flows"] = "processInstanceKey"
    for name, by in own.items():
        for each in store[name].of(by, key):
            store[name].end(each)


def _named(store: Store, value: Mapping[str, Any]) -> Row:
    definition = store["definitions"].get(value["processDefinitionKey"]) or {}
    return {
        **facts(value),
        "processDefinitionName": definition.get("name") or value["bpmnProcessId"],
        "processDefinitionVersion": value["version"],
        "processDefinitionVersionTag": definition.get("versionTag"),
    }


def _process(store: Store, record: Record) -> Row:
    value = record.value
    parent = value["parentProcessInstanceKey"]
    root = store.instance(parent).get("rootProcessInstanceKey", parent) if parent > 0 else record.key
    return {
        **_named(store, value),
        "processInstanceKey": record.key,
        "parentProcessInstanceKey": parent if parent > 0 else None,
        "parentElementInstanceKey": value["parentElementInstanceKey"] if parent > 0 else None,
        "rootProcessInstanceKey": root,
        "startDate": record.timestamp,
        "endDate": None,
        "state": "ACTIVE",
        "hasIncident": False,
        "tags": [],
        "businessId": None,
        **store.created.pop(record.key, {}),
    }


def _drawn(store: Store, value: Mapping[str, Any]) -> Row:
    names = store.drawn(value["processDefinitionKey"]).names
    return {
        **facts(value),
        "elementId": value["elementId"],
        "elementName": names.get(value["elementId"]) or value["elementId"],
    }


def _activity(store: Store, record: Record) -> Row:
    value = record.value
    return {
        **rooted(store, value),
        **_drawn(store, value),
        "elementInstanceKey": record.key,
        "elementInstanceScopeKey": value["flowScopeKey"],
        "type": value["bpmnElementType"],
        "state": "ACTIVE",
        "startDate": record.timestamp,
        "endDate": None,
        "hasIncident": False,
        "incidentKey": None,
    }


def _flow(store: Store, record: Record) -> None:
    value = record.value
    row = rooted(store, value)
    row |= {
        "elementId": value["elementId"],
        "sequenceFlowId": f"{value['processInstanceKey']}_{value['elementId']}",
    }
    table = store["flows"]
    if row["sequenceFlowId"] not in table:
        table.add(row)


# --- variables ---


def _variable(store: Store, record: Record) -> None:
    value = record.value
    table = store["variables"]
    row = table.get(record.key)
    if record.intent == "MIGRATED":
        if row is not None:
            row.update(facts(value))
    elif row is not None:
        row["value"], row["isTruncated"] = value["value"], len(value["value"]) > CUT
    elif record.intent in ("CREATED", "UPDATED"):
        own = {name: value[name] for name in ("name", "value", "scopeKey")}
        row = {
            **rooted(store, value),
            **own,
            "variableKey": record.key,
            "isTruncated": len(value["value"]) > CUT,
        }
        table.add(row)


def variables_of(store: Store, scope: int) -> dict[str, str]:
    """The variables of a scope itself, as JSON texts by name."""
    return {row["name"]: row["value"] for row in store["variables"].of("scopeKey", scope)}


# --- incidents ---


def _incident(store: Store, record: Record) -> None:
    value, intent = record.value, record.intent
    table = store["incidents"]
    row = table.get(record.key)
    if intent == "CREATED" and row is None:
        own = {name: value[name] for name in ("errorType", "errorMessage", "elementId", "elementInstanceKey")}
        row = {
            **rooted(store, value),
            **own,
            "incidentKey": record.key,
            "creationTime": record.timestamp,
            "state": "ACTIVE",
            "jobKey": value["jobKey"] if value["jobKey"] > 0 else None,
            "_path": _path(value),
        }
        table.add(row)
        _count(store, row, 1)
        element = store["elements"].get(value["elementInstanceKey"])
        if element is not None:
            element["incidentKey"] = record.key
    elif row is None:
        return
    elif intent == "RESOLVED" and row["state"] == "ACTIVE":
        row["state"] = "RESOLVED"
        table.end(row)
        _count(store, row, -1)
        element = store["elements"].get(row["elementInstanceKey"])
        if element is not None and element["incidentKey"] == record.key:
            element["incidentKey"] = None
    elif intent == "MIGRATED":
        row.update(facts(value), elementId=value["elementId"])


def _path(value: Mapping[str, Any]) -> list[int]:
    """Every instance that the incident is in: elements, scopes, process instances, and those that called them."""
    paths = value.get("elementInstancePath") or [[value["processInstanceKey"], value["elementInstanceKey"]]]
    return list(dict.fromkeys(key for path in paths for key in path))


def _count(store: Store, row: Row, more: int) -> None:
    for key in row["_path"]:
        store.incidents[key] += more
        found = store["instances"].get(key) or store["elements"].get(key)
        if found is not None:
            found["hasIncident"] = store.incidents[key] > 0
        if store.incidents[key] <= 0:
            del store.incidents[key]


FEEDERS: Mapping[str, Feeder] = {
    "PROCESS_INSTANCE_CREATION": _created,
    "PROCESS_INSTANCE": _element,
    "VARIABLE": _variable,
    "INCIDENT": _incident,
}


def tables(store: Store) -> dict[str, Table]:
    """The tables of this module; what filters ask beside the properties of rows, they ask ``store``."""

    def own(table: str, row: Row) -> list[Row]:
        return store[table].of("processInstanceKey", row["processInstanceKey"])

    def elements(row: Row, tests: Mapping[str, Test]) -> bool:
        named = {
            "elementId": "elementId",
            "elementInstanceState": "state",
            "hasElementInstanceIncident": "hasIncident",
        }
        return any(
            all(test(each[named[name]]) for name, test in tests.items()) for each in own("elements", row)
        )

    def incidents(row: Row, tests: Mapping[str, Test]) -> bool:
        texts = [each["errorMessage"] for each in own("incidents", row) if each["state"] == "ACTIVE"]
        read: dict[str, Callable[[str], Any]] = {"errorMessage": str, "incidentErrorHashCode": hash_code}
        return any(all(test(read[name](text)) for name, test in tests.items()) for text in texts)

    def retries(row: Row, tests: Mapping[str, Test]) -> bool:
        return tests["hasRetriesLeft"](any(each["hasFailedWithRetriesLeft"] for each in own("jobs", row)))

    def batches(row: Row, tests: Mapping[str, Test]) -> bool:
        keys = [each["batchOperationKey"] for each in own("items", row)]
        return all(test(keys) for test in tests.values())

    rules = Rules(
        together=(
            (frozenset({"elementId", "elementInstanceState", "hasElementInstanceIncident"}), elements),
            (frozenset({"errorMessage", "incidentErrorHashCode"}), incidents),
            (frozenset({"hasRetriesLeft"}), retries),
            (frozenset({"batchOperationId", "batchOperationKey"}), batches),
        ),
        variables={"variables": lambda row: variables_of(store, row["processInstanceKey"])},
    )
    return {
        "instances": Table("processInstanceKey", rules),
        "elements": Table("elementInstanceKey", by=INSTANCE),
        "flows": Table("sequenceFlowId", by=INSTANCE),
        "variables": Table("variableKey", by=("processInstanceKey", "scopeKey")),
        "incidents": Table("incidentKey", by=INSTANCE),
    }


def hash_code(text: str) -> int:
    """The hash of a text as Java computes it, by which incidents of one message are found."""
    found = 0
    for unit in memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H"):
        found = (31 * found + unit) & 0xFFFFFFFF
    return found - (1 << 32) if found >= 1 << 31 else found
