"""Every variable of the environment changes what a client does, on every wire that it is meant for.

The proofs are listed by the rows of the table, so that a new row without one fails.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs

import grpc
import jwt
import pytest

import bridge
from bridge.routing import GRPC, REST
from camunda_core import errors
from camunda_core._environment import VARIABLES
from camunda_core.config import Settings
from camunda_core.errors import ConfigurationError
from camunda_core.jobs import JobRequest
from camunda_core.retry import RetryPolicy
from camunda_grpc import gateway_pb2 as pb
from tests.fakes.grpc import Answer, ScriptedGateway, Stall
from tests.fakes.ports import free_port
from tests.fakes.rest import RestServer, answer, stall

PEM = Path(__file__).parent.parent / "camunda_core" / "pem"
TOPOLOGY = {
    "brokers": [],
    "clusterSize": 1,
    "partitionsCount": 1,
    "replicationFactor": 1,
    "gatewayVersion": "8.6.0",
}
TOKEN = {"access_token": "a-token", "token_type": "Bearer", "expires_in": 3600}

Env = dict[str, str]
#: A call that is repeated is so at once.
EAGER = RetryPolicy(initial_delay=0.001, multiplier=1)

Proof = TypeVar("Proof", bound=Callable[..., Any])
PROOFS: dict[str, str] = {}


def proves(*settings: str) -> Callable[[Proof], Proof]:
    """Marks a test as the proof of rows of the table."""

    def mark(test: Proof) -> Proof:
        PROOFS.update(dict.fromkeys(settings, test.__name__))
        return test

    return mark


def test_every_row_of_the_table_has_a_proof() -> None:
    assert sorted(PROOFS) == sorted(VARIABLES)


def _names(setting: str) -> tuple[str, ...]:
    row = VARIABLES[setting]
    return (*row.names, *row.inverted, *row.inline)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in VARIABLES:
        for name in _names(setting):
            monkeypatch.delenv(name, raising=False)


class Gateways:
    """A REST and a gRPC gateway, and a token endpoint, that answer everything and remember what they were asked."""

    def __init__(self) -> None:
        self.rest, self.native, self.login = RestServer(), ScriptedGateway(), RestServer()
        self.rest.script(answer(200, TOPOLOGY))
        self.native.script["Topology"] = [Answer((pb.TopologyResponse(gatewayVersion="8.6.0"),))]
        self.login.script(answer(200, TOKEN))
        self.addresses = {
            "CAMUNDA_REST_ADDRESS": self.rest.address,
            "CAMUNDA_GRPC_ADDRESS": f"grpc://{self.native.address}",
        }
        self.oauth = {
            "CAMUNDA_CLIENT_ID": "an-id",
            "CAMUNDA_CLIENT_SECRET": "a-secret",
            "CAMUNDA_OAUTH_URL": f"{self.login.address}/token",
        }

    def only(self, wire: str) -> Env:
        """The address of one wire."""
        name = "CAMUNDA_REST_ADDRESS" if wire == REST else "CAMUNDA_GRPC_ADDRESS"
        return {name: self.addresses[name]}

    def seen(self) -> list[str]:
        """The wire of each call so far."""
        return [REST] * len(self.rest.requests) + [GRPC] * len(self.native.calls)

    def authorization(self, wire: str) -> str:
        """Who the last call said was calling."""
        if wire == REST:
            return self.rest.requests[-1].headers["authorization"]
        said: str = self.native.calls[-1].metadata["authorization"]
        return said

    def form(self) -> str:
        """The last request for a token."""
        return self.login.requests[-1].body.decode()

    def stop(self) -> None:
        self.native.release()
        self.native.stop()
        self.rest.stop()
        self.login.stop()


@pytest.fixture
def gateways() -> Iterator[Gateways]:
    made = Gateways()
    yield made
    made.stop()


Use = Callable[..., Any]


@pytest.fixture(params=["sync", "asyncio"])
def use(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Makes a client in an environment and one call of it: ``use(env, "topology", **arguments)``."""

    async def awaited(method: str, arguments: dict[str, Any]) -> Any:
        async with bridge.AsyncClient(retry=EAGER) as client:
            return await getattr(client, method)(**arguments)

    def call(env: Env, method: str = "topology", **arguments: Any) -> Any:
        with monkeypatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            if request.param == "asyncio":
                return asyncio.run(awaited(method, arguments))
            with bridge.Client(retry=EAGER) as client:
                return getattr(client, method)(**arguments)

    return call


