"""``bridge.Client`` and ``AsyncClient`` on real gateways: a story tells the same on every wire, down to the errors."""

from __future__ import annotations

import dataclasses
import re
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import bridge
from bridge import models
from camunda_core import errors
from camunda_core.errors import CamundaError
from camunda_core.retry import NO_RETRY
from tests.gateways.base import GRPC, REAL_GATEWAY, RECORDS, REST, Gateway
from tests.gateways.models import filename, model, unique
from tests.gateways.registry import on_gateways
from tests.scenarios.test_decisions import FAILING
from tests.unit.bridge.client_calls import Blocking

UNKNOWN_KEY = 2**51 + 10**12
PATIENCE = 20.0

Story = Callable[["Teller"], None]


class Teller:
    """Plays a story on one client and keeps what the gateway said, without what is different each time."""

    def __init__(self, client: Any, gateway: Gateway) -> None:
        self.client = client
        self.gateway = gateway
        self.told: list[Any] = []
        self._ids: dict[str, str] = {}

    def id(self, name: str) -> str:
        """An id of this play alone."""
        made = unique(name)
        self._ids[made] = name
        return made

    def tell(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Calls a method, which succeeds, and remembers its result."""
        result = getattr(self.client, method)(*args, **kwargs)
        self.told.append((method, self._plain(result)))
        return result

    def refused(self, method: str, *args: Any, **kwargs: Any) -> None:
        """Calls a method, which fails, and remembers how."""
        with pytest.raises(CamundaError) as caught:
            getattr(self.client, method)(*args, **kwargs)
        meaning = next(cls for cls in type(caught.value).__mro__ if cls.__module__ == errors.__name__)
        self.told.append((method, meaning.__name__, self._plain(caught.value.message)))

    def jobs(self, job_type: str, count: int = 1, **kwargs: Any) -> list[models.ActivatedJob]:
        """So many jobs, waited for; they are remembered by their order of creation."""
        found: list[models.ActivatedJob] = []
        until = time.monotonic() + PATIENCE
        while len(found) < count:
            assert time.monotonic() < until, f"{len(found)} of {count} jobs of {job_type} came"
            wanted = count - len(found)
            options = {"worker": "w", "job_timeout": 60, "request_timeout": 1, **kwargs}
            found += self.client.activate_jobs(job_type, max_jobs_to_activate=wanted, **options)
        found.sort(key=lambda job: int(job.job_key))
        self.told.append(("jobs", self._plain(found)))
        return found

    def resource(self, name: str, **ids: str) -> tuple[str, bytes]:
        """A model as a resource."""
        return filename(name), model(name, **ids)

    def _plain(self, value: Any, name: str = "") -> Any:
        if dataclasses.is_dataclass(value):
            counted = [each.name for each in dataclasses.fields(value) if each.compare]
            return {each: self._plain(getattr(value, each), each) for each in counted}
        if isinstance(value, (list, tuple)):
            return [self._plain(each) for each in value]
        if isinstance(value, dict):
            return {each: self._plain(item) for each, item in value.items()}
        if name.endswith("_key") and value:
            return "key"
        if name == "deadline":
            return value > 0
        if isinstance(value, str):
            for made, origin in self._ids.items():
                value = value.replace(made, origin)
            # REST sends one command for every update of a job, gRPC one for each kind of it.
            value = re.sub(r"'UPDATE_(TIMEOUT|RETRIES)'", "'UPDATE'", value)
            return re.sub(r"\b\d{16}\b", "<key>", value)
        return value


def callers(gateway: Gateway) -> Iterator[tuple[str, Any]]:
    """A client of each kind on each wire."""
    addresses = {"grpc_address": gateway.grpc_address} if GRPC in gateway.wires else {}
    addresses |= {"rest_address": gateway.rest_address} if REST in gateway.wires else {}
    for wire in sorted(gateway.wires):
        for kind in (bridge.Client, Blocking):
            client = kind(**addresses, transport=wire, routes=f"StreamActivatedJobs={wire}", retry=NO_RETRY)
            try:
                yield f"{kind.__name__} over {wire}", client
            finally:
                client.close()


def the_cluster(teller: Teller) -> None:
    topology = teller.tell("topology")
    assert topology.brokers
    assert teller.gateway.version.startswith(".".join(topology.gateway_version.split(".")[:2]))


def deployments(teller: Teller) -> None:
    process, decision, form = teller.id("process"), teller.id("decision"), teller.id("form")
    resources = [
        teller.resource("empty", process=process),
        teller.resource(
            "credit", decision=decision, requirements=teller.id("requirements"), risk=teller.id("risk")
        ),
        teller.resource("address", form=form),
    ]
    deployment = teller.tell("deploy_resource", *resources)
    assert len(deployment.deployments) == 5
    teller.tell("deploy_resource", resources[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        teller.tell("deploy_process", resources[0])
    teller.refused("deploy_resource", ("bad.bpmn", b"<no/>"))


def deletion(teller: Teller) -> None:
    deployment = teller.tell("deploy_resource", teller.resource("empty", process=teller.id("process")))
    key = deployment.deployments[0].process_definition.process_definition_key
    teller.tell("delete_resource", key)
    teller.refused("delete_resource", key)
    teller.refused("create_process_instance", process_definition_key=key)


def instances(teller: Teller) -> None:
    process, charge, ship = teller.id("process"), teller.id("charge"), teller.id("ship")
    pack, deliver = teller.id("pack"), teller.id("deliver")
    first = teller.tell(
        "deploy_resource", teller.resource("order", process=process, charge=charge, ship=ship)
    )
    newer = teller.resource("order-v2", process=process, charge=charge, pack=pack, deliver=deliver)
    second = teller.tell("deploy_resource", newer)
    keys = [each.deployments[0].process_definition.process_definition_key for each in (first, second)]

    teller.tell("create_process_instance", process, variables={"ü": [1.5, None, {"big": 2**60}]})
    start = [models.StartInstruction("pack")]
    teller.tell("create_process_instance", process, process_definition_version=2, start_instructions=start)
    instance = teller.tell("create_process_instance", process_definition_key=keys[0])
    key = instance.process_instance_key
    teller.refused("create_process_instance", process, process_definition_version=0)
    teller.refused("create_process_instance", process, start_instructions=[models.StartInstruction("no")])
    teller.refused("create_process_instance", "no-such-process")

    teller.tell("set_variables", key, {"a": 1}, local=True)
    teller.refused("set_variables", UNKNOWN_KEY, {"a": 1})
    mapping = [models.MappingInstruction("charge", "charge")]
    teller.refused("migrate_process_instance", key, UNKNOWN_KEY, mapping)
    teller.refused("migrate_process_instance", key, keys[1], [models.MappingInstruction("ship", "pack")])
    teller.tell("migrate_process_instance", key, keys[1], mapping)
    teller.tell(
        "modify_process_instance",
        key,
        activate_instructions=[
            models.ActivateInstruction("pack", [models.VariableInstruction({"b": 2}, scope_id="pack")])
        ],
    )
    (job,) = [each for each in teller.jobs(pack, 2) if each.process_instance_key == key]
    assert job.variables == {"a": 1, "b": 2}
    teller.tell(
        "modify_process_instance",
        key,
        terminate_instructions=[models.TerminateInstruction(job.element_instance_key)],
    )
    teller.refused("modify_process_instance", key, activate_instructions=[models.ActivateInstruction("no")])
    teller.tell("cancel_process_instance", int(key))
    teller.refused("cancel_process_instance", key)


def results(teller: Teller) -> None:
    process = teller.id("process")
    teller.tell("deploy_resource", teller.resource("empty", process=process))
    result = teller.tell(
        "create_process_instance_with_result",
        process,
        variables={"a": 1, "b": {"c": [2]}},
        fetch_variables=["b"],
        request_timeout=10,
    )
    assert result.variables == {"b": {"c": [2]}}
    teller.refused("create_process_instance_with_result", "no-such-process")


def jobs(teller: Teller) -> None:
    process, job_type, handler = teller.id("process"), teller.id("job"), teller.id("handler")
    resource = teller.resource("error", process=process, job=job_type, handler=handler, error="refused")
    teller.tell("deploy_resource", resource)
    for number in range(2):
        teller.client.create_process_instance(process, variables={"number": number, "other": True})
    one, other = teller.jobs(job_type, 2, fetch_variable=["number"])
    assert [each.variables for each in (one, other)] == [{"number": 0}, {"number": 1}]
    teller.tell("activate_jobs", job_type, max_jobs_to_activate=1, request_timeout=0)
    teller.tell("update_job_timeout", one.job_key, 30)
    teller.tell("update_job_retries", one.job_key, 5)
    teller.tell("fail_job", one.job_key, retries=2, error_message="no", variables={"failed": True})
    (again,) = teller.jobs(job_type)
    assert again.retries == 2
    teller.tell("complete_job", again.job_key, {"done": True})
    teller.refused("complete_job", again.job_key)
    teller.refused("fail_job", UNKNOWN_KEY, retries=1)
    teller.tell("throw_error", other.job_key, "refused", error_message="refused", variables={"why": "full"})
    teller.refused("throw_error", UNKNOWN_KEY, "refused")
    teller.tell("complete_job", int(teller.jobs(handler)[0].job_key))
    teller.refused("update_job_timeout", UNKNOWN_KEY, 1)


def incidents(teller: Teller) -> None:
    process, kind = teller.id("process"), teller.id("kind")
    teller.tell("deploy_resource", teller.resource("incident", process=process))
    instance = teller.tell("create_process_instance", process).process_instance_key
    incident = teller.gateway.incident_of(int(instance))
    teller.tell("set_variables", instance, {"kind": kind})
    teller.tell("resolve_incident", incident)
    teller.refused("resolve_incident", incident)
    teller.tell("complete_job", teller.jobs(kind)[0].job_key)


def messages(teller: Teller) -> None:
    process, job_type, message = teller.id("process"), teller.id("job"), teller.id("message")
    teller.tell("deploy_resource", teller.resource("message", process=process, job=job_type, message=message))
    teller.tell("create_process_instance", process, variables={"orderId": "a"})
    published = {"correlation_key": "a", "time_to_live": 60, "message_id": "1", "variables": {"paid": True}}
    teller.tell("publish_message", message, **published)
    assert teller.jobs(job_type)[0].variables["paid"] is True
    teller.refused("publish_message", message, **published)
    other, entered, signal = teller.id("other"), teller.id("entered"), teller.id("signal")
    teller.tell("deploy_resource", teller.resource("signal", process=other, job=entered, signal=signal))
    teller.tell("create_process_instance", other)
    deadline = time.monotonic() + PATIENCE
    while not teller.client.activate_jobs(entered, max_jobs_to_activate=1, request_timeout=0):
        assert time.monotonic() < deadline, "the signal arrives"
        teller.client.broadcast_signal(signal, variables={"open": True})


def decisions(teller: Teller) -> None:
    decision = teller.id("decision")
    resource = teller.resource(
        "credit", decision=decision, requirements=teller.id("requirements"), risk=teller.id("risk")
    )
    deployed = teller.tell("deploy_resource", resource).deployments
    key = next(
        each.decision_definition.decision_definition_key
        for each in deployed
        if each.decision_definition and each.decision_definition.decision_definition_id == decision
    )
    teller.tell("evaluate_decision", decision, variables={"income": 3})
    teller.tell("evaluate_decision", decision_definition_key=key, variables={"income": 10**6})
    checked, level = teller.id("checked"), teller.id("level")
    content = FAILING.format(requirements=teller.id("graph"), decision=checked, amount=level)
    teller.tell("deploy_resource", ("checked.dmn", content.encode()))
    failed = teller.tell("evaluate_decision", checked, variables={"amount": -1})
    assert (failed.failed_decision_definition_id, failed.output) == (level, "null")
    assert failed.failure_message
    teller.refused("evaluate_decision", "no-such-decision")


STORIES: tuple[Story, ...] = (the_cluster, deployments, instances, results, jobs, messages, decisions)


def compare(story: Story, gateway: Gateway) -> None:
    """Every client tells what the first one did."""
    reference: tuple[str, list[Any]] | None = None
    for name, client in callers(gateway):
        teller = Teller(client, gateway)
        story(teller)
        if reference is None:
            reference = name, teller.told
        for one, other in zip(reference[1], teller.told, strict=True):
            assert other == one, f"{name} against {reference[0]}"


@on_gateways()
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_every_client_tells_the_same_story(story: Story, gateway: Gateway) -> None:
    compare(story, gateway)


@on_gateways(features={RECORDS})
def test_every_client_resolves_an_incident_alike(gateway: Gateway) -> None:
    compare(incidents, gateway)


@on_gateways(features={REAL_GATEWAY})
def test_every_client_deletes_a_resource_alike(gateway: Gateway) -> None:
    compare(deletion, gateway)


@on_gateways()
def test_a_job_stream_brings_jobs_on_every_wire(gateway: Gateway) -> None:
    for wire in sorted(gateway.wires):
        addresses = {"grpc_address": gateway.grpc_address}
        addresses |= {"rest_address": gateway.rest_address} if REST in gateway.wires else {}
        process, charge = unique("process"), unique("charge")
        with bridge.Client(**addresses, routes={"*": wire, "StreamActivatedJobs": wire}) as client:  # type: ignore[arg-type]
            client.deploy_resource(("a.bpmn", model("order", process=process, charge=charge, ship="ship")))
            found: list[models.ActivatedJob] = []
            with client.stream_activated_jobs(charge, job_timeout=60, tenant_ids=["<default>"]) as stream:
                if wire == GRPC:
                    gateway.wait_for_stream(charge)
                for number in range(3):
                    client.create_process_instance(process, variables={"number": number})
                for job in stream:
                    client.complete_job(job.job_key)
                    found.append(job)
                    if len(found) == 3:
                        break
            assert [each.variables for each in found] == [{"number": number} for number in range(3)]


@on_gateways(wires={GRPC, REST})
def test_each_wire_refuses_what_this_cluster_is_too_old_for(gateway: Gateway) -> None:
    for _, client in callers(gateway):
        with pytest.raises(errors.Unimplemented):
            client.update_job_priority(UNKNOWN_KEY, 1)
