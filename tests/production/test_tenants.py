"""Tenants: two of them in an embedded gateway, with tokens that name them, on both wires.

What 8.6 answers was recorded of a real 8.6.0 in November 2026; what 8.9 answers rests on the published contract.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests

import bridge
from camunda_core.credentials import Bearer
from camunda_core.errors import CamundaError, ConfigurationError, InvalidArgument, NotFound, PermissionDenied
from camunda_core.retry import NO_RETRY
from camunda_embedded import EmbeddedGateway, TokenCheck
from camunda_worker import Job, Worker
from tests.fakes.identity import IdentityProvider
from tests.gateways.models import model

WIRES = ("rest", "grpc")
LINES = ("8.6", "8.9")
CLIENTS = {"red": ["red"], "blue": ["blue"], "both": ["red", "blue"], "none": [], "default": ["<default>"]}
DEFAULT = "<default>"


@pytest.fixture(scope="module")
def identity() -> Iterator[IdentityProvider]:
    provider = IdentityProvider(tenants=CLIENTS)
    yield provider
    provider.close()


@pytest.fixture(params=LINES)
def gateway(identity: IdentityProvider, request: pytest.FixtureRequest) -> Iterator[EmbeddedGateway]:
    check = TokenCheck(identity.issuer, tenants="tenants")
    with EmbeddedGateway(dialect=request.param, tenants=["red", "blue"], auth=check) as running:
        yield running


@pytest.fixture(params=WIRES)
def wire(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Callers:
    """Clients of each caller over one wire."""

    def __init__(self, gateway: EmbeddedGateway, identity: IdentityProvider, wire: str) -> None:
        self._settings = {f"{wire}_address": getattr(gateway, f"{wire}_address"), "retry": NO_RETRY}
        self._identity = identity
        self._open = contextlib.ExitStack()

    def settings(self, who: str) -> dict[str, Any]:
        return {**self._settings, "credentials": Bearer(self._identity.token(client=who))}

    def __getitem__(self, who: str) -> bridge.Client:
        return self._open.enter_context(bridge.Client(**self.settings(who)))

    def close(self) -> None:
        self._open.close()


@pytest.fixture
def callers(gateway: EmbeddedGateway, identity: IdentityProvider, wire: str) -> Iterator[Callers]:
    made = Callers(gateway, identity, wire)
    yield made
    made.close()


def deployed(client: bridge.Client, tenant: str) -> Any:
    content = model("order", process="order", charge="charge", ship="ship")
    return client.deploy_resource(("order.bpmn", content), tenant_id=tenant)


def test_each_tenant_has_processes_instances_and_jobs_of_its_own(
    callers: Callers, gateway: EmbeddedGateway
) -> None:
    both, red, blue = callers["both"], callers["red"], callers["blue"]
    assert [deployed(both, tenant).tenant_id for tenant in ("red", "blue", "red")] == ["red", "blue", "red"]
    one = red.create_process_instance("order", tenant_id="red")
    other = blue.create_process_instance("order", tenant_id="blue")
    assert (one.tenant_id, other.tenant_id) == ("red", "blue")
    assert one.process_definition_key != other.process_definition_key
    jobs = both.activate_jobs("charge", max_jobs_to_activate=10, job_timeout=60, tenant_ids=["blue", "red"])
    assert {(job.tenant_id, job.process_instance_key) for job in jobs} == {
        ("red", one.process_instance_key),
        ("blue", other.process_instance_key),
    }
    of_red, of_blue = sorted(jobs, key=lambda job: job.tenant_id, reverse=True)
    for stranger in (blue, callers["none"]):
        with pytest.raises(NotFound):  # recorded: another tenant's job is not there
            stranger.complete_job(of_red.job_key)
    red.complete_job(of_red.job_key)
    blue.fail_job(of_blue.job_key, retries=1)
    with pytest.raises(NotFound):
        red.cancel_process_instance(other.process_instance_key)
    blue.cancel_process_instance(other.process_instance_key)
    told = {
        record["value"]["tenantId"]
        for record in gateway.records()
        if record["valueType"] == "PROCESS_INSTANCE" and record["recordType"] == "EVENT"
    }
    assert told == {"red", "blue"}


def test_a_definition_of_another_tenant_is_not_there(callers: Callers) -> None:
    both = callers["both"]
    key = deployed(both, "red").processes[0].process_definition_key
    for how in ({"process_definition_id": "order"}, {"process_definition_key": key}):
        with pytest.raises(NotFound):
            both.create_process_instance(**how, tenant_id="blue")  # type: ignore[arg-type]
        assert both.create_process_instance(**how, tenant_id="red").tenant_id == "red"  # type: ignore[arg-type]
    assert deployed(both, "blue").processes[0].process_definition_version == 1, "versions are counted apart"


def test_messages_and_signals_reach_their_tenant_alone(callers: Callers) -> None:
    both = callers["both"]
    for tenant in ("red", "blue"):
        both.deploy_resource(("m.bpmn", MESSAGE.encode()), tenant_id=tenant)
    both.publish_message("begin", correlation_key="7", time_to_live=60, tenant_id="red")
    both.broadcast_signal("alarm", tenant_id="blue")
    found = both.activate_jobs("begun", max_jobs_to_activate=10, job_timeout=60, tenant_ids=["red", "blue"])
    assert sorted((job.process_definition_id, job.tenant_id) for job in found) == [
        ("by-message", "red"),
        ("by-signal", "blue"),
    ]


CALLS = {
    "create": lambda client, tenant: client.create_process_instance("order", tenant_id=tenant),
    "await": lambda client, tenant: client.create_process_instance_with_result("order", tenant_id=tenant),
    "deploy": deployed,
    "publish": lambda client, tenant: client.publish_message("m", correlation_key="c", tenant_id=tenant),
    "signal": lambda client, tenant: client.broadcast_signal("s", tenant_id=tenant),
    "decide": lambda client, tenant: client.evaluate_decision("d", tenant_id=tenant),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_foreign_tenant_has_the_same_class_on_both_wires(callers: Callers, call: str) -> None:
    for who, tenant in (("red", "blue"), ("none", "red"), ("red", DEFAULT), ("both", "green")):
        with pytest.raises(PermissionDenied, match="tenant is not authorized to perform this request"):
            CALLS[call](callers[who], tenant)


@pytest.mark.parametrize("call", CALLS)
def test_no_tenant_and_what_cannot_be_one_are_refused(callers: Callers, call: str) -> None:
    said = {
        None: "no tenant identifier was provided",
        "a b!": "contains illegal characters",
        "t" * 32: "is longer than 31 characters",
    }
    for tenant, text in said.items():
        with pytest.raises(InvalidArgument, match=text):
            CALLS[call](callers["both"], tenant)


def test_jobs_of_a_foreign_tenant(callers: Callers, gateway: EmbeddedGateway, wire: str) -> None:
    deployed(callers["red"], "red")
    callers["red"].create_process_instance("order", tenant_id="red")
    ask = {"max_jobs_to_activate": 1, "job_timeout": 60, "request_timeout": -1}
    for who in ("blue", "none"):
        if (wire, gateway.dialect) == ("rest", "8.6"):  # as recorded: 200, and empty
            assert callers[who].activate_jobs("charge", tenant_ids=["red"], **ask) == []
        else:
            with pytest.raises(PermissionDenied):
                callers[who].activate_jobs("charge", tenant_ids=["red"], **ask)
    if (wire, gateway.dialect) != ("rest", "8.6"):
        with pytest.raises(InvalidArgument, match="no tenant identifiers were provided"):
            callers["red"].activate_jobs("charge", **ask)
    assert len(callers["red"].activate_jobs("charge", tenant_ids=["red"], **ask)) == 1


def test_all_tenants_of_a_caller_by_the_filter(identity: IdentityProvider, wire: str) -> None:
    check = TokenCheck(identity.issuer, tenants="tenants")
    with EmbeddedGateway(dialect="8.9", tenants=["red", "blue"], auth=check) as gateway:
        callers = Callers(gateway, identity, wire)
        for tenant in ("red", "blue"):
            deployed(callers["both"], tenant)
            callers["both"].create_process_instance("order", tenant_id=tenant)
        for who, there in (("none", set()), ("red", {"red"}), ("both", {"blue"})):
            found = callers[who].activate_jobs(
                "charge", max_jobs_to_activate=9, job_timeout=60, request_timeout=-1, tenant_filter="ASSIGNED"
            )
            assert {job.tenant_id for job in found} == there
        callers.close()


@pytest.mark.parametrize("stream", [False, True], ids=["polls", "streams"])
def test_workers_for_one_tenant_the_other_both_and_none(
    callers: Callers, gateway: EmbeddedGateway, stream: bool
) -> None:
    done: dict[str, set[str]] = {"red": set(), "blue": set(), "both": set()}

    async def run() -> None:
        async with contextlib.AsyncExitStack() as stack:
            clients = {
                who: await stack.enter_async_context(bridge.AsyncClient(**callers.settings(who)))
                for who in done
            }
            both = clients["both"]
            content = model("order", process="order", charge="charge", ship="ship")
            for tenant in ("red", "blue"):
                await both.deploy_resource(("order.bpmn", content), tenant_id=tenant)
            started, workers = [], []
            for who, client in clients.items():
                kind = "charge" if who != "both" else "ship"
                worker = Worker(client, name=who)

                @worker.task(kind, tenant_ids=CLIENTS[who], stream=stream)
                async def handle(job: Job) -> None:
                    done[job.worker].add(job.tenant_id)

                started.append(worker)
                workers.append(asyncio.ensure_future(worker.work()))
            results = await asyncio.gather(
                *(
                    both.create_process_instance_with_result(
                        "order", tenant_id=tenant, request_timeout=60, timeout=70
                    )
                    for tenant in ("red", "blue", "red", "blue")
                )
            )
            assert [result.tenant_id for result in results] == ["red", "blue", "red", "blue"]
            for worker in started:
                worker.stop(grace=5)
            await asyncio.sleep(0)
            gateway.end_polls()
            await asyncio.gather(*workers)

    asyncio.run(asyncio.wait_for(run(), 120))
    assert done == {"red": {"red"}, "blue": {"blue"}, "both": {"red", "blue"}}


def test_a_worker_of_a_foreign_tenant_says_so_and_ends(
    callers: Callers, gateway: EmbeddedGateway, wire: str
) -> None:
    if (wire, gateway.dialect) == ("rest", "8.6"):
        pytest.skip("REST of 8.6 answers that there are no jobs")

    async def run() -> None:
        async with bridge.AsyncClient(**callers.settings("none")) as client:
            worker = Worker(client)

            @worker.task("charge", tenant_ids=["red"])
            async def handle(job: Job) -> None: ...

            with pytest.raises(PermissionDenied):
                await worker.work()

    asyncio.run(asyncio.wait_for(run(), 60))


def test_the_default_tenant_of_a_client_is_in_every_call(callers: Callers) -> None:
    with bridge.Client(**callers.settings("both"), tenant_id="blue") as client:
        assert deployed(client, None).tenant_id == "blue"  # type: ignore[arg-type]
        assert client.create_process_instance("order").tenant_id == "blue"
        with pytest.raises(NotFound):
            client.create_process_instance("order", tenant_id="red")
        (job,) = client.activate_jobs("charge", max_jobs_to_activate=5, job_timeout=60)
        assert job.tenant_id == "blue"
    environment = {"CAMUNDA_DEFAULT_TENANT_ID": "red"}
    with bridge.Client(**callers.settings("both"), env=environment) as client:
        assert deployed(client, None).tenant_id == "red"  # type: ignore[arg-type]
    with bridge.Client(**callers.settings("both"), env=environment, tenant_id="blue") as client:
        assert client.create_process_instance("order").tenant_id == "blue", "what code says comes first"


def test_searches_show_the_rows_of_the_callers_tenants(identity: IdentityProvider) -> None:
    check = TokenCheck(identity.issuer, tenants="tenants")
    with EmbeddedGateway(dialect="8.9", tenants=["red", "blue"], auth=check) as gateway:
        callers = Callers(gateway, identity, "rest")
        keys = {}
        for tenant in ("red", "blue"):
            deployed(callers["both"], tenant)
            keys[tenant] = callers["both"].create_process_instance(
                "order", variables={"x": tenant}, tenant_id=tenant
            )
        for who, there in (("none", set()), ("red", {"red"}), ("both", {"red", "blue"})):
            client = callers[who]
            assert {row.tenant_id for row in client.search_process_instances()} == there
            assert {row.tenant_id for row in client.search_process_definitions()} == there
            assert {row.tenant_id for row in client.search_jobs()} == there
            assert {row.tenant_id for row in client.search_element_instances()} == there
            assert {row.value for row in client.search_variables()} == {f'"{name}"' for name in there}
        found = callers["red"].get_process_instance(keys["red"].process_instance_key)
        assert found.tenant_id == "red"
        with pytest.raises(NotFound):
            callers["red"].get_process_instance(keys["blue"].process_instance_key)
        callers.close()


def test_without_a_check_of_tokens_every_tenant_is_open(wire: str) -> None:
    with EmbeddedGateway(tenants=["red"]) as gateway:
        settings = {f"{wire}_address": getattr(gateway, f"{wire}_address")}
        with bridge.Client(**settings) as client:  # type: ignore[arg-type]
            for tenant in (DEFAULT, "red"):
                assert deployed(client, tenant).tenant_id == tenant
                assert client.create_process_instance("order", tenant_id=tenant).tenant_id == tenant
            with pytest.raises(PermissionDenied):
                client.create_process_instance("order", tenant_id="blue")
        mock = gateway.mock_worker("charge")
        assert mock.count == 2, "mocks work for every tenant"


def test_a_gateway_without_tenants_refuses_them_before_anything_happens(wire: str) -> None:
    with EmbeddedGateway() as gateway:
        settings = {f"{wire}_address": getattr(gateway, f"{wire}_address")}
        with bridge.Client(**settings) as client:  # type: ignore[arg-type]
            for call in CALLS.values():
                with pytest.raises(InvalidArgument, match="multi-tenancy is disabled"):
                    call(client, "red")


def test_timers_of_every_tenant_follow_the_clock() -> None:
    with (
        EmbeddedGateway(tenants=["red", "blue"]) as gateway,
        bridge.Client(rest_address=gateway.rest_address) as client,
    ):
        content = model("timer", process="timer", job="late", duration="PT9H")
        for tenant in (DEFAULT, "red", "blue"):
            client.deploy_resource(("timer.bpmn", content), tenant_id=tenant)
            client.create_process_instance("timer", tenant_id=tenant)
        before = [r["value"]["tenantId"] for r in gateway.records() if r["valueType"] == "JOB"]
        gateway.advance("10h")
        after = {r["value"]["tenantId"] for r in gateway.records() if r["intent"] == "TRIGGERED"}
        assert (before, after) == ([], {DEFAULT, "red", "blue"})


@pytest.mark.parametrize("tenants", ["red", ["a b"], [""], ["t" * 32], [7], [DEFAULT], 7])
def test_a_bad_tenant_is_named(tenants: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^tenants"):
        EmbeddedGateway(tenants=tenants)


def test_one_tenant_costs_nothing_for_there_being_others() -> None:
    with EmbeddedGateway() as gateway, bridge.Client(rest_address=gateway.rest_address) as client:
        first = deployed(client, DEFAULT).processes[0].process_definition_key
        assert int(first) == (1 << 51) + 2, "keys are those of a gateway without tenants"


def test_a_topology_is_no_tenants(callers: Callers) -> None:
    assert callers["none"].topology().gateway_version.startswith("8.")


def test_rest_says_what_was_recorded(identity: IdentityProvider) -> None:
    check = TokenCheck(identity.issuer, tenants="tenants")
    with EmbeddedGateway(tenants=["red", "blue"], auth=check) as gateway:

        def asked(who: str, **body: Any) -> tuple[int, str, str]:
            headers = {"Authorization": f"Bearer {identity.token(client=who)}"}
            body = {"processDefinitionId": "mt", "processDefinitionVersion": -1, **body}
            path = f"{gateway.rest_address}/v2/process-instances"
            found = requests.post(path, json=body, headers=headers, timeout=20)
            return found.status_code, found.json()["title"], found.json()["detail"]

        about = "Expected to handle request Create Process Instance with tenant identifier"
        assert asked("both") == (
            400,
            "INVALID_ARGUMENT",
            f"{about} 'null', but no tenant identifier was provided.",
        )
        assert asked("both", tenantId="a b!") == (
            400,
            "INVALID_ARGUMENT",
            f"{about} 'a b!', but tenant identifier contains illegal characters.",
        )
        assert asked("both", tenantId="t" * 32) == (
            400,
            "INVALID_ARGUMENT",
            f"{about} '{'t' * 32}', but tenant identifier is longer than 31 characters.",
        )
        assert asked("red", tenantId="blue") == (
            401,
            "UNAUTHORIZED",
            f"{about} 'blue', but tenant is not authorized to perform this request",
        )
        assert asked("default", tenantId=DEFAULT)[:2] == (404, "NOT_FOUND")


MESSAGE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
             targetNamespace="t" id="d">
  <message id="m" name="begin" /><signal id="s" name="alarm" />
  <process id="by-message" isExecutable="true">
    <startEvent id="a"><messageEventDefinition id="am" messageRef="m" /></startEvent>
    <sequenceFlow id="af" sourceRef="a" targetRef="at" />
    <serviceTask id="at"><extensionElements><zeebe:taskDefinition type="begun" /></extensionElements></serviceTask>
  </process>
  <process id="by-signal" isExecutable="true">
    <startEvent id="b"><signalEventDefinition id="bs" signalRef="s" /></startEvent>
    <sequenceFlow id="bf" sourceRef="b" targetRef="bt" />
    <serviceTask id="bt"><extensionElements><zeebe:taskDefinition type="begun" /></extensionElements></serviceTask>
  </process>
</definitions>
"""


