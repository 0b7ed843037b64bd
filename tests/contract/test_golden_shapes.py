"""Answers of four versions, in the shapes that real gateways give them: all of them decode, for every RPC.

8.6  keys are numbers, a job's key is called ``key``, a deployed item has the one property of its kind
8.7  keys are text, ``jobKey``; items of other kinds
8.8  what tells nothing is null; listeners, user tasks, tags
8.9  root keys, a cluster id, an answer to deletions, conditionals
"""

from __future__ import annotations

from typing import Any

import pytest

from bridge._table.transcode import exchange
from camunda_core.errors import Internal
from camunda_grpc._generated import gateway_pb2 as pb
from tests.contract.corpus import ON_REST

KEY = 2**53 + 1  # no float holds it
TENANT = {"tenantId": "<default>"}


def job(version: str) -> dict[str, Any]:
    key: Any = KEY if version == "8.6" else str(KEY)
    shape: dict[str, Any] = {
        "key" if version == "8.6" else "jobKey": key,
        "type": "t",
        "processInstanceKey": key,
        "processDefinitionId": "p",
        "processDefinitionVersion": 2,
        "processDefinitionKey": key,
        "elementId": "task",
        "elementInstanceKey": key,
        "customHeaders": {"h": "1"},
        "worker": "w",
        "retries": 3,
        "deadline": 1795253402722,
        "variables": {"a": None, "big": KEY},
        **TENANT,
    }
    if version >= "8.8":
        shape |= {"kind": "TASK_LISTENER", "listenerEventType": "COMPLETING", "userTask": None, "tags": ["x"]}
    if version >= "8.9":
        task = {
            "formKey": None,
            "userTaskKey": str(KEY),
            "priority": 50,
            "assignee": None,
            "action": "complete",
        }
        lists = {"candidateGroups": [], "candidateUsers": ["u"], "changedAttributes": []}
        shape |= {"userTask": {**task, **lists, "dueDate": None, "followUpDate": None}}
        shape |= {"rootProcessInstanceKey": str(KEY)}
    return shape


def decoded_job(version: str) -> Any:
    message = pb.ActivatedJob(
        key=KEY,
        type="t",
        processInstanceKey=KEY,
        bpmnProcessId="p",
        processDefinitionVersion=2,
        processDefinitionKey=KEY,
        elementId="task",
        elementInstanceKey=KEY,
        customHeaders='{"h":"1"}',
        worker="w",
        retries=3,
        deadline=1795253402722,
        variables=f'{{"a":null,"big":{KEY}}}',
        tenantId="<default>",
        listenerEventType="UNSPECIFIED",
    )
    if version >= "8.8":
        message.kind = pb.ActivatedJob.TASK_LISTENER
        message.listenerEventType = pb.ActivatedJob.COMPLETING
        message.tags.append("x")
    if version >= "8.9":
        message.userTask.CopyFrom(
            pb.UserTaskProperties(userTaskKey=KEY, priority=50, action="complete", candidateUsers=["u"])
        )
    return message


def instance(version: str) -> dict[str, Any]:
    key: Any = KEY if version == "8.6" else str(KEY)
    shape: dict[str, Any] = {
        "processDefinitionKey": key,
        "processDefinitionId": "p",
        "processDefinitionVersion": 2,
        "processInstanceKey": key,
        "variables": {},
        **TENANT,
    }
    shape |= {"tags": []} if version >= "8.8" else {}
    return shape | ({"businessId": None} if version >= "8.9" else {})


