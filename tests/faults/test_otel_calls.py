"""What an OpenTelemetry SDK gets to see of client calls: read back with its own in-memory reader and exporter."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, Metric
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from camunda_core.errors import Unavailable
from camunda_core.otel import ACTIVE, HTTP_DURATION, REPEATED, RPC_DURATION, OpenTelemetryCalls
from camunda_worker.otel import OpenTelemetryObserver
from tests.fakes.grpc import Abort, Answer
from tests.fakes.rest import answer, problem
from tests.faults.observed_sides import SIDES, TOPOLOGY, Servers, Side, servers

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = ROOT / "docs" / "howto" / "observability-dashboard.json"
GONE = Abort(grpc.StatusCode.UNAVAILABLE, "no leader")
ON = pytest.mark.parametrize(("wire", "call"), SIDES.values(), ids=list(SIDES))


class Sdk:
    """Providers whose spans and metrics can be read back."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider(metric_readers=[self.reader])

    def observer(self, **given: Any) -> OpenTelemetryCalls:
        return OpenTelemetryCalls(self.tracers, self.meters, **given)

    def spans(self, name: str = "camunda_core") -> list[ReadableSpan]:
        found = self.exporter.get_finished_spans()
        return [
            each
            for each in found
            if each.instrumentation_scope is not None and each.instrumentation_scope.name == name
        ]

    def metrics(self) -> dict[str, Metric]:
        data = self.reader.get_metrics_data()
        resources = data.resource_metrics if data is not None else []
        return {
            metric.name: metric
            for resource in resources
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }


@pytest.fixture
def sdk() -> Sdk:
    return Sdk()


@pytest.fixture
def to() -> Iterator[Servers]:
    with servers() as made:
        made.rest.script(answer(200, TOPOLOGY))
        yield made


def fails_once(to: Servers) -> None:
    to.rest.script(problem(503, "no leader"), answer(200, TOPOLOGY))
    to.grpc.script["Topology"] = [GONE, Answer()]


def expected(to: Servers, wire: str) -> dict[str, Any]:
    if wire == "rest":
        return {
            "camunda.operation": "getTopology",
            "server.address": "127.0.0.1",
            "server.port": to.rest.port,
            "http.request.method": "GET",
            "url.template": "/topology",
        }
    return {
        "camunda.operation": "Topology",
        "server.address": "127.0.0.1",
        "server.port": to.grpc.port,
        "rpc.system.name": "grpc",
        "rpc.method": "gateway_protocol.Gateway/Topology",
    }


@ON
def test_an_attempt_is_a_client_span_of_the_semantic_conventions(
    to: Servers, sdk: Sdk, wire: str, call: Side
) -> None:
    call(to, observers=[sdk.observer()])
    (span,) = sdk.spans()
    assert span.name == ("GET /topology" if wire == "rest" else "gateway_protocol.Gateway/Topology")
    assert (span.kind, span.status.status_code) == (SpanKind.CLIENT, StatusCode.UNSET)
    attributes = dict(span.attributes or {})
    assert attributes.pop("camunda.correlation_id")
    status = {"http.response.status_code": 200} if wire == "rest" else {"rpc.response.status_code": "OK"}
    assert attributes == {**expected(to, wire), **status}


@ON
def test_the_context_goes_with_the_call_and_the_span_is_in_the_callers_trace(
    to: Servers, sdk: Sdk, wire: str, call: Side
) -> None:
    fails_once(to)
    with sdk.tracers.get_tracer("program").start_as_current_span("order") as order:
        call(to, observers=[sdk.observer()])
    spans = sdk.spans()
    trace = f"{order.get_span_context().trace_id:032x}"
    sent = [each["traceparent"].rpartition("-")[0] for each in to.headers(wire)]
    assert sent == [f"00-{trace}-{each.context.span_id:016x}" for each in spans if each.context]
    assert [each.parent.span_id for each in spans if each.parent] == [order.get_span_context().span_id] * 2


@ON
def test_a_failed_attempt_is_an_error_and_the_next_one_is_counted(
    to: Servers, sdk: Sdk, wire: str, call: Side
) -> None:
    fails_once(to)
    call(to, observers=[sdk.observer()])
    first, second = sdk.spans()
    assert (first.status.status_code, second.status.status_code) == (StatusCode.ERROR, StatusCode.UNSET)
    assert dict(first.attributes or {})["error.type"] == "Unavailable"
    again = dict(second.attributes or {})
    assert again["http.request.resend_count" if wire == "rest" else "camunda.attempt"] == (
        1 if wire == "rest" else 2
    )
    found = sdk.metrics()
    durations = found[HTTP_DURATION if wire == "rest" else RPC_DURATION].data.data_points
    key = "http.response.status_code" if wire == "rest" else "rpc.response.status_code"
    outcomes = {point.attributes[key]: point for point in durations}  # type: ignore[index]
    assert set(outcomes) == ({503, 200} if wire == "rest" else {"UNAVAILABLE", "OK"})
    assert {point.count for point in outcomes.values()} == {1}  # type: ignore[union-attr]
    assert [point.value for point in found[ACTIVE].data.data_points] == [0]  # type: ignore[union-attr]
    assert [point.value for point in found[REPEATED].data.data_points] == [1]  # type: ignore[union-attr]
    assert not any("camunda.correlation_id" in (point.attributes or {}) for point in durations)


