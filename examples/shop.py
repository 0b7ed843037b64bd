"""What the example workers share: where the gateway is, orders to work off, and an end after the last one."""

from __future__ import annotations

import argparse
import contextlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import bridge
from camunda_worker import Observer, Worker

HERE = Path(__file__).parent


def arguments(about: str | None, *, orders: int, routes: str) -> argparse.Namespace:
    """The command line. Without addresses the environment (CAMUNDA_REST_ADDRESS, ...) says where the gateway is."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rest-address", help="http://localhost:8080")
    parser.add_argument("--grpc-address", help="localhost:26500")
    parser.add_argument("--routes", default=routes, help="which wire serves what (default: %(default)s)")
    parser.add_argument(
        "--orders", type=int, default=orders, help="work off so many orders and stop; 0: for ever"
    )
    return parser.parse_args()


@contextlib.contextmanager
def client(chosen: argparse.Namespace) -> Iterator[bridge.Client]:
    """A client of the gateway, with the two example processes deployed."""
    with bridge.Client(
        rest_address=chosen.rest_address, grpc_address=chosen.grpc_address, routes=chosen.routes
    ) as client:
        client.deploy_resource(HERE / "order.bpmn", HERE / "fulfilment.bpmn")
        yield client


class Tally(Observer):
    """Counts what happens, and stops the worker when so many jobs are done (0: never)."""

    def __init__(self, until: int) -> None:
        self.until = until
        self.worker: Worker | None = None
        self.sources: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()

    def activated(self, job_type: str, count: int, source: str) -> None:
        self.sources[source] += count

    def finished(self, job_type: str, outcome: str, seconds: float | None) -> None:
        self.outcomes[outcome] += 1
        if self.worker is not None and self.outcomes["completed"] == self.until:
            self.worker.stop()
