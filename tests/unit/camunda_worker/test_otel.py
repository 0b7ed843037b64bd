"""What an OpenTelemetry SDK gets to see of a worker: read back with the SDK's own in-memory reader and exporter."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import Histogram, InMemoryMetricReader, Metric
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from camunda_core.errors import ConfigurationError, Unavailable
from camunda_core.jobs import ActivatedJob
from camunda_grpc._errors import as_rpc_error
from camunda_worker._errors import BpmnError, JobFailure
from camunda_worker._job import Job
from camunda_worker._observer import (
    COMPLETED,
    ERROR,
    EXPIRED,
    FAILED,
    LOST,
    YIELDED,
    Observer,
    Observers,
)
from camunda_worker.otel import SECONDS, OpenTelemetryObserver, tracing

ROOT = Path(__file__).resolve().parents[3]
TYPE = "charge-card"
OF_TYPE = (("jobType", TYPE),)
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Measured:
    """Meters whose values can be read back."""

    def __init__(self) -> None:
        self.reader = InMemoryMetricReader()
        self.provider = MeterProvider(metric_readers=[self.reader])

    def metrics(self) -> dict[str, Metric]:
        data = self.reader.get_metrics_data()
        if data is None:
            return {}
        return {
            metric.name: metric
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def values(self, name: str) -> dict[tuple[tuple[str, Any], ...], Any]:
        """By attributes: of a counter the number, of a histogram how many and their sum."""
        metric = self.metrics().get(f"camunda.client.worker.{name}")
        points: Any = () if metric is None else metric.data.data_points
        return {
            tuple(sorted(point.attributes.items())): (
                point.value if hasattr(point, "value") else (point.count, point.sum)
            )
            for point in points
        }


@pytest.fixture
def measured() -> Iterator[Measured]:
    measured = Measured()
    yield measured
    measured.provider.shutdown()


def test_jobs_are_counted_by_what_became_of_them_and_those_here_are_what_is_left(measured: Measured) -> None:
    observer = OpenTelemetryObserver(measured.provider)
    observer.activated(TYPE, 8, "poll")
    observer.activated(TYPE, 2, "stream")
    for outcome in (COMPLETED, COMPLETED, FAILED, ERROR, LOST):
        observer.started(TYPE, 0.25)
        observer.finished(TYPE, outcome, 0.5)
    observer.started(TYPE, 0.25)
    observer.finished(TYPE, EXPIRED, None)
    observer.finished(TYPE, YIELDED, None)
    observer.finished(TYPE, FAILED, None)  # it never began: its variables were not what the handler takes

    assert measured.values("job.activated") == {OF_TYPE: 10}
    assert measured.values("job.handled") == {
        (("jobType", TYPE), ("outcome", COMPLETED)): 2,
        (("jobType", TYPE), ("outcome", FAILED)): 2,
        (("jobType", TYPE), ("outcome", ERROR)): 1,
        (("jobType", TYPE), ("outcome", LOST)): 1,
    }
    assert measured.values("job.expired") == {OF_TYPE: 1}
    assert measured.values("job.yielded") == {OF_TYPE: 1}
    assert measured.values("job.running") == {OF_TYPE: 1}
    assert measured.values("job.wait.duration") == {OF_TYPE: (6, 1.5)}
    assert measured.values("job.duration") == {OF_TYPE: (5, 2.5)}


def test_a_job_that_was_given_back_after_it_began_does_not_run_any_more(measured: Measured) -> None:
    observer = OpenTelemetryObserver(measured.provider)
    observer.started(TYPE, 0.0)
    observer.finished(TYPE, YIELDED, 3.0)
    assert measured.values("job.running") == {OF_TYPE: 0}
    assert measured.values("job.yielded") == {OF_TYPE: 1}


def test_faults_are_counted_by_the_meaning_of_the_error(measured: Measured) -> None:
    observer = OpenTelemetryObserver(measured.provider)
    error = Unavailable("gone")
    observer.poll_failed(TYPE, error)
    observer.poll_failed(TYPE, as_rpc_error(error))
    observer.stream_opened(TYPE)
    observer.stream_ended(TYPE, error)
    observer.stream_opened(TYPE)
    observer.answer_repeated(TYPE, error)
    by_error = (("error", "Unavailable"), ("jobType", TYPE))
    assert measured.values("poll.faults") == {by_error: 2}
    assert measured.values("stream.opened") == {OF_TYPE: 2}
    assert measured.values("stream.ended") == {by_error: 1}
    assert measured.values("answer.repeated") == {by_error: 1}


def test_durations_are_seconds_in_buckets_made_for_seconds(measured: Measured) -> None:
    observer = OpenTelemetryObserver(measured.provider)
    observer.started(TYPE, 0.002)
    metric = measured.metrics()["camunda.client.worker.job.wait.duration"]
    assert metric.unit == "s"
    assert isinstance(metric.data, Histogram)
    (point,) = metric.data.data_points
    assert tuple(point.explicit_bounds) == SECONDS
    assert point.bucket_counts[SECONDS.index(0.0025)] == 1


def test_attributes_of_the_programs_own_are_on_every_measurement(measured: Measured) -> None:
    observer = OpenTelemetryObserver(measured.provider, attributes={"worker": "billing"})
    observer.activated(TYPE, 1, "poll")
    observer.finished(TYPE, COMPLETED, None)
    assert measured.values("job.activated") == {(("jobType", TYPE), ("worker", "billing")): 1}
    assert measured.values("job.handled") == {
        (("jobType", TYPE), ("outcome", COMPLETED), ("worker", "billing")): 1
    }


def test_every_hook_that_there_is_is_measured() -> None:
    hooks = {name for name, value in vars(Observer).items() if inspect.isfunction(value)}
    assert hooks
    assert hooks <= set(vars(OpenTelemetryObserver))


def test_it_observes_as_any_other_and_needs_no_provider() -> None:
    observers = Observers([OpenTelemetryObserver()])
    observers.tell("activated", TYPE, 1, "poll")
    observers.tell("started", TYPE, 0.0)
    observers.tell("finished", TYPE, COMPLETED, 0.0)


# Traces


class Traced:
    """A tracer whose ended spans can be read back."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))

    def span(self) -> ReadableSpan:
        (span,) = self.exporter.get_finished_spans()
        return span


