"""By which names programs call the gateway's RPCs, in which library of which language. Facts only."""

from __future__ import annotations

from collections.abc import Mapping

from bridge._table.mapping import ROWS
from camunda_rest._commands.arguments import snake

__all__ = [
    "BUILDERS",
    "CAMEL",
    "GENERATED",
    "MARKS",
    "PYZEEBE",
    "SCRIPTS",
    "SKIPPED",
    "SNAKE",
    "STREAMING",
    "WORKERS",
    "fields_of",
]

ACTIVATE, STREAM = "ActivateJobs", "StreamActivatedJobs"
CREATE, AWAIT = "CreateProcessInstance", "CreateProcessInstanceWithResult"

#: The methods of our own clients.
SNAKE: Mapping[str, str] = {snake(rpc): rpc for rpc in ROWS}
#: The methods of generated stubs in Java and of clients in TypeScript.
CAMEL: Mapping[str, str] = {rpc[0].lower() + rpc[1:]: rpc for rpc in ROWS}

PYZEEBE: Mapping[str, str] = {
    "run_process": CREATE,
    "run_process_with_result": AWAIT,
    "cancel_process_instance": "CancelProcessInstance",
    "deploy_resource": "DeployResource",
    "deploy_process": "DeployProcess",
    "evaluate_decision": "EvaluateDecision",
    "publish_message": "PublishMessage",
    "broadcast_signal": "BroadcastSignal",
    "topology": "Topology",
    # the adapter below the client
    "create_process_instance": CREATE,
    "create_process_instance_with_result": AWAIT,
    "activate_jobs": ACTIVATE,
    "stream_activate_jobs": STREAM,
    "complete_job": "CompleteJob",
    "fail_job": "FailJob",
    "throw_error": "ThrowError",
}

#: Commands of the Java, Go and C# clients, without ``new`` before and ``Command`` behind, in lower case.
BUILDERS: Mapping[str, str] = {
    "topologyrequest": "Topology",
    "topology": "Topology",
    "deployresource": "DeployResource",
    "deploy": "DeployResource",
    "deployprocess": "DeployProcess",
    "createinstance": CREATE,
    "createprocessinstance": CREATE,
    "createinstancewithresult": AWAIT,
    "complete": "CompleteJob",
    "completejob": "CompleteJob",
    "fail": "FailJob",
    "failjob": "FailJob",
    "throwerror": "ThrowError",
    "publishmessage": "PublishMessage",
    "resolveincident": "ResolveIncident",
    "updateretries": "UpdateJobRetries",
    "updatejobretries": "UpdateJobRetries",
    "updatetimeout": "UpdateJobTimeout",
    "updatejobtimeout": "UpdateJobTimeout",
    "activatejobs": ACTIVATE,
    "streamjobs": STREAM,
    "setvariables": "SetVariables",
    "cancelinstance": "CancelProcessInstance",
    "cancelprocessinstance": "CancelProcessInstance",
    "evaluatedecision": "EvaluateDecision",
    "modifyprocessinstance": "ModifyProcessInstance",
    "migrateprocessinstance": "MigrateProcessInstance",
    "deleteresource": "DeleteResource",
    "broadcastsignal": "BroadcastSignal",
    "evaluateconditional": "EvaluateConditional",
}
#: What makes a worker there: it activates jobs, and answers them itself.
WORKERS = frozenset({"newWorker", "newJobWorker", "NewWorker", "NewJobWorker"})
#: What makes such a worker take its jobs from a stream.
STREAMING = frozenset({"streamEnabled", "StreamEnabled", "GrpcJobStreamingEnabled"})

#: Methods of zeebe-node and of the SDK for Node, where they differ from the RPC's own name.
SCRIPTS: Mapping[str, str] = {
    **CAMEL,
    "createWorker": ACTIVATE,
    "createBatchWorker": ACTIVATE,
    "streamJobs": STREAM,
    "deployResources": "DeployResource",
}

