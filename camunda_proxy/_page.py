"""The pages of a proxy: whether it is alive and ready, its metrics, and the same for people."""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable

from aiohttp import web

from camunda_core.version import VERSION
from camunda_proxy._limits import InFlight
from camunda_proxy._metrics import Metrics

__all__ = ["Page"]

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<meta name="viewport" content="width=device-width"><title>camunda-bridge proxy</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 42rem; padding: 0 1rem; color: #1d2733 }}
h1 {{ font-size: 1.3rem }} .state {{ padding: .15rem .6rem; border-radius: 1rem; color: #fff; background: {color} }}
table {{ border-collapse: collapse; width: 100% }} td, th {{ text-align: left; padding: .3rem .5rem;
border-bottom: 1px solid #dde3ea }} td:last-child, th:last-child {{ text-align: right }}
</style></head><body>
<h1>camunda-bridge proxy {version} <span class="state">{state}</span></h1>
<p>gRPC on <code>{listens}</code>, REST to <code>{upstream}</code></p>
<table><tr><th>under way</th><th>now</th></tr>{rows}</table>
<p><a href="metrics">metrics</a> · <a href="healthz">healthz</a> · <a href="readyz">readyz</a></p>
</body></html>
"""
_COLORS = {"ready": "#1a7f4b", "draining": "#9a6700", "no answer from the cluster": "#b3261e"}


class Page:
    """Serves the pages on an address of its own."""

    def __init__(
        self,
        metrics: Metrics,
        in_flight: InFlight,
        state: Callable[[], Awaitable[str]],
        *,
        upstream: str,
    ) -> None:
        self._metrics = metrics
        self._in_flight = in_flight
        self._state = state
        self._upstream = upstream
        self._listens = ""
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int, listens: str) -> int:
        """Opens the port (0: a free one) and returns it; OSError when it cannot be had."""
        self._listens = listens
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self._shown),
                web.get("/metrics", self._measured),
                web.get("/healthz", self._alive),
                web.get("/readyz", self._ready),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Closes the port."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _alive(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _ready(self, _: web.Request) -> web.Response:
        state = await self._state()
        return web.Response(text=f"{state}\n", status=200 if state == "ready" else 503)

    async def _measured(self, _: web.Request) -> web.Response:
        return web.Response(
            body=self._metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        )

    async def _shown(self, _: web.Request) -> web.Response:
        state = await self._state()
        rows = "".join(
            f"<tr><td>{kind}</td><td>{count}</td></tr>" for kind, count in self._in_flight.counts.items()
        )
        text = _PAGE.format(
            color=_COLORS[state],
            version=html.escape(VERSION),
            state=state,
            listens=html.escape(self._listens),
            upstream=html.escape(self._upstream),
            rows=rows,
        )
        return web.Response(text=text, content_type="text/html")
