"""Settings from files, on request: ``.env``, ``camunda-bridge.toml``, or ``[tool.camunda-bridge]`` of pyproject.toml.

A file only says what environment variables would say, so there is one set of names, one reader and
one list of errors. What the process's environment sets wins, then ``.env``, then the profile, then
the file's own table.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from camunda_core._arguments import shown, text
from camunda_core._environment import VARIABLES
from camunda_core._later import Later
from camunda_core._secrecy import Secretive
from camunda_core.errors import ConfigurationError

if TYPE_CHECKING:
    import pathlib
else:
    pathlib = Later("pathlib")

__all__ = ["PROFILE", "Environment", "environment", "profiles_of", "variables"]

#: The variable that names the profile.
PROFILE = "CAMUNDA_BRIDGE_PROFILE"
_FILE = "camunda-bridge.toml"
_LARGEST = 1024 * 1024


class Environment(Secretive, Mapping[str, str]):
    """Environment variables, some of which stand in files; ``origin`` tells which. Shows no value."""

    def __init__(self, layers: list[tuple[str, Mapping[str, str]]]) -> None:
        self._values: dict[str, str] = {}
        self._origins: dict[str, str] = {}
        for origin, values in layers:  # the first that says something wins
            for name, value in values.items():
                if value.strip() and name not in self._values:
                    self._values[name], self._origins[name] = value, origin

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<Environment: {len(self)} variables>"

    def origin(self, name: str) -> str:
        """The file in which a variable stands; "" for the process's environment."""
        return self._origins.get(name, "")


def environment(
    *,
    env_file: str | os.PathLike[str] | None = None,
    config_file: str | os.PathLike[str] | None = None,
    profile: str | None = None,
    env: Mapping[str, str] | None = None,
) -> Environment:
    """The variables of ``env`` (``os.environ`` if None), and of the files that are asked for.

    ``env_file``     a ``.env`` file; needs ``camunda-bridge[config]``
    ``config_file``  a TOML file: its top level, or the table ``[tool.camunda-bridge]`` of a pyproject.toml. Its keys
                     are the settings of ``Settings`` and of credentials (``rest_address``, ``client_id``), or names
                     of variables
    ``profile``      the table ``[profile.NAME]`` of that file, which wins over the rest of it; else the one that
                     CAMUNDA_BRIDGE_PROFILE names. Without ``config_file``, camunda-bridge.toml or pyproject.toml is
                     looked for in the working directory and above

    Raises ConfigurationError for a file that cannot be read, a key or a profile that is not there.
    """
    for name, path in (("env_file", env_file), ("config_file", config_file)):
        if path is not None and not (isinstance(path, (str, os.PathLike)) and os.fspath(path)):
            raise ConfigurationError(f"{name} must be the path of a file, not {shown(path)}")
    if profile is not None:
        text(profile, "profile")
    process = os.environ if env is None else variables(env)
    layers: list[tuple[str, Mapping[str, str]]] = [("", process)]
    if env_file is not None:
        layers.append((os.fspath(env_file), _dotenv(pathlib.Path(env_file))))
    wanted = profile or next((each[PROFILE] for _, each in layers if each.get(PROFILE, "").strip()), None)
    file = None if config_file is None else pathlib.Path(config_file)
    if file is None and wanted is not None:
        file = _found()
        if file is None:
            raise ConfigurationError(
                f"profile {shown(wanted)}: there is no {_FILE}, and no pyproject.toml with [tool.camunda-bridge], "
                "in this folder or above; give config_file"
            )
    if file is not None:
        table = _toml(file)
        profiles = table.pop("profile", {})
        if wanted is not None:
            if not isinstance(profiles, dict) or not isinstance(profiles.get(wanted), dict):
                there = ", ".join(profiles) if isinstance(profiles, dict) and profiles else "none"
                raise ConfigurationError(
                    f"config_file {_shown(file)} has no profile {shown(wanted)}; there are: {there}"
                )
            layers.append((f"{file} [profile.{wanted}]", _variables(file, profiles[wanted])))
        layers.append((str(file), _variables(file, table)))
    return Environment(layers)


