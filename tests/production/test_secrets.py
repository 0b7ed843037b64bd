"""No secret anywhere that it can be printed: of every kind of credentials, whatever the secret and the settings are."""

from __future__ import annotations

import base64
import copy
import dataclasses
import json
import logging
import pickle
import pprint
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bridge
from camunda_core._grant import ClientAssertion
from camunda_core._profiles import environment
from camunda_core.config import Settings
from camunda_core.credentials import Basic, Bearer
from camunda_core.errors import CamundaError, ConfigurationError
from camunda_core.oauth import OAuth
from camunda_core.retry import NO_RETRY
from camunda_core.tls import Tls
from tests.fakes.identity import IdentityProvider

ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
SECRETS = st.text(ALPHABET, min_size=12, max_size=40).map(lambda text: f"S3-{text}")
PEM = Path(__file__).parent.parent / "unit" / "camunda_core" / "pem"
#: Nobody listens there.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def identity() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.close()


def kinds(identity: IdentityProvider, secret: str) -> dict[str, tuple[Any, dict[str, str]]]:
    """Credentials of each kind, and the variables that say the same."""
    oauth = {
        "CAMUNDA_CLIENT_ID": "me",
        "CAMUNDA_CLIENT_SECRET": secret,
        "CAMUNDA_OAUTH_URL": identity.token_url,
    }
    return {
        "basic": (
            Basic("me", secret),
            {"CAMUNDA_BASIC_AUTH_USERNAME": "me", "CAMUNDA_BASIC_AUTH_PASSWORD": secret},
        ),
        "bearer": (Bearer(secret), {}),
        "callable": (Bearer(lambda: secret), {}),
        "oauth": (OAuth(identity.token_url, "me", secret, timeout=5), oauth),
        "issuer": (OAuth(issuer=identity.issuer, client_id="me", client_secret=secret, timeout=5), {}),
    }


