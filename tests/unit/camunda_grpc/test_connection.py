"""Addresses, TLS and options: what works, and the clear word about what cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import pytest

import camunda_grpc
from camunda_core import errors
from camunda_core.errors import ConfigurationError
from camunda_core.retry import NO_RETRY
from camunda_core.tls import Tls
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc
from camunda_grpc._settings import MAX_MESSAGE_SIZE, MAX_METADATA_SIZE, connect
from tests.fakes.grpc import ScriptedGateway

PEM = Path(__file__).parent.parent / "camunda_core" / "pem"
DEFAULTS: dict[str, Any] = {
    "tls": None,
    "options": (),
    "keepalive": 45.0,
    "max_message_size": MAX_MESSAGE_SIZE,
    "authority": None,
    "user_agent": None,
}


def topology(address: str, **arguments: Any) -> Any:
    with camunda_grpc.channel(address, retry=NO_RETRY, **arguments) as channel:
        return gateway_pb2_grpc.GatewayStub(channel).Topology(pb.TopologyRequest())


def test_keepalive_lives_with_the_gateways_rules() -> None:
    options = dict(connect("localhost", **DEFAULTS)[0].options)
    assert options["grpc.keepalive_time_ms"] == 45_000
    assert options["grpc.keepalive_timeout_ms"] == 20_000
    assert options["grpc.keepalive_permit_without_calls"] == 0
    assert options["grpc.http2.max_pings_without_data"] == 0
    assert dict(connect("localhost", **{**DEFAULTS, "keepalive": None})[0].options)[
        "grpc.keepalive_time_ms"
    ] == (2**31 - 1)


def test_the_stream_options_are_for_the_stream_channel_alone() -> None:
    connection = connect("localhost", **DEFAULTS)[0]
    more = {"grpc.http2.bdp_probe", "grpc.http2.lookahead_bytes", "grpc.use_local_subchannel_pool"}
    assert set(dict(connection.stream_options)) - set(dict(connection.options)) == more


def test_options_of_the_caller_win() -> None:
    given = [("grpc.keepalive_time_ms", 60_000), ("grpc.http2.lookahead_bytes", 16384), ("x", "y")]
    connection = connect("localhost", **{**DEFAULTS, "options": given})[0]
    for options in (dict(connection.options), dict(connection.stream_options)):
        assert (options["grpc.keepalive_time_ms"], options["x"]) == (60_000, "y")
        assert options["grpc.http2.lookahead_bytes"] == 16384


@pytest.mark.parametrize("limit", ["grpc.max_metadata_size", "grpc.absolute_max_metadata_size"])
def test_one_limit_of_metadata_that_the_caller_gives_replaces_both_of_ours(limit: str) -> None:
    options = dict(
        connect("localhost", **{**DEFAULTS, "options": [(limit, 2 * MAX_METADATA_SIZE)]})[0].options
    )
    assert [(name, size) for name, size in options.items() if "metadata" in name] == [
        (limit, 2 * MAX_METADATA_SIZE)
    ]


@pytest.mark.parametrize("make", [camunda_grpc.channel, camunda_grpc.aio_channel])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"keepalive": 10}, r"keepalive: the gateway .* every 30 s .* too_many_pings"),
        ({"keepalive": "soon"}, "keepalive must be seconds"),
        ({"options": [("grpc.keepalive_time_ms", 5000)]}, r"grpc\.keepalive_time_ms: .* 30 s"),
        ({"options": ["grpc.keepalive_time_ms"]}, "options must be pairs"),
        ({"max_message_size": 0}, "max_message_size must be a number of bytes"),
        ({"timeout": 0}, "timeout must be more than 0 s"),
        ({"timeout": True}, "timeout must be seconds"),
        ({"retry": 3}, "retry must be a RetryPolicy, not int"),
        ({"credentials": "token"}, r"credentials must be of camunda_core\.credentials, .* not str"),
        ({"tls": "ca.pem"}, r"tls must be a camunda_core\.tls\.Tls, not str"),
        ({"physical_tenant": ""}, "physical_tenant must be text that is not blank"),
        ({"interceptors": [object()]}, "interceptors must be client interceptors"),
    ],
)
def test_a_channel_that_cannot_work_is_refused_by_name(
    make: Any, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        make("127.0.0.1:26500", **arguments)


def test_an_address_that_asks_for_plaintext_and_tls_at_once_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="asks for plaintext, but tls is given: write https://"):
        camunda_grpc.channel("http://localhost:26500", tls=Tls())
    with pytest.raises(ConfigurationError, match="grpc_address"):
        camunda_grpc.channel("http://localhost:26500/v2")


@pytest.fixture
def secure() -> Any:
    certificate = [((PEM / "server.key").read_bytes(), (PEM / "server.pem").read_bytes())]
    ca = (PEM / "ca.pem").read_bytes()
    made = ScriptedGateway(credentials=grpc.ssl_server_credentials(certificate, ca, require_client_auth=True))
    yield made
    made.release()
    made.stop()


def test_tls_with_a_client_certificate_reaches_the_gateway(secure: ScriptedGateway) -> None:
    ours: dict[str, Any] = {
        "ca": PEM / "ca.pem",
        "certificate": PEM / "client.pem",
        "key": PEM / "client.key",
    }
    assert topology(f"https://{secure.address}", tls=Tls(**ours)) == pb.TopologyResponse()
    assert topology(secure.address, tls=Tls(**ours, server_name="gateway.test")) == pb.TopologyResponse()
    assert len(secure.calls) == 2


@pytest.mark.parametrize(
    "ours",
    [
        {},
        {"ca": PEM / "ca.pem"},
        {
            "ca": PEM / "ca.pem",
            "certificate": PEM / "client.pem",
            "key": PEM / "client.key",
            "server_name": "other.test",
        },
    ],
    ids=["unknown authority", "no client certificate", "wrong name"],
)
def test_a_handshake_that_fails_says_that_nothing_was_sent(
    secure: ScriptedGateway, ours: dict[str, Any]
) -> None:
    with pytest.raises(errors.Unavailable) as caught:
        topology(f"https://{secure.address}", tls=Tls(**ours))
    assert not caught.value.answered
    assert not secure.calls


def test_the_authority_can_be_overridden(gateway: ScriptedGateway) -> None:
    assert topology(gateway.address, authority="cluster.example:443") == pb.TopologyResponse()


def test_importing_the_package_loads_nothing_that_is_not_asked_for() -> None:
    script = (
        "import sys, camunda_grpc; assert 'grpc' not in sys.modules;"
        "camunda_grpc.channel; assert 'camunda_grpc._generated.gateway_pb2' not in sys.modules;"
        "assert 'google.rpc' not in sys.modules and 'camunda_grpc._aio_channel' not in sys.modules;"
        "camunda_grpc.gateway_pb2_grpc.GatewayStub; camunda_grpc.aio_channel; from camunda_grpc import *;"
        "assert {'channel', 'aio_channel', 'gateway_pb2'} <= set(dir(camunda_grpc))"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(camunda_grpc, "nothing")  # noqa: B009
