"""Our flows with the command line of zbctl: the first argument is its binary. Prints what it saw as JSON."""

import json
import subprocess
import sys

binary, told = sys.argv[1], json.loads(sys.argv[2])
files, names = told["files"], told["names"]
CODES = {"NotFound": "not found", "AlreadyExists": "already exists"}


class Refused(Exception):
    pass


def zbctl(*arguments):
    command = [binary, "--insecure", "--address", told["grpc"], *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise Refused(done.stderr)
    return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout


def refused(*arguments):
    try:
        zbctl(*arguments)
    except Refused as error:
        return next((words for code, words in CODES.items() if f"code = {code}" in str(error)), str(error))
    return "nothing"


def create(process, variables):
    return zbctl("create", "instance", process, "--variables", json.dumps(variables))["processInstanceKey"]


def job(kind):
    (found,) = zbctl("activate", "jobs", kind, "--maxJobsToActivate", 1)["jobs"]
    return found


def complete(found, variables="{}"):
    zbctl("complete", "job", found["key"], "--variables", variables)


def topology():
    answer = zbctl("status", "-o", "json")
    return {"version": answer["gatewayVersion"], "partitions": answer["partitionsCount"]}


def deploy():
    answer = zbctl("deploy", "resource", files["order"])
    for name in ("message", "empty", "discount"):
        zbctl("deploy", "resource", files[name])
    process = answer["deployments"][0]["process"]
    return {"process": process["bpmnProcessId"], "version": process["version"]}


def jobs():
    create(names["order"], told["variables"])
    charge = job(names["charge"])
    complete(charge, '{"paid": true}')
    ship = job(names["ship"])
    complete(ship)
    return {
        "variables": json.loads(charge["variables"]),
        "headers": json.loads(charge["customHeaders"]),
        "retries": charge["retries"],
        "process": charge["bpmnProcessId"],
        "element": charge["elementId"],
        "paid": json.loads(ship["variables"])["paid"],
    }


def result():
    answer = zbctl("create", "instance", names["empty"], "--variables", '{"a": 1}', "--withResult")
    return json.loads(answer["variables"])


def retries():
    create(names["order"], {})
    first = job(names["charge"])
    zbctl("fail", "job", first["key"], "--retries", 1, "--errorMessage", "no")
    again = job(names["charge"])
    complete(again)
    complete(job(names["ship"]))
    return [first["retries"], again["retries"], first["key"] == again["key"]]


def message():
    create(names["waits"], {"orderId": "o-1"})
    named = ["publish", "message", names["message"], "--correlationKey", "o-1"]
    zbctl(*named, "--ttl", "60s", "--variables", '{"amount": 12.5}')
    thank = job(names["thank"])
    complete(thank)
    return json.loads(thank["variables"])


def twice():
    named = ["publish", "message", names["message"], "--correlationKey", "k"]
    zbctl(*named, "--messageId", "1", "--ttl", "60s")
    return refused(*named, "--messageId", "1", "--ttl", "60s")


def unknown():
    return [
        refused("create", "instance", names["order"] + "-not"),
        refused("complete", "job", told["unknown"]),
    ]


def cancel():
    key = create(names["waits"], {"orderId": "o-2"})
    zbctl("cancel", "instance", key)
    return refused("cancel", "instance", key)


def signal():
    return int(zbctl("broadcast", "signal", names["signal"])["key"]) > 0


def variables():
    key = create(names["order"], {})
    zbctl("set", "variables", key, "--variables", '{"late": 1}')
    charge = job(names["charge"])
    complete(charge)
    complete(job(names["ship"]))
    return json.loads(charge["variables"])


def decision():
    answer = zbctl("evaluate", "decision", names["decision"], "--variables", '{"amount": 100}')
    return json.loads(answer["decisionOutput"])


seen = {}
for flow in (topology, deploy, jobs, result, retries, message, twice, unknown, cancel, signal, variables,
             decision):  # fmt: skip
    try:
        seen[flow.__name__] = flow()
    except Exception as error:
        seen[flow.__name__] = f"{type(error).__name__}: {error}"
print(json.dumps(seen))