def evaluation(version: str) -> dict[str, Any]:
    key: Any = KEY if version == "8.6" else str(KEY)
    names = {"decisionDefinitionId": "d", "decisionDefinitionName": "D", "decisionDefinitionVersion": 1}
    nothing = "" if version < "8.8" else None
    output = {"outputId": "o", "outputName": "O", "outputValue": "1"}
    output |= {"ruleId": "r", "ruleIndex": 1} if version >= "8.9" else {}
    decision: dict[str, Any] = {
        **names,
        "decisionDefinitionKey": key,
        "output": "1",
        **TENANT,
        "matchedRules": [{"ruleId": "r", "ruleIndex": 1, "evaluatedOutputs": [output]}],
        "evaluatedInputs": [{"inputId": "i", "inputName": "I", "inputValue": "2"}],
    }
    shape: dict[str, Any] = {
        **names,
        "decisionDefinitionKey": key,
        "decisionRequirementsId": "g",
        "decisionRequirementsKey": key,
        "output": "1",
        "failedDecisionDefinitionId": nothing,
        "failureMessage": nothing,
        **TENANT,
        "decisionInstanceKey": key,
    }
    if version >= "8.8":
        decision |= {"decisionEvaluationInstanceKey": f"{KEY}-1", "decisionDefinitionType": "DECISION_TABLE"}
        shape |= {"decisionEvaluationKey": key}
    return shape | {"evaluatedDecisions": [decision]}


def decoded_evaluation(version: str) -> Any:
    decision = pb.EvaluatedDecision(
        decisionKey=KEY,
        decisionId="d",
        decisionName="D",
        decisionVersion=1,
        decisionOutput="1",
        tenantId="<default>",
    )
    rule = decision.matchedRules.add(ruleId="r", ruleIndex=1)
    rule.evaluatedOutputs.add(outputId="o", outputName="O", outputValue="1")
    decision.evaluatedInputs.add(inputId="i", inputName="I", inputValue="2")
    if version >= "8.8":
        decision.decisionEvaluationInstanceKey = f"{KEY}-1"
        decision.decisionType = "DECISION_TABLE"
    return pb.EvaluateDecisionResponse(
        decisionKey=KEY,
        decisionId="d",
        decisionName="D",
        decisionVersion=1,
        decisionRequirementsId="g",
        decisionRequirementsKey=KEY,
        decisionOutput="1",
        tenantId="<default>",
        decisionInstanceKey=KEY,
        decisionEvaluationKey=KEY if version >= "8.8" else 0,
        evaluatedDecisions=[decision],
    )


def deployment(version: str) -> dict[str, Any]:
    key: Any = KEY if version == "8.6" else str(KEY)
    graph = {"decisionRequirementsId": "g", "decisionRequirementsKey": key}
    of = {"version": 2, **TENANT}
    items: list[tuple[str, dict[str, Any]]] = [
        (
            "processDefinition",
            {"processDefinitionId": "p", "processDefinitionVersion": 2, "processDefinitionKey": key, **TENANT}
            | {"resourceName": "p.bpmn"},
        ),
        (
            "decisionDefinition",
            {"decisionDefinitionId": "d", "name": "D", "decisionDefinitionKey": key, **graph, **of},
        ),
        ("decisionRequirements", {**graph, "decisionRequirementsName": "G", "resourceName": "d.dmn", **of}),
        ("form", {"formId": "f", "formKey": key, "resourceName": "f.form", **of}),
        ("resource", {"resourceId": "r", "resourceKey": key, "resourceName": "r.rpa", **of}),
    ]
    if version == "8.6":
        del items[-1]
    others = {} if version == "8.6" else dict.fromkeys(dict(items))
    return {"deploymentKey": key, **TENANT, "deployments": [{**others, kind: item} for kind, item in items]}


PROCESS = pb.ProcessMetadata(
    bpmnProcessId="p", version=2, processDefinitionKey=KEY, resourceName="p.bpmn", tenantId="<default>"
)


def decoded_deployment(version: str) -> Any:
    decision = pb.DecisionMetadata(
        dmnDecisionId="d",
        dmnDecisionName="D",
        version=2,
        decisionKey=KEY,
        dmnDecisionRequirementsId="g",
        decisionRequirementsKey=KEY,
        tenantId="<default>",
    )
    graph = pb.DecisionRequirementsMetadata(
        dmnDecisionRequirementsId="g",
        dmnDecisionRequirementsName="G",
        version=2,
        decisionRequirementsKey=KEY,
        resourceName="d.dmn",
        tenantId="<default>",
    )
    form = pb.FormMetadata(formId="f", version=2, formKey=KEY, resourceName="f.form", tenantId="<default>")
    return pb.DeployResourceResponse(
        key=KEY,
        tenantId="<default>",
        deployments=[
            pb.Deployment(process=PROCESS),
            pb.Deployment(decision=decision),
            pb.Deployment(decisionRequirements=graph),
            pb.Deployment(form=form),
        ],
    )


