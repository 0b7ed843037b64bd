"""What the asyncio client does over gRPC itself: by methods that answer at once, and nothing is sent."""

from __future__ import annotations

import asyncio
from typing import Any

import bridge
from benchmarks.calls import VARIABLES, event_loop
from benchmarks.gateway import Addresses
from benchmarks.measure import Contender, Effort, Table, alone, compare
from bridge._client.caller import Caller
from camunda_grpc import gateway_pb2

__all__ = ["layers"]

_WAYS = ("through the words of REST", "straight to the message")
_ANSWERS = {
    "CreateProcessInstance": gateway_pb2.CreateProcessInstanceResponse(
        processDefinitionKey=2251799813685249,
        bpmnProcessId="order",
        version=1,
        processInstanceKey=2251799813685251,
        tenantId="<default>",
    ),
    "CompleteJob": gateway_pb2.CompleteJobResponse(),
    "PublishMessage": gateway_pb2.PublishMessageResponse(key=2251799813685252, tenantId="<default>"),
}


def layers(_: Addresses, effort: Effort) -> list[Table]:
    """A creation, a completion and a message, on either way that a client has."""
    with event_loop() as loop:
        clients = {way: loop.run_until_complete(_answered(way)) for way in _WAYS}
        tables = []
        for title, call in (
            ("create_process_instance", lambda c: c.create_process_instance("order", variables=VARIABLES)),
            ("complete_job", lambda c: c.complete_job(2251799813685250, variables={"paid": True})),
            (
                "publish_message",
                lambda c: c.publish_message("paid", correlation_key="4711", variables=VARIABLES),
            ),
        ):
            contenders = [
                Contender(way, alone(loop, lambda c=client, call=call: call(c)), block=200)  # type: ignore[misc]
                for way, client in clients.items()
            ]
            tables.append(compare(Table(title, "µs a call", _WAYS[:1]), contenders, effort))
        for client in clients.values():
            loop.run_until_complete(client.aclose())
        loop.run_until_complete(asyncio.sleep(0))
    return tables


async def _answered(way: str) -> bridge.AsyncClient:
    client = bridge.AsyncClient(grpc_address="localhost:1", env={})
    client._caller = Caller(client._connection.live, type(client), one_wire=way == _WAYS[1])
    door: Any = client._doors["grpc"]
    for rpc, answer in _ANSWERS.items():

        async def answered(message: Any, *, answer: Any = answer, **_: Any) -> Any:
            message.SerializeToString()
            return answer

        setattr(door._stub, rpc, answered)
    return client
