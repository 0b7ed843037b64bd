"""The REST v2 operations that have a gRPC twin: facts only, one constant each.

An ``Operation`` says where it lives and what it takes; how it is sent is the business of
``camunda_rest._request``. Versions are cluster versions as ``(major, minor)``. What a cluster of
8.6 knows carries no mark; everything newer is named in ``newer``, because a cluster that does not
know a property ignores it silently (8.6) or refuses the whole request (8.8).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from camunda_core._rpcs import FACTS, server_wait

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
    ``neutral``     values of newer properties that ask for what every cluster does without them: they are left out,
                    so that no cluster is too old for them
    ``media``       what a success is: ``json``, ``xml``, or ``binary`` for a file that is read as it comes
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
    neutral: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    media: Literal["json", "xml", "binary"] = "json"
    waits: str | None = None
    waits_if: str | None = None
    default_wait: float = 0.0
    negative_wait: float = 0.0
    keys: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", tuple(part.partition("}")[0] for part in self.path.split("{")[1:]))
        object.__setattr__(self, "newer", MappingProxyType(dict(self.newer)))
        object.__setattr__(self, "neutral", MappingProxyType(dict(self.neutral)))

    def server_wait(self, body: Mapping[str, Any]) -> float | None:
        """The seconds that this body makes the server wait before it answers; None where it does not."""
        if self.waits is None or (self.waits_if is not None and not body.get(self.waits_if)):
            return None
        asked = body.get(self.waits)
        return server_wait(
            asked if isinstance(asked, (int, float)) else 0, self.default_wait, self.negative_wait
        )

    def leave_out_neutral(self, body: dict[str, Any]) -> None:
        """Takes out of a request's body what asks for nothing that a cluster without it does not do."""
        for name, value in self.neutral.items():
            if name in body and body[name] == value:
                del body[name]

    def __reduce__(self) -> tuple[object, ...]:
        # An operation is a constant: a copied or unpickled one is the same object.
        return (_constant, (self.id,))


def _constant(operation_id: str) -> Operation:
    return BY_ID[operation_id]


def _twin(rpc: str, id: str, method: str, path: str, **own: Any) -> Operation:
    """The operation that does what an RPC does, with what is true of both."""
    facts = FACTS[rpc]
    return Operation(
        id,
        method,
        path,
        repeatable=facts.repeatable,
        default_wait=facts.default_wait or 0.0,
        negative_wait=facts.negative_wait,
        **own,
    )


# The job lease token has had two names while 8.10 was made; both are newer than anything released.
_LEASE: Mapping[str, Version] = {"leaseToken": (8, 10), "jobLeaseToken": (8, 10)}

ACTIVATE_JOBS = _twin(
    "ActivateJobs",
    "activateJobs",
    "POST",
    "/jobs/activation",
    answers=True,
    newer={"tenantFilter": (8, 9), "withLease": (8, 10)},
    waits="requestTimeout",
)

COMPLETE_JOB = _twin(
    "CompleteJob",
    "completeJob",
    "POST",
    "/jobs/{jobKey}/completion",
    newer={"result": (8, 8), "businessId": (8, 10), **_LEASE},
)

FAIL_JOB = _twin("FailJob", "failJob", "POST", "/jobs/{jobKey}/failure", newer=_LEASE)

THROW_JOB_ERROR = _twin("ThrowError", "throwJobError", "POST", "/jobs/{jobKey}/error", newer=_LEASE)

UPDATE_JOB = _twin(
    "UpdateJobTimeout",
    "updateJob",
    "PATCH",
    "/jobs/{jobKey}",
    newer={"operationReference": (8, 8), "changeset.priority": (8, 10), **_LEASE},
)

CREATE_PROCESS_INSTANCE = _twin(
    "CreateProcessInstanceWithResult",
    "createProcessInstance",
    "POST",
    "/process-instances",
    answers=True,
    newer={"runtimeInstructions": (8, 8), "tags": (8, 8), "businessId": (8, 9)},
    waits="requestTimeout",
    waits_if="awaitCompletion",
)

CANCEL_PROCESS_INSTANCE = _twin(
    "CancelProcessInstance",
    "cancelProcessInstance",
    "POST",
    "/process-instances/{processInstanceKey}/cancellation",
)

MIGRATE_PROCESS_INSTANCE = _twin(
    "MigrateProcessInstance",
    "migrateProcessInstance",
    "POST",
    "/process-instances/{processInstanceKey}/migration",
)

MODIFY_PROCESS_INSTANCE = _twin(
    "ModifyProcessInstance",
    "modifyProcessInstance",
    "POST",
    "/process-instances/{processInstanceKey}/modification",
    newer={"moveInstructions": (8, 9), "terminateInstructions[].elementId": (8, 9)},
)

EVALUATE_DECISION = _twin(
    "EvaluateDecision", "evaluateDecision", "POST", "/decision-definitions/evaluation", answers=True
)

DEPLOY_RESOURCES = _twin(
    "DeployResource", "createDeployment", "POST", "/deployments", body="multipart", answers=True
)

DELETE_RESOURCE = _twin(
    "DeleteResource",
    "deleteResource",
    "POST",
    "/resources/{resourceKey}/deletion",
    newer={"deleteHistory": (8, 9)},
    neutral={"deleteHistory": False},
)

PUBLISH_MESSAGE = _twin(
    "PublishMessage",
    "publishMessage",
    "POST",
    "/messages/publication",
    answers=True,
    newer={"businessId": (8, 10)},
)

BROADCAST_SIGNAL = _twin("BroadcastSignal", "broadcastSignal", "POST", "/signals/broadcast", answers=True)

RESOLVE_INCIDENT = _twin(
    "ResolveIncident",
    "resolveIncident",
    "POST",
    "/incidents/{incidentKey}/resolution",
    newer={"operationReference": (8, 8)},
)

SET_VARIABLES = _twin(
    "SetVariables",
    "createElementInstanceVariables",
    "PUT",
    "/element-instances/{elementInstanceKey}/variables",
)

EVALUATE_CONDITIONALS = _twin(
    "EvaluateConditional",
    "evaluateConditionals",
    "POST",
    "/conditionals/evaluation",
    answers=True,
    since=(8, 9),
)

GET_TOPOLOGY = _twin("Topology", "getTopology", "GET", "/topology", body="none", answers=True)

#: Every operation, by its id in the published OpenAPI.
BY_ID: Mapping[str, Operation] = MappingProxyType(
    {value.id: value for value in list(globals().values()) if isinstance(value, Operation)}
)
