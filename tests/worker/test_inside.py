"""What a worker shows of itself while it does jobs of a real process: logs, spans, metrics, probe."""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import bridge
from camunda_worker import Job, JobFailure, JobLogFilter, Observer, Worker, current_job
from camunda_worker.otel import OpenTelemetryObserver, tracing
from tests.gateways.base import Gateway
from tests.gateways.process import wait_until
from tests.gateways.registry import on_gateways

ORDER = Path(__file__).resolve().parents[2] / "examples" / "order.bpmn"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
everywhere = on_gateways("embedded", "cluster", wires={"grpc", "rest"})
wires = pytest.mark.parametrize("wire", ["grpc", "rest"])
_numbers = itertools.count(1)


class Orders:
    """A process of its own with one task, and a client on one wire."""

    def __init__(self, gateway: Gateway, wire: str) -> None:
        self.client = (
            bridge.Client(grpc_address=gateway.grpc_address)
            if wire == "grpc"
            else bridge.Client(rest_address=gateway.rest_address)
        )
        self.process = f"inside-{wire}-{next(_numbers)}"
        model = ORDER.read_text(encoding="utf-8")
        model = model.replace('id="order"', f'id="{self.process}"').replace("charge-card", self.process)
        self.client.deploy_resource(("inside.bpmn", model.encode()))

    @property
    def job_type(self) -> str:
        return self.process

    def start(self, **variables: Any) -> None:
        self.client.create_process_instance(self.process, variables=variables)


