"""Credentials that others can read on their way are told of once, on every wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import bridge
import camunda_grpc
from camunda_core import credentials as module
from camunda_core._addresses import is_loopback
from camunda_core.credentials import Basic, Bearer, Credentials, NoCredentials
from camunda_core.oauth import OAuth
from camunda_rest import AsyncRestClient, RestClient

HOST = "gateway.test"
OAUTH = OAuth("https://login.test/token", "id", "hidden")

WAYS: dict[str, Callable[[str, Credentials | None], Any]] = {
    "RestClient": lambda host, who: RestClient(f"http://{host}:8080", credentials=who),
    "AsyncRestClient": lambda host, who: AsyncRestClient(f"http://{host}:8080", credentials=who),
    "camunda_grpc.channel": lambda host, who: camunda_grpc.channel(f"{host}:26500", credentials=who),
    "camunda_grpc.aio_channel": lambda host, who: camunda_grpc.aio_channel(f"{host}:26500", credentials=who),
    "bridge.Client": lambda host, who: bridge.Client(grpc_address=f"{host}:26500", credentials=who),
    "bridge.aio_channel": lambda host, who: bridge.aio_channel(f"http://{host}:8080", credentials=who),
}


@pytest.fixture(autouse=True)
def _nothing_told_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_warned", set())
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def _made(way: str, host: str, who: Credentials | None) -> None:
    made = WAYS[way](host, who)
    closed = made.aclose() if hasattr(made, "aclose") else made.close()
    if closed is not None:
        await closed


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "who", [Basic("demo", "hidden"), Bearer("hidden"), OAUTH], ids=["basic", "bearer", "OAuth"]
)
async def test_it_is_told_once_for_each_host(
    way: str, who: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    for host in (HOST, HOST, "other.test"):
        await _made(way, host, who)
    told = [record.getMessage() for record in caplog.records if "plaintext" in record.getMessage()]
    assert len(told) == 2
    assert HOST in told[0]
    assert "https://" in told[0]
    assert "hidden" not in caplog.text


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("host", "who"),
    [
        ("localhost", Basic("demo", "demo")),
        ("127.0.0.1", Basic("demo", "demo")),
        ("127.8.8.8", Basic("demo", "demo")),
        ("[::1]", Basic("demo", "demo")),
        (HOST, NoCredentials()),
        (HOST, None),
    ],
    ids=str,
)
async def test_on_this_machine_and_without_credentials_nothing_is_told(
    way: str, host: str, who: Credentials | None, caplog: pytest.LogCaptureFixture
) -> None:
    await _made(way, host, who)
    assert "plaintext" not in caplog.text


def test_tls_and_sockets_of_this_machine_are_no_plaintext(caplog: pytest.LogCaptureFixture) -> None:
    RestClient(f"https://{HOST}", credentials=OAUTH).close()
    camunda_grpc.channel(f"https://{HOST}", credentials=OAUTH).close()
    camunda_grpc.channel("unix:/run/gateway.sock", credentials=OAUTH).close()
    assert "plaintext" not in caplog.text
    camunda_grpc.channel(f"dns:///{HOST}:26500", credentials=OAUTH).close()
    assert f"{HOST}:26500" in caplog.text


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("::1", True),
        ("localhost.test", False),
        ("10.0.0.1", False),
    ],
)
def test_this_machine_is_told_by_its_names_and_addresses(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