def printed(error: BaseException | None) -> Iterator[str]:
    """What a log or a person is shown of an error and its causes."""
    while error is not None:
        yield from (str(error), repr(error), pprint.pformat(getattr(error, "__dict__", {})))
        error = error.__cause__ or error.__context__


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secret=SECRETS)
def test_no_secret_is_printed(
    identity: IdentityProvider, caplog: pytest.LogCaptureFixture, secret: str
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    for credentials, variables in kinds(identity, secret).values():
        said += (repr(credentials), str(credentials))
        made = [{"credentials": credentials, "env": {}}]
        if variables:
            found = Settings.from_env(variables)
            said += (repr(found), str(found), pprint.pformat(found))
            made.append({"env": variables})
        for options in made:
            with bridge.Client(rest_address=NOWHERE, timeout=5.0, retry=NO_RETRY, **options) as client:  # type: ignore[arg-type]
                said += (repr(client), repr(client.config), json.dumps(client.config, default=repr))
                with pytest.raises(CamundaError) as failed:
                    client.topology()
                said += printed(failed.value)
    said += [record.getMessage() for record in caplog.records] + [caplog.text]
    assert [text for text in said if secret in text] == []
    caplog.clear()


def dumped(thing: Any) -> Iterator[bytes]:
    """What tools make of an object that look into it: debuggers, reporters, caches, queues."""
    ways: tuple[Callable[[Any], Any], ...] = (
        repr,
        lambda each: pprint.pformat(vars(each)),
        lambda each: pprint.pformat(vars(copy.deepcopy(each))),
        lambda each: pprint.pformat(dataclasses.asdict(each)),
        lambda each: each.describe(),
        lambda each: json.dumps(each.config, default=repr),
        pickle.dumps,
    )
    # Settings that were read are a mapping, which gives its values to whoever asks for them.
    for way in ways if not isinstance(thing, Mapping) else (repr, pickle.dumps):
        try:
            made = way(thing)
        except (TypeError, AttributeError) as error:
            made = "".join(printed(error))
        yield made if isinstance(made, bytes) else made.encode()


def test_no_secret_is_in_what_tools_make_of_an_object(identity: IdentityProvider, tmp_path: Path) -> None:
    secret = "S3-quite.a.secret"
    file = tmp_path / "camunda-bridge.toml"
    file.write_text(f'client_id = "me"\nclient_secret = "{secret}"\ntoken_url = "{identity.token_url}"\n')
    layered = environment(config_file=file, env={})
    plain = (PEM / "client.key").read_bytes()
    things: list[Any] = [
        layered,
        Settings.from_env(layered),
        Tls(certificate=PEM / "client.pem", key=PEM / "client.key"),
        Tls(certificate=(PEM / "client.pem").read_bytes(), key=plain),
        ClientAssertion(plain),
        OAuth(identity.token_url, "me", client_assertion=ClientAssertion(plain)),
    ]
    secrets = {secret, base64.b64encode(f"me:{secret}".encode()).decode()}
    secrets |= set(plain.decode().splitlines()[1:-1])
    for credentials, variables in kinds(identity, secret).values():
        things.append(credentials)
        if variables:
            things.append(Settings.from_env(variables))
    for address in ({"rest_address": NOWHERE}, {"grpc_address": "127.0.0.1:9"}):
        things.append(bridge.Client(**address, env=dict(layered)))  # type: ignore[arg-type]
    found = [
        (type(thing).__name__, said[:200])
        for thing in things
        for said in dumped(thing)
        if any(each.encode() in said for each in secrets)
    ]
    assert found == []
    for thing in things:
        if hasattr(thing, "close"):
            thing.close()


@pytest.mark.parametrize("kind", ["basic", "bearer", "callable", "oauth"])
def test_credentials_are_not_pickled_and_a_copy_is_the_same(identity: IdentityProvider, kind: str) -> None:
    credentials, _ = kinds(identity, "S3-quite.a.secret")[kind]
    with pytest.raises(TypeError, match="is not pickled, since it holds secrets"):
        pickle.dumps(credentials)
    assert copy.copy(credentials) is credentials
    assert copy.deepcopy([credentials]) == [credentials]


NAMES = ("CAMUNDA_CLIENT_SECRET", "CAMUNDA_BASIC_AUTH_PASSWORD")
VALUES = {
    "CAMUNDA_CLIENT_ID": st.sampled_from(["me", ""]),
    "CAMUNDA_BASIC_AUTH_USERNAME": st.sampled_from(["me", "a:b"]),
    "CAMUNDA_AUTH_STRATEGY": st.sampled_from(["OAUTH", "BASIC", "NONE", "BEARER", "other"]),
    "CAMUNDA_OAUTH_URL": st.sampled_from(["https://login.example.com/token", "no address"]),
    "CAMUNDA_REST_ADDRESS": st.sampled_from(["https://camunda.example.com", "camunda example"]),
    "CAMUNDA_GRPC_ADDRESS": st.sampled_from(["grpcs://camunda.example.com:443", "grpc://"]),
    "CAMUNDA_DEFAULT_TENANT_ID": st.sampled_from(["red", " "]),
    "CAMUNDA_PREFER_REST": st.sampled_from(["true", "perhaps"]),
}


@settings(max_examples=60, deadline=None)
@given(
    secret=SECRETS,
    flaw=st.sampled_from(["", "\n", "\x00", "\ud800"]),
    secrets=st.sets(st.sampled_from(NAMES), min_size=1),
    others=st.fixed_dictionaries({}, optional=VALUES),
)
def test_settings_are_read_or_refused_without_showing_a_secret(
    secret: str, flaw: str, secrets: set[str], others: dict[str, str]
) -> None:
    variables = {**others, **dict.fromkeys(secrets, secret + flaw)}
    try:
        found = Settings.from_env(variables)
    except ConfigurationError as error:
        said = list(printed(error))
        assert str(error).strip(), "it says what is wrong"
    else:
        said = [repr(found), str(found), pprint.pformat(found), repr(found.origins)]
    assert [text for text in said if secret in text] == []
