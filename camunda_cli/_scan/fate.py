"""What becomes of a call over REST, by the table: the same, renamed, emulated, or refused with the way out. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge._table.mapping import NAMES, ROWS
from bridge._table.versions import Version

__all__ = ["FATES", "Call", "Fate", "Found", "fate_of"]

Fate = Literal["same", "renamed", "emulated", "unknown", "refused"]
#: From the best to the worst; of what is unknown nobody can say that it moves.
FATES: tuple[Fate, ...] = ("same", "renamed", "emulated", "unknown", "refused")


@dataclass(frozen=True, order=True)
class Call:
    """A call in a source.

    ``line`` and ``column`` count from 1; ``rpc`` is "" where the source does not say which is called; ``fields`` are those
    of the request that are set there, as far as the source shows them; ``sure`` is False where only names tell what it is.
    """

    path: str
    line: int
    column: int
    rpc: str
    language: str
    library: str
    fields: tuple[str, ...] = ()
    sure: bool = True


@dataclass(frozen=True)
class Found:
    """A call and its fate on a cluster."""

    call: Call
    fate: Fate
    why: str
    way_out: str = ""


def fate_of(call: Call, version: Version) -> Found:
    """The fate of a call on a cluster of this version."""
    if not call.rpc:
        return Found(
            call,
            "unknown",
            "the name of the RPC is made while the program runs",
            "rehearse it: bridge.rehearse(channel) sees what is called",
        )
    row = ROWS[call.rpc]
    operation = row.operation or ROWS[row.emulated_by or call.rpc].operation
    assert operation is not None
    if operation.since > version:
        return Found(
            call,
            "refused",
            f"the operation came with Camunda {_text(operation.since)}",
            f"upgrade the cluster, or keep {call.rpc} on gRPC: routes with {call.rpc}=grpc",
        )
    names = NAMES.get(f"{call.rpc}Request", {})
    for field in call.fields:
        given = names.get(field, field)
        rest = given if isinstance(given, str) else given[0]
        since = next(
            (since for path, since in operation.newer.items() if _last(path) == rest or path == rest), None
        )
        if since is not None and since > version:
            return Found(
                call,
                "refused",
                f"{field} is read over REST from Camunda {_text(since)} on",
                f"leave it unset, upgrade the cluster, or keep {call.rpc} on gRPC: routes with {call.rpc}=grpc",
            )
    if row.emulated:
        return Found(
            call,
            "emulated",
            row.emulated,
            f"take the emulation, or keep it on gRPC: routes with {call.rpc}=grpc",
        )
    unanswered = "; ".join(f"{name}: {why}" for name, why in row.unanswered.items())
    renamed = [f"{field} is {_first(names[field])}" for field in call.fields if field in names]
    if row.lift:
        renamed.append(f"the fields of {row.lift} stand at the top")
    renamed += [
        f"{field} stands in {place}"
        for place, members in row.inside.items()
        for field in call.fields
        if field in members
    ]
    if renamed:
        return Found(call, "renamed", "; ".join(filter(None, (*renamed, unanswered))))
    return Found(call, "same", unanswered)


def _first(names: str | tuple[str, ...]) -> str:
    return names if isinstance(names, str) else names[0]


def _last(path: str) -> str:
    return path.rpartition(".")[2].removesuffix("[]")


def _text(version: Version) -> str:
    return f"{version[0]}.{version[1]}"