wires = pytest.mark.parametrize("wire", [REST, GRPC])


# Where to, and on which wire


@proves("rest_address", "grpc_address")
@wires
def test_the_address_of_a_wire_is_where_calls_go(gateways: Gateways, use: Use, wire: str) -> None:
    use(gateways.only(wire))
    assert gateways.seen() == [wire]


@proves("transport")
@wires
def test_the_transport_is_the_wire_of_calls(gateways: Gateways, use: Use, wire: str) -> None:
    use({**gateways.addresses, "CAMUNDA_BRIDGE_TRANSPORT": wire})
    assert gateways.seen() == [wire]


@proves("prefer_rest")
@wires
def test_what_is_preferred_is_the_wire_of_calls(gateways: Gateways, use: Use, wire: str) -> None:
    use({**gateways.addresses, "CAMUNDA_PREFER_REST": str(wire == REST)})
    assert gateways.seen() == [wire]


@proves("routes")
@wires
def test_routes_decide_by_call(gateways: Gateways, use: Use, wire: str) -> None:
    other = GRPC if wire == REST else REST
    use({**gateways.addresses, "CAMUNDA_BRIDGE_ROUTES": f"{other}, Topology={wire}"})
    assert gateways.seen() == [wire]


@proves("insecure")
@pytest.mark.parametrize("name", _names("insecure"))
def test_a_grpc_address_without_a_scheme_is_what_the_switch_says(
    gateways: Gateways, use: Use, name: str
) -> None:
    address = {"CAMUNDA_GRPC_ADDRESS": gateways.native.address}
    plaintext = name not in VARIABLES["insecure"].inverted
    use({**address, name: str(plaintext)})
    assert gateways.seen() == [GRPC]
    with pytest.raises(errors.Unavailable):
        use({**address, name: str(not plaintext), "CAMUNDA_BRIDGE_TIMEOUT_MS": "1000"})
    assert gateways.seen() == [GRPC]


@proves("cluster_id", "cluster_region")
def test_a_saas_cluster_gives_both_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMUNDA_CLUSTER_ID", "an-id")
    monkeypatch.setenv("CAMUNDA_CLUSTER_REGION", "a-region")
    with bridge.Client() as client:
        assert client._connection.rest_address == "https://a-region.zeebe.camunda.io/an-id/v2"
        assert client._connection.grpc_address == "grpcs://an-id.a-region.zeebe.camunda.io:443"


@proves("authority")
@pytest.mark.parametrize("name", _names("authority"))
def test_the_authority_is_what_a_grpc_gateway_is_called(gateways: Gateways, use: Use, name: str) -> None:
    use({**gateways.only(GRPC), name: "zeebe.example.com"})
    assert [call.host for call in gateways.native.calls] == ["zeebe.example.com"]


# How long


@proves("timeout")
@wires
def test_the_time_limit_ends_a_call(gateways: Gateways, use: Use, wire: str) -> None:
    gateways.rest.script(stall())
    gateways.native.script["PublishMessage"] = [Stall()]
    env = {**gateways.only(wire), "CAMUNDA_BRIDGE_TIMEOUT_MS": "1000"}
    with pytest.raises(errors.DeadlineExceeded):
        use(env, "publish_message", name="paid", correlation_key="7")
    if wire == GRPC:
        remaining = gateways.native.calls[-1].time_remaining
        assert remaining is not None
        assert remaining <= 1.0


