from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import bridge
from bridge._table.mapping import ROWS
from bridge.routing import JobOrigins, Routes
from camunda_core.errors import ConfigurationError, Unavailable
from camunda_core.retry import NO_RETRY
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from tests.fakes.grpc import Answer, ScriptedGateway
from tests.fakes.rest_jobs import JobGateway


def read(routes: Any = None, rest: bool = True, grpc: bool = True, **more: Any) -> Routes:
    return Routes.read(routes, rest=rest, grpc=grpc, **more)


def test_without_a_word_everything_goes_over_the_wire_that_is_there() -> None:
    assert read(grpc=False).wires() == {"rest"}
    assert read(rest=False).wires() == {"grpc"}


def test_with_both_wires_only_what_rest_would_emulate_stays_on_grpc() -> None:
    routes = read()
    assert {rpc for rpc in ROWS if routes.of(rpc) == "grpc"} == {"StreamActivatedJobs"}
    assert read("rest, StreamActivatedJobs=rest").of("StreamActivatedJobs") == "rest"


@pytest.mark.parametrize("wire", ["rest", "grpc"])
@pytest.mark.parametrize(
    "said",
    [
        {"routes": "{wire}"},
        {"routes": " {wire} "},
        {"routes": "*={wire}"},
        {"routes": {"*": "{wire}"}},
        {"routes": "{wire}, Topology=rest"},
        {"routes": Routes("{wire}")},
        {"default": "{wire}"},
        {"default": "{wire}", "routes": "Topology=rest"},
    ],
)
def test_a_wire_that_is_named_for_everything_serves_job_streams_too(said: dict[str, Any], wire: str) -> None:
    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: filled(each) for name, each in value.items()}
        return Routes(wire) if isinstance(value, Routes) else value.format(wire=wire)

    routes = read(**filled(said))
    assert {routes.of(rpc) for rpc in ROWS if rpc != "Topology"} == {wire}


@pytest.mark.parametrize(
    "rest_named", ["transport", "CAMUNDA_BRIDGE_TRANSPORT", "CAMUNDA_PREFER_REST", "routes"]
)
def test_every_way_of_naming_rest_holds_for_job_streams(
    rest_named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {"rest_address": "http://h", "grpc_address": "h:1"}
    if rest_named.startswith("CAMUNDA"):
        monkeypatch.setenv(rest_named, "true" if rest_named.endswith("PREFER_REST") else "rest")
    else:
        given[rest_named] = "rest"
    with bridge.Client(**given) as client:
        assert str(client.routes) == "rest"
        assert client.routes.wires() == {"rest"}
    with pytest.raises(ConfigurationError, match="StreamActivatedJobs cannot be served in full over REST"):
        bridge.Client(**given, strict=True)


def test_routes_that_name_no_wire_for_everything_leave_job_streams_on_grpc() -> None:
    for routes in (None, "", {}, "job:a=rest", {"job:a": "rest"}, "Topology=rest"):
        assert read(routes).of("StreamActivatedJobs") == "grpc"
        assert read(routes, grpc=False).wires() == {"rest"}
    assert read("job:a=rest").of("StreamActivatedJobs", "a") == "rest"


@pytest.mark.parametrize(
    "routes",
    [
        "grpc, CompleteJob=rest, job:charge=rest",
        "grpc; CompleteJob=rest; job:charge=rest",
        {"*": "grpc", "CompleteJob": "rest", "job:charge": "rest"},
        read("grpc, CompleteJob=rest, job:charge=rest"),
    ],
)
def test_a_line_and_a_mapping_say_the_same(routes: Any) -> None:
    chosen = read(routes)
    assert chosen.of("CompleteJob") == "rest"
    assert chosen.of("FailJob") == "grpc"
    assert chosen.of("ActivateJobs", "charge") == "rest"
    assert chosen.of("ActivateJobs", "ship") == "grpc"
    assert read(str(chosen)) == chosen


def test_a_routing_prints_as_the_line_that_makes_it() -> None:
    assert str(read("rest, Topology=grpc")) == "rest, Topology=grpc"
    assert str(read("Topology=grpc")) == "rest, Topology=grpc, StreamActivatedJobs=grpc"


@pytest.mark.parametrize(
    ("routes", "text"),
    [
        ("rest, CompletJob=grpc", "did you mean CompleteJob"),
        ("rest, CompleteJob=soap", "one of rest, grpc, off"),
        ("rest, CompleteJob=rest, CompleteJob=grpc", "given twice"),
        ("rest, grpc", "the default is given twice"),
    ],
)
def test_a_line_that_says_nothing_is_refused_by_name(routes: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        read(routes)


def test_a_route_to_a_wire_without_an_address_is_refused_when_the_channel_is_made() -> None:
    with pytest.raises(
        ConfigurationError, match="route Topology=grpc needs a grpc address: give grpc_address"
    ):
        bridge.channel("http://127.0.0.1:1", routes="rest, Topology=grpc")
    with pytest.raises(ConfigurationError, match=r"job:charge=grpc needs a grpc address"):
        bridge.channel("http://127.0.0.1:1", routes="job:charge=grpc")


def test_routes_come_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMUNDA_BRIDGE_ROUTES", "rest, SetVariables=off")
    with bridge.channel("http://127.0.0.1:1") as channel:
        assert str(channel.routes) == "rest, SetVariables=off"  # type: ignore[attr-defined]
    with bridge.channel("http://127.0.0.1:1", routes="rest") as channel:
        assert str(channel.routes) == "rest"  # type: ignore[attr-defined]


def test_an_address_in_code_never_meets_one_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMUNDA_GRPC_ADDRESS", "grpc://127.0.0.1:2")
    with bridge.channel("http://127.0.0.1:1") as channel:
        assert channel.routes.wires() == {"rest"}  # type: ignore[attr-defined]
    monkeypatch.setenv("CAMUNDA_REST_ADDRESS", "http://127.0.0.1:3")
    with bridge.channel() as channel:
        assert channel.routes.wires() == {"rest", "grpc"}  # type: ignore[attr-defined]


def test_no_address_at_all_names_the_ways_to_give_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "CAMUNDA_REST_ADDRESS",
        "CAMUNDA_GRPC_ADDRESS",
        "ZEEBE_REST_ADDRESS",
        "ZEEBE_GRPC_ADDRESS",
        "ZEEBE_ADDRESS",
    ):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match="CAMUNDA_REST_ADDRESS"):
        bridge.channel()


