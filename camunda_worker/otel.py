"""Metrics and traces by OpenTelemetry, behind the extra ``[otel]``: the API alone; the SDK
is the program's choice.

    worker = Worker(client, observers=[OpenTelemetryObserver()], middleware=[tracing()])

Where no provider is set up, both cost a few microseconds per job; the SDK takes about fifty for each of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from camunda_core.errors import CamundaError, ConfigurationError
from camunda_worker._errors import BpmnError
from camunda_worker._observer import EXPIRED, YIELDED, Observer

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Link, TracerProvider

    from camunda_worker._job import Job

__all__ = ["OpenTelemetryObserver", "tracing"]

SCOPE = "camunda_worker"
_PREFIX = "camunda.client.worker"

#: Bounds of the histograms' buckets in seconds: the default ones are made for milliseconds.
SECONDS = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
    300.0,
    1800.0,
)

_TYPE = "jobType"
_Attributes = Mapping[str, str | bool | int | float]


class OpenTelemetryObserver(Observer):
    """Metrics of a worker. Those that the Java client has too bear its names, so that dashboards carry over.

    ``meter_provider``  None is the global one, also one that is set later
    ``attributes``      more of them for every measurement, {"worker": "billing"} for instance; each costs a time series per value

    Jobs in hand = activated - handled - expired - yielded. Raises ConfigurationError when
    OpenTelemetry is not installed.
    """

    def __init__(
        self, meter_provider: MeterProvider | None = None, *, attributes: _Attributes | None = None
    ) -> None:
        get_meter = _api("metrics").get_meter
        meter = get_meter(SCOPE, meter_provider=meter_provider)

        def counter(name: str, unit: str, description: str) -> Any:
            return meter.create_counter(f"{_PREFIX}.{name}", unit, description)

        def histogram(name: str, description: str) -> Any:
            return meter.create_histogram(
                f"{_PREFIX}.{name}", "s", description, explicit_bucket_boundaries_advisory=SECONDS
            )

        self._activated = counter("job.activated", "{job}", "Jobs that came, polled or pushed")
        self._handled = counter("job.handled", "{job}", "Jobs that ended, by outcome")
        self._expired = counter("job.expired", "{job}", "Jobs whose lock was over before they began")
        self._yielded = counter(
            "job.yielded", "{job}", "Jobs that were given back with their retries unchanged"
        )
        self._poll_faults = counter("poll.faults", "{poll}", "Polls that failed, by error")
        self._opened = counter("stream.opened", "{stream}", "Job streams that were opened, again included")
        self._ended = counter("stream.ended", "{stream}", "Job streams that ended, by error")
        self._repeated = counter("answer.repeated", "{answer}", "Answers that were sent again, by error")
        self._running = meter.create_up_down_counter(
            f"{_PREFIX}.job.running", "{job}", "Jobs that have begun and not ended"
        )
        self._waited = histogram("job.wait.duration", "From a job's coming to its handler's begin")
        self._took = histogram("job.duration", "From a handler's begin to its job's end, its answer included")
        self._common = dict(attributes or {})
        self._made: dict[tuple[str, str, str], _Attributes] = {}

    def activated(self, job_type: str, count: int, source: str) -> None:
        """Counts them."""
        self._activated.add(count, self._of(job_type))

    def started(self, job_type: str, waited: float) -> None:
        """One more runs."""
        attributes = self._of(job_type)
        self._running.add(1, attributes)
        self._waited.record(waited, attributes)

    def finished(self, job_type: str, outcome: str, seconds: float | None) -> None:
        """Counts its outcome; one less runs if it had begun."""
        attributes = self._of(job_type)
        if seconds is not None:
            self._running.add(-1, attributes)
            self._took.record(seconds, attributes)
        if outcome == EXPIRED:
            self._expired.add(1, attributes)
        elif outcome == YIELDED:
            self._yielded.add(1, attributes)
        else:
            self._handled.add(1, self._of(job_type, "outcome", outcome))

    def poll_failed(self, job_type: str, error: CamundaError) -> None:
        """Counts it by the error's class."""
        self._poll_faults.add(1, self._of(job_type, "error", _meaning(error)))

    def stream_opened(self, job_type: str) -> None:
        """Counts it."""
        self._opened.add(1, self._of(job_type))

    def stream_ended(self, job_type: str, error: CamundaError) -> None:
        """Counts it by the error's class."""
        self._ended.add(1, self._of(job_type, "error", _meaning(error)))

    def answer_repeated(self, job_type: str, error: CamundaError) -> None:
        """Counts it by the error's class."""
        self._repeated.add(1, self._of(job_type, "error", _meaning(error)))

    def _of(self, job_type: str, name: str = "", value: str = "") -> _Attributes:
        made = self._made.get((job_type, name, value))
        if made is None:
            made = {**self._common, _TYPE: job_type, **({name: value} if name else {})}
            self._made[job_type, name, value] = made
        return made


