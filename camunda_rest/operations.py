"""The REST v2 operations that have a gRPC twin: facts only, one constant each.

An ``Operation`` says where it lives and what it takes; how it is sent is the business of
``camunda_rest._request``. Versions are cluster versions as ``(major, minor)``. What a cluster of 8.6 knows
carries no mark; everything newer is named in ``newer``, because a cluster that does not know a property
ignores it silently (8.6) or refuses the whole request (8.8).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

__all__ = [
    "ACTIVATE_JOBS",
    "BROADCAST_SIGNAL",
    "BY_ID",
    "CANCEL_PROCESS_INSTANCE",
    "COMPLETE_JOB",
    "CREATE_PROCESS_INSTANCE",
    "DELETE_RESOURCE",
    "DEPLOY_RESOURCES",
    "EVALUATE_CONDITIONALS",
    "EVALUATE_DECISION",
    "FAIL_JOB",
    "GET_TOPOLOGY",
    "MIGRATE_PROCESS_INSTANCE",
    "MODIFY_PROCESS_INSTANCE",
    "PUBLISH_MESSAGE",
    "RESOLVE_INCIDENT",
    "SET_VARIABLES",
    "THROW_JOB_ERROR",
    "UPDATE_JOB",
    "Operation",
    "Version",
]

#: A cluster version, ``(8, 6)``.
Version = tuple[int, int]

#: Every operation came with the first REST API v2 unless it says otherwise.
_FIRST: Version = (8, 6)

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, eq=False)
class Operation:
    """One REST operation.

    ``id``          the operation id of the published OpenAPI
    ``path``        without ``/v2``; keys in braces
    ``body``        ``json``, ``multipart`` (files), or ``none``
    ``answers``     True when every version answers success with a JSON object; False when some or all
                    answer 204 without one
    ``repeatable``  running it twice does no harm, so it may be repeated although the server may have
                    executed it
    ``since``       the cluster version that brought it
    ``newer``       request properties that came after 8.6, as dotted paths
                    (``terminateInstructions[].elementId``)
    ``waits``       the request property by which the server waits before it answers (milliseconds)
    ``waits_if``    the flag that makes it wait; None when it always does
    ``default_wait``  seconds the server waits when that property is 0 or absent
    ``negative_wait``  seconds the server waits when that property is negative
    """

    id: str
    method: str
    path: str
    body: Literal["json", "multipart", "none"] = "json"
    answers: bool = False
    repeatable: bool = False
    since: Version = _FIRST
    newer: Mapping[str, Version] = field(default_factory=lambda: MappingProxyType({}))
    waits: str | None = None
    waits_if: str | None = None
    default_wait: float = 0.0
    negative_wait: float = 0.0
    keys: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", tuple(_PLACEHOLDER.findall(self.path)))
        object.__setattr__(self, "newer", MappingProxyType(dict(self.newer)))

    def __reduce__(self) -> tuple[object, ...]:
        # An operation is a constant: a copied or unpickled one is the same object.
        return (_constant, (self.id,))


def _constant(operation_id: str) -> Operation:
    return BY_ID[operation_id]


# The job lease token has had two names while 8.10 was made; both are newer than anything released.
_LEASE: Mapping[str, Version] = {"leaseToken": (8, 10), "jobLeaseToken": (8, 10)}

ACTIVATE_JOBS = Operation(
    "activateJobs",
    "POST",
    "/jobs/activation",
    answers=True,
    repeatable=True,
    newer={"tenantFilter": (8, 9), "withLease": (8, 10)},
    waits="requestTimeout",
    default_wait=10.0,
)

COMPLETE_JOB = Operation(
    "completeJob",
    "POST",
    "/jobs/{jobKey}/completion",
    repeatable=True,
    newer={"result": (8, 8), "businessId": (8, 10), **_LEASE},
)

FAIL_JOB = Operation("failJob", "POST", "/jobs/{jobKey}/failure", repeatable=True, newer=_LEASE)

THROW_JOB_ERROR = Operation("throwJobError", "POST", "/jobs/{jobKey}/error", newer=_LEASE)

UPDATE_JOB = Operation(
    "updateJob",
    "PATCH",
    "/jobs/{jobKey}",
    newer={"operationReference": (8, 8), "changeset.priority": (8, 10), **_LEASE},
)

CREATE_PROCESS_INSTANCE = Operation(
    "createProcessInstance",
    "POST",
    "/process-instances",
    answers=True,
    newer={"runtimeInstructions": (8, 8), "tags": (8, 8), "businessId": (8, 9)},
    waits="requestTimeout",
    waits_if="awaitCompletion",
    default_wait=15.0,
    negative_wait=15.0,
)

CANCEL_PROCESS_INSTANCE = Operation(
    "cancelProcessInstance", "POST", "/process-instances/{processInstanceKey}/cancellation", repeatable=True
)

MIGRATE_PROCESS_INSTANCE = Operation(
    "migrateProcessInstance", "POST", "/process-instances/{processInstanceKey}/migration", repeatable=True
)

MODIFY_PROCESS_INSTANCE = Operation(
    "modifyProcessInstance",
    "POST",
    "/process-instances/{processInstanceKey}/modification",
    newer={"moveInstructions": (8, 9), "terminateInstructions[].elementId": (8, 9)},
)

EVALUATE_DECISION = Operation(
    "evaluateDecision", "POST", "/decision-definitions/evaluation", answers=True, repeatable=True
)

DEPLOY_RESOURCES = Operation("createDeployment", "POST", "/deployments", body="multipart", answers=True)

DELETE_RESOURCE = Operation(
    "deleteResource",
    "POST",
    "/resources/{resourceKey}/deletion",
    repeatable=True,
    newer={"deleteHistory": (8, 9)},
)

PUBLISH_MESSAGE = Operation(
    "publishMessage", "POST", "/messages/publication", answers=True, newer={"businessId": (8, 10)}
)

BROADCAST_SIGNAL = Operation("broadcastSignal", "POST", "/signals/broadcast", answers=True)

RESOLVE_INCIDENT = Operation(
    "resolveIncident",
    "POST",
    "/incidents/{incidentKey}/resolution",
    repeatable=True,
    newer={"operationReference": (8, 8)},
)

SET_VARIABLES = Operation(
    "createElementInstanceVariables", "PUT", "/element-instances/{elementInstanceKey}/variables"
)

EVALUATE_CONDITIONALS = Operation(
    "evaluateConditionals", "POST", "/conditionals/evaluation", answers=True, since=(8, 9)
)

GET_TOPOLOGY = Operation("getTopology", "GET", "/topology", body="none", answers=True, repeatable=True)

#: Every operation, by its id in the published OpenAPI.
BY_ID: Mapping[str, Operation] = MappingProxyType(
    {value.id: value for value in list(globals().values()) if isinstance(value, Operation)}
)
