"""What the client gives: frozen dataclasses in the vocabulary of the REST API, the same on both wires.

A key is always text, "" where there is none; lists are tuples; text that the cluster did not give
is "". A field marked *REST only* is one that gRPC has no room for: it is empty there, and does not
count when results are compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from camunda_core.jobs import ActivatedJob, KeyText, UserTask

__all__ = [
    "ActivatedJob",
    "BatchOperation",
    "Broker",
    "ConditionalEvaluation",
    "DecisionEvaluation",
    "DeletedResource",
    "DeployedDecision",
    "DeployedDecisionRequirements",
    "DeployedForm",
    "DeployedGenericResource",
    "DeployedItem",
    "DeployedProcess",
    "DeployedProcesses",
    "Deployment",
    "EvaluatedDecision",
    "EvaluatedInput",
    "EvaluatedOutput",
    "MatchedRule",
    "Partition",
    "ProcessInstance",
    "ProcessInstanceReference",
    "ProcessInstanceResult",
    "PublishedMessage",
    "Signal",
    "Topology",
    "UserTask",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """``role`` is leader, follower or inactive; ``health`` is healthy, unhealthy or dead."""

    partition_id: int
    role: str = ""
    health: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """One broker of the cluster, as its gateway knows it."""

    node_id: int = 0
    host: str = ""
    port: int = 0
    version: str = ""
    partitions: tuple[Partition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """``cluster_id`` is given by clusters from 8.9; ``last_completed_change_id`` (8.8) is *REST only*."""

    brokers: tuple[Broker, ...] = ()
    cluster_size: int = 0
    partitions_count: int = 0
    replication_factor: int = 0
    gateway_version: str = ""
    cluster_id: str = ""
    last_completed_change_id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessInstance:
    """A process instance that was created. ``tags`` come from clusters from 8.8, ``business_id`` from 8.9."""

    process_instance_key: KeyText
    process_definition_key: KeyText = ""
    process_definition_id: str = ""
    process_definition_version: int = 0
    tenant_id: str = ""
    tags: tuple[str, ...] = ()
    business_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessInstanceResult(ProcessInstance):
    """A process instance that has ended, with its variables."""

    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedOutput:
    """``output_value`` is JSON text."""

    output_id: str = ""
    output_name: str = ""
    output_value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedRule:
    """A rule of a decision table that matched."""

    rule_id: str = ""
    rule_index: int = 0
    evaluated_outputs: tuple[EvaluatedOutput, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedInput:
    """``input_value`` is JSON text."""

    input_id: str = ""
    input_name: str = ""
    input_value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedDecision:
    """One decision of those that were evaluated. ``output`` is JSON text.

    ``decision_definition_type`` is left out by the REST gateways of 8.6 to 8.9, so it does not
    count when results are compared. ``decision_evaluation_instance_key`` comes from clusters from
    8.8 and is not a number.
    """

    decision_definition_key: KeyText = ""
    decision_definition_id: str = ""
    decision_definition_name: str = ""
    decision_definition_version: int = 0
    decision_definition_type: str = field(default="", compare=False)
    output: str = ""
    matched_rules: tuple[MatchedRule, ...] = ()
    evaluated_inputs: tuple[EvaluatedInput, ...] = ()
    tenant_id: str = ""
    decision_evaluation_instance_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionEvaluation:
    """The outcome of a decision. ``output`` is JSON text, ``"null"`` when the evaluation failed.

    A failed evaluation is an answer, not an error: then ``failed_decision_definition_id`` and
    ``failure_message`` say where and why. ``decision_evaluation_key`` is what clusters before 8.8
    call the decision instance key.
    """

    decision_definition_key: KeyText = ""
    decision_definition_id: str = ""
    decision_definition_name: str = ""
    decision_definition_version: int = 0
    decision_requirements_id: str = ""
    decision_requirements_key: KeyText = ""
    output: str = ""
    evaluated_decisions: tuple[EvaluatedDecision, ...] = ()
    failed_decision_definition_id: str = ""
    failure_message: str = ""
    tenant_id: str = ""
    decision_evaluation_key: KeyText = ""

    @staticmethod
    def _normalise(body: dict[str, Any]) -> dict[str, Any]:
        if body.get("decisionEvaluationKey") in (None, "0", 0):
            return {**body, "decisionEvaluationKey": body.get("decisionInstanceKey")}
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedProcess:
    """A process of a deployment."""

    process_definition_key: KeyText
    process_definition_id: str = ""
    process_definition_version: int = 0
    resource_name: str = ""
    tenant_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedDecision:
    """A decision of a deployment."""

    decision_definition_key: KeyText
    decision_definition_id: str = ""
    name: str = ""
    version: int = 0
    decision_requirements_id: str = ""
    decision_requirements_key: KeyText = ""
    tenant_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedDecisionRequirements:
    """A decision requirements graph of a deployment."""

    decision_requirements_key: KeyText
    decision_requirements_id: str = ""
    decision_requirements_name: str = ""
    version: int = 0
    resource_name: str = ""
    tenant_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedForm:
    """A form of a deployment."""

    form_key: KeyText
    form_id: str = ""
    version: int = 0
    resource_name: str = ""
    tenant_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedGenericResource:
    """Any other resource of a deployment, such as an RPA script (clusters from 8.7)."""

    resource_key: KeyText
    resource_id: str = ""
    resource_name: str = ""
    version: int = 0
    tenant_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedItem:
    """One item of a deployment: exactly one of the fields is set."""

    process_definition: DeployedProcess | None = None
    decision_definition: DeployedDecision | None = None
    decision_requirements: DeployedDecisionRequirements | None = None
    form: DeployedForm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What was deployed: processes, decisions, decision requirements, forms, each sorted
    by resource name and id.

    ``resources`` are *REST only*: the gRPC gateway deploys generic resources too, but does not tell of them.
    """

    deployment_key: KeyText
    deployments: tuple[DeployedItem, ...] = ()
    tenant_id: str = ""
    resources: tuple[DeployedGenericResource, ...] = field(default=(), compare=False)

    @property
    def processes(self) -> tuple[DeployedProcess, ...]:
        """The processes among ``deployments``."""
        found = (each.process_definition for each in self.deployments)
        return tuple(each for each in found if each is not None)

    @property
    def decisions(self) -> tuple[DeployedDecision, ...]:
        """The decisions among ``deployments``."""
        found = (each.decision_definition for each in self.deployments)
        return tuple(each for each in found if each is not None)

    @property
    def decision_requirements(self) -> tuple[DeployedDecisionRequirements, ...]:
        """The decision requirements among ``deployments``."""
        found = (each.decision_requirements for each in self.deployments)
        return tuple(each for each in found if each is not None)

    @property
    def forms(self) -> tuple[DeployedForm, ...]:
        """The forms among ``deployments``."""
        found = (each.form for each in self.deployments)
        return tuple(each for each in found if each is not None)

    @staticmethod
    def _normalise(body: dict[str, Any]) -> dict[str, Any]:
        items = body.get("deployments") or ()
        known = [item for item in items if any(item.get(kind) is not None for kind in _KINDS)]
        others = [item["resource"] for item in items if item.get("resource") is not None]
        return {**body, "deployments": sorted(known, key=_place_in_deployment), "resources": others}


