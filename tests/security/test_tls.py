"""TLS before a gateway, both wires: the right authority is trusted, every wrong one is refused before anything is sent."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest

import bridge
import camunda_grpc
from camunda_core.errors import CamundaError, Unavailable
from camunda_core.retry import NO_RETRY
from camunda_core.tls import Tls
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from tests.fakes.certificates import Authority
from tests.fakes.front import Front
from tests.gateways.base import Gateway
from tests.gateways.registry import on_gateways

pytestmark = on_gateways("embedded", wires={"grpc", "rest"})


def version(channel: grpc.Channel) -> str:
    with channel:
        return stubs.GatewayStub(channel).Topology(pb.TopologyRequest(), timeout=20).gatewayVersion


def test_both_wires_speak_tls(gateway: Gateway, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    server, client = authority.issue("server"), authority.issue("client")
    with Front(gateway, tls=server, client_authority=authority.ca) as front:
        grpcs = f"grpcs://{front.grpc_address}"
        https = front.rest_address
        assert https.startswith("https:")
        trusting = Tls(ca=authority.ca)
        known = Tls(ca=authority.ca, certificate=client.certificate, key=client.key)

        assert version(camunda_grpc.channel(grpcs, tls=trusting)) == front.version
        assert version(bridge.channel(https, tls=known)) == front.version
        asyncio.run(_asyncio_too(grpcs, https, known, front.version))

        stranger = tmp_path / "stranger"
        stranger.mkdir()
        other = Authority(stranger, "another authority")
        with pytest.raises(Unavailable) as refused:
            version(camunda_grpc.channel(grpcs, tls=Tls(ca=other.ca), retry=NO_RETRY))
        assert not refused.value.sent
        with pytest.raises(Unavailable, match=r"(?i)certificate") as refused:
            version(bridge.channel(https, tls=Tls(ca=other.ca)))
        assert not refused.value.sent
        assert version(bridge.channel(https, tls=trusting)) == front.version
        with pytest.raises(Unavailable):
            version(camunda_grpc.channel(f"grpc://{front.grpc_address}", retry=NO_RETRY))
        with pytest.raises(CamundaError):
            version(bridge.channel(https.replace("https:", "http:"), retry=NO_RETRY))


async def _asyncio_too(grpcs: str, https: str, tls: Tls, expected: str) -> None:
    for channel in (camunda_grpc.aio_channel(grpcs, tls=tls), bridge.aio_channel(https, tls=tls)):
        stub: Any = stubs.GatewayStub(channel)
        assert (await stub.Topology(pb.TopologyRequest(), timeout=20)).gatewayVersion == expected
        await channel.close()