def variables(env: object) -> Mapping[str, str]:
    """``env``, which must map names of variables to texts; else a ConfigurationError that shows no value."""
    if not isinstance(env, Mapping):
        raise ConfigurationError(f"env must be a mapping of texts, like os.environ, not {type(env).__name__}")
    for name, value in env.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise ConfigurationError(f"env: {shown(name)} must be text, not {type(value).__name__}")
    return env


def _dotenv(file: pathlib.Path) -> Mapping[str, str]:
    try:
        from dotenv import dotenv_values
    except ImportError as error:
        raise ConfigurationError(f"env_file needs camunda-bridge[config] ({error})") from error
    import io

    # Without interpolation: a dollar sign in a password is one.
    found = dotenv_values(stream=io.StringIO(_text(file, "env_file")), interpolate=False)
    return {name: value for name, value in found.items() if value is not None}


def _text(file: pathlib.Path, argument: str = "config_file") -> str:
    try:
        with file.expanduser().open("rb") as opened:
            content = opened.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ConfigurationError(f"{argument} {_shown(file)} is larger than 1 MiB: it holds no settings")
        return content.decode("utf-8-sig")
    except (OSError, ValueError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigurationError(f"{argument} {_shown(file)} cannot be read: {why}") from None


def _shown(file: pathlib.Path) -> str:
    path = os.fspath(file)
    return path if len(path) <= 300 else f"{path[:300]}…"


def _toml(file: pathlib.Path) -> dict[str, Any]:
    content = _text(file)
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        try:
            import tomli as tomllib
        except ImportError as error:
            raise ConfigurationError(f"config_file needs camunda-bridge[config] ({error})") from error
    try:
        table: Any = tomllib.loads(content)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"config_file {_shown(file)} is not TOML: {str(error)[:200]}") from None
    if file.name == "pyproject.toml":
        table = table.get("tool", {}).get("camunda-bridge")
        if not isinstance(table, dict):
            raise ConfigurationError(f"config_file {_shown(file)} has no table [tool.camunda-bridge]")
    return dict(table)


def _variables(file: pathlib.Path, table: Mapping[str, Any]) -> dict[str, str]:
    names = {name for row in VARIABLES.values() for name in (*row.names, *row.inverted, *row.inline)}
    found: dict[str, str] = {}
    for key, value in table.items():
        name = VARIABLES[key].names[0] if key in VARIABLES else key
        if name not in names:
            raise ConfigurationError(
                f"config_file {_shown(file)}: there is no setting {key}; there are {', '.join(VARIABLES)}"
            )
        if isinstance(value, bool):
            found[name] = str(value).lower()
        elif isinstance(value, (str, int, float)):
            found[name] = str(value)
        else:
            raise ConfigurationError(
                f"config_file {_shown(file)}: {key} must be text, a number, true or false"
            )
    return found


def _found() -> pathlib.Path | None:
    here = pathlib.Path.cwd()
    for folder in (here, *here.parents):
        if (folder / _FILE).is_file():
            return folder / _FILE
        project = folder / "pyproject.toml"
        if project.is_file() and "[tool.camunda-bridge" in _text(project):
            return project
    return None


def profiles_of(config_file: str | os.PathLike[str] | None = None) -> tuple[pathlib.Path, list[str]]:
    """The file that profiles are looked for in, and the names of those in it. Raises ConfigurationError."""
    file = pathlib.Path(config_file) if config_file is not None else _found()
    if file is None:
        raise ConfigurationError(
            f"there is no {_FILE}, and no pyproject.toml with [tool.camunda-bridge], in this folder or above"
        )
    profiles = _toml(file).get("profile", {})
    return file, list(profiles) if isinstance(profiles, dict) else []
