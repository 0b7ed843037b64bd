"""Rows of definitions, decisions, forms, evaluations of decisions, and subscriptions to messages."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from camunda_embedded._records import Record
from camunda_embedded._views.drawn import read
from camunda_embedded._views.filters import Row, Rules
from camunda_embedded._views.reading import Test
from camunda_embedded._views.running import INSTANCE
from camunda_embedded._views.store import Feeder, Store
from camunda_embedded._views.table import Table

__all__ = ["FEEDERS", "tables"]


# --- what is deployed ---


def _definition(store: Store, record: Record) -> None:
    value = record.value
    key = value["processDefinitionKey"]
    table = store["definitions"]
    if record.intent == "DELETED" and (row := table.get(key)) is not None:
        row["state"] = "DELETED"
    elif record.intent == "CREATED" and table.get(key) is None:
        content = base64.b64decode(value["resource"])
        drawn = read(content, value["bpmnProcessId"])
        table.add(
            {
                "processDefinitionKey": key,
                "processDefinitionId": value["bpmnProcessId"],
                "name": drawn.names.get(value["bpmnProcessId"]),
                "resourceName": value["resourceName"],
                "version": value["version"],
                "versionTag": value["versionTag"] or None,
                "tenantId": value["tenantId"],
                "hasStartForm": bool(drawn.start_form),
                "state": "ACTIVE",
                "_content": content,
            }
        )


def _graph(store: Store, record: Record) -> None:
    value = record.value
    key = value["decisionRequirementsKey"]
    if record.intent == "DELETED":
        store["graphs"].remove(key)
    elif record.intent == "CREATED":
        names = (
            "decisionRequirementsId",
            "decisionRequirementsName",
            "decisionRequirementsKey",
            "resourceName",
            "tenantId",
        )
        row = {name: value[name] for name in names}
        row |= {
            "version": value["decisionRequirementsVersion"],
            "_content": base64.b64decode(value["resource"]),
        }
        store["graphs"].add(row)


def _decision(store: Store, record: Record) -> None:
    value = record.value
    key = value["decisionKey"]
    if record.intent == "DELETED":
        store["decisions"].remove(key)
    elif record.intent == "CREATED":
        graph = store["graphs"].get(value["decisionRequirementsKey"]) or {}
        store["decisions"].add(
            {
                "decisionDefinitionKey": key,
                "decisionDefinitionId": value["decisionId"],
                "name": value["decisionName"],
                "version": value["version"],
                "decisionRequirementsId": value["decisionRequirementsId"],
                "decisionRequirementsKey": value["decisionRequirementsKey"],
                "decisionRequirementsName": graph.get("decisionRequirementsName"),
                "decisionRequirementsVersion": graph.get("version"),
                "tenantId": value["tenantId"],
            }
        )


def _form(store: Store, record: Record) -> None:
    value = record.value
    key = value["formKey"]
    if record.intent == "DELETED":
        store["forms"].remove(key)
    elif record.intent == "CREATED":
        names = ("formKey", "formId", "version", "resourceName", "tenantId")
        content = base64.b64decode(value["resource"])
        store["forms"].add(
            {
                **{name: value[name] for name in names},
                "versionTag": value["versionTag"] or None,
                "schema": content.decode("utf-8", "replace"),
                "_content": content,
            }
        )


# --- evaluations of decisions ---


def _evaluation(store: Store, record: Record) -> None:
    value = record.value
    instance = store.instance(value["processInstanceKey"])
    for number, each in enumerate(value["evaluatedDecisions"], 1):
        failed = each["decisionId"] == value["failedDecisionId"]
        inputs = each["evaluatedInputs"]
        rules = [
            {**rule, "evaluatedOutputs": list(rule["evaluatedOutputs"])} for rule in each["matchedRules"]
        ]
        store["evaluations"].add(
            {
                "decisionEvaluationInstanceKey": f"{record.key}-{number}",
                "decisionEvaluationKey": record.key,
                "decisionDefinitionId": each["decisionId"],
                "decisionDefinitionKey": each["decisionKey"],
                "decisionDefinitionName": each["decisionName"],
                "decisionDefinitionType": each["decisionType"],
                "decisionDefinitionVersion": each["decisionVersion"],
                "decisionRequirementsKey": value["decisionRequirementsKey"],
                "rootDecisionDefinitionKey": value["decisionKey"],
                "evaluationDate": record.timestamp,
                "evaluationFailure": value["evaluationFailureMessage"] if failed else None,
                "result": each["decisionOutput"],
                "state": "FAILED" if failed else "EVALUATED",
                "tenantId": value["tenantId"],
                **{
                    name: value[name]
                    for name in ("processDefinitionKey", "processInstanceKey", "elementInstanceKey")
                },
                "rootProcessInstanceKey": instance.get("rootProcessInstanceKey"),
                "businessId": instance.get("businessId"),
                "evaluatedInputs": inputs,
                "matchedRules": rules,
            },
            ended=True,
        )


# --- messages ---


def _subscription(store: Store, record: Record) -> None:
    value, intent = record.value, record.intent
    instance = store.instance(value["processInstanceKey"])
    table = store["subscriptions"]
    row = table.get(record.key)
    own = {
        "processDefinitionId": value["bpmnProcessId"],
        "processDefinitionKey": instance.get("processDefinitionKey"),
        "processDefinitionName": instance.get("processDefinitionName"),
        "processDefinitionVersion": instance.get("processDefinitionVersion"),
        "elementId": value["elementId"],
    }
    if intent == "CREATED" and row is None:
        row = {
            **own,
            "messageSubscriptionKey": record.key,
            "processInstanceKey": value["processInstanceKey"],
            "rootProcessInstanceKey": instance.get("rootProcessInstanceKey"),
            "elementInstanceKey": value["elementInstanceKey"],
            "messageName": value["messageName"],
            "correlationKey": value["correlationKey"],
            "messageSubscriptionType": "PROCESS_EVENT",
            "tenantId": value["tenantId"],
            "toolProperties": {},
        }
        table.add(row)
    if row is None or intent not in ("CREATED", "CORRELATED", "DELETED", "MIGRATED"):
        return
    if intent == "MIGRATED":
        row.update(own)
    row["messageSubscriptionState"], row["lastUpdatedDate"] = intent, record.timestamp
    (table.end if intent in ("CORRELATED", "DELETED") else table.reopen)(row)
    if intent == "CORRELATED":
        _correlated(store, record, row)


def _correlated(store: Store, record: Record, row: Row) -> None:
    value = record.value
    instance = store.instance(value["processInstanceKey"])
    names = ("processDefinitionId", "elementId", "messageName", "tenantId")
    store["correlations"].add(
        {
            **{name: row[name] for name in names},
            "_id": f"{record.key}-{value['messageKey']}",
            "processDefinitionKey": instance.get("processDefinitionKey"),
            "processInstanceKey": value["processInstanceKey"],
            "rootProcessInstanceKey": instance.get("rootProcessInstanceKey"),
            "businessId": instance.get("businessId"),
            "elementInstanceKey": row.get("elementInstanceKey"),
            "correlationKey": value.get("correlationKey"),
            "correlationTime": record.timestamp,
            "messageKey": value["messageKey"],
            "partitionId": 1,
            "subscriptionKey": record.key,
        },
        ended=True,
    )


def _start(store: Store, record: Record) -> None:
    value, intent = record.value, record.intent
    table = store["subscriptions"]
    row = table.get(record.key)
    if row is None:
        definition = store["definitions"].get(value["processDefinitionKey"]) or {}
        row = {
            "messageSubscriptionKey": record.key,
            "processDefinitionId": value["bpmnProcessId"],
            "processDefinitionKey": value["processDefinitionKey"],
            "processDefinitionName": definition.get("name"),
            "processDefinitionVersion": definition.get("version"),
            "elementId": value["startEventId"],
            "messageName": value["messageName"],
            "processInstanceKey": None,
            "correlationKey": None,
            "messageSubscriptionType": "START_EVENT",
            "tenantId": value["tenantId"],
            "toolProperties": {},
        }
        table.add(row)
    if intent in ("CREATED", "DELETED"):
        row["messageSubscriptionState"], row["lastUpdatedDate"] = intent, record.timestamp
        (table.end if intent == "DELETED" else table.reopen)(row)
    elif intent == "CORRELATED":
        row["lastUpdatedDate"] = record.timestamp
        _correlated(store, record, row)


FEEDERS: Mapping[str, Feeder] = {
    "PROCESS": _definition,
    "DECISION_REQUIREMENTS": _graph,
    "DECISION": _decision,
    "FORM": _form,
    "DECISION_EVALUATION": _evaluation,
    "PROCESS_MESSAGE_SUBSCRIPTION": _subscription,
    "MESSAGE_START_EVENT_SUBSCRIPTION": _start,
}


def tables(store: Store) -> dict[str, Table]:
    """The tables of this module."""

    def newest(name: str, id_: str) -> Any:
        def asked(row: Row, tests: Mapping[str, Test]) -> bool:
            versions = (each["version"] for each in store[name].of(id_, row[id_]))
            return tests["isLatestVersion"](row["version"] == max(versions))

        return frozenset({"isLatestVersion"}), asked

    return {
        "definitions": Table(
            "processDefinitionKey",
            Rules(together=(newest("definitions", "processDefinitionId"),)),
            by=("processDefinitionId",),
        ),
        "graphs": Table("decisionRequirementsKey"),
        "decisions": Table(
            "decisionDefinitionKey",
            Rules(together=(newest("decisions", "decisionDefinitionId"),)),
            by=("decisionDefinitionId",),
        ),
        "forms": Table("formKey", by=("formId",)),
        "evaluations": Table(
            "decisionEvaluationInstanceKey", by=("processInstanceKey", "decisionEvaluationKey")
        ),
        "subscriptions": Table("messageSubscriptionKey", by=INSTANCE),
        "correlations": Table("_id", by=INSTANCE),
    }
