"""What is known of each version: the facts of ``contract/``, and what Camunda publishes.

The published proto and OpenAPI files come from Maven Central through ``tests.contract.fetch``. A test that needs one is skipped by
name where it cannot be had; the same test on the facts is not.
"""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from camunda_rest.operations import Version
from tests import cache
from tests.contract import facts, fetch, proto

#: Every protocol with the cluster version it stands for: of the facts, and published.
PROTOCOLS: dict[str, Version] = {
    **facts.PROTOCOLS,
    **{name: (int(name.split(".")[0]), int(name.split(".")[1])) for name in fetch.PROTOCOLS},
}

#: The published ones that come with the OpenAPI files of the REST API.
OPENAPIS: dict[str, Version] = {name: PROTOCOLS[name] for name in ("8.8.9", "8.9.0-rc1")}

#: Every version of which the properties of the REST API are known: of the facts, and published.
RESTS: dict[str, Version] = {**facts.RESTS, **OPENAPIS}

#: The newest of them.
NEWEST = max(facts.RESTS, key=facts.RESTS.__getitem__)


def folder(version: str) -> Path:
    """The unpacked artifact of a version; skips the test when it cannot be had."""
    found = _fetched(version)
    if not isinstance(found, Path):
        pytest.skip(f"zeebe-gateway-protocol {version}: {found}")
    return found


def protocol(version: str) -> proto.Protocol:
    """The gRPC protocol of a version, of the facts or of the published gateway.proto."""
    if version in facts.PROTOCOLS:
        return facts.protocol(facts.PROTOCOLS[version])
    return proto.parse((folder(version) / "gateway.proto").read_text(encoding="utf-8"))[0]


@functools.cache
def _fetched(version: str) -> Path | str:
    try:
        return fetch.protocol(version)
    except cache.Unavailable as reason:
        return str(reason)
