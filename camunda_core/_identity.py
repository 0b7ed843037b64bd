"""Who is calling, by what the environment says: the strategy, and the credentials of its kind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from camunda_core._environment import Reader
from camunda_core.credentials import Basic, Bearer, Credentials

if TYPE_CHECKING:
    from camunda_core.oauth import OAuth
    from camunda_core.tls import Tls

__all__ = ["read_credentials"]

SAAS_AUDIENCE = "zeebe.camunda.io"
SAAS_TOKEN_URL = "https://login.cloud.camunda.io/oauth/token"


def read_credentials(reader: Reader, saas: bool, tls: Tls | None) -> Credentials | None:
    strategy = _strategy(reader)
    if strategy == "BASIC":
        username = reader.need("username", "but basic authentication needs it")
        password = reader.need("password", "but basic authentication needs it")
        if username is None or password is None:
            return None
        reader.origins["credentials"] = ", ".join(map(reader.name_of, ("username", "password")))
        basic: Credentials | None = reader.build(lambda: Basic(username, password), "username", "password")
        return basic
    if strategy == "BEARER":
        file = reader.get("bearer_token_file")
        if file is not None and reader.get("bearer_token") is not None:
            both = " and ".join(map(reader.name_of, ("bearer_token", "bearer_token_file")))
            reader.problems.append(f"{both}: set one of them")
            return None
        if file is not None:
            reader.origins["credentials"] = reader.name_of("bearer_token_file")
            return Bearer(file)
        token = reader.need("bearer_token", "but the strategy BEARER needs it")
        if token is None:
            return None
        reader.origins["credentials"] = reader.name_of("bearer_token")
        bearer: Credentials | None = reader.build(lambda: Bearer(token), "bearer_token")
        return bearer
    if strategy == "OAUTH":
        return _oauth(reader, saas, tls)
    return None


def _strategy(reader: Reader) -> str | None:
    """What CAMUNDA_AUTH_STRATEGY says, or what the variables that are set allow to conclude."""
    before = len(reader.problems)
    said: str | None = reader.get("strategy")
    disabled = reader.get("oauth_disabled")
    if said is not None or len(reader.problems) > before:
        if said == "OAUTH" and disabled:
            reader.problems.append("CAMUNDA_AUTH_STRATEGY is OAUTH, but CAMUNDA_OAUTH_DISABLED is true")
        return said
    signs = {
        "OAUTH": ("client_id", "client_secret", "assertion_key", "assertion_file"),
        "BASIC": ("username", "password"),
        "BEARER": ("bearer_token", "bearer_token_file"),
    }
    if disabled:
        del signs["OAUTH"]
    found = {strategy: reader.names_set(*settings) for strategy, settings in signs.items()}
    strategies = [strategy for strategy, names in found.items() if names]
    if len(strategies) > 1:
        names = ", ".join(name for strategy in strategies for name in found[strategy])
        reader.problems.append(
            f"{names}: these speak of {' and '.join(strategies)}; set CAMUNDA_AUTH_STRATEGY to one of them"
        )
        return None
    return strategies[0] if strategies else None


def _oauth(reader: Reader, saas: bool, tls: Tls | None) -> OAuth | None:
    # Imported here, since it brings an HTTP client, which the other settings do not need.
    from camunda_core._trust import Besides
    from camunda_core.oauth import TOKEN_RETRY, OAuth

    client_id = reader.need("client_id", "but OAuth needs it")
    proof = _proof(reader)
    token_url, audience, issuer = reader.get("token_url"), reader.get("audience"), reader.get("issuer")
    if token_url is not None and issuer is not None:
        issuer = None  # the Java client takes the issuer for a description, and so do others
    elif saas and issuer is None:
        token_url, audience = token_url or SAAS_TOKEN_URL, audience or SAAS_AUDIENCE
    elif token_url is None and issuer is None:
        # Camunda's own login server as the default would be handed the secrets of every
        # cluster that is not its.
        token_url = reader.need(
            "token_url",
            "but OAuth needs it, or CAMUNDA_ISSUER_URL (only for clusters of Camunda's SaaS it is known)",
        )
    optional = {name: reader.get(name) for name in ("scope", "resource")}
    times = {name: reader.get(f"token_{name}") for name in ("timeout", "refresh_before", "cooldown")}
    pace = {
        "max_attempts": reader.get("token_attempts"),
        "initial_delay": reader.get("token_delay"),
        "multiplier": reader.get("token_multiplier"),
    }
    reader.get("grant_type")
    where = token_url or issuer
    if client_id is None or proof is None or where is None:
        return None
    optional |= {"client_auth": reader.get("client_auth"), "cache": reader.get("token_cache")}
    arguments = {name: value for name, value in {**optional, **times, **proof}.items() if value is not None}
    if any(value is not None for value in pace.values()):
        arguments["retry"] = replace(
            TOKEN_RETRY, **{name: value for name, value in pace.items() if value is not None}
        )
    if tls is not None and where.lower().startswith("https:"):
        # The login server is often not of the cluster's private authority, so the system's are
        # trusted there as well.
        arguments["tls"] = Besides(tls)
    names = ("client_id", *_PROOFS, "token_url", "issuer", "audience")
    reader.origins["credentials"] = ", ".join(
        reader.origins[name] for name in names if name in reader.origins
    )
    oauth: OAuth | None = reader.build(
        lambda: OAuth(token_url, client_id, issuer=issuer, audience=audience, **arguments),
        *names,
        "token_cache",
        "client_auth",
        "scope",
        "resource",
        *(f"token_{name}" for name in times),
    )
    return oauth


_PROOFS = ("client_secret", "assertion_file", "assertion_key")


def _proof(reader: Reader) -> dict[str, Any] | None:
    """What shows that we are the client: a secret, a signed assertion, or one from a file."""
    found = {name: value for name in _PROOFS if (value := reader.get(name)) is not None}
    if len(found) > 1:
        reader.problems.append(f"{' and '.join(map(reader.name_of, found))}: set one of them")
        return None
    if "assertion_file" in found:
        return {"client_assertion": found["assertion_file"]}
    if "assertion_key" in found:
        from camunda_core.oauth import ClientAssertion

        extras = {name: reader.get(f"assertion_{name}") for name in ("certificate", "key_password", "key_id")}
        assertion = reader.build(lambda: ClientAssertion(found["assertion_key"], **extras), "assertion_key")
        return None if assertion is None else {"client_assertion": assertion}
    secret = reader.need("client_secret", "but OAuth needs it")
    return None if secret is None else {"client_secret": secret}
