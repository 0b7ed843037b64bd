"""What ``OAuth`` may be given: one place to ask, one way to show who we are, and whom to trust."""

from __future__ import annotations

import os
from ssl import SSLContext
from urllib.parse import urlsplit

from camunda_core._arguments import shown
from camunda_core._grant import ClientAssertion
from camunda_core._outbound import system_context
from camunda_core._trust import Besides, Trust
from camunda_core.credentials import text_argument
from camunda_core.deadline import Duration, setting
from camunda_core.errors import ConfigurationError
from camunda_core.tls import Tls

__all__ = ["check_proof", "checked_url", "duration", "trust"]


def check_proof(secret: object, assertion: object, method: object) -> None:
    """Raises ConfigurationError unless there is just one way to show who we are."""
    if method not in ("post", "basic"):
        raise ConfigurationError(f'OAuth: client_auth must be "post" or "basic", not {shown(method)}')
    if assertion is None:
        text_argument(secret, "OAuth: client_secret")
    elif secret is not None:
        raise ConfigurationError("OAuth: give client_secret or client_assertion, not both")
    elif isinstance(assertion, str) or not (
        isinstance(assertion, (ClientAssertion, os.PathLike)) or callable(assertion)
    ):
        raise ConfigurationError(
            "OAuth: client_assertion must be a ClientAssertion, a Path of a file that holds one, "
            f"or a callable, not {type(assertion).__name__}"
        )


def checked_url(token_url: object, issuer: object) -> str:
    """The URL that is asked first, checked."""
    if (token_url is None) == (issuer is None):
        raise ConfigurationError(
            "OAuth: give token_url, or issuer, whose description names it"
            + ("" if token_url is None else "; not both")
        )
    name, url = ("token_url", token_url) if token_url is not None else ("issuer", issuer)
    text_argument(url, f"OAuth: {name}")
    assert isinstance(url, str)
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid or not url.isascii() or " " in url:
        raise ConfigurationError(f"OAuth: {name} must be like https://login.example.com/oauth/token")
    if "@" in parts.netloc or parts.fragment:
        raise ConfigurationError(f"OAuth: {name} must not contain credentials or a fragment")
    if name == "issuer" and (parts.query or url.rstrip("/").endswith("/openid-configuration")):
        raise ConfigurationError(
            "OAuth: issuer must be the URL before /.well-known/openid-configuration, without a query"
        )
    return url


def trust(url: str, tls: Tls | Besides | SSLContext | None) -> Trust:
    """Whom to trust at the token endpoint; ConfigurationError for what cannot be."""
    if url.startswith("http:"):
        if tls is not None:
            raise ConfigurationError(f"OAuth: tls is given, but {url.partition('?')[0]} is http://")
        return Trust(None, lambda _: None)
    if isinstance(tls, SSLContext):
        return Trust(None, lambda _: tls)
    if isinstance(tls, Besides):
        return Trust(tls.tls, lambda now: (now or Tls()).ssl_context(system_store=True))
    if tls is not None and not isinstance(tls, Tls):
        raise ConfigurationError(f"OAuth: tls must be a Tls or an SSLContext, not {type(tls).__name__}")
    return Trust(tls, lambda current: system_context() if current is None else current.ssl_context())


def duration(value: Duration, name: str, *, zero: bool = True) -> float:
    length = setting(value, f"OAuth: {name}")
    if length == 0 and not zero:
        raise ConfigurationError(f"OAuth: {name} must be more than 0 s")
    return length
