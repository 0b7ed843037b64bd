"""Whether a client's calls are watched. What watches them is imported for those alone that asked for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from camunda_core._observed import Watch
    from camunda_core.observing import CallObserver

__all__ = ["checked_observers", "watch_over"]

_PORTS = {"http": 80, "https": 443}


def checked_observers(observers: Iterable[CallObserver]) -> tuple[CallObserver, ...]:
    """The observers that were given. Raises ConfigurationError for what is none."""
    if observers == ():
        return ()
    from camunda_core.observing import observers_of

    return observers_of(observers)


def watch_over(
    observers: Iterable[CallObserver], wire: Literal["rest", "grpc"], *addresses: str
) -> Watch | None:
    """The watch over the calls to ``addresses``, URLs or targets of gRPC; None where nobody watches.

    Raises ConfigurationError for what is no observer.
    """
    given = checked_observers(observers)
    if not given:
        return None
    from camunda_core._observed import Watch

    return Watch(given, wire, tuple(map(_server, addresses)))


def _server(address: str) -> tuple[str, int]:
    """The host and the port; of a path or an id there is no port."""
    scheme, _, rest = address.partition(":")
    if scheme in _PORTS:
        from urllib.parse import urlsplit

        parts = urlsplit(address)
        return parts.hostname or "", parts.port or _PORTS[scheme]
    if rest and not rest.rpartition(":")[2].isdigit() and "/" in rest:
        return rest.rpartition("//")[2].rpartition("/")[2] if scheme == "dns" else rest, 0
    host, _, port = address.rpartition("/")[2].rpartition(":")
    return (host.strip("[]"), int(port)) if port.isdigit() else (address, 0)
