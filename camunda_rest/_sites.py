"""The gateways of a client over REST: where each is, and how a request gets there."""

from __future__ import annotations

from typing import NamedTuple

from camunda_core._several import CONNECT_LIMIT, Addresses, Ring, listed, rest_bases
from camunda_rest._request import base_url
from camunda_rest._transport import BlockingTransport

__all__ = ["Site", "bases", "connect_limit", "ring_of"]


class Site(NamedTuple):
    """One gateway. Requests are made for ``first``, what those to the first gateway begin with."""

    address: str
    first: str
    way: BlockingTransport


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
