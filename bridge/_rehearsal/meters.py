"""The counts of a rehearsal in OpenTelemetry, behind the extra ``[otel]``: the API alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge._rehearsal.judging import Finding
from camunda_core._arguments import shown
from camunda_core.errors import ConfigurationError

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider

__all__ = ["FINDINGS", "REQUESTS", "Meters"]

REQUESTS = "camunda.rehearsal.requests"
FINDINGS = "camunda.rehearsal.findings"


class Meters:
    """Two counters. Raises ConfigurationError when OpenTelemetry is not installed."""

    def __init__(self, provider: MeterProvider | None) -> None:
        try:
            from opentelemetry import metrics
        except ImportError as error:
            raise ConfigurationError(
                "metrics= needs OpenTelemetry: install camunda-bridge[otel] (the API), and an SDK with an exporter"
            ) from error
        if provider is not None and not hasattr(provider, "get_meter"):
            raise ConfigurationError(
                f"metrics must be True, False or a meter provider, not {shown(provider)}"
            )
        meter = metrics.get_meter("bridge.rehearsal", meter_provider=provider)
        self._requests = meter.create_counter(REQUESTS, "{request}", "Requests that were said in REST")
        self._findings = meter.create_counter(FINDINGS, "{finding}", "What they would meet there")

    def count(self, rpc: str, site: str, findings: tuple[Finding, ...]) -> None:
        """One request was judged."""
        blocked = any(each.blocking for each in findings)
        self._requests.add(1, {"rpc.method": rpc, "camunda.blocked": blocked})
        for each in findings:
            self._findings.add(
                1,
                {
                    "rpc.method": rpc,
                    "camunda.site": site,
                    "camunda.finding": each.name,
                    "camunda.kind": each.kind,
                },
            )
