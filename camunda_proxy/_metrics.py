"""What a proxy counts, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from camunda_proxy._limits import InFlight

__all__ = ["Metrics"]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """The meters of one proxy, in a registry of its own."""

    def __init__(self, in_flight: InFlight) -> None:
        self.registry = CollectorRegistry()
        self.calls = Counter(
            "camunda_proxy_calls", "Calls that have ended.", ("rpc", "code"), registry=self.registry
        )
        self.seconds = Histogram(
            "camunda_proxy_call_seconds",
            "How long calls took, the cluster's part included; streams and polls too.",
            ("rpc",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.jobs = Counter(
            "camunda_proxy_jobs", "Jobs that were handed on.", ("rpc",), registry=self.registry
        )
        self.returned = Counter(
            "camunda_proxy_jobs_given_back",
            "Jobs whose client had gone, and that were made available again.",
            registry=self.registry,
        )
        gauge = Gauge("camunda_proxy_in_flight", "What is under way.", ("kind",), registry=self.registry)
        for kind in in_flight.counts:
            gauge.labels(kind).set_function(lambda kind=kind: float(in_flight.counts[kind]))  # type: ignore[misc]

    def text(self) -> bytes:
        """The page that Prometheus reads."""
        return generate_latest(self.registry)
