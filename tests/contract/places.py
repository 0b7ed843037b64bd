"""Where each field of each RPC stands in REST, written down from the two wires, not from the table.

One line per field that can hold a value:

    grpc.place  ->  rest.place              the same place on both sides is written once
    … -> /jobKey                            in the path
    … -> place = value                      the field is a flag, and REST says this value there
    … -> place | lower                      REST writes the value in lower case
    … @8.8                                  REST has it from this cluster version on; without a mark from 8.6
    … -> none                               REST has no place for it

``test_completeness`` counts both sides: each field of the descriptors is here, and each property of the published OpenAPI files
is here, in TAGS, or in the table as one that lies beyond gRPC.
"""

from __future__ import annotations

import functools
import re
from typing import Any, NamedTuple

from camunda_rest.operations import Version

REQUESTS = {
    "ActivateJobs": """
        type
        worker
        timeout
        maxJobsToActivate
        fetchVariable[]
        requestTimeout
        tenantIds[]
        tenantFilter @8.9
        withLease @8.10
    """,
    "CancelProcessInstance": """
        processInstanceKey -> /processInstanceKey
        operationReference
    """,
    "CompleteJob": """
        jobKey -> /jobKey
        variables
        result.type @8.8
        result.denied @8.8
        result.deniedReason @8.8
        result.corrections.assignee @8.8
        result.corrections.dueDate @8.8
        result.corrections.followUpDate @8.8
        result.corrections.candidateUsers.values[] -> result.corrections.candidateUsers[] @8.8
        result.corrections.candidateGroups.values[] -> result.corrections.candidateGroups[] @8.8
        result.corrections.priority @8.8
        result.activateElements[].elementId @8.8
        result.activateElements[].variables @8.8
        result.isCompletionConditionFulfilled @8.8
        result.isCancelRemainingInstances @8.8
        jobLeaseToken @8.10
        businessId @8.10
    """,
    "CreateProcessInstance": """
        processDefinitionKey
        bpmnProcessId -> processDefinitionId
        version -> processDefinitionVersion
        variables
        startInstructions[].elementId
        tenantId
        operationReference
        runtimeInstructions[].terminate.afterElementId -> runtimeInstructions[].afterElementId @8.8
        tags[] @8.8
        businessId @8.9
    """,
    "CreateProcessInstanceWithResult": """
        request.processDefinitionKey -> processDefinitionKey
        request.bpmnProcessId -> processDefinitionId
        request.version -> processDefinitionVersion
        request.variables -> variables
        request.startInstructions[].elementId -> startInstructions[].elementId
        request.tenantId -> tenantId
        request.operationReference -> operationReference
        request.runtimeInstructions[].terminate.afterElementId -> runtimeInstructions[].afterElementId @8.8
        request.tags[] -> tags[] @8.8
        request.businessId -> businessId @8.9
        requestTimeout
        fetchVariables[]
    """,
    "EvaluateDecision": """
        decisionKey -> decisionDefinitionKey
        decisionId -> decisionDefinitionId
        variables
        tenantId
    """,
    "DeployProcess": """
        processes[].name -> resources[].filename
        processes[].definition -> resources[].content
    """,
    "DeployResource": """
        resources[].name -> resources[].filename
        resources[].content -> resources[].content
        tenantId
    """,
    "FailJob": """
        jobKey -> /jobKey
        retries
        errorMessage
        retryBackOff
        variables
        jobLeaseToken @8.10
    """,
    "ThrowError": """
        jobKey -> /jobKey
        errorCode
        errorMessage
        variables
        jobLeaseToken @8.10
    """,
    "PublishMessage": """
        name
        correlationKey
        timeToLive
        messageId
        variables
        tenantId
        businessId @8.10
    """,
    "ResolveIncident": """
        incidentKey -> /incidentKey
        operationReference @8.8
    """,
    "SetVariables": """
        elementInstanceKey -> /elementInstanceKey
        variables
        local
        operationReference
    """,
    "Topology": "",
    "UpdateJobRetries": """
        jobKey -> /jobKey
        retries -> changeset.retries
        operationReference @8.8
        jobLeaseToken @8.10
    """,
    "UpdateJobTimeout": """
        jobKey -> /jobKey
        timeout -> changeset.timeout
        operationReference @8.8
        jobLeaseToken @8.10
    """,
    "UpdateJobPriority": """
        jobKey -> /jobKey
        priority -> changeset.priority @8.10
        operationReference @8.8
        jobLeaseToken @8.10
    """,
    "ModifyProcessInstance": """
        processInstanceKey -> /processInstanceKey
        operationReference
        activateInstructions[].elementId
        activateInstructions[].ancestorElementInstanceKey
        activateInstructions[].variableInstructions[].variables
        activateInstructions[].variableInstructions[].scopeId
        terminateInstructions[].elementInstanceKey
        terminateInstructions[].elementId @8.9
        moveInstructions[].sourceElementInstanceKey -> moveInstructions[].sourceElementInstruction.sourceElementInstanceKey @8.9
        moveInstructions[].sourceElementId -> moveInstructions[].sourceElementInstruction.sourceElementId @8.9
        moveInstructions[].targetElementId @8.9
        moveInstructions[].variableInstructions[].variables @8.9
        moveInstructions[].variableInstructions[].scopeId @8.9
        moveInstructions[].ancestorElementInstanceKey -> moveInstructions[].ancestorScopeInstruction.ancestorElementInstanceKey @8.9
        moveInstructions[].inferAncestorScopeFromSourceHierarchy -> moveInstructions[].ancestorScopeInstruction.ancestorScopeType = inferred @8.9
        moveInstructions[].useSourceParentKeyAsAncestorScopeKey -> moveInstructions[].ancestorScopeInstruction.ancestorScopeType = sourceParent @8.9
    """,  # noqa: E501
    "MigrateProcessInstance": """
        processInstanceKey -> /processInstanceKey
        migrationPlan.targetProcessDefinitionKey -> targetProcessDefinitionKey
        migrationPlan.mappingInstructions[].sourceElementId -> mappingInstructions[].sourceElementId
        migrationPlan.mappingInstructions[].targetElementId -> mappingInstructions[].targetElementId
        operationReference
    """,
    "DeleteResource": """
        resourceKey -> /resourceKey
        operationReference
        deleteHistory @8.9
    """,
    "BroadcastSignal": """
        signalName
        variables
        tenantId
    """,
    "EvaluateConditional": """
        tenantId @8.9
        processDefinitionKey @8.9
        variables @8.9
    """,
}

