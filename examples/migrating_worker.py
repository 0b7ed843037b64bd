"""A worker on its way from gRPC to REST, one job type after the other; its handlers know nothing of it.

    python -m examples.migrating_worker --grpc-address localhost:26500 --routes grpc           # where it begins
    python -m examples.migrating_worker --grpc-address localhost:26500 --rest-address http://localhost:8080
    python -m examples.migrating_worker --rest-address http://localhost:8080 --routes rest     # where it ends

In between, one type is on REST already. Take its route back, and it is on gRPC again.
"""

from __future__ import annotations

import sys

from camunda_worker import BpmnError, Job, Router, Worker
from examples import shop

tasks = Router()


@tasks.task("charge-card", timeout=30)
async def charge(total: int) -> dict[str, bool]:
    if total < 0:
        raise BpmnError("NO_SUCH_TOTAL", f"{total} cannot be charged")
    return {"paid": True}


@tasks.task("pack-parcel", timeout=30)
def pack(job: Job, paid: bool) -> dict[str, str]:
    return {"parcel": f"parcel-{job.process_instance_key}" if paid else ""}


def main() -> int:
    chosen = shop.arguments(__doc__, orders=10, routes="grpc, job:charge-card=rest")
    with shop.client(chosen) as client:
        tally = shop.Tally(2 * chosen.orders)
        worker = tally.worker = Worker(client, name="migrating", observers=[tally])
        worker.include(tasks)
        for total in range(1, chosen.orders + 1):
            client.create_process_instance("fulfilment", variables={"total": total})
        worker.run()
    for task in worker.health().tasks:
        print(f"{task.job_type} over {task.wire}: {task.counts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
