"""The embedded gateway verifies tokens itself, on both doors, and answers as was recorded of a real 8.6.0 in November 2026."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import jwt
import pytest
import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import bridge
from camunda_core.credentials import Bearer
from camunda_core.errors import ConfigurationError, Unauthenticated, Unavailable
from camunda_core.oauth import OAuth
from camunda_core.retry import NO_RETRY
from camunda_embedded import EmbeddedGateway, TokenCheck
from camunda_embedded._tokens import Refused
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from tests.fakes.identity import AUDIENCE, CLIENT, SECRET, IdentityProvider

NO_TOKEN = "Expected bearer token at header with key [authorization], but found nothing"
UNREADABLE = "Failed to parse bearer token, see cause for details"


@pytest.fixture
def identity() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.close()


@pytest.fixture
def gateway(identity: IdentityProvider) -> Iterator[EmbeddedGateway]:
    with EmbeddedGateway(auth=TokenCheck(identity.issuer)) as running:
        yield running


def over_grpc(gateway: EmbeddedGateway, token: str | None) -> grpc.RpcError | None:
    with grpc.insecure_channel(gateway.grpc_address) as channel:
        metadata = [("authorization", f"Bearer {token}")] if token is not None else []
        try:
            stubs.GatewayStub(channel).Topology(pb.TopologyRequest(), metadata=metadata, timeout=20)
        except grpc.RpcError as error:
            return error
    return None


def over_rest(gateway: EmbeddedGateway, token: str | None) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    return requests.get(f"{gateway.rest_address}/v2/topology", headers=headers, timeout=20)


def unsigned(token: str) -> str:
    """The same claims, with the algorithm that wants no signature."""
    claims = token.split(".")[1]
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=")
    return f"{header.decode()}.{claims}."


def changed(token: str) -> str:
    """The same token, with other claims under the same signature."""
    header, claims, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    said["sub"] = "somebody else"
    text = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
    return f"{header}.{text}.{signature}"


def symmetric(identity: IdentityProvider) -> str:
    """Signed with what everybody can read: the old attack on verifiers that believe the header."""
    key = identity.key_set()["keys"][0]
    public = jwt.PyJWK(key).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = {"iss": identity.issuer, "aud": AUDIENCE, "exp": int(time.time()) + 60}
    parts = ({"alg": "HS256", "kid": key["kid"]}, claims)
    signed = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts
    )
    signature = hmac.digest(public, signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


BAD: dict[str, tuple[Any, str, str]] = {
    "none": (None, NO_TOKEN, "Access Denied"),
    "empty": (lambda identity: "", NO_TOKEN, "Access Denied"),
    "junk": (lambda identity: "junk", UNREADABLE, "error decoding jwt"),
    "another audience": (
        lambda identity: identity.token(audience="another"),
        UNREADABLE,
        "the provided claims are invalid",
    ),
    "another issuer": (
        lambda identity: identity.token(iss="https://elsewhere"),
        UNREADABLE,
        "the provided claims are invalid",
    ),
    "past its time": (lambda identity: identity.token(lifetime=-1), UNREADABLE, "the token has expired"),
    "for ever": (lambda identity: identity.token(exp=None), UNREADABLE, "the provided claims are invalid"),
    "unsigned": (lambda identity: unsigned(identity.token()), UNREADABLE, "error decoding jwt"),
    "changed": (lambda identity: changed(identity.token()), UNREADABLE, "error decoding jwt"),
    "symmetric": (symmetric, UNREADABLE, "error decoding jwt"),
}


def test_a_token_that_was_taken_is_refused_when_its_time_is_over(
    identity: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = TokenCheck(identity.issuer, keys=identity.key_set())
    authorization = f"Bearer {identity.token(lifetime=60)}"
    read: list[str] = []
    decoded = check._decoded

    async def counted(token: str) -> Any:
        read.append(token)
        return await decoded(token)

    monkeypatch.setattr(check, "_decoded", counted)
    asyncio.run(check.tenants_of(authorization))
    asyncio.run(check.tenants_of(authorization))
    assert len(read) == 1, "it is remembered"
    later = time.time() + 61
    monkeypatch.setattr("camunda_embedded._tokens.time.time", lambda: later)
    with contextlib.suppress(Refused):  # the library that reads it has a clock of its own
        asyncio.run(check.tenants_of(authorization))
    assert len(read) == 2, "and read again when it may have expired"


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_token_is_refused_in_the_words_of_each_wire(
    gateway: EmbeddedGateway, identity: IdentityProvider, bad: str
) -> None:
    make, text_grpc, text_rest = BAD[bad]
    token = make(identity) if make else None
    refused: Any = over_grpc(gateway, token)
    assert (refused.code(), refused.details()) == (grpc.StatusCode.UNAUTHENTICATED, text_grpc)
    answer = over_rest(gateway, token)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": text_rest,
        "instance": "/v2/topology",
    }


def test_a_good_token_opens_both_doors(gateway: EmbeddedGateway, identity: IdentityProvider) -> None:
    token = identity.token()
    assert over_grpc(gateway, token) is None
    assert over_rest(gateway, token).status_code == 200
    several = identity.token(aud=["other", AUDIENCE])
    assert over_grpc(gateway, several) is None
    assert identity.asked_for_keys == 1, "keys are fetched once"


@pytest.mark.parametrize("method", ["CompleteJob", "ActivateJobs", "StreamActivatedJobs", "NoSuchMethod"])
def test_no_method_is_answered_without_a_token(gateway: EmbeddedGateway, method: str) -> None:
    with grpc.insecure_channel(gateway.grpc_address) as channel:
        call = channel.unary_stream(f"/gateway_protocol.Gateway/{method}")
        with pytest.raises(grpc.RpcError) as caught:
            list(call(b"", timeout=20))
    refused: Any = caught.value
    assert refused.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize(
    "path", ["/v2/jobs/activation", "/v2/nothing", "/v2/status/", "/nothing", "/v2//license"]
)
def test_no_path_is_answered_without_a_token(identity: IdentityProvider, path: str) -> None:
    with EmbeddedGateway(dialect="8.9", auth=TokenCheck(identity.issuer)) as gateway:
        assert requests.post(f"{gateway.rest_address}{path}", json={}, timeout=20).status_code == 401


def test_what_the_contract_opens_to_everybody_is_open(identity: IdentityProvider) -> None:
    with EmbeddedGateway(dialect="8.9", auth=TokenCheck(identity.issuer)) as gateway:
        assert requests.get(f"{gateway.rest_address}/v2/status", timeout=20).status_code == 204
        assert requests.get(f"{gateway.rest_address}/v2/license", timeout=20).status_code == 200
        with grpc.insecure_channel(gateway.grpc_address) as channel:
            check = channel.unary_unary("/grpc.health.v1.Health/Check")
            assert check(b"", timeout=20) == b"\x08\x01"


def test_keys_are_fetched_again_when_the_provider_signs_with_another(
    gateway: EmbeddedGateway, identity: IdentityProvider
) -> None:
    old = identity.token()
    assert over_grpc(gateway, old) is None
    identity.rotate()
    new = identity.token()
    until = time.monotonic() + 20
    while (refused := over_grpc(gateway, new)) is not None and time.monotonic() < until:
        time.sleep(0.05)  # it does not ask more than once a second
    assert refused is None


def test_made_up_keys_do_not_make_it_ask_again_and_again(
    gateway: EmbeddedGateway, identity: IdentityProvider
) -> None:
    other = IdentityProvider()
    other.close()
    began = time.monotonic()
    for _ in range(8):
        other.rotate()
        forged = other.token(iss=identity.issuer)
        assert over_rest(gateway, forged).json()["detail"] == "error decoding jwt"
    assert identity.asked_for_keys <= 2 + (time.monotonic() - began)


def test_many_callers_wait_for_one_fetch(gateway: EmbeddedGateway, identity: IdentityProvider) -> None:
    tokens = [identity.token() for _ in range(30)]
    with ThreadPoolExecutor(15) as pool:
        assert {answer.status_code for answer in pool.map(lambda t: over_rest(gateway, t), tokens)} == {200}
    assert identity.asked_for_keys == 1


def test_a_provider_that_is_away_makes_the_gateway_unavailable_and_not_the_token_bad(
    identity: IdentityProvider,
) -> None:
    token = identity.token()
    with EmbeddedGateway(auth=TokenCheck(identity.issuer)) as gateway:
        identity.close()
        refused: Any = over_grpc(gateway, token)
        assert refused.code() is grpc.StatusCode.UNAVAILABLE
        assert identity.issuer in refused.details()
        assert over_rest(gateway, token).status_code == 503
        with (
            bridge.Client(
                rest_address=gateway.rest_address, credentials=Bearer(token), retry=NO_RETRY
            ) as client,
            pytest.raises(Unavailable),
        ):
            client.topology()


def test_keys_that_are_known_last_while_the_provider_is_away(
    gateway: EmbeddedGateway, identity: IdentityProvider
) -> None:
    assert over_grpc(gateway, identity.token()) is None
    another = identity.token()
    identity.close()
    assert over_grpc(gateway, another) is None
    assert over_rest(gateway, another).status_code == 200


def test_keys_can_be_given(identity: IdentityProvider) -> None:
    with EmbeddedGateway(auth=TokenCheck("somebody", keys=identity.key_set())) as gateway:
        assert over_grpc(gateway, identity.token(iss="somebody")) is None
        assert over_grpc(gateway, identity.token()) is not None
        stranger = IdentityProvider()
        stranger.close()
        assert over_grpc(gateway, stranger.token(iss="somebody")) is not None
    with EmbeddedGateway(auth=TokenCheck("somebody", keys=identity.keys_url, leeway=30)) as gateway:
        assert over_grpc(gateway, identity.token(iss="somebody", lifetime=-5)) is None


def test_a_revoked_token_is_renewed_once_by_every_client(
    gateway: EmbeddedGateway, identity: IdentityProvider
) -> None:
    check = gateway._auth
    assert check is not None

    def settings(wire: str) -> dict[str, Any]:
        oauth = OAuth(identity.token_url, CLIENT, SECRET, audience=AUDIENCE)
        return {
            f"{wire}_address": getattr(gateway, f"{wire}_address"),
            "credentials": oauth,
            "retry": NO_RETRY,
        }

    async def asyncio_too(wire: str) -> None:
        async with bridge.AsyncClient(**settings(wire)) as aio:
            await aio.topology()
            check.revoke()
            await asyncio.gather(*(aio.topology() for _ in range(20)))

    for wire in ("rest", "grpc"):
        asked = identity.asked
        with bridge.Client(**settings(wire)) as client, ThreadPoolExecutor(20) as pool:
            client.topology()
            check.revoke()
            list(pool.map(lambda _, at=client: at.topology(), range(20)))  # type: ignore[misc]
        assert identity.asked == asked + 2
        asyncio.run(asyncio_too(wire))
        assert identity.asked == asked + 4
    token = identity.token()
    assert over_rest(gateway, token).status_code == 200
    check.revoke(token)
    assert over_rest(gateway, token).status_code == 401
    with (
        bridge.Client(rest_address=gateway.rest_address, credentials=Bearer(token), retry=NO_RETRY) as client,
        pytest.raises(Unauthenticated),
    ):
        client.topology()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"issuer": ""}, "issuer"),
        ({"issuer": "no address"}, "issuer"),
        ({"audience": ""}, "audience"),
        ({"audience": []}, "audience"),
        ({"audience": 7}, "audience"),
        ({"keys": "no address"}, "keys"),
        ({"keys": {}}, "keys"),
        ({"keys": {"keys": [{"kty": "oct", "k": "AAAA"}]}}, "keys"),
        ({"tenants": 7}, "tenants"),
        ({"leeway": -1}, "leeway"),
        ({"leeway": True}, "leeway"),
    ],
)
def test_a_bad_argument_is_named(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{named} "):
        TokenCheck(**{"issuer": "https://login.example.com", **arguments})


def test_a_gateway_takes_a_token_check_alone() -> None:
    with pytest.raises(ConfigurationError, match=r"auth must be a camunda_embedded.TokenCheck, not str"):
        EmbeddedGateway(auth="Bearer secret")  # type: ignore[arg-type]


def test_without_the_extra_it_is_named() -> None:
    code = (
        "import sys; sys.modules['jwt'] = None\n"
        "from camunda_embedded import EmbeddedGateway, TokenCheck\n"
        "EmbeddedGateway()\n"
        "try: TokenCheck('https://login.example.com')\n"
        "except ImportError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert "camunda-bridge[embedded,crypto]" in done.stdout


def test_a_gateway_without_a_check_imports_nothing_for_it() -> None:
    code = (
        "import sys, camunda_embedded\nwith camunda_embedded.EmbeddedGateway(): print('jwt' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "False"
