"""``python -m benchmarks.fleet``: simulates the fleet and writes docs/scaling.md with its pictures."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.fleet.pictures import drawn
from benchmarks.fleet.scenarios import SCENARIOS, Told

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "scaling.md"
_BEGIN, _END = "<!-- begin: written by make fleet -->", "<!-- end -->"


def _run(name: str) -> Told:
    return SCENARIOS[name]()


def section(name: str, told: Told) -> str:
    """What the page says of one scenario."""
    lines = [f"### {told.title}", "", told.text, "", "| | |", "|---|---|"]
    lines += [f"| {what} | {value} |" for what, value in told.rows]
    if told.curves:
        lines += ["", f"![{told.title}: {', '.join(told.curves)} a second](pictures/fleet-{name}.svg)"]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet", description=__doc__)
    parser.add_argument(
        "--only",
        nargs="*",
        default=list(SCENARIOS),
        choices=list(SCENARIOS),
        help="these scenarios; the page keeps what it says of the others",
    )
    parser.add_argument("--at-once", type=int, default=2, help="scenarios at a time, a process each")
    parser.add_argument("--print", action="store_true", help="print it, write nothing")
    given = parser.parse_args()
    with ProcessPoolExecutor(given.at_once) as pool:
        found = dict(zip(given.only, pool.map(_run, given.only), strict=True))
    for name, told in found.items():
        print(f"{name}: {told.cpu:.0f} s of CPU\n{section(name, told)}\n", file=sys.stderr)
    if given.print:
        return
    for name, told in found.items():
        if told.curves:
            picture = DOCS / "pictures" / f"fleet-{name}.svg"
            picture.write_text(drawn(told.title, told.curves, told.shaded), encoding="utf-8")
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    old, _, after = rest.partition(_END)
    sections = {each.partition("\n")[0]: each.strip() for each in old.split("### ")[1:]}
    sections |= {told.title: section(name, told).removeprefix("### ") for name, told in found.items()}
    body = "\n\n".join(f"### {each}" for each in sections.values())
    PAGE.write_text(f"{before}{_BEGIN}\n\n{body}\n\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
