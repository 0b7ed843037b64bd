"""A shop with orders on a real gateway, and workers for it on each wire."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

import bridge
from camunda_worker import Worker
from tests.gateways import models
from tests.gateways.base import GRPC, REST, Gateway
from tests.gateways.registry import GATEWAYS

#: Seconds that nothing here takes.
PATIENCE = 40.0
#: How a worker gets its jobs: polls on gRPC, a stream beside them, polls on REST.
WAYS = ("grpc", "stream", "rest")


class Shop:
    """One process with two service tasks, on one gateway; job types of this test alone."""

    def __init__(self, gateway: Gateway, way: str) -> None:
        self.gateway = gateway
        self.way = way
        self.process = models.unique("order")
        self.charge = models.unique("charge")
        self.ship = models.unique("ship")
        self.client = bridge.Client(grpc_address=gateway.grpc_address)
        self.deploy("order", process=self.process, charge=self.charge, ship=self.ship)

    def deploy(self, name: str, **substitutions: str) -> None:
        """Deploys a model of ``tests/data/models``."""
        self.client.deploy_resource((models.filename(name), models.model(name, **substitutions)))

    def address(self) -> dict[str, str]:
        """What a client on this way's wire is made with."""
        if self.way == "rest":
            return {"rest_address": self.gateway.rest_address}
        return {"grpc_address": self.gateway.grpc_address}

    def worker(self, client: Any = None, **options: Any) -> Worker:
        """A worker on this way's wire."""
        return Worker(client or bridge.Client(**self.address()), **{"grace": 5.0, **options})

    @property
    def stream(self) -> bool:
        """Whether tasks are to be streamed."""
        return self.way == "stream"

    def order(self, **variables: Any) -> str:
        """Starts an order; its key."""
        return self.client.create_process_instance(self.process, variables=variables).process_instance_key

    async def orders(self, count: int) -> list[str]:
        """Starts many."""
        return await asyncio.to_thread(lambda: [self.order(number=number) for number in range(count)])

    async def taken(self, job_type: str, count: int = 1, *, within: float = 10.0) -> list[Any]:
        """Jobs that anybody else may take now: exactly ``count``, waited for."""

        def take() -> list[Any]:
            until, found = time.monotonic() + within, []
            while len(found) < count and time.monotonic() < until:
                found += self.client.activate_jobs(
                    job_type, max_jobs_to_activate=count - len(found), request_timeout=0.2, job_timeout=60
                )
            return found

        return await asyncio.to_thread(take)

    def close(self) -> None:
        """Frees the connection."""
        self.client.close()


@asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[asyncio.Task[None]]:
    """The worker at work; stopped at the end, with whatever it raised."""
    task = asyncio.create_task(worker.work())
    try:
        yield task
    finally:
        worker.stop(grace=0.5)
        await asyncio.wait_for(task, PATIENCE)


async def eventually(holds: Callable[[], Any], what: str, *, within: float = PATIENCE / 2) -> Any:
    """The first true value of ``holds()``."""
    until = time.monotonic() + within
    while not (value := holds()):
        assert time.monotonic() < until, what
        await asyncio.sleep(0.01)
    return value


@pytest.fixture
def shop(gateway: Gateway, way: str) -> Iterator[Shop]:
    """A shop on the gateway that the session shares."""
    made = Shop(gateway, way)
    yield made
    made.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A way over a wire that the gateway does not speak is no test."""
    items[:] = [item for item in items if _is_possible(item)]


def _is_possible(item: pytest.Item) -> bool:
    params = getattr(getattr(item, "callspec", None), "params", {})
    way = params.get("way")
    if way not in WAYS:
        return True
    name = params.get("gateway_name", "")
    return (REST if way == "rest" else GRPC) in GATEWAYS[name].wires if name else way == WAYS[0]