@pytest.fixture
def traced() -> Iterator[Traced]:
    traced = Traced()
    yield traced
    traced.provider.shutdown()


def job(**more: Any) -> Job:
    return Job(
        ActivatedJob(
            job_key="7",
            type=TYPE,
            process_instance_key="3",
            process_definition_id="order",
            element_id="charge",
            worker="billing",
            retries=2,
            **more,
        )
    )


async def result(job: Job) -> dict[str, bool]:
    return {"paid": True}


async def test_a_job_is_a_consumer_span_with_what_identifies_it(traced: Traced) -> None:
    assert await tracing(traced.provider)(job(), result) == {"paid": True}
    span = traced.span()
    assert span.name == "process charge-card"
    assert span.kind is SpanKind.CONSUMER
    assert span.status.status_code is StatusCode.UNSET
    assert dict(span.attributes or {}) == {
        "messaging.system": "camunda",
        "messaging.operation.type": "process",
        "messaging.operation.name": "process",
        "messaging.destination.name": TYPE,
        "messaging.message.id": "7",
        "camunda.job.key": "7",
        "camunda.job.retries": 2,
        "camunda.job.worker": "billing",
        "camunda.process_instance.key": "3",
        "camunda.process_definition.id": "order",
        "camunda.element.id": "charge",
    }


async def test_spans_of_the_handler_are_children_and_its_own_is_nobodys(traced: Traced) -> None:
    tracer = traced.provider.get_tracer("a program")

    async def handler(job: Job) -> None:
        with tracer.start_as_current_span("charge"):
            await asyncio.sleep(0)

    with tracer.start_as_current_span("the program's main"):
        await tracing(traced.provider)(job(), handler)
    child, own, _ = traced.exporter.get_finished_spans()
    assert (child.name, own.name) == ("charge", "process charge-card")
    assert own.parent is None
    assert child.parent == own.get_span_context()


@pytest.mark.parametrize("error", [ValueError("no card"), JobFailure("no card")], ids=["any", "failure"])
async def test_an_exception_makes_the_span_an_error_and_is_raised_on(
    traced: Traced, error: Exception
) -> None:
    async def handler(job: Job) -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        await tracing(traced.provider)(job(), handler)
    assert caught.value is error
    span = traced.span()
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == f"{type(error).__name__}: no card"
    (event,) = span.events
    assert event.name == "exception"
    assert trace.get_current_span() is trace.INVALID_SPAN


async def test_a_bpmn_error_is_a_result_with_its_code(traced: Traced) -> None:
    async def handler(job: Job) -> None:
        raise BpmnError("NO_FUNDS", "empty")

    with pytest.raises(BpmnError):
        await tracing(traced.provider)(job(), handler)
    span = traced.span()
    assert span.status.status_code is StatusCode.UNSET
    assert (span.attributes or {})["camunda.error.code"] == "NO_FUNDS"
    assert span.events == ()


async def test_a_cancelled_handler_ends_its_span(traced: Traced) -> None:
    async def handler(job: Job) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await tracing(traced.provider)(job(), handler)
    assert traced.span().name == "process charge-card"


@pytest.mark.parametrize("place", ["custom_headers", "variables"])
async def test_the_span_is_linked_to_whoever_caused_the_job_when_asked(traced: Traced, place: Any) -> None:
    carrying = job(**{place: {"traceparent": TRACEPARENT, "tracestate": "vendor=1", "total": 12}})
    await tracing(traced.provider, link=place)(carrying, result)
    span = traced.span()
    (link,) = span.links
    assert f"{link.context.trace_id:032x}-{link.context.span_id:016x}" in TRACEPARENT
    assert link.context.is_remote
    assert link.context.trace_state.get("vendor") == "1"
    assert span.parent is None
    assert span.context is not None
    assert span.context.trace_id != link.context.trace_id


async def test_nothing_is_linked_unless_asked(traced: Traced) -> None:
    await tracing(traced.provider)(job(variables={"traceparent": TRACEPARENT}), result)
    assert traced.span().links == ()


@pytest.mark.parametrize("value", [None, 7, "", "nonsense", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", ["x"]])
async def test_what_is_no_trace_context_is_no_link(traced: Traced, value: Any) -> None:
    await tracing(traced.provider, link="variables")(job(variables={"traceparent": value}), result)
    assert traced.span().links == ()


def test_another_place_for_links_is_refused() -> None:
    with pytest.raises(ConfigurationError, match='link is "custom_headers", "variables" or None'):
        tracing(link="headers")  # type: ignore[arg-type]


@pytest.mark.parametrize("made", ["OpenTelemetryObserver()", "tracing()"])
def test_without_the_extra_it_can_be_imported_and_says_what_is_missing(made: str) -> None:
    code = f"""
import sys
sys.modules["opentelemetry"] = None
from camunda_core.errors import ConfigurationError
from camunda_worker.otel import OpenTelemetryObserver, tracing
try:
    {made}
except ConfigurationError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "install camunda-bridge[otel]" in done.stdout