class StopsAfter(Observer):
    """Stops its worker when so many jobs have ended."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.stop: Callable[[], None] = lambda: None

    def finished(self, job_type: str, outcome: str, seconds: float | None) -> None:
        self.left -= 1
        if self.left == 0:
            self.stop()


@contextlib.contextmanager
def orders(gateway: Gateway, wire: str) -> Iterator[Orders]:
    found = Orders(gateway, wire)
    with found.client:
        yield found


def work(orders: Orders, handler: Callable[..., Any], jobs: int, **options: Any) -> Worker:
    """Does so many jobs and stops."""
    end = StopsAfter(jobs)
    observers = [end, *options.pop("observers", ())]
    worker = Worker(orders.client, observers=observers, **options)
    worker.task(orders.job_type, timeout=60)(handler)
    end.stop = worker.stop
    overdue = threading.Timer(60, worker.stop)
    overdue.start()
    worker.run()
    overdue.cancel()
    assert end.left == 0, "the jobs were not done within a minute"
    return worker


@pytest.mark.parametrize("kind", ["coroutine function", "plain function"])
@everywhere
@wires
def test_what_a_handler_logs_carries_its_job(
    gateway: Gateway, wire: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(JobLogFilter())
    caplog.set_level(logging.INFO)
    logger = logging.getLogger("a-library-that-a-handler-calls")
    seen: list[tuple[str, str]] = []

    def plain(job: Job) -> None:
        assert current_job() is job
        logger.info("within")
        seen.append((job.key, job.process_instance_key))

    async def coroutine(job: Job) -> None:
        plain(job)

    with orders(gateway, wire) as found:
        for _ in range(3):
            found.start()
        work(found, coroutine if kind == "coroutine function" else plain, 3)
    records = [record for record in caplog.records if record.message == "within"]
    assert [(vars(record)["job_key"], vars(record)["process_instance_key"]) for record in records] == seen
    assert {vars(record)["job_type"] for record in records} == {found.job_type}
    assert {vars(record)["element_id"] for record in records} == {"charge"}


@everywhere
@wires
def test_a_failure_is_logged_with_its_job(
    gateway: Gateway, wire: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "camunda_worker")
    keys: list[str] = []

    def handler(job: Job) -> None:
        keys.append(job.key)
        if len(keys) == 1:
            raise ValueError("no card")

    with orders(gateway, wire) as found:
        found.start()
        work(found, handler, 2)
    (record,) = [each for each in caplog.records if "no card" in each.message]
    assert vars(record)["job_key"] == keys[0]
    assert vars(record)["job_type"] == found.job_type


@everywhere
@wires
def test_metrics_agree_with_what_happened_and_nothing_is_left_running(gateway: Gateway, wire: str) -> None:
    reader = InMemoryMetricReader()
    meters = MeterProvider(metric_readers=[reader])

    async def handler(total: int, job: Job) -> None:
        if total == 1 and job.retries == 3:
            raise JobFailure("again", retries=2)

    with orders(gateway, wire) as found:
        for total in range(5):
            found.start(total=total)
        worker = work(found, handler, 6, observers=[OpenTelemetryObserver(meters)])
    data = reader.get_metrics_data()
    assert data is not None
    (scope,) = data.resource_metrics[0].scope_metrics
    points: dict[str, Any] = {
        metric.name.removeprefix("camunda.client.worker."): metric.data.data_points
        for metric in scope.metrics
    }
    assert [point.value for point in points["job.activated"]] == [6]
    assert {point.attributes["outcome"]: point.value for point in points["job.handled"]} == {
        "completed": 5,
        "failed": 1,
    }
    assert [point.value for point in points["job.running"]] == [0]
    assert [point.count for point in points["job.wait.duration"]] == [6]
    assert [point.count for point in points["job.duration"]] == [6]
    meters.shutdown()
    (task,) = worker.health().tasks
    assert (task.counts["activated"], task.counts["completed"], task.counts["failed"]) == (6, 5, 1)


@pytest.mark.parametrize("kind", ["coroutine function", "plain function"])
@everywhere
@wires
def test_spans_of_a_handler_belong_to_its_jobs_span(gateway: Gateway, wire: str, kind: str) -> None:
    exporter = InMemorySpanExporter()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = tracers.get_tracer("a program")

    def plain(traceparent: str) -> None:
        with tracer.start_as_current_span("charge"):
            pass

    async def coroutine(traceparent: str) -> None:
        plain(traceparent)

    with orders(gateway, wire) as found:
        found.start(traceparent=TRACEPARENT)
        handler = coroutine if kind == "coroutine function" else plain
        work(found, handler, 1, middleware=[tracing(tracers, link="variables")])
    child, span = exporter.get_finished_spans()
    assert span.name == f"process {found.job_type}"
    assert child.parent == span.context
    (link,) = span.links
    assert f"{link.context.trace_id:032x}" in TRACEPARENT
    assert (span.attributes or {})["camunda.process_definition.id"] == found.process
    tracers.shutdown()


@everywhere
@wires
def test_the_probe_turns_ready_when_the_gateway_has_answered_and_goes_with_the_worker(
    gateway: Gateway, wire: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "camunda_worker")

    async def handler() -> None:
        pass

    with orders(gateway, wire) as found:
        worker = Worker(found.client, name="probed", probe="127.0.0.1:0")
        worker.task(found.job_type, timeout=60)(handler)
        running = threading.Thread(target=worker.run)
        running.start()
        try:
            address = wait_until(lambda: probe_in(caplog), seconds=20, what="the probe's address")
            assert ask(f"{address}/live")[0] == 200
            wait_until(lambda: ask(f"{address}/ready")[0] == 200 or None, seconds=20, what="readiness")
            status, health = ask(address)
            assert (status, health["worker"], health["state"]) == (200, "probed", "working")
            (task,) = health["tasks"]
            assert (task["job_type"], task["faults"]) == (found.job_type, 0)
        finally:
            worker.stop()
            running.join(30)
        assert not running.is_alive()
        with pytest.raises(urllib.error.URLError):
            ask(f"{address}/live")


def probe_in(caplog: pytest.LogCaptureFixture) -> str | None:
    said = [each.message for each in caplog.records if each.message.startswith("the probe is at ")]
    return said[0].removeprefix("the probe is at ") if said else None


def ask(url: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
