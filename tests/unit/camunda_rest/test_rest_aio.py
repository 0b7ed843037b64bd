"""The asyncio client: what it sends, its event loop, its cancellation."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from camunda_core.credentials import Basic
from camunda_core.errors import Aborted, ConfigurationError, InvalidRequest
from camunda_core.retry import NO_RETRY
from camunda_core.tls import Tls
from camunda_rest import AsyncRestClient, operations
from tests.fakes.rest import RestServer, answer, stall

CREATE = operations.CREATE_PROCESS_INSTANCE
PEM = Path(__file__).parent.parent / "camunda_core" / "pem"


@pytest.fixture(autouse=True, params=["default", "fast"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each test over both engines."""
    defaults = {**(AsyncRestClient.__init__.__kwdefaults__ or {}), "engine": request.param}
    monkeypatch.setattr(AsyncRestClient.__init__, "__kwdefaults__", defaults)
    return str(request.param)


async def arrived(server: RestServer) -> None:
    """Waits until the server has read a request."""
    for _ in range(1000):
        if server.requests:
            return
        await asyncio.sleep(0.01)
    pytest.fail("no request arrived")


async def test_a_call_is_one_request_with_everything_in_its_place(server: RestServer) -> None:
    server.script(answer(200, {"processInstanceKey": "7"}))
    credentials = Basic("demo", "demo")
    async with AsyncRestClient(
        server.address + "/ctx", credentials=credentials, user_agent="mine/1"
    ) as client:
        body = {"processDefinitionId": "ä", "tenantId": None}
        assert await client.call(CREATE, body=body, headers={"X-Trace": "t"}) == {"processInstanceKey": "7"}
    (request,) = server.requests
    assert (request.method, request.target) == ("POST", "/ctx/v2/process-instances")
    assert request.json == {"processDefinitionId": "ä"}
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept"] == "application/json"
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["authorization"] == "Basic ZGVtbzpkZW1v"
    assert request.headers["user-agent"] == "mine/1"
    assert request.headers["x-trace"] == "t"


async def test_a_deployment_is_multipart(server: RestServer) -> None:
    async with AsyncRestClient(server.address) as client:
        await client.call(operations.DEPLOY_RESOURCES, files=[("ä.bpmn", b"<x/>")])
    assert server.requests[0].headers["content-type"].startswith("multipart/form-data; boundary=")
    assert 'filename="ä.bpmn"'.encode() in server.requests[0].body


async def test_tasks_share_a_client(server: RestServer) -> None:
    async with AsyncRestClient(server.address, pool_size=8) as client:
        assert await asyncio.gather(*(client.call(CREATE) for _ in range(100))) == [{}] * 100
    assert server.connections <= 8


async def test_cancelling_a_task_leaves_the_client_usable(server: RestServer) -> None:
    server.script(stall(), answer(200, {"next": True}))
    async with AsyncRestClient(server.address) as client:
        task = asyncio.create_task(client.call(CREATE))
        await arrived(server)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await client.call(CREATE) == {"next": True}
    assert server.closed.acquire(timeout=10)


async def test_a_closed_client_says_so_and_closing_twice_is_harmless(server: RestServer) -> None:
    client = AsyncRestClient(server.address)
    await client.call(CREATE)
    await client.aclose()
    await client.aclose()
    with pytest.raises(InvalidRequest, match="closed"):
        await client.call(CREATE)


async def test_a_client_that_was_never_used_can_be_closed() -> None:
    client = AsyncRestClient("http://localhost:1")
    await client.aclose()
    with pytest.raises(InvalidRequest, match="closed"):
        await client.call(CREATE)


async def test_closing_under_a_running_call_ends_it(server: RestServer) -> None:
    server.script(stall())
    client = AsyncRestClient(server.address, retry=NO_RETRY)
    task = asyncio.create_task(client.call(CREATE))
    await arrived(server)
    await client.aclose()
    with pytest.raises(Aborted):
        await task


def test_another_event_loop_is_told_to_make_a_client_of_its_own(server: RestServer) -> None:
    client = AsyncRestClient(server.address)
    first, second = asyncio.new_event_loop(), asyncio.new_event_loop()
    try:
        assert first.run_until_complete(client.call(CREATE)) == {}
        with pytest.raises(InvalidRequest, match="loop"):
            second.run_until_complete(client.call(CREATE))
        first.run_until_complete(client.aclose())
    finally:
        first.close()
        second.close()


async def test_bad_input_is_refused_before_anything_is_sent(server: RestServer) -> None:
    bad: list[dict[str, Any]] = [
        {"body": {"variables": {"x": float("nan")}}},
        {"path": {"jobKey": "x"}},
        {"files": [("a", b"")]},
        {"timeout": "soon"},
        {"headers": {"host": "x"}},
    ]
    async with AsyncRestClient(server.address) as client:
        for arguments in bad:
            with pytest.raises(InvalidRequest):
                await client.call(CREATE, **arguments)
    assert server.connections == 0


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"timeout": 0}, "timeout"),
        ({"pool_size": 0}, "pool_size"),
        ({"tls": Tls(ca=PEM / "ca.pem")}, "plain HTTP"),
    ],
)
def test_a_client_that_cannot_work_is_refused_when_it_is_made(options: Any, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        AsyncRestClient("http://localhost:8080", **options)