def topology(version: str) -> dict[str, Any]:
    partition = {"partitionId": 1, "role": "follower", "health": "unhealthy"}
    broker = {"nodeId": 0, "host": "h", "port": 26501, "partitions": [partition], "version": f"{version}.0"}
    sizes = {"clusterSize": 1, "partitionsCount": 1, "replicationFactor": 1, "gatewayVersion": f"{version}.0"}
    shape: dict[str, Any] = {"brokers": [broker], **sizes}
    shape |= {"lastCompletedChangeId": "-1"} if version >= "8.8" else {}
    return shape | ({"clusterId": None} if version >= "8.9" else {})


def decoded_topology(version: str) -> Any:
    partition = pb.Partition(partitionId=1, role="FOLLOWER", health="UNHEALTHY")
    broker = pb.BrokerInfo(host="h", port=26501, partitions=[partition], version=f"{version}.0")
    return pb.TopologyResponse(
        brokers=[broker], clusterSize=1, partitionsCount=1, replicationFactor=1, gatewayVersion=f"{version}.0"
    )


def cases(version: str) -> dict[str, tuple[Any, Any]]:
    """RPC → what a gateway of that version answers, and the message that it means."""
    key: Any = KEY if version == "8.6" else str(KEY)
    started = {"processDefinitionKey": KEY, "bpmnProcessId": "p", "version": 2, "processInstanceKey": KEY}
    found: dict[str, tuple[Any, Any]] = {
        "ActivateJobs": ({"jobs": [job(version)]}, pb.ActivateJobsResponse(jobs=[decoded_job(version)])),
        "CreateProcessInstance": (
            instance(version),
            pb.CreateProcessInstanceResponse(**started, tenantId="<default>"),
        ),
        "CreateProcessInstanceWithResult": (
            instance(version) | {"variables": {"r": [1.5, None]}},
            pb.CreateProcessInstanceWithResultResponse(
                **started, tenantId="<default>", variables='{"r":[1.5,null]}'
            ),
        ),
        "EvaluateDecision": (evaluation(version), decoded_evaluation(version)),
        "DeployResource": (deployment(version), decoded_deployment(version)),
        "DeployProcess": (deployment(version), pb.DeployProcessResponse(key=KEY, processes=[PROCESS])),
        "PublishMessage": (
            {"messageKey": key, **TENANT},
            pb.PublishMessageResponse(key=KEY, tenantId="<default>"),
        ),
        "BroadcastSignal": (
            {"signalKey": key, **TENANT},
            pb.BroadcastSignalResponse(key=KEY, tenantId="<default>"),
        ),
        "Topology": (topology(version), decoded_topology(version)),
    }
    if version >= "8.9":
        found["DeleteResource"] = (
            {
                "resourceKey": str(KEY),
                "batchOperation": {"batchOperationKey": "7", "batchOperationType": "DELETE_PROCESS_INSTANCE"},
            },
            pb.DeleteResourceResponse(
                resourceKey=str(KEY),
                batchOperation=pb.BatchOperationCreatedResult(
                    batchOperationKey="7", batchOperationType="DELETE_PROCESS_INSTANCE"
                ),
            ),
        )
        reference = {"processDefinitionKey": key, "processInstanceKey": key}
        found["EvaluateConditional"] = (
            {"processInstances": [reference], "conditionalEvaluationKey": key, **TENANT},
            pb.EvaluateConditionalResponse(
                processInstances=[
                    pb.ProcessInstanceReference(processDefinitionKey=KEY, processInstanceKey=KEY)
                ],
                conditionalEvaluationKey=KEY,
                tenantId="<default>",
            ),
        )
    return found | {rpc: (None, exchange(rpc).answer_class()) for rpc in ON_REST if rpc not in found}


