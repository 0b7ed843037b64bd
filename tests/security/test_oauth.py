"""OAuth before a gateway that verifies tokens, on both wires, with credentials of the environment and of code.

What the gateway answers to bad tokens was recorded on a real 8.6.0 in November 2026; ``front`` answers the same.
"""

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
from tests.fakes.front import NO_TOKEN, UNREADABLE, Front
from tests.fakes.identity import AUDIENCE, CLIENT, SECRET, IdentityProvider
from tests.gateways.base import Gateway
from tests.gateways.models import model, unique
from tests.gateways.process import wait_until
from tests.gateways.registry import on_gateways

pytestmark = on_gateways("embedded", wires={"grpc", "rest"})


@pytest.fixture(scope="module")
def identity() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.close()


@pytest.fixture
def secured(gateway: Gateway, identity: IdentityProvider) -> Iterator[Front]:
    with Front(gateway, identity=identity) as front:
        yield front


def oauth(identity: IdentityProvider, secret: str = SECRET) -> OAuth:
    return OAuth(identity.token_url, CLIENT, secret, audience=AUDIENCE)


def channels(gateway: Front, credentials: Any) -> list[tuple[str, grpc.Channel]]:
    return [
        ("grpc", camunda_grpc.channel(gateway.grpc_address, credentials=credentials)),
        ("rest", bridge.channel(gateway.rest_address, credentials=credentials)),
    ]


def version(channel: grpc.Channel) -> str:
    return stubs.GatewayStub(channel).Topology(pb.TopologyRequest(), timeout=20).gatewayVersion


def test_both_wires_authenticate(secured: Front, identity: IdentityProvider) -> None:
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

    for _, channel in channels(secured, Bearer(identity.token)):
        with channel:
            assert version(channel) == secured.version


def test_a_refused_secret_is_not_hammered(secured: Front, identity: IdentityProvider) -> None:
    refused = identity.refused
    wrong = oauth(identity, "wrong")
    for _, channel in channels(secured, wrong):
        with channel, pytest.raises(AuthenticationError, match="unauthorized_client") as failed:
            version(channel)
        assert "wrong" not in str(failed.value)
    assert identity.refused == refused + 1, "a refused secret is not hammered"


BAD = {
    "none": (None, NO_TOKEN, "Access Denied"),
    "junk": (lambda identity: "junk", UNREADABLE, "error decoding jwt"),
    "another audience": (
        lambda identity: identity.token(audience="another"),
        UNREADABLE,
        "the provided claims are invalid",
    ),
    "past its time": (lambda identity: identity.token(lifetime=-1), UNREADABLE, "the token has expired"),
}


@pytest.mark.parametrize("bad", BAD)
async def test_a_bad_token_is_refused_in_the_words_of_each_wire(
    secured: Front, identity: IdentityProvider, bad: str
) -> None:
    make, over_grpc, over_rest = BAD[bad]
    credentials = Bearer(make(identity)) if make else None
    for (wire, channel), text in zip(channels(secured, credentials), (over_grpc, over_rest), strict=True):
        with channel, pytest.raises(Unauthenticated) as caught:
            await asyncio.to_thread(version, channel)
        refused: Any = caught.value
        assert refused.code() is grpc.StatusCode.UNAUTHENTICATED, wire
        assert text in refused.details(), wire
    for aio, text in (
        (camunda_grpc.aio_channel(secured.grpc_address, credentials=credentials), over_grpc),
        (bridge.aio_channel(secured.rest_address, credentials=credentials), over_rest),
    ):
        stub: Any = stubs.GatewayStub(aio)
        with pytest.raises(Unauthenticated) as caught:
            await stub.Topology(pb.TopologyRequest(), timeout=20)
        refused = caught.value
        assert text in refused.details()
        await aio.close()


def test_a_stream_outlives_the_token_that_it_was_opened_with(
    secured: Front, identity: IdentityProvider, gateway: Gateway
) -> None:
    process, charge = unique("process"), unique("charge")
    resource = pb.Resource(
        name="order.bpmn", content=model("order", process=process, charge=charge, ship="s")
    )
    with (
        camunda_grpc.channel(secured.grpc_address, credentials=Bearer(identity.token(lifetime=2))) as channel,
        bridge.Client(grpc_address=gateway.grpc_address) as client,
    ):
        client.deploy_resource((resource.name, resource.content))
        stub: Any = stubs.GatewayStub(channel)
        request = pb.StreamActivatedJobsRequest(type=charge, worker="w", timeout=60_000)
        stream = stub.StreamActivatedJobs(request, timeout=60)

        def rejected() -> bool | None:
            try:
                version(channel)
            except Unauthenticated:
                return True
            return None

        wait_until(rejected, seconds=20, what="the end of the token's life")
        client.create_process_instance(process)
        assert next(stream).type == charge
        stream.cancel()


def test_a_rejected_token_is_renewed_once(secured: Front, identity: IdentityProvider) -> None:
    for make, address in (
        (camunda_grpc.channel, secured.grpc_address),
        (bridge.channel, secured.rest_address),
    ):
        with make(address, credentials=oauth(identity), retry=NO_RETRY) as channel:
            asked = identity.asked
            with identity.handing_out(identity.token(lifetime=-5)), pytest.raises(Unauthenticated):
                version(channel)
            assert identity.asked - asked == 2, "renewed once, not for ever"


def test_the_environment_is_enough(
    secured: Front, identity: IdentityProvider, monkeypatch: pytest.MonkeyPatch
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
