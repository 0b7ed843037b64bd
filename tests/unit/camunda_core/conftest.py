"""A token endpoint that answers as a test tells it, and a clock that a test turns."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes.tokens import TokenServer

PEM = Path(__file__).parent / "pem"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def token_server() -> Iterator[TokenServer]:
    with TokenServer() as server:
        yield server


@pytest.fixture
def tls_token_server() -> Iterator[TokenServer]:
    """A token endpoint behind TLS with a certificate of the test authority; asks for a client's as well."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=PEM / "ca.pem")
    context.load_cert_chain(PEM / "server.pem", PEM / "server.key")
    context.verify_mode = ssl.CERT_OPTIONAL
    with TokenServer(tls=context) as server:
        yield server


@pytest.fixture
def pem() -> Path:
    return PEM


class Clock:
    """Stands for the ``time`` module: goes on only when told, or slept on."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, length: float) -> None:
        self.slept.append(length)
        self.now += length


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of ``camunda_core.oauth``."""
    clock = Clock()
    monkeypatch.setattr("camunda_core.oauth.time", clock)
    return clock


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait for what another thread is about to do; bounded."""
    for _ in range(2000):
        if condition():
            return
        time.sleep(0.005)
    pytest.fail(f"did not happen: {what}")


@pytest.fixture(name="eventually")
def _eventually() -> Callable[[Callable[[], bool], str], None]:
    return eventually
