"""Whatever a handler, its result, its middleware, the encoder or the wire does: a job has one answer, and it has it."""

from __future__ import annotations

import asyncio
import datetime
import random
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from camunda_core.errors import (
    Aborted,
    CamundaError,
    DeadlineExceeded,
    Internal,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
    Unimplemented,
    Unknown,
)
from camunda_worker import BpmnError, Job, JobFailure, Worker
from tests.fakes.job_wire import MemoryWire, until

pytestmark = pytest.mark.usefixtures("both_ways")


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


class Bottomless(BaseException):
    pass


class Deadly(Exception):
    """Even asking for its text raises what would end a program."""

    def __str__(self) -> str:
        raise SystemExit("no text")

    __repr__ = __str__


circle: dict[str, Any] = {}
circle["circle"] = circle

RESULTS: dict[str, Any] = {
    "nothing": None,
    "object": {"a": 1},
    "date": {"at": datetime.datetime(2026, 1, 2)},
    "decimal": {"amount": Decimal("1.10")},
    "nan": {"x": float("nan")},
    "infinity": {"x": [float("-inf")]},
    "set": {"x": {1, 2}},
    "huge": {"x": 10**40},
    "circle": circle,
    "list": [1, 2],
    "text": "done",
    "number": 7,
    "keys": {1: 2},
    "object()": {"x": object()},
    "surrogate": {"x": "\ud800"},
    "class": Unprintable,
}
RAISED: dict[str, BaseException] = {
    "exception": ValueError("no"),
    "base exception": Bottomless("deep"),
    "exit": SystemExit(3),
    "interrupt": KeyboardInterrupt(),
    "cancelled": asyncio.CancelledError("by itself"),
    "unprintable": Unprintable(),
    "deadly": Deadly(),
    "generator exit": GeneratorExit(),
    "recursion": RecursionError("deep"),
    "long": ValueError("x" * 50_000),
    "bpmn": BpmnError("CODE", "text", variables={"x": 1}),
    "bpmn without a code": BpmnError(""),
    "bpmn with a number": BpmnError(5),  # type: ignore[arg-type]
    "bpmn with bad variables": BpmnError("CODE", variables={"x": object()}),
    "failure": JobFailure("no", retries=1, backoff=3, variables={"x": 1}),
    "failure with bad numbers": JobFailure("no", retries="many", backoff=float("nan")),  # type: ignore[arg-type]
    "failure with bad variables": JobFailure("no", variables=[1]),
    "failure with half a pair": JobFailure("\ud800 and " * 2000),
    "failure with huge numbers": JobFailure("no", retries=10**30, backoff=1e30),
    "bpmn with half a pair": BpmnError("CODE", "\ud800"),
    "failure without retries": JobFailure("no", retries=-4),
}
FAULTS = (
    None,
    Unavailable("not sent", sent=False),
    Unavailable("lost", answered=False),
    Unavailable("said"),
    DeadlineExceeded("lost", answered=False),
    Internal("said"),
    Unknown("said"),
    ResourceExhausted("too much"),
    Unauthenticated("said"),
    PermissionDenied("said"),
    Unimplemented("a proxy's 404"),
    Aborted("lost", answered=False),
    InvalidArgument("will not have it"),
)

PLACES = ("handler", "by hand", "by hand unawaited", "middleware", "thread", "inner middleware")
ACTS = [("return", name) for name in RESULTS] + [("raise", name) for name in RAISED]


@dataclass
class Mishap:
    """What befalls one job: what is done where, and which faults its answers meet."""

    place: str = "handler"
    act: tuple[str, str] = ("return", "object")
    faults: list[CamundaError | None] = field(default_factory=list)

    def perform(self) -> Any:
        kind, name = self.act
        if kind == "raise":
            raise RAISED[name]
        return RESULTS[name]


async def answered(mishaps: list[Mishap]) -> tuple[MemoryWire, Worker]:
    """A job for each mishap, and a worker at work until nothing is left to be answered."""

    def fault(call: str, key: str) -> CamundaError | None:
        left = mishaps[int(key)].faults if key and call != "extend" else []
        return left.pop(0) if left else None

    wire = MemoryWire(fault)

    async def middleware(job: Job, go_on: Any) -> Any:
        mishap = mishaps[int(job.key)]
        result = await go_on(job)
        return mishap.perform() if mishap.place == "middleware" else result

    worker = Worker(wire, grace=2, middleware=[middleware])

    @worker.task("thread", timeout=20)
    def in_thread(job: Job) -> Any:
        return mishaps[int(job.key)].perform()

    @worker.task("loop", timeout=20)
    async def in_loop(job: Job) -> Any:
        mishap = mishaps[int(job.key)]
        if mishap.place.startswith("by hand"):
            answer = job.complete(RESULTS[mishap.act[1]] if mishap.act[0] == "return" else {"by": "hand"})
            if mishap.place == "by hand":
                await answer
        return None if mishap.place == "middleware" else mishap.perform()

    for key, mishap in enumerate(mishaps):
        wire.put(key, type="thread" if mishap.place == "thread" else "loop")
    work = asyncio.create_task(worker.work())
    try:
        for _ in range(8000):
            if not wire.locked and not wire.waiting:
                break
            assert not work.done(), work
            await asyncio.sleep(0.005)
    finally:
        worker.stop(0.5)
        await asyncio.wait_for(work, 10)
    return wire, worker


