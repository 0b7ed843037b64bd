"""THE TABLE: how each RPC of the gateway is said in REST, read in both directions.

It is data. ``bridge._table.transcode`` reads it through the message descriptors, which say
everything that is regular:

- an int64 named ``key`` or ``…Key`` is decimal text in REST, every other integer a number;
- ``variables`` and ``customHeaders`` are JSON text in gRPC and objects in REST;
- an enum travels by its name; a list as a list; what is not set is left out, never sent as null;
- the braces of the operation's path are request fields of the same name.

So a row says only what is special, and a name stands here only where the two wires differ. What no
rule covers is a *named codec* (``bridge._table.codecs``), never a condition in the engine. To add
an RPC: a row, its renames, and what it cannot carry. The tests measure the table against the
protocol's descriptor and against the published OpenAPI files, in both directions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from camunda_rest import operations as op
from camunda_rest._commands.table import COMMANDS
from camunda_rest.operations import Operation

__all__ = ["ABSENT", "CODECS", "EXPLICIT", "NAMES", "NEWER_ON_GRPC", "ROWS", "RestRequest", "Row", "rows_of"]


@dataclass(frozen=True)
class RestRequest:
    """One REST request, as ``RestClient.call`` takes it: ``files`` are (name, content) pairs of
    a multipart operation.
    """

    operation: Operation
    path: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    files: Sequence[tuple[str, bytes]] = ()


@dataclass(frozen=True)
class Row:
    """One RPC.

    ``operation``   the REST operation; None when there is none
    ``lift``        a nested request message whose fields stand at the top of the REST body
    ``inside``      a REST object, and the request fields that stand inside it
    ``always``      properties that every request of this RPC carries; they also tell RPCs of one operation apart
    ``silent``      properties of the operation that say nothing in a request of this RPC, each with the values that they may
                    have there (none given: any)
    ``choice``      request fields of which REST takes one: the first that is set, else the last; each with the fields that
                    go with it and are left out (as the engine ignores them) with another choice
    ``required``    optional request fields without which the request means nothing
    ``files``       for a multipart operation: the request list, its name field and its content field
    ``messages``    a response list in REST that is a stream of messages in gRPC: none is sent when it is empty
    ``jobs``        "brings" or "answers" for the RPCs that a route by job type decides
    ``emulated``    how an RPC without a REST operation is served all the same
    ``emulated_by`` the RPC whose operation serves it; its request takes the fields of the same names
    ``unanswered``  response fields that REST cannot fill, with the reason
    ``beyond``      what REST answers and gRPC has no field for, with the reason
    """

    rpc: str
    operation: Operation | None
    lift: str = ""
    inside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    always: Mapping[str, Any] = field(default_factory=dict)
    silent: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    choice: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    files: tuple[str, str, str] | None = None
    messages: str = ""
    jobs: str = ""
    emulated: str = ""
    emulated_by: str = ""
    unanswered: Mapping[str, str] = field(default_factory=dict)
    beyond: Mapping[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """True when REST serves this RPC with nothing emulated and nothing unanswered."""
        return self.operation is not None and not self.emulated and not self.unanswered


_BY_ID_OR_KEY = {"bpmnProcessId": ("version",), "processDefinitionKey": ()}

ROWS: Mapping[str, Row] = {
    row.rpc: row
    for row in (
        Row(
            "ActivateJobs",
            op.ACTIVATE_JOBS,
            messages="jobs",
            jobs="brings",
            beyond={"jobs[].rootProcessInstanceKey": "the protocol has no field for it yet"},
        ),
        Row(
            "StreamActivatedJobs",
            None,
            jobs="brings",
            emulated="long polling with ActivateJobs, bounded by what the consumer has read",
            emulated_by="ActivateJobs",
        ),
        Row("CancelProcessInstance", op.CANCEL_PROCESS_INSTANCE),
        Row("CompleteJob", op.COMPLETE_JOB, jobs="answers"),
        Row(
            "CreateProcessInstance",
            op.CREATE_PROCESS_INSTANCE,
            silent={"awaitCompletion": (False,), "requestTimeout": (), "fetchVariables": ()},
            choice=_BY_ID_OR_KEY,
            beyond={"variables": "empty, because nothing has been waited for"},
        ),
        Row(
            "CreateProcessInstanceWithResult",
            op.CREATE_PROCESS_INSTANCE,
            lift="request",
            always=COMMANDS["CreateProcessInstanceWithResult"].always,
            choice=_BY_ID_OR_KEY,
        ),
        Row(
            "EvaluateDecision",
            op.EVALUATE_DECISION,
            choice={"decisionId": (), "decisionKey": ()},
            beyond={
                f"evaluatedDecisions[].matchedRules[].evaluatedOutputs[].{name}": "said by the matched rule above it"
                for name in ("ruleId", "ruleIndex")
            },
        ),
        Row(
            "DeployProcess",
            op.DEPLOY_RESOURCES,
            files=("processes", "name", "definition"),
            beyond={
                "tenantId": "the RPC is older than tenants; each process says its own",
                "deployments[].decisionDefinition": "the RPC answers with processes alone",
                "deployments[].decisionRequirements": "the RPC answers with processes alone",
                "deployments[].form": "the RPC answers with processes alone",
                "deployments[].resource": "the RPC answers with processes alone",
            },
        ),
        Row(
            "DeployResource",
            op.DEPLOY_RESOURCES,
            files=("resources", "name", "content"),
            beyond={"deployments[].resource": "a kind that the gRPC gateway leaves out as well"},
        ),
        Row("FailJob", op.FAIL_JOB, jobs="answers"),
        Row("ThrowError", op.THROW_JOB_ERROR, jobs="answers"),
        Row("PublishMessage", op.PUBLISH_MESSAGE),
        Row("ResolveIncident", op.RESOLVE_INCIDENT),
        Row(
            "SetVariables",
            op.SET_VARIABLES,
            unanswered={"key": "REST answers without a body: the key of the command stays 0"},
        ),
        Row(
            "Topology", op.GET_TOPOLOGY, beyond={"lastCompletedChangeId": "the protocol has no field for it"}
        ),
        Row("UpdateJobRetries", op.UPDATE_JOB, inside=COMMANDS["UpdateJobRetries"].inside),
        Row("ModifyProcessInstance", op.MODIFY_PROCESS_INSTANCE),
        Row("MigrateProcessInstance", op.MIGRATE_PROCESS_INSTANCE, lift="migrationPlan"),
        Row("UpdateJobTimeout", op.UPDATE_JOB, inside=COMMANDS["UpdateJobTimeout"].inside),
        Row(
            "UpdateJobPriority",
            op.UPDATE_JOB,
            inside=COMMANDS["UpdateJobPriority"].inside,
            required=("priority",),
        ),
        Row("DeleteResource", op.DELETE_RESOURCE),
        Row("BroadcastSignal", op.BROADCAST_SIGNAL),
        Row("EvaluateConditional", op.EVALUATE_CONDITIONALS),
    )
}

_PROCESS = {"bpmnProcessId": "processDefinitionId", "version": "processDefinitionVersion"}
_DECISION = {
    "decisionKey": "decisionDefinitionKey",
    "decisionId": "decisionDefinitionId",
    "decisionName": "decisionDefinitionName",
    "decisionVersion": "decisionDefinitionVersion",
}
# Renamed while 8.10 was in the making: the first name is sent, each is read.
_LEASE: Mapping[str, str | tuple[str, ...]] = {"jobLeaseToken": ("jobLeaseToken", "leaseToken")}

#: Message → gRPC name → REST name, where they differ. Of several REST names the first is
#: written and all are read.
NAMES: Mapping[str, Mapping[str, str | tuple[str, ...]]] = {
    "ActivatedJob": {
        "key": ("jobKey", "key"),  # 8.6.0 says key
        "bpmnProcessId": "processDefinitionId",
        **_LEASE,
    },
    "CompleteJobRequest": _LEASE,
    "FailJobRequest": _LEASE,
    "ThrowErrorRequest": _LEASE,
    "UpdateJobRetriesRequest": _LEASE,
    "UpdateJobTimeoutRequest": _LEASE,
    "UpdateJobPriorityRequest": _LEASE,
    "CreateProcessInstanceRequest": _PROCESS,
    "CreateProcessInstanceResponse": _PROCESS,
    "CreateProcessInstanceWithResultResponse": _PROCESS,
    "ProcessMetadata": _PROCESS,
    "EvaluateDecisionRequest": {"decisionKey": "decisionDefinitionKey", "decisionId": "decisionDefinitionId"},
    "EvaluateDecisionResponse": {
        **_DECISION,
        "decisionOutput": "output",
        "failedDecisionId": "failedDecisionDefinitionId",
    },
    "EvaluatedDecision": {
        **_DECISION,
        "decisionType": "decisionDefinitionType",
        "decisionOutput": "output",
    },
    "DeployResourceResponse": {"key": "deploymentKey"},
    "DeployProcessResponse": {"key": "deploymentKey", "processes": "deployments"},
    "Deployment": {"process": "processDefinition", "decision": "decisionDefinition"},
    "DecisionMetadata": {
        "dmnDecisionId": "decisionDefinitionId",
        "dmnDecisionName": "name",
        "decisionKey": "decisionDefinitionKey",
        "dmnDecisionRequirementsId": "decisionRequirementsId",
    },
    "DecisionRequirementsMetadata": {
        "dmnDecisionRequirementsId": "decisionRequirementsId",
        "dmnDecisionRequirementsName": "decisionRequirementsName",
    },
    "PublishMessageResponse": {"key": "messageKey"},
    "BroadcastSignalResponse": {"key": "signalKey"},
}

#: Message → request fields that are sent even when they hold their default: REST requires them, or
#: its default is another.
EXPLICIT: Mapping[str, tuple[str, ...]] = {
    "ActivateJobsRequest": ("type", "timeout", "maxJobsToActivate"),
    "CreateProcessInstanceRequest": ("version", "variables"),
    "ProcessInstanceCreationStartInstruction": ("elementId",),
    "TerminateProcessInstanceInstruction": ("afterElementId",),
    "FailJobRequest": ("retries", "retryBackOff"),
    "ThrowErrorRequest": ("errorCode",),
    "PublishMessageRequest": ("name", "correlationKey", "timeToLive"),
    "SetVariablesRequest": ("variables", "local"),
    "UpdateJobRetriesRequest": ("retries",),
    "UpdateJobTimeoutRequest": ("timeout",),
    "ModifyProcessInstanceRequest.ActivateInstruction": ("elementId",),
    "ModifyProcessInstanceRequest.MoveInstruction": ("targetElementId",),
    "MigrateProcessInstanceRequest.MigrationPlan": ("targetProcessDefinitionKey", "mappingInstructions"),
    "MigrateProcessInstanceRequest.MappingInstruction": ("sourceElementId", "targetElementId"),
    "BroadcastSignalRequest": ("signalName", "variables"),
    "EvaluateConditionalRequest": ("variables",),
    "JobResultActivateElement": ("elementId",),
}

#: Message → fields whose value, when REST says nothing, is not the protobuf default.
ABSENT: Mapping[str, Mapping[str, Any]] = {
    "CreateProcessInstanceRequest": {"version": -1},  # REST means the latest, gRPC's 0 means version 0
    "ActivatedJob": {"listenerEventType": "UNSPECIFIED"},  # the zero of the enum is ASSIGNING
}

#: Message → the codec that writes and reads it, where REST has another shape. Names of
#: ``bridge._table.codecs.MESSAGES``.
CODECS: Mapping[str, str] = {
    "StringList": "bare_list",
    "JobResult": "job_result",
    "ProcessInstanceCreationRuntimeInstruction": "runtime_instruction",
    "ModifyProcessInstanceRequest.ActivateInstruction": "without_empty_variables",
    "ModifyProcessInstanceRequest.MoveInstruction": "move_instruction",
    "ModifyProcessInstanceRequest.TerminateInstruction": "terminate_instruction",
    "Partition": "lower_case_names",
    "UserTaskProperties": "without_foreign_keys",
    "DeployResourceResponse": "known_deployments",
    "DeployProcessResponse": "processes_only",
    "EvaluateDecisionResponse": "evaluation",
}

#: Message → field → cluster version from which the gRPC gateway reads it. Older gateways ignore an
#: unknown field silently.
NEWER_ON_GRPC: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "ActivateJobsRequest": {"tenantFilter": (8, 9), "withLease": (8, 10)},
    "StreamActivatedJobsRequest": {"tenantFilter": (8, 9), "withLease": (8, 10)},
    "CancelProcessInstanceRequest": {"operationReference": (8, 6)},
    "CompleteJobRequest": {"result": (8, 8), "jobLeaseToken": (8, 10), "businessId": (8, 10)},
    "CreateProcessInstanceRequest": {
        "operationReference": (8, 6),
        "runtimeInstructions": (8, 8),
        "tags": (8, 8),
        "businessId": (8, 9),
    },
    "FailJobRequest": {"jobLeaseToken": (8, 10)},
    "ThrowErrorRequest": {"jobLeaseToken": (8, 10)},
    "PublishMessageRequest": {"businessId": (8, 10)},
    "ResolveIncidentRequest": {"operationReference": (8, 6)},
    "UpdateJobRetriesRequest": {"operationReference": (8, 6), "jobLeaseToken": (8, 10)},
    "UpdateJobTimeoutRequest": {"operationReference": (8, 6), "jobLeaseToken": (8, 10)},
    "SetVariablesRequest": {"operationReference": (8, 6)},
    "ModifyProcessInstanceRequest": {"operationReference": (8, 6), "moveInstructions": (8, 9)},
    "ModifyProcessInstanceRequest.TerminateInstruction": {"elementId": (8, 9)},
    "MigrateProcessInstanceRequest": {"operationReference": (8, 6)},
    "DeleteResourceRequest": {"operationReference": (8, 6), "deleteHistory": (8, 9)},
}


def rows_of(operation: Operation) -> tuple[Row, ...]:
    """The RPCs that share one REST operation, the most demanding first."""
    rows = [row for row in ROWS.values() if row.operation is operation]
    return tuple(sorted(rows, key=lambda row: -len(row.always)))
