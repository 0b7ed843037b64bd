"""A worker whose handlers keep CPUs busy: they run in processes, beside the loop that polls and answers.

    python -m examples.cpu_heavy_worker --rest-address http://localhost:8080

The lock is short and renewed while the handler works, so that the job of a machine that died comes back soon.
"""

from __future__ import annotations

import os
import sys
import time

from camunda_worker import Worker
from examples import shop


def assess(total: int) -> dict[str, int]:
    """How risky an order is: a handler for processes is a function of a module, and what it returns can be pickled."""
    risk = 0
    for step in range(200_000):
        risk = (risk * 31 + total + step) % 1009
    return {"risk": risk, "assessedBy": os.getpid()}


def main() -> int:
    chosen = shop.arguments(__doc__, orders=20, routes="rest")
    with shop.client(chosen) as client:
        tally = shop.Tally(chosen.orders)
        worker = tally.worker = Worker(client, name="cpu-heavy", observers=[tally])
        worker.task("charge-card", timeout=20, execution="process", processes=2, auto_extend=True)(assess)
        for total in range(1, chosen.orders + 1):
            client.create_process_instance("order", variables={"total": total})
        began = time.monotonic()
        worker.run()
    print(f"{dict(tally.outcomes)} in {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":  # each process imports this module, and must not start a worker of its own
    sys.exit(main())
