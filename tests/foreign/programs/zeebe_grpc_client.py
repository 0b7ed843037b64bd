"""Our flows with the stubs of zeebe-grpc, as code of 2023 calls them. Prints what it saw as JSON."""

from __future__ import annotations

import json
import sys
import time

import grpc
from zeebe_grpc.gateway_pb2 import (
    ActivateJobsRequest,
    BroadcastSignalRequest,
    CancelProcessInstanceRequest,
    CompleteJobRequest,
    CreateProcessInstanceRequest,
    CreateProcessInstanceWithResultRequest,
    DeployResourceRequest,
    EvaluateDecisionRequest,
    FailJobRequest,
    PublishMessageRequest,
    Resource,
    SetVariablesRequest,
    StreamActivatedJobsRequest,
    TopologyRequest,
)
from zeebe_grpc.gateway_pb2_grpc import GatewayStub

told = json.loads(sys.argv[1])
files, names = told["files"], told["names"]
stub = GatewayStub(grpc.insecure_channel(told["grpc"]))


def create(process, variables):
    request = CreateProcessInstanceRequest(bpmnProcessId=process, version=-1, variables=json.dumps(variables))
    return stub.CreateProcessInstance(request)


def job(kind):
    request = ActivateJobsRequest(
        type=kind, worker="foreign", timeout=60000, maxJobsToActivate=1, requestTimeout=10000
    )
    (found,) = [each for answer in stub.ActivateJobs(request) for each in answer.jobs]
    return found


def complete(found, variables):
    stub.CompleteJob(CompleteJobRequest(jobKey=found.key, variables=json.dumps(variables)))


def refused(call):
    try:
        call()
    except grpc.RpcError as error:
        return error.code().name.lower().replace("_", " ")
    return "nothing"


def topology():
    answer = stub.Topology(TopologyRequest())
    return {"version": answer.gatewayVersion, "partitions": answer.partitionsCount}


def deploy():
    found = {}
    for name in ("order", "message", "empty", "discount"):
        with open(files[name], "rb") as file:
            resource = Resource(name=files[name].rpartition("/")[2], content=file.read())
        answer = stub.DeployResource(DeployResourceRequest(resources=[resource]))
        if name == "order":
            process = answer.deployments[0].process
            found = {"process": process.bpmnProcessId, "version": process.version}
    return found


def jobs():
    create(names["order"], told["variables"])
    charge = job(names["charge"])
    complete(charge, {"paid": True})
    ship = job(names["ship"])
    complete(ship, {})
    return {
        "variables": json.loads(charge.variables),
        "headers": json.loads(charge.customHeaders),
        "retries": charge.retries,
        "process": charge.bpmnProcessId,
        "element": charge.elementId,
        "paid": json.loads(ship.variables)["paid"],
    }


def result():
    request = CreateProcessInstanceRequest(bpmnProcessId=names["empty"], version=-1, variables='{"a": 1}')
    answer = stub.CreateProcessInstanceWithResult(
        CreateProcessInstanceWithResultRequest(request=request, requestTimeout=10000)
    )
    return json.loads(answer.variables)


def retries():
    create(names["order"], {})
    first = job(names["charge"])
    stub.FailJob(FailJobRequest(jobKey=first.key, retries=1, errorMessage="no"))
    again = job(names["charge"])
    complete(again, {})
    complete(job(names["ship"]), {})
    return [first.retries, again.retries, first.key == again.key]


def message():
    create(names["waits"], {"orderId": "o-1"})
    stub.PublishMessage(
        PublishMessageRequest(
            name=names["message"], correlationKey="o-1", timeToLive=60000, variables='{"amount": 12.5}'
        )
    )
    thank = job(names["thank"])
    complete(thank, {})
    return json.loads(thank.variables)


def twice():
    request = PublishMessageRequest(
        name=names["message"], correlationKey="k", messageId="1", timeToLive=60000
    )
    stub.PublishMessage(request)
    return refused(lambda: stub.PublishMessage(request))


def unknown():
    return [
        refused(lambda: create(names["order"] + "-not", {})),
        refused(lambda: stub.CompleteJob(CompleteJobRequest(jobKey=told["unknown"]))),
    ]


def cancel():
    key = create(names["waits"], {"orderId": "o-2"}).processInstanceKey
    request = CancelProcessInstanceRequest(processInstanceKey=key)
    stub.CancelProcessInstance(request)
    return refused(lambda: stub.CancelProcessInstance(request))


def signal():
    return stub.BroadcastSignal(BroadcastSignalRequest(signalName=names["signal"])).key > 0


def variables():
    key = create(names["order"], {}).processInstanceKey
    stub.SetVariables(SetVariablesRequest(elementInstanceKey=key, variables='{"late": 1}'))
    charge = job(names["charge"])
    complete(charge, {})
    complete(job(names["ship"]), {})
    return json.loads(charge.variables)


def decision():
    request = EvaluateDecisionRequest(decisionId=names["decision"], variables='{"amount": 100}')
    return json.loads(stub.EvaluateDecision(request).decisionOutput)


def stream():
    request = StreamActivatedJobsRequest(type=names["charge"], worker="foreign", timeout=60000)
    opened = stub.StreamActivatedJobs(request, timeout=30)
    time.sleep(0.5)  # nothing tells when a stream has reached the gateway
    create(names["order"], {"number": 7})
    pushed = next(iter(opened))
    opened.cancel()
    complete(pushed, {})
    complete(job(names["ship"]), {})
    return json.loads(pushed.variables)


seen = {}
for flow in (topology, deploy, jobs, result, retries, message, twice, unknown, cancel, signal, variables,
             decision, stream):  # fmt: skip
    try:
        seen[flow.__name__] = flow()
    except Exception as error:
        seen[flow.__name__] = f"{type(error).__name__}: {error}"
print(json.dumps(seen))