# The order in which the server lists the kinds. Inside a kind its order is not stable in REST, and
# in gRPC that of the request.
_KINDS = {
    "processDefinition": ("resourceName", "processDefinitionId"),
    "decisionDefinition": ("decisionRequirementsId", "decisionDefinitionId"),
    "decisionRequirements": ("resourceName", "decisionRequirementsId"),
    "form": ("resourceName", "formId"),
}


def _place_in_deployment(item: dict[str, Any]) -> tuple[int, list[str]]:
    for place, (kind, names) in enumerate(_KINDS.items()):
        if item.get(kind) is not None:
            return place, [str(item[kind].get(name)) for name in names]
    return len(_KINDS), []


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedProcesses:
    """The processes that were deployed, sorted by resource name and id; other kinds are
    deployed and not told of.
    """

    deployment_key: KeyText
    processes: tuple[DeployedProcess, ...] = ()

    @staticmethod
    def _normalise(body: dict[str, Any]) -> dict[str, Any]:
        items = Deployment._normalise(body)["deployments"]
        processes = [each["processDefinition"] for each in items if each.get("processDefinition") is not None]
        return {**body, "processes": processes}


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOperation:
    """A batch operation that was started."""

    batch_operation_key: str = ""
    batch_operation_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedResource:
    """``batch_operation`` is there when the deletion of history was asked for and takes
    one (clusters from 8.9).
    """

    resource_key: KeyText
    batch_operation: BatchOperation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedMessage:
    """A message that was published."""

    message_key: KeyText
    tenant_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A signal that was broadcast."""

    signal_key: KeyText
    tenant_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessInstanceReference:
    """A process instance that a condition started."""

    process_definition_key: KeyText
    process_instance_key: KeyText = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalEvaluation:
    """The process instances that the conditions of their start events started."""

    conditional_evaluation_key: KeyText
    process_instances: tuple[ProcessInstanceReference, ...] = ()
    tenant_id: str = ""