ANSWERS = {
    "ActivateJobs": """
        jobs[].key -> jobs[].jobKey
        jobs[].type
        jobs[].processInstanceKey
        jobs[].bpmnProcessId -> jobs[].processDefinitionId
        jobs[].processDefinitionVersion
        jobs[].processDefinitionKey
        jobs[].elementId
        jobs[].elementInstanceKey
        jobs[].customHeaders
        jobs[].worker
        jobs[].retries
        jobs[].deadline
        jobs[].variables
        jobs[].tenantId
        jobs[].userTask.action @8.8
        jobs[].userTask.assignee @8.8
        jobs[].userTask.candidateGroups[] @8.8
        jobs[].userTask.candidateUsers[] @8.8
        jobs[].userTask.changedAttributes[] @8.8
        jobs[].userTask.dueDate @8.8
        jobs[].userTask.followUpDate @8.8
        jobs[].userTask.formKey @8.8
        jobs[].userTask.priority @8.8
        jobs[].userTask.userTaskKey @8.8
        jobs[].kind @8.8
        jobs[].listenerEventType @8.8
        jobs[].tags[] @8.8
        jobs[].priority @8.10
        jobs[].jobLeaseToken @8.10
    """,
    "CancelProcessInstance": "",
    "CompleteJob": "",
    "CreateProcessInstance": """
        processDefinitionKey
        bpmnProcessId -> processDefinitionId
        version -> processDefinitionVersion
        processInstanceKey
        tenantId
        tags[] @8.8
        businessId @8.9
    """,
    "CreateProcessInstanceWithResult": """
        processDefinitionKey
        bpmnProcessId -> processDefinitionId
        version -> processDefinitionVersion
        processInstanceKey
        variables
        tenantId
        tags[] @8.8
        businessId @8.9
    """,
    "EvaluateDecision": """
        decisionKey -> decisionDefinitionKey
        decisionId -> decisionDefinitionId
        decisionName -> decisionDefinitionName
        decisionVersion -> decisionDefinitionVersion
        decisionRequirementsId
        decisionRequirementsKey
        decisionOutput -> output
        evaluatedDecisions[].decisionKey -> evaluatedDecisions[].decisionDefinitionKey
        evaluatedDecisions[].decisionId -> evaluatedDecisions[].decisionDefinitionId
        evaluatedDecisions[].decisionName -> evaluatedDecisions[].decisionDefinitionName
        evaluatedDecisions[].decisionVersion -> evaluatedDecisions[].decisionDefinitionVersion
        evaluatedDecisions[].decisionType -> evaluatedDecisions[].decisionDefinitionType
        evaluatedDecisions[].decisionOutput -> evaluatedDecisions[].output
        evaluatedDecisions[].matchedRules[].ruleId
        evaluatedDecisions[].matchedRules[].ruleIndex
        evaluatedDecisions[].matchedRules[].evaluatedOutputs[].outputId
        evaluatedDecisions[].matchedRules[].evaluatedOutputs[].outputName
        evaluatedDecisions[].matchedRules[].evaluatedOutputs[].outputValue
        evaluatedDecisions[].evaluatedInputs[].inputId
        evaluatedDecisions[].evaluatedInputs[].inputName
        evaluatedDecisions[].evaluatedInputs[].inputValue
        evaluatedDecisions[].tenantId
        evaluatedDecisions[].decisionEvaluationInstanceKey @8.8
        failedDecisionId -> failedDecisionDefinitionId
        failureMessage
        tenantId
        decisionInstanceKey
        decisionEvaluationKey @8.8
    """,
    "DeployProcess": """
        key -> deploymentKey
        processes[].bpmnProcessId -> deployments[].processDefinition.processDefinitionId
        processes[].version -> deployments[].processDefinition.processDefinitionVersion
        processes[].processDefinitionKey -> deployments[].processDefinition.processDefinitionKey
        processes[].resourceName -> deployments[].processDefinition.resourceName
        processes[].tenantId -> deployments[].processDefinition.tenantId
    """,
    "DeployResource": """
        key -> deploymentKey
        tenantId
        deployments[].process.bpmnProcessId -> deployments[].processDefinition.processDefinitionId
        deployments[].process.version -> deployments[].processDefinition.processDefinitionVersion
        deployments[].process.processDefinitionKey -> deployments[].processDefinition.processDefinitionKey
        deployments[].process.resourceName -> deployments[].processDefinition.resourceName
        deployments[].process.tenantId -> deployments[].processDefinition.tenantId
        deployments[].decision.dmnDecisionId -> deployments[].decisionDefinition.decisionDefinitionId
        deployments[].decision.dmnDecisionName -> deployments[].decisionDefinition.name
        deployments[].decision.version -> deployments[].decisionDefinition.version
        deployments[].decision.decisionKey -> deployments[].decisionDefinition.decisionDefinitionKey
        deployments[].decision.dmnDecisionRequirementsId -> deployments[].decisionDefinition.decisionRequirementsId
        deployments[].decision.decisionRequirementsKey -> deployments[].decisionDefinition.decisionRequirementsKey
        deployments[].decision.tenantId -> deployments[].decisionDefinition.tenantId
        deployments[].decisionRequirements.dmnDecisionRequirementsId -> deployments[].decisionRequirements.decisionRequirementsId
        deployments[].decisionRequirements.dmnDecisionRequirementsName -> deployments[].decisionRequirements.decisionRequirementsName
        deployments[].decisionRequirements.version
        deployments[].decisionRequirements.decisionRequirementsKey
        deployments[].decisionRequirements.resourceName
        deployments[].decisionRequirements.tenantId
        deployments[].form.formId
        deployments[].form.version
        deployments[].form.formKey
        deployments[].form.resourceName
        deployments[].form.tenantId
    """,  # noqa: E501
    "FailJob": "",
    "ThrowError": "",
    "PublishMessage": """
        key -> messageKey
        tenantId
    """,
    "ResolveIncident": "",
    "SetVariables": "key -> none",
    "Topology": """
        brokers[].nodeId
        brokers[].host
        brokers[].port
        brokers[].partitions[].partitionId
        brokers[].partitions[].role | lower
        brokers[].partitions[].health | lower
        brokers[].version
        clusterSize
        partitionsCount
        replicationFactor
        gatewayVersion
        clusterId @8.9
    """,
    "UpdateJobRetries": "",
    "UpdateJobTimeout": "",
    "UpdateJobPriority": "",
    "ModifyProcessInstance": "",
    "MigrateProcessInstance": "",
    "DeleteResource": """
        resourceKey @8.9
        batchOperation.batchOperationKey @8.9
        batchOperation.batchOperationType @8.9
    """,
    "BroadcastSignal": """
        key -> signalKey
        tenantId
    """,
    "EvaluateConditional": """
        processInstances[].processDefinitionKey @8.9
        processInstances[].processInstanceKey @8.9
        conditionalEvaluationKey @8.9
        tenantId @8.9
    """,
}

