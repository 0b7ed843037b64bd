"""REST over TLS: HTTP/2 and HTTP/1.1 on the fast engine, aiohttp under our client and by itself."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from benchmarks.calls import HEADERS, body, event_loop
from benchmarks.gateway import Addresses
from benchmarks.measure import AT_ONCE, Contender, Effort, Table, alone, at_once, compare
from benchmarks.mock import secured, why_not
from camunda_core.tls import Tls
from camunda_rest import AsyncRestClient, operations

__all__ = ["http2"]

AIOHTTP, HTTP1, HTTP2 = "aiohttp", "AsyncRestClient, fast, HTTP/1.1", "AsyncRestClient, fast, HTTP/2"


def http2(addresses: Addresses, effort: Effort) -> list[Table]:
    """A creation over REST and TLS, one by one and many at once."""
    tables = []
    with event_loop() as loop:
        for how, way in ((alone, "one by one"), (at_once, f"{AT_ONCE} at once")):
            table = Table(f"Creation over REST and TLS, {way}", "µs a call", (AIOHTTP, HTTP1))
            tables.append(table)
            if why_not():
                table.missing = dict.fromkeys((AIOHTTP, HTTP1, HTTP2), why_not())
                continue
            with secured() as to:
                trusted = Tls(ca=to.authority)

                async def opened(to: Any = to, trusted: Tls = trusted) -> dict[str, Any]:
                    context = ssl.create_default_context(cafile=to.authority)
                    return {
                        AIOHTTP: aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)),
                        "AsyncRestClient, default": AsyncRestClient(to.http1, tls=trusted),
                        HTTP1: AsyncRestClient(to.http1, tls=trusted, engine="fast"),
                        HTTP2: AsyncRestClient(to.http2, tls=trusted, engine="fast"),
                    }

                made = loop.run_until_complete(opened())
                session, url = made[AIOHTTP], f"{to.http1}/v2{operations.CREATE_PROCESS_INSTANCE.path}"

                async def bare(session: Any = session, url: str = url) -> Any:
                    async with session.post(
                        url, data=json.dumps(body()).encode(), headers=HEADERS
                    ) as response:
                        return json.loads(await response.read())

                ways: dict[str, Callable[[], Awaitable[Any]]] = {
                    name: lambda client=client: client.call(operations.CREATE_PROCESS_INSTANCE, body=body())  # type: ignore[misc]
                    for name, client in made.items()
                }
                ways[AIOHTTP] = bare
                contenders = [
                    Contender(name, how(loop, work), block=AT_ONCE * 4, step=AT_ONCE)
                    for name, work in ways.items()
                ]
                compare(table, contenders, effort)
                for each in made.values():
                    loop.run_until_complete(each.aclose() if hasattr(each, "aclose") else each.close())
                loop.run_until_complete(asyncio.sleep(0.1))  # TLS takes leave
    return tables
