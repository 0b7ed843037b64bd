"""OAuth on a real broker that verifies the tokens itself, on both wires, with credentials of the environment and of code."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

import bridge
import camunda_grpc
from camunda_core.credentials import Bearer
from camunda_core.errors import AuthenticationError, Unauthenticated
from camunda_core.oauth import OAuth
from camunda_core.retry import NO_RETRY
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from tests.gateways.base import Gateway
from tests.gateways.registry import on_gateways
from tests.security.identity import AUDIENCE, CLIENT, SECRET, IdentityProvider

pytestmark = on_gateways("container", before="8.8", wires={"grpc", "rest"})


@pytest.fixture(scope="module")
def identity() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.close()


@pytest.fixture
def secured(make_gateway: Any, identity: IdentityProvider) -> Gateway:
    gateway: Gateway = make_gateway(environment=identity.broker_environment)
    return gateway


def oauth(identity: IdentityProvider, secret: str = SECRET) -> OAuth:
    return OAuth(identity.token_url, CLIENT, secret, audience=AUDIENCE)


def channels(gateway: Gateway, credentials: Any) -> list[tuple[str, grpc.Channel]]:
    return [
        ("grpc", camunda_grpc.channel(gateway.grpc_address, credentials=credentials)),
        ("rest", bridge.channel(gateway.rest_address, credentials=credentials)),
    ]


def version(channel: grpc.Channel) -> str:
    return stubs.GatewayStub(channel).Topology(pb.TopologyRequest(), timeout=20).gatewayVersion


def test_both_wires_authenticate(
    secured: Gateway, identity: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One broker, one after another: starting a secured one costs seconds."""
    credentials = oauth(identity)
    asked = identity.asked
    for _, channel in channels(secured, credentials):
        with channel, ThreadPoolExecutor(20) as pool:
            assert set(pool.map(version, [channel] * 20)) == {secured.version}
    assert identity.asked == asked + 1, "one token for forty parallel calls on two wires"

    async def asyncio_too() -> None:
        for aio in (
            camunda_grpc.aio_channel(secured.grpc_address, credentials=credentials),
            bridge.aio_channel(secured.rest_address, credentials=credentials),
        ):
            stub: Any = stubs.GatewayStub(aio)
            answers = await asyncio.gather(*(stub.Topology(pb.TopologyRequest()) for _ in range(20)))
            assert {answer.gatewayVersion for answer in answers} == {secured.version}
            await aio.close()

    asyncio.run(asyncio_too())
    assert identity.asked == asked + 1

    for wire, channel in channels(secured, None):
        with channel, pytest.raises(Unauthenticated) as caught:
            version(channel)
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED, wire  # type: ignore[attr-defined]

    for _, channel in channels(secured, Bearer(identity.token(audience="another"))):
        with channel, pytest.raises(Unauthenticated):
            version(channel)

    for _, channel in channels(secured, Bearer(identity.token)):
        with channel:
            assert version(channel) == secured.version

    refused = identity.refused
    wrong = oauth(identity, "wrong")
    for _, channel in channels(secured, wrong):
        with channel, pytest.raises(AuthenticationError, match="unauthorized_client") as failed:
            version(channel)
        assert "wrong" not in str(failed.value)
    assert identity.refused == refused + 1, "a refused secret is not hammered"

    _a_rejected_token_is_renewed_once(secured, identity)
    _the_environment_is_enough(secured, identity, monkeypatch)


def _a_rejected_token_is_renewed_once(secured: Gateway, identity: IdentityProvider) -> None:
    for make, address in (
        (camunda_grpc.channel, secured.grpc_address),
        (bridge.channel, secured.rest_address),
    ):
        with make(address, credentials=oauth(identity), retry=NO_RETRY) as channel:
            asked = identity.asked
            with identity.handing_out(identity.token(lifetime=-5)), pytest.raises(Unauthenticated):
                version(channel)
            assert identity.asked - asked == 2, "renewed once, not for ever"


def _the_environment_is_enough(
    secured: Gateway, identity: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "CAMUNDA_CLIENT_ID": CLIENT,
        "CAMUNDA_CLIENT_SECRET": SECRET,
        "CAMUNDA_OAUTH_URL": identity.token_url,
        "CAMUNDA_TOKEN_AUDIENCE": AUDIENCE,
        "CAMUNDA_REST_ADDRESS": secured.rest_address,
        "CAMUNDA_GRPC_ADDRESS": f"grpc://{secured.grpc_address}",
    }.items():
        monkeypatch.setenv(name, value)
    for transport in ("rest", "grpc"):
        with bridge.Client(transport=transport) as client:  # type: ignore[arg-type]
            assert client.topology().gateway_version == secured.version