@ON
def test_a_call_that_fails_for_good_leaves_no_span_open(to: Servers, sdk: Sdk, wire: str, call: Side) -> None:
    to.rest.script(problem(503, "no leader"))
    to.grpc.script["Topology"] = [GONE]
    with pytest.raises(Unavailable) as caught:
        call(to, observers=[sdk.observer()])
    spans = sdk.spans()
    assert len(spans) == 3
    assert {dict(each.attributes or {})["camunda.correlation_id"] for each in spans} == {
        caught.value.correlation_id
    }
    assert [point.value for point in sdk.metrics()[ACTIVE].data.data_points] == [0]  # type: ignore[union-attr]


@ON
def test_spans_and_metrics_can_be_left_out(to: Servers, sdk: Sdk, wire: str, call: Side) -> None:
    call(to, observers=[sdk.observer(metrics=False)])
    assert len(sdk.spans()) == 1
    assert sdk.metrics() == {}
    call(to, observers=[sdk.observer(spans=False)])
    assert len(sdk.spans()) == 1
    assert set(sdk.metrics()) == {ACTIVE, HTTP_DURATION if wire == "rest" else RPC_DURATION}
    assert "traceparent" not in to.headers(wire)[-1]


def test_without_the_library_the_error_says_what_to_install() -> None:
    script = (
        "import sys\n"
        "sys.modules['opentelemetry'] = None\n"
        "from camunda_core.otel import OpenTelemetryCalls\n"
        "try:\n    OpenTelemetryCalls()\n"
        "except Exception as error:\n    print(type(error).__name__, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.startswith(
        "ConfigurationError camunda_core.otel needs OpenTelemetry: install camunda-bridge[otel]"
    )


def observe_a_worker(sdk: Sdk) -> None:
    """Everything that a worker's observer can be told, once."""
    observer = OpenTelemetryObserver(sdk.meters)
    observer.activated("work", 4, "poll")
    observer.started("work", 0.1)
    for outcome in ("completed", "expired", "yielded"):
        observer.finished("work", outcome, 0.1 if outcome == "completed" else None)
    error = Unavailable("no")
    observer.poll_failed("work", error)
    observer.stream_opened("work")
    observer.stream_ended("work", error)
    observer.answer_repeated("work", error)


def of_worker(name: str, unit: str) -> set[str]:
    """The names that Prometheus has for a metric of a worker."""
    prometheus = name.replace(".", "_")
    if unit == "s":
        return {f"{prometheus}_seconds_{part}" for part in ("bucket", "count", "sum")}
    return {prometheus if name.endswith(".running") else f"{prometheus}_total"}


def test_the_dashboard_asks_for_metrics_and_labels_that_exist(to: Servers, sdk: Sdk) -> None:
    fails_once(to)
    for side in ("RestClient", "channel"):
        SIDES[side][1](to, observers=[sdk.observer()])
    exported: set[str] = set()
    labels = {"le"}
    for name, metric in sdk.metrics().items():
        prometheus = name.replace(".", "_")
        if name in (HTTP_DURATION, RPC_DURATION):
            exported |= {f"{prometheus}_seconds_{part}" for part in ("bucket", "count", "sum")}
        else:
            exported.add(f"{prometheus}_total" if name == REPEATED else prometheus)
        for point in metric.data.data_points:
            labels |= {label.replace(".", "_") for label in point.attributes or {}}
    observe_a_worker(sdk)
    for name, metric in sdk.metrics().items():
        if name.startswith("camunda.client.worker."):
            exported |= of_worker(name, metric.unit)
            for point in metric.data.data_points:
                labels |= set(point.attributes or {})
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    asked = " ".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
    named = set(re.findall(r"\b(?:http|rpc|camunda)_client_\w+", asked))
    assert named <= exported
    assert {each.rpartition("_")[0] for each in named} >= {"http_client_request_duration_seconds"}
    assert any(each.startswith("camunda_client_worker_") for each in named)
    by = {each.strip() for group in re.findall(r"by \(([^)]*)\)", asked) for each in group.split(",")}
    assert by | set(re.findall(r"(\w+)(?:=~|!=)", asked)) <= labels


def test_the_page_names_every_metric() -> None:
    page = (ROOT / "docs" / "howto" / "observability.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([\w.]+)` \|", page, re.MULTILINE)) == {
        HTTP_DURATION,
        RPC_DURATION,
        ACTIVE,
        REPEATED,
    }
