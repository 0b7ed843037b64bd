"""Versions of clusters: how they are written, and which properties of a request a cluster is too old for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from camunda_core._arguments import shown
from camunda_core._patterns import pattern
from camunda_core.errors import ConfigurationError, Internal
from camunda_rest.operations import Operation, Version

__all__ = ["newer_properties", "parse_version", "version_of"]

_VERSION = pattern(r"v?([0-9]{1,4})\.([0-9]{1,4})(?:[.\-+].*)?$")


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
