"""What a cluster is too old for, found before anything is sent.

A gateway does not protect its callers here: an 8.6 ignores what it does not know, silently, on both
wires. So a property or field that is newer than 8.6 is sent only when the caller set it, and then
only to a cluster that is known to read it: the version is given by the caller, or asked once (the
topology names it), and not at all as long as nothing newer is set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from bridge._table.mapping import NEWER_ON_GRPC
from camunda_core._arguments import shown
from camunda_core.errors import ConfigurationError, Internal, UnsupportedField
from camunda_rest.operations import Operation

__all__ = ["Version", "newer_fields", "newer_properties", "parse_version", "refuse_newer"]

Version = tuple[int, int]

_VERSION = re.compile(r"v?([0-9]{1,4})\.([0-9]{1,4})(?:[.\-+].*)?$")


def parse_version(text: str | Version) -> Version:
    """``"8.6.0"``, ``"8.8"`` or ``(8, 8)`` as (major, minor); ConfigurationError for anything else."""
    if (
        isinstance(text, tuple)
        and len(text) == 2
        and all(type(part) is int and 0 <= part < 10_000 for part in text)
    ):
        return text
    match = _VERSION.match(text) if isinstance(text, str) else None
    if match is None:
        raise ConfigurationError(
            f'cluster_version must look like "8.8", "8.6.0" or (8, 8), not {shown(text)}'
        )
    return int(match[1]), int(match[2])


def version_of(gateway_version: Any) -> Version:
    """The ``gatewayVersion`` of a topology; Internal when there is none, with the way out."""
    try:
        return parse_version(str(gateway_version))
    except ConfigurationError:
        raise Internal(
            f"the topology names no readable gateway version ({gateway_version!r}): give cluster_version="
        ) from None


def newer_properties(operation: Operation, body: Mapping[str, Any]) -> Iterator[tuple[str, Version]]:
    """The properties of a REST body that came after 8.6, with the version that brought each."""
    for first, parts, path, version in _newer_paths(operation):
        if first in body and _present(body, parts):
            yield path, version


@cache
def _newer_paths(operation: Operation) -> list[tuple[str, list[str], str, Version]]:
    """Each path of ``newer`` with its parts, and with the name by which a body without it is told at once."""
    split = [(path.split("."), path, version) for path, version in operation.newer.items()]
    return [(parts[0].removesuffix("[]"), parts, path, version) for parts, path, version in split]


def _present(data: Any, parts: list[str]) -> bool:
    name, *rest = parts
    listed = name.endswith("[]")
    value = data.get(name.removesuffix("[]")) if isinstance(data, Mapping) else None
    if value is None:
        return False
    if listed:
        return any(_present(each, rest) for each in value) if rest else bool(value)
    return _present(value, rest) if rest else True


def newer_fields(message: Any) -> Iterator[tuple[str, Version]]:
    """The fields set in a gRPC request that came after 8.5, with the version that brought each."""
    newer = NEWER_ON_GRPC.get(message.DESCRIPTOR.full_name.partition(".")[2], {})
    for descriptor, value in message.ListFields():
        if descriptor.name in newer:
            yield descriptor.name, newer[descriptor.name]
        elif descriptor.message_type is not None:
            each = value if hasattr(value, "__len__") else (value,)
            for nested in each:
                for name, version in newer_fields(nested):
                    yield f"{descriptor.name}.{name}", version


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
