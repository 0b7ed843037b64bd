from __future__ import annotations

import base64
import logging
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from camunda_core._environment import IGNORED, VARIABLES
from camunda_core.config import Settings
from camunda_core.credentials import Basic, Bearer, NoCredentials
from camunda_core.errors import ConfigurationError
from camunda_core.oauth import OAuth
from camunda_core.tls import Tls

OAUTH = {
    "CAMUNDA_CLIENT_ID": "my-client",
    "CAMUNDA_CLIENT_SECRET": "hidden-secret",
    "CAMUNDA_OAUTH_URL": "https://login.test/oauth/token",
}


def refused(env: dict[str, str], **arguments: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_env(env, **arguments)
    return str(caught.value)


def test_an_empty_environment_sets_nothing() -> None:
    settings = Settings.from_env({})
    assert settings.grpc_address is None
    assert settings.rest_address is None
    assert isinstance(settings.credentials, NoCredentials)
    assert settings.tls is None
    assert settings.timeout is None


def test_the_environment_of_the_process_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES.values():
        for name in (*variable.names, *variable.inverted, *variable.inline):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CAMUNDA_REST_ADDRESS", "http://gateway.test:8080")
    assert Settings.from_env().rest_address == "http://gateway.test:8080/v2"


def test_empty_variables_count_as_not_set() -> None:
    settings = Settings.from_env(
        {"CAMUNDA_REST_ADDRESS": "  ", "CAMUNDA_CLIENT_ID": "", "CAMUNDA_PREFER_REST": ""}
    )
    assert settings.describe() == Settings().describe()


# Every name of every row

SAMPLES: dict[str, tuple[str, Any]] = {
    "grpc_address": ("grpcs://gateway.test", "grpcs://gateway.test:443"),
    "rest_address": ("https://gateway.test/cluster/v2/", "https://gateway.test/cluster/v2"),
    "transport": ("REST", "rest"),
    "prefer_rest": ("yes", True),
    "routes": ("rest, StreamActivatedJobs=grpc", "rest, StreamActivatedJobs=grpc"),
    "cluster_version": ("8.9.0-rc1", (8, 9)),
    "timeout": ("2500", 2.5),
    "keepalive": ("45000", 45.0),
    "max_message_size": ("20MB", 20 << 20),
    "authority": ("zeebe.internal", "zeebe.internal"),
    "tenant_id": ("red", "red"),
}


@pytest.mark.parametrize(
    ("setting", "name"), [(setting, name) for setting in SAMPLES for name in VARIABLES[setting].names]
)
def test_every_name_of_a_setting_is_read_and_remembered_as_its_origin(setting: str, name: str) -> None:
    text, value = SAMPLES[setting]
    settings = Settings.from_env({name: f" {text} "})
    assert getattr(settings, setting) == value
    assert settings.origins[setting] == name
    assert f"({name})" in settings.describe()


def oauth_form(settings: Settings) -> dict[str, str]:
    assert isinstance(settings.credentials, OAuth)
    return dict(parse_qsl(settings.credentials._endpoint._grant.request("")[0].decode()))


@pytest.mark.parametrize(
    ("setting", "field", "name"),
    [
        (setting, field, name)
        for setting, field in {
            "client_id": "client_id",
            "client_secret": "client_secret",
            "audience": "audience",
            "scope": "scope",
            "resource": "resource",
        }.items()
        for name in VARIABLES[setting].names
    ],
)
def test_every_name_of_the_oauth_parameters_reaches_the_form(setting: str, field: str, name: str) -> None:
    env = {key: value for key, value in OAUTH.items() if key not in VARIABLES[setting].names}
    assert oauth_form(Settings.from_env({**env, name: "a-value"}))[field] == "a-value"


@pytest.mark.parametrize("name", VARIABLES["token_url"].names)
def test_every_name_of_the_token_url_is_read_and_kept_as_it_is(name: str) -> None:
    env = {"CAMUNDA_CLIENT_ID": "c", "CAMUNDA_CLIENT_SECRET": "s", name: "https://login.test/oauth/token/"}
    assert "'https://login.test/oauth/token/'" in repr(Settings.from_env(env).credentials)


@pytest.mark.parametrize(
    ("setting", "text", "attribute", "value"),
    [
        ("token_timeout", "1500", "_endpoint._timeout", 1.5),
        ("token_refresh_before", "1000", "_refresh_before", 1.0),
        ("token_cooldown", "0", "_cooldown", 0.0),
        ("token_attempts", "7", "_retry.max_attempts", 7),
        ("token_delay", "250", "_retry.initial_delay", 0.25),
        ("token_multiplier", "1.5", "_retry.multiplier", 1.5),
    ],
)
def test_the_pace_of_token_requests_can_be_set(setting: str, text: str, attribute: str, value: float) -> None:
    for name in VARIABLES[setting].names:
        found: Any = Settings.from_env({**OAUTH, name: text}).credentials
        for part in attribute.split("."):
            found = getattr(found, part)
        assert found == value, name


@pytest.mark.parametrize("user", VARIABLES["username"].names)
@pytest.mark.parametrize("password", VARIABLES["password"].names)
def test_basic_credentials_are_read_and_inferred(user: str, password: str) -> None:
    settings = Settings.from_env({user: "demo", password: " blanks stay \n"})
    assert isinstance(settings.credentials, Basic)
    sent = settings.credentials.headers()["authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent) == b"demo: blanks stay "


# Aliases that disagree


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"CAMUNDA_GRPC_ADDRESS": "http://a:1"}, {"ZEEBE_ADDRESS": "http://b:1"}),
        ({"CAMUNDA_GRPC_ADDRESS": "grpc://a:26500"}, {"ZEEBE_GRPC_ADDRESS": "grpcs://a:26500"}),
        ({"CAMUNDA_REST_ADDRESS": "http://a"}, {"ZEEBE_REST_ADDRESS": "https://a"}),
        ({"CAMUNDA_PREFER_REST": "true"}, {"ZEEBE_PREFER_REST": "0"}),
        ({"CAMUNDA_INSECURE_CONNECTION": "true"}, {"CAMUNDA_SECURE_CONNECTION": "true"}),
        ({"CAMUNDA_TENANT_ID": "red"}, {"CAMUNDA_DEFAULT_TENANT_ID": "blue"}),
    ],
)
def test_two_names_that_disagree_are_an_error_naming_both(one: dict[str, str], other: dict[str, str]) -> None:
    text = refused({**one, **other})
    for name, value in {**one, **other}.items():
        assert name in text
        assert value in text


