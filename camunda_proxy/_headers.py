"""Which metadata of a caller go on to the cluster as headers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bridge._dropin.status import headers_of

__all__ = ["passed_on", "to_metadata"]

#: What is said between two neighbours of a connection, or what our request says for itself. Passed on, some of
#: these would let a caller write a second request into ours.
_OURS = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)

#: What tells who is calling, besides: the proxy says that itself where it has credentials of its own.
_OURS_AND_IDENTITY = _OURS | {"authorization", "cookie"}


def passed_on(metadata: Iterable[Any] | None, *, own_credentials: bool) -> dict[str, str]:
    """The headers of a call; without its ``authorization`` (and cookies) where the proxy has credentials of its own.

    Raises InvalidRequest for a value that cannot be a header.
    """
    headers = headers_of(metadata)
    dropped = _OURS_AND_IDENTITY if own_credentials else _OURS
    return {name: value for name, value in headers.items() if name not in dropped}


def to_metadata(headers: Mapping[str, str], *, own_credentials: bool) -> tuple[tuple[str, str], ...]:
    """The metadata of a call of gRPC for the headers of a request; the same are left out."""
    dropped = _OURS_AND_IDENTITY if own_credentials else _OURS
    return tuple(
        (name.lower(), value)
        for name, value in headers.items()
        if name.lower() not in dropped and not name.lower().startswith(("grpc-", "sec-"))
    )