@proves("keepalive")
@pytest.mark.parametrize("name", _names("keepalive"))
@pytest.mark.parametrize("make", [bridge.Client, bridge.AsyncClient, bridge.channel, bridge.aio_channel])
async def test_the_keepalive_is_an_option_of_every_channel(
    name: str, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[dict[str, Any]] = []
    for module in (grpc, grpc.aio):
        plain = module.insecure_channel

        def noting(target: str, options: Any = None, *rest: Any, plain: Any = plain) -> Any:
            given.append(dict(options))
            return plain(target, options, *rest)

        monkeypatch.setattr(module, "insecure_channel", noting)
    monkeypatch.setenv("CAMUNDA_GRPC_ADDRESS", f"grpc://127.0.0.1:{free_port()}")
    monkeypatch.setenv(name, "61000")
    made = make()
    await _touched(made)
    assert {options["grpc.keepalive_time_ms"] for options in given} == {61_000}
    closed = getattr(made, "aclose", made.close if hasattr(made, "close") else None)()
    if closed is not None:
        await closed


async def _touched(made: Any) -> None:
    """An asyncio channel is opened when it is used."""
    if isinstance(made, bridge.AsyncClient):
        with pytest.raises(errors.CamundaError):
            await made.topology(timeout=0.01)
    elif isinstance(made, grpc.aio.Channel):
        made.get_state(try_to_connect=True)


def test_a_keepalive_that_gateways_punish_and_a_time_limit_of_nothing_are_refused_by_name() -> None:
    for name, text, said in (
        ("CAMUNDA_KEEP_ALIVE", "5000", "must be 30000 or more"),
        ("CAMUNDA_BRIDGE_TIMEOUT_MS", "0", "must be more than 0 ms"),
    ):
        with pytest.raises(ConfigurationError, match=f"^environment: {name}: {said}"):
            Settings.from_env({name: text})


@proves("engine")
async def test_the_engine_is_that_of_every_asyncio_channel_and_of_the_wires_of_workers() -> None:
    env = {"CAMUNDA_GRPC_ADDRESS": "127.0.0.1:1", "CAMUNDA_BRIDGE_ENGINE": "fast"}
    async with bridge.AsyncClient(env=env) as client:
        assert client.config["engine"] == "fast"
    for made in (bridge.Client(env=env), bridge.AsyncClient(env=env)):
        wire: Any = made.job_wire()
        assert wire.of("t").name == "gRPC (fast)"
        await wire.close()
        await made.aclose() if isinstance(made, bridge.AsyncClient) else made.close()
    with bridge.Client(env=env) as blocking:
        assert [use.engine for use in blocking.wires] == ["fast"]
    async with bridge.AsyncClient(engine="default", env=env) as client:
        wire = client.job_wire()
        assert wire.of("t").name == "gRPC"
        await wire.close()
    with pytest.raises(ConfigurationError, match="CAMUNDA_BRIDGE_ENGINE"):
        bridge.AsyncClient(env={**env, "CAMUNDA_BRIDGE_ENGINE": "warp"})
    with pytest.raises(ConfigurationError, match='engine must be "fast"'):
        bridge.AsyncClient(engine="warp", env=env)  # type: ignore[arg-type]


@proves("max_message_size")
@wires
@pytest.mark.parametrize("name", _names("max_message_size"))
def test_an_answer_beyond_the_largest_size_is_not_read(
    gateways: Gateways, use: Use, wire: str, name: str
) -> None:
    gateways.rest.script(answer(200, {**TOPOLOGY, "gatewayVersion": "8.6.0-" + "x" * 5000}))
    gateways.native.script["Topology"] = [Answer((pb.TopologyResponse(gatewayVersion="8" * 5000),))]
    with pytest.raises(errors.ResourceExhausted) as caught:
        use({**gateways.only(wire), name: "4000"})
    assert caught.value.problem is not None
    assert caught.value.problem.status == 413


# What calls say

TENANT = {"CAMUNDA_DEFAULT_TENANT_ID": "acme"}


def tenants_sent(gateways: Gateways, wire: str, field: str) -> Any:
    if wire == REST:
        return gateways.rest.requests[-1].json.get(field)
    value = getattr(gateways.native.calls[-1].request, field)
    return value if isinstance(value, str) else list(value)


@proves("tenant_id")
@wires
@pytest.mark.parametrize("name", _names("tenant_id"))
def test_a_command_that_names_no_tenant_is_for_the_default_one(
    gateways: Gateways, use: Use, wire: str, name: str
) -> None:
    gateways.rest.script(answer(200, {"messageKey": "1", "tenantId": "acme"}))
    gateways.native.script["PublishMessage"] = [Answer((pb.PublishMessageResponse(key=1),))]
    env = {**gateways.only(wire), name: "acme"}
    use(env, "publish_message", name="paid", correlation_key="7")
    assert tenants_sent(gateways, wire, "tenantId") == "acme"
    use(env, "publish_message", name="paid", correlation_key="7", tenant_id="other")
    assert tenants_sent(gateways, wire, "tenantId") == "other"


@wires
def test_an_activation_that_names_no_tenant_is_for_the_default_one(
    gateways: Gateways, use: Use, wire: str
) -> None:
    gateways.rest.script(answer(200, {"jobs": []}))
    gateways.native.script["ActivateJobs"] = [Answer((pb.ActivateJobsResponse(),))]
    asked: dict[str, Any] = {"type": "t", "job_timeout": 5, "max_jobs_to_activate": 1, "request_timeout": -1}
    env = {**gateways.only(wire), **TENANT, "CAMUNDA_BRIDGE_CLUSTER_VERSION": "8.9"}
    use(env, "activate_jobs", **asked)
    assert tenants_sent(gateways, wire, "tenantIds") == ["acme"]
    use(env, "activate_jobs", **asked, tenant_ids=["other"])
    assert tenants_sent(gateways, wire, "tenantIds") == ["other"]
    use(env, "activate_jobs", **asked, tenant_filter="ASSIGNED")
    assert not tenants_sent(gateways, wire, "tenantIds")


@wires
async def test_a_worker_that_names_no_tenant_works_for_the_default_one(
    gateways: Gateways, wire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateways.rest.script(answer(200, {"jobs": []}))
    gateways.native.script["ActivateJobs"] = [Answer((pb.ActivateJobsResponse(),))]
    for name, value in {**gateways.only(wire), **TENANT}.items():
        monkeypatch.setenv(name, value)
    with bridge.Client() as client:
        made = client.job_wire()
        for request, expected in (
            (JobRequest("t", "w", 5), ["acme"]),
            (JobRequest("t", "w", 5, tenant_ids=("other",)), ["other"]),
        ):
            await made.activate(request, 1, wait=0, timeout=5)
            assert tenants_sent(gateways, wire, "tenantIds") == expected
        await made.close()


@proves("cluster_version")
@wires
def test_what_is_newer_than_the_cluster_is_refused(gateways: Gateways, use: Use, wire: str) -> None:
    env = {**gateways.only(wire), "CAMUNDA_BRIDGE_CLUSTER_VERSION": "8.6"}
    with pytest.raises(errors.UnsupportedField):
        use(env, "create_process_instance", process_definition_id="p", tags=["vip"])
    assert gateways.seen() == []


# Who is calling


@proves("username", "password")
@wires
def test_a_user_and_a_password_are_basic_credentials(gateways: Gateways, use: Use, wire: str) -> None:
    use(
        {
            **gateways.only(wire),
            "CAMUNDA_BASIC_AUTH_USERNAME": "demo",
            "CAMUNDA_BASIC_AUTH_PASSWORD": "hidden",
        }
    )
    assert gateways.authorization(wire) == "Basic " + base64.b64encode(b"demo:hidden").decode()


@proves("bearer_token")
@wires
def test_a_token_is_sent_as_it_is(gateways: Gateways, use: Use, wire: str) -> None:
    use({**gateways.only(wire), "CAMUNDA_OAUTH_TOKEN": "mine"})
    assert gateways.authorization(wire) == "Bearer mine"


@proves("client_id", "client_secret", "token_url")
@wires
def test_a_client_and_its_secret_get_a_token(gateways: Gateways, use: Use, wire: str) -> None:
    use({**gateways.only(wire), **gateways.oauth})
    assert gateways.authorization(wire) == "Bearer a-token"
    assert "client_id=an-id" in gateways.form()
    assert "client_secret=a-secret" in gateways.form()


@proves("issuer")
@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("CAMUNDA_ISSUER_URL", "/"),
        ("CAMUNDA_WELL_KNOWN_CONFIGURATION_URL", "/.well-known/openid-configuration"),
    ],
)
def test_an_issuer_says_where_tokens_are(gateways: Gateways, use: Use, name: str, suffix: str) -> None:
    issuer = f"{gateways.login.address}/realm"
    told = {"issuer": issuer, "token_endpoint": f"{gateways.login.address}/elsewhere"}
    gateways.login.script(answer(200, told), answer(200, TOKEN))
    oauth = {key: value for key, value in gateways.oauth.items() if key != "CAMUNDA_OAUTH_URL"}
    use({**gateways.only(REST), **oauth, name: issuer + suffix})
    assert [asked.target for asked in gateways.login.requests] == [
        "/realm/.well-known/openid-configuration",
        "/elsewhere",
    ]