def test_secrets_that_disagree_are_not_shown() -> None:
    text = refused({**OAUTH, "ZEEBE_CLIENT_SECRET": "other-secret"})
    assert (
        text.count("CAMUNDA_CLIENT_SECRET and ZEEBE_CLIENT_SECRET differ") == 1
    )  # it is read more than once
    assert "secret:" not in text
    assert "hidden-secret" not in text
    assert "other-secret" not in text


@pytest.mark.parametrize(
    "env",
    [
        {"CAMUNDA_GRPC_ADDRESS": "https://gateway.test", "ZEEBE_GRPC_ADDRESS": "grpcs://gateway.test:443"},
        {"ZEEBE_GRPC_ADDRESS": "grpcs://gateway.test:443", "ZEEBE_ADDRESS": "gateway.test:443"},
        {"CAMUNDA_REST_ADDRESS": "http://gateway.test/", "ZEEBE_REST_ADDRESS": "http://gateway.test/v2"},
        {**OAUTH, "ZEEBE_AUTHORIZATION_SERVER_URL": "https://login.test/oauth/token/"},
        {"CAMUNDA_INSECURE_CONNECTION": "true", "CAMUNDA_SECURE_CONNECTION": "no"},
    ],
)
def test_two_spellings_of_one_value_agree(env: dict[str, str]) -> None:
    Settings.from_env(env)


# What is wrong is told, by name and all together


