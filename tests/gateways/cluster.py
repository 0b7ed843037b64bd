"""Your cluster: a gateway that somebody else runs, named by the environment.

``CAMUNDA_BRIDGE_TEST_GRPC`` (``host:port`` or ``grpcs://host:port``) and ``CAMUNDA_BRIDGE_TEST_REST`` (``http://host:port``)
say where it is, one of them or both; ``CAMUNDA_BRIDGE_TEST_VERSION`` ("8.8.3") says what it is. Credentials and trust come by
the ordinary variables of the library. See docs/your-cluster.md.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from camunda_core.config import Settings
from camunda_core.credentials import NoCredentials
from tests.cache import Unavailable
from tests.gateways import base
from tests.gateways.base import Clock, Gateway, Record

GRPC, REST, VERSION = "CAMUNDA_BRIDGE_TEST_GRPC", "CAMUNDA_BRIDGE_TEST_REST", "CAMUNDA_BRIDGE_TEST_VERSION"

#: What is taken for granted of a cluster of which nothing is said: the version that the recordings are of.
DEFAULT_VERSION = "8.6.0"


def named() -> bool:
    """Whether the environment names one."""
    return bool(os.environ.get(GRPC) or os.environ.get(REST))


def version(environment: Mapping[str, str] = os.environ) -> str:
    """The version that the environment says it has."""
    return environment.get(VERSION) or DEFAULT_VERSION


def wires(environment: Mapping[str, str] = os.environ) -> frozenset[str]:
    """The wires that the environment names; where it names none, what such a cluster would speak."""
    named = {wire for wire, name in ((base.GRPC, GRPC), (base.REST, REST)) if environment.get(name)}
    return frozenset(named or {base.GRPC, base.REST})


def settings() -> Settings:
    """Credentials and trust, as the library reads them from the environment."""
    return Settings.from_env(
        grpc_address=os.environ.get(GRPC) or None, rest_address=os.environ.get(REST) or None
    )


def features() -> frozenset[str]:
    """It answers as the product does; whether strangers may call shows in the environment."""
    secured = any("s://" in os.environ.get(name, "") for name in (GRPC, REST))
    if secured or not isinstance(settings().credentials, NoCredentials):
        return frozenset({base.REAL_GATEWAY})
    return frozenset({base.REAL_GATEWAY, base.OPEN})


def require() -> None:
    """Check that a cluster is named.

    Raises:
        Unavailable: none is.
    """
    if not named():
        raise Unavailable(f"neither {GRPC} nor {REST} is set")


class Cluster(Gateway):
    """A cluster that runs already; it is neither started nor stopped, and its clock and records stay its own."""

    name = "cluster"

    def __init__(self) -> None:
        self.features = features()
        self.version = version()
        self.wires = wires()

    def start(self) -> None:
        require()

    def close(self) -> None:
        pass

    @property
    def alive(self) -> bool:
        return True

    @property
    def clock(self) -> Clock:
        raise LookupError("the clock of somebody's cluster is not moved")

    @property
    def grpc_address(self) -> str:
        return self._address(GRPC)

    @property
    def rest_address(self) -> str:
        return self._address(REST)

    @property
    def security(self) -> dict[str, Any]:
        known = settings()
        return {"credentials": known.credentials, "tls": known.tls}

    def records(self, *, since: int = 0) -> list[Record]:
        raise LookupError("the records of somebody's cluster cannot be read")

    def tail(self) -> str:
        return ""

    def _address(self, name: str) -> str:
        address = os.environ.get(name)
        if not address:
            raise LookupError(f"{name} is not set")
        return address
