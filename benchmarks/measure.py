"""Measuring CPU time in alternating rounds, and what of it counts: ratios within one run.

Contenders take turns in short blocks, so that whatever else the machine does meets all of them alike. A round is the sum of its
blocks; its figure is the CPU time, user and system, of all threads of the process that makes the calls.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import median
from typing import Any

__all__ = [
    "AT_ONCE",
    "Contender",
    "Effort",
    "Goal",
    "Table",
    "alone",
    "at_once",
    "compare",
    "in_threads",
    "repeated",
    "together",
]

#: How many calls are in flight where they are not made one by one.
AT_ONCE = 32


@dataclass(frozen=True)
class Effort:
    """How much is measured: ``rounds`` figures for each contender, each over ``blocks`` blocks.

    ``share`` scales how many operations make a block. ``engines`` are those of ours that are measured where there
    is a choice.
    """

    rounds: int = 7
    blocks: int = 3
    share: float = 1.0
    engines: tuple[str, ...] = ("default", "fast")

    def operations(self, block: int, step: int = 1) -> int:
        """How many operations make a block that has ``block`` by default: at least one ``step``, and whole ones."""
        return max(1, round(block * self.share / step)) * step


@dataclass(frozen=True)
class Contender:
    """``run(count)`` performs that many operations and returns the CPU seconds that they took.

    A block has ``block`` operations; an operation is worth ``units`` of what the table is about (jobs, say).
    """

    name: str
    run: Callable[[int], float]
    block: int = 100
    units: int = 1
    step: int = 1


@dataclass(frozen=True)
class Goal:
    """``contender`` is to cost at most ``limit`` times what ``base`` costs."""

    name: str
    contender: str
    base: str
    limit: float


@dataclass
class Table:
    """The figures of one comparison; a row per contender, a column of ratios per base."""

    title: str
    unit: str
    bases: Sequence[str]
    goals: Sequence[Goal] = ()
    figures: dict[str, list[float]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def ratio(self, contender: str, base: str) -> float:
        """The median of the ratios round by round."""
        return median(a / b for a, b in zip(self.figures[contender], self.figures[base], strict=True))

    def verdicts(self) -> list[tuple[Goal, float | None]]:
        """Each goal with its ratio; None where one of the two could not be measured."""
        known = self.figures
        return [
            (
                goal,
                self.ratio(goal.contender, goal.base)
                if {goal.contender, goal.base} <= known.keys()
                else None,
            )
            for goal in self.goals
        ]

    def markdown(self) -> str:
        """The table as Markdown that reads well in a terminal too."""
        bases = [base for base in self.bases if base in self.figures]
        head = ["", f"{self.unit}, median (min to max)", *(f"ratio to {base}" for base in bases)]
        lines = [head, ["---", *(["---:"] * (len(head) - 1))]]
        for name, values in self.figures.items():
            spread = f"{median(values):.1f} ({min(values):.1f} to {max(values):.1f})"
            lines.append([name, spread, *(f"{self.ratio(name, base):.3f}" for base in bases)])
        lines += [[name, f"not measured: {why}", *("" for _ in bases)] for name, why in self.missing.items()]
        widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
        rows = ("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)
        return "\n".join((f"### {self.title}", "", *rows))


def compare(table: Table, contenders: Sequence[Contender], effort: Effort) -> Table:
    """Fills the table in alternating rounds, after one block each that does not count."""
    sizes = {each.name: effort.operations(each.block, each.step) for each in contenders}
    for each in contenders:
        each.run(sizes[each.name])
        table.figures[each.name] = []
    scale = {"µs": 1e6, "ms": 1e3}[table.unit.split()[0]]
    for _ in range(effort.rounds):
        spent = dict.fromkeys(sizes, 0.0)
        for _ in range(effort.blocks):
            for each in contenders:
                spent[each.name] += each.run(sizes[each.name])
        for each in contenders:
            operations = effort.blocks * sizes[each.name]
            table.figures[each.name].append(spent[each.name] / operations / each.units * scale)
    return table


def repeated(operation: Callable[[], Any]) -> Callable[[int], float]:
    """Performs a blocking operation one time after the other."""

    def run(count: int) -> float:
        began = time.process_time()
        for _ in range(count):
            operation()
        return time.process_time() - began

    return run


def in_threads(pool: ThreadPoolExecutor, operation: Callable[[], Any]) -> Callable[[int], float]:
    """Performs a blocking operation in ``AT_ONCE`` threads at a time; ``count`` is a multiple of that."""

    def one_by_one(count: int) -> None:
        for _ in range(count):
            operation()

    def run(count: int) -> float:
        began = time.process_time()
        for done in [pool.submit(one_by_one, count // AT_ONCE) for _ in range(AT_ONCE)]:
            done.result()
        return time.process_time() - began

    return run


def alone(loop: asyncio.AbstractEventLoop, operation: Callable[[], Awaitable[Any]]) -> Callable[[int], float]:
    """Awaits an operation one time after the other."""

    async def one_by_one(count: int) -> None:
        for _ in range(count):
            await operation()

    def run(count: int) -> float:
        began = time.process_time()
        loop.run_until_complete(one_by_one(count))
        return time.process_time() - began

    return run


def at_once(
    loop: asyncio.AbstractEventLoop, operation: Callable[[], Awaitable[Any]]
) -> Callable[[int], float]:
    """Awaits operations ``AT_ONCE`` at a time; ``count`` is a multiple of that."""
    return together(loop, operation, AT_ONCE)


def together(
    loop: asyncio.AbstractEventLoop, operation: Callable[[], Awaitable[Any]], callers: int
) -> Callable[[int], float]:
    """Awaits as many operations at a time as there are callers; ``count`` is a multiple of that."""

    async def one_by_one(count: int) -> None:
        for _ in range(count):
            await operation()

    async def all_of_them(count: int) -> None:
        await asyncio.gather(*(one_by_one(count // callers) for _ in range(callers)))

    def run(count: int) -> float:
        began = time.process_time()
        loop.run_until_complete(all_of_them(count))
        return time.process_time() - began

    return run
