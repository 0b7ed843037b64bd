"""An unmodified pyzeebe client and worker on the embedded gateway: on its own channel, and on ours over REST."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pyzeebe import ZeebeClient, ZeebeWorker, create_insecure_channel
from pyzeebe.errors import (
    MessageAlreadyExistsError,
    ProcessDefinitionNotFoundError,
    ProcessInstanceNotFoundError,
    ProcessInvalidError,
)

import bridge
import camunda_grpc
from tests.gateways.base import Gateway
from tests.gateways.models import model, unique
from tests.gateways.registry import on_gateways

pytestmark = on_gateways("embedded", wires={"grpc", "rest"})


@pytest.fixture(params=["pyzeebe's own channel", "native channel", "over REST"])
async def channel(request: pytest.FixtureRequest, gateway: Gateway) -> AsyncIterator[Any]:
    if request.param == "over REST":
        opened: Any = bridge.aio_channel(gateway.rest_address)
    elif request.param == "native channel":
        opened = camunda_grpc.aio_channel(gateway.grpc_address)
    else:
        opened = create_insecure_channel(grpc_address=gateway.grpc_address)
    yield opened
    await opened.close()


class Names:
    def __init__(self, folder: Path) -> None:
        self.process, self.charge, self.ship = unique("order"), unique("charge"), unique("ship")
        self.file = folder / "order.bpmn"
        self.file.write_bytes(model("order", process=self.process, charge=self.charge, ship=self.ship))


@pytest.fixture
def names(tmp_path: Path) -> Names:
    return Names(tmp_path)


async def test_every_method_of_the_client_works(channel: Any, names: Names, gateway: Gateway) -> None:
    client = ZeebeClient(channel)
    assert (await client.topology()).gateway_version == gateway.version
    assert (await client.healthcheck()).status == 1
    deployed = await client.deploy_resource(str(names.file))
    assert deployed.deployments[0].bpmn_process_id == names.process
    created = await client.run_process(names.process, {"total": 5})
    assert created.bpmn_process_id == names.process
    await client.cancel_process_instance(created.process_instance_key)
    with pytest.raises(ProcessInstanceNotFoundError):
        await client.cancel_process_instance(created.process_instance_key)
    with pytest.raises(ProcessDefinitionNotFoundError):
        await client.run_process(unique("unknown"))
    message = unique("message")
    assert (await client.publish_message(message, "k", message_id="1")).key > 0
    with pytest.raises(MessageAlreadyExistsError):
        await client.publish_message(message, "k", message_id="1")
    await client.broadcast_signal(unique("signal"), {"a": 1})
    names.file.write_bytes(b"<nonsense/>")
    with pytest.raises(ProcessInvalidError):
        await client.deploy_resource(str(names.file))


@pytest.mark.parametrize("streaming", [False, True], ids=["polling", "streaming"])
async def test_a_worker_works_off_its_jobs(channel: Any, names: Names, streaming: bool) -> None:
    client = ZeebeClient(channel)
    await client.deploy_resource(str(names.file))
    worker = ZeebeWorker(channel, stream_enabled=streaming)
    seen: list[str] = []

    @worker.task(task_type=names.charge)
    async def charge(total: int) -> dict[str, Any]:
        seen.append(f"charge {total}")
        if total == 13:
            raise ValueError("unlucky")
        return {"paid": total}

    @worker.task(task_type=names.ship, single_value=True, variable_name="shipped")
    def ship(paid: int) -> bool:
        seen.append(f"ship {paid}")
        return True

    working = asyncio.ensure_future(worker.work())
    try:
        answers = await asyncio.gather(
            *(client.run_process_with_result(names.process, {"total": n}, timeout=20_000) for n in range(5))
        )
        assert [answer.variables["paid"] for answer in answers] == list(range(5))
        assert all(answer.variables["shipped"] for answer in answers)
        await client.run_process(names.process, {"total": 13})
        for _ in range(400):  # failed with retries left, so it comes back
            if seen.count("charge 13") >= 2:
                break
            await asyncio.sleep(0.05)
        assert seen.count("charge 13") >= 2
        assert {f"ship {n}" for n in range(5)} <= set(seen)
    finally:
        await worker.stop()
        await asyncio.wait([working], timeout=20)