def random_faults(rng: random.Random) -> list[CamundaError | None]:
    faults: list[CamundaError | None] = []
    for _ in range(rng.randrange(5)):
        fault = rng.choice(FAULTS)
        # What a gateway refuses is the result, or the text of a failure: not an answer that has neither.
        if not isinstance(fault, InvalidArgument) or fault not in faults:
            faults.append(fault)
    return faults


@pytest.mark.parametrize("seed", range(4))
async def test_a_job_has_exactly_one_answer(seed: int) -> None:
    rng = random.Random(seed)
    mishaps = [Mishap(place, act, random_faults(rng) if seed else []) for place in PLACES for act in ACTS]
    planned = [(each.place, each.act, list(each.faults)) for each in mishaps]
    wire, _ = await answered(mishaps)
    answers = Counter(key for _, key in wire.executed.elements())
    wrong = [(planned[int(key)], answers[str(key)]) for key in range(len(mishaps)) if answers[str(key)] != 1]
    assert not wrong
    for (call, key), said in ((each, wire.last[each[1]]) for each in wire.executed):
        if call == "fail":
            assert 0 <= said["retries"] <= 2**31 - 1, planned[int(key)]
            said["message"].encode()
            assert len(said["message"]) <= 10_000


async def test_a_lost_answer_is_not_repeated_as_a_failure() -> None:
    wire, worker = await answered([Mishap(faults=[Unavailable("lost", answered=False)])])
    assert wire.executed == {("complete", "0"): 1}
    assert worker.counts.of("loop")["completed"] == 1
    assert worker.counts.of("loop")["repeated_answers"] == 1


async def test_the_end_of_a_long_traceback_survives() -> None:
    wire, _ = await answered([Mishap(act=("raise", "long"))])
    message = wire.last["0"]["message"]
    assert len(message) == 10_000
    assert message.endswith("x" * 100)


async def test_first_answers_that_fail_in_transit_are_sent_again() -> None:
    rng = random.Random(7)
    faults = [each for each in FAULTS if each is not None and not isinstance(each, InvalidArgument)]
    wire, worker = await answered(
        [Mishap(faults=rng.choices(faults, k=rng.randrange(4))) for _ in range(200)]
    )
    assert wire.executed == {("complete", str(number)): 1 for number in range(200)}
    assert worker.counts.of("loop")["failed"] == 0


@pytest.mark.parametrize("answer", ["complete", "fail", "throw"])
@pytest.mark.parametrize("by_hand", [False, True])
async def test_an_answer_that_finds_no_job_at_its_first_attempt_is_lost(answer: str, by_hand: bool) -> None:
    wire = MemoryWire(lambda call, key: None if call == "activate" else NotFound("no such job"))
    wire.put(1)
    worker = Worker(wire, grace=0)

    @worker.task("work")
    async def work(job: Job) -> None:
        if by_hand:
            sent = {"complete": job.complete, "fail": job.fail, "throw": lambda: job.throw_error("CODE")}[
                answer
            ]
            with pytest.raises(NotFound):
                await sent()
        elif answer != "complete":
            raise JobFailure("no") if answer == "fail" else BpmnError("CODE")

    working = asyncio.ensure_future(worker.work())
    await until(lambda: worker.counts.of("work")["lost"])
    worker.stop()
    await working
    counts = worker.counts.of("work")
    assert wire.calls["1"] == 1  # and it is not sent again
    assert (counts["lost"], counts["completed"], counts["failed"], counts["error"]) == (1, 0, 0, 0)


@pytest.mark.parametrize("answer", ["complete", "fail", "throw"])
async def test_an_answer_that_finds_no_job_after_one_that_was_lost_has_arrived(answer: str) -> None:
    act = {"complete": ("return", "object"), "fail": ("raise", "failure"), "throw": ("raise", "bpmn")}[answer]
    wire, worker = await answered([Mishap(act=act, faults=[Unavailable("lost", answered=False)])])
    counts = worker.counts.of("loop")
    assert wire.executed == {(answer, "0"): 1}
    assert (counts["lost"], counts["completed"] + counts["failed"] + counts["error"]) == (0, 1)
