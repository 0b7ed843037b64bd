"""Short-lived tokens of a real Keycloak, and of the suite's own provider: many callers on both wires, workers, and
what goes wrong with a provider. Keycloak takes long; where it cannot be had the run says why, and the other has served
the same tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Any

import pytest

import bridge
from camunda_core.credentials import Bearer
from camunda_core.errors import AuthenticationError, DeadlineExceeded, Unauthenticated, Unavailable
from camunda_core.retry import NO_RETRY
from camunda_embedded import EmbeddedGateway, TokenCheck
from camunda_worker import Job, Worker
from tests.cache import Unavailable as NotHere
from tests.gateways.models import model
from tests.gateways.process import wait_until
from tests.production.providers import LIFETIME, Keycloak, Own, Provider

WIRES = ("rest", "grpc")
#: Seconds of the long run, and of the one on the suite's own provider in every run.
LONG, SHORT = 60.0, 7.0


@pytest.fixture(
    scope="module",
    params=["own", pytest.param("keycloak", marks=[pytest.mark.long, pytest.mark.timeout(1200)])],
)
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    if request.param == "own":
        made: Provider = Own()
    else:
        try:
            made = Keycloak(tmp_path_factory.mktemp("keycloak"))
        except NotHere as reason:
            pytest.skip(f"no Keycloak ({reason}): the suite's own provider has served the same tests")
    yield made
    made.close()


@pytest.fixture
def gateway(provider: Provider) -> Iterator[EmbeddedGateway]:
    # On a machine that has other things to do, a token may grow old on its way: of the suite's own
    # provider, whose tests are in every run, that is forgiven.
    check = TokenCheck(provider.issuer, tenants="tenants", leeway=20 if isinstance(provider, Own) else 0)
    with EmbeddedGateway(tenants=["red", "blue"], auth=check) as running:
        yield running


def at(gateway: EmbeddedGateway, wire: str, credentials: Any, **more: Any) -> dict[str, Any]:
    return {f"{wire}_address": getattr(gateway, f"{wire}_address"), "credentials": credentials, **more}


async def work(
    gateway: EmbeddedGateway, provider: Provider, seconds: float
) -> tuple[int, list[BaseException]]:
    """Fifty callers on both wires, and a worker on each, for so long; the calls, and those that failed."""
    credentials = provider.oauth()
    failed: list[BaseException] = []
    calls = 0

    async def caller(client: bridge.AsyncClient, number: int) -> None:
        nonlocal calls
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            calls += 1
            try:
                if number % 5:
                    await client.topology()
                else:
                    await client.create_process_instance("order", tenant_id="red")
            except Exception as error:
                failed.append(error)
            await asyncio.sleep(0.2)

    async with contextlib.AsyncExitStack() as stack:
        settings = [at(gateway, wire, credentials, retry=NO_RETRY) for wire in WIRES]
        clients = [await stack.enter_async_context(bridge.AsyncClient(**each)) for each in settings]
        content = model("order", process="order", charge="charge", ship="ship")
        await clients[0].deploy_resource(("order.bpmn", content), tenant_id="red")
        workers, tasks, done = [], [], {"charge": 0, "ship": 0}
        for client, kind in zip(clients, done, strict=True):
            worker = Worker(client)

            @worker.task(kind, tenant_ids=["red"])
            async def handle(job: Job) -> None:
                done[job.type] += 1

            workers.append(worker)
            tasks.append(asyncio.ensure_future(worker.work()))
        await asyncio.gather(*(caller(clients[number % 2], number) for number in range(50)))
        for worker in workers:
            worker.stop(grace=10)
        await asyncio.sleep(0)
        gateway.end_polls()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if ended is not None:
                failed.append(ended)
    assert min(done.values()) > 0, "the workers have worked"
    return calls, failed


def test_no_call_fails_over_the_lives_of_many_tokens(gateway: EmbeddedGateway, provider: Provider) -> None:
    seconds = SHORT if isinstance(provider, Own) else LONG
    asked, began = provider.asked, time.monotonic()
    calls, failed = asyncio.run(work(gateway, provider, seconds))
    lived = time.monotonic() - began
    assert failed == []
    assert calls >= 50
    asked = provider.asked - asked
    assert 1 <= asked <= lived / (LIFETIME / 2) + 3, f"{asked} tokens in {lived:.0f} s"
    print(f"{provider.__class__.__name__}: {calls} calls in {lived:.0f} s, {asked} tokens, none failed")


@pytest.mark.parametrize("wire", WIRES)
def test_what_is_no_token_for_this_gateway_is_refused(
    gateway: EmbeddedGateway, provider: Provider, wire: str
) -> None:
    stranger = provider.oauth("stranger")
    good = provider.oauth("patient").headers(60)["authorization"].removeprefix("Bearer ")
    with bridge.Client(**at(gateway, wire, Bearer(good), retry=NO_RETRY)) as client:
        client.topology()
    old = provider.oauth().headers(60)["authorization"].removeprefix("Bearer ")
    with bridge.Client(**at(gateway, wire, Bearer(old), retry=NO_RETRY)) as client:

        def expired() -> bool | None:
            try:
                client.topology()
            except Unauthenticated:
                return True
            return None

        wait_until(expired, seconds=120, what="the end of a token's life", pause=0.5)
    for credentials in (stranger, Bearer("junk"), Bearer(good[:-4] + "AAAA")):
        with (
            bridge.Client(**at(gateway, wire, credentials, retry=NO_RETRY)) as client,
            pytest.raises(Unauthenticated),
        ):
            client.topology()


@pytest.mark.parametrize("wire", WIRES)
def test_a_revoked_token_is_renewed_once(gateway: EmbeddedGateway, provider: Provider, wire: str) -> None:
    check = gateway._auth
    assert check is not None
    with bridge.Client(**at(gateway, wire, provider.oauth("patient"), retry=NO_RETRY)) as client:
        client.topology()
        check.revoke()
        client.topology()


def test_a_wrong_secret_is_said_in_the_words_of_the_provider(
    gateway: EmbeddedGateway, provider: Provider
) -> None:
    for wire in WIRES:
        credentials = provider.oauth(secret="wrong")
        with (
            bridge.Client(**at(gateway, wire, credentials)) as client,
            pytest.raises(AuthenticationError, match="unauthorized_client") as refused,
        ):
            client.topology()
        assert "wrong" not in str(refused.value)


def test_keys_may_be_rotated_under_load(gateway: EmbeddedGateway, provider: Provider) -> None:
    async def both() -> list[BaseException]:
        running = asyncio.ensure_future(work(gateway, provider, SHORT + 3))
        await asyncio.sleep(1)
        await asyncio.to_thread(provider.rotate)
        return (await running)[1]

    assert asyncio.run(both()) == []


@pytest.mark.parametrize("how", ["leaves", "freezes"])
def test_a_provider_that_is_away_is_named_in_time_and_its_return_noticed(
    gateway: EmbeddedGateway, provider: Provider, how: str
) -> None:
    (provider.leave if how == "leaves" else provider.freeze)()
    try:
        for wire in WIRES:
            credentials = provider.oauth(timeout=2.0)
            with (
                bridge.Client(**at(gateway, wire, credentials, timeout=4.0, retry=NO_RETRY)) as client,
                pytest.raises((Unavailable, DeadlineExceeded)) as failed,
            ):
                client.topology()
            assert not failed.value.sent, "the gateway has seen nothing"
    finally:
        (provider.come_back if how == "leaves" else provider.thaw)()
    for wire in WIRES:
        with bridge.Client(**at(gateway, wire, provider.oauth(), timeout=60.0)) as client:
            client.topology()


def test_the_tenants_of_a_token_are_the_callers(gateway: EmbeddedGateway, provider: Provider) -> None:
    with bridge.Client(**at(gateway, "rest", provider.oauth(), tenant_id="blue")) as client:
        content = model("order", process="order", charge="charge", ship="ship")
        assert client.deploy_resource(("order.bpmn", content)).tenant_id == "blue"
