"""What a worker talks through, on real gateways: the same jobs, answers and rejections on both wires."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

import bridge
from camunda_core import errors
from camunda_core.errors import CamundaError
from camunda_core.jobs import ActivatedJob, JobRequest, JobWire
from camunda_core.retry import NO_RETRY
from tests.gateways.base import FLOW_CONTROL, GRPC, REAL_GATEWAY, REST, Gateway
from tests.gateways.models import filename, model, unique
from tests.gateways.registry import on_gateways

UNKNOWN = ActivatedJob(job_key=str(2**51 + 10**12), retries=1)
PATIENCE = 20.0
LIMIT = 15.0  # seconds for one call


class Stand:
    """A wire, and the client beside it that starts what there is to work on."""

    def __init__(self, client: bridge.AsyncClient, wire: JobWire) -> None:
        self.client = client
        self.wire = wire

    async def deploy(self, name: str, **ids: str) -> None:
        await self.client.deploy_resource((filename(name), model(name, **ids)))

    async def jobs(self, job_type: str, count: int = 1, **more: Any) -> list[ActivatedJob]:
        """So many jobs, waited for, in the order of their keys."""
        found: list[ActivatedJob] = []
        until = time.monotonic() + PATIENCE
        while len(found) < count:
            assert time.monotonic() < until, f"{len(found)} of {count} jobs of {job_type} came"
            request = JobRequest(job_type, "suite", 60.0, **more)
            found += await self.wire.activate(request, count - len(found), wait=1.0, timeout=LIMIT)
        return sorted(found, key=lambda job: int(job.job_key))


@asynccontextmanager
async def stand(gateway: Gateway, wire: str) -> AsyncIterator[Stand]:
    addresses = {f"{wire}_address": getattr(gateway, f"{wire}_address")}
    async with bridge.AsyncClient(**addresses, transport=wire, retry=NO_RETRY) as client:  # type: ignore[arg-type]
        made = client.job_wire()
        try:
            yield Stand(client, made.of(""))
        finally:
            await made.close()


async def refused(call: Awaitable[Any]) -> str:
    """The meaning that a call is refused with."""
    with pytest.raises(CamundaError) as caught:
        await call
    assert caught.value.answered
    return next(cls.__name__ for cls in type(caught.value).__mro__ if cls.__module__ == errors.__name__)


def told(job: ActivatedJob) -> dict[str, Any]:
    """What a job says, without what is different each time."""
    said = {each.name: getattr(job, each.name) for each in dataclasses.fields(job) if each.compare}
    assert abs(said.pop("deadline") - time.time()) < 3600 * 24 * 365
    return {name: "key" if name.endswith("_key") and value else value for name, value in said.items()}


async def story(at: Stand, job_type: str, process: str, handler: str) -> list[Any]:
    """A job's whole life, and everything that can be refused."""
    wire, said = at.wire, list[Any]()
    for number in range(3):
        await at.client.create_process_instance(
            process, variables={"number": number, "ü": [None, 2**60, 0.5]}
        )
    one, two, three = await at.jobs(job_type, 3)
    said += [told(one), told(two), told(three)]
    assert await wire.activate(JobRequest(job_type, "suite", 60.0), 1, wait=0, timeout=LIMIT) == []

    await wire.extend(one, 90.0, timeout=LIMIT)
    await wire.fail(one, retries=2, message="no", backoff=0, variables='{"why": "full"}', timeout=LIMIT)
    (again,) = await at.jobs(job_type, fetch_variables=("why", "number"))
    said.append(told(again))
    assert (again.job_key, again.retries) == (one.job_key, 2)
    await wire.complete(again, '{"done": true, "big": 9007199254740993, "text": "\\u00e4\\n"}', timeout=LIMIT)

    await wire.throw_error(two, code="refused", message="m", variables='{"thrown": [1.50]}', timeout=LIMIT)
    (handling,) = await at.jobs(handler)
    said.append(told(handling))
    await wire.complete(handling, "", timeout=LIMIT)

    await wire.fail(three, retries=0, message="over", backoff=1, variables="", timeout=LIMIT)
    for job in (again, UNKNOWN):
        said.append(await refused(wire.complete(job, "", timeout=LIMIT)))
        failing = wire.fail(job, retries=1, message="", backoff=0, variables="", timeout=LIMIT)
        said.append(await refused(failing))
        throwing = wire.throw_error(job, code="refused", message="", variables="", timeout=LIMIT)
        said.append(await refused(throwing))
        said.append(await refused(wire.extend(job, 5, timeout=LIMIT)))
    said.append(await refused(wire.complete(three, "", timeout=LIMIT)))
    said.append(await refused(wire.complete(UNKNOWN, "[1]", timeout=LIMIT)))
    empty = JobRequest("", "suite", 60.0)
    said.append(await refused(wire.activate(empty, 1, wait=0, timeout=LIMIT)))
    return said


@on_gateways(wires={GRPC, REST})
async def test_both_wires_tell_the_same_story(gateway: Gateway) -> None:
    tales = {}
    for name in (GRPC, REST):
        async with stand(gateway, name) as at:
            process, job_type, handler = unique("process"), unique("job"), unique("handler")
            await at.deploy("error", process=process, job=job_type, handler=handler, error="refused")
            tale = await story(at, job_type, process, handler)
        ids = {process: "process", job_type: "job", handler: "handler"}
        tales[name] = [_named(each, ids) for each in tale]
    assert tales[REST] == tales[GRPC]


def _named(said: Any, ids: dict[str, str]) -> Any:
    if isinstance(said, dict):
        return {name: _named(value, ids) for name, value in said.items()}
    return ids.get(said, said) if isinstance(said, str) else said