#: RPC → REST request properties that no field holds.
TAGS = {
    "CreateProcessInstance": {"runtimeInstructions[].type": "names the member of the oneof"},
    "CreateProcessInstanceWithResult": {
        "awaitCompletion": "is what this RPC is",
        "runtimeInstructions[].type": "names the member of the oneof",
    },
    "ModifyProcessInstance": {
        "moveInstructions[].sourceElementInstruction.sourceType": "says by which property the source is named",
        "moveInstructions[].ancestorScopeInstruction.ancestorScopeType": "says which ancestor is meant",
    },
}

#: RPC → what an empty request says in REST: what REST requires, and what its own default would make something else of.
EMPTY: dict[str, dict[str, Any]] = {
    "ActivateJobs": {"type": "", "timeout": 0, "maxJobsToActivate": 0},
    "CancelProcessInstance": {"/processInstanceKey": "0"},
    "CompleteJob": {"/jobKey": "0"},
    "CreateProcessInstance": {"processDefinitionKey": "0", "variables": {}},
    "CreateProcessInstanceWithResult": {
        "processDefinitionKey": "0",
        "variables": {},
        "awaitCompletion": True,
    },
    "EvaluateDecision": {"decisionDefinitionKey": "0"},
    "DeployProcess": {},
    "DeployResource": {},
    "FailJob": {"/jobKey": "0", "retries": 0, "retryBackOff": 0},
    "ThrowError": {"/jobKey": "0", "errorCode": ""},
    "PublishMessage": {"name": "", "correlationKey": "", "timeToLive": 0},
    "ResolveIncident": {"/incidentKey": "0"},
    "SetVariables": {"/elementInstanceKey": "0", "variables": {}, "local": False},
    "Topology": {},
    "UpdateJobRetries": {"/jobKey": "0", "changeset": {"retries": 0}},
    "UpdateJobTimeout": {"/jobKey": "0", "changeset": {"timeout": 0}},
    "UpdateJobPriority": {"/jobKey": "0", "changeset": {"priority": 0}},  # only when it is set
    "ModifyProcessInstance": {"/processInstanceKey": "0"},
    "MigrateProcessInstance": {
        "/processInstanceKey": "0",
        "targetProcessDefinitionKey": "0",
        "mappingInstructions": [],
    },
    "DeleteResource": {"/resourceKey": "0"},
    "BroadcastSignal": {"signalName": "", "variables": {}},
    "EvaluateConditional": {"variables": {}},
}

