"""What a client has open towards its gateway, and how much of it is taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["WireUse", "together"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WireUse:
    """One wire of a client, as it is now. What is None is not known, or not bound.

    ``wire``         "gRPC" or "REST"
    ``engine``       "default" or "fast"
    ``connections``  how many are open
    ``running``      requests under way: streams over HTTP/2, job streams and polls among them
    ``waiting``      calls that wait for a connection, or for room on one
    ``limit``        requests that one connection takes at once: over HTTP/2 what the peer allows
                     (MAX_CONCURRENT_STREAMS), the least of all connections; over HTTP/1.1 one
    ``unknown``      who keeps which of these to himself, "" where all is told
    """

    wire: str
    engine: str
    connections: int | None = None
    running: int | None = None
    waiting: int | None = None
    limit: int | None = None
    unknown: str = ""


def together(wire: str, engine: str, parts: Iterable[WireUse]) -> WireUse:
    """Several channels, or gateways, as one."""
    found = list(parts)
    limits = [each.limit for each in found if each.limit is not None]

    def total(name: str) -> int | None:
        values = [getattr(each, name) for each in found]
        return None if None in values else sum(values)

    return WireUse(
        wire=wire,
        engine=engine,
        connections=total("connections"),
        running=total("running"),
        waiting=total("waiting"),
        limit=min(limits, default=None),
        unknown=next((each.unknown for each in found if each.unknown), ""),
    )
