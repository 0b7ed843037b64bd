"""A caller's own ``authorization`` goes out in place of the channel's, on every channel."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

import bridge
import camunda_grpc
from bridge._dropin.status import headers_of
from camunda_core.credentials import Basic, Bearer, Credentials
from camunda_core.errors import Unauthenticated
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc
from tests.fakes.grpc import Abort, ScriptedGateway
from tests.fakes.rest import RestServer, answer

UNARY = "CompleteJob", pb.CompleteJobRequest(jobKey=1)
POLL = "ActivateJobs", pb.ActivateJobsRequest(type="t", timeout=5000, maxJobsToActivate=1, requestTimeout=-1)
MINE = (("authorization", "Bearer mine"), ("x-trace", "7"))


class Gateways:
    """A gateway on each wire; ``sent`` are the headers of the last request, each occurrence for itself."""

    def __init__(self) -> None:
        self.native, self.rest = ScriptedGateway(), RestServer()
        self.rest.script(answer(200, {"jobs": []}))

    def sent(self, name: str) -> list[str]:
        seen: list[Any] = [*self.native.calls, *self.rest.requests]
        return [value for key, value in seen[-1].pairs if key == name]

    def stop(self) -> None:
        self.native.stop()
        self.rest.stop()


@pytest.fixture
def gateways() -> Iterator[Gateways]:
    made = Gateways()
    yield made
    made.stop()


def _called(channel: Any, rpc: str, request: Any, metadata: Any) -> None:
    with channel:
        call = getattr(gateway_pb2_grpc.GatewayStub(channel), rpc)(request, metadata=metadata)
        if rpc == "ActivateJobs":
            list(call)


def _called_aio(open_channel: Any, rpc: str, request: Any, metadata: Any) -> None:
    async def work() -> None:
        async with open_channel() as channel:
            stub: Any = gateway_pb2_grpc.GatewayStub(channel)
            call = getattr(stub, rpc)(request, metadata=grpc.aio.Metadata(*metadata))
            if rpc == "ActivateJobs":
                async for _ in call:
                    pass
            else:
                await call

    asyncio.run(work())


def call(
    way: str, gateways: Gateways, credentials: Credentials, asked: tuple[str, Any], metadata: Any
) -> None:
    """One call with metadata, over a channel with credentials."""
    make = {
        "native": lambda: camunda_grpc.channel(gateways.native.address, credentials=credentials),
        "native aio": lambda: camunda_grpc.aio_channel(gateways.native.address, credentials=credentials),
        "drop-in": lambda: bridge.channel(gateways.rest.address, credentials=credentials),
        "drop-in aio": lambda: bridge.aio_channel(gateways.rest.address, credentials=credentials),
    }[way]
    if way.endswith("aio"):
        _called_aio(make, *asked, metadata)
    else:
        _called(make(), *asked, metadata)


class Shouting(Credentials):
    """Credentials that spell their header as the HTTP specification does."""

    def headers(self, timeout: float | None = None) -> dict[str, str]:
        return {"Authorization": "Bearer ours"}

    def __repr__(self) -> str:
        return "Shouting()"


WAYS = ["native", "native aio", "drop-in", "drop-in aio"]
CREDENTIALS = [Basic("demo", "demo"), Bearer("ours"), Bearer(lambda: "ours"), Shouting()]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("asked", [UNARY, POLL], ids=lambda asked: asked[0])
@pytest.mark.parametrize("credentials", CREDENTIALS, ids=repr)
def test_the_callers_authorization_is_the_only_one(
    way: str, asked: tuple[str, Any], credentials: Credentials, gateways: Gateways
) -> None:
    call(way, gateways, credentials, asked, MINE)
    assert gateways.sent("authorization") == ["Bearer mine"]
    assert gateways.sent("x-trace") == ["7"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("credentials", CREDENTIALS[1:], ids=repr)
def test_other_metadata_leave_the_channels_authorization_alone(
    way: str, credentials: Credentials, gateways: Gateways
) -> None:
    call(way, gateways, credentials, UNARY, (("x-trace", "7"),))
    assert gateways.sent("authorization") == ["Bearer ours"]


@pytest.mark.parametrize("way", ["native", "native aio"])
def test_a_rejected_token_of_the_caller_is_not_tried_again_with_a_new_one_of_ours(
    way: str, gateways: Gateways
) -> None:
    asked: list[int] = []

    def token() -> str:
        asked.append(1)
        return "ours"

    gateways.native.script["CompleteJob"] = [Abort(grpc.StatusCode.UNAUTHENTICATED)]
    with pytest.raises(Unauthenticated):
        call(way, gateways, Bearer(token), UNARY, MINE)
    assert gateways.native.count("CompleteJob") == 1


def test_two_authorizations_over_rest_are_not_joined_into_one_that_nobody_can_read() -> None:
    twice = (("authorization", "Bearer a"), ("x", "1"), ("Authorization", "Bearer b"), ("x", "2"))
    assert headers_of(twice) == {"authorization": "Bearer b", "x": "1, 2"}
