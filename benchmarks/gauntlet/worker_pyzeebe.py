"""An unmodified pyzeebe worker as a contender. ``variant``: whose channel, on which engine, and whether it streams."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

from benchmarks.gauntlet.conduct import Conduct, Settings, say


def _channel(settings: Settings) -> Any:
    if "bridge" in settings.variant:
        import bridge

        return bridge.aio_channel(settings.address)
    if "camunda_grpc" in settings.variant:
        import camunda_grpc

        engine: Any = "fast" if "fast" in settings.variant else "default"
        return camunda_grpc.aio_channel(settings.address, engine=engine)
    from pyzeebe import create_insecure_channel

    return create_insecure_channel(grpc_address=settings.address)


async def main(settings: Settings) -> None:
    from pyzeebe import Job, ZeebeWorker

    conduct = Conduct(settings)
    worker = ZeebeWorker(_channel(settings), stream_enabled="stream" in settings.variant)

    async def broken(error: Exception, job: Any, controller: Any) -> None:
        raise RuntimeError("the exception handler fails too")

    options: dict[str, Any] = {"timeout_ms": int(settings.timeout * 1000)}
    if settings.limit:
        options |= {"max_jobs_to_activate": settings.limit, "max_running_jobs": settings.limit}
    if settings.handler == "raise twice":
        options["exception_handler"] = broken

    async def handle(job: Job) -> dict[str, Any]:
        return await conduct.handle(job.key, int(str(job.variables["n"])))

    handle.__annotations__ = {"job": Job, "return": dict[str, Any]}
    made: Any = worker.task(settings.job_type, **options)
    made(handle)
    stopping: list[asyncio.Task[None]] = []
    loop = asyncio.get_running_loop()
    stop: Callable[[], Coroutine[Any, Any, None]] = worker.stop
    loop.add_signal_handler(signal.SIGTERM, lambda: stopping.append(asyncio.ensure_future(stop())))
    say("ready")
    try:
        await worker.work()
        say("end", how="work() returned")
    except BaseException as error:
        if os.environ.get("GAUNTLET_LOUD"):
            traceback.print_exc()
        inner = getattr(error, "exceptions", (error,))[0]
        say("end", how=f"work() raised {type(inner).__name__}")
    for task in stopping:
        with contextlib.suppress(Exception):
            await task


if __name__ == "__main__":
    asyncio.run(main(Settings.given()))