#: RPC → answer properties that an OpenAPI file requires and gRPC has no field for, with what a REST gateway in front of gRPC may
#: say there.
REQUIRED: dict[str, dict[str, Any]] = {
    "ActivateJobs": {"jobs[].rootProcessInstanceKey": None},
    "CreateProcessInstance": {"variables": {}},
    "EvaluateDecision": {
        "evaluatedDecisions[].matchedRules[].evaluatedOutputs[].ruleId": None,
        "evaluatedDecisions[].matchedRules[].evaluatedOutputs[].ruleIndex": None,
    },
    "DeployProcess": {
        "tenantId": "<default>",
        **{
            f"deployments[].{kind}": None
            for kind in ("decisionDefinition", "decisionRequirements", "form", "resource")
        },
    },
    "DeployResource": {"deployments[].resource": None},
    "Topology": {"lastCompletedChangeId": "-1"},
}

#: RPC → REST answer property → the property that blanks it in gRPC when it says something.
BLANKED = {"EvaluateDecision": {"output": "failedDecisionDefinitionId"}}


class Place(NamedTuple):
    """One line of the lists above."""

    grpc: str
    rest: str  # empty when there is none
    constant: str
    lower: bool
    since: Version


_LINE = re.compile(
    r"(?P<grpc>[\w.\[\]]+)(?: -> (?P<rest>[\w.\[\]/]+))?(?: = (?P<constant>\w+))?(?P<lower> \| lower)?"
    r"(?: @(?P<major>\d+)\.(?P<minor>\d+))?"
)


@functools.cache
def of(text: str) -> dict[str, Place]:
    """The lines of one RPC, by their place in gRPC."""
    found: dict[str, Place] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _LINE.fullmatch(line)
        if match is None or match["grpc"] in found:
            raise ValueError(f"unreadable or said twice: {line}")
        rest = match["rest"] or match["grpc"]
        since = (int(match["major"]), int(match["minor"])) if match["major"] else (8, 6)
        found[match["grpc"]] = Place(
            match["grpc"],
            "" if rest == "none" else rest,
            match["constant"] or "",
            bool(match["lower"]),
            since,
        )
    return found