def test_the_memory_of_jobs_is_bounded() -> None:
    wires = JobOrigins(limit=2)
    wires.brought([1, 2, 3], "rest")
    assert [wires.answering(key) for key in (1, 2, 3)] == [None, "rest", "rest"]


@pytest.fixture
def native() -> Iterator[ScriptedGateway]:
    gateway = ScriptedGateway()
    try:
        yield gateway
    finally:
        gateway.stop()


def test_one_channel_sends_each_rpc_where_its_route_says(native: ScriptedGateway) -> None:
    native.script["Topology"] = [Answer((pb.TopologyResponse(gatewayVersion="native"),))]
    with (
        JobGateway() as rest,
        bridge.channel(
            rest.address, grpc_address=f"127.0.0.1:{native.port}", routes="rest, Topology=grpc"
        ) as channel,
    ):
        stub = stubs.GatewayStub(channel)
        assert stub.Topology(pb.TopologyRequest()).gatewayVersion == "native"
        assert (
            stub.CreateProcessInstance(pb.CreateProcessInstanceRequest(bpmnProcessId="p")).processInstanceKey
            == 7
        )
        assert [call.rpc for call in native.calls] == ["Topology"]


def test_a_job_is_answered_on_the_wire_that_brought_it(native: ScriptedGateway) -> None:
    job = pb.ActivatedJob(key=500, type="native")
    native.script["ActivateJobs"] = [Answer((pb.ActivateJobsResponse(jobs=[job]),))]
    native.script["CompleteJob"] = [Answer()]
    with (
        JobGateway() as rest,
        bridge.channel(
            rest.address, grpc_address=f"127.0.0.1:{native.port}", routes="rest, job:native=grpc"
        ) as channel,
    ):
        stub = stubs.GatewayStub(channel)
        rest.add(job_type="work")
        for job_type in ("native", "work"):
            request = pb.ActivateJobsRequest(type=job_type, timeout=1000, maxJobsToActivate=1)
            for message in stub.ActivateJobs(request):
                stub.CompleteJob(pb.CompleteJobRequest(jobKey=message.jobs[0].key))
        assert rest.completed == ["1"]
        assert [call.rpc for call in native.calls] == ["ActivateJobs", "CompleteJob"]


def test_there_is_no_fallback_from_one_wire_to_the_other(native: ScriptedGateway) -> None:
    with bridge.channel(
        "http://127.0.0.1:1", grpc_address=f"127.0.0.1:{native.port}", retry=NO_RETRY
    ) as channel:
        with pytest.raises(Unavailable):
            stubs.GatewayStub(channel).Topology(pb.TopologyRequest())
        assert native.calls == []
