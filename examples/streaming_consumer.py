"""A worker to which jobs are pushed, up to its limit.

    python -m examples.streaming_consumer --grpc-address localhost:26500

A first half of the orders is there before the worker is: a stream never brings it, polls do. The second half is pushed.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time

import bridge
from camunda_worker import Router, Worker
from examples import shop

tasks = Router()


@tasks.task("charge-card", timeout=60, max_jobs_active=64, stream=True)
async def charge(total: int) -> dict[str, bool]:
    await asyncio.sleep(0.01)  # the bank
    return {"paid": total > 0}


def order(client: bridge.Client, count: int) -> None:
    for total in range(1, count + 1):
        client.create_process_instance("order", variables={"total": total})


def main() -> int:
    chosen = shop.arguments(__doc__, orders=200, routes="grpc")
    with shop.client(chosen) as client:
        tally = shop.Tally(chosen.orders)
        worker = tally.worker = Worker(client, name="streaming-consumer", observers=[tally])
        worker.include(tasks)
        order(client, chosen.orders // 2)
        later = threading.Thread(target=order, args=(client, chosen.orders - chosen.orders // 2))
        began = time.monotonic()
        later.start()
        worker.run()
        later.join()
    took = time.monotonic() - began
    print(f"{dict(tally.outcomes)} in {took:.1f} s; came by {dict(tally.sources)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
