"""Settings from files: a ``.env`` file, a TOML file, a pyproject.toml, and their profiles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import bridge
from camunda_core._environment import VARIABLES
from camunda_core.config import Settings, environment
from camunda_core.errors import ConfigurationError
from camunda_core.tls import Tls

TOML = """
rest_address = "http://localhost:8080"
prefer_rest = true
CAMUNDA_BRIDGE_TIMEOUT_MS = 1500

[profile.staging]
rest_address = "https://staging.test"
client_id = "c"
client_secret = "s3cret"
token_url = "https://login.test/token"
"""


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    file = tmp_path / "camunda-bridge.toml"
    file.write_text(TOML)
    return file


def read(**arguments: Any) -> Settings:
    return Settings.from_env(environment(**{"env": {}, **arguments}))


def test_a_file_says_what_variables_would_say(toml: Path) -> None:
    settings = read(config_file=toml)
    assert settings.rest_address == "http://localhost:8080/v2"
    assert settings.timeout == 1.5
    assert settings.prefer_rest is True
    assert f"(CAMUNDA_REST_ADDRESS in {toml})" in settings.describe()


def test_a_profile_wins_over_the_rest_of_its_file(toml: Path) -> None:
    settings = read(config_file=toml, profile="staging")
    assert settings.rest_address == "https://staging.test/v2"
    assert settings.timeout == 1.5
    assert f"CAMUNDA_CLIENT_ID in {toml} [profile.staging]" in settings.describe()
    assert "s3cret" not in settings.describe() + repr(environment(config_file=toml, profile="staging"))


def test_the_process_wins_over_dotenv_which_wins_over_the_profile(toml: Path, tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("CAMUNDA_REST_ADDRESS=http://dotenv.test\nCAMUNDA_CLIENT_SECRET='pa$$w0rd'\n")
    settings = read(config_file=toml, profile="staging", env_file=dotenv)
    assert settings.rest_address == "http://dotenv.test/v2"
    assert environment(env={}, env_file=dotenv)["CAMUNDA_CLIENT_SECRET"] == "pa$$w0rd"
    env = {"CAMUNDA_REST_ADDRESS": "http://process.test", "CAMUNDA_BRIDGE_PROFILE": "staging"}
    assert read(config_file=toml, env_file=dotenv, env=env).rest_address == "http://process.test/v2"


def test_a_profile_finds_its_file_from_the_working_directory_upwards(
    toml: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert read(env={"CAMUNDA_BRIDGE_PROFILE": "staging"}).rest_address == "https://staging.test/v2"
    toml.unlink()
    (tmp_path / "pyproject.toml").write_text(
        "[tool.camunda-bridge.profile.local]\nrest_address = 'http://localhost:1'"
    )
    assert read(profile="local").rest_address == "http://localhost:1/v2"
    (tmp_path / "pyproject.toml").write_text("[project]")
    with pytest.raises(ConfigurationError, match=r"profile 'local': there is no camunda-bridge\.toml"):
        read(profile="local")


def test_no_file_is_read_unless_it_is_asked_for(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(toml.parent)
    assert read().rest_address is None
    assert Settings.from_env({}).rest_address is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("rest_adress = 'x'", "there is no setting rest_adress; there are grpc_address"),
        ("rest_address = ['a']", "rest_address must be text, a number, true or false"),
        ("rest_address = ", "is not TOML"),
        ("[profile.other]", "has no profile 'staging'; there are: other"),
        ("profile = 1", "has no profile 'staging'; there are: none"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_by_its_name(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "camunda-bridge.toml"
    file.write_text(content)
    with pytest.raises(ConfigurationError, match=message) as caught:
        read(config_file=file, profile="staging" if "rofile" in content else None)
    assert str(file) in str(caught.value)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    for name in ("config_file", "env_file"):
        with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
            read(**{name: tmp_path / "gone"})


def test_a_wrong_value_is_told_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "camunda-bridge.toml"
    file.write_text("CAMUNDA_BRIDGE_TIMEOUT_MS = 'soon'")
    with pytest.raises(ConfigurationError, match="CAMUNDA_BRIDGE_TIMEOUT_MS"):
        read(config_file=file)


@pytest.mark.parametrize("kind", [bridge.Client, bridge.AsyncClient])
def test_clients_are_made_of_files(toml: Path, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for row in VARIABLES.values():
        for name in (*row.names, *row.inverted, *row.inline):
            monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match="localhost:8080") as caught:
        # The address of the file is read, and refused together with the TLS that it does not ask for.
        kind.from_env(config_file=toml, tls=Tls())
    assert "CAMUNDA" not in str(caught.value)
    kind.from_env(config_file=toml, timeout=3)
    with pytest.raises(ConfigurationError, match="no profile 'nowhere'"):
        kind.from_env(config_file=toml, profile="nowhere")


@pytest.mark.parametrize("env", [3, {"A": 1}, {1: "A"}])
def test_an_environment_maps_texts_to_texts(env: Any) -> None:
    with pytest.raises(ConfigurationError, match="env"):
        Settings.from_env(env)
