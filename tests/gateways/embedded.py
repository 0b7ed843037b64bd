"""The embedded gateway as a gateway under test."""

from __future__ import annotations

from datetime import timedelta

from camunda_embedded import EmbeddedGateway
from tests.gateways import base
from tests.gateways.base import Clock, Gateway, Record
from tests.gateways.process import wait_until

#: The version that each dialect stands for.
VERSIONS = {"8.6": "8.6.0", "8.8": "8.8.0"}
WIRES = frozenset({base.GRPC, base.REST})
FEATURES = frozenset({base.CLOCK, base.RECORDS, base.REAL_GATEWAY, base.OPEN})


def name(dialect: str) -> str:
    """What the gateway of a dialect is called. Each is a kind of its own: what is true of one line need not be of another."""
    return "embedded" if dialect == "8.6" else f"embedded_{dialect}"


class Embedded(Gateway):
    """An embedded gateway; everything that follows from a call has happened when the call is answered.

    Args:
        dialect: "8.6", "8.8", or one of those on which few tests run: "8.9" and "8.10".
    """

    wires = WIRES
    features = FEATURES
    immediate = True

    def __init__(self, dialect: str = "8.6") -> None:
        self.name = name(dialect)
        self.version = VERSIONS.get(dialect, f"{dialect}.0")
        self._dialect = dialect
        self._gateway: EmbeddedGateway | None = None
        self._clock = Clock(lambda ms: self._running.clock.advance(timedelta(milliseconds=ms)))

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def _running(self) -> EmbeddedGateway:
        if self._gateway is None:
            raise RuntimeError("the embedded gateway does not run")
        return self._gateway

    def start(self) -> None:
        self._gateway = EmbeddedGateway(dialect=self._dialect).start()

    def close(self) -> None:
        if self._gateway is not None:
            self._gateway.stop()
            self._gateway = None

    @property
    def alive(self) -> bool:
        return self._gateway is not None

    @property
    def grpc_address(self) -> str:
        return self._running.grpc_address

    @property
    def rest_address(self) -> str:
        return self._running.rest_address

    def records(self, *, since: int = 0) -> list[Record]:
        return self._running.records(since=since)

    def wait_for_stream(self, job_type: str) -> None:
        gateway = self._running

        def there() -> bool:
            engines = gateway._known_engines()
            return any(stream.type == job_type for engine in engines for stream in engine.jobs.streams)

        wait_until(lambda: gateway.run(there) or None, seconds=20, what=f"a stream of {job_type}", pause=0.01)

    def tail(self) -> str:
        shown = ("position", "recordType", "valueType", "intent", "key", "rejectionReason")
        return "\n".join(
            str([record[name] for name in shown])
            for record in self._running.records(since=max(self._running.position - 50, 0))
        )
