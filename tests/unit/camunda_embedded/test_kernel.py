"""The kernel by itself: commands by name, one after the other, and a queue that can be read."""

from __future__ import annotations

from typing import Any

import pytest

from camunda_core.errors import NotFound
from camunda_embedded._engine.command import Command
from camunda_embedded._engine.engine import Engine
from camunda_embedded._engine.files import read_files
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.rejections import reject
from tests.scenarios.engine.models import END, START, flows, process, task


@pytest.fixture
def kernel() -> Kernel:
    return Kernel(lambda: 7)


def written(kernel: Kernel) -> list[tuple[str, str, int, int]]:
    return [(r.record_type, f"{r.value_type} {r.intent}", r.key, r.source) for r in kernel.log]


def test_a_command_is_carried_out_by_whoever_is_registered_for_its_name(kernel: Kernel) -> None:
    seen: list[Command[Any]] = []

    def add(command: Command[int]) -> int:
        seen.append(command)
        return command.value["number"] + command.subject

    kernel.register({"SUM ADD": add})
    assert kernel.execute("SUM", "ADD", 5, {"number": 2}, 3) == 5
    assert (seen[0].key, seen[0].depth) == (5, 0)
    assert written(kernel) == [("COMMAND", "SUM ADD", 5, -1)]


def test_what_follows_is_done_in_the_order_in_which_it_was_sent(kernel: Kernel) -> None:
    done: list[int] = []

    def begin(_: Command[None]) -> None:
        for number in (1, 2, 3):
            kernel.send("A", "GO_ON", number, {})

    def go_on(command: Command[None]) -> None:
        done.append(command.key)
        if command.key == 1:
            kernel.send("A", "GO_ON", 4, {})

    kernel.register({"A BEGIN": begin, "A GO_ON": go_on})
    kernel.execute("A", "BEGIN", 0, {})
    assert done == [1, 2, 3, 4]
    assert [source for *_, source in written(kernel)] == [-1, 1, 1, 1, 1]


def test_a_name_has_one_handler(kernel: Kernel) -> None:
    kernel.register({"A BEGIN": lambda _: None})
    with pytest.raises(ValueError, match="A BEGIN has a handler already"):
        kernel.register({"A BEGIN": lambda _: None})


@pytest.mark.parametrize("intent", ["BEGIN", "LATER"])
def test_a_command_that_nobody_carries_out_is_a_fault_where_it_is_given(kernel: Kernel, intent: str) -> None:
    kernel.register({"A BEGIN": lambda _: kernel.send("A", "LATER", 1, {})})
    with pytest.raises(LookupError, match="LATER"):
        kernel.execute("A", intent, 1, {})
    assert kernel.waiting == []


def test_a_refusal_is_raised_from_outside_and_written_down_from_inside(kernel: Kernel) -> None:
    done: list[str] = []

    def refuse(_: Command[None]) -> None:
        raise reject("incident.missing", key=1)

    def begin(_: Command[None]) -> None:
        kernel.send("A", "REFUSED", 1, {})
        kernel.send("A", "TOLD", 2, {})

    def told(command: Command[None]) -> None:
        kernel.refuse(command, reject("incident.missing", key=2))
        done.append("what follows from the refusal")

    kernel.register({"A BEGIN": begin, "A REFUSED": refuse, "A TOLD": told})
    with pytest.raises(NotFound, match="Command 'REFUSED' rejected with code 'NOT_FOUND'"):
        kernel.execute("A", "REFUSED", 1, {})
    kernel.execute("A", "BEGIN", 0, {})
    refused = [(name, key) for kind, name, key, _ in written(kernel) if kind == "COMMAND_REJECTION"]
    assert refused == [("A REFUSED", 1), ("A REFUSED", 1), ("A TOLD", 2)]
    assert done == ["what follows from the refusal"]


def test_the_queue_can_be_printed_while_work_waits_for_its_turn() -> None:
    engine = Engine(lambda: 0)
    kernel = engine.kernel
    engine.deployments.deploy(
        read_files([("p.bpmn", process("p", START, task("a", "t"), END, flows("s>a>e")).encode())])
    )
    kernel.works.turn = 0  # one step, then others
    engine.creation.create("p", 0, -1, {}, [])

    (command,) = kernel.waiting
    assert repr(command) == f"PROCESS_INSTANCE ACTIVATE_ELEMENT {command.key} s"
    position = kernel.log.position
    assert repr(kernel) == f"<Kernel at record {position}, commands that wait: 1\n  {command}>"

    engine.creation.create("p", 0, -1, {}, [])
    waiting = [(command.intent, command.value["elementId"]) for command in kernel.waiting]
    assert waiting == [("ACTIVATE_ELEMENT", "s")] * 2
    while kernel.works:
        kernel.works.go_on()
    assert kernel.waiting == []
    assert repr(kernel).endswith("commands that wait: 0>")


def test_the_rest_of_many_items_waits_before_what_follows_from_the_first(kernel: Kernel) -> None:
    done: list[str] = []

    def begin(_: Command[None]) -> None:
        kernel.send("A", "LATER", 1, {})
        kernel.spread(range(5000), lambda number: done.append(str(number)))

    kernel.works.turn = 0
    kernel.register({"A BEGIN": begin, "A LATER": lambda _: done.append("later")})
    kernel.execute("A", "BEGIN", 0, {})
    assert [repr(command) for command in kernel.waiting] == ["KERNEL SPREAD -1", "A LATER 1"]
    while kernel.works:
        kernel.works.go_on()
    assert done == [*map(str, range(5000)), "later"]


def test_what_is_due_waits_in_the_queue_of_its_turn(kernel: Kernel) -> None:
    done: list[int] = []
    kernel.works.turn = 0
    kernel.register({"A DUE": lambda command: done.append(command.key)})
    for number in (1, 2, 3):
        kernel.schedule.at(number, lambda number=number: Command("A", "DUE", number, {}, None))  # type: ignore[misc]
    work = kernel.run_due()
    assert (done, [command.key for command in kernel.waiting]) == ([1], [2, 3])
    assert kernel.at_due
    while kernel.works:
        kernel.works.go_on()
    assert (done, kernel.waiting, work.done) == ([1, 2, 3], [], True)
