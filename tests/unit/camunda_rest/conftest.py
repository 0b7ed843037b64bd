"""A real HTTP server for the clients."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.fakes.rest import RestServer


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def server() -> Iterator[RestServer]:
    with RestServer() as made:
        yield made
