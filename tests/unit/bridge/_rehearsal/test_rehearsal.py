"""The rehearsal around a channel: it alters nothing, keeps no values, counts by RPC and place, and reports."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from google.protobuf.descriptor import FieldDescriptor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

import bridge
import camunda_grpc
from bridge._rehearsal import rehearsal as module
from bridge._rehearsal.judging import Judge
from bridge._rehearsal.sites import WORKER
from bridge._table.mapping import ROWS
from bridge._table.transcode import classes_of
from camunda_core.errors import ConfigurationError
from camunda_embedded import EmbeddedGateway
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from camunda_worker import Job, Worker
from tests.gateways.models import model

SECRET = "s3cr3t-that-nobody-keeps"


@pytest.fixture(scope="module")
def gateway() -> Iterator[EmbeddedGateway]:
    with EmbeddedGateway() as running:
        yield running


@pytest.fixture
def channel(gateway: EmbeddedGateway) -> Iterator[Any]:
    with bridge.rehearse(grpc.insecure_channel(gateway.grpc_address)) as made:
        yield made


def test_calls_are_counted_by_rpc_and_place_and_answered_as_ever(channel: Any) -> None:
    stub = stubs.GatewayStub(channel)
    assert stub.Topology(pb.TopologyRequest()).gatewayVersion
    answer, call = stub.PublishMessage.with_call(pb.PublishMessageRequest(name="m", correlationKey="c"))
    assert answer.key
    assert call.code() is grpc.StatusCode.OK
    assert stub.Topology.future(pb.TopologyRequest()).result(10).clusterSize == 1
    report = channel.rehearsal.report()
    assert report.judged == 3
    assert report.version == "8.6"
    assert not report.blocking
    places = {site for _, site in report.calls}
    assert len(places) == 3
    assert all(f"{Path(__file__).name}:" in site for site in places)
    assert all("test_calls_are_counted" in site for site in places)


def test_what_stands_in_the_way_is_found_logged_once_and_told(
    gateway: EmbeddedGateway, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[tuple[str, str, str]] = []
    rehearsal = bridge.Rehearsal(
        cluster_version="8.6", on_finding=lambda rpc, site, name: told.append((rpc, site, name))
    )
    with (
        caplog.at_level(logging.WARNING, "bridge.rehearsal"),
        bridge.rehearse(grpc.insecure_channel(gateway.grpc_address), rehearsal) as channel,
    ):
        stub = stubs.GatewayStub(channel)
        for _ in range(3):
            stub.PublishMessage(pb.PublishMessageRequest(name="m", correlationKey="c", businessId="b"))
        report = rehearsal.report()
    (found,) = report.blocking
    assert (found.rpc, found.count, found.finding.name) == ("PublishMessage", 3, "businessId")
    assert "8.10" in found.finding.text
    assert len(told) == 1
    assert len(caplog.records) == 1


def test_no_value_of_a_request_is_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rehearsal = bridge.Rehearsal(file=tmp_path / "report.json")
    texts = (
        SECRET,
        f'{{"{SECRET}": "{SECRET}"}}',
        f'["{SECRET}"]',
        f'{{"a": NaN, "{SECRET}": 1}}',
        '{"a": 1e400}',
    )
    with caplog.at_level(logging.DEBUG, "bridge.rehearsal"):
        for rpc in ROWS:
            for text in texts:
                rehearsal.sent(rpc, _filled(classes_of(rpc)[0], text).SerializeToString(), "here")
        report = rehearsal.report()
        rehearsal.close()
    assert report.judged == len(ROWS) * len(texts)
    assert report.blocking
    said = (report.markdown(), report.json(), (tmp_path / "report.json").read_text(), caplog.text)
    assert all(SECRET not in text for text in said)


def _filled(cls: Any, text: str) -> Any:
    """A message with the text wherever one may stand."""
    message = cls()
    for field in cls.DESCRIPTOR.fields:
        many = isinstance(
            getattr(message, field.name), type(pb.ActivateJobsRequest().fetchVariable)
        ) or hasattr(getattr(message, field.name), "append")
        if field.message_type is not None:
            inner = _filled(
                getattr(pb, field.message_type.name, None) or field.message_type._concrete_class, text
            )
            if many:
                getattr(message, field.name).append(inner)
            else:
                getattr(message, field.name).CopyFrom(inner)
        elif field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
            value: Any = text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text
            if many:
                getattr(message, field.name).append(value)
            else:
                setattr(message, field.name, value)
    return message


def tell(rehearsal: bridge.Rehearsal, rpc: str, data: bytes) -> None:
    """As a channel does."""
    if rehearsal.takes(data):
        rehearsal.sent(rpc, data, "here")


def test_a_sample_is_judged_and_the_rest_counted() -> None:
    rehearsal = bridge.Rehearsal(sample=0.25)
    for _ in range(2000):
        tell(rehearsal, "Topology", b"")
    report = rehearsal.report()
    assert report.judged + report.left_out["sampled out"] == 2000
    assert 350 < report.judged < 650  # five standard deviations either way


def test_what_is_too_large_or_too_much_is_counted_and_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    rehearsal = bridge.Rehearsal()
    tell(rehearsal, "DeployResource", b"x" * (2**20 + 1))
    monkeypatch.setattr(rehearsal, "_wake", lambda: None)  # the thread has no time
    monkeypatch.setattr(module, "_MOST", 10)
    for _ in range(15):
        tell(rehearsal, "Topology", b"")
    monkeypatch.undo()
    report = rehearsal.report()
    assert report.left_out == {"larger than 1 MiB": 1, "too many at once": 5}
    assert report.judged == 10


def test_the_file_is_for_people_or_for_programs(tmp_path: Path) -> None:
    for name in ("report.md", "report.json"):
        rehearsal = bridge.Rehearsal(file=tmp_path / name, cluster_version="8.6")
        rehearsal.sent(
            "CompleteJob", pb.CompleteJobRequest(jobKey=1, variables="[1]").SerializeToString(), "a.py:1 in f"
        )
        rehearsal.close()
    assert "| 1 | CompleteJob | `a.py:1 in f` | variables |" in (tmp_path / "report.md").read_text()
    (finding,) = (
        each for each in json.loads((tmp_path / "report.json").read_text())["findings"] if each["blocking"]
    )
    assert (finding["rpc"], finding["name"], finding["count"]) == ("CompleteJob", "variables", 1)


def test_opentelemetry_counts_too() -> None:
    reader = InMemoryMetricReader()
    rehearsal = bridge.Rehearsal(metrics=MeterProvider(metric_readers=[reader]), cluster_version="8.6")
    rehearsal.sent("CompleteJob", pb.CompleteJobRequest(variables="[1]").SerializeToString(), "here")
    rehearsal.settle()
    data: Any = reader.get_metrics_data()
    metrics = data.resource_metrics[0].scope_metrics[0].metrics
    values = {each.name: each.data.data_points[0] for each in metrics}
    assert values["camunda.rehearsal.requests"].attributes["camunda.blocked"] is True
    assert values["camunda.rehearsal.findings"].attributes["camunda.finding"] == "variables"


def test_without_a_version_everything_newer_is_a_finding() -> None:
    request = pb.CreateProcessInstanceRequest(bpmnProcessId="p", version=-1, tags=["a"])
    assert [each.name for each in Judge("CreateProcessInstance").judged(request, None)] == ["tags"]
    assert not any(each.blocking for each in Judge("CreateProcessInstance").judged(request, (8, 8)))


def test_a_clients_calls_are_rehearsed_and_those_of_its_workers(gateway: EmbeddedGateway) -> None:
    async def play() -> Any:
        async with bridge.AsyncClient(grpc_address=gateway.grpc_address, rehearse=True) as client:
            await asyncio.gather(client.topology(), client.topology())
            await client.deploy_resource(
                ("r.bpmn", model("order", process="rehearsed", charge="rc", ship="rs"))
            )
            worker = Worker(client)

            @worker.task("rc")
            async def charge(job: Job) -> None:
                worker.stop()

            await client.create_process_instance("rehearsed")
            await asyncio.wait_for(worker.work(), 60)
            assert client.rehearsal is not None
            return await asyncio.to_thread(client.rehearsal.report)

    report = asyncio.run(play())
    sites = {rpc: {site for other, site in report.calls if other == rpc} for rpc, _ in report.calls}
    assert sites["CompleteJob"] == {WORKER}
    assert sites["ActivateJobs"] == {WORKER}
    (place,) = sites["Topology"]
    assert Path(__file__).name in place
    assert report.calls["Topology", place] == 2


async def test_a_channel_of_asyncio_tells_where_a_call_was_made(gateway: EmbeddedGateway) -> None:
    async with bridge.rehearse(grpc.aio.insecure_channel(gateway.grpc_address)) as channel:
        stub: Any = stubs.GatewayStub(channel)
        await stub.Topology(pb.TopologyRequest())
        async for _ in stub.ActivateJobs(
            pb.ActivateJobsRequest(type=" ", timeout=1, maxJobsToActivate=1, requestTimeout=-1)
        ):
            pass
        report = await asyncio.to_thread(channel.rehearsal.report)  # type: ignore[attr-defined]
    assert all(Path(__file__).name in site for _, site in report.calls)
    assert [each.finding.name for each in report.blocking] == ["blank-job-type"]


def test_every_kind_of_channel_can_be_rehearsed(gateway: EmbeddedGateway) -> None:
    with bridge.rehearse(camunda_grpc.channel(gateway.grpc_address)) as channel:
        stubs.GatewayStub(channel).Topology(pb.TopologyRequest())
        assert channel.rehearsal.report().judged == 1  # type: ignore[attr-defined]
    with bridge.channel(grpc_address=gateway.grpc_address, rehearse=True) as dropin:
        stubs.GatewayStub(dropin).Topology(pb.TopologyRequest())
        assert dropin.rehearsal is not None
        assert dropin.rehearsal.report().judged == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_child_process_rehearses_too() -> None:
    rehearsal = bridge.Rehearsal()
    rehearsal.sent("Topology", b"", "parent")
    rehearsal.settle()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            rehearsal.sent("Topology", b"", "child")
            code = 0 if ("Topology", "child") in rehearsal.report().calls else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: bridge.Rehearsal(sample=0), "sample must be above 0"),
        (lambda: bridge.Rehearsal(interval=0), "interval must be 0.001 s or more"),
        (lambda: bridge.Rehearsal(on_finding=3), "on_finding must be a function"),  # type: ignore[arg-type]
        (lambda: bridge.Rehearsal(cluster_version="new"), "cluster_version"),
        (lambda: bridge.rehearse("localhost"), "needs a channel of gRPC"),  # type: ignore[type-var]
        (lambda: bridge.Client(rest_address="http://localhost:1", rehearse=True), "nothing to rehearse"),
        (lambda: bridge.Client(grpc_address="localhost:1", rehearse=3), "rehearse must be"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_is_refused(make: Any, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        make()