@pytest.mark.parametrize(
    ("env", "message"),
    [
        (
            {"CAMUNDA_GRPC_ADDRESS": "http://a/path"},
            "CAMUNDA_GRPC_ADDRESS: the address: a gRPC address has no path",
        ),
        ({"CAMUNDA_REST_ADDRESS": "a:8080"}, "CAMUNDA_REST_ADDRESS: the address: a:8080 has no scheme"),
        ({"ZEEBE_PREFER_REST": "perhaps"}, "ZEEBE_PREFER_REST: must be true or false, not 'perhaps'"),
        ({"CAMUNDA_MAX_MESSAGE_SIZE": "0"}, "CAMUNDA_MAX_MESSAGE_SIZE: must be a number of bytes"),
        ({"CAMUNDA_MAX_MESSAGE_SIZE": "2GB"}, "bytes below 2 GiB, like 16777216 or 16MB, or -1 for no limit"),
        ({"CAMUNDA_KEEP_ALIVE": "45s"}, "CAMUNDA_KEEP_ALIVE: must be a number of milliseconds, not '45s'"),
        ({"CAMUNDA_BRIDGE_TIMEOUT_MS": "nan"}, "CAMUNDA_BRIDGE_TIMEOUT_MS: must be a number of milliseconds"),
        ({"CAMUNDA_BRIDGE_TIMEOUT_MS": "-1"}, "CAMUNDA_BRIDGE_TIMEOUT_MS: must be a number of milliseconds"),
        ({"CAMUNDA_BRIDGE_CLUSTER_VERSION": "new"}, "must be a version like 8.6 or 8.6.0, not 'new'"),
        (
            {"CAMUNDA_BRIDGE_TRANSPORT": "soap"},
            "CAMUNDA_BRIDGE_TRANSPORT: must be one of grpc, rest, not 'soap'",
        ),
        (
            {"CAMUNDA_AUTH_STRATEGY": "COOKIE"},
            "CAMUNDA_AUTH_STRATEGY: must be one of NONE, OAUTH, BASIC, BEARER, not 'COOKIE'",
        ),
        ({"CAMUNDA_CLUSTER_ID": "../x"}, "CAMUNDA_CLUSTER_ID: must consist of letters, digits and dashes"),
        (
            {**OAUTH, "CAMUNDA_OAUTH_RETRY_MAX": "0"},
            "CAMUNDA_OAUTH_RETRY_MAX: must be a whole number from 1 on",
        ),
        (
            {**OAUTH, "CAMUNDA_OAUTH_GRANT_TYPE": "password"},
            "must be one of client_credentials, not 'password'",
        ),
        (
            {**OAUTH, "CAMUNDA_OAUTH_URL": "login.test"},
            "CAMUNDA_OAUTH_URL: OAuth: token_url must be like https://",
        ),
        (
            {**OAUTH, "CAMUNDA_OAUTH_TIMEOUT_MS": "0"},
            "CAMUNDA_OAUTH_TIMEOUT_MS: OAuth: timeout must be more than 0 s",
        ),
        (
            {**OAUTH, "CAMUNDA_AUTH_TOKEN_FETCH_BACKOFF_MULTIPLIER": "x"},
            "CAMUNDA_AUTH_TOKEN_FETCH_BACKOFF_MULTIPLIER: must be a number from 1 on",
        ),
        (
            {"CAMUNDA_CLIENT_ID": "c", "CAMUNDA_OAUTH_URL": "https://l"},
            "CAMUNDA_CLIENT_SECRET is not set, but OAuth",
        ),
        ({"CAMUNDA_AUTH_STRATEGY": "BASIC"}, "CAMUNDA_BASIC_AUTH_USERNAME is not set, but basic"),
        ({"CAMUNDA_AUTH_STRATEGY": "BEARER"}, "CAMUNDA_OAUTH_TOKEN is not set, but the strategy BEARER"),
        ({"CAMUNDA_OAUTH_TOKEN": "two words"}, "CAMUNDA_OAUTH_TOKEN: Bearer: token contains a blank"),
        (
            {"CAMUNDA_BASIC_AUTH_USERNAME": "a:b", "CAMUNDA_BASIC_AUTH_PASSWORD": "p"},
            "CAMUNDA_BASIC_AUTH_USERNAME, CAMUNDA_BASIC_AUTH_PASSWORD: Basic: username contains a colon",
        ),
        (
            {**OAUTH, "CAMUNDA_BASIC_AUTH_USERNAME": "demo"},
            "these speak of OAUTH and BASIC; set CAMUNDA_AUTH_STRATEGY to one of them",
        ),
        (
            {"CAMUNDA_AUTH_STRATEGY": "OAUTH", "CAMUNDA_OAUTH_DISABLED": "true"},
            "CAMUNDA_AUTH_STRATEGY is OAUTH, but CAMUNDA_OAUTH_DISABLED is true",
        ),
        (
            {"CAMUNDA_GRPC_ADDRESS": "grpcs://a", "ZEEBE_INSECURE_CONNECTION": "true"},
            "CAMUNDA_GRPC_ADDRESS asks for TLS, but ZEEBE_INSECURE_CONNECTION for the opposite",
        ),
        (
            {"CAMUNDA_CA_CERTIFICATE_PATH": "/no/such.pem"},
            "CAMUNDA_CA_CERTIFICATE_PATH: Tls: ca /no/such.pem cannot be read",
        ),
        ({"CAMUNDA_MTLS_CA": "/a/file.pem"}, "CAMUNDA_MTLS_CA: must hold PEM text"),
    ],
)
def test_what_cannot_be_read_is_refused_by_the_name_of_the_variable(
    env: dict[str, str], message: str
) -> None:
    text = refused(env)
    assert text.startswith("environment: ")
    assert message in text


