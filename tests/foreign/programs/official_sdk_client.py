"""Our flows with the official Python SDK, over REST. Prints what it saw as JSON."""

import json
import os
import sys

os.environ.setdefault("CAMUNDA_SDK_LOG_LEVEL", "silent")

import camunda_orchestration_sdk as sdk
import official_sdk_searches
from camunda_orchestration_sdk import models

told = json.loads(sys.argv[1])
files, names = told["files"], told["names"]
client = sdk.CamundaClient(
    configuration={"CAMUNDA_REST_ADDRESS": told["rest"], "CAMUNDA_AUTH_STRATEGY": "NONE"}
)


def create(process, variables, **more):
    data = {"processDefinitionId": process, "variables": variables, **more}
    return client.create_process_instance(data=models.ProcessCreationById.from_dict(data))


def job(kind):
    request = {
        "type": kind,
        "worker": "foreign",
        "timeout": 60000,
        "maxJobsToActivate": 1,
        "requestTimeout": 10000,
    }
    (found,) = client.activate_jobs(data=models.JobActivationRequest.from_dict(request)).jobs
    return found


def complete(found, variables):
    client.complete_job(found.job_key, data=models.JobCompletionRequest.from_dict({"variables": variables}))


def refused(call):
    try:
        call()
    except Exception as error:
        codes = {404: "not found", 409: "already exists"}
        return codes.get(getattr(error, "status_code", None), f"{type(error).__name__}: {error}")
    return "nothing"


def topology():
    answer = client.get_topology()
    return {"version": answer.gateway_version, "partitions": answer.partitions_count}


def deploy():
    answer = client.deploy_resources_from_files([files["order"]])
    for name in ("message", "empty", "discount"):
        client.deploy_resources_from_files([files[name]])
    (process,) = answer.processes
    return {"process": process.process_definition_id, "version": process.process_definition_version}


def jobs():
    create(names["order"], told["variables"])
    charge = job(names["charge"])
    complete(charge, {"paid": True})
    ship = job(names["ship"])
    complete(ship, {})
    return {
        "variables": charge.variables.to_dict(),
        "headers": charge.custom_headers.to_dict(),
        "retries": charge.retries,
        "process": charge.process_definition_id,
        "element": charge.element_id,
        "paid": ship.variables.to_dict()["paid"],
    }


def result():
    answer = create(names["empty"], {"a": 1}, awaitCompletion=True, requestTimeout=10000)
    return answer.variables.to_dict()


def retries():
    create(names["order"], {})
    first = job(names["charge"])
    failed = {"retries": 1, "errorMessage": "no"}
    client.fail_job(first.job_key, data=models.JobFailRequest.from_dict(failed))
    again = job(names["charge"])
    complete(again, {})
    complete(job(names["ship"]), {})
    return [first.retries, again.retries, first.job_key == again.job_key]


def publish(**more):
    data = {"name": names["message"], "timeToLive": 60000, **more}
    return client.publish_message(data=models.MessagePublicationRequest.from_dict(data))


def message():
    create(names["waits"], {"orderId": "o-1"})
    publish(correlationKey="o-1", variables={"amount": 12.5})
    thank = job(names["thank"])
    complete(thank, {})
    return thank.variables.to_dict()


def twice():
    publish(correlationKey="k", messageId="1")
    return refused(lambda: publish(correlationKey="k", messageId="1"))


def unknown():
    return [
        refused(lambda: create(names["order"] + "-not", {})),
        refused(lambda: client.complete_job(str(told["unknown"]))),
    ]


def cancel():
    key = create(names["waits"], {"orderId": "o-2"}).process_instance_key
    # Left out, it cannot be made to JSON; the class for it has another name in 9.
    kind = getattr(models, "CancelProcessInstanceData", None) or models.CancelProcessInstanceRequest
    request = kind()
    client.cancel_process_instance(key, data=request)
    return refused(lambda: client.cancel_process_instance(key, data=request))


def signal():
    data = models.SignalBroadcastRequest.from_dict({"signalName": names["signal"]})
    return int(client.broadcast_signal(data=data).signal_key) > 0


def variables():
    key = create(names["order"], {}).process_instance_key
    data = models.SetVariableRequest.from_dict({"variables": {"late": 1}})
    client.create_element_instance_variables(key, data=data)
    charge = job(names["charge"])
    complete(charge, {})
    complete(job(names["ship"]), {})
    return charge.variables.to_dict()


def decision():
    data = {"decisionDefinitionId": names["decision"], "variables": {"amount": 100}}
    return json.loads(client.evaluate_decision(data=models.DecisionEvaluationByID.from_dict(data)).output)


flows = {flow.__name__: flow for flow in (topology, deploy, jobs, result, retries, message, twice, unknown,
         cancel, signal, variables, decision)}  # fmt: skip
seen = {}
for name, flow in {**flows, **official_sdk_searches.flows(told, client, create, job, refused)}.items():
    try:
        seen[name] = flow()
    except Exception as error:
        seen[name] = f"{type(error).__name__}: {error}"[:400]
print(json.dumps(seen))
