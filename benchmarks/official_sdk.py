"""Makes calls with the official SDK, on demand; run by the interpreter of an environment that has it.

Reads lines ``<what> <count>`` and answers each with the CPU seconds that so many operations took. Stands alone:
nothing of this project is importable where it runs.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("CAMUNDA_SDK_LOG_LEVEL", "silent")

import camunda_orchestration_sdk as sdk
from camunda_orchestration_sdk import models

sys.path.insert(0, str(Path(__file__).parent))
from rest_api_server import TASKS, page

AT_ONCE = 32
VARIABLES = {"orderId": "order-4711", "amount": 12.5, "items": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}]}


def creation() -> Any:
    variables = models.ProcessInstanceCreationInstructionBaseVariables.from_dict(VARIABLES)
    return models.ProcessCreationById(process_definition_id="order", variables=variables)


def activation(count: int) -> Any:
    return models.JobActivationRequest(type_="charge", timeout=60000, max_jobs_to_activate=count)


def searched(client: Any) -> int:
    count, place = 0, models.LimitBasedPagination(limit=1000)
    while True:
        found = client.search_user_tasks(data=models.UserTaskSearchQuery(page=place))
        count += len(found.items)
        if not found.items or count >= found.page.total_items:
            return count
        place = models.CursorBasedForwardPagination(after=found.page.end_cursor, limit=1000)


async def at_once(client: Any, count: int) -> None:
    async def one_by_one() -> None:
        for _ in range(count // AT_ONCE):
            await client.create_process_instance(data=creation())

    await asyncio.gather(*(one_by_one() for _ in range(AT_ONCE)))


def main(address: str) -> None:
    settings: Any = {"CAMUNDA_REST_ADDRESS": address, "CAMUNDA_AUTH_STRATEGY": "NONE"}
    client, loop = sdk.CamundaClient(configuration=settings), asyncio.new_event_loop()
    asyncio_client: Any = None
    for line in sys.stdin:
        what, count = line.split()
        began = time.process_time()
        if what == "create":
            for _ in range(int(count)):
                client.create_process_instance(data=creation())
        elif what.startswith("activate-"):
            jobs = int(what.partition("-")[2])
            for _ in range(int(count)):
                assert len(client.activate_jobs(data=activation(jobs)).jobs) == jobs
        elif what == "create-at-once":
            asyncio_client = asyncio_client or sdk.CamundaAsyncClient(configuration=settings)
            loop.run_until_complete(at_once(asyncio_client, int(count)))
        elif what == "decode-user-tasks":
            text = page(0, 1000)
            for _ in range(int(count)):
                models.UserTaskSearchQueryResult.from_dict(json.loads(text))
        elif what == "search-user-tasks":
            for _ in range(int(count)):
                assert searched(client) == TASKS
        else:
            raise ValueError(what)
        print(time.process_time() - began, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
