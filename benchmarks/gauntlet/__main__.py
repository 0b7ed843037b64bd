"""``python -m benchmarks.gauntlet``: puts every contender through every trial and writes the table into docs/gauntlet.md."""

from __future__ import annotations

import argparse
import asyncio
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.gauntlet.contenders import CONTENDERS, Contender
from benchmarks.gauntlet.trials import TRIALS, Effort, Trial
from benchmarks.peers import SDK, Absent
from tests.fakes.gateway import running

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "gauntlet.md"

_SECTIONS = {
    "faults": (
        "Isolated faults",
        "{faults} faults of each kind, one at a time. A fault meets the poll (or the stream) that waits for jobs, then a job "
        "is created; the next fault comes when that job is done and the worker waits again.\n\n"
        "The cells say how many of the jobs were completed within 5 s. Where a contender is too slow for {faults} faults in "
        "{budget:.0f} s, the number is what it came to. Dead: nothing happened for 30 s.",
    ),
    "finish": (
        "Completions that fail",
        "Five jobs with a lock of 6 s; the first three completions of each fail. Right is: 5 runs, 5 completions, 0 FailJob.",
    ),
    "result": (
        "Answers that cannot be given",
        "One job with one retry left and a lock of 1 s, for 10 s. A job that nobody answers is run again and again.",
    ),
    "refused": (
        "Answers that are refused for good",
        "One job with two retries and a lock of 2 s, for 20 s. Right is: 2 runs, 2 FailJob and an incident; where nothing may be "
        "answered, an end.",
    ),
    "parked": (
        "A server that asks for a pause",
        "Once, by Retry-After (REST) or RetryInfo (gRPC) of 3,600 s; the next call would succeed. For 30 s.",
    ),
    "sigterm": (
        "Ends",
        "SIGTERM while the answer to a poll is on its way. A locked job waits for its lock to run out, here for ten minutes.\n\n"
        "pyzeebe and the SDK leave the signal to their users; here it calls `worker.stop()`, and cancels `run_workers()`. "
        "Our grace is 10 s, our default.",
    ),
    "": ("Limits and the rest", "Handlers take 20 ms under the limit of 4."),
}


async def _cell(contender: Contender, trial: Trial, effort: Effort) -> str:
    lacking = trial.lacking(contender)
    if lacking:
        return lacking
    try:
        async with running(dialect=contender.dialect, **(trial.settings or {})) as gateway:
            return await asyncio.wait_for(trial.run(contender, gateway, effort), 300)
    except Absent as absent:
        return f"not measured: {absent}"


async def results(
    contenders: Sequence[Contender], trials: Sequence[Trial], effort: Effort, at_once: int
) -> dict[tuple[str, str], str]:
    """The words of every cell, by trial and contender; ``at_once`` cells are worked at a time."""
    gate, found = asyncio.Semaphore(at_once), {}

    async def one(contender: Contender, trial: Trial) -> None:
        async with gate:
            words = await _cell(contender, trial, effort)
        found[trial.name, contender.name] = words
        print(f"{trial.name:20} {contender.name:38} {words}", file=sys.stderr, flush=True)

    await asyncio.gather(*(one(contender, trial) for trial in trials for contender in contenders))
    return found


def page(found: dict[tuple[str, str], str], effort: Effort) -> str:
    """The results as Markdown."""
    contenders = [each for each in CONTENDERS.values() if any(each.name == name for _, name in found)]
    lines = [
        "# The gauntlet",
        "",
        "What becomes of jobs when things go wrong: every worker against the same scripted gateway, each in a process "
        "of its own, with its defaults. Written by `python -m benchmarks.gauntlet`; CPython "
        f"{platform.python_version()}, grpcio {version('grpcio')}, pyzeebe {version('pyzeebe')}, {SDK.replace('==', ' ')}.",
    ]
    for prefix, (title, intro) in _SECTIONS.items():
        rows = [
            trial
            for trial in TRIALS
            if trial.name.partition(":")[0] == prefix or (not prefix and ":" not in trial.name)
        ]
        rows = [each for each in rows if any(each.name == name for name, _ in found)]
        if not rows:
            continue
        lines += ["", f"## {title}", "", intro.format(faults=effort.faults, budget=effort.budget), ""]
        lines.append("| | " + " | ".join(each.name for each in contenders) + " |")
        lines.append("| --- |" + " --- |" * len(contenders))
        for trial in rows:
            cells = (found.get((trial.name, each.name), "") for each in contenders)
            lines.append(f"| {trial.title} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gauntlet", description=__doc__)
    parser.add_argument("--contenders", nargs="*", default=list(CONTENDERS), help=", ".join(CONTENDERS))
    parser.add_argument("--trials", nargs="*", default=[""], help="beginnings of names, such as faults:")
    parser.add_argument("--faults", type=int, default=Effort.faults)
    parser.add_argument("--budget", type=float, default=Effort.budget, help="seconds for faults of a kind")
    parser.add_argument("--at-once", type=int, default=4, help="cells at a time (%(default)s)")
    parser.add_argument("--print", action="store_true", help="print the page, write nothing")
    given = parser.parse_args()
    effort = Effort(given.faults, given.budget)
    trials = [each for each in TRIALS if each.name.startswith(tuple(given.trials))]
    contenders = [CONTENDERS[name] for name in given.contenders]
    text = page(asyncio.run(results(contenders, trials, effort, given.at_once)), effort)
    if given.print:
        print(text)
    else:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
