"""How the gateway says things: jobs, refusals and injected errors, on both wires, in the words of 8.6 (and, for jobs, of 8.10)."""

from __future__ import annotations

import json
import time
from typing import Any

import grpc
from google.protobuf import duration_pb2
from google.rpc import error_details_pb2, status_pb2

from camunda_grpc._generated import gateway_pb2
from tests.fakes.gateway.store import Entry, Rejected

__all__ = [
    "GRPC_CODE",
    "details_bin",
    "document",
    "grpc_job",
    "problem",
    "rejection_problem",
    "rest_job",
    "topology",
]

GRPC_CODE = {
    "NOT_FOUND": grpc.StatusCode.NOT_FOUND,
    "INVALID_STATE": grpc.StatusCode.FAILED_PRECONDITION,
    "INVALID_ARGUMENT": grpc.StatusCode.INVALID_ARGUMENT,
}
_REST_STATUS = {"NOT_FOUND": 404, "INVALID_STATE": 409, "INVALID_ARGUMENT": 400}

#: Injected REST statuses: title and detail. A gateway has more than one way to say 500; this one is a broker's internal error.
_PROBLEMS = {
    403: ("FORBIDDEN", "Insufficient permissions to perform operation 'UPDATE' on resource 'JOB'"),
    401: ("Unauthorized", "An Authentication object was not found in the SecurityContext"),
    429: (
        "RESOURCE_EXHAUSTED",
        "Failed to write client request to partition '1', because the write limit is exhausted.",
    ),
    500: ("INTERNAL_ERROR", "code: INTERNAL_ERROR, message: scripted"),
    502: (
        "io.atomix.cluster.messaging.MessagingException$ConnectionClosed",
        "Expected to handle REST API request, but a connection was closed",
    ),
    503: (
        "java.net.ConnectException",
        "Expected to handle REST API request, but request could not be delivered",
    ),
    504: (
        "java.util.concurrent.TimeoutException",
        "Expected to handle REST API request, but request timed out between gateway and broker",
    ),
}
_DEFINITION_KEY = 2251799813685200
_PROCESS = "gauntlet"


def grpc_job(entry: Entry, fetch: Any = ()) -> Any:
    return gateway_pb2.ActivatedJob(
        key=entry.key,
        type=entry.type,
        processInstanceKey=entry.key - 1,
        bpmnProcessId=_PROCESS,
        processDefinitionVersion=1,
        processDefinitionKey=_DEFINITION_KEY,
        elementId="work",
        elementInstanceKey=entry.key - 2,
        customHeaders="{}",
        worker=entry.worker,
        retries=entry.retries,
        deadline=_epoch(entry.deadline),
        variables=json.dumps(_fetched(entry, fetch)),
        tenantId="<default>",
    )


def rest_job(entry: Entry, fetch: Any, dialect: str) -> dict[str, Any]:
    """``dialect`` "8.6" has numbers for keys and little else; "8.10" has text and every property of that line."""
    key: Any = str if dialect == "8.10" else int
    job = {
        "jobKey" if dialect == "8.10" else "key": key(entry.key),
        "type": entry.type,
        "processInstanceKey": key(entry.key - 1),
        "processDefinitionId": _PROCESS,
        "processDefinitionVersion": 1,
        "processDefinitionKey": key(_DEFINITION_KEY),
        "elementId": "work",
        "elementInstanceKey": key(entry.key - 2),
        "customHeaders": {},
        "worker": entry.worker,
        "retries": entry.retries,
        "deadline": _epoch(entry.deadline),
        "variables": _fetched(entry, fetch),
        "tenantId": "<default>",
    }
    if dialect == "8.10":
        job |= {
            "kind": "BPMN_ELEMENT",
            "listenerEventType": "UNSPECIFIED",
            "userTask": None,
            "tags": [],
            "rootProcessInstanceKey": key(entry.key - 1),
            "businessId": None,
            "priority": 0,
            "jobLeaseToken": None,
            "physicalTenantId": "default",
        }
    return job


def problem(status: int, path: str, title: str = "", detail: str | None = None) -> dict[str, Any]:
    """A problem document; without a title, the one that the gateway has for this status."""
    if not title:
        title, detail = _PROBLEMS[status]
    body = {"type": "about:blank", "title": title, "status": status}
    if detail is not None:
        body["detail"] = detail
    return {**body, "instance": path}


def rejection_problem(error: Rejected, path: str) -> dict[str, Any]:
    return problem(_REST_STATUS[error.code], path, error.code, str(error))


def details_bin(code: grpc.StatusCode, message: str, retry_after: float | None = None) -> bytes:
    """What the gateway sends with its errors as ``grpc-status-details-bin``; with a RetryInfo of so many seconds."""
    number: int = code.value[0]
    status = status_pb2.Status(code=number, message=message)
    if retry_after is not None:
        delay = duration_pb2.Duration(seconds=int(retry_after))
        status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    return bytes(status.SerializeToString())


def document(text: str | bytes) -> dict[str, Any]:
    """A variable document as the gateway reads it: an object of JSON proper, or ValueError."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    value = json.loads(text, parse_constant=refuse) if text else {}
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(
            f"Expected document to be a root level object, but was '{type(value).__name__.upper()}'"
        )
    return value


def topology(version: str) -> dict[str, Any]:
    partition = {"partitionId": 1, "role": "leader", "health": "healthy"}
    broker = {"nodeId": 0, "host": "127.0.0.1", "port": 26501, "version": version, "partitions": [partition]}
    return {
        "brokers": [broker],
        "clusterSize": 1,
        "partitionsCount": 1,
        "replicationFactor": 1,
        "gatewayVersion": version,
    }


def _fetched(entry: Entry, fetch: Any) -> dict[str, Any]:
    return (
        {name: entry.variables[name] for name in fetch if name in entry.variables}
        if fetch
        else entry.variables
    )


def _epoch(moment: float) -> int:
    return int((time.time() + moment - time.monotonic()) * 1000)
