"""What a command shows: tables on a terminal, plain columns in a pipe, JSON with ``--json``.

Results go to standard output, everything that is said about them to standard error. What came from a cluster
never reaches the terminal as control characters.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, Protocol, TextIO

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from camunda_rest._commands.arguments import camel

__all__ = ["Column", "Output", "Step", "jsonable", "shown"]

#: Columns of a terminal whose width nobody knows.
_WIDTH = 80
#: What joins emoji, and is not printable by itself.
_JOINERS = "\u200d\ufe0f"
_GOOD, _BAD, _DIM = "green", "red", "dim"


@dataclasses.dataclass(frozen=True)
class Column:
    """A column: the attribute (or key) that it shows, and what stands above it. ``whole`` is never broken."""

    name: str
    heading: str = ""
    whole: bool = False

    @property
    def title(self) -> str:
        """What stands above it."""
        return self.heading or self.name.replace("_", " ")


class Step(Protocol):
    """Tells a progress bar that something is done."""

    def __call__(self, what: str = "") -> None: ...


def jsonable(value: Any) -> Any:
    """``value`` as plain data, in the words of the REST API: names in camel case, keys as text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            camel(each.name): jsonable(getattr(value, each.name))
            for each in dataclasses.fields(value)
            if not each.name.startswith("_")
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(name): jsonable(each) for name, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [jsonable(each) for each in value]
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def shown(value: Any) -> str:
    """``value`` in a cell, on one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (Mapping, list, tuple)) or dataclasses.is_dataclass(value):
        plain = jsonable(value)
        if isinstance(plain, list) and all(isinstance(each, (str, int, float)) for each in plain):
            return ", ".join(map(_clean, map(str, plain)))
        return _clean(json.dumps(plain, ensure_ascii=False))
    return _clean(str(value))


def _clean(text: str, keep: str = "") -> str:
    """``text`` without what a terminal would obey, or what would turn its direction."""
    if text.isprintable():
        return text
    return "".join(each if _harmless(each) or each in keep else _escaped(each) for each in text)


def _harmless(character: str) -> bool:
    return character.isprintable() or character in _JOINERS or unicodedata.category(character) == "Zs"


def _escaped(character: str) -> str:
    plain = {"\n": " ", "\t": " ", "\r": ""}
    return (
        plain[character]
        if character in plain
        else (f"\\x{ord(character):02x}" if ord(character) < 127 else "�")
    )


def _of(row: Any, name: str) -> Any:
    for part in name.split("."):
        row = row.get(part) if isinstance(row, Mapping) else getattr(row, part, None)
    return row


class Output:
    """Where a command writes. ``json`` and ``color`` are set by the options of the command line."""

    def __init__(self, stdout: TextIO | None = None, stderr: TextIO | None = None) -> None:
        self._stdout = stdout
        self._stderr = stderr
        self.json = False
        self.color = True

    @property
    def stdout(self) -> TextIO:
        """Where results go."""
        return self._stdout or sys.stdout

    @property
    def stderr(self) -> TextIO:
        """Where what is said about them goes."""
        return self._stderr or sys.stderr

    @property
    def rich(self) -> bool:
        """Whether results are drawn: a person reads them on a terminal."""
        return not self.json and self.stdout.isatty()

    def _console(self, file: TextIO) -> Console:
        colored = self.color and file.isatty() and not os.environ.get("NO_COLOR")
        return Console(
            file=file,
            width=_width(file),
            force_terminal=file.isatty(),
            color_system="standard" if colored else None,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )

    def table(
        self,
        rows: Iterable[Any],
        columns: Sequence[Column | str],
        *,
        title: str = "",
        empty: str = "nothing found",
        data: Any = None,
    ) -> None:
        """Rows, objects or mappings, by their columns. With ``--json``, ``data`` or the rows as they are."""
        rows = list(rows)
        if self.json:
            self.value(rows if data is None else data)
            return
        places = [each if isinstance(each, Column) else Column(each) for each in columns]
        if not rows:
            self.note(empty)
            return
        cells = [[shown(_of(row, place.name)) for place in places] for row in rows]
        if not self.rich:
            self._plain([[place.title for place in places], *cells], title)
            return
        drawn = Table(
            box=box.SIMPLE_HEAD,
            show_edge=False,
            title=Text(title) if title else None,
            title_justify="left",
            pad_edge=False,
        )
        for place in places:
            drawn.add_column(Text(place.title), no_wrap=place.whole, overflow="fold")
        for row in cells:
            drawn.add_row(*(Text(cell, style=_style(cell)) for cell in row))
        self._console(self.stdout).print(drawn)

    def _plain(self, lines: list[list[str]], title: str) -> None:
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        if title:
            self.line(title)
        for line in lines:
            text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            self.line(text.rstrip())

    def record(self, value: Any, *, title: str = "", data: Any = None) -> None:
        """One object or mapping: a line for each of its fields that is not empty."""
        if self.json:
            self.value(value if data is None else data)
            return
        pairs = [
            (name, shown(each))
            for name, each in (value.items() if isinstance(value, Mapping) else _fields(value))
            if each not in (None, "", (), [], {})
        ]
        width = max((len(name) for name, _ in pairs), default=0)
        if title:
            self.line(title)
        if not self.rich:
            for name, text in pairs:
                self.line(f"{name:<{width}}  {text}")
            return
        drawn = Table.grid(padding=(0, 2))
        drawn.add_column(no_wrap=True)
        drawn.add_column(overflow="fold")
        for name, text in pairs:
            drawn.add_row(Text(name, style=_DIM), Text(text, style=_style(text)))
        self._console(self.stdout).print(drawn)

    def value(self, value: Any) -> None:
        """A result as JSON, on one line for each where they come one by one."""
        json.dump(jsonable(value), self.stdout, ensure_ascii=False, indent=2)
        self.stdout.write("\n")
        self.stdout.flush()

    def event(self, value: Any, text: str) -> None:
        """One of many results that come one by one: a line of JSON, or a line of text."""
        if self.json:
            self.stdout.write(json.dumps(jsonable(value), ensure_ascii=False) + "\n")
        else:
            self.line(text)
        self.stdout.flush()

    def done(self, text: str, data: Any = None) -> None:
        """What a command has done: a sentence, or with ``--json`` its result."""
        if self.json:
            self.value({} if data is None else data)
        else:
            self.line(text)

    def line(self, text: str = "", style: str = "") -> None:
        """A line of a result; not with ``--json``."""
        if self.json:
            return
        if self.rich:
            self._console(self.stdout).print(Text(_clean(text, "\n"), style=style), soft_wrap=True)
        else:
            self.stdout.write(_clean(text, "\n") + "\n")

    def raw(self, text: str) -> None:
        """Text as it is, for a file: a model, a report."""
        self.stdout.write(text if text.endswith("\n") else text + "\n")
        self.stdout.flush()

    def note(self, text: str) -> None:
        """Something about the result, on standard error."""
        self._say(text, _DIM)

    def error(self, text: str, data: Mapping[str, Any] | None = None) -> None:
        """What went wrong, on standard error."""
        if self.json and data is not None:
            self.stderr.write(json.dumps({"error": jsonable(data)}, ensure_ascii=False) + "\n")
        else:
            self._say(text, _BAD)

    def _say(self, text: str, style: str) -> None:
        if self.stderr.isatty():
            self._console(self.stderr).print(Text(_clean(text, "\n"), style=style), soft_wrap=True)
        else:
            self.stderr.write(_clean(text, "\n") + "\n")
        self.stderr.flush()

    @contextmanager
    def progress(self, what: str, total: int | None) -> Iterator[Step]:
        """A bar on standard error where that is a terminal; elsewhere nothing."""
        if self.json or not self.stderr.isatty():
            yield lambda what="": None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._console(self.stderr), transient=True) as bar:
            task = bar.add_task(what, total=total)

            def step(what: str = "") -> None:
                bar.update(task, advance=1, description=_clean(what) if what else None)

            yield step


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    for each in dataclasses.fields(value):
        if not each.name.startswith("_"):
            yield each.name.replace("_", " "), getattr(value, each.name)


def _style(cell: str) -> str:
    if cell in _GOOD_WORDS:
        return _GOOD
    return _BAD if cell in _BAD_WORDS else ""


_GOOD_WORDS = frozenset({"ok", "healthy", "HEALTHY", "equal", "COMPLETED"})
_BAD_WORDS = frozenset({"wrong", "unhealthy", "UNHEALTHY", "DEAD", "differs", "FAILED", "failed"})


def _width(file: TextIO) -> int:
    try:
        return os.get_terminal_size(file.fileno()).columns or _WIDTH
    except (OSError, ValueError, AttributeError):
        return _WIDTH