VERSIONS = ("8.6", "8.7", "8.8", "8.9")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("rpc", ON_REST)
def test_the_answer_of_a_version_decodes(version: str, rpc: str) -> None:
    answer, message = cases(version)[rpc]
    assert exchange(rpc).answer_from_rest(answer) == message


@pytest.mark.parametrize("rpc", ON_REST)
def test_properties_of_a_version_to_come_are_ignored_in_answers(rpc: str) -> None:
    def with_more(value: Any) -> Any:
        if isinstance(value, dict):
            return {**{name: with_more(each) for name, each in value.items()}, "later": {"x": [1]}}
        return [with_more(each) for each in value] if isinstance(value, list) else value

    answer, message = cases("8.9")[rpc]
    more = with_more(answer or {})
    for each in [more, *more.get("jobs", ())]:  # the user's own content keeps what it has
        for name in ("variables", "customHeaders"):
            if name in each:
                each[name].pop("later")
    assert exchange(rpc).answer_from_rest(more) == message


@pytest.mark.parametrize("rpc", ON_REST)
def test_an_answer_of_nulls_is_an_empty_one(rpc: str) -> None:
    answer = cases("8.9")[rpc][0] or {}
    assert exchange(rpc).answer_from_rest(dict.fromkeys(answer)) == exchange(rpc).answer_from_rest({})


def test_an_enum_value_of_a_version_to_come_is_not_taken_for_the_best_case(
    caplog: pytest.LogCaptureFixture,
) -> None:
    whole = exchange("ActivateJobs").answer_from_rest({"jobs": [{"listenerEventType": "BEFORE_ALL"}]})
    assert whole.jobs[0].listenerEventType == pb.ActivatedJob.UNSPECIFIED
    assert "ListenerEventType has no value 'BEFORE_ALL' yet" in caplog.text
    shape = {"brokers": [{"partitions": [{"role": "observer", "health": "sleepy"}]}]}
    (partition,) = exchange("Topology").answer_from_rest(shape).brokers[0].partitions
    assert partition.role not in pb.Partition.PartitionBrokerRole.values()
    assert partition.health not in pb.Partition.PartitionBrokerHealth.values()
    shape = {"batchOperation": {"batchOperationType": "UPDATE_JOB"}}
    batch = exchange("DeleteResource").answer_from_rest(shape).batchOperation
    assert batch.batchOperationType not in pb.BatchOperationCreatedResult.BatchOperationTypeEnum.values()


@pytest.mark.parametrize(
    ("rpc", "answer", "place"),
    [
        ("PublishMessage", {"messageKey": "x"}, "messageKey"),
        ("PublishMessage", {"messageKey": {}}, "messageKey"),
        ("PublishMessage", {"tenantId": {"a": 1}}, "tenantId"),
        ("PublishMessage", {"tenantId": True}, "tenantId"),
        ("ActivateJobs", {"jobs": [{}, {"jobKey": "1.5"}]}, r"jobs\[1\].jobKey"),
        ("ActivateJobs", {"jobs": [{"retries": "3"}]}, r"jobs\[0\].retries"),
        ("ActivateJobs", {"jobs": [{"retries": 2**31}]}, r"jobs\[0\].retries"),
        ("ActivateJobs", {"jobs": {"a": 1}}, "jobs: must be a list"),
        ("ActivateJobs", {"jobs": [1]}, r"jobs\[0\]: must be an object"),
        ("DeployResource", {"deployments": [1]}, "cannot be read"),
        ("Topology", [], "cannot be read"),
        ("Topology", "text", "cannot be read"),
    ],
)
def test_an_answer_that_cannot_be_read_is_an_internal_error_that_names_the_place(
    rpc: str, answer: Any, place: str
) -> None:
    with pytest.raises(Internal, match=place) as refused:
        exchange(rpc).answer_from_rest(answer)
    assert refused.value.operation == rpc
