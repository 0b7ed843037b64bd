"""``python -m tests.fakes.gateway '{"token": ""}'``: the gateway as a process.

It says where it listens in a first line of JSON, then answers requests ``{"id": 1, "do": "add", "with": {…}}`` from its standard
input with ``{"id": 1, "result": …}`` or ``{"id": 1, "error": "…"}``, as many at a time as there are. It ends with its input.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from tests.fakes.gateway.server import Server


def _say(line: Any) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def _do(server: Server, request: dict[str, Any]) -> None:
    try:
        if request["do"].startswith("_"):
            raise AttributeError(request["do"])
        result = await getattr(server, request["do"])(**request["with"])
        _say({"id": request["id"], "result": result})
    except Exception as error:
        _say({"id": request["id"], "error": f"{type(error).__name__}: {error}"})


async def _serve(settings: dict[str, Any]) -> None:
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    async with Server(**settings) as server:
        _say({"grpc": server.grpc.address, "rest": server.rest.address})
        doing: set[asyncio.Task[None]] = set()
        while line := await reader.readline():
            task = asyncio.ensure_future(_do(server, json.loads(line)))
            doing.add(task)
            task.add_done_callback(doing.discard)
        for task in doing:
            task.cancel()


if __name__ == "__main__":
    asyncio.run(_serve(json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}))