@proves("token_cache")
def test_a_folder_of_tokens_saves_the_second_request(gateways: Gateways, use: Use, tmp_path: Path) -> None:
    env = {**gateways.only(REST), **gateways.oauth, "CAMUNDA_OAUTH_CACHE_DIR": str(tmp_path)}
    use(env)
    use(env)
    assert len(gateways.login.requests) == 1
    assert len(list(tmp_path.iterdir())) == 1


@proves("client_auth")
def test_the_secret_travels_as_a_header(gateways: Gateways, use: Use) -> None:
    use({**gateways.only(REST), **gateways.oauth, "CAMUNDA_BRIDGE_CLIENT_AUTH": "basic"})
    assert gateways.login.requests[-1].headers["authorization"].startswith("Basic ")
    assert "secret" not in gateways.form()


@proves("assertion_file")
def test_an_assertion_in_a_file_takes_the_place_of_the_secret(
    gateways: Gateways, use: Use, tmp_path: Path
) -> None:
    file = tmp_path / "assertion"
    file.write_text("a.b.c")
    oauth = {key: value for key, value in gateways.oauth.items() if key != "CAMUNDA_CLIENT_SECRET"}
    use({**gateways.only(REST), **oauth, "CAMUNDA_BRIDGE_CLIENT_ASSERTION_FILE": str(file)})
    assert "client_assertion=a.b.c" in gateways.form()
    with pytest.raises(ConfigurationError, match="set one of them"):
        use({**gateways.only(REST), **gateways.oauth, "CAMUNDA_BRIDGE_CLIENT_ASSERTION_FILE": str(file)})