#: What shows that a source has to do with the gateway.
MARKS: Mapping[str, tuple[str, ...]] = {
    "java": (
        "io.camunda.zeebe",
        "io.camunda.client",
        "io.camunda.spring",
        "io.zeebe",
        "GatewayOuterClass",
        "GatewayGrpc",
    ),
    "go": ("zeebe/clients/go", "gateway_protocol", "zeebe-client-go", "zbc.NewClient"),
    "csharp": ("Zeebe.Client", "GatewayProtocol", "IZeebeClient", "Gateway.GatewayClient"),
    "typescript": ("zeebe-node", "@camunda8/sdk", "ZBClient", "getZeebeGrpcApiClient", "ZeebeGrpcClient"),
}

#: Folders that hold no source of the program itself.
SKIPPED = frozenset(
    {
        ".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", ".mypy_cache", ".ruff_cache", ".pytest_cache",
        "__pycache__", "node_modules", "site-packages", "dist", "target", ".gradle", ".idea", "obj",
    }
)  # fmt: skip
#: How the names of generated stubs end: they define every RPC and call none.
GENERATED = ("_pb2.py", "_pb2_grpc.py", "_pb2.pyi", ".pb.go", "_grpc.pb.go", "GatewayGrpc.java", "GatewayOuterClass.java",
             "_pb.js", "_pb.d.ts", "_grpc_pb.js", "_grpc_pb.d.ts")  # fmt: skip


def fields_of(rpc: str) -> Mapping[str, str]:
    """The fields of an RPC's request, by their names without case and underscores."""
    return {name.replace("_", "").lower(): name for name in _FIELDS.get(rpc, ())}


#: The fields of the requests, as the protocol has them. (Nested ones are looked for by their own names.)
_FIELDS: Mapping[str, tuple[str, ...]] = {
    ACTIVATE: (
        "type", "worker", "timeout", "maxJobsToActivate", "fetchVariable", "requestTimeout", "tenantIds",
        "tenantFilter", "withLease",
    ),
    STREAM: ("type", "worker", "timeout", "fetchVariable", "tenantIds", "tenantFilter", "withLease"),
    "CancelProcessInstance": ("processInstanceKey", "operationReference"),
    "CompleteJob": ("jobKey", "variables", "result", "jobLeaseToken", "businessId"),
    CREATE: (
        "processDefinitionKey", "bpmnProcessId", "version", "variables", "startInstructions", "tenantId",
        "operationReference", "runtimeInstructions", "tags", "businessId",
    ),
    AWAIT: (
        "request", "requestTimeout", "fetchVariables", "processDefinitionKey", "bpmnProcessId", "version",
        "variables", "startInstructions", "tenantId", "operationReference", "tags", "businessId",
    ),
    "EvaluateDecision": ("decisionKey", "decisionId", "variables", "tenantId"),
    "DeployProcess": ("processes",),
    "DeployResource": ("resources", "tenantId"),
    "FailJob": ("jobKey", "retries", "errorMessage", "retryBackOff", "variables", "jobLeaseToken"),
    "ThrowError": ("jobKey", "errorCode", "errorMessage", "variables", "jobLeaseToken"),
    "PublishMessage": (
        "name", "correlationKey", "timeToLive", "messageId", "variables", "tenantId", "businessId",
    ),
    "ResolveIncident": ("incidentKey", "operationReference"),
    "SetVariables": ("elementInstanceKey", "variables", "local", "operationReference"),
    "Topology": (),
    "UpdateJobRetries": ("jobKey", "retries", "operationReference", "jobLeaseToken"),
    "UpdateJobTimeout": ("jobKey", "timeout", "operationReference", "jobLeaseToken"),
    "UpdateJobPriority": ("jobKey", "priority", "operationReference", "jobLeaseToken"),
    "ModifyProcessInstance": (
        "processInstanceKey", "activateInstructions", "terminateInstructions", "operationReference",
        "moveInstructions",
    ),
    "MigrateProcessInstance": ("processInstanceKey", "migrationPlan", "operationReference"),
    "DeleteResource": ("resourceKey", "operationReference", "deleteHistory"),
    "BroadcastSignal": ("signalName", "variables", "tenantId"),
    "EvaluateConditional": ("variables", "processDefinitionKey", "tenantId"),
}  # fmt: skip
