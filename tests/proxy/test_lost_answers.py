"""What a proxy tells of a call whose fate nobody knows: its client must not take it for the gateway's
word that nothing was done, and do it again. And every code is the same behind it.
"""

from __future__ import annotations

from typing import Any

import grpc
import pytest

import bridge
from camunda_core.errors import CamundaError, Unavailable
from camunda_core.retry import RetryPolicy
from camunda_embedded import EmbeddedGateway
from camunda_grpc import gateway_pb2 as pb
from camunda_proxy import Proxy, RestProxy
from tests.fakes.grpc import Abort, Answer, ScriptedGateway
from tests.fakes.ports import free_port
from tests.fakes.rest import RestServer, answer

PAGE = answer(503, b"<h1>503 Service Unavailable</h1>", content_type="text/html")
AT_ONCE = RetryPolicy(initial_delay=0.001)
#: What the codes are called behind REST, where it has no word of its own for them.
SHARED = {"DATA_LOSS": "UNKNOWN", "OUT_OF_RANGE": "INVALID_ARGUMENT"}


async def test_behind_grpc_a_creation_is_not_sent_again_after_a_page_of_an_intermediary() -> None:
    with RestServer() as rest:
        rest.script(PAGE)
        async with (
            Proxy(rest.address, listen="127.0.0.1:0") as proxy,
            bridge.AsyncClient(grpc_address=f"http://{proxy.address}", retry=AT_ONCE, env={}) as client,
        ):
            with pytest.raises(Unavailable) as caught:
                await client.create_process_instance("p")
            assert not caught.value.answered
            assert len([each for each in rest.requests if each.target == "/v2/process-instances"]) == 1


@pytest.mark.parametrize(("with_status", "calls"), [(False, 1), (True, 5)], ids=["lost", "refused"])
async def test_behind_rest_a_creation_is_sent_again_only_after_the_gateways_own_word(
    with_status: bool, calls: int
) -> None:
    native = ScriptedGateway()
    native.script["CreateProcessInstance"] = [Abort(grpc.StatusCode.UNAVAILABLE, "gone", with_status)]
    try:
        async with (
            RestProxy(native.address, listen="127.0.0.1:0") as proxy,
            bridge.AsyncClient(rest_address=proxy.address, retry=AT_ONCE, env={}) as client,
        ):
            with pytest.raises(Unavailable) as caught:
                await client.create_process_instance("p")
            assert caught.value.answered is with_status
        assert len([each for each in native.calls if each.rpc == "CreateProcessInstance"]) == calls
    finally:
        native.stop()


async def test_behind_rest_every_code_is_the_one_of_the_gateway() -> None:
    native = ScriptedGateway()
    codes = [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK]
    native.script["Topology"] = [Answer((pb.TopologyResponse(gatewayVersion="8.6.0"),))]
    native.script["CancelProcessInstance"] = [Abort(code) for code in codes]
    found: dict[str, Any] = {}
    try:
        async with (
            RestProxy(native.address, listen="127.0.0.1:0") as proxy,
            bridge.AsyncClient(
                rest_address=proxy.address, retry=RetryPolicy(max_attempts=1), env={}
            ) as client,
        ):
            for code in codes:
                with pytest.raises(CamundaError) as caught:
                    await client.cancel_process_instance(1)
                found[code.name] = caught.value.grpc_code
    finally:
        native.stop()
    expected = {code.name: SHARED.get(code.name, code.name) for code in codes}
    # A gateway that ends a call by itself is as one that has gone: see ``from_rpc_error``.
    assert found == {**expected, "CANCELLED": "UNAVAILABLE"}


@pytest.mark.parametrize("kind", [Proxy, RestProxy])
async def test_of_several_gateways_the_proxy_takes_the_one_that_is_there(kind: Any) -> None:
    with EmbeddedGateway() as gateway:
        rest = kind is Proxy
        there = gateway.rest_address if rest else gateway.grpc_address
        nobody = f"{'http://' if rest else ''}127.0.0.1:{free_port()}"
        async with kind(f"{nobody},{there}", listen="127.0.0.1:0") as proxy:
            wire = {"grpc_address": f"http://{proxy.address}"} if rest else {"rest_address": proxy.address}
            async with bridge.AsyncClient(**wire, env={}) as client:
                assert (await client.topology()).gateway_version == "8.6.0"
