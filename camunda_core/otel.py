"""Spans and metrics of client calls by OpenTelemetry, behind the extra ``[otel]``: the API alone; the SDK is the program's choice.

    client = Client(observers=[OpenTelemetryCalls()])

The same for ``AsyncClient``, ``RestClient``, ``channel`` and the others. Names are those of the semantic conventions for HTTP and
for RPC. Each attempt is a span of kind CLIENT, a child of the span in which the call was made, and its context is sent with it
(``traceparent``, or what the program has set as its propagator).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from camunda_core.errors import CamundaError, ConfigurationError
from camunda_core.observing import CallRequest, CallResult, type_of

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

__all__ = ["OpenTelemetryCalls"]

SCOPE = "camunda_core"

#: Names of the metrics, for both wires; the first two are of the semantic conventions.
HTTP_DURATION = "http.client.request.duration"
RPC_DURATION = "rpc.client.call.duration"
ACTIVE = "camunda.client.attempt.active"
REPEATED = "camunda.client.attempt.repeated"

#: Bounds of the histograms' buckets in seconds: those that the conventions advise, and more for long polls and streams.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0, 60.0, 300.0)

_Attributes = dict[str, str | bool | int | float]


class _Begun(NamedTuple):
    span: Any
    attributes: _Attributes


class OpenTelemetryCalls:
    """A ``camunda_core.observing.CallObserver`` that makes a span of each attempt, and measures it.

    ``tracer_provider``, ``meter_provider``  None is the global one, also one that is set later
    ``spans``, ``metrics``  False leaves them out

    A span has the id that ``error.correlation_id`` has, as ``camunda.correlation_id``; metrics do not. URLs with the
    keys in them are left out on purpose. Raises ConfigurationError when OpenTelemetry is not installed.
    """

    def __init__(
        self,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        *,
        spans: bool = True,
        metrics: bool = True,
    ) -> None:
        try:
            from opentelemetry import metrics as metrics_api
            from opentelemetry import propagate, trace
        except ImportError as error:
            raise ConfigurationError(
                "camunda_core.otel needs OpenTelemetry: install camunda-bridge[otel] (the API), and an SDK with an exporter"
            ) from error
        self._tracer = trace.get_tracer(SCOPE, tracer_provider=tracer_provider) if spans else None
        self._client = trace.SpanKind.CLIENT
        self._failed = trace.StatusCode.ERROR
        self._context_with = trace.set_span_in_context
        self._inject = propagate.inject
        self._durations: dict[str, Any] = {}
        self._active: Any = None
        self._repeated: Any = None
        if metrics:
            meter = metrics_api.get_meter(SCOPE, meter_provider=meter_provider)
            for wire, name, what in (
                ("rest", HTTP_DURATION, "Duration of HTTP client requests"),
                ("grpc", RPC_DURATION, "Duration of outgoing remote procedure calls"),
            ):
                self._durations[wire] = meter.create_histogram(
                    name, "s", what, explicit_bucket_boundaries_advisory=SECONDS
                )
            self._active = meter.create_up_down_counter(
                ACTIVE, "{attempt}", "Attempts of calls that are under way"
            )
            self._repeated = meter.create_counter(
                REPEATED, "{attempt}", "Attempts of calls after their first one"
            )

    def began(self, request: CallRequest) -> _Begun:
        """Begins the span, and adds its context to the headers."""
        attributes = _attributes(request)
        span = None
        if self._tracer is not None:
            span = self._tracer.start_span(
                _name(request),
                kind=self._client,
                attributes={**attributes, **_more(request)},
            )
            self._inject(request.headers, self._context_with(span))
        if self._active is not None:
            self._active.add(1, attributes)
            if request.attempt > 1:
                self._repeated.add(1, attributes)
        return _Begun(span, attributes)

    def ended(self, request: CallRequest, begun: _Begun, result: CallResult) -> None:
        """Ends the span, and measures."""
        outcome: _Attributes = {}
        if result.status is not None:
            key = "http.response.status_code" if request.wire == "rest" else "rpc.response.status_code"
            outcome[key] = result.status
        if result.error is not None:
            outcome["error.type"] = type_of(result.error)
        if begun.span is not None:
            begun.span.set_attributes(outcome)
            if result.error is not None:
                begun.span.set_status(self._failed, _said(result.error))
            begun.span.end()
        if self._active is not None:
            self._active.add(-1, begun.attributes)
            self._durations[request.wire].record(result.seconds, {**begun.attributes, **outcome})


def _name(request: CallRequest) -> str:
    return f"{request.method} {request.path}" if request.wire == "rest" else request.method


def _attributes(request: CallRequest) -> _Attributes:
    found: _Attributes = {"camunda.operation": request.operation, "server.address": request.server}
    if request.port:
        found["server.port"] = request.port
    if request.wire == "rest":
        found["http.request.method"] = request.method
        found["url.template"] = request.path
    else:
        found["rpc.system.name"] = "grpc"
        found["rpc.method"] = request.method
    return found


def _more(request: CallRequest) -> _Attributes:
    found: _Attributes = {"camunda.correlation_id": request.correlation_id}
    if request.attempt > 1:
        name = "http.request.resend_count" if request.wire == "rest" else "camunda.attempt"
        found[name] = request.attempt - 1 if request.wire == "rest" else request.attempt
    return found


def _said(error: BaseException) -> str:
    return error.message if isinstance(error, CamundaError) else type(error).__name__
