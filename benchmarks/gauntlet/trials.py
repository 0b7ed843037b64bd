"""The trials. Each puts one contender through one misfortune and says in a few words what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from benchmarks.gauntlet.contenders import Contender, working
from tests.fakes.gateway import Gateway

__all__ = ["TRIALS", "Effort", "Trial"]


@dataclass(frozen=True)
class Effort:
    """``faults``: how many of each kind, unless ``budget`` seconds are over before."""

    faults: int = 200
    budget: float = 60.0


@dataclass(frozen=True)
class Trial:
    """``run(contender, gateway, effort)`` gives the words of one cell."""

    name: str
    title: str
    run: Callable[[Contender, Gateway, Effort], Awaitable[str]]
    settings: dict[str, str] | None = None

    def lacking(self, contender: Contender) -> str:
        """Why the contender cannot take part; empty when it can."""
        return contender.lacks.get(self.name.partition(":")[0], "")


# Isolated faults: the same misfortune has a name of its own on each wire.
_FAULTS = {
    "unavailable": ("the broker is unavailable", "UNAVAILABLE", "503"),
    "internal": ("an internal error", "INTERNAL", "500"),
    "unknown": ("an unknown error; 502 over REST", "UNKNOWN", "502"),
    "exhausted": ("back-pressure", "RESOURCE_EXHAUSTED", "pressure"),
    "deadline": ("a timeout inside the cluster", "DEADLINE_EXCEEDED", "504"),
    "token": ("a token refused once", "UNAUTHENTICATED", "401"),
    "limit": ("a proxy's rate limit; GOAWAY on gRPC", "goaway", "429"),
    "page": ("a proxy's page of HTML; RST_STREAM on gRPC", "rst", "html"),
    "reset": ("the connection is reset", "reset", "reset"),
    "half": ("half of an answer; the stream ends on gRPC", "end", "half"),
}


def _isolated(on_grpc: str, on_rest: str) -> Callable[[Contender, Gateway, Effort], Awaitable[str]]:
    async def run(contender: Contender, gateway: Gateway, effort: Effort) -> str:
        kind = on_grpc if contender.wire == "grpc" else on_rest
        operation = "StreamActivatedJobs" if contender.streams else "ActivateJobs"
        if kind == "end" and not contender.streams:
            return "–"
        async with working(contender, gateway, f"faults-{kind}"):
            outcome = await gateway.campaign(
                f"faults-{kind}",
                kind,
                effort.faults,
                operation=operation,
                budget=effort.budget,
                patience=30.0,
            )
        number = len(outcome.waits) + bool(outcome.dead)
        words = f"{outcome.within(5.0)} of {number}, worst {outcome.worst:.1f} s"
        return f"{words}; dead after {number}" if outcome.dead else words

    return run


def _completions(on_grpc: str, on_rest: str) -> Callable[[Contender, Gateway, Effort], Awaitable[str]]:
    async def run(contender: Contender, gateway: Gateway, effort: Effort) -> str:
        kind = on_grpc if contender.wire == "grpc" else on_rest
        await gateway.fault(kind, "CompleteJob", "finish", count=1 if kind == "lost" else 3, per_job=True)
        async with working(contender, gateway, "finish", timeout=6.0) as worker:
            keys = await gateway.add("finish", 5)
            left = await gateway.ended(keys, 40.0)
            await asyncio.sleep(1.0)
            runs = sum(worker.runs.values())
        found = await gateway.summary("finish")
        words = f"{runs} runs, {found['completions']} completions, {found['failures']} FailJob"
        return f"{words}, {len(left)} unfinished" if left else words

    return run


def _result(handler: str) -> Callable[[Contender, Gateway, Effort], Awaitable[str]]:
    async def run(contender: Contender, gateway: Gateway, effort: Effort) -> str:
        async with working(contender, gateway, "result", handler=handler, timeout=1.0) as worker:
            keys = await gateway.add("result", retries=1)
            left = await gateway.ended(keys, 10.0)
            runs = sum(worker.runs.values())
        found = await gateway.summary("result")
        words = f"{runs} run{'s' * (runs != 1)}"
        return (
            f"{words}, no answer" if left else f"{words}, {'completed' if found['completions'] else 'failed'}"
        )

    return run


def _terminated(in_hand: int, sleep: float) -> Callable[[Contender, Gateway, Effort], Awaitable[str]]:
    async def run(contender: Contender, gateway: Gateway, effort: Effort) -> str:
        async with working(
            contender, gateway, "sigterm", sleep=sleep, limit=in_hand + 32, timeout=600.0
        ) as worker:
            await gateway.do("waiting", job_type="sigterm", count=1, timeout=10)
            await gateway.fault("late", "ActivateJobs", "sigterm", delay=1.5)
            if in_hand:
                await gateway.add("sigterm", in_hand)
                await gateway.do("activated", job_type="sigterm", count=in_hand, timeout=15)
            else:
                await gateway.do(
                    "strike", job_type="sigterm", kind="UNAVAILABLE" if contender.wire == "grpc" else "429"
                )
            await gateway.do("waiting", job_type="sigterm", count=1, timeout=10)
            await gateway.add("sigterm", 32)
            await asyncio.sleep(0.2)
            worker.terminate()
            took = await worker.exit(30.0)  # as long as Kubernetes waits before it kills
        found = await gateway.summary("sigterm")
        gone = "killed after 30 s" if took is None else f"gone after {took:.1f} s"
        return f"{found['locked']} locked, {gone}; {found.get('completed', 0)} completed, {found['given back']} given back"

    return run


def _refused(
    on_grpc: str, on_rest: str, operations: str
) -> Callable[[Contender, Gateway, Effort], Awaitable[str]]:
    async def run(contender: Contender, gateway: Gateway, effort: Effort) -> str:
        kind = on_grpc if contender.wire == "grpc" else on_rest
        for operation in operations.split():
            await gateway.fault(kind, operation, "refused", count=1_000_000)
        async with working(contender, gateway, "refused", timeout=2.0) as worker:
            await gateway.ended(await gateway.add("refused", retries=2), 20.0)
            runs, ended = sum(worker.runs.values()), worker.ended
        found = await gateway.summary("refused")
        end = ended or ("an incident" if found.get("incident") else "no incident, and goes on")
        return f"{runs} run{'s' * (runs != 1)}, {found['failures']} FailJob; {end}"

    return run


def _parked(operation: str) -> Callable[[Contender, Gateway, Effort], Awaitable[str]]:
    async def run(contender: Contender, gateway: Gateway, effort: Effort) -> str:
        await gateway.fault("wait:3600", operation, "parked", count=1)
        began = time.monotonic()
        async with working(contender, gateway, "parked", timeout=5.0) as worker:
            left = await gateway.ended(await gateway.add("parked", push=False), 30.0)
            took, runs = time.monotonic() - began, sum(worker.runs.values())
        words = "nothing for 30 s" if left else f"done after {took:.1f} s"
        return f"{words}, {runs} run{'s' * (runs != 1)}"

    return run


async def _silent(contender: Contender, gateway: Gateway, effort: Effort) -> str:
    addresses = await gateway.do("blackholes")
    async with working(contender, gateway, "silent", address=addresses[contender.wire], timeout=300.0):
        await gateway.ended(await gateway.add("silent"), 30.0)
        await gateway.do("swallow")
        began = time.monotonic()
        # What is given to a dead connection is locked: what comes later counts.
        while time.monotonic() < began + 90.0:
            if not await gateway.ended(await gateway.add("silent"), 1.0):
                return f"back after {time.monotonic() - began:.1f} s"
    return "not back within 90 s"


async def _large(contender: Contender, gateway: Gateway, effort: Effort) -> str:
    keys = await gateway.add("large", 8, variables={"text": "x" * 3_000_000}, push=False)
    began = time.monotonic()
    async with working(contender, gateway, "large", timeout=3.0):
        left = await gateway.ended(keys, 40.0)
    return f"{8 - len(left)} of 8 done" + ("" if left else f" after {time.monotonic() - began:.1f} s")


async def _pushed(contender: Contender, gateway: Gateway, effort: Effort) -> str:
    async with working(contender, gateway, "pushed", limit=4, sleep=0.02) as worker:
        await gateway.do("waiting", job_type="pushed", count=1, timeout=10, streams=contender.streams)
        began = time.monotonic()
        keys = []
        for _ in range(20):
            keys += await gateway.add("pushed", 100)
            await asyncio.sleep(0.05)
        left = await gateway.ended(keys, 60.0)
        took, peak = time.monotonic() - began, worker.peak
    done = f"all done in {took:.1f} s" if not left else f"{2000 - len(left)} done in 60 s"
    return f"{peak} at a time, {done}"


async def _crashed(contender: Contender, gateway: Gateway, effort: Effort) -> str:
    async with working(contender, gateway, "crash", handler="crash", limit=2):
        keys = await gateway.add("crash", 6, retries=1)
        await gateway.ended(keys, 20.0)
    found = await gateway.summary("crash")
    return f"{found.get('completed', 0)} completed, {found.get('incident', 0)} failed"


async def _stalled(contender: Contender, gateway: Gateway, effort: Effort) -> str:
    async with working(contender, gateway, "stall"):
        await gateway.do("waiting", job_type="stall", count=1, timeout=10)
        await gateway.do("strike", job_type="stall", kind="stall")
        began = time.monotonic()
        left = await gateway.ended(await gateway.add("stall", 3, push=False), 60.0)
    return "nothing for 60 s" if left else f"3 jobs done after {time.monotonic() - began:.1f} s"


async def _strange(contender: Contender, gateway: Gateway, effort: Effort) -> str:
    began = time.monotonic()
    async with working(contender, gateway, "strange", token="wrong") as worker:
        for _ in range(150):
            if worker.ended:
                return f"{worker.ended} within {time.monotonic() - began:.0f} s"
            await asyncio.sleep(0.1)
    return "goes on, and says nothing"


_RESULTS = {
    "datetime": "a datetime in the result",
    "nan": "NaN in the result",
    "set": "a set in the result",
    "object": "an object that nobody can turn into JSON",
    "raise twice": "the handler raises, and so does what handles exceptions",
}
_FINISHES = {
    "unavailable": ("UNAVAILABLE / 503", "UNAVAILABLE", "503"),
    "exhausted": ("RESOURCE_EXHAUSTED / 429", "RESOURCE_EXHAUSTED", "429"),
    "reset": ("connection reset", "reset", "reset"),
    "lost": ("executed, its answer lost (first one only)", "lost", "lost"),
}

TRIALS = [
    *(
        Trial(f"faults:{name}", f"{title}", _isolated(on_grpc, on_rest))
        for name, (title, on_grpc, on_rest) in _FAULTS.items()
    ),
    *(
        Trial(f"finish:{name}", title, _completions(on_grpc, on_rest))
        for name, (title, on_grpc, on_rest) in _FINISHES.items()
    ),
    *(Trial(f"result:{name}", title, _result(name)) for name, title in _RESULTS.items()),
    Trial(
        "refused:page",
        "a firewall's page to every completion; PERMISSION_DENIED on gRPC",
        _refused("PERMISSION_DENIED", "page:403", "CompleteJob"),
    ),
    Trial(
        "refused:error", "an internal error to every completion", _refused("INTERNAL", "500", "CompleteJob")
    ),
    Trial(
        "refused:right",
        "no right to answer at all",
        _refused("PERMISSION_DENIED", "403", "CompleteJob FailJob ThrowError"),
    ),
    Trial("parked:poll", 'a poll: "come back in an hour"', _parked("ActivateJobs")),
    Trial("parked:answer", 'a completion: "come back in an hour", the lock is 5 s', _parked("CompleteJob")),
    Trial("sigterm:idle", "SIGTERM, 32 jobs on the wire, none in hand", _terminated(0, 0.0)),
    Trial("sigterm:busy", "SIGTERM, 32 on the wire, 20 in hand that take 3 s", _terminated(20, 3.0)),
    Trial(
        "sigterm:edge", "SIGTERM, 32 on the wire, 20 in hand that end with the grace", _terminated(20, 12.0)
    ),
    Trial("sigterm:long", "SIGTERM, 32 on the wire, 20 in hand that take a minute", _terminated(20, 60.0)),
    Trial("pushed", "limit 4, 2,000 jobs within a second", _pushed),
    Trial("crash", "process pool: the first of 6 jobs takes its process down", _crashed),
    Trial("silent", "the network dies without a word", _silent),
    Trial("large", "8 jobs of 3 MB each", _large),
    Trial("stall", "a poll that is never answered", _stalled),
    Trial("token", "wrong credentials", _strange, {"token": "right"}),
]