def test_all_problems_are_told_together() -> None:
    text = refused(
        {
            "CAMUNDA_REST_ADDRESS": "ftp://a",
            "CAMUNDA_KEEP_ALIVE": "soon",
            "CAMUNDA_AUTH_STRATEGY": "OAUTH",
            "CAMUNDA_CA_CERTIFICATE_PATH": "/no/such.pem",
        }
    )
    assert text.startswith("environment: 6 problems:")
    for name in (
        "CAMUNDA_REST_ADDRESS",
        "CAMUNDA_KEEP_ALIVE",
        "CAMUNDA_CLIENT_ID",
        "CAMUNDA_CLIENT_SECRET",
        "CAMUNDA_OAUTH_URL",
        "CAMUNDA_CA_CERTIFICATE_PATH",
    ):
        assert len(re.findall(rf"\n  - {name}", text)) == 1


# Strategy


@pytest.mark.parametrize(
    ("env", "kind"),
    [
        (OAUTH, OAuth),
        ({"CAMUNDA_OAUTH_TOKEN": "abc"}, Bearer),
        ({**OAUTH, "CAMUNDA_AUTH_STRATEGY": "none"}, NoCredentials),
        ({**OAUTH, "CAMUNDA_OAUTH_DISABLED": "true"}, NoCredentials),
        ({**OAUTH, "CAMUNDA_OAUTH_TOKEN": "abc", "CAMUNDA_AUTH_STRATEGY": "bearer"}, Bearer),
        ({"CAMUNDA_OAUTH_URL": "https://login.test"}, NoCredentials),
    ],
)
def test_the_strategy_is_said_or_concluded(env: dict[str, str], kind: type) -> None:
    assert type(Settings.from_env(env).credentials) is kind


def test_variables_of_a_strategy_that_is_not_meant_are_not_read() -> None:
    env = {**OAUTH, "CAMUNDA_OAUTH_TIMEOUT_MS": "soon", "CAMUNDA_AUTH_STRATEGY": "NONE"}
    assert isinstance(Settings.from_env(env).credentials, NoCredentials)


# Camunda's SaaS

SAAS = {
    "CAMUNDA_CLUSTER_ID": "2a6f-77",
    "CAMUNDA_CLUSTER_REGION": "dsm-1",
    "CAMUNDA_CLIENT_ID": "c",
    "CAMUNDA_CLIENT_SECRET": "s",
}


def test_a_saas_cluster_is_named_by_id_and_region() -> None:
    settings = Settings.from_env(SAAS)
    assert settings.grpc_address == "grpcs://2a6f-77.dsm-1.zeebe.camunda.io:443"
    assert settings.rest_address == "https://dsm-1.zeebe.camunda.io/2a6f-77/v2"
    assert settings.origins["rest_address"] == "CAMUNDA_CLUSTER_ID, CAMUNDA_CLUSTER_REGION"
    assert "'https://login.cloud.camunda.io/oauth/token'" in repr(settings.credentials)
    assert oauth_form(settings)["audience"] == "zeebe.camunda.io"


def test_the_region_has_a_default_and_addresses_beat_the_cluster_id() -> None:
    settings = Settings.from_env({"CAMUNDA_CLUSTER_ID": "x", "CAMUNDA_REST_ADDRESS": "https://proxy.test"})
    assert settings.grpc_address == "grpcs://x.bru-2.zeebe.camunda.io:443"
    assert settings.rest_address == "https://proxy.test/v2"


