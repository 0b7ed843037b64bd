"""What a rehearsal costs beside the calls that it rehearses: the same calls with and without it, judgement included."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import grpc

import bridge
from benchmarks.calls import message
from benchmarks.gateway import Addresses
from benchmarks.measure import Contender, Effort, Goal, Table, compare
from camunda_grpc import gateway_pb2_grpc

__all__ = ["rehearsal"]

RAW, REHEARSED, SAMPLED = "raw stub, sync", "the same, rehearsed", "the same, a tenth of it rehearsed"


def rehearsal(addresses: Addresses, effort: Effort) -> list[Table]:
    """CPU of all threads, until the last request has been judged."""
    request = message()
    with (
        grpc.insecure_channel(addresses.grpc) as raw,
        bridge.rehearse(grpc.insecure_channel(addresses.grpc)) as rehearsed,
        bridge.rehearse(grpc.insecure_channel(addresses.grpc), bridge.Rehearsal(sample=0.1)) as sampled,
    ):
        contenders = [
            Contender(RAW, _calls(raw, request), 1000),
            Contender(REHEARSED, _calls(rehearsed, request), 1000),
            Contender(SAMPLED, _calls(sampled, request), 1000),
        ]
        goals = [Goal("G15", REHEARSED, RAW, 1.1), Goal("G15", SAMPLED, RAW, 1.05)]
        return [compare(Table("Rehearsal", "µs a call", (RAW,), goals), contenders, effort)]


def _calls(channel: Any, request: Any) -> Callable[[int], float]:
    create = gateway_pb2_grpc.GatewayStub(channel).CreateProcessInstance
    judged = getattr(channel, "rehearsal", None)

    def run(count: int) -> float:
        began = time.process_time()
        for _ in range(count):
            create(request)
        if judged is not None:
            judged.settle()
        return time.process_time() - began

    return run
