"""A TCP proxy that behaves as bad networks do, in a process of its own: ``python -m benchmarks.hardship.proxy BEHIND[:OWN] ...``.

BEHIND is the port of a gateway, OWN the one to listen at, if not a free one. It says its ports as one line
of JSON. Orders come on stdin, one a line, and each is answered with a line once
it is carried out:

    pass            everything goes through
    delay S         every piece arrives S seconds late
    stall           nothing arrives, connections stay: what a burst of lost packets looks like; later all of it arrives
    mute            half-open: requests arrive, answers are swallowed, for connections that exist by then too
    partition       nothing arrives in either direction and is lost; new connections are accepted by nobody
    reset           all connections are reset, once

Connections that lost something by ``mute`` or ``partition`` are reset when the network is whole again, as
what lies between does that forgot them. Killing and stopping this process is killing and stopping a gateway:
the broker behind it lives on.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys

from tests.fakes.gateway.relay import reset


class _Network:
    def __init__(self) -> None:
        self.mode, self.delay = "pass", 0.0
        self.changed = asyncio.Event()
        self.pairs: dict[tuple[asyncio.StreamWriter, asyncio.StreamWriter], bool] = {}

    def order(self, line: str) -> None:
        what, _, value = line.strip().partition(" ")
        if what == "reset":
            for pair in list(self.pairs):
                reset(pair[0])
                reset(pair[1])
            return
        for pair, torn in list(self.pairs.items()):
            if torn:
                reset(pair[0])
                reset(pair[1])
        self.mode, self.delay = what, float(value or 0.0)
        self.changed.set()
        self.changed = asyncio.Event()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, behind: int) -> None:
        while self.mode == "partition":
            await self.changed.wait()
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", behind)
        except OSError:
            reset(writer)
            return
        pair = (writer, far_writer)
        self.pairs[pair] = False
        ways = [
            asyncio.ensure_future(self._forward(pair, reader, far_writer, answers=False)),
            asyncio.ensure_future(self._forward(pair, far_reader, writer, answers=True)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in ways:
                each.cancel()
            del self.pairs[pair]
            for writing in pair:
                writing.transport.abort()

    async def _forward(
        self,
        pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        answers: bool,
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                while self.mode == "stall":
                    await self.changed.wait()
                if self.mode == "partition" or (self.mode == "mute" and answers):
                    self.pairs[pair] = True
                    continue
                if self.mode == "delay":
                    await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()


async def _main(places: list[str]) -> None:
    network = _Network()
    ports = []
    for place in places:
        behind, _, own = place.partition(":")

        def accept(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int = int(behind)
        ) -> asyncio.Task[None]:
            return asyncio.ensure_future(network.accept(reader, writer, port))

        server = await asyncio.start_server(accept, "127.0.0.1", int(own or 0))
        ports.append(server.sockets[0].getsockname()[1])
    print(json.dumps(ports), flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        network.order(line)
        print(json.dumps(network.mode), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:]))