def test_the_file_that_the_saas_console_exports_works_as_it_is() -> None:
    settings = Settings.from_env(
        {
            "ZEEBE_ADDRESS": "x.bru-2.zeebe.camunda.io:443",
            "ZEEBE_GRPC_ADDRESS": "grpcs://x.bru-2.zeebe.camunda.io:443",
            "ZEEBE_REST_ADDRESS": "https://bru-2.zeebe.camunda.io/x",
            "ZEEBE_CLIENT_ID": "c",
            "ZEEBE_CLIENT_SECRET": "s",
            "ZEEBE_AUTHORIZATION_SERVER_URL": "https://login.cloud.camunda.io/oauth/token",
            "ZEEBE_TOKEN_AUDIENCE": "zeebe.camunda.io",
            "CAMUNDA_CLUSTER_ID": "x",
            "CAMUNDA_CLIENT_ID": "c",
            "CAMUNDA_CLIENT_SECRET": "s",
            "CAMUNDA_CLUSTER_REGION": "bru-2",
            "CAMUNDA_CREDENTIALS_SCOPES": "Zeebe,Tasklist",
            "CAMUNDA_OAUTH_URL": "https://login.cloud.camunda.io/oauth/token",
        }
    )
    assert settings.grpc_address == "grpcs://x.bru-2.zeebe.camunda.io:443"
    assert isinstance(settings.credentials, OAuth)


@pytest.mark.parametrize(
    "address", ["https://bru-2.zeebe.camunda.io/x", "https://bru-2.zeebe.camunda.io:443/x/v2"]
)
def test_an_address_of_the_saas_is_enough_for_its_login_server(address: str) -> None:
    env = {"CAMUNDA_REST_ADDRESS": address, "CAMUNDA_CLIENT_ID": "c", "CAMUNDA_CLIENT_SECRET": "s"}
    assert "login.cloud.camunda.io" in repr(Settings.from_env(env).credentials)


@pytest.mark.parametrize("address", ["https://gateway.test", "https://zeebe.camunda.io.evil.test", None])
def test_elsewhere_the_secret_is_not_sent_to_the_saas_by_default(address: str | None) -> None:
    env = {"CAMUNDA_CLIENT_ID": "c", "CAMUNDA_CLIENT_SECRET": "s", "CAMUNDA_REST_ADDRESS": address or ""}
    assert "CAMUNDA_OAUTH_URL is not set" in refused(env)


# TLS


def test_pem_files_become_one_tls(pem: Path) -> None:
    settings = Settings.from_env(
        {
            "CAMUNDA_CA_CERTIFICATE_PATH": str(pem / "ca.pem"),
            "CAMUNDA_MTLS_CERT_PATH": str(pem / "client.pem"),
            "CAMUNDA_MTLS_KEY_PATH": str(pem / "client-encrypted.key"),
            "CAMUNDA_MTLS_KEY_PASSPHRASE": "open-sesame",
            "CAMUNDA_GRPC_ADDRESS": "gateway.test:26500",
        }
    )
    assert settings.tls == Tls(
        pem / "ca.pem", pem / "client.pem", pem / "client-encrypted.key", "open-sesame"
    )
    assert settings.grpc_address == "grpcs://gateway.test:26500", "with TLS material it is not plaintext"
    assert "open-sesame" not in settings.describe()


def test_pem_may_stand_in_the_variable_itself_even_on_one_line(pem: Path) -> None:
    lines = (pem / "ca.pem").read_text()
    for text in (lines, lines.replace("\n", "\\n")):
        settings = Settings.from_env({"CAMUNDA_MTLS_CA": text})
        assert settings.tls is not None
        assert settings.tls.for_grpc()["root_certificates"] == lines.encode()


def test_tls_material_goes_to_the_side_that_speaks_tls(pem: Path) -> None:
    env = {"CAMUNDA_CA_CERTIFICATE_PATH": str(pem / "ca.pem")}
    mixed = Settings.from_env(
        {**env, "CAMUNDA_GRPC_ADDRESS": "https://g", "CAMUNDA_REST_ADDRESS": "http://r"}
    )
    assert mixed.grpc_tls is mixed.tls is not None
    assert mixed.rest_tls is None
    other = Settings.from_env(
        {**env, "CAMUNDA_GRPC_ADDRESS": "http://g", "CAMUNDA_REST_ADDRESS": "https://r"}
    )
    assert other.rest_tls is other.tls is not None
    assert other.grpc_tls is None


def test_tls_material_for_plaintext_addresses_is_left_out_with_a_warning(
    pem: Path, caplog: pytest.LogCaptureFixture
) -> None:
    env = {"CAMUNDA_CA_CERTIFICATE_PATH": str(pem / "ca.pem"), "CAMUNDA_REST_ADDRESS": "http://r"}
    assert Settings.from_env(env).tls is None
    assert "CAMUNDA_CA_CERTIFICATE_PATH has no effect: no address asks for TLS" in caplog.text


def test_explicit_tls_for_plaintext_is_handed_to_the_client_that_will_refuse_it(pem: Path) -> None:
    tls = Tls(ca=pem / "ca.pem")
    assert Settings.from_env({"CAMUNDA_REST_ADDRESS": "http://r"}, tls=tls).rest_tls is tls


