"""The stage of a module, and which combinations of gateway and path there are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge._doors import polling
from tests.gateways.base import Gateway
from tests.gateways.registry import GATEWAYS
from tests.scenarios.paths import PATHS
from tests.scenarios.stage import Stage

#: Of a dialect it is the doors that are tested: that all paths agree the others show.
ONE_A_WIRE = tuple(path for path in PATHS if path.name in ("grpc", "client-rest"))


@pytest.fixture(scope="session", autouse=True)
def _short_slices() -> Iterator[None]:
    """Closing a stream over REST waits for the poll on the wire, so that tests would spend their time in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(polling, "SLICE", 0.5)
        yield


@pytest.fixture(scope="module")
def stage(gateway: Gateway) -> Iterator[Stage]:
    """Callers on every path to the gateway, shared by the scenarios of a module."""
    made = Stage(gateway)
    yield made
    made.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A path over a wire that the gateway does not speak is no test.

    Where no gateway was selected, one path stands for all.
    """
    items[:] = [item for item in items if _is_possible(item)]
    for item in items:
        path = getattr(getattr(item, "callspec", None), "params", {}).get("path")
        if getattr(path, "long", False):
            item.add_marker(pytest.mark.long)


def _is_possible(item: pytest.Item) -> bool:
    params = getattr(getattr(item, "callspec", None), "params", {})
    path = params.get("path")
    if path is None or path not in PATHS:
        return True
    name = params.get("gateway_name", "")
    if name == "embedded_8.8" and path not in ONE_A_WIRE:
        return False
    if path.proxied and not name.startswith(("embedded", "recorded")):
        return False  # a cluster of somebody's has credentials and trust, which the doors of these proxies have not
    return path.wire in GATEWAYS[name].wires if name else path is PATHS[0]
