"""The official SDK's worker; run by the interpreter of an environment that has it.

``official_worker.py ADDRESS TYPE LIMIT HANDLER``: LIMIT is ``max_concurrent_jobs``, 0 for the SDK's default; HANDLER is "async" or
"thread". It works until SIGTERM. Stands alone: nothing of this project is importable where it runs.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

os.environ.setdefault("CAMUNDA_SDK_LOG_LEVEL", "silent")

import camunda_orchestration_sdk as sdk
from loguru import logger


async def main(address: str, job_type: str, limit: int, handler: str) -> None:
    logger.remove()
    configuration: Any = {"CAMUNDA_REST_ADDRESS": address, "CAMUNDA_AUTH_STRATEGY": "NONE"}
    client: Any = sdk.CamundaAsyncClient(configuration=configuration)
    more: Any = {"max_concurrent_jobs": limit} if limit else {}
    config: Any = sdk.WorkerConfig(job_type=job_type, job_timeout_milliseconds=300_000, **more)

    async def charge(job: Any) -> Any:
        return {"paid": job.variables["order"] is not None}

    def charge_in_thread(job: Any) -> Any:
        return {"paid": job.variables["order"] is not None}

    if handler == "thread":
        client.create_job_worker(config, charge_in_thread, execution_strategy="thread")
    else:
        client.create_job_worker(config, charge)
    await client.run_workers()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]))
