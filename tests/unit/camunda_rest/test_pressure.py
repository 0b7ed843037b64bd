"""Back-pressure over REST: a limit that falls with refusals, rises with what is taken, and never holds long polls back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

import bridge
from camunda_core.errors import (
    CamundaError,
    DeadlineExceeded,
    NotFound,
    Problem,
    ResourceExhausted,
    Unavailable,
)
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_rest import AsyncRestClient, RestClient, operations
from camunda_rest._aio_pressure import AsyncGate
from camunda_rest._encoding import JsonText
from camunda_rest._pressure import EXEMPT, Gate, Pressure, Window, is_held, is_refusal
from tests.fakes.rest import Exchange, RestServer, answer, problem
from tests.unit.camunda_rest.api.contract import OPERATIONS
from tests.unit.camunda_rest.api.sides import SIDES, awaited, opened

#: An end that says nothing of capacity: the limit stays.
OTHER = NotFound("no", problem=Problem(status=404))
REFUSED = ResourceExhausted("slowly", problem=Problem(status=429))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def window(clock: Clock) -> Window:
    return Window(clock)


def test_without_refusals_there_is_no_limit() -> None:
    made = window(Clock())

    assert all(made.enters() for _ in range(1000))
    assert made.state == Pressure(None, 1000, 0, 0)


def test_a_refusal_cuts_the_limit_below_what_was_under_way_once() -> None:
    clock = Clock()
    made = window(clock)
    for _ in range(10):
        made.enters()
    clock.now += 1
    for _ in range(10):
        made.left(100.0, REFUSED)  # all of them were under way when the limit fell

    assert made.state == Pressure(7, 0, 0, 10)


def test_the_limit_rises_by_one_for_each_round_that_is_taken() -> None:
    clock = Clock()
    made = window(clock)
    for _ in range(10):
        made.enters()
    made.left(101.0, REFUSED)
    for _ in range(9):
        made.left(101.0, None)

    assert made.state.limit == 8


def test_the_limit_never_falls_below_one() -> None:
    clock = Clock()
    made = window(clock)
    for _ in range(20):
        clock.now += 1
        assert made.enters()
        made.left(clock.now, REFUSED)
        clock.now += 1

    assert made.state.limit == 1


def test_other_errors_say_nothing_of_the_gateways_capacity() -> None:
    made = window(Clock())
    made.enters()
    made.left(101.0, NotFound("no", problem=Problem(status=404)))
    made.enters()
    made.left(101.0, Unavailable("no leader", problem=Problem(status=503)))

    assert made.state == Pressure()


def test_a_limit_is_forgotten_when_it_has_been_quiet() -> None:
    clock = Clock()
    made = window(clock)
    made.enters()
    made.left(101.0, REFUSED)
    assert made.state.limit == 1
    clock.now += 31
    made.enters()

    assert made.state.limit is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (REFUSED, True),
        (ResourceExhausted("busy", problem=Problem(status=503)), True),
        (ResourceExhausted("too large", problem=Problem(status=413)), False),
        (ResourceExhausted("the answer is larger than max_message_size"), False),
        (NotFound("no", problem=Problem(status=404)), False),
        (KeyboardInterrupt(), False),
    ],
)
def test_a_refusal_is_for_want_of_capacity(error: BaseException, expected: bool) -> None:
    assert is_refusal(error) == expected


@pytest.mark.parametrize(
    ("operation", "body", "expected"),
    [
        (operations.ACTIVATE_JOBS, {"type": "a"}, False),
        (operations.CREATE_PROCESS_INSTANCE, {"awaitCompletion": True}, False),
        (operations.CREATE_PROCESS_INSTANCE, {"processDefinitionId": "a"}, True),
        (operations.CREATE_PROCESS_INSTANCE, JsonText(b"{}"), False),
        (operations.COMPLETE_JOB, {}, False),
        (operations.PUBLISH_MESSAGE, {}, True),
    ],
)
def test_long_polls_and_what_the_gateway_does_not_count_are_not_held_back(
    operation: operations.Operation, body: Any, expected: bool
) -> None:
    assert is_held(operation, body) == expected


def test_what_the_gateway_does_not_count_is_what_the_contract_says() -> None:
    assert {name for name, facts in OPERATIONS.items() if facts.get("backpressure_exempt")} == EXEMPT


# The gates


def narrowed(gate: Gate | AsyncGate) -> None:
    """A gate with one place, which is taken."""
    gate._window.enters()
    gate._window.left(1e18, REFUSED)
    gate._window._cut_at = 1e18
    gate._window.enters()


def test_threads_wait_for_their_turn_in_order() -> None:
    gate = Gate()
    narrowed(gate)
    came: list[int] = []
    threads = []
    for number in range(3):
        threads.append(
            threading.Thread(
                target=lambda number=number: (gate.enter(20), came.append(number), gate.leave(0, OTHER))
            )
        )
        threads[-1].start()
        until(lambda number=number: gate.state.waiting == number + 1)
    assert came == []
    gate.leave(0, OTHER)
    for thread in threads:
        thread.join(20)

    assert came == [0, 1, 2]
    assert gate.state.running == gate.state.waiting == 0


def until(condition: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(2000):
        if condition():
            return
        waiting.wait(0.005)
    raise AssertionError("it did not come to that")


def test_a_thread_whose_turn_does_not_come_gives_up_its_place_in_the_queue() -> None:
    gate = Gate()
    narrowed(gate)

    assert gate.enter(0.01) is None
    assert gate.state.waiting == 0
    gate.leave(0, OTHER)
    assert gate.enter(0.01) is not None


async def test_tasks_wait_for_their_turn_and_can_be_cancelled() -> None:
    gate = AsyncGate()
    narrowed(gate)
    first, second = asyncio.create_task(gate.enter(20)), asyncio.create_task(gate.enter(20))
    await asyncio.sleep(0)
    assert gate.state.waiting == 2
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert gate.state.waiting == 1
    gate.leave(0, OTHER)

    assert await second is not None
    assert gate.state == Pressure(1, 1, 0, 1)


async def test_a_task_that_is_cancelled_when_its_turn_has_come_gives_it_on() -> None:
    gate = AsyncGate()
    narrowed(gate)
    first, second = asyncio.create_task(gate.enter(20)), asyncio.create_task(gate.enter(20))
    await asyncio.sleep(0)
    gate.leave(0, OTHER)  # the turn of the first, which does not get to know it
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)

    assert await asyncio.wait_for(second, 5) is not None
    assert gate.state.running == 1


async def test_a_task_whose_turn_does_not_come_gives_up_its_place_in_the_queue() -> None:
    gate = AsyncGate()
    narrowed(gate)

    assert await gate.enter(0.01) is None
    assert gate.state.waiting == 0


# The clients


@pytest.mark.parametrize("side", SIDES)
def test_refusals_show_in_the_pressure_and_are_repeated_as_ever(server: RestServer, side: str) -> None:
    server.script(
        problem(429, "RESOURCE_EXHAUSTED"),
        problem(503, "RESOURCE_EXHAUSTED"),
        answer(200, {"userTaskKey": "7"}),
    )
    with opened(side, server.address, retry=RetryPolicy(max_attempts=5, initial_delay=0.001)) as client:
        assert client.pressure == Pressure()
        assert client.get_user_task(7).user_task_key == "7"
        assert (client.pressure.limit, client.pressure.running, client.pressure.refusals) == (2, 0, 2)


@pytest.mark.parametrize("side", SIDES)
def test_it_can_be_switched_off(server: RestServer, side: str) -> None:
    server.script(problem(429, "RESOURCE_EXHAUSTED"))
    with opened(side, server.address, retry=NO_RETRY, backpressure=False) as client:
        with pytest.raises(ResourceExhausted):
            client.get_user_task(7)
        assert client.pressure == Pressure()


@pytest.mark.parametrize("side", SIDES)
def test_a_call_waits_for_its_turn_within_its_time_limit_and_says_why(server: RestServer, side: str) -> None:
    server.script(answer(200, {"jobs": [], "userTaskKey": "7"}))
    with opened(side, server.address, retry=NO_RETRY) as client:
        inner = client if isinstance(client, RestClient) else client._inner
        narrowed(inner._gate)
        with pytest.raises(
            DeadlineExceeded, match=r"its turn did not come within 0\.05 s, since the gateway refuses"
        ) as caught:
            client.get_user_task(7, timeout=0.05)
        assert not caught.value.sent
        assert server.requests == []
        assert client.activate_jobs("a", max_jobs_to_activate=1) == []
        assert client.complete_job(7) is None
        assert client.complete_user_task(7) is None
        assert len(server.requests) == 3


@pytest.mark.parametrize("side", SIDES)
def test_the_clients_of_the_bridge_show_it(server: RestServer, side: str) -> None:
    server.script(problem(429, "RESOURCE_EXHAUSTED"))
    more: dict[str, Any] = {"rest_address": server.address, "retry": NO_RETRY}
    client: Any = bridge.Client(**more) if side == "blocking" else awaited(bridge.AsyncClient(**more))
    with client:
        for call in (client.topology, lambda: client.get_user_task(7)):
            with pytest.raises(ResourceExhausted):
                call()
        assert client.pressure.refusals == 2


def test_a_crowd_settles_below_what_the_gateway_takes(server: RestServer) -> None:
    busy = threading.Semaphore(4)
    refusals: list[int] = []

    def narrow(exchange: Exchange) -> bool:
        if not busy.acquire(blocking=False):
            refusals.append(1)
            return problem(429, "RESOURCE_EXHAUSTED")(exchange)
        try:
            exchange.stopped.wait(0.005)
            return answer(200, {"userTaskKey": "7"})(exchange)
        finally:
            busy.release()

    server.script(narrow)
    policy = RetryPolicy(max_attempts=100, initial_delay=0.001, max_delay=0.01)
    done: list[Any] = []
    failed: list[CamundaError] = []
    with RestClient(server.address, retry=policy, timeout=60) as client:

        def work() -> None:
            for _ in range(10):
                try:
                    done.append(client.get_user_task(7))
                except CamundaError as error:
                    failed.append(error)

        crowd = [threading.Thread(target=work) for _ in range(16)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join(60)
        state = client.pressure

    assert (len(done), failed) == (160, [])
    assert refusals
    assert (state.running, state.waiting) == (0, 0)
    assert state.refusals == len(refusals) < 160


async def test_the_wire_of_a_worker_has_a_limit_of_its_own(server: RestServer) -> None:
    async with AsyncRestClient(server.address) as client:
        wire = client.job_wire()
        assert wire._client._gate is None
        await wire.close()
