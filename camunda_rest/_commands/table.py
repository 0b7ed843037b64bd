"""What each command is in REST: facts, by the names of the RPCs.

An RPC and its operation share name and arguments; what differs stands here, and ``bridge._table.mapping`` takes it from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from camunda_rest import operations as op
from camunda_rest.operations import Operation

__all__ = ["ALTERNATES", "COMMANDS", "Command"]


_NONE: Mapping[str, Any] = MappingProxyType({})


class Command:
    """One command.

    ``inside``  a REST object, and the properties that stand inside it
    ``always``  properties that every request carries
    ``choice``  arguments of which REST takes exactly one, each with those that go with it alone
    """

    def __init__(
        self,
        operation: Operation,
        *,
        inside: Mapping[str, tuple[str, ...]] = _NONE,
        always: Mapping[str, Any] = _NONE,
        choice: Mapping[str, tuple[str, ...]] = _NONE,
    ) -> None:
        self.operation, self.inside, self.always, self.choice = operation, inside, always, choice


_PROCESS = {"process_definition_id": ("process_definition_version",), "process_definition_key": ()}
_DECISION: Mapping[str, tuple[str, ...]] = {"decision_definition_id": (), "decision_definition_key": ()}

COMMANDS: Mapping[str, Command] = {
    "ActivateJobs": Command(op.ACTIVATE_JOBS),
    "BroadcastSignal": Command(op.BROADCAST_SIGNAL),
    "CancelProcessInstance": Command(op.CANCEL_PROCESS_INSTANCE),
    "CompleteJob": Command(op.COMPLETE_JOB),
    "CreateProcessInstance": Command(op.CREATE_PROCESS_INSTANCE, choice=_PROCESS),
    "CreateProcessInstanceWithResult": Command(
        op.CREATE_PROCESS_INSTANCE, always={"awaitCompletion": True}, choice=_PROCESS
    ),
    "DeleteResource": Command(op.DELETE_RESOURCE),
    "DeployProcess": Command(op.DEPLOY_RESOURCES),
    "DeployResource": Command(op.DEPLOY_RESOURCES),
    "EvaluateConditional": Command(op.EVALUATE_CONDITIONALS),
    "EvaluateDecision": Command(op.EVALUATE_DECISION, choice=_DECISION),
    "FailJob": Command(op.FAIL_JOB),
    "MigrateProcessInstance": Command(op.MIGRATE_PROCESS_INSTANCE),
    "ModifyProcessInstance": Command(op.MODIFY_PROCESS_INSTANCE),
    "PublishMessage": Command(op.PUBLISH_MESSAGE),
    "ResolveIncident": Command(op.RESOLVE_INCIDENT),
    "SetVariables": Command(op.SET_VARIABLES),
    "StreamActivatedJobs": Command(op.ACTIVATE_JOBS),
    "ThrowError": Command(op.THROW_JOB_ERROR),
    "Topology": Command(op.GET_TOPOLOGY),
    "UpdateJobPriority": Command(op.UPDATE_JOB, inside={"changeset": ("priority",)}),
    "UpdateJobRetries": Command(op.UPDATE_JOB, inside={"changeset": ("retries",)}),
    "UpdateJobTimeout": Command(op.UPDATE_JOB, inside={"changeset": ("timeout",)}),
}

#: Properties of answers that versions name differently: each with its other names.
ALTERNATES: Mapping[str, tuple[str, ...]] = {"jobKey": ("key",), "jobLeaseToken": ("leaseToken",)}
