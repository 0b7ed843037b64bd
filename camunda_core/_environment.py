"""The environment variables of the Camunda clients, as a table, and the reader that checks them.

The first name of a row is the canonical one, the others are what the Java, JavaScript, Python and
Go clients call the same thing. An empty variable counts as not set. Names of one row may all be set
as long as they say the same.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from camunda_core._arguments import shown
from camunda_core._engines import ENGINES
from camunda_core._several import grpc_targets, listed, rest_bases
from camunda_core.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["IGNORED", "SHORTEST_KEEPALIVE", "VARIABLES", "Reader", "Variable"]

#: Seconds. Gateways end connections that are pinged more often (GOAWAY, too_many_pings).
SHORTEST_KEEPALIVE = 30.0

#: Characters of what is said about one variable: a file that was pasted into it is not repeated.
_LONGEST = 500
STRATEGIES = ("NONE", "OAUTH", "BASIC", "BEARER")


class Variable(NamedTuple):
    """One setting: its names, canonical first, and how its text is read (``parse`` raises
    ValueError saying what is wrong).
    """

    names: tuple[str, ...]
    parse: Callable[[str], Any] = str
    secret: bool = False
    #: Names that say the opposite (CAMUNDA_SECURE_CONNECTION).
    inverted: tuple[str, ...] = ()
    #: Whether two values mean the same.
    agree: Callable[[Any, Any], bool] = operator.eq
    #: Names that hold the content where the others hold a path.
    inline: tuple[str, ...] = ()


def _boolean(text: str) -> bool:
    if text.lower() in ("true", "1", "yes", "on"):
        return True
    if text.lower() in ("false", "0", "no", "off"):
        return False
    raise ValueError(f"must be true or false, not {text!r}")


def _milliseconds(text: str) -> float:
    """Milliseconds in the environment, seconds in Python."""
    try:
        length = float(text)
    except ValueError:
        length = -1.0
    if not math.isfinite(length) or length < 0:
        raise ValueError(f"must be a number of milliseconds, not {text!r}")
    return length / 1000


def _time_limit(text: str) -> float:
    limit = _milliseconds(text)
    if limit <= 0:
        raise ValueError(
            f"must be more than 0 ms, not {text!r}: a call without a time limit may hang for ever"
        )
    return limit


def _keepalive(text: str) -> float:
    interval = _milliseconds(text)
    if interval < SHORTEST_KEEPALIVE:
        raise ValueError(
            f"must be {SHORTEST_KEEPALIVE * 1000:g} or more (milliseconds), not {text!r}: "
            "gateways end connections that are pinged more often"
        )
    return interval


def _whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text) or int(text) < 1:
        raise ValueError(f"must be a whole number from 1 on, not {text!r}")
    return int(text)


_SIZE = {"": 1, "b": 1, "kb": 2**10, "mb": 2**20, "gb": 2**30}


def _size(text: str) -> int:
    """Bytes, or with the units that the Java client takes (``16MB``); -1 is no limit."""
    match = re.fullmatch(r"(\d{1,15})\s*([kmg]?b)?", text.lower())
    if text == "-1":
        return -1
    size = int(match[1]) * _SIZE[match[2] or ""] if match else 0
    if not 0 < size < 2**31:
        raise ValueError(
            f"must be a number of bytes below 2 GiB, like 16777216 or 16MB, or -1 for no limit, not {text!r}"
        )
    return size


def _factor(text: str) -> float:
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not math.isfinite(factor) or factor < 1:
        raise ValueError(f"must be a number from 1 on, not {text!r}")
    return factor


def _choice(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        for choice in choices:
            if text.lower() == choice.lower():
                return choice
        raise ValueError(f"must be one of {', '.join(choices)}, not {text!r}")

    return parse


def _version(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"v?(\d{1,4})\.(\d{1,4})(?:[.\-+].*)?", text)
    if match is None:
        raise ValueError(f"must be a version like 8.6 or 8.6.0, not {text!r}")
    return int(match[1]), int(match[2])


def _rest(text: str) -> str:
    return ",".join(rest_bases(text, "the address"))


def _grpc(text: str) -> str:
    """With its port; without a scheme it stays so, since the other settings have a say about TLS then."""
    found = []
    given = listed(text, "the address")
    for each, (target, secure) in zip(given, grpc_targets(text, "the address"), strict=True):
        scheme = re.match(r"(?i)(http|grpc)s?://", each)
        found.append(f"{'grpcs' if secure else 'grpc'}://{target}" if scheme else target)
    return ",".join(found)


def _same_target(one: str, other: str) -> bool:
    return grpc_targets(one) == grpc_targets(other)


def _same_url(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")


def _issuer(text: str) -> str:
    return text.rstrip("/").removesuffix("/.well-known/openid-configuration")


def _host_label(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?", text):
        raise ValueError(f"must consist of letters, digits and dashes, not {text!r}")
    return text


def _path(text: str) -> Path:
    from pathlib import Path  # which loads much, and few name a file

    return Path(text)


def _twins(*names: str) -> tuple[str, ...]:
    """Every ``CAMUNDA_`` name, then its ``ZEEBE_`` twin."""
    return (*names, *(name.replace("CAMUNDA_", "ZEEBE_", 1) for name in names))


VARIABLES: Mapping[str, Variable] = {
    "grpc_address": Variable((*_twins("CAMUNDA_GRPC_ADDRESS"), "ZEEBE_ADDRESS"), _grpc, agree=_same_target),
    "rest_address": Variable((*_twins("CAMUNDA_REST_ADDRESS"), "CAMUNDA_BASE_URL"), _rest),
    "insecure": Variable(
        _twins("CAMUNDA_INSECURE_CONNECTION"), _boolean, inverted=("CAMUNDA_SECURE_CONNECTION",)
    ),
    "cluster_id": Variable(("CAMUNDA_CLUSTER_ID",), _host_label),
    "cluster_region": Variable(("CAMUNDA_CLUSTER_REGION",), _host_label),
    "transport": Variable(("CAMUNDA_BRIDGE_TRANSPORT",), _choice("grpc", "rest")),
    "prefer_rest": Variable(_twins("CAMUNDA_PREFER_REST"), _boolean),
    "routes": Variable(("CAMUNDA_BRIDGE_ROUTES",)),
    "engine": Variable(("CAMUNDA_BRIDGE_ENGINE",), _choice(*ENGINES)),
    "cluster_version": Variable(("CAMUNDA_BRIDGE_CLUSTER_VERSION",), _version),
    "timeout": Variable(("CAMUNDA_BRIDGE_TIMEOUT_MS",), _time_limit),
    "keepalive": Variable(_twins("CAMUNDA_KEEP_ALIVE"), _keepalive),
    "max_message_size": Variable(_twins("CAMUNDA_MAX_MESSAGE_SIZE"), _size),
    "authority": Variable(_twins("CAMUNDA_OVERRIDE_AUTHORITY")),
    "tenant_id": Variable((*_twins("CAMUNDA_DEFAULT_TENANT_ID"), "CAMUNDA_TENANT_ID")),
    # Credentials
    "strategy": Variable(("CAMUNDA_AUTH_STRATEGY",), _choice(*STRATEGIES)),
    "oauth_disabled": Variable(("CAMUNDA_OAUTH_DISABLED",), _boolean),
    "client_id": Variable((*_twins("CAMUNDA_CLIENT_ID"), "CAMUNDA_CLIENT_AUTH_CLIENTID")),
    "client_secret": Variable(
        (*_twins("CAMUNDA_CLIENT_SECRET"), "CAMUNDA_CLIENT_AUTH_CLIENTSECRET"), secret=True
    ),
    "token_url": Variable(
        ("CAMUNDA_OAUTH_URL", *_twins("CAMUNDA_AUTHORIZATION_SERVER_URL")), agree=_same_url
    ),
    "audience": Variable((*_twins("CAMUNDA_TOKEN_AUDIENCE"), "CAMUNDA_ZEEBE_OAUTH_AUDIENCE")),
    "scope": Variable((*_twins("CAMUNDA_TOKEN_SCOPE"), "CAMUNDA_OAUTH_SCOPE")),
    "resource": Variable(_twins("CAMUNDA_TOKEN_RESOURCE")),
    "grant_type": Variable(("CAMUNDA_OAUTH_GRANT_TYPE",), _choice("client_credentials")),
    "token_timeout": Variable(
        ("CAMUNDA_OAUTH_TIMEOUT_MS", *_twins("CAMUNDA_AUTH_READ_TIMEOUT")), _milliseconds
    ),
    "token_refresh_before": Variable(("CAMUNDA_OAUTH_TOKEN_REFRESH_THRESHOLD_MS",), _milliseconds),
    "token_attempts": Variable(("CAMUNDA_OAUTH_RETRY_MAX", "CAMUNDA_AUTH_TOKEN_FETCH_MAX_RETRIES"), _whole),
    "token_delay": Variable(
        ("CAMUNDA_OAUTH_RETRY_BASE_DELAY_MS", "CAMUNDA_AUTH_TOKEN_FETCH_INITIAL_BACKOFF_MS"), _milliseconds
    ),
    "token_multiplier": Variable(("CAMUNDA_AUTH_TOKEN_FETCH_BACKOFF_MULTIPLIER",), _factor),
    "token_cooldown": Variable(("CAMUNDA_AUTH_TOKEN_FETCH_NON_RETRYABLE_COOLDOWN_MS",), _milliseconds),
    "username": Variable(("CAMUNDA_BASIC_AUTH_USERNAME", "CAMUNDA_USERNAME")),
    "password": Variable(("CAMUNDA_BASIC_AUTH_PASSWORD", "CAMUNDA_PASSWORD"), secret=True),
    "bearer_token": Variable(("CAMUNDA_OAUTH_TOKEN",), secret=True),
    "bearer_token_file": Variable(("CAMUNDA_BRIDGE_TOKEN_FILE",), _path),
    "issuer": Variable(
        ("CAMUNDA_ISSUER_URL", "CAMUNDA_WELL_KNOWN_CONFIGURATION_URL"), _issuer, agree=_same_url
    ),
    "token_cache": Variable(("CAMUNDA_OAUTH_CACHE_DIR", "CAMUNDA_TOKEN_CACHE_DIR"), _path),
    "assertion_file": Variable(("CAMUNDA_BRIDGE_CLIENT_ASSERTION_FILE",), _path),
    "assertion_key": Variable(("CAMUNDA_BRIDGE_CLIENT_ASSERTION_KEY_PATH",), _path),
    "assertion_certificate": Variable(("CAMUNDA_BRIDGE_CLIENT_ASSERTION_CERT_PATH",), _path),
    "assertion_key_password": Variable(("CAMUNDA_BRIDGE_CLIENT_ASSERTION_KEY_PASSPHRASE",), secret=True),
    "assertion_key_id": Variable(("CAMUNDA_BRIDGE_CLIENT_ASSERTION_KEY_ID",)),
    "client_auth": Variable(("CAMUNDA_BRIDGE_CLIENT_AUTH",), _choice("post", "basic")),
    # TLS
    "ca": Variable(
        (*_twins("CAMUNDA_CA_CERTIFICATE_PATH"), "CAMUNDA_MTLS_CA_PATH", "CAMUNDA_CUSTOM_ROOT_CERT_PATH"),
        _path,
        inline=("CAMUNDA_MTLS_CA", "CAMUNDA_CUSTOM_ROOT_CERT_STRING"),
    ),
    "certificate": Variable(
        ("CAMUNDA_MTLS_CERT_PATH", "CAMUNDA_CUSTOM_CERT_CHAIN_PATH"), _path, inline=("CAMUNDA_MTLS_CERT",)
    ),
    "key": Variable(
        ("CAMUNDA_MTLS_KEY_PATH", "CAMUNDA_CUSTOM_PRIVATE_KEY_PATH"),
        _path,
        secret=True,
        inline=("CAMUNDA_MTLS_KEY",),
    ),
    "key_password": Variable(("CAMUNDA_MTLS_KEY_PASSPHRASE",), secret=True),
}

_OTHER_CACHE = "its file is another client's; name a folder for tokens in CAMUNDA_OAUTH_CACHE_DIR"
_ONE_LIMIT = "one limit holds for the whole token request: CAMUNDA_OAUTH_TIMEOUT_MS"
_KEYSTORE = (
    "Java key stores cannot be read; give PEM files: CAMUNDA_MTLS_CERT_PATH, CAMUNDA_CA_CERTIFICATE_PATH"
)

#: Variables of other clients that mean something this library does not do, and why: said in a log
#: line, not dropped silently.
IGNORED: Mapping[str, str] = {
    "CAMUNDA_CLIENT_CONFIG_PATH": _OTHER_CACHE,
    "ZEEBE_CLIENT_CONFIG_PATH": _OTHER_CACHE,
    "CAMUNDA_AUTH_CONNECT_TIMEOUT": _ONE_LIMIT,
    "ZEEBE_AUTH_CONNECT_TIMEOUT": _ONE_LIMIT,
    "CAMUNDA_AUTH_TOKEN_FETCH_RETRYABLE_STATUS_CODES": "408, 429 and 5xx are tried again",
    "CAMUNDA_CLIENT_ASSERTION_KEYSTORE_PATH": (
        "Java key stores cannot be read; give PEM: CAMUNDA_BRIDGE_CLIENT_ASSERTION_KEY_PATH and _CERT_PATH"
    ),
    "CAMUNDA_SSL_CLIENT_KEYSTORE_PATH": _KEYSTORE,
    "ZEEBE_SSL_CLIENT_KEYSTORE_PATH": _KEYSTORE,
    "CAMUNDA_SSL_CLIENT_TRUSTSTORE_PATH": _KEYSTORE,
    "ZEEBE_SSL_CLIENT_TRUSTSTORE_PATH": _KEYSTORE,
}


class Reader:
    """Reads settings by name and collects everything that is wrong, to be told together."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.problems: list[str] = []
        self.origins: dict[str, str] = {}

    def text(self, name: str) -> str:
        """A variable without the blanks around it; ``""`` when it is not set."""
        return self._env.get(name, "").strip()

    def names_set(self, *settings: str) -> list[str]:
        """The variables of these settings that are set, whatever they say."""
        rows = (VARIABLES[setting] for setting in settings)
        return [name for row in rows for name in (*row.names, *row.inverted, *row.inline) if self.text(name)]

    def get(self, setting: str) -> Any:
        """The value of a setting; None when no variable sets it, or when they are wrong
        (then a problem is noted).
        """
        variable = VARIABLES[setting]
        found: list[tuple[str, Any]] = []
        for name in (*variable.names, *variable.inverted, *variable.inline):
            text = self.text(name)
            if not text:
                continue
            if variable.secret:
                text = self._env[name].strip("\r\n")  # blanks may belong to a password
            try:
                found.append((name, self._parsed(variable, name, text)))
            except ValueError as error:
                said = str(error)
                self.problems.append(f"{name}: {said if len(said) <= _LONGEST else said[:_LONGEST] + '…'}")
        if not found:
            return None
        name, value = found[0]
        for other, another in found[1:]:
            if not variable.agree(value, another):
                what = (
                    "differ"
                    if variable.secret or variable.inline
                    else f"disagree ({shown(self.text(name))} and {shown(self.text(other))})"
                )
                self.problems.append(f"{name} and {other} {what}: set one of them, or both to the same")
        self.origins[setting] = self._shown(name)
        return value

    def _shown(self, name: str) -> str:
        """A variable with the file that it stands in."""
        origin = getattr(self._env, "origin", None)
        file = "" if origin is None else origin(name)
        return f"{name} in {file}" if file else name

    def name_of(self, setting: str) -> str:
        """The variable that a setting came from, or else the canonical one: what a message speaks of."""
        return self.origins.get(setting, VARIABLES[setting].names[0])

    def need(self, setting: str, why: str) -> Any:
        """``get`` for what must not be missing; notes a problem that says why."""
        before = len(self.problems)
        value = self.get(setting)
        if value is None and len(self.problems) == before:
            self.problems.append(f"{VARIABLES[setting].names[0]} is not set, {why}")
        return value

    def build(self, make: Callable[[], Any], *settings: str) -> Any:
        """``make()``; a ConfigurationError becomes a problem that names the variables it was made of."""
        try:
            return make()
        except ConfigurationError as error:
            names = [self.origins[setting] for setting in settings if setting in self.origins]
            self.problems.append(f"{', '.join(names)}: {error}")
            return None

    def check(self) -> None:
        """Raises ConfigurationError with all problems, if there are any."""
        problems = list(dict.fromkeys(self.problems))  # what is read twice is wrong once
        if not problems:
            return
        if len(problems) == 1:
            raise ConfigurationError(f"environment: {problems[0]}")
        listed = "".join(f"\n  - {problem}" for problem in problems)
        raise ConfigurationError(f"environment: {len(problems)} problems:{listed}")

    @staticmethod
    def _parsed(variable: Variable, name: str, text: str) -> Any:
        if name in variable.inverted:
            return not variable.parse(text)
        if name in variable.inline:
            if "-----BEGIN" not in text:
                raise ValueError(
                    "must hold PEM text (-----BEGIN …); the name of a file belongs into the …_PATH variable"
                )
            # With "\\n" in place of line breaks, as one-line PEM is written in .env files.
            return text if "\n" in text else text.replace("\\n", "\n")
        return variable.parse(text)