def tracing(
    tracer_provider: TracerProvider | None = None,
    *,
    link: Literal["custom_headers", "variables"] | None = None,
) -> Callable[[Job, Callable[[Job], Awaitable[Any]]], Awaitable[Any]]:
    """A middleware that makes a span of every handled job: ``process <job type>``, of kind
    CONSUMER, each in a trace of its own.

    ``tracer_provider``  None is the global one, also one that is set later
    ``link``  where to look for the W3C context (``traceparent``, ``tracestate``) of whoever caused the job: its "custom_headers" or
        its "variables". The span is *linked* to it: an instance lives for days, and a trace should not. Variables must be
        fetched: name "traceparent" in ``fetch_variables`` where that is not everything. None looks nowhere.

    An exception is recorded and makes the span an error; a BpmnError is a result, and gives
    ``camunda.error.code``. Raises ConfigurationError when OpenTelemetry is not installed,
    and for another ``link``.
    """
    if link not in (None, "custom_headers", "variables"):
        raise ConfigurationError(f'tracing: link is "custom_headers", "variables" or None, not {link!r}')
    trace = _api("trace")
    tracer = trace.get_tracer(SCOPE, tracer_provider=tracer_provider)
    nothing = _api("context").Context()
    consumer, error_code = trace.SpanKind.CONSUMER, trace.StatusCode.ERROR

    async def traced(job: Job, next: Callable[[Job], Awaitable[Any]]) -> Any:
        with tracer.start_as_current_span(
            f"process {job.type}",
            context=nothing,  # else a worker that was started inside a span would hang every job on it
            kind=consumer,
            attributes=_attributes(job),
            links=_links(job, link),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                return await next(job)
            except BpmnError as error:
                span.set_attribute("camunda.error.code", error.code)
                raise
            except Exception as error:
                span.record_exception(error)
                span.set_status(error_code, f"{type(error).__name__}: {error}")
                raise

    return traced


def _attributes(job: Job) -> dict[str, str | int]:
    found: dict[str, str | int] = {
        "messaging.system": "camunda",
        "messaging.operation.type": "process",
        "messaging.operation.name": "process",
        "messaging.destination.name": job.type,
        "messaging.message.id": job.job_key,
        "camunda.job.key": job.job_key,
        "camunda.job.retries": job.retries,
        "camunda.job.worker": job.worker,
        "camunda.process_instance.key": job.process_instance_key,
        "camunda.process_definition.id": job.process_definition_id,
        "camunda.element.id": job.element_id,
        "camunda.tenant.id": job.tenant_id,
    }
    return {name: value for name, value in found.items() if value != ""}


def _links(job: Job, place: str | None) -> list[Link]:
    if place is None:
        return []
    values: dict[str, Any] = getattr(job, place)
    carrier = {
        name: values[name] for name in ("traceparent", "tracestate") if isinstance(values.get(name), str)
    }
    if "traceparent" not in carrier:
        return []
    from opentelemetry.trace import Link, get_current_span
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = get_current_span(TraceContextTextMapPropagator().extract(carrier)).get_span_context()
    return [Link(context)] if context.is_valid else []


def _meaning(error: CamundaError) -> str:
    # The class whose meaning it is: on surfaces shaped like gRPC the object is of a subclass
    # that says nothing more.
    return next(cls.__name__ for cls in type(error).__mro__ if cls.__module__ == CamundaError.__module__)


def _api(name: str) -> Any:
    try:
        from opentelemetry import context, metrics, trace
    except ImportError as error:
        raise ConfigurationError(
            "camunda_worker.otel needs OpenTelemetry: install camunda-bridge[otel] (the API), and an SDK with an exporter"
        ) from error
    return {"context": context, "metrics": metrics, "trace": trace}[name]
