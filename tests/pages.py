"""The pages of the docs, and the blocks in them that a test runs.

A page that gives a block a name (``title="first.py"``) tells a story: its named blocks are files in one folder, and what stands
after ``$ `` in its ``console`` blocks is run there, in the order of the page. What follows a command is its output, where ``…``
stands for anything. On every other page each Python block stands for itself.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]

_FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```', re.MULTILINE | re.DOTALL)

#: Commands of console blocks that no test runs: they install, or go on until somebody ends them.
NOT_RUN = ("pip ", "python3 -m venv ", "python -m camunda_embedded", "uvicorn ", "celery ", "kubectl ")


class Block(NamedTuple):
    """A fenced block; ``title`` is "" where it has no name."""

    language: str
    title: str
    text: str


class Command(NamedTuple):
    """A line after ``$ ``, and the output that the page shows."""

    line: str
    output: str


def name_of(page: Path) -> str:
    """A page's path inside the repository."""
    return page.relative_to(ROOT).as_posix()


def blocks_of(page: Path) -> list[Block]:
    """The fenced blocks of a page that begin at the left margin, in their order."""
    return [Block(*match.groups("")) for match in _FENCE.finditer(page.read_text(encoding="utf-8"))]


def tells_a_story(page: Path) -> bool:
    """Whether a page names its blocks."""
    return any(block.title for block in blocks_of(page))


def commands_of(block: Block) -> list[Command]:
    """The commands of a console block that a test runs."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]
    commands = [Command(line, output) for line, _, output in (part.partition("\n") for part in parts)]
    return [command for command in commands if not command.line.startswith(NOT_RUN)]


def shows(expected: str, output: str) -> bool:
    """Whether ``output`` is what a page shows."""
    pattern = ".*".join(map(re.escape, expected.strip().split("…")))
    return re.fullmatch(pattern, output.strip(), re.DOTALL) is not None