@pytest.mark.parametrize("dialect", ["8.6", "8.9"])
async def test_a_physical_tenant_is_refused_early_by_a_cluster_that_knows_none(
    wire: str, dialect: str
) -> None:
    with EmbeddedGateway(dialect=dialect) as gateway:
        settings: dict[str, Any] = {f"{wire}_address": getattr(gateway, f"{wire}_address"), "retry": NO_RETRY}
        with bridge.Client(**settings, physical_tenant="north") as client:
            with pytest.raises(CamundaError) as refused:
                await asyncio.to_thread(client.publish_message, "m", correlation_key="c")
            assert refused.value.grpc_code == "UNIMPLEMENTED"
        async with bridge.AsyncClient(**settings, physical_tenant="north") as aio:
            with pytest.raises(CamundaError) as refused:
                await aio.publish_message("m", correlation_key="c")
            worker = Worker(aio)

            @worker.task("charge")
            async def handle(job: Job) -> None: ...

            with pytest.raises(CamundaError) as refused:
                await asyncio.wait_for(worker.work(), 60)
            assert refused.value.grpc_code == "UNIMPLEMENTED"
        assert gateway.records() == [], "nothing has happened"
        with pytest.raises(ConfigurationError, match=r"physical_tenant needs Camunda 8\.10"):
            bridge.Client(**settings, physical_tenant="north", cluster_version=dialect)


def test_a_physical_tenant_of_a_cluster_that_has_it(wire: str) -> None:
    with EmbeddedGateway(dialect="8.10") as gateway:
        settings: dict[str, Any] = {f"{wire}_address": getattr(gateway, f"{wire}_address")}
        with bridge.Client(**settings, physical_tenant="default") as client:
            assert client.deploy_resource(("m.bpmn", MESSAGE.encode())).processes
            assert client.publish_message("m", correlation_key="c").message_key
