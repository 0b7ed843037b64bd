"""What searches of the embedded gateway cost: ``python -m benchmarks.searches [--instances N]``, in milliseconds of CPU time.

Over so many process instances of one service task. What is found by a key costs the same however many there are; what has to
be looked at grows with them and no faster.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Iterator
from typing import Any

from benchmarks.embedded import DEPLOYMENT
from camunda_embedded._engine.engine import Engine
from camunda_embedded._servers.rest.asking import Asking
from camunda_embedded._servers.rest.dialects import DIALECTS
from camunda_embedded._servers.rest.routes import Request
from camunda_embedded._service import Service
from camunda_embedded._views.views import views_of
from camunda_grpc._generated import gateway_pb2 as pb

__all__ = ["SEARCHES", "searches"]

#: Searches of the benchmark; ``key`` is that of a process instance in the middle.
SEARCHES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("searchProcessInstances", {}),
    ("searchProcessInstances", {"filter": {"processInstanceKey": "key"}}),
    ("searchElementInstances", {"filter": {"processInstanceKey": "key"}}),
    ("searchProcessInstances", {"filter": {"state": "ACTIVE"}}),
    ("searchProcessInstances", {"filter": {"elementId": "charge"}}),
    ("searchProcessInstances", {"filter": {"variables": [{"name": "order", "value": "7"}]}}),
    ("searchProcessInstances", {"sort": [{"field": "startDate", "order": "DESC"}]}),
)


async def _done(handling: Awaitable[Any]) -> Any:
    return await handling


def searches(instances: int) -> Iterator[tuple[str, float]]:
    """What each of ``SEARCHES`` costs over so many process instances, in milliseconds of CPU time."""
    engine = Engine(lambda: 1_790_000_000_000, line=(8, 8))
    service, store = Service(engine, "8.8.0"), views_of([engine])
    routes = {route.id: route for route in Asking(store, DIALECTS["8.8"]).routes()}
    service.handle("DeployResource", DEPLOYMENT)
    for number in range(instances):
        request = pb.CreateProcessInstanceRequest(
            bpmnProcessId="load", version=-1, variables=f'{{"order":{number}}}'
        )
        service.handle("CreateProcessInstance", request)
        if number % 1000 == 0:
            store.feed()
    rows = list(store.feed()["instances"])
    key = str(rows[len(rows) // 2]["processInstanceKey"])
    for name, body in SEARCHES:
        asked = json.loads(json.dumps(body).replace('"key"', f'"{key}"'))
        began = time.process_time()
        asyncio.run(_done(routes[name].handle(Request(routes[name], {}, asked))))
        yield f"{name} {json.dumps(body)}", (time.process_time() - began) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.searches", description=__doc__)
    parser.add_argument("--instances", type=int, default=10_000, help="process instances (%(default)s)")
    for what, cost in searches(parser.parse_args().instances):
        print(f"{cost:9.1f} ms  {what}", flush=True)


if __name__ == "__main__":
    main()
