"""Back-pressure and a paused broker, the same on every path: as a real 8.6.0 answered, and on containers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.gateways.base import FLOW_CONTROL, PAUSE
from tests.gateways.models import model
from tests.scenarios.stage import UNKNOWN_KEY, Case, pb, scenario, until_refused

#: One call of each RPC that writes a command.
COMMANDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("CreateProcessInstance", {"bpmnProcessId": "p", "version": -1}),
    ("CreateProcessInstanceWithResult", {"request": {"bpmnProcessId": "p", "version": -1}}),
    ("ActivateJobs", {"type": "t", "timeout": 1000, "maxJobsToActivate": 1, "requestTimeout": -1}),
    ("CompleteJob", {"jobKey": UNKNOWN_KEY}),
    ("FailJob", {"jobKey": UNKNOWN_KEY}),
    ("ThrowError", {"jobKey": UNKNOWN_KEY, "errorCode": "X"}),
    ("UpdateJobRetries", {"jobKey": UNKNOWN_KEY, "retries": 1}),
    ("UpdateJobTimeout", {"jobKey": UNKNOWN_KEY, "timeout": 1000}),
    ("PublishMessage", {"name": "m", "correlationKey": "c"}),
    ("BroadcastSignal", {"signalName": "s"}),
    ("SetVariables", {"elementInstanceKey": UNKNOWN_KEY, "variables": '{"a":1}'}),
    ("EvaluateDecision", {"decisionId": "d"}),
    ("CancelProcessInstance", {"processInstanceKey": UNKNOWN_KEY}),
    ("ResolveIncident", {"incidentKey": UNKNOWN_KEY}),
    ("DeleteResource", {"resourceKey": UNKNOWN_KEY}),
    ("ModifyProcessInstance", {"processInstanceKey": UNKNOWN_KEY}),
    (
        "DeployResource",
        {"resources": [pb.Resource(name="a.bpmn", content=model("empty", process="under-pressure"))]},
    ),
)

_DIFFERS = {
    "ActivateJobs": "pressure-on-activation",
    "CreateProcessInstance": "tried-partitions",
    "CreateProcessInstanceWithResult": "tried-partitions",
}


@scenario("recorded", "container", features={FLOW_CONTROL})
def test_every_command_feels_back_pressure(case: Case) -> None:
    gateway: Any = case.gateway
    with gateway.limited(writes_per_second=1):
        for rpc, fields in COMMANDS:
            refusal = until_refused(case, rpc, _DIFFERS.get(rpc, ""), **fields)
            assert refusal.details
            assert "write limit is exhausted" in refusal.text or rpc.startswith(("Create", "Activate"))
        assert case.caller.unary("Topology", pb.TopologyRequest(), 20).clusterSize == 1


@scenario("recorded", "container", features={PAUSE})
def test_a_paused_broker_refuses_commands_and_finds_no_jobs(case: Case) -> None:
    with paused(case):
        for rpc, fields in COMMANDS:
            if rpc == "ActivateJobs":
                assert case.poll(type="t", timeout=1000) == []
            else:
                assert case.refused(rpc, differs="paused-text", **fields).code == "INTERNAL"


@contextmanager
def paused(case: Case) -> Iterator[None]:
    gateway: Any = case.gateway
    gateway.pause()
    try:
        yield
    finally:
        gateway.resume()
