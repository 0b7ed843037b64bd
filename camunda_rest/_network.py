"""What both clients settle when they are made: trusted authorities (from the environment,
once), time limit, name; and the words for what goes wrong on the way to a host.
"""

from __future__ import annotations

import os
import ssl
from typing import Any

from camunda_core._arguments import flag, header, instance
from camunda_core._outbound import trust_bundle
from camunda_core.errors import ConfigurationError
from camunda_core.retry import RetryPolicy
from camunda_core.tls import Tls, refused, way_out

__all__ = [
    "IDLE_LIMIT",
    "MAX_HEADER_SIZE",
    "check_settings",
    "connecting_reason",
    "foreign",
    "reason",
    "refused_reason",
    "tls_reason",
    "too_many_headers",
    "trust",
]

#: Seconds after which an unused connection is not used again. Servers close them after 60 s, and a
#: request that is written into a connection being closed is lost.
IDLE_LIMIT = 30.0
#: Bytes of the longest header that is read, as Python's own HTTP client has it: proxies add long ones.
MAX_HEADER_SIZE = 65536


def trust(url: str, tls: Tls | None, trust_env: bool) -> ssl.SSLContext | None:
    """The TLS context for ``url``; None for plain HTTP.

    Trusted are the authorities of ``tls``; without those the system's, and those in the file or
    folder that REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names. Raises ConfigurationError for TLS
    material beside an ``http://`` address and for a bundle that cannot be read.
    """
    if not url.startswith("https:"):
        if tls is not None:
            raise ConfigurationError(
                f"tls is given, but {url} is plain HTTP: write https://, or leave tls out"
            )
        return None
    context = (tls or Tls()).ssl_context(trust_env=trust_env)
    if tls is not None and tls.ca is not None:
        return context
    if trust_env and trust_bundle() is not None:
        return context
    paths = ssl.get_default_verify_paths()
    if os.name == "posix" and paths.cafile is None and paths.capath is None:
        from requests.utils import DEFAULT_CA_BUNDLE_PATH

        context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)  # no system store, as in the smallest images
    return context


def check_settings(tls: Any, retry: Any, trust_env: Any, user_agent: Any) -> None:
    """ConfigurationError for an argument of a client that is not what it must be."""
    if tls is not None:
        instance(Tls, tls, "tls", "a camunda_core.tls.Tls")
    if retry is not None:
        instance(RetryPolicy, retry, "retry", "a RetryPolicy")
    if user_agent is not None:
        header(user_agent, "user_agent")
    flag(trust_env, "trust_env")


def tls_reason(error: object) -> str:
    """The reason of a TLS failure, with a word on what usually causes it."""
    text = getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)
    advice = way_out(text)
    return text if advice is None else f"{text}; {advice}"


def refused_reason(error: BaseException | None, address: str) -> str | None:
    """What is said of a server that ended the connection for what we showed it in the handshake; None
    where that is not what happened.
    """
    alert = refused(error)
    return None if alert is None else f"{address} ended the connection: TLS failed: {tls_reason(alert)}"


def connecting_reason(error: BaseException, address: str) -> str:
    """``reason``, for a connection that was not made."""
    hung_up = isinstance(error, ssl.SSLEOFError) or (
        isinstance(error, ConnectionResetError) and error.errno is None  # what asyncio makes of it
    )
    if hung_up and address.startswith("https:"):
        return "the peer ended the connection during the TLS handshake; does this port speak TLS?"
    return reason(error)


def foreign(address: str) -> str:
    """What is said of a server that answers something that is not HTTP."""
    return f"{address} does not speak HTTP/1.1; is this the gRPC port?"


def too_many_headers(address: str) -> str:
    """What is said of an answer whose headers are more than is read: what it answers remains unknown."""
    return f"the answer of {address} is lost: it has too many headers, or one longer than {MAX_HEADER_SIZE} bytes"


def reason(error: BaseException) -> str:
    """What the operating system says, without the objects that wrap it; of TLS what its library says."""
    for cause in (error, error.__cause__, error.__context__):
        if isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
            return "the peer ended the TLS connection"
        if isinstance(cause, ssl.SSLError):
            return tls_reason(cause)  # its errno is a number of the TLS library, not of the operating system
        if isinstance(cause, OSError) and cause.errno is not None and cause.errno > 0:
            return os.strerror(cause.errno)
    return str(error) or type(error).__name__