@proves("assertion_key", "assertion_certificate", "assertion_key_password", "assertion_key_id")
def test_a_private_key_signs_in(gateways: Gateways, use: Use) -> None:
    oauth = {key: value for key, value in gateways.oauth.items() if key != "CAMUNDA_CLIENT_SECRET"}
    prefix = "CAMUNDA_BRIDGE_CLIENT_ASSERTION"
    signing = {
        f"{prefix}_KEY_PATH": str(PEM / "client-encrypted.key"),
        f"{prefix}_CERT_PATH": str(PEM / "client.pem"),
        f"{prefix}_KEY_PASSPHRASE": "open-sesame",
        f"{prefix}_KEY_ID": "k1",
    }
    use({**gateways.only(REST), **oauth, **signing})
    [assertion] = parse_qs(gateways.form())["client_assertion"]
    header = jwt.get_unverified_header(assertion)
    assert header["kid"] == "k1"
    assert header["x5t"]
    with pytest.raises(ConfigurationError, match=f"{prefix}_KEY_PATH: .*key_password"):
        use({**gateways.only(REST), **oauth, f"{prefix}_KEY_PATH": str(PEM / "client-encrypted.key")})


@proves("bearer_token_file")
@wires
def test_a_token_stands_in_a_file(gateways: Gateways, use: Use, wire: str, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("of-a-file\n")
    use({**gateways.only(wire), "CAMUNDA_BRIDGE_TOKEN_FILE": str(file)})
    assert gateways.authorization(wire) == "Bearer of-a-file"


@proves("audience", "scope", "resource", "grant_type")
def test_what_a_token_is_for_stands_in_its_request(gateways: Gateways, use: Use) -> None:
    use(
        {
            **gateways.addresses,
            **gateways.oauth,
            "CAMUNDA_TOKEN_AUDIENCE": "an-audience",
            "CAMUNDA_TOKEN_SCOPE": "a-scope",
            "CAMUNDA_TOKEN_RESOURCE": "a-resource",
            "CAMUNDA_OAUTH_GRANT_TYPE": "client_credentials",
        }
    )
    for pair in (
        "audience=an-audience",
        "scope=a-scope",
        "resource=a-resource",
        "grant_type=client_credentials",
    ):
        assert pair in gateways.form().split("&")
    with pytest.raises(ConfigurationError, match="CAMUNDA_OAUTH_GRANT_TYPE: must be one of"):
        use({**gateways.addresses, **gateways.oauth, "CAMUNDA_OAUTH_GRANT_TYPE": "password"})


@proves("strategy", "oauth_disabled")
@wires
@pytest.mark.parametrize(
    "off",
    [{"CAMUNDA_AUTH_STRATEGY": "NONE"}, {"CAMUNDA_OAUTH_DISABLED": "true"}],
    ids=lambda env: next(iter(env)),
)
def test_credentials_can_be_switched_off(gateways: Gateways, use: Use, wire: str, off: Env) -> None:
    use({**gateways.only(wire), **gateways.oauth, **off})
    assert gateways.seen() == [wire]
    assert not gateways.login.requests
    headers = gateways.rest.requests[-1].headers if wire == REST else gateways.native.calls[-1].metadata
    assert "authorization" not in headers


@proves("token_timeout")
def test_a_token_request_has_its_own_time_limit(gateways: Gateways, use: Use) -> None:
    gateways.login.script(stall())
    env = {**gateways.only(REST), **gateways.oauth}
    with pytest.raises(errors.CamundaError, match=r"within 0\.2 s|0\.2 s"):
        use({**env, "CAMUNDA_OAUTH_TIMEOUT_MS": "200", "CAMUNDA_OAUTH_RETRY_MAX": "1"})
    assert gateways.seen() == []


@proves("token_attempts", "token_delay", "token_multiplier")
def test_a_token_endpoint_that_is_overloaded_is_asked_as_often_as_said(gateways: Gateways, use: Use) -> None:
    gateways.login.script(answer(503))
    env = {
        **gateways.only(REST),
        **gateways.oauth,
        "CAMUNDA_OAUTH_RETRY_MAX": "3",
        "CAMUNDA_OAUTH_RETRY_BASE_DELAY_MS": "1",
        "CAMUNDA_AUTH_TOKEN_FETCH_BACKOFF_MULTIPLIER": "1",
        "CAMUNDA_BRIDGE_TIMEOUT_MS": "20000",
    }
    with pytest.raises(errors.Unavailable):
        use(env)
    counted = len(gateways.login.requests)
    assert counted >= 3
    assert counted % 3 == 0  # three for every time that the call asked for credentials


@pytest.mark.parametrize(
    ("name", "pauses"),
    [
        ("CAMUNDA_OAUTH_RETRY_BASE_DELAY_MS", (0.25, 0.5)),
        ("CAMUNDA_AUTH_TOKEN_FETCH_BACKOFF_MULTIPLIER", (0.5, 125.0)),
    ],
)
def test_the_pauses_between_token_requests_are_as_said(name: str, pauses: tuple[float, float]) -> None:
    env = {"CAMUNDA_CLIENT_ID": "c", "CAMUNDA_CLIENT_SECRET": "s", "CAMUNDA_OAUTH_URL": "https://login.test"}
    credentials: Any = Settings.from_env({**env, name: "250"}).credentials
    policy = credentials._retry
    asked = [min(policy.initial_delay * policy.multiplier**n, policy.initial_delay * 250) for n in (0, 1)]
    assert tuple(asked) == pauses


@proves("token_refresh_before")
def test_a_token_is_renewed_so_long_before_it_expires(gateways: Gateways) -> None:
    gateways.login.script(answer(200, {**TOKEN, "expires_in": 60}))
    for ahead, leeway in (("15000", 5), ("25000", 15)):
        env = {**gateways.oauth, "CAMUNDA_OAUTH_TOKEN_REFRESH_THRESHOLD_MS": ahead}
        credentials: Any = Settings.from_env(env).credentials
        credentials.headers()
        token = credentials._token
        assert token.unusable_at - token.refresh_at == pytest.approx(leeway)


@proves("token_cooldown")
def test_a_refused_secret_is_not_tried_again_for_so_long(gateways: Gateways) -> None:
    gateways.login.script(answer(401, {"error": "invalid_client"}))
    for cooldown, requests in (("0", 2), ("60000", 1)):
        env = {**gateways.oauth, "CAMUNDA_AUTH_TOKEN_FETCH_NON_RETRYABLE_COOLDOWN_MS": cooldown}
        credentials = Settings.from_env(env).credentials
        before = len(gateways.login.requests)
        for _ in range(2):
            with pytest.raises(errors.AuthenticationError):
                credentials.headers()
        assert len(gateways.login.requests) - before == requests


# TLS


@pytest.fixture
def secure() -> Iterator[tuple[dict[str, str], list[Any]]]:
    """Addresses, by wire, of gateways behind TLS that ask for a certificate; and what they saw."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=PEM / "ca.pem")
    context.load_cert_chain(PEM / "server.pem", PEM / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED
    rest = RestServer(tls=context)
    rest.script(answer(200, TOPOLOGY))
    chain = [((PEM / "server.key").read_bytes(), (PEM / "server.pem").read_bytes())]
    native = ScriptedGateway(
        credentials=grpc.ssl_server_credentials(
            chain, (PEM / "ca.pem").read_bytes(), require_client_auth=True
        )
    )
    native.script["Topology"] = [Answer((pb.TopologyResponse(gatewayVersion="8.6.0"),))]
    yield {REST: rest.address, GRPC: f"grpcs://{native.address}"}, [rest, native]
    native.release()
    native.stop()
    rest.stop()


TLS = {
    "CAMUNDA_MTLS_CA_PATH": str(PEM / "ca.pem"),
    "CAMUNDA_MTLS_CERT_PATH": str(PEM / "client.pem"),
    "CAMUNDA_MTLS_KEY_PATH": str(PEM / "client.key"),
}


@proves("ca", "certificate", "key")
@wires
def test_authorities_and_our_certificate_are_what_a_handshake_needs(secure: Any, use: Use, wire: str) -> None:
    name = "CAMUNDA_REST_ADDRESS" if wire == REST else "CAMUNDA_GRPC_ADDRESS"
    env = {name: secure[0][wire], "CAMUNDA_BRIDGE_TIMEOUT_MS": "5000"}
    assert use({**env, **TLS}).gateway_version == "8.6.0"
    without_ca = {each: path for each, path in TLS.items() if "_CA_" not in each}
    for less in (without_ca, {"CAMUNDA_MTLS_CA_PATH": TLS["CAMUNDA_MTLS_CA_PATH"]}):
        with pytest.raises(errors.Unavailable):
            use({**env, **less})
    with pytest.raises(ConfigurationError, match="needs its private key"):
        use({**env, **{each: path for each, path in TLS.items() if "_KEY_" not in each}})


@proves("key_password")
def test_the_password_opens_an_encrypted_key(secure: Any, use: Use) -> None:
    env = {"CAMUNDA_REST_ADDRESS": secure[0][REST], **TLS}
    env["CAMUNDA_MTLS_KEY_PATH"] = str(PEM / "client-encrypted.key")
    assert use({**env, "CAMUNDA_MTLS_KEY_PASSPHRASE": "open-sesame"}).gateway_version == "8.6.0"
    with pytest.raises(ConfigurationError, match="is encrypted; give key_password"):
        use(env)
    env["CAMUNDA_GRPC_ADDRESS"] = secure[0][GRPC]
    del env["CAMUNDA_REST_ADDRESS"]
    assert use({**env, "CAMUNDA_MTLS_KEY_PASSPHRASE": "open-sesame"}).gateway_version == "8.6.0"
