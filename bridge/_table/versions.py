"""What a cluster is too old for, found before anything is sent.

A gateway does not protect its callers here: an 8.6 ignores what it does not know, silently, on both
wires. So a property or field that is newer than 8.6 is sent only when the caller set it, and then
only to a cluster that is known to read it: the version is given by the caller, or asked once (the
topology names it), and not at all as long as nothing newer is set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from bridge._table.mapping import NEWER_ON_GRPC
from camunda_core.errors import UnsupportedField
from camunda_rest._versions import newer_properties, parse_version, version_of
from camunda_rest.operations import Version

__all__ = [
    "Version",
    "may_be_newer",
    "newer_fields",
    "newer_properties",
    "parse_version",
    "refuse_newer",
    "version_of",
]


#: Newer fields that ask, when they are false, for what every cluster does without them: none is too old for that.
_NEUTRAL = frozenset({"deleteHistory"})


def newer_fields(message: Any) -> Iterator[tuple[str, Version]]:
    """The fields set in a gRPC request that came after 8.5, with the version that brought each."""
    for name, version, has_presence in _suspects(type(message)):  # type: ignore[arg-type]  # classes are hashable
        value = getattr(message, name)
        if not (message.HasField(name) if has_presence else value):
            continue
        if version is not None:
            if value is not False or name not in _NEUTRAL:
                yield name, version
        else:
            for nested in value if hasattr(value, "__len__") else (value,):
                for inner, its_version in newer_fields(nested):
                    yield f"{name}.{inner}", its_version


def may_be_newer(cls: Any) -> frozenset[str]:
    """The fields of a class of messages that ``newer_fields`` may give, or find something in."""
    return frozenset(name for name, _, _ in _suspects(cls))


@lru_cache(256)
def _suspects(cls: Any) -> tuple[tuple[str, Version | None, bool], ...]:
    """The fields of a class of messages that may be newer, or (None) hold what may be, in the order
    of their numbers; and which of them can tell unset from the default. Most are neither, and need
    not be looked at in every request.
    """
    newer = NEWER_ON_GRPC.get(cls.DESCRIPTOR.full_name.partition(".")[2], {})
    return tuple(
        (each.name, newer.get(each.name), each.has_presence)
        for each in sorted(cls.DESCRIPTOR.fields, key=lambda each: int(each.number))
        if each.name in newer or each.message_type is not None
    )


def refuse_newer(
    newer: Mapping[str, Version], cluster: Version, *, rpc: str, wire: str, grpc_there: bool = False
) -> None:
    """Raises UnsupportedField for the first of ``newer`` that the cluster cannot read.

    ``grpc_there`` tells that the caller could route the RPC over gRPC, which knows some fields
    earlier than REST does.
    """
    for name, version in newer.items():
        if version > cluster:
            needs = f"{version[0]}.{version[1]}"
            way_out = ", or route the RPC over gRPC" if grpc_there and _on_grpc(rpc, name) <= cluster else ""
            raise UnsupportedField(
                f"{name} needs Camunda {needs} over {wire}, and this cluster is {cluster[0]}.{cluster[1]}, which would ignore it "
                f"silently: leave it unset, or upgrade the cluster{way_out}",
                operation=rpc,
                field=name,
                needs=needs,
            )


def _on_grpc(rpc: str, name: str) -> Version:
    """The version from which gRPC reads a REST property, told by its last name; far away
    when that is not known.
    """
    leaf = name.rpartition(".")[2].removesuffix("[]")
    known = [
        fields[leaf]
        for message, fields in NEWER_ON_GRPC.items()
        if message.startswith(f"{rpc}Request") and leaf in fields
    ]
    return max(known, default=(99, 0))
