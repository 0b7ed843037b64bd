"""What every gateway under test offers, whatever it is made of."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any

from tests.gateways.process import wait_until

if TYPE_CHECKING:
    from typing_extensions import Self

Record = dict[str, Any]

GRPC = "grpc"
REST = "rest"

# What a suite may ask of a gateway besides its wires.
CLOCK = "clock"  # time can be moved forward
RECORDS = "records"  # the engine's records can be read
REAL_GATEWAY = "real-gateway"  # answers as the product does: long polls, limits, health service, validation
FLOW_CONTROL = "flow-control"  # back-pressure on demand
PAUSE = "pause"  # processing can be paused, and commands are refused meanwhile
OPEN = "open"  # takes whoever calls, without credentials and TLS


class Clock:
    """The clock of a gateway under test. Forward only: moved back, the engine fires no more timers."""

    def __init__(self, forward: Callable[[int], object]) -> None:
        self._forward = forward

    def add(self, seconds: float | timedelta) -> None:
        """Move the clock forward; timers, job timeouts and back-offs that fall due fire within a moment.

        Raises:
            ValueError: ``seconds`` is not positive.
        """
        span = seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds)
        if span <= timedelta(0):
            raise ValueError(f"clock.add: seconds must be positive, not {seconds!r}")
        self._forward(round(span / timedelta(milliseconds=1)))


class Gateway(ABC):
    """A gateway that can be started. As a context manager it is started on entry and gone after exit."""

    name: str
    version: str
    wires: frozenset[str]
    features: frozenset[str]

    @abstractmethod
    def start(self) -> None:
        """Start and wait until calls succeed.

        Raises:
            Unavailable: something it is made of cannot be had here.
            StartFailed: it did not become ready.
        """

    @abstractmethod
    def close(self) -> None:
        """Stop it and remove what it left; harmless when repeated."""

    @property
    @abstractmethod
    def alive(self) -> bool:
        """Whether it runs."""

    @property
    @abstractmethod
    def clock(self) -> Clock:
        """Its clock."""

    @property
    @abstractmethod
    def grpc_address(self) -> str:
        """``host:port`` of its gRPC wire."""

    @property
    def rest_address(self) -> str:
        """``http://host:port`` of its REST wire.

        Raises:
            LookupError: it has none.
        """
        raise LookupError(f"{self.name} does not speak REST")

    @property
    def security(self) -> dict[str, Any]:
        """``credentials`` and ``tls`` for a channel of ``camunda_grpc``, which reads no environment."""
        return {}

    @abstractmethod
    def records(self, *, since: int = 0) -> list[Record]:
        """Every record of the engine so far whose position is above ``since``, in order."""

    @abstractmethod
    def tail(self) -> str:
        """The end of its log."""

    def wait_for_stream(self, job_type: str) -> None:
        """Until a job stream that was opened is at the broker, which pushes jobs to it from then on.

        Most gateways do not tell; they are given a moment.
        """
        time.sleep(0.5)

    def wait_for_record(
        self, matches: Callable[[Record], bool], *, seconds: float = 10.0, what: str = "record"
    ) -> Record:
        """The first record that matches, waited for.

        Raises:
            TimeoutError: there was none within ``seconds``.
        """

        seen = 0

        def first() -> Record | None:
            nonlocal seen
            found = self.records(since=seen)
            seen = found[-1]["position"] if found else seen
            return next(filter(matches, found), None)

        return wait_until(first, seconds=seconds, what=what)

    def incident_of(self, process_instance_key: int, *, seconds: float = 10.0, after: int = 0) -> int:
        """The key of the instance's first incident whose key is above ``after``, waited for.

        Raises:
            TimeoutError: there was none within ``seconds``.
        """
        record = self.wait_for_record(
            lambda record: (
                record["valueType"] == "INCIDENT"
                and record["intent"] == "CREATED"
                and record["key"] > after
                and record["value"]["processInstanceKey"] == process_instance_key
            ),
            seconds=seconds,
            what=f"incident of instance {process_instance_key}",
        )
        return int(record["key"])

    def __enter__(self) -> Self:
        began = time.monotonic()
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        self.start_seconds = time.monotonic() - began
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
