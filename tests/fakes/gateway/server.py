"""The gateway: one store behind two doors, and what a test may tell it to do."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from types import TracebackType
from typing import Any

from tests.fakes.gateway.blackhole import Blackhole
from tests.fakes.gateway.campaign import isolated_faults
from tests.fakes.gateway.faults import Faults
from tests.fakes.gateway.grpc_side import GrpcDoor
from tests.fakes.gateway.rest_side import RestDoor
from tests.fakes.gateway.store import Entry, Store

__all__ = ["Server"]


class Server:
    """Both doors, in the running loop; an asynchronous context manager.

    The public methods are what can be asked of it, over its control channel too: arguments and answers are JSON.
    """

    def __init__(self, *, token: str = "", version: str = "8.6.0", dialect: str = "8.6") -> None:
        self.store = Store()
        self.faults = Faults()
        self.grpc = GrpcDoor(self.store, self.faults, token=token, version=version)
        self.rest = RestDoor(self.store, self.faults, token=token, version=version, dialect=dialect)
        self._sweeping: asyncio.Task[None] | None = None
        self._holes: list[Blackhole] = []

    async def __aenter__(self) -> Server:
        await self.grpc.start()
        await self.rest.start()
        self._sweeping = asyncio.ensure_future(self.store.sweep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._sweeping is not None
        self._sweeping.cancel()
        await asyncio.gather(self._sweeping, return_exceptions=True)
        for hole in self._holes:
            await hole.__aexit__(None, None, None)
        await self.rest.stop()
        await self.grpc.stop()

    # Jobs

    async def add(
        self,
        job_type: str,
        count: int = 1,
        *,
        variables: dict[str, Any] | None = None,
        retries: int = 3,
        push: bool = True,
    ) -> list[int]:
        """Creates jobs with these variables and their number as ``n``; their keys. ``push`` False: not for streams."""
        each = ({"n": number, **(variables or {})} for number in range(count))
        return self.store.add(job_type, each, retries=retries, push=push)

    async def ended(self, keys: list[int], timeout: float) -> list[int]:
        """Waits until these jobs are completed, failed for good or ended by an error; the keys of those that are not."""
        await self._until(lambda: all(self._is_over(key) for key in keys), timeout)
        return self._left(keys)

    async def activated(self, job_type: str, count: int, timeout: float) -> int:
        """Waits until so many jobs of the type have been activated at least once; how many have."""

        def number() -> int:
            return sum(bool(entry.activations) for entry in self._of(job_type))

        await self._until(lambda: number() >= count, timeout)
        return number()

    async def ledger(self, job_type: str) -> list[dict[str, Any]]:
        """All that is known of every job of the type."""
        return [entry.line() for entry in self._of(job_type)]

    async def summary(self, job_type: str) -> dict[str, int]:
        """Counts over the jobs of the type: by state, and of what should not happen."""
        entries = self._of(job_type)
        found = Counter(entry.state for entry in entries)
        return {
            "jobs": len(entries),
            **found,
            "activations": sum(len(entry.activations) for entry in entries),
            "completions": sum(len(entry.completions) for entry in entries),
            "failures": sum(len(entry.failures) for entry in entries),
            "errors": sum(len(entry.errors) for entry in entries),
            "swallowed": sum(
                not activation.delivered for entry in entries for activation in entry.activations
            ),
            "refused": sum(len(entry.refused) for entry in entries),
            "given back": sum(
                failure["retries"] >= failure["before"] for entry in entries for failure in entry.failures
            ),
            "locked": len(self.store.locked(job_type)),
            "yields": self.store.yields,
        }

    # Faults

    async def fault(self, kind: str, operation: str, job_type: str = "", **more: Any) -> int:
        """Puts a rule in force (see ``faults``); its number."""
        return self.faults.add(kind=kind, operation=operation, job_type=job_type, **more)

    async def struck(self, number: int, times: int, timeout: float) -> int:
        """Waits until a rule has struck so often; how often it has."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.faults.struck(number, times), timeout)
        return len(self.faults.rules[number].fired)

    async def drop(self, number: int) -> int:
        """Takes a rule out of force; how often it had struck."""
        return self.faults.drop(number)

    async def strike(self, job_type: str, kind: str) -> int:
        """Lets a fault meet the polls of the type that are waiting now; how many there were."""
        return self.store.strike(job_type, kind)

    async def end_streams(self, job_type: str, kind: str = "end") -> int:
        """Ends the open streams of the type; how many there were."""
        return self.grpc.end_streams(job_type, kind)

    async def listen(self) -> str:
        """Another gRPC address, whose connections are nobody else's."""
        return await self.grpc.listen()

    async def blackholes(self) -> dict[str, str]:
        """More addresses, on each wire, over whose connections nothing passes any more after ``swallow``."""
        for port in (int(self.grpc.address.rpartition(":")[2]), self.rest.port):
            hole = Blackhole(port)
            self._holes.append(hole)
            await hole.__aenter__()
        grpc, rest = self._holes[-2:]
        return {"grpc": f"127.0.0.1:{grpc.port}", "rest": f"http://127.0.0.1:{rest.port}"}

    async def swallow(self) -> None:
        """The network dies without a word, for all connections that were made to ``blackholes``."""
        for hole in self._holes:
            hole.swallow()

    async def cut(self) -> None:
        """Resets every connection."""
        self.grpc.cut()
        for connection in list(self.rest.connections):
            connection.reset()

    async def campaign(self, job_type: str, kind: str, times: int, **more: Any) -> dict[str, Any]:
        """One isolated fault after the other: see ``campaign.isolated_faults``."""
        return asdict(await isolated_faults(self, job_type, kind, times, **more))

    # What it sees

    async def waiting(self, job_type: str, count: int, timeout: float, *, streams: bool = False) -> int:
        """Waits until so many polls (or streams) of the type are open; how many are."""

        def number() -> int:
            return self.store.streams(job_type) if streams else len(self.store.polls[job_type])

        await self._until(lambda: number() >= count, timeout)
        return number()

    async def idle(self, job_type: str, timeout: float) -> bool:
        """Waits until no poll and no stream of the type is open any more; whether that is so."""

        def nobody() -> bool:
            return not self.store.polls[job_type] and not self.store.streams(job_type)

        await self._until(nobody, timeout)
        return nobody()

    async def calls(self, operation: str, job_type: str = "") -> int:
        """How often an operation was called for a type (or in all)."""
        calls = self.faults.calls
        return sum(n for (op, of), n in calls.items() if op == operation and job_type in ("", of))

    def _of(self, job_type: str) -> list[Entry]:
        return [entry for entry in self.store.jobs.values() if entry.type == job_type]

    def _is_over(self, key: int) -> bool:
        return self.store.jobs[key].state in ("completed", "incident", "error")

    def _left(self, keys: list[int]) -> list[int]:
        return [key for key in keys if not self._is_over(key)]

    async def _until(self, condition: Callable[[], bool], timeout: float) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.store.watch.until(condition), timeout)