@on_gateways()
async def test_a_job_is_the_one_that_the_client_gives(gateway: Gateway) -> None:
    for name in sorted(gateway.wires):
        async with stand(gateway, name) as at:
            process, charge = unique("process"), unique("charge")
            await at.deploy("order", process=process, charge=charge, ship="ship")
            await at.client.create_process_instance(process, variables={"a": [1, {"b": None}]})
            (job,) = await at.jobs(charge)
            await at.wire.fail(job, retries=job.retries, message="", backoff=0, variables="", timeout=LIMIT)
            (same,) = await at.client.activate_jobs(
                charge, max_jobs_to_activate=1, worker="suite", job_timeout=60, request_timeout=5
            )
            assert dataclasses.replace(same, deadline=0) == dataclasses.replace(job, deadline=0)


@on_gateways(features={REAL_GATEWAY})
async def test_a_long_poll_brings_the_job_that_comes_meanwhile(gateway: Gateway) -> None:
    for name in sorted(gateway.wires):
        async with stand(gateway, name) as at:
            process, charge = unique("process"), unique("charge")
            await at.deploy("order", process=process, charge=charge, ship="ship")
            request = JobRequest(charge, "suite", 60.0)
            polling = asyncio.ensure_future(at.wire.activate(request, 5, wait=10, timeout=LIMIT))
            await asyncio.sleep(0.3)
            await at.client.create_process_instance(process)
            (job,) = await polling
            await at.wire.complete(job, "", timeout=LIMIT)


@on_gateways(features={REAL_GATEWAY}, wires={GRPC})
async def test_a_poll_that_is_cancelled_over_grpc_takes_no_job(gateway: Gateway) -> None:
    async with stand(gateway, GRPC) as at:
        process, charge = unique("process"), unique("charge")
        await at.deploy("order", process=process, charge=charge, ship="ship")
        request = JobRequest(charge, "suite", 600.0)
        polls = [
            asyncio.ensure_future(at.wire.activate(request, 5, wait=10, timeout=LIMIT)) for _ in range(3)
        ]
        await asyncio.sleep(0.5)
        for poll in polls:
            poll.cancel()
        await asyncio.wait(polls)
        await asyncio.sleep(0.3)
        await at.client.create_process_instance(process)
        assert len(await at.jobs(charge)) == 1


@on_gateways(wires={REST})
async def test_a_poll_that_is_cancelled_over_rest_gives_its_jobs_back(gateway: Gateway) -> None:
    async with stand(gateway, REST) as at:
        process, charge = unique("process"), unique("charge")
        await at.deploy("order", process=process, charge=charge, ship="ship")
        request = JobRequest(charge, "suite", 600.0)
        polling = asyncio.ensure_future(at.wire.activate(request, 5, wait=5, timeout=LIMIT))
        await asyncio.sleep(0.5)
        polling.cancel()
        await asyncio.wait({polling})
        await at.client.create_process_instance(process)
        (job,) = await at.jobs(charge)
        assert job.retries == 3


@on_gateways(wires={GRPC})
async def test_a_stream_brings_jobs_as_they_come(gateway: Gateway) -> None:
    # No gateway of the product wants the default tenant to be named.
    tenants = () if REAL_GATEWAY in gateway.features else ("<default>",)
    async with stand(gateway, GRPC) as at:
        process, charge = unique("process"), unique("charge")
        await at.deploy("order", process=process, charge=charge, ship="ship")
        feed = await at.wire.stream(JobRequest(charge, "suite", 60.0, tenant_ids=tenants))
        reading = asyncio.ensure_future(feed.read())
        await asyncio.to_thread(gateway.wait_for_stream, charge)
        for number in range(3):
            await at.client.create_process_instance(process, variables={"number": number})
        found = [await asyncio.wait_for(reading, PATIENCE)]
        found += [await asyncio.wait_for(feed.read(), PATIENCE) for _ in range(2)]
        assert sorted(job.variables["number"] for job in found) == [0, 1, 2]
        for job in found:
            assert job.worker == "suite"
            await at.wire.complete(job, "", timeout=LIMIT)
        last = asyncio.ensure_future(feed.read())
        await asyncio.sleep(0.1)
        feed.cancel()
        with pytest.raises(errors.Cancelled):
            await last


@on_gateways("recorded", "container", wires={GRPC, REST}, features={FLOW_CONTROL})
async def test_back_pressure_is_resource_exhausted_on_both_wires(gateway: Gateway) -> None:
    limited: Any = gateway
    for name in (GRPC, REST):
        async with stand(gateway, name) as at:
            wire, request = at.wire, JobRequest(unique("nothing"), "suite", 60.0)
            calls: list[Callable[[], Awaitable[Any]]] = [
                lambda wire=wire, request=request: wire.activate(request, 1, wait=0, timeout=LIMIT),  # type: ignore[misc]
                lambda wire=wire: wire.complete(UNKNOWN, "", timeout=LIMIT),  # type: ignore[misc]
                lambda wire=wire: wire.fail(  # type: ignore[misc]
                    UNKNOWN, retries=1, message="", backoff=0, variables="", timeout=LIMIT
                ),
                lambda wire=wire: wire.extend(UNKNOWN, 5, timeout=LIMIT),  # type: ignore[misc]
            ]
            with limited.limited(writes_per_second=1):
                for call in calls:
                    assert await _until_exhausted(call), f"{name} never felt back-pressure"


async def _until_exhausted(call: Callable[[], Awaitable[Any]]) -> bool:
    for _ in range(200):
        try:
            await call()
        except errors.ResourceExhausted as error:
            return error.answered
        except CamundaError:
            continue
    return False
