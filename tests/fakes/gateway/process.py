"""A gateway in a process of its own, and the channel over which a test tells it what to do."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.fakes.gateway.campaign import Outcome

__all__ = ["Gateway", "running"]

ROOT = Path(__file__).resolve().parents[3]


class Gateway:
    """``grpc`` and ``rest`` are its addresses; every public method of ``Server`` is one here, by keyword beyond the job type."""

    def __init__(self, process: asyncio.subprocess.Process, addresses: dict[str, str]) -> None:
        self.grpc = addresses["grpc"]
        self.rest = addresses["rest"]
        self._process = process
        self._ids = itertools.count(1)
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._reading = asyncio.ensure_future(self._read())

    async def do(self, what: str, **arguments: Any) -> Any:
        """One command, and its result. RuntimeError when the gateway cannot do it."""
        assert self._process.stdin is not None
        number = next(self._ids)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        line = json.dumps({"id": number, "do": what, "with": arguments})
        self._process.stdin.write(line.encode() + b"\n")
        return await answer

    async def add(self, job_type: str, count: int = 1, **more: Any) -> list[int]:
        found: list[int] = await self.do("add", job_type=job_type, count=count, **more)
        return found

    async def ended(self, keys: list[int], timeout: float) -> list[int]:
        left: list[int] = await self.do("ended", keys=keys, timeout=timeout)
        return left

    async def ledger(self, job_type: str) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = await self.do("ledger", job_type=job_type)
        return lines

    async def summary(self, job_type: str) -> dict[str, int]:
        counts: dict[str, int] = await self.do("summary", job_type=job_type)
        return counts

    async def fault(self, kind: str, operation: str, job_type: str = "", **more: Any) -> int:
        number: int = await self.do("fault", kind=kind, operation=operation, job_type=job_type, **more)
        return number

    async def campaign(self, job_type: str, kind: str, times: int, **more: Any) -> Outcome:
        """See ``isolated_faults``."""
        return Outcome(**await self.do("campaign", job_type=job_type, kind=kind, times=times, **more))

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            answer = json.loads(line)
            waiting = self._asked.pop(answer["id"])
            if waiting.done():
                continue
            if "error" in answer:
                waiting.set_exception(RuntimeError(answer["error"]))
            else:
                waiting.set_result(answer["result"])
        for waiting in self._asked.values():
            if not waiting.done():
                waiting.set_exception(RuntimeError("the gateway has ended"))

    async def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 10)
        except asyncio.TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reading


@asynccontextmanager
async def running(**settings: Any) -> AsyncIterator[Gateway]:
    """A gateway for as long as the context lasts. ``settings``: those of ``Server``."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.fakes.gateway",
        json.dumps(settings),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        limit=1 << 26,
    )
    assert process.stdout is not None
    gateway = Gateway(process, json.loads(await process.stdout.readline()))
    try:
        yield gateway
    finally:
        await gateway.close()
