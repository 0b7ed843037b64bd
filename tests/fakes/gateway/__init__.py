"""A job gateway that does what a test tells it to: the broker's rules for jobs, on gRPC and REST, and every fault on demand.

    async with running() as gateway:          # in a process of its own
        await gateway.fault("UNAVAILABLE", "CompleteJob", "charge", count=3, per_job=True)
        keys = await gateway.add("charge", 10)
        ...                                   # a worker on gateway.grpc or gateway.rest
        assert await gateway.ended(keys, timeout=5) == []
        ledger = await gateway.ledger("charge")

``Server`` is the same inside the running loop.
"""

from __future__ import annotations

from tests.fakes.gateway.campaign import Outcome
from tests.fakes.gateway.process import Gateway, running
from tests.fakes.gateway.server import Server

__all__ = ["Gateway", "Outcome", "Server", "running"]
