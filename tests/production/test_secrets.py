"""No secret anywhere that it can be printed: of every kind of credentials, whatever the secret and the settings are."""

from __future__ import annotations

import json
import logging
import pprint
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bridge
from camunda_core.config import Settings
from camunda_core.credentials import Basic, Bearer
from camunda_core.errors import CamundaError, ConfigurationError
from camunda_core.oauth import OAuth
from camunda_core.retry import NO_RETRY
from tests.fakes.identity import IdentityProvider

ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
SECRETS = st.text(ALPHABET, min_size=12, max_size=40).map(lambda text: f"S3-{text}")
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
