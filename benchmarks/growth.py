"""How what a job or a call costs grows: with task types, slots, payloads, callers and processes.

Each point is measured as ``benchmarks.worker`` does, or as ``benchmarks.engines`` does where calls are meant. Contestants take
turns at a point, so that whatever else the machine does meets all of them alike.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, cast

from benchmarks.contestants import Contestant
from benchmarks.gateway import client_core
from benchmarks.measure import together
from benchmarks.mock import JobsGateway, answering, running
from benchmarks.peers import Absent
from benchmarks.ring import most_open
from benchmarks.worker import TUNED_OPTIONS, flood, floods

__all__ = ["CURVES", "Curves", "Span"]

_TYPE = "charge"


@dataclass(frozen=True)
class Span:
    """How much is measured: ``seconds`` a point, ``rounds`` points of which the median counts."""

    seconds: float = 1.5
    rounds: int = 2


@dataclass
class Curves:
    """One picture."""

    name: str
    title: str
    x_name: str
    y_name: str
    curves: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def add(self, name: str, x: float, found: Sequence[float]) -> None:
        """The median of what was found at a point; nothing, where nothing was."""
        if found:
            self.curves.setdefault(name, []).append((x, median(found)))

    def markdown(self) -> str:
        """The figures as a table: a row for each x, a column for each curve."""
        names = list(self.curves)
        lines = [f"| {self.x_name} | " + " | ".join(names) + " |", "|---:|" + "---:|" * len(names)]
        for x in sorted({x for curve in self.curves.values() for x, _ in curve}):
            cells = [
                next((f"{value:,.0f}" for at, value in self.curves[name] if at == x), "") for name in names
            ]
            lines.append(f"| {x:,.0f} | " + " | ".join(cells) + " |")
        return "\n".join(lines)


def _ours(address: str = "grpc", types: int = 1, **options: Any) -> Contestant:
    return Contestant("ours", address, _TYPE, options, types=types)


def _tuned(types: int = 1, **changed: Any) -> Contestant:
    return Contestant("pyzeebe", "grpc", _TYPE, {**TUNED_OPTIONS, **changed}, types=types)


def _points(
    curves: Curves, x: float, contestants: dict[str, Contestant], gateway: JobsGateway, span: Span, limit: int
) -> None:
    found: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(span.rounds):
        for name, contestant in contestants.items():
            try:
                measured = flood(contestant, gateway, span.seconds, limit, min(limit, 200))
            except Absent as absent:
                print(f"{curves.name} {x:g} {name}: {absent}", file=sys.stderr, flush=True)
                continue
            if measured.jobs:
                found[name].append(measured.cpu / measured.jobs * 1e6)
    for name, values in found.items():
        curves.add(name, x, values)
        shown = " ".join(f"{each:.0f}" for each in values)
        print(f"{curves.name} {x:g} {name}: {shown} µs", file=sys.stderr, flush=True)


def types(span: Span) -> Curves:
    """Task types of one worker."""
    curves = Curves(
        "types",
        "What a job costs with many task types",
        "task types of a worker, all busy",
        "µs of CPU a job",
    )
    with running() as gateway:
        for count in (1, 10, 100):
            contestants = {
                "ours, gRPC, fast": _ours(types=count, engine="fast"),
                "ours, gRPC": _ours(types=count),
                "ours, REST, fast": _ours("rest", types=count, engine="fast"),
                "pyzeebe, tuned": _tuned(types=count),
            }
            _points(curves, count, contestants, gateway, span, most_open(0))
    return curves


def slots(span: Span) -> Curves:
    """``max_jobs_active`` and what others call it."""
    curves = Curves("slots", "What a job costs with many slots", "jobs in hand at most", "µs of CPU a job")
    with running() as gateway:
        for count in (1, 10, 32, 100, 300, 1000):
            contestants = {
                "ours, gRPC, fast": _ours(max_jobs_active=count, engine="fast"),
                "ours, gRPC": _ours(max_jobs_active=count),
                "ours, stream, fast": _ours(max_jobs_active=count, stream=True, engine="fast"),
                "ours, REST, fast": _ours("rest", max_jobs_active=count, engine="fast"),
                "raw grpc.aio loop": Contestant("raw", "grpc", _TYPE, {"batch": count}),
                "pyzeebe, tuned": _tuned(
                    max_jobs_to_activate=min(count, 100), max_running_jobs=max(count, 2)
                ),
            }
            _points(curves, count, contestants, gateway, span, most_open(0))
    return curves


def payloads(span: Span) -> Curves:
    """Bytes of variables in a job; completions have a few."""
    curves = Curves(
        "payloads", "What a job costs with large variables", "bytes of variables in a job", "µs of CPU a job"
    )
    with running() as gateway:
        for size in (100, 1_000, 10_000, 100_000, 1_000_000):
            gateway.load(size)
            # As many jobs as fit into one answer of 4 MB, which is what a client of grpcio reads.
            count = max(1, min(32, 3_000_000 // size))
            contestants = {
                "ours, gRPC, fast": _ours(max_jobs_active=count, engine="fast"),
                "ours, gRPC": _ours(max_jobs_active=count),
                "ours, REST, fast": _ours("rest", max_jobs_active=count, engine="fast"),
                "raw grpc.aio loop": Contestant("raw", "grpc", _TYPE, {"batch": count}),
                "pyzeebe, tuned": _tuned(max_jobs_to_activate=count),
            }
            _points(curves, size, contestants, gateway, span, most_open(size))
    return curves


def processes(span: Span) -> Curves:
    """Worker processes on all cores, and the gateway beside them."""
    curves = Curves(
        "processes",
        f"Jobs per second of several worker processes, {os.cpu_count()} cores, the gateway on them too",
        "worker processes",
        "jobs a second, all together",
    )
    contestants = {
        "ours, gRPC, fast": _ours(engine="fast"),
        "ours, gRPC": _ours(),
        "ours, REST, fast": _ours("rest", engine="fast"),
        "pyzeebe, tuned": _tuned(),
    }
    with _all_cores(), running(core=None) as gateway:
        for count in (1, 2, 4):
            found: dict[str, list[float]] = {name: [] for name in contestants}
            for _ in range(span.rounds):
                for name, contestant in contestants.items():
                    with contextlib.suppress(Absent):
                        measured = floods([contestant] * count, gateway, span.seconds, most_open(0), 500)
                        found[name].append(measured.jobs / measured.wall)
            for name, values in found.items():
                curves.add(name, count, values)
                shown = " ".join(f"{each:.0f}" for each in values)
                print(f"processes {count} {name}: {shown} jobs/s", file=sys.stderr, flush=True)
    return curves


@contextlib.contextmanager
def _all_cores() -> Iterator[None]:
    core = client_core()
    if core is None:
        yield
        return
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield
    finally:
        os.sched_setaffinity(0, {core})


def callers(span: Span) -> Curves:
    """Coroutines that create process instances on one client."""
    import aiohttp
    import grpc.aio
    from pyzeebe import ZeebeClient

    import bridge
    from benchmarks.calls import HEADERS, VARIABLES, body, event_loop, message
    from camunda_grpc import gateway_pb2_grpc
    from camunda_rest import operations

    curves = Curves(
        "callers",
        "What a creation costs with many callers",
        "callers at once, one client",
        "µs of CPU a call",
    )
    with answering() as gateway, event_loop() as loop:
        url = f"{gateway.rest}/v2{operations.CREATE_PROCESS_INSTANCE.path}"

        async def opened() -> tuple[dict[str, Callable[[], Awaitable[Any]]], list[Callable[[], Any]]]:
            raw, session = grpc.aio.insecure_channel(gateway.grpc), aiohttp.ClientSession()
            theirs = grpc.aio.insecure_channel(gateway.grpc)
            stub: Any = gateway_pb2_grpc.GatewayStub(raw)
            creation, zeebe, variables = message(), ZeebeClient(theirs), cast(Any, VARIABLES)

            async def bare() -> Any:
                async with session.post(url, json=body(), headers=HEADERS) as response:
                    return await response.json()

            ways: dict[str, Callable[[], Awaitable[Any]]] = {}
            clients: list[Any] = []
            for engine, word in (("fast", ", fast"), ("default", "")):
                for wire, name in (("gRPC", "grpc_address"), ("REST", "rest_address")):
                    given: Any = {name: gateway.grpc if wire == "gRPC" else gateway.rest, "engine": engine}
                    client = bridge.AsyncClient(**given)
                    clients.append(client)
                    ways[f"ours, {wire}{word}"] = lambda client=client: client.create_process_instance(  # type: ignore[misc]
                        "order", variables=VARIABLES
                    )
            ways |= {
                "raw grpc.aio stub": lambda: stub.CreateProcessInstance(creation),
                "aiohttp session": bare,
                "pyzeebe": lambda: zeebe.run_process("order", variables),
            }
            return ways, [raw.close, theirs.close, session.close, *(client.aclose for client in clients)]

        ways, closing = loop.run_until_complete(opened())
        for count in (1, 4, 16, 64):
            found: dict[str, list[float]] = {name: [] for name in ways}
            block = 16 * count  # so many calls of each caller, or most of it would be the start of all
            for way in ways.values():
                together(loop, way, count)(block)
            for _ in range(2 * span.rounds):
                for name, way in ways.items():
                    spent, calls, began = 0.0, 0, time.monotonic()
                    while calls == 0 or time.monotonic() - began < span.seconds / 3:
                        spent += together(loop, way, count)(block)
                        calls += block
                    found[name].append(spent / calls * 1e6)
            for name, values in found.items():
                curves.add(name, count, values)
                shown = " ".join(f"{each:.0f}" for each in values)
                print(f"callers {count} {name}: {shown} µs", file=sys.stderr, flush=True)
        for close in closing:
            loop.run_until_complete(close())
    return curves


CURVES: dict[str, Callable[[Span], Curves]] = {
    "types": types,
    "slots": slots,
    "payloads": payloads,
    "callers": callers,
    "processes": processes,
}
