"""``make bench-report``: measures workers, engines, calls and growth, and writes docs/performance.md and its pictures.

A quarter of an hour; ``--quick`` takes two minutes, and its figures are for looking at the pictures only.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks import growth
from benchmarks.calls import calls
from benchmarks.curves import drawn
from benchmarks.engines import engines
from benchmarks.gateway import client_core
from benchmarks.measure import Effort, Table
from benchmarks.mock import answering, why_not
from benchmarks.worker import measured

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "performance.md"
_LIBRARIES = ("grpcio", "protobuf", "requests", "aiohttp", "httpunk", "pyzeebe")
PARTS = ("worker", "engines", "calls", *growth.CURVES)


def _marks(part: str) -> tuple[str, str]:
    return f"<!-- begin: {part}, written by make bench-report -->", f"<!-- end: {part} -->"


def _circumstances(began: Sequence[float]) -> str:
    """When, on what, and how busy it was."""
    ended = os.getloadavg()
    gateway = "a native program" if not why_not() else f"in Python, since {why_not()}"
    libraries = ", ".join(f"{library} {version(library)}" for library in _LIBRARIES)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    return (
        f"{today:%d %B %Y}, CPython {platform.python_version()}, {os.cpu_count()} cores,\n{libraries}.\n"
        f"The gateway is {gateway}. Load of the machine (one minute, processes that\nwant a core): "
        f"{began[0]:.1f} before, {ended[0]:.1f} after."
    )


def _verdicts(tables: Sequence[Table]) -> str:
    lines = ["| goal | found | at most | met |", "|---|---:|---:|---|"]
    for table in tables:
        for goal, found in table.verdicts():
            words = f"{table.title}: {goal.contender}"
            words += "" if goal.base == goal.contender else f", to {goal.base}"
            told = "not measured" if found is None else f"{found:.3g}"
            met = "" if found is None else "yes" if found <= goal.limit else "**no**"
            lines.append(f"| {words} | {told} | {goal.limit:.3g} | {met} |")
    return "\n".join(lines)


def _measured(part: str, quick: bool) -> str:
    """What the page says of a part."""
    began = os.getloadavg()
    if part in growth.CURVES:
        found = growth.CURVES[part](growth.Span(0.4, 1) if quick else growth.Span())
        picture = DOCS / "pictures" / f"growth-{part}.svg"
        picture.write_text(drawn(found.title, found.x_name, found.y_name, found.curves), encoding="utf-8")
        image = f"![{found.title}: {', '.join(found.curves)}](pictures/{picture.name})"
        return f"{image}\n\n{found.markdown()}\n\n{_circumstances(began)}"
    if part == "worker":
        effort = Effort(rounds=1, share=0.15) if quick else Effort(rounds=3, share=0.7)
        tables = measured(effort, pick_up=False)
    else:
        measure = {"engines": engines, "calls": calls}[part]
        with answering() as addresses:
            tables = measure(addresses, Effort(rounds=1, blocks=1) if quick else Effort(rounds=5))
    texts = [table.markdown() for table in tables]
    return "\n\n".join([*texts, _verdicts(tables), _circumstances(began)])


def written(page: str, part: str, text: str) -> str:
    """The page with another text for a part. Raises ValueError where the page has no place for it."""
    begin, end = _marks(part)
    before, found, rest = page.partition(begin)
    _, ends, after = rest.partition(end)
    if not (found and ends):
        raise ValueError(f"docs/performance.md has no place for {part}: {begin}")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two minutes, and figures of no weight")
    parser.add_argument("--only", nargs="*", default=PARTS, choices=PARTS, metavar="part", help=f"{PARTS}")
    given = parser.parse_args()
    if (core := client_core()) is not None:
        os.sched_setaffinity(0, {core})
    for part in given.only:
        began = time.monotonic()
        text = _measured(part, given.quick)
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), part, text), encoding="utf-8")
        print(f"{part}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
