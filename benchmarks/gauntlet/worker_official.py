"""The official SDK's worker as a contender; run by the interpreter of an environment that has it."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

from benchmarks.gauntlet.conduct import Conduct, Settings, isolated, say

os.environ.setdefault("CAMUNDA_SDK_LOG_LEVEL", "silent")


def crash(job: Any) -> Any:
    """In a process pool, so it must stand by itself."""
    number = int(job.variables.to_dict()["n"])
    say("run", key=str(job.job_key), running=1)
    return isolated(number)


async def main(settings: Settings) -> None:
    import camunda_orchestration_sdk as sdk
    from loguru import logger

    if not os.environ.get("GAUNTLET_LOUD"):
        logger.remove()
    conduct = Conduct(settings)
    configuration: Any = {"CAMUNDA_REST_ADDRESS": settings.address, "CAMUNDA_AUTH_STRATEGY": "NONE"}
    client: Any = sdk.CamundaAsyncClient(configuration=configuration)
    more = {"max_concurrent_jobs": settings.limit} if settings.limit else {}
    config: Any = sdk.WorkerConfig(
        job_type=settings.job_type, job_timeout_milliseconds=int(settings.timeout * 1000), **more
    )

    async def handle(job: Any) -> Any:
        return await conduct.handle(job.job_key, int(job.variables.to_dict()["n"]))

    if settings.handler == "crash":
        client.create_job_worker(config, crash, execution_strategy="process")
    else:
        client.create_job_worker(config, handle)
    working = asyncio.ensure_future(client.run_workers())
    if (
        settings.handler != "crash"
    ):  # the pool's children share the handler, and their pool sends them SIGTERM
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    say("ready")
    try:
        await working
        say("end", how="run_workers() returned")
    except asyncio.CancelledError:
        await client.aclose()
    except Exception as error:
        say("end", how=f"run_workers() raised {type(error).__name__}")


if __name__ == "__main__":
    asyncio.run(main(Settings.given()))
