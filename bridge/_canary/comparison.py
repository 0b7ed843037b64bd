"""Both wires beside each other: calls, errors by class, and how long they take."""

from __future__ import annotations

import json
import math
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bridge._table.mapping import ROWS
from camunda_core.observing import CallRequest, CallResult, type_of

__all__ = ["Comparison"]

#: Latencies are counted in classes that are so much apart, so that a percentile is right within 5 %.
_STEP = math.log(1.05)
_SHORTEST = 1e-6
_PERCENTILES = (50, 95, 99)
_BY_OPERATION: dict[str, str] = {}
for _row in ROWS.values():
    if _row.operation is not None:
        _BY_OPERATION.setdefault(_row.operation.id, _row.rpc)


@dataclass
class _Side:
    """What was seen of one RPC on one wire."""

    calls: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    times: Counter[int] = field(default_factory=Counter)

    def percentile(self, percent: float) -> float:
        """Seconds."""
        wanted, seen = self.calls * percent / 100, 0
        for number in sorted(self.times):
            seen += self.times[number]
            if seen >= wanted:
                return _SHORTEST * math.exp(number * _STEP)
        return 0.0


class Comparison:
    """An observer of calls that tells both wires apart: give it to ``observers=`` of a client, a channel, or several.

    ``report()`` is text for people (Markdown), ``data()`` plain data: by RPC and wire the attempts, errors by class, and the
    50th, 95th and 99th percentile of their time in ms, right within 5 %. What REST does without an RPC is left out, and RPCs
    that share a REST operation are one line. Thread safe; its size does not grow with the calls.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sides: dict[tuple[str, str], _Side] = {}

    def began(self, request: CallRequest) -> None:
        """Nothing."""

    def ended(self, request: CallRequest, begun: Any, result: CallResult) -> None:
        """Counts an attempt."""
        rpc = _shared(
            request.operation if request.operation in ROWS else _BY_OPERATION.get(request.operation)
        )
        if rpc is None:
            return
        number = round(math.log(max(result.seconds, _SHORTEST) / _SHORTEST) / _STEP)
        with self._lock:
            side = self._sides.setdefault((rpc, request.wire), _Side())
            side.calls += 1
            side.times[number] += 1
            if result.error is not None:
                side.errors[type_of(result.error)] += 1

    def data(self) -> list[dict[str, Any]]:
        """A row for each RPC and wire."""
        with self._lock:
            return [
                {
                    "rpc": rpc,
                    "wire": wire,
                    "calls": side.calls,
                    "errors": dict(side.errors.most_common()),
                    **{f"p{each}": round(side.percentile(each) * 1000, 3) for each in _PERCENTILES},
                }
                for (rpc, wire), side in sorted(self._sides.items())
            ]

    def json(self) -> str:
        """``data()`` as text."""
        return json.dumps(self.data(), indent=2) + "\n"

    def report(self) -> str:
        """The same as a table."""
        lines = [
            "| RPC | wire | calls | errors | p50 (ms) | p95 (ms) | p99 (ms) |",
            "| --- | --- | ---: | --- | ---: | ---: | ---: |",
        ]
        for row in self.data():
            errors = ", ".join(f"{count} {name}" for name, count in row["errors"].items()) or "none"
            times = " | ".join(f"{row[f'p{each}']:.1f}" for each in _PERCENTILES)
            lines.append(f"| {row['rpc']} | {row['wire']} | {row['calls']} | {errors} | {times} |")
        return "\n".join(lines) + "\n"

    def __str__(self) -> str:
        return self.report()


def _shared(rpc: str | None) -> str | None:
    """The RPC under whose name those of its operation are counted."""
    if rpc is None or ROWS[rpc].operation is None:
        return rpc
    operation = ROWS[rpc].operation
    return None if operation is None else _BY_OPERATION[operation.id]
