"""The gateways of a client over REST: where each is, and how a request gets there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from camunda_core._several import CONNECT_LIMIT, Addresses, Ring, listed, rest_bases
from camunda_rest._request import base_url

__all__ = ["Site", "bases", "connect_limit", "ring_of"]


@dataclass(frozen=True)
class Site:
    """One gateway. Requests are made for ``first``, what those to the first gateway begin with, and
    ``base`` is put in its place for this one.
    """

    address: str
    first: str
    base: str
    #: The pool of connections.
    way: Any

    def url(self, url: str) -> str:
        """The URL, or path, for this gateway, of one that was made for the first."""
        return url if self.base == self.first else self.base + url[len(self.first) :]


def bases(address: Addresses, physical_tenant: str | None) -> tuple[str, ...]:
    """``base_url`` of each address. Raises ConfigurationError for what cannot be one."""
    made = tuple(base_url(each, physical_tenant) for each in listed(address, "rest_address"))
    rest_bases(address)  # that they are of one kind
    return made


def ring_of(addresses: tuple[str, ...]) -> Ring | None:
    """Which of them calls go to; None where there is one."""
    return Ring(addresses) if len(addresses) > 1 else None


def connect_limit(addresses: tuple[str, ...]) -> float | None:
    """Seconds that connecting to one of them may take."""
    return CONNECT_LIMIT if len(addresses) > 1 else None
