"""What Camunda publishes about the gateway: the proto file of each version, and the OpenAPI files from 8.8 on.

The files come from Maven Central through ``tests.gateways.fetch``. A test that needs one is skipped by name where it cannot be
had.
"""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from camunda_rest.operations import Version
from tests.gateways import fetch

#: Every published protocol, oldest first, with the cluster version it stands for.
PROTOCOLS: dict[str, Version] = {
    name: (int(name.split(".")[0]), int(name.split(".")[1])) for name in fetch.PROTOCOLS
}

#: Those of them that come with the OpenAPI files of the REST API.
OPENAPIS: dict[str, Version] = {name: version for name, version in PROTOCOLS.items() if version >= (8, 8)}


def folder(version: str) -> Path:
    """The unpacked artifact of a version; skips the test when it cannot be had."""
    found = _fetched(version)
    if not isinstance(found, Path):
        pytest.skip(f"zeebe-gateway-protocol {version}: {found}")
    return found


def proto(version: str) -> str:
    """The text of the published gateway.proto."""
    return (folder(version) / "gateway.proto").read_text(encoding="utf-8")


@functools.cache
def _fetched(version: str) -> Path | str:
    try:
        return fetch.protocol(version)
    except fetch.Unavailable as reason:
        return str(reason)