def test_the_token_endpoint_trusts_the_systems_authorities_besides_the_private_one(pem: Path) -> None:
    settings = Settings.from_env({**OAUTH, "CAMUNDA_CA_CERTIFICATE_PATH": str(pem / "ca.pem")})
    assert isinstance(settings.credentials, OAuth)
    context = settings.credentials._endpoint._context()
    assert context is not None
    trusted = [dict(pair[0] for pair in entry["subject"]) for entry in context.get_ca_certs()]  # type: ignore[misc]
    assert {"commonName": "camunda-bridge test CA"} in trusted


@pytest.mark.parametrize(
    ("env", "address"),
    [
        ({}, "grpc://gateway.test:26500"),
        ({"CAMUNDA_INSECURE_CONNECTION": "true"}, "grpc://gateway.test:26500"),
        ({"ZEEBE_INSECURE_CONNECTION": "false"}, "grpcs://gateway.test:26500"),
        ({"CAMUNDA_SECURE_CONNECTION": "true"}, "grpcs://gateway.test:26500"),
    ],
)
def test_the_switch_decides_about_an_address_without_a_scheme(env: dict[str, str], address: str) -> None:
    assert Settings.from_env({"ZEEBE_ADDRESS": "gateway.test", **env}).grpc_address == address


def test_port_443_without_a_scheme_means_tls_and_a_resolver_target_stays_as_it_is() -> None:
    assert Settings.from_env({"ZEEBE_ADDRESS": "[::1]:443"}).grpc_address == "grpcs://[::1]:443"
    assert Settings.from_env({"ZEEBE_ADDRESS": "dns:///g:26500"}).grpc_address == "dns:///g:26500"


# Arguments, origins, words


def test_an_argument_beats_the_environment_whose_variable_is_not_even_read() -> None:
    env = {
        "CAMUNDA_REST_ADDRESS": "nonsense",
        "CAMUNDA_AUTH_STRATEGY": "COOKIE",
        "CAMUNDA_KEEP_ALIVE": "soon",
    }
    basic = Basic("demo", "demo")
    settings = Settings.from_env(
        env, rest_address="http://mine.test", credentials=basic, keepalive=60, timeout=None
    )
    assert settings.rest_address == "http://mine.test"
    assert settings.credentials is basic
    assert settings.keepalive == 60
    assert settings.origins["credentials"] == "argument"


def test_merge_replaces_only_what_is_given() -> None:
    settings = Settings.from_env({"CAMUNDA_BRIDGE_TIMEOUT_MS": "1000", "CAMUNDA_TENANT_ID": "red"})
    merged = settings.merge(timeout=5, tenant_id=None)
    assert (merged.timeout, merged.tenant_id) == (5, "red")
    assert (merged.origins["timeout"], merged.origins["tenant_id"]) == ("argument", "CAMUNDA_TENANT_ID")
    assert settings.timeout == 1.0


def test_an_unknown_argument_is_refused_with_the_choices() -> None:
    with pytest.raises(TypeError, match="no such setting: adress; there are grpc_address"):
        Settings.from_env({}, adress="http://x")  # type: ignore[call-arg]


def test_describe_shows_every_setting_with_its_origin_and_no_secret() -> None:
    settings = Settings.from_env({**OAUTH, "CAMUNDA_REST_ADDRESS": "http://r"}, timeout=3)
    text = settings.describe()
    assert re.search(r"^rest_address +'http://r/v2'  \(CAMUNDA_REST_ADDRESS\)$", text, re.MULTILINE)
    assert re.search(r"^timeout +3  \(argument\)$", text, re.MULTILINE)
    assert re.search(r"^tls +not set  \(default\)$", text, re.MULTILINE)
    assert "(CAMUNDA_CLIENT_ID, CAMUNDA_CLIENT_SECRET, CAMUNDA_OAUTH_URL)" in text
    assert "hidden-secret" not in text + repr(settings)


@pytest.mark.parametrize("name", IGNORED)
def test_a_variable_without_effect_is_said_in_the_log(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    Settings.from_env({name: "something"})
    assert f"{name} has no effect: {IGNORED[name]}" in caplog.text


def test_no_variable_belongs_to_two_settings() -> None:
    names = [name for row in VARIABLES.values() for name in (*row.names, *row.inverted, *row.inline)]
    assert len(names) == len(set(names))
    assert not set(names) & set(IGNORED)
