"""Tasks that are cancelled while they wait: asyncio alone, since no thread can be."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import bridge
from bridge._doors.aio_waiting import Background, Reader
from camunda_core.errors import Cancelled
from camunda_core.retry import NO_RETRY
from camunda_grpc import gateway_pb2 as pb
from tests.fakes.grpc import Answer, ScriptedGateway, Stall
from tests.fakes.rest_jobs import JobGateway
from tests.unit.bridge._doors.aio_side import until

WAIT = 10


@pytest.fixture
def native() -> Iterator[ScriptedGateway]:
    made = ScriptedGateway()
    yield made
    made.release()
    made.stop()


def _job(key: int) -> pb.ActivatedJob:
    return pb.ActivatedJob(key=key, type="work")


CALLS: dict[str, Callable[[bridge.AsyncClient], Any]] = {
    "PublishMessage": lambda client: client.publish_message("paid", correlation_key="7", timeout=60),
    "ActivateJobs": lambda client: client.activate_jobs("t", max_jobs_to_activate=1),
}


@pytest.mark.parametrize("rpc", CALLS)
async def test_over_grpc_a_task_that_is_cancelled_is_cancelled(native: ScriptedGateway, rpc: str) -> None:
    native.script[rpc] = [Stall()]
    async with bridge.AsyncClient(grpc_address=native.address) as client:
        task = asyncio.ensure_future(CALLS[rpc](client))
        await until(lambda: native.count(rpc) > 0, "the call")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_over_grpc_what_came_for_a_cancelled_activation_is_given_back(native: ScriptedGateway) -> None:
    begun = threading.Event()
    native.script["ActivateJobs"] = [
        Stall(messages=(pb.ActivateJobsResponse(jobs=[_job(5), _job(6)]),), then=begun.set)
    ]
    async with bridge.AsyncClient(grpc_address=native.address) as client:
        task = asyncio.ensure_future(client.activate_jobs("t", max_jobs_to_activate=2))
        await until(begun.is_set, "jobs come")
        for _ in range(5):  # what came before their answers on the same connection has come, and is read
            await client.complete_job(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert sorted(each.request.jobKey for each in native.calls if each.rpc == "FailJob") == [5, 6]


async def test_over_rest_the_poll_of_a_cancelled_task_ends_by_itself_and_its_jobs_go_back() -> None:
    with JobGateway() as gateway:
        async with bridge.AsyncClient(rest_address=gateway.address) as client:
            task = asyncio.ensure_future(client.activate_jobs("work", max_jobs_to_activate=1))
            await until(lambda: bool(gateway.activations), "it polls")
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            gateway.add(1)
        assert [each["key"] for each in gateway.returned] == ["1"]
        assert not gateway.locked


async def test_a_reader_of_a_stream_that_gives_up_waiting_does_not_end_it(native: ScriptedGateway) -> None:
    opened = threading.Event()
    native.script["StreamActivatedJobs"] = [Stall(then=opened.set)]
    async with (
        bridge.AsyncClient(grpc_address=native.address, retry=NO_RETRY) as client,
        client.stream_activated_jobs("work") as jobs,
    ):
        await until(opened.is_set, "the stream opens")
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(anext(jobs), 0.05)
        native.script["StreamActivatedJobs"] = [Answer((_job(5),))]
        native.release()
        assert (await asyncio.wait_for(anext(jobs), WAIT)).job_key == "5"


async def test_a_job_that_arrives_for_a_reader_that_has_left_is_given_back(native: ScriptedGateway) -> None:
    native.script["StreamActivatedJobs"] = [Stall(messages=(_job(5),))]
    async with bridge.AsyncClient(grpc_address=native.address) as client:
        jobs = client.stream_activated_jobs("work")
        reading = asyncio.ensure_future(anext(jobs))
        await asyncio.sleep(0)
        reading.cancel()
        inner: Any = jobs._stream
        await asyncio.wait_for(asyncio.wait({inner._reader._reading}), WAIT)
        await jobs.aclose()
    assert [each.request.jobKey for each in native.calls if each.rpc == "FailJob"] == [5]


# What the doors wait with


async def _waiting(work: Any) -> asyncio.Task[Any]:
    task = asyncio.ensure_future(work)
    for _ in range(3):
        await asyncio.sleep(0)
    return task


async def test_what_is_read_for_a_cancelled_task_is_for_the_next() -> None:
    reader: Reader[str] = Reader()
    came: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def read() -> str:
        return await came

    waiting = await _waiting(reader.next(read))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    came.set_result("a job")
    assert await asyncio.wait_for(reader.next(read), WAIT) == "a job"


async def test_a_reader_that_is_stopped_gives_what_came_and_nobody_took() -> None:
    reader: Reader[str] = Reader()

    async def read() -> str:
        return "a job"

    waiting = await _waiting(reader.next(read))
    assert await waiting == "a job"
    waiting = asyncio.ensure_future(reader.next(read))
    await asyncio.sleep(0)
    waiting.cancel()
    for _ in range(3):
        await asyncio.sleep(0)
    assert reader.stop() == ["a job"]
    assert reader.stop() == []


@pytest.mark.parametrize("turns", range(6))
async def test_what_ends_in_the_turn_of_its_callers_cancelling_is_handed_over_once(turns: int) -> None:
    background = Background()
    left: list[str] = []

    async def work() -> str:
        await asyncio.sleep(0)
        return "a job"

    async def give_back(what: str) -> None:
        left.append(what)

    caller = asyncio.ensure_future(background.finish(work, give_back, "poll"))
    for _ in range(turns):
        await asyncio.sleep(0)
    was_done = caller.done()
    caller.cancel()
    await asyncio.wait({caller})
    await background.wait(WAIT)
    if caller.cancelled():
        began = turns > 0  # a task that is cancelled before its first turn does nothing
        assert left == (["a job"] if began else [])
    else:
        assert was_done
        assert (caller.result(), left) == ("a job", [])


async def test_who_waits_for_what_closing_gave_up_is_not_cancelled_but_told() -> None:
    background = Background()

    async def nothing(_: Any) -> None:
        raise AssertionError("there is no result")

    caller = await _waiting(background.finish(asyncio.Event().wait, nothing, "poll"))
    background.close()
    await background.wait(0.01)
    with pytest.raises(Cancelled, match="the channel is closed"):
        await asyncio.wait_for(caller, WAIT)
